// SPDX-License-Identifier: MIT
// Numbers by name: arrays from files and from callers, the sizes that follow from them, and arrays written
// out. sd_context stands here, as everything below needs it.
#ifndef SDP_DATA_H
#define SDP_DATA_H

#include "codegen/emit/emit.h"
#include "codegen/kernels/kernels.h"
#include "codegen/print/print.h"
#include "codegen/schedule/schedule.h"

struct sd_context {
    sdp_graph *g;
    sdp_surface *expr; // sd_expr e is expr[e - forgotten - 1]
    uint32_t nexprs, expr_cap;
    uint32_t forgotten; // by sd_context_reset: no handle is given out twice
    struct sdp_hint {
        const char *name;
        long rows, cols;
    } * hint; // sd_hint_shape
    uint32_t nhints, hint_cap;
    bool scalar; // sd_options.scalar
    _Atomic int interrupted;
    int (*tell)(void *state, size_t steps, size_t bytes); // sd_progress
    void *tell_state;
    // declarations in order, sd_options.wrt first: of the allocator, for sd_context_reset
    struct sdp_said {
        bool asked;
        char *text, *name;
    } * said;
    uint32_t nsaid, said_cap;
};

// Binds dimension atoms to numbers from the arrays in d; fails with SD_ERR_DATA (missing, wrong size,
// contradiction). value[atom], 0 if unbound. its elements; fails if it is no array
size_t sdp_need_array(sdp_base *b, const char *name, const sd_array *a);
// a vector that was written as one row of text (data.c)
bool sdp_data_is_row(const sd_data *d, const char *name);
void sdp_bind_dims(sdp_graph *g, const sdp_signature *s, const sd_data *d, long *value);

// Fails with SD_ERR_DATA if the data of a variable lacks a property that was declared. declared.c
void sdp_check_declared(sdp_graph *g, const sd_data *d);

// Shapes out[i] like id and gives it room; fails at the limit `elements`.
void sdp_array_for(sdp_graph *g, sdp_id id, const long *size, sd_array *out);
void sdp_put_array(sdp_text *t, const sd_array *a, sd_format format);
void sdp_put_array_file(sdp_text *t, const sd_array *a, const char *kind); // npy, csv, mtx, json

#endif
