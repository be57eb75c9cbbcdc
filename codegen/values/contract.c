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

#include "codegen/values/values.h"

enum { EXACT = 9, MOST = 2 * SDP_MAX_FACTORS, ALL = 4 * MOST }; // 3^EXACT joins are looked at

// A node of the tree: a factor, or the join of two earlier nodes, as the list of factors whose product it is.
typedef struct {
    uint64_t labels;  // that it shows (greedy choice)
    uint64_t members; // the original factors in it
    uint32_t left, right, nlist;
    bool known; // not a join: a value that has been made already is its only factor
    uint32_t list[MOST];
} join;

typedef struct {
    sdp_schedule *s;
    const sdp_dim *ldim;
    double size[SDP_MAX_LABELS];
    uint64_t out;
    sdp_val factor[ALL]; // the factors, then the tensors made on the way
    const sdp_ix *ix[ALL];
    uint64_t labels[ALL];
    uint32_t nfactors, noriginal; // the original ones come first
    join node[ALL];
    uint32_t nnodes;
} contraction;

static double volume(const contraction *c, uint64_t labels)
{
    double v = 1;
    for (uint32_t l = 0; labels; l++, labels >>= 1)
        if (labels & 1) v *= c->size[l];
    return v;
}

static uint32_t add_factor(contraction *c, sdp_val v, const sdp_ix *ix)
{
    c->factor[c->nfactors] = v;
    c->ix[c->nfactors] = ix;
    c->labels[c->nfactors] = sdp_labels_of(c->s, c->s->value[v].order, ix);
    return c->nfactors++;
}

static uint32_t add_node(contraction *c, uint32_t left, uint32_t right)
{
    c->node[c->nnodes].left = left;
    c->node[c->nnodes].right = right;
    c->node[c->nnodes].known = false;
    return c->nnodes++;
}

// A value that is the product of some original factors, as a node.
static uint32_t add_known(contraction *c, sdp_val v, const sdp_ix *ix, uint64_t members)
{
    join *j = &c->node[c->nnodes];
    j->known = true;
    j->members = members;
    j->list[0] = add_factor(c, v, ix);
    j->nlist = 1;
    return c->nnodes++;
}

// ---- choosing ---------------------------------------------------------------------------------------------
// What is known of the best tree of a set of factors: where it is split, or the value that it is.
typedef struct {
    double cost;
    uint64_t all, shown;
    uint32_t split;
    sdp_val known;
    sdp_ix *ix;
} choice;

static uint32_t tree_of(contraction *c, const choice *best, uint32_t set)
{
    if (!(set & (set - 1))) {
        uint32_t i = 0;
        while (!(set >> i & 1)) i++;
        return i;
    }
    if (best[set].known) return add_known(c, best[set].known, best[set].ix, set);
    // depth <= EXACT
    uint32_t left = tree_of(c, best, best[set].split), right = tree_of(c, best, set & ~best[set].split);
    return add_node(c, left, right);
}

// The value of a pair of factors that sums something and leaves a vector or matrix, if there is one already.
static void find_known(contraction *c, uint32_t i, uint32_t j, choice *pair)
{
    sdp_schedule *s = c->s;
    const sdp_val f[2] = {c->factor[i], c->factor[j]};
    uint32_t axes[2] = {s->value[f[0]].order, s->value[f[1]].order}, n = 0;
    if (pair->shown == pair->all || !(c->labels[i] & c->labels[j])) return;
    sdp_ix ix[2 * SDP_MAX_ORDER + 2], out[2];
    sdp_dim dim[2];
    memcpy(ix, c->ix[i], axes[0] * sizeof *ix);
    memcpy(ix + axes[0], c->ix[j], axes[1] * sizeof *ix);
    for (uint32_t l = 0; l < SDP_MAX_LABELS; l++) {
        if (!(pair->shown >> l & 1)) continue;
        if (n == 2) return;
        out[n++] = l;
    }
    for (int way = 0; way < (int)n && !pair->known; way++) { // both orders of its axes
        for (uint32_t k = 0; k < n; k++) {
            ix[axes[0] + axes[1] + k] = out[way ? n - 1 - k : k];
            dim[k] = c->ldim[ix[axes[0] + axes[1] + k]];
        }
        pair->known = sdp_value_known_einsum(s, SDP_NUM_ONE, 2, f, ix, n, dim, c->ldim);
    }
    // it may have been made to be multiplied
    if (pair->known && sdp_is_wide_product(s, &s->value[pair->known])) pair->known = 0;
    if (!pair->known) return;
    pair->ix = sdp_scratch(&s->g->base, 2 * sizeof *pair->ix);
    memcpy(pair->ix, ix + axes[0] + axes[1], n * sizeof *ix);
    pair->cost = 0;
}

// How often a size that is not known is there twice among these labels: of orders that cost the same as far
// as is known, the one whose parts are linear in each size is taken, W2'*(V2*T) of a layer of h, not
// (W2'*V2)*T, whose first product is h x h.
static double squares(const contraction *c, uint64_t labels)
{
    double n = 0;
    long size;
    for (uint32_t l = 0; l < SDP_MAX_LABELS; l++)
        for (uint32_t k = 0; k < l && labels >> l & 1; k++)
            n += labels >> k & 1 && c->ldim[k] == c->ldim[l] && !sdp_size_constant(c->s, c->ldim[l], &size);
    return n;
}

static uint32_t choose_exact(contraction *c, uint32_t n)
{
    uint32_t full = (1u << n) - 1;
    choice *best = sdp_scratch(&c->s->g->base, (full + 1) * sizeof *best);
    for (uint32_t set = 1; set <= full; set++)
        for (uint32_t i = 0; i < n; i++)
            if (set >> i & 1) best[set].all |= c->labels[i];
    for (uint32_t set = 1; set <= full; set++) {
        choice *b = &best[set];
        b->shown = b->all & (c->out | best[full & ~set].all);
        if (!(set & (set - 1))) { // what no one else needs is summed first
            b->cost = b->shown == b->all ? 0 : volume(c, b->all);
            continue;
        }
        b->cost = -1;
        for (uint32_t part = (set - 1) & set; part > (set & ~part); part = (part - 1) & set) {
            uint32_t rest = set & ~part;
            double k = best[part].cost + best[rest].cost + volume(c, best[part].shown | best[rest].shown);
            if (b->cost < 0 || k < b->cost * (1 - 1e-12)) b->cost = k, b->split = part;
        }
        if (set != full && b->shown != b->all) b->cost *= 1 + 1e-9 * squares(c, b->shown);
        uint32_t low = 0, high = n - 1;
        while (!(set >> low & 1)) low++;
        while (!(set >> high & 1)) high--;
        if (set != full && set == (1u << low | 1u << high)) find_known(c, low, high, b);
    }
    return tree_of(c, best, full);
}

// What a set with these labels shows when roots i and j are joined: what the output or another root needs.
static uint64_t shown_by(const contraction *c, const uint32_t *root, uint32_t live, uint32_t i, uint32_t j)
{
    uint64_t rest = c->out;
    for (uint32_t k = 0; k < live; k++)
        if (k != i && k != j) rest |= c->node[root[k]].labels;
    return rest & (c->node[root[i]].labels | c->node[root[j]].labels);
}

// The cheapest join of two roots that have a label in common (an outer product too early makes vectors
// matrices), among equals the one with the smallest result.
static uint32_t choose_greedy(contraction *c, uint32_t n)
{
    uint32_t root[ALL], live = n;
    for (uint32_t i = 0; i < n; i++) root[i] = i, c->node[i].labels = c->labels[i];
    while (live > 1) {
        uint32_t best_i = 0, best_j = 1;
        double best = HUGE_VAL;
        for (uint32_t i = 0; i < live; i++)
            for (uint32_t j = i + 1; j < live; j++) {
                uint64_t a = c->node[root[i]].labels, b = c->node[root[j]].labels;
                double k =
                    volume(c, a | b) + 0.5 * volume(c, shown_by(c, root, live, i, j)) + (a & b ? 0 : 1e200);
                if (k < best * (1 - 1e-12)) best = k, best_i = i, best_j = j;
            }
        uint64_t shown = shown_by(c, root, live, best_i, best_j);
        uint32_t made = add_node(c, root[best_i], root[best_j]);
        c->node[made].labels = shown;
        root[best_i] = made;
        root[best_j] = root[--live];
    }
    return root[0];
}

// ---- building ---------------------------------------------------------------------------------------------
static uint64_t list_labels(const contraction *c, const join *j)
{
    uint64_t set = 0;
    for (uint32_t i = 0; i < j->nlist; i++) set |= c->labels[j->list[i]];
    return set;
}

// Does the factor have one plain label for each axis, all different?
static bool is_plain_array(const contraction *c, uint32_t f)
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

// The product of some factors with the same labels, entry by entry, in the place of the first.
static void multiply_alike(contraction *c, join *j, uint32_t first, uint32_t n, const uint32_t *at)
{
    sdp_schedule *s = c->s;
    uint32_t a = j->list[first], order = s->value[c->factor[a]].order;
    sdp_val f[MOST];
    sdp_ix *ix = sdp_scratch(&s->g->base, (n + 1) * order * sizeof *ix);
    sdp_dim dim[SDP_MAX_ORDER];
    for (uint32_t i = 0; i < n; i++) {
        f[i] = c->factor[at[i]];
        sdp_copy(ix + i * order, c->ix[at[i]], order * sizeof *ix);
    }
    sdp_copy(ix + n * order, c->ix[a], order * sizeof *ix);
    for (uint32_t k = 0; k < order; k++) dim[k] = c->ldim[c->ix[a][k]];
    j->list[first] =
        add_factor(c, sdp_value_einsum(s, SDP_NUM_ONE, n, f, ix, order, dim, c->ldim), ix + n * order);
}

// Where a sum has more loops than two factors have labels, these with the same labels are one value,
// (G.*(1-T.^2))*H': it is made once, as the plan decides, not once for every turn of the other loops.
static void join_alike(contraction *c, join *j, uint64_t out)
{
    uint64_t all = list_labels(c, j);
    if (!(all & ~out)) return;
    for (uint32_t first = 0; first < j->nlist; first++) {
        uint32_t at[MOST], n = 0, kept = first + 1;
        uint64_t labels = c->labels[j->list[first]];
        if (labels == all || !is_plain_array(c, j->list[first])) continue;
        at[n++] = j->list[first];
        for (uint32_t i = first + 1; i < j->nlist; i++) {
            if (c->labels[j->list[i]] == labels && is_plain_array(c, j->list[i])) at[n++] = j->list[i];
            else j->list[kept++] = j->list[i];
        }
        j->nlist = kept;
        if (n > 1) multiply_alike(c, j, first, n, at);
    }
}

// The factors of a list as one tensor with the axes `axis`.
static sdp_val tensor_of(contraction *c, join *j, sdp_num coef, uint32_t order, const sdp_ix *axis,
                         const sdp_dim *dim)
{
    sdp_schedule *s = c->s;
    sdp_val f[MOST];
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
static void add_axes(contraction *c, uint32_t f, uint64_t *missing, layout *a)
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

// Replaces the list of j by one tensor showing `keep`, `first` before all others: that axis has `size`
// entries, and zeros behind the range of the label, which may be short (inv(A)[:,1:2]*b). Labels that a
// factor outside has stand in its order, so that loops over both walk along rows; the others by first
// appearance.
static void make_tensor(contraction *c, join *j, uint64_t keep, uint32_t first, sdp_dim size)
{
    sdp_schedule *s = c->s;
    layout a = {.axis = sdp_scratch(&s->g->base, SDP_MAX_ORDER * sizeof(sdp_ix))};
    if (first < SDP_MAX_LABELS) a.axis[a.order] = first, a.dim[a.order++] = size, keep &= ~(1ULL << first);
    for (uint32_t i = 0; i < c->noriginal; i++) {
        uint64_t shared = c->labels[i] & keep;
        if (!(j->members >> i & 1) && (shared & (shared - 1))) add_axes(c, i, &keep, &a);
    }
    for (uint32_t i = 0; i < j->nlist; i++) add_axes(c, j->list[i], &keep, &a);
    j->list[0] = add_factor(c, tensor_of(c, j, SDP_NUM_ONE, a.order, a.axis, a.dim), a.axis);
    j->nlist = 1;
}

// If a is a bare inverse with axes p, q and b shows q but not p, and nothing else needs q: the list of `made`
// becomes the solution of the system. inv(A)[p,q]*b[q,..] solves with A, inv(A)[q,p]*b[q,..] with A'.
static bool solve_instead(contraction *c, const join *a, const join *b, uint64_t keep, join *made)
{
    sdp_schedule *s = c->s;
    if (a->nlist != 1 || s->value[c->factor[a->list[0]]].kind != SDP_V_INVERSE) return false;
    const sdp_ix *ix = c->ix[a->list[0]];
    if (ix[0] >= SDP_MAX_LABELS || ix[1] >= SDP_MAX_LABELS || ix[0] == ix[1]) return false;
    uint64_t shown = list_labels(c, b) & (keep | c->labels[a->list[0]]);
    bool transposed = shown >> ix[0] & 1;
    sdp_ix q = ix[transposed ? 0 : 1], p = ix[transposed ? 1 : 0];
    if (!(shown >> q & 1) || (shown >> p & 1) || (keep >> q & 1) || !(keep >> p & 1)) return false;
    join rhs = *b;
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
    made->list[0] =
        add_factor(c,
                   sdp_value_simple(s, SDP_V_SOLVE, 2, arg, 0, flip ? SDP_TRANSPOSED : 0, r->order, r->dim),
                   axis);
    return true;
}

// What the output and the factors outside j need of it.
static uint64_t needed_outside(const contraction *c, uint64_t members)
{
    uint64_t set = c->out;
    for (uint32_t i = 0; i < c->noriginal; i++)
        if (!(members >> i & 1)) set |= c->labels[i];
    return set;
}

// Children first: node ids are a topological order.
static void build(contraction *c, uint32_t root)
{
    for (uint32_t i = 0; i <= root; i++) {
        join *j = &c->node[i];
        if (i < c->noriginal) {
            j->members = 1ULL << i;
            j->list[0] = i;
            j->nlist = 1;
        } else if (!j->known) {
            const join *l = &c->node[j->left], *r = &c->node[j->right];
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
static void add_ones(contraction *c)
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
            add_factor(c, sdp_value_einsum(s, SDP_NUM_ONE, 0, NULL, &axis, 1, &c->ldim[axis], c->ldim), l);
        }
    }
}

// ---- the whole --------------------------------------------------------------------------------------------
// An axis along which the product is only repeated, ones(m)*(s'*X): the product is made without it. 0: there
// is none.
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
    if (!s->contraction) s->contraction = sdp_scratch(&s->g->base, sizeof(contraction));
    contraction *c = s->contraction;
    c->nfactors = c->nnodes = 0;
    uint32_t scalar[MOST], nscalars = 0;
    c->s = s;
    c->ldim = ldim;
    uint64_t seen = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t axes = s->value[factor[i]].order;
        seen |= sdp_labels_of(s, axes, ix);
        if (axes) add_factor(c, factor[i], ix);
        else scalar[nscalars++] = i;
        ix += axes;
    }
    c->out = sdp_labels_of(s, order, ix);
    for (uint32_t l = 0; l < SDP_MAX_LABELS; l++)
        if ((seen | c->out) >> l & 1) c->size[l] = sdp_size_assumed(s, ldim[l]);
    add_ones(c);
    c->noriginal = c->nnodes = c->nfactors;
    uint32_t root = c->nfactors == 1       ? 0
                    : c->nfactors <= EXACT ? choose_exact(c, c->nfactors)
                                           : choose_greedy(c, c->nfactors);
    build(c, root);
    join *top = &c->node[root];
    for (uint32_t i = 0; i < nscalars; i++) top->list[top->nlist++] = add_factor(c, factor[scalar[i]], NULL);
    return tensor_of(c, top, coef, order, ix, dim);
}
