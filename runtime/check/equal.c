// SPDX-License-Identifier: MIT
// Are two expressions the same function? Four questions, the cheapest first:
//
//   shape    do their shapes agree?
//   form     does their difference simplify to 0?
//   field    what are the values of the difference over a finite field? (simplify/zero/equal.c)
//   numbers  what are they in double precision at random points? Asked when the field leaves it open, and for
//            a witness.
//
// A double is never exactly 0 where it should be. So every point is evaluated RUNS times with random errors
// put on every operation: a difference that is not larger than their spread is no difference (stochastic
// arithmetic, J. Vignes 1993). The difference is evaluated in its simplified form, in which what is common to
// both sides has cancelled.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "runtime/check/check.h"

enum { RUNS = 4, ROUNDS = 75, ENOUGH = 30, FEW = 6, FIELD_WORK = 20000000, SPREADS = 16 };

typedef struct {
    sdp_graph *g;
    sdp_id id[3]; // a, b, a - b
    sdp_signature s;
    sdp_point p;
    unsigned seed;
    sdp_specials special; // numbers in the expressions
    uint64_t jitter;
    sd_array run[RUNS][3];
    uint64_t budget; // operations that are left
    bool exhausted;
    sd_equal_report *out;
} comparison;

static size_t length(const sd_array *a)
{
    size_t n = 1;
    for (int k = 0; k < a->order; k++) n *= a->dim[k];
    return n;
}

static bool all_finite(const sd_array *a)
{
    for (size_t i = 0, n = length(a); i < n; i++)
        if (!isfinite(a->data[i])) return false;
    return true;
}

static double largest(const sd_array *a)
{
    double m = 0;
    for (size_t i = 0, n = length(a); i < n; i++) m = fmax(m, fabs(a->data[i]));
    return m;
}

// ---- one point --------------------------------------------------------------------------------------------
// Two decimals are enough for a random number, and a witness is easier to read and to type.
static void round_inputs(comparison *c)
{
    const uint32_t exact = SDP_ORTHOGONAL | SDP_UNIT | SDP_SIMPLEX | SDP_POSDEF | SDP_PSD;
    for (uint32_t i = 0; i < c->s.ninputs; i++) {
        if (c->g->var[c->s.input[i]].facts & exact) continue;
        for (size_t k = 0; k < c->p.count[i]; k++) c->p.in[i][k] = round(c->p.in[i][k] * 100) / 100;
    }
}

// Some rounds leave the neighbourhood of 1.
static void spread_inputs(comparison *c, int round)
{
    const uint32_t bounded = SDP_ORTHOGONAL | SDP_UNIT | SDP_SIMPLEX | SDP_ONEHOT | SDP_INTEGER;
    double scale = round % 4 == 1 ? 10 : round % 4 == 3 ? 2 * c->special.largest : 1;
    for (uint32_t i = 0; i < c->s.ninputs && scale < 1e100; i++) {
        if (c->g->var[c->s.input[i]].facts & bounded) continue;
        for (size_t k = 0; k < c->p.count[i]; k++) c->p.in[i][k] *= scale;
    }
}

// False: the budget does not suffice
static bool evaluate(comparison *c)
{
    bool ok = true;
    for (int r = 0; r < RUNS && ok; r++)
        ok = sdp_interpret_disturbed(c->g, 3, c->id, &c->s, c->p.size, (const double *const *)c->p.in,
                                     &c->jitter, &c->budget, c->run[r]);
    return ok;
}

static void discard(comparison *c)
{
    for (int r = 0; r < RUNS; r++)
        for (int k = 0; k < 3; k++) {
            sdp_release(&c->g->base, c->run[r][k].data);
            c->run[r][k] = (sd_array){0};
        }
}

// Largest spread of an entry of the difference, and whether some entry is larger than its uncertainty.
static double uncertainty(const comparison *c, bool *differs)
{
    double most = 0;
    *differs = false;
    for (size_t i = 0, n = length(&c->run[0][2]); i < n; i++) {
        double low = INFINITY, high = -INFINITY, sum = 0;
        for (int r = 0; r < RUNS; r++) {
            double d = c->run[r][2].data[i];
            if (!isfinite(d)) return INFINITY;
            low = fmin(low, d), high = fmax(high, d), sum += d;
        }
        most = fmax(most, high - low);
        *differs |= fabs(sum / RUNS) > SPREADS * (high - low);
    }
    return most;
}

// A point tells something if the difference is known to six digits of the values: a singular matrix has an
// "inverse" in floating point, all of whose digits are noise.
static bool informs(const comparison *c, double spread)
{
    return spread <= 1e-6 * fmax(1, fmax(largest(&c->run[0][0]), largest(&c->run[0][1])));
}

static char *array_text(comparison *c, const sd_array *a)
{
    sdp_text t;
    sdp_text_init(&t, &c->g->base);
    sdp_put_array(&t, a, a->order <= 2 ? SD_MATLAB : SD_JSON);
    return t.s;
}

// Does the data show the size behind this dimension name?
static bool is_axis(const comparison *c, uint32_t atom)
{
    for (uint32_t i = 0; i < c->s.ninputs; i++) {
        const sdp_node *n = sdp_get(c->g, c->g->var[c->s.input[i]].node);
        for (uint32_t k = 0; k < n->order; k++) {
            const sdp_dim_term *t;
            bool name = sdp_dim_terms(c->g, n->dim[k], &t) == 1 && t->natoms == 1 && t->coef == 1;
            if (name && t->atom[0] == atom) return true;
        }
    }
    return false;
}

static void keep_witness(comparison *c)
{
    sdp_text t;
    sdp_text_init(&t, &c->g->base);
    for (uint32_t i = 0; i < c->s.ninputs; i++) {
        sd_array a = {.data = c->p.in[i]};
        const sdp_variable *v = &c->g->var[c->s.input[i]];
        const sdp_node *n = sdp_get(c->g, v->node);
        for (a.order = 0; a.order < n->order; a.order++)
            a.dim[a.order] = (size_t)sdp_size_at(c->g, n->dim[a.order], c->p.size);
        sdp_putf(&t, "%s%s=", i ? ", " : "", v->name);
        sdp_put_array(&t, &a, SD_MATLAB);
    }
    for (uint32_t i = 0; i < c->s.ndims; i++)
        if (!is_axis(c, c->s.dim[i]))
            sdp_putf(&t, "%s%s=%ld", t.n ? ", " : "", sdp_atom_name(c->g, c->s.dim[i]),
                     c->p.size[c->s.dim[i]]);
    c->out->witness = t.s;
    const double *const *in = (const double *const *)c->p.in;
    sd_array exact[2] = {{0}, {0}};
    sdp_interpret_at(c->g, 2, c->id, &c->s, c->p.size, in, exact);
    for (int k = 0; k < 2; k++) {
        c->out->value[k] = array_text(c, &exact[k]);
        sdp_release(&c->g->base, exact[k].data);
    }
    if (strcmp(c->out->value[0], c->out->value[1])) return;
    sdp_release(&c->g->base, c->out->witness); // too small to be seen in doubles
    for (int k = 0; k < 2; k++) sdp_release(&c->g->base, c->out->value[k]), c->out->value[k] = NULL;
    c->out->witness = NULL;
}

// ---- all points -------------------------------------------------------------------------------------------
// Goes on until a point shows a difference or enough points show none. True: a difference was found.
static bool find_difference(comparison *c)
{
    for (int round = 0; round < ROUNDS && c->out->points < ENOUGH; round++) {
        sdp_mark m = sdp_scratch_mark(&c->g->base);
        sdp_check_request q = {.seed = c->seed + (unsigned)round};
        long smallest = 2;
        do c->p = sdp_point_sizes(c->g, &c->s, &q, smallest + round % 3);
        while (!sdp_indices_fit(c->g, 3, c->id, c->p.size) && (smallest *= 2) <= 32);
        // else variables of different magnitudes may have values
        bool easy = c->out->points || round < ROUNDS / 3;
        sdp_point_draw(c->g, &c->s, &q,
                       easy ? round % SDP_POINT_KINDS : SDP_POINT_KINDS + 1 + round % SDP_POINT_SCALES,
                       &c->p);
        spread_inputs(c, round);
        round_inputs(c);
        // Every third point is made of special numbers, all the same or mixed: entries tie, arguments of
        // functions with kinks are 0.
        if (round % 3 == 2)
            sdp_point_specialise(c->g, &c->s, &(sdp_check_request){.seed = c->seed}, &c->special,
                                 (unsigned)round, NULL, &c->p);
        if (!evaluate(c)) {
            c->exhausted = true;
            discard(c);
            sdp_scratch_release(&c->g->base, m);
            return false;
        }
        bool a = all_finite(&c->run[0][0]), b = all_finite(&c->run[0][1]), differs = false;
        bool counts = a && b && informs(c, uncertainty(c, &differs)), found = counts && differs;
        c->out->points += counts;
        c->out->one_sided += a != b;
        if (found) keep_witness(c);
        discard(c);
        sdp_scratch_release(&c->g->base, m);
        if (found) return true;
    }
    return false;
}

// False: different, or nothing is known.
static bool by_numbers(comparison *c, bool proved)
{
    c->s = sdp_signature_of(c->g, 3, c->id, NULL);
    c->special = sdp_special_numbers(c->g, 2, c->id);
    bool found = find_difference(c), enough = c->out->points >= FEW;
    c->out->undecided = !found && !proved && (c->out->points == 0 || (c->exhausted && !enough));
    if (c->out->undecided && c->exhausted)
        snprintf(c->out->detail, sizeof c->out->detail,
                 "more than %zu operations at %d points; --limit work=N allows N", c->g->base.limit.work,
                 c->out->points);
    else if (c->out->undecided)
        snprintf(c->out->detail, sizeof c->out->detail, "no point was found where both have a value");
    return !found && !proved && !c->out->undecided;
}

// "m=2..5, n=3..6"
static void put_sizes(const sdp_graph *g, const sdp_field_report *r, char *text, size_t room)
{
    size_t used = 0;
    for (uint32_t a = 0, atoms = sdp_atom_count(g); a < atoms && used + 64 < room; a++) {
        if (!r->largest[a] || !sdp_atom_name(g, a)) continue;
        used += (size_t)snprintf(text + used, room - used, "%s%.40s=%ld", used ? ", " : "",
                                 sdp_atom_name(g, a), r->smallest[a]);
        if (r->largest[a] > r->smallest[a])
            used += (size_t)snprintf(text + used, room - used, "..%ld", r->largest[a]);
    }
}

static bool same_shape(sdp_graph *g, sdp_surface a, sdp_surface b, sd_equal_report *out)
{
    const sdp_node *x = sdp_get(g, a.node), *y = sdp_get(g, b.node);
    bool same = a.shape.rows == b.shape.rows && a.shape.cols == b.shape.cols && x->order == y->order;
    for (uint32_t k = 0; same && k < x->order; k++) same = x->dim[k] == y->dim[k];
    if (!same)
        snprintf(out->detail, sizeof out->detail, "the first is %.100s, the second %.100s",
                 sdp_shape_text(g, a.shape), sdp_shape_text(g, b.shape));
    return same;
}

static void decide(sdp_graph *g, sdp_id x, sdp_id y, unsigned seed, uint64_t work, sd_equal_report *out)
{
    sdp_field_report r;
    comparison c = {.g = g,
                    .id = {x, y, sdp_simplify(g, sdp_sub(g, x, y))},
                    .seed = seed,
                    .jitter = seed,
                    .budget = work,
                    .out = out};
    out->evidence = SD_BY_FORM;
    out->equal = sdp_is_zero(g, c.id[2]);
    if (out->equal) return;
    sdp_field_zero(g, c.id[2], c.budget < FIELD_WORK ? c.budget : FIELD_WORK, &r);
    out->evidence = r.verdict == SDP_FIELD_UNDECIDED ? SD_BY_NUMBERS : SD_BY_FIELD;
    out->equal = r.verdict == SDP_FIELD_EQUAL;
    if (!out->equal) out->equal = by_numbers(&c, r.verdict == SDP_FIELD_DIFFERENT);
    if (out->evidence != SD_BY_FIELD) return;
    out->points = (int)r.points;
    put_sizes(g, &r, out->detail, sizeof out->detail);
}

bool sdp_same_function(sdp_graph *g, sdp_id x, sdp_id y, unsigned seed, uint64_t work)
{
    sd_equal_report out = {.evidence = SD_BY_SHAPE};
    sdp_mark m = sdp_scratch_mark(&g->base);
    decide(g, x, y, seed, work < g->base.limit.work ? work : g->base.limit.work, &out);
    sdp_scratch_release(&g->base, m);
    sdp_release(&g->base, out.witness);
    for (int k = 0; k < 2; k++) sdp_release(&g->base, out.value[k]);
    return out.equal && !out.undecided;
}

void sdp_equal(sdp_graph *g, sdp_surface a, sdp_surface b, unsigned seed, sd_equal_report *out)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    *out = (sd_equal_report){.evidence = SD_BY_SHAPE};
    if (same_shape(g, a, b, out)) decide(g, a.node, b.node, seed, g->base.limit.work, out);
    if (!out->equal && !out->undecided) sdp_relation(g, a, b, seed, out->relation, sizeof out->relation);
    sdp_scratch_release(&g->base, m);
}
