// SPDX-License-Identifier: MIT
// The interface of a compiled function, independent of its graph: the names, axes and sizes of inputs and
// outputs. It is a single block of malloc.
#ifndef SDP_INTERFACE_H
#define SDP_INTERFACE_H

#include "runtime/data/sizes.h"
#include "runtime/jit/jit.h"

typedef struct {
    sd_argument shown;
    sdp_size axis[SD_MAX_ORDER]; // atoms are numbered as `size` of the interface
} sdp_argument;

typedef struct {
    uint32_t ninputs, noutputs, ncallbacks;
    uint32_t nsizes, ndims;  // all sizes, and those of them that are arguments
    const long *fixed;       // by size: the number that stands in the code, 0: an argument
    const char *const *size; // names
    const char *const *dim;  // of the arguments, in the same order
    const char *const *callback;
    const sdp_argument *input, *output;
} sdp_interface;

// free() it; fails without memory
sdp_interface *sdp_interface_new(sdp_graph *g, const sdp_signature *s, const sdp_emit_request *q);

#endif
