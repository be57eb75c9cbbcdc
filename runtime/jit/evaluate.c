// SPDX-License-Identifier: MIT
// Evaluation: binds sizes to the data, compiles with them as constants, calls, hands out arrays.
#include <string.h>

#include "runtime/jit/jit.h"

// All sizes of the signature are known, so they are constants of the code.
static sd_function *compile_for(sdp_graph *g, const sdp_signature *s, const long *size)
{
    long *value = sdp_scratch(&g->base, (s->ndims + 1) * sizeof *value);
    for (uint32_t i = 0; i < s->ndims; i++) value[i] = size[s->dim[i]];
    sdp_emit_request q = {.nsizes = s->ndims, .size_atom = s->dim, .size_value = value};
    return sdp_compile(g, s, &q);
}

void sdp_evaluate_at(sdp_graph *g, const sdp_signature *s, const long *size, const double *const *in,
                     sd_array *out)
{
    sdp_mark mark = sdp_scratch_mark(&g->base);
    double **to = sdp_scratch(&g->base, (s->noutputs + 1) * sizeof *to);
    for (uint32_t i = 0; i < s->noutputs; i++) {
        sdp_array_for(g, s->output[i], size, &out[i]);
        to[i] = out[i].data;
    }
    sd_function *f = compile_for(g, s, size);
    size_t doubles = sd_function_workspace(f, NULL),
           bytes = doubles < SIZE_MAX / sizeof(double) ? (doubles + 1) * sizeof(double) : SIZE_MAX;
    double *work = sdp_raw_or_null(&g->base, bytes);
    int status = work ? sd_function_call(f, NULL, in, to, work) : 0;
    sd_function_free(f);
    if (!work) sdp_no_room(&g->base, bytes);
    sdp_release(&g->base, work);
    sdp_scratch_release(&g->base, mark);
    const sdp_status *why = sdp_status_of(status);
    if (why) sdp_fail(&g->base, (sd_status)why->error, (sdp_span){0, 0}, NULL, "%s", why->message);
    if (status)
        sdp_fail(&g->base, SD_ERR_DATA, (sdp_span){0, 0}, NULL, "a declared function returned %d", status);
}

void sdp_evaluate(sdp_graph *g, const sdp_signature *s, const sd_data *d, sd_array *out)
{
    if (s->ncalls)
        sdp_fail(&g->base, SD_ERR_UNSUPPORTED, (sdp_span){0, 0},
                 "define it, as in f(x) = x'*x, or emit C, which calls a function of yours",
                 "'%s' has no numbers: it is only declared", g->var[s->call[0].function].name);
    sdp_mark mark = sdp_scratch_mark(&g->base);
    long *size = sdp_scratch(&g->base, (sdp_atom_count(g) + 1) * sizeof *size);
    const double **in = sdp_scratch(&g->base, (s->ninputs + 1) * sizeof *in);
    sdp_bind_dims(g, s, d, size);
    for (uint32_t i = 0; i < s->ninputs; i++) in[i] = sd_data_get(d, g->var[s->input[i]].name)->data;
    sdp_evaluate_at(g, s, size, in, out);
    sdp_scratch_release(&g->base, mark);
}
