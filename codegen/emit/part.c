// SPDX-License-Identifier: MIT
// Long functions in parts. Compilers need more than linear time for one function, so one that is longer than
// PART_BYTES of text is a sequence of calls of static functions, each with the next loop nests and with the
// parameters of the whole:
//
//     static int sd_f_part1(size_t n, const double *restrict x, double *restrict out,
//                           double *restrict work) { ... return 0; }
//     int f(size_t n, const double *restrict x, double *restrict out, double *restrict work) {
//         int failed = sd_f_part1(n, x, out, work);
//         if (!failed) failed = sd_f_part2(n, x, out, work);
//         return failed;
//     }
//
// Results that another part reads stand in the workspace: a plan with many loop nests has no local numbers
// (schedule/plan.c). Statuses that are decided at the end (failures in branches of where) are local, too:
// such a function stays whole. libtcc is linear.
#include <stdint.h>
#include <string.h>

#include "codegen/emit/emitter.h"

enum { PART_BYTES = 12000 };

size_t sdp_part_bytes(const sdp_emitter *e)
{
    if (e->target->tcc || e->target->ranks || e->s->plan->nlocals) return SIZE_MAX;
    for (sdp_val v = 1; v < e->s->guards->nguarded; v++)
        if (e->s->plan->place[v].failed) return SIZE_MAX;
    return PART_BYTES;
}

void sdp_forget_uses(sdp_emitter *e)
{
    memset(e->dim_used, 0, sdp_atom_count(e->g) + 1);
    memset(e->input_used, 0, e->s->sig->ninputs + 1);
    memset(e->output_used, 0, e->s->sig->noutputs + 1);
    memset(e->buffer_used, 0, e->s->plan->nbuffers + 1);
    memset(e->want_used, 0, e->s->wanted->nsets + 1);
    e->cell_used = false;
}

static void put_start(sdp_emitter *e, sdp_dim from)
{
    sdp_put(e->out, "work");
    if (from == sdp_dim_int(e->g, 0)) return;
    sdp_put(e->out, " + ");
    sdp_put_size(e, from, true);
}

// double *restrict const w7 = work + n*m;   and what else the part uses of the workspace: does it use any?
static bool put_used_buffers(sdp_emitter *e)
{
    const sdp_plan *p = e->s->plan;
    sdp_dim from = sdp_dim_int(e->g, 0);
    bool any = e->cell_used | sdp_put_gathered_places(e, e->output_used);
    for (uint32_t i = 0; i < e->s->sig->noutputs; i++)
        if (p->spare[i] && e->output_used[i]) e->buffer_used[p->spare[i] - 1] = true;
    for (uint32_t i = 0; i < p->nbuffers; from = sdp_dim_add(e->g, from, p->buffer[i++].size)) {
        if (!e->buffer_used[i]) continue;
        sdp_putf(e->out, "    double *restrict const %s%u = ", e->buffer, i + 1);
        put_start(e, from);
        sdp_put(e->out, ";\n");
        any = true;
    }
    for (uint32_t i = 0; i < e->s->sig->noutputs; i++)
        if (p->spare[i] && e->output_used[i])
            sdp_put_line(e, "double *restrict const %s = %s ? %s : %s%u;", e->kept[i], e->output[i],
                         e->output[i], e->buffer, p->spare[i]);
    if (!e->cell_used) return any;
    sdp_putf(e->out, "    double *restrict const %s = ", e->cell);
    put_start(e, from);
    sdp_put(e->out, ";\n");
    return any;
}

// Returns whether array i has a step, which is put behind `before` then.
static bool put_array_step(sdp_emitter *e, const char *before, const sdp_dim *steps, uint32_t i)
{
    sdp_dim step = sdp_array_step(steps, i);
    if (step == SDP_DIM_NONE) return false;
    sdp_put(e->out, before);
    sdp_put_size(e, step, false);
    return true;
}

void sdp_put_part(sdp_emitter *e, uint32_t number, const sdp_text *nests)
{
    const sdp_signature *sig = e->s->sig;
    bool is_inline = e->s->q->header_only;
    sdp_putf(e->out, "static %sint %s%u", is_inline ? "inline " : "", e->part, number);
    sdp_put_parameters(e, true);
    sdp_put(e->out, " {\n");
    bool works = put_used_buffers(e);
    sdp_put_wanted_sets(e, false);
    sdp_putn(e->out, nests->s, nests->n);
    sdp_put_unused(e);
    for (uint32_t i = 0; i < sig->noutputs; i++)
        if (!e->output_used[i] && !sdp_gathered_with(sig, i)) sdp_put_line(e, "(void)%s;", e->output[i]);
    for (uint32_t k = 0; k < sig->ngathered; k++) sdp_put_line(e, "(void)%s;", e->gathered[k]);
    for (uint32_t i = 0; i < sig->noutputs; i++)
        if (put_array_step(e, "    (void)", sig->output_step, i)) sdp_put(e->out, ";\n");
    for (uint32_t i = 0; i < sig->ninputs; i++)
        if (put_array_step(e, "    (void)", sig->input_step, i)) sdp_put(e->out, ";\n");
    if (sig->ncalls) sdp_put_line(e, "(void)%s;", e->target->entry ? "sd_calls" : e->functions);
    if (!works) sdp_put_line(e, "(void)work;");
    sdp_put(e->out, "    return 0;\n}\n\n");
}

static void put_arguments(sdp_emitter *e)
{
    const sdp_signature *sig = e->s->sig;
    for (uint32_t i = 0; i < sig->ndims; i++)
        if (e->s->size[sig->dim[i]] < 0) sdp_putf(e->out, "%s, ", e->dim[sig->dim[i]]);
    for (uint32_t i = 0; i < sig->ninputs; i++) {
        sdp_putf(e->out, "%s, ", e->input[i]);
        if (put_array_step(e, "", sig->input_step, i)) sdp_put(e->out, ", ");
    }
    if (sig->ncalls) sdp_putf(e->out, "%s, ", e->target->entry ? "sd_calls" : e->functions);
    for (uint32_t i = 0, k = 0; i < sig->noutputs; i++) {
        bool sparse = sdp_gathered_with(sig, i) != NULL;
        sdp_putf(e->out, "%s, ", sparse ? e->gathered[k] : e->output[i]);
        if (sparse) i += sig->gathered[k++].pattern.nparts - 1;
        else if (put_array_step(e, "", sig->output_step, i)) sdp_put(e->out, ", ");
    }
    sdp_put(e->out, "work");
}

void sdp_put_part_calls(sdp_emitter *e, uint32_t n)
{
    for (uint32_t i = 1; i <= n; i++) {
        sdp_put_indent(e);
        sdp_putf(e->out, "%s = %s%u(",
                 i > 1 ? sdp_printf(&e->g->base, "if (!%s) %s", e->failed, e->failed)
                       : sdp_printf(&e->g->base, "int %s", e->failed),
                 e->part, i);
        put_arguments(e);
        sdp_put(e->out, ");\n");
    }
    sdp_put_line(e, "if (%s) return %s;", e->failed, e->failed);
}
