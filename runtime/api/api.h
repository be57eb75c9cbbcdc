// SPDX-License-Identifier: MIT
// Between the files of the public interface: the trap around every public function, and the handles of a context.
#ifndef SDP_API_H
#define SDP_API_H

#include "runtime/data/runtime.h"

// Runs `work` (a block or statement) under a trap; `status` tells how it went.
#define GUARD(c, status, work)                   \
    do {                                         \
        sdp_base *guard_base = &(c)->g->base;    \
        sdp_trap guard_trap;                     \
        sdp_start_call(c);                       \
        if (SDP_TRY(guard_base, guard_trap)) {   \
            work;                                \
            SDP_END(guard_base, guard_trap);     \
            status = SD_OK;                      \
        } else                                   \
            status = guard_base->error.code;     \
    } while (0)

void sdp_start_call(sd_context *c); // clears what the last call left
sd_expr sdp_add_expr(sd_context *c, sdp_surface s);
const sdp_surface *sdp_get_expr(sd_context *c, sd_expr e);
bool sdp_hinted_shape(void *data, const char *name, long *rows, long *cols); // data: the context
sd_result *sdp_derive_expr(sd_context *c, sd_expr e, const sd_request *r);
sdp_signature sdp_result_signature(sd_context *c, const sd_result *r, const sd_emit_options *o, bool factored);
void sdp_read_sizes(sdp_graph *g, const char *text, uint32_t *n, const uint32_t **atom, const long **value); // "m=1000,n=50", in scratch

#endif
