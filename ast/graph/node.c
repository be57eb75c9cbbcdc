// SPDX-License-Identifier: MIT
// The node store: hash-consing, leaves, and the invariants. Constructors (ast/make/) bring a node into
// canonical form and hand it to sdp_intern(), the only place that appends.
#include <stdlib.h>
#include <string.h>

#include "ast/graph/graph.h"

static uint32_t label_count(const sdp_graph *g, const sdp_node *n)
{
    if (n->kind != SDP_MUL) return n->kind == SDP_CALL ? n->nlabels : 0;
    uint32_t k = n->order;
    for (uint32_t i = 0; i < n->nargs; i++) k += g->node[n->arg[i]]->order;
    return k;
}

static uint32_t coef_count(const sdp_node *n) { return n->kind == SDP_ADD ? n->nargs : n->kind == SDP_MUL; }
static uint32_t ldim_count(const sdp_node *n)
{
    return n->kind == SDP_MUL ? n->nlabels : n->kind == SDP_SEL ? n->order : 0;
}

static uint32_t hash_node(const sdp_graph *g, const sdp_node *n)
{
    uint32_t head[5] = {n->kind, n->order, n->op, n->nargs, n->param};
    uint32_t h = sdp_hash_words(head, sizeof head / sizeof *head, 7);
    h = sdp_hash_words(n->dim, n->order, h);
    h = sdp_hash_words(n->arg, n->nargs, h);
    h = sdp_hash_words(n->coef, coef_count(n), h);
    if (label_count(g, n)) h = sdp_hash(n->label, label_count(g, n), h);
    return sdp_hash_words(n->ldim, ldim_count(n), h);
}

static bool same(const sdp_graph *g, const sdp_node *a, const sdp_node *b)
{
#define EQ(field, count) (memcmp(a->field, b->field, (count) * sizeof *a->field) == 0)
    return a->hash == b->hash && a->kind == b->kind && a->order == b->order && a->op == b->op &&
           a->nargs == b->nargs && a->param == b->param && a->nlabels == b->nlabels &&
           (!a->order || EQ(dim, a->order)) && (!a->nargs || EQ(arg, a->nargs)) &&
           (!coef_count(a) || EQ(coef, coef_count(a))) &&
           (!label_count(g, a) || EQ(label, label_count(g, a))) &&
           (!ldim_count(a) || EQ(ldim, ldim_count(a)));
#undef EQ
}

static void grow(sdp_graph *g)
{
    if (g->nnodes >= g->base.limit.nodes) sdp_limit(&g->base, "nodes", g->base.limit.nodes);
    g->node = sdp_grown_raw(&g->base, g->node, g->nnodes, &g->node_cap, sizeof *g->node);
}

static const void *copy(sdp_graph *g, const void *p, size_t bytes)
{
    static const uint64_t nothing[1]; // an empty array still has an address, so that walking it is defined
    return bytes ? memcpy(sdp_alloc(&g->base, bytes), p, bytes) : nothing;
}

sdp_id sdp_intern(sdp_graph *g, const sdp_node *n)
{
    sdp_node key = *n;
    key.marked = false; // n may be a changed copy of a node
    key.primitive = 0;
    key.hash = hash_node(g, n);
    grow(g);
    for (uint32_t place = key.hash, i; (i = sdp_interned_next(&g->index, key.hash, &place)) != SDP_NO_THING;)
        if (same(g, g->node[i], &key)) return i;
    sdp_node *made = sdp_alloc(&g->base, sizeof *made);
    *made = key;
    made->dim = copy(g, n->dim, n->order * sizeof *n->dim);
    made->arg = copy(g, n->arg, n->nargs * sizeof *n->arg);
    made->coef = copy(g, n->coef, coef_count(n) * sizeof *n->coef);
    made->label = copy(g, n->label, label_count(g, n));
    made->ldim = copy(g, n->ldim, ldim_count(n) * sizeof *n->ldim);
    sdp_interned_put(&g->base, &g->index, key.hash, g->nnodes);
    sdp_id id = g->nnodes++;
    g->node[id] = made;
    if (g->debug) sdp_check_node(g, id);
    return id;
}

// ---- the graph's life -------------------------------------------------------------------------------------

sdp_graph *sdp_graph_empty(const sd_allocator *mem, const sd_limits *limit)
{
    sdp_base base; // for the default allocator
    sdp_base_init(&base, mem, limit);
    sdp_graph *g = base.mem.resize(base.mem.state, NULL, sizeof *g);
    if (!g) return NULL;
    memset(g, 0, sizeof *g);
    sdp_base_init(&g->base, mem, limit);
    sdp_trap trap;
    if (SDP_TRY(&g->base, trap)) {
        g->nnodes = 1;
        g->writing = &g->own_writing;
        g->index.kept = true;
        sdp_nums_init(g);
        sdp_dims_init(g);
        sdp_number(g, SDP_NUM_ONE);
        sdp_number(g, SDP_NUM_ZERO);
        SDP_END(&g->base, trap);
        return g;
    }
    sdp_graph_free(g);
    return NULL;
}

void sdp_graph_free(sdp_graph *g)
{
    if (!g) return;
    sdp_nums_free(g);
    sdp_dims_free(g);
    sdp_release(&g->base, g->node);
    sdp_release(&g->base, g->index.at);
    sdp_release(&g->base, g->transposed);
    sdp_release(&g->base, g->known);
    sdp_release(&g->base, g->var);
    sdp_release(&g->base, g->var_table);
    sdp_base_free(&g->base);
    sd_allocator mem = g->base.mem;
    mem.resize(mem.state, g, 0);
}

// ---- invariants -------------------------------------------------------------------------------------------

#define INVARIANT(ok)                                                                                        \
    do {                                                                                                     \
        if (!(ok))                                                                                           \
            sdp_fail(&g->base, SD_ERR_INTERNAL, (sdp_span){0, 0}, NULL, "node %u breaks: %s", id, #ok);      \
    } while (0)

static void check_mul(sdp_graph *g, sdp_id id, const sdp_node *n)
{
    bool bound[SDP_MAX_LABELS] = {false};
    uint32_t at = 0, next = 0;
    for (uint32_t i = 0; i <= n->nargs; i++) {
        const sdp_node *f = i < n->nargs ? g->node[n->arg[i]] : n;
        for (uint32_t k = 0; k < f->order; k++, at++) {
            uint8_t l = n->label[at];
            INVARIANT(l < n->nlabels && l <= next);
            if (l == next) next++;
            INVARIANT(n->ldim[l] == f->dim[k]);
            bound[l] |= i < n->nargs;
        }
        if (i < n->nargs) INVARIANT(f->kind != SDP_NUM);
    }
    INVARIANT(next == n->nlabels);
    bool out[SDP_MAX_LABELS] = {false};
    for (uint32_t k = 0; k < n->order; k++) out[n->label[at - n->order + k]] = true;
    for (uint32_t l = 0; l < n->nlabels; l++) INVARIANT(bound[l] || out[l]);
}

static void check_call(sdp_graph *g, sdp_id id, const sdp_node *n)
{
    const sdp_variable *f = &g->var[n->param];
    sdp_dim dim[2];
    INVARIANT(f->is_function && n->nargs == f->nparams);
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *a = g->node[n->arg[i]];
        INVARIANT(sdp_shape_axes(f->param[i], dim) == a->order);
        for (uint32_t k = 0; k < a->order; k++) INVARIANT(a->dim[k] == dim[k]);
    }
    for (uint32_t i = 0; i < n->nlabels; i++)
        INVARIANT(n->label[i] < n->nargs && (i == 0 || n->label[i - 1] <= n->label[i]));
}

void sdp_check_node(sdp_graph *g, sdp_id id)
{
    const sdp_node *n = g->node[id];
    INVARIANT(n->order <= SDP_MAX_ORDER);
    for (uint32_t i = 0; i < n->order; i++) INVARIANT(n->dim[i] != SDP_DIM_NONE && n->dim[i] != SDP_DIM_ONE);
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *a = g->node[n->arg[i]];
        INVARIANT(n->arg[i] > 0 && n->arg[i] < id);
        if (n->kind == SDP_ADD || n->kind == SDP_MAP || (n->kind == SDP_POW && (i == 0 || a->order))) {
            INVARIANT(a->order == n->order);
            for (uint32_t k = 0; k < n->order; k++) INVARIANT(a->dim[k] == n->dim[k]);
        }
        if (n->kind == SDP_ADD)
            INVARIANT(n->coef[i] != SDP_NUM_ZERO && (i == 0 || n->arg[i - 1] < n->arg[i]));
        if (n->kind == SDP_ADD && a->kind == SDP_MUL) INVARIANT(a->coef[0] == SDP_NUM_ONE);
    }
    if (n->kind == SDP_ADD) INVARIANT(n->nargs >= 2);
    if (n->kind == SDP_CALL) check_call(g, id, n);
    if (n->kind == SDP_MUL) check_mul(g, id, n);
}

static const char *const kind_name[] = {"?",   "num", "const", "dim", "var",  "sel", "mask",
                                        "add", "mul", "pow",   "map", "prim", "call"};

void sdp_graph_dump(sdp_graph *g, sdp_id root, sdp_text *out)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    uint32_t count;
    sdp_id *list = sdp_reachable(g, 1, &root, &count);
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *n = g->node[list[i]];
        sdp_putf(out, "%%%u = %s", list[i], kind_name[n->kind]);
        if (n->kind == SDP_NUM) sdp_putf(out, " %s", sdp_num_text(g, n->param));
        if (n->kind == SDP_VAR || n->kind == SDP_CALL) sdp_putf(out, " %s", g->var[n->param].name);
        for (uint32_t k = 0; n->kind == SDP_CALL && k < n->nlabels; k++)
            sdp_putf(out, "%s%u", k ? "," : " by ", n->label[k] + 1u);
        if (n->kind == SDP_DIM) sdp_putf(out, " %s", sdp_atom_name(g, n->param));
        if (n->op) sdp_putf(out, " %s", sdp_ops[n->op].name);
        if (n->kind == SDP_MUL && n->coef[0] != SDP_NUM_ONE)
            sdp_putf(out, " %s", sdp_num_text(g, n->coef[0]));
        for (uint32_t k = 0, at = 0; k < n->nargs; k++) {
            if (n->kind == SDP_ADD) sdp_putf(out, " %s*", sdp_num_text(g, n->coef[k]));
            sdp_putf(out, "%s%%%u", n->kind == SDP_ADD ? "" : " ", n->arg[k]);
            if (n->kind == SDP_MUL) {
                sdp_put(out, "(");
                for (uint32_t a = 0; a < g->node[n->arg[k]]->order; a++)
                    sdp_putf(out, "%c", 'a' + n->label[at++]);
                sdp_put(out, ")");
            }
        }
        if (n->kind == SDP_MUL) {
            sdp_put(out, " -> ");
            const uint8_t *l = sdp_labels(g, n, n->nargs);
            for (uint32_t a = 0; a < n->order; a++) sdp_putf(out, "%c", 'a' + l[a]);
        }
        sdp_put(out, " : [");
        for (uint32_t a = 0; a < n->order; a++)
            sdp_putf(out, "%s%s", a ? "," : "", sdp_dim_text(g, n->dim[a]));
        sdp_put(out, "]\n");
    }
    sdp_scratch_release(&g->base, m);
}

sdp_id sdp_number(sdp_graph *g, sdp_num v) { return sdp_intern(g, &(sdp_node){.kind = SDP_NUM, .param = v}); }
sdp_id sdp_constant(sdp_graph *g, int op)
{
    return sdp_intern(g, &(sdp_node){.kind = SDP_CONST, .op = (uint16_t)op});
}

// The axes of a surface shape: a dimension that is literally 1 has none.
int sdp_shape_axes(sdp_shape s, sdp_dim *dim)
{
    int order = 0;
    if (s.rows != SDP_DIM_ONE) dim[order++] = s.rows;
    if (s.cols != SDP_DIM_ONE) dim[order++] = s.cols;
    return order;
}

sdp_id sdp_var(sdp_graph *g, uint32_t v)
{
    sdp_dim dim[2];
    int order = sdp_shape_axes(g->var[v].shape, dim);
    return g->var[v].node =
               sdp_intern(g, &(sdp_node){.kind = SDP_VAR, .order = (uint8_t)order, .param = v, .dim = dim});
}

bool sdp_is_number(const sdp_graph *g, sdp_id a, sdp_num *v)
{
    const sdp_node *n = g->node[a];
    if (n->kind == SDP_NUM) *v = n->param;
    else if (n->kind == SDP_MUL && n->nargs == 0 && n->nlabels == n->order) *v = n->coef[0];
    else return false;
    return true;
}

bool sdp_is_zero(const sdp_graph *g, sdp_id a)
{
    const sdp_node *n = g->node[a];
    return (n->kind == SDP_NUM && n->param == SDP_NUM_ZERO) ||
           (n->kind == SDP_MUL && n->coef[0] == SDP_NUM_ZERO);
}
