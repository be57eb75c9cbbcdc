// SPDX-License-Identifier: MIT
// Expression printer: products. Scalars in front and below the line, chains of matrices, entry by entry.
//
//     coefficient p/q, scalars a.. above and b.. below, an array:   p*a/(q*b)*array   array/b   p/q*array
//
// In flat languages (vectors have one axis) a chain may be an outer product, and diag(x) scales.
#include <string.h>

#include "codegen/print/printer.h"

// In a product: matrix and element-wise products do not mix without parentheses.
static void factor(sdp_printer *p, sdp_rid i) { sdp_piece_at_least(p, i, P_POWER); }

// In a chain: a long chain is made of chains.
static void link(sdp_printer *p, sdp_rid i)
{
    sdp_piece_at_least(p, i, sdp_r(p->r, i)->kind == SDP_R_PROD ? P_PRODUCT : P_POWER);
}

static bool is_diagonal(const sdp_printer *p, sdp_rid i)
{
    return sdp_r(p->r, i)->kind == SDP_R_CALL && sdp_r(p->r, i)->shown == SDP_S_DIAG &&
           !sdp_printed_name(p, i);
}

static sdp_rid chain(sdp_printer *p, uint32_t n, const sdp_rid *arg)
{
    sdp_rid c = arg[0];
    for (uint32_t i = 1; i < n; i++) c = sdp_r_product(p->r, c, arg[i]);
    return c;
}

static sdp_rid scaled(sdp_printer *p, sdp_rid v, sdp_rid a, bool columns)
{
    sdp_rid both[2] = {v, a};
    uint8_t form = sdp_r(p->r, a)->form;
    return sdp_r_make(
        p->r, (sdp_raised){.kind = SDP_R_SCALED, .form = form, .nargs = 2, .split = columns, .arg = both});
}

// In flat languages x*y' is an outer product. Returns false if n is no such product.
static bool outer_product(sdp_printer *p, const sdp_raised *n)
{
    for (uint32_t i = 0; i + 1 < n->nargs; i++) {
        if (sdp_r(p->r, n->arg[i])->form != SDP_COLUMN || sdp_r(p->r, n->arg[i + 1])->form != SDP_ROW)
            continue;
        sdp_rid both[2] = {chain(p, i + 1, n->arg), chain(p, n->nargs - i - 1, n->arg + i + 1)};
        sdp_piece_fill(p, p->t->outer, 2, both);
        return true;
    }
    return false;
}

// diag(x)*A scales rows and A*diag(x) columns: no matrix is made of x. Returns false if n has no such factor.
static bool scaled_product(sdp_printer *p, const sdp_raised *n)
{
    for (uint32_t i = n->nargs; i-- > 0;) {
        if (!is_diagonal(p, n->arg[i])) continue;
        sdp_rid v = sdp_r(p->r, n->arg[i])->arg[0], rest[3];
        uint32_t m = 0;
        if (i > 0) {
            rest[m++] = scaled(p, v, chain(p, i, n->arg), true);
            if (i + 1 < n->nargs) rest[m++] = chain(p, n->nargs - i - 1, n->arg + i + 1);
        } else {
            rest[m++] = scaled(p, v, chain(p, n->nargs - 1, n->arg + 1), false);
        }
        if (m == 1) sdp_piece_node(p, rest[0]);
        else factor(p, rest[0]), sdp_piece_text(p, p->t->matmul), link(p, rest[1]);
        return true;
    }
    return false;
}

static void power(sdp_printer *p, uint32_t n, const sdp_rid *arg, uint32_t exponent)
{
    sdp_rid base = chain(p, n, arg);
    sdp_piece_node(p, sdp_r_make(p->r, (sdp_raised){.kind = SDP_R_MPOW,
                                                    .form = SDP_MATRIX,
                                                    .num = sdp_num_int(p->r->g, (long)exponent),
                                                    .nargs = 1,
                                                    .arg = &base}));
}

// Is the product as a whole a power, (A*B)^2?
static bool repeats(const sdp_printer *p, const sdp_raised *n)
{
    uint32_t period, saved;
    return sdp_r_repeats(p->r, n, 0, &period, &saved) * period == n->nargs;
}

// A*A is A^2, and inv(A)*b is A\b or a call of solve.
int sdp_product_level(const sdp_printer *p, const sdp_raised *n)
{
    for (uint32_t i = 0; p->t->rows && i < n->nargs; i++)
        if (is_diagonal(p, n->arg[i])) return P_PRODUCT;
    if (repeats(p, n)) return p->t->flat || p->t->methods ? P_PRODUCT : P_POWER;
    if (!p->t->solve || !sdp_raised_inverse(p, n->arg[0])) return P_PRODUCT;
    return sdp_template_level(p->t->solve) == P_PRODUCT ? P_SOLVE : P_ATOM;
}

// behind: a factor stands before it
static void solve(sdp_printer *p, const sdp_rid *both, bool behind)
{
    bool wrap = behind && sdp_template_level(p->t->solve) == P_PRODUCT;
    if (wrap) sdp_piece_text(p, p->t->open);
    sdp_piece_fill(p, p->t->solve, 2, both);
    if (wrap) sdp_piece_text(p, p->t->close);
}

void sdp_expand_product(sdp_printer *p, const sdp_raised *n)
{
    sdp_rid both[2];
    if (p->t->flat && outer_product(p, n)) return;
    if (p->t->dot && n->form == SDP_SCALAR) { // x'*A*y is x.dot(A*y)
        both[0] = sdp_r_transpose(p->r, n->arg[0]);
        both[1] = chain(p, n->nargs - 1, n->arg + 1);
        sdp_piece_fill(p, p->t->dot, 2, both);
        return;
    }
    if (p->t->rows && scaled_product(p, n)) return;
    // x'*inv(A)
    if (p->t->solve_right && (both[1] = sdp_raised_inverse(p, n->arg[n->nargs - 1])) && !repeats(p, n)) {
        both[0] = chain(p, n->nargs - 1, n->arg);
        sdp_piece_fill(p, p->t->solve_right, 2, both);
        return;
    }
    bool code = p->t->flat || p->t->methods; // matrix_power(X,3) is not for squares
    for (uint32_t i = 0, run, period, saved; i < n->nargs; i += run * period) {
        run = sdp_r_repeats(p->r, n, i, &period, &saved);
        if (code && (run < 3 || period > 1)) run = period = 1;
        if (i) {
            if (p->t->unicode || p->t->tex) sdp_piece_soft(p);
            else sdp_piece_text(p, p->t->matmul);
        }
        // the rest is its right-hand side
        if (p->t->solve && i + run * period < n->nargs && (both[0] = sdp_raised_inverse(p, n->arg[i]))) {
            both[1] = chain(p, n->nargs - i - 1, n->arg + i + 1);
            solve(p, both, i > 0);
            return;
        }
        if (run == 1) link(p, n->arg[i]);
        else power(p, period, n->arg + i, run);
    }
}

static void entry_factor(sdp_printer *p, sdp_rid i)
{
    if (p->t->methods) sdp_piece_at_least(p, i, P_POSTFIX);
    else factor(p, i);
}

// lead: a scalar already stands in front of a pure quotient, 2./x
void sdp_expand_hadamard(sdp_printer *p, const sdp_raised *n, bool lead)
{
    const sdp_notation *t = p->t;
    uint32_t below = n->nargs - n->split;
    if (t->methods) {
        if (n->split == 0) {
            entry_factor(p, n->arg[0]);
            sdp_piece_text(p, ".cwiseInverse()");
        }
        for (uint32_t i = n->split ? 0 : 1; i < n->nargs; i++) {
            if (i == 0) {
                entry_factor(p, n->arg[0]);
                continue;
            }
            sdp_piece_text(p, i < n->split ? ".cwiseProduct(" : ".cwiseQuotient(");
            sdp_piece_node(p, n->arg[i]);
            sdp_piece_text(p, ")");
        }
        return;
    }
    if (n->split == 0 && !lead) sdp_piece_text(p, "1");
    for (uint32_t i = 0; i < n->split; i++) {
        if (i) sdp_piece_text(p, t->had);
        factor(p, n->arg[i]);
    }
    if (!below) return;
    sdp_piece_text(p, t->quot);
    if (below == 1) {
        factor(p, n->arg[n->split]);
        return;
    }
    sdp_piece_text(p, t->open);
    for (uint32_t i = n->split; i < n->nargs; i++) {
        if (i > n->split) sdp_piece_text(p, t->had);
        factor(p, n->arg[i]);
    }
    sdp_piece_text(p, t->close);
}

static void body(sdp_printer *p, sdp_rid i) // behind scalars: products associate
{
    const sdp_raised *n = sdp_r(p->r, i);
    if (!sdp_printed_name(p, i) && (n->kind == SDP_R_PROD || n->kind == SDP_R_HAD || n->kind == SDP_R_SCALED))
        sdp_piece_at_least(p, i, P_PRODUCT);
    else factor(p, i);
}

// whole: nothing else stands there, above or below a line, so that a sum has no brackets
static void scalars(sdp_printer *p, uint32_t n, const sdp_rid *arg, const char *number, bool fraction,
                    bool whole)
{
    bool first = true;
    if (whole && n == 1 && !(number && *number)) {
        sdp_piece_at_least(p, arg[0], P_SUM);
        return;
    }
    if (number && *number) {
        sdp_piece_text(p, number);
        first = false;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (!first) sdp_piece_soft(p);
        if (fraction && n == 1) body(p, arg[i]);
        else factor(p, arg[i]);
        first = false;
    }
}

static bool is_reciprocal(const sdp_raised *n) { return n->kind == SDP_R_HAD && n->split == 0; } // 1./x

static void expand_fraction(sdp_printer *p, const sdp_raised *n, const char *above, const char *below)
{
    sdp_rid last = n->nargs > n->split + n->den ? n->arg[n->nargs - 1] : 0;
    bool bare = n->split == 0 && !*above && n->den; // nothing else above the line: \frac{x}{\lVert x\rVert}
    bool inside = last && (sdp_r(p->r, last)->form == SDP_SCALAR || bare), one = n->split == 0 && !*above;
    bool line = n->den || *below;
    if (line) sdp_piece_text(p, "\\frac{");
    if (one && line && !inside) sdp_piece_text(p, "1");
    scalars(p, n->split, n->arg, above, line, line && !inside);
    if (inside && line) {
        if (!one) sdp_piece_soft(p);
        if (one) sdp_piece_at_least(p, last, P_SUM);
        else body(p, last);
    }
    if (line) {
        sdp_piece_text(p, "}{");
        scalars(p, n->den, n->arg + n->split, below, line, true);
        sdp_piece_text(p, "}");
    }
    if (!last || (inside && line)) return;
    if ((line || !one) && is_reciprocal(sdp_r(p->r, last))) {
        sdp_expand_hadamard(p, sdp_r(p->r, last), true);
        return;
    }
    if (line || !one) sdp_piece_soft(p);
    body(p, last);
}

// Coefficient p/q, scalars above a.. and below b.., body:  p*a/(q*b)*body, body/b, p/q*body
typedef struct {
    const char *above, *below, *one; // of the coefficient, "" for 1; how 1 is written
    sdp_rid body;                    // or 0
    bool early;                      // the coefficient stands in front as a quotient: 3/4*x, 1/2./x, but x/2
    bool front, inverse;             // something stands in front of the body; the body is 1./x
    bool body_above;                 // the body stands above the line
    uint32_t lines;                  // factors below the line
} quotient;

static quotient quotient_of(sdp_printer *p, const sdp_raised *n, const char *above, const char *below)
{
    bool below_anything = n->den || *below;
    quotient q = {.above = above, .below = below, .one = sdp_number_text(p, "1", below_anything)};
    if (*above) q.above = sdp_number_text(p, above, below_anything);
    if (*below) q.below = sdp_number_text(p, below, false);
    q.body = n->nargs > n->split + n->den ? n->arg[n->nargs - 1] : 0;
    const sdp_raised *x = q.body ? sdp_r(p->r, q.body) : NULL;
    bool inner_product = x && x->form == SDP_SCALAR; // stays above the line
    q.inverse = x && is_reciprocal(x) && !p->t->methods;
    q.early = *below && !n->den && (*above || (q.inverse && n->split == 0));
    q.lines = n->den + (*below && !q.early);
    q.front = *above || n->split || q.early;
    q.body_above = q.body && (!q.front || inner_product) && q.lines;
    return q;
}

static void put_above(sdp_printer *p, const sdp_raised *n, const quotient *q)
{
    if (q->early) {
        sdp_piece_text(p, *q->above ? q->above : q->one);
        sdp_piece_text(p, p->t->over);
        sdp_piece_text(p, q->below);
        if (n->split) sdp_piece_text(p, p->t->times);
    }
    scalars(p, n->split, n->arg, q->early ? "" : q->above, !q->early && q->lines && !q->body_above, false);
    if (q->body_above) {
        if (q->front) sdp_piece_soft(p);
        body(p, q->body);
    } else if (!q->front && !q->body) {
        sdp_piece_text(p, q->one);
    }
}

static void put_below(sdp_printer *p, const sdp_raised *n, const quotient *q)
{
    if (!q->lines) return;
    sdp_piece_text(p, p->t->over);
    if (q->lines > 1) sdp_piece_text(p, p->t->open);
    if (q->lines == 1 && n->den) sdp_piece_at_least(p, n->arg[n->split], P_POWER);
    else scalars(p, n->den, n->arg + n->split, q->early ? "" : q->below, false, false);
    if (q->lines > 1) sdp_piece_text(p, p->t->close);
}

static void put_body(sdp_printer *p, const sdp_raised *n, const quotient *q)
{
    if (!q->body || q->body_above) return;
    if (q->inverse && q->front) {
        sdp_expand_hadamard(p, sdp_r(p->r, q->body), true);
        return;
    }
    if (q->front && (q->lines || (q->early && !n->split))) sdp_piece_text(p, p->t->times);
    else if (q->front) sdp_piece_soft(p);
    body(p, q->body);
}

void sdp_expand_scale(sdp_printer *p, const sdp_raised *n)
{
    sdp_graph *g = p->r->g;
    sdp_num size = sdp_num_sign(g, n->num) < 0 ? sdp_num_neg(g, n->num) : n->num;
    const char *decimal = sdp_r_decimal(p->r, size);
    const char *above = decimal ? decimal : sdp_num_text(g, sdp_num_numerator(g, size));
    const char *below = decimal ? "" : sdp_num_text(g, sdp_num_denominator(g, size));
    if (strcmp(above, "1") == 0) above = "";
    if (strcmp(below, "1") == 0) below = "";
    if (size != n->num) sdp_piece_text(p, p->t->tex ? "-" : p->t->minus);
    if (p->t->tex) {
        expand_fraction(p, n, above, below);
        return;
    }
    quotient q = quotient_of(p, n, above, below);
    put_above(p, n, &q);
    put_below(p, n, &q);
    put_body(p, n, &q);
}
