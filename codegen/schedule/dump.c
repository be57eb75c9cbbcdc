// SPDX-License-Identifier: MIT
// What a function takes (signature), and the schedule as text for --dump=schedule.
#include <string.h>

#include "codegen/schedule/schedule.h"

// ---- signature ------------------------------------------------------------------------------------------------------
typedef struct {
    sdp_graph *g;
    bool *seen;
    uint32_t *atom, natoms;
} atoms;

static void see_dim(atoms *a, sdp_dim d)
{
    const sdp_dim_term *t;
    uint32_t n = d == SDP_DIM_NONE ? 0 : sdp_dim_terms(a->g, d, &t);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < t[i].natoms; k++)
            if (!a->seen[t[i].atom[k]]) a->seen[t[i].atom[k]] = true, a->atom[a->natoms++] = t[i].atom[k];
}

static void see_node(atoms *a, const sdp_node *n)
{
    for (uint32_t k = 0; k < n->order; k++) see_dim(a, n->dim[k]);
    uint32_t more = n->kind == SDP_MUL ? n->nlabels : n->kind == SDP_SEL ? n->order : 0;
    for (uint32_t k = 0; k < more; k++) see_dim(a, n->ldim[k]);
    if (n->kind == SDP_DIM && !a->seen[n->param]) a->seen[n->param] = true, a->atom[a->natoms++] = n->param;
}

// The declared functions that the nodes call: ordered, each once.
static uint32_t find_calls(sdp_graph *g, uint32_t n, const sdp_id *id, sdp_derivative *call)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < n; i++) {
        const sdp_node *x = sdp_get(g, id[i]);
        if (x->kind != SDP_CALL) continue;
        const sdp_derivative d = sdp_derivative_of(x);
        uint32_t k = 0;
        while (k < found && sdp_derivative_order(&call[k], &d) < 0) k++;
        if (k < found && !sdp_derivative_order(&call[k], &d)) continue;
        memmove(call + k + 1, call + k, (found - k) * sizeof *call);
        call[k] = d;
        found++;
    }
    return found;
}

// Inputs in the order of their first appearance, then sizes: those of the inputs first.
sdp_signature sdp_signature_of(sdp_graph *g, uint32_t noutputs, const sdp_id *output, const char *const *names)
{
    sdp_id *root = sdp_alloc(&g->base, (noutputs + 1) * sizeof *root);
    if (noutputs) memcpy(root, output, noutputs * sizeof *root);
    uint32_t natoms = sdp_atom_count(g);
    uint32_t *input = sdp_alloc(&g->base, (g->nvars + 1) * sizeof *input), n = 0;
    atoms a = {g, NULL, sdp_alloc(&g->base, (natoms + 1) * sizeof(uint32_t)), 0};
    sdp_mark mark = sdp_scratch_mark(&g->base);
    a.seen = sdp_scratch(&g->base, natoms + 1);
    uint32_t count;
    sdp_id *ids = sdp_reachable(g, noutputs, root, &count);
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *v = sdp_get(g, ids[i]);
        if (v->kind != SDP_VAR) continue;
        uint32_t k = n++;
        for (; k && g->var[input[k - 1]].order_seen > g->var[v->param].order_seen; k--) input[k] = input[k - 1];
        input[k] = v->param;
    }
    for (uint32_t i = 0; i < n; i++) see_node(&a, sdp_get(g, g->var[input[i]].node));
    for (uint32_t i = 0; i < count; i++) see_node(&a, sdp_get(g, ids[i]));
    uint32_t ncalls = 0;
    for (uint32_t i = 0; i < count; i++) ncalls += sdp_get(g, ids[i])->kind == SDP_CALL;
    sdp_derivative *call = sdp_alloc(&g->base, (ncalls + 1) * sizeof *call);
    ncalls = find_calls(g, count, ids, call);
    sdp_scratch_release(&g->base, mark);
    return (sdp_signature){a.natoms, n, noutputs, a.atom, input, root, names, ncalls, call};
}

// ---- dump --------------------------------------------------------------------------------------------------------------
static void put_ix(const sdp_schedule *s, sdp_ix ix, sdp_text *out)
{
    sdp_affine a;
    sdp_ix_get(s, ix, &a);
    for (uint32_t i = 0; i < a.n; i++)
        sdp_putf(out, a.stride[i] == SDP_DIM_ONE ? "%s%c" : "%s%c*(%s)", i ? "+" : "", 'i' + (char)(a.label[i] % 18),
                 sdp_dim_text(s->g, a.stride[i]));
    long off;
    if (!a.n || !sdp_size_constant(s, a.off, &off) || off) sdp_putf(out, "%s%s", a.n ? "+" : "", sdp_dim_text(s->g, a.off));
}

static void put_access(const sdp_schedule *s, sdp_val v, const sdp_ix *ix, sdp_text *out)
{
    sdp_putf(out, "v%u", v);
    for (uint32_t k = 0; k < s->value[v].order; k++) {
        sdp_put(out, k ? "," : "[");
        put_ix(s, ix[k], out);
    }
    if (s->value[v].order) sdp_put(out, "]");
}

static void put_value(const sdp_schedule *s, sdp_val id, sdp_text *out)
{
    static const char *const kind[] = {"",       "number", "constant", "size",    "input", "mask",
                                       "equal",  "add",    "product",  "power",   "map",   "finite",
                                       "reduce", "factor", "solve",    "inverse", "det",   "logdet", "taken",  "call"};
    static const char *const reduction[] = {"max", "min", "prod", "norm", "exponent"};
    const sdp_value *v = &s->value[id];
    sdp_put(out, kind[v->kind]);
    if (v->kind == SDP_V_NUM) sdp_putf(out, " %s", sdp_num_text(s->g, v->coef[0]));
    if (v->kind == SDP_V_VAR) sdp_putf(out, " %s", s->g->var[v->param].name);
    if (v->kind == SDP_V_DIM) sdp_putf(out, " %s", sdp_atom_name(s->g, v->param));
    if (v->kind == SDP_V_MAP || v->kind == SDP_V_CONST) sdp_putf(out, " %s", sdp_ops[v->op].name);
    if (v->kind == SDP_V_REDUCE) sdp_putf(out, " %s over axes %x", reduction[v->op], v->param);
    if (v->kind == SDP_V_CALL) sdp_putf(out, " %s", sdp_derivative_name(s->g, &s->sig->call[v->param]));
    static const char *const factor[SDP_FACTOR_KINDS] = {" (LU)", " (Cholesky)", " (lower)", " (upper)", " (eigen)", " (svd)", " (expm)", " (sqrtm)", " (logm)", " (adj)", " (power)", " (power)"};
    if (v->kind == SDP_V_FACTOR) sdp_put(out, factor[v->param]);
    if (v->kind == SDP_V_TAKEN) sdp_putf(out, " %s", sdp_ops[v->op].name);
    if (v->kind == SDP_V_EINSUM && v->coef[0] != SDP_NUM_ONE) sdp_putf(out, " %s", sdp_num_text(s->g, v->coef[0]));
    for (uint32_t i = 0; i < v->nargs; i++) {
        sdp_put(out, " ");
        if (v->kind == SDP_V_ADD && v->coef[i] != SDP_NUM_ONE) sdp_putf(out, "%s*", sdp_num_text(s->g, v->coef[i]));
        if (v->kind == SDP_V_EINSUM)
            put_access(s, v->arg[i], sdp_value_ix(s, v, i), out);
        else
            sdp_putf(out, "v%u", v->arg[i]);
    }
    if (v->kind != SDP_V_EINSUM) return;
    sdp_put(out, " ->");
    const sdp_ix *ix = sdp_value_ix(s, v, v->nargs);
    for (uint32_t k = 0; k < v->order; k++) sdp_put(out, " "), put_ix(s, ix[k], out);
}

void sdp_put_plan(const sdp_schedule *s, sdp_text *out)
{
    static const char *const at[] = {"inside its reader", "input", "output", "buffer", "local", "cell"};
    for (sdp_val v = 1; v < s->nvalues; v++) {
        const sdp_place *p = &s->plan->place[v];
        if (!p->live) continue;
        sdp_putf(out, "v%-4u", v);
        for (uint32_t k = 0; k < s->value[v].order; k++)
            sdp_putf(out, "%s%s", k ? "x" : "", sdp_dim_text(s->g, s->value[v].dim[k]));
        sdp_put(out, s->value[v].order ? " " : "scalar ");
        put_value(s, v, out);
        if (p->accumulated)
            sdp_putf(out, "  ; added into v%u", p->into);
        else if (!sdp_value_leaf(&s->value[v]) || p->root)
            sdp_putf(out, p->at >= SDP_AT_OUTPUT ? "  ; %s %u" : "  ; %s", at[p->at], p->index);
        if (p->root && p->nloops) sdp_put(out, ", loops ");
        for (uint32_t i = 0; p->root && i < p->nloops; i++) sdp_putf(out, "%c", 'i' + (char)(p->loop[i] % 18));
        sdp_put(out, "\n");
    }
}
