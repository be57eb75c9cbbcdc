// SPDX-License-Identifier: MIT
// The einsum constructor: sdp_mul() brings any product of tensors to canonical form.
//
// The steps, each a function below, repeated until nothing changes:
//   load      nested products are spliced in, numbers go to the coefficient, identities unify labels
//   select    one-hot and slice tensors (SEL) meet each other; sums that are known are carried out
//   merge     equal factors become powers, inverse powers cancel, exp(a)*exp(b) is exp(a+b)
//   structure Q'*Q is the identity, what is lower and upper is diagonal
//   close     a group of factors without output labels is a scalar node of its own
//   count     a bound label in no factor is the dimension as a number
// and at last
//   order     factors sorted, labels numbered, independent of the names they came with (colour refinement:
//             a label's colour is hashed from the factors and neighbours it meets; a tie between factors is
//             broken by individualising one of them and refining again).
// Splicing stops at SDP_MAX_FACTORS, so that long chains stay linear in size; X*X*X in what is longer becomes
// powm(X,3), which meets its like.
#include <string.h>

#include "ast/make/mul.h"

const uint8_t sdp_no_labels[1];

uint8_t sdp_mul_root(mul_work *w, uint8_t l)
{
    while (w->label.parent[l] != l) l = w->label.parent[l] = w->label.parent[w->label.parent[l]];
    return l;
}

uint8_t sdp_mul_new_label(mul_work *w, sdp_dim d)
{
    if (w->label.n == LABELS) sdp_limit(&w->g->base, "labels", LABELS);
    w->label.parent[w->label.n] = (uint8_t)w->label.n;
    w->label.dim[w->label.n] = d;
    return (uint8_t)w->label.n++;
}

void sdp_mul_unify(mul_work *w, uint8_t a, uint8_t b)
{
    a = sdp_mul_root(w, a);
    b = sdp_mul_root(w, b);
    if (w->label.dim[a] != w->label.dim[b] && w->label.dim[a] && w->label.dim[b])
        sdp_fail(&w->g->base, SD_ERR_INTERNAL, (sdp_span){0, 0}, NULL,
                 "labels of dimensions %s and %s are unified", sdp_dim_text(w->g, w->label.dim[a]),
                 sdp_dim_text(w->g, w->label.dim[b]));
    if (a != b) w->label.parent[a > b ? a : b] = a < b ? a : b;
}

void sdp_mul_push(mul_work *w, sdp_id node, sdp_id exponent, const uint8_t *label)
{
    w->f = sdp_grown(&w->g->base, w->f, w->n, &w->cap, sizeof *w->f);
    const sdp_node *n = w->g->node[node];
    if (n->kind == SDP_POW && exponent == SDP_ID_ONE && w->g->node[n->arg[1]]->order == 0) {
        node = n->arg[0];
        exponent = n->arg[1];
    }
    mul_factor *f = &w->f[w->n++];
    f->node = node;
    f->exponent = exponent;
    if (n->order) sdp_copy(f->label, label, n->order);
}
bool sdp_mul_in_output(const mul_work *w, uint8_t l) { return memchr(w->out, l, (size_t)w->order) != NULL; }

uint32_t sdp_mul_uses(const mul_work *w, uint8_t l)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->n; i++)
        for (int k = 0; k < sdp_order(w->g, w->f[i].node); k++) n += w->f[i].label[k] == l;
    return n;
}

void sdp_mul_drop(mul_work *w, uint32_t i)
{
    memmove(&w->f[i], &w->f[i + 1], (w->n - i - 1) * sizeof *w->f);
    w->n--;
    w->again = true;
}

// ---- load -------------------------------------------------------------------------------------------------

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
        if (!memchr(axis_label, out[i], (size_t)k) && memchr(m->label, out[i], (size_t)(out - m->label)))
            axis_label[k++] = out[i];
    *order = k;
    return sdp_mul_raw(g, SDP_NUM_ONE, m->nargs, m->arg, m->label, k, axis_label, m->ldim);
}

// Splices the factors of product m, used with these labels, into w.
static void splice(mul_work *w, const sdp_node *m, const uint8_t *label, bool whole)
{
    sdp_graph *g = w->g;
    uint8_t map[SDP_MAX_LABELS];
    bool known[SDP_MAX_LABELS] = {false};
    const uint8_t *out = sdp_labels(g, m, m->nargs), *l = m->label;
    w->coef = sdp_num_mul(g, w->coef, m->coef[0]);
    for (int i = 0; i < m->order; i++) {
        if (known[out[i]]) sdp_mul_unify(w, map[out[i]], label[i]);
        map[out[i]] = label[i];
        known[out[i]] = true;
    }
    if (!whole) { // too many factors: keep them as one
        uint8_t axis[SDP_MAX_ORDER], used[SDP_MAX_ORDER];
        int order;
        sdp_id c = core(g, m, axis, &order);
        for (int i = 0; i < order; i++) used[i] = map[axis[i]];
        sdp_mul_push(w, c, SDP_ID_ONE, used);
        return;
    }
    for (int i = 0; i < m->nlabels; i++)
        if (!known[i]) map[i] = sdp_mul_new_label(w, m->ldim[i]);
    for (uint32_t k = 0; k < m->nargs; k++) {
        uint8_t inner[SDP_MAX_ORDER];
        int order = g->node[m->arg[k]]->order;
        for (int i = 0; i < order; i++) inner[i] = map[*l++];
        sdp_mul_push(w, m->arg[k], SDP_ID_ONE, inner);
    }
}

// A scalar that is a contraction stays a node of its own; everything else is spliced while there is room.
bool sdp_mul_splice_whole(const mul_work *w, const sdp_node *m, uint32_t others)
{
    if (m->nargs == 0) return true;
    if (m->order == 0 && m->nlabels > 0) return false;
    return others + m->nargs <= SDP_MAX_FACTORS && w->label.n + m->nlabels < LABELS / 2;
}

// How many factors there are when all are spliced; too many, and powers of matrices in them count as one.
static bool is_too_long(const mul_work *w)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < w->n && total <= SDP_MAX_FACTORS; i++) {
        const sdp_node *m = w->g->node[w->f[i].node];
        total += m->kind == SDP_MUL && m->order && w->f[i].exponent == SDP_ID_ONE ? m->nargs : 1;
    }
    return total > SDP_MAX_FACTORS;
}

static void load(mul_work *w)
{
    sdp_graph *g = w->g;
    mul_factor *old = w->f;
    uint32_t n = w->n;
    bool too_long = is_too_long(w);
    w->cap = n + SDP_MAX_FACTORS;
    w->f = sdp_scratch(&g->base, w->cap * sizeof *w->f);
    w->n = 0;
    w->again = false;
    for (uint32_t i = 0; i < n; i++) // equal products are a square before they are taken apart
        for (uint32_t j = i + 1; j < n && g->node[old[i].node]->kind == SDP_MUL && old[i].node > SDP_ID_ZERO;
             j++)
            if (old[i].node == old[j].node && sdp_order(g, old[i].node) &&
                !memcmp(old[i].label, old[j].label, (size_t)sdp_order(g, old[i].node)) &&
                sdp_exponents_add(g, old[i].node, old[i].exponent, old[j].exponent, &old[i].exponent))
                old[j--] = old[--n];
    for (uint32_t i = 0; i < n; i++) {
        const sdp_node *m = g->node[old[i].node];
        sdp_id power =
            too_long && m->kind == SDP_MUL && old[i].exponent == SDP_ID_ONE ? sdp_chain_as_power(g, m) : 0;
        if (power) old[i].node = power, m = g->node[power];
        if (old[i].exponent != SDP_ID_ONE) sdp_mul_push(w, old[i].node, old[i].exponent, old[i].label);
        else if (m->kind == SDP_NUM) w->coef = sdp_num_mul(g, w->coef, m->param);
        else if (m->kind == SDP_MUL) {
            bool whole = sdp_mul_splice_whole(w, m, w->n + (n - 1 - i));
            if (!whole && m->coef[0] == SDP_NUM_ONE && plain_output(g, m))
                sdp_mul_push(w, old[i].node, SDP_ID_ONE, old[i].label);
            else splice(w, m, old[i].label, whole);
        } else if (m->kind == SDP_ADD) {
            sdp_num c;
            sdp_id p = sdp_primitive_part(g, old[i].node, &c);
            w->coef = sdp_num_mul(g, w->coef, c);
            sdp_mul_push(w, p, SDP_ID_ONE, old[i].label);
        } else sdp_mul_push(w, old[i].node, SDP_ID_ONE, old[i].label);
    }
}

// Applies the unions; orients sums; sorts the labels of symmetric factors so that A_ij and A_ji meet.
static void settle(mul_work *w)
{
    sdp_graph *g = w->g;
    for (uint32_t i = 0; i < w->n; i++) {
        mul_factor *f = &w->f[i];
        int order = g->node[f->node]->order;
        for (int k = 0; k < order; k++) f->label[k] = sdp_mul_root(w, f->label[k]);
        if (order > 2 && f->exponent == SDP_ID_ONE) {
            uint8_t axis[SDP_MAX_ORDER], label[SDP_MAX_ORDER];
            sdp_num sign;
            memcpy(label, f->label, sizeof label);
            f->node = sdp_orient(g, f->node, axis, &sign);
            w->coef = sdp_num_mul(g, w->coef, sign);
            for (int k = 0; k < order; k++) f->label[k] = label[axis[k]];
        }
        if (order != 2 || f->label[0] == f->label[1]) continue;
        sdp_kind kind = g->node[f->node]->kind;
        sdp_num sign = SDP_NUM_ONE; // -(A-B)' begins with B', and may be the one that is known as B'-A'
        sdp_id t = kind == SDP_ADD || kind == SDP_MUL ? sdp_transpose(g, f->node) : f->node;
        if (g->node[t]->kind != kind) t = f->node;
        if (kind == SDP_ADD && f->exponent == SDP_ID_ONE) t = sdp_primitive_part(g, t, &sign);
        bool swap = t < f->node || (f->label[0] > f->label[1] && sdp_is_symmetric(g, f->node));
        if (t < f->node) f->node = t, w->coef = sdp_num_mul(g, w->coef, sign);
        if (swap) {
            uint8_t l = f->label[0];
            f->label[0] = f->label[1];
            f->label[1] = l;
        }
    }
    for (int k = 0; k < w->order; k++) w->out[k] = sdp_mul_root(w, w->out[k]);
}
// A bound label in no factor is a factor n.
static void count_free_sums(mul_work *w)
{
    for (uint32_t l = 0; l < w->label.n; l++) {
        if (w->label.parent[l] != l || w->label.dead[l] || sdp_mul_in_output(w, (uint8_t)l) ||
            sdp_mul_uses(w, (uint8_t)l))
            continue;
        w->label.dead[l] = true;
        sdp_mul_push(w, sdp_dim_value(w->g, w->label.dim[l]), SDP_ID_ONE, sdp_no_labels);
        w->again = true;
    }
}

// coef * one factor whose labels are a permutation of the output: sums take it inside.
static sdp_id distribute(mul_work *w)
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

// ---- the steps --------------------------------------------------------------------------------------------
// Taken again and again until none of them changes anything. Each removes what stands behind it.
static sdp_mul_step *const settling[] = {
    sdp_mul_flip,   // reversals meet each other, entries and slices
    sdp_mul_select, // one-hot vectors and slices meet what they select: a factor, or a label
    // equal factors become powers, functions side by side simplify each other: a factor, or an exponent
    sdp_mul_merge,
    sdp_mul_cancel_inverses, // inv(A)*A: two factors
    sdp_mul_add_exponents,   // X^p*X^q: a factor
    sdp_mul_structure,       // what declared structure allows, Q'*Q, u'*u: factors
};

// After them, in this order until one changes something; then all begins again. Each is taken once of the
// same factors, since what it makes is no longer what it looks for.
static const struct {
    sdp_mul_late_step *run;
    bool always; // even if something has changed: the factors must be single nodes again
} settled[] = {
    {sdp_mul_take_diagonals, false}, // diag(f(X)) is f(diag(X)): an axis of a factor
    {sdp_mul_fix_entries, false},    // x[3] reaches into functions: an axis of a factor
    // (A x)_i (A x)_i, taken apart, is a square of a vector again: factors
    {sdp_mul_merge_branches, false},
    {sdp_mul_merge_bridges, false},     // the same of matrices: factors
    {sdp_mul_raise_powers, true},       // a node and its exponent become one node: exponents
    {sdp_mul_step_into_where, false},   // step(u) beside what is singular at u = 0 is a branch: a step
    {sdp_mul_absorb_into_where, false}, // what stands beside where(c,p,0) goes into the branch: factors
    {count_free_sums, false},           // a sum over what no factor has is a factor n: a label
    {sdp_mul_close_components, false},  // parts without open axes become nodes of their own: labels
};
enum { SETTLING = sizeof settling / sizeof *settling, SETTLED = sizeof settled / sizeof *settled };

static bool any_settling(mul_work *w)
{
    for (size_t i = 0; i < SETTLING; i++)
        if (settling[i](w)) return true;
    return false;
}

// Runs the steps until none changes anything. Returns the node if one of them made it whole, else 0; the
// product may be 0 then.
static sdp_id run_until_settled(mul_work *w)
{
    do {
        load(w);
        do settle(w);
        while (w->coef != SDP_NUM_ZERO && any_settling(w));
        if (w->coef == SDP_NUM_ZERO) return 0;
        for (size_t i = 0; i < SETTLED; i++)
            if (!w->again || settled[i].always) settled[i].run(w);
        sdp_id pieces = w->again ? 0 : sdp_mul_select_pieces(w);
        if (pieces) return pieces;
    } while (w->again && w->coef != SDP_NUM_ZERO);
    return 0;
}

static sdp_id zero_product(mul_work *w)
{
    sdp_dim dim[SDP_MAX_ORDER];
    for (int k = 0; k < w->order; k++) dim[k] = w->label.dim[sdp_mul_root(w, w->out[k])];
    return sdp_zeros(w->g, w->order, dim);
}

sdp_id sdp_mul_finish(mul_work *w)
{
    sdp_graph *g = w->g;
    sdp_id whole = run_until_settled(w);
    if (whole) return whole;
    if (w->coef == SDP_NUM_ZERO) return zero_product(w);
    sdp_id sum = distribute(w);
    if (sum) return sum;
    if (w->n == 1 && w->order == 0 && sdp_order(g, w->f[0].node) == 0)
        return sdp_scale(g, w->coef, w->f[0].node);
    sdp_id *node = sdp_scratch(&g->base, (w->n + 1) * sizeof *node);
    uint8_t *labels = sdp_scratch(&g->base, w->n * SDP_MAX_ORDER + 1);
    uint32_t at = 0;
    for (uint32_t i = 0; i < w->n; i++) {
        node[i] = w->f[i].node;
        for (int k = 0; k < sdp_order(g, node[i]); k++) labels[at++] = w->f[i].label[k];
    }
    return sdp_mul_raw(g, w->coef, w->n, node, labels, w->order, w->out, w->label.dim);
}

// Labels by first use: products that differ in their names only are one.
static sdp_key product_key(sdp_graph *g, sdp_num coef, uint32_t n, const sdp_id *node, const uint8_t *labels,
                           int order, const uint8_t *out, const sdp_dim *ldim)
{
    sdp_key k = {.word = {SDP_MADE_MUL, coef, n << 8 | (uint32_t)order}, .n = 3};
    uint8_t number[LABELS + 1];
    uint32_t used = 0, at = 0;
    bool any = false;
    for (uint32_t i = 0; i < n && !k.full; i++) sdp_key_put(&k, node[i]);
    for (uint32_t i = 0; i < n && !k.full; i++)
        for (int a = 0; a < g->node[node[i]]->order; a++, at++) {
            if (!any) memset(number, 0xff, sizeof number), any = true;
            if (number[labels[at]] == 0xff) number[labels[at]] = (uint8_t)used++;
            if (at % 4 == 0) sdp_key_put(&k, 0);
            k.word[k.n - 1] |= (uint32_t)number[labels[at]] << 8 * (at % 4);
        }
    for (int a = 0; a < order && !k.full; a++) {
        bool fresh = !any || number[out[a]] == 0xff; // an axis that no factor has
        if (!any) memset(number, 0xff, sizeof number), any = true;
        if (fresh) number[out[a]] = (uint8_t)used++;
        sdp_key_put(&k, number[out[a]]);
        if (fresh) sdp_key_put(&k, ldim[out[a]]);
    }
    return k;
}

sdp_id sdp_mul(sdp_graph *g, sdp_num coef, uint32_t n, const sdp_id *node, const uint8_t *labels, int order,
               const uint8_t *out, const sdp_dim *ldim)
{
    sdp_key key = product_key(g, coef, n, node, labels, order, out, ldim);
    sdp_id id = sdp_memo_find(g, &key);
    if (id) return id;
    sdp_mark m = sdp_scratch_mark(&g->base);
    if (order > SDP_MAX_ORDER) sdp_limit(&g->base, "order", SDP_MAX_ORDER);
    mul_work *w = sdp_scratch(&g->base, sizeof *w);
    *w = (mul_work){.g = g, .coef = coef, .cap = n + 4, .order = order};
    w->f = sdp_scratch(&g->base, w->cap * sizeof *w->f);
    uint8_t number[LABELS + 1]; // labels from outside are renumbered densely
    memset(number, 0xff, sizeof number);
    for (uint32_t i = 0, at = 0; i < n; i++) {
        uint8_t l[SDP_MAX_ORDER];
        for (int k = 0; k < g->node[node[i]]->order; k++, at++) {
            if (number[labels[at]] == 0xff)
                number[labels[at]] = sdp_mul_new_label(w, g->node[node[i]]->dim[k]);
            l[k] = number[labels[at]];
        }
        sdp_mul_push(w, node[i], SDP_ID_ONE, l);
    }
    for (int k = 0; k < order; k++) {
        if (number[out[k]] == 0xff) number[out[k]] = sdp_mul_new_label(w, ldim[out[k]]);
        w->out[k] = number[out[k]];
    }
    id = sdp_mul_finish(w);
    sdp_scratch_release(&g->base, m);
    return sdp_memo_keep(g, &key, id);
}

sdp_id sdp_with_factor(sdp_graph *g, const sdp_node *n, uint32_t i, sdp_id r)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_id *factor = sdp_scratch(&g->base, n->nargs * sizeof *factor);
    const uint8_t *own = sdp_labels(g, n, i), *end = sdp_labels(g, n, n->nargs);
    size_t before = (size_t)(own - n->label), skipped = g->node[r]->order ? 0 : g->node[n->arg[i]]->order;
    uint8_t *label = sdp_scratch(&g->base, (size_t)(end - n->label) + 1);
    sdp_copy(factor, n->arg, n->nargs * sizeof *factor);
    factor[i] = r;
    sdp_copy(label, n->label, before);
    sdp_copy(label + before, own + skipped, (size_t)(end - own) - skipped);
    sdp_id id = sdp_mul(g, n->coef[0], n->nargs, factor, label, n->order, end, n->ldim);
    sdp_scratch_release(&g->base, m);
    return id;
}

sdp_id sdp_multiplied_out(sdp_graph *g, const sdp_node *n, const sdp_id *arg, uint32_t i)
{
    const sdp_node *sum = g->node[arg[i]];
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_id *factor = sdp_scratch(&g->base, n->nargs * sizeof *factor),
           *term = sdp_scratch(&g->base, sum->nargs * sizeof *term);
    sdp_copy(factor, arg, n->nargs * sizeof *factor);
    for (uint32_t k = 0; k < sum->nargs; k++) {
        factor[i] = sum->arg[k];
        term[k] =
            sdp_mul(g, n->coef[0], n->nargs, factor, n->label, n->order, sdp_labels(g, n, n->nargs), n->ldim);
    }
    sdp_id id = sdp_add(g, sum->nargs, sum->coef, term);
    sdp_scratch_release(&g->base, m);
    return id;
}
