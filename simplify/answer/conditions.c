// SPDX-License-Identifier: MIT
// Where an answer is valid, and where the expression has kinks: collected over the nodes of the answer, of
// what was differentiated, and of what was typed and cancelled, from the columns `domain` and `kink` of the
// operator table, and from powers:
//
//   b^(-k), k > 0 integer      b != 0      (norm(v)^(-k), v'*v: the vector v is not zero)
//   b^e, e < 0 no integer      b > 0
//   b^e, e > 0 no integer      b >= 0
//   b^e, e not a number        b > 0; of a declared integer b != 0, if it is nonnegative, too, nothing
//
// Conditions that follow from declared facts are left out. A condition in a branch of a `where` is needed
// only where that branch is taken. A condition is a graph (a comparison, printed like any other), or, for
// matrices, words about a node.
#include <string.h>

#include "simplify/answer/answer.h"

enum { MOST_CONDITIONS = 200 }; // nobody reads more, and every one is compared with all others

typedef struct {
    sdp_graph *g;
    bool more; // some were left out
    uint32_t count;
    const sdp_id *list;
    sdp_branch *branch;   // by node: the branch of a where it is confined to; 0: none
    bool *needed, *moves; // by node: used by a root; depends on a variable of differentiation
    bool *rough;          // by node: used otherwise than as a smooth power
    sdp_condition *out;
    uint32_t n, cap;
} collector;

// ---- what follows from facts ------------------------------------------------------------------------------
bool sdp_holds_by_facts(sdp_graph *g, sdp_id cond)
{
    sdp_num v;
    if (sdp_is_number(g, cond, &v)) return v != SDP_NUM_ZERO;
    const sdp_node *n = sdp_get(g, cond);
    if (n->kind != SDP_MAP || n->nargs != 2) return false;
    sdp_id a = n->arg[0], b = n->arg[1];
    if (n->op == SDP_OP_ne)
        return sdp_known_positive(g, sdp_sub(g, a, b)) || sdp_known_positive(g, sdp_sub(g, b, a));
    bool strict;
    sdp_id u = sdp_ordered_difference(g, n->op, n->arg, &strict);
    return u && (strict ? sdp_known_positive(g, u) : sdp_known_nonneg(g, u));
}

// Can x == y be excluded? For kinks: the opposite of the condition holds.
bool sdp_excluded_by_facts(sdp_graph *g, sdp_id cond)
{
    sdp_num v;
    if (sdp_is_number(g, cond, &v)) return v == SDP_NUM_ZERO;
    const sdp_node *n = sdp_get(g, cond);
    if (n->kind != SDP_MAP || n->nargs != 2) return false;
    if (n->op == SDP_OP_and)
        return sdp_excluded_by_facts(g, n->arg[0]) || sdp_excluded_by_facts(g, n->arg[1]);
    if (n->op != SDP_OP_eq) return false;
    return sdp_holds_by_facts(g, sdp_map(g, SDP_OP_ne, n->arg));
}

// ---- adding -----------------------------------------------------------------------------------------------
static bool same_text(const char *a, const char *b) { return a == b || (a && b && !strcmp(a, b)); }

// relation b 0, entry by entry
static sdp_id compared(sdp_graph *g, int relation, sdp_id b)
{
    sdp_id scalar;
    if (sdp_is_broadcast(g, b, &scalar)) b = scalar;
    return sdp_map(g, relation, (sdp_id[]){b, sdp_number(g, SDP_NUM_ZERO)});
}

// Returns the claim of the words about their subject in symbols, 0 if it has no symbolic form.
static sdp_id in_symbols(sdp_graph *g, const sdp_condition *x)
{
    if (x->node) return x->node;
    bool zero = x->claim == SDP_NOT_ZERO, regular = x->claim == SDP_INVERTIBLE;
    if (!zero && !regular && x->claim != SDP_DET_POSITIVE) return 0;
    sdp_id measure = sdp_prim(g, zero ? SDP_OP_norm : SDP_OP_det, 1, &x->subject,
                              zero ? (1u << sdp_get(g, x->subject)->order) - 1 : 0);
    return compared(g, zero || regular ? SDP_OP_ne : SDP_OP_gt, measure);
}

static void add(collector *c, sdp_condition x)
{
    sdp_id said = x.branch ? in_symbols(c->g, &x) : 0;
    // the branch says so
    if (said && sdp_branch_implies(c->g, x.branch, said, x.kink ? sdp_excluded_by_facts : sdp_holds_by_facts))
        return;
    for (uint32_t i = 0; i < c->n; i++) {
        sdp_condition *o = &c->out[i];
        if (o->kink != x.kink || o->node != x.node || o->subject != x.subject || o->second != x.second ||
            !same_text(o->words, x.words))
            continue;
        o->branch = sdp_branch_either(c->g, o->branch, x.branch);
        if (o->kink && !same_text(o->taken, x.taken)) continue;
        return;
    }
    if (c->n == MOST_CONDITIONS) {
        c->more = true;
        return;
    }
    c->out = sdp_grown_kept(&c->g->base, c->out, c->n, &c->cap, sizeof *c->out);
    c->out[c->n++] = x;
}

static void need(collector *c, sdp_id cond, sdp_id branch)
{
    const sdp_node *n = sdp_get(c->g, cond);
    bool each = n->order > 0;
    if (sdp_holds_by_facts(c->g, cond)) return;
    int negated = branch ? 0 : sdp_negated_comparison(n);
    bool never = negated && sdp_holds_by_facts(c->g, sdp_map(c->g, negated, n->arg)); // log(-x), x positive
    add(c, (sdp_condition){.node = cond, .branch = branch, .each = each, .never = never});
}

static void need_words(collector *c, sdp_id subject, sdp_claim claim, const char *words, sdp_id branch)
{
    add(c, (sdp_condition){.subject = subject, .claim = claim, .words = words, .branch = branch});
}

// The domain of a function of matrices.
static sdp_claim claim_of(int op)
{
    switch (op) {
    case SDP_OP_inv: return SDP_INVERTIBLE;
    case SDP_OP_logdet: return SDP_DET_POSITIVE;
    case SDP_OP_chol: return SDP_DEFINITE;
    case SDP_OP_powm: return SDP_WITH_POWER;
    default: return SDP_IN_WORDS;
    }
}

// ---- domain -----------------------------------------------------------------------------------------------
// v if b is v'*v or a positive power of norm(v), else 0
static sdp_id vector_measured(sdp_graph *g, sdp_id b)
{
    const sdp_node *n = sdp_get(g, b);
    sdp_num two;
    if (n->kind == SDP_PRIM && n->op == SDP_OP_norm && n->order == 0) return n->arg[0];
    if (n->kind != SDP_MUL || n->nargs != 1 || n->order || n->nlabels != sdp_get(g, n->arg[0])->order)
        return 0;
    const sdp_node *p = sdp_get(g, n->arg[0]);
    return p->kind == SDP_POW && sdp_is_number(g, p->arg[1], &two) && two == SDP_NUM_TWO ? p->arg[0] : 0;
}

// b != 0, taken apart: every factor of a product, the base of a power
static void need_nonzero(collector *c, sdp_id b, sdp_id branch)
{
    sdp_graph *g = c->g;
    sdp_id scalar, v;
    sdp_num e;
    if (sdp_is_broadcast(g, b, &scalar)) b = scalar;
    for (const sdp_node *n = sdp_get(g, b); n->kind == SDP_POW && sdp_is_number(g, n->arg[1], &e);
         n = sdp_get(g, b))
        b = n->arg[0];
    const sdp_node *n = sdp_get(g, b);
    if ((v = vector_measured(g, b)) != 0) {
        if (sdp_known_positive(g, v)) return;
        if (sdp_get(g, v)->order) need_words(c, v, SDP_NOT_ZERO, "x != 0", branch);
        else need(c, compared(g, SDP_OP_ne, v), branch);
        return;
    }
    // no sum: the product of its factors
    bool plain = n->kind == SDP_MUL && n->nargs > 1 && sdp_permutes_labels(g, n);
    for (uint32_t i = 0; plain && i < n->nargs; i++) {
        const sdp_node *f = sdp_get(g, n->arg[i]);
        need_nonzero(c, f->kind == SDP_POW && f->order == 0 ? f->arg[0] : n->arg[i], branch);
    }
    if (plain) return;
    if (n->kind == SDP_PRIM && n->op == SDP_OP_det)
        need_words(c, n->arg[0], SDP_INVERTIBLE, sdp_ops[SDP_OP_inv].domain, branch);
    else need(c, compared(g, SDP_OP_ne, b), branch);
}

static void power(collector *c, const sdp_node *n, sdp_id branch)
{
    sdp_graph *g = c->g;
    sdp_num e;
    sdp_id b = n->arg[0];
    bool number = sdp_is_number(g, n->arg[1], &e);
    if (number && sdp_num_is_int(g, e)) {
        if (sdp_num_sign(g, e) < 0) need_nonzero(c, b, branch);
    } else if (!number &&
               (sdp_get(g, n->arg[1])->kind == SDP_DIM || sdp_has(g, n->arg[1], SDP_INTEGER | SDP_NONNEG))) {
        return; // x.^n with a size
    } else if (!number && (sdp_facts(g, n->arg[1]).yes & SDP_INTEGER)) {
        need_nonzero(c, b, branch); // x^k with an integer k, which may be negative
    } else {
        need(c, compared(g, !number || sdp_num_sign(g, e) < 0 ? SDP_OP_gt : SDP_OP_ge, b), branch);
    }
}

// Of a declared function nothing is known but that its derivatives are used; the highest order says it all.
static void smooth(collector *c, const sdp_node *call, sdp_id branch)
{
    sdp_graph *g = c->g;
    sdp_derivative value = {.function = call->param};
    for (uint32_t i = 0; i < c->count; i++) {
        const sdp_node *n = sdp_get(g, c->list[i]);
        bool more = n->kind == SDP_CALL && n->param == call->param && n->nlabels > call->nlabels;
        if (more && !memcmp(n->arg, call->arg, n->nargs * sizeof *n->arg)) return;
    }
    const char *times = call->nlabels == 1   ? ""
                        : call->nlabels == 2 ? "twice "
                                             : sdp_printf(&g->base, "%u times ", call->nlabels);
    need_words(c, sdp_call(g, &value, call->arg), SDP_IN_WORDS,
               sdp_printf(&g->base, "x %sdifferentiable", times), branch);
}

// Positive definite A and B, or one of them beside a psd one, have none of A and -B.
static void common_eigenvalue(collector *c, const sdp_node *n, const char *words, sdp_id branch)
{
    uint32_t a = sdp_facts(c->g, n->arg[0]).yes, b = sdp_facts(c->g, n->arg[1]).yes;
    if ((a & b & SDP_PSD) && ((a | b) & SDP_POSDEF)) return;
    sdp_id turned[2] = {sdp_transpose(c->g, n->arg[0]), sdp_transpose(c->g, n->arg[1])}; // have the same ones
    add(c, (sdp_condition){.subject = turned[0] < n->arg[0] ? turned[0] : n->arg[0],
                           .second = turned[1] < n->arg[1] ? turned[1] : n->arg[1],
                           .words = words,
                           .branch = branch});
}

static void domain(collector *c, sdp_id id)
{
    sdp_graph *g = c->g;
    const sdp_node *n = sdp_get(g, id);
    const char *words = sdp_ops[n->op].domain;
    sdp_id branch = c->branch[id];
    if (n->kind == SDP_POW) power(c, n, branch);
    if (n->kind == SDP_CALL && n->nlabels) smooth(c, n, branch);
    if (!words || (n->kind != SDP_MAP && n->kind != SDP_PRIM)) return;
    if (n->op == SDP_OP_powm && sdp_has(g, n->arg[1], SDP_NONNEG)) return;
    if (n->kind == SDP_MAP) need(c, sdp_template(g, words, n->nargs, n->arg), branch);
    else if (n->op == SDP_OP_sylvester) common_eigenvalue(c, n, words, branch);
    else if (!(sdp_facts(g, n->arg[0]).yes & (SDP_POSDEF | (n->op == SDP_OP_inv ? SDP_ORTHOGONAL : 0))))
        need_words(c, n->arg[0], claim_of(n->op), words, branch);
}

// ---- kinks ------------------------------------------------------------------------------------------------
// "x==0: 0" is a condition and what is taken there; "x==0: none" means that there is no derivative.
static void kink(collector *c, sdp_id id)
{
    sdp_graph *g = c->g;
    const sdp_node *n = sdp_get(g, id);
    const char *text = n->kind == SDP_MAP || n->kind == SDP_PRIM ? sdp_ops[n->op].kink : NULL;
    if (!text || n->op == SDP_OP_where) return; // the comparisons in its condition are reported
    const char *colon = strstr(text, ": "), *taken = colon ? colon + 2 : NULL;
    const char *where = colon ? sdp_strndup(&g->base, text, (size_t)(colon - text)) : text;
    sdp_range range = sdp_ops[n->op].range;
    sdp_condition x = {.kink = true,
                       .branch = c->branch[id],
                       .taken = taken,
                       .function = n->op,
                       .decides = range == SDP_RANGE_bool && n->nargs == 2};
    if (taken && !strcmp(taken, "none")) {
        if (!c->rough[id]) return;
        need_nonzero(c, id, c->branch[id]);
        return;
    }
    if (n->kind == SDP_PRIM) {
        x.subject = n->arg[0];
        x.words = where;
    } else {
        x.node = sdp_template(g, where, n->nargs, n->arg);
        x.each = n->order > 0;
        if (sdp_excluded_by_facts(g, x.node)) return;
    }
    add(c, x);
}

// Finds the nodes with a use other than as a power that is smooth enough: |v|^k has k-1 derivatives at 0.
static void find_rough(collector *c, sdp_id root, int order)
{
    sdp_graph *g = c->g;
    c->rough = sdp_scratch(&g->base, root + (size_t)1);
    c->rough[root] = true;
    for (uint32_t i = 0; i < c->count; i++) {
        const sdp_node *n = sdp_get(g, c->list[i]);
        sdp_num e;
        bool number = n->kind == SDP_POW && sdp_is_number(g, n->arg[1], &e) &&
                      sdp_num_cmp(g, e, sdp_num_int(g, order)) > 0;
        for (uint32_t k = 0; k < n->nargs; k++) {
            sdp_range range = sdp_ops[sdp_get(g, n->arg[k])->op].range; // nonneg: norm, hypot; but not cbrt
            bool size = range == SDP_RANGE_nonneg;
            c->rough[n->arg[k]] |= !(number && k == 0 && size);
        }
    }
}

// elu has one derivative and no second one at 0: what the branches of an answer of higher order depend on is
// a kink of it, if none of what was differentiated is there.
static void kinks_of_answer(collector *c)
{
    sdp_graph *g = c->g;
    bool *decides = sdp_scratch(&g->base, c->list[c->count - 1] + (size_t)1);
    uint32_t known = c->n;
    for (uint32_t i = c->count; i-- > 0;) {
        sdp_id id = c->list[i];
        const sdp_node *n = sdp_get(g, id);
        bool where = n->kind == SDP_MAP && n->op == SDP_OP_where;
        if (where) decides[n->arg[0]] = true;
        // & | !
        for (uint32_t k = 0; k < n->nargs && decides[id] && !sdp_ops[n->op].kink; k++)
            decides[n->arg[k]] = true;
        if (where || !decides[id] || !c->moves[id] || n->kind != SDP_MAP || !sdp_ops[n->op].kink) continue;
        sdp_id there = sdp_template(g, sdp_ops[n->op].kink, n->nargs, n->arg);
        bool told = false;
        for (uint32_t k = 0; k < known; k++) told |= c->out[k].kink && c->out[k].node == there;
        if (!told) kink(c, id);
    }
}

// ---- walking ----------------------------------------------------------------------------------------------
// The branch into which argument k of a node leads: that of a `where`, or of a factor where(c, a, 0) of a
// product, which is 0 where c does not hold, whatever the others are. 0: none
static sdp_id branch_of(sdp_graph *g, const sdp_node *n, uint32_t k)
{
    sdp_id c = 0;
    uint32_t side = 0;
    if (n->kind == SDP_MAP && n->op == SDP_OP_where) c = n->arg[0], side = k;
    for (uint32_t i = 0; i < n->nargs && n->kind == SDP_MUL && !side; i++) {
        const sdp_node *f = sdp_get(g, n->arg[i]);
        if (i == k || n->arg[i] == n->arg[k] || f->kind != SDP_MAP || f->op != SDP_OP_where) continue;
        c = f->arg[0], side = sdp_is_zero(g, f->arg[2]) ? 1 : sdp_is_zero(g, f->arg[1]) ? 2 : 0;
    }
    const sdp_node *x = c ? sdp_get(g, c) : NULL;
    bool repeated = x && x->kind == SDP_MUL && x->nargs == 1 && x->coef[0] == SDP_NUM_ONE &&
                    !sdp_get(g, x->arg[0])->order;
    return side ? sdp_branch_of(repeated ? x->arg[0] : c, side) : 0;
}

// From the roots down: which branch of a where is a node confined to, or which
// branches? Users have larger ids.
static void find_branches(collector *c)
{
    for (uint32_t i = c->count; i-- > 0;) {
        sdp_id id = c->list[i];
        const sdp_node *n = sdp_get(c->g, id);
        for (uint32_t k = 0; k < n->nargs; k++) {
            sdp_id a = n->arg[k], own = c->branch[id];
            sdp_id inner = branch_of(c->g, n, k);
            if (inner) own = sdp_branch_within(c->g, own, inner);
            c->branch[a] = c->needed[a] ? sdp_branch_either(c->g, c->branch[a], own) : own;
            c->needed[a] = true;
        }
    }
}

static void find_moving(collector *c, const struct sd_result *r)
{
    bool *by = sdp_scratch(&c->g->base, c->g->nvars + 1);
    for (uint32_t k = 0; k < r->nwrt; k++) by[r->wrt[k]] = true;
    for (uint32_t i = 0; i < c->count; i++) {
        const sdp_node *n = sdp_get(c->g, c->list[i]);
        bool *moves = &c->moves[c->list[i]];
        *moves |= n->kind == SDP_VAR && by[n->param];
        for (uint32_t k = 0; k < n->nargs; k++) *moves |= c->moves[n->arg[k]];
    }
}

// A kink matters if the derivative goes through it, or if it is a jump:
// where(norm(x)>1, ...) has none at x = 0.
static void find_deriving(collector *c, sdp_id root)
{
    bool *derives = sdp_scratch(&c->g->base, root + (size_t)1);
    derives[root] = true;
    for (uint32_t i = c->count; i-- > 0;) {
        sdp_id id = c->list[i];
        const sdp_node *n = sdp_get(c->g, id);
        bool discrete = n->kind == SDP_MAP && sdp_range_is_discrete(sdp_ops[n->op].range);
        c->moves[id] &= derives[id] || discrete;
        for (uint32_t k = 0; k < n->nargs; k++) {
            const char *d = n->kind == SDP_MAP ? sdp_ops[n->op].d[k] : NULL;
            derives[n->arg[k]] |= derives[id] && (!d || strcmp(d, "0"));
        }
    }
}

// The last roots are what was typed and is gone.
static void start(collector *c, uint32_t nroots, const sdp_id *root, const sdp_cancelled *typed,
                  uint32_t ntyped)
{
    sdp_graph *g = c->g;
    c->list = sdp_reachable(g, nroots, root, &c->count);
    size_t room = (c->count ? c->list[c->count - 1] : 0) + (size_t)1;
    c->branch = sdp_scratch(&g->base, room * sizeof *c->branch);
    c->needed = sdp_scratch(&g->base, room);
    c->moves = sdp_scratch(&g->base, room);
    for (uint32_t i = 0; i < nroots; i++) {
        uint32_t first = nroots - ntyped;
        sdp_id own = i < first ? 0 : typed[i - first].branch, *branch = &c->branch[root[i]];
        *branch = c->needed[root[i]] ? sdp_branch_either(g, *branch, own) : own;
        c->needed[root[i]] = true;
    }
    find_branches(c);
}

// b > 0 says more than b >= 0 and b != 0.
static bool implied(const collector *c, const sdp_condition *x)
{
    for (uint32_t i = 0; i < c->n && x->claim == SDP_INVERTIBLE; i++) // det(x) > 0: invertible
        if (c->out[i].subject == x->subject && c->out[i].claim == SDP_DET_POSITIVE) return true;
    if (!x->node || x->kink) return false;
    const sdp_node *n = sdp_get(c->g, x->node);
    for (uint32_t i = 0; i < c->n && n->kind == SDP_MAP && (n->op == SDP_OP_ge || n->op == SDP_OP_ne); i++) {
        const sdp_condition *o = &c->out[i];
        const sdp_node *m = o->node && !o->kink ? sdp_get(c->g, o->node) : n;
        bool same =
            m != n && m->kind == SDP_MAP && m->nargs == 2 && m->arg[0] == n->arg[0] && m->arg[1] == n->arg[1];
        if (same && m->op == SDP_OP_gt && (!o->branch || o->branch == x->branch)) return true;
    }
    return false;
}

uint32_t sdp_conditions(sdp_graph *g, const struct sd_result *r, const sdp_condition **out)
{
    const sdp_entry *shown = sdp_shown(r);
    sdp_mark m = sdp_scratch_mark(&g->base);
    collector c = {.g = g};
    sdp_id *root = sdp_scratch(&g->base, (r->n + r->ntyped + 1) * sizeof *root);
    uint32_t nroots = 0;
    sdp_id value = r->value;
    sdp_textbook(g, 1, &value);
    root[nroots++] = value;
    for (size_t i = 0; i < r->n; i++) root[nroots++] = shown[i].node;
    for (uint32_t i = 0; i < r->ntyped; i++) root[nroots++] = r->typed[i].node;
    sdp_textbook(g, r->ntyped, root + nroots - r->ntyped);
    sdp_with_free_copies(g, nroots - 1, root + 1, r->nwrt, r->wrt);
    start(&c, nroots, root, r->typed, r->ntyped);
    for (uint32_t i = 0; i < c.count; i++) domain(&c, c.list[i]);
    if (r->order > 0) {
        start(&c, 1, &value, NULL, 0);
        find_moving(&c, r);
        find_deriving(&c, value);
        find_rough(&c, value, r->order);
        for (uint32_t i = 0; i < c.count; i++)
            if (c.moves[c.list[i]]) kink(&c, c.list[i]);
    }
    if (r->order > 1) {
        start(&c, (uint32_t)r->n, root + 1, NULL, 0);
        find_moving(&c, r);
        if (c.count) kinks_of_answer(&c);
    }
    for (uint32_t i = 0; i < r->nalso; i++)
        if (!r->also[i].node ||
            !(r->also[i].kink ? sdp_excluded_by_facts : sdp_holds_by_facts)(g, r->also[i].node))
            add(&c, r->also[i]);
    uint32_t kept = 0;
    for (int kinks = 0; kinks < 2; kinks++) // what is needed first
        for (uint32_t i = 0; i < c.n; i++) kept += c.out[i].kink == (kinks > 0) && !implied(&c, &c.out[i]);
    sdp_condition *list = sdp_alloc(&g->base, (kept + (size_t)2) * sizeof *list);
    kept = 0;
    for (int kinks = 0; kinks < 2; kinks++)
        for (uint32_t i = 0; i < c.n; i++)
            if (c.out[i].kink == (kinks > 0) && !implied(&c, &c.out[i])) list[kept++] = c.out[i];
    if (c.more) list[kept++] = (sdp_condition){.kink = false};
    *out = list;
    sdp_scratch_release(&g->base, m);
    return kept;
}
