// SPDX-License-Identifier: MIT
// Products in two unconnected parts, such as c*u*u' or A(i,k)*B(j,l): sides spread from output labels along
// the factors, and a factor that touches both sides connects them. Numbers belong to neither.
#include <string.h>

#include "judge/judge.h"

enum { NEITHER = 2 };

// Spreads sides along factors; false if one touches both.
static bool spread(const sdp_graph *g, const sdp_node *n, uint8_t *side)
{
    for (uint32_t round = 0; round < n->nargs; round++)
        for (uint32_t i = 0; i < n->nargs; i++) {
            const uint8_t *l = sdp_labels(g, n, i);
            int order = sdp_get(g, n->arg[i])->order;
            uint8_t s = NEITHER;
            for (int k = 0; k < order; k++) {
                if (side[l[k]] != NEITHER && s != NEITHER && s != side[l[k]]) return false;
                if (side[l[k]] != NEITHER) s = side[l[k]];
            }
            for (int k = 0; s != NEITHER && k < order; k++) side[l[k]] = s;
        }
    return true;
}

bool sdp_two_sides(sdp_graph *g, sdp_id id, int width, const uint8_t axis[2][2], sdp_id half[2],
                   sdp_id *scalar)
{
    const sdp_node *n = sdp_get(g, id);
    uint8_t side[SDP_MAX_LABELS], list[2][SDP_MAX_FACTORS * SDP_MAX_ORDER], none = 0;
    sdp_id factor[3][SDP_MAX_FACTORS];
    uint32_t count[3] = {0}, labels[2] = {0};
    if (n->kind != SDP_MUL || n->order != 2 * width || n->nargs > SDP_MAX_FACTORS) return false;
    const uint8_t *out = sdp_labels(g, n, n->nargs);
    memset(side, NEITHER, sizeof side);
    for (uint8_t s = 0; s < 2; s++)
        for (int k = 0; k < width; k++) {
            if (side[out[axis[s][k]]] == 1 - s) return false;
            side[out[axis[s][k]]] = s;
        }
    if (!spread(g, n, side)) return false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        int order = sdp_get(g, n->arg[i])->order;
        const uint8_t *l = sdp_labels(g, n, i);
        uint8_t s = order ? side[l[0]] : NEITHER;
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
