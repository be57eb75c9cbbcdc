// SPDX-License-Identifier: MIT
// The schedule as text, for --dump=schedule.
#include <string.h>

#include "codegen/schedule/schedule.h"

// ---- dump -------------------------------------------------------------------------------------------------
static void put_ix(const sdp_schedule *s, sdp_ix ix, sdp_text *out)
{
    sdp_affine a;
    sdp_ix_get(s, ix, &a);
    for (uint32_t i = 0; i < a.n; i++)
        sdp_putf(out, a.stride[i] == SDP_DIM_ONE ? "%s%c" : "%s%c*(%s)", i ? "+" : "",
                 'i' + (char)(a.label[i] % 18), sdp_dim_text(s->g, a.stride[i]));
    long off;
    if (!a.n || !sdp_size_constant(s, a.off, &off) || off)
        sdp_putf(out, "%s%s", a.n ? "+" : "", sdp_dim_text(s->g, a.off));
}

static void put_access(const sdp_schedule *s, sdp_val v, const sdp_ix *ix, sdp_text *out)
{
    sdp_putf(out, "v%u", v);
    for (uint32_t k = 0; k < s->value[v].order; k++) {
        sdp_put(out, k ? "," : "[");
        put_ix(s, ix[k], out);
    }
    if (s->value[v].order) sdp_put(out, "]");
}

static void put_value(const sdp_schedule *s, sdp_val id, sdp_text *out)
{
    static const char *const kind[] = {"",       "number",  "constant", "size",    "input", "mask",
                                       "wanted", "equal",   "add",      "product", "power", "map",
                                       "finite", "running", "reduce",   "factor",  "solve", "inverse",
                                       "det",    "logdet",  "taken",    "call"};
    static const char *const reduction[] = {"max", "min", "prod", "norm", "exponent"};
    const sdp_value *v = &s->value[id];
    sdp_put(out, kind[v->kind]);
    if (v->kind == SDP_V_NUM) sdp_putf(out, " %s", sdp_num_text(s->g, v->coef[0]));
    if (v->kind == SDP_V_VAR) sdp_putf(out, " %s", s->g->var[v->param].name);
    if (v->kind == SDP_V_DIM) sdp_putf(out, " %s", sdp_atom_name(s->g, v->param));
    if (v->kind == SDP_V_MAP || v->kind == SDP_V_CONST) sdp_putf(out, " %s", sdp_ops[v->op].name);
    if (v->kind == SDP_V_REDUCE) sdp_putf(out, " %s over axes %x", reduction[v->op], v->param);
    if (v->kind == SDP_V_RUNNING)
        sdp_putf(out, " sums %s axis %u of", v->param == SDP_LOWER ? "up" : "down", v->op);
    if (v->kind == SDP_V_CALL) sdp_putf(out, " %s", sdp_derivative_name(s->g, &s->sig->call[v->param]));
    static const char *const factor[SDP_FACTOR_KINDS] = {
#define FACTOR(id, kernel, sizes, plan, ...) plan,
#include "codegen/values/factors.def"
    };
    if (v->kind == SDP_V_FACTOR) sdp_putf(out, " (%s)", factor[v->param]);
    if (v->kind == SDP_V_TAKEN) sdp_putf(out, " %s", sdp_ops[v->op].name);
    if (v->kind == SDP_V_EINSUM && v->coef[0] != SDP_NUM_ONE)
        sdp_putf(out, " %s", sdp_num_text(s->g, v->coef[0]));
    for (uint32_t i = 0; i < v->nargs; i++) {
        sdp_put(out, " ");
        if (v->kind == SDP_V_ADD && v->coef[i] != SDP_NUM_ONE)
            sdp_putf(out, "%s*", sdp_num_text(s->g, v->coef[i]));
        if (v->kind == SDP_V_EINSUM) put_access(s, v->arg[i], sdp_value_ix(s, v, i), out);
        else sdp_putf(out, "v%u", v->arg[i]);
    }
    if (v->kind != SDP_V_EINSUM) return;
    sdp_put(out, " ->");
    const sdp_ix *ix = sdp_value_ix(s, v, v->nargs);
    for (uint32_t k = 0; k < v->order; k++) sdp_put(out, " "), put_ix(s, ix[k], out);
}

static void put_shard(const sdp_schedule *s, sdp_val v, sdp_text *out)
{
    static const char *const how[SDP_SHARD_KINDS] = {"replicated",        "local",
                                                     "a partial sum",     "a partial maximum",
                                                     "a partial minimum", "a partial product",
                                                     "a partial norm"};
    if (!s->shard || sdp_value_leaf(&s->value[v])) return;
    sdp_putf(out, "; %s", how[s->shard->how[v]]);
    if (s->shard->level[v]) sdp_putf(out, " of level %u", s->shard->level[v]);
}

void sdp_put_plan(const sdp_schedule *s, sdp_text *out)
{
    static const char *const at[] = {"inside its reader", "input", "output", "buffer", "local", "cell"};
    for (sdp_val v = 1; v < s->nvalues; v++) {
        const sdp_place *p = &s->plan->place[v];
        if (!p->live) continue;
        sdp_putf(out, "v%-4u", v);
        for (uint32_t k = 0; k < s->value[v].order; k++)
            sdp_putf(out, "%s%s", k ? "x" : "", sdp_dim_text(s->g, s->value[v].dim[k]));
        sdp_put(out, s->value[v].order ? " " : "scalar ");
        put_value(s, v, out);
        if (p->accumulated) sdp_putf(out, "  ; added into v%u", p->into);
        else if (!sdp_value_leaf(&s->value[v]) || p->root)
            sdp_putf(out, p->at >= SDP_AT_OUTPUT ? "  ; %s %u" : "  ; %s", at[p->at], p->index);
        if (p->root && p->nloops) sdp_put(out, ", loops ");
        for (uint32_t i = 0; p->root && i < p->nloops; i++)
            sdp_putf(out, "%c", 'i' + (char)(p->loop[i] % 18));
        put_shard(s, v, out);
        sdp_put(out, "\n");
    }
}
