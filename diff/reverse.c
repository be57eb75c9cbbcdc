// SPDX-License-Identifier: MIT
// Reverse mode. The adjoint of a node v of a root f is df/dv, with axes (axes of f, axes of v); the axes of f
// in front are called seed axes below. Adjoints are gathered in reverse id order: when a node is reached, all
// its users have contributed. The pullback of each kind, with bars for adjoints:
//
//   ADD   v = sum c_t a_t              a_t += c_t v
//   MUL   v = einsum of f_1 .. f_k     f_i += einsum of v and the other factors, output: labels of f_i
//   POW   v = b^e                      b += v e b^(e-1);  e += sum of v b^e log(b)
//   MAP   v = phi(a_1, ..)             a_i += v .* phi_i(a), phi_i from the table
//   CALL  v = f(a_1, ..)          a_i += v summed with the derivative of f by its argument i
//   PRIM  pullback.c
#include <string.h>

#include "diff/diff.h"

typedef struct link {
    sdp_id value;
    struct link *next;
} link;

typedef struct {
    sdp_graph *g;
    sdp_sparse active; // those that depend on some wrt, from 1
    link **adjoint;    // of these: contributions so far
    int seeds;
} sweep;

static bool is_active(const sweep *s, sdp_id id) { return sdp_sparse_get(&s->active, id) > 0; }
// [0]: of those that are not
static link **adjoint_of(sweep *s, sdp_id id) { return &s->adjoint[sdp_sparse_get(&s->active, id)]; }

static void contribute(sweep *s, sdp_id to, sdp_id value)
{
    if (!is_active(s, to) || sdp_is_zero(s->g, value)) return;
    link *l = sdp_scratch(&s->g->base, sizeof *l);
    link **adjoint = adjoint_of(s, to);
    *l = (link){value, *adjoint};
    *adjoint = l;
}

static sdp_id gather(sweep *s, sdp_id id)
{
    uint32_t n = 0, k = 0;
    for (link *l = *adjoint_of(s, id); l; l = l->next) n++;
    if (n == 0) return 0;
    sdp_mark m = sdp_scratch_mark(&s->g->base);
    sdp_id *term = sdp_scratch(&s->g->base, n * sizeof *term);
    sdp_num *one = sdp_scratch(&s->g->base, n * sizeof *one);
    for (link *l = *adjoint_of(s, id); l; l = l->next, k++) {
        term[k] = l->value;
        one[k] = SDP_NUM_ONE;
    }
    sdp_id sum = sdp_add(s->g, n, one, term);
    sdp_scratch_release(&s->g->base, m);
    return sum;
}

static void pull_mul(sweep *s, const sdp_node *n, sdp_id adj)
{
    sdp_graph *g = s->g;
    sdp_id *factor = sdp_scratch(&g->base, n->nargs * sizeof *factor);
    uint8_t *label = sdp_scratch(&g->base, (n->nargs + 2) * SDP_MAX_ORDER), out[SDP_MAX_ORDER];
    for (uint32_t i = 0; i < n->nargs; i++) {
        if (!is_active(s, n->arg[i])) continue;
        uint32_t at = 0, read = 0, own = 0;
        for (uint32_t k = 0; k < n->nargs; k++) {
            bool self = k == i;
            uint32_t order = sdp_get(g, n->arg[k])->order;
            if (self) own = read;
            factor[k] = self ? adj : n->arg[k];
            if (self) {
                for (int x = 0; x < s->seeds; x++) label[at++] = (uint8_t)(n->nlabels + x);
                sdp_copy(label + at, sdp_labels(g, n, n->nargs), n->order);
                at += n->order;
            } else {
                sdp_copy(label + at, n->label + read, order);
                at += order;
            }
            read += order;
        }
        int order = s->seeds + sdp_get(g, n->arg[i])->order;
        if (order > SDP_MAX_ORDER) sdp_limit(&g->base, "order", SDP_MAX_ORDER);
        for (int x = 0; x < s->seeds; x++) out[x] = (uint8_t)(n->nlabels + x);
        sdp_copy(out + s->seeds, n->label + own, (size_t)(order - s->seeds));
        contribute(s, n->arg[i], sdp_mul(g, n->coef[0], n->nargs, factor, label, order, out, n->ldim));
    }
}

static void pull_pow(sweep *s, sdp_id id, const sdp_node *n, sdp_id adj)
{
    sdp_graph *g = s->g;
    sdp_id norm = is_active(s, n->arg[0]) ? sdp_pull_norm_power(g, n, adj) : 0;
    if (norm) contribute(s, sdp_get(g, n->arg[0])->arg[0], norm);
    else if (is_active(s, n->arg[0]))
        contribute(s, n->arg[0], sdp_seeded_times(g, adj, sdp_power_by_base(g, n)));
    if (!is_active(s, n->arg[1])) return;
    sdp_id d = sdp_seeded_times(g, adj, sdp_power_by_exponent(g, id));
    uint32_t own = sdp_get(g, n->arg[1])->order ? 0 : ((1u << n->order) - 1) << s->seeds;
    contribute(s, n->arg[1], sdp_sum(g, d, own));
}

// where(c, a, b): the branch not taken must not contribute 0 * inf, so the adjoint goes through where itself
static sdp_id pull_where(sweep *s, const sdp_node *n, uint32_t k, sdp_id adj)
{
    sdp_graph *g = s->g;
    const sdp_node *a = sdp_get(g, adj);
    uint8_t label[SDP_MAX_ORDER], out[SDP_MAX_ORDER];
    for (int i = 0; i < n->order; i++) label[i] = (uint8_t)(s->seeds + i);
    for (int i = 0; i < a->order; i++) out[i] = (uint8_t)i;
    sdp_id zero = sdp_zeros(g, a->order, a->dim);
    sdp_id arg[3] = {sdp_mul(g, SDP_NUM_ONE, 1, n->arg, label, a->order, out, a->dim), zero, zero};
    arg[k] = adj;
    return sdp_map(g, SDP_OP_where, arg);
}

static void pull_map(sweep *s, const sdp_node *n, sdp_id adj)
{
    for (uint32_t k = 0; k < n->nargs; k++) {
        if (!is_active(s, n->arg[k])) continue;
        if (n->op == SDP_OP_where && k > 0) contribute(s, n->arg[k], pull_where(s, n, k, adj));
        else contribute(s, n->arg[k], sdp_seeded_times(s->g, adj, sdp_map_derivative(s->g, n, k)));
    }
}

static void pull_call(sweep *s, const sdp_node *n, sdp_id adj)
{
    uint8_t label[2 * SDP_MAX_ORDER], out[SDP_MAX_ORDER];
    for (uint32_t i = 0; i < n->nargs; i++) {
        if (!is_active(s, n->arg[i])) continue;
        sdp_id d = sdp_call_derivative(s->g, n, i);
        int at = 0, order = 0, inner = sdp_get(s->g, d)->order;
        if (s->seeds + inner - n->order > SDP_MAX_ORDER) sdp_limit(&s->g->base, "order", SDP_MAX_ORDER);
        for (int k = 0; k < s->seeds + n->order; k++) label[at++] = (uint8_t)k;
        for (int k = 0; k < inner; k++) label[at++] = (uint8_t)(s->seeds + k);
        for (int k = 0; k < s->seeds; k++) out[order++] = (uint8_t)k;
        for (int k = n->order; k < inner; k++) out[order++] = (uint8_t)(s->seeds + k);
        contribute(s, n->arg[i], sdp_mul(s->g, SDP_NUM_ONE, 2, (sdp_id[]){adj, d}, label, order, out, NULL));
    }
}

static void pull(sweep *s, sdp_id id, sdp_id adj)
{
    sdp_graph *g = s->g;
    const sdp_node *n = sdp_get(g, id);
    sdp_id arg[4];
    switch (n->kind) {
    case SDP_ADD:
        for (uint32_t i = 0; i < n->nargs; i++)
            if (is_active(s, n->arg[i])) contribute(s, n->arg[i], sdp_scale(g, n->coef[i], adj));
        break;
    case SDP_MUL: pull_mul(s, n, adj); break;
    case SDP_POW: pull_pow(s, id, n, adj); break;
    case SDP_MAP: pull_map(s, n, adj); break;
    case SDP_CALL: pull_call(s, n, adj); break;
    case SDP_PRIM:
        sdp_pullback(g, id, adj, arg);
        for (uint32_t i = 0; i < n->nargs; i++) {
            if (!is_active(s, n->arg[i])) continue;
            if (!arg[i]) sdp_no_derivative(g, n, i);
            contribute(s, n->arg[i], arg[i]);
        }
        break;
    default: break;
    }
}

// list: the ids reachable from root
static void find_active(sweep *s, const sdp_id *list, uint32_t count, uint32_t n, const sdp_id *wrt)
{
    sdp_base *b = &s->g->base;
    sdp_sparse_scratch(b, &s->active, count + n);
    for (uint32_t i = 0; i < n; i++) sdp_sparse_put(b, &s->active, wrt[i], s->active.n + 1);
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *x = sdp_get(s->g, list[i]);
        bool active = false;
        for (uint32_t k = 0; k < x->nargs && !active; k++) active = is_active(s, x->arg[k]);
        if (active && !is_active(s, list[i])) sdp_sparse_put(b, &s->active, list[i], s->active.n + 1);
    }
    s->adjoint = sdp_scratch(b, (s->active.n + (size_t)1) * sizeof *s->adjoint);
}

void sdp_vjp(sdp_graph *g, sdp_id root, sdp_id cotangent, uint32_t n, const sdp_id *wrt, sdp_id *out)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    uint32_t count;
    sdp_id *list = sdp_reachable(g, 1, &root, &count);
    sweep s = {.g = g, .seeds = sdp_get(g, cotangent)->order - sdp_get(g, root)->order};
    find_active(&s, list, count, n, wrt);
    contribute(&s, root, cotangent);
    for (uint32_t i = count; i-- > 0;) {
        sdp_id adj = gather(&s, list[i]);
        if (!adj) continue;
        *adjoint_of(&s, list[i]) = NULL; // the sum stands for the contributions: wrt may ask for it below
        contribute(&s, list[i], adj);
        if (sdp_get(g, list[i])->nargs) pull(&s, list[i], adj);
    }
    for (uint32_t k = 0; k < n; k++) {
        const sdp_node *x = sdp_get(g, wrt[k]), *c = sdp_get(g, cotangent);
        sdp_dim dim[SDP_MAX_ORDER];
        if (s.seeds + x->order > SDP_MAX_ORDER) sdp_limit(&g->base, "order", SDP_MAX_ORDER);
        sdp_copy(dim, c->dim, (size_t)s.seeds * sizeof *dim);
        sdp_copy(dim + s.seeds, x->dim, x->order * sizeof *dim);
        sdp_id adj = gather(&s, wrt[k]);
        out[k] = adj ? adj : sdp_zeros(g, s.seeds + x->order, dim);
    }
    sdp_scratch_release(&g->base, m);
}

void sdp_reverse(sdp_graph *g, sdp_id root, uint32_t n, const sdp_id *wrt, sdp_id *out)
{
    sdp_vjp(g, root, sdp_identity_like(g, root), n, wrt, out);
}
