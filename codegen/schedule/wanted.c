// SPDX-License-Identifier: MIT
// Computes only the values that the wanted outputs need: a caller may pass NULL for outputs that it does not
// want, and pays for the others alone.
//
// A set of outputs is a row of bits with a number. A root is computed if one output of its set is wanted: the
// outputs that need it themselves or through other values. Neighbouring roots of one set stand in one block,
//
//     double s1 = 0.0;
//     if (want1) { s1 = sd_dot(n, x, x); ... }        want1: value || grad_x
//
// and a local that later blocks read is declared in front of it. Where all outputs are written in every call,
// as in a function with a single output or one compiled in memory, there is one bit, and all sets are full.
// Entry: sdp_wanted_values, then sdp_wanted_blocks.
#include <string.h>

#include "codegen/schedule/schedule.h"

void sdp_wanted_start(sdp_schedule *s)
{
    sdp_wanted *w = s->wanted = sdp_scratch(&s->g->base, sizeof *w);
    w->optional = s->q && !sdp_targets[s->q->target].entry && s->sig->noutputs > 1;
    w->bits = w->optional ? s->sig->noutputs : 1;
    w->words = (w->bits + 63) / 64;
    uint64_t *full = sdp_scratch(&s->g->base, w->words * sizeof *full);
    for (uint32_t i = 0; i < w->bits; i++) full[i / 64] |= 1ULL << i % 64;
    sdp_wanted_number(s, full); // SDP_ALL_WANTED
}

uint32_t sdp_wanted_bit(const sdp_schedule *s, uint32_t output) { return s->wanted->optional ? output : 0; }

const uint64_t *sdp_wanted_set(const sdp_schedule *s, uint32_t number)
{
    return s->wanted->set + (size_t)number * s->wanted->words;
}

bool sdp_wanted_has(const sdp_schedule *s, uint32_t number, uint32_t bit)
{
    return sdp_wanted_set(s, number)[bit / 64] >> bit % 64 & 1;
}

static void grow_table(sdp_schedule *s)
{
    sdp_wanted *w = s->wanted;
    uint32_t cap = w->table_cap ? 2 * w->table_cap : 32;
    w->table = sdp_scratch(&s->g->base, cap * sizeof *w->table);
    w->table_cap = cap;
    for (uint32_t i = 0; i < w->nsets; i++) {
        uint32_t h = sdp_hash(sdp_wanted_set(s, i), w->words * sizeof *w->set, 11) & (cap - 1);
        while (w->table[h]) h = (h + 1) & (cap - 1);
        w->table[h] = i + 1;
    }
}

uint32_t sdp_wanted_number(sdp_schedule *s, const uint64_t *set)
{
    sdp_wanted *w = s->wanted;
    size_t bytes = w->words * sizeof *set;
    if (2 * w->nsets >= w->table_cap) grow_table(s);
    uint32_t h = sdp_hash(set, bytes, 11) & (w->table_cap - 1);
    for (; w->table[h]; h = (h + 1) & (w->table_cap - 1))
        if (!memcmp(sdp_wanted_set(s, w->table[h] - 1), set, bytes)) return w->table[h] - 1;
    if (w->nsets == w->set_cap) {
        w->set_cap = w->set_cap ? 2 * w->set_cap : 16;
        uint64_t *more = sdp_scratch(&s->g->base, w->set_cap * bytes);
        sdp_copy(more, w->set, w->nsets * bytes);
        w->set = more;
    }
    sdp_copy(w->set + (size_t)w->nsets * w->words, set, bytes);
    w->table[h] = ++w->nsets;
    return w->nsets - 1;
}

// ---- values -----------------------------------------------------------------------------------------------
static bool add(uint64_t *to, const uint64_t *from, uint32_t words)
{
    uint64_t more = 0;
    for (uint32_t k = 0; k < words; k++) more |= from[k] & ~to[k], to[k] |= from[k];
    return more;
}

static void pass_on(sdp_schedule *s, uint64_t *set)
{
    uint32_t words = s->wanted->words;
    for (sdp_val v = s->nvalues; --v > 0;)
        for (uint32_t i = 0; i < s->value[v].nargs; i++)
            add(set + (size_t)s->value[v].arg[i] * words, set + (size_t)v * words, words);
}

// A guard is asked whenever what it guards is computed, and so are the conditions that it is made of.
static bool pass_to_guards(sdp_schedule *s, uint64_t *set)
{
    bool more = false;
    uint32_t words = s->wanted->words;
    for (sdp_val v = 1; v < s->guards->nguarded; v++)
        if (s->guards->guard[v])
            more |= add(set + (size_t)s->guards->guard[v] * words, set + (size_t)v * words, words);
    return more;
}

void sdp_wanted_values(sdp_schedule *s)
{
    sdp_wanted *w = s->wanted;
    uint64_t *set = sdp_scratch(&s->g->base, (size_t)s->nvalues * w->words * sizeof *set);
    for (uint32_t i = 0; i < s->sig->noutputs; i++) {
        uint32_t bit = sdp_wanted_bit(s, i);
        set[(size_t)s->output[i] * w->words + bit / 64] |= 1ULL << bit % 64;
    }
    do pass_on(s, set);
    while (pass_to_guards(s, set));
    w->of = sdp_scratch(&s->g->base, s->nvalues * sizeof *w->of);
    for (sdp_val v = 1; v < s->nvalues; v++) w->of[v] = sdp_wanted_number(s, set + (size_t)v * w->words);
}

// ---- blocks -----------------------------------------------------------------------------------------------
// A local is declared before its block if something behind the block reads it.
void sdp_wanted_blocks(sdp_schedule *s)
{
    sdp_wanted *w = s->wanted;
    uint32_t *block = sdp_scratch(&s->g->base, (s->nvalues + 1) * sizeof *block), n = 1, set = UINT32_MAX,
             level = 0;
    w->outlives = sdp_scratch(&s->g->base, s->nvalues + 1);
    for (sdp_val v = 1; v < s->nvalues; v++) {
        const sdp_place *p = &s->plan->place[v];
        if (!p->live || !p->root || p->accumulated) continue;
        if (w->of[v] != set || sdp_shard_level(s, v) != level || v >= s->guards->nguarded)
            set = w->of[v], level = sdp_shard_level(s, v), n++;
        block[v] = n;
    }
    for (sdp_val v = 1; v < s->nvalues; v++) {
        const sdp_place *p = &s->plan->place[v];
        w->outlives[v] =
            block[v] && w->of[v] != SDP_ALL_WANTED && (p->last >= s->nvalues || block[p->last] != block[v]);
    }
}
