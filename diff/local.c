// SPDX-License-Identifier: MIT
// Local derivatives, of a node by one argument: what forward and reverse mode and the pullbacks share.
#include "diff/diff.h"

// a (seeds, axes) times d (axes, or a scalar), element by element
sdp_id sdp_seeded_times(sdp_graph *g, sdp_id a, sdp_id d)
{
    uint8_t label[2 * SDP_MAX_ORDER], k = 0;
    int order = sdp_get(g, a)->order, inner = sdp_get(g, d)->order;
    for (; k < order; k++) label[k] = k;
    for (int i = 0; i < inner; i++) label[k++] = (uint8_t)(order - inner + i);
    return sdp_mul(g, SDP_NUM_ONE, 2, (sdp_id[]){a, d}, label, order, label, NULL);
}

// d b^e / db = e b^(e-1);  d b^e / de = b^e log(b)
sdp_id sdp_power_by_base(sdp_graph *g, const sdp_node *n)
{
    sdp_id b = n->arg[0], e = n->arg[1];
    const sdp_node *x = sdp_get(g, e);
    sdp_id one = sdp_broadcast(g, sdp_number(g, SDP_NUM_ONE), x->order, x->dim);
    return sdp_times(g, e, sdp_power(g, b, sdp_sub(g, e, one)));
}

sdp_id sdp_power_by_exponent(sdp_graph *g, sdp_id id)
{
    return sdp_times(g, id, sdp_map1(g, SDP_OP_log, sdp_get(g, id)->arg[0]));
}

sdp_id sdp_map_derivative(sdp_graph *g, const sdp_node *n, uint32_t k)
{
    const char *d = sdp_ops[n->op].d[k];
    if (!d) sdp_no_derivative(g, n, k);
    return sdp_template(g, d, n->nargs, n->arg);
}

// y = f(a_1, .., a_m):  dy = sum_k D_k f da_k, D_k f: f differentiated once more, at the same arguments
sdp_id sdp_call_derivative(sdp_graph *g, const sdp_node *call, uint32_t k)
{
    sdp_derivative d = sdp_derivative_of(call);
    if (d.nby == SDP_MAX_ORDER) sdp_limit(&g->base, "order", SDP_MAX_ORDER);
    d.by[d.nby++] = (uint8_t)k;
    return sdp_call(g, &d, call->arg);
}

void sdp_no_derivative(sdp_graph *g, const sdp_node *n, uint32_t k)
{
    if (n->op == SDP_OP_powm)
        sdp_fail(&g->base, SD_ERR_UNSUPPORTED, (sdp_span){0, 0}, "declare the matrix posdef",
                 "X^k has a derivative by k only for positive definite X");
    sdp_fail(&g->base, SD_ERR_UNSUPPORTED, (sdp_span){0, 0}, sdp_ops[n->op].open,
             "%s has no derivative by its argument %u", sdp_ops[n->op].name, k + 1);
}
