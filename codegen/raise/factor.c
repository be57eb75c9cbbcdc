// SPDX-License-Identifier: MIT
// Identities in answers with three or more axes: what is a smaller tensor times deltas between axes need not
// be written out. The Hessian of norm(T-U*V')^2 by the m x k matrix U has m*k*m*k entries, and is
//
//     out[i,j,k,l] = core[j,l]*delta(i,k)        core = 2*V'*V, k x k
//
// that is, kron(core, eye(m)) in vec form. An identity is a pair of axes of one label that stands in no
// factor and on no other axis, in every term.
#include <string.h>

#include "codegen/raise/notation.h"

enum { MOST_TERMS = 4096 };

static const sdp_node *term_at(const sdp_graph *g, sdp_id id, uint32_t i)
{
    const sdp_node *n = sdp_get(g, id);
    return n->kind == SDP_ADD ? sdp_get(g, n->arg[i]) : n;
}

static bool is_identity(const sdp_graph *g, const sdp_node *n, int x, int y)
{
    if (n->kind != SDP_MUL) return false;
    const uint8_t *out = sdp_labels(g, n, n->nargs);
    for (int k = 0; k < n->order; k++)
        if ((out[k] == out[x]) != (k == x || k == y)) return false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        uint8_t order = sdp_get(g, n->arg[i])->order;
        if (order && memchr(sdp_labels(g, n, i), out[x], order)) return false;
    }
    return true;
}

// The term without the axes that are not kept.
static sdp_id core_of(sdp_graph *g, const sdp_node *n, int order, const uint8_t *axis)
{
    const uint8_t *out = sdp_labels(g, n, n->nargs);
    uint8_t kept[SDP_MAX_ORDER] = {0};
    for (int k = 0; k < order; k++) kept[k] = out[axis[k]];
    return sdp_mul(g, n->coef[0], n->nargs, n->arg, n->label, order, kept, n->ldim);
}

bool sdp_factor_identities(sdp_graph *g, sdp_id id, sdp_factored *f)
{
    const sdp_node *n = sdp_get(g, id);
    uint32_t terms = n->kind == SDP_ADD ? n->nargs : 1;
    bool gone[SDP_MAX_ORDER] = {false};
    memset(f, 0, sizeof *f);
    if (n->order < 3 || terms > MOST_TERMS || sdp_is_zero(g, id)) return false;
    for (uint8_t x = 0; x < n->order; x++)
        for (uint8_t y = x + 1; y < n->order && !gone[x]; y++) {
            bool all = !gone[y];
            for (uint32_t i = 0; all && i < terms; i++) all = is_identity(g, term_at(g, id, i), x, y);
            if (!all) continue;
            gone[x] = gone[y] = true;
            f->pair[f->npairs][0] = x;
            f->pair[f->npairs++][1] = y;
        }
    if (!f->npairs) return false;
    for (uint8_t k = 0; k < n->order; k++)
        if (!gone[k]) f->axis[f->naxes++] = k;
    sdp_mark mark = sdp_scratch_mark(&g->base);
    sdp_id *core = sdp_scratch(&g->base, terms * sizeof *core);
    for (uint32_t i = 0; i < terms; i++) core[i] = core_of(g, term_at(g, id, i), f->naxes, f->axis);
    n = sdp_get(g, id);
    f->core = n->kind == SDP_ADD ? sdp_add(g, terms, n->coef, core) : core[0];
    sdp_scratch_release(&g->base, mark);
    return true;
}

static void put_axes(sdp_text *out, int n, const char *letters, const uint8_t *axis)
{
    for (int k = 0; k < n; k++) sdp_putf(out, "%s%c", k ? "," : "[", letters[axis ? axis[k] : k]);
    if (n) sdp_put(out, "]");
}

// "out[i,j,k,l] = core[j,l]*delta(i,k)"
void sdp_put_factored(sdp_graph *g, sdp_id id, const sdp_factored *f, const char *whole, const char *core,
                      sdp_text *out)
{
    static const char letters[] = "ijklpqrstuvw";
    sdp_put(out, whole);
    put_axes(out, sdp_get(g, id)->order, letters, NULL);
    sdp_putf(out, " = %s", core);
    put_axes(out, f->naxes, letters, f->axis);
    for (int k = 0; k < f->npairs; k++)
        sdp_putf(out, "*delta(%c,%c)", letters[f->pair[k][0]], letters[f->pair[k][1]]);
}
