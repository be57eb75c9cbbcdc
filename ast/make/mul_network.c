// SPDX-License-Identifier: MIT
// Steps of a product as a network of labels: branches that repeat become squares, a matrix meets its inverse,
// and what has no output label is a scalar node of its own.
#include <string.h>

#include "ast/make/mul.h"

// Marks in `branch` the factors connected to factor `from` without passing the labels in `cut`; false if
// another output label is reached.
static bool branch_at(const mul_work *w, int cuts, const uint8_t *cut, uint32_t from, bool *branch,
                      uint32_t *size)
{
    bool reached[LABELS] = {false};
    memset(branch, 0, w->n);
    *size = 0;
    for (uint32_t i = from, idle = 0; idle < w->n; i = (i + 1) % w->n) { // until a round adds nothing
        const uint8_t *label = w->f[i].label;
        int order = branch[i] ? 0 : sdp_order(w->g, w->f[i].node);
        bool joins = *size == 0;
        for (int k = 0; k < order; k++) joins |= reached[label[k]];
        idle = joins ? 0 : idle + 1;
        if (!joins) continue;
        branch[i] = true;
        ++*size;
        for (int k = 0; k < order; k++) {
            if (memchr(cut, label[k], (size_t)cuts)) continue;
            if (sdp_mul_in_output(w, label[k])) return false;
            reached[label[k]] = true;
        }
    }
    return true;
}

static sdp_id branch_node(mul_work *w, int cuts, const uint8_t *cut, const bool *branch)
{
    sdp_graph *g = w->g;
    sdp_id *node = sdp_scratch(&g->base, w->n * sizeof *node);
    uint8_t *label = sdp_scratch(&g->base, w->n * SDP_MAX_ORDER);
    uint32_t n = 0, nl = 0;
    for (uint32_t i = 0; i < w->n; i++) {
        if (!branch[i]) continue;
        node[n++] = sdp_power(g, w->f[i].node, w->f[i].exponent);
        for (int k = 0; k < sdp_order(g, w->f[i].node); k++) label[nl++] = w->f[i].label[k];
    }
    for (int k = 0; k < cuts; k++)
        if (!memchr(label, cut[k], nl)) return 0;
    if (n == 1 && cuts == sdp_order(g, node[0]) && memcmp(label, cut, (size_t)cuts) == 0) return node[0];
    return sdp_mul_raw(g, SDP_NUM_ONE, n, node, label, cuts, cut, w->label.dim);
}

// Takes the marked factors out; their labels, but for the cuts, are summed over.
static void remove_branch(mul_work *w, int cuts, const uint8_t *cut, const bool *a, const bool *b)
{
    uint32_t keep = 0;
    for (uint32_t f = 0; f < w->n; f++) {
        if (!a[f] && !b[f]) {
            w->f[keep++] = w->f[f];
            continue;
        }
        for (int o = 0; o < sdp_order(w->g, w->f[f].node); o++)
            if (!memchr(cut, w->f[f].label[o], (size_t)cuts)) w->label.dead[w->f[f].label[o]] = true;
    }
    w->n = keep;
}

// May a part of the product be one more factor of another part, or of a power?
static bool any_repeated(const mul_work *w)
{
    for (uint32_t i = 0; i < w->n; i++) {
        if (w->g->node[w->f[i].node]->kind == SDP_MUL && w->f[i].exponent != SDP_ID_ONE) return true;
        for (uint32_t j = i + 1; j < w->n; j++)
            if (w->f[i].node == w->f[j].node && sdp_order(w->g, w->f[i].node) >= 1) return true;
    }
    return false;
}

sdp_id sdp_square_network(sdp_graph *g, sdp_id squares)
{
    const sdp_node *n = g->node[squares], *p = n->kind == SDP_MUL && n->nargs == 1 ? g->node[n->arg[0]] : n;
    sdp_num e;
    if (p->kind != SDP_POW || n == p || !sdp_is_number(g, p->arg[1], &e) || e != SDP_NUM_TWO) return 0;
    const sdp_node *q = g->node[p->arg[0]];
    if (q->kind != SDP_MUL || q->nargs < 2 || 2 * q->nargs > SDP_MAX_FACTORS || n->coef[0] != SDP_NUM_ONE ||
        q->coef[0] != SDP_NUM_ONE)
        return 0;
    if (n->nlabels + 2u * q->nlabels > SDP_MAX_LABELS) return 0;
    sdp_id factor[SDP_MAX_FACTORS];
    uint8_t label[SDP_MAX_FACTORS * SDP_MAX_ORDER], to[SDP_MAX_LABELS];
    const uint8_t *out = sdp_labels(g, q, q->nargs);
    uint32_t at = 0, used = (uint32_t)(out - q->label);
    for (uint32_t copy = 0; copy < 2; copy++) {
        for (uint32_t l = 0; l < q->nlabels; l++) to[l] = (uint8_t)(n->nlabels + copy * q->nlabels + l);
        for (int k = 0; k < q->order; k++) to[out[k]] = n->label[k];
        for (uint32_t i = 0; i < q->nargs; i++) factor[copy * q->nargs + i] = q->arg[i];
        for (uint32_t k = 0; k < used; k++) label[at++] = to[q->label[k]];
    }
    return sdp_mul_raw(g, SDP_NUM_ONE, 2 * q->nargs, factor, label, n->order, sdp_labels(g, n, 1), n->ldim);
}

// tr(B'*B*T*T') beside a power of norm(B*T)^2
static bool merge_squares(mul_work *w)
{
    for (uint32_t i = 0; i < w->n; i++) {
        sdp_id network = w->f[i].exponent != SDP_ID_ONE && !sdp_order(w->g, w->f[i].node)
                             ? sdp_square_network(w->g, w->f[i].node)
                             : 0;
        for (uint32_t j = 0; j < w->n && network; j++)
            if (w->f[j].node == network) return w->f[j].node = w->f[i].node, true;
    }
    return false;
}

// (A x)_i (A x)_i, spliced into A_ij x_j A_ik x_k, is the square of a vector again.
void sdp_mul_merge_branches(mul_work *w)
{
    sdp_graph *g = w->g;
    if (w->n < 2 || !any_repeated(w)) return;
    bool *a = sdp_scratch(&g->base, w->n), *b = sdp_scratch(&g->base, w->n);
    if (merge_squares(w)) {
        w->again = true;
        return;
    }
    for (uint32_t i = 0; i < w->n; i++)
        for (int k = 0; k < sdp_order(g, w->f[i].node); k++) {
            uint8_t cut = w->f[i].label[k];
            uint32_t size, other;
            if (!branch_at(w, 1, &cut, i, a, &size) || (size == 1 && sdp_order(g, w->f[i].node) < 2))
                continue;
            for (uint32_t j = 0; j < w->n; j++) {
                bool touches = sdp_order(g, w->f[j].node) > 0 &&
                               memchr(w->f[j].label, cut, (size_t)sdp_order(g, w->f[j].node));
                if (a[j] || !touches || !branch_at(w, 1, &cut, j, b, &other)) continue;
                sdp_id x = branch_node(w, 1, &cut, a), exponent = SDP_ID_ONE;
                if (x && other == 1 && w->f[j].exponent != SDP_ID_ONE &&
                    sdp_square_network(g, w->f[j].node) == x)
                    x = w->f[j].node;
                bool power = other == 1 && w->f[j].node == x && sdp_order(g, x) == 1; // (A x)_i^k (A x)_i
                if (power) exponent = w->f[j].exponent;
                if (!x || (!power && (other != size || branch_node(w, 1, &cut, b) != x))) continue;
                if (!sdp_exponents_add(g, x, SDP_ID_ONE, exponent, &exponent)) continue;
                remove_branch(w, 1, &cut, a, b);
                sdp_mul_push(w, x, exponent, &cut);
                w->again = true;
                return;
            }
        }
}

// Two parts between the labels u and v that are the same matrix X, or one part X beside X.^k.
static bool merge_bridge(mul_work *w, const uint8_t *cut, uint32_t from, bool *a, bool *b)
{
    sdp_graph *g = w->g;
    uint32_t size, other;
    if (!branch_at(w, 2, cut, from, a, &size)) return false;
    sdp_id x = size > 1 ? branch_node(w, 2, cut, a) : 0, exponent = SDP_ID_ONE;
    for (uint32_t j = 0; x && j < w->n; j++) {
        if (a[j]) continue;
        const mul_factor *f = &w->f[j];
        bool power = f->node == x && memcmp(f->label, cut, 2) == 0;
        if (power) {
            memset(b, 0, w->n);
            b[j] = true;
            exponent = f->exponent;
        } else if (j < from || !branch_at(w, 2, cut, j, b, &other) || other != size ||
                   branch_node(w, 2, cut, b) != x) {
            continue;
        }
        if (!sdp_exponents_add(g, x, SDP_ID_ONE, exponent, &exponent)) continue;
        remove_branch(w, 2, cut, a, b);
        sdp_mul_push(w, x, exponent, cut);
        return w->again = true;
    }
    return false;
}

// (A B)_ij (A B)_ij, spliced into A_ik B_kj A_il B_lj, is the square of a matrix again.
void sdp_mul_merge_bridges(mul_work *w)
{
    bool junction[LABELS + 1] = {false}, *a = sdp_scratch(&w->g->base, w->n),
                           *b = sdp_scratch(&w->g->base, w->n);
    if (w->n < 3 || !any_repeated(w)) return;
    for (uint32_t l = 0; l < w->label.n; l++)
        junction[l] = sdp_mul_in_output(w, (uint8_t)l) || sdp_mul_uses(w, (uint8_t)l) > 2;
    for (uint32_t i = 0; i < w->n; i++)
        for (int k = 0; k < sdp_order(w->g, w->f[i].node); k++)
            for (uint32_t v = 0; v < w->label.n && junction[w->f[i].label[k]]; v++) {
                uint8_t cut[2] = {w->f[i].label[k], (uint8_t)v};
                if (v != cut[0] && junction[v] && merge_bridge(w, cut, i, a, b)) return;
            }
}

typedef struct {
    sdp_id node;
    bool transposed;
} link;

// The factors of a matrix product, in order: P = A_1 A_2 ... A_n. 0 if it is not such a chain, or not all are
// square and they have to be.
static uint32_t chain(sdp_graph *g, sdp_id p, bool square, link *list)
{
    const sdp_node *n = g->node[p];
    if (n->kind != SDP_MUL || n->order != 2 || n->nargs < 2 || n->nlabels != n->nargs + 1 ||
        n->coef[0] != SDP_NUM_ONE)
        return 0;
    const uint8_t *out = sdp_labels(g, n, n->nargs);
    bool used[SDP_MAX_FACTORS] = {false};
    uint8_t at = out[0];
    for (uint32_t k = 0; k < n->nargs; k++) {
        uint32_t i = 0;
        for (; i < n->nargs; i++) {
            const sdp_node *f = g->node[n->arg[i]];
            if (f->order != 2 || (square && f->dim[0] != f->dim[1])) return 0;
            const uint8_t *l = n->label + 2 * i;
            if (used[i] || (l[0] != at && l[1] != at) || l[0] == l[1]) continue;
            list[k] = (link){n->arg[i], l[0] != at};
            at = l[0] == at ? l[1] : l[0];
            used[i] = true;
            break;
        }
        if (i == n->nargs) return 0;
    }
    return at == out[1] ? n->nargs : 0;
}

static sdp_id chain_product(sdp_graph *g, const link *list, uint32_t n)
{
    sdp_id p = list[0].transposed ? sdp_transpose(g, list[0].node) : list[0].node;
    for (uint32_t i = 1; i < n; i++)
        p = sdp_es(g, SDP_NUM_ONE, list[i].transposed ? "ij,kj->ik" : "ij,jk->ik", p, list[i].node);
    return p;
}

// inv(P) M or M inv(P) with M = P, or M the end of the chain P that meets it. f, h: the factors, y: which
// axis of inv(P) they share, z: which axis of M.
static bool cancel_pair(mul_work *w, uint32_t f, uint32_t h, int y, int z)
{
    sdp_graph *g = w->g;
    sdp_id p = g->node[w->f[f].node]->arg[0], m = w->f[h].node, rest = 0;
    uint8_t shared = w->f[f].label[y], outer = w->f[f].label[1 - y], far = w->f[h].label[1 - z];
    bool transposed = y == z; // M enters the matrix product as M'
    bool symmetric = sdp_is_symmetric(g, m);
    link list[SDP_MAX_FACTORS];
    uint32_t n;
    if (m == p && (!transposed || symmetric)) rest = sdp_eye(g, g->node[p]->dim[0]);
    else if ((n = chain(g, p, true, list)) > 1) {
        link end = y ? list[0] : list[n - 1];
        if (end.node == m && (end.transposed == transposed || symmetric))
            rest = sdp_prim(g, SDP_OP_inv, 1, (sdp_id[]){chain_product(g, list + (y ? 1 : 0), n - 1)}, 0);
    }
    if (!rest) return false;
    w->label.dead[shared] = true;
    w->f[f].node = rest;
    w->f[f].label[y] = far;
    w->f[f].label[1 - y] = outer;
    sdp_mul_drop(w, h);
    return true;
}

// The factor that continues a chain at label `at` with this link, and the label behind it.
static bool next_link(const mul_work *w, link l, uint8_t at, const bool *used, uint32_t *found, uint8_t *next)
{
    bool symmetric = sdp_is_symmetric(w->g, l.node);
    for (uint32_t h = 0; h < w->n; h++)
        for (int k = 0; k < 2; k++) {
            if (used[h] || w->f[h].node != l.node || w->f[h].exponent != SDP_ID_ONE || w->f[h].label[k] != at)
                continue;
            if (k != l.transposed && !symmetric) continue;
            *found = h;
            *next = w->f[h].label[1 - k];
            return true;
        }
    return false;
}

// inv(P) A_1 ... A_n = I for P = A_1 ... A_n, not all of them square; y: the axis
// of inv(P) where the chain begins.
static bool cancel_chain(mul_work *w, uint32_t f, int y)
{
    sdp_graph *g = w->g;
    link list[SDP_MAX_FACTORS];
    bool used[SDP_MAX_FACTORS] = {false};
    sdp_id p = g->node[w->f[f].node]->arg[0];
    uint32_t n = w->n <= SDP_MAX_FACTORS ? chain(g, p, false, list) : 0, h;
    uint8_t at = w->f[f].label[y], inner[SDP_MAX_FACTORS];
    for (uint32_t k = 0; k < n; k++) {
        link l = list[y ? k : n - 1 - k]; // inv(P) P, or P inv(P) from behind
        if (!y) l.transposed = !l.transposed;
        if (sdp_mul_in_output(w, at) || sdp_mul_uses(w, at) != 2 ||
            !next_link(w, l, inner[k] = at, used, &h, &at))
            return false;
        used[h] = true;
    }
    if (n == 0 || used[f]) return false;
    for (uint32_t k = 0; k < n; k++) w->label.dead[inner[k]] = true;
    w->f[f].node = sdp_eye(g, g->node[p]->dim[0]);
    w->f[f].label[y] = at;
    for (uint32_t k = w->n; k-- > 0;)
        if (used[k]) sdp_mul_drop(w, k);
    return true;
}

// Is axis y of factor a summed with axis z of factor b, and nothing else?
static bool meet(const mul_work *w, uint32_t a, int y, uint32_t b, int z)
{
    uint8_t l = w->f[a].label[y];
    if (a == b || sdp_order(w->g, w->f[a].node) != 2 || sdp_order(w->g, w->f[b].node) != 2) return false;
    if (w->f[a].exponent != SDP_ID_ONE || w->f[b].exponent != SDP_ID_ONE || w->f[b].label[z] != l)
        return false;
    return !sdp_mul_in_output(w, l) && sdp_mul_uses(w, l) == 2;
}

static bool is_pinv_of(const sdp_graph *g, sdp_id p, sdp_id a)
{
    return g->node[p]->kind == SDP_PRIM && g->node[p]->op == SDP_OP_pinv && g->node[p]->arg[0] == a;
}

// A pinv(A) A = A and pinv(A) A pinv(A) = pinv(A); m: the factor in the middle, z: its axis that comes first.
// Cancels P*M*P to P where M is pinv(P) or P is pinv(M). The axes of a symmetric M may be in either order.
static bool cancel_pinv(mul_work *w, uint32_t m, int z)
{
    sdp_id inner = w->f[m].node;
    bool symmetric = sdp_is_symmetric(w->g, inner);
    for (uint32_t a = 0; a < w->n; a++) {
        sdp_id outer = w->f[a].node;
        int y = meet(w, a, 1, m, z) ? 1 : 0;
        if (!meet(w, a, y, m, z) || (!is_pinv_of(w->g, inner, outer) && !is_pinv_of(w->g, outer, inner)))
            continue;
        for (uint32_t b = 0; b < w->n; b++) {
            int x = meet(w, m, 1 - z, b, 0) ? 0 : 1;
            if (b == a || w->f[b].node != outer || !meet(w, m, 1 - z, b, x) || (!symmetric && (z || !y || x)))
                continue;
            w->label.dead[w->f[m].label[0]] = w->label.dead[w->f[m].label[1]] = true;
            w->f[a].label[y] = w->f[b].label[1 - x];
            sdp_mul_drop(w, m > b ? m : b);
            sdp_mul_drop(w, m > b ? b : m);
            return true;
        }
    }
    return false;
}

bool sdp_mul_cancel_inverses(mul_work *w)
{
    sdp_graph *g = w->g;
    for (uint32_t f = 0; f < w->n; f++) {
        const sdp_node *inv = g->node[w->f[f].node];
        if (inv->kind != SDP_PRIM || inv->op != SDP_OP_inv || w->f[f].exponent != SDP_ID_ONE) continue;
        if (g->node[inv->arg[0]]->kind == SDP_MUL && (cancel_chain(w, f, 1) || cancel_chain(w, f, 0)))
            return true;
        for (uint32_t h = 0; h < w->n; h++)
            for (int y = 0; y < 2; y++)
                for (int z = 0; z < 2; z++) {
                    if (h == f || sdp_order(g, w->f[h].node) != 2 || w->f[h].exponent != SDP_ID_ONE) continue;
                    uint8_t l = w->f[f].label[y];
                    if (w->f[h].label[z] != l || sdp_mul_in_output(w, l) || sdp_mul_uses(w, l) != 2) continue;
                    if (cancel_pair(w, f, h, y, z)) return true;
                    // a symmetric inverse may be read the other way round
                    if (!sdp_is_symmetric(g, w->f[f].node)) continue;
                    uint8_t swap[2] = {w->f[f].label[1], w->f[f].label[0]};
                    sdp_copy(w->f[f].label, swap, sizeof swap);
                    if (cancel_pair(w, f, h, 1 - y, z)) return true;
                    uint8_t back[2] = {w->f[f].label[1], w->f[f].label[0]};
                    sdp_copy(w->f[f].label, back, sizeof back);
                }
    }
    bool any = false;
    for (uint32_t f = 0; f < w->n && !any; f++)
        any = g->node[w->f[f].node]->kind == SDP_PRIM && g->node[w->f[f].node]->op == SDP_OP_pinv;
    for (uint32_t m = 0; m < w->n && any; m++)
        if (cancel_pinv(w, m, 0) || cancel_pinv(w, m, 1)) return true;
    return false;
}

// Numbers the connected components of factors (joined by labels) in comp[]; returns how many.
static uint32_t components(mul_work *w, uint32_t *comp)
{
    sdp_graph *g = w->g;
    uint32_t owner[LABELS + 1], count = 0;
    memset(owner, 0xff, sizeof owner);
    for (uint32_t i = 0; i < w->n; i++) {
        comp[i] = count++;
        for (int k = 0; k < sdp_order(g, w->f[i].node); k++) {
            uint8_t l = w->f[i].label[k];
            if (owner[l] != UINT32_MAX && owner[l] != comp[i]) {
                uint32_t from = comp[i], to = owner[l];
                for (uint32_t j = 0; j <= i; j++)
                    if (comp[j] == from) comp[j] = to;
                for (uint32_t j = 0; j <= LABELS; j++)
                    if (owner[j] == from) owner[j] = to;
            }
            owner[l] = comp[i];
        }
    }
    return count;
}

// Makes each closed component of several factors a node of its own, if it is not all there is.
void sdp_mul_close_components(mul_work *w)
{
    sdp_graph *g = w->g;
    uint32_t *comp = sdp_scratch(&g->base, (w->n + 1) * sizeof *comp), count = components(w, comp),
             groups = 0;
    bool *open = sdp_scratch(&g->base, (count + 1) * sizeof *open),
         *live = sdp_scratch(&g->base, (count + 1) * sizeof *live);
    for (uint32_t i = 0; i < w->n; i++) {
        groups += !live[comp[i]];
        live[comp[i]] = true;
        for (int k = 0; k < sdp_order(g, w->f[i].node); k++)
            open[comp[i]] |= sdp_mul_in_output(w, w->f[i].label[k]);
    }
    if (groups < 2 && w->order == 0) return;
    for (uint32_t c = 0; c < count; c++) {
        if (!live[c] || open[c]) continue;
        sdp_id *node = sdp_scratch(&g->base, w->n * sizeof *node);
        uint8_t *label = sdp_scratch(&g->base, w->n * SDP_MAX_ORDER + 1);
        uint32_t n = 0, nl = 0;
        for (uint32_t i = 0; i < w->n; i++) {
            if (comp[i] != c) continue;
            for (int k = 0; k < sdp_order(g, w->f[i].node); k++) {
                label[nl++] = w->f[i].label[k];
                w->label.dead[w->f[i].label[k]] = true;
            }
            node[n++] = w->f[i].node;
        }
        if (nl == 0) continue; // a single scalar factor
        sdp_id closed = sdp_mul_raw(g, SDP_NUM_ONE, n, node, label, 0, NULL, NULL);
        uint32_t keep = 0;
        for (uint32_t i = 0; i < w->n; i++)
            if (comp[i] != c) {
                w->f[keep] = w->f[i];
                comp[keep++] = comp[i];
            }
        w->n = keep;
        sdp_mul_push(w, closed, SDP_ID_ONE, sdp_no_labels);
        comp[w->n - 1] = UINT32_MAX;
        w->again = true;
        return;
    }
}
