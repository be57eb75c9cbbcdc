// SPDX-License-Identifier: MIT
// Equations between entries: dF[i,j]/dX[k,l] = sum_p(A[i,p]*B[p,l]*delta(j,k)), as answers without matrix
// notation are printed. Read only here and behind such a '=' does sum_p( mean a sum: elsewhere it is a name.
//
//   F[i,j,k] =                   a tensor by its entries
//   dF[i,j]/dX[k,l] =            a derivative: the indices of the value, then those of the variables
//   d2F/dx[i]dY[j,k] =           variables stand side by side; one without indices is followed by a space: ds
//                                dY[j,k]
//   ∂²F/∂x[i]∂Y[j,k] =           the same
//   dF/dt =   F =                numbers; the second only if a sum over indices follows
//
// When the '=' comes, what stands in front of it is a product of subscripted names to the scanner.
// If it has one of the forms above, it becomes TENSOR, OVER, VARIED and the indices; else it
// stays, and the parser refuses the '='.
#include "grammar/tokens.h"

#include <string.h>

#include "parser.h"

typedef struct {
    sdp_parser *p;
    uint32_t at, end; // what is left of the old tokens
    sdp_token *out;   // the new ones
    uint32_t n, nindices;
} rewriter;

static const sdp_token *peek(rewriter *r)
{
    while (r->at < r->end && r->p->token[r->at].kind == T_JUXTAPOSE) r->at++;
    return r->at < r->end ? &r->p->token[r->at] : NULL;
}

static bool next_is(rewriter *r, int kind)
{
    const sdp_token *t = peek(r);
    return t && t->kind == kind;
}

static void append(rewriter *r, int kind, sdp_span span, const char *text)
{
    r->out[r->n++] = (sdp_token){kind, span, text, 0};
}

static void copy(rewriter *r) { r->out[r->n++] = r->p->token[r->at++]; }

static uint32_t digits(const char *s) { return (uint32_t)strspn(s, "0123456789"); }

// dX, d2F, ∂X, ∂²F, dθ (which the scanner cuts in two), without the d. order: the
// number behind it, 1 if there is none.
static bool differential(rewriter *r, int kind, uint32_t *order)
{
    const sdp_token *t = peek(r);
    if (!t || (t->kind != T_NAME && t->kind != T_PARTIAL)) return false;
    sdp_span span = t->span;
    const char *name = t->text, *count = "";
    r->at++;
    if (t->kind == T_NAME) {
        if (*name++ != 'd') return false;
        count = name;
        name += digits(name);
    }
    if (!*name && *count != '0') {
        t = peek(r);
        if (t && !*count && (t->kind == T_SUPERSCRIPT || t->kind == T_NUMBER)) {
            count = t->text;
            r->at++;
            t = peek(r);
        }
        if (!t || t->kind != T_NAME) return false;
        name = t->text;
        span.end = t->span.end;
        r->at++;
    }
    *order = digits(count) == 0 ? 1 : digits(count) == 1 ? (uint32_t)(*count - '0') : 0;
    append(r, kind, span, name);
    return true;
}

// [i,j], if it is there
static bool indices(rewriter *r)
{
    if (!next_is(r, T_LBRACKET)) return true;
    uint32_t opening = r->n;
    copy(r);
    for (;;) {
        if (!next_is(r, T_NAME)) return false;
        copy(r);
        r->nindices++;
        if (!next_is(r, T_COMMA)) break;
        copy(r);
    }
    if (!next_is(r, T_RBRACKET)) return false;
    copy(r);
    r->out[opening].match = r->n - 1; // relative to the first token for now
    r->out[r->n - 1].match = opening;
    return true;
}

static bool quotient(rewriter *r)
{
    uint32_t order, one, variables = 0;
    if (!differential(r, T_TENSOR, &order) || !indices(r)) return false;
    const sdp_token *line = peek(r);
    if (!line || line->kind != T_TIMES || strcmp(line->text, "/") != 0) return false;
    append(r, T_OVER, line->span, "/");
    r->at++;
    for (; peek(r); variables++)
        if (!differential(r, T_VARIED, &one) || one != 1 || !indices(r)) return false;
    if (variables && variables != order)
        sdp_fail(r->p->b, SD_ERR_SYNTAX, r->out[0].span, "one below the line for each order: d2F/dx[i]dx[j]",
                 "a derivative of order %u by %u variable%s", order, variables, variables == 1 ? "" : "s");
    return variables > 0;
}

static bool tensor(rewriter *r)
{
    const sdp_token *t = peek(r);
    if (!t || t->kind != T_NAME) return false;
    append(r, T_TENSOR, t->span, t->text);
    r->at++;
    return indices(r) && !peek(r);
}

static uint32_t statement_start(const sdp_parser *p, uint32_t at)
{
    while (at > 0) {
        const sdp_token *t = &p->token[at - 1];
        if (t->kind == T_SEMICOLON || t->kind == T_NEWLINE) break;
        at = t->kind == T_RPAREN || t->kind == T_RBRACKET || t->kind == T_BAR_CLOSE || t->kind == T_RBRACE
                 ? t->match
                 : at - 1;
    }
    return at;
}

static bool is_function(const sdp_parser *p, const char *s, size_t n)
{
    for (uint32_t i = 0; i < p->ntokens; i++)
        if (p->token[i].kind == T_DEFINED && strlen(p->token[i].text) == n && !memcmp(p->token[i].text, s, n))
            return true;
    return false;
}

// Does the statement that goes on at s contain sum_p( or sum_p,q( that is no function defined before?
static bool sums_follow(const sdp_parser *p, const char *s)
{
    static const char *const signs[] = {"∑_", "Σ_", "sum_"};
    int depth = 0; // a semicolon in brackets ends a row
    for (; *s && *s != '\n' && (*s != ';' || depth > 0); s++) {
        depth += *s == '[' ? 1 : *s == ']' ? -1 : 0;
        for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
            size_t n = strlen(signs[i]);
            if (strncmp(s, signs[i], n) ||
                (s > p->source && (sdp_is_letter(s[-1]) || sdp_is_digit(s[-1]) || s[-1] == '_')))
                continue;
            n += strcspn(s + n, " ,()[];\n");
            if (s[n] == ',' || (s[n] == '(' && !is_function(p, s, n))) return true;
        }
    }
    return false;
}

void sdp_begin_equation(sdp_parser *p)
{
    uint32_t end = p->ntokens - 1, start = statement_start(p, end);
    sdp_token assign = p->token[end];
    bool subscripted =
        end > start && (p->token[end - 1].kind == T_RBRACKET || p->token[end - 1].kind == T_NAME);
    if (!subscripted) return;
    rewriter r = {.p = p,
                  .at = start,
                  .end = end,
                  .out = sdp_scratch(p->b, (end - start + 1u) * sizeof *r.out)};
    bool over = false;
    for (uint32_t i = start; i < end && !over; i++) over = p->token[i].kind == T_TIMES;
    if (!(over ? quotient(&r) : tensor(&r))) return;
    if (r.nindices == 0 && !over && !sums_follow(p, p->source + assign.span.end)) return;
    for (uint32_t i = 0; i < r.n; i++) {
        p->token[start + i] = r.out[i];
        if (r.out[i].kind == T_LBRACKET || r.out[i].kind == T_RBRACKET) p->token[start + i].match += start;
    }
    p->ntokens = start + r.n;
    p->token[p->ntokens++] = assign;
    p->equation = true;
}
