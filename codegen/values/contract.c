// SPDX-License-Identifier: MIT
// The order of a contraction: a product of many factors, summed over bound labels, becomes a tree of einsums.
//
// A set of factors is described by the labels it still shows: those of its factors that the output or a
// factor outside the set needs. Joining two sets costs the product of the dimensions of all labels shown by
// either (the loops of that step); the cheapest tree is found over all subsets, or greedily when there are
// many factors. A join that sums nothing makes no value: its factors stay in the loops of the next join,
// which evaluates them where their last index is known (that is how X'*diag(s)*X scales rows on the fly). The
// product of two factors that has been made already, for another value, costs nothing. A bare inverse joined
// over one of its axes is a solve with the factorisation, not a product.
#include <math.h>
#include <string.h>

#include "codegen/values/contraction.h"

uint32_t sdp_contraction_factor(sdp_contraction *c, sdp_val v, const sdp_ix *ix)
{
    c->factor[c->nfactors] = v;
    c->ix[c->nfactors] = ix;
    c->labels[c->nfactors] = sdp_labels_of(c->s, c->s->value[v].order, ix);
    return c->nfactors++;
}

// ---- building ---------------------------------------------------------------------------------------------
static uint64_t list_labels(const sdp_contraction *c, const sdp_join *j)
{
    uint64_t set = 0;
    for (uint32_t i = 0; i < j->nlist; i++) set |= c->labels[j->list[i]];
    return set;
}

// Does the factor have one plain label for each axis, all different?
static bool is_plain_array(const sdp_contraction *c, uint32_t f)
{
    uint32_t order = c->s->value[c->factor[f]].order;
    uint64_t seen = 0;
    for (uint32_t k = 0; k < order; k++) {
        sdp_ix l = c->ix[f][k];
        if (l >= SDP_MAX_LABELS || seen >> l & 1) return false;
        seen |= 1ULL << l;
    }
    return order && c->s->value[c->factor[f]].kind != SDP_V_EQ;
}

// The labels of a factor as axes: those in `front`, then the others, in the order of
// its own axes; how many there are
static uint32_t axes_of(const sdp_contraction *c, uint32_t f, uint64_t front, sdp_ix *axis)
{
    uint32_t n = 0;
    const uint64_t part[2] = {front, ~front};
    for (uint32_t p = 0; p < 2; p++)
        for (uint32_t k = 0; k < c->s->value[c->factor[f]].order; k++)
            for (uint32_t l = 0, i; l < SDP_MAX_LABELS; l++) {
                if (!(sdp_ix_labels(c->s, c->ix[f][k]) & part[p] & 1ULL << l)) continue;
                for (i = 0; i < n && axis[i] != l;) i++;
                if (i == n) axis[n++] = l;
            }
    return n;
}

// The product of some factors, none with a label that the first does not have, entry by
// entry, in the place of the first.
static void multiply_alike(sdp_contraction *c, sdp_join *j, uint32_t first, uint64_t front, uint32_t n,
                           const uint32_t *at)
{
    sdp_schedule *s = c->s;
    sdp_val f[SDP_MOST_JOINED];
    sdp_ix *ix = sdp_scratch(&s->g->base, ((n + 1) * SDP_MAX_ORDER + SDP_MAX_LABELS) * sizeof *ix);
    sdp_dim dim[SDP_MAX_LABELS];
    uint32_t all = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t order = s->value[f[i] = c->factor[at[i]]].order;
        sdp_copy(ix + all, c->ix[at[i]], order * sizeof *ix);
        all += order;
    }
    uint32_t order = axes_of(c, j->list[first], front, ix + all);
    for (uint32_t k = 0; k < order; k++) dim[k] = c->ldim[ix[all + k]];
    j->list[first] =
        sdp_contraction_factor(c, sdp_value_einsum(s, SDP_NUM_ONE, n, f, ix, order, dim, c->ldim), ix + all);
}

// May factor f be multiplied into `first`, a value with fewer labels than the sum has loops? A vector may
// not: it scales rows on the fly.
static bool is_absorbed(const sdp_contraction *c, uint32_t f, uint32_t first)
{
    uint64_t labels = c->labels[f];
    return !(labels & ~c->labels[first]) && is_plain_array(c, f) &&
           (labels == c->labels[first] || (labels & (labels - 1)));
}

// Labels of the result that all factors of a list have: outer loops around products of the rest
static uint64_t batch_of(const sdp_contraction *c, const sdp_join *j, uint64_t out)
{
    for (uint32_t i = 0; i < j->nlist; i++) out &= c->labels[j->list[i]];
    return out;
}

// Where a sum has more loops than a factor has labels, this factor and those without other labels are one
// value, (G.*(1-T.^2))*H' or w[i,k]*d[i,k,j]: it is made once, as the plan decides, not once for every turn
// of the other loops, and two factors may remain, a product of matrices.
static void join_alike(sdp_contraction *c, sdp_join *j, uint64_t out)
{
    uint64_t all = list_labels(c, j);
    if (!(all & ~out)) return;
    for (uint32_t first = 0; first < j->nlist; first++) {
        uint32_t f = j->list[first], at[SDP_MOST_JOINED], n = 0, kept = 0, place = 0;
        sdp_ix axis[SDP_MAX_LABELS];
        if (c->labels[f] == all || !c->labels[f] || c->s->value[c->factor[f]].kind == SDP_V_EQ) continue;
        if (axes_of(c, f, 0, axis) > SDP_MAX_ORDER) continue;
        at[n++] = f;
        for (uint32_t i = 0; i < j->nlist; i++) {
            if (i == first) place = kept;
            if (i != first && is_absorbed(c, j->list[i], f)) at[n++] = j->list[i];
            else j->list[kept++] = j->list[i];
        }
        j->nlist = kept;
        first = place;
        if (n > 1) multiply_alike(c, j, first, batch_of(c, j, out), n, at);
    }
}

// The factors of a list as one tensor with the axes `axis`.
static sdp_val tensor_of(sdp_contraction *c, sdp_join *j, sdp_num coef, uint32_t order, const sdp_ix *axis,
                         const sdp_dim *dim)
{
    sdp_schedule *s = c->s;
    sdp_val f[SDP_MOST_JOINED];
    sdp_ix *ix = sdp_scratch(&s->g->base, (j->nlist + 1) * SDP_MAX_ORDER * sizeof *ix);
    uint32_t at = 0;
    join_alike(c, j, sdp_labels_of(s, order, axis));
    for (uint32_t i = 0; i < j->nlist; i++) {
        f[i] = c->factor[j->list[i]];
        for (uint32_t k = 0; k < s->value[f[i]].order; k++) ix[at++] = c->ix[j->list[i]][k];
    }
    if (order) memcpy(ix + at, axis, order * sizeof *axis);
    sdp_val sums = sdp_run_on(s, &(sdp_product){coef, j->nlist, f, ix, order, dim, c->ldim});
    return sums ? sums : sdp_value_einsum(s, coef, j->nlist, f, ix, order, dim, c->ldim);
}

// Axes of a tensor made on the way, which are free to choose.
typedef struct {
    uint32_t order;
    sdp_ix *axis;
    sdp_dim dim[SDP_MAX_ORDER];
} layout;

// The labels of a factor that are still missing become axes, in its order.
static void add_axes(sdp_contraction *c, uint32_t f, uint64_t *missing, layout *a)
{
    for (uint32_t k = 0; k < c->s->value[c->factor[f]].order; k++) {
        uint64_t set = sdp_ix_labels(c->s, c->ix[f][k]) & *missing;
        *missing &= ~set;
        for (uint32_t l = 0; l < SDP_MAX_LABELS && set; l++) {
            if (!(set >> l & 1)) continue;
            if (a->order == SDP_MAX_ORDER) sdp_limit(&c->s->g->base, "order", SDP_MAX_ORDER);
            a->axis[a->order] = l, a->dim[a->order++] = c->ldim[l];
            set &= ~(1ULL << l);
        }
    }
}

// Labels of every factor of a sum are those of its outer loops: products of
// matrices, one for each of their turns.
static void add_batch(sdp_contraction *c, const sdp_join *j, uint64_t *keep, layout *a)
{
    uint64_t shared = batch_of(c, j, *keep), rest = *keep & ~shared;
    if (!(rest & (rest - 1)) || !(list_labels(c, j) & ~*keep)) return;
    add_axes(c, j->list[0], &shared, a);
    *keep = rest;
}

// Replaces the list of j by one tensor showing `keep`, `first` before all others: that axis has
// `size` entries, and zeros behind the range of the label, which may be short
// (inv(A)[:,1:2]*b). Labels that a factor outside has stand in its order, so that loops over
// both walk along rows; the others by first appearance.
static void make_tensor(sdp_contraction *c, sdp_join *j, uint64_t keep, uint32_t first, sdp_dim size)
{
    sdp_schedule *s = c->s;
    layout a = {.axis = sdp_scratch(&s->g->base, SDP_MAX_ORDER * sizeof(sdp_ix))};
    if (first < SDP_MAX_LABELS) a.axis[a.order] = first, a.dim[a.order++] = size, keep &= ~(1ULL << first);
    else add_batch(c, j, &keep, &a);
    for (uint32_t i = 0; i < c->noriginal; i++) {
        uint64_t shared = c->labels[i] & keep;
        if (!(j->members >> i & 1) && (shared & (shared - 1))) add_axes(c, i, &keep, &a);
    }
    for (uint32_t i = 0; i < j->nlist; i++) add_axes(c, j->list[i], &keep, &a);
    j->list[0] = sdp_contraction_factor(c, tensor_of(c, j, SDP_NUM_ONE, a.order, a.axis, a.dim), a.axis);
    j->nlist = 1;
}

// If a is a bare inverse with axes p, q and b shows q but not p, and nothing else needs q: the list of `made`
// becomes the solution of the system. inv(A)[p,q]*b[q,..] solves with A, inv(A)[q,p]*b[q,..] with A'.
static bool solve_instead(sdp_contraction *c, const sdp_join *a, const sdp_join *b, uint64_t keep,
                          sdp_join *made)
{
    sdp_schedule *s = c->s;
    if (a->nlist != 1 || s->value[c->factor[a->list[0]]].kind != SDP_V_INVERSE) return false;
    const sdp_ix *ix = c->ix[a->list[0]];
    if (ix[0] >= SDP_MAX_LABELS || ix[1] >= SDP_MAX_LABELS || ix[0] == ix[1]) return false;
    uint64_t shown = list_labels(c, b) & (keep | c->labels[a->list[0]]);
    bool transposed = shown >> ix[0] & 1;
    sdp_ix q = ix[transposed ? 0 : 1], p = ix[transposed ? 1 : 0];
    if (!(shown >> q & 1) || (shown >> p & 1) || (keep >> q & 1) || !(keep >> p & 1)) return false;
    sdp_join rhs = *b;
    make_tensor(c, &rhs, shown, q, s->value[c->factor[a->list[0]]].dim[0]);
    sdp_val arg[2] = {s->value[c->factor[a->list[0]]].arg[0], c->factor[rhs.list[0]]};
    const sdp_value *r = &s->value[arg[1]];
    sdp_id matrix = s->value[s->value[arg[0]].arg[0]].node;
    bool flip =
        transposed && s->value[arg[0]].param != SDP_CHOLESKY && !(matrix && sdp_is_symmetric(s->g, matrix));
    sdp_ix *axis = sdp_scratch(&s->g->base, SDP_MAX_ORDER * sizeof *axis);
    memcpy(axis, c->ix[rhs.list[0]], r->order * sizeof *axis);
    axis[0] = p;
    made->nlist = 1;
    made->list[0] = sdp_contraction_factor(
        c, sdp_value_simple(s, SDP_V_SOLVE, 2, arg, 0, flip ? SDP_TRANSPOSED : 0, r->order, r->dim), axis);
    return true;
}

// Returns the labels of the output and of the factors that are not members.
static uint64_t needed_outside(const sdp_contraction *c, uint64_t members)
{
    uint64_t set = c->out;
    for (uint32_t i = 0; i < c->noriginal; i++)
        if (!(members >> i & 1)) set |= c->labels[i];
    return set;
}

// Children first: node ids are a topological order.
static void build(sdp_contraction *c, uint32_t root)
{
    for (uint32_t i = 0; i <= root; i++) {
        sdp_join *j = &c->node[i];
        if (i < c->noriginal) {
            j->members = 1ULL << i;
            j->list[0] = i;
            j->nlist = 1;
        } else if (!j->known) {
            const sdp_join *l = &c->node[j->left], *r = &c->node[j->right];
            j->members = l->members | r->members;
            uint64_t keep = needed_outside(c, j->members);
            if (!solve_instead(c, l, r, keep, j) && !solve_instead(c, r, l, keep, j)) {
                memcpy(j->list, l->list, l->nlist * sizeof *j->list);
                memcpy(j->list + l->nlist, r->list, r->nlist * sizeof *j->list);
                j->nlist = l->nlist + r->nlist;
            }
        }
        uint64_t shown = list_labels(c, j), keep = shown & needed_outside(c, j->members);
        if (i != root && keep != shown) make_tensor(c, j, keep, SDP_MAX_LABELS, 0);
    }
}

// inv(A) summed over one axis is a solve with ones.
static void add_ones(sdp_contraction *c)
{
    sdp_schedule *s = c->s;
    uint32_t n = c->nfactors;
    for (uint32_t i = 0; i < n; i++) {
        if (s->value[c->factor[i]].kind != SDP_V_INVERSE) continue;
        for (uint32_t k = 0; k < 2; k++) {
            sdp_ix *l = sdp_scratch(&s->g->base, 2 * sizeof *l);
            uint64_t others = c->out;
            l[0] = c->ix[i][k];
            for (uint32_t m = 0; m < c->nfactors; m++)
                if (m != i) others |= c->labels[m];
            if (l[0] >= SDP_MAX_LABELS || c->ix[i][0] == c->ix[i][1] || (others >> l[0] & 1)) continue;
            sdp_ix axis = l[0];
            sdp_contraction_factor(
                c, sdp_value_einsum(s, SDP_NUM_ONE, 0, NULL, &axis, 1, &c->ldim[axis], c->ldim), l);
        }
    }
}

// ---- the whole --------------------------------------------------------------------------------------------
// An axis along which the product is only repeated, ones(m)*(s'*X): the product is
// made without it. 0: there is none.
static sdp_val repeated(sdp_schedule *s, sdp_num coef, uint32_t n, const sdp_val *factor, const sdp_ix *ix,
                        uint32_t order, const sdp_dim *dim, const sdp_dim *ldim)
{
    uint32_t total = 0, kept = 0;
    for (uint32_t i = 0; i < n; i++) total += s->value[factor[i]].order;
    uint64_t seen = sdp_labels_of(s, total, ix), taken = 0;
    sdp_ix *jx = sdp_scratch(&s->g->base, (total + 2 * order + 1) * sizeof *jx);
    sdp_dim *small = sdp_scratch(&s->g->base, (order + 1) * sizeof *small);
    memcpy(jx, ix, total * sizeof *jx);
    for (uint32_t k = 0; k < order; k++) {
        sdp_ix l = ix[total + k];
        if (l >= SDP_MAX_LABELS) return 0;
        if (!(seen >> l & 1) || (taken >> l & 1)) continue;
        taken |= 1ull << l;
        small[kept] = dim[k];
        jx[total + kept++] = l;
    }
    if (taken == sdp_labels_of(s, order, ix + total)) return 0;
    sdp_val v = sdp_contract(s, coef, n, factor, jx, kept, small, ldim);
    memmove(jx, jx + total, kept * sizeof *jx);
    memcpy(jx + kept, ix + total, order * sizeof *jx);
    return sdp_value_einsum(s, SDP_NUM_ONE, 1, &v, jx, order, dim, ldim);
}

sdp_val sdp_contract(sdp_schedule *s, sdp_num coef, uint32_t n, const sdp_val *factor, const sdp_ix *ix,
                     uint32_t order, const sdp_dim *dim, const sdp_dim *ldim)
{
    sdp_val whole = sdp_distribute(s, &(sdp_product){coef, n, factor, ix, order, dim, ldim});
    if (whole) return whole;
    whole = repeated(s, coef, n, factor, ix, order, dim, ldim);
    if (whole) return whole;
    if (!s->contraction) s->contraction = sdp_scratch(&s->g->base, sizeof(sdp_contraction));
    sdp_contraction *c = s->contraction;
    c->nfactors = c->nnodes = 0;
    uint32_t scalar[SDP_MOST_JOINED], nscalars = 0;
    c->s = s;
    c->ldim = ldim;
    uint64_t seen = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t axes = s->value[factor[i]].order;
        seen |= sdp_labels_of(s, axes, ix);
        if (axes) sdp_contraction_factor(c, factor[i], ix);
        else scalar[nscalars++] = i;
        ix += axes;
    }
    c->out = sdp_labels_of(s, order, ix);
    for (uint32_t l = 0; l < SDP_MAX_LABELS; l++)
        if ((seen | c->out) >> l & 1) c->size[l] = sdp_size_assumed(s, ldim[l]);
    add_ones(c);
    c->noriginal = c->nnodes = c->nfactors;
    uint32_t root = sdp_contraction_choose(c);
    build(c, root);
    sdp_join *top = &c->node[root];
    for (uint32_t i = 0; i < nscalars; i++)
        top->list[top->nlist++] = sdp_contraction_factor(c, factor[scalar[i]], NULL);
    return tensor_of(c, top, coef, order, ix, dim);
}
