// SPDX-License-Identifier: MIT
// Blocks of roots that are computed only if one of the outputs that need them is
// wanted: schedule/wanted.c says which.
#include "codegen/emit/emitter.h"

// Finds the outputs of a set, beginning with *i = 0. Of the parts of a sparse matrix, which are wanted
// together, the first one in the set stands for all.
static bool next_output(const sdp_emitter *e, uint32_t set, uint32_t *i, uint32_t *output)
{
    while (*i < e->s->wanted->bits && !sdp_wanted_has(e->s, set, *i)) ++*i;
    if (*i >= e->s->wanted->bits) return false;
    const sdp_gathered *of = sdp_gathered_with(e->s->sig, *output = *i);
    *i = of ? of->from + of->pattern.nparts : *i + 1;
    return true;
}

// Returns the name of the caller's pointer for output i, which may be NULL.
static const char *given(sdp_emitter *e, uint32_t i)
{
    const sdp_gathered *of = sdp_gathered_with(e->s->sig, i);
    if (!of) e->output_used[i] = true;
    return of ? e->gathered[of - e->s->sig->gathered] : e->output[i];
}

static uint32_t size_of(const sdp_emitter *e, uint32_t set, uint32_t *one)
{
    uint32_t n = 0, i = 0;
    while (next_output(e, set, &i, one)) n++;
    return n;
}

const char *sdp_wanted_text(sdp_emitter *e, uint32_t set)
{
    uint32_t one = 0;
    if (size_of(e, set, &one) == 1) return given(e, one);
    e->want_used[set] = true;
    return sdp_printf(&e->g->base, "%s%u", e->want, set);
}

// const int want2 = value || grad_x;   for every set that is asked for
void sdp_put_wanted_sets(sdp_emitter *e, bool all)
{
    const sdp_schedule *s = e->s;
    bool *asked = sdp_scratch(&e->g->base, s->wanted->nsets);
    uint32_t one = 0;
    for (sdp_val v = 1; v < s->nvalues; v++) {
        const sdp_place *p = &s->plan->place[v];
        if (p->live && p->root && !p->accumulated) asked[s->wanted->of[v]] = true;
        if (p->live && s->value[v].kind == SDP_V_WANTED) asked[s->value[v].param] = true;
    }
    for (uint32_t set = 1; set < s->wanted->nsets; set++) {
        if (!(all ? asked : e->want_used)[set] || size_of(e, set, &one) < 2) continue;
        const char *between = "";
        sdp_put_indent(e);
        sdp_putf(e->out, "const int %s%u = ", e->want, set);
        for (uint32_t i = 0; next_output(e, set, &i, &one); between = " || ")
            sdp_putf(e->out, "%s%s", between, given(e, one));
        sdp_put(e->out, ";\n");
    }
}

// Declares the locals of a block that later blocks read, in front of the block.
static void declare_outliving(sdp_emitter *e, sdp_val from, sdp_val to)
{
    const sdp_schedule *s = e->s;
    for (sdp_val v = from; v < to; v++) {
        const sdp_place *p = &s->plan->place[v];
        if (!p->live || !p->root || p->accumulated) continue;
        if (s->wanted->of[v] != s->wanted->of[from] || sdp_shard_level(s, v) != sdp_shard_level(s, from))
            return;
        if (p->at == SDP_AT_LOCAL && s->wanted->outlives[v])
            sdp_put_line(e, "double %s%u = 0.0;", e->local, p->index + 1);
        if (v < s->guards->nguarded && p->failed) sdp_put_line(e, "int %s%u = 0;", e->failed, p->failed);
    }
}

static void close_block(sdp_emitter *e)
{
    e->indent--;
    sdp_put_line(e, "}");
}

sdp_val sdp_put_blocks(sdp_emitter *e, sdp_val from, sdp_val to, size_t most)
{
    const sdp_schedule *s = e->s;
    uint32_t open = SDP_ALL_WANTED, level = 0;
    sdp_val v;
    for (v = from; v < to && e->out->n < most; v++) {
        const sdp_place *p = &s->plan->place[v];
        uint32_t set = s->wanted->of[v];
        if (!p->live || !p->root || p->accumulated) continue;
        for (; s->shard && from < s->guards->nguarded && level < sdp_shard_level(s, v); level++) {
            if (open != SDP_ALL_WANTED) close_block(e);
            open = SDP_ALL_WANTED;
            sdp_put_joined(e, level);
        }
        if (set != open && open != SDP_ALL_WANTED) close_block(e);
        if (set != open && set != SDP_ALL_WANTED) {
            sdp_put(e->out, "\n");
            declare_outliving(e, v, to);
            sdp_put_line(e, "if (%s) {", sdp_wanted_text(e, set));
            e->indent++;
        }
        e->opened = set != open && set != SDP_ALL_WANTED;
        open = set;
        sdp_emit_root(e, v);
    }
    if (open != SDP_ALL_WANTED) close_block(e);
    for (; s->shard && from < s->guards->nguarded && level <= s->shard->levels; level++)
        sdp_put_joined(e, level);
    return v;
}
