// SPDX-License-Identifier: MIT
// The entrance: text to a syntax tree, through the scanner (lexer.l, tokens.c) and the parser (parser.y).
#include "grammar/tokens.h"

#include <string.h>

#include "parser.h"

sdp_tree *sdp_parse(sdp_base *b, const char *source, size_t n, const char *source_name)
{
    return sdp_parse_from(b, SD_FROM_PLAIN, source, n, source_name);
}

sdp_tree *sdp_parse_from(sdp_base *b, sd_notation from, const char *source, size_t n, const char *source_name)
{
    sdp_parser p = {.b = b, .n = n};
    if (n >= (size_t)1 << 30)
        sdp_fail(b, SD_ERR_LIMIT, (sdp_span){0, 0}, NULL, "a text of %zu bytes is too long: at most 1 GiB",
                 n);
    p.tree = sdp_alloc(b, sizeof *p.tree);
    p.tree->source = p.source = b->source = sdp_strndup(b, source, n);
    p.tree->source_name = b->source_name =
        source_name ? sdp_strndup(b, source_name, strlen(source_name)) : "<expression>";
    sdp_mark mark = sdp_scratch_mark(b);
    sdp_check_text(&p);
    if (from == SD_FROM_AUTO) from = sdp_notation_of(b, p.source, n);
    p.tree->from = from;
    sdp_skip_left_side(&p);
    if (from == SD_FROM_LATEX) sdp_scan_latex(&p);
    else if (from == SD_FROM_NUMPY) sdp_scan_numpy(&p);
    else sdp_scan(&p), sdp_index_by_parentheses(&p);
    sdp_yyparse(&p); // fails by itself
    if (!p.tree->statements)
        sdp_fail(b, SD_ERR_SYNTAX, (sdp_span){0, 0}, "for example norm(X*t-Y)^2/N",
                 "the expression is empty");
    sdp_tree *t = p.tree;
    sdp_syntax *node = sdp_alloc(b, t->count * sizeof *node);
    if (t->count) memcpy(node, t->node, t->count * sizeof *node);
    sdp_syn *statement = sdp_alloc(b, t->statements * sizeof *statement);
    if (t->statements) memcpy(statement, t->statement, t->statements * sizeof *statement);
    t->node = node;
    t->statement = statement;
    t->capacity = t->count;
    t->statement_capacity = t->statements;
    sdp_scratch_release(b, mark);
    return t;
}
