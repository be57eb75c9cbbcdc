// SPDX-License-Identifier: MIT
// Innermost loops for the compiler in memory, which has no vector instructions: in blocks of ENTRIES entries,
// each operation of the tape a call of kernels_block.def.
//
//     for (size_t i = 0; i < n; i += 256) {
//         const size_t t1 = n - i < 256 ? n - i : 256;
//         sd_block_product(t1, t2, 2.0, &x[i], &x[i]);
//         sd_block_add(t1, &out[i], 1.0, t2, -1.0, &y[i]);
//     }
//
// A value that does not change in the loop is a number. Rows of arrays that are walked through are read where
// they are. Any other value is an array of a block; an array is used again when its last reader is done.
// Terms and factors are taken in the order in which they are written elsewhere (expr.c).
#include "codegen/emit/block.h"

// entries for which calls do not pay: of functions and of machine code, of arithmetic alone
enum { FEW = 8, SHORT = 32, ENTRIES = 256 };

// A condition may be what keeps an index in its range.
bool sdp_has_operations(const sdp_emitter *e, uint32_t level, uint32_t known)
{
    bool condition = false, moved = false;
    for (uint32_t i = 0; i < e->tape.nnodes; i++) {
        const sdp_tape_node *t = &e->tape.node[i];
        if (!t->uses || t->level < level || i == known) continue;
        if (t->op == SDP_T_TEXT || t->op == SDP_T_NUM ||
            (t->op != SDP_T_LOAD && t->nargs > 2 * SDP_MAX_FACTORS))
            return false;
        condition |= t->op == SDP_T_WHEN;
        for (uint32_t k = 0; t->op == SDP_T_LOAD && k < t->nargs; k++)
            moved |= e->tape.pool[t->args + k] >= SDP_MAX_LABELS;
    }
    return !condition || !moved;
}

static long least(sdp_emitter *e, const sdp_nest *n)
{
    for (uint32_t i = 0; i < e->tape.nnodes; i++)
        if (e->tape.node[i].uses && e->tape.node[i].level == n->nloops && e->tape.node[i].op == SDP_T_MAP)
            return FEW;
    return sdp_is_fused(e, n) ? FEW : SHORT;
}

static bool in_blocks(sdp_emitter *e, const sdp_nest *n, uint32_t node)
{
    long size;
    if (!e->target->tcc || !n->nloops || n->half || e->tape.node[node].level != n->nloops) return false;
    if (sdp_size_constant(e->s, n->dim[n->loop[n->nloops - 1]], &size) && size < least(e, n)) return false;
    return sdp_has_operations(e, n->nloops, UINT32_MAX);
}

// Is one number written or added along a whole row, e.g. out[i] += 2*s? Only
// machine code does that in a call.
static bool is_constant_row(const sdp_emitter *e, const sdp_nest *n, sdp_dim step)
{
    const sdp_tape_node *t = &e->tape.node[n->after];
    long one, size;
    bool few = sdp_size_constant(e->s, n->dim[n->loop[n->nloops - 1]], &size) && size < SHORT;
    return e->s->q->loops && !n->half && t->level < n->nloops && t->op != SDP_T_WHEN && !few &&
           sdp_size_constant(e->s, step, &one) && one == 1;
}

bool sdp_is_in_blocks(sdp_emitter *e, const sdp_nest *n)
{
    if (!e->target->tcc || !n->nloops || n->sum_from != n->nloops) return false;
    sdp_dim step = sdp_step_of(e, n->dest, n->at, n->loop[n->nloops - 1]);
    return is_constant_row(e, n, step) || (in_blocks(e, n, n->after) && step != sdp_dim_int(e->g, 0));
}

bool sdp_is_sum_in_blocks(sdp_emitter *e, const sdp_nest *n)
{
    return n->sum_from < n->nloops && in_blocks(e, n, n->body);
}

// "if (n < 32) {", if that is not known
bool sdp_put_if_short(sdp_emitter *e, const sdp_nest *n)
{
    long size;
    sdp_dim d = n->dim[n->loop[n->nloops - 1]];
    if (sdp_size_constant(e->s, d, &size)) return false;
    sdp_put_indent(e);
    sdp_put(e->out, "if ("), sdp_put_size(e, d, false), sdp_putf(e->out, " < %ld) {\n", least(e, n));
    e->indent++;
    return true;
}

void sdp_put_if_long(sdp_emitter *e)
{
    e->indent--;
    sdp_put_line(e, "} else {");
    e->indent++;
}

void sdp_start_blocks(block *b, sdp_emitter *e, const sdp_nest *n, sdp_text *text)
{
    uint32_t *room = sdp_scratch(&e->g->base, (4 * e->tape.nnodes + 8) * sizeof *room);
    *b = (block){.e = e,
                 .n = n,
                 .label = n->loop[n->nloops - 1],
                 .array = room,
                 .uses = room + e->tape.nnodes,
                 .free = room + 2 * e->tape.nnodes};
    for (uint32_t i = 0; i < e->tape.nnodes; i++) b->uses[i] = e->tape.node[i].uses;
    b->count = sdp_printf(&e->g->base, "%s%u", e->temp, ++e->ntemps);
    b->names = e->ntemps;
    sdp_put_line(e, "{");
    e->indent++;
    sdp_text_init(text, &e->g->base);
    sdp_text *out = e->out;
    e->out = text;
    const char *i = e->index[n->nloops - 1];
    sdp_dim size = n->dim[b->label];
    sdp_put_indent(e);
    sdp_putf(text, "for (size_t %s = 0; %s < ", i, i), sdp_put_size(e, size, false),
        sdp_putf(text, "; %s += %d) {\n", i, ENTRIES);
    e->indent++;
    sdp_put_indent(e);
    sdp_putf(text, "const size_t %s = ", b->count), sdp_put_size(e, size, true),
        sdp_putf(text, " - %s < %d ? ", i, ENTRIES);
    sdp_put_size(e, size, true), sdp_putf(text, " - %s : %d;\n", i, ENTRIES);
    e->out = out;
}

// The arrays, then the loop
void sdp_finish_blocks(block *b, sdp_text *text)
{
    sdp_emitter *e = b->e;
    e->indent--;
    for (uint32_t k = 1; k <= b->narrays; k++)
        sdp_put_line(e, "double %s%u[%d];", e->temp, b->names + k, ENTRIES);
    e->ntemps += b->narrays;
    sdp_putn(e->out, text->s, text->n);
    sdp_text_free(text);
    sdp_put_line(e, "}");
    e->indent--;
    sdp_put_line(e, "}");
}

void sdp_store_block(block *b, operand x)
{
    sdp_emitter *e = b->e;
    const sdp_nest *n = b->n;
    if (!x.array && x.node == UINT32_MAX) return;
    sdp_put_indent(e);
    sdp_putf(e->out, "sd_block_%s(%s, ", n->add ? "collect" : "store", b->count);
    sdp_put(e->out, "&"), sdp_put_element(e, n->dest, n->at);
    sdp_put(e->out, ", (long)("), sdp_put_size(e, sdp_step_of(e, n->dest, n->at, b->label), false);
    sdp_put(e->out, "), "), sdp_put_operand(b, x), sdp_put(e->out, ");\n");
    e->blocks = true;
}

void sdp_put_in_blocks(sdp_emitter *e, const sdp_nest *n)
{
    block b;
    sdp_text text, *out = e->out;
    long one;
    sdp_dim step = sdp_step_of(e, n->dest, n->at, n->loop[n->nloops - 1]);
    if (sdp_put_fused(e, n)) return;
    sdp_start_blocks(&b, e, n, &text);
    e->out = &text;
    b.to_result = !n->add && sdp_size_constant(e->s, step, &one) && one == 1;
    operand x = sdp_block_value(&b, n->after);
    sdp_store_block(&b, x);
    e->out = out;
    sdp_finish_blocks(&b, &text);
}

// sum += what is summed in the innermost loop
void sdp_put_sum_in_blocks(sdp_emitter *e, const sdp_nest *n)
{
    block b;
    sdp_text text, *out = e->out;
    uint32_t f[2], factors = e->tape.node[n->body].op == SDP_T_MUL
                                 ? sdp_short_product(&(block){.e = e, .n = n}, n->body, f)
                                 : 0;
    if (sdp_put_fused(e, n)) return;
    sdp_start_blocks(&b, e, n, &text);
    e->out = &text;
    operand x = sdp_block_value(&b, factors == 2 ? f[0] : n->body),
            y = factors == 2 ? sdp_block_value(&b, f[1]) : x;
    sdp_put_indent(e);
    sdp_putf(e->out, "%s += ", e->sum);
    if (factors == 2) {
        const sdp_tape_node *t = &e->tape.node[n->body];
        sdp_put_amount(&b, (amount){sdp_num_double(e->g, e->tape.pool[t->coefs]), t, UINT32_MAX});
        sdp_put(e->out, "*");
    }
    sdp_putf(e->out, "%s(%s", sdp_kernel(e, factors == 2 ? KERNEL_dot : KERNEL_sum), b.count);
    sdp_put(e->out, ", "), sdp_put_operand(&b, x);
    if (factors == 2) sdp_put(e->out, ", "), sdp_put_operand(&b, y);
    sdp_put(e->out, ");\n");
    e->out = out;
    sdp_finish_blocks(&b, &text);
}

void sdp_put_block_prototypes(sdp_emitter *e)
{
    static const char *const operations[] = {
#define BLOCK(id, parameters, ...) "void sd_block_" #id #parameters ";\n",
#include "codegen/kernels/kernels_block.def"
#undef BLOCK
    };
    for (size_t i = 0; e->blocks && i < sizeof operations / sizeof *operations; i++)
        sdp_put(e->out, operations[i]);
    for (uint32_t i = 0; e->s->q->loops && i < e->s->q->loops->n; i++)
        sdp_putf(e->out, "void sd_loop_%u(size_t, const double *const *, double *const *);\n", i + 1);
    for (int op = 0; op < SDP_OP_COUNT; op++)
        if (e->block_ops[op])
            sdp_putf(
                e->out,
                "void sd_block_map_%s(size_t, double *, const double *, const double *, const double *);\n",
                sdp_ops[op].word);
}
