// SPDX-License-Identifier: MIT
// Answers as text: what is printed through the tables of a language (language/language.h).
#ifndef SDP_PRINT_H
#define SDP_PRINT_H

#include "codegen/raise/notation.h"
#include "language/language.h"

// Prints all entries, "label: text" a line each if there are several, shared names after "  where ".
void sdp_print(sdp_graph *g, const struct sd_result *r, sd_format format, unsigned flags, sdp_text *out);
void sdp_put_json_string(sdp_text *out, const char *s, size_t n); // in quotes: json.c
// "dvec(F)/dvec(X) = kron(B',A)" for a derivative with three or four axes; false
// if it has no such form. vec_form.c
bool sdp_print_vec_form(sdp_graph *g, const sdp_entry *e, sd_format format, sdp_text *out);
// "lambda" of λ and of lambda, as LaTeX's command has it; NULL: no such letter. leaf.c
const char *sdp_tex_greek(const char *s, size_t n);
struct sdp_condition;
// one, without words around it
void sdp_print_condition(sdp_graph *g, const struct sdp_condition *c, bool unicode, sdp_text *out);
// Conditions of an answer, a line each behind the prefix; "valid everywhere" if
// there are none. print/conditions.c
void sdp_print_conditions(sdp_graph *g, const struct sd_result *r, const char *prefix, bool unicode,
                          sdp_text *out);

// The policy for naming shared parts: name nothing, name parts of long answers, or name whatever would be
// computed twice.
typedef enum { SDP_SHARE_NOTHING, SDP_SHARE_LONG, SDP_SHARE_WORK } sdp_sharing;

// Names given to shared nodes: name[rid], NULL if it is written out.
typedef struct {
    const char **name;
    uint32_t count;
} sdp_names;
void sdp_print_raised(sdp_raiser *r, const sdp_notation *t, const sdp_names *names, sdp_rid root,
                      sdp_text *out);
// The same for the definition of a named node: its own name is not used at the top.
void sdp_print_definition(sdp_raiser *r, const sdp_notation *t, const sdp_names *names, sdp_rid root,
                          sdp_text *out);
// Chooses what to name; list: the named nodes in order of use. print/where.c
void sdp_choose_names(sdp_raiser *r, const sdp_notation *t, sdp_sharing share, uint32_t n,
                      const sdp_rid *root, sdp_names *names, sdp_rlist *list);

// what the language calls a variable or size
const char *sdp_code_name(sdp_graph *g, const sdp_notation *t, const char *name);
bool sdp_has_tex_subscript(const char *name); // x1 is x_{1}
// A node as text: a raiser that lives longer raises what many nodes share once. print.c
void sdp_put_node(sdp_raiser *r, sdp_id id, bool is_row, sdp_text *out);
// The vec form of an entry. vec_form.c
bool sdp_put_vec_form(sdp_raiser *r, const sdp_entry *e, sd_format format, sdp_text *out);
// The graph as a program of einsum calls in a flat language. print/einsum.c
void sdp_print_program(sdp_graph *g, size_t n, const sdp_entry *entry, const char *const *left,
                       const sdp_notation *t, sdp_text *out);
// Answers as a function of a language of code. function.c
typedef struct {
    const char *name; // NULL: by what it returns
    bool value;       // the value of `primal` is the first result
    sdp_id primal;
    bool primal_is_row;
    bool named; // what is repeated has a name
} sdp_function_request;
void sdp_print_as_function(sdp_graph *g, const struct sd_result *r, const sdp_function_request *q,
                           sd_format format, unsigned flags, sdp_text *out);
void sdp_print_function(sdp_raiser *raiser, const struct sd_result *r, const sdp_function_request *q,
                        const sdp_notation *t, sdp_text *out);
// Left sides. print/head.c
const char *sdp_answer_name(const sdp_graph *g); // F, or what is no variable
int sdp_value_axes(const sdp_graph *g, const sdp_entry *e);
// dF[i,j]/dX[k,l]
const char *sdp_equation_head(sdp_raiser *r, const sdp_entry *e, const char *const *letter, bool tex);
// Returns the names that several answers are assigned to in code, e.g. grad_x1, jac_x1, hess_x1_x2; in LaTeX
// their left sides. Returns NULL if there is only one answer.
const char *const *sdp_left_sides(sdp_raiser *raiser, const struct sd_result *r, const sdp_notation *t);
// The same of one answer, too; value: the value comes first.
const char *const *sdp_result_names(const struct sd_result *r, bool value, const sdp_notation *t);
const char *sdp_function_word(const struct sd_result *r);                 // "gradient"
const char *sdp_kind_word(const struct sd_result *r, const sdp_entry *e); // "gradient"
void sdp_print_dot(sdp_graph *g, const struct sd_result *r, sdp_text *out);
void sdp_print_json(sdp_graph *g, const struct sd_result *r, bool conditions, sdp_text *out);
// theta for θ, u and the code point for other letters
const char *sdp_ascii_name(sdp_base *b, const char *text);

// ---- answers (answer.c) -----------------------------------------------------------------------------------
// left: names that the answers are assigned to, or NULL
void sdp_print_answer(sdp_raiser *r, size_t n, const sdp_entry *entry, const char *const *left,
                      const sdp_notation *t, sdp_sharing share, sdp_text *out);
// one entry, nothing named; text, unicode, latex
void sdp_print_plain(sdp_graph *g, const sdp_entry *e, sd_format format, sdp_text *out);

#endif
