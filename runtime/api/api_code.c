// SPDX-License-Identifier: MIT
// The public functions that make code: emitted C, functions compiled in memory, stages as text. See api.c.
#include <stdlib.h>
#include <string.h>

#include "runtime/api/api.h"

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
    sdp_misuse(c, "there is no target '%s': c, openmp, cblas or mpi", o->target);
}

// The axis that the ranks of MPI share
static void set_shard(sd_context *c, const char *name, sdp_emit_request *q)
{
    const uint32_t a = sdp_atom_find(c->g, name);
    if (a == UINT32_MAX) sdp_misuse(c, "there is no size '%s' to split over ranks", name);
    for (uint32_t i = 0; i < q->nsizes; i++)
        if (q->size_atom[i] == a) sdp_misuse(c, "the size '%s' is a constant: it cannot be split", name);
    q->sharded = true, q->shard = a;
}

static void need_ranks(sd_context *c, const sd_emit_options *o, sdp_emit_request *q)
{
    bool ranks = sdp_targets[q->target].ranks;
    const char *shard = o ? o->shard : NULL;
    if (!ranks && shard)
        sdp_misuse(c, "a size is split, as '%s', for the target mpi alone: --target mpi", shard);
    if (!ranks) return;
    if (!shard) sdp_misuse(c, "the target '%s' needs the size that is split over ranks: --shard m", "mpi");
    if (q->real.name) sdp_misuse(c, "the target mpi has numbers of type double, not '%s'", q->real.name);
    if (o->leading) sdp_misuse(c, "the target '%s' has no leading dimensions", "mpi");
    if (o->trial) sdp_misuse(c, "the target '%s' has no program to try it", "mpi");
    if (o->sparse) sdp_misuse(c, "the target '%s' writes no sparse matrices", "mpi");
    set_shard(c, shard, q);
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
    if (target != SDP_TARGET_JIT) need_ranks(c, o, &q);
    return q;
}

// ---- C out -----------------------------------------------------------------------------------------------

static bool put_structure(sd_context *c, const sd_result *r, size_t i, const char *subject, sdp_text *t)
{
    sdp_factored f;
    sdp_id exact = sdp_computed(r)[i].exact;
    if (!sdp_factor_identities(c->g, exact, &f)) return false;
    sdp_put_factored(c->g, exact, &f, sdp_output_name(c, r, i, subject), sdp_core_name(c, r, i, subject), t);
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
static void put_structures(sd_context *c, const sdp_output_part *p, const sd_emit_options *o, sdp_text *t)
{
    const sd_result *r = p->result;
    if (r && sdp_is_joined(r, o)) sdp_put_blocks_of(c, r, p->subject, t);
    if (o && (o->dense || o->sparse)) return;
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
static bool has_conditions(size_t n, const sdp_output_part *p, size_t i)
{
    const sd_result *r = p[i].result;
    if (!r) return false;
    for (size_t k = 0; k < n && r->what == SD_VALUE; k++)
        if (p[k].result && p[k].result->expr == r->expr && p[k].result->what != SD_VALUE) return false;
    return true;
}

static void put_conditions(sd_context *c, size_t n, const sdp_output_part *p, sdp_text *t)
{
    size_t told = 0;
    for (size_t i = 0; i < n; i++) told += has_conditions(n, p, i);
    for (size_t i = 0; i < n; i++) {
        if (!has_conditions(n, p, i)) continue;
        const char *prefix =
            told > 1 ? sdp_printf(&c->g->base, "//   %s: ", sdp_output_name(c, p[i].result, 0, p[i].subject))
                     : "//   ";
        if (t->n) sdp_put(t, "\n");
        sdp_print_conditions(c->g, sdp_as_computed(p[i].result), prefix, false, t);
    }
}

static void need_trial(sd_context *c, const sdp_signature *s, const sd_emit_options *o)
{
    const char *why = s->ncalls        ? "functions that are only declared"
                      : o->leading     ? "leading dimensions"
                      : o->header_only ? "headers"
                                       : NULL;
    if (why)
        sdp_fail(&c->g->base, SD_ERR_UNSUPPORTED, (sdp_span){0, 0}, "", "there is no program for %s", why);
    if (s->ninputs > 60 || s->noutputs > 60 || s->ndims > 60)
        sdp_fail(&c->g->base, SD_ERR_UNSUPPORTED, (sdp_span){0, 0}, "",
                 "there is no program for a function with more than 60 arrays or sizes");
}

// A function of an emitted file: the parts of its output, and its name.
typedef struct {
    size_t n;
    const sdp_output_part *part;
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
        s[i] = sdp_signature_of_parts(c, f[i].n, f[i].part, o, factored);
        if (o && o->trial) s[i].slope = sdp_slopes(c, f[i].n, f[i].part, o, factored);
        if (o && o->leading) sdp_signature_steps(c->g, &s[i]);
        q[i] = emit_request(c, f[i].name, o, target_of(c, o));
        if (o && o->trial) need_trial(c, &s[i], o), q[i].trial = true;
        q[i].names = names, q[i].nnames = (uint32_t)n;
        names[i] = q[i].name;
        for (size_t k = 0; k < i; k++)
            if (!strcmp(names[k], names[i])) sdp_misuse(c, "two functions are called '%s'", names[i]);
        sdp_text_init(structures, b);
        for (size_t k = 0; k < f[i].n; k++) put_structures(c, &f[i].part[k], o, structures);
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
    sdp_output_part p[2];
    size_t n = sdp_parts_of(c, r, o, p);
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
        sdp_output_part *p = sdp_scratch(b, f[i].count * sizeof *p);
        for (size_t k = 0; k < f[i].count; k++) {
            sdp_need_result(c, f[i].result[k]);
            p[k] =
                (sdp_output_part){.result = f[i].result[k], .subject = f[i].subject ? f[i].subject[k] : NULL};
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
    else if (!strcmp(stage, "schedule")) sdp_dump_schedule(c->g, &s, NULL, &t);
    else if (!strncmp(stage, "schedule:", 9)) {
        sd_emit_options o = {.shard = stage + 9};
        sdp_emit_request q = emit_request(c, NULL, &o, SDP_TARGET_MPI);
        sdp_dump_schedule(c->g, &s, &q, &t);
    } else if (!strcmp(stage, "c") || !strcmp(stage, "jit")) {
        sdp_emit_request q = emit_request(c, NULL, NULL, stage[0] == 'c' ? SDP_TARGET_C99 : SDP_TARGET_JIT);
        sdp_text_init(&header, &c->g->base);
        sdp_emit_c(c->g, &s, &q, &t, &header);
        sdp_text_free(&header);
    } else if (!strcmp(stage, "tree")) {
        sdp_put_trees(c, r, &t);
    } else if (!strcmp(stage, "machine")) {
        sdp_emit_request q = emit_request(c, NULL, NULL, SDP_TARGET_JIT);
        sdp_listing listing;
        if (sdp_emit_straight(c->g, &s, &q, &listing, &t)) sdp_put_listing(&listing, &t);
    } else
        sdp_fail(&c->g->base, SD_ERR_USAGE, (sdp_span){0, 0},
                 "tree, graph, schedule, schedule:m, c, jit or machine", "there is no stage '%s'", stage);
    return t.s;
}

char *sd_dump(sd_context *c, const sd_result *r, const char *stage) { RETURN_TEXT(c, r, dump(c, r, stage)); }
