// SPDX-License-Identifier: MIT
// The doors to the raised tree. Every node is made here: looked up first, then appended with its order of
// first appearance and its size in characters and symbols, which later choices compare.
//
// Transposes are pushed into products ((A*B)' is B'*A') one level deep; whatever is left is a postfix '.
// Products are flat up to SDP_SPLICE factors, so that n products of up to n factors cost n and not n^2.
// Scalars never stand inside: they are collected in front (bag.c).
#include <string.h>

#include "codegen/raise/notation.h"

void sdp_raiser_init(sdp_raiser *r, sdp_graph *g)
{
    memset(r, 0, sizeof *r);
    r->g = g;
    r->node = sdp_grown(&g->base, NULL, 0, &r->cap, sizeof *r->node);
    r->n = 1;
    r->of_count = g->nnodes;
    r->of = sdp_scratch(&g->base, ((size_t)g->nnodes + 1) * sizeof *r->of);
}

void sdp_rlist_push(sdp_raiser *r, sdp_rlist *l, sdp_rid x)
{
    l->at = sdp_grown(&r->g->base, l->at, l->n, &l->cap, sizeof *l->at);
    l->at[l->n++] = x;
}

// ---- hash-consing -----------------------------------------------------------------------------------------
static uint32_t hash_of(const sdp_raised *n)
{
    uint32_t key[] = {n->kind, n->form, n->shown, n->fn, n->nargs, n->split, n->den, n->num};
    uint32_t h = sdp_hash(key, sizeof key, 17);
    if (n->nargs) h = sdp_hash(n->arg, n->nargs * sizeof *n->arg, h);
    return n->text ? sdp_hash(n->text, strlen(n->text), h) : h;
}

static bool same(const sdp_raised *a, const sdp_raised *b)
{
    return a->kind == b->kind && a->form == b->form && a->shown == b->shown && a->fn == b->fn &&
           a->nargs == b->nargs && a->split == b->split && a->den == b->den && a->num == b->num &&
           !a->text == !b->text && (!a->text || strcmp(a->text, b->text) == 0) &&
           (!a->nargs || memcmp(a->arg, b->arg, a->nargs * sizeof *a->arg) == 0);
}

sdp_rid sdp_r_make(sdp_raiser *r, sdp_raised n)
{
    uint32_t hash = hash_of(&n);
    for (uint32_t place = hash, i; (i = sdp_interned_next(&r->index, hash, &place)) != SDP_NO_THING;)
        if (same(&r->node[i], &n)) return i;
    if (n.nargs) {
        sdp_rid *arg = sdp_scratch(&r->g->base, n.nargs * sizeof *arg);
        memcpy(arg, n.arg, n.nargs * sizeof *arg);
        n.arg = arg;
    }
    sdp_r_measure(r, &n);
    r->node = sdp_grown(&r->g->base, r->node, r->n, &r->cap, sizeof *r->node);
    sdp_interned_put(&r->g->base, &r->index, hash, r->n);
    r->node[r->n] = n;
    return r->n++;
}

// ---- order ------------------------------------------------------------------------------------------------
static int class_of(const sdp_raiser *r, sdp_rid i)
{
    const sdp_raised *n = sdp_r(r, i);
    if (n->kind == SDP_R_POW || n->kind == SDP_R_MPOW || n->kind == SDP_R_TRANS || n->kind == SDP_R_INDEX)
        n = sdp_r(r, n->arg[0]);
    return n->kind == SDP_R_NAME || n->kind == SDP_R_NUM ? 0 : n->kind == SDP_R_CALL ? 1 : 2;
}

static int compare(uint32_t a, uint32_t b) { return a < b ? -1 : a > b; }

// Names as the input had them in a product, a*x, whichever it had first.
static int by_factor(const sdp_raiser *r, sdp_rid a, sdp_rid b)
{
    int class = class_of(r, a), c = class - class_of(r, b);
    uint32_t x = sdp_r(r, a)->seen, y = sdp_r(r, b)->seen;
    if (!c && !class && x != UINT32_MAX && y != UINT32_MAX) {
        sdp_factor_place u = sdp_factor_typed(r->g, x), v = sdp_factor_typed(r->g, y);
        c = compare(u.late, v.late);
        if (!c) c = compare(u.depth, v.depth);
    }
    // + 1: dimensions and constants lead
    return c ? c : compare(x + 1, y + 1);
}

static int by_term(const sdp_raiser *r, sdp_rid a, sdp_rid b)
{
    const sdp_raised *x = sdp_r(r, a), *y = sdp_r(r, b);
    int c = compare(x->seen, y->seen);
    if (!c) c = compare(x->first, y->first);
    return c ? c : compare(x->tokens, y->tokens);
}

static void merge_sort(sdp_raiser *r, sdp_rid *a, uint32_t n,
                       int (*less)(const sdp_raiser *, sdp_rid, sdp_rid))
{
    if (n < 2) return;
    sdp_rid *from = a, *to = sdp_scratch(&r->g->base, n * sizeof *to);
    for (uint32_t step = 1; step < n; step *= 2) {
        for (uint32_t at = 0; at < n; at += 2 * step) {
            uint32_t mid = at + step < n ? at + step : n, end = at + 2 * step < n ? at + 2 * step : n, i = at,
                     j = mid;
            for (uint32_t k = at; k < end; k++)
                to[k] = j == end || (i < mid && less(r, from[i], from[j]) <= 0) ? from[i++] : from[j++];
        }
        sdp_rid *swap = from;
        from = to;
        to = swap;
    }
    if (from != a) memcpy(a, from, n * sizeof *a);
}

void sdp_r_sort_factors(sdp_raiser *r, sdp_rid *a, uint32_t n) { merge_sort(r, a, n, by_factor); }
void sdp_r_sort_terms(sdp_raiser *r, sdp_rid *a, uint32_t n) { merge_sort(r, a, n, by_term); }

// ---- leaves and calls -------------------------------------------------------------------------------------
sdp_rid sdp_r_num(sdp_raiser *r, sdp_num v)
{
    return sdp_r_make(r, (sdp_raised){.kind = SDP_R_NUM, .num = v});
}
sdp_rid sdp_r_int(sdp_raiser *r, long v) { return sdp_r_num(r, sdp_num_int(r->g, v)); }

sdp_rid sdp_r_name(sdp_raiser *r, const char *text, sdp_form form, uint32_t seen)
{
    return sdp_r_make(r, (sdp_raised){.kind = SDP_R_NAME, .form = (uint8_t)form, .text = text, .seen = seen});
}

sdp_rid sdp_r_dim(sdp_raiser *r, sdp_dim d) // m+2*n as a sum of products of names
{
    const sdp_dim_term *t;
    uint32_t n = sdp_dim_terms(r->g, d, &t);
    sdp_rlist sum = {0};
    for (uint32_t i = 0; i < n; i++) {
        sdp_scalars bag;
        sdp_bag_init(&bag);
        bag.coef = sdp_num_int(r->g, t[i].coef);
        for (uint32_t k = 0; k < t[i].natoms; k++)
            sdp_rlist_push(r, &bag.num,
                           sdp_r_name(r, sdp_atom_name(r->g, t[i].atom[k]), SDP_SCALAR, UINT32_MAX));
        sdp_rlist_push(r, &sum, sdp_bag_close(r, &bag, 0));
    }
    return n ? sdp_r_plus(r, sum.n, sum.at) : sdp_r_num(r, SDP_NUM_ZERO);
}

sdp_rid sdp_r_show(sdp_raiser *r, sdp_structure s, sdp_form form, uint32_t nargs, const sdp_rid *arg)
{
    sdp_rid id = sdp_r_make(r, (sdp_raised){.kind = SDP_R_CALL,
                                            .form = (uint8_t)form,
                                            .shown = (uint8_t)s,
                                            .nargs = nargs,
                                            .arg = arg});
    if (s == SDP_S_DIAG || s == SDP_S_EYE) r->node[id].symmetric = true;
    return id;
}

sdp_rid sdp_r_show1(sdp_raiser *r, sdp_structure s, sdp_form form, sdp_rid a)
{
    return sdp_r_show(r, s, form, 1, &a);
}

sdp_rid sdp_r_call(sdp_raiser *r, int op, sdp_form form, uint32_t nargs, const sdp_rid *arg)
{
    return sdp_r_make(r, (sdp_raised){.kind = SDP_R_CALL,
                                      .form = (uint8_t)form,
                                      .fn = (uint16_t)op,
                                      .nargs = nargs,
                                      .arg = arg});
}

// ---- transposes, products ---------------------------------------------------------------------------------
static uint8_t flipped(uint8_t form)
{
    return form == SDP_COLUMN ? SDP_ROW : form == SDP_ROW ? SDP_COLUMN : form;
}

static sdp_rid postfix(sdp_raiser *r, sdp_rid a)
{
    return sdp_r_make(
        r, (sdp_raised){.kind = SDP_R_TRANS, .form = flipped(sdp_r(r, a)->form), .nargs = 1, .arg = &a});
}

static bool is_simple(const sdp_raiser *r, sdp_rid a) // transposing it makes at most one node
{
    const sdp_raised *n = sdp_r(r, a);
    if (n->kind == SDP_R_TRANS || n->kind == SDP_R_NAME || n->symmetric) return true;
    if (n->kind == SDP_R_CALL && n->shown)
        return sdp_r(r, n->arg[0])->shown == SDP_S_ONES2 || n->shown == SDP_S_ONES2;
    if (n->kind != SDP_R_PROD && n->kind != SDP_R_SCALE) return false;
    for (uint32_t i = n->kind == SDP_R_SCALE ? n->split + n->den : 0; i < n->nargs; i++) {
        const sdp_raised *x = sdp_r(r, n->arg[i]);
        if (x->kind != SDP_R_TRANS && x->kind != SDP_R_NAME && x->kind != SDP_R_CALL &&
            !(x->kind == SDP_R_PROD && n->kind == SDP_R_SCALE))
            return false;
    }
    return true;
}

// Each argument transposed in place: (A+B')' is A'+B when that is no longer than a postfix '.
static sdp_rid transpose_each(sdp_raiser *r, sdp_rid a)
{
    sdp_raised n = *sdp_r(r, a);
    sdp_rid outside = postfix(r, a), *arg = sdp_scratch(&r->g->base, n.nargs * sizeof *arg);
    if (n.nargs > 8) return outside;
    for (uint32_t i = 0; i < n.nargs; i++) {
        if (!is_simple(r, n.arg[i])) {
            if (sdp_r(r, n.arg[i])->form != SDP_SCALAR) return outside;
            arg[i] = n.arg[i];
        } else {
            arg[i] = sdp_r_transpose(r, n.arg[i]);
        }
    }
    if (n.kind == SDP_R_ADD && !n.den) {
        sdp_r_sort_terms(r, arg, n.split);
        sdp_r_sort_terms(r, arg + n.split, n.nargs - n.split);
    }
    n.arg = arg;
    n.form = flipped(n.form);
    sdp_rid inside = sdp_r_make(r, n);
    // inside, parentheses are still to come
    bool shorter = sdp_r(r, inside)->tokens + 2 < sdp_r(r, outside)->tokens;
    return inside == a || shorter ? inside : outside;
}

sdp_rid sdp_r_transpose(sdp_raiser *r, sdp_rid a)
{
    sdp_raised n = *sdp_r(r, a);
    if (n.form == SDP_SCALAR || n.symmetric) return a;
    if (n.kind == SDP_R_TRANS) return n.arg[0];
    if (n.kind == SDP_R_ADD || n.kind == SDP_R_HAD) return transpose_each(r, a);
    if (n.kind == SDP_R_SCALE) {
        sdp_rid *arg = sdp_scratch(&r->g->base, n.nargs * sizeof *arg);
        memcpy(arg, n.arg, n.nargs * sizeof *arg);
        const sdp_raised *body = sdp_r(r, arg[n.nargs - 1]);
        // one level: a scaled product or sum, never a scaled scale
        arg[n.nargs - 1] =
            body->kind == SDP_R_SCALE ? postfix(r, arg[n.nargs - 1]) : sdp_r_transpose(r, arg[n.nargs - 1]);
        n.arg = arg;
        n.form = flipped(n.form);
        return sdp_r_make(r, n);
    }
    if (n.kind == SDP_R_PROD) {
        for (uint32_t i = 0; i < n.nargs; i++)
            if (sdp_r(r, n.arg[i])->kind == SDP_R_PROD) return postfix(r, a); // long
        sdp_rid *arg = sdp_scratch(&r->g->base, n.nargs * sizeof *arg);
        for (uint32_t i = 0; i < n.nargs; i++) arg[i] = sdp_r_transpose(r, n.arg[n.nargs - 1 - i]);
        n.arg = arg;
        n.form = flipped(n.form);
        return sdp_r_make(r, n);
    }
    if (n.kind == SDP_R_POW && sdp_r(r, n.arg[1])->form == SDP_SCALAR && is_simple(r, n.arg[0]))
        return sdp_r_power(r, sdp_r_transpose(r, n.arg[0]), n.arg[1]);
    if (n.kind == SDP_R_MPOW && is_simple(r, n.arg[0])) {
        sdp_rid arg[2] = {sdp_r_transpose(r, n.arg[0]), n.nargs > 1 ? n.arg[1] : 0};
        n.arg = arg;
        return sdp_r_make(r, n);
    }
    if (n.kind == SDP_R_CALL && (n.shown == SDP_S_ONES2 || n.shown == SDP_S_ZEROS2)) {
        sdp_rid swap[2] = {n.arg[1], n.arg[0]};
        return sdp_r_show(r, (sdp_structure)n.shown, SDP_MATRIX, 2, swap);
    }
    if (n.kind == SDP_R_CALL && n.shown == SDP_S_KRON) { // kron(x,A')' is kron(x',A)
        sdp_rid outside = postfix(r, a),
                both[2] = {sdp_r_transpose(r, n.arg[0]), sdp_r_transpose(r, n.arg[1])};
        sdp_rid inside = sdp_r_show(r, SDP_S_KRON, (sdp_form)flipped(n.form), 2, both);
        return sdp_r(r, inside)->tokens <= sdp_r(r, outside)->tokens ? inside : outside;
    }
    bool triangle = n.kind == SDP_R_CALL && (n.shown == SDP_S_TRIL || n.shown == SDP_S_TRIU);
    // tril(P)' is triu(P')
    if (triangle && (sdp_r(r, n.arg[0])->symmetric || sdp_r(r, n.arg[0])->shown == SDP_S_ONES2))
        return sdp_r_show1(r, n.shown == SDP_S_TRIL ? SDP_S_TRIU : SDP_S_TRIL, SDP_MATRIX,
                           sdp_r_transpose(r, n.arg[0]));
    return postfix(r, a);
}

static uint8_t product_form(uint8_t a, uint8_t b)
{
    bool rows = a == SDP_COLUMN || a == SDP_MATRIX, cols = b == SDP_ROW || b == SDP_MATRIX;
    return rows ? (cols ? SDP_MATRIX : SDP_COLUMN) : cols ? SDP_ROW : SDP_SCALAR;
}

sdp_rid sdp_r_product(sdp_raiser *r, sdp_rid a, sdp_rid b)
{
    const sdp_raised *x = sdp_r(r, a), *y = sdp_r(r, b);
    bool open_x = x->kind == SDP_R_PROD, open_y = y->kind == SDP_R_PROD;
    if ((open_x ? x->nargs : 1) + (open_y ? y->nargs : 1) > SDP_SPLICE) { // long: the longer one stays whole
        if (!open_y || x->nargs >= y->nargs) open_x = false;
        else open_y = false;
    }
    uint32_t n = 0, nx = open_x ? x->nargs : 1, ny = open_y ? y->nargs : 1;
    sdp_rid *arg = sdp_scratch(&r->g->base, (nx + ny) * sizeof *arg);
    memcpy(arg, open_x ? x->arg : &a, nx * sizeof *arg);
    memcpy(arg + nx, open_y ? y->arg : &b, ny * sizeof *arg);
    uint8_t form = product_form(x->form, y->form);
    for (; n < nx + ny; n++) { // (x.*x)' reads better than (x.^2)'
        const sdp_raised *p = sdp_r(r, arg[n]), *f = p->kind == SDP_R_TRANS ? sdp_r(r, p->arg[0]) : p;
        if (p == f || f->kind != SDP_R_POW || f->form != SDP_COLUMN ||
            sdp_r(r, f->arg[0])->kind != SDP_R_NAME)
            continue;
        if (sdp_r(r, f->arg[1])->kind != SDP_R_NUM || sdp_r(r, f->arg[1])->num != SDP_NUM_TWO) continue;
        sdp_rid twice[2] = {f->arg[0], f->arg[0]};
        arg[n] = postfix(r, sdp_r_make(r, (sdp_raised){.kind = SDP_R_HAD,
                                                       .form = SDP_COLUMN,
                                                       .nargs = 2,
                                                       .split = 2,
                                                       .arg = twice}));
    }
    return sdp_r_make(r, (sdp_raised){.kind = SDP_R_PROD, .form = form, .nargs = n, .arg = arg});
}

// (A*B).*(A*B) is (A*B).^2; x.*x stays.
static void square_equals(sdp_raiser *r, sdp_rlist *l)
{
    uint32_t keep = 0;
    for (uint32_t i = 0; i < l->n; i++) {
        bool twice = i + 1 < l->n && l->at[i] == l->at[i + 1] && sdp_r(r, l->at[i])->kind != SDP_R_NAME;
        l->at[keep++] = twice ? sdp_r_power(r, l->at[i], sdp_r_int(r, 2)) : l->at[i];
        i += twice;
    }
    l->n = keep;
}

sdp_rid sdp_r_hadamard(sdp_raiser *r, uint32_t n, const sdp_rid *a)
{
    sdp_rlist up = {0}, down = {0};
    uint8_t form = sdp_r(r, a[0])->form;
    if (n == 1) return a[0];
    for (uint32_t i = 0; i < n; i++) {
        const sdp_raised *x = sdp_r(r, a[i]);
        if (x->kind != SDP_R_HAD) {
            sdp_rlist_push(r, &up, a[i]);
            continue;
        }
        for (uint32_t k = 0; k < x->nargs; k++) sdp_rlist_push(r, k < x->split ? &up : &down, x->arg[k]);
    }
    sdp_r_sort_factors(r, up.at, up.n);
    sdp_r_sort_factors(r, down.at, down.n);
    square_equals(r, &up);
    if (up.n == 1 && down.n == 0) return up.at[0];
    uint32_t split = up.n;
    for (uint32_t k = 0; k < down.n; k++) sdp_rlist_push(r, &up, down.at[k]);
    return sdp_r_make(
        r, (sdp_raised){.kind = SDP_R_HAD, .form = form, .nargs = up.n, .split = split, .arg = up.at});
}

// norm(x)^2
static bool is_squared_norm(const sdp_raiser *r, const sdp_raised *t)
{
    if (t->kind != SDP_R_POW) return false;
    const sdp_raised *b = sdp_r(r, t->arg[0]), *x = sdp_r(r, t->arg[1]);
    return b->kind == SDP_R_CALL && b->fn == SDP_OP_norm && b->nargs == 1 && x->kind == SDP_R_NUM &&
           x->num == SDP_NUM_TWO;
}

static bool is_own_square(const sdp_raiser *r, const sdp_raised *n) // x'*x
{
    return n->kind == SDP_R_PROD && n->form == SDP_SCALAR && n->nargs == 2 &&
           sdp_r(r, n->arg[0])->kind == SDP_R_TRANS && sdp_r(r, n->arg[0])->arg[0] == n->arg[1];
}

sdp_rid sdp_r_power(sdp_raiser *r, sdp_rid base, sdp_rid exponent)
{
    const sdp_raised *b = sdp_r(r, base), *x = sdp_r(r, exponent);
    uint8_t form = b->form == SDP_SCALAR ? x->form : b->form;
    if (x->kind == SDP_R_NUM && sdp_num_sign(r->g, x->num) < 0) { // behind a quotient
        sdp_rid down = sdp_r_power(r, base, sdp_r_num(r, sdp_num_neg(r->g, x->num)));
        if (form == SDP_SCALAR) {
            sdp_scalars bag;
            sdp_bag_init(&bag);
            sdp_rlist_push(r, &bag.den, down);
            return sdp_bag_close(r, &bag, 0);
        }
        return sdp_r_make(
            r, (sdp_raised){.kind = SDP_R_HAD, .form = form, .nargs = 1, .split = 0, .arg = &down});
    }
    if (x->kind == SDP_R_NUM && x->num == SDP_NUM_ONE) return base;
    if (is_own_square(r, b) && x->kind == SDP_R_NUM && sdp_num_is_int(r->g, x->num)) // (x'*x)^2 is norm(x)^4
        return sdp_r_power(r, sdp_r_call(r, SDP_OP_norm, SDP_SCALAR, 1, b->arg + 1),
                           sdp_r_num(r, sdp_num_mul(r->g, x->num, SDP_NUM_TWO)));
    if (x->kind == SDP_R_NUM && is_squared_norm(r, b)) {
        base = b->arg[0];
        exponent = sdp_r_num(r, sdp_num_mul(r->g, SDP_NUM_TWO, x->num));
    }
    if (b->kind == SDP_R_TRANS && sdp_r(r, b->arg[0])->fn == SDP_OP_var)
        return sdp_r_transpose(r, sdp_r_power(r, b->arg[0], exponent));
    // sqrt(var(x)) is std(x)
    if (b->kind == SDP_R_CALL && b->fn == SDP_OP_var && x->kind == SDP_R_NUM &&
        !sdp_num_is_int(r->g, x->num)) {
        sdp_rid deviation = sdp_r_call(r, SDP_OP_std, (sdp_form)form, b->nargs, b->arg);
        return sdp_r_power(r, deviation, sdp_r_num(r, sdp_num_mul(r->g, SDP_NUM_TWO, x->num)));
    }
    if (x->kind == SDP_R_NUM && x->num == SDP_NUM_HALF)
        return sdp_r_call(r, SDP_OP_sqrt, (sdp_form)form, 1, &base);
    sdp_num twice = x->kind == SDP_R_NUM ? sdp_num_mul(r->g, x->num, SDP_NUM_TWO) : SDP_NUM_ZERO;
    // sqrt(x'*x+1)^3
    if (b->kind != SDP_R_NAME && twice != SDP_NUM_ZERO && !sdp_num_is_int(r->g, x->num) &&
        sdp_num_is_int(r->g, twice)) {
        sdp_rid root = sdp_r_call(r, SDP_OP_sqrt, (sdp_form)form, 1, &base);
        return sdp_r_power(r, root, sdp_r_num(r, twice));
    }
    sdp_rid arg[2] = {base, exponent};
    return sdp_r_make(r, (sdp_raised){.kind = SDP_R_POW, .form = form, .nargs = 2, .arg = arg});
}
