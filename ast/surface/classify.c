// SPDX-License-Identifier: MIT
// The classes of names: each is a size, a constant, or a variable. Requires all terms.
//
// A name that stands for a size somewhere is that size everywhere; pi and e are variables where a transpose,
// an index or data says so; all others are variables of the graph. Entry: sdp_classify.
#include <string.h>

#include "ast/surface/terms.h"

// ---- which names are sizes --------------------------------------------------------------------------------

static bool takes_sizes(const sdp_term *t)
{
    return t->kind == SYN_CALL && (t->op == SDP_OP_ones || t->op == SDP_OP_zeros || t->op == SDP_OP_eye);
}

static void mark_size(sdp_terms *w, uint32_t i)
{
    if (!w->t[i].label) w->t[i].is_dim = true;
}

// Sizes are made of names, numbers, sums and products. A name that stands for an argument of sd_call that is
// neither a variable nor a whole number (called.c) is none: index(x,1.5), eye(exp(p)).
static bool can_be_size(const sdp_term *t)
{
    if (t->kind == SYN_NAME) return t->text[0] != '$';
    return t->kind != SYN_CALL || t->op == SDP_OP_range || t->op == SDP_OP_add || t->op == SDP_OP_sub ||
           t->op == SDP_OP_mul;
}

static void mark_sizes(sdp_terms *w)
{
    for (uint32_t i = w->n; i-- > 0;) {
        sdp_term *t = &w->t[i];
        bool range = t->kind == SYN_CALL && t->op == SDP_OP_range;
        bool reshape = t->kind == SYN_CALL && t->op == SDP_OP_reshape && t->nargs == 3;
        for (uint32_t k = 1; reshape && k < 3; k++) mark_size(w, t->arg[k]);
        bool sizes = takes_sizes(t) || range || (t->is_dim && t->kind == SYN_CALL) || t->role == SDP_DELTA;
        for (uint32_t k = 1; t->kind == SYN_CALL && t->op == SDP_OP_index && k < t->nargs; k++) {
            mark_size(w, t->arg[k]);
            w->t[t->arg[k]].subscript = true;
        }
        for (uint32_t k = 0; t->subscript && (range || t->is_dim) && k < t->nargs; k++)
            w->t[t->arg[k]].subscript = true;
        if (t->is_dim && !can_be_size(t))
            sdp_term_fail(w, i, SD_ERR_SHAPE,
                          "sizes are numbers, dimension names, and their sums and products",
                          "this is not a size");
        for (uint32_t k = 0; sizes && k < t->nargs; k++) mark_size(w, t->arg[k]);
    }
}

// e'*y, y'*e, norm(e): what is transposed, measured, indexed or multiplied with a row is no constant, and
// neither is that name elsewhere.
static const bool *names_of_arrays(const sdp_terms *w)
{
    static const int ops[] = {SDP_OP_transpose, SDP_OP_index, SDP_OP_norm, SDP_OP_sum};
    bool *array = sdp_scratch(&w->g->base, w->n + (size_t)1), any = false;
    for (uint32_t i = 0; i < w->n; i++)
        for (size_t k = 0; w->t[i].kind == SYN_CALL && k < sizeof ops / sizeof *ops; k++)
            if (w->t[i].op == ops[k] && w->t[w->t[i].arg[0]].kind == SYN_NAME)
                array[w->t[i].arg[0]] = any = true;
    for (uint32_t i = 0; i < w->n; i++) { // y'*e
        const sdp_term *t = &w->t[i],
                       *row = t->kind == SYN_CALL && t->op == SDP_OP_mul ? &w->t[t->arg[0]] : NULL;
        if (row && row->kind == SYN_CALL && row->op == SDP_OP_transpose && w->t[t->arg[1]].kind == SYN_NAME)
            array[t->arg[1]] = any = true;
    }
    for (uint32_t i = 0; i < w->n; i++)
        // pi_k
        if (w->t[i].role == SDP_PART && w->t[w->t[i].arg[0]].kind == SYN_NAME)
            array[w->t[i].arg[0]] = any = true;
    for (uint32_t i = 0; any && i < w->n; i++) {
        const char *name = w->t[i].kind == SYN_NAME && array[i] ? w->t[i].text : NULL;
        bool constant = name && (!strcmp(name, "e") || !strcmp(name, "pi"));
        for (uint32_t k = 0; constant && k < w->n; k++)
            array[k] |= w->t[k].kind == SYN_NAME && !strcmp(w->t[k].text, name);
    }
    return array;
}

static void classify_names(sdp_terms *w)
{
    sdp_graph *g = w->g;
    const bool *array = names_of_arrays(w);
    for (uint32_t i = 0; i < w->n; i++) {
        sdp_term *t = &w->t[i];
        if (t->kind != SYN_NAME || t->is_dim || t->label) continue;
        if (t->own) { // pi, e
            t->op = sdp_op_find(t->text, strlen(t->text));
            continue;
        }
        t->var = w->template ? sdp_placeholder(g, t->text) : sdp_variable_find(g, t->text);
        if (t->var != UINT32_MAX && g->var[t->var].is_function)
            sdp_term_fail(w, i, SD_ERR_NAME, sdp_printf(&g->base, "call it with arguments: %s(...)", t->text),
                          "'%s' is a function", t->text);
        if (t->var != UINT32_MAX) continue;
        int op = sdp_op_find(t->text, strlen(t->text));
        bool greek = sdp_is_greek_name(t->text); // σ is a function before a parenthesis only
        long rows, cols;
        // data for e: a variable
        if (op && w->known && w->known(w->known_data, t->text, &rows, &cols)) continue;
        if (op && sdp_ops[op].kind == SDP_OP_CONST && !array[i]) t->op = op;
        else if (sdp_dim_is_name(g, t->text)) t->is_dim = true;
        else if (op && !greek && sdp_ops[op].kind != SDP_OP_CONST && sdp_ops[op].kind != SDP_OP_SUGAR &&
                 sdp_ops[op].kind != SDP_OP_FORM && sdp_ops[op].kind != SDP_OP_LATER)
            sdp_term_fail(w, i, SD_ERR_NAME,
                          sdp_printf(&g->base, "write %s(...), or declare a variable of that name", t->text),
                          "'%s' is a function", t->text);
    }
    uint32_t *size = sdp_scratch(&g->base, (w->n + 1) * sizeof *size), sizes = 0;
    for (uint32_t i = 0; i < w->n; i++)
        if (w->t[i].is_dim && w->t[i].kind == SYN_NAME) size[sizes++] = i;
    for (uint32_t i = 0; i < w->n; i++) { // a name that is a size somewhere is that size everywhere
        sdp_term *t = &w->t[i];
        if (t->kind != SYN_NAME || t->is_dim || t->label || t->op || t->var != UINT32_MAX) continue;
        for (uint32_t j = 0; j < sizes && !t->is_dim; j++) t->is_dim = !strcmp(w->t[size[j]].text, t->text);
        if (!t->is_dim) t->var = sdp_variable_find(g, t->text);
        if (!t->is_dim && t->var == UINT32_MAX) t->var = sdp_variable_new(g, t->text);
    }
}

// With the text of the arguments.
static const char *product_or_call(const sdp_terms *w, const sdp_term *t)
{
    int n = (int)(t->span.end - t->at.end);
    const char *arg = t->tree->source + t->at.end;
    const char *name = sdp_ops[t->op].name; // of gamma(x) beside gamma it is Γ
    if (!strcmp(name, t->text)) name = sdp_ops[t->op].alias;
    return sdp_printf(&w->g->base, "for a product write %s*%.*s, for the function %.*s%.*s", t->text, n, arg,
                      (int)strcspn(name, " "), name, n, arg);
}

// σ(z) where σ is a variable as well: a product or a function?
static void refuse_called_variables(sdp_terms *w)
{
    for (uint32_t i = 0; i < w->n && !w->template; i++) {
        const sdp_term *t = &w->t[i];
        bool spelled = t->kind == SYN_CALL && !sdp_op_like(t->text); // gamma(x) beside γ
        if (t->kind == SYN_CALL && sdp_is_greek_name(t->text) && !t->called && !spelled &&
            sdp_variable_find(w->g, t->text) != UINT32_MAX)
            sdp_term_fail(w, i, SD_ERR_NAME, product_or_call(w, t),
                          "'%s' is a variable and called like a function", t->text);
    }
}

void sdp_classify(sdp_terms *w)
{
    mark_sizes(w);
    classify_names(w);
    refuse_called_variables(w);
}
