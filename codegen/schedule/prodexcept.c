// SPDX-License-Identifier: MIT
// Derivatives of a product of entries: P[i,j,..] is the product of all x but x[i],
// x[j], .., also where entries are 0.
//
// P is prod(z)/(z[i]*z[j]*..) where no other entry is 0, else 0; z is x with 1 in the place of 0. Whether
// another entry is 0 is told by the number of zeros, less those at i, j, .. Entry: sdp_lower_prodexcept.
#include "codegen/schedule/schedule.h"

// The axes of a value, repeated over those of an output: label[k] is the output's axis of axis k of v.
static sdp_val spread(sdp_schedule *s, sdp_val v, const uint8_t *label, uint32_t order, const sdp_dim *dim)
{
    sdp_ix ix[2 * SDP_MAX_ORDER];
    uint32_t n = s->value[v].order;
    for (uint32_t k = 0; k < n; k++) ix[k] = label[k];
    sdp_plain_labels(ix + n, order);
    return sdp_value_einsum(s, SDP_NUM_ONE, 1, &v, ix, order, dim, dim);
}

// weight where axis of copy a is that of copy b, for all reduced axes, 0
// elsewhere; axis_of[c]: the axes of copy c
static sdp_val same_place(sdp_schedule *s, sdp_num weight, const uint8_t *a, const uint8_t *b, uint32_t n,
                          uint32_t order, const sdp_dim *dim)
{
    sdp_ix ix[SDP_MAX_ORDER];
    sdp_plain_labels(ix, order);
    for (uint32_t k = 0; k < n; k++) ix[b[k]] = a[k];
    return sdp_value_einsum(s, weight, 0, NULL, ix, order, dim, dim);
}

// Each index i, j, .. by which the product was differentiated numbers a copy of x,
// with the axes axis[c] of the output.
typedef struct {
    sdp_schedule *s;
    const sdp_node *n;
    sdp_val x, is_zero; // is_zero: 1 where an entry of x is 0
    uint32_t mask, times;
    uint8_t kept[SDP_MAX_ORDER]; // the axes of the output that are those of x which the product leaves
    uint8_t axis[SDP_MAX_ORDER][SDP_MAX_ORDER];
    uint8_t reduced[SDP_MAX_ORDER][SDP_MAX_ORDER]; // of these, the ones over which the product is taken
    uint32_t width;                                // how many they are
} except;

static except except_of(sdp_schedule *s, const sdp_node *n)
{
    except e = {.s = s, .n = n, .x = s->of[n->arg[0]]};
    uint32_t order = s->value[e.x].order, nkept = 0;
    uint8_t next = (uint8_t)order;
    e.mask = n->param & SDP_AXES, e.times = n->param / (SDP_AXES + 1);
    e.is_zero = sdp_value_map(s, SDP_OP_eq, 2, (sdp_val[]){e.x, sdp_value_number(s, SDP_NUM_ZERO)});
    for (uint32_t k = 0; k < order; k++)
        if (e.mask >> k & 1) e.width++;
        else e.kept[nkept++] = (uint8_t)k;
    for (uint32_t c = 0; c < e.times; c++)
        for (uint32_t k = 0, at = 0; k < order; k++) {
            bool inside = e.mask >> k & 1;
            e.axis[c][k] = !inside || c == 0 ? (uint8_t)k : next++;
            if (inside) e.reduced[c][at++] = e.axis[c][k];
        }
    return e;
}

// x with 1 in the place of 0
static sdp_val entries_without_zeros(const except *e)
{
    const sdp_value *x = &e->s->value[e->x];
    return sdp_value_make(e->s, &(sdp_value){.kind = SDP_V_ADD,
                                             .order = x->order,
                                             .nargs = 2,
                                             .dim = x->dim,
                                             .arg = (sdp_val[]){e->x, e->is_zero},
                                             .coef = (sdp_num[]){SDP_NUM_ONE, SDP_NUM_ONE}});
}

// prod(z)/(z[i]*z[j]*..)
static sdp_val product_of_others(const except *e, sdp_val z)
{
    const sdp_node *n = e->n;
    const sdp_value x = e->s->value[e->x];
    sdp_val factor[SDP_MAX_ORDER + 1], power[2] = {z, sdp_value_number(e->s, SDP_NUM_MINUS_ONE)};
    sdp_val inverse = sdp_value_simple(e->s, SDP_V_POW, 2, power, 0, 0, x.order, x.dim);
    factor[0] = spread(e->s, sdp_value_reduce(e->s, SDP_RED_PROD, z, e->mask), e->kept, n->order, n->dim);
    for (uint32_t c = 0; c < e->times; c++)
        factor[c + 1] = spread(e->s, inverse, e->axis[c], n->order, n->dim);
    sdp_ix ix[(SDP_MAX_ORDER + 2) * SDP_MAX_ORDER];
    for (uint32_t i = 0; i < e->times + 2; i++) sdp_plain_labels(ix + i * n->order, n->order);
    return sdp_value_einsum(e->s, SDP_NUM_ONE, e->times + 1, factor, ix, n->order, n->dim, n->dim);
}

// The number of zeros, less those at i, j, ..; two indices at one place make it positive.
static sdp_val zeros_elsewhere(const except *e)
{
    const sdp_node *n = e->n;
    sdp_base *b = &e->s->g->base;
    uint32_t most = e->times * e->times + e->times + 1, nterms = 1;
    sdp_val *term = sdp_scratch(b, most * sizeof *term);
    sdp_num *coef = sdp_scratch(b, most * sizeof *coef), many = sdp_num_int(e->s->g, (long)e->times + 1);
    coef[0] = SDP_NUM_ONE;
    term[0] = spread(e->s, sdp_value_sum_over(e->s, e->is_zero, e->mask), e->kept, n->order, n->dim);
    for (uint32_t c = 0; c < e->times; c++) {
        coef[nterms] = SDP_NUM_MINUS_ONE;
        term[nterms++] = spread(e->s, e->is_zero, e->axis[c], n->order, n->dim);
        for (uint32_t d = 0; d < c; d++, nterms++) {
            coef[nterms] = SDP_NUM_ONE;
            term[nterms] = same_place(e->s, many, e->reduced[d], e->reduced[c], e->width, n->order, n->dim);
        }
    }
    return sdp_value_make(e->s, &(sdp_value){.kind = SDP_V_ADD,
                                             .order = n->order,
                                             .nargs = nterms,
                                             .dim = n->dim,
                                             .arg = term,
                                             .coef = coef});
}

sdp_val sdp_lower_prodexcept(sdp_schedule *s, const sdp_node *n)
{
    except e = except_of(s, n);
    sdp_val none = sdp_value_number(s, SDP_NUM_ZERO), q = product_of_others(&e, entries_without_zeros(&e)),
            no_zero = sdp_value_map(s, SDP_OP_eq, 2, (sdp_val[]){zeros_elsewhere(&e), none});
    return sdp_value_simple(s, SDP_V_MAP, 3, (sdp_val[]){no_zero, q, none}, SDP_OP_where, 0, n->order,
                            n->dim);
}
