// SPDX-License-Identifier: MIT
// Names with what stands below them, and powers, transposes and primes.
//
//   \hat{y}_i  \sigma^2_x  x_{12}   one name: what is below belongs to it, wherever the power stands
//   x_{1,2}  (Ax)_i                 entries
//   x^\top  x^{\mathsf T}  A^{-T}   transposes; x^T unless T is a variable elsewhere
//   x^{\circ 2}                     of the entries
//   x^12  x^-1  x^{(1)}  A^\dagger  refused: two readings
#include "grammar/latex.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST_NAME = 200 };

size_t sdp_latex_name_end(const sdp_latex *l, size_t at)
{
    char text[256];
    size_t end = at, length;
    if (sdp_is_letter(l->s[at])) return at + 1;
    if ((unsigned char)l->s[at] >= 0x80) {
        uint32_t c = sdp_utf8_decode(l->s + at, l->n - at, &length);
        return sdp_greek_word(c) ? at + length : at;
    }
    if (l->s[at] != '\\' || !sdp_is_letter(l->s[at + 1])) return at;
    size_t word = sdp_latex_word(l, at);
    end = word;
    for (sdp_span c; sdp_tex_font_of(l->s + at + 1, word - at - 1);) { // \mathbf\hat x: a chain of commands
        size_t arg = sdp_latex_blanks(l, word + (l->s[word] == '*'));
        if (l->s[arg] == '\\') {
            size_t next = sdp_latex_word(l, arg);
            end = word = next;
            if (sdp_tex_font_of(l->s + arg + 1, next - arg - 1)) continue;
            break;
        }
        if (l->s[arg] == '{' ? !l->partner[arg] : !sdp_is_letter(l->s[arg])) return at;
        c.end = l->s[arg] == '{' ? l->partner[arg] : (uint32_t)arg;
        end = c.end + 1;
        break;
    }
    return end - at < LONGEST_NAME && sdp_tex_name(l->s + at, end - at, text, NULL) ? end : at;
}

// Where a '_' stands behind the name that ends at `end`, perhaps behind its power; 0: nowhere.
static size_t below_of(const sdp_latex *l, size_t end)
{
    for (sdp_span c; end < l->n;) {
        end = sdp_latex_blanks(l, end);
        if (l->s[end] == '_') return end;
        if (l->s[end] == '\'') end++;
        else if (l->s[end] != '^' || !sdp_latex_argument(l, end + 1, &c, &end)) return 0;
    }
    return 0;
}

// x_12 is x_1 2 in print.
static void refuse_digits(sdp_latex *l, size_t mark)
{
    size_t at = sdp_latex_blanks(l, mark + 1), n = strspn(l->s + at, "0123456789");
    if (n < 2) return;
    const char *all = sdp_latex_cut(l, at, at + n);
    sdp_latex_fail(l, mark, at + n,
                   sdp_printf(l->p->b, "write %c{%s}, or %c{%.1s} %s", l->s[mark], all, l->s[mark], all,
                              all + 1),
                   sdp_printf(l->p->b, "without braces only the %.1s is %s", all,
                              l->s[mark] == '_' ? "below" : "a power"));
}

// \mathbf{x} and x in one text are two names to whoever wrote them.
static void check_style(sdp_latex *l, const char *text, uint32_t style, size_t begin, size_t end)
{
    if (2 * l->styles >= l->style_cap) {
        uint32_t n = l->style_cap, cap = n ? 2 * n : 64;
        void *old = l->style;
        l->style = sdp_scratch(l->p->b, cap * sizeof *l->style);
        l->style_cap = cap;
        for (uint32_t i = 0; i < n; i++) {
            const char *t = ((__typeof__(l->style))old)[i].text;
            if (!t) continue;
            uint32_t h = sdp_hash(&t, sizeof t, 3) & (cap - 1);
            while (l->style[h].text) h = (h + 1) & (cap - 1);
            l->style[h] = ((__typeof__(l->style))old)[i];
        }
    }
    uint32_t h = sdp_hash(&text, sizeof text, 3) & (l->style_cap - 1);
    while (l->style[h].text && l->style[h].text != text) h = (h + 1) & (l->style_cap - 1);
    if (!l->style[h].text) {
        l->style[h].text = text, l->style[h].style = style,
        l->style[h].at = (sdp_span){(uint32_t)begin, (uint32_t)end};
        l->styles++;
    } else if (l->style[h].style != style) {
        sdp_span first = l->style[h].at;
        sdp_fail2(l->p->b, SD_ERR_SYNTAX, (sdp_span){(uint32_t)begin, (uint32_t)end}, first,
                  "write both alike if they are one, or call one of them otherwise",
                  "'%s' and '%s': one name or two?", sdp_latex_cut(l, first.begin, first.end),
                  sdp_latex_cut(l, begin, end));
    }
}

// ---- words ------------------------------------------------------------------------------------------------

// \text{where}, \text{and}: words between formulas.
static bool connective(sdp_latex *l, const char *word, size_t begin, size_t end)
{
    static const struct {
        const char *word;
        int kind;
        const char *text;
    } words[] = {
        {"where", T_WHERE, "where"},
        {"with", T_WHERE, "where"},
        {"and", T_AND, "&"},
        {"or", T_OR, "|"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(word, words[i].word)) continue;
        bool binds = words[i].kind == T_WHERE && l->p->nopen == 0,
             joins = words[i].kind != T_WHERE && l->p->nopen;
        if (!binds && !joins) return false;
        if (sdp_latex_last(l) == T_COMMA) l->p->ntokens--;
        sdp_latex_add(l, words[i].kind, begin, end, words[i].text);
        l->at = end;
        return true;
    }
    return false;
}

void sdp_latex_function(sdp_latex *l, const char *text, size_t begin, size_t end)
{
    size_t at = sdp_latex_blanks(l, end);
    sdp_span c;
    if (l->s[at] == '_' && !strcmp(text, "log")) {
        char base[256];
        refuse_digits(l, at);
        if (!sdp_latex_argument(l, at + 1, &c, &end))
            sdp_latex_fail(l, at, at + 1, "\\log_{2} x", "a base was expected");
        size_t n = c.end - c.begin;
        bool digits = n && n < 10 && strspn(l->s + c.begin, "0123456789") == n;
        if (!digits && (n > 100 || !sdp_tex_name(l->s + c.begin, n, base, NULL)))
            sdp_latex_fail(l, c.begin, c.end, "write \\frac{\\log x}{\\log b}", "a base is a number here");
        if (!digits)
            sdp_latex_fail(l, begin, end,
                           sdp_printf(l->p->b, "write \\frac{\\log x}{\\log %s}",
                                      sdp_latex_cut(l, c.begin, c.end)),
                           "a base is a number here");
        text = sdp_printf(l->p->b, "log_%s", sdp_latex_cut(l, c.begin, c.end));
    }
    l->at = end;
    sdp_latex_add(l, T_NAME, begin, end, sdp_name_text(l->p, text, strlen(text)));
    l->called = l->p->ntokens;
}

// \mathbb E, and \mathbb I(x > 0), which is the condition, 0 or 1. Returns whether that was read.
static bool blackboard(sdp_latex *l, size_t begin, size_t end, const char *text)
{
    if (!strcmp(text, "I")) return sdp_latex_indicator(l, begin, end);
    if (!strcmp(text, "E") || !strcmp(text, "P"))
        sdp_latex_fail(
            l, begin, end,
            "the mean of samples is \\operatorname{mean}(x); the law of an expectation is not known here",
            "expectations and probabilities are not read here");
    return false;
}

// Behind the name that ends at `end`, where ^{(i)} with an index i of a sum
// ends, and the i; 0: there is none.
static size_t sample_of(const sdp_latex *l, size_t end, sdp_span *index)
{
    size_t mark = sdp_latex_blanks(l, end), after;
    if (l->s[mark] != '^' || !sdp_latex_argument(l, mark + 1, index, &after)) return 0;
    size_t from = sdp_latex_blanks(l, index->begin), to = index->end;
    while (to > from && l->s[to - 1] == ' ') to--;
    if (to - from < 3 || l->s[from] != '(' || l->s[to - 1] != ')') return 0;
    *index = (sdp_span){(uint32_t)from + 1, (uint32_t)to - 1};
    return sdp_latex_name_end(l, from + 1) == to - 1 && sdp_latex_is_bound(l, *index) ? after : 0;
}

void sdp_latex_name(sdp_latex *l, size_t begin, size_t end)
{
    char text[256], whole[600], longer[256];
    uint32_t style = 0;
    size_t word = l->s[begin] == '\\' ? sdp_latex_word(l, begin) : begin, below = below_of(l, end), after = 0;
    sdp_span c;
    sdp_tex_font font = word > begin ? sdp_tex_font_of(l->s + begin + 1, word - begin - 1) : SDP_TEX_NO_FONT;
    sdp_tex_name(l->s + begin, end - begin, text, &style);
    bool long_word = font == SDP_TEX_WORD && strlen(text) > 1;
    if (long_word && connective(l, text, begin, end)) return;
    if (long_word && sdp_latex_optimum_word(l, text, begin, end)) return;
    if (sdp_latex_is(l, begin, "mathbb") && blackboard(l, begin, end, text)) return;
    size_t sample = sample_of(l, end, &c);
    if (sample) { // x^{(i)} is x_i
        const char *rest = "";
        sdp_span more = {0, 0};
        size_t mark = sdp_latex_blanks(l, end);
        if (below && sdp_latex_argument(l, below + 1, &more, &after) &&
            more.end - more.begin < LONGEST_NAME) {
            rest = sdp_latex_cut(l, more.begin, more.end);
            l->partner[below] = (uint32_t)after;
        }
        int n = snprintf(whole, sizeof whole, "%.*s_{%.*s%s}", (int)(end - begin), l->s + begin,
                         (int)(c.end - c.begin), l->s + c.begin, rest);
        if (!sdp_tex_name(whole, (size_t)n, text, &style))
            sdp_latex_fail(l, begin, sample, "x^{(i)}, x^{(i)}_j", "this sample is not read here");
        l->partner[mark] = (uint32_t)sample;
        below = 0, after = 0;
    }
    if (below) {
        refuse_digits(l, below);
        if (!sdp_latex_argument(l, below + 1, &c, &after))
            sdp_latex_fail(l, below, below + 1, "x_1, x_{12}", "what is below the name?");
        if (c.end - c.begin < LONGEST_NAME) {
            int n = snprintf(whole, sizeof whole, "%.*s_{%.*s}", (int)(end - begin), l->s + begin,
                             (int)(c.end - c.begin), l->s + c.begin);
            if (sdp_tex_name(whole, (size_t)n, longer, &style)) strcpy(text, longer);
            else after = 0;
        } else {
            after = 0;
        }
    }
    l->at = end;
    if (after && sdp_latex_blanks(l, end) == below) l->at = end = after;
    else if (after) l->partner[below] = (uint32_t)after;
    bool alone = word == end && strchr(" \t\n", l->s[end]) && l->s[end];
    size_t next = sdp_latex_blanks(l, end);
    if (alone && sdp_is_letter(l->s[next])) l->at = end = next; // the blank of `\omega t` ends the command
    const char *name = sdp_name_text(l->p, text, strlen(text));
    if (!long_word) check_style(l, name, style, begin, end);
    sdp_latex_add(l, T_NAME, begin, end, name);
    if (long_word) l->called = l->p->ntokens;
}

// ---- powers -----------------------------------------------------------------------------------------------

// The content without blanks, braces and fonts.
static void compact(const sdp_latex *l, sdp_span c, char *out, size_t room)
{
    size_t n = 0;
    for (size_t i = c.begin; i < c.end && n + 1 < room; i++) {
        size_t word = l->s[i] == '\\' ? sdp_latex_word(l, i) : i;
        if (word > i && word < c.end + (size_t)1 && sdp_tex_font_of(l->s + i + 1, word - i - 1)) i = word - 1;
        else if (!strchr(" {}\t\n", l->s[i])) out[n++] = l->s[i];
    }
    out[n] = 0;
}

static bool one_of(const char *s, const char *list)
{
    for (size_t n; *list; list += n + (list[n] == ' ')) {
        n = strcspn(list, " ");
        if (strlen(s) == n && !memcmp(s, list, n)) return true;
    }
    return false;
}

static const sdp_token *last(const sdp_latex *l) { return &l->p->token[l->p->ntokens - 1]; }

static void refuse_powers(sdp_latex *l, const char *power, size_t at, size_t end)
{
    size_t next = sdp_latex_blanks(l, end);
    if (l->s[next] == '_' && l->partner[next]) next = sdp_latex_blanks(l, l->partner[next]);
    if (l->s[next] == '^')
        sdp_latex_fail(l, next, next + 1, "put braces around the first power: {x^2}^3, or {2^3}",
                       "two powers of one thing");
    if (l->s[sdp_latex_blanks(l, at + 1)] != '{') {
        refuse_digits(l, at);
        if (strchr("+-(", power[0]))
            sdp_latex_fail(l, at, end, "put braces around the whole power: x^{-1}",
                           "without braces only one character is the power");
    }
    if (l->called == l->p->ntokens && last(l)->kind == T_NAME && power[0] == '-') {
        const char *f = sdp_latex_cut(l, last(l)->span.begin, last(l)->span.end);
        sdp_latex_fail(
            l, last(l)->span.begin, end,
            sdp_printf(
                l->p->b,
                "for the inverse function write its name, \\arcsin x; for the quotient \\frac{1}{%s x}", f),
            sdp_printf(l->p->b, "'%s^{%s}' has two readings", f, power));
    }
    if (one_of(power, "* \\ast \\star \\dagger \\dag + H \\mathsf{H}"))
        sdp_latex_fail(l, at, end,
                       "the transpose is ^\\top, the pseudo-inverse \\operatorname{pinv}(A); another name is "
                       "written with what is below, w_{\\star}",
                       sdp_printf(l->p->b, "'^%s' has several readings", power));
    size_t n = strlen(power);
    bool layer = (power[0] == '(' && power[n - 1] == ')') || (power[0] == '[' && power[n - 1] == ']');
    if (layer && n > 2 && strspn(power + 1, "0123456789ijklmntL+-") == n - 2) {
        const char *x = sdp_latex_cut(l, last(l)->span.begin, last(l)->span.end);
        sdp_latex_fail(l, at, end,
                       sdp_printf(l->p->b, "for a name write %s_{%.*s}, for a power %s^{%.*s}", x,
                                  (int)(n - 2), power + 1, x, (int)(n - 2), power + 1),
                       "a superscript in parentheses has two readings");
    }
}

// x^\top and its spellings, A^{-T}; false: it is something else.
static bool transposes(sdp_latex *l, const char *power, size_t at, size_t end)
{
    static const char marks[] = "\\top \\intercal T \\prime t \\transp \\transpose \\tran";
    bool inverse = power[0] == '-';
    const sdp_token *t = last(l);
    if (!one_of(power + inverse, marks) || (inverse && !strcmp(power, "-t")) || t->kind == T_NUMBER)
        return false;
    bool letter = power[inverse] == 'T' || power[inverse] == 't';
    if (letter && (power[inverse] == 't' || (t->kind == T_NAME && !strcmp(t->text, "e")))) return false;
    if (letter && !l->transpose.end) l->transpose = (sdp_span){(uint32_t)at, (uint32_t)end};
    if (inverse) sdp_latex_add(l, T_SUPERSCRIPT, at, end, "-1");
    sdp_latex_add(l, T_TRANSPOSE, at, end, "'");
    l->at = end;
    return true;
}

void sdp_latex_power(sdp_latex *l)
{
    char power[40];
    size_t at = l->at, end, from = sdp_latex_blanks(l, at + 1);
    sdp_span c;
    if (!sdp_latex_after(l)) sdp_latex_fail(l, at, at + 1, "x^{2}", "expected an expression before '^'");
    if (!sdp_latex_argument(l, at + 1, &c, &end))
        sdp_latex_fail(l, at, at + 1, "x^{2}", "a power was expected behind '^'");
    compact(l, c, power, sizeof power);
    refuse_powers(l, power, at, end);
    if (transposes(l, power, at, end)) return;
    size_t in = sdp_latex_blanks(l, c.begin);
    bool function = l->called == l->p->ntokens && last(l)->kind == T_NAME;
    bool entries = sdp_latex_is(l, in, "circ") || sdp_latex_is(l, in, "odot");
    if (entries && one_of(power, "\\circ \\odot"))
        sdp_latex_fail(l, at, end, "degrees are multiplied by \\frac{\\pi}{180}",
                       "a circle alone is no power");
    sdp_latex_add(l, T_POWER, at, at + 1, entries ? ".^" : "^");
    l->at = from;
    if (entries) {
        sdp_latex_brace(l);
        l->at = sdp_latex_word(l, in);
    } else if (sdp_is_digit(l->s[from])) {
        sdp_latex_digits(l, true);
        if (function) l->called = l->p->ntokens; // \sin^2 2x: the operand is to come
    } else if (l->s[from] == '{') {
        sdp_latex_brace(l);
        if (sdp_latex_top(l)) sdp_latex_top(l)->call = function;
    } else if (l->s[from] != '{' && sdp_latex_name_end(l, from) > from) { // what is below belongs to the base
        char text[256];
        sdp_tex_name(l->s + from, end - from, text, NULL);
        sdp_latex_add(l, T_NAME, from, end, sdp_name_text(l->p, text, strlen(text)));
        l->at = end;
    }
}

// ---- entries ----------------------------------------------------------------------------------------------

void sdp_latex_below(sdp_latex *l)
{
    size_t at = l->at, end, letters = 0;
    sdp_span c;
    if (!sdp_latex_after(l)) sdp_latex_fail(l, at, at + 1, "x_{1}", "expected a name before '_'");
    if (!sdp_latex_argument(l, at + 1, &c, &end))
        sdp_latex_fail(l, at, at + 1, "x_{1}", "what is below the name?");
    const sdp_token *t = last(l);
    uint32_t before = (t->match ? t->match : l->p->ntokens - 1);
    if (before && l->p->token[before - 1].kind == T_POWER)
        sdp_latex_fail(l, at, end, "write x_{i}^{2}, or (x^{2})_{i}",
                       "what is below stands before the power, unless it is a name");
    for (size_t i = c.begin; i < c.end; i++)
        letters += sdp_is_letter(l->s[i]) || (unsigned char)l->s[i] >= 0x80;
    bool plain = letters > 1 && c.end - c.begin == letters;
    if (plain && sdp_latex_is_bound(l, c))
        sdp_latex_fail(l, at, end, "write _{i,j}", "two indices are separated by a comma");
    if (letters && !sdp_latex_is_bound(l, c) && !memchr(l->s + c.begin, ':', c.end - c.begin))
        sdp_latex_fail(
            l, at, end,
            "entries have numbers, x_{1}, X_{1,2}; for a variable of its own write _{\\text{prev}}",
            "an index that no sum binds");
    // of two indices
    bool delta = t->kind == T_NAME && sdp_same_name(t->text, "δ") &&
                 memchr(l->s + c.begin, ',', c.end - c.begin) && l->s[at + 1] == '{';
    if (delta) {
        sdp_latex_add(l, T_LPAREN, at, at + 1, "(");
        sdp_latex_push(l, F_INDEX, at, at + 2)->call = true;
        l->at = at + 2;
        return;
    }
    sdp_latex_add(l, T_LBRACKET, at, at + 1, "[");
    l->at = sdp_latex_blanks(l, at + 1);
    bool braced = l->s[l->at] == '{';
    sdp_latex_push(l, F_INDEX, at, l->at + braced);
    if (braced) {
        l->at++;
        return;
    }
    if (sdp_is_digit(l->s[l->at])) sdp_latex_digits(l, true);
    else if (sdp_latex_name_end(l, l->at) > l->at)
        sdp_latex_add(l, T_NAME, l->at, end, sdp_name_text(l->p, l->s + l->at, end - l->at));
    else sdp_latex_fail(l, at, end, "x_{1}", "an index is a number or a name");
    l->at = end;
    l->nframes--;
    sdp_latex_add(l, T_RBRACKET, end, end, "]");
}

// The subscript of the norm whose closing bar ends at `end`; NULL: it has none.
const char *sdp_latex_norm(sdp_latex *l, size_t end)
{
    size_t mark = below_of(l, end), after;
    char text[40];
    sdp_span c;
    if (!mark) return NULL;
    refuse_digits(l, mark);
    if (!sdp_latex_argument(l, mark + 1, &c, &after))
        sdp_latex_fail(l, mark, mark + 1, "\\|x\\|_2", "which norm?");
    compact(l, c, text, sizeof text);
    const char *norm = one_of(text, "* \\ast \\star tr") ? "*"
                       : one_of(text, "\\infty inf")     ? "inf"
                       : one_of(text, "\\ell_1 \\ell_2") ? text + 5
                                                         : text;
    bool known =
        one_of(norm, "1 2 3 4 F fro * nuc inf p q") || (*norm && strspn(norm, "0123456789") == strlen(norm));
    if (!known)
        sdp_latex_fail(l, mark, after,
                       "norms are \\|x\\|, \\|x\\|_1, \\|x\\|_\\infty, \\|A\\|_F, \\|A\\|_*; with a matrix M "
                       "write \\sqrt{x^\\top M x}",
                       "this norm is not read here");
    if (sdp_latex_blanks(l, end) == mark) l->at = after;
    else l->partner[mark] = (uint32_t)after;
    return sdp_strndup(l->p->b, norm, strlen(norm));
}

// ---- primes -----------------------------------------------------------------------------------------------

// x'y and xx' transpose. x' alone may be another x, f'(x) is a derivative.
void sdp_latex_prime(sdp_latex *l)
{
    size_t at = l->at, next = sdp_latex_blanks(l, at + 1);
    if (!sdp_latex_after(l))
        sdp_latex_fail(l, at, at + 1, "a transpose stands behind its operand: x^\\top", "unexpected '''");
    if (sdp_token_second(l->p, at)) {
        l->at++;
        return;
    }
    const sdp_token *t = last(l), *before = l->p->ntokens > 1 ? t - 1 : NULL;
    const char *x = sdp_latex_cut(l, t->span.begin, t->span.end);
    if (t->kind == T_NAME && (l->s[next] == '(' || l->s[next] == '\'' || sdp_latex_is(l, next, "left")))
        sdp_latex_fail(l, t->span.begin, at + 1,
                       sdp_printf(l->p->b, "a derivative is \\frac{d}{dx} %s(x), a transpose %s^\\top", x, x),
                       sdp_printf(l->p->b, "'%s'' has two readings", x));
    static const char *const ends[] = {"right", "end", "quad", "qquad", "\\", "odot", "circ", "otimes"};
    bool operand = sdp_is_letter(l->s[next]) || (l->s[next] && strchr("({*|", l->s[next])) ||
                   (l->s[next] == '\\' && (sdp_is_letter(l->s[next + 1]) || l->s[next + 1] == '|'));
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) operand &= !sdp_latex_is(l, next, ends[i]);
    // a bar closes
    if (l->p->nopen && l->p->token[l->p->open[l->p->nopen - 1]].kind == T_BAR_OPEN)
        operand &= l->s[next] != '|' && strncmp(l->s + next, "\\|", 2);
    bool behind = before && (before->kind == T_JUXTAPOSE || before->kind == T_TIMES);
    if (t->kind == T_NAME && !operand && !behind)
        sdp_latex_fail(l, t->span.begin, at + 1,
                       sdp_printf(l->p->b, "for the transpose write %s^\\top, for another name %s_{1}", x, x),
                       sdp_printf(l->p->b, "'%s'' has two readings", x));
    sdp_latex_add(l, T_TRANSPOSE, at, at + 1, "'");
    l->at++;
}

// ^T where T is a variable as well.
void sdp_latex_styles(sdp_latex *l)
{
    if (!l->transpose.end) return;
    for (uint32_t i = 0; i < l->p->ntokens; i++) {
        const sdp_token *t = &l->p->token[i];
        if (t->kind != T_NAME || strcmp(t->text, "T")) continue;
        sdp_fail2(l->p->b, SD_ERR_SYNTAX, l->transpose, t->span,
                  "write ^\\top for the transpose, ^{(T)} for the power",
                  "'^T' has two readings where T is a variable");
    }
}
