// SPDX-License-Identifier: MIT
// Inside hand.c, side.c and word.c: the state of the pass from what a hand writes to the language.
#ifndef SDP_HAND_H
#define SDP_HAND_H

#include <string.h>

#include "ast/surface/terms.h"

enum { NOTHING = UINT32_MAX, SDP_WORD_PARTS = 3 };

typedef struct {
    sdp_terms *w;
    sdp_graph *g;
    const sdp_tree *in;
    sdp_tree *out;
    uint32_t *parent; // by node of `in`: + 1, 0 is none
    // by node of `in`: what it became in `out`; of a word, its last letter and those before it
    sdp_syn *map, *head;
    sdp_syn *rest;         // of a "side" that is a right operand: what follows its first piece
    bool *used, *raw;      // raw: no expression, names stay as they are
    bool *function;        // a piece of a "side" that takes the next as its argument
    bool matrices;         // the text speaks of matrices
    bool *nabla;           // a ∇_x a of a "side" that takes all that follows
    struct sdp_word *word; // the names of the text
    uint32_t nwords, word_cap, *slot, slots;
} hand;

sdp_syn sdp_hand_node(hand *h, const sdp_syntax *like, uint32_t nargs, const sdp_syn *arg);
sdp_syn sdp_hand_call(hand *h, const char *text, sdp_span op, sdp_span span, uint32_t nargs,
                      const sdp_syn *arg);
sdp_syn sdp_hand_times(hand *h, sdp_syn a, sdp_syn b);
sdp_syn sdp_hand_whole(hand *h, sdp_syn i);     // all of what node i became
sdp_span sdp_hand_outer(const sdp_syntax *s);   // with its parentheses
const char *sdp_hand_cut(hand *h, sdp_span at); // the text there
_Noreturn void sdp_hand_fail(hand *h, sdp_span at, const char *hint, const char *message);
static inline bool is_call(const sdp_syntax *s, const char *text)
{
    return s->kind == SYN_CALL && !strcmp(s->text, text);
}
bool sdp_hand_is_infix(const sdp_syntax *s); // a product or quotient with its sign between the operands
bool sdp_hand_is_quotient(const sdp_syntax *s);

// side.c
void sdp_hand_side(hand *h, sdp_syn i);                 // a "side": operands side by side
sdp_syn sdp_hand_function_of(const hand *h, sdp_syn i); // the NAME of sin and of sin^2 in `sin^2 x`
bool sdp_hand_is_delimited(const sdp_syntax *s);        // (x), |x|, f(x): nothing behind belongs to it

// word.c
void sdp_hand_statements(hand *h);
void sdp_hand_names(hand *h);                         // what the text says about its names
bool sdp_hand_is_function(hand *h, const char *name); // of the table, and nothing else
bool sdp_hand_is_defined(hand *h, const char *name);
void sdp_hand_word(hand *h, sdp_syn i); // a NAME: itself, a product of letters, an identity
void sdp_hand_note(hand *h);
bool sdp_hand_is_function_of_text(hand *h, const char *name); // defined with a parameter
bool sdp_hand_is_declared_function(hand *h, const char *name);
bool sdp_hand_is_variable(hand *h, const char *text); // known, or a name by itself
bool sdp_hand_is_known(hand *h, const char *text);    // declared, defined, with data or asked for
bool sdp_hand_is_word(hand *h, const char *text);     // more letters than one, and perhaps a product
bool sdp_hand_is_bare(hand *h, const char *text);     // stands in the text by itself
bool sdp_hand_is_glued(hand *h, const char *name);    // a word that is a product
// bound by a sum, by a left side or as a parameter
bool sdp_hand_is_index(hand *h, const char *text);
uint32_t sdp_hand_parts(hand *h, const char *text, const char *part[SDP_WORD_PARTS]);
bool sdp_hand_keep(hand *h, const char *text);
void sdp_hand_cut_word(hand *h, const char *text, const char *end);

// is argument k of s the k(1-p) of p^k(1-p)?
bool sdp_hand_ends_exponent(hand *h, const sdp_syntax *s, uint32_t k);

// special.c: a call with a meaning of its own, λ (x+y), 1'; false: it has none
bool sdp_hand_special(hand *h, sdp_syn i);

// identity.c
bool sdp_hand_speaks_of_matrices(const hand *h);
// a name of the new tree, or the identity that it stands for
sdp_syn sdp_hand_name(hand *h, sdp_syn i, const char *text, sdp_span span);

// expectation.c
bool sdp_hand_expectation(hand *h, sdp_syn i);

// slip.c
void sdp_hand_beside(hand *h), sdp_hand_refuse_images(hand *h);
bool sdp_hand_takes_entries(const char *name);        // a function of each entry: sin, sqrt
bool sdp_hand_is_entry(hand *h, const char *name);    // the y_i of y_i(w'x_i)
bool sdp_hand_is_quadratic(const hand *h, sdp_syn i); // (u)'W(u)
bool sdp_hand_call_of_brackets(hand *h, sdp_syn i);   // Log[x], [y-x]^2
void sdp_hand_refuse_free_index(hand *h, sdp_syn i);  // h_{t-1}, where nothing binds t

// exponent.c, mistaken.c: refusals of what is read as it was hardly meant
void sdp_hand_exponents(hand *h), sdp_hand_mistaken(hand *h);

// prime.c
bool sdp_hand_is_function_letter(char c);                  // f, g, ...: by habit a function
sdp_syn sdp_hand_primes(hand *h, sdp_syn i, sdp_syn next); // f' (x): the call of a derivative; NOTHING
void sdp_hand_drop_primes(hand *h, sdp_syn i, sdp_syn next);
void sdp_hand_refuse_primes(hand *h, sdp_syn i);
bool sdp_hand_attention(hand *h, sdp_syn i);

#endif
