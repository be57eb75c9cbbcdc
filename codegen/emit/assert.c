// SPDX-License-Identifier: MIT
// Assertions on the arguments of a call, active if SYMDIFF_CHECK is defined when emitted code is compiled: no
// array is missing, and no output or workspace overlaps another array. Without SYMDIFF_CHECK they leave no
// trace in the compiled code.
#include <string.h>

#include "codegen/emit/emitter.h"

enum { MOST_ARRAYS = 16 }; // of more, no overlaps are looked for: there are as many pairs as their square

typedef struct {
    const char *name;
    sdp_dim length;
    bool written, optional;
    bool apart; // its rows stand apart: others may lie between them
} array;

static sdp_dim length_of(sdp_emitter *e, const sdp_node *n)
{
    sdp_dim all = SDP_DIM_ONE;
    for (uint32_t k = 0; k < n->order; k++) all = sdp_dim_mul(e->g, all, n->dim[k]);
    return all;
}

static uint32_t find_arrays(sdp_emitter *e, array *a)
{
    const sdp_signature *sig = e->s->sig;
    uint32_t n = 0;
    for (uint32_t i = 0; i < sig->ninputs; i++) {
        const sdp_node *x = sdp_get(e->g, e->g->var[sig->input[i]].node);
        if (x->order)
            a[n++] = (array){e->input[i], length_of(e, x), false, false,
                             sdp_array_step(sig->input_step, i) != SDP_DIM_NONE};
    }
    for (uint32_t k = 0; k < sig->ngathered; k++)
        a[n++] = (array){e->gathered[k], sdp_dim_int(e->g, sig->gathered[k].pattern.entries), true,
                         e->s->wanted->optional, false};
    for (uint32_t i = 0; i < sig->noutputs; i++)
        if (!sdp_gathered_with(sig, i))
            a[n++] = (array){e->output[i], length_of(e, sdp_get(e->g, sig->output[i])), true,
                             e->s->wanted->optional, sdp_array_step(sig->output_step, i) != SDP_DIM_NONE};
    a[n++] = (array){"work", sdp_workspace_size(e), true, false, false};
    return n;
}

// Arrays with entries are there: assert(X && (t || n == 0));
static void put_present(sdp_emitter *e, const array *a, uint32_t n)
{
    long known;
    const char *before = "    assert(";
    for (uint32_t i = 0; i < n; i++) {
        bool constant = sdp_size_constant(e->s, a[i].length, &known);
        if (a[i].optional || (constant && known <= 0)) continue;
        sdp_putf(e->out, constant ? "%s%s" : "%s(%s || ", before, a[i].name);
        if (!constant) sdp_put_size(e, a[i].length, true), sdp_put(e->out, " == 0)");
        before = " && ";
    }
    if (*before == ' ' && before[1] == '&') sdp_put(e->out, ");\n");
}

// Writes the assertion that the written array a[n] overlaps none of the arrays before it, e.g.
// assert(sd_apart(grad_t, n, X, m*n) && sd_apart(grad_t, n, t, n));
static void put_apart(sdp_emitter *e, const array *a, uint32_t n)
{
    const array *written = &a[n];
    long known;
    if (!n || !written->written || written->apart ||
        (sdp_size_constant(e->s, written->length, &known) && known <= 0))
        return;
    const char *before = "    assert(";
    for (uint32_t k = 0; k < n; k++) {
        if (a[k].apart) continue;
        e->apart = true;
        sdp_putf(e->out, "%ssd_apart(%s, ", before, written->name), sdp_put_size(e, written->length, false);
        sdp_putf(e->out, ", %s, ", a[k].name), sdp_put_size(e, a[k].length, false);
        sdp_put(e->out, ")");
        before = " && ";
    }
    if (*before == ' ' && before[1] == '&') sdp_put(e->out, ");\n");
}

void sdp_put_assertions(sdp_emitter *e)
{
    const sdp_signature *sig = e->s->sig;
    uint32_t atoms = sdp_atom_count(e->g) + 1;
    array *a = sdp_scratch(&e->g->base, (sig->ninputs + sig->noutputs + 1) * sizeof *a);
    bool *used = sdp_scratch(&e->g->base, atoms);
    uint32_t n = find_arrays(e, a);
    if (e->target->entry) return;
    memcpy(used, e->dim_used, atoms); // a size that is used here alone is not used in other builds
    sdp_put(e->out, "#ifdef SYMDIFF_CHECK\n");
    put_present(e, a, n);
    for (uint32_t i = 0; i < n && n <= MOST_ARRAYS; i++) put_apart(e, a, i);
    sdp_put(e->out, "#endif\n");
    memcpy(e->dim_used, used, atoms);
}

void sdp_put_assertion_helper(sdp_emitter *e)
{
    sdp_put(e->out, "#ifdef SYMDIFF_CHECK\n#include <assert.h>\n");
    if (e->apart)
        sdp_putf(e->out,
                 "#include <stdint.h>\n"
                 "static %sint sd_apart(const double *a, size_t n, const double *b, size_t m) {\n"
                 "    const uintptr_t x = (uintptr_t)a, y = (uintptr_t)b;\n"
                 "    return !a || !b || x + n*sizeof *a <= y || y + m*sizeof *b <= x;\n}\n",
                 e->s->q->header_only ? "inline " : "");
    sdp_put(e->out, "#endif\n\n");
}
