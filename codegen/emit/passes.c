// SPDX-License-Identifier: MIT
// The list of passes, from a graph to C text. What a pass finds out is kept in its struct of the schedule, for those below it.
#include "codegen/emit/emitter.h"

static void plan(sdp_schedule *s, sdp_graph *g, const sdp_signature *sig, const sdp_emit_request *q)
{
    uint32_t n = sig->noutputs;
    const sdp_id *output = sig->output;
    sdp_series_found found;
    sdp_schedule_init(s, g, sig, q);

    // graph to graph: what must not be computed as it is written, as far as other nodes can say it
    output = sdp_schedule_pieces(g, n, output);      // A*[x; 0] is A[:,1:m]*x: no zeros are computed
    output = sdp_schedule_differences(g, n, output, &found); // f(x+h)-f(x) keeps its digits
    output = sdp_schedule_sums_of_exp(g, n, output); // log(B*exp(z)) at 800: shifted by the largest term
    output = sdp_schedule_scaled(s, n, output);      // x*x'/norm(x)^3 at 1e-200: powers of two are taken out of arrays
    sdp_schedule_series(s, n, output, &found);       // (1-cos(x))/x^2 at 1e-9: which nodes have a series

    // graph to values: contractions in order, indices in place of selections, functions split into large and small parts
    sdp_schedule_lower(s, output);

    // values to a plan
    sdp_wanted_start(s);    // outputs that a caller may leave out
    sdp_schedule_guards(s); // failures in branches that are not taken do not matter
    sdp_schedule_plan(s);   // what is stored, what is computed inside the loops of others; places in the workspace
}

void sdp_emit_functions(sdp_graph *g, uint32_t n, const sdp_signature *sig, const sdp_emit_request *q, sdp_text *text, sdp_text *header)
{
    sdp_mark mark = sdp_scratch_mark(&g->base);
    sdp_file f = {.name = q->file ? q->file : q->name ? q->name : "symdiff_f", .n = n};
    f.e = sdp_scratch(&g->base, n * sizeof *f.e);
    f.body = sdp_scratch(&g->base, n * sizeof *f.body);
    for (uint32_t i = 0; i < n; i++) {
        sdp_schedule *s = sdp_scratch(&g->base, sizeof *s);
        sdp_emitter *e = f.e[i] = sdp_scratch(&g->base, sizeof *e);
        sdp_text_init(&f.body[i], &g->base);
        plan(s, g, &sig[i], &q[i]);

        // a plan to text
        sdp_emit_start(e, s, &f.body[i]); // names that clash with nothing
        sdp_emit_body(e);                 // a loop nest for each root
    }
    sdp_put_file(&f, text, header);       // kernels, functions, prototypes around it
    for (uint32_t i = 0; i < n; i++) sdp_text_free(&f.body[i]);
    sdp_scratch_release(&g->base, mark);
}

void sdp_emit_c(sdp_graph *g, const sdp_signature *sig, const sdp_emit_request *q, sdp_text *text, sdp_text *header)
{
    sdp_emit_functions(g, 1, sig, q, text, header);
}

void sdp_dump_schedule(sdp_graph *g, const sdp_signature *sig, sdp_text *out)
{
    sdp_mark mark = sdp_scratch_mark(&g->base);
    sdp_schedule s;
    plan(&s, g, sig, NULL);
    sdp_put_plan(&s, out);
    sdp_scratch_release(&g->base, mark);
}
