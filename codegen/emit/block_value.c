// SPDX-License-Identifier: MIT
// The body of a loop over blocks: writes the tape as calls of kernels_block.def.
//
// Each operation has an array of a block as its result, which is none of those that it reads; the last one
// may write where the result belongs. Numbers in front of a product or of a term are arguments of its call.
#include "codegen/emit/block.h"

static bool runs(const block *b, uint32_t node) { return b->e->tape.node[node].level == b->n->nloops; }

// ---- operands ---------------------------------------------------------------------------------------------
// The step of an element from one turn of the innermost loop to the next
sdp_dim sdp_step_of(sdp_emitter *e, sdp_val v, const sdp_ix *ix, uint32_t l)
{
    const sdp_value *x = &e->s->value[v];
    sdp_dim step = SDP_DIM_ONE, sum = sdp_dim_int(e->g, 0);
    for (uint32_t k = x->order; k--;) {
        sdp_affine a;
        sdp_ix_get(e->s, ix[k], &a);
        for (uint32_t i = 0; i < a.n; i++)
            if (a.label[i] == l) sum = sdp_dim_add(e->g, sum, sdp_dim_mul(e->g, step, a.stride[i]));
        step = sdp_dim_mul(e->g, step, x->dim[k]);
    }
    return sum;
}

static bool is_row(block *b, uint32_t node)
{
    const sdp_tape_node *t = &b->e->tape.node[node];
    long step;
    return t->op == SDP_T_LOAD &&
           sdp_size_constant(b->e->s, sdp_step_of(b->e, t->param, b->e->tape.pool + t->args, b->label),
                             &step) &&
           step == 1;
}

static uint32_t new_array(block *b)
{
    if (b->to_result) {
        b->to_result = false;
        return 0;
    }
    return b->nfree ? b->free[--b->nfree] : ++b->narrays;
}

static void put_array(block *b, uint32_t array)
{
    if (array) sdp_putf(b->e->out, "%s%u", b->e->temp, b->names + array);
    else sdp_put(b->e->out, "&"), sdp_put_element(b->e, b->n->dest, b->n->at);
}

void sdp_put_operand(block *b, operand x)
{
    if (x.array) put_array(b, x.array);
    else
        sdp_put(b->e->out, "&"), sdp_put_element(b->e, b->e->tape.node[x.node].param,
                                                 b->e->tape.pool + b->e->tape.node[x.node].args);
}

// Counts one reader of x as done; frees the array of x after the last reader.
static void done(block *b, operand x)
{
    if (!x.array) return;
    if (x.node != UINT32_MAX && --b->uses[x.node]) return;
    if (x.node != UINT32_MAX) b->array[x.node] = 0;
    b->free[b->nfree++] = x.array;
}

void sdp_put_amount(block *b, amount a)
{
    sdp_emitter *e = b->e;
    bool first = !(a.by < 1 || a.by > 1);
    if (!first) sdp_put_double(e, a.by);
    for (uint32_t k = 0; a.mul && k < a.mul->nargs; k++) {
        uint32_t f = e->tape.pool[a.mul->args + k];
        if (runs(b, f) || e->tape.node[f].op == SDP_T_WHEN) continue;
        sdp_put(e->out, first ? "" : "*"), sdp_put_expr(e, f, 3);
        first = false;
    }
    if (a.node != UINT32_MAX) sdp_put(e->out, first ? "" : "*"), sdp_put_expr(e, a.node, 3), first = false;
    if (first) sdp_put(e->out, "1.0");
}

static amount plain_amount(double by) { return (amount){by, NULL, UINT32_MAX}; }
static bool is_one(const block *b, amount a)
{
    for (uint32_t k = 0; a.mul && k < a.mul->nargs; k++) {
        uint32_t f = b->e->tape.pool[a.mul->args + k];
        if (!runs(b, f) && b->e->tape.node[f].op != SDP_T_WHEN) return false;
    }
    return a.node == UINT32_MAX && !(a.by < 1 || a.by > 1);
}

// ---- calls ------------------------------------------------------------------------------------------------
// name(count, array: begins the call of an operation that makes an array; the rest are its arguments
operand sdp_begin_call(block *b, const char *name)
{
    operand to = {UINT32_MAX, new_array(b)};
    sdp_put_indent(b->e);
    sdp_putf(b->e->out, "sd_block_%s(%s, ", name, b->count);
    put_array(b, to.array);
    b->e->blocks = true;
    return to;
}

static void put_next(block *b, operand x) { sdp_put(b->e->out, ", "), sdp_put_operand(b, x); }
static void put_by(block *b, amount a) { sdp_put(b->e->out, ", "), sdp_put_amount(b, a); }
static void end_call(block *b) { sdp_put(b->e->out, ");\n"); }

static operand call2(block *b, const char *name, amount a, operand x, operand y)
{
    operand to = sdp_begin_call(b, name);
    put_by(b, a), put_next(b, x), put_next(b, y);
    end_call(b);
    done(b, x), done(b, y);
    return to;
}

static operand call1(block *b, const char *name, amount a, operand x)
{
    operand to = sdp_begin_call(b, name);
    put_by(b, a), put_next(b, x);
    end_call(b);
    done(b, x);
    return to;
}

// A number as an array, for functions
static operand filled(block *b, uint32_t node)
{
    operand to = sdp_begin_call(b, "fill");
    put_by(b, (amount){1, NULL, node});
    end_call(b);
    return to;
}

static operand argument(block *b, uint32_t node)
{
    return runs(b, node) ? sdp_block_value(b, node) : filled(b, node);
}

// ---- products ---------------------------------------------------------------------------------------------
static bool is_divisor(const block *b, uint32_t f)
{
    return b->e->tape.node[f].op == SDP_T_RECIPROCAL && b->e->tape.node[f].uses == 1;
}

// The factors that run, but for conditions: array[nfactors], then divisors
static uint32_t running(const block *b, const sdp_tape_node *t, bool divisors, uint32_t *list)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < t->nargs; k++) {
        uint32_t f = b->e->tape.pool[t->args + k];
        if (runs(b, f) && b->e->tape.node[f].op != SDP_T_WHEN && is_divisor(b, f) == divisors) list[n++] = f;
    }
    return n;
}

static bool has_condition(const block *b, const sdp_tape_node *t)
{
    for (uint32_t k = 0; k < t->nargs; k++)
        if (b->e->tape.node[b->e->tape.pool[t->args + k]].op == SDP_T_WHEN) return true;
    return false;
}

static void put_difference(block *b, const sdp_tape_node *w)
{
    sdp_emitter *e = b->e;
    const sdp_ix *ix = e->tape.pool + w->args;
    sdp_dim step[2];
    for (int i = 0; i < 2; i++) {
        sdp_affine a;
        sdp_ix_get(e->s, ix[i], &a);
        step[i] = sdp_dim_int(e->g, 0);
        for (uint32_t k = 0; k < a.n; k++)
            if (a.label[k] == b->label) step[i] = sdp_dim_add(e->g, step[i], a.stride[k]);
    }
    sdp_put(e->out, ", (long)("), sdp_put_index(e, ix[0]), sdp_put(e->out, ") - (long)("),
        sdp_put_index(e, ix[1]);
    sdp_put(e->out, "), (long)("), sdp_put_size(e, step[0], false), sdp_put(e->out, ") - (long)("),
        sdp_put_size(e, step[1], false);
    sdp_putf(e->out, "), %d", (int)w->param - '=');
}

static operand conditional(block *b, uint32_t when, operand x)
{
    operand to = sdp_begin_call(b, "when");
    put_next(b, x);
    put_difference(b, &b->e->tape.node[when]);
    end_call(b);
    done(b, x);
    return to;
}

static operand product(block *b, const sdp_tape_node *t, double coef)
{
    sdp_emitter *e = b->e;
    uint32_t *f = sdp_scratch(&e->g->base, (2 * t->nargs + 1) * sizeof *f), *d = f + t->nargs, nwhen = 0, at;
    uint32_t nf = running(b, t, false, f), nd = running(b, t, true, d), used = 0;
    bool keep = b->to_result;
    for (uint32_t k = 0; k < t->nargs; k++) nwhen += e->tape.node[e->tape.pool[t->args + k]].op == SDP_T_WHEN;
    amount a = {coef, t, UINT32_MAX};
    operand v[SDP_MAX_FACTORS * 2], by[SDP_MAX_FACTORS * 2], to;
    b->to_result = false;
    for (at = 0; at < nf; at++) v[at] = sdp_block_value(b, f[at]);
    for (at = 0; at < nd; at++) by[at] = sdp_block_value(b, e->tape.pool[e->tape.node[d[at]].args]);
    // calls after the first
    uint32_t left =
        (nf ? (nf > 2 ? nf - 2 : 0) : 0) + (nd > 1 ? nd - 1 : 0) + (nf >= 2 && nd ? 1 : 0) + nwhen;
    b->to_result = keep && !left;
    if (nf >= 2) to = call2(b, "product", a, v[0], v[1]), used = 2;
    else if (nf && nd) to = call2(b, "quotient", a, v[0], by[0]), used = 1;
    else if (nf && is_one(b, a) && (nwhen || !keep)) to = v[0], used = 1;
    else if (nf) to = call1(b, "scale", a, v[0]), used = 1;
    else if (nd) to = call1(b, "reciprocal", a, by[0]);
    else {
        to = sdp_begin_call(b, "fill"), put_by(b, a), end_call(b);
    }
    for (; used < nf; used++)
        left--, b->to_result = keep && !left, to = call2(b, "product", plain_amount(1), to, v[used]);
    for (at = nf >= 2 ? 0 : 1; at < nd; at++)
        left--, b->to_result = keep && !left, to = call2(b, "quotient", plain_amount(1), to, by[at]);
    for (uint32_t k = 0; k < t->nargs; k++) {
        uint32_t w = e->tape.pool[t->args + k];
        if (e->tape.node[w].op != SDP_T_WHEN) continue;
        left--, b->to_result = keep && !left;
        to = conditional(b, w, to);
    }
    return to;
}

// ---- sums -------------------------------------------------------------------------------------------------
static sdp_num coef_of(const block *b, const sdp_tape_node *sum, uint32_t k, bool within)
{
    sdp_num c = b->e->tape.pool[sum->coefs + k];
    return within ? sdp_num_mul(b->e->g, c,
                                b->e->tape.pool[b->e->tape.node[b->e->tape.pool[sum->args + k]].coefs])
                  : c;
}

// Is a term a product of one or two running factors, and read here alone? It is not made an array then.
uint32_t sdp_short_product(const block *b, uint32_t term, uint32_t *f)
{
    const sdp_tape_node *t = &b->e->tape.node[term];
    uint32_t d[SDP_MAX_FACTORS * 2];
    if (t->op != SDP_T_MUL || t->uses > 1 || t->nargs > SDP_MAX_FACTORS || has_condition(b, t) ||
        running(b, t, true, d))
        return 0;
    uint32_t n = running(b, t, false, d);
    if (n > 2) return 0;
    for (uint32_t k = 0; k < n; k++) f[k] = d[k];
    return n;
}

typedef struct {
    amount by;
    operand x;
    bool any;
} partial; // by*x, or none yet

static amount number(const block *b, const sdp_tape_node *sum, uint32_t k)
{
    return (amount){sdp_num_double(b->e->g, coef_of(b, sum, k, false)), NULL, b->e->tape.pool[sum->args + k]};
}

static void add_number(block *b, partial *p, amount a)
{
    operand to = sdp_begin_call(b, "shift");
    put_by(b, a), put_by(b, p->by), put_next(b, p->x), end_call(b);
    done(b, p->x);
    *p = (partial){plain_amount(1), to, true};
}

static void add_term(block *b, partial *p, amount by, operand x)
{
    operand to = sdp_begin_call(b, "add");
    put_by(b, p->by), put_next(b, p->x), put_by(b, by), put_next(b, x), end_call(b);
    done(b, p->x), done(b, x);
    *p = (partial){plain_amount(1), to, true};
}

static void add_product(block *b, partial *p, amount by, operand x, operand y)
{
    operand to = sdp_begin_call(b, "add_product");
    put_next(b, p->x), put_by(b, by), put_next(b, x), put_next(b, y), end_call(b);
    done(b, p->x), done(b, x), done(b, y);
    *p = (partial){plain_amount(1), to, true};
}

// The terms in their order; a number that is first waits for the second.
static operand sum(block *b, const sdp_tape_node *t)
{
    partial p = {.any = false};
    uint32_t first = UINT32_MAX, f[2];
    bool keep = b->to_result;
    for (uint32_t k = 0; k < t->nargs; k++) {
        uint32_t term = b->e->tape.pool[t->args + k];
        bool result = keep && k + 1 == t->nargs;
        b->to_result = false;
        if (!runs(b, term) && !p.any && first == UINT32_MAX) {
            first = k;
            continue;
        }
        if (!runs(b, term)) {
            if (!p.any) {
                p = (partial){plain_amount(1), sdp_begin_call(b, "fill"), true};
                put_by(b, number(b, t, first)), end_call(b);
                first = UINT32_MAX;
            }
            b->to_result = result;
            add_number(b, &p, number(b, t, k));
            continue;
        }
        uint32_t n = sdp_short_product(b, term, f);
        amount by = {sdp_num_double(b->e->g, coef_of(b, t, k, n > 0)), n ? &b->e->tape.node[term] : NULL,
                     UINT32_MAX};
        operand x = sdp_block_value(b, n ? f[0] : term), y = n == 2 ? sdp_block_value(b, f[1]) : x;
        bool fused = n == 2 && p.any && is_one(b, p.by);
        if (n == 2 && !fused) x = call2(b, "product", by, x, y), by = plain_amount(1);
        b->to_result = result;
        if (fused) add_product(b, &p, by, x, y);
        else if (p.any) add_term(b, &p, by, x);
        else p = (partial){by, x, true};
        if (first != UINT32_MAX) add_number(b, &p, number(b, t, first)), first = UINT32_MAX;
    }
    b->to_result = keep && !is_one(b, p.by);
    return is_one(b, p.by) ? p.x : call1(b, "scale", p.by, p.x);
}

// ---- values -----------------------------------------------------------------------------------------------
static operand function(block *b, const sdp_tape_node *t)
{
    operand arg[3], to;
    bool keep = b->to_result;
    b->to_result = false;
    for (uint32_t k = 0; k < t->nargs && k < 3; k++) arg[k] = argument(b, b->e->tape.pool[t->args + k]);
    b->to_result = keep;
    // no branches, where the processor allows it
    if (t->op == SDP_T_MAP && (t->row == SDP_OP_sigmoid || t->row == SDP_OP_softplus ||
                               t->row == SDP_OP_sin || t->row == SDP_OP_cos)) {
        to = sdp_begin_call(b, sdp_ops[t->row].word);
        put_next(b, arg[0]);
    } else if (t->op == SDP_T_MAP) {
        to = sdp_begin_call(b, sdp_printf(&b->e->g->base, "map_%s", sdp_ops[t->row].word));
        for (uint32_t k = 0; k < 3; k++) put_next(b, arg[k < t->nargs ? k : 0]);
        b->e->block_ops[t->row] = true;
    } else {
        to = sdp_begin_call(b, t->op == SDP_T_SQRT ? "root" : t->op == SDP_T_POW ? "power" : "finite");
        for (uint32_t k = 0; k < t->nargs; k++) put_next(b, arg[k]);
    }
    end_call(b);
    for (uint32_t k = 0; k < t->nargs; k++) done(b, arg[k]);
    return to;
}

static operand computed(block *b, uint32_t node)
{
    sdp_emitter *e = b->e;
    const sdp_tape_node *t = &e->tape.node[node];
    switch ((sdp_tape_op)t->op) {
    case SDP_T_LOAD: {
        operand to = sdp_begin_call(b, "load");
        put_next(b, (operand){node, 0}), sdp_put(e->out, ", (long)(");
        sdp_put_size(e, sdp_step_of(e, t->param, e->tape.pool + t->args, b->label), false),
            sdp_put(e->out, ")"), end_call(b);
        return to;
    }
    case SDP_T_WHEN: {
        bool keep = b->to_result;
        b->to_result = false;
        operand one = sdp_begin_call(b, "fill");
        put_by(b, plain_amount(1)), end_call(b);
        b->to_result = keep;
        return conditional(b, node, one);
    }
    case SDP_T_ADD: return sum(b, t);
    case SDP_T_MUL: return product(b, t, sdp_num_double(e->g, e->tape.pool[t->coefs]));
    case SDP_T_RECIPROCAL: {
        bool keep = b->to_result;
        b->to_result = false;
        operand x = sdp_block_value(b, e->tape.pool[t->args]);
        b->to_result = keep;
        return call1(b, "reciprocal", plain_amount(1), x);
    }
    default: return function(b, t);
    }
}

operand sdp_block_value(block *b, uint32_t node)
{
    if (is_row(b, node)) return (operand){node, 0};
    if (b->array[node]) return (operand){node, b->array[node]};
    operand x = computed(b, node);
    if (!x.array || x.node != UINT32_MAX) return x; // the result, or another node's
    b->array[node] = x.array;
    x.node = node;
    return x;
}
