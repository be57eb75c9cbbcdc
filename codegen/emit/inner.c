// SPDX-License-Identifier: MIT
// Innermost loops: as calls of kernels, or as loops that compilers turn into vector instructions.
//
// A sum in the order of its terms may not be reordered by a compiler, so each addition waits for the one
// before. Therefore a sum is eight sums side by side, term k goes to sum k%8, and they are added at the end.
// Sums along rows are calls of sd_dot and sd_sum, which do the same. libtcc has no vector instructions:
// there, calls are all that helps.
#include <string.h>

#include "codegen/emit/nest.h"

// ---- inner loops as calls ---------------------------------------------------------------------------------
// Is the node an array element that walks along a row as label l runs?
static bool walks(const sdp_emitter *e, uint32_t node, uint32_t l)
{
    const sdp_tape_node *t = &e->tape.node[node];
    if (t->op != SDP_T_LOAD || t->named || !t->nargs) return false;
    const sdp_ix *ix = e->tape.pool + t->args;
    for (uint32_t k = 0; k + 1 < t->nargs; k++)
        if (sdp_ix_labels(e->s, ix[k]) >> l & 1) return false;
    return ix[t->nargs - 1] == l;
}

// Long enough, as far as is known, that a call pays.
static bool is_long(const sdp_emitter *e, sdp_dim d)
{
    long v;
    return !sdp_size_constant(e->s, d, &v) || v >= (e->target->tcc ? 4 : 16);
}

void sdp_put_row(sdp_emitter *e, sdp_val v, const sdp_ix *ix, uint32_t l)
{
    sdp_ix label[SDP_MAX_LABELS], at[SDP_MAX_ORDER];
    sdp_affine zero = {.off = sdp_dim_int(e->g, 0)};
    for (uint32_t k = 0; k < SDP_MAX_LABELS; k++) label[k] = k;
    label[l] = sdp_ix_affine(e->s, &zero);
    for (uint32_t k = 0; k < e->s->value[v].order; k++) at[k] = sdp_ix_substitute(e->s, ix[k], label);
    if (e->s->value[v].order == 1) {
        sdp_put_place(e, v);
        return;
    }
    sdp_put(e->out, "&");
    sdp_put_element(e, v, at);
}

// Finds the rows, one or two, whose product is summed in the innermost loop. Returns 0 if another thing is
// summed, or too little for a call.
static uint32_t rows_of(const sdp_emitter *e, const sdp_nest *n, const uint32_t **row)
{
    const sdp_tape_node *body = &e->tape.node[n->body];
    uint32_t l = n->nloops ? n->loop[n->nloops - 1] : 0, rows = body->op == SDP_T_LOAD ? 1 : 2;
    if (n->sum_from == n->nloops || !is_long(e, n->dim[l]) || body->named) return 0;
    *row = rows == 1 ? &n->body : e->tape.pool + body->args;
    if (rows == 2 && (body->op != SDP_T_MUL || body->nargs != 2 || e->tape.pool[body->coefs] != SDP_NUM_ONE))
        return 0;
    for (uint32_t k = 0; k < rows; k++)
        if (!walks(e, (*row)[k], l)) return 0;
    return rows;
}

// sd_dot(m, &X[i*m], w)
static void put_row_sum(sdp_emitter *e, const sdp_nest *n, uint32_t rows, const uint32_t *row)
{
    uint32_t l = n->loop[n->nloops - 1];
    sdp_putf(e->out, "%s(", sdp_kernel(e, rows == 1 ? KERNEL_sum : KERNEL_dot));
    sdp_put_size(e, n->dim[l], false);
    for (uint32_t k = 0; k < rows; k++) {
        const sdp_tape_node *t = &e->tape.node[row[k]];
        sdp_put(e->out, ", ");
        sdp_put_row(e, t->param, e->tape.pool + t->args, l);
    }
    sdp_put(e->out, ")");
}

// A sum along one row: the call takes the place of the name of the sum.
void sdp_inline_row_sum(sdp_emitter *e, sdp_nest *n)
{
    const uint32_t *row;
    uint32_t rows = rows_of(e, n, &row);
    if (!rows || n->sum_from + 1 != n->nloops) return;
    sdp_text call, *out = e->out;
    sdp_text_init(&call, &e->g->base);
    e->out = &call;
    put_row_sum(e, n, rows, row);
    e->out = out;
    e->tape.node[n->sum].text = strcpy(sdp_scratch(&e->g->base, call.n + 1), call.s);
    sdp_text_free(&call);
    n->has_dot = rows == 2, n->along = n->loop[n->sum_from];
    for (uint32_t k = 0; k < 2 && n->has_dot; k++) n->dot[k] = row[k];
    n->nloops = n->sum_from;
    // nothing has to wait for a call
    for (uint32_t i = 0; i < e->tape.nnodes; i++) e->tape.node[i].late = false;
}

// y += a*x along the innermost loop. Compilers make vector code of the loop
// itself; only libtcc needs the call.
bool sdp_is_axpy(const sdp_emitter *e, const sdp_nest *n)
{
    uint32_t order = e->s->value[n->dest].order, l = n->nloops ? n->loop[n->nloops - 1] : 0;
    const sdp_tape_node *t = &e->tape.node[n->after];
    if (!e->target->tcc || !n->add || !n->nloops || n->sum_from != n->nloops || !order ||
        n->at[order - 1] != l)
        return false;
    for (uint32_t k = 0; k + 1 < order; k++)
        if (sdp_ix_labels(e->s, n->at[k]) >> l & 1) return false;
    if (!is_long(e, n->dim[l]) || t->op != SDP_T_MUL || t->nargs != 2 ||
        e->tape.pool[t->coefs] != SDP_NUM_ONE)
        return false;
    const uint32_t *arg = e->tape.pool + t->args;
    return e->tape.node[arg[0]].level < n->nloops && e->tape.node[arg[0]].op != SDP_T_WHEN &&
           walks(e, arg[1], l);
}

void sdp_put_axpy(sdp_emitter *e, const sdp_nest *n)
{
    const uint32_t *arg = e->tape.pool + e->tape.node[n->after].args;
    const sdp_tape_node *row = &e->tape.node[arg[1]];
    uint32_t l = n->loop[n->nloops - 1];
    sdp_put_indent(e);
    sdp_putf(e->out, "%s(", sdp_kernel(e, KERNEL_axpy));
    sdp_put_size(e, n->dim[l], false);
    sdp_put(e->out, ", ");
    sdp_put_expr(e, arg[0], 0);
    sdp_put(e->out, ", ");
    sdp_put_row(e, row->param, e->tape.pool + row->args, l);
    sdp_put(e->out, ", ");
    sdp_put_row(e, n->dest, n->at, l);
    sdp_put(e->out, ");\n");
}

// sum += body, behind the loop over `name`
static void put_term(sdp_emitter *e, const sdp_nest *n, const char *sum)
{
    sdp_put_named(e, n->nloops);
    sdp_put_indent(e);
    sdp_putf(e->out, "%s += ", sum);
    sdp_put_expr(e, n->body, 0);
    sdp_put(e->out, ";\n");
}

// for (size_t j = 0; j + 8 <= m; j += 8)
//     for (size_t k = 0; k < 8; k++) { const size_t i = j + k; sums[k] += ...; }   and the rest
static void put_eight_sums(sdp_emitter *e, const sdp_nest *n)
{
    sdp_dim size = n->dim[n->loop[n->nloops - 1]];
    const char *i = e->index[n->nloops - 1], *j = e->index[n->nloops], *k = e->index[n->nloops + 1];
    sdp_put_indent(e);
    bool cut = e->panel_end && n->loop[n->nloops - 1] == e->panel;
    sdp_putf(e->out, "for (size_t %s = %s; %s + 8 <= ", j, cut ? e->panel_from : "0", j);
    if (cut) sdp_put(e->out, e->panel_end);
    else sdp_put_size(e, size, false);
    sdp_putf(e->out, "; %s += 8) {\n", j);
    e->indent++;
    sdp_put_line(e, "for (size_t %s = 0; %s < 8; %s++) {", k, k, k);
    e->indent++;
    sdp_put_line(e, "const size_t %s = %s + %s;", i, j, k);
    put_term(e, n, sdp_printf(&e->g->base, "%s[%s]", e->sums, k));
    sdp_close_loops(e, 2);
    sdp_put_indent(e);
    sdp_putf(e->out, "for (size_t %s = ", i);
    if (cut) sdp_putf(e->out, "%s + (%s - %s)", e->panel_from, e->panel_end, e->panel_from);
    else sdp_put_size(e, size, true);
    sdp_put(e->out, "/8*8; ");
    sdp_putf(e->out, "%s < ", i);
    if (cut) sdp_put(e->out, e->panel_end);
    else sdp_put_size(e, size, false);
    sdp_putf(e->out, "; %s++) {\n", i);
    e->indent++;
    put_term(e, n, sdp_printf(&e->g->base, "%s[0]", e->sums));
    sdp_close_loops(e, 1);
}

bool sdp_has_eight_sums(const sdp_emitter *e, const sdp_nest *n)
{
    const uint32_t *row;
    return !e->target->tcc && n->nloops + 2 <= SDP_MAX_LABELS && is_long(e, n->dim[n->loop[n->nloops - 1]]) &&
           e->tape.node[n->body].level == n->nloops && !rows_of(e, n, &row);
}

void sdp_put_summed(sdp_emitter *e, const sdp_nest *n)
{
    uint32_t last = n->nloops - 1;
    const uint32_t *row;
    uint32_t rows = rows_of(e, n, &row);
    const char *s = e->sums;
    bool eight = sdp_has_eight_sums(e, n), panels = (!rows || n->nloops > 1) && sdp_open_sum_panels(e, n);
    if (eight) sdp_put_line(e, "double %s[8] = {0.0};", s);
    else sdp_put_line(e, "double %s = 0.0;", e->sum);
    sdp_open_loops(e, n->sum_from, last, n->loop, n->dim);
    if (eight) {
        put_eight_sums(e, n);
    } else if (rows) {
        sdp_put_indent(e);
        sdp_putf(e->out, "%s += ", e->sum);
        put_row_sum(e, n, rows, row);
        sdp_put(e->out, ";\n");
    } else {
        bool blocks = sdp_is_sum_in_blocks(e, n), either = blocks && sdp_put_if_short(e, n);
        if (!blocks || either) {
            sdp_open_loops(e, last, n->nloops, n->loop, n->dim);
            sdp_put_indent(e);
            sdp_putf(e->out, "%s += ", e->sum);
            sdp_put_expr(e, n->body, 0);
            sdp_put(e->out, ";\n");
            sdp_close_loops(e, 1);
        }
        if (either) sdp_put_if_long(e);
        if (blocks) sdp_put_sum_in_blocks(e, n);
        if (either) sdp_close_loops(e, 1);
    }
    sdp_close_loops(e, last - n->sum_from);
    if (eight)
        sdp_put_line(
            e, "const double %s = ((%s[0] + %s[4]) + (%s[1] + %s[5])) + ((%s[2] + %s[6]) + (%s[3] + %s[7]));",
            e->sum, s, s, s, s, s, s, s, s);
    if (panels) sdp_close_sum_panels(e);
    e->late = true;
    sdp_put_named(e, n->sum_from);
    e->late = false;
}
