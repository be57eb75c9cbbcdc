// SPDX-License-Identifier: MIT
// Loops in panels, for the target that runs in parallel: one loop of a nest, whole rows or entries, is cut
// into at most PANELS pieces, whose length depends on the size alone. Each piece is computed by one thread in
// the order in which it is written, and sums over pieces are added in their order, so the bits are the same
// for any number of threads, and without threads.
//
//     const size_t t1 = sd_panel(n, 64, 16);
//     #pragma omp parallel for schedule(dynamic) if(1.0*(double)m*(double)n > 20000.0)
//     for (size_t t2 = 0; t2 < n; t2 += t1) {
//         const size_t t3 = n - t2 < t1 ? n : t2 + t1;
//         for (size_t j = t2; j < t3; j++) ...
//     }
//
// The loop may be any one whose label stands alone in the place that is written: then no two
// panels write the same entry. With X'*r it is the inner one. A sum without such a loop is a
// number; its outermost loop is cut.
#include <string.h>

#include "codegen/emit/nest.h"

enum { PANELS = 64, WORTH = 20000 }; // turns of the innermost loop for which threads pay

// Is it known that the loops are too short?
static bool has_few_turns(const sdp_emitter *e, uint32_t n, const uint8_t *loop, const sdp_dim *dim)
{
    double all = 1;
    long size;
    for (uint32_t i = 0; i < n; i++) {
        if (!sdp_size_constant(e->s, dim[loop[i]], &size)) return false;
        all *= (double)size;
    }
    return all < WORTH;
}

static void put_worth(sdp_emitter *e, uint32_t n, const uint8_t *loop, const sdp_dim *dim)
{
    sdp_dim turns = SDP_DIM_ONE;
    for (uint32_t i = 0; i < n; i++) turns = sdp_dim_mul(e->g, turns, dim[loop[i]]);
    sdp_put(e->out, "if(");
    sdp_put_estimate(e, turns);
    sdp_putf(e->out, " > %d.0)", WORTH);
}

bool sdp_open_panels(sdp_emitter *e, uint8_t label, const char *least, uint32_t n, const uint8_t *loop,
                     const sdp_dim *dim)
{
    sdp_base *b = &e->g->base;
    if (!e->target->threads || e->panel_end || has_few_turns(e, n, loop, dim)) return false;
    e->panel_wide = sdp_printf(b, "%s%u", e->temp, ++e->ntemps);
    e->panel_from = sdp_printf(b, "%s%u", e->temp, ++e->ntemps);
    e->panel_end = sdp_printf(b, "%s%u", e->temp, ++e->ntemps);
    e->panel = label;
    sdp_put_line(e, "{");
    e->indent++;
    sdp_put_indent(e);
    sdp_putf(e->out, "const size_t %s = %s(", e->panel_wide, sdp_kernel(e, KERNEL_panel));
    sdp_put_size(e, dim[label], false);
    sdp_putf(e->out, ", %d, %s);\n#ifdef _OPENMP\n#pragma omp parallel for schedule(dynamic) ", PANELS,
             least);
    put_worth(e, n, loop, dim);
    sdp_put(e->out, "\n#endif\n");
    sdp_put_indent(e);
    sdp_putf(e->out, "for (size_t %s = 0; %s < ", e->panel_from, e->panel_from);
    sdp_put_size(e, dim[label], false);
    sdp_putf(e->out, "; %s += %s) {\n", e->panel_from, e->panel_wide);
    e->indent++;
    sdp_put_indent(e);
    sdp_putf(e->out, "const size_t %s = ", e->panel_end);
    sdp_put_size(e, dim[label], true);
    sdp_putf(e->out, " - %s < %s ? ", e->panel_from, e->panel_wide);
    sdp_put_size(e, dim[label], false);
    sdp_putf(e->out, " : %s + %s;\n", e->panel_from, e->panel_wide);
    return true;
}

void sdp_close_panels(sdp_emitter *e)
{
    e->panel_end = NULL;
    sdp_close_loops(e, 2);
}

// The label of the outermost loop that may be cut: it stands alone in one place of what is written.
// SDP_MAX_LABELS if there is none.
static uint8_t free_label(const sdp_nest *n, uint32_t order)
{
    for (uint32_t i = 0; i < n->nloops; i++)
        for (uint32_t k = 0; k < order; k++)
            if (n->at[k] == n->loop[i]) return n->loop[i];
    return SDP_MAX_LABELS;
}

// Is a function computed outside the loop of the label? Each panel computes it again.
static bool has_function_outside(const sdp_emitter *e, const sdp_nest *n, uint8_t label)
{
    uint32_t level = 1;
    while (n->loop[level - 1] != label) level++;
    for (uint32_t i = 0; i < e->tape.nnodes; i++)
        if (e->tape.node[i].uses && e->tape.node[i].op == SDP_T_MAP && e->tape.node[i].level &&
            e->tape.node[i].level < level)
            return true;
    return false;
}

// The least length with which there are at most 8 panels
static const char *few(sdp_emitter *e, sdp_dim d)
{
    sdp_text t, *out = e->out;
    sdp_text_init(&t, &e->g->base);
    e->out = &t;
    sdp_put_size(e, d, true);
    sdp_put(e->out, "/8 + 16");
    e->out = out;
    const char *kept = strcpy(sdp_scratch(&e->g->base, t.n + 1), t.s);
    sdp_text_free(&t);
    return kept;
}

bool sdp_open_nest_panels(sdp_emitter *e, const sdp_nest *n)
{
    uint8_t label = free_label(n, e->s->value[n->dest].order);
    if (label == SDP_MAX_LABELS) return false;
    if (n->half) label = (uint8_t)n->at[0]; // the other one ends at it
    const char *least = label == n->loop[0] && n->nloops > 1 ? "1" : "16";
    if (has_function_outside(e, n, label)) least = few(e, n->dim[label]);
    return sdp_open_panels(e, label, least, n->nloops, n->loop, n->dim);
}

// The sum of a number: sums of panels, added in their order
bool sdp_open_sum_panels(sdp_emitter *e, const sdp_nest *n)
{
    if (!e->target->threads || n->sum_from || !n->nloops) return false;
    const char *sums = sdp_printf(&e->g->base, "%s%u", e->temp, ++e->ntemps);
    if (has_few_turns(e, n->nloops, n->loop, n->dim)) return false;
    sdp_put_line(e, "double %s[%d] = {0.0};", sums, PANELS);
    if (!sdp_open_panels(e, n->loop[0], n->nloops > 1 ? "1" : "256", n->nloops, n->loop, n->dim))
        return false;
    e->panel_sums = sums;
    return true;
}

void sdp_close_sum_panels(sdp_emitter *e)
{
    const char *sums = e->panel_sums, *k = e->index[0];
    sdp_put_line(e, "%s[%s/%s] = %s;", sums, e->panel_from, e->panel_wide, e->sum);
    sdp_close_panels(e);
    sdp_put_line(e, "double %s = 0.0;", e->sum);
    sdp_put_line(e, "for (size_t %s = 0; %s < %d; %s++) %s += %s[%s];", k, k, PANELS, k, e->sum, sums, k);
}
