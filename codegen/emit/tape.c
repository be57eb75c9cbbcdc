// SPDX-License-Identifier: MIT
// The tape: the body of one loop nest as scalar operations, hash-consed, each at the
// loop level of its innermost index.
//
// Products are grouped by level, outermost first, so that what does not change
// in a loop is computed before it:
// in  sum over k, i, j of s[k]*X[k,i]*X[k,j]  the product s[k]*X[k,i] gets a name in loop i. Conditions stay
// with the whole product, as  (i >= j ? product : 0).
// The recursion over inlined values is as deep as the plan allows
// (schedule/plan.c: DEEP), whatever the graph.
#include <string.h>

#include "codegen/emit/emitter.h"

void sdp_tape_clear(sdp_emitter *e, sdp_val root, uint32_t nloops, const uint8_t *loop)
{
    sdp_tape *t = &e->tape;
    if (t->table) memset(t->table, 0, t->table_cap * sizeof *t->table);
    t->nnodes = t->npool = 0;
    t->root = root;
    t->carried = 0;
    memset(t->level, 0, sizeof t->level);
    for (uint32_t i = 0; i < nloops; i++) {
        t->level[loop[i]] = (uint8_t)(i + 1);
        e->label_name[loop[i]] = e->index[i];
    }
}

static uint32_t pool_push(sdp_emitter *e, uint32_t n, const uint32_t *what)
{
    sdp_tape *t = &e->tape;
    uint32_t at = t->npool;
    for (uint32_t i = 0; i < n; i++) {
        t->pool = sdp_grown(&e->g->base, t->pool, t->npool, &t->pool_cap, sizeof *t->pool);
        t->pool[t->npool++] = what[i];
    }
    return at;
}

static uint32_t pooled(const sdp_tape_node *n, bool coefs)
{
    if (!coefs) return n->nargs;
    return n->op == SDP_T_ADD ? n->nargs : n->op == SDP_T_MUL || n->op == SDP_T_NUM;
}

static bool same_node(const sdp_tape *t, const sdp_tape_node *a, const sdp_tape_node *b, const uint32_t *args,
                      const uint32_t *coefs)
{
    return a->hash == b->hash && a->op == b->op && a->row == b->row && a->nargs == b->nargs &&
           a->param == b->param && a->text == b->text &&
           (!pooled(b, false) || !memcmp(t->pool + a->args, args, pooled(b, false) * sizeof *args)) &&
           (!pooled(b, true) || !memcmp(t->pool + a->coefs, coefs, pooled(b, true) * sizeof *coefs));
}

static void grow_tape_table(sdp_emitter *e)
{
    sdp_tape *t = &e->tape;
    uint32_t cap = t->table_cap ? 2 * t->table_cap : 64;
    t->table = sdp_scratch(&e->g->base, cap * sizeof *t->table);
    t->table_cap = cap;
    for (uint32_t i = 0; i < t->nnodes; i++) {
        uint32_t h = t->node[i].hash & (cap - 1);
        while (t->table[h]) h = (h + 1) & (cap - 1);
        t->table[h] = i + 1;
    }
}

static uint32_t make(sdp_emitter *e, sdp_tape_node n, const uint32_t *args, const uint32_t *coefs)
{
    sdp_tape *t = &e->tape;
    uint32_t head[5] = {n.op, n.row, n.nargs, n.param, 0};
    n.hash = sdp_hash(head, sizeof head, 3);
    if (pooled(&n, false)) n.hash = sdp_hash(args, pooled(&n, false) * sizeof *args, n.hash);
    if (pooled(&n, true)) n.hash = sdp_hash(coefs, pooled(&n, true) * sizeof *coefs, n.hash);
    if (2 * t->nnodes >= t->table_cap) grow_tape_table(e);
    uint32_t mask = t->table_cap - 1, h = n.hash & mask;
    for (; t->table[h]; h = (h + 1) & mask)
        if (same_node(t, &t->node[t->table[h] - 1], &n, args, coefs)) return t->table[h] - 1;
    n.args = pool_push(e, pooled(&n, false), args);
    n.coefs = pool_push(e, pooled(&n, true), coefs);
    t->node = sdp_grown(&e->g->base, t->node, t->nnodes, &t->node_cap, sizeof *t->node);
    t->node[t->nnodes] = n;
    t->table[h] = ++t->nnodes;
    return t->nnodes - 1;
}

static uint8_t level_of(const sdp_emitter *e, uint32_t n, const uint32_t *arg)
{
    uint8_t level = 0;
    for (uint32_t i = 0; i < n; i++)
        if (e->tape.node[arg[i]].level > level) level = e->tape.node[arg[i]].level;
    return level;
}

static uint8_t level_of_ix(const sdp_emitter *e, uint32_t n, const sdp_ix *ix)
{
    uint8_t level = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t set = sdp_ix_labels(e->s, ix[i]);
        for (uint32_t l = 0; set; l++, set >>= 1)
            if ((set & 1) && e->tape.level[l] > level) level = e->tape.level[l];
    }
    return level;
}

uint32_t sdp_tape_number(sdp_emitter *e, sdp_num v)
{
    return make(e, (sdp_tape_node){.op = SDP_T_NUM}, NULL, &v);
}

uint32_t sdp_tape_text(sdp_emitter *e, const char *text, uint8_t level)
{
    return make(e, (sdp_tape_node){.op = SDP_T_TEXT, .text = text, .level = level}, NULL, NULL);
}

static bool number_of(const sdp_emitter *e, uint32_t node, sdp_num *v)
{
    const sdp_tape_node *n = &e->tape.node[node];
    if (n->op != SDP_T_NUM) return false;
    *v = e->tape.pool[n->coefs];
    return true;
}

// ---- arithmetic -------------------------------------------------------------------------------------------
uint32_t sdp_tape_add(sdp_emitter *e, uint32_t n, const sdp_num *coef, const uint32_t *term)
{
    sdp_num *c = sdp_scratch(&e->g->base, (n + 1) * sizeof *c), constant = SDP_NUM_ZERO, v;
    uint32_t *t = sdp_scratch(&e->g->base, (n + 1) * sizeof *t), kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (number_of(e, term[i], &v)) constant = sdp_num_add(e->g, constant, sdp_num_mul(e->g, coef[i], v));
        else c[kept] = coef[i], t[kept++] = term[i];
    }
    if (!kept) return sdp_tape_number(e, constant);
    if (constant != SDP_NUM_ZERO) c[kept] = SDP_NUM_ONE, t[kept++] = sdp_tape_number(e, constant);
    if (kept == 1) return sdp_tape_mul(e, c[0], 1, t);
    for (uint32_t i = 1; i < kept && sdp_num_sign(e->g, c[0]) < 0; i++) // a positive term first reads better
        if (sdp_num_sign(e->g, c[i]) > 0) {
            sdp_num swap = c[0];
            uint32_t other = t[0];
            c[0] = c[i], t[0] = t[i], c[i] = swap, t[i] = other;
        }
    return make(e, (sdp_tape_node){.op = SDP_T_ADD, .nargs = kept, .level = level_of(e, kept, t)}, t, c);
}

static uint32_t product(sdp_emitter *e, sdp_num coef, uint32_t n, const uint32_t *factor)
{
    if (!n) return sdp_tape_number(e, coef);
    if (n == 1 && coef == SDP_NUM_ONE) return factor[0];
    return make(e, (sdp_tape_node){.op = SDP_T_MUL, .nargs = n, .level = level_of(e, n, factor)}, factor,
                &coef);
}

// Does factor a stand before b? By level, and products first: x/norm(x)*y is to be
// (x*t)*y, not x*y*t, which may underflow.
static bool stands_before(const sdp_emitter *e, uint32_t a, uint32_t b)
{
    const sdp_tape_node *x = &e->tape.node[a], *y = &e->tape.node[b];
    return x->level != y->level ? x->level < y->level : x->op == SDP_T_MUL && y->op != SDP_T_MUL;
}

uint32_t sdp_tape_mul(sdp_emitter *e, sdp_num coef, uint32_t n, const uint32_t *factor)
{
    uint32_t *f = sdp_scratch(&e->g->base, (2 * n + 2) * sizeof *f), *when = f + n + 1, kept = 0, nwhen = 0;
    sdp_num v;
    for (uint32_t i = 0; i < n; i++) {
        if (number_of(e, factor[i], &v)) {
            coef = sdp_num_mul(e->g, coef, v);
        } else if (e->tape.node[factor[i]].op == SDP_T_WHEN) {
            when[nwhen++] = factor[i];
        } else {
            uint32_t k = kept++;
            for (; k && stands_before(e, factor[i], f[k - 1]); k--) f[k] = f[k - 1];
            f[k] = factor[i];
        }
    }
    if (coef == SDP_NUM_ZERO) return sdp_tape_number(e, coef);
    uint32_t begin = 0;
    for (uint32_t at = 0; at < kept;) { // all factors of lower levels become one factor of the next
        uint32_t end = at;
        while (end < kept && e->tape.node[f[end]].level == e->tape.node[f[at]].level) end++;
        if (end == kept) break;
        f[end - 1] = product(e, coef, end - begin, f + begin);
        coef = SDP_NUM_ONE;
        begin = end - 1;
        at = end;
    }
    memmove(f + kept, when, nwhen * sizeof *f);
    return product(e, coef, kept - begin + nwhen, f + begin);
}

static uint32_t unary(sdp_emitter *e, sdp_tape_op op, uint32_t x)
{
    return make(e, (sdp_tape_node){.op = (uint8_t)op, .nargs = 1, .level = e->tape.node[x].level}, &x, NULL);
}

// x^k for a small k > 0 by repeated squaring
static uint32_t integer_power(sdp_emitter *e, uint32_t x, long k)
{
    uint32_t f[8], n = 0;
    for (;; k /= 2) {
        if (k & 1) f[n++] = x;
        if (k <= 1) break;
        uint32_t two[2] = {x, x};
        x = sdp_tape_mul(e, SDP_NUM_ONE, 2, two);
    }
    return sdp_tape_mul(e, SDP_NUM_ONE, n, f);
}

// x^k: products, square roots and reciprocals where k is a small multiple of 1/2, else pow
static uint32_t power(sdp_emitter *e, uint32_t x, uint32_t exponent)
{
    sdp_num k, base;
    long twice;
    if (number_of(e, exponent, &k)) {
        if (number_of(e, x, &base) && sdp_num_long(e->g, k, &twice) && twice >= -64 && twice <= 64 &&
            (base != SDP_NUM_ZERO || twice > 0))
            return sdp_tape_number(e, sdp_num_pow(e->g, base, twice));
        if (k == SDP_NUM_ZERO) return sdp_tape_number(e, SDP_NUM_ONE);
        if (sdp_num_long(e->g, sdp_num_mul(e->g, SDP_NUM_TWO, k), &twice) && twice >= -17 && twice <= 17) {
            long positive = twice < 0 ? -twice : twice;
            uint32_t f[2], n = 0;
            if (positive >= 2) f[n++] = integer_power(e, x, positive / 2);
            if (positive & 1) f[n++] = unary(e, SDP_T_SQRT, x);
            uint32_t r = sdp_tape_mul(e, SDP_NUM_ONE, n, f);
            return twice < 0 ? unary(e, SDP_T_RECIPROCAL, r) : r;
        }
    }
    uint32_t arg[2] = {x, exponent};
    return make(e, (sdp_tape_node){.op = SDP_T_POW, .nargs = 2, .level = level_of(e, 2, arg)}, arg, NULL);
}

uint32_t sdp_tape_when(sdp_emitter *e, int relation, sdp_ix a, sdp_ix b)
{
    long x, y;
    bool cx = sdp_ix_constant(e->s, a, &x), cy = sdp_ix_constant(e->s, b, &y);
    sdp_ix ix[2] = {a, b};
    if (a == b || (relation == '>' && cy && y == 0) || (relation == '<' && cx && x == 0))
        return sdp_tape_number(e, SDP_NUM_ONE);
    if (cx && cy)
        return sdp_tape_number(e, (relation == '='   ? x == y
                                   : relation == '>' ? x >= y
                                                     : x <= y)
                                      ? SDP_NUM_ONE
                                      : SDP_NUM_ZERO);
    return make(e,
                (sdp_tape_node){.op = SDP_T_WHEN,
                                .nargs = 2,
                                .param = (uint32_t)relation,
                                .level = level_of_ix(e, 2, ix)},
                ix, NULL);
}

// ---- values -----------------------------------------------------------------------------------------------
// Values that are computed as a whole have a place and are loaded: in the body of a loop there are none.
static uint32_t misplaced(sdp_emitter *e, const sdp_value *v)
{
    sdp_fail(&e->g->base, SD_ERR_INTERNAL, (sdp_span){0, 0}, NULL,
             "a value of kind %u of the schedule has no place", v->kind);
}

static uint32_t leaf(sdp_emitter *e, const sdp_value *v, const sdp_ix *ix)
{
    switch ((sdp_vkind)v->kind) {
    case SDP_V_NUM: return sdp_tape_number(e, v->coef[0]);
    case SDP_V_CONST:
        return sdp_tape_text(e, e->target->tcc && v->op == SDP_OP_inf ? "(1.0/0.0)" : sdp_ops[v->op].c, 0);
    case SDP_V_DIM: {
        if (e->s->size[v->param] >= 0) return sdp_tape_number(e, sdp_num_int(e->g, e->s->size[v->param]));
        if (e->s->shard && v->param == e->s->shard->atom)
            return sdp_tape_text(e, sdp_printf(&e->g->base, "(double)%s", e->rows), 0);
        e->dim_used[v->param] = true;
        return sdp_tape_text(e,
                             sdp_printf(&e->g->base, e->target->tcc ? "(double)(long)%s" : "(double)%s",
                                        e->dim[v->param]),
                             0);
    }
    case SDP_V_WANTED:
        return sdp_tape_text(e, sdp_printf(&e->g->base, "(%s ? 1.0 : 0.0)", sdp_wanted_text(e, v->param)), 0);
    case SDP_V_MASK: return sdp_tape_when(e, v->param == SDP_LOWER ? '>' : '<', ix[0], ix[1]);
    case SDP_V_EQ: return sdp_tape_when(e, '=', ix[0], ix[1]);
    default: return misplaced(e, v);
    }
}

static uint32_t load(sdp_emitter *e, sdp_val v, const sdp_ix *ix)
{
    uint32_t order = e->s->value[v].order;
    return make(
        e, (sdp_tape_node){.op = SDP_T_LOAD, .nargs = order, .param = v, .level = level_of_ix(e, order, ix)},
        ix, NULL);
}

uint32_t sdp_tape_value(sdp_emitter *e, sdp_val id, const sdp_ix *ix)
{
    const sdp_place *p = &e->s->plan->place[id];
    if (id == e->tape.carried) return e->tape.carried_node;
    if ((p->root && id != e->tape.root) || e->s->value[id].kind == SDP_V_VAR) return load(e, id, ix);
    return sdp_tape_body(e, id, ix);
}

// A contraction's product of these factors, of which factor i is that of argument arg[i]. Where no loop is
// open, all are of level 0, and the contraction's labels take the place of loops: what has the same innermost
// label is one product before others are multiplied to it.
uint32_t sdp_tape_factors(sdp_emitter *e, const sdp_value *x, sdp_num coef, uint32_t n,
                          const uint32_t *factor, const uint32_t *arg)
{
    uint32_t *f = sdp_scratch(&e->g->base, 3 * (n + 1) * sizeof *f), *rank = f + n + 1, *group = rank + n + 1,
             ngroup = 0;
    if (level_of(e, n, factor)) return sdp_tape_mul(e, coef, n, factor);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = sdp_innermost_label(e->s, e->s->value[x->arg[arg[i]]].order,
                                          sdp_value_ix(e->s, x, arg[i])),
                 k = i;
        for (; k && rank[k - 1] > at; k--) f[k] = f[k - 1], rank[k] = rank[k - 1];
        f[k] = factor[i], rank[k] = at;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (i && rank[i] != rank[i - 1] && ngroup > 1)
            group[0] = sdp_tape_mul(e, SDP_NUM_ONE, ngroup, group), ngroup = 1;
        group[ngroup++] = f[i];
    }
    return sdp_tape_mul(e, coef, ngroup, group);
}

static uint32_t einsum_body(sdp_emitter *e, const sdp_value *v, const sdp_ix *ix)
{
    sdp_ix label[SDP_MAX_LABELS], at[SDP_MAX_ORDER];
    uint32_t *f = sdp_scratch(&e->g->base, 2 * (v->nargs + 1u) * sizeof *f), *arg = f + v->nargs;
    const sdp_ix *own = v->ix, *out = sdp_value_ix(e->s, v, v->nargs);
    for (uint32_t k = 0; k < v->order; k++) label[out[k]] = ix[k];
    for (uint32_t i = 0; i < v->nargs; i++) {
        uint32_t order = e->s->value[v->arg[i]].order;
        for (uint32_t k = 0; k < order; k++) at[k] = sdp_ix_substitute(e->s, own[k], label);
        f[i] = sdp_tape_value(e, v->arg[i], at);
        arg[i] = i;
        own += order;
    }
    return sdp_tape_factors(e, v, v->coef[0], v->nargs, f, arg);
}

uint32_t sdp_tape_body(sdp_emitter *e, sdp_val id, const sdp_ix *ix)
{
    const sdp_value *v = &e->s->value[id];
    if (v->kind == SDP_V_VAR) return load(e, id, ix);
    if (sdp_value_leaf(v)) return leaf(e, v, ix);
    if (v->kind == SDP_V_EINSUM) return einsum_body(e, v, ix);
    uint32_t *a = sdp_scratch(&e->g->base, (v->nargs + 1) * sizeof *a), n = 0;
    sdp_num *coef = sdp_scratch(&e->g->base, (v->nargs + 1) * sizeof *coef);
    for (uint32_t i = 0; i < v->nargs; i++) {
        // added by a loop nest of its own
        if (e->s->plan->place[v->arg[i]].accumulated && v->arg[i] != e->tape.carried) continue;
        if (v->kind == SDP_V_ADD) coef[n] = v->coef[i];
        a[n++] = sdp_tape_value(e, v->arg[i], ix);
    }
    switch ((sdp_vkind)v->kind) {
    case SDP_V_ADD: return sdp_tape_add(e, n, coef, a);
    case SDP_V_POW: return power(e, a[0], a[1]);
    case SDP_V_FINITE: return unary(e, SDP_T_FINITE, a[0]);
    case SDP_V_MAP:
        return make(e, (sdp_tape_node){.op = SDP_T_MAP, .row = v->op, .nargs = n, .level = level_of(e, n, a)},
                    a, NULL);
    default: return misplaced(e, v);
    }
}
