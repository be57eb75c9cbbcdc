// SPDX-License-Identifier: MIT
// Nodes and symbols of a derivation as text, in the notation of the document's format.
#include "tell/tell.h"

bool sdp_in_tex(const sdp_story *s)
{
    return s->o->format == SD_DOC_LATEX || s->o->format == SD_DOC_MARKDOWN || s->o->format == SD_DOC_HTML;
}

static sd_format notation(const sdp_story *s)
{
    return sdp_in_tex(s) ? SD_LATEX : s->o->format == SD_DOC_UNICODE ? SD_UNICODE : SD_TEXT;
}

const char *sdp_spell_entry(sdp_story *s, const sdp_entry *entry)
{
    sdp_text t;
    sdp_entry e = *entry;
    e.label = "";
    e.head = NULL;
    sdp_text_init(&t, &s->g->base);
    sdp_print_plain(s->g, &e, notation(s), &t);
    while (t.n && t.s[t.n - 1] == '\n') t.s[--t.n] = 0;
    const char *text = sdp_strndup(&s->g->base, t.s, t.n);
    sdp_text_free(&t);
    return text;
}

const char *sdp_spell(sdp_story *s, sdp_id id, bool is_row)
{
    // lines are checked as they are computed
    if (sdp_textbook(s->g, 1, &id)) id = sdp_named(s, sdp_simplify(s->g, id));
    const sdp_node *n = sdp_get(s->g, id);
    sdp_entry e = {.label = "",
                   .row = "",
                   .column = "",
                   .raw = id,
                   .node = id,
                   .exact = id,
                   .value_order = n->order,
                   .is_row = is_row && n->order == 1};
    return sdp_spell_entry(s, &e);
}

const char *sdp_spell_times(const sdp_story *s)
{
    return sdp_in_tex(s) ? "\\," : s->o->format == SD_DOC_UNICODE ? "·" : "*";
}

static const char *label(sdp_story *s, const sdp_item *i)
{
    return sdp_spell(s, i->var, i->shape.rows == SDP_DIM_ONE);
}

const char *sdp_spell_ratio(sdp_story *s, uint32_t i, uint32_t k)
{
    const char *of = label(s, &s->item[i]), *by = label(s, &s->item[k]);
    if (sdp_in_tex(s)) return sdp_printf(&s->g->base, "\\frac{\\partial %s}{\\partial %s}", of, by);
    if (s->o->format == SD_DOC_UNICODE) return sdp_printf(&s->g->base, "∂%s/∂%s", of, by);
    return sdp_printf(&s->g->base, "d%s/d%s", of, by);
}

const char *sdp_spell_jacobian(sdp_story *s, const sdp_item *of, const sdp_item *by)
{
    if (sdp_in_tex(s)) return sdp_printf(&s->g->base, "J_{%s}(%s)", label(s, of), label(s, by));
    return sdp_printf(&s->g->base, "J_%s(%s)", label(s, of), label(s, by));
}

static const char *size(sdp_story *s, sdp_dim rows, sdp_dim cols)
{
    const char *r = sdp_dim_text(s->g, rows);
    return sdp_printf(&s->g->base, "%s×%s", r, sdp_dim_text(s->g, cols));
}

const char *sdp_spell_shape(sdp_story *s, sdp_shape shape)
{
    if (sdp_is_scalar(shape)) return "1";
    if (shape.cols == SDP_DIM_ONE) return sdp_printf(&s->g->base, "%s", sdp_dim_text(s->g, shape.rows));
    return size(s, shape.rows, shape.cols);
}

const char *sdp_spell_size(sdp_story *s, sdp_shape of, sdp_shape by)
{
    sdp_dim d[4];
    int n = sdp_shape_axes(of, d), m = sdp_shape_axes(by, d + n);
    if (n <= 1 && m <= 1) return size(s, n ? d[0] : SDP_DIM_ONE, m ? d[n] : SDP_DIM_ONE);
    const char *text = "";
    for (int k = 0; k < n + m; k++)
        text = sdp_printf(&s->g->base, "%s%s%s", text, k ? "×" : "", sdp_dim_text(s->g, d[k]));
    return text;
}
