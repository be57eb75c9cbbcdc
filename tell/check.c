// SPDX-License-Identifier: MIT
// Every line against its left side, before anything is printed.
//
// Two nodes are the same exactly, by values over a finite field (simplify/zero/), or in numbers at random
// points (sd_equal). A local derivative must agree with the other mode of differentiation, and, unless the
// part is rational, with numerical differences. Values that differ by less than 1e-3 leave a line open, which
// the derivation says: functions of matrices are approximated. A line that fails is a mistake of ours:
// SD_ERR_INTERNAL, and nothing is told.
#include <math.h>

#include "runtime/api/api.h"
#include "tell/tell.h"

enum { FIELD_WORK = 4000000, MOST_LABELS = 8, GENERIC = 5, DRAWS = 60, SEEDS = 3 };

_Noreturn static void fail(sdp_story *s, const char *label, const char *how)
{
    sdp_fail(&s->g->base, SD_ERR_INTERNAL, (sdp_span){0, 0}, NULL,
             "the line '%.100s' of a derivation is wrong %s", label, how);
}

// From the surest. BY_BOTH_MODES: forward and reverse mode agree, and no point was found for differences.
typedef enum { EXACTLY, BY_NUMBERS, BY_BOTH_MODES, OPEN } evidence;

// The next number of a text, which moves behind it; false at its end.
static bool next_number(const char **p, double *v)
{
    const char *digits = "0123456789+-.e";
    while (**p && !strchr(digits, **p)) ++*p;
    size_t n = strspn(*p, digits);
    *v = sdp_decimal_read(*p, n);
    *p += n;
    return n > 0;
}

// Do two arrays differ by no more than what the approximation of a function of a
// matrix may do? A mistake is larger.
static bool are_near(const char *a, const char *b)
{
    double x, y, largest = 0, difference = 0;
    if (!a || !b) return true;
    while (next_number(&a, &x) && next_number(&b, &y)) {
        largest = fmax(largest, fmax(fabs(x), fabs(y)));
        difference = fmax(difference, fabs(x - y));
    }
    return difference <= 1e-3 * largest;
}

// The largest entry in absolute value; a NaN stays.
static double largest(const sd_array *a)
{
    double worst = 0;
    size_t n = 1;
    for (int k = 0; k < a->order; k++) n *= a->dim[k];
    for (size_t i = 0; i < n; i++) worst = fabs(a->data[i]) <= worst ? worst : fabs(a->data[i]);
    return worst;
}

// The difference, and behind it every local derivative, in variables alone.
static sdp_id *with_locals(sdp_story *s, sdp_id difference, uint32_t *n)
{
    uint32_t items = sdp_items(s);
    sdp_id *root = sdp_scratch(&s->g->base, (1 + s->n * (size_t)items) * sizeof *root);
    root[0] = difference;
    *n = 1;
    for (uint32_t i = 0; i < s->n; i++)
        for (uint32_t k = 0; s->uses && k < items; k++)
            if (sdp_uses(s, i, k)) root[(*n)++] = sdp_put_back(s, sdp_local_in_arguments(s, i, k));
    return root;
}

// sd_equal also looks where entries are 0 or tie. What is taken there is a convention, and lines may differ
// in it: abs(x)*sign(x) is x, and its derivative sign(x)^2. Is the difference 0 at points without ties?
// Points at which a local derivative is infinite, as that of sqrt(v1) with v1 = relu(x) for x < 0, are none:
// the chain rule does not hold there.
static evidence off_kinks(sdp_story *s, const char *label, sdp_id difference)
{
    sdp_graph *g = s->g;
    uint32_t n;
    unsigned usable = 0;
    sdp_id *root = with_locals(s, difference, &n);
    sdp_signature in = sdp_signature_of(g, n, root, NULL);
    for (unsigned k = 0; k < DRAWS && usable < GENERIC; k++) {
        sdp_mark m = sdp_scratch_mark(&g->base);
        sdp_check_request q = {.seed = s->o->seed + k};
        sdp_point p;
        long smallest = k % 2 ? 1 : 2;
        do p = sdp_point_sizes(g, &in, &q, smallest);
        while (!sdp_indices_fit(g, n, root, p.size) && (smallest *= 2) <= 32);
        sd_array *value = sdp_scratch(&g->base, n * sizeof *value);
        double size = 0, worst;
        sdp_point_draw(g, &in, &q, (int)(k % GENERIC), &p);
        double spread = sdp_point_spread(g, &in, &p, difference, &size);
        sdp_interpret_at(g, n, root, &in, p.size, (const double *const *)p.in, value);
        bool finite = true;
        worst = largest(&value[0]);
        for (uint32_t i = 0; i < n; i++) {
            finite &= isfinite(largest(&value[i])) != 0;
            sdp_release(&g->base, value[i].data);
        }
        sdp_scratch_release(&g->base, m);
        if (finite && worst > 1e-9 + 16 * spread) fail(s, label, "at a random point");
        usable += finite;
    }
    return usable ? BY_NUMBERS : OPEN;
}

// Has it a product that takes too long from its definition, a loop over every label?
static bool is_large(sdp_graph *g, sdp_id id)
{
    uint32_t count;
    const sdp_id *list = sdp_reachable(g, 1, &id, &count);
    for (uint32_t i = 0; i < count; i++)
        if (sdp_get(g, list[i])->kind == SDP_MUL && sdp_get(g, list[i])->nlabels > MOST_LABELS) return true;
    return false;
}

static evidence same(sdp_story *s, const char *label, sdp_id left, sdp_id right)
{
    sdp_graph *g = s->g;
    sdp_field_report field;
    sdp_id difference = sdp_sub(g, left, right);
    if (sdp_is_zero(g, difference)) return EXACTLY;
    sdp_field_zero(g, difference, FIELD_WORK, &field);
    if (field.verdict == SDP_FIELD_DIFFERENT) fail(s, label, "over a finite field");
    if (field.verdict == SDP_FIELD_EQUAL || sdp_is_zero(g, sdp_simplify(g, difference))) return EXACTLY;
    if (is_large(g, left) || is_large(g, right)) return OPEN;
    sdp_shape none = {SDP_DIM_ONE, SDP_DIM_ONE};
    sd_equal_report r = {0};
    sd_expr a = sdp_add_expr(s->c, (sdp_surface){.node = left, .shape = none}),
            b = sdp_add_expr(s->c, (sdp_surface){.node = right, .shape = none});
    sd_status status = sd_equal(s->c, a, b, s->o->seed, &r);
    bool differs = status == SD_OK && !r.equal, near = differs && are_near(r.value[0], r.value[1]);
    sdp_release(&g->base, r.witness);
    for (int k = 0; k < 2; k++) sdp_release(&g->base, r.value[k]);
    if (near) return OPEN;
    if (differs) return off_kinks(s, label, difference);
    if (status != SD_OK && status != SD_ERR_UNSUPPORTED) fail(s, label, "or cannot be evaluated");
    return status == SD_OK ? BY_NUMBERS : OPEN;
}

// Is the node made by sums, products and integer powers alone, so that its
// derivative is certain over a field?
static bool is_rational(sdp_graph *g, sdp_id id)
{
    uint32_t count;
    const sdp_id *list = sdp_reachable(g, 1, &id, &count);
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *n = sdp_get(g, list[i]);
        if (n->kind == SDP_MAP || n->kind == SDP_PRIM || n->kind == SDP_CALL) return false;
        if (n->kind != SDP_POW) continue;
        const sdp_node *e = sdp_get(g, n->arg[1]);
        if (e->kind != SDP_NUM || !sdp_num_is_int(g, e->param)) return false;
    }
    return true;
}

// By differences; false if no point was found.
static bool agrees_with_differences(sdp_story *s, const char *label, uint32_t i, uint32_t k)
{
    sdp_graph *g = s->g;
    const sdp_item *by = &s->item[k];
    sdp_id node = s->item[i].node, jacobian = sdp_local_in_arguments(s, i, k);
    uint32_t var = sdp_get(g, by->var)->param;
    sdp_entry e = {.label = "",
                   .row = by->label,
                   .column = "",
                   .raw = jacobian,
                   .node = jacobian,
                   .exact = jacobian,
                   .value_order = sdp_get(g, node)->order};
    struct sd_result r = {.g = g,
                          .n = 1,
                          .entry = &e,
                          .value = node,
                          .order = 1,
                          .nwrt = 1,
                          .wrt = &var,
                          .convention = SD_UNCONSTRAINED};
    sd_check_report report = {0};
    // a point may lie in a kink; a wrong rule is wrong at all of them
    for (unsigned seed = 0; seed < SEEDS; seed++) {
        sdp_check_request q = {.order = 1, .value = node, .nwrt = 1, .wrt = &var, .seed = s->o->seed + seed};
        sdp_check(g, &r, &q, &report);
        if (!report.points || report.ok) return report.points > 0;
        if (!isfinite(report.worst)) return false; // 0*(1/sqrt(0)) at the edge of the domain
    }
    fail(s, label, "by numerical differences");
}

static void count(sdp_story *s, evidence e)
{
    s->exact += e == EXACTLY;
    s->numeric += e == BY_NUMBERS;
    s->agreed += e == BY_BOTH_MODES;
    s->open += e == OPEN;
}

void sdp_check_same(sdp_story *s, const char *label, sdp_id left, sdp_id right)
{
    count(s, same(s, label, left, right));
}

// How sure the rules inside part i are: exactly, where it is rational; else its
// derivatives are compared with differences.
static evidence rules_of_part(sdp_story *s, const char *label, uint32_t i)
{
    sdp_item *p = &s->item[i];
    if (p->tested) return (evidence)(p->tested - 1);
    evidence e = is_rational(s->g, p->node) ? EXACTLY : BY_NUMBERS;
    for (uint32_t k = 0; e == BY_NUMBERS && k < sdp_items(s); k++) {
        if (!sdp_uses(s, i, k)) continue;
        // structured variables do not move entry by entry, and constrained ones,
        // such as integers, stand in kinks
        bool structured = sdp_linear_structure(s->g, s->item[k].var) ||
                          s->g->var[sdp_get(s->g, s->item[k].var)->param].ignored;
        if (structured || is_large(s->g, p->node) || !agrees_with_differences(s, label, i, k))
            e = BY_BOTH_MODES;
    }
    p->tested = (uint8_t)(e + 1);
    return e;
}

// A line is as sure as its identity and the least sure of its rules.
static void count_with(sdp_story *s, evidence identity, evidence rules)
{
    count(s, rules > identity ? rules : identity);
}

void sdp_check_by_part(sdp_story *s, const char *label, uint32_t i, sdp_id left, sdp_id right)
{
    evidence e = same(s, label, left, right);
    count_with(s, e, rules_of_part(s, label, i));
}

void sdp_check_by_users(sdp_story *s, const char *label, uint32_t k, sdp_id left, sdp_id right)
{
    evidence e = same(s, label, left, right), worst = EXACTLY;
    for (uint32_t i = 0; i < s->n; i++) {
        if (!sdp_uses(s, i, k)) continue;
        evidence rules = rules_of_part(s, label, i);
        if (rules > worst) worst = rules;
    }
    count_with(s, e, worst);
}

void sdp_check_local(sdp_story *s, const char *label, uint32_t i, uint32_t k, sdp_id jacobian)
{
    const sdp_item *by = &s->item[k];
    sdp_id d = sdp_stand_in(s->g, "d", by->shape, by->var, sdp_linear_structure(s->g, by->var));
    sdp_id tangent = sdp_jvp(s->g, s->item[i].node, 1, &by->var, &d);
    sdp_check_by_part(s, label, i, sdp_after(s, sdp_unnamed(s, jacobian, i), sdp_get(s->g, d)->order, d),
                      tangent);
}
