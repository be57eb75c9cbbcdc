// SPDX-License-Identifier: MIT
// Shape inference: what is added to a scalar that vectors made is a scalar.
//
// By its letter y is a vector, and nothing in theta'*x-y or in log(2*pi)*y-logdet(K) speaks against it: a
// scalar added to a vector broadcasts. But nobody means that. So a vector that is alone with its size, that
// meets nothing but scalars, is neither transposed nor reduced, and stands in a sum with a scalar made of
// vectors, becomes a scalar itself. Products keep vectors: x'*x*y may well be one.
#include "ast/surface/terms.h"

static bool mentions(sdp_graph *g, sdp_dim d, sdp_dim atom)
{
    const sdp_dim_term *t, *a;
    (void)sdp_dim_terms(g, atom, &a);
    for (uint32_t i = sdp_dim_terms(g, d, &t); i-- > 0;)
        for (uint32_t k = 0; k < t[i].natoms; k++)
            if (t[i].atom[k] == a->atom[0]) return true;
    return false;
}

// Of every term: is its shape that of the vector, and is it a scalar with vectors or matrices below?
typedef struct {
    bool ours, made;
} term_note;

// Could every use of a vector of this size be one of a scalar?
static bool use_fits(const sdp_terms *w, const term_note *note, uint32_t i, uint32_t var)
{
    const sdp_term *t = &w->t[i];
    bool any = false;
    for (uint32_t k = 0; k < t->nargs; k++) any |= note[t->arg[k]].ours;
    if (t->kind == SYN_NAME && note[i].ours) return t->var == var;
    if (!any) return !note[i].ours;
    // who writes .* means vectors
    bool by_entry = t->op == SDP_OP_emul || t->op == SDP_OP_ediv || t->op == SDP_OP_epow;
    return t->kind == SYN_CALL && note[i].ours && !by_entry && t->op != SDP_OP_softmax;
}

bool sdp_is_added_to_scalar(sdp_terms *w, uint32_t var)
{
    sdp_graph *g = w->g;
    sdp_dim size = sdp_dim_resolve(g, g->var[var].shape.rows);
    const sdp_dim_term *lone;
    if (sdp_dim_terms(g, size, &lone) != 1 || lone->natoms != 1 || lone->coef != 1 ||
        sdp_atom_name(g, lone->atom[0]))
        return false;
    term_note *note = sdp_scratch(&g->base, (w->n + 1) * sizeof *note);
    bool found = false;
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        sdp_dim rows = sdp_dim_resolve(g, t->shape.rows), cols = sdp_dim_resolve(g, t->shape.cols);
        bool part = mentions(g, rows, size) || mentions(g, cols, size) ||
                    (t->size != SDP_DIM_NONE && mentions(g, t->size, size));
        note[i].ours = rows == size && cols == SDP_DIM_ONE;
        note[i].made = !part && !sdp_is_scalar((sdp_shape){rows, cols});
        for (uint32_t k = 0; k < t->nargs; k++) note[i].made |= note[t->arg[k]].made;
        if (part != note[i].ours || !use_fits(w, note, i, var)) return false;
        for (uint32_t k = 0;
             k < 2 && note[i].ours && (t->op == SDP_OP_add || t->op == SDP_OP_sub) && t->nargs == 2; k++)
            found |= !note[t->arg[k]].ours && note[t->arg[k]].made;
    }
    return found;
}
