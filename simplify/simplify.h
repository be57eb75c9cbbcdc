// SPDX-License-Identifier: MIT
// Graph to simpler graph, for two goals: what a textbook prints, and what costs least.
#ifndef SDP_SIMPLIFY_H
#define SDP_SIMPLIFY_H

#include "ast/make/make.h"

// The shortest conventional form: common factors pulled out, like branches
// merged. Near-linear; deterministic.
sdp_id sdp_simplify(sdp_graph *g, sdp_id a);
void sdp_simplify_all(sdp_graph *g, uint32_t n, sdp_id *node); // n nodes in place, in one walk
// are n nodes few enough for somebody to read them?
bool sdp_is_readable(sdp_graph *g, uint32_t n, const sdp_id *node);
void sdp_simplify_computed(sdp_graph *g, uint32_t n, sdp_id *node); // the same for what is computed, not read

// How many tokens a node prints, roughly, each use written out; saturates. tokens.c
typedef struct {
    sdp_graph *g;
    sdp_sparse of;           // the tables are to be released
    sdp_sparse collected[2]; // what became of a sum, and of one in parentheses
    // what is to be computed, not read: terms share vectors, too, (X-ones(m)*m')'*diag(s)*X
    bool computed;
} sdp_tokens;
void sdp_tokens_release(sdp_tokens *t);
uint32_t sdp_tokens_of(sdp_tokens *t, sdp_id id);          // of a node with few levels above known ones
uint32_t sdp_tokens_known(const sdp_tokens *t, sdp_id id); // without a look at the node
bool sdp_repeats(const sdp_graph *g, const sdp_node *n);   // a product such as ones(m)*x'
// how many of its vectors are printed as diag(x)
uint32_t sdp_diagonals(const sdp_graph *g, const sdp_node *n);
// A sum with shared factors pulled out; inside: the parentheses stand anyway. collect.c
sdp_id sdp_collect(sdp_tokens *size, sdp_id sum, bool inside);

// Other forms of a sum or product; the same id if there is none. expand.c
sdp_id sdp_expand(sdp_graph *g, sdp_id sum);
sdp_id sdp_common_denominator(sdp_graph *g, sdp_id sum);
sdp_id sdp_unite_terms(sdp_graph *g, sdp_id sum);
sdp_id sdp_refold(sdp_graph *g, sdp_id sum);
sdp_id sdp_multiply_out(sdp_graph *g, sdp_id product);
// a*(b+c) as a list: a*b, a*c. How many; 0 if it is no such product, or has more terms than `most`.
uint32_t sdp_product_terms(sdp_graph *g, sdp_id product, uint32_t most, sdp_num *coef, sdp_id *term);
// rational.c
sdp_id sdp_multiply_out_all(sdp_graph *g, sdp_id id);
sdp_id sdp_over_denominator(sdp_graph *g, sdp_id sum);
sdp_id sdp_over_denominator_out(sdp_graph *g, sdp_id sum); // the numerator multiplied out
sdp_id sdp_over_joined_denominator(sdp_graph *g, sdp_id sum);
sdp_id sdp_clear_denominators(sdp_graph *g, sdp_id product);
sdp_id sdp_clear_denominators_out(sdp_graph *g, sdp_id product);
sdp_id sdp_join_powers(sdp_graph *g, sdp_id product);
sdp_id sdp_lowest_power(sdp_graph *g, sdp_id sum);
sdp_id sdp_highest_power(sdp_graph *g, sdp_id sum); // of arrays, below the line, and powers such as x^x

// Terms of a sum to be; full: there were more, and the sum is given up.
enum { SDP_BAG_TERMS = 24 };
typedef struct {
    sdp_graph *g;
    sdp_num coef[SDP_BAG_TERMS];
    sdp_id node[SDP_BAG_TERMS];
    uint32_t n;
    bool full;
} sdp_term_list;
void sdp_bag_add(sdp_term_list *b, sdp_num coef, sdp_id node);
sdp_id sdp_bag_total(sdp_term_list *b, sdp_id otherwise);
bool sdp_is_product(const sdp_node *n);
bool sdp_is_quadratic_form(const sdp_graph *g, const sdp_node *product); // x'*H*x with a sum H

#endif
