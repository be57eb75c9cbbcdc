// SPDX-License-Identifier: MIT
// Loops opened and closed, locals declared, values marked as missing: what every
// kind of root needs around its body.
#include "codegen/emit/emitter.h"

void sdp_open_loops(sdp_emitter *e, uint32_t from, uint32_t to, const uint8_t *loop, const sdp_dim *dim)
{
    for (uint32_t i = from; i < to; i++) {
        const char *name = e->index[i];
        sdp_put_indent(e);
        bool cut = e->panel_end && loop[i] == e->panel;
        sdp_putf(e->out, "for (size_t %s = %s; %s < ", name, cut ? e->panel_from : "0", name);
        if (cut) sdp_put(e->out, e->panel_end);
        else sdp_put_size(e, dim[loop[i]], false);
        sdp_putf(e->out, "; %s++) {\n", name);
        e->indent++;
        sdp_put_named(e, i + 1);
    }
}

void sdp_close_loops(sdp_emitter *e, uint32_t n)
{
    while (n--) {
        e->indent--;
        sdp_put_line(e, "}");
    }
}

void sdp_declare_local(sdp_emitter *e, sdp_val v)
{
    if (e->s->plan->place[v].at != SDP_AT_LOCAL || e->s->plan->place[v].accumulated ||
        e->s->wanted->outlives[v])
        return;
    sdp_put_indent(e);
    sdp_put(e->out, "double ");
    sdp_put_place(e, v);
    sdp_put(e->out, ";\n");
}

void sdp_put_local(sdp_emitter *e, sdp_val v)
{
    bool local = e->s->plan->place[v].at == SDP_AT_LOCAL;
    if (local && !e->s->wanted->outlives[v])
        sdp_put(e->out, sdp_is_partial(e->s, v) ? "double " : "const double ");
    sdp_put_place(e, v);
}

// NaN in the place of a value with a guard that has failed
void sdp_put_no_value(sdp_emitter *e, sdp_val v)
{
    const sdp_value *x = &e->s->value[v];
    sdp_dim size = SDP_DIM_ONE;
    for (uint32_t k = 0; k < x->order; k++) size = sdp_dim_mul(e->g, size, x->dim[k]);
    sdp_put_indent(e);
    sdp_putf(e->out, "if (%s%u) %s(", e->failed, e->s->plan->place[v].failed, sdp_kernel(e, KERNEL_no_value));
    sdp_put_size(e, size, false);
    sdp_put(e->out, x->order ? ", " : ", &");
    sdp_put_place(e, v);
    sdp_put(e->out, ");\n");
}
