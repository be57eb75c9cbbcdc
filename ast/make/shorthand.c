// SPDX-License-Identifier: MIT
// Shorthands for common products: broadcasts, identities, permutations, sums,
// einsum by text; selections and masks.
#include <string.h>

#include "ast/make/inside.h"

sdp_id sdp_dim_value(sdp_graph *g, sdp_dim d)
{
    const sdp_dim_term *t;
    uint32_t n = sdp_dim_terms(g, d, &t);
    sdp_id sum = sdp_number(g, SDP_NUM_ZERO);
    for (uint32_t i = 0; i < n; i++) {
        sdp_id term = sdp_number(g, sdp_num_int(g, t[i].coef));
        for (uint32_t k = 0; k < t[i].natoms; k++)
            term = sdp_times(g, term, sdp_intern(g, &(sdp_node){.kind = SDP_DIM, .param = t[i].atom[k]}));
        sum = sdp_add2(g, sum, term);
    }
    return sum;
}

sdp_id sdp_sel(sdp_graph *g, int order, const sdp_dim *dim, const sdp_dim *ldim)
{
    if (order == 2 && dim[0] == dim[1] && ldim[0] == sdp_dim_int(g, 0) && ldim[1] == SDP_DIM_ONE)
        return sdp_eye(g, dim[0]);
    return sdp_intern(g, &(sdp_node){.kind = SDP_SEL, .order = (uint8_t)order, .dim = dim, .ldim = ldim});
}

// Upper triangles are transposed lower ones, so that the two meet in products.
sdp_id sdp_mask(sdp_graph *g, sdp_dim rows, sdp_dim cols, int which)
{
    if (which == SDP_UPPER) return sdp_transpose(g, sdp_mask(g, cols, rows, SDP_LOWER));
    return sdp_intern(g, &(sdp_node){.kind = SDP_MASK,
                                     .order = 2,
                                     .param = (uint32_t)which,
                                     .dim = (sdp_dim[]){rows, cols}});
}

static const uint8_t counting[SDP_MAX_ORDER + 1] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

static sdp_id fill(sdp_graph *g, sdp_num c, int order, const sdp_dim *dim)
{
    return sdp_mul_raw(g, c, 0, NULL, NULL, order, counting, dim);
}

sdp_id sdp_ones(sdp_graph *g, int order, const sdp_dim *dim) { return fill(g, SDP_NUM_ONE, order, dim); }
sdp_id sdp_zeros(sdp_graph *g, int order, const sdp_dim *dim) { return fill(g, SDP_NUM_ZERO, order, dim); }
sdp_id sdp_eye(sdp_graph *g, sdp_dim n)
{
    return sdp_mul_raw(g, SDP_NUM_ONE, 0, NULL, NULL, 2, (uint8_t[]){0, 0}, &n);
}

sdp_id sdp_identity_like(sdp_graph *g, sdp_id a)
{
    const sdp_node *n = g->node[a];
    if (2 * n->order > SDP_MAX_ORDER) sdp_limit(&g->base, "order", SDP_MAX_ORDER);
    uint8_t out[SDP_MAX_ORDER];
    for (int k = 0; k < n->order; k++) out[k] = out[n->order + k] = (uint8_t)k;
    return sdp_mul_raw(g, SDP_NUM_ONE, 0, NULL, NULL, 2 * n->order, out, n->dim);
}

sdp_id sdp_broadcast(sdp_graph *g, sdp_id scalar, int order, const sdp_dim *dim)
{
    if (order == 0) return scalar;
    return sdp_mul(g, SDP_NUM_ONE, 1, &scalar, NULL, order, counting, dim);
}

sdp_id sdp_times(sdp_graph *g, sdp_id a, sdp_id b)
{
    const sdp_node *x = g->node[a], *y = g->node[b], *wide = x->order ? x : y;
    uint8_t label[2 * SDP_MAX_ORDER];
    sdp_copy(label, counting, x->order);
    sdp_copy(label + x->order, counting, y->order);
    return sdp_mul(g, SDP_NUM_ONE, 2, (sdp_id[]){a, b}, label, wide->order, counting, wide->dim);
}

sdp_id sdp_permute(sdp_graph *g, sdp_id a, const uint8_t *axis)
{
    return sdp_mul(g, SDP_NUM_ONE, 1, &a, counting, g->node[a]->order, axis, NULL);
}

sdp_id sdp_sum(sdp_graph *g, sdp_id a, uint32_t axes)
{
    uint8_t out[SDP_MAX_ORDER];
    int order = 0;
    for (int k = 0; k < g->node[a]->order; k++)
        if (!(axes >> k & 1)) out[order++] = (uint8_t)k;
    return sdp_mul(g, SDP_NUM_ONE, 1, &a, counting, order, out, NULL);
}

// "@ik,@kj->@ij": letters are labels; '@' stands for the leading axes of a factor beyond the written ones.
sdp_id sdp_es(sdp_graph *g, sdp_num coef, const char *spec, ...)
{
    enum { SEED = 26, MOST = 8 };
    sdp_id factor[MOST];
    uint8_t label[MOST * SDP_MAX_ORDER], out[SDP_MAX_ORDER];
    uint32_t n = 0, at = 0;
    int seeds = 0, order = 0;
    va_list ap;
    va_start(ap, spec);
    const char *p = spec;
    for (; *p && *p != '-'; p += *p == ',') {
        sdp_id f = factor[n++] = va_arg(ap, sdp_id);
        int written = 0;
        for (const char *q = p; *q && *q != ',' && *q != '-'; q++) written += *q != '@';
        for (; *p && *p != ',' && *p != '-'; p++) {
            if (*p != '@') label[at++] = (uint8_t)(*p - 'a');
            else
                for (seeds = 0; seeds < g->node[f]->order - written; seeds++)
                    label[at++] = (uint8_t)(SEED + seeds);
        }
    }
    va_end(ap);
    for (p += 2; *p; p++) {
        if (*p != '@') out[order++] = (uint8_t)(*p - 'a');
        else
            for (int k = 0; k < seeds; k++) out[order++] = (uint8_t)(SEED + k);
    }
    return sdp_mul(g, coef, n, factor, label, order, out, NULL);
}

// ---- facts ------------------------------------------------------------------------------------------------

bool sdp_is_broadcast(const sdp_graph *g, sdp_id a, sdp_id *scalar)
{
    const sdp_node *n = g->node[a];
    if (n->kind != SDP_MUL || n->order == 0 || n->nlabels != n->order) return false;
    for (uint32_t i = 0; i < n->nargs; i++)
        if (g->node[n->arg[i]]->order) return false;
    *scalar = sdp_mul_raw((sdp_graph *)(uintptr_t)g, n->coef[0], n->nargs, n->arg, n->label, 0, NULL, NULL);
    return true;
}

sdp_id sdp_ordered_difference(sdp_graph *g, int op, const sdp_id *arg, bool *strict)
{
    const sdp_ordering *o = &sdp_ops[op].order;
    *strict = o->strict;
    return o->mirrored ? sdp_sub(g, arg[o->larger], arg[1 - o->larger]) : 0;
}

// ---- the order of terms -----------------------------------------------------------------------------------

// Returns the argument of the sum that a term has become, -1 if there is none.
static int argument_of(sdp_graph *g, const sdp_node *sum, sdp_id a)
{
    const sdp_node *n = sdp_get(g, a);
    sdp_num c = n->kind == SDP_MUL ? n->coef[0] : n->kind == SDP_NUM ? n->param : SDP_NUM_ONE;
    if (c != SDP_NUM_ONE && c != SDP_NUM_ZERO) a = sdp_scale(g, sdp_num_inv(g, c), a);
    for (uint32_t i = 0; i < sum->nargs; i++)
        if (sum->arg[i] == a) return (int)i;
    return -1;
}

void sdp_note_terms(sdp_graph *g, sdp_id id, uint32_t n, const sdp_num *coef, const sdp_id *a)
{
    const sdp_node *sum = sdp_get(g, id);
    uint8_t at[SDP_MOST_WRITTEN];
    bool placed[SDP_MOST_WRITTEN] = {false};
    uint32_t count = 0, minus = 0;
    if (sum->kind != SDP_ADD || sum->nargs > SDP_MOST_WRITTEN || n > SDP_MOST_WRITTEN) return;
    for (uint32_t i = 0; i < n; i++) {
        const sdp_node *part = sdp_get(g, a[i]);
        const sdp_written *w = sdp_written_of(g, a[i]);
        const uint8_t *order = w ? w->order : NULL;
        uint32_t terms = part->kind == SDP_ADD ? part->nargs : 1;
        for (uint32_t k = 0; k < terms; k++) {
            int found = argument_of(g, sum, part->kind == SDP_ADD ? part->arg[order ? order[k] : k] : a[i]);
            if (found < 0 || placed[found]) continue;
            placed[found] = true;
            bool behind = coef ? coef[i] == SDP_NUM_MINUS_ONE : sdp_num_sign(g, sum->coef[found]) < 0;
            if (coef && order) behind ^= w->minus >> k & 1;
            minus |= (uint32_t)behind << count;
            at[count++] = (uint8_t)found;
        }
    }
    if (count != sum->nargs) return;
    sdp_note_order(g, id, at, minus);
    if (sum->order && !g->writing->decimals) return;
    sdp_num c;
    sdp_id part = sdp_primitive_part(g, id, &c);
    if (sdp_num_sign(g, c) < 0) c = sdp_num_neg(g, c);
    if (c != SDP_NUM_ONE) sdp_note_scale(g, part, c);
}
