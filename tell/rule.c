// SPDX-License-Identifier: MIT
// Why a local derivative is what it is: the rules of the nodes between a part and its argument, by names that
// `symdiff help rules` and the rows of the operator table explain.
#include "tell/tell.h"

enum { MOST_RULES = 3 };

static bool depends_on_any(sdp_graph *g, sdp_id id, uint32_t nvar, const sdp_id *var)
{
    bool yes = false;
    for (uint32_t i = 0; i < nvar; i++) yes |= sdp_depends(g, id, var[i]);
    return yes;
}

static const char *rule_of_node(sdp_story *s, const sdp_node *n, uint32_t nvar, const sdp_id *var)
{
    sdp_graph *g = s->g;
    uint32_t moving = 0, first = 0;
    for (uint32_t k = n->nargs; k-- > 0;)
        if (!sdp_is_flat(sdp_get(g, n->arg[k])) && depends_on_any(g, n->arg[k], nvar, var))
            moving++, first = k;
    switch (n->kind) {
    case SDP_MUL: return moving > 1 ? "product rule" : NULL;
    case SDP_POW: return first == 0 ? "power rule" : "exponential rule";
    case SDP_PRIM: return sdp_printf(&g->base, "rule of %s", sdp_ops[n->op].name);
    case SDP_CALL: return sdp_printf(&g->base, "chain rule for %s", g->var[n->param].name);
    case SDP_MAP: break;
    default: return NULL;
    }
    if (sdp_is_flat(n)) return NULL;
    if (n->nargs == 1) return sdp_printf(&g->base, "%s' = %s", sdp_ops[n->op].name, sdp_ops[n->op].d[0]);
    return sdp_printf(&g->base, "rule of %s", sdp_ops[n->op].name);
}

const char *sdp_rules_between(sdp_story *s, sdp_id node, uint32_t nvar, const sdp_id *var)
{
    sdp_graph *g = s->g;
    sdp_mark m = sdp_scratch_mark(&g->base);
    uint32_t count, n = 0;
    const char *rule[MOST_RULES], *text = "";
    const sdp_id *list = sdp_reachable(g, 1, &node, &count);
    for (uint32_t j = 0; j < count && n < MOST_RULES; j++) {
        if (!depends_on_any(g, list[j], nvar, var)) continue;
        const char *r = rule_of_node(s, sdp_get(g, list[j]), nvar, var);
        bool known = !r;
        for (uint32_t h = 0; r && h < n; h++) known |= !strcmp(rule[h], r);
        if (!known) rule[n++] = r;
    }
    for (uint32_t h = 0; h < n; h++) text = sdp_printf(&g->base, "%s%s%s", text, h ? ", " : "", rule[h]);
    sdp_scratch_release(&g->base, m);
    return n ? text : NULL;
}

const char *sdp_rule_of(sdp_story *s, uint32_t i, uint32_t k)
{
    const char *text = sdp_rules_between(s, s->item[i].node, 1, &s->item[k].var);
    return text ? text : sdp_printf(&s->g->base, "affine in %s", s->item[k].label);
}
