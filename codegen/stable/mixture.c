// SPDX-License-Identifier: MIT
// Before scheduling: logarithms and quotients of sums of few exponentials, S = p*exp(u)+(1-p)*exp(v),
// whatever the signs of p and 1-p are.
//
//     log(S) = m + log(p*exp(u-m)+(1-p)*exp(v-m)),  m = max(u,v)        exp(u)/S = exp(u-m)/(p*exp(u-m)+...)
//
// At u, v = -800 S is 0, and its logarithm and all derivatives of that have values. A term without an
// exponential has the exponent 0.
//
// With M = exp(m), exp(u) is M*exp(u-m): a node is M^k times another one, k its degree, as lengths are
// metres. One walk finds the degrees. Products whose degree is 0, and logarithms, are made of what is left
// when M is taken out; everything else stays as it is. Products, powers and sums of one degree are identities
// for every M > 0, and m is finite, for it is cut at 1e300. Entry: sdp_schedule_mixtures. Sums over axes:
// expsum.c.
#include <string.h>

#include "codegen/stable/stable.h"

enum { MOST_EXPONENTS = 8, MOST_MIXTURES = 8, MOST_TERMS = 32, MOST_DEGREE = 8 };

// One sum while M is taken out
typedef struct {
    sdp_graph *g;
    uint32_t n;
    sdp_id z[MOST_EXPONENTS], largest; // the exponents that stand in exp, and m
    bool has_zero;                     // is 0 an exponent, too?
    sdp_id *plain, *left;              // by id: as it is; without M^degree, or 0
    long *degree;
} mixture;

static bool is_exp(const sdp_node *n) { return n->kind == SDP_MAP && n->op == SDP_OP_exp; }

// ---- which sums -------------------------------------------------------------------------------------------
static bool note_exponent(mixture *x, sdp_id z)
{
    for (uint32_t i = 0; i < x->n; i++)
        if (x->z[i] == z) return true;
    if (x->n == MOST_EXPONENTS) return false;
    x->z[x->n++] = z;
    return true;
}

// The exponents of S; false: it is no such sum
static bool is_mixture(sdp_graph *g, sdp_id id, mixture *x)
{
    const sdp_node *n = sdp_get(g, id);
    *x = (mixture){.g = g};
    if (n->kind != SDP_ADD || n->nargs > MOST_TERMS) return false;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const sdp_node *t = sdp_get(g, n->arg[i]), *e = is_exp(t) ? t : NULL;
        if (t->kind == SDP_MUL && !sdp_is_entrywise(g, t)) return false;
        for (uint32_t k = 0; t->kind == SDP_MUL && k < t->nargs; k++) {
            const sdp_node *f = sdp_get(g, t->arg[k]);
            if (is_exp(f) && e) return false;
            if (is_exp(f)) e = f;
        }
        if (e && (sdp_get(g, e->arg[0])->order != n->order || !note_exponent(x, e->arg[0]))) return false;
        x->has_zero |= !e;
    }
    return x->n + x->has_zero > 1;
}

// Is it a function of a sum by which M can be taken out? The sum, or 0
static sdp_id sum_of(const sdp_graph *g, const sdp_node *n)
{
    bool log = n->kind == SDP_MAP && n->op == SDP_OP_log;
    const sdp_node *e = n->kind == SDP_POW ? sdp_get(g, n->arg[1]) : NULL;
    long q;
    bool below = e && e->kind == SDP_NUM && sdp_num_long(g, e->param, &q) && q < 0;
    return log || below ? n->arg[0] : 0;
}

// ---- degrees ----------------------------------------------------------------------------------------------
// M^k times v
static sdp_id times_power(const mixture *x, sdp_id v, long k)
{
    if (!k) return v;
    sdp_id e = sdp_map1(x->g, SDP_OP_exp, sdp_scale(x->g, sdp_num_int(x->g, k), x->largest));
    return sdp_times(x->g, v, e);
}

static sdp_id left_of(const mixture *x, sdp_id id) { return x->left[id] ? x->left[id] : x->plain[id]; }

// The degree of exp(a), where a is a sum of at most MOST_FACTORS exponents, 2*y+z; `sum` has k of them. 0: it
// is none
static long degree_of_exponent(const mixture *x, sdp_id a, sdp_id sum, uint32_t from, long k)
{
    enum { MOST_FACTORS = 4 };
    long degree = 0;
    for (uint32_t i = from; i < x->n && !degree && k < MOST_FACTORS; i++) {
        sdp_id more = sum ? sdp_add2(x->g, sum, x->z[i]) : x->z[i];
        degree = more == a ? k + 1 : degree_of_exponent(x, a, more, i, k + 1);
    }
    return degree;
}

// exp(a), or expm1(a) where 0 is an exponent, too
static void expand_exp(mixture *x, sdp_id id, sdp_id argument, bool less_one)
{
    if (sdp_get(x->g, argument)->order != sdp_get(x->g, x->largest)->order) return;
    long k = degree_of_exponent(x, argument, 0, 0, 0);
    if (!k || (less_one && !x->has_zero)) return;
    sdp_id by = sdp_scale(x->g, sdp_num_int(x->g, k), x->largest);
    x->degree[id] = k;
    sdp_id both[2] = {x->plain[argument], by};
    x->left[id] =
        sdp_template(x->g, less_one ? "-sign(x).*expm1(-abs(x)).*exp(max(x,0)-y)" : "exp(x-y)", 2, both);
}

// All factors that have a degree must have the same axes, and M with them. Where the product has not, M must
// be gone.
static void expand_product(mixture *x, sdp_id id, const sdp_node *n)
{
    sdp_graph *g = x->g;
    const uint8_t *axes = NULL, *out = sdp_labels(g, n, n->nargs);
    uint32_t order = sdp_get(g, x->largest)->order;
    long degree = 0, most = 0;
    sdp_id *arg = sdp_scratch(&g->base, (n->nargs + 1) * sizeof *arg);
    for (uint32_t i = 0; i < n->nargs; i++) {
        arg[i] = left_of(x, n->arg[i]);
        if (!x->left[n->arg[i]]) continue;
        const uint8_t *own = sdp_labels(g, n, i);
        if (sdp_get(g, n->arg[i])->order != order || (axes && memcmp(axes, own, order))) return;
        axes = own;
        degree += x->degree[n->arg[i]];
        if (x->degree[n->arg[i]] > most) most = x->degree[n->arg[i]];
    }
    bool kept = n->order == order && axes && !memcmp(axes, out, order);
    if (!axes || degree > MOST_DEGREE || degree < -MOST_DEGREE || (degree && !kept)) return;
    sdp_id v = sdp_rebuild(g, id, arg);
    if (degree) x->left[id] = v, x->degree[id] = degree;
    // exp(u)/S^2 where S = p+q*exp(u): M >= 1, so its negative powers are no larger
    if (!degree || (degree < 0 && most > 0 && x->has_zero)) x->plain[id] = times_power(x, v, degree);
}

// Terms of one degree; and of several where m >= 0: M^j = M^k*exp((j-k)*m) for j < k
static void expand_sum(mixture *x, sdp_id id, const sdp_node *n)
{
    sdp_graph *g = x->g;
    long most = x->degree[n->arg[0]];
    bool any = false, same = true;
    for (uint32_t i = 0; i < n->nargs; i++) {
        any |= x->left[n->arg[i]] != 0;
        same &= x->degree[n->arg[i]] == most;
        if (x->degree[n->arg[i]] > most) most = x->degree[n->arg[i]];
    }
    if (!any || !most || !(same || x->has_zero) || n->order != sdp_get(g, x->largest)->order) return;
    sdp_id *arg = sdp_scratch(&g->base, (n->nargs + 1) * sizeof *arg);
    for (uint32_t i = 0; i < n->nargs; i++)
        arg[i] = times_power(x, left_of(x, n->arg[i]), x->degree[n->arg[i]] - most);
    x->left[id] = sdp_rebuild(g, id, arg);
    x->degree[id] = most;
}

static void expand(mixture *x, sdp_id id)
{
    sdp_graph *g = x->g;
    const sdp_node *n = sdp_get(g, id);
    sdp_id *arg = sdp_scratch(&g->base, (n->nargs + 1) * sizeof *arg);
    bool changed = false;
    long q;
    for (uint32_t i = 0; i < n->nargs; i++) changed |= (arg[i] = x->plain[n->arg[i]]) != n->arg[i];
    x->plain[id] = changed ? sdp_rebuild(g, id, arg) : id;
    sdp_id base = n->nargs ? x->left[n->arg[0]] : 0;
    if (n->kind == SDP_MAP && (n->op == SDP_OP_exp || n->op == SDP_OP_expm1))
        expand_exp(x, id, n->arg[0], n->op == SDP_OP_expm1);
    else if (n->kind == SDP_MUL) expand_product(x, id, n);
    else if (n->kind == SDP_ADD) expand_sum(x, id, n);
    else if (base && n->kind == SDP_MAP && n->op == SDP_OP_log)
        x->plain[id] = sdp_add2(g, sdp_map1(g, SDP_OP_log, base),
                                sdp_scale(g, sdp_num_int(g, x->degree[n->arg[0]]), x->largest));
    else if (base && n->kind == SDP_POW && sdp_get(g, n->arg[1])->kind == SDP_NUM &&
             sdp_num_long(g, sdp_get(g, n->arg[1])->param, &q) && q <= MOST_DEGREE && q >= -MOST_DEGREE) {
        x->left[id] = sdp_power_num(g, base, sdp_num_int(g, q));
        x->degree[id] = q * x->degree[n->arg[0]];
    }
}

// ---- all --------------------------------------------------------------------------------------------------
static sdp_id largest_of(const mixture *x, const sdp_node *sum)
{
    sdp_graph *g = x->g;
    sdp_id m = x->z[0], zero = sdp_number(g, SDP_NUM_ZERO);
    for (uint32_t i = 1; i < x->n; i++) m = sdp_template(g, "max(x,y)", 2, (sdp_id[]){m, x->z[i]});
    if (sum->order) zero = sdp_broadcast(g, zero, sum->order, sum->dim);
    if (x->has_zero) m = sdp_template(g, "max(x,y)", 2, (sdp_id[]){m, zero});
    return sdp_template(g, "max(min(x,1e300),-1e300)", 1, &m);
}

// Takes M out of everything below the roots, and maps ids[0..count) along
static void take_out(mixture *x, uint32_t n, sdp_id *root, uint32_t count, sdp_id *ids)
{
    uint32_t many, nodes = x->g->nnodes;
    const sdp_id *list = sdp_reachable(x->g, n, root, &many);
    x->plain = sdp_scratch(&x->g->base, nodes * sizeof *x->plain);
    x->left = sdp_scratch(&x->g->base, nodes * sizeof *x->left);
    x->degree = sdp_scratch(&x->g->base, nodes * sizeof *x->degree);
    memset(x->plain, 0, nodes * sizeof *x->plain);
    memset(x->left, 0, nodes * sizeof *x->left);
    memset(x->degree, 0, nodes * sizeof *x->degree);
    for (uint32_t i = 0; i < many; i++) expand(x, list[i]);
    for (uint32_t i = 0; i < n; i++) root[i] = x->plain[root[i]];
    for (uint32_t i = 0; i < count; i++)
        if (ids[i] < nodes && x->plain[ids[i]]) ids[i] = x->plain[ids[i]];
}

const sdp_id *sdp_schedule_mixtures(sdp_graph *g, uint32_t n, const sdp_id *output)
{
    uint32_t many, found = 0;
    sdp_id *root = sdp_scratch(&g->base, (n + 1) * sizeof *root), sum[MOST_MIXTURES];
    sdp_copy(root, output, n * sizeof *root);
    const sdp_id *list = sdp_reachable(g, n, root, &many);
    mixture x;
    for (uint32_t i = 0; i < many && found < MOST_MIXTURES; i++) {
        sdp_id s = sum_of(g, sdp_get(g, list[i]));
        bool other = s && is_mixture(g, s, &x);
        for (uint32_t k = 0; k < found; k++) other &= sum[k] != s;
        if (other) sum[found++] = s;
    }
    for (uint32_t i = 0; i < found; i++) {
        if (!is_mixture(g, sum[i], &x)) continue;
        x.largest = largest_of(&x, sdp_get(g, sum[i]));
        take_out(&x, n, root, found, sum);
    }
    return root;
}
