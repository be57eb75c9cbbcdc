// SPDX-License-Identifier: MIT
// The outputs of emitted and compiled functions: what they are called, and which arrays they are. Several
// blocks may be one matrix (joined), and of a matrix the entries that may be other than 0 (sparse); so a
// result is not simply its entries. Entry: sdp_signature_of_parts.
#include <stdlib.h>
#include <string.h>

#include "runtime/api/api.h"

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
        const uint32_t a = sdp_atom_find(g, name);
        if (a == UINT32_MAX)
            sdp_fail(b, SD_ERR_USAGE, (sdp_span){0, 0}, NULL, "there is no dimension '%s'", name);
        atoms[count] = a;
        values[count++] = v;
        p = *end ? end + 1 : end;
    }
    *n = count;
    *atom = atoms;
    *value = values;
}

// ---- names -----------------------------------------------------------------------------------------------

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

// grad_w, hess_x_y, jac_residual_t: what it is, of which expression if that
// has a name, and by which variables.
const char *sdp_output_name(sd_context *c, const sd_result *r, size_t i, const char *subject)
{
    const sdp_entry *e = &r->entry[i];
    sdp_base *b = &c->g->base;
    const char *kind = kind_name(b, r, e), *column = r->n > 1 ? e->column : "";
    if (r->what == SD_VALUE) return subject ? subject : kind;
    return sdp_printf(b, "%s%s%s%s%s%s%s", kind, subject ? "_" : "", subject ? subject : "",
                      *e->row ? "_" : "", e->row, *column ? "_" : "", column);
}

const char *sdp_core_name(sd_context *c, const sd_result *r, size_t i, const char *subject)
{
    return sdp_printf(&c->g->base, "%s_core", sdp_output_name(c, r, i, subject));
}

// ---- blocks of one matrix --------------------------------------------------------------------------------
// A Jacobian of a scalar or vector by several scalars and vectors, in numerator layout: its blocks stand
// side by side. Or the Hessian by several scalars and vectors: a square of blocks.
static bool is_joinable(const sd_result *r, int joined)
{
    bool jacobian = r->what == SD_JACOBIAN && joined & SD_JOIN_JACOBIAN;
    bool hessian = r->what == SD_HESSIAN && r->order == 2 && joined & SD_JOIN_HESSIAN &&
                   r->n == (size_t)r->nwrt * r->nwrt;
    if (r->n < 2 || (!jacobian && !hessian)) return false;
    for (size_t i = 0; i < r->n; i++) {
        int axes = sdp_get(r->g, r->entry[i].raw)->order - r->entry[i].value_order;
        if (r->entry[i].value_order > 1 || axes < 0 || axes > 1 + hessian || r->entry[i].turned) return false;
    }
    for (size_t i = 0; hessian && i < r->nwrt; i++)
        if (sdp_get(r->g, r->g->var[r->wrt[i]].node)->order > 1) return false;
    return true;
}

// Where the variables stand among the rows and columns of the whole: at[nwrt] is the number of all of them.
static sdp_dim *offsets(sdp_graph *g, const sd_result *r)
{
    sdp_dim *at = sdp_scratch(&g->base, (r->nwrt + 1) * sizeof *at);
    at[0] = sdp_dim_int(g, 0);
    for (uint32_t i = 0; i < r->nwrt; i++) {
        const sdp_node *v = sdp_get(g, g->var[r->wrt[i]].node);
        at[i + 1] = sdp_dim_add(g, at[i], v->order ? v->dim[0] : SDP_DIM_ONE);
    }
    return at;
}

// An axis for the variables of all blocks, of which a block has the part from at[i] on: the block's own
// axis, where it has one, is what is put there.
typedef struct {
    uint32_t n;
    sdp_id factor[3];
    uint8_t label[8], nlabels;
} placed;

static void place(sdp_graph *g, placed *p, const sdp_dim *at, uint32_t nwrt, uint32_t i, bool wide,
                  uint8_t whole, uint8_t own)
{
    const sdp_dim length = sdp_dim_add(g, at[i + 1], sdp_dim_neg(g, at[i]));
    p->factor[p->n++] = wide ? sdp_sel(g, 2, (sdp_dim[]){at[nwrt], length}, (sdp_dim[]){at[i], SDP_DIM_ONE})
                             : sdp_sel(g, 1, &at[nwrt], &at[i]);
    p->label[p->nlabels++] = whole;
    if (wide) p->label[p->nlabels++] = own;
}

static sdp_id joined(sdp_graph *g, const sd_result *r)
{
    enum { ROW, COLUMN, OWN_ROW, OWN_COLUMN };
    const sdp_entry *e = sdp_computed(r);
    const bool square = r->what == SD_HESSIAN;
    const uint32_t value = e->value_order;
    const sdp_dim *at = offsets(g, r);
    sdp_id *block = sdp_scratch(&g->base, r->n * sizeof *block);
    sdp_num *one = sdp_scratch(&g->base, r->n * sizeof *one);
    for (uint32_t i = 0; i < r->n; i++) {
        const uint32_t row = square ? i / r->nwrt : 0, column = square ? i % r->nwrt : i;
        const bool tall = square && sdp_get(g, g->var[r->wrt[row]].node)->order;
        const bool wide = sdp_get(g, g->var[r->wrt[column]].node)->order;
        placed p = {1, {e[i].exact}, {0}, 0};
        if (value) p.label[p.nlabels++] = ROW;
        if (tall) p.label[p.nlabels++] = OWN_ROW;
        if (wide) p.label[p.nlabels++] = OWN_COLUMN;
        if (square) place(g, &p, at, r->nwrt, row, tall, ROW, OWN_ROW);
        place(g, &p, at, r->nwrt, column, wide, COLUMN, OWN_COLUMN);
        const uint8_t out[2] = {ROW, COLUMN};
        const bool two = value || square;
        block[i] = sdp_mul(g, SDP_NUM_ONE, p.n, p.factor, p.label, two ? 2 : 1, two ? out : out + 1, NULL);
        one[i] = SDP_NUM_ONE;
    }
    return sdp_add(g, (uint32_t)r->n, one, block);
}

bool sdp_is_joined(const sd_result *r, const sd_emit_options *o)
{
    return o && is_joinable(r, o->joined | (o->sparse ? SD_JOIN_JACOBIAN | SD_JOIN_HESSIAN : 0));
}

static const char *joined_name(sd_context *c, const sd_result *r, const char *subject)
{
    const char *kind = r->what == SD_HESSIAN ? "hess" : "jac";
    return subject ? sdp_printf(&c->g->base, "%s_%s", kind, subject) : kind;
}

// "// Rows and columns of hess: a from 0, b from 1, 1 + n in all."
void sdp_put_blocks_of(sd_context *c, const sd_result *r, const char *subject, sdp_text *t)
{
    const sdp_dim *at = offsets(c->g, r);
    sdp_putf(t, "// %s of %s:", r->what == SD_HESSIAN ? "Rows and columns" : "Columns",
             joined_name(c, r, subject));
    for (uint32_t i = 0; i < r->nwrt; i++)
        sdp_putf(t, " %s from %s,", c->g->var[r->wrt[i]].name, sdp_dim_text(c->g, at[i]));
    sdp_putf(t, " %s in all.\n", sdp_dim_text(c->g, at[r->nwrt]));
}

// ---- outputs ---------------------------------------------------------------------------------------------
// The arrays that a function computes, and which of them are parts of sparse matrices
typedef struct {
    sd_context *c;
    const sd_emit_options *o;
    bool factored;
    const long *size; // by atom, for sparse matrices
    uint32_t n, node_cap, name_cap, nsparse;
    sdp_id *node;
    const char **name;
    sdp_gathered *sparse;
} outputs;

static void add_array(outputs *a, sdp_id node, const char *name)
{
    sdp_base *b = &a->c->g->base;
    a->node = sdp_grown(b, a->node, a->n, &a->node_cap, sizeof *a->node);
    a->name = sdp_grown(b, a->name, a->n, &a->name_cap, sizeof *a->name);
    a->node[a->n] = node;
    a->name[a->n++] = name;
}

static void add_matrix(outputs *a, sdp_id node, const char *name)
{
    sdp_base *b = &a->c->g->base;
    const uint32_t order = sdp_get(a->c->g, node)->order;
    if (!a->size || order < 2) {
        add_array(a, node, name);
        return;
    }
    if (order > 2)
        sdp_fail(b, SD_ERR_UNSUPPORTED, (sdp_span){0, 0}, "by scalars and vectors there is one",
                 "%s has %u axes: it has no sparse form", name, order);
    const sdp_pattern p = sdp_pattern_of(a->c->g, node, name, a->size, a->o->columns);
    a->sparse[a->nsparse++] = (sdp_gathered){a->n, name, p};
    for (uint32_t i = 0; i < p.nparts; i++)
        add_array(a, p.part[i].node, sdp_printf(b, "%s_part%u", name, i + 1));
}

static void add_outputs(outputs *a, const sdp_output_part *p)
{
    sd_context *c = a->c;
    sdp_factored f;
    if (!p->result) {
        add_array(a, p->typed, "value");
        return;
    }
    const sdp_entry *entry = sdp_computed(p->result);
    if (sdp_is_joined(p->result, a->o)) {
        add_matrix(a, joined(c->g, p->result), joined_name(c, p->result, p->subject));
        return;
    }
    for (size_t i = 0; i < p->result->n; i++) {
        bool is_core = a->factored && !a->size && sdp_factor_identities(c->g, entry[i].exact, &f);
        if (is_core) add_array(a, f.core, sdp_core_name(c, p->result, i, p->subject));
        else if (p->result->what == SD_VALUE)
            add_array(a, entry[i].exact, sdp_output_name(c, p->result, i, p->subject));
        else add_matrix(a, entry[i].exact, sdp_output_name(c, p->result, i, p->subject));
    }
}

// Sizes by atom, 0: not known
static const long *known_sizes(sdp_graph *g, const char *text)
{
    uint32_t n;
    const uint32_t *atom;
    const long *value;
    sdp_read_sizes(g, text, &n, &atom, &value);
    long *size = sdp_scratch(&g->base, (sdp_atom_count(g) + 1) * sizeof *size);
    for (uint32_t i = 0; i < n; i++) size[atom[i]] = value[i];
    return size;
}

sdp_signature sdp_signature_of_parts(sd_context *c, size_t n, const sdp_output_part *p,
                                     const sd_emit_options *o, bool factored)
{
    sdp_base *b = &c->g->base;
    size_t most = 1;
    bool sparse = o && o->sparse;
    for (size_t i = 0; i < n; i++) most += p[i].result ? p[i].result->n : 1;
    outputs a = {.c = c, .o = o, .factored = factored};
    a.sparse = sdp_scratch(b, most * sizeof *a.sparse);
    if (sparse) a.size = known_sizes(c->g, o->sizes);
    for (size_t i = 0; i < n; i++) add_outputs(&a, &p[i]);
    sdp_signature s = sdp_signature_of(c->g, a.n, a.node, a.name);
    s.ngathered = a.nsparse, s.gathered = a.sparse;
    if (o && o->arguments) sdp_signature_order(c->g, &s, o->arguments);
    return s;
}

// The value first if it is asked for, then the result.
size_t sdp_parts_of(sd_context *c, const sd_result *r, const sd_emit_options *o, sdp_output_part *p)
{
    size_t n = 0;
    sdp_need_result(c, r);
    if (o && o->value)
        p[n++] = (sdp_output_part){.typed = sdp_get_expr(c, o->primal ? o->primal : r->expr)->node};
    p[n++] = (sdp_output_part){.result = r};
    return n;
}

sdp_signature sdp_result_signature(sd_context *c, const sd_result *r, const sd_emit_options *o, bool factored)
{
    sdp_output_part p[2];
    size_t n = sdp_parts_of(c, r, o, p);
    return sdp_signature_of_parts(c, n, p, o, factored);
}

// ---- where a sparse matrix has entries -------------------------------------------------------------------
static void sparsity(sd_context *c, const sd_result *r, size_t i, const sd_emit_options *o, sd_pattern *out)
{
    sdp_need(c, out, "place for the pattern");
    sd_emit_options with = o ? *o : (sd_emit_options){0};
    with.sparse = 1, with.value = 0, with.arguments = NULL;
    sdp_need_known(c, with.room);
    sdp_signature s = sdp_result_signature(c, r, &with, false);
    if (i >= s.ngathered) sdp_misuse(c, "there is no such %s", "sparse matrix");
    const sdp_pattern *p = &s.gathered[i].pattern;
    const size_t lines = (size_t)(p->by_columns ? p->columns : p->rows), n = (size_t)p->entries;
    int *start = sdp_realloc(&c->g->base, NULL, (lines + 1 + n) * sizeof *start);
    memcpy(start, p->start, (lines + 1) * sizeof *start);
    memcpy(start + lines + 1, p->index, n * sizeof *start);
    *out = (sd_pattern){.rows = (size_t)p->rows,
                        .columns = (size_t)p->columns,
                        .entries = n,
                        .start = start,
                        .index = start + lines + 1};
}

sd_status sd_sparsity(sd_context *c, const sd_result *r, size_t i, const sd_emit_options *o, sd_pattern *out)
{
    sd_status status;
    if (out) *out = (sd_pattern){0};
    GUARD(c, r, status, sparsity(c, r, i, o, out));
    return status;
}
