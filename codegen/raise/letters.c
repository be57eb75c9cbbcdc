// SPDX-License-Identifier: MIT
// The letters of indices in index notation: none that means something else in the same line.
//
// A variable or a size may have the name i, and beside a variable d_k the index k would make an entry of d of
// it, so such letters are passed over; behind the last one numbers follow, i1. Entry: sdp_index_letters.
#include <string.h>

#include "codegen/raise/index.h"

static void mark_atoms(const sdp_graph *g, sdp_dim d, bool *atom)
{
    const sdp_dim_term *t;
    uint32_t n = sdp_dim_terms(g, d, &t);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < t[i].natoms; k++) atom[t[i].atom[k]] = true;
}

// Sizes that may be written in entries of these nodes: those in the raised parts and in deltas.
static bool *written_atoms(sdp_raiser *r, uint32_t nroots, const sdp_id *root)
{
    sdp_graph *g = r->g;
    bool *atom = sdp_scratch(&g->base, sdp_atom_count(g) + 1);
    uint32_t n;
    sdp_id *id = sdp_reachable(g, nroots, root, &n);
    for (uint32_t i = 0; i < n; i++) {
        const sdp_node *x = sdp_get(g, id[i]);
        for (int k = 0; x->kind == SDP_SEL && k < x->order; k++) mark_atoms(g, x->ldim[k], atom);
    }
    for (uint32_t i = 0; i < nroots; i++)
        for (int k = 0; sdp_is_zero(g, root[i]) && k < sdp_get(g, root[i])->order; k++)
            mark_atoms(g, sdp_get(g, root[i])->dim[k], atom);
    for (uint32_t a = 0; a < sdp_atom_count(g); a++)
        for (uint32_t i = 1; i < r->n && !atom[a]; i++)
            atom[a] = sdp_r(r, i)->kind == SDP_R_NAME && sdp_atom_name(g, a) &&
                      !strcmp(sdp_r(r, i)->text, sdp_atom_name(g, a));
    return atom;
}

// Letters that stand behind the '_' of a name, as bits: beside an index k, d_k would read as an entry of d.
static uint32_t subscript_letters(const sdp_graph *g)
{
    uint32_t letters = 0;
    for (uint32_t v = 0; v < g->nvars; v++) {
        const char *bar = strrchr(g->var[v].name, '_');
        for (const char *c = bar && strlen(bar) < 4 ? bar + 1 : ""; *c; c++)
            if (*c >= 'a' && *c <= 'z') letters |= 1u << (*c - 'a');
    }
    return letters;
}

const char *const *sdp_index_letters(sdp_raiser *r, uint32_t nroots, const sdp_id *root)
{
    enum { NAMES = 23, ROUNDS = 12 };
    static const char order[] = "ijklpqrstuvwabcdfghoxyz";
    sdp_graph *g = r->g;
    const char **l = sdp_scratch(&g->base, (NAMES * ROUNDS + 1) * sizeof *l);
    const bool *atom = written_atoms(r, nroots, root);
    uint32_t n = 0, subscripts = subscript_letters(g);
    if ((subscripts & 0x1ffff) == 0x1ffff) subscripts = 0; // all of a to q: too few would be left
    for (int round = 0; round < ROUNDS; round++)
        for (int k = 0; k < NAMES; k++) {
            char *s = sdp_scratch(&g->base, 4);
            s[0] = order[k];
            if (round) s[1] = (char)('0' + round % 10);
            if (round > 9) s[2] = '0';
            bool taken = sdp_variable_find(g, s) != UINT32_MAX || (subscripts >> (order[k] - 'a') & 1);
            for (uint32_t a = 0; a < sdp_atom_count(g) && !taken; a++)
                taken = atom[a] && !strcmp(sdp_atom_name(g, a), s);
            if (!taken) l[n++] = s;
        }
    return l;
}
