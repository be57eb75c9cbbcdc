// SPDX-License-Identifier: MIT
// A listing, and its text, a line for each step, for --dump=machine: t7 is step 7, t7:4 has four lanes.
#include "codegen/machine/machine.h"

uint32_t sdp_list_step(sdp_listing *l, sdp_step s)
{
    l->step = sdp_grown(l->b, l->step, l->nsteps, &l->step_cap, sizeof *l->step);
    l->step[l->nsteps] = s;
    return l->nsteps++;
}

static const char *const names[SDP_M_OPS] = {
    [SDP_M_NUMBER] = "number", [SDP_M_LOAD] = "load",       [SDP_M_ADD] = "add",       [SDP_M_SUB] = "sub",
    [SDP_M_MUL] = "mul",       [SDP_M_DIV] = "div",         [SDP_M_SQRT] = "sqrt",     [SDP_M_ABS] = "abs",
    [SDP_M_NEGATE] = "neg",    [SDP_M_COMPARE] = "compare", [SDP_M_BOTH] = "and",      [SDP_M_EITHER] = "or",
    [SDP_M_SELECT] = "select", [SDP_M_CALL] = "call",       [SDP_M_SPREAD] = "spread", [SDP_M_JOIN] = "join",
    [SDP_M_LANE] = "lane",     [SDP_M_TOTAL] = "total",     [SDP_M_STORE] = "store"};
static const char *const relations[] = {"<", "<=", ">", ">=", "==", "!="};

static void put_step(const sdp_step *s, uint32_t number, sdp_text *out)
{
    if (s->op == SDP_M_STORE) sdp_putf(out, "out%u[%u]", s->place, s->index);
    else sdp_putf(out, "t%u", number);
    if (s->lanes > 1) sdp_putf(out, ":%u", s->lanes);
    sdp_put(out, " = ");
    if (s->op == SDP_M_LOAD) sdp_putf(out, "in%u[%u]", s->place, s->index);
    else if (s->op != SDP_M_NUMBER && s->op != SDP_M_STORE)
        sdp_put(out, s->op == SDP_M_CALL ? s->text : names[s->op]);
    if (s->op == SDP_M_LANE) sdp_putf(out, " %u", s->what);
    if (s->op == SDP_M_COMPARE) sdp_putf(out, " %s", relations[s->what]);
    for (uint32_t l = 0; s->op == SDP_M_NUMBER && l < s->lanes; l++)
        sdp_put(out, l ? " " : ""), sdp_put(out, sdp_decimal_shortest(s->number[l], 1).s);
    for (uint32_t a = 0; a < s->nargs; a++) sdp_putf(out, s->op == SDP_M_STORE ? "t%u" : " t%u", s->arg[a]);
    sdp_put(out, "\n");
}

void sdp_put_listing(const sdp_listing *l, sdp_text *out)
{
    for (uint32_t i = 1; i < l->nsteps; i++) put_step(&l->step[i], i, out);
}
