// SPDX-License-Identifier: MIT
// Before scheduling: sums of lgamma, digamma and polygamma at large arguments, with the logarithms and
// quotients that cancel them.
//
//     lgamma(u)       = (u-1/2) log(u) - u + log(2 pi)/2 + stirling(0,u)
//     digamma(u)      = log(u) - 1/(2u) + stirling(1,u)
//     polygamma(n,u)  = +-((n-1)!/u^n + n!/(2 u^(n+1))) + stirling(n+1,u)
//
// So a sum is rational terms, logarithms with rational coefficients, and what is left, which is small. Two
// logarithms whose coefficients cancel become
//
//     c (log(a)-log(b)) = c (t + log1pmx(t)),    t = (a-b)/b
//
// All that is rational then stands over one denominator with its numerator multiplied out
// (stirling_quotient.c): what cancels there is gone, and not only small. A negative binomial likelihood and
// its derivatives have all digits at phi = 1e16, where each of its terms is 1e18 times larger.
//
// An identity, since only sums, products element by element and their logarithms are taken apart; what sums
// over axes stays whole. This holds where all arguments are positive, and is used where one is above 8 and
// |t| < 1/2; elsewhere little cancels. Which logarithms are near is seen when the numbers are there: every
// choice that may be right is a branch. Sums over entries become one sum before.
#include <string.h>

#include "codegen/stable/stirling.h"

static void require(expansion *e, const char *condition, sdp_id x)
{
    sdp_id c = spread(e, sdp_template(e->g, condition, 1, &x));
    e->condition = e->condition ? sdp_template(e->g, "x&y", 2, (sdp_id[]){e->condition, c}) : c;
}

static void require_positive(expansion *e, sdp_id x)
{
    for (uint32_t i = 0; i < e->nlogs; i++)
        if (e->of[i] == x) return; // its logarithm stands there already
    if (sdp_get(e->g, x)->kind != SDP_CONST) require(e, "x>0", x);
}

// Where no argument is large little cancels, and to multiply out what stands beside a function loses more:
// u'^2*polygamma(1,u) at u = 1e-4.
static void note_large(expansion *e, sdp_id u)
{
    for (uint32_t i = 0; i < e->nlarge; i++)
        if (e->seen[i] == u) return;
    e->failed |= e->nlarge == MOST_LOGS;
    if (e->failed) return;
    e->seen[e->nlarge++] = u;
    sdp_id c = spread(e, sdp_template(e->g, "x>8", 1, &u));
    e->large = e->large ? sdp_template(e->g, "x|y", 2, (sdp_id[]){e->large, c}) : c;
}

// ---- logarithms -------------------------------------------------------------------------------------------
static void put_log_of(expansion *e, sdp_id c, sdp_id a)
{
    uint32_t i = 0;
    while (i < e->nlogs && e->of[i] != a) i++;
    if (i == MOST_LOGS) e->failed = true;
    if (i >= MOST_LOGS) return;
    if (i == e->nlogs) e->of[e->nlogs] = a, e->coef[e->nlogs++] = 0;
    add_to(e, &e->coef[i], c);
}

static bool has_factor(const sdp_graph *g, sdp_id term, sdp_id f)
{
    const sdp_node *m = sdp_get(g, term);
    bool found = term == f;
    for (uint32_t i = 0; m->kind == SDP_MUL && sdp_is_entrywise(g, m) && i < m->nargs; i++)
        found |= m->arg[i] == f;
    return found;
}

// phi*(1-mu) of phi-phi*mu
static sdp_id factored(expansion *e, sdp_id a)
{
    sdp_graph *g = e->g;
    const sdp_node *n = sdp_get(g, a), *m = n->kind == SDP_ADD ? sdp_get(g, n->arg[0]) : n;
    for (uint32_t i = 0; n->kind == SDP_ADD && i < (m->kind == SDP_MUL ? m->nargs : 1); i++) {
        sdp_id f = m->kind == SDP_MUL ? m->arg[i] : n->arg[0], rest = 0;
        bool all = sdp_get(g, f)->kind == SDP_VAR;
        for (uint32_t k = 0; all && k < n->nargs; k++) all = has_factor(g, n->arg[k], f);
        for (uint32_t k = 0; all && k < n->nargs; k++)
            add_to(e, &rest,
                   sdp_scale(g, n->coef[k], sdp_times(g, n->arg[k], sdp_power_num(g, f, SDP_NUM_MINUS_ONE))));
        if (all) return sdp_times(g, f, factored(e, rest));
    }
    return a;
}

// c*log(a), factor by factor
static void put_log(expansion *e, sdp_id c, sdp_id a, int depth)
{
    sdp_graph *g = e->g;
    const sdp_node *n = sdp_get(g, a);
    sdp_num v, content = SDP_NUM_ONE;
    sdp_id scalar;
    if (depth > 4) e->failed = true;
    if (e->failed) return;
    if (sdp_is_number(g, a, &v)) {
        // log(1/2) is -log(2)
        bool inverse = v != SDP_NUM_ZERO && v != SDP_NUM_ONE && sdp_num_numerator(g, v) == SDP_NUM_ONE;
        if (sdp_num_sign(g, v) <= 0) e->failed = true;
        else if (inverse) put_log_of(e, sdp_scale(g, SDP_NUM_MINUS_ONE, c), sdp_number(g, sdp_num_inv(g, v)));
        else if (v != SDP_NUM_ONE) put_log_of(e, c, sdp_number(g, v));
        return;
    }
    if (sdp_is_broadcast(g, a, &scalar)) {
        put_log(e, c, scalar, depth + 1);
        return;
    }
    if (n->kind == SDP_MUL && sdp_is_entrywise(g, n)) {
        put_log(e, c, sdp_number(g, n->coef[0]), depth + 1);
        for (uint32_t i = 0; i < n->nargs; i++) put_log(e, c, n->arg[i], depth + 1);
        return;
    }
    if (n->kind == SDP_POW && sdp_is_number(g, n->arg[1], &v)) {
        put_log(e, sdp_scale(g, v, c), n->arg[0], depth + 1);
        return;
    }
    if (n->kind == SDP_ADD && factored(e, a) != a) {
        put_log(e, c, factored(e, a), depth + 1);
        return;
    }
    if (n->kind == SDP_ADD) {
        denominator d;
        sdp_id top = sdp_numerator(e, a, &d);
        if (d.n) {
            put_log(e, c, top, depth + 1);
            for (uint32_t i = 0; i < d.n; i++)
                put_log(e, sdp_scale(g, sdp_num_int(g, -d.power[i]), c), d.base[i], depth + 1);
            return;
        }
        a = sdp_primitive_part(g, a, &content);
        if (sdp_num_sign(g, content) < 0)
            a = sdp_scale(g, SDP_NUM_MINUS_ONE, a), content = sdp_num_neg(g, content);
        put_log(e, c, sdp_number(g, content), depth + 1);
    }
    require_positive(e, a);
    put_log_of(e, c, a);
}

// ---- terms ------------------------------------------------------------------------------------------------
// The functions that are expanded: derivatives of lgamma, of this order (BY_ARGUMENT: one more than the first
// argument), and logarithms of this.
enum { BY_ARGUMENT = -1 };
typedef struct {
    uint16_t op;
    int order;
    const char *log_of;
} kind;
static const kind kinds[] = {
    {SDP_OP_lgamma, 0, NULL}, {SDP_OP_digamma, 1, NULL}, {SDP_OP_polygamma, BY_ARGUMENT, NULL},
    {SDP_OP_log, 0, "x"},     {SDP_OP_log1p, 0, "1+x"},
};

static const kind *kind_of(const sdp_node *f)
{
    for (size_t i = 0; f->kind == SDP_MAP && i < sizeof kinds / sizeof *kinds; i++)
        if (f->op == kinds[i].op) return &kinds[i];
    return NULL;
}

bool sdp_is_gamma(const sdp_node *f) { return kind_of(f) && !kind_of(f)->log_of; }

static sdp_id remainder_of(expansion *e, long order, sdp_id u)
{
    return sdp_map(e->g, SDP_OP_stirling,
                   (sdp_id[]){spread(e, sdp_number(e->g, sdp_num_int(e->g, order))), spread(e, u)});
}

// x times a derivative of lgamma at u; order 0: lgamma itself
static void put_gamma(expansion *e, sdp_id x, long order, sdp_id u)
{
    sdp_graph *g = e->g;
    require_positive(e, u);
    note_large(e, u);
    add_to(e, &e->rest, sdp_times(g, x, remainder_of(e, order, u)));
    u = factored(e, u);
    sdp_id both[2] = {x, u};
    e->ngammas++;
    if (order == 0) {
        put_log(e, sdp_template(g, "x.*(y-1/2)", 2, both), u, 0);
        add_to(e, &e->rational, sdp_template(g, "-x.*y", 2, both));
        put_log(e, sdp_scale(g, SDP_NUM_HALF, x), sdp_number(g, SDP_NUM_TWO), 0);
        put_log(e, sdp_scale(g, SDP_NUM_HALF, x), sdp_constant(g, SDP_OP_pi), 0);
        return;
    }
    sdp_num f = SDP_NUM_ONE;
    for (long k = 2; k < order - 1; k++) f = sdp_num_mul(g, f, sdp_num_int(g, k)); // (order-2)!
    sdp_num sign = order % 2 ? SDP_NUM_MINUS_ONE : SDP_NUM_ONE,
            next = order > 2 ? sdp_num_mul(g, f, sdp_num_int(g, order - 1)) : SDP_NUM_ONE;
    if (order == 1) put_log(e, x, u, 0);
    else
        add_to(e, &e->rational,
               sdp_scale(g, sdp_num_mul(g, sign, f),
                         sdp_times(g, x, sdp_power_num(g, u, sdp_num_int(g, 1 - order)))));
    sdp_num half = sdp_num_mul(g, sdp_num_mul(g, sign, next), SDP_NUM_HALF);
    add_to(e, &e->rational, sdp_scale(g, half, sdp_times(g, x, sdp_power_num(g, u, sdp_num_int(g, -order)))));
}

static void put_term(expansion *e, sdp_num coef, sdp_id id)
{
    sdp_graph *g = e->g;
    const sdp_node *m = sdp_get(g, id), *f = NULL;
    bool product = m->kind == SDP_MUL;
    sdp_id x = sdp_number(g, coef);
    sdp_num n;
    if (product && !sdp_is_entrywise(g, m)) {
        e->failed = true;
        return;
    }
    for (uint32_t i = 0; i < (product ? m->nargs : 1); i++) {
        const sdp_node *p = sdp_get(g, product ? m->arg[i] : id);
        if (!f && kind_of(p)) f = p;
        else x = sdp_times(g, x, product ? m->arg[i] : id);
    }
    if (f && !e->function) e->function = f;
    e->several |= f && f != e->function;
    if (!f) {
        add_to(e, &e->rational, x);
        return;
    }
    const kind *k = kind_of(f);
    long order = k->order;
    if (order == BY_ARGUMENT &&
        (!sdp_is_number(g, f->arg[0], &n) || !sdp_num_long(g, n, &order) || order < 1 || order > 12))
        e->failed = true;
    else if (k->log_of) put_log(e, x, sdp_template(g, k->log_of, 1, f->arg), 0);
    else put_gamma(e, x, k->order == BY_ARGUMENT ? order + 1 : order, f->arg[f->nargs - 1]);
}

// ---- pairs ------------------------------------------------------------------------------------------------
// How long is the sum of two coefficients; 0: it vanishes; UINT32_MAX: it is no shorter than they are
static uint32_t sum_of_coefficients(expansion *e, uint32_t i, uint32_t j, sdp_id *sum)
{
    sdp_num v;
    *sum = sdp_multiply_out_all(e->g, sdp_add2(e->g, e->coef[i], e->coef[j]));
    if (sdp_is_zero(e->g, *sum)) return 0;
    uint32_t size = sdp_node_count(e->g, *sum), a = sdp_node_count(e->g, e->coef[i]),
             b = sdp_node_count(e->g, e->coef[j]);
    return (sdp_is_number(e->g, *sum, &v) && (a > 2 || b > 2)) || size < (a < b ? a : b) ? size : UINT32_MAX;
}

static bool is_constant(const sdp_graph *g, sdp_id a)
{
    sdp_num v;
    return sdp_is_number(g, a, &v) || sdp_get(g, a)->kind == SDP_CONST;
}

// Two logarithms, and how long the sum of their coefficients is
typedef struct {
    uint32_t a, b, size;
    sdp_id sum;
} couple;

// The pairs whose coefficients cancel, the shortest sum first; near: only such as differ by something short
static uint32_t couples(expansion *e, bool near, couple *out)
{
    uint32_t n = 0;
    for (uint32_t a = 0; a < e->nlogs; a++)
        for (uint32_t b = a + 1; b < e->nlogs; b++) {
            couple c = {.a = a, .b = b};
            if (sdp_is_zero(e->g, e->coef[a]) || sdp_is_zero(e->g, e->coef[b])) continue;
            if (is_constant(e->g, e->of[a]) || is_constant(e->g, e->of[b])) continue;
            if (near && !sdp_gap_is_short(e->g, sdp_gap(e->g, e->of[a], e->of[b]), e->of[a], e->of[b]))
                continue;
            c.size = sum_of_coefficients(e, a, b, &c.sum);
            if (c.size == UINT32_MAX) continue;
            // little is lost with these
            if (is_constant(e->g, e->coef[a]) && is_constant(e->g, e->coef[b])) c.size += LAST;
            if (n == MOST_COUPLES && out[n - 1].size <= c.size) continue;
            uint32_t at = n < MOST_COUPLES ? n++ : n - 1;
            for (; at && out[at - 1].size > c.size; at--) out[at] = out[at - 1];
            out[at] = c;
        }
    return n;
}

// coef[a]*(log(a)-log(b)), and what it leaves of the coefficient of log(b)
static void join_by(expansion *e, uint32_t a, uint32_t b, sdp_id sum)
{
    sdp_graph *g = e->g;
    sdp_id t = sdp_times(g, sdp_gap(g, e->of[a], e->of[b]), sdp_power_num(g, e->of[b], SDP_NUM_MINUS_ONE));
    require(e, "abs(x)<1/2", t);
    add_to(e, &e->rational, sdp_times(g, e->coef[a], t));
    add_to(e, &e->rest, sdp_times(g, e->coef[a], sdp_map1(g, SDP_OP_log1pmx, t)));
    e->coef[a] = sdp_zeros(g, e->like->order, e->like->dim);
    e->coef[b] = sum;
}

// Either way round; better is that which leaves the shorter rational terms.
static void join(expansion *e, const couple *c)
{
    expansion other = *e;
    denominator d;
    join_by(e, c->a, c->b, c->sum);
    join_by(&other, c->b, c->a, c->sum);
    if (sdp_node_count(e->g, sdp_numerator(e, other.rational, &d)) <
        sdp_node_count(e->g, sdp_numerator(e, e->rational, &d)))
        *e = other;
}

// Joins that many pairs more; false: there are fewer
static bool join_more(expansion *e, bool near, int n)
{
    couple c[MOST_COUPLES] = {{0}};
    for (; n > 0 && couples(e, near, c) > 0; n--) join(e, &c[0]);
    return n == 0;
}

static sdp_id total(expansion e)
{
    denominator d;
    for (uint32_t i = 0; i < e.nlogs; i++)
        if (!sdp_is_zero(e.g, e.coef[i]))
            add_to(&e, &e.rest, sdp_times(e.g, e.coef[i], spread(&e, sdp_map1(e.g, SDP_OP_log, e.of[i]))));
    if (!e.rational) return e.rest;
    sdp_id top = sdp_numerator(&e, e.rational, &d);
    add_to(&e, &e.rest, sdp_times(e.g, top, sdp_denominator_power(&e, &d, -1)));
    return e.rest;
}

// The expansion where its conditions hold, else v; and first that in which data are near as well
static sdp_id by_expansion(expansion e, sdp_id v)
{
    v = sdp_map(e.g, SDP_OP_where, (sdp_id[]){e.condition, total(e), v});
    for (int k = 0; k < 2 && join_more(&e, false, 1); k++)
        v = sdp_map(e.g, SDP_OP_where, (sdp_id[]){e.condition, total(e), v});
    return v;
}

// A single function has nothing to cancel with, except in polygamma(1,u)-1/u. To multiply out what
// stands beside it may lose what (sin(e)-e*cos(e))/e^2 has gathered: digamma(u)'*(sin(e)./e) by x, e
// = x-log(sum(exp(x))).
static bool may_cancel(const expansion *e)
{
    return e->several || (e->rational && e->function->op == SDP_OP_polygamma);
}

// Is gamma(u) itself in a sum, not its logarithm? Over one denominator its powers overflow where its
// quotients are small, 1/gamma(140).
static bool has_powers(sdp_graph *g, sdp_id sum)
{
    uint32_t n;
    sdp_mark mark = sdp_scratch_mark(&g->base);
    const sdp_id *list = sdp_reachable(g, 1, &sum, &n);
    bool found = false;
    for (uint32_t i = 0; i < n; i++)
        found |= sdp_get(g, list[i])->kind == SDP_MAP && sdp_get(g, list[i])->op == SDP_OP_gamma;
    sdp_scratch_release(&g->base, mark);
    return found;
}

static sdp_id expanded(void *data, sdp_graph *g, sdp_id id, const sdp_id *arg, bool changed)
{
    // sums in it may have been expanded, too; here they are needed as they were
    const sdp_node *n = sdp_get(g, id);
    sdp_id sum = id;
    (void)data;
    if (changed) id = sdp_rebuild(g, id, arg);
    if (n->kind != SDP_ADD) return id;
    expansion e = {.g = g, .like = n};
    const sdp_node *flat = sdp_get(g, sdp_multiply_out_all(g, sum)); // mu*(digamma(phi)-log(y))
    if (flat->kind != SDP_ADD || flat->nargs > MOST_TERMS) flat = n;
    for (uint32_t i = 0; i < flat->nargs && !e.failed; i++) put_term(&e, flat->coef[i], flat->arg[i]);
    if (e.failed || !e.ngammas || !may_cancel(&e) || has_powers(g, sum)) return id;
    for (uint32_t i = 0; i < e.nlogs; i++) e.coef[i] = sdp_multiply_out_all(g, e.coef[i]);
    e.condition = sdp_template(g, "x&y", 2, (sdp_id[]){e.condition ? e.condition : e.large, e.large});
    couple c[MOST_COUPLES] = {{0}};
    uint32_t ways = couples(&e, true, c);
    sdp_id v = by_expansion(e, id);
    for (int depth = 1; depth <= MOST_DEPTH; depth++)
        for (uint32_t k = ways; k-- > 0;) { // which pairs are near is seen when the numbers are there
            expansion way = e;
            join(&way, &c[k]);
            if (join_more(&way, true, depth - 1)) v = by_expansion(way, v);
        }
    return v;
}

void sdp_expand_gammas(sdp_graph *g, uint32_t n, sdp_id *root)
{
    sdp_rewrite_all(g, n, root, sdp_under_one_sum, NULL);
    sdp_rewrite_all(g, n, root, expanded, NULL);
}
