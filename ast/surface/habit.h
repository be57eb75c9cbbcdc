// SPDX-License-Identifier: MIT
// The evidence for what undeclared names are: prices of their kinds, with reasons.
#ifndef SDP_HABIT_H
#define SDP_HABIT_H

#include "ast/surface/terms.h"

enum { SDP_SCALAR, SDP_VECTOR, SDP_MATRIX, SDP_KINDS };

// The rows of the table of evidence in habit.c.
enum {
    SDP_BY_CAPITAL, SDP_BY_LETTER, SDP_BY_NAME, SDP_BY_NOTHING, SDP_BY_DATA, SDP_BY_USE, SDP_BEHIND_MATRIX, SDP_IN_VECTOR_PLACE,
    SDP_AS_ENTRY, SDP_ADDED_TO_ARRAY, SDP_AS_INTERCEPT, SDP_AMONG_NUMBERS, SDP_HAS_SAMPLES, SDP_HAS_VECTORS, SDP_EVIDENCE_COUNT
};

typedef struct {
    uint32_t var;
    uint16_t price[SDP_KINDS];
    uint8_t given;  // 1 + the kind of its data; 0: it has none
    uint32_t why;   // the rows of evidence that made the prices, as bits
} sdp_unknown;

typedef struct {
    sdp_terms *w;
    sdp_unknown *u;
    uint32_t n;
    uint32_t *of_var; // index in u + 1, by variable
} sdp_habits;

// vectors: something in the text says that there are vectors or matrices
void sdp_evidence(sdp_habits *h, bool vectors);
const char *sdp_evidence_text(uint32_t row);
bool sdp_speaks_of_vectors(const sdp_graph *g, const sdp_term *t);
bool sdp_is_matrix_name(const char *name);
size_t sdp_stem_length(const char *name); // without the number behind it

void sdp_keep_evidence(const sdp_habits *h); // for explain.c
// doubt.c: refuses or notes what was chosen where a person could mean something else
void sdp_doubt(sdp_habits *h);

#endif
