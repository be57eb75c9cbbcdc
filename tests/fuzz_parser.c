// SPDX-License-Identifier: MIT
// libFuzzer target: any bytes through a reader, plain unless FROM says another (fuzz_latex.c, fuzz_numpy.c).
// The parser must return a tree whose arguments stand before their users, and whose dump can be written; or
// one error with a sentence, a span inside the text, and a drawing. Nothing is leaked.
#include <stdlib.h>
#include <string.h>

#include "grammar/syntax.h"

#ifndef FROM
#define FROM SD_FROM_PLAIN
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool truth)
{
    if (!truth) abort();
}

static void check_tree(const sdp_tree *t, size_t size)
{
    demand(t->statements > 0);
    for (uint32_t i = 0; i < t->statements; i++) demand(t->statement[i] < t->count);
    for (uint32_t i = 0; i < t->count; i++) {
        const sdp_syntax *s = &t->node[i];
        demand(s->text && s->span.begin <= s->span.end && s->span.end <= size);
        demand(s->op.begin >= s->span.begin && s->op.end <= s->span.end);
        demand(s->kind == SYN_CALL || (s->kind >= SYN_DECL) == (s->nargs > 0));
        for (uint32_t k = 0; k < s->nargs; k++) demand(s->arg[k] < i);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sdp_base b;
    sdp_trap t;
    sdp_base_init(&b, NULL, &(sd_limits){.depth = 100, .memory = 64u << 20});
    if (SDP_TRY(&b, t)) {
        sdp_tree *tree = sdp_parse_from(&b, FROM, (const char *)data, size, "<fuzz>");
        check_tree(tree, size);
        sdp_text text;
        sdp_text_init(&text, &b);
        sdp_tree_dump(tree, &text);
        SDP_END(&b, t);
    } else {
        const sd_error *e = &b.error;
        demand(e->code == SD_ERR_SYNTAX || e->code == SD_ERR_LIMIT);
        demand(e->message[0] && !strchr(e->message, '\n') && e->begin <= e->end && e->end <= size);
        if (SDP_TRY(&b, t)) {
            sdp_diagnose(&b, e);
            SDP_END(&b, t);
        } else {
            abort();
        }
    }
    sdp_base_free(&b);
    demand(b.used == 0);
    return 0;
}
