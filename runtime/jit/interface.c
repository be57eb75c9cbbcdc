// SPDX-License-Identifier: MIT
// The interface of a compiled function, for callers that do not know the formula: its names, axes and sizes.
// The function may outlive the context, so everything is copied out of the graph: once to count the bytes,
// and again into a block of that many. Entry: sdp_interface_new.
#include "runtime/jit/interface.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    sdp_graph *g;
    const sdp_signature *s;
    const sdp_emit_request *q;
    char *block; // NULL: only counting
    size_t used;
} packer;

static void *take(packer *p, size_t bytes)
{
    void *at = p->block ? p->block + p->used : NULL;
    p->used += (bytes + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    return at;
}

static const void *keep(packer *p, const void *bytes, size_t n)
{
    void *at = take(p, n);
    return at ? memcpy(at, bytes, n) : NULL;
}

static const char *keep_text(packer *p, const char *s) { return keep(p, s, strlen(s) + 1); }

static uint32_t place_of(const sdp_signature *s, uint32_t atom)
{
    uint32_t i = 0;
    while (s->dim[i] != atom) i++;
    return i;
}

static sdp_size keep_size(packer *p, sdp_dim d)
{
    const sdp_dim_term *from;
    uint32_t n = sdp_dim_terms(p->g, d, &from);
    sdp_dim_term *term = sdp_scratch(&p->g->base, (n + (size_t)1) * sizeof *term);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t *atom = sdp_scratch(&p->g->base, (from[i].natoms + (size_t)1) * sizeof *atom);
        for (uint32_t k = 0; k < from[i].natoms; k++) atom[k] = place_of(p->s, from[i].atom[k]);
        term[i] = from[i];
        term[i].atom = keep(p, atom, from[i].natoms * sizeof *atom);
    }
    return (sdp_size){n, keep(p, term, n * sizeof *term)};
}

static sdp_argument keep_place(packer *p, const char *name, sdp_id id)
{
    const sdp_node *n = sdp_get(p->g, id);
    sdp_argument to = {.shown = {.name = keep_text(p, name ? name : ""), .order = n->order}};
    for (uint32_t k = 0; k < n->order; k++) {
        to.axis[k] = keep_size(p, n->dim[k]);
        to.shown.axis[k] = keep_text(p, sdp_dim_text(p->g, n->dim[k]));
    }
    return to;
}

// The entries of a sparse matrix
static sdp_argument keep_entries(packer *p, const sdp_gathered *sparse)
{
    sdp_argument to = {.shown = {.name = keep_text(p, sparse->name), .order = 1}};
    const sdp_dim n = sdp_dim_int(p->g, sparse->pattern.entries);
    to.axis[0] = keep_size(p, n);
    to.shown.axis[0] = keep_text(p, sdp_dim_text(p->g, n));
    return to;
}

static void keep_sizes(packer *p, sdp_interface *f)
{
    const sdp_signature *s = p->s;
    long *fixed = sdp_scratch(&p->g->base, (s->ndims + (size_t)1) * sizeof *fixed);
    const char **name = sdp_scratch(&p->g->base, (s->ndims + (size_t)1) * sizeof *name);
    const char **dim = sdp_scratch(&p->g->base, (s->ndims + (size_t)1) * sizeof *dim);
    f->nsizes = s->ndims;
    for (uint32_t i = 0; i < s->ndims; i++) {
        fixed[i] = 0;
        for (uint32_t k = 0; k < p->q->nsizes; k++)
            if (p->q->size_atom[k] == s->dim[i]) fixed[i] = p->q->size_value[k];
        name[i] = keep_text(p, sdp_atom_name(p->g, s->dim[i]));
        if (!fixed[i]) dim[f->ndims++] = name[i];
    }
    f->fixed = keep(p, fixed, s->ndims * sizeof *fixed);
    f->size = keep(p, name, s->ndims * sizeof *name);
    f->dim = keep(p, dim, f->ndims * sizeof *dim);
}

static sdp_interface pack(packer *p)
{
    const sdp_signature *s = p->s;
    sdp_graph *g = p->g;
    sdp_interface f = {.ninputs = s->ninputs, .noutputs = s->noutputs, .ncallbacks = s->ncalls};
    uint32_t most = s->ninputs > s->noutputs ? s->ninputs : s->noutputs;
    sdp_argument *place = sdp_scratch(&g->base, (most + (size_t)1) * sizeof *place);
    const char **callback = sdp_scratch(&g->base, (s->ncalls + (size_t)1) * sizeof *callback);
    keep_sizes(p, &f);
    for (uint32_t i = 0; i < s->ninputs; i++)
        place[i] = keep_place(p, g->var[s->input[i]].name, g->var[s->input[i]].node);
    f.input = keep(p, place, s->ninputs * sizeof *place);
    f.noutputs = 0;
    for (uint32_t i = 0; i < s->noutputs; i++) {
        const sdp_gathered *sparse = sdp_gathered_with(s, i);
        place[f.noutputs++] = sparse ? keep_entries(p, sparse)
                                     : keep_place(p, s->output_name ? s->output_name[i] : NULL, s->output[i]);
        if (sparse) i += sparse->pattern.nparts - 1;
    }
    f.output = keep(p, place, f.noutputs * sizeof *place);
    for (uint32_t i = 0; i < s->ncalls; i++) callback[i] = keep_text(p, sdp_derivative_name(g, &s->call[i]));
    f.callback = keep(p, callback, s->ncalls * sizeof *callback);
    return f;
}

static size_t bytes_of(sdp_graph *g, const sdp_signature *s, const sdp_emit_request *q)
{
    packer p = {.g = g, .s = s, .q = q};
    take(&p, sizeof(sdp_interface));
    pack(&p);
    return p.used;
}

static void fill(sdp_graph *g, const sdp_signature *s, const sdp_emit_request *q, char *block)
{
    packer p = {.g = g, .s = s, .q = q, .block = block};
    sdp_interface *f = take(&p, sizeof *f);
    *f = pack(&p);
}

sdp_interface *sdp_interface_new(sdp_graph *g, const sdp_signature *s, const sdp_emit_request *q)
{
    sdp_base *b = &g->base;
    sdp_mark mark = sdp_scratch_mark(b);
    char *const block = malloc(bytes_of(g, s, q));
    sdp_trap trap;
    if (!block) sdp_fail(b, SD_ERR_MEMORY, (sdp_span){0, 0}, NULL, "out of memory (function)");
    if (SDP_TRY(b, trap)) { // scratch may run out on the way, and the block is not the context's
        fill(g, s, q, block);
        SDP_END(b, trap);
    } else {
        free(block);
        sdp_fail_again(b);
    }
    sdp_scratch_release(b, mark);
    return (sdp_interface *)(void *)block;
}
