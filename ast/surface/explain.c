// SPDX-License-Identifier: MIT
// Why each name was read as it was: a line for each, with the evidence and what else it could be.
//
// The record is what the search of infer.c used, kept after it; nothing is decided here. Entry: sdp_explain.
#include "ast/surface/habit.h"

#include <string.h>

struct sdp_record {
    uint32_t var, why;
    uint16_t price[SDP_KINDS];
    uint8_t given;
};

void sdp_keep_evidence(const sdp_habits *h)
{
    sdp_graph *g = h->w->g;
    struct sdp_record *r = sdp_alloc(&g->base, (h->n + (size_t)1) * sizeof *r);
    for (uint32_t i = 0; i < h->n; i++) {
        r[i] = (struct sdp_record){.var = h->u[i].var, .why = h->u[i].why, .given = h->u[i].given};
        memcpy(r[i].price, h->u[i].price, sizeof r[i].price);
    }
    g->evidence = r;
    g->nevidence = h->n;
}

static int kind_of(sdp_shape s)
{
    return sdp_is_scalar(s) ? SDP_SCALAR : sdp_is_matrix(s) ? SDP_MATRIX : SDP_VECTOR;
}

static void put_reasons(sdp_graph *g, const struct sdp_record *r, int kind, sdp_text *t)
{
    const char *between = "";
    for (uint32_t row = 0; row < SDP_EVIDENCE_COUNT; row++)
        if (r->why & (1u << row)) sdp_putf(t, "%s%s", between, sdp_evidence_text(row)), between = "; ";
    if (r->given)
        sdp_putf(t, "%s%s", between,
                 g->var[r->var].kind ? "declared, without sizes" : sdp_evidence_text(SDP_BY_DATA));
    for (int k = 0; k < SDP_KINDS && !r->given; k++)
        if (r->price[k] < r->price[kind]) {
            sdp_put(t, "; but the shapes fit only so");
            return;
        }
}

static void put_others(const struct sdp_record *r, int kind, const char *name, sdp_text *t)
{
    static const char *const names[] = {"scalar", "vector", "matrix"};
    const char *between = "; else ";
    for (int k = 0; k < SDP_KINDS && !r->given; k++)
        if (k != kind) sdp_putf(t, "%s-d '%s: %s'", between, name, names[k]), between = " or ";
}

void sdp_explain(sdp_graph *g, const bool *used, sdp_text *t)
{
    const struct sdp_record *r = g->evidence;
    for (uint32_t v = 0; v < g->nvars; v++) {
        uint32_t i = 0;
        while (i < g->nevidence && r[i].var != v) i++;
        if (!used[v] || g->var[v].is_function) continue;
        int kind = kind_of(g->var[v].shape);
        sdp_putf(t, "%s is %s: ", g->var[v].name, sdp_shape_text(g, g->var[v].shape));
        if (i == g->nevidence) sdp_put(t, g->var[v].inferred ? sdp_evidence_text(SDP_BY_DATA) : "declared");
        else put_reasons(g, &r[i], kind, t), put_others(&r[i], kind, g->var[v].name, t);
        sdp_put(t, "\n");
    }
}
