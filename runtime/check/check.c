// SPDX-License-Identifier: MIT
// Derivatives against numerical differentiation.
//
// A derivative of order k is compared with differences of the derivative of order k-1, and order 1 with
// differences of plain values, so no order rests on symbolic work alone. Values come from the compiled
// function; the symbolic answer also from the reference evaluator, which must agree.
//
// This file chooses the points; compare.c compares the two numbers of an answer at a point. Other points may
// follow the first one that counts, at which kinks are likely and equalities hold: of zeros, ones and the
// numbers of the expressions. Entry: sdp_check.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "runtime/check/checker.h"

// Returns the nodes that the answers are first derivatives of, one for each wrt: the value, or derivatives of
// one order less.
static sdp_id *lower_derivatives(sdp_graph *g, const sdp_check_request *q, sd_symmetric convention)
{
    sdp_id *base = sdp_scratch(&g->base, (q->nwrt + (size_t)1) * sizeof *base);
    sdp_id *wrt = sdp_scratch(&g->base, (q->nwrt + (size_t)1) * sizeof *wrt);
    for (uint32_t i = 0; i < q->nwrt; i++) wrt[i] = g->var[q->wrt[i]].node;
    for (uint32_t i = 0; i < q->nwrt; i++) {
        base[i] = q->value;
        for (int k = 1; k < q->order; k++) {
            if (q->repeated) {
                base[i] = sdp_jvp(g, base[i], q->nwrt, wrt, q->direction);
                continue;
            }
            sdp_id x = g->var[q->wrt[i]].node;
            sdp_reverse(g, base[i], 1, &x, &base[i]);
            base[i] = sdp_project(g, base[i], x, convention);
        }
    }
    return base;
}

static bool check_all(checker *c, const sdp_id *base)
{
    const sdp_check_request *q = c->q;
    bool ok = true;
    // the lower derivative itself, against plain values
    for (uint32_t i = 0; ok && q->order > 1 && i < q->nwrt; i++)
        if (q->order == 2 && !q->repeated)
            ok = sdp_check_plain(c, &(sdp_entry){.label = "the first derivative", .node = base[i]}, q->value,
                                 q->wrt[i]);
    for (size_t k = 0; ok && k < c->r->n; k++) {
        const sdp_entry *e = &c->r->entry[k];
        uint32_t i = 0, j = 0;
        for (uint32_t w = 0; w < q->nwrt; w++) {
            const char *name = c->at.g->var[q->wrt[w]].name;
            if (e->row && !strcmp(name, e->row)) i = w;
            if (e->column && !strcmp(name, e->column)) j = w;
        }
        if (q->along || q->cotangent)
            ok = sdp_check_along(c, e, base[i], q->cotangent ? i : 0, q->cotangent ? i + 1 : q->nwrt);
        else if (q->order == 1) ok = sdp_check_plain(c, e, q->value, q->wrt[i]);
        else ok = sdp_check_plain(c, e, base[i], q->wrt[q->nwrt > 1 ? j : 0]);
    }
    return ok;
}

static sdp_signature signature_of_all(sdp_graph *g, const struct sd_result *r, const sdp_check_request *q,
                                      const sdp_id *base)
{
    uint32_t n = 0, ndirections = q->cotangent ? 1 : q->along ? q->nwrt : 0;
    sdp_id *id = sdp_scratch(&g->base, (r->n + 2 * (size_t)q->nwrt + ndirections + 2) * sizeof *id);
    id[n++] = q->value;
    for (uint32_t i = 0; i < q->nwrt; i++) id[n++] = base[i], id[n++] = g->var[q->wrt[i]].node;
    for (size_t i = 0; i < r->n; i++) id[n++] = r->entry[i].node;
    for (uint32_t i = 0; i < ndirections; i++) id[n++] = q->direction[i];
    return sdp_signature_of(g, n, id, NULL);
}

// The answers as they are computed, with the free copies of constrained variables, by which the value was
// differentiated, so that they move alone.
static const struct sd_result *with_free_copies(sdp_graph *g, const struct sd_result *r)
{
    struct sd_result *t = sdp_as_computed(r);
    sdp_id *node = sdp_scratch(&g->base, (r->n + 1) * sizeof *node);
    for (size_t k = 0; k < r->n; k++) node[k] = t->entry[k].exact;
    sdp_with_free_copies(g, (uint32_t)r->n, node, r->nwrt, r->wrt);
    for (size_t k = 0; k < r->n; k++) t->entry[k].node = node[k];
    return t;
}

// Does rounding move the value so much that differences of it say nothing? The inverse of a matrix that is
// singular but for rounding.
static bool ill_conditioned(checker *c)
{
    double size = 0, most = sdp_check_spread(c, c->q->value, &size);
    return !(most <= 1e-7 * size);
}

// The verdict at the point; false if it does not count, for a reason.
static bool check_point(checker *c, const sdp_id *base)
{
    *c->out = (sd_check_report){.tolerance = 1e-7, .points = 1};
    c->excess = c->rounding = 0;
    c->compared = c->kinks = 0;
    if (!sdp_check_values(c, c->q->value)) return false;
    c->reason = "its neighbours have no value";
    if (!(c->doubtful && ill_conditioned(c))) {
        if (!check_all(c, base)) return false;
        c->reason = "there is a kink";
        if (!c->compared && c->kinks) return false;
        if (c->excess <= c->out->tolerance || !ill_conditioned(c)) return true;
    }
    c->doubtful = true;
    c->reason = "rounding alone changes the value";
    return false;
}

static bool is_given(const checker *c)
{
    for (uint32_t i = 0; i < c->at.s.ninputs; i++)
        if (!c->q->data || !sd_data_get(c->q->data, c->at.g->var[c->at.s.input[i]].name)) return false;
    return true;
}

static void mark_variables(sdp_graph *g, sdp_id id, bool *mark)
{
    uint32_t n;
    sdp_id *list = sdp_reachable(g, 1, &id, &n);
    for (uint32_t i = 0; i < n; i++)
        if (sdp_get(g, list[i])->kind == SDP_VAR) mark[sdp_get(g, list[i])->param] = true;
}

// May anything happen at single points: a comparison, a kink, a division by what is 0? Marks the variables
// that keep ordinary numbers: those of exponents and logarithms, as p*x^(p-1) has no value at x = 0, p = 0,
// and x^p*log(x) none at x = 0, but a limit; and those of an equality that moves with a variable of the
// derivative, where(x==y,x^2,x*y) by x, which decides single points by convention.
static bool has_special_points(sdp_graph *g, const sdp_id *base, const checker *c, bool *kept)
{
    uint32_t n;
    sdp_num e;
    bool any = false;
    sdp_id *root = sdp_scratch(&g->base, (c->r->n + 2) * sizeof *root);
    for (size_t i = 0; i < c->r->n; i++) root[i] = c->r->entry[i].node;
    root[c->r->n] = c->q->value, root[c->r->n + 1] = base[0];
    sdp_id *list = sdp_reachable(g, (uint32_t)c->r->n + 2, root, &n);
    for (uint32_t i = 0; i < n; i++) {
        const sdp_node *x = sdp_get(g, list[i]);
        bool power = x->kind == SDP_POW, number = power && sdp_is_number(g, x->arg[1], &e),
             map = x->kind == SDP_MAP;
        const sdp_op *op = &sdp_ops[x->op];
        any |= power && !(number && sdp_num_is_int(g, e) && sdp_num_sign(g, e) > 0);
        any |= (map || x->kind == SDP_PRIM) &&
               (op->kink || op->range == SDP_RANGE_bool || op->range == SDP_RANGE_sign);
        any |= x->kind == SDP_PRIM && (x->op == SDP_OP_prod || x->op == SDP_OP_det);
        bool equality = map && (x->op == SDP_OP_eq || x->op == SDP_OP_ne);
        for (uint32_t v = 0; equality && v < c->q->nwrt; v++)
            if (sdp_depends(g, list[i], g->var[c->q->wrt[v]].node)) mark_variables(g, list[i], kept);
        if (power && !number) mark_variables(g, x->arg[1], kept);
        if (map && (x->op == SDP_OP_log || x->op == SDP_OP_log2 || x->op == SDP_OP_log10))
            mark_variables(g, x->arg[0], kept);
    }
    return any;
}

// Points of zeros, ones and the numbers that stand in the expressions: variables that nothing
// is differentiated by alone, then all. The first at which the answer is wrong is what is
// reported; the others tell nothing new.
static void check_special_points(checker *c, const sdp_id *base)
{
    enum { SPECIAL = 3 };
    sdp_graph *g = c->at.g;
    bool *kept = sdp_scratch(&g->base, g->nvars + (size_t)1),
         *others = sdp_scratch(&g->base, g->nvars + (size_t)1);
    if (!has_special_points(g, base, c, kept)) return;
    sdp_copy(others, kept, g->nvars);
    for (uint32_t w = 0; w < c->q->nwrt; w++) others[c->q->wrt[w]] = true;
    sdp_specials numbers = sdp_special_numbers(g, 1, &c->q->value);
    for (unsigned turn = 0; turn < SPECIAL; turn++) {
        sd_check_report before = *c->out;
        double excess = c->excess, rounding = c->rounding;
        sdp_mark m = sdp_scratch_mark(&g->base);
        sdp_point_draw(g, &c->at.s, c->q, 0, &c->at.p);
        sdp_point_specialise(g, &c->at.s, c->q, &numbers, 2 * turn + 1, turn ? kept : others, &c->at.p);
        bool counts = check_point(c, base);
        sdp_scratch_release(&g->base, m);
        if (counts && c->excess > c->out->tolerance) return;
        *c->out = before, c->excess = excess, c->rounding = rounding;
    }
}

// Goes through points until one counts: numbers of every kind, sizes the other way round,
// larger sizes, which an index may need.
static bool find_point(checker *c, const sdp_id *base)
{
    enum { TURNS = 4 };
    sdp_check_request q = *c->q;
    bool given = c->given = is_given(c), found = false;
    c->reason = "no sizes fit all indices";
    for (long smallest = 2; smallest <= 32 && !found; smallest *= 2)
        for (q.turn = 0; q.turn < TURNS && !found; q.turn++) {
            sdp_mark m = sdp_scratch_mark(&c->at.g->base);
            c->at.p = sdp_point_sizes(c->at.g, &c->at.s, &q, smallest);
            bool fit = given || sdp_indices_fit(c->at.g, 1, &q.value, c->at.p.size);
            for (int kind = 0; fit && kind <= SDP_POINT_KINDS + SDP_POINT_SCALES && !found; kind++) {
                sdp_point_draw(c->at.g, &c->at.s, c->q, kind, &c->at.p);
                found = check_point(c, base);
            }
            if (found && !given && c->excess <= c->out->tolerance) check_special_points(c, base);
            sdp_scratch_release(&c->at.g->base, m);
        }
    if (found) return true;
    *c->out = (sd_check_report){.worst = INFINITY};
    snprintf(c->out->detail, sizeof c->out->detail, "%s: %s",
             given ? "the point given is outside the domain"
                   : "no point was found where the value and its derivative exist",
             c->reason);
    return false;
}

void sdp_check(sdp_graph *g, const struct sd_result *r, const sdp_check_request *q, sd_check_report *out)
{
    sdp_mark mark = sdp_scratch_mark(&g->base);
    r = with_free_copies(g, r);
    sdp_id *base = lower_derivatives(g, q, r->convention);
    checker c = {.at.g = g, .q = q, .r = r, .out = out};
    c.at.s = signature_of_all(g, r, q, base);
    bool ok = find_point(&c, base);
    out->ok = ok && c.excess <= out->tolerance;
    if (out->ok) *out->detail = 0;
    if (out->ok && c.rounding > 0)
        snprintf(out->detail, sizeof out->detail, "an answer is 0 but for rounding: %s at most",
                 sdp_decimal_of(c.rounding, 2).s);
    sdp_study_point(g, r, q, base, out);
    sdp_scratch_release(&g->base, mark);
}
