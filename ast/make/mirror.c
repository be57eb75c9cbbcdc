// SPDX-License-Identifier: MIT
// A function at u and at -u in one sum: relu(u)-relu(-u) is u, erfc(u)+erfc(-u) is 2, whatever they are multiplied by.
//
// Where relu has a kink its difference has none; sums are looked at when they are read, so that derivatives have none either. Sums made
// later are left alone: s*relu(-x)+(1-s)*relu(x) has all its digits, relu(x)-s*x has not.
#include "ast/make/make.h"

// f(-u) = number + argument u + sign f(u)
typedef struct { uint16_t op; int number, argument, sign; } mirror;
static const mirror mirrors[] = {{SDP_OP_relu, 0, -1, 1}, {SDP_OP_erfc, 2, 0, -1}};

// The factor of a term that is the function `op` at `argument` (0: at anything); -1: there is none.
static int factor_at(const sdp_graph *g, sdp_id term, uint16_t op, sdp_id argument)
{
    const sdp_node *n = sdp_get(g, term);
    uint32_t count = n->kind == SDP_MUL ? n->nargs : 1;
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *f = n->kind == SDP_MUL ? sdp_get(g, n->arg[i]) : n;
        if (f->kind == SDP_MAP && f->op == op && (!argument || f->arg[0] == argument)) return (int)i;
    }
    return -1;
}

static sdp_id put_for(sdp_graph *g, sdp_id term, int at, sdp_id r)
{
    const sdp_node *n = sdp_get(g, term);
    return n->kind == SDP_MUL ? sdp_with_factor(g, n, (uint32_t)at, r) : r;
}

// The term that takes away the one that has f(u) as its factor `at`; UINT32_MAX: there is none.
static uint32_t partner_of(sdp_graph *g, const mirror *m, uint32_t n, const sdp_id *term, const sdp_num *coef, uint32_t i, int at, sdp_id f)
{
    sdp_id minus = sdp_scale(g, SDP_NUM_MINUS_ONE, sdp_get(g, f)->arg[0]);
    sdp_num left = m->sign > 0 ? sdp_num_neg(g, coef[i]) : coef[i];
    sdp_id turned = 0;
    for (uint32_t j = 0; j < n; j++) {
        if (j == i || coef[j] != left || factor_at(g, term[j], m->op, minus) < 0) continue;
        if (!turned) turned = put_for(g, term[i], at, sdp_map1(g, m->op, minus));
        if (turned == term[j]) return j;
    }
    return UINT32_MAX;
}

bool sdp_mirror_pair(sdp_graph *g, uint32_t n, const sdp_id *term, const sdp_num *coef, uint32_t *first, uint32_t *second, sdp_id *sum)
{
    for (size_t k = 0; k < sizeof mirrors / sizeof *mirrors; k++)
        for (uint32_t i = 0; i < n; i++) {
            const mirror *m = &mirrors[k];
            int at = factor_at(g, term[i], m->op, 0);
            if (at < 0) continue;
            sdp_id f = sdp_get(g, term[i])->kind == SDP_MUL ? sdp_get(g, term[i])->arg[at] : term[i], u = sdp_get(g, f)->arg[0];
            uint32_t j = partner_of(g, m, n, term, coef, i, at, f);
            if (j == UINT32_MAX) continue;
            // c f(u) R and its partner: f(u) = number - argument u + sign f(-u)
            sdp_id rest = m->number ? sdp_ones(g, sdp_get(g, f)->order, sdp_get(g, f)->dim) : u;
            sdp_num c = sdp_num_mul(g, coef[i], sdp_num_int(g, m->number ? m->number : -m->argument));
            *first = i < j ? i : j;
            *second = i < j ? j : i;
            *sum = sdp_scale(g, c, put_for(g, term[i], at, rest));
            return true;
        }
    return false;
}
