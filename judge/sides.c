// SPDX-License-Identifier: MIT
// Products in two unconnected parts, such as c*u*u' or A(i,k)*B(j,l): sides spread from output labels along
// the factors, and a factor that touches both sides connects them. Numbers belong to neither.
#include "judge/judge.h"

enum { NEITHER = 2 };

bool sdp_two_sides(sdp_graph *g, sdp_id id, int width, const uint8_t axis[2][2], sdp_id half[2],
                   sdp_id *scalar)
{
    const sdp_node *n = sdp_get(g, id);
    bool in[2][SDP_MAX_FACTORS] = {{false}};
    uint8_t list[2][SDP_MAX_FACTORS * SDP_MAX_ORDER], none = 0;
    uint64_t met[2] = {0};
    sdp_id factor[3][SDP_MAX_FACTORS];
    uint32_t count[3] = {0}, labels[2] = {0};
    if (n->kind != SDP_MUL || n->order != 2 * width || n->nargs > SDP_MAX_FACTORS) return false;
    const uint8_t *out = sdp_labels(g, n, n->nargs);
    for (int s = 0; s < 2; s++) {
        for (int k = 0; k < width; k++) met[s] |= sdp_label_bit(out[axis[s][k]]);
        met[s] = sdp_connected(g, n, met[s], 0, NULL, in[s]);
    }
    if (met[0] & met[1]) return false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        int order = sdp_get(g, n->arg[i])->order;
        const uint8_t *l = sdp_labels(g, n, i);
        int s = in[0][i] ? 0 : in[1][i] ? 1 : NEITHER;
        if (s == NEITHER && order) return false; // a closed part that is no number
        factor[s][count[s]++] = n->arg[i];
        for (int k = 0; s != NEITHER && k < order; k++) list[s][labels[s]++] = l[k];
    }
    for (int s = 0; s < 2; s++) {
        uint8_t shown[2];
        for (int k = 0; k < width; k++) shown[k] = out[axis[s][k]];
        half[s] = sdp_mul(g, SDP_NUM_ONE, count[s], factor[s], list[s], width, shown, n->ldim);
    }
    *scalar = sdp_mul(g, n->coef[0], count[NEITHER], factor[NEITHER], &none, 0, &none, NULL);
    return true;
}
