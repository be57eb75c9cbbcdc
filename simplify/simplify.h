// SPDX-License-Identifier: MIT
// Graph to simpler graph, for two goals: what a textbook prints, and what costs least.
#ifndef SDP_SIMPLIFY_H
#define SDP_SIMPLIFY_H

#include "diff/diff.h"

// The shortest conventional form: common factors pulled out, like branches merged. Near-linear; deterministic.
sdp_id sdp_simplify(sdp_graph *g, sdp_id a);
void sdp_simplify_all(sdp_graph *g, uint32_t n, sdp_id *node); // n nodes in place, in one walk
bool sdp_is_readable(sdp_graph *g, uint32_t n, const sdp_id *node); // are n nodes few enough for somebody to read them?
void sdp_simplify_computed(sdp_graph *g, uint32_t n, sdp_id *node); // the same for what is computed, not read

// How many tokens a node prints, roughly, each use written out; saturates. tokens.c
typedef struct {
    sdp_graph *g;
    uint32_t *of, cap; // the tables are to be released
    sdp_id *collected[2]; // what became of a sum, and of one in parentheses; 0: not yet collected
    uint32_t collected_cap[2];
    bool computed;     // what is to be computed, not read: terms share vectors, too, (X-ones(m)*m')'*diag(s)*X
} sdp_tokens;
void sdp_tokens_release(sdp_tokens *t);
uint32_t sdp_tokens_of(sdp_tokens *t, sdp_id id);       // of a node with few levels above known ones
uint32_t sdp_tokens_known(const sdp_tokens *t, sdp_id id); // without a look at the node
bool sdp_repeats(const sdp_graph *g, const sdp_node *n);       // a product such as ones(m)*x'
uint32_t sdp_diagonals(const sdp_graph *g, const sdp_node *n); // how many of its vectors are printed as diag(x)
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
typedef struct { sdp_graph *g; sdp_num coef[SDP_BAG_TERMS]; sdp_id node[SDP_BAG_TERMS]; uint32_t n; bool full; } sdp_bag_of_terms;
void sdp_bag_add(sdp_bag_of_terms *b, sdp_num coef, sdp_id node);
sdp_id sdp_bag_total(sdp_bag_of_terms *b, sdp_id otherwise);
bool sdp_is_product(const sdp_node *n);
bool sdp_is_quadratic_form(const sdp_graph *g, const sdp_node *product); // x'*H*x with a sum H

// Is a graph zero? By exact values at random points over a finite field. equal.c
typedef enum { SDP_FIELD_EQUAL, SDP_FIELD_DIFFERENT, SDP_FIELD_UNDECIDED } sdp_verdict;
typedef struct {
    sdp_verdict verdict;
    uint32_t points;
    long *smallest, *largest;   // sizes that were used, by atom, 0: none; in scratch
} sdp_field_report;
void sdp_field_zero(sdp_graph *g, sdp_id id, uint64_t work, sdp_field_report *r); // work: multiply-adds at most
bool sdp_indices_fit(sdp_graph *g, uint32_t n, const sdp_id *id, const long *size); // is no index of a graph beyond these sizes?
bool sdp_vanishes(sdp_graph *g, sdp_id id); // is it 0 at random points, and so everywhere?
void sdp_guard(sdp_graph *g, sdp_id before, sdp_id after); // fails with SD_ERR_INTERNAL if a value has changed

// Formulas in the place of primitives that have a value where the formula has none; false: there were none. textbook.c
bool sdp_textbook(sdp_graph *g, uint32_t n, sdp_id *node);
// Has the formula prod(x)./x, or det(x)*inv(x) if it is a matrix that is meant, a value somewhere?
bool sdp_formula_exists(sdp_graph *g, sdp_id x, bool matrix);

// Where an answer is valid, and where it has kinks. conditions.c
typedef struct sdp_condition {
    bool kink;              // else: needed for a value
    bool each;              // of every entry of arrays
    bool never;             // needed, and excluded by what is declared
    bool decides;           // kink: of a comparison, which side holds is the answer
    sdp_id node;            // the condition; 0: words about the subject, which is called x there
    sdp_id subject;
    const char *words;
    const char *taken;      // kink: what is taken there, NULL: there is no derivative
    uint16_t function;      // kink: row of sdp_ops
    sdp_id branch;          // 0, or 4 * condition + argument of the `where` in whose branch it matters
} sdp_condition;
// Returns how many. If there are very many, the last one has neither node nor words and stands for the rest.
uint32_t sdp_conditions(sdp_graph *g, const struct sd_result *r, const sdp_condition **out);

// A branch is a condition * 4 + argument of its `where`. Does the test hold of cond in it? Branches in branches, nodes of two
// branches (0: of any). implied.c
typedef bool sdp_test(sdp_graph *g, sdp_id cond);
bool sdp_branch_implies(sdp_graph *g, sdp_id branch, sdp_id cond, sdp_test *test);
int sdp_negated_comparison(const sdp_node *n); // the row of >= for x < y; 0: no comparison
sdp_id sdp_branch_within(sdp_graph *g, sdp_id outer, sdp_id inner);
sdp_id sdp_branch_either(sdp_graph *g, sdp_id a, sdp_id b);

// A whole request, simplified: what sd_derive returns. request.c
struct sd_result *sdp_derive(sdp_graph *g, sd_expr expr, sdp_surface f, const sd_request *r);
sdp_id sdp_derivative_term(sdp_graph *g, int op, sdp_id f, sdp_id x); // grad(f,x), jacobian(f,x), hessian(f,x) as terms

#endif
