// SPDX-License-Identifier: MIT
// From what is asked to what is answered: requests, conditions, the form of a textbook.
#ifndef SDP_ANSWER_H
#define SDP_ANSWER_H

#include "ast/surface/surface.h"
#include "diff/diff.h"
#include "simplify/simplify.h"
#include "simplify/zero/zero.h"

// An answer is a node and the way it is shown. Axes of `node`: those of the value first (value_order of
// them), then those of the variable(s); turned: those of the variable(s) first. Orders 0..2 print in matrix
// notation; order 2 is rows x columns as it stands.
typedef struct {
    const char *label;        // "d/dx1", "d2/dx1dx2", "" for a single answer
    const char *row, *column; // variables, "" if none
    sdp_id raw;               // as differentiation leaves it
    sdp_id node;              // what is shown; 0 before sdp_shown
    // what is computed, also where the formula is 0/0 (textbook.c); 0 before sdp_computed
    sdp_id exact;
    // what is printed for people, with variables that are shown as functions
    // that were typed (written.c); 0: node
    sdp_id written;
    uint8_t value_order; // axes that belong to the value differentiated
    bool is_row;         // order 1: a row vector at the surface
    bool turned;         // three axes or more in denominator layout
    sd_expr expr;        // handle of the node for users
    const char *head;    // "dF": printed as "dF = ...", or NULL
    uint32_t nterms;     // shown as the sum of these, in this order; 0: as node
    const sdp_id *term;
} sdp_entry;

struct sd_result {
    sdp_graph *g;
    struct sdp_request *request; // by which the forms of the entries are made; NULL: they are there
    sd_context *context;         // that has the handles of the entries
    sd_what what;                // was asked for
    size_t n;
    sdp_entry *entry;
    sdp_writing *writing; // of the text of what was differentiated, or NULL
    sdp_cut_at cut;       // of what was differentiated
    sd_expr expr;         // what was differentiated
    sdp_id value;         // its node
    uint32_t ntyped;      // what was typed and is not in it
    const sdp_cancelled *typed;
    uint32_t nalso; // conditions of the point of a Taylor polynomial
    const struct sdp_condition *also;
    int order; // how often (0: the value itself)
    uint32_t nwrt;
    const uint32_t *wrt;     // variables
    bool along, cotangent;   // contracted with directions (JVP, HVP) or with a cotangent (VJP)
    bool repeated;           // along: every order is (a directional derivative)
    const sdp_id *direction; // [nwrt], or [1] for VJP
    sd_symmetric convention; // of derivatives by symmetric matrices
    const char *note;        // conventions worth naming in the legend, or NULL
};

// Formulas in the place of primitives that have a value where the formula has none;
// false: there were none. textbook.c
bool sdp_textbook(sdp_graph *g, uint32_t n, sdp_id *node);
// Functions as the input typed them, by variables that are printed so; false:
// there is nothing to write. written.c
enum { SDP_MOST_STANDING = 64 };
typedef struct {
    uint32_t n;
    // shown: what is printed in the place of a variable; meaning: the same, as constructors make it
    sdp_id variable[SDP_MOST_STANDING], shown[SDP_MOST_STANDING], meaning[SDP_MOST_STANDING];
} sdp_written_form;
bool sdp_write_as_typed(sdp_graph *g, sdp_written_form *form, uint32_t n, sdp_id *node);
// s*(1-s): of what is simplified
bool sdp_write_complements(sdp_graph *g, sdp_written_form *form, uint32_t n, sdp_id *node);
// without the variables
sdp_id sdp_written_meaning(sdp_graph *g, const sdp_written_form *form, sdp_id node);
// Has the formula prod(x)./x, or det(x)*inv(x) if it is a matrix that is meant, a value somewhere?
bool sdp_formula_exists(sdp_graph *g, sdp_id x, bool matrix);
// The derivative of log(erfc(x)) of order n+1 from those of orders 1 to n, d[1] to d[n]: Leibniz' rule for
// f'' = -f'^2 - 2 x f'
sdp_id sdp_log_erfc_next(sdp_graph *g, sdp_id x, const sdp_id *d, long n);

// The next name of a list "w, b" in *list, without blanks around it; NULL: there is none.
// Fails where one is empty. request.c
const char *sdp_next_name(sdp_base *b, const char **list);

// The claim that the words of a condition make about their subject, for code that asks for it. SDP_IN_WORDS:
// no claim but the words.
typedef enum {
    SDP_IN_WORDS,
    SDP_NOT_ZERO,
    SDP_INVERTIBLE,
    SDP_DET_POSITIVE,
    SDP_DEFINITE,
    SDP_WITH_POWER
} sdp_claim;

// Where an answer is valid, and where it has kinks. conditions.c
typedef struct sdp_condition {
    bool kink;              // else: needed for a value
    bool each;              // of every entry of arrays
    bool never;             // needed, and excluded by what is declared
    bool decides;           // kink: of a comparison, which side holds is the answer
    sdp_id node;            // the condition; 0: words about the subject, which is called x there
    sdp_id subject, second; // second: what is called y there, or 0
    const char *words;
    sdp_claim claim;   // what the words say
    const char *taken; // kink: what is taken there, NULL: there is no derivative
    uint16_t function; // kink: row of sdp_ops
    sdp_branch branch; // in which it matters; 0: everywhere
} sdp_condition;
// Returns how many. If there are very many, the last one has neither node nor words and stands for the rest.
uint32_t sdp_conditions(sdp_graph *g, const struct sd_result *r, const sdp_condition **out);
bool sdp_holds_by_facts(sdp_graph *g, sdp_id cond);    // false: not known to hold
bool sdp_excluded_by_facts(sdp_graph *g, sdp_id cond); // that x == y; false: not known

// Does the test hold of cond in a branch? Branches in branches, nodes of two branches (0: of any). implied.c
typedef bool sdp_test(sdp_graph *g, sdp_id cond);
bool sdp_branch_implies(sdp_graph *g, sdp_branch branch, sdp_id cond, sdp_test *test);
int sdp_negated_comparison(const sdp_node *n); // the row of >= for x < y; 0: no comparison
sdp_branch sdp_branch_within(sdp_graph *g, sdp_branch outer, sdp_branch inner);
sdp_branch sdp_branch_either(sdp_graph *g, sdp_branch a, sdp_branch b);

// A whole request: what sd_derive returns. derive.c
struct sd_result *sdp_derive(sdp_graph *g, sd_expr expr, sdp_surface f, const sd_request *r);
// The entries with what is shown, simplified for a reader; with what is
// computed. Made by the first call. forms.c
const sdp_entry *sdp_shown(const struct sd_result *r);
// with what is printed in `node`. In scratch, or the entries themselves
const sdp_entry *sdp_written_for_people(const struct sd_result *r);
const sdp_entry *sdp_computed(const struct sd_result *r);
// a copy in scratch that has in `node` what is computed
struct sd_result *sdp_as_computed(const struct sd_result *r);
// Shows the entries, values, in a form that is asked for; variable: to collect by. asked.c
typedef enum { SDP_EXPANDED, SDP_FACTORED, SDP_COLLECTED } sdp_asked;
void sdp_show_as(struct sd_result *r, sdp_asked form, const char *variable);
// grad(f,x), jacobian(f,x), hessian(f,x) as terms
sdp_id sdp_derivative_term(sdp_graph *g, int op, sdp_id f, sdp_id x);

#endif
