// SPDX-License-Identifier: MIT
// Prints one answer as text: raises its entries, chooses the parts to name, and prints them through the table
// of the language.
//
// An entry without matrix notation (order above 2, or a network that does not reduce) is an equation
// between entries: dF[i,j]/dX[k,l] = A[i,k]*B[l,j]; NumPy and its relatives get einsum calls instead, and
// languages that have none refuse.
#include <string.h>

#include "codegen/print/print.h"

typedef struct {
    sdp_rid *body;
    const char **head;
} raised_answer;

static sdp_rid matrix_form(sdp_raiser *r, const sdp_entry *e)
{
    sdp_rid t = r->of[e->node];
    if (!t || t == SDP_UNRAISED) return SDP_UNRAISED;
    return e->is_row && sdp_r(r, t)->form == SDP_COLUMN ? sdp_r_transpose(r, t) : t;
}

// The sum of the terms of an entry in their order, the signs as they come: 1-x^2/2+x^4/24.
static sdp_rid polynomial(sdp_raiser *r, const sdp_entry *e)
{
    sdp_rid sum = 0;
    sdp_raise(r, e->nterms, e->term);
    for (uint32_t i = 0; i < e->nterms; i++) {
        sdp_id scalar;
        bool bare = sum && sdp_is_broadcast(r->g, e->term[i], &scalar); // x0+1 for vectors, too
        sdp_rid t = bare ? sdp_raise_scalar_of(r, e->term[i]) : r->of[e->term[i]];
        if (t == SDP_UNRAISED) return SDP_UNRAISED;
        if (!bare && e->is_row && sdp_r(r, t)->form == SDP_COLUMN) t = sdp_r_transpose(r, t);
        sum = sum ? sdp_r_append(r, sum, t) : t;
    }
    return sum;
}

static raised_answer raise_answer(sdp_raiser *r, size_t n, const sdp_entry *entry, const sdp_notation *t)
{
    // readable: the text is to be typed in again, and must tell all sizes
    bool readable = t->names && !t->tex;
    r->says = readable || t->tex;
    r->tex = t->tex;
    sdp_base *b = &r->g->base;
    raised_answer a = {sdp_scratch(b, (n + 1) * sizeof *a.body), sdp_scratch(b, (n + 1) * sizeof *a.head)};
    sdp_id *root = sdp_scratch(b, (n + 1) * sizeof *root);
    const char *const *letters = NULL;
    for (size_t i = 0; i < n; i++) root[i] = entry[i].node;
    sdp_raise(r, (uint32_t)n, root);
    for (size_t i = 0; i < n; i++) {
        a.body[i] = entry[i].nterms ? polynomial(r, &entry[i]) : matrix_form(r, &entry[i]);
        if (a.body[i] != SDP_UNRAISED) continue;
        if (!letters) letters = sdp_index_letters(r, (uint32_t)n, root);
        a.head[i] = sdp_equation_head(r, &entry[i], letters, t->tex);
        a.body[i] =
            sdp_raise_index(r, entry[i].node, letters, readable ? sdp_value_axes(r->g, &entry[i]) : 0);
    }
    return a;
}

// "s = " in code, with the type where the language wants one.
static void put_left(sdp_raiser *r, const sdp_notation *t, const char *name, sdp_rid value, sdp_text *out)
{
    uint8_t form = sdp_r(r, value)->form;
    if (t->type[0]) sdp_putf(out, "%s%s ", t->let, t->type[form < SDP_TENSOR ? form : SDP_MATRIX]);
    sdp_putf(out, "%s%s", name, t->assign ? t->assign : " = ");
}

static void put_names(sdp_raiser *r, const sdp_notation *t, const sdp_names *names, const sdp_rlist *list,
                      bool aligned, sdp_text *out)
{
    for (uint32_t i = 0; i < list->n; i++) {
        if (t->tex && i == 0 && aligned) sdp_put(out, " \\\\\n& \\text{where}\\quad ");
        else if (t->tex) sdp_put(out, i ? ", \\quad " : " \\quad\\text{where}\\quad ");
        else if (!t->assigns) sdp_put(out, i ? "\n        " : "\n  where ");
        if (t->assigns) put_left(r, t, names->name[list->at[i]], list->at[i], out);
        else sdp_putf(out, "%s = ", names->name[list->at[i]]);
        sdp_print_definition(r, t, names, list->at[i], out);
        if (t->assigns) sdp_putf(out, "%s\n", t->end);
    }
}

_Noreturn static void refuse_indices(sdp_raiser *r, const sdp_notation *t)
{
    sdp_fail(&r->g->base, SD_ERR_UNSUPPORTED, (sdp_span){0, 0},
             "numpy, torch, jax and einsum write it with einsum calls, c with loops, text in index notation",
             "the answer has no matrix notation, and %s has no other", t->name);
}

// left: names that the answers are assigned to, or NULL; in LaTeX left sides of lines that are aligned
void sdp_print_answer(sdp_raiser *r, size_t n, const sdp_entry *entry, const char *const *left,
                      const sdp_notation *t, sdp_sharing share, sdp_text *out)
{
    raised_answer a = raise_answer(r, n, entry, t);
    bool matrices = true;
    for (size_t i = 0; i < n; i++) matrices &= a.head[i] == NULL;
    if (!matrices && t->flat) {
        sdp_print_program(r->g, n, entry, left, t, out);
        return;
    }
    if (!matrices && t->assigns) refuse_indices(r, t);
    sdp_names names = {0};
    sdp_rlist list = {0};
    sdp_choose_names(r, t, share, (uint32_t)n, a.body, &names, &list);
    bool aligned = left && t->tex;
    if (t->assigns) put_names(r, t, &names, &list, false, out);
    if (aligned) sdp_put(out, "\\begin{aligned}\n");
    for (size_t i = 0; i < n; i++) {
        const char *assigned = aligned ? NULL : left ? left[i] : t->assigns ? entry[i].head : NULL;
        if (i) sdp_put(out, aligned ? " \\\\\n" : "\n");
        if (assigned) put_left(r, t, assigned, a.body[i], out);
        else if (!aligned && entry[i].label && *entry[i].label) sdp_putf(out, "%s: ", entry[i].label);
        if (aligned) sdp_putf(out, "%s &= ", a.head[i] ? a.head[i] : left[i]);
        else if (a.head[i]) sdp_putf(out, "%s = ", a.head[i]);
        else if (entry[i].head && !assigned)
            sdp_putf(out, "%s%s = ", t->tex ? "\\mathrm{d} " : "", entry[i].head + t->tex);
        sdp_print_raised(r, t, &names, a.body[i], out);
        if (assigned) sdp_put(out, t->end);
    }
    if (!t->assigns) put_names(r, t, &names, &list, aligned, out);
    if (aligned) sdp_put(out, "\n\\end{aligned}");
}

void sdp_put_node(sdp_raiser *r, sdp_id id, bool is_row, sdp_text *out)
{
    sdp_textbook(r->g, 1, &id);
    sdp_entry e = {.label = "",
                   .row = "",
                   .column = "",
                   .node = id,
                   .value_order = sdp_get(r->g, id)->order,
                   .is_row = is_row};
    sdp_print_answer(r, 1, &e, NULL, sdp_language(SD_TEXT), SDP_SHARE_NOTHING, out);
}

void sdp_print_plain(sdp_graph *g, const sdp_entry *e, sd_format format, sdp_text *out)
{
    sdp_mark mark = sdp_scratch_mark(&g->base);
    sdp_raiser raiser;
    sdp_entry written = *e;
    if (e->written) written.node = e->written;
    sdp_raiser_init(&raiser, g);
    sdp_print_answer(&raiser, 1, &written, NULL, sdp_language(format), SDP_SHARE_NOTHING, out);
    sdp_scratch_release(&g->base, mark);
}
