// SPDX-License-Identifier: MIT
// The evidence for what undeclared names are: prices of their kinds, with reasons.
#ifndef SDP_HABIT_H
#define SDP_HABIT_H

#include "ast/surface/terms.h"

enum { SDP_SCALAR, SDP_VECTOR, SDP_MATRIX, SDP_KINDS };

// The rows of the table of evidence in habit.c.
enum {
    SDP_BY_CAPITAL,
    SDP_BY_LETTER,
    SDP_BY_NAME,
    SDP_BY_NOTHING,
    SDP_BY_DATA,
    SDP_BY_DEFINITION,
    SDP_BY_USE,
    SDP_BEHIND_MATRIX,
    SDP_IN_VECTOR_PLACE,
    SDP_AS_ENTRY,
    SDP_ADDED_TO_ARRAY,
    SDP_AS_INTERCEPT,
    SDP_AMONG_NUMBERS,
    SDP_AS_MEAN,
    SDP_HAS_SAMPLES,
    SDP_HAS_VECTORS,
    SDP_EVIDENCE_COUNT
};

typedef struct {
    uint32_t var;
    uint16_t price[SDP_KINDS];
    uint8_t given; // 1 + the kind of its data; 0: it has none
    uint32_t why;  // the rows of evidence that made the prices, as bits
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
bool sdp_is_column_letter(const char *name);     // u to z, with or without a number: by habit a column
size_t sdp_stem_length(const char *name);        // without the number behind it
void sdp_stem(const char *name, char stem[256]); // the key of a name without the number behind it
bool sdp_is_number_stem(const char *stem);       // N, lambda, sigma: numbers by their names
void sdp_set_evidence(sdp_unknown *u, uint32_t row);
sdp_unknown *sdp_unknown_of(const sdp_habits *h, const sdp_term *t);
// No data, and no evidence but those rows, as bits? Of NULL false.
static inline bool sdp_is_guess_by(const sdp_unknown *u, uint32_t rows)
{
    return u && !u->given && !(u->why & ~rows);
}
static inline bool sdp_is_sample(const sdp_term *t) { return t->role == SDP_PART && t->nargs == 4; } // x_i

// The kind of a term if all guesses hold. OPEN: a number by its letter, which may as
// well have the shape of an array.
typedef enum { NUMBER, OPEN, COLUMN, ROW, TABLE } sdp_guess;

// role.c
const sdp_guess *sdp_guess_all(const sdp_habits *h); // by term
void sdp_roles_in_sums(sdp_habits *h), sdp_roles_of_means(sdp_habits *h), sdp_roles_of_counts(sdp_habits *h),
    sdp_roles_of_measures(sdp_habits *h);
void sdp_roles_in_numpy(sdp_habits *h); // role_numpy.c
// number.c: capital and other letters that are numbers, by what stands around them
void sdp_roles_of_numbers(sdp_habits *h);
bool sdp_is_about_numbers(const sdp_habits *h);
bool sdp_could_be_numbers(const sdp_terms *w);

void sdp_keep_evidence(const sdp_habits *h); // for explain.c
// doubt.c: refuses or notes what was chosen where a person could mean something else
void sdp_doubt(sdp_habits *h);
void sdp_doubt_numpy(const sdp_habits *h); // numbers that a sum repeats
// size_name.c: names the sizes of n variables and of all terms that have none
void sdp_name_sizes(sdp_terms *w, uint32_t n, const sdp_unknown *u);

#endif
