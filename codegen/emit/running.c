// SPDX-License-Identifier: MIT
// Sums that run on along one axis, sum += x[i]; out[i] = sum; or from the last entry back to the first. The
// other axes are loops outside.
#include "codegen/emit/emitter.h"

// Writes the loop over the axis; the loops over the other axes are outside.
static void put_run(sdp_emitter *e, sdp_val v, uint32_t node, const sdp_ix *at)
{
    const sdp_value *x = &e->s->value[v];
    bool up = x->param == SDP_LOWER;
    const char *i = e->index[x->order - 1], *sum = e->sum;
    sdp_put_line(e, "double %s = 0.0;", sum);
    sdp_put_indent(e);
    sdp_putf(e->out, up ? "for (size_t %s = 0; %s < " : "for (size_t %s = ", i, i);
    sdp_put_size(e, x->dim[x->op], false);
    sdp_putf(e->out, up ? "; %s++) {\n" : "; %s-- > 0;) {\n", i);
    e->indent++;
    sdp_put_named(e, x->order);
    sdp_put_indent(e);
    sdp_putf(e->out, "%s += ", sum);
    sdp_put_expr(e, node, 0);
    sdp_put(e->out, ";\n");
    sdp_put_indent(e);
    sdp_put_element(e, v, at);
    sdp_putf(e->out, " = %s;\n", sum);
    sdp_close_loops(e, 1);
}

void sdp_emit_running(sdp_emitter *e, sdp_val v)
{
    const sdp_value *x = &e->s->value[v];
    sdp_ix ix[SDP_MAX_ORDER];
    uint8_t loop[SDP_MAX_ORDER];
    uint32_t n = 0;
    for (uint32_t k = 0; k < x->order; k++) {
        ix[k] = k;
        if (k != x->op) loop[n++] = (uint8_t)k;
    }
    loop[n] = (uint8_t)x->op;
    sdp_tape_clear(e, v, x->order, loop);
    uint32_t node = sdp_tape_value(e, x->arg[0], ix);
    sdp_name_nodes(e, 1, &node);
    sdp_put_line(e, "{");
    e->indent++;
    sdp_put_named(e, 0);
    bool panels = n && sdp_open_panels(e, loop[0], "1", x->order, loop, x->dim);
    sdp_open_loops(e, 0, n, loop, x->dim);
    put_run(e, v, node, ix);
    sdp_close_loops(e, n);
    if (panels) sdp_close_panels(e);
    e->indent--;
    sdp_put_line(e, "}");
}
