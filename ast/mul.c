// SPDX-License-Identifier: MIT
// The einsum constructor: sdp_mul() brings any product of tensors to canonical form.
//
// The steps, each a function below, repeated until nothing changes:
//   load      nested products are spliced in, numbers go to the coefficient, identities unify labels
//   select    one-hot and slice tensors (SEL) meet each other; sums that are known are carried out
//   merge     equal factors become powers, inverse powers cancel, exp(a)*exp(b) is exp(a+b)
//   close     a group of factors without output labels is a scalar node of its own
//   count     a bound label in no factor is the dimension as a number
// and at last
//   order     factors sorted, labels numbered, independent of the names they came with (colour refinement:
//             a label's colour is hashed from the factors and neighbours it meets; a tie between factors is
//             broken by individualising one of them and refining again).
// Splicing stops at SDP_MAX_FACTORS, so that long chains stay linear in size.
#include <stdlib.h>
#include <string.h>

#include "graph.h"

enum { LABELS = 255 };

typedef struct {
    sdp_id node, exponent; // exponent: node id of the power (NUM 1 at first)
    uint8_t label[SDP_MAX_ORDER];
} factor;

typedef struct {
    sdp_graph *g;
    sdp_num coef;
    factor *f;
    uint32_t n, cap;
    uint8_t parent[LABELS + 1]; // union-find over labels
    sdp_dim dim[LABELS + 1];
    uint32_t nlabels;
    int order;
    uint8_t out[SDP_MAX_ORDER];
    bool dead[LABELS + 1]; // summed out: no longer an index of this product
    bool again;
} work;

static sdp_id finish(work *w);
static const uint8_t no_labels[1];

static int g_order(const sdp_graph *g, sdp_id id) { return g->node[id]->order; }

static uint8_t root(work *w, uint8_t l)
{
    while (w->parent[l] != l) l = w->parent[l] = w->parent[w->parent[l]];
    return l;
}

static uint8_t new_label(work *w, sdp_dim d)
{
    if (w->nlabels == LABELS) sdp_limit(&w->g->base, "labels", LABELS);
    w->parent[w->nlabels] = (uint8_t)w->nlabels;
    w->dim[w->nlabels] = d;
    return (uint8_t)w->nlabels++;
}

static void unify(work *w, uint8_t a, uint8_t b)
{
    a = root(w, a);
    b = root(w, b);
    if (w->dim[a] != w->dim[b] && w->dim[a] && w->dim[b])
        sdp_fail(&w->g->base, SD_ERR_INTERNAL, (sdp_span){0, 0}, NULL, "labels of dimensions %s and %s are unified",
                 sdp_dim_text(w->g, w->dim[a]), sdp_dim_text(w->g, w->dim[b]));
    if (a != b) w->parent[a > b ? a : b] = a < b ? a : b;
}

static void push(work *w, sdp_id node, sdp_id exponent, const uint8_t *label)
{
    if (w->n == w->cap) {
        factor *more = sdp_scratch(&w->g->base, 2 * w->cap * sizeof *more);
        memcpy(more, w->f, w->n * sizeof *more);
        w->f = more;
        w->cap *= 2;
    }
    const sdp_node *n = w->g->node[node];
    if (n->kind == SDP_POW && exponent == SDP_ID_ONE && w->g->node[n->arg[1]]->order == 0) {
        node = n->arg[0];
        exponent = n->arg[1];
    }
    factor *f = &w->f[w->n++];
    f->node = node;
    f->exponent = exponent;
    if (n->order) memcpy(f->label, label, n->order);
}

// ---- load -----------------------------------------------------------------------------------------------------------

// Is every output label distinct and in some factor? Then the node is a plain tensor, fit to be a factor.
static bool plain_output(const sdp_graph *g, const sdp_node *m)
{
    const uint8_t *out = sdp_labels(g, m, m->nargs);
    for (int i = 0; i < m->order; i++) {
        if (memchr(out, out[i], (size_t)i)) return false;
        if (!memchr(m->label, out[i], (size_t)(out - m->label))) return false;
    }
    return true;
}

// The same product with coefficient 1 and each output label once, in order of first use; map[l] is its axis.
static sdp_id core(sdp_graph *g, const sdp_node *m, uint8_t *axis_label, int *order)
{
    const uint8_t *out = sdp_labels(g, m, m->nargs);
    int k = 0;
    for (int i = 0; i < m->order; i++)
        if (!memchr(axis_label, out[i], (size_t)k) && memchr(m->label, out[i], (size_t)(out - m->label))) axis_label[k++] = out[i];
    *order = k;
    return sdp_mul_raw(g, SDP_NUM_ONE, m->nargs, m->arg, m->label, k, axis_label, m->ldim);
}

// Splices the factors of product m, used with these labels, into w.
static void splice(work *w, const sdp_node *m, const uint8_t *label, bool whole)
{
    sdp_graph *g = w->g;
    uint8_t map[SDP_MAX_LABELS];
    bool known[SDP_MAX_LABELS] = {false};
    const uint8_t *out = sdp_labels(g, m, m->nargs), *l = m->label;
    w->coef = sdp_num_mul(g, w->coef, m->coef[0]);
    for (int i = 0; i < m->order; i++) {
        if (known[out[i]]) unify(w, map[out[i]], label[i]);
        map[out[i]] = label[i];
        known[out[i]] = true;
    }
    if (!whole) { // too many factors: keep them as one
        uint8_t axis[SDP_MAX_ORDER], used[SDP_MAX_ORDER];
        int order;
        sdp_id c = core(g, m, axis, &order);
        for (int i = 0; i < order; i++) used[i] = map[axis[i]];
        push(w, c, SDP_ID_ONE, used);
        return;
    }
    for (int i = 0; i < m->nlabels; i++)
        if (!known[i]) map[i] = new_label(w, m->ldim[i]);
    for (uint32_t k = 0; k < m->nargs; k++) {
        uint8_t inner[SDP_MAX_ORDER];
        int order = g->node[m->arg[k]]->order;
        for (int i = 0; i < order; i++) inner[i] = map[*l++];
        push(w, m->arg[k], SDP_ID_ONE, inner);
    }
}

// A scalar that is a contraction stays a node of its own; everything else is spliced while there is room.
static bool splice_whole(const work *w, const sdp_node *m, uint32_t others)
{
    if (m->nargs == 0) return true;
    if (m->order == 0 && m->nlabels > 0) return false;
    return others + m->nargs <= SDP_MAX_FACTORS && w->nlabels + m->nlabels < LABELS / 2;
}

static void load(work *w)
{
    sdp_graph *g = w->g;
    factor *old = w->f;
    uint32_t n = w->n;
    w->cap = n + SDP_MAX_FACTORS;
    w->f = sdp_scratch(&g->base, w->cap * sizeof *w->f);
    w->n = 0;
    w->again = false;
    for (uint32_t i = 0; i < n; i++) // equal products are a square before they are taken apart
        for (uint32_t j = i + 1; j < n && g->node[old[i].node]->kind == SDP_MUL && old[i].node > SDP_ID_ZERO; j++)
            if (old[i].node == old[j].node && g_order(g, old[i].node) && !memcmp(old[i].label, old[j].label, (size_t)g_order(g, old[i].node)) &&
                sdp_exponents_add(g, old[i].node, old[i].exponent, old[j].exponent, &old[i].exponent))
                old[j--] = old[--n];
    for (uint32_t i = 0; i < n; i++) {
        const sdp_node *m = g->node[old[i].node];
        if (old[i].exponent != SDP_ID_ONE) push(w, old[i].node, old[i].exponent, old[i].label);
        else if (m->kind == SDP_NUM) w->coef = sdp_num_mul(g, w->coef, m->param);
        else if (m->kind == SDP_MUL) {
            bool whole = splice_whole(w, m, w->n + (n - 1 - i));
            if (!whole && m->coef[0] == SDP_NUM_ONE && plain_output(g, m)) push(w, old[i].node, SDP_ID_ONE, old[i].label);
            else splice(w, m, old[i].label, whole);
        } else if (m->kind == SDP_ADD) {
            sdp_num c;
            sdp_id p = sdp_primitive_part(g, old[i].node, &c);
            w->coef = sdp_num_mul(g, w->coef, c);
            push(w, p, SDP_ID_ONE, old[i].label);
        } else push(w, old[i].node, SDP_ID_ONE, old[i].label);
    }
}

// Applies the unions; orients sums; sorts the labels of symmetric factors so that A_ij and A_ji meet.
static void settle(work *w)
{
    sdp_graph *g = w->g;
    for (uint32_t i = 0; i < w->n; i++) {
        factor *f = &w->f[i];
        int order = g->node[f->node]->order;
        for (int k = 0; k < order; k++) f->label[k] = root(w, f->label[k]);
        if (order != 2 || f->label[0] == f->label[1]) continue;
        sdp_id t = g->node[f->node]->kind == SDP_ADD || g->node[f->node]->kind == SDP_MUL ? sdp_transpose(g, f->node) : f->node;
        bool swap = t < f->node || (f->label[0] > f->label[1] && sdp_is_symmetric(g, f->node));
        if (t < f->node) f->node = t;
        if (swap) {
            uint8_t l = f->label[0];
            f->label[0] = f->label[1];
            f->label[1] = l;
        }
    }
    for (int k = 0; k < w->order; k++) w->out[k] = root(w, w->out[k]);
}

// ---- select: SEL tensors and known sums ---------------------------------------------------------------------------

static bool in_output(const work *w, uint8_t l) { return memchr(w->out, l, (size_t)w->order) != NULL; }

static uint32_t uses(const work *w, uint8_t l)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->n; i++)
        for (int k = 0; k < g_order(w->g, w->f[i].node); k++) n += w->f[i].label[k] == l;
    return n;
}

static void drop(work *w, uint32_t i)
{
    memmove(&w->f[i], &w->f[i + 1], (w->n - i - 1) * sizeof *w->f);
    w->n--;
    w->again = true;
}

static bool provably_nonneg(const sdp_graph *g, sdp_dim d)
{
    const sdp_dim_term *t;
    uint32_t n = sdp_dim_terms(g, d, &t);
    for (uint32_t i = 0; i < n; i++)
        if (t[i].coef < 0) return false;
    return true;
}

// Slices o1..o1+d1-1 and o2.. share no index.
static bool disjoint(sdp_graph *g, sdp_dim o1, sdp_dim d1, sdp_dim o2)
{
    return provably_nonneg(g, sdp_dim_add(g, o2, sdp_dim_neg(g, sdp_dim_add(g, o1, d1))));
}

// sum_k SEL(k; a..) SEL(k; b..): both are injective in their arguments. True if the pair was resolved.
static bool select_pair(work *w, uint32_t i, uint32_t j)
{
    sdp_graph *g = w->g;
    const sdp_node *a = g->node[w->f[i].node], *b = g->node[w->f[j].node];
    if (a->order > b->order) return select_pair(w, j, i);
    uint8_t k = w->f[i].label[0];
    bool only_here = !in_output(w, k) && uses(w, k) == 2;
    if (a->order == b->order && !memcmp(a->ldim, b->ldim, a->order * sizeof *a->ldim) &&
        !memcmp(a->dim, b->dim, a->order * sizeof *a->dim) && (only_here || a->order == 1)) {
        for (int x = 1; x < a->order; x++) unify(w, w->f[i].label[x], w->f[j].label[x]);
        drop(w, j);
        return true;
    }
    long p, q, d;
    if (a->order == 1 && b->order == 1 && sdp_dim_long(g, a->ldim[0], &p) && sdp_dim_long(g, b->ldim[0], &q) && p != q) {
        w->coef = SDP_NUM_ZERO;
        return true;
    }
    if (a->order == 2 && b->order == 2 && a->ldim[1] == SDP_DIM_ONE && b->ldim[1] == SDP_DIM_ONE &&
        (disjoint(g, a->ldim[0], a->dim[1], b->ldim[0]) || disjoint(g, b->ldim[0], b->dim[1], a->ldim[0]))) {
        w->coef = SDP_NUM_ZERO;
        return true;
    }
    // one-hot at p through a slice that starts at q: one-hot at p - q of the slice, or nothing
    if (a->order == 1 && b->order == 2 && only_here && b->ldim[1] == SDP_DIM_ONE) {
        sdp_dim at = sdp_dim_add(g, a->ldim[0], sdp_dim_neg(g, b->ldim[0]));
        if (sdp_dim_long(g, at, &p) && sdp_dim_long(g, b->dim[1], &d)) {
            if (p < 0 || p >= d) { w->coef = SDP_NUM_ZERO; return true; }
            w->dead[k] = true;
            w->f[j].label[0] = w->f[j].label[1];
            w->f[j].node = sdp_sel(g, 1, &b->dim[1], &at);
            drop(w, i);
            return true;
        }
    }
    return false;
}

// Does the sum of the node over this axis equal one everywhere?
static bool sums_to_one(const sdp_graph *g, sdp_id id, int axis)
{
    const sdp_node *n = g->node[id];
    if (n->kind == SDP_SEL) return axis == 0; // its arguments determine it
    if (n->kind == SDP_PRIM && n->op == SDP_OP_softmax) return n->param == 1u << axis;
    return n->kind == SDP_VAR && n->order == 1 && (g->var[n->param].facts & (SDP_SIMPLEX | SDP_ONEHOT));
}

static bool select_step(work *w)
{
    sdp_graph *g = w->g;
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_node *a = g->node[w->f[i].node];
        for (int k = 0; k < a->order; k++) {
            uint8_t l = w->f[i].label[k];
            if (w->f[i].exponent != SDP_ID_ONE || !sums_to_one(g, w->f[i].node, k) || in_output(w, l) || uses(w, l) != 1) continue;
            w->dead[l] = true;
            drop(w, i);
            return true;
        }
        if (a->kind != SDP_SEL) continue;
        for (uint32_t j = i + 1; j < w->n; j++)
            if (g->node[w->f[j].node]->kind == SDP_SEL && w->f[j].label[0] == w->f[i].label[0] && select_pair(w, i, j)) return true;
    }
    return false;
}

// ---- merge ---------------------------------------------------------------------------------------------------------------

static bool same_labels(const sdp_graph *g, const factor *a, const factor *b)
{
    int order = g->node[a->node]->order;
    return g->node[b->node]->order == order && !memcmp(a->label, b->label, (size_t)order);
}

static bool is_map(const sdp_graph *g, sdp_id id, int op)
{
    return g->node[id]->kind == SDP_MAP && g->node[id]->op == op;
}

// Products of two functions of one argument that are simpler: {first, second, what remains: 0 first, 1 the argument}.
static const struct { uint16_t f, h, rest; } absorb[] = {
    {SDP_OP_abs, SDP_OP_sign, 1}, // |x| sign(x) = x
    {SDP_OP_relu, SDP_OP_step, 0}, // relu(x) step(x) = relu(x)
};

// Rewrites factors a, b with equal labels; true if b was absorbed into a.
static bool merge_functions(work *w, factor *a, factor *b)
{
    sdp_graph *g = w->g;
    sdp_id one = SDP_ID_ONE;
    if (b->exponent == one && a->exponent == one && is_map(g, b->node, SDP_OP_sign) && g->node[b->node]->arg[0] == a->node) {
        a->node = sdp_map1(g, SDP_OP_abs, a->node); // x sign(x) = |x|
        return true;
    }
    if (g->node[a->node]->kind != SDP_MAP || g->node[b->node]->kind != SDP_MAP || b->exponent != one) return false;
    const sdp_node *x = g->node[a->node], *y = g->node[b->node];
    if (a->exponent == one && x->op == SDP_OP_exp && y->op == SDP_OP_exp) {
        sdp_id u = sdp_add2(g, x->arg[0], y->arg[0]);
        a->node = sdp_map1(g, SDP_OP_exp, u);
        return true;
    }
    // exp(-u) sigmoid(u) = sigmoid(-u)
    if (a->exponent == one && x->op == SDP_OP_exp && y->op == SDP_OP_sigmoid && x->arg[0] == sdp_scale(g, SDP_NUM_MINUS_ONE, y->arg[0])) {
        a->node = sdp_map1(g, SDP_OP_sigmoid, x->arg[0]);
        return true;
    }
    for (size_t i = 0; i < sizeof absorb / sizeof *absorb; i++)
        if (x->op == absorb[i].f && y->op == absorb[i].h && x->arg[0] == y->arg[0]) {
            if (absorb[i].rest == 0) return true; // holds for any power of relu
            if (a->exponent != one) return false;
            a->node = x->arg[0];
            return true;
        }
    return false;
}

// exp(x) / sum(exp(x)) with the sum as a scalar factor
static bool merge_softmax(work *w, factor *a, factor *b)
{
    sdp_graph *g = w->g;
    sdp_num e;
    const sdp_node *x = g->node[a->node], *s = g->node[b->node];
    if (!is_map(g, a->node, SDP_OP_exp) || a->exponent != SDP_ID_ONE || x->order == 0 || s->kind != SDP_MUL || s->order) return false;
    if (s->nargs != 1 || s->arg[0] != a->node || s->nlabels != x->order || !sdp_is_number(g, b->exponent, &e)) return false;
    if (!sdp_num_is_int(g, e) || sdp_num_sign(g, e) >= 0) return false;
    sdp_id arg = x->arg[0];
    a->node = sdp_prim(g, SDP_OP_softmax, 1, &arg, (1u << x->order) - 1);
    b->exponent = sdp_number(g, sdp_num_add(g, e, SDP_NUM_ONE));
    return true;
}

static bool merge_step(work *w)
{
    sdp_graph *g = w->g;
    for (uint32_t i = 0; i < w->n; i++)
        for (uint32_t j = 0; j < w->n; j++) {
            factor *a = &w->f[i], *b = &w->f[j];
            if (i == j) continue;
            if (merge_softmax(w, a, b)) return w->again = true;
            if (!same_labels(g, a, b)) continue;
            if (i < j && a->node == b->node && sdp_exponents_add(g, a->node, a->exponent, b->exponent, &a->exponent)) {
                drop(w, j);
                return true;
            }
            if (merge_functions(w, a, b)) {
                drop(w, j);
                return true;
            }
        }
    return false;
}

// Turns (node, exponent) back into single nodes; what becomes a product or a number is loaded again.
static void raise_powers(work *w)
{
    sdp_graph *g = w->g;
    for (uint32_t i = 0; i < w->n; i++) {
        factor *f = &w->f[i];
        if (f->exponent == SDP_ID_ONE) continue;
        const sdp_node *e = g->node[f->exponent];
        if (e->kind == SDP_NUM && e->param == SDP_NUM_ZERO) {
            drop(w, i--);
            continue;
        }
        f->node = sdp_power(g, f->node, f->exponent);
        f->exponent = SDP_ID_ONE;
        sdp_kind k = g->node[f->node]->kind;
        w->again |= k == SDP_NUM || (k == SDP_MUL && splice_whole(w, g->node[f->node], w->n));
    }
}

// where(c, p, 0) * r, element by element, is where(c, p*r, 0): a branch that is not taken must not meet 0*inf.
static void absorb_into_where(work *w)
{
    sdp_graph *g = w->g;
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_node *x = g->node[w->f[i].node];
        if (w->n == 1 || x->kind != SDP_MAP || x->op != SDP_OP_where) continue;
        int branch = sdp_is_zero(g, x->arg[1]) ? 2 : sdp_is_zero(g, x->arg[2]) ? 1 : 0;
        if (!branch) continue;
        const uint8_t *l = w->f[i].label;
        bool taken = false;
        work *in = sdp_scratch(&g->base, sizeof *in);
        *in = (work){.g = g, .coef = SDP_NUM_ONE, .cap = w->n + 1, .order = x->order, .nlabels = w->nlabels};
        memcpy(in->parent, w->parent, sizeof in->parent);
        memcpy(in->dim, w->dim, sizeof in->dim);
        memcpy(in->out, l, x->order);
        memset(in->dead, true, in->nlabels);
        in->f = sdp_scratch(&g->base, in->cap * sizeof *in->f);
        factor self = w->f[i];
        for (uint32_t j = 0; j < w->n; j++) {
            bool inside = j != i;
            for (int k = 0; inside && k < g_order(g, w->f[j].node); k++) inside = memchr(l, w->f[j].label[k], x->order) != NULL;
            if (!inside) continue;
            push(in, w->f[j].node, w->f[j].exponent, w->f[j].label);
            taken = true;
            memmove(&w->f[j], &w->f[j + 1], (w->n - j - 1) * sizeof *w->f);
            w->n--;
            if (j < i) i--;
            j--;
        }
        if (!taken) continue;
        bool distinct = true;
        for (int k = 1; k < x->order; k++) distinct &= !memchr(l, l[k], (size_t)k);
        if (!distinct) { // a diagonal is taken: put the factors back
            for (uint32_t j = 0; j < in->n; j++) push(w, in->f[j].node, in->f[j].exponent, in->f[j].label);
            continue;
        }
        push(in, x->arg[branch], SDP_ID_ONE, self.label);
        sdp_id arg[3] = {x->arg[0], x->arg[1], x->arg[2]};
        arg[branch] = finish(in);
        w->f[i].node = sdp_map(g, SDP_OP_where, arg);
        w->again = true;
        return;
    }
}

// ---- networks: branches that repeat, inverses that cancel --------------------------------------------------------

// Marks in `branch` the factors connected to factor `from` without passing label `cut`; false if an output label or
// nothing but the factor itself is reached.
static bool branch_at(const work *w, uint8_t cut, uint32_t from, bool *branch, uint32_t *size)
{
    bool grown = true;
    memset(branch, 0, w->n);
    branch[from] = true;
    *size = 1;
    while (grown) {
        grown = false;
        for (uint32_t i = 0; i < w->n; i++)
            for (int k = 0; branch[i] && k < g_order(w->g, w->f[i].node); k++) {
                uint8_t l = w->f[i].label[k];
                if (l == cut) continue;
                if (in_output(w, l)) return false;
                for (uint32_t j = 0; j < w->n; j++)
                    for (int x = 0; !branch[j] && x < g_order(w->g, w->f[j].node); x++)
                        if (w->f[j].label[x] == l) branch[j] = grown = true, ++*size;
            }
    }
    return true;
}

static sdp_id branch_node(work *w, uint8_t cut, const bool *branch)
{
    sdp_graph *g = w->g;
    sdp_id *node = sdp_scratch(&g->base, w->n * sizeof *node);
    uint8_t *label = sdp_scratch(&g->base, w->n * SDP_MAX_ORDER);
    uint32_t n = 0, nl = 0;
    for (uint32_t i = 0; i < w->n; i++) {
        if (!branch[i]) continue;
        if (w->f[i].exponent != SDP_ID_ONE) return 0;
        node[n++] = w->f[i].node;
        for (int k = 0; k < g_order(g, w->f[i].node); k++) label[nl++] = w->f[i].label[k];
    }
    return sdp_mul_raw(g, SDP_NUM_ONE, n, node, label, 1, &cut, w->dim);
}

static bool any_repeated(const work *w)
{
    for (uint32_t i = 0; i < w->n; i++)
        for (uint32_t j = i + 1; j < w->n; j++)
            if (w->f[i].node == w->f[j].node && g_order(w->g, w->f[i].node) >= 1) return true;
    return false;
}

// (A x)_i (A x)_i, spliced into A_ij x_j A_ik x_k, is the square of a vector again.
static bool merge_branches(work *w)
{
    sdp_graph *g = w->g;
    if (w->n < 3 || !any_repeated(w)) return false;
    bool *a = sdp_scratch(&g->base, w->n), *b = sdp_scratch(&g->base, w->n);
    for (uint32_t i = 0; i < w->n; i++)
        for (int k = 0; k < g_order(g, w->f[i].node); k++) {
            uint8_t cut = w->f[i].label[k];
            uint32_t size, other;
            if (w->f[i].exponent != SDP_ID_ONE || !branch_at(w, cut, i, a, &size) || size < 2) continue;
            for (uint32_t j = 0; j < w->n; j++) {
                bool touches = g_order(g, w->f[j].node) > 0 && memchr(w->f[j].label, cut, (size_t)g_order(g, w->f[j].node));
                if (a[j] || !touches || !branch_at(w, cut, j, b, &other)) continue;
                sdp_id x = branch_node(w, cut, a), exponent = SDP_ID_ONE;
                bool power = other == 1 && w->f[j].node == x && g_order(g, x) == 1; // (A x)_i^k (A x)_i
                if (power) exponent = w->f[j].exponent;
                if (!x || (!power && (other != size || branch_node(w, cut, b) != x))) continue;
                if (!sdp_exponents_add(g, x, SDP_ID_ONE, exponent, &exponent)) continue;
                uint32_t keep = 0;
                for (uint32_t f = 0; f < w->n; f++) {
                    if (!a[f] && !b[f]) {
                        w->f[keep++] = w->f[f];
                        continue;
                    }
                    for (int o = 0; o < g_order(g, w->f[f].node); o++)
                        if (w->f[f].label[o] != cut) w->dead[w->f[f].label[o]] = true;
                }
                w->n = keep;
                push(w, x, exponent, &cut);
                return w->again = true;
            }
        }
    return false;
}

typedef struct { sdp_id node; bool transposed; } link;

// The factors of a square matrix product, in order: P = A_1 A_2 ... A_n, all square. 0 if it is not such a chain.
static uint32_t chain(sdp_graph *g, sdp_id p, link *list)
{
    const sdp_node *n = g->node[p];
    if (n->kind != SDP_MUL || n->order != 2 || n->nargs < 2 || n->nlabels != n->nargs + 1 || n->coef[0] != SDP_NUM_ONE) return 0;
    const uint8_t *out = sdp_labels(g, n, n->nargs);
    bool used[SDP_MAX_FACTORS] = {false};
    uint8_t at = out[0];
    for (uint32_t k = 0; k < n->nargs; k++) {
        uint32_t i = 0;
        for (; i < n->nargs; i++) {
            const sdp_node *f = g->node[n->arg[i]];
            if (f->order != 2 || f->dim[0] != f->dim[1]) return 0;
            const uint8_t *l = n->label + 2 * i;
            if (used[i] || (l[0] != at && l[1] != at) || l[0] == l[1]) continue;
            list[k] = (link){n->arg[i], l[0] != at};
            at = l[0] == at ? l[1] : l[0];
            used[i] = true;
            break;
        }
        if (i == n->nargs) return 0;
    }
    return at == out[1] ? n->nargs : 0;
}

static sdp_id chain_product(sdp_graph *g, const link *list, uint32_t n)
{
    sdp_id p = list[0].transposed ? sdp_transpose(g, list[0].node) : list[0].node;
    for (uint32_t i = 1; i < n; i++) p = sdp_es(g, SDP_NUM_ONE, list[i].transposed ? "ij,kj->ik" : "ij,jk->ik", p, list[i].node);
    return p;
}

// inv(P) M or M inv(P) with M = P, or M the end of the chain P that meets it. f, h: the factors, y: which axis of
// inv(P) they share, z: which axis of M.
static bool cancel_pair(work *w, uint32_t f, uint32_t h, int y, int z)
{
    sdp_graph *g = w->g;
    sdp_id p = g->node[w->f[f].node]->arg[0], m = w->f[h].node, rest = 0;
    uint8_t shared = w->f[f].label[y], outer = w->f[f].label[1 - y], far = w->f[h].label[1 - z];
    bool transposed = y == z; // M enters the matrix product as M'
    bool symmetric = sdp_is_symmetric(g, m);
    link list[SDP_MAX_FACTORS];
    uint32_t n;
    if (m == p && (!transposed || symmetric)) rest = sdp_eye(g, g->node[p]->dim[0]);
    else if ((n = chain(g, p, list)) > 1) {
        link end = y ? list[0] : list[n - 1];
        if (end.node == m && (end.transposed == transposed || symmetric)) rest = sdp_prim(g, SDP_OP_inv, 1, (sdp_id[]){chain_product(g, list + (y ? 1 : 0), n - 1)}, 0);
    }
    if (!rest) return false;
    w->dead[shared] = true;
    w->f[f].node = rest;
    w->f[f].label[y] = far;
    w->f[f].label[1 - y] = outer;
    drop(w, h);
    return true;
}

static bool cancel_inverses(work *w)
{
    sdp_graph *g = w->g;
    for (uint32_t f = 0; f < w->n; f++) {
        const sdp_node *inv = g->node[w->f[f].node];
        if (inv->kind != SDP_PRIM || inv->op != SDP_OP_inv || w->f[f].exponent != SDP_ID_ONE) continue;
        for (uint32_t h = 0; h < w->n; h++)
            for (int y = 0; y < 2; y++)
                for (int z = 0; z < 2; z++) {
                    if (h == f || g_order(g, w->f[h].node) != 2 || w->f[h].exponent != SDP_ID_ONE) continue;
                    uint8_t l = w->f[f].label[y];
                    if (w->f[h].label[z] != l || in_output(w, l) || uses(w, l) != 2) continue;
                    if (cancel_pair(w, f, h, y, z)) return true;
                    // a symmetric inverse may be read the other way round
                    if (!sdp_is_symmetric(g, w->f[f].node)) continue;
                    uint8_t swap[2] = {w->f[f].label[1], w->f[f].label[0]};
                    memcpy(w->f[f].label, swap, sizeof swap);
                    if (cancel_pair(w, f, h, 1 - y, z)) return true;
                    uint8_t back[2] = {w->f[f].label[1], w->f[f].label[0]};
                    memcpy(w->f[f].label, back, sizeof back);
                }
    }
    return false;
}

// ---- close: scalar components ---------------------------------------------------------------------------------------

// Numbers the connected components of factors (joined by labels) in comp[]; returns how many.
static uint32_t components(work *w, uint32_t *comp)
{
    sdp_graph *g = w->g;
    uint32_t owner[LABELS + 1], count = 0;
    memset(owner, 0xff, sizeof owner);
    for (uint32_t i = 0; i < w->n; i++) {
        comp[i] = count++;
        for (int k = 0; k < g_order(g, w->f[i].node); k++) {
            uint8_t l = w->f[i].label[k];
            if (owner[l] != UINT32_MAX && owner[l] != comp[i]) {
                uint32_t from = comp[i], to = owner[l];
                for (uint32_t j = 0; j <= i; j++)
                    if (comp[j] == from) comp[j] = to;
                for (uint32_t j = 0; j <= LABELS; j++)
                    if (owner[j] == from) owner[j] = to;
            }
            owner[l] = comp[i];
        }
    }
    return count;
}

// Makes each closed component of several factors a node of its own, if it is not all there is.
static void close_components(work *w)
{
    sdp_graph *g = w->g;
    uint32_t *comp = sdp_scratch(&g->base, (w->n + 1) * sizeof *comp), count = components(w, comp), groups = 0;
    bool *open = sdp_scratch(&g->base, (count + 1) * sizeof *open), *live = sdp_scratch(&g->base, (count + 1) * sizeof *live);
    for (uint32_t i = 0; i < w->n; i++) {
        groups += !live[comp[i]];
        live[comp[i]] = true;
        for (int k = 0; k < g_order(g, w->f[i].node); k++) open[comp[i]] |= in_output(w, w->f[i].label[k]);
    }
    if (groups < 2 && w->order == 0) return;
    for (uint32_t c = 0; c < count; c++) {
        if (!live[c] || open[c]) continue;
        sdp_id *node = sdp_scratch(&g->base, w->n * sizeof *node);
        uint8_t *label = sdp_scratch(&g->base, w->n * SDP_MAX_ORDER + 1);
        uint32_t n = 0, nl = 0;
        for (uint32_t i = 0; i < w->n; i++) {
            if (comp[i] != c) continue;
            for (int k = 0; k < g_order(g, w->f[i].node); k++) {
                label[nl++] = w->f[i].label[k];
                w->dead[w->f[i].label[k]] = true;
            }
            node[n++] = w->f[i].node;
        }
        if (nl == 0) continue; // a single scalar factor
        sdp_id closed = sdp_mul_raw(g, SDP_NUM_ONE, n, node, label, 0, NULL, NULL);
        uint32_t keep = 0;
        for (uint32_t i = 0; i < w->n; i++)
            if (comp[i] != c) { w->f[keep] = w->f[i]; comp[keep++] = comp[i]; }
        w->n = keep;
        push(w, closed, SDP_ID_ONE, no_labels);
        comp[w->n - 1] = UINT32_MAX;
        w->again = true;
        return;
    }
}

// A bound label in no factor is a factor n.
static void count_free_sums(work *w)
{
    for (uint32_t l = 0; l < w->nlabels; l++) {
        if (w->parent[l] != l || w->dead[l] || in_output(w, (uint8_t)l) || uses(w, (uint8_t)l)) continue;
        w->dead[l] = true;
        push(w, sdp_dim_value(w->g, w->dim[l]), SDP_ID_ONE, no_labels);
        w->again = true;
    }
}

// ---- order ------------------------------------------------------------------------------------------------------------------

static uint64_t mix(uint64_t h, uint64_t v)
{
    h ^= v + 0x9e3779b97f4a7c15u + (h << 6) + (h >> 2);
    h *= 0xff51afd7ed558ccdu;
    return h ^ (h >> 32);
}

typedef struct { uint64_t key; uint32_t at; sdp_id node; } rank;

static int compare_rank(const void *a, const void *b)
{
    const rank *x = a, *y = b;
    if (x->node != y->node) return x->node < y->node ? -1 : 1;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

static uint64_t factor_key(sdp_graph *g, sdp_id id, const uint8_t *l, const uint64_t *colour, bool symmetric)
{
    uint64_t h = id;
    if (symmetric) {
        uint64_t a = colour[l[0]], b = colour[l[1]];
        return mix(mix(h, a < b ? a : b), a < b ? b : a);
    }
    for (int k = 0; k < g->node[id]->order; k++) h = mix(h, colour[l[k]]);
    return h;
}

static void refine(sdp_graph *g, uint32_t n, const sdp_id *node, uint8_t *const *label, const bool *symmetric, uint64_t *colour, uint32_t nlabels)
{
    for (uint32_t round = 0; round < n && round < 8; round++) {
        uint64_t next[LABELS + 1] = {0};
        for (uint32_t i = 0; i < n; i++) {
            uint64_t key = factor_key(g, node[i], label[i], colour, symmetric[i]);
            for (int k = 0; k < g->node[node[i]]->order; k++) next[label[i][k]] += mix(key, symmetric[i] ? 0 : (uint64_t)k + 1);
        }
        for (uint32_t l = 0; l < nlabels; l++)
            if (next[l]) colour[l] = mix(colour[l], next[l]);
    }
}

// Sorts the factors and numbers the labels; interns the node.
static sdp_id order_and_intern(sdp_graph *g, sdp_num coef, uint32_t n, const sdp_id *node, uint8_t *const *label, int order,
                               const uint8_t *out, const sdp_dim *ldim)
{
    uint64_t colour[LABELS + 1];
    bool *symmetric = sdp_scratch(&g->base, (n + 1) * sizeof *symmetric);
    rank *r = sdp_scratch(&g->base, (n + 1) * sizeof *r);
    uint32_t nlabels = 0;
    for (uint32_t i = 0; i < n; i++)
        for (int k = 0; k < g->node[node[i]]->order; k++)
            if (label[i][k] >= nlabels) nlabels = label[i][k] + 1u;
    for (uint32_t l = 0; l <= LABELS; l++) colour[l] = 1;
    for (int k = 0; k < order; k++) colour[out[k]] = mix(colour[out[k]], (uint64_t)k + 2);
    for (uint32_t i = 0; i < n; i++) symmetric[i] = g->node[node[i]]->order == 2 && sdp_is_symmetric(g, node[i]);
    for (uint32_t tie = 0; tie <= n; tie++) {
        refine(g, n, node, label, symmetric, colour, nlabels);
        for (uint32_t i = 0; i < n; i++) r[i] = (rank){factor_key(g, node[i], label[i], colour, symmetric[i]), i, node[i]};
        qsort(r, n, sizeof *r, compare_rank);
        uint32_t t = 0;
        while (t + 1 < n && (r[t].key != r[t + 1].key || r[t].node != r[t + 1].node || g->node[r[t].node]->order == 0)) t++;
        if (t + 1 >= n) break;
        const uint8_t *l = label[r[t].at]; // individualise the first of the tied factors
        for (int k = 0; k < g->node[r[t].node]->order; k++) colour[l[k]] = mix(colour[l[k]], 1000 + tie * SDP_MAX_ORDER + (uint64_t)k);
    }
    uint32_t total = (uint32_t)order, at = 0;
    for (uint32_t i = 0; i < n; i++) total += g->node[node[i]]->order;
    sdp_id *arg = sdp_scratch(&g->base, (n + 1) * sizeof *arg);
    uint8_t *flat = sdp_scratch(&g->base, total + 1), number[LABELS + 1], used = 0;
    sdp_dim *dims = sdp_scratch(&g->base, (total + 1) * sizeof *dims), odim[SDP_MAX_ORDER];
    memset(number, 0xff, sizeof number);
    for (uint32_t i = 0; i <= n; i++) {
        const uint8_t *l = i < n ? label[r[i].at] : out;
        int k = i < n ? g->node[r[i].node]->order : order;
        if (i < n) arg[i] = r[i].node;
        bool swap = i < n && symmetric[r[i].at] &&
                    (number[l[0]] > number[l[1]] || (number[l[0]] == number[l[1]] && colour[l[0]] > colour[l[1]]));
        for (int a = 0; a < k; a++) {
            uint8_t x = l[swap ? 1 - a : a];
            if (number[x] == 0xff) {
                if (used == SDP_MAX_LABELS) sdp_limit(&g->base, "labels", SDP_MAX_LABELS);
                dims[used] = ldim[x];
                number[x] = used++;
            }
            if (i == n) odim[a] = dims[number[x]];
            flat[at++] = number[x];
        }
    }
    if (order > SDP_MAX_ORDER) sdp_limit(&g->base, "order", SDP_MAX_ORDER);
    return sdp_intern(g, &(sdp_node){.kind = SDP_MUL, .order = (uint8_t)order, .nlabels = used, .nargs = n, .dim = odim, .arg = arg,
                                     .coef = &coef, .label = flat, .ldim = dims});
}

sdp_id sdp_mul_raw(sdp_graph *g, sdp_num coef, uint32_t n, const sdp_id *node, const uint8_t *labels, int order, const uint8_t *out,
                   const sdp_dim *ldim)
{
    if (n == 0 && order == 0) return sdp_number(g, coef);
    if (coef == SDP_NUM_ONE && n == 1 && g->node[node[0]]->order == order && !memcmp(labels, out, (size_t)order)) {
        bool distinct = true;
        for (int k = 1; k < order; k++) distinct &= !memchr(labels, labels[k], (size_t)k);
        if (distinct) return node[0];
    }
    sdp_mark m = sdp_scratch_mark(&g->base);
    uint8_t **label = sdp_scratch(&g->base, (n + 1) * sizeof *label);
    sdp_dim dims[LABELS + 1] = {0};
    uint8_t *l = sdp_scratch(&g->base, n * SDP_MAX_ORDER + 1);
    for (uint32_t i = 0, at = 0; i < n; i++) {
        label[i] = l;
        for (int k = 0; k < g->node[node[i]]->order; k++) {
            *l = labels[at++];
            dims[*l++] = g->node[node[i]]->dim[k];
        }
    }
    for (int k = 0; k < order; k++)
        if (!dims[out[k]]) dims[out[k]] = ldim[out[k]];
    sdp_id id = order_and_intern(g, coef, n, node, label, order, out, dims);
    sdp_scratch_release(&g->base, m);
    return id;
}

// coef * one factor whose labels are a permutation of the output: sums take it inside.
static sdp_id distribute(work *w)
{
    sdp_graph *g = w->g;
    if (w->n != 1 || g->node[w->f[0].node]->kind != SDP_ADD) return 0;
    const sdp_node *a = g->node[w->f[0].node];
    uint8_t axis[SDP_MAX_ORDER];
    if (a->order != w->order) return 0;
    bool straight = true;
    for (int k = 0; k < w->order; k++) {
        const uint8_t *at = memchr(w->f[0].label, w->out[k], a->order);
        if (!at || memchr(w->out, w->out[k], (size_t)k)) return 0;
        axis[k] = (uint8_t)(at - w->f[0].label);
        straight &= axis[k] == k;
    }
    if (straight && w->coef == SDP_NUM_ONE) return w->f[0].node;
    sdp_num *coef = sdp_scratch(&g->base, a->nargs * sizeof *coef);
    sdp_id *term = sdp_scratch(&g->base, a->nargs * sizeof *term);
    for (uint32_t i = 0; i < a->nargs; i++) {
        coef[i] = sdp_num_mul(g, w->coef, a->coef[i]);
        term[i] = straight ? a->arg[i] : sdp_permute(g, a->arg[i], axis);
    }
    return sdp_add(g, a->nargs, coef, term);
}

static sdp_id finish(work *w)
{
    sdp_graph *g = w->g;
    do {
        load(w);
        do settle(w);
        while (w->coef != SDP_NUM_ZERO && (select_step(w) || merge_step(w) || cancel_inverses(w)));
        if (w->coef == SDP_NUM_ZERO) break;
        if (!w->again) merge_branches(w);
        raise_powers(w);
        if (!w->again) absorb_into_where(w);
        if (!w->again) count_free_sums(w);
        if (!w->again) close_components(w);
    } while (w->again && w->coef != SDP_NUM_ZERO);
    if (w->coef == SDP_NUM_ZERO) {
        sdp_dim dim[SDP_MAX_ORDER];
        for (int k = 0; k < w->order; k++) dim[k] = w->dim[root(w, w->out[k])];
        return sdp_zeros(g, w->order, dim);
    }
    sdp_id sum = distribute(w);
    if (sum) return sum;
    sdp_id *node = sdp_scratch(&g->base, (w->n + 1) * sizeof *node);
    uint8_t *labels = sdp_scratch(&g->base, w->n * SDP_MAX_ORDER + 1);
    uint32_t at = 0;
    for (uint32_t i = 0; i < w->n; i++) {
        node[i] = w->f[i].node;
        for (int k = 0; k < g_order(g, node[i]); k++) labels[at++] = w->f[i].label[k];
    }
    return sdp_mul_raw(g, w->coef, w->n, node, labels, w->order, w->out, w->dim);
}

sdp_id sdp_mul(sdp_graph *g, sdp_num coef, uint32_t n, const sdp_id *node, const uint8_t *labels, int order, const uint8_t *out,
               const sdp_dim *ldim)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    if (order > SDP_MAX_ORDER) sdp_limit(&g->base, "order", SDP_MAX_ORDER);
    work *w = sdp_scratch(&g->base, sizeof *w);
    *w = (work){.g = g, .coef = coef, .cap = n + 4, .order = order};
    w->f = sdp_scratch(&g->base, w->cap * sizeof *w->f);
    uint8_t number[LABELS + 1]; // labels from outside are renumbered densely
    memset(number, 0xff, sizeof number);
    for (uint32_t i = 0, at = 0; i < n; i++) {
        uint8_t l[SDP_MAX_ORDER];
        for (int k = 0; k < g->node[node[i]]->order; k++, at++) {
            if (number[labels[at]] == 0xff) number[labels[at]] = new_label(w, g->node[node[i]]->dim[k]);
            l[k] = number[labels[at]];
        }
        push(w, node[i], SDP_ID_ONE, l);
    }
    for (int k = 0; k < order; k++) {
        if (number[out[k]] == 0xff) number[out[k]] = new_label(w, ldim[out[k]]);
        w->out[k] = number[out[k]];
    }
    sdp_id id = finish(w);
    sdp_scratch_release(&g->base, m);
    return id;
}
