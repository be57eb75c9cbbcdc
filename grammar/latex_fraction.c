// SPDX-License-Identifier: MIT
// Fractions in LaTeX, and derivatives that are written as fractions.
//
// \frac{a}{b} is a quotient. \frac{\partial L}{\partial w} and \frac{d}{dx} are derivatives if both parts
// begin with the same differential and the lower one ends with the name of a variable; a \partial that fits
// no such form is refused. Entry: sdp_latex_fraction.
#include "grammar/latex.h"

#include <string.h>

// \partial, d or \mathrm{d} in [c.begin, c.end), perhaps with ^2; what stands behind it.
static bool differential(const sdp_latex *l, sdp_span *c, bool *second, bool *partial)
{
    size_t at = sdp_latex_blanks(l, c->begin), end = sdp_latex_name_end(l, at);
    char name[256] = "";
    *partial = sdp_latex_is(l, at, "partial");
    if (*partial) end = sdp_latex_word(l, at);
    else if (end == at || end > c->end || !sdp_tex_name(l->s + at, end - at, name, NULL) || strcmp(name, "d"))
        return false;
    end = sdp_latex_blanks(l, end);
    sdp_span power;
    *second = l->s[end] == '^';
    if (*second && (!sdp_latex_argument(l, end + 1, &power, &end) || power.end != power.begin + 1 ||
                    l->s[power.begin] != '2'))
        return false;
    if (end > c->end) return false;
    c->begin = (uint32_t)end;
    return true;
}

// The x of \partial x or \partial x^2.
static bool variable(const sdp_latex *l, sdp_span *c, bool second)
{
    char name[256];
    size_t end = c->end;
    while (end > c->begin && strchr(" \t\n", l->s[end - 1])) end--;
    if (second) {
        size_t mark = end;
        while (mark > c->begin && l->s[mark] != '^') mark--;
        sdp_span power;
        if (mark <= c->begin || !sdp_latex_argument(l, mark + 1, &power, &end) ||
            power.end != power.begin + 1 || l->s[power.begin] != '2')
            return false;
        end = mark;
    }
    c->end = (uint32_t)end;
    return c->end > c->begin && c->end - c->begin < 200 &&
           sdp_tex_name(l->s + c->begin, c->end - c->begin, name, NULL);
}

// \frac{\partial L}{\partial w} and \frac{d}{dx}; false: it is a quotient.
static bool derivative(sdp_latex *l, size_t begin, size_t end)
{
    sdp_span num, den;
    size_t behind, all;
    bool second, twice, partial, below;
    if (!sdp_latex_argument(l, end, &num, &behind) || l->s[sdp_latex_blanks(l, end)] != '{' ||
        !sdp_latex_argument(l, behind, &den, &all))
        return false;
    if (!differential(l, &num, &second, &partial)) return false;
    bool both =
        differential(l, &den, &twice, &below) && partial == below && !twice && variable(l, &den, second);
    if (!both && !partial) return false;
    if (!both)
        sdp_latex_fail(l, begin, all,
                       "\\frac{\\partial L}{\\partial w}, \\frac{\\partial^2 L}{\\partial w^2}",
                       "this derivative is not read here");
    char name[256];
    sdp_tex_name(l->s + den.begin, den.end - den.begin, name, NULL);
    if (sdp_latex_blanks(l, num.begin) >= num.end) {
        sdp_latex_add(l, second ? T_NABLA2 : T_NABLA, begin, all, sdp_name_text(l->p, name, strlen(name)));
        l->at = all;
        return true;
    }
    sdp_latex_add(l, T_NAME, begin, end, second ? "hessian" : "grad");
    sdp_latex_add(l, T_LPAREN, num.begin, num.begin, "(");
    sdp_latex_add(l, T_LBRACE, num.begin, num.begin, "{"); // the derivative ends with the fraction
    sdp_frame *f = sdp_latex_push(l, F_DERIVED, begin, end);
    f->extra = den;
    l->at = num.begin;
    return true;
}

void sdp_latex_fraction(sdp_latex *l, size_t begin, size_t end)
{
    if (derivative(l, begin, end)) return;
    sdp_latex_add(l, T_LBRACE, begin, end, "{");
    l->at = end;
    if (l->s[sdp_latex_blanks(l, end)] == '{') {
        sdp_latex_take(l, F_NUMERATOR);
        return;
    }
    sdp_latex_take(l, F_GROUP); // one symbol
    sdp_latex_add(l, T_TIMES, l->at, l->at, "/");
    sdp_latex_take(l, F_DENOMINATOR);
}
