// SPDX-License-Identifier: MIT
// An innermost loop along rows as one call of machine code (codegen/machine/loop.c), for the compiler in
// memory: nothing is stored between its operations, as block.c would.
//
//     const double t1[] = {2.0*s1};
//     const double *const t2[] = {t1, &x[i + 1], y};
//     double *const t3[] = {out};
//     sd_loop_1(n, t2, t3);
//
// A sum goes to a local, t3 = {&t4}, and is added behind the call.
//
// Only arithmetic and functions made of it are: what calls a function, walks with other steps than 1, asks
// for an index or has too many arrays stays in blocks.
#include "codegen/emit/nest.h"
#include "codegen/emit/straight.h"

enum { MOST_SCALARS = 64, MOST_STEPS = 400 };

typedef struct {
    sdp_emitter *e;
    const sdp_nest *n;
    sdp_program p;
    uint32_t *step, nrows, nscalars;
    // tape nodes; row 0 is none, the result is row UINT32_MAX
    uint32_t row[SDP_LOOP_ARRAYS], scalar[MOST_SCALARS];
    bool refused, sum;
} fused;

static bool runs(const fused *f, uint32_t node) { return f->e->tape.node[node].level == f->n->nloops; }

static bool is_along(fused *f, sdp_val v, const sdp_ix *ix)
{
    long one;
    return sdp_size_constant(f->e->s, sdp_step_of(f->e, v, ix, f->n->loop[f->n->nloops - 1]), &one) &&
           one == 1;
}

static uint32_t refuse(fused *f) { return f->refused = true, sdp_m_number(&f->p, 0); }

static uint32_t row(fused *f, uint32_t node)
{
    uint32_t k = 1;
    while (k <= f->nrows && f->row[k] != node) k++;
    if (k == SDP_LOOP_ARRAYS) return refuse(f);
    if (k > f->nrows) f->row[k] = node, f->nrows = k;
    return sdp_m_load(&f->p, k, 0);
}

// A number that does not change in the loop
static uint32_t scalar(fused *f, uint32_t node)
{
    const sdp_tape_node *t = &f->e->tape.node[node];
    uint32_t k = 0;
    if (t->op == SDP_T_NUM) return sdp_m_number(&f->p, sdp_num_double(f->e->g, f->e->tape.pool[t->coefs]));
    while (k < f->nscalars && f->scalar[k] != node) k++;
    if (k == MOST_SCALARS || t->op == SDP_T_WHEN) return refuse(f);
    if (k == f->nscalars) f->scalar[f->nscalars++] = node;
    return sdp_m_load(&f->p, 0, k);
}

static uint32_t argument(fused *f, uint32_t node) { return runs(f, node) ? f->step[node] : scalar(f, node); }

static uint32_t product(fused *f, const sdp_tape_node *t)
{
    const sdp_tape *tape = &f->e->tape;
    const uint32_t *arg = tape->pool + t->args;
    uint32_t *x = sdp_scratch(f->p.b, (2 * t->nargs + 1) * sizeof *x), *by = x + t->nargs, nx = 0, nby = 0;
    for (uint32_t k = 0; k < t->nargs; k++) {
        const sdp_tape_node *a = &tape->node[arg[k]];
        if (runs(f, arg[k]) && a->op == SDP_T_RECIPROCAL && a->uses == 1)
            by[nby++] = argument(f, tape->pool[a->args]);
        else x[nx++] = argument(f, arg[k]);
    }
    uint32_t all = sdp_m_product(&f->p, sdp_num_double(f->e->g, tape->pool[t->coefs]), nx, x);
    for (uint32_t k = 0; k < nby; k++) all = sdp_m_two(&f->p, SDP_M_DIV, all, by[k]);
    return all;
}

static uint32_t computed(fused *f, uint32_t node)
{
    const sdp_tape_node *t = &f->e->tape.node[node];
    const uint32_t *arg = f->e->tape.pool + t->args;
    uint32_t *x = sdp_scratch(f->p.b, (t->nargs + 1) * sizeof *x);
    double *c = sdp_scratch(f->p.b, (t->nargs + 1) * sizeof *c);
    bool of_nodes = t->op >= SDP_T_ADD && t->op != SDP_T_MUL; // arguments of LOAD and WHEN are indices
    for (uint32_t k = 0; k < t->nargs && of_nodes; k++) x[k] = argument(f, arg[k]);
    for (uint32_t k = 0; k < t->nargs && t->op == SDP_T_ADD; k++)
        c[k] = sdp_num_double(f->e->g, f->e->tape.pool[t->coefs + k]);
    switch ((sdp_tape_op)t->op) {
    case SDP_T_LOAD: return is_along(f, t->param, arg) ? row(f, node) : refuse(f);
    case SDP_T_MUL: return product(f, t);
    case SDP_T_ADD: return sdp_m_linear(&f->p, t->nargs, c, x);
    case SDP_T_RECIPROCAL: return sdp_m_two(&f->p, SDP_M_DIV, sdp_m_number(&f->p, 1), x[0]);
    case SDP_T_SQRT: return sdp_m_one(&f->p, SDP_M_SQRT, x[0]);
    case SDP_T_FINITE: return sdp_m_finite(&f->p, x[0]);
    case SDP_T_MAP: return sdp_straight_map(&f->p, t->row, t->nargs, x);
    case SDP_T_NUM:
    case SDP_T_TEXT:
    case SDP_T_WHEN:
    case SDP_T_POW: break;
    }
    return refuse(f);
}

// The program of the loop's body; false: it is none.
static bool compose(fused *f)
{
    const sdp_tape *tape = &f->e->tape;
    uint32_t last = f->sum ? f->n->body : f->n->after;
    if (!f->sum && !is_along(f, f->n->dest, f->n->at)) return false;
    for (uint32_t i = 0; i <= last && !f->refused; i++)
        if (tape->node[i].uses && runs(f, i)) f->step[i] = computed(f, i);
    if (f->refused) return false;
    uint32_t result = argument(f, last);
    if (f->n->add && !f->sum) result = sdp_m_two(&f->p, SDP_M_ADD, row(f, UINT32_MAX), result);
    sdp_m_store(&f->p, f->sum ? SDP_LOOP_SUM : 0, 0, result);
    for (uint32_t i = 1; i < f->p.nsteps; i++) f->refused |= f->p.step[i].op == SDP_M_CALL;
    return !f->refused && !f->p.too_long;
}

static bool start(fused *f, sdp_emitter *e, const sdp_nest *n)
{
    *f = (fused){.e = e, .n = n, .sum = n->sum_from < n->nloops};
    if (!e->s->q->loops) return false;
    sdp_program_init(&f->p, &e->g->base, MOST_STEPS);
    f->step = sdp_scratch(f->p.b, (e->tape.nnodes + 1) * sizeof *f->step);
    return compose(f);
}

bool sdp_is_fused(sdp_emitter *e, const sdp_nest *n)
{
    fused f;
    return start(&f, e, n);
}

// The number of the loop with these bytes
static uint32_t loop_number(sdp_loops *all, sdp_base *b, const sdp_bytes *bytes)
{
    const uint32_t hash = sdp_hash(bytes->byte, bytes->n, 5);
    for (uint32_t place = hash, i; (i = sdp_interned_next(&all->index, hash, &place)) != SDP_NO_THING;)
        if (all->code[i].n == bytes->n && !memcmp(all->code[i].byte, bytes->byte, bytes->n)) return i + 1;
    all->code = sdp_grown(b, all->code, all->n, &all->cap, sizeof *all->code);
    all->code[all->n] = *bytes;
    sdp_interned_put(b, &all->index, hash, all->n++);
    return all->n;
}

static void put_arrays(fused *f, const char *const name[4])
{
    sdp_emitter *e = f->e;
    for (uint32_t k = 0; k < f->nscalars; k++) {
        if (!k) sdp_put_indent(e), sdp_putf(e->out, "const double %s[] = {", name[0]);
        sdp_put_expr(e, f->scalar[k], 0);
        sdp_put(e->out, k + 1 < f->nscalars ? ", " : "};\n");
    }
    sdp_put_indent(e);
    sdp_putf(e->out, "const double *const %s[] = {%s", name[1], f->nscalars ? name[0] : "0");
    for (uint32_t k = 1; k <= f->nrows; k++) {
        const sdp_tape_node *t = &e->tape.node[f->row[k] == UINT32_MAX ? 0 : f->row[k]];
        sdp_put(e->out, ", &");
        if (f->row[k] == UINT32_MAX) sdp_put_element(e, f->n->dest, f->n->at);
        else sdp_put_element(e, t->param, e->tape.pool + t->args);
    }
    sdp_put(e->out, "};\n");
    sdp_put_indent(e);
    sdp_putf(e->out, "double *const %s[] = {&", name[2]);
    if (f->sum) sdp_put(e->out, name[3]);
    else sdp_put_element(e, f->n->dest, f->n->at);
    sdp_put(e->out, "};\n");
}

bool sdp_put_fused(sdp_emitter *e, const sdp_nest *n)
{
    fused f;
    sdp_bytes bytes;
    const char *name[4];
    if (!start(&f, e, n)) return false;
    sdp_assemble_loop(&f.p, f.nrows + 1, &bytes);
    for (int k = 0; k < 4; k++) name[k] = sdp_printf(&e->g->base, "%s%u", e->temp, ++e->ntemps);
    sdp_put_line(e, "{");
    e->indent++;
    sdp_put_line(e, "const size_t %s = 0;", e->index[n->nloops - 1]);
    if (f.sum) sdp_put_line(e, "double %s;", name[3]);
    put_arrays(&f, name);
    sdp_put_indent(e);
    sdp_putf(e->out, "sd_loop_%u(", loop_number(e->s->q->loops, &e->g->base, &bytes));
    sdp_put_size(e, n->dim[n->loop[n->nloops - 1]], false);
    sdp_putf(e->out, ", %s, %s);\n", name[1], name[2]);
    if (f.sum) sdp_put_line(e, "%s += %s;", e->sum, name[3]);
    e->indent--;
    sdp_put_line(e, "}");
    return true;
}
