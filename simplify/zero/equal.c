// SPDX-License-Identifier: MIT
// Is a graph zero? By its values at random points over a finite field.
//
// Every dimension name gets a size of its own (a lost transpose must not fit by accident), other sizes at
// every point. If a point has a value other than zero and no pseudo-random function took part, the graph is
// not zero: that is a proof, as the value is a rational function of the variables. If all points give zero,
// it is zero with a probability of error below 1e-15: Schwartz (1980), Zippel (1979). The rest (identities
// between transcendental functions) is left undecided.
#include "simplify/zero/field.h"

enum { POINTS = 3, TRIES = 12, LARGER = 5 };

static void note_dims(const sdp_graph *g, bool *used, uint32_t n, const sdp_dim *dim)
{
    for (uint32_t k = 0; k < n; k++) {
        const sdp_dim_term *t;
        uint32_t terms = sdp_dim_terms(g, dim[k], &t);
        for (uint32_t i = 0; i < terms; i++)
            for (uint32_t a = 0; a < t[i].natoms; a++) used[t[i].atom[a]] = true;
    }
}

static bool *used_atoms(sdp_graph *g, uint32_t count, const sdp_id *list)
{
    bool *used = sdp_scratch(&g->base, sdp_atom_count(g) + (size_t)1);
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *n = sdp_get(g, list[i]);
        note_dims(g, used, n->order, n->dim);
        if (n->kind == SDP_MUL) note_dims(g, used, n->nlabels, n->ldim);
        if (n->kind == SDP_SEL) note_dims(g, used, n->order, n->ldim);
        if (n->kind == SDP_DIM) used[n->param] = true;
    }
    return used;
}

// smallest, smallest+1, ..., at every other point the other way round (what holds for m < n may fail for m >
// n), at every third point larger: n*(n-1)*(n-2) is 0 for small n only.
static void choose_sizes(const sdp_graph *g, const bool *used, long smallest, uint32_t point, long *size)
{
    uint32_t n = 0, k = 0, atoms = sdp_atom_count(g);
    for (uint32_t a = 0; a < atoms; a++) n += used[a];
    for (uint32_t a = 0; a < atoms; a++)
        if (used[a])
            size[a] = smallest + (point % 2 ? n - 1 - k++ : k++) % 8 + (point % 3 == 2 ? LARGER : point % 3);
}

static bool all_zero(const sdp_field *f, sdp_id id)
{
    const sdp_node *n = sdp_get(f->g, id);
    size_t count = sdp_field_count(f, n->order, n->dim, NULL);
    for (size_t i = 0; i < count; i++)
        if (f->value[id][i]) return false;
    return true;
}

static void note_sizes(const sdp_graph *g, const bool *used, const long *size, sdp_field_report *r)
{
    uint32_t atoms = sdp_atom_count(g);
    for (uint32_t a = 0; a < atoms; a++) {
        if (!used[a]) continue;
        if (!r->smallest[a] || size[a] < r->smallest[a]) r->smallest[a] = size[a];
        if (size[a] > r->largest[a]) r->largest[a] = size[a];
    }
}

// The points of one smallest size. NO_VALUE: too few points have a value.
static sdp_field_status try_points(sdp_field *f, const bool *used, long smallest, uint32_t count,
                                   const sdp_id *list, sdp_field_report *r)
{
    sdp_graph *g = f->g;
    long *size = sdp_scratch(&g->base, (sdp_atom_count(g) + (size_t)1) * sizeof *size);
    f->size = size;
    r->points = 0;
    for (uint32_t k = 0; k < TRIES && r->points < POINTS; k++) {
        choose_sizes(g, used, smallest, k, size);
        f->seed = sdp_field_hash(0x73796d64u, k) * 2 + k; // odd and even in turn
        sdp_mark m = sdp_scratch_mark(&g->base);
        uint64_t kept = k % 3 == 2 ? f->work / 2 : 0; // a larger point may not use up everything
        f->work -= kept;
        sdp_field_status s = sdp_field_run(f, count, list);
        f->work += kept;
        bool zero = s == SDP_FIELD_VALUE && all_zero(f, list[count - 1]);
        sdp_scratch_release(&g->base, m);
        if (s == SDP_FIELD_NO_VALUE || (k % 3 == 2 && s == SDP_FIELD_TOO_LARGE)) continue;
        if (s != SDP_FIELD_VALUE) return s;
        r->points++;
        note_sizes(g, used, size, r);
        if (zero) continue;
        r->verdict = f->opaque ? SDP_FIELD_UNDECIDED : SDP_FIELD_DIFFERENT;
        return SDP_FIELD_VALUE;
    }
    if (r->points < POINTS) return SDP_FIELD_NO_VALUE;
    r->verdict = SDP_FIELD_EQUAL;
    return SDP_FIELD_VALUE;
}

void sdp_field_zero(sdp_graph *g, sdp_id id, uint64_t work, sdp_field_report *r)
{
    uint32_t count, atoms = sdp_atom_count(g);
    *r = (sdp_field_report){.verdict = SDP_FIELD_UNDECIDED};
    r->smallest = sdp_scratch(&g->base, (atoms + (size_t)1) * sizeof *r->smallest);
    r->largest = sdp_scratch(&g->base, (atoms + (size_t)1) * sizeof *r->largest);
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_id *list = sdp_reachable(g, 1, &id, &count);
    bool *used = used_atoms(g, count, list);
    sdp_field f = {.g = g, .work = work};
    for (long smallest = 2; smallest <= 32; smallest *= 2) { // x[7] needs 7 entries
        for (uint32_t a = 0; a < atoms; a++) r->smallest[a] = r->largest[a] = 0;
        if (try_points(&f, used, smallest, count, list, r) != SDP_FIELD_NO_VALUE) break;
    }
    sdp_scratch_release(&g->base, m);
}

bool sdp_indices_fit(sdp_graph *g, uint32_t n, const sdp_id *id, const long *size)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_field f = {.g = g, .size = size};
    uint32_t count;
    bool fit = true;
    sdp_id *list = sdp_reachable(g, n, id, &count);
    for (uint32_t i = 0; i < count && fit; i++) {
        const sdp_node *x = sdp_get(g, list[i]);
        if (x->kind != SDP_SEL) continue;
        size_t entries = sdp_field_count(&f, x->order, x->dim, NULL);
        fit = entries && entries <= g->base.limit.elements &&
              sdp_field_index(&f, x, sdp_scratch(&g->base, entries * sizeof(uint64_t)));
    }
    sdp_scratch_release(&g->base, m);
    return fit;
}

static sdp_verdict verdict(sdp_graph *g, sdp_id id)
{
    enum { WORK = 2000000 };
    sdp_field_report r;
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_field_zero(g, id, WORK, &r);
    sdp_scratch_release(&g->base, m);
    return r.verdict;
}

bool sdp_vanishes(sdp_graph *g, sdp_id id) { return sdp_is_zero(g, id) || verdict(g, id) == SDP_FIELD_EQUAL; }

void sdp_guard(sdp_graph *g, sdp_id before, sdp_id after)
{
    if (before != after && verdict(g, sdp_sub(g, before, after)) == SDP_FIELD_DIFFERENT)
        sdp_fail(&g->base, SD_ERR_INTERNAL, (sdp_span){0, 0}, NULL,
                 "simplification changed a value (node %u became %u)", before, after);
}
