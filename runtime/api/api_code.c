// SPDX-License-Identifier: MIT
// The public functions that make code: emitted C, functions compiled in memory, stages as text. See api.c.
#include <stdlib.h>
#include <string.h>

#include "runtime/api/api.h"

// ---- signatures and sizes ---------------------------------------------------------------------------------

// value, grad, jac, hess, d3, hvp, ...: the first word of the name of an output.
static const char *kind_name(sdp_base *b, const sd_result *r, const sdp_entry *e)
{
    static const char *const names[] = {
        [SD_VALUE] = "value",  [SD_GRADIENT] = "grad", [SD_JACOBIAN] = "jac",
        [SD_HESSIAN] = "hess", [SD_HVP] = "hvp",       [SD_JVP] = "jvp",
        [SD_VJP] = "vjp",      [SD_ALONG] = "along",   [SD_DIFFERENTIAL] = "differential",
        [SD_TAYLOR] = "taylor"};
    bool scalar = e->value_order == 0,
         by_order = r->what == SD_DERIVATIVE || r->order > 2 || (r->what == SD_HESSIAN && r->order != 2);
    if (!by_order) return names[r->what];
    if (r->order == 1) return scalar ? "grad" : "jac";
    return r->order == 2 && scalar ? "hess" : sdp_printf(b, "d%d", r->order);
}

// grad_w, hess_x_y, jac_residual_t: what it is, of which expression if that has a name, and by which
// variables.
static const char *output_name(sd_context *c, const sd_result *r, size_t i, const char *subject)
{
    const sdp_entry *e = &r->entry[i];
    sdp_base *b = &c->g->base;
    const char *kind = kind_name(b, r, e), *column = r->n > 1 ? e->column : "";
    if (r->what == SD_VALUE) return subject ? subject : kind;
    return sdp_printf(b, "%s%s%s%s%s%s%s", kind, subject ? "_" : "", subject ? subject : "",
                      *e->row ? "_" : "", e->row, *column ? "_" : "", column);
}

static const char *core_name(sd_context *c, const sd_result *r, size_t i, const char *subject)
{
    return sdp_printf(&c->g->base, "%s_core", output_name(c, r, i, subject));
}

// Which outputs a function has: all entries of results, in order, or, where there is no result, an expression
// as it was typed.
typedef struct {
    const sd_result *result;
    sdp_id typed;
    const char *subject; // what the expression is called, or NULL
} part;

// A Jacobian of a scalar or vector by several scalars and vectors, in numerator layout: its blocks stand side
// by side.
static bool is_joinable(const sd_result *r)
{
    if (r->what != SD_JACOBIAN || r->n < 2) return false;
    for (size_t i = 0; i < r->n; i++) {
        int axes = sdp_get(r->g, r->entry[i].raw)->order - r->entry[i].value_order;
        if (r->entry[i].value_order > 1 || axes < 0 || axes > 1 || r->entry[i].turned) return false;
    }
    return true;
}

static sdp_id joined(sdp_graph *g, const sd_result *r)
{
    enum { ROW, COLUMN, PLACE };
    const sdp_entry *e = sdp_computed(r);
    uint32_t value = e->value_order;
    sdp_dim all = sdp_dim_int(g, 0), at = all;
    sdp_id *block = sdp_scratch(&g->base, r->n * sizeof *block);
    sdp_num *one = sdp_scratch(&g->base, r->n * sizeof *one);
    for (size_t i = 0; i < r->n; i++) {
        const sdp_node *n = sdp_get(g, e[i].exact);
        all = sdp_dim_add(g, all, n->order > value ? n->dim[value] : SDP_DIM_ONE);
    }
    for (size_t i = 0; i < r->n; i++) {
        const sdp_node *n = sdp_get(g, e[i].exact);
        bool wide = n->order > value;
        sdp_dim length = wide ? n->dim[value] : SDP_DIM_ONE;
        uint8_t label[4], out[2] = {ROW, PLACE};
        uint32_t k = 0;
        if (value) label[k++] = ROW;
        if (wide) label[k++] = COLUMN;
        label[k++] = PLACE;
        if (wide) label[k++] = COLUMN;
        sdp_id place = wide ? sdp_sel(g, 2, (sdp_dim[]){all, length}, (sdp_dim[]){at, SDP_DIM_ONE})
                            : sdp_sel(g, 1, &all, &at);
        block[i] = sdp_mul(g, SDP_NUM_ONE, 2, (sdp_id[]){e[i].exact, place}, label, value ? 2 : 1,
                           value ? out : out + 1, NULL);
        one[i] = SDP_NUM_ONE;
        at = sdp_dim_add(g, at, length);
    }
    return sdp_add(g, (uint32_t)r->n, one, block);
}

static uint32_t add_outputs(sd_context *c, const part *p, const sd_emit_options *o, bool factored,
                            sdp_id *node, const char **name)
{
    sdp_factored f;
    if (!p->result) {
        *node = p->typed;
        *name = "value";
        return 1;
    }
    const sdp_entry *entry = sdp_computed(p->result);
    if (o && o->joined && is_joinable(p->result)) {
        *node = joined(c->g, p->result);
        *name = p->subject ? sdp_printf(&c->g->base, "jac_%s", p->subject) : "jac";
        return 1;
    }
    for (size_t i = 0; i < p->result->n; i++) {
        bool is_core = factored && sdp_factor_identities(c->g, entry[i].exact, &f);
        name[i] = is_core ? core_name(c, p->result, i, p->subject) : output_name(c, p->result, i, p->subject);
        node[i] = is_core ? f.core : entry[i].exact;
    }
    return (uint32_t)p->result->n;
}

// factored: of an answer that is a Kronecker product with an identity, the other factor.
static sdp_signature signature_of(sd_context *c, size_t n, const part *p, const sd_emit_options *o,
                                  bool factored)
{
    sdp_base *b = &c->g->base;
    size_t most = 1;
    uint32_t count = 0;
    for (size_t i = 0; i < n; i++) most += p[i].result ? p[i].result->n : 1;
    sdp_id *node = sdp_scratch(b, most * sizeof *node);
    const char **name = sdp_scratch(b, most * sizeof *name);
    for (size_t i = 0; i < n; i++) count += add_outputs(c, &p[i], o, factored, node + count, name + count);
    sdp_signature s = sdp_signature_of(c->g, count, node, name);
    if (o && o->arguments) sdp_signature_order(c->g, &s, o->arguments);
    return s;
}

// The value first if it is asked for, then the result.
static size_t parts_of(sd_context *c, const sd_result *r, const sd_emit_options *o, part *p)
{
    size_t n = 0;
    sdp_need_result(c, r);
    if (o && o->value) p[n++] = (part){.typed = sdp_get_expr(c, o->primal ? o->primal : r->expr)->node};
    p[n++] = (part){.result = r};
    return n;
}

sdp_signature sdp_result_signature(sd_context *c, const sd_result *r, const sd_emit_options *o, bool factored)
{
    part p[2];
    size_t n = parts_of(c, r, o, p);
    return signature_of(c, n, p, o, factored);
}

// "m=1000,n=50"
void sdp_read_sizes(sdp_graph *g, const char *text, uint32_t *n, const uint32_t **atom, const long **value)
{
    sdp_base *b = &g->base;
    uint32_t most = 1, count = 0;
    for (const char *p = text; p && *p; p++) most += *p == ',';
    uint32_t *atoms = sdp_scratch(b, most * sizeof *atoms);
    long *values = sdp_scratch(b, most * sizeof *values);
    for (const char *p = text; p && *p;) {
        size_t length = strcspn(p, "=,");
        char *name = sdp_strndup(b, p, length), *end;
        if (p[length] != '=')
            sdp_fail(b, SD_ERR_USAGE, (sdp_span){0, 0}, "write m=1000,n=50", "'%s' is not a size", name);
        long v = strtol(p + length + 1, &end, 10);
        if ((*end && *end != ',') || end == p + length + 1 || v < 1 || v > 1000000000)
            sdp_fail(b, SD_ERR_USAGE, (sdp_span){0, 0}, "write m=1000,n=50",
                     "the size of '%s' must be a number from 1 to 1000000000", name);
        uint32_t a = 0, atoms_known = sdp_atom_count(g);
        while (a < atoms_known && (!sdp_atom_name(g, a) || strcmp(sdp_atom_name(g, a), name))) a++;
        if (a == atoms_known)
            sdp_fail(b, SD_ERR_USAGE, (sdp_span){0, 0}, NULL, "there is no dimension '%s'", name);
        atoms[count] = a;
        values[count++] = v;
        p = *end ? end + 1 : end;
    }
    *n = count;
    *atom = atoms;
    *value = values;
}

static void need_identifier(sd_context *c, const char *name, const char *message)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    if (!*name || name[strspn(name, letters)] || (*name >= '0' && *name <= '9')) sdp_misuse(c, message, name);
}

// "float", "double", "real_t=float", or "real_t", which is either
static sdp_real real_of(sd_context *c, const char *text, const char *include)
{
    if (!text) return (sdp_real){0};
    const char *equals = strchr(text, '='), *base = equals ? equals + 1 : text;
    bool is_float = !strcmp(base, "float"), known = is_float || !strcmp(base, "double");
    if (equals && !known)
        sdp_misuse(c, "'%s' is neither float nor double, nor NAME=float, NAME=double or NAME", text);
    if (!equals && known) return (sdp_real){.name = is_float ? "float" : NULL, .is_float = is_float};
    if (!equals) {
        need_identifier(c, text, "'%s' is no name of a type in C");
        if (!include)
            sdp_fail(&c->g->base, SD_ERR_USAGE, (sdp_span){0, 0},
                     "float, double, or a typedef NAME with --include FILE, the header that defines it",
                     "there is no type '%s'", text);
        return (sdp_real){.name = sdp_strndup(&c->g->base, text, strlen(text)),
                          .is_float = true,
                          .either = true,
                          .include = include};
    }
    const char *name = sdp_strndup(&c->g->base, text, (size_t)(equals - text));
    need_identifier(c, name, "'%s' is no name of a type in C");
    return (sdp_real){.name = name, .is_float = is_float, .include = include};
}

static void need_header(sd_context *c, const char *header)
{
    for (const char *p = header; p == header || *p; p++) // #include has no way to write these
        if (*p == '"' || *p == '\\' || (unsigned char)*p < ' ' || *p == 127)
            sdp_misuse(c, "'%s' is no name of a header that #include can write", header);
}

static sdp_target target_of(sd_context *c, const sd_emit_options *o)
{
    if (!o || !o->target) return SDP_TARGET_C99;
    for (int t = 0; t < SDP_TARGETS; t++)
        if (sdp_targets[t].name && !strcmp(sdp_targets[t].name, o->target)) return (sdp_target)t;
    sdp_misuse(c, "there is no target '%s': c, openmp or cblas", o->target);
}

static sdp_emit_request emit_request(sd_context *c, const char *name, const sd_emit_options *o,
                                     sdp_target target)
{
    if (!name) name = "symdiff_f";
    if (o) sdp_need_known(c, o->room);
    need_identifier(c, name, "'%s' is no name of a function in C");
    if (o && o->file) need_identifier(c, o->file, "'%s' is no beginning of names in C");
    const char *header = o && o->header ? o->header : sdp_printf(&c->g->base, "%s.h", name);
    need_header(c, header);
    if (o && o->include) need_header(c, o->include);
    sdp_emit_request q = {.name = name,
                          .header = header,
                          .target = target,
                          .file = o ? o->file : NULL,
                          .header_only = o && o->header_only};
    if (sdp_targets[target].blas && q.header_only)
        sdp_misuse(c,
                   "the target '%s' is no target of one header: its prototypes would meet those of <cblas.h>",
                   "cblas");
    if (o && o->real) q.real = real_of(c, o->real, o->include);
    if (sdp_targets[target].blas && q.real.either)
        sdp_misuse(c,
                   "CBLAS has functions of float and of double: '%s' may be either; say which, as NAME=float",
                   q.real.name);
    q.columns = o && o->columns && target != SDP_TARGET_JIT;
    if (target == SDP_TARGET_JIT) q.real = (sdp_real){0};
    if (o && o->sizes) sdp_read_sizes(c->g, o->sizes, &q.nsizes, &q.size_atom, &q.size_value);
    return q;
}

// ---- C out ------------------------------------------------------------------------------------------------

static bool put_structure(sd_context *c, const sd_result *r, size_t i, const char *subject, sdp_text *t)
{
    sdp_factored f;
    sdp_id exact = sdp_computed(r)[i].exact;
    if (!sdp_factor_identities(c->g, exact, &f)) return false;
    sdp_put_factored(c->g, exact, &f, output_name(c, r, i, subject), core_name(c, r, i, subject), t);
    return true;
}

static char *structure(sd_context *c, const sd_result *r, size_t i)
{
    sdp_text t;
    sdp_need_entry(c, r, i);
    sdp_text_init(&t, &c->g->base);
    if (put_structure(c, r, i, NULL, &t)) return t.s;
    sdp_text_free(&t);
    return NULL;
}

char *sd_structure(sd_context *c, const sd_result *r, size_t i)
{
    char *volatile s = NULL;
    sd_status status;
    GUARD(c, r, status, s = structure(c, r, i));
    return status == SD_OK ? s : NULL;
}

// For the head comment: how the answers follow from what is written.
static void put_structures(sd_context *c, const part *p, sdp_text *t)
{
    const sd_result *r = p->result;
    for (size_t i = 0; r && i < r->n; i++) {
        sdp_text line;
        sdp_text_init(&line, &c->g->base);
        if (put_structure(c, r, i, p->subject, &line)) {
            sdp_putf(t, "// Only the core is written: %s\n", line.s);
            line.n = 0;
            if (sdp_print_vec_form(c->g, &sdp_shown(r)[i], SD_TEXT, &line))
                sdp_putf(t, "// With vec stacking columns: %s\n", line.s);
        }
        sdp_text_free(&line);
    }
}

// Is the i-th part one whose conditions must be told? Those of a derivative hold for the value as well.
static bool has_conditions(size_t n, const part *p, size_t i)
{
    const sd_result *r = p[i].result;
    if (!r) return false;
    for (size_t k = 0; k < n && r->what == SD_VALUE; k++)
        if (p[k].result && p[k].result->expr == r->expr && p[k].result->what != SD_VALUE) return false;
    return true;
}

static void put_conditions(sd_context *c, size_t n, const part *p, sdp_text *t)
{
    size_t told = 0;
    for (size_t i = 0; i < n; i++) told += has_conditions(n, p, i);
    for (size_t i = 0; i < n; i++) {
        if (!has_conditions(n, p, i)) continue;
        const char *prefix =
            told > 1 ? sdp_printf(&c->g->base, "//   %s: ", output_name(c, p[i].result, 0, p[i].subject))
                     : "//   ";
        if (t->n) sdp_put(t, "\n");
        sdp_print_conditions(c->g, sdp_as_computed(p[i].result), prefix, false, t);
    }
}

// One function of a file: its signature, and what its head says.
typedef struct {
    size_t n;
    const part *part;
    const char *name;
} function;

static void emit(sd_context *c, size_t n, const function *f, const sd_emit_options *o, sd_c_code *out)
{
    sdp_base *b = &c->g->base;
    bool factored = !o || !o->dense;
    sdp_signature *s = sdp_scratch(b, n * sizeof *s);
    sdp_emit_request *q = sdp_scratch(b, n * sizeof *q);
    const char **names = sdp_scratch(b, n * sizeof *names);
    sdp_text *head = sdp_scratch(b, 2 * n * sizeof *head), source, header;
    for (size_t i = 0; i < n; i++) {
        sdp_text *structures = &head[2 * i], *conditions = structures + 1;
        s[i] = signature_of(c, f[i].n, f[i].part, o, factored);
        if (o && o->leading) sdp_signature_steps(c->g, &s[i]);
        q[i] = emit_request(c, f[i].name, o, target_of(c, o));
        q[i].names = names, q[i].nnames = (uint32_t)n;
        names[i] = q[i].name;
        for (size_t k = 0; k < i; k++)
            if (!strcmp(names[k], names[i])) sdp_misuse(c, "two functions are called '%s'", names[i]);
        sdp_text_init(structures, b);
        for (size_t k = 0; k < f[i].n && factored; k++) put_structures(c, &f[i].part[k], structures);
        q[i].structure = structures->n ? structures->s : NULL;
        sdp_text_init(conditions, b);
        put_conditions(c, f[i].n, f[i].part, conditions);
        q[i].conditions = conditions->s;
    }
    sdp_text_init(&source, b);
    sdp_text_init(&header, b);
    sdp_emit_functions(c->g, (uint32_t)n, s, q, &source, &header);
    for (size_t i = 0; i < 2 * n; i++) sdp_text_free(&head[i]);
    *out = (sd_c_code){source.s, header.s};
}

static void emit_one(sd_context *c, const sd_result *r, const sd_emit_options *o, sd_c_code *out)
{
    part p[2];
    size_t n = parts_of(c, r, o, p);
    emit(c, 1, &(function){n, p, o ? o->name : NULL}, o, out);
}

sd_status sd_emit(sd_context *c, const sd_result *r, const sd_emit_options *o, sd_c_code *out)
{
    sd_status status;
    if (out) *out = (sd_c_code){NULL, NULL};
    GUARD(c, r, status, (sdp_need(c, out, "place for the code"), emit_one(c, r, o, out)));
    return status;
}

static void emit_file(sd_context *c, size_t n, const sd_emit_function *f, const sd_emit_options *o,
                      sd_c_code *out)
{
    sdp_base *b = &c->g->base;
    sdp_need(c, out, "place for the code"), sdp_need(c, f, "list of functions");
    if (!n || n > 100000) sdp_misuse(c, "there is no such %s of functions", "number");
    function *all = sdp_scratch(b, n * sizeof *all);
    for (size_t i = 0; i < n; i++) {
        sdp_need(c, f[i].name, "name of a function"), sdp_need(c, f[i].result, "list of results");
        if (!f[i].count || f[i].count > 100000) sdp_misuse(c, "there is no such %s of results", "number");
        part *p = sdp_scratch(b, f[i].count * sizeof *p);
        for (size_t k = 0; k < f[i].count; k++) {
            sdp_need_result(c, f[i].result[k]);
            p[k] = (part){.result = f[i].result[k], .subject = f[i].subject ? f[i].subject[k] : NULL};
        }
        all[i] = (function){f[i].count, p, f[i].name};
    }
    emit(c, n, all, o, out);
}

sd_status sd_emit_file(sd_context *c, size_t n, const sd_emit_function *f, const sd_emit_options *o,
                       sd_c_code *out)
{
    sd_status status;
    if (out) *out = (sd_c_code){NULL, NULL};
    GUARD(c, true, status, emit_file(c, n, f, o, out));
    return status;
}

static sd_function *compile(sd_context *c, const sd_result *r, const sd_emit_options *o)
{
    sdp_signature s = sdp_result_signature(c, r, o, !o || !o->dense);
    sdp_emit_request q = emit_request(c, o ? o->name : NULL, o, SDP_TARGET_JIT);
    return sdp_compile(c->g, &s, &q);
}

sd_function *sd_compile(sd_context *c, const sd_result *r, const sd_emit_options *o)
{
    sd_function *volatile f = NULL;
    sd_status status;
    GUARD(c, r, status, f = compile(c, r, o));
    return status == SD_OK ? f : NULL;
}

static char *dump(sd_context *c, const sd_result *r, const char *stage)
{
    sdp_text t, header;
    sdp_need(c, stage, "name of a stage");
    sdp_text_init(&t, &c->g->base);
    sdp_signature s = sdp_result_signature(c, r, NULL, true);
    if (!strcmp(stage, "graph"))
        for (size_t i = 0; i < r->n; i++) sdp_graph_dump(c->g, sdp_shown(r)[i].node, &t);
    else if (!strcmp(stage, "schedule")) sdp_dump_schedule(c->g, &s, &t);
    else if (!strcmp(stage, "c") || !strcmp(stage, "jit")) {
        sdp_emit_request q = emit_request(c, NULL, NULL, stage[0] == 'c' ? SDP_TARGET_C99 : SDP_TARGET_JIT);
        sdp_text_init(&header, &c->g->base);
        sdp_emit_c(c->g, &s, &q, &t, &header);
        sdp_text_free(&header);
    } else if (!strcmp(stage, "machine")) {
        sdp_emit_request q = emit_request(c, NULL, NULL, SDP_TARGET_JIT);
        sdp_listing listing;
        if (sdp_emit_straight(c->g, &s, &q, &listing, &t)) sdp_put_listing(&listing, &t);
    } else
        sdp_fail(&c->g->base, SD_ERR_USAGE, (sdp_span){0, 0}, "graph, schedule, c, jit or machine",
                 "there is no stage '%s'", stage);
    return t.s;
}

char *sd_dump(sd_context *c, const sd_result *r, const char *stage) { RETURN_TEXT(c, r, dump(c, r, stage)); }
