// SPDX-License-Identifier: MIT
// Left sides that say no more than what the right side is called: p(y=1|x) = ..., KL(p||q) = ..., \log L(w) =
// ..., k(x,x') = ..., y' = ..., ‖x‖_p = ..., \frac{dS}{dt} = ..., and Python's lambda x: ... None of these is
// a name or a function of the language, and the formula is what stands behind '='.
//
// The scanners get a copy of the text with blanks in the place of such a left side; spans and error messages
// stay those of the text that was typed. Left sides that define something, f(x) = ..., are left alone. Entry:
// sdp_skip_left_side.
#include "grammar/tokens.h"

#include <string.h>

static size_t blanks(const char *s, size_t i)
{
    while (s[i] == ' ' || s[i] == '\t' || s[i] == '$' ||
           (s[i] == '\\' && (s[i + 1] == '[' || s[i + 1] == ',')))
        i += s[i] == '\\' ? 2u : 1u;
    return i;
}

// The place behind the bracket that opens at s[i]; 0: it is never closed.
static size_t behind(const char *s, size_t i)
{
    size_t depth = 0;
    for (; s[i]; i++) {
        if (strchr("([{", s[i])) depth++;
        else if (strchr(")]}", s[i]) && --depth == 0) return i + 1;
    }
    return 0;
}

// Behind a name at s[i]: D_{KL}, \mathcal{L}, p_\theta, J; i: there is none.
static size_t behind_name(const char *s, size_t i)
{
    for (;;) {
        if (s[i] == '\\' && sdp_is_letter(s[i + 1])) i++;
        else if (s[i] == '{') {
            size_t end = behind(s, i);
            if (!end) return i;
            i = end;
        } else if (s[i] == '_' || sdp_is_letter(s[i]) || sdp_is_digit(s[i]) || (unsigned char)s[i] >= 0x80)
            i++;
        else return i;
    }
}

// Behind the '=' or ':=' at s[i]; 0: there is none.
static size_t behind_equals(const char *s, size_t i)
{
    i = blanks(s, i);
    if (s[i] == ':') i++;
    return s[i] == '=' && s[i + 1] != '=' ? i + 1 : 0;
}

static size_t behind_word(const char *s, size_t i, const char *const *words)
{
    for (; *words; words++)
        if (!strncmp(s + i, *words, strlen(*words)) && !sdp_is_letter(s[i + strlen(*words)]))
            return i + strlen(*words);
    return i;
}

// \frac{dS}{dt}, \frac{\partial u}{\partial t}
static bool is_rate(const char *s, size_t i, size_t *end)
{
    static const char *const fractions[] = {"\\frac", "\\dfrac", "\\tfrac", NULL};
    size_t open = blanks(s, behind_word(s, i, fractions)),
           middle = open > i && s[open] == '{' ? behind(s, open) : 0;
    if (!middle || s[middle] != '{' || !(*end = behind(s, middle))) return false;
    bool d = s[open + 1] == 'd' && s[middle + 1] == 'd' && sdp_is_letter(s[middle + 2]);
    return d || (!strncmp(s + open + 1, "\\partial", 8) && !strncmp(s + middle + 1, "\\partial", 8));
}

// p(y=1|x), KL(p||q), k(x,x'), L(w;x), \ell(\mu,\sigma^2): the arguments are no list of names.
static bool is_conditional(const char *s, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (strchr("|;'=^", s[i]) || !strncmp(s + i, "‖", strlen("‖")) || !strncmp(s + i, "\\mid", 4) ||
            !strncmp(s + i, "∣", strlen("∣")))
            return true;
    return false;
}

// The place behind _p, ^2, _{F}, _\infty, _∞, ² at s[i]; i: there is none.
static size_t behind_script(const char *s, size_t i)
{
    if (!strncmp(s + i, "²", strlen("²"))) return i + strlen("²");
    if ((s[i] != '_' && s[i] != '^') || !s[i + 1]) return i;
    size_t end = i + 1, n;
    if (s[end] == '{') return behind(s, end) ? behind(s, end) : i;
    if (s[end] == '\\') {
        do end++;
        while (sdp_is_letter(s[end]));
        return end;
    }
    (void)sdp_utf8_decode(s + end, strlen(s + end), &n);
    return end + n;
}

// \|x\|_p, ‖A‖_F², ||x||^2; 0: there is none at s[i].
static size_t behind_norm(const char *s, size_t i)
{
    static const char *const bars[] = {"\\|", "‖", "||", "\\Vert", "\\lVert", NULL},
                             *const close[] = {"\\|", "‖", "||", "\\Vert", "\\rVert", NULL};
    for (size_t k = 0; bars[k]; k++) {
        if (strncmp(s + i, bars[k], strlen(bars[k]))) continue;
        const char *end = strstr(s + i + strlen(bars[k]), close[k]), *equals = strchr(s + i, '=');
        if (!end || !equals || equals < end) return 0;
        size_t at = (size_t)(end - s) + strlen(close[k]);
        for (size_t next; (next = behind_script(s, at)) > at;) at = next;
        return at;
    }
    return 0;
}

// Behind names with commas between them, x, w
static size_t behind_names(const char *s, size_t i)
{
    for (;; i++) {
        i = blanks(s, i);
        size_t end = i;
        while (sdp_is_letter(s[end]) || (end > i && sdp_is_digit(s[end])) || s[end] == '_') end++;
        i = blanks(s, end);
        if (s[i] != ',') return i;
    }
}

// Python's lambda x, w: and loss = lambda w: and def f(x): return, in front of the only line that they have.
static size_t behind_python(const char *s, size_t from)
{
    static const char *const words[] = {"lambda", "def", "return", NULL};
    size_t name = behind_names(s, from), equals = behind_equals(s, name),
           word = s[name] && equals && s[equals - 1] == '=' ? blanks(s, equals) : from,
           end = behind_word(s, word, words);
    if (end == word || s[end] != ' ') return 0;
    if (s[word] == 'd') {
        size_t open = behind_names(s, end), close = s[open] == '(' ? behind_names(s, open + 1) : 0;
        if (!close || s[close] != ')' || s[blanks(s, close + 1)] != ':') return 0;
        size_t body = blanks(s, close + 1) + 1;
        while (s[body] == ' ' || s[body] == '\n') body++;
        end = behind_word(s, body, words + 2);
        if (end == body) return 0;
    } else if (s[word] == 'l') {
        end = behind_names(s, end);
        if (s[end] != ':' || s[end + 1] == '=') return 0;
        end++;
    } else if (word != from || s[blanks(s, end)] == '=') return 0;
    return strpbrk(s + end, ";\n") ? 0 : end;
}

static size_t left_side(const char *s)
{
    static const char *const logs[] = {"\\log", "\\ln", "log", "ln", NULL};
    size_t from = blanks(s, 0), end = behind_norm(s, from);
    if (end) return behind_equals(s, end);
    if (is_rate(s, from, &end)) return behind_equals(s, end);
    size_t word = behind_word(s, from, logs), name = blanks(s, word), open = behind_name(s, name);
    if (open == name) return 0;
    end = open;
    while (s[end] == '\'') end++;
    if (end > open) return behind_equals(s, end);
    open = blanks(s, open);
    if (!strncmp(s + open, "\\left", 5)) open += 5;
    end = s[open] == '(' ? behind(s, open) : 0;
    return end && (word > from || is_conditional(s, open + 1, end - 1)) ? behind_equals(s, end) : 0;
}

void sdp_skip_left_side(sdp_parser *p)
{
    size_t end = behind_python(p->source, blanks(p->source, 0));
    if (!end && p->tree->from != SD_FROM_NUMPY) end = left_side(p->source);
    p->typed = p->source;
    p->left = end;
    if (!end) return;
    char *copy = sdp_strndup(p->b, p->source, p->n);
    memset(copy, ' ', end);
    p->source = copy;
}
