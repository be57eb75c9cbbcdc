// SPDX-License-Identifier: MIT
// The door of programs: steps are made here alone, each once.
#include <math.h>

#include "codegen/machine/machine.h"

void sdp_program_init(sdp_program *p, sdp_base *b, uint32_t most)
{
    memset(p, 0, sizeof *p);
    p->b = b;
    p->most = most;
    p->step = sdp_grown(b, p->step, 0, &p->step_cap, sizeof *p->step);
    p->nsteps = 1;
}

static bool same(const sdp_step *a, const sdp_step *b)
{
    return a->op == b->op && a->what == b->what && a->place == b->place && a->index == b->index &&
           !memcmp(a->arg, b->arg, sizeof a->arg) && !memcmp(a->number, b->number, sizeof a->number);
}

static uint32_t add(sdp_program *p, sdp_step s)
{
    uint32_t head[4] = {s.op, s.what, s.place, s.index};
    s.lanes = 1;
    const uint32_t hash = sdp_hash(s.number, sizeof *s.number,
                                   sdp_hash_words(s.arg, SDP_MOST_ARGS, sdp_hash_words(head, 4, 5)));
    for (uint32_t place = hash, i; (i = sdp_interned_next(&p->index, hash, &place)) != SDP_NO_THING;)
        if (same(&p->step[i], &s)) return i;
    if (p->nsteps > p->most) {
        p->too_long = true;
        return 1;
    }
    p->step = sdp_grown(p->b, p->step, p->nsteps, &p->step_cap, sizeof *p->step);
    p->step[p->nsteps] = s;
    sdp_interned_put(p->b, &p->index, hash, p->nsteps);
    return p->nsteps++;
}

uint32_t sdp_m_number(sdp_program *p, double v)
{
    return add(p, (sdp_step){.op = SDP_M_NUMBER, .number = {v}});
}

uint32_t sdp_m_load(sdp_program *p, uint32_t place, uint32_t index)
{
    return add(p, (sdp_step){.op = SDP_M_LOAD, .place = place, .index = index});
}

void sdp_m_store(sdp_program *p, uint32_t place, uint32_t index, uint32_t step)
{
    p->store = sdp_grown(p->b, p->store, p->nstores, &p->store_cap, sizeof *p->store);
    p->store[p->nstores++] = (sdp_store){place, index, step};
}

bool sdp_m_is_number(const sdp_program *p, uint32_t step, double *v)
{
    *v = p->step[step].number[0];
    return p->step[step].op == SDP_M_NUMBER;
}

static bool is_one(const sdp_program *p, uint32_t step)
{
    double v;
    return sdp_m_is_number(p, step, &v) && v >= 1 && v <= 1;
}

// The result where all arguments are numbers. Conditions have none: they are no numbers.
static bool folded(const sdp_program *p, sdp_machine_op op, uint32_t n, const uint32_t *arg, double *v)
{
    double x[2] = {0, 0};
    if (n > 2) return false;
    for (uint32_t i = 0; i < n; i++)
        if (!sdp_m_is_number(p, arg[i], &x[i])) return false;
    switch (op) {
    case SDP_M_ADD: *v = x[0] + x[1]; return true;
    case SDP_M_SUB: *v = x[0] - x[1]; return true;
    case SDP_M_MUL: *v = x[0] * x[1]; return true;
    case SDP_M_DIV: *v = x[0] / x[1]; return true;
    case SDP_M_SQRT: *v = sqrt(x[0]); return true;
    case SDP_M_ABS: *v = fabs(x[0]); return true;
    case SDP_M_NEGATE: *v = -x[0]; return true;
    default: return false;
    }
}

static bool holds(int relation, double a, double b)
{
    switch (relation) {
    case SDP_LESS: return a < b;
    case SDP_AT_MOST: return a <= b;
    case SDP_GREATER: return a > b;
    case SDP_AT_LEAST: return a >= b;
    case SDP_EQUAL: return a <= b && a >= b;
    default: return !(a <= b && a >= b);
    }
}

uint32_t sdp_m_make(sdp_program *p, sdp_machine_op op, uint32_t what, uint32_t n, const uint32_t *arg)
{
    double v;
    sdp_step s = {.op = (uint8_t)op, .nargs = (uint8_t)n, .what = (uint16_t)what};
    if (folded(p, op, n, arg, &v)) return sdp_m_number(p, v);
    if (op == SDP_M_MUL && is_one(p, arg[0])) return arg[1];
    if ((op == SDP_M_MUL || op == SDP_M_DIV) && is_one(p, arg[1])) return arg[0];
    sdp_copy(s.arg, arg, n * sizeof *arg);
    return add(p, s);
}

uint32_t sdp_m_two(sdp_program *p, sdp_machine_op op, uint32_t a, uint32_t b)
{
    return sdp_m_make(p, op, 0, 2, (uint32_t[]){a, b});
}
uint32_t sdp_m_one(sdp_program *p, sdp_machine_op op, uint32_t a) { return sdp_m_make(p, op, 0, 1, &a); }

uint32_t sdp_m_compare(sdp_program *p, int relation, uint32_t a, uint32_t b)
{
    return sdp_m_make(p, SDP_M_COMPARE, (uint32_t)relation, 2, (uint32_t[]){a, b});
}

// A condition between numbers is decided here: COMPARE of two numbers is the only one.
uint32_t sdp_m_select(sdp_program *p, uint32_t condition, uint32_t a, uint32_t b)
{
    const sdp_step *c = &p->step[condition];
    double x, y;
    if (a == b) return a;
    if (c->op == SDP_M_COMPARE && sdp_m_is_number(p, c->arg[0], &x) && sdp_m_is_number(p, c->arg[1], &y))
        return holds(c->what, x, y) ? a : b;
    return sdp_m_make(p, SDP_M_SELECT, 0, 3, (uint32_t[]){condition, a, b});
}

uint32_t sdp_m_call(sdp_program *p, uint32_t function, const char *name, uint32_t n, const uint32_t *arg)
{
    uint32_t at = sdp_m_make(p, SDP_M_CALL, function, n, arg);
    p->step[at].text = name;
    return at;
}

// From eight terms on, four sums side by side, term k in sum k%4: they do not wait for each other, and pack.c
// may compute them at once.
uint32_t sdp_m_sum(sdp_program *p, uint32_t n, const uint32_t *term)
{
    uint32_t at = 0, sum = n ? term[0] : sdp_m_number(p, 0);
    if (n >= 2 * SDP_LANES) {
        sdp_partial_sums s;
        memcpy(s.part, term, sizeof s.part);
        for (at = SDP_LANES; at < n / SDP_LANES * SDP_LANES; at++)
            s.part[at % SDP_LANES] = sdp_m_two(p, SDP_M_ADD, s.part[at % SDP_LANES], term[at]);
        sum = s.sum = sdp_m_two(p, SDP_M_ADD, sdp_m_two(p, SDP_M_ADD, s.part[0], s.part[2]),
                                sdp_m_two(p, SDP_M_ADD, s.part[1], s.part[3]));
        p->sums = sdp_grown(p->b, p->sums, p->nsums, &p->sum_cap, sizeof *p->sums);
        p->sums[p->nsums++] = s;
    } else {
        at = 1;
    }
    for (; at < n; at++) sum = sdp_m_two(p, SDP_M_ADD, sum, term[at]);
    return sum;
}
