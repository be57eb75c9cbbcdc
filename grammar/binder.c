// SPDX-License-Identifier: MIT
// Sums and products over an index, as a hand writes them in front of what they extend over:
//
//   sum_i (y_i-w'x_i)^2     Σ_i   ∑_i   prod_i   Π_i      the term that follows, up to + or -
//   max_i |x_i|   min_i   mean_i                         the largest, the smallest, the mean of all
//   sum_{i=1}^n   sum_{i,j}   sum_{i<j}   sum_{j=i}^{n-1}  with bounds or a condition
//   sum_i(x_i^2)                                           a call: what stands in the parentheses, no more
//
// A binder is the token BIND and its ranges in braces, which are there even if nobody typed any. A word such
// as sum_x that nothing follows, or that is defined, stays a name. `sum_i(..)^2` is refused: the square is
// that of the sum to some and of the terms to others.
#include "grammar/tokens.h"

#include <string.h>

#include "parser.h"

static const struct {
    const char *word, *text;
} words[] = {{"sum_", "sum"},   {"Sum_", "sum"},   {"Σ_", "sum"},    {"∑_", "sum"},
             {"prod_", "prod"}, {"Prod_", "prod"}, {"Π_", "prod"},   {"∏_", "prod"},
             {"max_", "max"},   {"min_", "min"},   {"mean_", "mean"}};

static const char *binder_of(const char *s, size_t *stem)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strncmp(s, words[i].word, strlen(words[i].word)))
            return *stem = strlen(words[i].word), words[i].text;
    return NULL;
}

static bool begins_operand(const char *s)
{
    static const char *const signs[] = {"‖", "∥", "√", "∑", "∏", "∇", "𝟏", "½", "ŷ", "ℓ"};
    while (*s == ' ' || *s == '\t') s++;
    unsigned char c = (unsigned char)*s;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (!strncmp(s, signs[i], strlen(signs[i]))) return true;
    return c == 0xCE || c == 0xCF || c == '(' || c == '[' || c == '|' || c == '{' || sdp_is_digit(*s) ||
           sdp_is_letter(*s) || (c == '-' && s[1] != ' ');
}

// The place behind the parenthesis that opens at s; NULL: it is never closed.
static const char *behind(const char *s)
{
    int depth = 0;
    for (; *s; s++) {
        depth += strchr("([{", *s) ? 1 : strchr(")]}", *s) ? -1 : 0;
        if (!depth) return s + 1;
    }
    return NULL;
}

// sum_{ij}: two letters of indices are two indices.
static bool is_pair(const char *s, size_t n)
{
    return n == 2 && sdp_is_index_letter(s[0]) && sdp_is_index_letter(s[1]) && s[0] != s[1];
}

static void put_virtual(sdp_parser *p, size_t at, const char *s, size_t n)
{
    sdp_token_add(p, T_LBRACE, at, 0, "_{");
    for (size_t k = 0; k < n;) {
        size_t length = strcspn(s + k, ",(");
        if (length > n - k) length = n - k;
        if (is_pair(s + k, length)) length = 1;
        sdp_token_add(p, T_NAME, at + k, length, sdp_name_text(p, s + k, length));
        k += length;
        if (k < n) sdp_token_add(p, T_COMMA, at + k, s[k] == ',', ",");
        if (k < n && s[k] != ',') continue;
        k++;
    }
    sdp_token_add(p, T_RBRACE, at + n, 0, "}");
}

bool sdp_token_is_binder(const sdp_parser *p, uint32_t brace)
{
    const sdp_token *t = &p->token[brace];
    return t->kind == T_RBRACE && t->match > 0 && p->token[t->match - 1].kind == T_BIND;
}

static bool is_name_byte(char c) { return c == '_' || sdp_is_digit(c) || sdp_is_letter(c); }

// max_i, min_k: an index is one letter. In front of a statement min_w names the variable, if w stands
// somewhere by itself.
static bool is_optimum(const sdp_parser *p, const char *s, size_t length, size_t stem, bool braces)
{
    const char *name = s + stem + braces;
    if (strncmp(s, "max_", 4) && strncmp(s, "min_", 4)) return false;
    if (!sdp_is_letter(*name) || (name[1] && is_name_byte(name[1]))) return true;
    const sdp_token *t = p->ntokens ? &p->token[p->ntokens - 1] : NULL;
    if (p->nopen ||
        (t && t->kind != T_SEMICOLON && t->kind != T_NEWLINE && t->kind != T_ASSIGN && !p->newline.end))
        return false;
    for (const char *at = s + length; *at; at++)
        if (*at == *name && !is_name_byte(at[-1]) && !is_name_byte(at[1])) return true;
    return false;
}

// sum_i, sum_i,j, sum_{...}. Returns how much of it was used: up to the opening brace if
// there is one; 0: it is no binder.
size_t sdp_token_binder(sdp_parser *p, size_t begin, size_t length)
{
    const char *s = p->source + begin;
    size_t stem;
    const char *text = binder_of(s, &stem);
    bool braces = text && s[stem] == '{';
    if (!text || !(begins_operand(s + length) || (braces && s[length] == '^')) ||
        sdp_token_is_own(p, s, length) || is_optimum(p, s, length, stem, braces))
        return 0;
    if (braces && length == stem + 4 && is_pair(s + stem + 1, 2)) {
        sdp_token_add(p, T_BIND, begin, stem, text);
        put_virtual(p, begin + stem + 1, s + stem + 1, 2);
        return length;
    }
    if (braces) {
        sdp_token_add(p, T_BIND, begin, stem, text);
        sdp_token_add(p, T_LBRACE, begin + stem, 1, "_{");
        return stem + 1;
    }
    if (s[length] == '(') sdp_token_check_call(p, begin, length + 1); // of a sum, tokens.c does
    sdp_token_add(p, T_BIND, begin, stem, text);
    put_virtual(p, begin + stem, s + stem, length - stem);
    return length;
}

// Σᵢ, Πᵢⱼ: the letters below are the indices. Where nothing follows that it extends over, it is a name.
void sdp_token_binder_below(sdp_parser *p, size_t begin, size_t length)
{
    const char *s = p->source + begin;
    size_t stem = (unsigned char)*s == 0xE2 ? 3 : 2; // ∑ ∏, Σ Π
    if (!begins_operand(s + length)) {
        sdp_token_name(p, begin, length);
        return;
    }
    bool product = !strncmp(s, "Π", 2) || !strncmp(s, "∏", 3);
    sdp_token_add(p, T_BIND, begin, stem, product ? "prod" : "sum");
    sdp_token_add(p, T_LBRACE, begin + stem, 0, "_{");
    for (size_t at = stem; at < length; at += 3) {
        if (at > stem) sdp_token_add(p, T_COMMA, begin + at, 0, ",");
        sdp_token_add(p, T_NAME, begin + at, 3, sdp_name(p->b, (char[]){sdp_letter_below(s + at), '\0'}));
    }
    sdp_token_add(p, T_RBRACE, begin + length, 0, "}");
}

// Does the text define a function with the name of a binder, sum_p(x) = ..., anywhere? Asked once a text.
static bool defines_some(sdp_parser *p)
{
    size_t stem;
    if (p->binders) return p->binders > 1;
    p->binders = 1;
    for (const char *s = p->source; *s; s++) {
        if (!binder_of(s, &stem)) continue;
        const char *open = s + strcspn(s, " ([{;\n"), *end = *open == '(' ? behind(open) : NULL;
        while (end && *end == ' ') end++;
        if (end && *end == '=' && end[1] != '=') p->binders = 2;
    }
    return p->binders > 1;
}

// sum_p( where sum_p is a function of the user's.
bool sdp_token_is_own(sdp_parser *p, const char *s, size_t n)
{
    if (!defines_some(p)) return false;
    for (const char *at = strstr(p->source, "("); at; at = strstr(at + 1, "(")) {
        const char *end = behind(at);
        while (end && *end == ' ') end++;
        if (end && *end == '=' && end[1] != '=' && (size_t)(at - p->source) >= n && !memcmp(at - n, s, n))
            return true;
    }
    return false;
}

// sum_i(...): the sum of what stands in the parentheses.
void sdp_token_check_call(sdp_parser *p, size_t begin, size_t length)
{
    const char *s = p->source + begin, *end = behind(s + length - 1);
    if (!end || (*end != '^' && strncmp(end, "²", 2) && strncmp(end, "³", 2))) return;
    int inside = (int)(end - (s + length) - 1), head = (int)length - 1;
    sdp_span at = {(uint32_t)begin, (uint32_t)(end - p->source) + 1};
    sdp_fail(p->b, SD_ERR_SYNTAX, at,
             inside > 60 ? "put the power inside of the parentheses, or parentheses around the sum"
                         : sdp_printf(p->b, "write %.*s((%.*s)^2) or (%.*s(%.*s))^2", head, s, inside,
                                      s + length, head, s, inside, s + length),
             "a power of the sum, or of its terms?");
}
