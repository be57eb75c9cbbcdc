// SPDX-License-Identifier: MIT
// Subscripts in parentheses, as MATLAB writes them: x(1:3), A(:,1), x(2:end).
//
// A colon cannot stand in the arguments of a function but behind a bare name, softmax(p: x[p]). So a name
// with any other colon directly in its parentheses is an array, and all its parentheses are subscripts:
// in sum(x(1:3))+x(4) x(4) is an entry. x(4) alone may be a product and stays one of two readings. Spans
// stay as they are. A(:) is vec(A). Entry: sdp_index_by_parentheses, between the scanner and the parser.
#include <stdlib.h>
#include <string.h>

#include "grammar/tokens.h"
#include "parser.h"

static bool is_called(const sdp_parser *p, uint32_t i)
{
    const sdp_token *t = &p->token[i];
    return i + 1 < p->ntokens && t->kind == T_NAME && t[1].kind == T_LPAREN && t[1].match > i + 2;
}

// Is the colon at k, directly in the parentheses that token `open` opens, that of a range or of all?
static bool is_of_range(const sdp_parser *p, uint32_t open, uint32_t k)
{
    const sdp_token *t = &p->token[k];
    bool first = k == open + 1 || t[-1].kind == T_COMMA;
    bool begins = k == open + 2 || t[-2].kind == T_COMMA || t[-2].kind == T_COLON; // inv(p: q: ..)
    bool binds = begins && t[-1].kind == T_NAME && strcmp(t[-1].text, "end");
    return first ? t[1].kind == T_COMMA || t[1].kind == T_RPAREN : !binds;
}

static bool has_range(const sdp_parser *p, uint32_t open)
{
    bool found = false;
    for (uint32_t k = open + 1, end = p->token[open].match; k < end; k++) {
        const sdp_token *t = &p->token[k];
        if (t->match > k) k = t->match; // what stands in other brackets
        else found |= t->kind == T_COLON && is_of_range(p, open, k);
    }
    return found;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void sdp_index_by_parentheses(sdp_parser *p)
{
    const char **array = NULL;
    uint32_t n = 0, cap = 0;
    for (uint32_t i = 0; i < p->ntokens; i++) {
        if (!is_called(p, i) || !has_range(p, i + 1)) continue;
        array = sdp_grown(p->b, array, n, &cap, sizeof *array);
        array[n++] = p->token[i].text;
    }
    if (!n) return;
    qsort(array, n, sizeof *array, by_text);
    for (uint32_t i = 0; i < p->ntokens; i++) {
        if (!is_called(p, i) || !bsearch(&p->token[i].text, array, n, sizeof *array, by_text)) continue;
        sdp_token *name = &p->token[i], *open = name + 1, *close = &p->token[open->match];
        if (open[1].kind == T_COLON && close == open + 2) { // A(:) stacks the columns: vec(A)
            open[1] = *name;
            name->text = "vec";
            continue;
        }
        open->kind = T_LBRACKET, open->text = "index";
        close->kind = T_RBRACKET, close->text = "]";
    }
}
