// SPDX-License-Identifier: MIT
// Equations between entries, dF[i,j]/dX[k,l] = sum_p(A[i,p]*B[p,l]*delta(j,k)): which names are indices, and
// how far they run. entry.c makes the graph node.
//
// An index is a label, not a variable. It belongs to the left side or to the sum_p( ) around it, the
// innermost first; two sums may use the same letter for different sizes. Its size comes from what it
// subscripts, or from delta(i,k) and an index k of known size. Where only delta(i,j+m*k-m) mentions it, the
// size is the largest value there, m*n: so far does vec(X) go. Everything else is the language of matrices: a
// term may have indices and a shape at the same time.
#include <stdlib.h>
#include <string.h>

#include "ast/surface/terms.h"

enum { DEEPEST = SDP_MAX_LABELS };

typedef struct {
    uint32_t parent, first, n, depth;
} scope; // parent: number + 1, 0 is none

typedef struct {
    sdp_terms *w;
    sdp_indices *x;
    sdp_region *r;
    scope *scope;
    uint32_t nscopes, *in; // in: by syntax node, its scope + 1
    bool *affine;          // stands in the second argument of a delta
    bool *within, *base;   // stands in a subscript; is the name that has subscripts
} scan;

static _Noreturn void fail(const sdp_terms *w, sdp_span at, const char *hint, const char *message)
{
    sdp_base *b = &w->g->base;
    const sdp_tree *tree = w->index->region[w->index->nregions - 1].tree;
    b->source = tree->source;
    b->source_name = tree->source_name;
    sdp_fail(b, SD_ERR_NAME, at, hint, "%s", message);
}

static const sdp_syntax *syntax(const scan *s, sdp_syn i) { return &s->r->tree->node[i]; }

// ---- names ------------------------------------------------------------------------------------------------

static uint32_t find(const scan *s, uint32_t in, const char *name)
{
    for (; in; in = s->scope[in - 1].parent) {
        const scope *c = &s->scope[in - 1];
        for (uint32_t k = c->first; k < c->first + c->n; k++)
            if (!strcmp(s->x->at[k].name, name)) return k + 1;
    }
    return 0;
}

static void use(scan *s, sdp_syn i, uint32_t label)
{
    s->r->role[i - s->r->low] = SDP_INDEX;
    s->r->label[i - s->r->low] = label;
}

static uint32_t open_scope(scan *s, uint32_t parent)
{
    uint32_t depth = parent ? s->scope[parent - 1].depth + 1 : 0;
    if (depth > DEEPEST) sdp_limit(&s->w->g->base, "labels", DEEPEST);
    s->scope[s->nscopes] = (scope){.parent = parent, .first = s->x->n, .depth = depth};
    return ++s->nscopes;
}

static void declare(scan *s, uint32_t in, sdp_syn i)
{
    const sdp_syntax *n = syntax(s, i);
    scope *c = &s->scope[in - 1];
    for (uint32_t k = c->first; k < c->first + c->n; k++)
        if (!strcmp(s->x->at[k].name, n->text))
            fail(s->w, n->span, "take another letter; delta(i,j) makes two indices equal",
                 sdp_printf(&s->w->g->base, "the index '%s' is introduced twice", n->text));
    s->x->at = sdp_grown_kept(&s->w->g->base, s->x->at, s->x->n, &s->x->cap, sizeof *s->x->at);
    s->x->at[s->x->n++] = (sdp_index){.name = n->text, .span = n->span};
    c->n++;
    use(s, i, s->x->n);
}

static void reach(scan *s, sdp_syn i, uint32_t in) { s->in[i - s->r->low] = in; }

// The left side: indices of the value, then of the variables.
static void scan_left(scan *s, const sdp_syntax *root)
{
    uint32_t in = open_scope(s, 0);
    const sdp_syntax *f = syntax(s, root->arg[0]);
    s->r->role[root->arg[0] - s->r->low] = SDP_LEFT;
    for (uint32_t k = 0; k < f->nargs; k++) declare(s, in, f->arg[k]);
    for (uint32_t i = 1; i + 1 < root->nargs; i++) {
        const sdp_syntax *v = syntax(s, root->arg[i]);
        for (uint32_t k = 1; v->kind == SYN_CALL && k < v->nargs; k++) declare(s, in, v->arg[k]);
    }
    s->x->left = s->x->n;
    reach(s, root->arg[root->nargs - 1], in);
}

static void scan_over(scan *s, const sdp_syntax *n, uint32_t outer)
{
    uint32_t in = open_scope(s, outer);
    for (uint32_t k = 0; k < n->extra; k++) declare(s, in, n->arg[k]);
    reach(s, n->arg[n->extra], in);
}

static bool is_defined(const sdp_graph *g, const char *name)
{
    for (uint32_t i = 0; g->defs && i < g->defs->n; i++)
        if (!strcmp(g->defs->def[i].tree->node[g->defs->def[i].syn].text, name)) return true;
    return sdp_dim_is_name(g, name);
}

// i stands where an index is expected; it may still be the name of a size.
static bool subscript(scan *s, sdp_syn i, uint32_t in)
{
    const sdp_syntax *n = syntax(s, i);
    uint32_t label = n->kind == SYN_NAME ? find(s, in, n->text) : 0;
    if (label) use(s, i, label);
    else reach(s, i, in);
    return label != 0;
}

static void need_known(scan *s, sdp_syn i)
{
    const sdp_syntax *n = syntax(s, i);
    if (n->kind != SYN_NAME || s->r->role[i - s->r->low] == SDP_INDEX || is_defined(s->w->g, n->text)) return;
    fail(s->w, n->span,
         sdp_printf(&s->w->g->base, "sum_%s( ... ) sums over it; a size must be declared", n->text),
         sdp_printf(&s->w->g->base, "the index '%s' is neither on the left side nor summed over", n->text));
}

// A name that stands neither as a subscript nor in a delta is the number of the index, unless its letter is
// that of a variable or size. In a subscript only i+1 and the like are read (sums.c).
static void count(scan *s, sdp_syn i, uint32_t in)
{
    const sdp_syntax *n = syntax(s, i);
    const sdp_graph *g = s->w->g;
    bool within = s->within[i - s->r->low],
         taken = is_defined(g, n->text) || sdp_variable_find(g, n->text) != UINT32_MAX;
    uint32_t label = find(s, in, n->text);
    if (s->r->role[i - s->r->low] == SDP_INDEX || s->base[i - s->r->low] || (taken && !within) || !label)
        return;
    if (within)
        fail(s->w, n->span,
             "i+1 and i-1 are; a sum over another index reads others: sum_k(x[k]*delta(k,2*j)) is x[2*j]",
             sdp_printf(&s->w->g->base, "this use of the index '%s' is not read", n->text));
    use(s, i, label);
    s->r->role[i - s->r->low] = SDP_COUNTER;
}

// sample(x,i,a,b) and part(A,i,a,b,j,c,d) of sums.c
static void scan_part(scan *s, sdp_syn i, const sdp_syntax *n, uint32_t in)
{
    s->r->role[i - s->r->low] = SDP_PART;
    reach(s, n->arg[0], in);
    s->base[n->arg[0] - s->r->low] = true;
    for (uint32_t k = 1; k < n->nargs; k += 3) subscript(s, n->arg[k], in);
}

static void scan_index(scan *s, const sdp_syntax *n, uint32_t in)
{
    uint32_t indices = 0, names = 0;
    reach(s, n->arg[0], in);
    s->base[n->arg[0] - s->r->low] = true;
    for (uint32_t k = 1; k < n->nargs; k++) {
        names += syntax(s, n->arg[k])->kind == SYN_NAME;
        indices += subscript(s, n->arg[k], in);
        s->within[n->arg[k] - s->r->low] = true;
    }
    for (uint32_t k = 1; names == n->nargs - 1 && k < n->nargs; k++) need_known(s, n->arg[k]);
    if (indices && indices < n->nargs - 1)
        fail(s->w, n->span, "take one after the other: X[2,:][j]", "the subscripts are indices in part only");
}

static void scan_delta(scan *s, sdp_syn i, const sdp_syntax *n, uint32_t in)
{
    s->r->role[i - s->r->low] = SDP_DELTA;
    bool found = false;
    for (uint32_t k = 0; k < 2; k++) {
        found |= subscript(s, n->arg[k], in);
        s->affine[n->arg[k] - s->r->low] = true;
    }
    for (uint32_t k = 0; k < 2; k++) need_known(s, n->arg[k]);
    if (!found)
        fail(s->w, n->span, "delta(i,k) is 1 where i and k are equal, else 0",
             "one side of a delta must be an index");
}

static void scan_node(scan *s, sdp_syn i)
{
    const sdp_syntax *n = syntax(s, i);
    uint32_t in = s->in[i - s->r->low];
    if (in && n->kind == SYN_NAME) count(s, i, in);
    if (n->kind != SYN_CALL || (!in && !n->extra)) return;
    bool delta = n->nargs == 2 && (!strcmp(n->text, "delta") || !strcmp(n->text, "δ"));
    if (delta) scan_delta(s, i, n, in);
    else if (n->extra) {
        s->r->role[i - s->r->low] = strcmp(n->text, "entries") ? SDP_OVER : SDP_BUILT;
        scan_over(s, n, in);
    } else if (!strcmp(n->text, "sample") || !strcmp(n->text, "part")) scan_part(s, i, n, in);
    else if (!strcmp(n->text, "index")) scan_index(s, n, in);
    else
        for (uint32_t k = 0; k < n->nargs; k++) {
            bool affine = s->affine[n->arg[k] - s->r->low] = s->affine[i - s->r->low];
            s->within[n->arg[k] - s->r->low] = s->within[i - s->r->low];
            if (!affine) reach(s, n->arg[k], in);
            else if (!subscript(s, n->arg[k], in)) need_known(s, n->arg[k]);
        }
}

static bool has_indices(const sdp_tree *tree, sdp_syn low, sdp_syn root)
{
    for (sdp_syn i = low; i <= root; i++)
        if (tree->node[i].kind == SYN_INDEXED || (tree->node[i].kind == SYN_CALL && tree->node[i].extra))
            return true;
    return false;
}

// Finds the indices of the expression or equation `root`, whose nodes begin at `low`;
// nothing happens if there are none.
void sdp_index_scan(sdp_terms *w, const sdp_tree *tree, sdp_syn low, sdp_syn root)
{
    sdp_base *b = &w->g->base;
    size_t n = (size_t)root - low + 1;
    if (w->template || !has_indices(tree, low, root)) return;
    if (!w->index) w->index = sdp_alloc(b, sizeof *w->index);
    sdp_indices *x = w->index;
    x->region = sdp_grown_kept(b, x->region, x->nregions, &x->region_cap, sizeof *x->region);
    sdp_region *r = &x->region[x->nregions++];
    *r = (sdp_region){.tree = tree,
                      .low = low,
                      .root = root,
                      .role = sdp_alloc(b, n),
                      .label = sdp_alloc(b, n * sizeof *r->label)};
    sdp_mark m = sdp_scratch_mark(b);
    scan s = {.w = w,
              .x = x,
              .r = r,
              .scope = sdp_scratch(b, n * sizeof *s.scope),
              .in = sdp_scratch(b, n * sizeof *s.in),
              .affine = sdp_scratch(b, n),
              .within = sdp_scratch(b, n),
              .base = sdp_scratch(b, n)};
    if (tree->node[root].kind == SYN_INDEXED) {
        r->role[root - low] = SDP_EQUATION;
        scan_left(&s, &tree->node[root]);
    } else {
        scan_node(&s, root);
    }
    for (sdp_syn i = root; i-- > low;) scan_node(&s, i);
    sdp_scratch_release(b, m);
}

sdp_role sdp_index_role(const sdp_terms *w, const sdp_tree *tree, sdp_syn i, uint32_t *label)
{
    const sdp_indices *x = w->index;
    for (uint32_t k = x ? x->nregions : 0; k-- > 0;) {
        const sdp_region *r = &x->region[k];
        if (r->tree != tree || i < r->low || i > r->root) continue;
        *label = r->label[i - r->low];
        return r->role[i - r->low];
    }
    return SDP_PLAIN;
}

// ---- sizes ------------------------------------------------------------------------------------------------

// Before every trial of shapes: all sizes are open.
void sdp_index_reset(sdp_terms *w)
{
    for (uint32_t i = 0; w->index && i < w->index->n; i++) {
        w->index->at[i].dim = sdp_dim_fresh(w->g);
        w->index->at[i].sized = false;
    }
}

static bool clash(sdp_terms *w, uint32_t bad, uint32_t other, const char *message, const char *hint)
{
    w->bad = bad;
    w->other = other;
    w->message = message;
    w->hint = hint;
    return false;
}

// The index in term t subscripts an axis of size d.
bool sdp_index_bind(sdp_terms *w, uint32_t t, sdp_dim d)
{
    sdp_index *i = &w->index->at[w->t[t].label - 1];
    if (!sdp_dim_unify(w->g, i->dim, d)) {
        const char *a = sdp_dim_text(w->g, sdp_dim_resolve(w->g, i->dim)),
                   *b = sdp_dim_text(w->g, sdp_dim_resolve(w->g, d));
        return clash(w, t, i->sized ? i->first : t,
                     sdp_printf(&w->g->base, "the index '%s' runs to %s here and to %s elsewhere", i->name, b,
                                a),
                     NULL);
    }
    if (!i->sized) i->first = t;
    i->sized = true;
    return true;
}

static uint32_t first_label(const sdp_terms *w, const sdp_term *t)
{
    return w->t[t->arg[w->t[t->arg[0]].label ? 0 : 1]].label;
}
static uint32_t other_side(const sdp_terms *w, const sdp_term *t)
{
    return t->arg[w->t[t->arg[0]].label ? 1 : 0];
}

static bool shape_delta(sdp_terms *w, const sdp_term *t)
{
    const sdp_index *at = w->index->at;
    uint32_t i = first_label(w, t), k = w->t[other_side(w, t)].label;
    if (!k || sdp_dim_unify(w->g, at[i - 1].dim, at[k - 1].dim)) return true;
    const char *m = sdp_dim_text(w->g, sdp_dim_resolve(w->g, at[i - 1].dim)),
               *n = sdp_dim_text(w->g, sdp_dim_resolve(w->g, at[k - 1].dim));
    return clash(w, t->arg[0], t->arg[1],
                 sdp_printf(&w->g->base, "'%s' runs to %s and '%s' to %s", at[i - 1].name, m, at[k - 1].name,
                            n),
                 "the indices of a delta have one size");
}

// part(x,i,a,b): x has a entries before the first that i reaches and b behind the last. Of a
// matrix with one index, its rows.
static bool shape_part(sdp_terms *w, sdp_term *t)
{
    sdp_graph *g = w->g;
    sdp_shape s = w->t[t->arg[0]].shape;
    uint32_t given = (t->nargs - 1) / 3;
    bool matrix = s.rows != SDP_DIM_ONE && s.cols != SDP_DIM_ONE, row = s.rows == SDP_DIM_ONE;
    t->shape = (sdp_shape){SDP_DIM_ONE, SDP_DIM_ONE};
    if (sdp_is_scalar(s) || (given == 2 && !matrix))
        return clash(w, t->arg[0], (uint32_t)(t - w->t),
                     sdp_printf(&g->base, "'%s' is %s and has no such entries",
                                w->t[t->arg[0]].text ? w->t[t->arg[0]].text : "this", sdp_shape_text(g, s)),
                     NULL);
    for (uint32_t k = 0; k < given; k++) {
        long a = strtol(w->t[t->arg[3 * k + 2]].text, NULL, 10),
             b = strtol(w->t[t->arg[3 * k + 3]].text, NULL, 10);
        sdp_dim axis = k || row ? s.cols : s.rows;
        if (!sdp_index_bind(w, t->arg[3 * k + 1], sdp_dim_add(g, axis, sdp_dim_int(g, -a - b)))) return false;
    }
    if (given == 1 && matrix) t->shape.rows = s.cols;
    return true;
}

bool sdp_index_shape(sdp_terms *w, sdp_term *t)
{
    if (t->role == SDP_PART) return shape_part(w, t);
    if (t->role == SDP_COUNTER) t->shape = (sdp_shape){SDP_DIM_ONE, SDP_DIM_ONE};
    if (t->role == SDP_COUNTER) return true;
    sdp_shape last = t->nargs ? w->t[t->arg[t->nargs - 1]].shape : t->shape;
    if (t->role == SDP_DELTA) return shape_delta(w, t);
    if (t->role == SDP_OVER) t->shape = last;
    if (t->role == SDP_BUILT) {
        const sdp_index *at = w->index->at;
        t->shape = (sdp_shape){at[w->t[t->arg[0]].label - 1].dim,
                               t->nargs > 2 ? at[w->t[t->arg[1]].label - 1].dim : SDP_DIM_ONE};
    }
    if ((t->role != SDP_EQUATION && t->role != SDP_BUILT) || sdp_is_scalar(last)) return true;
    const char *has = sdp_shape_text(w->g, last);
    return clash(w, t->arg[t->nargs - 1], t->arg[t->nargs - 1],
                 sdp_printf(&w->g->base, "an entry is a number, and this is %s", has),
                 "give it subscripts: (A*x)[i]");
}

// offset + sum of stride * index, from the arguments' values.
static void combine(sdp_terms *w, const sdp_term *t, sdp_index_sum *r, const sdp_index_sum *a,
                    const sdp_index_sum *b)
{
    sdp_graph *g = w->g;
    bool times = t->op == SDP_OP_mul;
    if (times && a->n) { // the side with indices is b
        const sdp_index_sum *swap = a;
        a = b;
        b = swap;
    }
    if (times && a->n)
        sdp_term_fail(w, (uint32_t)(t - w->t), SD_ERR_SHAPE, "delta(i, m*j+k)", "a product of two indices");
    sdp_dim scale = times ? a->offset : t->op == SDP_OP_sub ? sdp_dim_int(g, -1) : SDP_DIM_ONE;
    if (times) *r = (sdp_index_sum){.offset = sdp_dim_int(g, 0)};
    else *r = *a;
    r->offset = sdp_dim_add(g, r->offset, sdp_dim_mul(g, scale, b->offset));
    for (uint32_t k = 0; k < b->n; k++) {
        uint32_t i = 0;
        while (i < r->n && r->label[i] != b->label[k]) i++;
        if (i == SDP_MAX_ORDER - 1) sdp_limit(&g->base, "order", SDP_MAX_ORDER);
        if (i == r->n) r->label[r->n++] = b->label[k], r->stride[i] = sdp_dim_int(g, 0);
        r->stride[i] = sdp_dim_add(g, r->stride[i], sdp_dim_mul(g, scale, b->stride[k]));
    }
    for (uint32_t i = 0; i < r->n;) { // j-j
        long zero;
        if (!sdp_dim_long(g, r->stride[i], &zero) || zero != 0) i++;
        else r->n--, r->label[i] = r->label[r->n], r->stride[i] = r->stride[r->n];
    }
}

// The second arguments of all deltas.
static void read_affine(sdp_terms *w)
{
    sdp_base *b = &w->g->base;
    bool *need = sdp_scratch(b, w->n);
    w->index->affine = sdp_scratch(b, w->n * sizeof *w->index->affine);
    for (uint32_t i = w->n; i-- > 0;)
        for (uint32_t k = 0; k < w->t[i].nargs; k++)
            need[w->t[i].arg[k]] |= w->t[i].role == SDP_DELTA || (need[i] && w->t[i].kind == SYN_CALL);
    for (uint32_t i = 0; i < w->n; i++) {
        const sdp_term *t = &w->t[i];
        if (!need[i]) continue;
        sdp_index_sum *r = w->index->affine[i] = sdp_scratch(b, sizeof *r);
        if (t->label) *r = (sdp_index_sum){sdp_dim_int(w->g, 0), 1, {t->label}, {SDP_DIM_ONE}};
        else if (t->kind == SYN_CALL)
            combine(w, t, r, w->index->affine[t->arg[0]], w->index->affine[t->arg[1]]);
        else r->offset = sdp_term_dim(w, i);
    }
}

// delta(i, a): what is known of one side tells the size of the other.
static bool spread_size(sdp_terms *w, const sdp_term *t)
{
    sdp_index *at = w->index->at, *i = &at[first_label(w, t) - 1];
    const sdp_index_sum *a = w->index->affine[other_side(w, t)];
    uint32_t k = w->t[other_side(w, t)].label;
    if (k) {
        bool news = i->sized != at[k - 1].sized;
        i->sized = at[k - 1].sized = i->sized || at[k - 1].sized;
        return news;
    }
    sdp_dim largest = a->offset;
    if (i->sized || a->n == 0) return false;
    for (uint32_t l = 0; l < a->n; l++) {
        if (!at[a->label[l] - 1].sized) return false;
        largest = sdp_dim_add(w->g, largest, sdp_dim_mul(w->g, a->stride[l], at[a->label[l] - 1].dim));
    }
    i->sized = sdp_dim_unify(w->g, i->dim, largest);
    return i->sized;
}

// After the shapes have been found, before what is left open gets names.
void sdp_index_sizes(sdp_terms *w)
{
    if (!w->index) return;
    read_affine(w);
    for (bool news = true; news;) {
        news = false;
        for (uint32_t i = 0; i < w->n; i++)
            if (w->t[i].role == SDP_DELTA) news |= spread_size(w, &w->t[i]);
    }
    for (uint32_t i = 0; i < w->index->n; i++)
        if (!w->index->at[i].sized)
            fail(w, w->index->at[i].span,
                 sdp_printf(&w->g->base, "ones(n)[%s] as a factor tells it", w->index->at[i].name),
                 sdp_printf(&w->g->base, "how far the index '%s' runs is not known", w->index->at[i].name));
}
