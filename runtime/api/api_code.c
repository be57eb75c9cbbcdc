// SPDX-License-Identifier: MIT
// The public functions that make code: emitted C, functions compiled in memory, stages as text. See api.c.
#include <stdlib.h>
#include <string.h>

#include "runtime/api/api.h"

// ---- signatures and sizes -----------------------------------------------------------------------------------------

// value, grad, jac, hess, d3, hvp, ...: the first word of the name of an output.
static const char *kind_name(sdp_base *b, const sd_result *r, const sdp_entry *e)
{
    static const char *const names[] = {[SD_VALUE] = "value", [SD_GRADIENT] = "grad", [SD_JACOBIAN] = "jac", [SD_HESSIAN] = "hess",
                                        [SD_HVP] = "hvp", [SD_JVP] = "jvp", [SD_VJP] = "vjp", [SD_ALONG] = "along",
                                        [SD_DIFFERENTIAL] = "differential", [SD_TAYLOR] = "taylor"};
    bool scalar = e->value_order == 0, by_order = r->what == SD_DERIVATIVE || r->order > 2 || (r->what == SD_HESSIAN && r->order != 2);
    if (!by_order) return names[r->what];
    if (r->order == 1) return scalar ? "grad" : "jac";
    return r->order == 2 && scalar ? "hess" : sdp_printf(b, "d%d", r->order);
}

// grad_w, hess_x_y, jac_residual_t: what it is, of which expression if that has a name, and by which variables.
static const char *output_name(sd_context *c, const sd_result *r, size_t i, const char *subject)
{
    const sdp_entry *e = &r->entry[i];
    sdp_base *b = &c->g->base;
    const char *kind = kind_name(b, r, e), *column = r->n > 1 ? e->column : "";
    if (r->what == SD_VALUE) return subject ? subject : kind;
    return sdp_printf(b, "%s%s%s%s%s%s%s", kind, subject ? "_" : "", subject ? subject : "", *e->row ? "_" : "", e->row, *column ? "_" : "", column);
}

static const char *core_name(sd_context *c, const sd_result *r, size_t i, const char *subject)
{
    return sdp_printf(&c->g->base, "%s_core", output_name(c, r, i, subject));
}

// factored: of an answer that is a Kronecker product with an identity, the other factor.
sdp_signature sdp_result_signature(sd_context *c, const sd_result *r, const sd_emit_options *o, bool factored)
{
    sdp_base *b = &c->g->base;
    sdp_need_result(c, r);
    bool value = o && o->value;
    uint32_t n = 0;
    sdp_id *node = sdp_scratch(b, (r->n + 1) * sizeof *node);
    const char **name = sdp_scratch(b, (r->n + 1) * sizeof *name);
    const sdp_entry *entry = sdp_computed(r);
    if (value) {
        name[n] = "value";
        node[n++] = sdp_get_expr(c, o->primal ? o->primal : r->expr)->node;
    }
    for (size_t i = 0; i < r->n; i++) {
        sdp_factored f;
        bool is_core = factored && sdp_factor_identities(c->g, entry[i].exact, &f);
        name[n] = is_core ? core_name(c, r, i, NULL) : output_name(c, r, i, NULL);
        node[n++] = is_core ? f.core : entry[i].exact;
    }
    sdp_signature s = sdp_signature_of(c->g, n, node, name);
    if (o && o->arguments) sdp_signature_order(c->g, &s, o->arguments);
    return s;
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
        if (p[length] != '=') sdp_fail(b, SD_ERR_USAGE, (sdp_span){0, 0}, "write m=1000,n=50", "'%s' is not a size", name);
        long v = strtol(p + length + 1, &end, 10);
        if ((*end && *end != ',') || end == p + length + 1 || v < 1 || v > 1000000000)
            sdp_fail(b, SD_ERR_USAGE, (sdp_span){0, 0}, "write m=1000,n=50", "the size of '%s' must be a number from 1 to 1000000000", name);
        uint32_t a = 0, atoms_known = sdp_atom_count(g);
        while (a < atoms_known && (!sdp_atom_name(g, a) || strcmp(sdp_atom_name(g, a), name))) a++;
        if (a == atoms_known) sdp_fail(b, SD_ERR_USAGE, (sdp_span){0, 0}, NULL, "there is no dimension '%s'", name);
        atoms[count] = a;
        values[count++] = v;
        p = *end ? end + 1 : end;
    }
    *n = count;
    *atom = atoms;
    *value = values;
}

static sdp_emit_request emit_request(sd_context *c, const sd_emit_options *o, sdp_target target)
{
    const char *name = o && o->name ? o->name : "symdiff_f";
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    if (!*name || name[strspn(name, letters)] || (*name >= '0' && *name <= '9')) sdp_misuse(c, "'%s' is no name of a function in C", name);
    const char *header = o && o->header ? o->header : sdp_printf(&c->g->base, "%s.h", name);
    for (const char *p = header; p == header || *p; p++) // #include has no way to write these
        if (*p == '"' || *p == '\\' || (unsigned char)*p < ' ' || *p == 127) sdp_misuse(c, "'%s' is no name of a header that #include can write", header);
    sdp_emit_request q = {.name = name, .header = header, .target = target};
    if (o && o->sizes) sdp_read_sizes(c->g, o->sizes, &q.nsizes, &q.size_atom, &q.size_value);
    return q;
}

// ---- C out -----------------------------------------------------------------------------------------------------------

static bool put_structure(sd_context *c, const sd_result *r, size_t i, sdp_text *t)
{
    sdp_factored f;
    sdp_id exact = sdp_computed(r)[i].exact;
    if (!sdp_factor_identities(c->g, exact, &f)) return false;
    sdp_put_factored(c->g, exact, &f, output_name(c, r, i, NULL), core_name(c, r, i, NULL), t);
    return true;
}

static char *structure(sd_context *c, const sd_result *r, size_t i)
{
    sdp_text t;
    sdp_need_entry(c, r, i);
    sdp_text_init(&t, &c->g->base);
    if (put_structure(c, r, i, &t)) return t.s;
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
static void put_structures(sd_context *c, const sd_result *r, sdp_text *t)
{
    for (size_t i = 0; i < r->n; i++) {
        sdp_text line;
        sdp_text_init(&line, &c->g->base);
        if (put_structure(c, r, i, &line)) {
            sdp_putf(t, "// Only the core is written: %s\n", line.s);
            line.n = 0;
            if (sdp_print_vec_form(c->g, &sdp_shown(r)[i], SD_TEXT, &line)) sdp_putf(t, "// With vec stacking columns: %s\n", line.s);
        }
        sdp_text_free(&line);
    }
}

static void emit(sd_context *c, const sd_result *r, const sd_emit_options *o, sd_c_code *out)
{
    sdp_text source, header, structures;
    bool factored = !o || !o->dense;
    sdp_signature s = sdp_result_signature(c, r, o, factored);
    sdp_emit_request q = emit_request(c, o, SDP_TARGET_C99);
    sdp_text_init(&structures, &c->g->base);
    if (factored) put_structures(c, r, &structures);
    q.structure = structures.n ? structures.s : NULL;
    sdp_text conditions;
    sdp_text_init(&conditions, &c->g->base);
    sdp_print_conditions(c->g, sdp_as_computed(r), "//   ", false, &conditions);
    q.conditions = conditions.s;
    sdp_text_init(&source, &c->g->base);
    sdp_text_init(&header, &c->g->base);
    sdp_emit_c(c->g, &s, &q, &source, &header);
    sdp_text_free(&conditions);
    sdp_text_free(&structures);
    *out = (sd_c_code){source.s, header.s};
}

sd_status sd_emit(sd_context *c, const sd_result *r, const sd_emit_options *o, sd_c_code *out)
{
    sd_status status;
    if (out) *out = (sd_c_code){NULL, NULL};
    GUARD(c, r, status, (sdp_need(c, out, "place for the code"), emit(c, r, o, out)));
    return status;
}

static sd_function *compile(sd_context *c, const sd_result *r, const sd_emit_options *o)
{
    sdp_signature s = sdp_result_signature(c, r, o, !o || !o->dense);
    sdp_emit_request q = emit_request(c, o, SDP_TARGET_JIT);
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
        sdp_emit_request q = emit_request(c, NULL, stage[0] == 'c' ? SDP_TARGET_C99 : SDP_TARGET_JIT);
        sdp_text_init(&header, &c->g->base);
        sdp_emit_c(c->g, &s, &q, &t, &header);
        sdp_text_free(&header);
    } else sdp_fail(&c->g->base, SD_ERR_USAGE, (sdp_span){0, 0}, "graph, schedule, c or jit", "there is no stage '%s'", stage);
    return t.s;
}

char *sd_dump(sd_context *c, const sd_result *r, const char *stage)
{
    char *volatile text = NULL;
    sd_status status;
    GUARD(c, r, status, text = dump(c, r, stage));
    return status == SD_OK ? text : NULL;
}
