// SPDX-License-Identifier: MIT
// Commands of LaTeX that say by which variables to derive: \nabla_w, \min_w, \argmin_w, \underset.
//
// \nabla becomes a token with the name of its variable. \min_w and \argmin_w in front of a statement are no
// part of the formula: their variables go to `asked` of the tree. The same words are functions of arguments,
// \max(a,b), and reductions over an index, \max_i x_i, elsewhere. Entry: sdp_latex_optimum.
#include "grammar/latex.h"

#include <string.h>

// \nabla f(x), \nabla^2_{1,2} f(x,y): the derivative of a function is a name that is called. Returns whether
// one follows. below: the numbers of arguments.
static bool names_function(sdp_latex *l, size_t at, size_t end, bool second, sdp_span below)
{
    size_t from = sdp_latex_blanks(l, end), to = from;
    char name[256], digits[8] = "";
    sdp_span c;
    for (size_t i = below.begin, n = 0; i < below.end && n + 1 < sizeof digits; i++) {
        if (sdp_is_digit(l->s[i])) digits[n++] = l->s[i], digits[n] = 0;
        else if (!strchr(", ", l->s[i])) return false;
    }
    if (l->s[to] == '\\') to++;
    if (!sdp_is_letter(l->s[to])) return false;
    do to++;
    while (l->s[from] == '\\' && sdp_is_letter(l->s[to]));
    if (l->s[to] == '_' && !sdp_latex_argument(l, to + 1, &c, &to)) return false;
    size_t open = sdp_latex_blanks(l, to);
    if (to - from > 200 || !(l->s[open] == '(' || sdp_latex_is(l, open, "left")) ||
        !sdp_tex_name(l->s + from, to - from, name, NULL))
        return false;
    if (name[0] == 'J' && name[1] == '_')
        return false; // J_q is the derivative of q, or a function of its own
    const char *text = sdp_printf(l->p->b, "%s%s%s", second ? "∇²" : "∇", digits, name);
    sdp_latex_add(l, T_NAME, at, to, sdp_name_text(l->p, text, strlen(text)));
    l->at = to;
    return true;
}

// \nabla_w, \nabla_w^2, \nabla^2_w
void sdp_latex_nabla(sdp_latex *l, size_t at, size_t end)
{
    bool second = false;
    sdp_span c, name = {0, 0};
    char text[256] = "";
    for (size_t i = end; (i = sdp_latex_blanks(l, i)) < l->n && strchr("_^", l->s[i]);) {
        bool below = l->s[i] == '_';
        if (!sdp_latex_argument(l, i + 1, &c, &end)) break;
        if (below) name = c;
        else if (c.end == c.begin + 1 && l->s[c.begin] == '2') second = true;
        else sdp_latex_fail(l, i, end, "\\nabla_x f, \\nabla_x^2 f", "this derivative is not read here");
        i = end;
    }
    bool arguments = name.end && sdp_is_digit(l->s[name.begin]);
    if ((!name.end || arguments) && names_function(l, at, end, second, name)) return;
    if (!name.end || name.end - name.begin > 200 ||
        !sdp_tex_name(l->s + name.begin, name.end - name.begin, text, NULL))
        sdp_latex_fail(l, at, end, "name the variable: \\nabla_x f", "the gradient by what?");
    sdp_latex_add(l, second ? T_NABLA2 : T_NABLA, at, end, sdp_name_text(l->p, text, strlen(text)));
    l->at = end;
}

// The names in c, up to \in, as "w,b"; NULL: something else stands there.
static const char *variables(sdp_latex *l, sdp_span c)
{
    const char *all = "";
    for (size_t at = c.begin; at < c.end;) {
        char name[256];
        size_t end = at, i;
        while (end < c.end && l->s[end] != ',' && !sdp_latex_is(l, end, "in"))
            end += l->s[end] == '{' && l->partner[end] ? l->partner[end] - end : 1;
        if (end - at > 200 || !sdp_tex_name(l->s + at, end - at, name, NULL)) return NULL;
        all = sdp_printf(l->p->b, "%s%s%s", all, *all ? "," : "", sdp_name_text(l->p, name, strlen(name)));
        for (i = end; i < c.end && l->s[i] == ','; i++) {}
        at = end < c.end && l->s[end] == ',' ? i : c.end;
    }
    return *all ? all : NULL;
}

// Does a name that is asked for stand in the text, or is it an index?
static bool stands_alone(const sdp_latex *l, sdp_span c, size_t from)
{
    size_t n = c.end - c.begin;
    for (size_t i = from; i + n <= l->n; i++) {
        if (l->s[i] == '_' && i + 1 < l->n) {
            sdp_span below;
            size_t end;
            if (sdp_latex_argument(l, i + 1, &below, &end)) i = end - 1;
        } else if (!memcmp(l->s + i, l->s + c.begin, n) && !(i && l->s[i - 1] == '\\')) {
            return true;
        }
    }
    return false;
}

// \min_w and \argmin_w in front of a statement say by what to derive; elsewhere \max(a,b) is a function.
void sdp_latex_optimum(sdp_latex *l, const char *text, bool arg, size_t at, size_t end)
{
    int last = sdp_latex_last(l);
    size_t mark = sdp_latex_blanks(l, end), word = end;
    bool first = !l->p->nopen && (!last || last == T_SEMICOLON || last == T_ASSIGN || last == T_NEWLINE);
    sdp_span c = {0, 0};
    if (sdp_latex_is(l, mark, "limits")) mark = sdp_latex_blanks(l, sdp_latex_word(l, mark));
    if (l->s[mark] != '_') {
        if (arg) sdp_latex_fail(l, at, end, "\\argmin_w L", "by what is the optimum taken?");
        sdp_latex_function(l, text, at, end);
        return;
    }
    const char *names = sdp_latex_argument(l, mark + 1, &c, &end) ? variables(l, c) : NULL;
    bool index = !arg && c.end > c.begin &&
                 sdp_latex_name_end(l, c.begin) == sdp_latex_name_end(l, sdp_latex_spaces(l, c.begin)) &&
                 names && !strchr(names, ',');
    if (index && (!first || !stands_alone(l, c, end))) { // \max_i |x_i|
        sdp_latex_sum(l, text, at, word);
        return;
    }
    if (!names || !first || (!arg && !strchr(names, ',') && c.end - c.begin == 1 && !stands_alone(l, c, end)))
        sdp_latex_fail(l, at, end, "\\min_w in front of a formula, \\max(a,b), \\max(x) of a vector",
                       sdp_printf(l->p->b, "a %s over an index or a set is not read here", text));
    l->p->tree->asked = names;
    l->at = end;
}

bool sdp_latex_optimum_word(sdp_latex *l, const char *word, size_t begin, size_t end)
{
    static const char *const words[] = {"argmin", "argmax", "minimize", "maximize", "minimise", "maximise"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i], word)) continue;
        sdp_latex_optimum(l, words[i], true, begin, end);
        return true;
    }
    return false;
}

// \arg\min_w
void sdp_latex_arg_optimum(sdp_latex *l, size_t at, size_t end)
{
    size_t next = sdp_latex_spaces(l, end);
    bool least = sdp_latex_is(l, next, "min");
    if (!least && !sdp_latex_is(l, next, "max"))
        sdp_latex_fail(l, at, end, "\\arg\\min_w L", "the argument of complex numbers is not read here");
    sdp_latex_optimum(l, least ? "argmin" : "argmax", true, at, sdp_latex_word(l, next));
}

// \underset{w}{\operatorname{argmin}}, \overset{\text{def}}{=}
void sdp_latex_stacked(sdp_latex *l, size_t at, size_t end)
{
    sdp_span over, base;
    size_t behind, all;
    char text[256] = "";
    if (!sdp_latex_argument(l, end, &over, &behind) || !sdp_latex_argument(l, behind, &base, &all))
        sdp_latex_fail(l, at, end, NULL, "two arguments in braces were expected");
    size_t from = sdp_latex_spaces(l, base.begin), n = base.end - from;
    if (l->s[from] == '=' || l->s[from] == ':') {
        sdp_latex_add(l, T_ASSIGN, at, all, "=");
        l->at = all;
        return;
    }
    bool word = n < 200 && sdp_tex_name(l->s + from, n, text, NULL);
    bool least = !strcmp(text, "argmin") || sdp_latex_is(l, from, "argmin") || sdp_latex_is(l, from, "min") ||
                 sdp_latex_is(l, from, "arg");
    const char *names = variables(l, over);
    if ((!least && !word) || !names || l->p->nopen ||
        (word && strcmp(text, "argmin") && strcmp(text, "argmax") && strcmp(text, "minimize")))
        sdp_latex_fail(l, at, all, "\\argmin_w L, \\triangleq",
                       "what stands above or below is not read here");
    l->p->tree->asked = names;
    l->at = all;
}
