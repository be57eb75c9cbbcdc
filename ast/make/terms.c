// SPDX-License-Identifier: MIT
// Two terms of a sum that are one. Problem: exp(x) - 1 loses all digits near 0, and relu(x) -
// relu(-x) has a kink that is none.
//
// Idea: the identities are rows of terms.def, and this is their one matcher. A term is c f(u)^e R. If f^p is
// what a row begins with and e >= p, the row tells the partner of the term, with f(u)^(e-p) R as what they
// have in common. The partner is looked for as it would stand in the sum: an array that is a sum itself as
// all of its terms, abs(a+b) + a + b.
// Invariant: of a partner that cannot be there no node is made but its argument.
#include "ast/make/inside.h"

enum { ANY, BARE, ALONE };

typedef struct {
    sdp_stage when;
    int beside;
    uint16_t first, power, second;
    double sign;
    int exponent;
    const char *argument, *right; // argument: x, -x or y
} row;
static const row rows[] = {
#define TERMS(name, left, right, when, beside, first, power, sign, second, argument, exponent)               \
    {SDP_TERMS_##when, beside, SDP_OP_##first, power, SDP_OP_##second, sign, exponent, argument, right},
#include "ast/make/terms.def"
};

// The functions that begin a row, modulo 64: most others are seen at a glance to begin none.
static const uint64_t firsts = 0
#define TERMS(name, left, right, when, beside, first, ...) | UINT64_C(1) << SDP_OP_##first % 64
#include "ast/make/terms.def"
    ;

typedef struct {
    sdp_graph *g;
    uint32_t n;
    const sdp_id *term;
    const sdp_num *coef;
    sdp_meeting *m;
} sum;
typedef struct {
    sdp_id f;
    long e;
} power; // f^e, e > 0; f 0: no such power of a function

static uint32_t factors(const sdp_node *t) { return t->kind == SDP_MUL ? t->nargs : 1; }
static sdp_id factor(const sdp_graph *g, sdp_id term, uint32_t k)
{
    return g->node[term]->kind == SDP_MUL ? g->node[term]->arg[k] : term;
}

static power power_at(const sdp_graph *g, sdp_id term, uint32_t k)
{
    power p = {factor(g, term, k), 1};
    const sdp_node *f = g->node[p.f];
    sdp_num e;
    if (f->kind == SDP_POW) {
        if (!sdp_is_number(g, f->arg[1], &e) || !sdp_num_long(g, e, &p.e) || p.e < 1) return (power){0};
        p.f = f->arg[0];
    }
    return g->node[p.f]->kind == SDP_MAP ? p : (power){0};
}

// Is the term one factor, or its transpose?
static bool is_bare(const sdp_graph *g, const sdp_node *t)
{
    return t->kind != SDP_MUL || (t->nargs == 1 && sdp_permutes_labels(g, t));
}

// The term with r, spread to the axes of its factor k, in the place of that
static sdp_id put_for(sdp_graph *g, sdp_id term, uint32_t k, sdp_id r)
{
    const sdp_node *t = g->node[term], *like = g->node[factor(g, term, k)];
    if (g->node[r]->order < like->order) r = sdp_broadcast(g, r, like->order, like->dim);
    return t->kind == SDP_MUL ? sdp_with_factor(g, t, k, r) : r;
}

// Can term j be a partner with this coefficient, whose second function has this argument?
static bool is_likely(const sum *s, const row *r, uint32_t j, sdp_num coef, sdp_id argument)
{
    sdp_num v;
    if (r->second == SDP_OP_none && r->exponent)
        return true; // the argument may have a coefficient of its own, or many
    if (s->coef[j] != coef) return false;
    if (r->second == SDP_OP_none) return sdp_is_number(s->g, s->term[j], &v);
    for (uint32_t k = 0; k < factors(s->g->node[s->term[j]]); k++) {
        sdp_id f = power_at(s->g, s->term[j], k).f;
        if (f && s->g->node[f]->op == r->second && s->g->node[f]->arg[0] == argument) return true;
    }
    return false;
}

static bool find(sum *s, sdp_id id, sdp_num coef)
{
    for (uint32_t j = 0; j < s->n; j++) {
        if (s->term[j] != id || s->coef[j] != coef || j == s->m->place[0]) continue;
        s->m->place[s->m->n++] = j;
        return true;
    }
    return false;
}

static bool find_partner(sum *s, sdp_id partner, sdp_num coef)
{
    sdp_num own;
    if (find(s, partner, coef)) return true;
    sdp_id unit = sdp_unit_part(s->g, partner, &own);
    const sdp_node *n = s->g->node[unit];
    coef = sdp_num_mul(s->g, coef, own);
    if (n->kind != SDP_ADD) return find(s, unit, coef);
    bool all = n->nargs < s->n;
    for (uint32_t k = 0; all && k < n->nargs; k++)
        all = find(s, n->arg[k], sdp_num_mul(s->g, coef, n->coef[k]));
    return all;
}

static sdp_id times_power(sdp_graph *g, sdp_id a, sdp_id f, long e)
{
    return e ? sdp_times(g, sdp_power_num(g, f, sdp_num_int(g, e)), a) : a;
}

// The argument of the row's second function: x or y of f(x,y), or -x
static sdp_id argument_of(sdp_graph *g, const row *r, const sdp_node *f)
{
    bool minus = *r->argument == '-';
    sdp_id a = f->arg[r->argument[minus] - 'x'];
    return minus ? sdp_scale(g, SDP_NUM_MINUS_ONE, a) : a;
}

// Does term i with its factor k, a power p, begin a pair of this row?
static bool begins(sum *s, const row *r, uint32_t i, uint32_t k, power p)
{
    sdp_graph *g = s->g;
    const sdp_node *f = g->node[p.f];
    long left = p.e - r->power;
    if (left < 0 || (r->beside == ALONE && s->n != 2) ||
        (r->beside != ANY && (left || !is_bare(g, g->node[s->term[i]]))))
        return false;
    sdp_num coef = sdp_num_mul(g, sdp_num_of_double(g, r->sign), s->coef[i]);
    sdp_id second = argument_of(g, r, f);
    bool likely = false;
    for (uint32_t j = 0; j < s->n && !likely; j++) likely = j != i && is_likely(s, r, j, coef, second);
    if (!likely) return false;
    if (r->second != SDP_OP_none) second = sdp_map1(g, r->second, second);
    sdp_id other = times_power(g, sdp_power_num(g, second, sdp_num_int(g, r->exponent)), p.f, left);
    s->m->place[0] = i;
    s->m->n = 1;
    if (!find_partner(s, put_for(g, s->term[i], k, other), coef)) return false;
    s->m->coef = s->coef[i];
    s->m->sum =
        put_for(g, s->term[i], k, times_power(g, sdp_template(g, r->right, f->nargs, f->arg), p.f, left));
    return true;
}

bool sdp_terms_meet(sdp_graph *g, sdp_stage when, uint32_t n, const sdp_id *term, const sdp_num *coef,
                    sdp_meeting *m)
{
    sum s = {g, n, term, coef, m};
    for (uint32_t i = 0; i < n && n > 1 && n <= SDP_FLAT_TERMS; i++)
        for (uint32_t k = 0; k < factors(g->node[term[i]]); k++) {
            power p = power_at(g, term[i], k);
            uint16_t op = p.f ? g->node[p.f]->op : SDP_OP_none;
            for (size_t r = 0; firsts >> op % 64 & 1 && r < sizeof rows / sizeof *rows; r++)
                if (rows[r].first == op && rows[r].when == when && begins(&s, &rows[r], i, k, p)) return true;
        }
    return false;
}

uint32_t sdp_terms_met(const sdp_meeting *m, uint32_t n, sdp_id *term, sdp_num *coef)
{
    uint32_t kept = 0, first = m->place[0];
    for (uint32_t k = 1; k < m->n; k++)
        if (m->place[k] < first) first = m->place[k];
    for (uint32_t i = 0; i < n; i++) {
        bool gone = false;
        for (uint32_t k = 0; k < m->n; k++) gone |= m->place[k] == i;
        if (gone && i != first) continue;
        term[kept] = gone ? m->sum : term[i];
        coef[kept++] = gone ? m->coef : coef[i];
    }
    return kept;
}
