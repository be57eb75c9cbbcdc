// SPDX-License-Identifier: MIT
// Calls and powers that mean something else than the tree says.
//
//   λ (x+y)   x(y+z)      a product, if the name is a variable, or a blank or a Greek letter says so
//   1'                    the row of ones
//   λ_max(A)              the largest eigenvalue of a declared matrix
//   x^T   A^(-T)          a transpose, refused where T may be a variable
//
// Entry: sdp_hand_special, which asks prime.c, expectation.c and slip.c, too.
#include "ast/surface/habit.h"
#include "ast/surface/hand.h"

static bool is_function(hand *h, const sdp_syntax *s)
{
    sdp_derivative d;
    const char *name = s->text;
    if (sdp_called_op(h->in, s) || !strncmp(name, "∇", strlen("∇")) || sdp_is_defined(h->g, name) ||
        sdp_hand_is_function_of_text(h, name) || sdp_hand_is_declared_function(h, name))
        return true;
    return sdp_derivative_find(h->g, name, &d) || d.function != UINT32_MAX;
}

// y(w^\top x + b) in LaTeX, where y is none of the letters of functions.
static bool is_tex_factor(const hand *h, const sdp_syntax *s, const sdp_syntax *a)
{
    bool letter_of_factor =
        strchr("abcdkmnrstwxyzABCDIMNRSWXYZ", s->text[0]) && (!s->text[1] || s->text[1] == '_');
    return h->in->from == SD_FROM_LATEX && letter_of_factor && a->kind == SYN_CALL;
}

// a(r-r_0) by hand: a letter of coefficients before a sum.
static bool is_coefficient(hand *h, const sdp_syntax *s, const sdp_syntax *a)
{
    bool letter_of_coefficient = strchr("abcdmnrABCD", s->text[0]) && (!s->text[1] || s->text[1] == '_');
    bool sum = a->kind == SYN_CALL && (is_call(a, "+") || is_call(a, "-")) && a->nargs == 2;
    if (h->in->from != SD_FROM_PLAIN || !letter_of_coefficient || !sum) return false;
    const char *x = s->text, *y = sdp_hand_cut(h, a->span);
    sdp_note(&h->g->base, "%s(%s) is a product; for a function -d '%s: function(scalar) -> scalar'", x, y, x);
    return true;
}

// N(d1) is the normal distribution function if N is nothing else in the text, and is called twice, or of a
// name d1, or is \mathcal{N}.
static bool is_normal(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i], *a = s->nargs == 1 ? &h->in->node[s->arg[0]] : NULL;
    bool fancy = h->in->from == SD_FROM_LATEX && !strncmp(h->in->source + s->op.begin, "\\math", 5);
    if (!a || strcmp(s->text, "N") || s->extra || sdp_hand_is_variable(h, "N") || is_function(h, s))
        return false;
    uint32_t calls = 0;
    for (sdp_syn k = 0; k < h->in->count; k++)
        calls += h->used[k] && is_call(&h->in->node[k], "N") && h->in->node[k].nargs == 1;
    const char *x = sdp_hand_cut(h, a->span);
    bool certain = fancy || calls > 1 || (a->kind == SYN_NAME && x[0] == 'd');
    if (!certain && h->in->source[s->op.end] == ' ') return false; // N (x-y)
    if (!certain)
        sdp_hand_fail(
            h, s->span,
            sdp_printf(&h->g->base,
                       "for the normal distribution function write normcdf(%s), for a product N*(%s)", x, x),
            sdp_printf(&h->g->base, "'%s' has two readings", sdp_hand_cut(h, s->span)));
    h->map[i] = sdp_hand_call(h, "normcdf", s->op, s->span, 1, (sdp_syn[]){sdp_hand_whole(h, s->arg[0])});
    h->out->node[h->map[i]].parenthesised = s->parenthesised;
    if (!fancy) sdp_note(&h->g->base, "N(%s) is normcdf(%s); for a product write N*(%s)", x, x, x);
    return true;
}

// λ (x+y), x(y+z): the name is a variable, or a blank or a Greek letter says that nothing is called.
static bool is_factor(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i];
    if (s->nargs != 1 || s->extra || s->op.end <= s->op.begin) return false;
    const sdp_syntax *a = &h->in->node[s->arg[0]];
    const char *blank = h->in->source + s->op.end;
    bool variable = sdp_hand_is_variable(h, s->text), spaced = *blank == ' ' || *blank == '\t';
    bool greek = (unsigned char)s->text[0] >= 0x80 || sdp_is_greek_name(s->text),
         small = greek && !(s->text[0] >= 'A' && s->text[0] <= 'Z');
    if (is_function(h, s)) {
        if (spaced && small && sdp_op_like(s->text) && strcmp(s->text, "Γ") && strcmp(s->text, "Φ"))
            sdp_hand_fail(h, s->span,
                          sdp_printf(&h->g->base, "for a product write %s*(%s), for the function %s(%s)",
                                     s->text, sdp_hand_cut(h, a->span), sdp_ops[sdp_op_like(s->text)].name,
                                     sdp_hand_cut(h, a->span)),
                          sdp_printf(&h->g->base, "'%s' has two readings", sdp_hand_cut(h, s->span)));
        return false;
    }
    if (sdp_hand_is_quadratic(h, i) || sdp_hand_is_entry(h, s->text)) return true;
    if (!variable && !greek && (!spaced || strlen(s->text) > 3) && !is_tex_factor(h, s, a) &&
        !is_coefficient(h, s, a))
        return false;
    if (spaced || (a->kind != SYN_NAME && a->kind != SYN_NUMBER)) return true;
    const char *x = s->text, *y = sdp_hand_cut(h, a->span);
    const char *third =
        a->kind == SYN_NUMBER
            ? sdp_printf(&h->g->base, "for entry %s write %s[%s]", y, x, y)
            : sdp_printf(&h->g->base, "for a function declare -d '%s: function(scalar) -> scalar'", x);
    sdp_hand_fail(h, s->span, sdp_printf(&h->g->base, "for a product write %s*%s; %s", x, y, third),
                  sdp_printf(&h->g->base, "'%s' has two readings", sdp_hand_cut(h, s->span)));
}

// x^T where T is a variable elsewhere, A^(-T) where T is no variable: a transpose, or a power?
static void refuse_powers_of_t(hand *h, const sdp_syntax *s)
{
    bool variable = sdp_hand_is_bare(h, "T") || sdp_hand_is_known(h, "T");
    // cut out of the text only for an error: x'''... is long
    sdp_span x = sdp_hand_outer(&h->in->node[s->arg[0]]);
    const char *source = h->in->source;
    bool mark = !strcmp(s->text, "'") && source[s->op.begin] == '^' && source[s->op.end - 1] == 'T';
    if (mark && variable)
        sdp_hand_fail(h, s->span,
                      sdp_printf(&h->g->base, "for the transpose write %s', for a power %s^(T)",
                                 sdp_hand_cut(h, x), sdp_hand_cut(h, x)),
                      "^T has two readings: T is a variable elsewhere");
    const sdp_syntax *e = !strcmp(s->text, "^") ? &h->in->node[s->arg[1]] : NULL,
                     *base = &h->in->node[s->arg[0]];
    bool minus = e && e->kind == SYN_CALL && !strcmp(e->text, "neg") && e->parenthesised;
    const sdp_syntax *name = minus ? &h->in->node[e->arg[0]] : NULL;
    if (name && (name->kind != SYN_NAME || strcmp(name->text, "T"))) name = NULL;
    bool once = true;
    for (sdp_syn i = 0; name && once && i < h->in->count; i++)
        once &= !(h->used[i] && h->in->node[i].kind == SYN_NAME && &h->in->node[i] != name &&
                  !strcmp(h->in->node[i].text, "T"));
    if (name && once && !sdp_hand_is_known(h, "T") && base->kind == SYN_NAME &&
        sdp_is_matrix_name(base->text))
        sdp_hand_fail(
            h, s->span,
            sdp_printf(&h->g->base,
                       "the inverse of the transpose is %s^{-T}; for a power declare -d 'T: scalar'",
                       sdp_hand_cut(h, x)),
            "^(-T) has two readings");
}

// λ_max(A): the function, if a declared matrix stands in the argument and λ_max is no variable.
static bool eigenvalue(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i];
    bool largest = !strcmp(s->text, "λ_max"), matrix = false;
    if (s->nargs != 1 || (!largest && strcmp(s->text, "λ_min")) || sdp_hand_is_known(h, s->text) ||
        sdp_hand_is_defined(h, s->text))
        return false;
    const char *name = largest ? "lambda_max" : "lambda_min",
               *x = sdp_hand_cut(h, h->in->node[s->arg[0]].span);
    for (sdp_syn k = 0; k < i && !matrix; k++) {
        const sdp_syntax *a = &h->in->node[k];
        uint32_t v = a->kind == SYN_NAME && a->span.begin >= s->op.end && a->span.end <= s->span.end
                         ? sdp_variable_find(h->g, a->text)
                         : UINT32_MAX;
        matrix = v != UINT32_MAX && h->g->var[v].declared && sdp_is_matrix(h->g->var[v].shape);
    }
    if (!matrix)
        sdp_hand_fail(
            h, s->span,
            sdp_printf(&h->g->base,
                       "for the eigenvalue declare the matrix, or write %s(%s); for a product %s*(%s)", name,
                       x, s->text, x),
            sdp_printf(&h->g->base, "'%s' has two readings", sdp_hand_cut(h, s->span)));
    h->map[i] = sdp_hand_call(h, name, s->op, s->span, 1, &h->map[s->arg[0]]);
    return true;
}

bool sdp_hand_special(hand *h, sdp_syn i)
{
    const sdp_syntax *s = &h->in->node[i];
    if (sdp_hand_attention(h, i)) return true;
    if (!strcmp(s->text, "'") || !strcmp(s->text, "^")) refuse_powers_of_t(h, s);
    if (!strcmp(s->text, "'") && h->in->node[s->arg[0]].kind == SYN_NUMBER &&
        !strcmp(h->in->node[s->arg[0]].text, "1")) {
        sdp_syn one = h->map[s->arg[0]],
                ones = sdp_hand_call(h, "vector", h->out->node[one].span, h->out->node[one].span, 1, &one);
        h->map[i] = sdp_hand_node(h, s, 1, &ones);
        return true;
    }
    if (sdp_hand_expectation(h, i) || sdp_hand_call_of_brackets(h, i)) return true;
    if (!strcmp(s->text, "index")) return sdp_hand_refuse_free_index(h, i), false;
    if (eigenvalue(h, i) || is_normal(h, i)) return true;
    if (!is_factor(h, i)) return false;
    sdp_syn factor = sdp_hand_name(h, i, s->text, s->op);
    h->map[i] = sdp_hand_whole(h, s->arg[0]);
    h->out->node[h->map[i]].parenthesised = true;
    h->head[i] = factor;
    if (s->parenthesised) sdp_hand_whole(h, i);
    return true;
}
