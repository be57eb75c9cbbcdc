// SPDX-License-Identifier: MIT
// A derivation told step by step: names, local derivatives, the chain, the answer; every line checked.
//
// Reading order: parts.c (where the expression is cut), chain.c (local derivatives, adjoints and tangents of
// the parts: the functions of diff/, applied piecewise), check.c (each line against its left side), rule.c
// (why a line holds), spell.c (nodes and symbols as text), reverse.c and forward.c (the lines of each order),
// steps.c (the whole), document.c (a document as text, Markdown, LaTeX, HTML). values.c has numbers for the
// parts, graph.c draws them.
//
// Nothing here differentiates: a line shows a node that diff/ made. The answer is the node of sdp_derive(),
// and the composition of the lines is held against it.
#ifndef SDP_TELL_H
#define SDP_TELL_H

#include "codegen/print/print.h"
#include "runtime/check/check.h"

// ---- a document: what every format writes -----------------------------------------------------------------
typedef struct {
    const char *label;  // left of the first "=", or NULL: a sentence
    const char *middle; // between two "=", or NULL
    const char *formula;
    const char *shape, *reason; // or NULL
    bool math;                  // without a label: the formula is one, not a sentence
} sdp_line;

typedef struct {
    const char *heading;
    const char *about; // behind the heading, or NULL
    sdp_line *line;
    uint32_t n, cap;
} sdp_block;

typedef struct {
    sdp_base *b;
    const char *title;
    sdp_block *block;
    uint32_t n, cap;
} sdp_document;

sdp_block *sdp_add_block(sdp_document *d, const char *heading, const char *about); // valid until the next one
void sdp_add_line(sdp_document *d, sdp_line l);                                    // to the last block
const char *sdp_tex_words(sdp_base *b, const char *s); // a text as LaTeX sets it, $\alpha$ for α; in scratch
// forgets the errors of questions that had no answer
char *sdp_write_document(const sdp_document *d, sd_document format);

// ---- the parts of an expression ---------------------------------------------------------------------------
// A part or a variable of differentiation: something that has a name in the derivation.
typedef struct {
    const char *label;
    sdp_shape shape;
    sdp_id node;    // in variables and earlier parts; 0: a variable of differentiation
    sdp_id var;     // stands for it
    sdp_id full;    // with all parts put back
    bool moves;     // depends on a variable of differentiation
    uint8_t tested; // its rules, by check.c; 0: not yet
} sdp_item;

// Numbers of items: 0..n-1 are parts, arguments before users, the expression itself last; then the variables.
typedef struct {
    sd_context *c;
    sdp_graph *g;
    const sd_request *r;
    const sd_steps_options *o;
    sd_expr expr;
    sdp_surface f;
    uint32_t n, nwrt, total, cap;
    sdp_item *item; // [total], n + nwrt of them once all are known
    bool *uses;     // [n * items]
    struct sd_result *answer;
    sdp_document doc;
    unsigned exact, numeric, agreed, open; // lines, by how they were checked; open: no point has a value
} sdp_story;

static inline uint32_t sdp_items(const sdp_story *s) { return s->n + s->nwrt; }
static inline const sdp_item *sdp_root(const sdp_story *s) { return &s->item[s->n - 1]; }

void sdp_cut(sdp_story *s); // fills item[]. parts.c
const char *sdp_fresh_label(sdp_story *s, const char *stem, unsigned *k);
sdp_id sdp_put_back(sdp_story *s, sdp_id id); // every part in the place of its variable

// ---- derivatives of parts (chain.c) -----------------------------------------------------------------------
// comparisons, step, floor: constant between jumps, so that no derivative passes
bool sdp_is_flat(const sdp_node *n);
void sdp_find_uses(sdp_story *s);
bool sdp_uses(const sdp_story *s, uint32_t i, uint32_t k); // has part i a derivative by item k that is not 0?
// Functions that are parts by their names: exp(v3) becomes v4; and back, but for arguments of `part`.
sdp_id sdp_named(sdp_story *s, sdp_id id);
sdp_id sdp_unnamed(sdp_story *s, sdp_id id, uint32_t part);
// d part i / d item k: axes of the part, then of the item
sdp_id sdp_local(sdp_story *s, uint32_t i, uint32_t k);
sdp_id sdp_local_in_arguments(sdp_story *s, uint32_t i, uint32_t k); // before functions are named
// Adjoints of all items by items that use them: out[k] = d root / d item k, in the variables of parts. If
// `symbol` is not NULL, the adjoint of part i enters as the variable symbol[i].
void sdp_adjoints(sdp_story *s, const sdp_id *symbol, sdp_id *out);
// sum over the last `inner` axes, the first ones of tangent
sdp_id sdp_after(sdp_story *s, sdp_id jacobian, int inner, sdp_id tangent);
// of part i along directions of the items, 0: none
sdp_id sdp_tangent(sdp_story *s, uint32_t i, const sdp_id *direction);
// Returns the part of a derivative d by `var` that does not depend on the way it was taken. Without a
// convention, the derivative by a symmetric X is known along symmetric directions only: X may have become X'
// on the way.
sdp_id sdp_told(sdp_story *s, sdp_id d, sdp_id var);
sdp_dim sdp_entries(sdp_graph *g, sdp_id id); // how many a node has
// multiplications, products in a good order
sdp_dim sdp_cost(sdp_graph *g, sdp_id id);

// ---- checks (check.c): a line that fails them is SD_ERR_INTERNAL ------------------------------------------
void sdp_check_same(sdp_story *s, const char *label, sdp_id left, sdp_id right);
// Left and right are the same, and the rules inside part i, or inside the parts that use item k, hold.
void sdp_check_by_part(sdp_story *s, const char *label, uint32_t i, sdp_id left, sdp_id right);
void sdp_check_by_users(sdp_story *s, const char *label, uint32_t k, sdp_id left, sdp_id right);
void sdp_check_local(sdp_story *s, const char *label, uint32_t i, uint32_t k, sdp_id jacobian);

// ---- words (rule.c, spell.c) ------------------------------------------------------------------------------
// the rules of the nodes between the node and the variables; NULL: it is affine in them
const char *sdp_rules_between(sdp_story *s, sdp_id node, uint32_t nvar, const sdp_id *var);
const char *sdp_rule_of(sdp_story *s, uint32_t i, uint32_t k); // why sdp_local(s, i, k) is what it is
const char *sdp_spell(sdp_story *s, sdp_id id, bool is_row);
const char *sdp_spell_size(sdp_story *s, sdp_shape of, sdp_shape by); // "m×n" of a derivative
const char *sdp_spell_entry(sdp_story *s, const sdp_entry *e);        // without its label
const char *sdp_spell_shape(sdp_story *s, sdp_shape shape);
const char *sdp_spell_ratio(sdp_story *s, uint32_t i, uint32_t k);                    // dv2/dv1
const char *sdp_spell_jacobian(sdp_story *s, const sdp_item *of, const sdp_item *by); // J_f(v1): d f / d v1
const char *sdp_spell_times(const sdp_story *s);
bool sdp_in_tex(const sdp_story *s);

// ---- numbers (values.c) -----------------------------------------------------------------------------------
const char *sdp_value_text(sdp_story *s, sdp_id node, sdp_shape shape, bool tex); // at o->data
void sdp_tell_values(sdp_story *s);

// Reads what is asked, and cuts the expression into parts. steps.c
void sdp_begin_story(sdp_story *s, sd_expr e);
// o, or those of NULL; fails where they have what is not known
const sd_steps_options *sdp_known_options(sd_context *c, const sd_steps_options *o);

// ---- the lines of each order ------------------------------------------------------------------------------
void sdp_tell_local(sdp_story *s); // local derivatives as matrices
void sdp_tell_reverse(sdp_story *s);
void sdp_tell_forward(sdp_story *s);
void sdp_tell_differential(sdp_story *s);
void sdp_tell_second(sdp_story *s); // the Hessian, behind the first derivative
// are all items numbers or vectors, so that local derivatives are matrices?
bool sdp_is_chain(const sdp_story *s);

#endif
