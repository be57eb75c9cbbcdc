// SPDX-License-Identifier: MIT
// How two expressions that differ are related: by a sign, a transpose, a constant factor, a constant, or by
// being 0 in another shape.
//
// Problem: whoever compares a derivative made by hand with the right one wants to know what is wrong with it,
// not only that it is. Idea: the few mistakes that everybody makes are tried. A factor is read off as the
// quotient of the values at a few random points; it may be a rational number, also times a scalar variable or
// a size, or divided by one. What is found is then decided like any equality, so nothing is said that does
// not hold everywhere. Entry: sdp_relation.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "codegen/print/print.h"
#include "runtime/check/check.h"

enum { POINTS = 4, MOST_SCALARS = 16, MOST_DENOMINATOR = 64, MOST_WORK = 1000000 };

typedef struct {
    sdp_graph *g;
    unsigned seed;
    char *text;
    size_t room;
} relation;

// ---- a factor ---------------------------------------------------------------------------------------------
// The quotient of two expressions at random points, and the scalars that may be factors of it
typedef struct {
    double ratio[POINTS];
    int points;
    uint32_t n;
    sdp_id scalar[MOST_SCALARS];
    double value[MOST_SCALARS][POINTS];
} quotients;

// y/x where all entries agree on it, else NaN
static double quotient_of(const sd_array *x, const sd_array *y)
{
    size_t n = 1, at = 0;
    double most = 0;
    for (int k = 0; k < x->order; k++) n *= x->dim[k];
    for (size_t i = 0; i < n; i++)
        if (fabs(x->data[i]) > fabs(x->data[at])) at = i;
    for (size_t i = 0; i < n; i++) most = fmax(most, fabs(y->data[i]));
    if (!n || x->data[at] == 0) return NAN;
    double ratio = y->data[at] / x->data[at];
    for (size_t i = 0; i < n; i++)
        if (!(fabs(y->data[i] - ratio * x->data[i]) <= 1e-9 * most)) return NAN;
    return ratio;
}

static void note_scalars(relation *w, quotients *q, const sdp_signature *s, const sdp_point *p)
{
    sdp_graph *g = w->g;
    q->n = 0;
    for (uint32_t i = 0; i < s->ninputs && q->n < MOST_SCALARS; i++) {
        sdp_id node = g->var[s->input[i]].node;
        if (sdp_get(g, node)->order) continue;
        q->value[q->n][q->points] = p->in[i][0];
        q->scalar[q->n++] = node;
    }
    for (uint32_t i = 0; i < s->ndims && q->n < MOST_SCALARS; i++) {
        const char *name = sdp_atom_name(g, s->dim[i]);
        if (!name) continue;
        q->value[q->n][q->points] = (double)p->size[s->dim[i]];
        q->scalar[q->n++] = sdp_dim_value(g, sdp_dim_name(g, name, strlen(name)));
    }
}

// False: the values have no common quotient.
static bool find_quotients(relation *w, sdp_id x, sdp_id y, quotients *q)
{
    sdp_id pair[2] = {x, y};
    sdp_signature s = sdp_signature_of(w->g, 2, pair, NULL);
    if (!s.ninputs) return false; // the values of constants speak for themselves
    for (int round = 0; round < 4 * POINTS && q->points < POINTS; round++) {
        sdp_mark m = sdp_scratch_mark(&w->g->base);
        sdp_check_request request = {.seed = w->seed + (unsigned)round};
        sdp_point p = sdp_point_sizes(w->g, &s, &request, 2 + round % 3);
        sd_array value[2] = {{0}, {0}};
        if (sdp_indices_fit(w->g, 2, pair, p.size)) {
            sdp_point_draw(w->g, &s, &request, round % SDP_POINT_KINDS, &p);
            sdp_interpret_at(w->g, 2, pair, &s, p.size, (const double *const *)p.in, value);
            double ratio = quotient_of(&value[0], &value[1]);
            note_scalars(w, q, &s, &p);
            if (isfinite(ratio)) q->ratio[q->points++] = ratio;
        }
        for (int k = 0; k < 2; k++) sdp_release(&w->g->base, value[k].data);
        sdp_scratch_release(&w->g->base, m);
        if (round >= POINTS && !q->points) return false;
    }
    return q->points == POINTS;
}

// The rational number with a small denominator that all quotients are; false if they are none.
static bool rational(sdp_graph *g, const double *ratio, sdp_num *out)
{
    for (int k = 1; k < POINTS; k++)
        if (fabs(ratio[k] - ratio[0]) > 1e-9 * fabs(ratio[0])) return false;
    for (long q = 1; q <= MOST_DENOMINATOR; q++) {
        double p = ratio[0] * (double)q;
        if (fabs(p) > 1e6 || fabs(p) < 0.5 || fabs(p - round(p)) > 1e-8 * fabs(p)) continue;
        *out = sdp_num_ratio(g, (long)round(p), q);
        return true;
    }
    return false;
}

// The factor c for which y may be c*x; 0: there is none of the kind that is looked for.
static sdp_id find_factor(relation *w, sdp_id x, sdp_id y)
{
    static const int exponent[] = {1, -1, 2, -2};
    sdp_graph *g = w->g;
    quotients q = {.points = 0};
    sdp_num c;
    if (!find_quotients(w, x, y, &q)) return 0;
    if (rational(g, q.ratio, &c)) return sdp_number(g, c);
    for (uint32_t i = 0; i < q.n; i++)
        for (size_t e = 0; e < sizeof exponent / sizeof *exponent; e++) {
            double left[POINTS];
            for (int k = 0; k < POINTS; k++) left[k] = q.ratio[k] / pow(q.value[i][k], exponent[e]);
            if (rational(g, left, &c))
                return sdp_scale(g, c, sdp_power_num(g, q.scalar[i], sdp_num_int(g, exponent[e])));
        }
    return 0;
}

// ---- what is said -----------------------------------------------------------------------------------------
static bool same(relation *w, sdp_id x, sdp_id y)
{
    return sdp_same_function(w->g, x, y, w->seed, MOST_WORK);
}

static const char *node_text(relation *w, sdp_id id)
{
    sdp_raiser raiser;
    sdp_text t;
    sdp_raiser_init(&raiser, w->g);
    sdp_text_init(&t, &w->g->base);
    sdp_put_node(&raiser, id, false, &t);
    const char *kept = sdp_strndup(&w->g->base, t.s, t.n);
    sdp_text_free(&t);
    return kept;
}

// y is x turned (or x itself) times a factor: says so; `turn` tells how they are turned, or is NULL.
static bool say_factor(relation *w, sdp_id x, sdp_id y, const char *turn)
{
    if (turn && same(w, x, y)) {
        snprintf(w->text, w->room, "a transpose: %s", turn);
        return true;
    }
    sdp_id factor = find_factor(w, x, y);
    if (!factor || !same(w, sdp_times(w->g, x, factor), y)) return false;
    sdp_num c;
    bool sign = sdp_is_number(w->g, factor, &c) && c == SDP_NUM_MINUS_ONE;
    const char *both = turn ? "a transpose and " : "", *comma = turn ? "; " : "", *how = turn ? turn : "";
    if (sign) snprintf(w->text, w->room, "%sa sign: the second is minus the first%s%.100s", both, comma, how);
    else
        snprintf(w->text, w->room, "%sa factor: the second is %.60s times the first%s%.100s", both,
                 node_text(w, factor), comma, how);
    return true;
}

static bool vanishes(relation *w, sdp_id x)
{
    return same(w, x, sdp_zeros(w->g, sdp_get(w->g, x)->order, sdp_get(w->g, x)->dim));
}

// Both are 0, of different shapes.
static bool say_zeros(relation *w, sdp_surface a, sdp_surface b)
{
    if (!vanishes(w, a.node) || !vanishes(w, b.node)) return false;
    snprintf(w->text, w->room, "a shape: both are 0, the first %.80s, the second %.80s",
             sdp_shape_text(w->g, a.shape), sdp_shape_text(w->g, b.shape));
    return true;
}

// The difference has no variables.
static bool say_constant(relation *w, sdp_id x, sdp_id y)
{
    sdp_graph *g = w->g;
    sdp_id pair[2] = {x, y}, d = sdp_simplify(g, sdp_sub(g, y, x)), scalar = d;
    if (!sdp_signature_of(g, 2, pair, NULL).ninputs) return false;
    if (sdp_get(g, d)->order && !sdp_is_broadcast(g, d, &scalar)) return false;
    uint32_t count;
    sdp_id *list = sdp_reachable(g, 1, &d, &count);
    for (uint32_t i = 0; i < count; i++)
        if (sdp_get(g, list[i])->kind == SDP_VAR || sdp_get(g, list[i])->kind == SDP_CALL) return false;
    snprintf(w->text, w->room, "a constant: the second minus the first is %.100s", node_text(w, scalar));
    return true;
}

static bool same_axes(sdp_graph *g, sdp_id x, sdp_id y)
{
    const sdp_node *a = sdp_get(g, x), *b = sdp_get(g, y);
    bool same = a->order == b->order;
    for (uint32_t k = 0; same && k < a->order; k++) same = a->dim[k] == b->dim[k];
    return same;
}

void sdp_relation(sdp_graph *g, sdp_surface a, sdp_surface b, unsigned seed, char *text, size_t room)
{
    relation w = {.g = g, .seed = seed, .text = text, .room = room};
    sdp_mark m = sdp_scratch_mark(&g->base);
    bool one_shape = a.shape.rows == b.shape.rows && a.shape.cols == b.shape.cols;
    const char *rows = sdp_is_vector(a.shape) && !one_shape ? a.shape.rows == SDP_DIM_ONE
                                                                  ? "the first is a row, the second a column"
                                                                  : "the first is a column, the second a row"
                                                            : NULL;
    *text = '\0';
    bool said = same_axes(g, a.node, b.node) &&
                (say_factor(&w, a.node, b.node, rows) || (one_shape && say_constant(&w, a.node, b.node)));
    sdp_id turned = sdp_get(g, a.node)->order == 2 ? sdp_transpose(g, a.node) : a.node;
    if (!said && turned != a.node && same_axes(g, turned, b.node))
        said = say_factor(&w, turned, b.node, "the second is the first transposed");
    if (!said && !same_axes(g, a.node, b.node)) say_zeros(&w, a, b);
    sdp_scratch_release(&g->base, m);
}
