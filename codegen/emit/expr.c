// SPDX-License-Identifier: MIT
// The text of expressions: numbers, sizes, array elements, and the nodes of the tape with few parentheses.
//
// A node gets a name (const double t1 = ...) if it is read twice, or in a deeper loop than its own. All
// others are written where they are read. Every number is printed with as few digits as read back exactly.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codegen/emit/emitter.h"
#include "codegen/emit/straight.h"

void sdp_put_indent(sdp_emitter *e)
{
    for (uint32_t i = 0; i < e->indent; i++) sdp_put(e->out, "    ");
}

void sdp_put_line(sdp_emitter *e, const char *fmt, ...)
{
    char line[512];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    sdp_put_indent(e);
    if (n >= 0 && (size_t)n < sizeof line) {
        sdp_put(e->out, line);
    } else { // long names
        va_start(ap, fmt);
        char *big = sdp_scratch(&e->g->base, (size_t)(n < 0 ? 0 : n) + 1);
        vsnprintf(big, (size_t)(n < 0 ? 0 : n) + 1, fmt, ap);
        va_end(ap);
        sdp_put(e->out, big);
    }
    sdp_put(e->out, "\n");
}

void sdp_put_double(sdp_emitter *e, double v)
{
    if (v - v != 0) {
        const char *huge = e->target->tcc ? "(1.0/0.0)" : "HUGE_VAL";
        sdp_putf(e->out, v < 0 ? "(-%s)" : "%s", huge);
        return;
    }
    sdp_decimal d = sdp_decimal_shortest(v, 1);
    sdp_put(e->out, d.s);
    if (!strpbrk(d.s, ".e")) sdp_put(e->out, ".0");
}

// ---- sizes and indices ------------------------------------------------------------------------------------
static void put_term(sdp_emitter *e, const sdp_dim_term *t, long coef)
{
    bool one = coef == 1 && t->natoms;
    if (!one) sdp_putf(e->out, "%ld", coef);
    for (uint32_t k = 0; k < t->natoms; k++) {
        uint32_t atom = t->atom[k];
        if (k || !one) sdp_put(e->out, "*");
        if (e->s->size[atom] >= 0) {
            sdp_putf(e->out, "%ld", e->s->size[atom]);
        } else {
            sdp_put(e->out, e->dim[atom]);
            e->dim_used[atom] = true;
        }
    }
}

// A polynomial in sizes, positive terms first; as_factor: in parentheses if it is a sum.
void sdp_put_size(sdp_emitter *e, sdp_dim d, bool as_factor)
{
    long value;
    if (sdp_size_constant(e->s, d, &value)) {
        sdp_putf(e->out, "%ld", value);
        return;
    }
    const sdp_dim_term *t;
    uint32_t n = sdp_dim_terms(e->g, d, &t);
    if (as_factor && n > 1) sdp_put(e->out, "(");
    bool first = true;
    for (int negative = 0; negative < 2; negative++)
        for (uint32_t i = 0; i < n; i++) {
            if ((t[i].coef < 0) != negative) continue;
            if (!first) sdp_put(e->out, negative ? " - " : " + ");
            put_term(e, &t[i], negative && !first ? -t[i].coef : t[i].coef);
            first = false;
        }
    if (as_factor && n > 1) sdp_put(e->out, ")");
}

static bool runs_down(const sdp_emitter *e, sdp_dim stride)
{
    long step;
    if (sdp_size_constant(e->s, stride, &step)) return step < 0;
    const sdp_dim_term *t;
    uint32_t n = sdp_dim_terms(e->g, stride, &t), k = 0;
    while (k < n && t[k].coef < 0) k++;
    return n && k == n;
}

// The numbers of the terms of an index, in the order of their loops
static void sort_by_loop(const sdp_emitter *e, const sdp_affine *a, uint8_t *term)
{
    for (uint32_t i = 0, k; i < a->n; i++) {
        for (k = i; k && e->tape.level[a->label[term[k - 1]]] > e->tape.level[a->label[i]]; k--)
            term[k] = term[k - 1];
        term[k] = (uint8_t)i;
    }
}

// Puts the terms with strides of one sign; returns whether no term has been put yet.
static bool put_strides(sdp_emitter *e, const sdp_affine *a, const uint8_t *term, bool down, bool first)
{
    for (uint32_t i = 0; i < a->n; i++) {
        const uint8_t k = term[i];
        if (runs_down(e, a->stride[k]) != down) continue;
        if (!first || down) sdp_put(e->out, down ? " - " : " + ");
        first = false;
        sdp_dim stride = down ? sdp_dim_neg(e->g, a->stride[k]) : a->stride[k];
        long step;
        sdp_put(e->out, e->label_name[a->label[k]]);
        if (sdp_size_constant(e->s, stride, &step) && step == 1) continue;
        sdp_put(e->out, "*");
        sdp_put_size(e, stride, true);
    }
    return first;
}

// offset + sum of stride * loop variable; what runs down comes last, for numbers are unsigned
static void put_affine(sdp_emitter *e, const sdp_affine *a)
{
    long offset;
    uint8_t term[SDP_MAX_ORDER];
    sort_by_loop(e, a, term);
    bool constant = sdp_size_constant(e->s, a->off, &offset), first = put_strides(e, a, term, false, true);
    if (constant && offset < 0) sdp_putf(e->out, " - %ld", -offset);
    else if (!constant || offset || first) {
        if (!first) sdp_put(e->out, " + ");
        sdp_put_size(e, a->off, false);
    }
    (void)put_strides(e, a, term, true, false);
}

void sdp_put_index(sdp_emitter *e, sdp_ix ix)
{
    sdp_affine a;
    sdp_ix_get(e->s, ix, &a);
    put_affine(e, &a);
}

void sdp_put_place(sdp_emitter *e, sdp_val v)
{
    const sdp_place *p = &e->s->plan->place[v];
    if (p->accumulated) p = &e->s->plan->place[p->into];
    switch (p->at) {
    case SDP_AT_INPUT:
        sdp_put(e->out, e->input[p->index]);
        e->input_used[p->index] = true;
        break;
    case SDP_AT_OUTPUT:
        sdp_put(e->out, e->kept[p->index]);
        e->output_used[p->index] = true;
        break;
    case SDP_AT_WORK:
        sdp_putf(e->out, "%s%u", e->buffer, p->index + 1);
        e->buffer_used[p->index] = true;
        break;
    case SDP_AT_LOCAL: sdp_putf(e->out, "%s%u", e->local, p->index + 1); break;
    case SDP_AT_CELL:
        sdp_putf(e->out, "%s[%u]", e->cell, p->index);
        e->cell_used = true;
        break;
    case SDP_AT_NOWHERE:
        sdp_fail(&e->g->base, SD_ERR_INTERNAL, (sdp_span){0, 0}, NULL,
                 "value %u of the schedule has no place", v);
    }
}

// Row-major: the index is one affine form, sum over axes of index * (product of the later dimensions).
void sdp_put_element(sdp_emitter *e, sdp_val v, const sdp_ix *ix)
{
    const sdp_value *x = &e->s->value[v];
    sdp_put_place(e, v);
    sdp_put_subscript(e, x->order, x->dim, ix);
}

void sdp_put_subscript(sdp_emitter *e, uint32_t order, const sdp_dim *dim, const sdp_ix *ix)
{
    if (!order) return;
    sdp_affine sum, part;
    memset(&sum, 0, sizeof sum);
    sum.off = sdp_dim_int(e->g, 0);
    sdp_dim step = SDP_DIM_ONE;
    for (uint32_t k = order; k--;) {
        sdp_ix_get(e->s, ix[k], &part);
        sum.off = sdp_dim_add(e->g, sum.off, sdp_dim_mul(e->g, step, part.off));
        for (uint32_t i = 0; i < part.n; i++) {
            uint32_t at = 0;
            while (at < sum.n && sum.label[at] != part.label[i]) at++;
            if (at == SDP_MAX_ORDER) sdp_limit(&e->g->base, "order", SDP_MAX_ORDER);
            sdp_dim stride = sdp_dim_mul(e->g, step, part.stride[i]);
            sum.label[at] = part.label[i];
            sum.stride[at] = at < sum.n ? sdp_dim_add(e->g, sum.stride[at], stride) : stride;
            if (at == sum.n) sum.n++;
        }
        step = sdp_dim_mul(e->g, step, dim[k]);
    }
    sdp_put(e->out, "[");
    put_affine(e, &sum);
    sdp_put(e->out, "]");
}

// ---- names ------------------------------------------------------------------------------------------------
static bool plain(const sdp_emitter *e, const sdp_tape_node *n)
{
    return n->op == SDP_T_NUM || n->op == SDP_T_TEXT || n->op == SDP_T_WHEN ||
           (n->op == SDP_T_LOAD && !e->s->value[n->param].order);
}

void sdp_name_nodes(sdp_emitter *e, uint32_t nroots, const uint32_t *root)
{
    sdp_tape *t = &e->tape;
    for (uint32_t i = 0; i < t->nnodes; i++) t->node[i].uses = t->node[i].deepest = t->node[i].named = 0;
    for (uint32_t i = 0; i < nroots; i++) t->node[root[i]].uses++;
    for (uint32_t i = t->nnodes; i--;) {
        sdp_tape_node *n = &t->node[i];
        if (!n->uses || n->op == SDP_T_LOAD || n->op == SDP_T_WHEN) continue;
        for (uint32_t k = 0; k < n->nargs; k++) {
            sdp_tape_node *a = &t->node[t->pool[n->args + k]];
            a->uses++;
            if (n->level > a->deepest) a->deepest = n->level;
        }
    }
    for (uint32_t i = 0; i < t->nnodes; i++) {
        sdp_tape_node *n = &t->node[i];
        n->late = i + 1 == e->sum_node;
        for (uint32_t k = 0; k < n->nargs && n->op != SDP_T_LOAD && n->op != SDP_T_WHEN; k++)
            n->late |= t->node[t->pool[n->args + k]].late;
        if (!n->uses || plain(e, n)) continue;
        n->named = n->deepest > n->level || (n->uses > 1 && n->op != SDP_T_LOAD);
        if (n->named) n->name = ++e->ntemps;
    }
}

void sdp_put_named(sdp_emitter *e, uint32_t level)
{
    sdp_tape *t = &e->tape;
    for (uint32_t i = 0; i < t->nnodes; i++) {
        if (!t->node[i].named || t->node[i].level != level || t->node[i].late != e->late) continue;
        sdp_put_indent(e);
        sdp_putf(e->out, "const double %s%u = ", e->temp, t->node[i].name);
        t->node[i].named = false;
        sdp_put_expr(e, i, 0);
        t->node[i].named = true;
        sdp_put(e->out, ";\n");
    }
}

// ---- expressions ------------------------------------------------------------------------------------------
bool sdp_libm_call(const char *c, char *name, size_t size)
{
    size_t n = strspn(c, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (!n || n >= size || (strcmp(c + n, "(x)") && strcmp(c + n, "(x, y)") && strcmp(c + n, "(x, y, z)")))
        return false;
    memcpy(name, c, n);
    name[n] = 0;
    return true;
}

int sdp_vector_kernel(uint32_t op)
{
    static const struct {
        uint16_t op;
        int kernel;
    } rows[] = {{SDP_OP_exp, KERNEL_exp},          {SDP_OP_tanh, KERNEL_tanh},
                {SDP_OP_sigmoid, KERNEL_logistic}, {SDP_OP_log, KERNEL_log},
                {SDP_OP_log1p, KERNEL_log1p},      {SDP_OP_expm1, KERNEL_expm1},
                {SDP_OP_softplus, KERNEL_soft}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].op == op) return rows[i].kernel;
    return -1;
}

static void put_call(sdp_emitter *e, const sdp_tape_node *n)
{
    char name[32];
    const char *c = sdp_ops[n->row].c;
    // of array entries
    int vector = !e->target->tcc && !e->s->q->real.is_float && n->level ? sdp_vector_kernel(n->row) : -1;
    if (vector >= 0) c = "";
    sdp_called_kernels(e, c);
    if (vector >= 0) {
        sdp_put(e->out, sdp_kernel(e, vector));
    } else if (sdp_libm_call(c, name, sizeof name)) {
        sdp_put(e->out, name);
    } else {
        sdp_putf(e->out, "sd_%s", sdp_ops[n->row].word);
        e->ops[n->row] = true;
    }
    for (uint32_t k = 0; k < n->nargs; k++) {
        sdp_put(e->out, k ? ", " : "(");
        sdp_put_expr(e, e->tape.pool[n->args + k], 0);
    }
    sdp_put(e->out, ")");
}

// Sign and size of the coefficient in front of a term of a sum.
static sdp_num term_coef(sdp_emitter *e, const sdp_tape_node *sum, uint32_t k)
{
    sdp_num c = e->tape.pool[sum->coefs + k];
    const sdp_tape_node *t = &e->tape.node[e->tape.pool[sum->args + k]];
    bool inline_product = (t->op == SDP_T_MUL || t->op == SDP_T_NUM) && !t->named;
    return inline_product ? sdp_num_mul(e->g, c, e->tape.pool[t->coefs]) : c;
}

static void put_factors(sdp_emitter *e, const sdp_tape_node *n, double coef);

static void put_sum(sdp_emitter *e, const sdp_tape_node *n, int precedence)
{
    if (precedence > 1) sdp_put(e->out, "(");
    for (uint32_t k = 0; k < n->nargs; k++) {
        uint32_t arg = e->tape.pool[n->args + k];
        const sdp_tape_node *t = &e->tape.node[arg];
        double c = sdp_num_double(e->g, term_coef(e, n, k)), size = c < 0 ? -c : c;
        if (k && k % 8 == 0) { // long sums go over several lines
            sdp_put(e->out, "\n");
            e->indent += 2;
            sdp_put_indent(e);
            e->indent -= 2;
            sdp_put(e->out, c < 0 ? "- " : "+ ");
        } else if (k) {
            sdp_put(e->out, c < 0 ? " - " : " + ");
        }
        if (!k && c < 0) sdp_put(e->out, "-");
        if (t->op == SDP_T_NUM) {
            sdp_put_double(e, size);
        } else if (t->op == SDP_T_MUL && !t->named) {
            put_factors(e, t, size);
        } else {
            bool scaled = size > 1 || size < 1;
            if (scaled) sdp_put_double(e, size), sdp_put(e->out, "*");
            sdp_put_expr(e, arg, k || c < 0 || scaled ? 2 : 1);
        }
    }
    if (precedence > 1) sdp_put(e->out, ")");
}

static void put_conditions(sdp_emitter *e, const sdp_tape_node *n)
{
    static const char *const relation[] = {['<' - '<'] = " <= ", ['=' - '<'] = " == ", ['>' - '<'] = " >= "};
    bool first = true;
    for (uint32_t k = 0; k < n->nargs; k++) {
        const sdp_tape_node *w = n->op == SDP_T_WHEN ? n : &e->tape.node[e->tape.pool[n->args + k]];
        if (w->op != SDP_T_WHEN) continue;
        if (!first) sdp_put(e->out, " && ");
        first = false;
        sdp_put_index(e, e->tape.pool[w->args]);
        sdp_put(e->out, relation[w->param - '<']);
        sdp_put_index(e, e->tape.pool[w->args + 1]);
        if (w == n) break;
    }
}

// coef * factors / reciprocals; conditions around it. A product that is a factor stays by itself, unless it
// is the first: y*(t*x) may have a value where y*t*x overflows.
static void put_factors(sdp_emitter *e, const sdp_tape_node *n, double coef)
{
    const sdp_tape *t = &e->tape;
    bool conditional = false, first = true, alone = true;
    for (uint32_t k = 0; k < n->nargs; k++) conditional |= t->node[t->pool[n->args + k]].op == SDP_T_WHEN;
    if (conditional) {
        sdp_put(e->out, "(");
        put_conditions(e, n);
        sdp_put(e->out, " ? ");
    }
    if (coef < 0 && coef >= -1 && coef <= -1) sdp_put(e->out, "-");
    else if (coef < 1 || coef > 1)
        // 1e30*(1e30*x): the compiler is not to make one number of two
        sdp_put_double(e, coef), first = alone = false;
    for (int divisors = 0; divisors < 2; divisors++)
        for (uint32_t k = 0; k < n->nargs; k++) {
            uint32_t arg = t->pool[n->args + k];
            const sdp_tape_node *f = &t->node[arg];
            bool divisor = f->op == SDP_T_RECIPROCAL && !f->named;
            if (divisor != divisors || f->op == SDP_T_WHEN) continue;
            if (first && divisor) sdp_put(e->out, "1.0");
            if (!first || divisor) sdp_put(e->out, divisor ? "/" : "*");
            first = false;
            sdp_put_expr(e, divisor ? t->pool[f->args] : arg, divisor || !alone ? 3 : 2);
            alone = false;
        }
    if (first) sdp_put(e->out, "1.0");
    if (conditional) sdp_put(e->out, " : 0.0)");
}

void sdp_put_expr(sdp_emitter *e, uint32_t node, int precedence)
{
    const sdp_tape_node *n = &e->tape.node[node];
    const uint32_t *arg = n->nargs ? e->tape.pool + n->args : NULL;
    if (n->named) {
        sdp_putf(e->out, "%s%u", e->temp, n->name);
        return;
    }
    switch ((sdp_tape_op)n->op) {
    case SDP_T_NUM: {
        double v = sdp_num_double(e->g, e->tape.pool[n->coefs]);
        if (v < 0 && precedence) sdp_put(e->out, "(");
        sdp_put_double(e, v);
        if (v < 0 && precedence) sdp_put(e->out, ")");
        break;
    }
    case SDP_T_TEXT: sdp_put(e->out, n->text); break;
    case SDP_T_LOAD: sdp_put_element(e, n->param, arg); break;
    case SDP_T_WHEN:
        sdp_put(e->out, "(");
        put_conditions(e, n);
        sdp_put(e->out, " ? 1.0 : 0.0)");
        break;
    case SDP_T_ADD: put_sum(e, n, precedence); break;
    case SDP_T_MUL: {
        double c = sdp_num_double(e->g, e->tape.pool[n->coefs]);
        bool wrap = precedence > 2 || (precedence == 2 && c < 0);
        if (wrap) sdp_put(e->out, "(");
        put_factors(e, n, c);
        if (wrap) sdp_put(e->out, ")");
        break;
    }
    case SDP_T_RECIPROCAL:
        if (precedence > 1) sdp_put(e->out, "(");
        sdp_put(e->out, "1.0/");
        sdp_put_expr(e, arg[0], 3);
        if (precedence > 1) sdp_put(e->out, ")");
        break;
    case SDP_T_SQRT: sdp_put(e->out, "sqrt("), sdp_put_expr(e, arg[0], 0), sdp_put(e->out, ")"); break;
    case SDP_T_POW:
        sdp_put(e->out, "pow("), sdp_put_expr(e, arg[0], 0), sdp_put(e->out, ", ");
        sdp_put_expr(e, arg[1], 0), sdp_put(e->out, ")");
        break;
    case SDP_T_MAP: put_call(e, n); break;
    case SDP_T_FINITE:
        sdp_putf(e->out, "%s(", sdp_kernel(e, KERNEL_finite)), sdp_put_expr(e, arg[0], 0),
            sdp_put(e->out, ")");
        break;
    }
}
