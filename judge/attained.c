// SPDX-License-Identifier: MIT
// Where is what solves the equation gradient = 0 a stationary point? Algebra alone does not know the domain,
// log(x)+x at -1, nor kinks, where the derivative is a convention, x^2-abs(x) at 0; and the answer itself may
// divide by what is 0, or invert what is singular.
//
// The conditions of the gradient, its domain and its kinks, are collected as for --conditions, and the answer
// is put in the place of the unknown. Each then holds by what is declared, or never holds, and the answer is
// none; or it is told: "if b/a > 0". So are the conditions of the answer. Conditions that nothing decides are
// held against random values of all else: the function must have a value at the answer for some of them.
#include <math.h>
#include <string.h>

#include "codegen/print/print.h"
#include "judge/solve.h"

enum { TRIALS = 30, MOST_VALUES = 12, MOST_WORK = 5000000 }; // operations of all evaluations together

typedef enum { OPEN, HOLDS, FAILS } fate;

// ---- one condition ----------------------------------------------------------------------------------------
static fate of_comparison(sdp_graph *g, const sdp_condition *c)
{
    const sdp_node *n = sdp_get(g, c->node);
    sdp_num v;
    int negated = sdp_negated_comparison(n);
    if (sdp_is_number(g, c->node, &v)) return (v != SDP_NUM_ZERO) != c->kink ? HOLDS : FAILS;
    if (n->kind != SDP_MAP || n->nargs != 2) return OPEN;
    bool equality = n->op == SDP_OP_eq || n->op == SDP_OP_ne,
         same = equality && sdp_vanishes(g, sdp_sub(g, n->arg[0], n->arg[1]));
    if (c->kink) return sdp_excluded_by_facts(g, c->node) ? HOLDS : same && n->op == SDP_OP_eq ? FAILS : OPEN;
    if (sdp_holds_by_facts(g, c->node)) return HOLDS;
    bool never =
        (negated && sdp_holds_by_facts(g, sdp_map(g, negated, n->arg))) || (same && n->op == SDP_OP_ne);
    return never ? FAILS : OPEN;
}

static fate of_condition(sdp_graph *g, const sdp_condition *c)
{
    if (c->node) return of_comparison(g, c);
    if (!c->words) return OPEN;
    if (c->claim == SDP_NOT_ZERO)
        return sdp_known_positive(g, c->subject) ? HOLDS : sdp_vanishes(g, c->subject) ? FAILS : OPEN;
    bool definite = sdp_has(g, c->subject, SDP_POSDEF);
    return definite && !c->kink && !c->second ? HOLDS : OPEN;
}

bool sdp_is_among(const sdp_condition *c, uint32_t n, const sdp_condition *list)
{
    for (uint32_t i = 0; i < n; i++) {
        const sdp_condition *o = &list[i];
        if (o->node == c->node && o->subject == c->subject && o->second == c->second && o->words == c->words)
            return true;
    }
    return false;
}

static bool depends_on(sdp_graph *g, const sdp_condition *c, sdp_id x)
{
    return (c->node && sdp_depends(g, c->node, x)) || (c->subject && sdp_depends(g, c->subject, x)) ||
           (c->second && sdp_depends(g, c->second, x));
}

static bool depends(const sdp_problem *p, const sdp_condition *c)
{
    bool yes = depends_on(p->g, c, p->g->var[p->var].node);
    for (uint32_t i = 0; i < p->nothers; i++) yes |= depends_on(p->g, c, p->g->var[p->other[i].var].node);
    return yes;
}

sdp_id sdp_put_answer(const sdp_problem *p, sdp_id node, sdp_id answer)
{
    sdp_id from[2 * SDP_MOST_UNKNOWNS] = {p->x, p->g->var[p->var].node},
                    to[2 * SDP_MOST_UNKNOWNS] = {answer, answer};
    uint32_t n = from[0] == from[1] ? 1 : 2;
    for (uint32_t i = 0; i < p->nothers; i++) {
        const sdp_unknown *o = &p->other[i];
        sdp_id known = p->g->var[o->var].node;
        from[n] = o->x, to[n++] = o->answer;
        if (known != o->x) from[n] = known, to[n++] = o->answer;
    }
    return sdp_substitute(p->g, node, n, from, to);
}

static sdp_condition at(sdp_problem *p, sdp_condition c, sdp_id answer)
{
    if (c.node) c.node = sdp_put_answer(p, c.node, answer);
    if (c.subject) c.subject = sdp_simplify(p->g, sdp_put_answer(p, c.subject, answer));
    if (c.second) c.second = sdp_simplify(p->g, sdp_put_answer(p, c.second, answer));
    return c;
}

// ---- telling ----------------------------------------------------------------------------------------------
// A comparison with a number as one with 0, without a positive factor: -k/n > -1 as 1-k/n > 0.
static void normalise(sdp_graph *g, sdp_condition *c)
{
    const sdp_node *n = c->node ? sdp_get(g, c->node) : NULL;
    sdp_num content = SDP_NUM_ONE, side;
    if (c->kink || !n || n->kind != SDP_MAP || n->nargs != 2 || sdp_negated_comparison(n) == 0) return;
    if (!sdp_is_number(g, n->arg[0], &side) && !sdp_is_number(g, n->arg[1], &side)) return;
    bool strict;
    sdp_id larger = sdp_ordered_difference(g, n->op, n->arg, &strict);
    sdp_id u = sdp_simplify(g, larger ? larger : sdp_sub(g, n->arg[0], n->arg[1]));
    if (sdp_get(g, u)->kind == SDP_ADD) u = sdp_primitive_part(g, u, &content);
    else if (sdp_get(g, u)->kind == SDP_MUL && sdp_get(g, u)->coef[0] != SDP_NUM_ZERO) {
        content = sdp_get(g, u)->coef[0];
        u = sdp_scale(g, sdp_num_inv(g, content), u);
    }
    if (sdp_num_sign(g, content) < 0) u = sdp_negated(g, u);
    int op = larger ? (strict ? SDP_OP_gt : SDP_OP_ge) : n->op; // 0 < u is what nobody writes
    c->node = sdp_map(g, op, (sdp_id[]){u, sdp_number(g, SDP_NUM_ZERO)});
}

// Does u > 0, or -u > 0, stand among the conditions?
static bool is_positive_there(sdp_graph *g, const sdp_validity *v, sdp_id u, bool either)
{
    sdp_id minus = sdp_negated(g, u);
    for (uint32_t i = 0; i < v->n; i++) {
        const sdp_node *n = v->list[i].node ? sdp_get(g, v->list[i].node) : NULL;
        if (n && !v->list[i].kink && n->kind == SDP_MAP && n->op == SDP_OP_gt &&
            (n->arg[0] == u || (either && n->arg[0] == minus)))
            return true;
    }
    return false;
}

static void add(sdp_graph *g, sdp_validity *v, sdp_condition c)
{
    if (!c.node && !c.words) return; // further ones, left out
    normalise(g, &c);
    if (sdp_is_among(&c, v->n, v->list)) return;
    if (v->n < SDP_MOST_TOLD) v->list[v->n++] = c;
    v->inverse |= c.claim == SDP_INVERTIBLE || c.second;
}

static const char *const somewhere = "where the function has a value there"; // words without a subject

// Returns the node u of a condition u != 0. Returns 0 for other conditions, and for that of a kink.
static sdp_id kept_from_zero(sdp_graph *g, const sdp_condition *c)
{
    const sdp_node *n = c->node ? sdp_get(g, c->node) : NULL;
    if (c->kink) return 0;
    if (!n) return c->claim == SDP_NOT_ZERO ? c->subject : 0;
    return n->kind == SDP_MAP && n->op == SDP_OP_ne && sdp_is_zero(g, n->arg[1]) ? n->arg[0] : 0;
}

// "if x > 0", "if X'*X is invertible", "if a is not 0", "for A and -B without a common eigenvalue"
static const char *line_of(sdp_graph *g, const sdp_condition *c)
{
    sdp_text t;
    if (c->words == somewhere) return somewhere;
    sdp_id not_zero = kept_from_zero(g, c);
    bool adjective = c->claim == SDP_INVERTIBLE || c->claim == SDP_DEFINITE || c->claim == SDP_WITH_POWER;
    if (not_zero || (adjective && !c->kink)) {
        char *s = sdp_node_text(g, not_zero ? not_zero : c->subject);
        const char *line = sdp_printf(&g->base, "if %s is %s%s", s, not_zero ? "not 0" : c->words + 2,
                                      c->each ? " (each entry)" : "");
        sdp_release(&g->base, s);
        return line;
    }
    sdp_text_init(&t, &g->base);
    sdp_print_condition(g, c, false, &t);
    const char *said = sdp_strndup(&g->base, t.s, t.n);
    sdp_text_free(&t);
    if (c->kink) return sdp_printf(&g->base, "unless %s, where the function has a kink", said);
    bool compares = !c->words || strpbrk(c->words, "<>=");
    return sdp_printf(&g->base, "%s %s", compares ? "if" : "for", said);
}

// The conditions that none of the others says, a line each.
static void tell_all(sdp_graph *g, sdp_validity *v)
{
    sdp_text t;
    sdp_text_init(&t, &g->base);
    for (uint32_t i = 0; i < v->n; i++) {
        const sdp_node *n = v->list[i].node ? sdp_get(g, v->list[i].node) : NULL;
        bool weak = n && !v->list[i].kink && n->kind == SDP_MAP && (n->op == SDP_OP_ne || n->op == SDP_OP_ge);
        if (weak && is_positive_there(g, v, n->arg[0], n->op == SDP_OP_ne)) continue;
        sdp_putf(&t, "%s\n", line_of(g, &v->list[i]));
    }
    v->text = sdp_strndup(&g->base, t.s ? t.s : "", t.n);
    sdp_text_free(&t);
}

// ---- at random values -------------------------------------------------------------------------------------
static bool any(const sd_array *a, bool all)
{
    size_t n = 1, met = 0;
    for (int k = 0; k < a->order; k++) n *= a->dim[k];
    for (size_t i = 0; i < n; i++) met += a->data[i] > 0;
    return all ? met == n : met > 0;
}

typedef struct {
    uint32_t good, outside;
} tally;

// node: the function at a random x, at the answer, then the conditions there; of the last ones kinks.
static tally look(sdp_problem *p, uint32_t n, const sdp_id *node, const bool *kink)
{
    sdp_graph *g = p->g;
    tally t = {0};
    uint64_t budget = MOST_WORK;
    const sdp_signature s = sdp_signature_of(g, n, node, NULL);
    if (s.ncalls) return (tally){.good = 1}; // of functions that are only declared nothing is known
    // a matrix that is wide at one turn is tall at the other: inv(A'*A), inv(A*A')
    for (unsigned turn = 0; turn < 2; turn++) {
        long smallest = 2 + (long)turn;
        sdp_check_request q = {.turn = turn};
        sdp_point point = sdp_point_sizes(g, &s, &q, smallest);
        for (int trial = 0; trial < TRIALS / 2; trial++) {
            sdp_mark m = sdp_scratch_mark(&g->base);
            sd_array a[MOST_VALUES];
            q.seed = (unsigned)(smallest * 100 + trial);
            sdp_point_draw(g, &s, &q, trial % SDP_POINT_KINDS, &point);
            bool done = sdp_interpret_lenient(g, n, s.output, &s, point.size, (const double *const *)point.in,
                                              &budget, a);
            // else the other variables are outside
            bool counts = done && isfinite(a[0].data[0]), good = isfinite(a[1].data[0]);
            for (uint32_t k = 2; k < n; k++) good &= kink[k] ? !any(&a[k], false) : any(&a[k], true);
            for (uint32_t k = 0; k < n; k++) sdp_release(&g->base, a[k].data);
            t.good += counts && good;
            t.outside += counts && !good;
            sdp_scratch_release(&g->base, m);
            if (!done) return t;
        }
    }
    return t;
}

// ---- an answer --------------------------------------------------------------------------------------------
void sdp_find_needs(sdp_problem *p)
{
    sd_result *r = sdp_derive_expr(p->c, p->expr, &(sd_request){.what = SD_GRADIENT, .wrt = p->wrt});
    p->nneeds = sdp_conditions(p->g, r, &p->needs);
    p->ndomain =
        sdp_conditions(p->g, sdp_derive_expr(p->c, p->expr, &(sd_request){.what = SD_VALUE}), &p->domain);
}

static bool is_need(const sdp_problem *p, const sdp_condition *c)
{
    return sdp_is_among(c, p->nneeds, p->needs);
}
bool sdp_is_of_value(const sdp_problem *p, const sdp_condition *c)
{
    return sdp_is_among(c, p->ndomain, p->domain);
}

bool sdp_has_value_at(sdp_problem *p, sdp_id answer)
{
    bool inside = true;
    for (uint32_t i = 0; i < p->ndomain && inside; i++) {
        sdp_condition c = at(p, p->domain[i], answer);
        inside = c.branch || of_condition(p->g, &c) != FAILS;
    }
    return inside;
}

bool sdp_is_defined_everywhere(const sdp_problem *p)
{
    bool everywhere = true;
    for (uint32_t i = 0; i < p->ndomain; i++)
        everywhere &= !depends(p, &p->domain[i]) || of_condition(p->g, &p->domain[i]) == HOLDS;
    return everywhere;
}

// The conditions of the answer itself: that A*A' is invertible, that a is not 0.
static bool of_answer(sdp_problem *p, uint32_t var, sdp_id answer, sdp_validity *v)
{
    sdp_graph *g = p->g;
    const sdp_condition *list;
    sd_expr e = sdp_add_expr(p->c, (sdp_surface){.node = answer, .shape = g->var[var].shape});
    uint32_t n = sdp_conditions(g, sdp_derive_expr(p->c, e, &(sd_request){.what = SD_VALUE}), &list);
    for (uint32_t i = 0; i < n; i++) {
        if (list[i].never || of_condition(g, &list[i]) == FAILS) return false;
        if (!is_need(p, &list[i]) && of_condition(g, &list[i]) == OPEN && !list[i].branch) add(g, v, list[i]);
    }
    return true;
}

sdp_validity sdp_validity_of(sdp_problem *p, sdp_id answer)
{
    sdp_graph *g = p->g;
    sdp_validity v = {0};
    sdp_id node[MOST_VALUES] = {p->f, sdp_put_answer(p, p->f, answer)};
    bool kink[MOST_VALUES] = {false};
    uint32_t n = 2, hidden = 0;
    if (!of_answer(p, p->var, answer, &v)) return v;
    for (uint32_t i = 0; i < p->nothers; i++)
        if (!of_answer(p, p->other[i].var, p->other[i].answer, &v)) return v;
    for (uint32_t i = 0; i < p->nneeds; i++) {
        const sdp_condition *need = &p->needs[i];
        if (!depends(p, need)) continue;
        sdp_condition c = at(p, *need, answer);
        fate f = of_condition(g, &c);
        if (f == HOLDS) continue;
        if (c.branch) {
            hidden++;
            continue;
        }
        if (f == FAILS) return v;
        if (c.node && n < MOST_VALUES) kink[n] = c.kink, node[n++] = c.node;
        add(g, &v, c);
    }
    tally t = look(p, n, node, kink);
    v.attained = t.good || !t.outside; // the latter: nothing could be evaluated
    if (t.outside && (hidden || !v.n)) add(g, &v, (sdp_condition){.words = somewhere});
    tell_all(g, &v);
    return v;
}

bool sdp_require_sign(sdp_problem *p, sdp_id answer, bool strict, sdp_validity *v)
{
    sdp_graph *g = p->g;
    int order = sdp_get(g, answer)->order;
    sdp_id zero = order ? sdp_zeros(g, order, sdp_get(g, answer)->dim) : sdp_number(g, SDP_NUM_ZERO);
    sdp_condition c = {.node = sdp_map(g, strict ? SDP_OP_gt : SDP_OP_ge, (sdp_id[]){answer, zero}),
                       .each = order > 0};
    fate f = of_condition(g, &c);
    if (f == OPEN) add(g, v, c);
    tell_all(g, v);
    return f != FAILS;
}

void sdp_require_definite(sdp_problem *p, sdp_id answer, sdp_validity *v)
{
    add(p->g, v,
        (sdp_condition){.words = sdp_ops[SDP_OP_chol].domain, .claim = SDP_DEFINITE, .subject = answer});
    tell_all(p->g, v);
}

void sdp_tell_validity_of_answer(sdp_problem *p, sdp_id answer)
{
    sdp_validity v = {0};
    of_answer(p, p->var, answer, &v);
    tell_all(p->g, &v);
    sdp_put(&p->text, v.text);
}
