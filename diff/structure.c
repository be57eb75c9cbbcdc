// SPDX-License-Identifier: MIT
// Derivatives by matrices with declared structure.
//
// X may only move within a linear space S: symmetric, diagonal or triangular matrices. With G the
// derivative that ignores this, df = <G, dX> for dX in S, and the one matrix of S with that
// property is the projection of G:
//
//   symmetric (posdef, psd)   (G + G')/2          S. Srinivasan, N. Panda, arXiv 1911.06491
//   diagonal                  diag(diag(G))
//   lower, upper              tril(G), triu(G)
//
// G itself depends on how X was written (X' is stored as X), its projection does not. The other two
// conventions for symmetric X: `unconstrained` is G with X and X' both read as the one general matrix X,
// `cookbook` is G + G' - diag(diag(G)), the derivative by the entries on and above the diagonal (Matrix
// Cookbook, section 2.8).
//
// Orthogonal, unit, simplex, onehot and integer variables have no such space. Derivatives by them ignore the
// constraint: they are taken by a free copy of the variable without it (sdp_surface), and the answer is
// simplified with it.
#include "diff/diff.h"

enum { LINEAR = SDP_SYMMETRIC | SDP_DIAGONAL | SDP_TRI_LOWER | SDP_TRI_UPPER };

uint32_t sdp_linear_structure(sdp_graph *g, sdp_id variable) { return sdp_facts(g, variable).yes & LINEAR; }

// d with its last two axes exchanged; or their diagonal, again on a diagonal
static sdp_id swap(sdp_graph *g, sdp_id d)
{
    uint8_t axis[SDP_MAX_ORDER], order = sdp_get(g, d)->order;
    for (int k = 0; k < order; k++) axis[k] = (uint8_t)k;
    axis[order - 2] = order - 1;
    axis[order - 1] = order - 2;
    return sdp_permute(g, d, axis);
}

static sdp_id on_diagonal(sdp_graph *g, sdp_id d) { return sdp_es(g, SDP_NUM_ONE, "@aa->@aa", d); }

sdp_id sdp_project(sdp_graph *g, sdp_id d, sdp_id variable, sd_symmetric convention)
{
    const sdp_node *x = sdp_get(g, variable);
    uint32_t facts = sdp_linear_structure(g, variable);
    if (x->order != 2 || !facts || (convention == SD_UNCONSTRAINED && facts == SDP_SYMMETRIC)) return d;
    if (facts & SDP_DIAGONAL) return on_diagonal(g, d);
    if (!(facts & SDP_SYMMETRIC)) {
        if (sdp_get(g, d)->order == 2 && sdp_has(g, d, facts)) return d;
        sdp_id mask = sdp_mask(g, x->dim[0], x->dim[1], facts & SDP_TRI_LOWER ? SDP_LOWER : SDP_UPPER);
        return sdp_es(g, SDP_NUM_ONE, "@ab,ab->@ab", d, mask);
    }
    sdp_id both = sdp_add2(g, d, swap(g, d));
    return convention == SD_COOKBOOK ? sdp_sub(g, both, on_diagonal(g, d)) : sdp_scale(g, SDP_NUM_HALF, both);
}

const char *sdp_convention(sdp_graph *g, sdp_id variable, sd_symmetric convention)
{
    static const char *const symmetric[] = {
        [SD_PROJECTED] = "is symmetric, (G+G')/2",
        [SD_UNCONSTRAINED] = "is that by a general matrix",
        [SD_COOKBOOK] = "is G+G'-diag(diag(G)), by the entries on and above the diagonal",
    };
    const sdp_node *x = sdp_get(g, variable);
    const char *name = g->var[x->param].name, *how = NULL;
    uint32_t facts = sdp_facts(g, variable).yes;
    if (facts & SDP_DIAGONAL) how = "is diagonal, diag(diag(G))";
    else if (facts & SDP_SYMMETRIC) how = symmetric[convention];
    else if (facts & SDP_TRI_LOWER) how = "is lower triangular, tril(G)";
    else if (facts & SDP_TRI_UPPER) how = "is upper triangular, triu(G)";
    else if (g->var[x->param].ignored)
        how = sdp_printf(&g->base, "is taken as if %s could take any value", name);
    return how ? sdp_printf(&g->base, "d/d%s %s", name, how) : NULL;
}
