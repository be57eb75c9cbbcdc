// SPDX-License-Identifier: MIT
// The front door from text to graph: declarations, expressions, and the templates of tables and rules.
#include <string.h>

#include "ast/surface/terms.h"

void sdp_declare(sdp_graph *g, const char *text, const char *source_name)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_tree *tree = sdp_parse_from(&g->base, g->from == SD_FROM_PLAIN ? SD_FROM_PLAIN : SD_FROM_AUTO, text,
                                    strlen(text), source_name);
    sdp_terms w = {.g = g};
    for (uint32_t i = 0; i < tree->statements; i++) {
        const sdp_syntax *s = &tree->node[tree->statement[i]];
        if (s->kind == SYN_DECL || s->kind == SYN_DEF) continue;
        g->base.source = tree->source;
        g->base.source_name = tree->source_name;
        sdp_fail(&g->base, SD_ERR_SYNTAX, s->span, "write X : matrix(m, n)",
                 "expected a declaration or a definition");
    }
    sdp_resolve(&w, tree);
    sdp_scratch_release(&g->base, m);
}

// ---- what was typed and is gone ---------------------------------------------------------------------------
// Returns the divisor of a term, inverted; 0 if there is none.
static sdp_id inverted(const sdp_terms *w, const sdp_term *t)
{
    if (t->kind != SYN_CALL || (t->op != SDP_OP_div && t->op != SDP_OP_ediv && t->op != SDP_OP_ldiv))
        return 0;
    sdp_id by = w->t[t->arg[t->op != SDP_OP_ldiv]].node;
    if (!by || sdp_is_zero(w->g, by)) return 0;
    bool matrix = t->op != SDP_OP_ediv && sdp_get(w->g, by)->order && !sdp_has_entries(w, t);
    return matrix ? sdp_prim(w->g, SDP_OP_inv, 1, &by, 0) : sdp_power_num(w->g, by, SDP_NUM_MINUS_ONE);
}

// Cancelling takes away where a value exists: x/x, exp(log(x)), A*inv(A). The nodes of terms that the root
// does not reach; and the definition of a variable that stands in the place of one.
static void find_typed(const sdp_terms *w, sdp_surface *r)
{
    sdp_graph *g = w->g;
    uint32_t count;
    bool *needed = sdp_scratch(&g->base, w->n + 1);
    const sdp_id *branch = sdp_branches(w, needed);
    sdp_cancelled *found = sdp_scratch(&g->base, 2 * (w->n + (size_t)1) * sizeof *found);
    for (uint32_t i = 0; i < w->n; i++) {
        sdp_id node[2] = {w->t[i].kind == SYN_CALL ? w->t[i].node : 0};
        if (!needed[i] || branch[i] == SDP_NEVER) continue;
        if (w->t[i].kind == SYN_CALL && w->t[i].op == SDP_OP_cut)
            r->cut = (sdp_cut_at){w->t[w->t[i].arg[0]].node, w->t[w->t[i].arg[2]].node};
        node[1] = inverted(w, &w->t[i]);
        for (int k = 0; k < 2; k++)
            if (node[k]) found[r->ntyped++] = (sdp_cancelled){node[k], branch[i]};
    }
    for (uint32_t i = 0; i < w->n; i++) // what stands in the place of a parameter gives way to the argument
        for (uint32_t k = 0;
             needed[i] && w->t[i].kind == SYN_CALL && w->t[i].op == SDP_OP_at && k < r->ntyped; k++)
            found[k].node =
                sdp_substitute(g, found[k].node, 1, &w->t[w->t[i].arg[1]].node, &w->t[w->t[i].arg[2]].node);
    const sdp_id *list = sdp_reachable(g, 1, &r->node, &count);
    sdp_sparse kept;
    sdp_sparse_scratch(&g->base, &kept, count);
    for (uint32_t i = 0; i < count; i++) sdp_sparse_put(&g->base, &kept, list[i], true);
    sdp_cancelled *typed = sdp_alloc(&g->base, (r->ntyped + (size_t)1) * sizeof *typed);
    sdp_id *node = sdp_scratch(&g->base, (r->ntyped + (size_t)1) * sizeof *node);
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->ntyped; i++)
        if (!sdp_sparse_get(&kept, found[i].node)) node[n] = found[i].node, typed[n++] = found[i];
    sdp_without_free_copies(g, n, node, 0, NULL);
    for (uint32_t i = 0; i < n; i++) typed[i].node = node[i];
    r->typed = typed;
    r->ntyped = n;
}

// The expression whose root is w->root, from terms that have shapes. constrained: names of variables stand
// for their free copies.
static sdp_surface lowered(sdp_terms *w, bool constrained)
{
    sdp_surface r = {.node = sdp_lower(w), .shape = w->t[w->root].shape};
    find_typed(w, &r);
    if (!constrained) return r;
    r.free = r.node;
    sdp_id root[2] = {r.node, r.cut.value ? r.cut.value : r.node};
    sdp_without_free_copies(w->g, 2, root, 0, NULL);
    r.node = root[0];
    if (r.cut.value) r.cut.value = root[1];
    return r;
}

static sdp_surface read_tree(sdp_terms *w, sdp_tree *tree)
{
    sdp_surface r = {0};
    w->g->optimum = tree->asked;
    if (sdp_resolve(w, tree)) {
        sdp_infer(w);
        bool constrained = sdp_name_free_copies(w);
        r = lowered(w, constrained);
        r.tree = w->tree;
    }
    return r;
}

sdp_surface sdp_read(sdp_graph *g, const char *text, size_t n, const char *source_name, bool scalar,
                     sdp_known_shape known, void *data)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_tree *tree = sdp_parse_from(&g->base, g->from, text, n, source_name);
    sdp_terms w = {.g = g, .known = known, .known_data = data, .scalar = scalar, .alone = true};
    sdp_surface r = read_tree(&w, tree);
    sdp_scratch_release(&g->base, m);
    return r;
}

sdp_surface sdp_read_tree(sdp_graph *g, sdp_tree *tree)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_terms w = {.g = g};
    sdp_surface r = read_tree(&w, tree);
    sdp_scratch_release(&g->base, m);
    return r;
}

// ---- several texts ----------------------------------------------------------------------------------------
static void resolve_each(sdp_terms *w, uint32_t n, const char *const *text, const char *const *name,
                         uint32_t *root)
{
    sdp_graph *g = w->g;
    for (uint32_t i = 0; i < n; i++) {
        const char *source = name ? name[i] : sdp_printf(&g->base, "<expression %u>", i + 1);
        if (!sdp_resolve(w, sdp_parse_from(&g->base, g->from, text[i], strlen(text[i]), source)))
            sdp_fail(&g->base, SD_ERR_SYNTAX, (sdp_span){0, 0}, "the expression stands last: r = X*t-Y; r'*r",
                     "there is no expression, only definitions");
        root[i] = w->root;
    }
}

static void lower_each(sdp_terms *w, uint32_t n, const uint32_t *root, sdp_surface *out)
{
    bool constrained = sdp_name_free_copies(w);
    for (uint32_t i = 0; i < n; i++) {
        w->root = root[i];
        out[i] = lowered(w, constrained);
    }
}

void sdp_read_pair(sdp_graph *g, const char *const text[2], sdp_known_shape known, void *data,
                   sdp_surface out[2])
{
    static const char *const name[] = {"<first expression>", "<second expression>"};
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_terms w = {.g = g, .known = known, .known_data = data};
    uint32_t root[2];
    resolve_each(&w, 2, text, name, root);
    sdp_infer_pair(&w, root[0], root[1]);
    lower_each(&w, 2, root, out);
    sdp_scratch_release(&g->base, m);
}

void sdp_read_all(sdp_graph *g, uint32_t n, const char *const *text, const char *const *name, bool scalar,
                  sdp_known_shape known, void *data, sdp_surface *out)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_terms w = {.g = g, .known = known, .known_data = data, .scalar = scalar, .alone = !scalar};
    uint32_t *root = sdp_scratch(&g->base, n * sizeof *root);
    resolve_each(&w, n, text, name, root);
    w.root = root[0];
    sdp_infer(&w);
    lower_each(&w, n, root, out);
    sdp_scratch_release(&g->base, m);
}
