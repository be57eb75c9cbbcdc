// SPDX-License-Identifier: MIT
// The tree of an answer as JSON, for programs that go on with it: {"call": "*", "args": [{"name": "A"},
// {"name": "x"}]}. It is the tree of the text that is printed, so calls have the names of grammar/syntax.h.
// Entry: sdp_put_trees.
#include <string.h>

#include "codegen/print/print.h"
#include "grammar/syntax.h"
#include "runtime/api/api.h"

static void put_leaf(sdp_text *t, const char *kind, const char *text)
{
    sdp_putf(t, "{\"%s\": ", kind);
    sdp_put_json_string(t, text, strlen(text));
}

// Opens a node; leaves are closed at once.
static void open_node(sdp_text *t, const sdp_syntax *s)
{
    static const char *const kinds[] = {
        [SYN_NUMBER] = "number",    [SYN_NAME] = "name",      [SYN_STRING] = "string",
        [SYN_COLON] = "colon",      [SYN_EMPTY] = "empty",    [SYN_CALL] = "call",
        [SYN_DECL] = "declaration", [SYN_DEF] = "definition", [SYN_INDEXED] = "indexed"};
    put_leaf(t, kinds[s->kind], s->text ? s->text : "");
    sdp_put(t, s->nargs || s->kind >= SYN_CALL ? ", \"args\": [" : "}");
}

static void put_tree(sdp_base *b, const sdp_tree *tree, sdp_syn root, sdp_text *t)
{
    typedef struct {
        sdp_syn node;
        uint32_t next;
    } step;
    uint32_t n = 0;
    step *open = sdp_scratch(b, (tree->count + (size_t)1) * sizeof *open);
    open[n++] = (step){root, 0};
    open_node(t, &tree->node[root]);
    while (n) {
        step *at = &open[n - 1];
        const sdp_syntax *s = &tree->node[at->node];
        if (at->next < s->nargs) {
            if (at->next) sdp_put(t, ", ");
            const sdp_syn arg = s->arg[at->next++];
            open_node(t, &tree->node[arg]);
            open[n++] = (step){arg, 0};
            continue;
        }
        if (s->nargs || s->kind >= SYN_CALL) sdp_put(t, "]}");
        n--;
    }
}

void sdp_put_trees(sd_context *c, const sd_result *r, sdp_text *t)
{
    sdp_base *b = &c->g->base;
    sdp_put(t, "[");
    for (size_t i = 0; i < r->n; i++) {
        sdp_text text;
        sdp_text_init(&text, b);
        sdp_entry plain = sdp_shown(r)[i];
        plain.label = "", plain.head = NULL;
        sdp_print_plain(c->g, &plain, SD_TEXT, &text);
        const sdp_tree *tree = sdp_parse(b, text.s, text.n, "<answer>");
        sdp_putf(t, "%s{\"label\": ", i ? ", " : "");
        sdp_put_json_string(t, r->entry[i].label, strlen(r->entry[i].label));
        sdp_put(t, ", \"text\": ");
        sdp_put_json_string(t, text.s, text.n);
        sdp_put(t, ", \"tree\": ");
        if (tree->statements) put_tree(b, tree, tree->statement[tree->statements - 1], t);
        else sdp_put(t, "null");
        sdp_put(t, "}");
        sdp_text_free(&text);
    }
    sdp_put(t, "]\n");
}
