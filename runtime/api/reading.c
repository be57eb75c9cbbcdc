// SPDX-License-Identifier: MIT
// How a text was read: notes, the variable of argmin_w, the evidence for each name.
#include "runtime/api/api.h"

#include <string.h>

const char *sd_optimum(const sd_context *c) { return c ? c->g->optimum : NULL; }

static char *notes(sd_context *c)
{
    sdp_text t;
    sdp_text_init(&t, &c->g->base);
    for (uint32_t i = 0; i < c->g->base.notes; i++) sdp_putf(&t, "%s\n", c->g->base.note[i]);
    return t.s;
}

char *sd_notes(sd_context *c) { RETURN_TEXT(c, true, notes(c)); }

static char *explanation(sd_context *c, sd_expr e)
{
    sdp_text t;
    const sdp_surface *f = sdp_get_expr(c, e);
    sdp_text_init(&t, &c->g->base);
    sdp_explain(c->g, sdp_used_by(c->g, 1, &f->node), &t);
    return t.s;
}

char *sd_explain(sd_context *c, sd_expr e) { RETURN_TEXT(c, e, explanation(c, e)); }
