// SPDX-License-Identifier: MIT
// Shows textbook formulas in place of the primitives that are computed, e.g. det(X)*inv(X) for adj(X).
//
// The derivative of prod(x) by x[i] is the product of the other entries, that of det(X) the adjugate.
// Textbooks write prod(x)./x and det(X)*inv(X)', which mean the same except where an entry, or the
// determinant, is 0: there the formula is 0/0 and the derivative is not. So derivatives are made of
// primitives that have the value everywhere, and an answer is shown with the formulas in their place, unless
// an entry, or the determinant, is 0 whatever the variables are. The derivative of max(x) is x==max(x) unless
// entries tie; they share it then.
//
//   adj(X)                 det(X)*inv(X)
//   prodexcept(x), P1      P1[i]   = p/x[i],  p = prod(x)
//   sum(x==max(x))         1
//   dlogerfc(1,x), D1      -2/sqrt(pi)*exp(-x^2)/erfc(x);
//                          Dn+1 = -2 x Dn - 2 (n-1) Dn-1 - sum of binomial(n-1,j) Dj+1 Dn-j
//   logerfcdiff(x,h)       log(erfc(x)-erfc(x+h)), and what its derivatives are made of
//   its derivatives, Pr    Pr[.,l] = Pr-1[.]/x[l] - sum over the indices i of Pr-1 of Pr-1[.]/x[i]*delta(i,l)
#include "simplify/answer/answer.h"

enum { MOST_ORDER = 6 };       // of what is written out
enum { COPY = SDP_MAX_ORDER }; // label of axis k in copy c of the reduced axes: COPY*c + k

static uint8_t label_of(uint32_t mask, uint32_t copy, int k)
{
    return (uint8_t)(mask >> k & 1 ? COPY * copy + (uint32_t)k : (uint32_t)k);
}

// The labels of the axes of P_r: of x, then of the reduced ones again in every copy. Returns how many.
static uint32_t axes_of(uint32_t mask, int order, uint32_t r, uint8_t *label)
{
    uint32_t n = 0;
    for (int k = 0; k < order; k++)
        if (r > 0 || !(mask >> k & 1)) label[n++] = (uint8_t)k;
    for (uint32_t c = 1; c < r; c++)
        for (int k = 0; k < order; k++)
            if (mask >> k & 1) label[n++] = label_of(mask, c, k);
    return n;
}

// before[.]/x[copy c], where the new axes are those of copy `to`: another place, or the same (a diagonal)
static sdp_id divided(sdp_graph *g, sdp_id before, sdp_id x, uint32_t mask, uint32_t r, uint32_t c)
{
    const sdp_node *a = sdp_get(g, x);
    uint8_t label[3 * SDP_MAX_ORDER], out[2 * SDP_MAX_ORDER];
    uint32_t n = axes_of(mask, a->order, r - 1, label), order = n;
    sdp_copy(out, label, n);
    for (int k = 0; k < a->order; k++) label[n++] = label_of(mask, c, k);
    if (r == 1) order = axes_of(mask, a->order, 1, out);
    for (int k = 0; r > 1 && k < a->order; k++)
        if (mask >> k & 1) out[order++] = label_of(mask, c, k);
    return sdp_mul(g, SDP_NUM_ONE, 2, (sdp_id[]){before, sdp_power_num(g, x, SDP_NUM_MINUS_ONE)}, label,
                   (int)order, out, NULL);
}

static sdp_id product_formula(sdp_graph *g, sdp_id x, uint32_t mask, uint32_t order)
{
    sdp_id p = sdp_prim(g, SDP_OP_prod, 1, &x, mask);
    for (uint32_t r = 1; r <= order; r++) {
        sdp_id before = p;
        p = divided(g, before, x, mask, r, r - 1);
        for (uint32_t c = 0; c + 1 < r; c++) p = sdp_sub(g, p, divided(g, before, x, mask, r, c));
    }
    return p;
}

static sdp_id formula(sdp_graph *g, const sdp_node *n, sdp_id x)
{
    if (n->op == SDP_OP_prodexcept)
        return product_formula(g, x, n->param & SDP_AXES, n->param / (SDP_AXES + 1));
    return sdp_times(g, sdp_prim(g, SDP_OP_det, 1, &x, 0), sdp_prim(g, SDP_OP_inv, 1, &x, 0));
}

// How many entries attain the largest (or smallest) one, if that is one but for kinks?
static bool is_number_of_extremes(sdp_graph *g, sdp_id id)
{
    const sdp_node *sum = sdp_get(g, id),
                   *eq = sum->kind == SDP_MUL && sum->nargs == 1 ? sdp_get(g, sum->arg[0]) : NULL;
    if (!eq || eq->kind != SDP_MAP || eq->op != SDP_OP_eq) return false;
    for (int k = 0; k < 2; k++) {
        const sdp_node *m = sdp_get(g, eq->arg[k]);
        if (m->kind == SDP_MUL && m->nargs == 1) m = sdp_get(g, m->arg[0]); // repeated along the axes
        if (m->kind != SDP_PRIM || (m->op != SDP_OP_maxof && m->op != SDP_OP_minof) ||
            m->arg[0] != eq->arg[1 - k])
            continue;
        return sdp_sum(g, sum->arg[0], m->param) == id && sdp_entries_are_apart(g, m->arg[0], m->param);
    }
    return false;
}

bool sdp_formula_exists(sdp_graph *g, sdp_id x, bool matrix)
{
    const sdp_node *n = sdp_get(g, x);
    bool zeros = sdp_has(g, x, SDP_ONEHOT) || sdp_has(g, x, SDP_TRI_LOWER) || sdp_has(g, x, SDP_TRI_UPPER);
    if (!matrix && zeros) return false;
    if (n->kind == SDP_VAR || sdp_is_zero(g, x)) return n->kind == SDP_VAR; // prod(zeros(n)) is 0^n
    return !sdp_vanishes(g, sdp_prim(g, matrix ? SDP_OP_det : SDP_OP_prod, 1, &x,
                                     matrix ? 0 : (1u << n->order) - 1));
}

// A derivative of log(erfc(x)) of a given order; it has the digits that quotients of
// exp(-x^2) by erfc(x) lose for large x
static bool is_log_erfc(sdp_graph *g, const sdp_node *n, long *order)
{
    sdp_num v;
    return n->kind == SDP_MAP && n->op == SDP_OP_dlogerfc && sdp_is_number(g, n->arg[0], &v) &&
           sdp_num_long(g, v, order) && *order > 0 && *order <= MOST_ORDER;
}

sdp_id sdp_log_erfc_next(sdp_graph *g, sdp_id x, const sdp_id *d, long n)
{
    sdp_id next = sdp_template(g, "-2*x.*y", 2, (sdp_id[]){x, d[n]});
    long binomial = 1;
    if (n > 1) next = sdp_add2(g, next, sdp_scale(g, sdp_num_int(g, -2 * (n - 1)), d[n - 1]));
    for (long j = 0; j < n; binomial = binomial * (n - 1 - j) / (j + 1), j++)
        next = sdp_sub(g, next, sdp_scale(g, sdp_num_int(g, binomial), sdp_times(g, d[j + 1], d[n - j])));
    return next;
}

static sdp_id log_erfc_formula(sdp_graph *g, sdp_id x, long order)
{
    sdp_id d[MOST_ORDER + 1] = {0, sdp_template(g, "-2/sqrt(pi)*exp(-x.^2)./erfc(x)", 1, &x)};
    for (long n = 1; n < order; n++) d[n + 1] = sdp_log_erfc_next(g, x, d, n);
    return d[order];
}

// Derivatives of the logarithm of an integral of exp(-x^2) from x to x+y, and
// that logarithm: as they are typed
static const struct {
    uint16_t op;
    const char *formula;
} integral[] = {
    {SDP_OP_erfcdiff, "erfc(x)-erfc(y)"},
    {SDP_OP_erfcdiffend, "2/sqrt(pi)*exp(-y.^2)./(erfc(x)-erfc(y))"},
    {SDP_OP_erfcdiffstart, "2/sqrt(pi)*exp(-x.^2)./(erfc(x)-erfc(y))"},
    {SDP_OP_erfcdiffshift, "2/sqrt(pi)*(exp(-y.^2)-exp(-x.^2))./(erfc(x)-erfc(y))"},
    {SDP_OP_logerfcdiff, "erfc(x)-erfc(y)"},
};
enum { INTEGRALS = sizeof integral / sizeof *integral };

static size_t integral_of(const sdp_node *n)
{
    size_t i = 0;
    while (i < INTEGRALS && (n->kind != SDP_MAP || n->op != integral[i].op)) i++;
    return i;
}

static sdp_id integral_formula(sdp_graph *g, size_t i, const sdp_id *arg)
{
    sdp_id ends[2] = {arg[0], sdp_simplify(g, sdp_template(g, "x+y", 2, arg))};
    sdp_id v = sdp_template(g, integral[i].formula, 2, ends);
    return integral[i].op == SDP_OP_logerfcdiff ? sdp_map_as_written(g, SDP_OP_log, v) : v;
}

static bool is_completed(const sdp_node *n)
{
    return n->kind == SDP_PRIM && (n->op == SDP_OP_prodexcept || n->op == SDP_OP_adj);
}

// The product n with new arguments. Derivatives of prodexcept and adj are sums, and matrix notation has their
// terms, not the tensor: sum over l of P2[.,l]*v[l] is sum(v./x)*P1 - P1.*v./x.
static sdp_id product_of(sdp_graph *g, const sdp_node *n, const sdp_id *old, const sdp_id *arg)
{
    uint32_t k = 0;
    for (; k < n->nargs; k++) {
        const sdp_node *a = sdp_get(g, arg[k]);
        if (a->kind == SDP_ADD && (is_completed(sdp_get(g, old[k])) || (a->order > 2 && n->order <= 2)))
            break;
    }
    if (k == n->nargs)
        return sdp_mul(g, n->coef[0], n->nargs, arg, n->label, n->order, sdp_labels(g, n, n->nargs), n->ldim);
    return sdp_multiplied_out(g, n, arg, k);
}

static sdp_id complete(void *data, sdp_graph *g, sdp_id id, const sdp_id *arg, bool changed)
{
    const sdp_node *x = sdp_get(g, id);
    (void)data;
    if (x->kind == SDP_POW && is_number_of_extremes(g, x->arg[0])) return sdp_ones(g, x->order, x->dim);
    long order;
    if (is_log_erfc(g, x, &order)) return log_erfc_formula(g, arg[1], order);
    if (integral_of(x) < INTEGRALS) return integral_formula(g, integral_of(x), arg);
    if (is_completed(x) && sdp_formula_exists(g, arg[0], x->op == SDP_OP_adj)) return formula(g, x, arg[0]);
    if (changed && x->kind == SDP_MUL) return product_of(g, x, x->arg, arg);
    return changed ? sdp_rebuild(g, id, arg) : id;
}

bool sdp_textbook(sdp_graph *g, uint32_t n, sdp_id *node)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    uint32_t count;
    long order;
    const sdp_id *list = sdp_reachable(g, n, node, &count);
    bool any = false;
    for (uint32_t i = 0; i < count && !any; i++) {
        const sdp_node *x = sdp_get(g, list[i]);
        any = is_completed(x) || is_log_erfc(g, x, &order) || integral_of(x) < INTEGRALS ||
              (x->kind == SDP_POW && is_number_of_extremes(g, x->arg[0]));
    }
    sdp_id *before = sdp_scratch(&g->base, (n + 1) * sizeof *before);
    sdp_copy(before, node, n * sizeof *before);
    if (any) sdp_rewrite_all(g, n, node, complete, NULL);
    for (uint32_t i = 0; any && g->debug && i < n; i++) sdp_guard(g, before[i], node[i]);
    sdp_scratch_release(&g->base, m);
    return any;
}
