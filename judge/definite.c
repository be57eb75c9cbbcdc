// SPDX-License-Identifier: MIT
// Is a symmetric matrix S positive (semi)definite, whatever its variables are?
//
// The question is one on the form v'*S*v in a new vector v, which the prover of second derivatives
// answers (prove.c): nonnegative for all v, or not. S is definite if v'*S*v - m*v'*v is nonnegative for
// some m > 0 (strong.c), or by its facts. Points at which the form is negative refute; no verdict is
// given that one of them contradicts.
#include "judge/judge.h"
#include "runtime/api/api.h"

enum { TRIALS = 1000, MOST_ENTRIES = 6 };

typedef struct {
    sd_context *c;
    sdp_graph *g;
    sdp_judge j;
    sdp_id matrix, v;
    unsigned seed;
    sd_definite *out;
    const char *vector, *name; // v and S, as they are printed
    sdp_text text;
} question;

static sdp_id form(sdp_graph *g, sdp_id s, sdp_id v)
{
    return sdp_mul(g, SDP_NUM_ONE, 3, (sdp_id[]){v, s, v}, (uint8_t[]){0, 0, 1, 1}, 0, (uint8_t[]){0}, NULL);
}

static void put_node(question *q, const char *before, sdp_id id, const char *behind)
{
    char *s = sdp_node_text(q->g, id);
    sdp_putf(&q->text, "%s%s%s", before, s, behind);
    sdp_release(&q->g->base, s);
}

static void confirm(question *q, sdp_id f)
{
    sdp_witness w;
    sdp_find_value(&q->j, f, 1, q->seed, TRIALS / 4, &w);
    if (w.found)
        sdp_fail(&q->g->base, SD_ERR_INTERNAL, (sdp_span){0, 0}, NULL,
                 "a verdict on definiteness is refuted: %s", w.text);
}

// The m of sign*S - m*eye(n) >= 0 that is known to be positive; 0: none is.
static sdp_id margin(question *q, sdp_id f)
{
    bool positive;
    sdp_id m = sdp_strong_convexity(&q->j, sdp_scale(q->g, SDP_NUM_HALF, f), q->seed, &positive);
    return m && positive ? m : 0;
}

// A form in a vector of few entries, as one in these numbers.
static uint32_t in_entries(question *q, sdp_id *f, sdp_id *w)
{
    sdp_graph *g = q->g;
    const sdp_node *v = sdp_get(g, q->v);
    long n;
    sdp_id sum = 0;
    if (!sdp_dim_long(g, v->dim[0], &n) || n > MOST_ENTRIES) return 0;
    for (long i = 0; i < n; i++) {
        w[i] = sdp_hidden_variable(g, sdp_printf(&g->base, "$e%ld", i), 0, NULL, 0);
        sdp_id entry = sdp_times(g, w[i], sdp_sel(g, 1, v->dim, (sdp_dim[]){sdp_dim_int(g, i), SDP_DIM_ONE}));
        sum = sum ? sdp_add2(g, sum, entry) : entry;
    }
    *f = sdp_simplify(g, sdp_multiply_out_all(g, sdp_substitute(g, *f, 1, &q->v, &sum)));
    return (uint32_t)n;
}

// S*S = S: then v'*S*v is the square of norm(S*v).
static bool is_projection(sdp_graph *g, sdp_id s)
{
    sdp_id square = sdp_es(g, SDP_NUM_ONE, "ij,jk->ik", s, s);
    sdp_id rest = sdp_simplify(g, sdp_multiply_out_all(g, sdp_sub(g, square, s)));
    return sdp_is_zero(g, rest) || sdp_vanishes(g, rest);
}

// Is sign*S psd, and why? f is the form of sign*S.
static bool is_psd(question *q, sdp_id s, sdp_id f, int sign, const char *condition)
{
    sdp_graph *g = q->g;
    const char *rule = NULL, *minus = sign > 0 ? "" : "-";
    sdp_id w[MOST_ENTRIES], entries = f, shown = sdp_simplify(g, f);
    uint32_t n = in_entries(q, &entries, w);
    bool facts = sdp_has(g, s, SDP_POSDEF), pivots = n && sdp_form_is_positive(g, entries, n, w);
    bool proved = sdp_form_is_nonneg(g, shown, 1, &q->v, &rule) || pivots ||
                  (n && sdp_form_is_nonneg(g, entries, n, w, &rule));
    if (!proved && !sdp_has(g, s, SDP_PSD) && is_projection(g, s))
        proved = true,
        rule = "the square of the norm of the same matrix times the vector, for the matrix is a projection";
    if (!proved && !sdp_has(g, s, SDP_PSD)) return false;
    confirm(q, f);
    sdp_id m = facts || pivots ? 0 : margin(q, f);
    sdp_putf(&q->text, "%s%s%s'*%s*%s = ", condition, minus, q->vector, q->name, q->vector);
    put_node(q, "", shown, ": ");
    sdp_putf(&q->text, "%s\n",
             pivots ? "all pivots of the elimination are positive"
             : rule ? rule
                    : "psd by its facts");
    if (m) sdp_putf(&q->text, "at least m*%s'*%s", q->vector, q->vector), put_node(q, " with m = ", m, "\n");
    if (facts && !pivots) sdp_put(&q->text, "definite: so are its parts, as declared or by their form\n");
    bool definite = facts || pivots || m;
    q->out->verdict = sign > 0 ? (definite ? SD_POSDEF : SD_PSD) : definite ? SD_NEGDEF : SD_NSD;
    return true;
}

// With and without a condition on one of the variables.
static bool decide_form(question *q, sdp_id s, const char *condition)
{
    sdp_graph *g = q->g;
    sdp_id f = form(g, s, q->v);
    if (sdp_is_zero(g, sdp_simplify(g, f))) {
        sdp_putf(&q->text, "%s%s'*%s*%s = 0\n", condition, q->vector, q->name, q->vector);
        return q->out->verdict = SD_PSD, true;
    }
    return is_psd(q, s, f, 1, condition) ||
           is_psd(q, sdp_scale(g, SDP_NUM_MINUS_ONE, s), sdp_scale(g, SDP_NUM_MINUS_ONE, f), -1, condition);
}

static bool decide(void *data, sdp_id f, const char *condition)
{
    question *q = data;
    return decide_form(q, f, condition);
}

static void refute(question *q)
{
    static const char *const words[] = {"not negative", "not positive"};
    sdp_witness w[2];
    sdp_id f = form(q->g, q->matrix, q->v);
    for (int k = 1; k >= 0; k--) {
        sdp_find_value(&q->j, f, k ? 1 : -1, q->seed, TRIALS, &w[k]);
        if (!w[k].found) continue;
        sdp_putf(&q->text, "%s semidefinite: %s'*%s*%s = %s\n", words[k], q->vector, q->name, q->vector,
                 w[k].text);
        sdp_release(&q->g->base, w[k].text);
    }
    if (w[0].found && w[1].found) q->out->verdict = SD_INDEFINITE;
    else {
        sdp_putf(&q->text, "%s: no rule proves it, and ",
                 w[1].found   ? "negative semidefinite or not"
                 : w[0].found ? "positive semidefinite or not"
                              : "positive semidefinite, negative semidefinite or neither");
        sdp_tell_tried(w, "points", &q->text);
    }
}

static void begin(question *q, sd_expr e)
{
    sdp_need(q->c, q->out, "place for the verdict");
    sdp_graph *g = q->g = q->c->g;
    sdp_mark m = sdp_scratch_mark(&g->base);
    const sdp_surface *f = sdp_get_expr(q->c, e);
    const sdp_node *n = sdp_get(g, f->node);
    if (n->order != 2 || n->dim[0] != n->dim[1])
        sdp_fail(&g->base, SD_ERR_USAGE, (sdp_span){0, 0}, NULL,
                 "only a square matrix is definite or not; the expression is %s",
                 sdp_shape_text(g, f->shape));
    sdp_id skew = sdp_simplify(g, sdp_sub(g, f->node, sdp_transpose(g, f->node)));
    if (!(sdp_facts(g, f->node).yes & SDP_SYMMETRIC) && !sdp_is_zero(g, skew) && !sdp_vanishes(g, skew))
        sdp_fail(&g->base, SD_ERR_USAGE, (sdp_span){0, 0},
                 "declare it symmetric, or judge (A+A')/2, which has the same form v'*A*v",
                 "only a symmetric matrix is definite or not");
    q->matrix = f->node;
    q->v = sdp_hidden_variable(g, sdp_printf(&g->base, "$w%u", f->node), 1, n->dim, 0);
    q->j = (sdp_judge){.g = g, .n = 1, .wrt = &q->v};
    q->vector = sdp_free_letter(g, "vuwdz");
    q->name = n->kind == SDP_VAR ? g->var[n->param].name : sdp_free_letter(g, "SMQH");
    sdp_text_init(&q->text, &g->base);
    q->out->verdict = SD_DEFINITE_UNKNOWN;
    if (!decide_form(q, f->node, "") && !sdp_with_signs(&q->j, f->node, decide, q)) refute(q);
    q->out->reasons = q->text.s;
    sdp_scratch_release(&g->base, m);
}

sd_status sd_definiteness(sd_context *c, sd_expr e, unsigned seed, sd_definite *out)
{
    sd_status status;
    question q = {.c = c, .out = out, .seed = seed};
    if (out) *out = (sd_definite){0};
    GUARD(c, e, status, begin(&q, e));
    return status;
}
