// SPDX-License-Identifier: MIT
// A product on its way to canonical form, and the steps that bring it there. mul.c runs them in turn until
// none changes anything; each file holds one kind of step.
#ifndef SDP_MUL_H
#define SDP_MUL_H

#include "ast/make/inside.h"

enum { LABELS = 255 };

typedef struct {
    sdp_id node, exponent; // exponent: node id of the power (NUM 1 at first)
    uint8_t label[SDP_MAX_ORDER];
} mul_factor;

// A union-find: an identity in the product unifies two labels.
typedef struct {
    uint32_t n;
    uint8_t parent[LABELS + 1];
    sdp_dim dim[LABELS + 1];
    // summed out: no longer an index of this product. A label that is neither dead, nor in the output, nor in
    // a factor counts as its dimension (mul.c).
    bool dead[LABELS + 1];
} mul_labels;

typedef struct {
    sdp_graph *g;
    sdp_num coef;
    mul_factor *f;
    uint32_t n, cap;
    mul_labels label;
    int order;
    uint8_t out[SDP_MAX_ORDER]; // the labels of the axes of the product
    bool again;                 // a step has changed something
} mul_work;

static inline int sdp_order(const sdp_graph *g, sdp_id id) { return g->node[id]->order; }
extern const uint8_t sdp_no_labels[1];

// mul.c
sdp_id sdp_mul_finish(mul_work *w);
uint8_t sdp_mul_root(mul_work *w, uint8_t l);
uint8_t sdp_mul_new_label(mul_work *w, sdp_dim d);
void sdp_mul_unify(mul_work *w, uint8_t a, uint8_t b);
void sdp_mul_push(mul_work *w, sdp_id node, sdp_id exponent, const uint8_t *label); // splits powers
bool sdp_mul_in_output(const mul_work *w, uint8_t l);
uint32_t sdp_mul_uses(const mul_work *w, uint8_t l);
void sdp_mul_drop(mul_work *w, uint32_t i);
bool sdp_mul_splice_whole(const mul_work *w, const sdp_node *m, uint32_t others);

// The steps, in the order in which mul.c lists them. Those that return a bool say whether something changed,
// the others set `again`.
typedef bool sdp_mul_step(mul_work *w);
typedef void sdp_mul_late_step(mul_work *w);
sdp_mul_step sdp_mul_flip;                                                                 // mul_flip.c
sdp_mul_step sdp_mul_select;                                                               // mul_select.c
sdp_mul_late_step sdp_mul_take_diagonals, sdp_mul_fix_entries;                             // mul_select.c
sdp_mul_step sdp_mul_merge;                                                                // mul_merge.c
sdp_mul_late_step sdp_mul_raise_powers;                                                    // mul_merge.c
sdp_mul_step sdp_mul_cancel_inverses;                                                      // mul_network.c
sdp_mul_late_step sdp_mul_merge_branches, sdp_mul_merge_bridges, sdp_mul_close_components; // mul_network.c
sdp_mul_step sdp_mul_add_exponents;                                                        // matrix_power.c
sdp_mul_step sdp_mul_structure;                                                            // mul_structure.c
sdp_mul_late_step sdp_mul_step_into_where, sdp_mul_absorb_into_where;                      // mul_branch.c
// mul_pieces.c: a slice of a concatenation: the finished node, or 0
sdp_id sdp_mul_select_pieces(mul_work *w);
// matrix_power.c: X*X*X, a product, as powm(X,3), else 0
sdp_id sdp_chain_as_power(sdp_graph *g, const sdp_node *m);
// mul_order.c has sdp_mul_raw (graph.h)

#endif
