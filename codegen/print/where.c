// SPDX-License-Identifier: MIT
// Chooses the parts to name apart, e.g. "X'*(s-y)" and, on the next line, "  where s = sigmoid(X*w)".
//
// An answer that fits on a line is left alone. Else users are visited before their arguments, with the number
// of times each node would be written out; a node that is worth a line of its own gets a name, and its
// arguments then count once for it. So the largest common parts are named, and the work is linear.
#include <string.h>

#include "codegen/print/print.h"

enum { LINE = 60, LINES = 110, WORTH = 6, OVERHEAD = 12, WORK = 5 };

// Names by what the node is: a difference is a residual, a probability s, an inverse K; then any letter.
static const char *const residual[] = {"r", "d", NULL}, *const unit[] = {"s", "p", NULL},
                         *const inverse[] = {"K", "M", NULL}, *const any[] = {"r", "u", "v", "z", "g",
                                                                              "h", "q", "c", "d", "a",
                                                                              "b", "f", "k", "l", "w",
                                                                              "y", "x", "t", NULL},
                         *const matrix[] = {"M", "K", "P", "Q", "R", "S", "T", "U",
                                            "V", "W", "B", "C", "D", "G", "H", NULL};

// open hash set; next: the first numbered name to try
typedef struct {
    const char **at;
    uint32_t next, cap;
} texts;

static bool known(texts *t, const char *s, bool insert)
{
    uint32_t h = sdp_hash(s, strlen(s), 1);
    while (t->at[h & (t->cap - 1)]) {
        if (strcmp(t->at[h & (t->cap - 1)], s) == 0) return true;
        h++;
    }
    if (insert) t->at[h & (t->cap - 1)] = s;
    return false;
}

// Every name that the answer or the context uses.
static texts used_names(sdp_raiser *r, const uint32_t *written, uint32_t expected)
{
    sdp_graph *g = r->g;
    texts t = {.next = 1};
    t.cap = 64;
    while (t.cap < 2 * (r->n + g->nvars + sdp_atom_count(g) + expected)) t.cap *= 2;
    t.at = sdp_scratch(&g->base, t.cap * sizeof *t.at);
    for (uint32_t i = 1; i < r->n; i++)
        if (written[i] && sdp_r(r, i)->text) known(&t, sdp_r(r, i)->text, true);
    for (uint32_t i = 0; i < g->nvars; i++) known(&t, g->var[i].name, true);
    for (uint32_t i = 0; i < sdp_atom_count(g); i++)
        if (sdp_atom_name(g, i)) known(&t, sdp_atom_name(g, i), true);
    return t;
}

static const char *const *preferred(const sdp_raised *n)
{
    bool probability = n->kind == SDP_R_CALL && n->fn && sdp_ops[n->fn].range == SDP_RANGE_unit;
    if (probability) return unit;
    if (n->kind == SDP_R_CALL && n->fn == SDP_OP_inv) return inverse;
    if (n->form == SDP_MATRIX) return matrix;
    return n->kind == SDP_R_ADD && n->split < n->nargs ? residual : any;
}

// Returns the name of the definition whose value the node is; NULL if there is none, or the name is taken.
static const char *defined_name(sdp_raiser *r, texts *used, sdp_rid i)
{
    for (uint32_t k = 0; k < r->g->writing->nnamed; k++) {
        const sdp_written *d = &r->g->writing->at[r->g->writing->named[k]];
        if (d->node < r->of_count && r->of[d->node] == i && !known(used, d->name, true)) return d->name;
    }
    return NULL;
}

static const char *choose(sdp_raiser *r, texts *used, bool own, sdp_rid i)
{
    const sdp_raised *n = sdp_r(r, i);
    const char *defined = own ? defined_name(r, used, i) : NULL;
    if (defined) return defined;
    const char *const *lists[] = {preferred(n), n->form == SDP_MATRIX ? matrix : any};
    for (int l = 0; l < 2; l++)
        for (const char *const *s = lists[l]; *s; s++)
            if (!known(used, *s, true)) return *s;
    for (uint32_t k = used->next;; k++) {
        char *s = sdp_scratch(&r->g->base, 16), *d = s;
        uint32_t digits = 1;
        for (uint32_t v = k; v >= 10; v /= 10) digits++;
        *d++ = n->form == SDP_MATRIX ? 'M' : 'u';
        for (uint32_t v = k, j = digits; j-- > 0; v /= 10) d[j] = (char)('0' + v % 10);
        if (!known(used, s, true)) {
            used->next = k; // M and u count together
            return s;
        }
    }
}

static bool nameable(const sdp_raised *n)
{
    switch (n->kind) {
    case SDP_R_ADD:
    case SDP_R_SCALE:
    case SDP_R_PROD:
    case SDP_R_HAD:
    case SDP_R_POW: return n->form != SDP_TENSOR;
    case SDP_R_CALL:
        return n->form != SDP_TENSOR && n->nargs > 0 && !(n->shown >= SDP_S_ONES && n->shown <= SDP_S_EYE);
    default: return false;
    }
}

// Is the node written with letters of index notation? Then it can't be moved out. y[3] can.
static void forbid(sdp_raiser *r, bool *fixed)
{
    for (uint32_t i = 1; i < r->n; i++) {
        const sdp_raised *n = sdp_r(r, i);
        fixed[i] = n->kind == SDP_R_OVER || (n->kind == SDP_R_CALL && n->shown == SDP_S_DELTA) ||
                   (n->kind == SDP_R_NAME && n->fixed);
        for (uint32_t k = 0; k < n->nargs && !fixed[i]; k++) fixed[i] = fixed[n->arg[k]];
    }
}

// Marks nodes that are indexed and have no name: they need one.
static void need_names(sdp_raiser *r, const uint32_t *written, bool *needed)
{
    for (uint32_t i = 1; i < r->n; i++) {
        const sdp_raised *n = sdp_r(r, i);
        if (n->kind == SDP_R_INDEX && written[i] && sdp_r(r, n->arg[0])->kind != SDP_R_NAME)
            needed[n->arg[0]] = true;
    }
}

// Is a node of that width worth a name, if it is written that often? What is computed twice costs time,
// however short it is.
static bool pays(sdp_sharing share, const sdp_raised *n, uint64_t uses, uint32_t width)
{
    bool costly =
        n->kind == SDP_R_PROD || (n->kind == SDP_R_CALL && n->fn && sdp_ops[n->fn].kind == SDP_OP_PRIM);
    if (share == SDP_SHARE_WORK) return uses > 1 && (costly || width >= WORK);
    return uses * (width - (uint64_t)(width > 0)) >= (uint64_t)width + OVERHEAD + WORTH;
}

// Names the nodes in `picked` that still pay when the names inside them are taken into
// account, and those that need one.
static void settle(sdp_raiser *r, sdp_sharing share, bool own, const uint32_t *written, const bool *picked,
                   const bool *needed, sdp_names *names, sdp_rlist *list)
{
    sdp_graph *g = r->g;
    uint32_t *width = sdp_scratch(&g->base, r->n * sizeof *width), expected = 0;
    for (uint32_t i = 1; i < r->n; i++) expected += picked[i] || needed[i];
    texts used = used_names(r, written, expected);
    for (uint32_t i = 1; i < r->n; i++) {
        if (!written[i]) continue;
        const sdp_raised *n = sdp_r(r, i);
        uint64_t w = n->own;
        for (uint32_t k = 0; k < n->nargs; k++) w += width[n->arg[k]];
        width[i] = w < UINT32_MAX ? (uint32_t)w : UINT32_MAX;
        if (!needed[i] && !(picked[i] && pays(share, n, written[i], width[i]))) continue;
        names->name[i] = choose(r, &used, own, i);
        width[i] = (uint32_t)strlen(names->name[i]);
        sdp_rlist_push(r, list, i);
    }
}

// Picks what is written often enough, users before their arguments; counts how
// often each node is written then.
static void pick(sdp_raiser *r, sdp_sharing share, uint32_t *written, bool *picked)
{
    bool *fixed = sdp_scratch(&r->g->base, r->n);
    forbid(r, fixed);
    for (uint32_t i = r->n; i-- > 1;) {
        const sdp_raised *x = sdp_r(r, i);
        uint64_t uses = written[i];
        if (share && uses > 1 && !fixed[i] && nameable(x) && pays(share, x, uses, x->width)) {
            picked[i] = true;
            uses = 1;
        }
        for (uint32_t k = 0; k < x->nargs; k++) {
            uint64_t sum = written[x->arg[k]] + uses;
            written[x->arg[k]] = sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum;
        }
    }
}

void sdp_choose_names(sdp_raiser *r, const sdp_notation *t, sdp_sharing share, uint32_t n,
                      const sdp_rid *root, sdp_names *names, sdp_rlist *list)
{
    sdp_graph *g = r->g;
    uint64_t total = 0, longest = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t w = sdp_r(r, root[i])->width;
        total += w;
        if (w > longest) longest = w;
    }
    if (share == SDP_SHARE_LONG && longest <= LINE && total <= LINES) share = SDP_SHARE_NOTHING;
    // comments of code share a raiser: nothing as long as that for each
    if (!share && !t->indexes_names) return;
    names->count = r->n;
    names->name = sdp_scratch(&g->base, r->n * sizeof *names->name);
    uint32_t *written = sdp_scratch(&g->base, r->n * sizeof *written);
    bool *picked = sdp_scratch(&g->base, r->n), *needed = sdp_scratch(&g->base, r->n);
    for (uint32_t i = 0; i < n; i++) written[root[i]]++;
    pick(r, share, written, picked);
    if (t->indexes_names) need_names(r, written, needed);
    bool own = !t->tex && !t->assigns; // the names of definitions, which are spelled as text
    settle(r, share, own, written, picked, needed, names, list);
}
