// SPDX-License-Identifier: MIT
// Between the files of the public interface: the trap around every public
// function, and the handles of a context.
#ifndef SDP_API_H
#define SDP_API_H

#include "runtime/check/check.h"

// Runs `work` (a block or statement) under a trap; `status` tells how it went. Every pointer and handle that
// a caller passes is held to what is allowed, here or in `work`: a missing one is an error like any other.
// `given` is whether the results of earlier calls, expressions and results, are there: if not, the call that
// was to make one has failed, and its error stays.
#define GUARD(c, given, status, work)                                                                        \
    do {                                                                                                     \
        if (!sdp_start_call(c, given)) {                                                                     \
            status = sdp_refused(c);                                                                         \
            break;                                                                                           \
        }                                                                                                    \
        sdp_base *guard_base = &(c)->g->base;                                                                \
        sdp_trap guard_trap;                                                                                 \
        if (SDP_TRY(guard_base, guard_trap)) {                                                               \
            work;                                                                                            \
            SDP_END(guard_base, guard_trap);                                                                 \
            status = SD_OK;                                                                                  \
        } else status = sdp_failed(guard_base);                                                              \
    } while (0)

// The last statement of a public function that gives a text: that which `make`
// returns, or NULL where it fails.
#define RETURN_TEXT(c, given, make)                                                                          \
    do {                                                                                                     \
        char *volatile guard_text = NULL;                                                                    \
        sd_status guard_status;                                                                              \
        GUARD(c, given, guard_status, guard_text = make);                                                    \
        return guard_status == SD_OK ? guard_text : NULL;                                                    \
    } while (0)

// clears what the last call left; false: it stays, and nothing may be done
bool sdp_start_call(sd_context *c, bool given);
sd_status sdp_refused(const sd_context *c); // why
// message has a %s for `what`
_Noreturn void sdp_misuse(sd_context *c, const char *message, const char *what);
// fails if it is NULL: "there is no ..."
void sdp_need(sd_context *c, const void *argument, const char *what);
// of options: fields of later versions are not asked for
void sdp_need_known(sd_context *c, const uint64_t *room);
void sdp_need_format(sd_context *c, sd_format format);
void sdp_need_result(sd_context *c, const sd_result *r);
void sdp_need_entry(sd_context *c, const sd_result *r, size_t i);
sd_expr sdp_add_expr(sd_context *c, sdp_surface s);
const sdp_surface *sdp_get_expr(sd_context *c, sd_expr e);
bool sdp_hinted_shape(void *data, const char *name, long *rows, long *cols); // data: the context
sd_result *sdp_derive_expr(sd_context *c, sd_expr e, const sd_request *r);
// outputs.c. What a function computes: all entries of results, or, where there is no
// result, an expression as it was typed.
typedef struct {
    const sd_result *result;
    sdp_id typed;
    const char *subject; // name of the expression, or NULL
} sdp_output_part;
sdp_signature sdp_result_signature(sd_context *c, const sd_result *r, const sd_emit_options *o,
                                   bool factored);
// factored: of an answer that is a Kronecker product with an identity, the other factor.
sdp_signature sdp_signature_of_parts(sd_context *c, size_t n, const sdp_output_part *p,
                                     const sd_emit_options *o, bool factored);
size_t sdp_parts_of(sd_context *c, const sd_result *r, const sd_emit_options *o,
                    sdp_output_part *p); // at most 2
// grad_w, hess_x_y, jac_residual_t: what it is, of which expression if that
// has a name, and by which variables.
const char *sdp_output_name(sd_context *c, const sd_result *r, size_t i, const char *subject);
const char *sdp_core_name(sd_context *c, const sd_result *r, size_t i, const char *subject);
// By output that callers see, which one it is the derivative of: slopes.c. In scratch
const sdp_slope *sdp_slopes(sd_context *c, size_t nparts, const sdp_output_part *p, const sd_emit_options *o,
                            bool factored);
void sdp_put_trees(sd_context *c, const sd_result *r, sdp_text *t); // the tree of each entry, as JSON: tree.c
bool sdp_is_joined(const sd_result *r, const sd_emit_options *o);   // are its blocks one matrix?
void sdp_put_blocks_of(sd_context *c, const sd_result *r, const char *subject,
                       sdp_text *t); // then: where they stand in it
// "m=1000,n=50", in scratch
void sdp_read_sizes(sdp_graph *g, const char *text, uint32_t *n, const uint32_t **atom, const long **value);

#endif
