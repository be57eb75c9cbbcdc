// SPDX-License-Identifier: MIT
// Loop nests: one for an element-wise root, one for each contraction.
//
// Three shapes of a contraction, by where its output labels stand in the loop order:
//   all outside the summed ones   a local sum, written once, with what is done to it:  out[i] = tanh(sum)
//   some inside                   zero (or the other terms) first, then  out[j] += t*X[i,j]  row by row
//   scatter                       the same, with an affine or repeated output index
#include <string.h>

#include "codegen/emit/nest.h"

// The innermost loop along row i of a symmetric matrix: up to its diagonal.
static void open_half(sdp_emitter *e, const sdp_nest *n, uint32_t level)
{
    const char *name = e->index[level], *row = NULL;
    for (uint32_t i = 0; i < level; i++)
        if (n->loop[i] == n->at[0]) row = e->index[i];
    sdp_put_line(e, "for (size_t %s = 0; %s <= %s; %s++) {", name, name, row, name);
    e->indent++;
    sdp_put_named(e, level + 1);
}

static bool has_named(const sdp_emitter *e, uint32_t level)
{
    for (uint32_t i = 0; i < e->tape.nnodes; i++)
        if (e->tape.node[i].named && e->tape.node[i].level == level) return true;
    return false;
}

static void put_assignment(sdp_emitter *e, const sdp_nest *n, uint32_t node)
{
    sdp_put_indent(e);
    sdp_put_element(e, n->dest, n->at);
    sdp_put(e->out, n->add ? " += " : " = ");
    sdp_put_expr(e, node, 0);
    sdp_put(e->out, ";\n");
}

static void put_blocks(sdp_emitter *e, const sdp_nest *n)
{
    bool either = sdp_put_if_short(e, n);
    if (either) {
        sdp_open_loops(e, n->nloops - 1, n->nloops, n->loop, n->dim);
        put_assignment(e, n, n->after);
        sdp_close_loops(e, 1);
        sdp_put_if_long(e);
    }
    sdp_put_in_blocks(e, n);
    if (either) sdp_close_loops(e, 1);
}

// A scalar that is nothing but a sum collects it itself.
static void put_scalar_sum(sdp_emitter *e, const sdp_nest *n)
{
    const char *keep = e->sum;
    e->sum = sdp_printf(&e->g->base, "%s%u", e->local, e->s->plan->place[n->dest].index + 1);
    sdp_put_named(e, 0);
    sdp_put_summed(e, n);
    e->sum = keep;
}

void sdp_put_nest(sdp_emitter *e, sdp_nest *n)
{
    uint32_t roots[2] = {n->after, n->body};
    sdp_name_nodes(e, n->sum_from < n->nloops ? 2 : 1, roots);
    sdp_inline_row_sum(e, n);
    bool sums = n->sum_from < n->nloops;
    const sdp_place *p = &e->s->plan->place[n->dest];
    bool local = p->at == SDP_AT_LOCAL && !p->accumulated, block = has_named(e, 0) || (sums && !n->sum_from);
    if (local && !n->nloops && !block) {
        sdp_put_indent(e);
        sdp_put_local(e, n->dest);
        sdp_put(e->out, " = ");
        sdp_put_expr(e, n->after, 0);
        sdp_put(e->out, ";\n");
        return;
    }
    // double s1 = 0.0; loops with s1 += ...
    if (local && !e->s->wanted->outlives[n->dest] && sums && n->after == n->sum &&
        !sdp_has_eight_sums(e, n)) {
        put_scalar_sum(e, n);
        return;
    }
    sdp_declare_local(e, n->dest);
    if (block) sdp_put_line(e, "{"), e->indent++;
    sdp_put_named(e, 0);
    bool panels = sdp_open_nest_panels(e, n);
    bool axpy = sdp_is_axpy(e, n), rows = sdp_is_of_rows(e, n, axpy),
         blocks = !axpy && !rows && sdp_is_in_blocks(e, n);
    uint32_t open = axpy || rows || blocks ? n->nloops - 1 - (axpy && rows) : n->sum_from;
    sdp_open_loops(e, 0, open - n->half, n->loop, n->dim);
    if (n->half) open_half(e, n, open - 1);
    if (sums) sdp_put_summed(e, n);
    if (rows) sdp_put_of_rows(e, n, axpy);
    else if (axpy) sdp_put_axpy(e, n);
    else if (blocks) put_blocks(e, n);
    else put_assignment(e, n, n->after);
    sdp_close_loops(e, open);
    if (panels) sdp_close_panels(e);
    if (block) e->indent--, sdp_put_line(e, "}");
}

// ---- element-wise -----------------------------------------------------------------------------------------
// Is everything on the tape read at these indices, or a scalar?
static bool reads_only_at(const sdp_emitter *e, const sdp_value *x, const sdp_ix *ix)
{
    for (uint32_t i = 0; i < e->tape.nnodes; i++) {
        const sdp_tape_node *t = &e->tape.node[i];
        if (t->op == SDP_T_WHEN) return false;
        if (t->op != SDP_T_LOAD || !t->nargs) continue;
        const sdp_value *a = &e->s->value[t->param];
        if (a->order != x->order || memcmp(a->dim, x->dim, x->order * sizeof *x->dim) ||
            memcmp(&e->tape.pool[t->args], ix, x->order * sizeof *ix))
            return false;
    }
    return true;
}

// Writes one loop for each axis. If all entries are read in their order, writes a single loop over them, e.g.
// out[i] = tanh(X[i]): then the leading indices are 0, and the last one runs on.
static void put_plain(sdp_emitter *e, sdp_val v)
{
    const sdp_value *x = &e->s->value[v];
    uint8_t loop[SDP_MAX_ORDER];
    sdp_ix ix[SDP_MAX_ORDER];
    sdp_affine zero;
    sdp_dim size = SDP_DIM_ONE;
    sdp_plain_labels(ix, x->order);
    for (uint32_t k = 0; k < x->order; k++) loop[k] = (uint8_t)k, size = sdp_dim_mul(e->g, size, x->dim[k]);
    sdp_tape_clear(e, v, x->order, loop);
    sdp_nest n = {.nloops = x->order, .sum_from = x->order, .loop = loop, .dim = x->dim, .dest = v, .at = ix};
    n.body = n.after = sdp_tape_body(e, v, ix);
    if (x->order > 1 && reads_only_at(e, x, ix)) {
        memset(&zero, 0, sizeof zero);
        zero.off = sdp_dim_int(e->g, 0);
        for (uint32_t k = 0; k + 1 < x->order; k++) ix[k] = sdp_ix_affine(e->s, &zero);
        ix[x->order - 1] = 0;
        sdp_tape_clear(e, v, 1, loop);
        n.nloops = n.sum_from = 1;
        n.dim = &size;
        n.body = n.after = sdp_tape_body(e, v, ix);
    }
    sdp_put_nest(e, &n);
}

void sdp_put_zeros(sdp_emitter *e, sdp_val v, sdp_dim from, sdp_dim size)
{
    const char *i = e->index[0];
    long first, n = -1;
    if (sdp_dim_long(e->g, size, &n) && !n) return;
    bool all = sdp_dim_long(e->g, from, &first) && !first;
    sdp_put_indent(e);
    if (e->target->tcc && n != 1) {
        sdp_put(e->out, "sd_block_fill("), sdp_put_size(e, size, false), sdp_put(e->out, ", ");
        sdp_put_place(e, v);
        if (!all) sdp_put(e->out, " + "), sdp_put_size(e, from, true);
        sdp_put(e->out, ", 0.0);\n");
        e->blocks = true;
        return;
    }
    if (n != 1) {
        sdp_putf(e->out, "for (size_t %s = ", i), sdp_put_size(e, from, false);
        sdp_putf(e->out, "; %s < ", i), sdp_put_size(e, sdp_dim_add(e->g, from, size), false);
        sdp_putf(e->out, "; %s++) ", i);
    }
    sdp_put_place(e, v), sdp_put(e->out, "[");
    if (n != 1) sdp_put(e->out, i);
    else sdp_put_size(e, from, false);
    sdp_put(e->out, "] = 0.0;\n");
}

static void put_all_zeros(sdp_emitter *e, sdp_val v)
{
    const sdp_value *x = &e->s->value[v];
    sdp_dim size = SDP_DIM_ONE;
    for (uint32_t k = 0; k < x->order; k++) size = sdp_dim_mul(e->g, size, x->dim[k]);
    sdp_put_zeros(e, v, sdp_dim_int(e->g, 0), size);
}

// ---- contractions -----------------------------------------------------------------------------------------
// How far apart the entries of v stand along a label of its indices: the product
// of the dimensions behind that axis
static void put_stride(sdp_emitter *e, sdp_val v, const sdp_ix *ix, uint8_t label)
{
    const sdp_value *x = &e->s->value[v];
    sdp_dim step = SDP_DIM_ONE;
    for (uint32_t k = x->order; ix[--k] != label;) step = sdp_dim_mul(e->g, step, x->dim[k]);
    sdp_put_size(e, step, false);
}

// Where the matrix of v begins: v itself, or &v[k*m*n] in a batch
static void put_matrix(sdp_emitter *e, const sdp_gemm *m, sdp_val v, const sdp_ix *ix)
{
    sdp_ix label[SDP_MAX_LABELS], at[SDP_MAX_ORDER];
    sdp_affine zero = {.off = sdp_dim_int(e->g, 0)};
    if (!m->nbatch) {
        sdp_put_place(e, v);
        return;
    }
    sdp_plain_labels(label, SDP_MAX_LABELS);
    label[m->row] = label[m->column] = label[m->sum] = sdp_ix_affine(e->s, &zero);
    for (uint32_t k = 0; k < e->s->value[v].order; k++) at[k] = sdp_ix_substitute(e->s, ix[k], label);
    sdp_put(e->out, "&");
    sdp_put_element(e, v, at);
}

// Where sizes are constants with a small product: the kernel without tiles, which takes no room on the stack.
// For floats, which small processors compute with, products may be larger.
static int gemm_kernel(const sdp_emitter *e, const sdp_value *x, const sdp_gemm *g)
{
    long m, n, k, most = e->s->q->real.is_float ? 8000 : 1000;
    if (e->target->tcc || !sdp_size_constant(e->s, x->ldim[g->row], &m) ||
        !sdp_size_constant(e->s, x->ldim[g->column], &n) || !sdp_size_constant(e->s, x->ldim[g->sum], &k))
        return KERNEL_gemm;
    return m <= most && n <= most / m && k <= most / (m * n) ? KERNEL_small_gemm : KERNEL_gemm;
}

// Where the rows of a panel begin
static void put_first_row(sdp_emitter *e, sdp_val v, const sdp_ix *ix, uint8_t row)
{
    sdp_putf(e->out, " + %s*", e->panel_from), put_stride(e, v, ix, row);
}

// sd_gemm(m, n, k, factor, A, row step, column step, d, B, row step, column step, half, C,
// row step): C += factor*A*diag(d)*B
static void put_gemm_call(sdp_emitter *e, const sdp_value *x, const sdp_gemm *m, uint32_t factor,
                          sdp_val dest, bool half, bool cut)
{
    const sdp_ix *out = sdp_value_ix(e->s, x, x->nargs);
    sdp_put_indent(e);
    sdp_putf(e->out, "%s(", sdp_kernel(e, gemm_kernel(e, x, m)));
    if (cut) sdp_putf(e->out, "%s - %s", e->panel_end, e->panel_from);
    else sdp_put_size(e, x->ldim[m->row], false);
    sdp_put(e->out, ", ");
    if (cut && half) sdp_put(e->out, e->panel_end);
    else sdp_put_size(e, x->ldim[m->column], false);
    sdp_put(e->out, ", ");
    sdp_put_size(e, x->ldim[m->sum], false), sdp_put(e->out, ", ");
    sdp_put_expr(e, factor, 0);
    for (uint32_t side = 0; side < 2; side++) { // rows of A and of B first
        sdp_val a = x->arg[m->matrix[side]];
        const sdp_ix *ix = sdp_value_ix(e->s, x, m->matrix[side]);
        sdp_put(e->out, ", "), put_matrix(e, m, a, ix);
        if (cut && !side) put_first_row(e, a, ix, m->row);
        sdp_put(e->out, ", "), put_stride(e, a, ix, side ? m->sum : m->row);
        sdp_put(e->out, ", "), put_stride(e, a, ix, side ? m->column : m->sum);
        if (side) continue;
        sdp_put(e->out, ", ");
        if (m->vector < x->nargs) sdp_put_place(e, x->arg[m->vector]);
        else sdp_put(e->out, e->target->tcc ? "0" : "NULL");
    }
    sdp_putf(e->out, ", %d, ", half && !cut), put_matrix(e, m, dest, out);
    if (cut) put_first_row(e, dest, out, m->row);
    sdp_put(e->out, ", "), put_stride(e, dest, out, m->row);
    sdp_put(e->out, ");\n");
}

// Of a batch the outermost loop is cut into panels, else the rows are.
static void put_gemm(sdp_emitter *e, sdp_val v, sdp_num scale, const sdp_gemm *m, sdp_val dest, bool half)
{
    const sdp_value *x = &e->s->value[v];
    uint32_t *scalar = sdp_scratch(&e->g->base, (x->nargs + 1) * sizeof *scalar), n = 0;
    uint8_t loop[SDP_MAX_ORDER + 3];
    sdp_tape_clear(e, dest, m->nbatch, m->batch);
    for (uint32_t i = 0; i < x->nargs; i++)
        if (!e->s->value[x->arg[i]].order) scalar[n++] = sdp_tape_value(e, x->arg[i], NULL);
    uint32_t factor = sdp_tape_mul(e, sdp_num_mul(e->g, x->coef[0], scale), n, scalar);
    sdp_name_nodes(e, 0, NULL);
    sdp_copy(loop, m->batch, m->nbatch);
    loop[m->nbatch] = m->row, loop[m->nbatch + 1] = m->column, loop[m->nbatch + 2] = m->sum;
    bool cut = sdp_open_panels(e, loop[0], m->nbatch ? "1" : "32", m->nbatch + 3, loop, x->ldim);
    sdp_open_loops(e, 0, m->nbatch, loop, x->ldim);
    put_gemm_call(e, x, m, factor, dest, half, cut && !m->nbatch);
    sdp_close_loops(e, m->nbatch);
    if (cut) sdp_close_panels(e);
}

// dest (+)= scale * v; or if v is the carrier of dest, dest with its sums taken in inner loops.
static void put_contraction(sdp_emitter *e, sdp_val v, sdp_num scale, sdp_val dest, bool add, bool half)
{
    const sdp_value *x = &e->s->value[v];
    const sdp_place *p = &e->s->plan->place[v];
    sdp_gemm m;
    if (sdp_gemm_of(e->s, v, &m)) {
        put_gemm(e, v, scale, &m, dest, half);
        return;
    }
    sdp_tape_clear(e, dest, p->nloops, p->loop);
    sdp_nest n = {.nloops = p->nloops,
                  .sum_from = p->sum_from,
                  .loop = p->loop,
                  .dim = x->ldim,
                  .dest = dest,
                  .at = sdp_value_ix(e->s, x, x->nargs),
                  .add = add,
                  .half = half};
    uint32_t *inner = sdp_scratch(&e->g->base, (2 * x->nargs + 2) * sizeof *inner), *outer = inner + x->nargs,
             ninner = 0, nouter = 0;
    const sdp_ix *ix = x->ix;
    for (uint32_t i = 0; i < x->nargs; i++) {
        uint32_t f = sdp_tape_value(e, x->arg[i], ix);
        if (e->tape.node[f].level > n.sum_from) inner[ninner++] = f;
        else outer[nouter++] = f;
        ix += e->s->value[x->arg[i]].order;
    }
    sdp_num coef = sdp_num_mul(e->g, x->coef[0], scale);
    if (n.sum_from < n.nloops) {
        n.body = sdp_tape_mul(e, SDP_NUM_ONE, ninner, inner);
        outer[nouter++] = n.sum = sdp_tape_text(e, e->sum, (uint8_t)n.sum_from);
    }
    n.after = sdp_tape_mul(e, coef, nouter, outer);
    if (e->s->plan->place[dest].carrier == v) {
        e->tape.carried = v;
        e->tape.carried_node = n.after;
        n.after = sdp_tape_body(e, dest, n.at);
    }
    e->sum_node = n.sum_from < n.nloops ? n.sum + 1 : 0;
    sdp_put_nest(e, &n);
    e->sum_node = 0;
}

// Is v = v', by its factors, and its last loop along a row, or a call? Half of X'*diag(s)*X is enough.
static bool is_half_enough(const sdp_emitter *e, sdp_val v)
{
    const sdp_value *x = &e->s->value[v];
    const sdp_place *p = &e->s->plan->place[v];
    const sdp_ix *out = sdp_value_ix(e->s, x, x->nargs);
    if (x->kind != SDP_V_EINSUM || x->order != 2 || x->dim[0] != x->dim[1] || x->scatter) return false;
    bool rows =
        !e->target->tcc && p->sum_from == p->nloops && p->nloops >= 2 && p->loop[p->nloops - 1] == out[1];
    if (!rows && !sdp_is_gemm(e->s, v)) return false;
    uint32_t n = (uint32_t)(out - x->ix);
    sdp_ix *ix = sdp_scratch(&e->g->base, (n + 2) * sizeof *ix), to[SDP_MAX_LABELS];
    for (uint32_t l = 0; l < SDP_MAX_LABELS; l++) to[l] = l == out[0] ? out[1] : l == out[1] ? out[0] : l;
    for (uint32_t i = 0; i < n; i++) ix[i] = sdp_ix_substitute(e->s, x->ix[i], to);
    sdp_copy(ix + n, out, 2 * sizeof *ix);
    return sdp_value_known_einsum(e->s, x->coef[0], x->nargs, x->arg, ix, 2, x->dim, x->ldim) == v;
}

// The entries above the diagonal from those below it
void sdp_put_mirrored(sdp_emitter *e, sdp_val v)
{
    const uint8_t loop[2] = {0, 1};
    const sdp_ix above[2] = {1, 0}, below[2] = {0, 1};
    sdp_tape_clear(e, v, 2, loop);
    sdp_open_loops(e, 0, 1, loop, e->s->value[v].dim);
    sdp_put_indent(e);
    sdp_putf(e->out, "for (size_t %s = 0; %s < %s; %s++) ", e->index[1], e->index[1], e->index[0],
             e->index[1]);
    sdp_put_element(e, v, above);
    sdp_put(e->out, " = ");
    sdp_put_element(e, v, below);
    sdp_put(e->out, ";\n");
    sdp_close_loops(e, 1);
}

static void put_einsum(sdp_emitter *e, sdp_val v)
{
    bool once = sdp_writes_once(e->s, v), half = !once && is_half_enough(e, v);
    bool add = !once && !sdp_put_zeros_beside(e, v, v);
    if (add) put_all_zeros(e, v);
    put_contraction(e, v, SDP_NUM_ONE, v, add, half);
    if (half) sdp_put_mirrored(e, v);
}

// An element-wise root: one nest, inside the loops of its carrier if it has one; then
// the contractions that are added.
static void put_elementwise(sdp_emitter *e, sdp_val v)
{
    const sdp_value *x = &e->s->value[v];
    sdp_val carrier = e->s->plan->place[v].carrier;
    // half: the term that is first, mirrored while the others are not yet there
    uint32_t added = 0, half = x->nargs;
    for (uint32_t i = 0; i < x->nargs && x->kind == SDP_V_ADD; i++)
        added += e->s->plan->place[x->arg[i]].accumulated;
    for (uint32_t i = x->nargs; i-- > 0 && !carrier && added == x->nargs;)
        if (is_half_enough(e, x->arg[i])) half = i;
    // the first of them is written where it stands, if none is mirrored before
    bool beside =
        !carrier && added && added == x->nargs && half == x->nargs && sdp_put_zeros_beside(e, v, x->arg[0]);
    if (carrier) put_contraction(e, carrier, SDP_NUM_ONE, v, false, false);
    else if (added && added == x->nargs && !beside) put_all_zeros(e, v);
    else if (!beside) put_plain(e, v);
    if (half < x->nargs) {
        put_contraction(e, x->arg[half], x->coef[half], v, true, true);
        sdp_put_mirrored(e, v);
    }
    for (uint32_t i = 0, n; i < x->nargs && added; i += n) {
        n = i == half ? 1 : sdp_put_placed(e, v, i, beside && !i);
        if (n) continue;
        n = 1;
        if (x->arg[i] != carrier && e->s->plan->place[x->arg[i]].accumulated)
            put_contraction(e, x->arg[i], x->coef[i], v, !beside || i, false);
    }
}

void sdp_emit_root(sdp_emitter *e, sdp_val v)
{
    const sdp_value *x = &e->s->value[v];
    sdp_put_comment(e, v);
    if (x->kind == SDP_V_CALL) sdp_emit_call(e, v);
    else if (x->kind >= SDP_V_FACTOR) sdp_emit_matrix(e, v);
    else if (x->kind == SDP_V_RUNNING) sdp_emit_running(e, v);
    else if (x->kind == SDP_V_REDUCE) sdp_emit_reduce(e, v);
    else if (sdp_emit_unrolled(e, v)) return;
    else if (x->kind == SDP_V_EINSUM && !sdp_value_pointwise(x)) put_einsum(e, v);
    else put_elementwise(e, v);
}

// The output is a variable, a constant, or the same value as an earlier output.
void sdp_emit_copy(sdp_emitter *e, sdp_val v, uint32_t output)
{
    const sdp_value *x = &e->s->value[v];
    sdp_ix ix[SDP_MAX_ORDER];
    uint8_t loop[SDP_MAX_ORDER];
    for (uint32_t k = 0; k < x->order; k++) ix[k] = k, loop[k] = (uint8_t)k;
    sdp_tape_clear(e, 0, x->order, loop);
    uint32_t node = sdp_tape_value(e, v, ix);
    e->output_used[output] = true;
    sdp_name_nodes(e, 1, &node);
    sdp_open_loops(e, 0, x->order, loop, x->dim);
    sdp_put_indent(e);
    if (!x->order) {
        sdp_putf(e->out, "*%s = ", e->output[output]);
    } else {
        sdp_dim step = sdp_array_step(e->s->sig->output_step, output);
        sdp_dim dim[SDP_MAX_ORDER];
        sdp_copy(dim, x->dim, x->order * sizeof *dim);
        if (step != SDP_DIM_NONE) dim[x->order - 1u] = step;
        sdp_put(e->out, e->output[output]);
        sdp_put_subscript(e, x->order, dim, ix);
        sdp_put(e->out, " = ");
    }
    sdp_put_expr(e, node, 0);
    sdp_put(e->out, ";\n");
    sdp_close_loops(e, x->order);
}
