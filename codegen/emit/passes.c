// SPDX-License-Identifier: MIT
// The list of passes, from a graph to C text. What a pass finds out is kept in its struct of the schedule,
// for those below it.
#include "codegen/emit/emitter.h"
#include "codegen/emit/straight.h"

static void plan(sdp_schedule *s, sdp_graph *g, const sdp_signature *sig, const sdp_emit_request *q)
{
    uint32_t n = sig->noutputs;
    const sdp_id *output = sig->output;
    sdp_series_found found;
    sdp_schedule_init(s, g, sig, q);

    // graph to graph: what must not be computed as it is written, as far as other nodes can say it
    // A*[x; 0] is A[:,1:m]*x: no zeros are computed
    output = sdp_schedule_pieces(g, n, output);
    // log(p*exp(u)+q*exp(v)) at -800 is shifted by the larger exponent
    output = sdp_schedule_mixtures(g, n, output);
    // f(x+h)-f(x) keeps its digits
    output = sdp_schedule_differences(g, n, output, &found);
    // log(B*exp(z)) at 800 is shifted by the largest term
    output = sdp_schedule_sums_of_exp(g, n, output);
    // x*x'/norm(x)^3 at 1e-200: powers of two are taken out of arrays
    output = sdp_schedule_scaled(s, n, output, &found);
    // (1-cos(x))/x^2 at 1e-9: which nodes have a series
    sdp_schedule_series(s, n, output, &found);

    // graph to values: contractions in order, indices in place of selections, functions
    // split into large and small parts
    sdp_schedule_lower(s, output);
    // one axis over ranks: who has what, in the order in which ranks meet
    sdp_schedule_shard(s);

    // values to a plan
    // outputs that a caller may leave out
    sdp_wanted_start(s);
    // failures in branches that are not taken do not matter
    sdp_schedule_guards(s);
    // a guard that ranks would answer differently is refused
    sdp_shard_guards(s);
    // what is stored, what is computed inside the loops of others; places in the workspace
    sdp_schedule_plan(s);
}

// A plan to text: names that clash with nothing, then a loop nest for each root
static void put_function(sdp_file *f, uint32_t i, sdp_schedule *s)
{
    sdp_text_init(&f->body[i], &s->g->base);
    sdp_emit_start(f->e[i], s, &f->body[i]);
    sdp_emit_body(f->e[i]);
}

static sdp_file file_of(sdp_graph *g, uint32_t n, const sdp_emit_request *q)
{
    sdp_file f = {.name = q->file ? q->file : q->name ? q->name : "symdiff_f", .n = n};
    f.e = sdp_scratch(&g->base, n * sizeof *f.e);
    f.body = sdp_scratch(&g->base, n * sizeof *f.body);
    for (uint32_t i = 0; i < n; i++) f.e[i] = sdp_scratch(&g->base, sizeof **f.e);
    return f;
}

// Kernels, functions, prototypes around it
static void put_file(sdp_file *f, sdp_text *text, sdp_text *header)
{
    sdp_put_file(f, text, header);
    for (uint32_t i = 0; i < f->n; i++) sdp_text_free(&f->body[i]);
}

void sdp_emit_functions(sdp_graph *g, uint32_t n, const sdp_signature *sig, const sdp_emit_request *q,
                        sdp_text *text, sdp_text *header)
{
    sdp_mark mark = sdp_scratch_mark(&g->base);
    sdp_file f = file_of(g, n, q);
    for (uint32_t i = 0; i < n; i++) {
        sdp_schedule *s = sdp_scratch(&g->base, sizeof *s);
        plan(s, g, &sig[i], &q[i]);
        put_function(&f, i, s);
    }
    put_file(&f, text, header);
    sdp_scratch_release(&g->base, mark);
}

// A plan to a straight-line program, if all is small enough, or to text
bool sdp_emit_straight(sdp_graph *g, const sdp_signature *sig, const sdp_emit_request *q,
                       sdp_listing *listing, sdp_text *text)
{
    sdp_schedule *s = sdp_scratch(&g->base, sizeof *s);
    sdp_program p;
    plan(s, g, sig, q);
    if (sdp_straight(s, &p)) {
        sdp_pack(&p, listing);
        return true;
    }
    sdp_file f = file_of(g, 1, q);
    put_function(&f, 0, s);
    put_file(&f, text, NULL);
    return false;
}

void sdp_emit_c(sdp_graph *g, const sdp_signature *sig, const sdp_emit_request *q, sdp_text *text,
                sdp_text *header)
{
    sdp_emit_functions(g, 1, sig, q, text, header);
}

void sdp_dump_schedule(sdp_graph *g, const sdp_signature *sig, const sdp_emit_request *q, sdp_text *out)
{
    sdp_mark mark = sdp_scratch_mark(&g->base);
    sdp_schedule s;
    plan(&s, g, sig, q);
    sdp_put_plan(&s, out);
    sdp_scratch_release(&g->base, mark);
}
