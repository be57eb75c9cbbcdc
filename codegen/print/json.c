// SPDX-License-Identifier: MIT
// Answers as JSON: every entry with its shape, as text, unicode, LaTeX and, for order 4, in Kronecker form;
// then what was differentiated, its variables, and what was taken by habit. A table for programs, which they
// need not read back from text.
#include <string.h>

#include "codegen/print/print.h"

void sdp_put_json_string(sdp_text *out, const char *s, size_t n)
{
    sdp_put(out, "\"");
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '"' || s[i] == '\\') sdp_putf(out, "\\%c", s[i]);
        else if ((unsigned char)s[i] < 32) sdp_putf(out, "\\u%04x", (unsigned)s[i]);
        else sdp_putn(out, s + i, 1);
    }
    sdp_put(out, "\"");
}

static void put_field(sdp_text *out, const char *name, const char *s, size_t n)
{
    sdp_putf(out, ", \"%s\": ", name);
    sdp_put_json_string(out, s, n);
}

static void put_plain(sdp_graph *g, const sdp_entry *e, sd_format format, sdp_text *out)
{
    sdp_text t;
    sdp_text_init(&t, &g->base);
    sdp_print_plain(g, e, format, &t);
    sdp_put_json_string(out, t.n ? t.s : "", t.n);
    sdp_text_free(&t);
}

static void put_formats(sdp_graph *g, const sdp_entry *e, sdp_text *out)
{
    static const struct {
        sd_format format;
        const char *name;
    } wanted[] = {{SD_TEXT, "text"}, {SD_UNICODE, "unicode"}, {SD_LATEX, "latex"}};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        sdp_putf(out, ", \"%s\": ", wanted[i].name);
        put_plain(g, e, wanted[i].format, out);
    }
}

// The matrix of a tensor, in the convention that vec stacks columns.
static void put_kron(sdp_graph *g, const sdp_entry *e, sdp_text *out)
{
    sdp_text s;
    sdp_text_init(&s, &g->base);
    if (sdp_print_vec_form(g, e, SD_TEXT, &s)) put_field(out, "kronecker", s.s, s.n);
    sdp_text_free(&s);
}

static void put_conditions(sdp_graph *g, const struct sd_result *r, sdp_text *out)
{
    sdp_text t;
    sdp_text_init(&t, &g->base);
    sdp_print_conditions(g, r, "", false, &t);
    for (const char *p = t.s, *end; *p; p = *end ? end + 1 : end) {
        end = p + strcspn(p, "\n");
        sdp_put(out, p == t.s ? "" : ", ");
        sdp_put_json_string(out, p, (size_t)(end - p));
    }
    sdp_text_free(&t);
}

static void put_variable(sdp_graph *g, const sdp_variable *v, sdp_text *out)
{
    const sdp_dim size[2] = {v->shape.rows, v->shape.cols};
    sdp_text words;
    sdp_text_init(&words, &g->base);
    sdp_put_properties(v->facts, &words);
    sdp_put(out, "\n  {\"name\": ");
    sdp_put_json_string(out, v->name, strlen(v->name));
    sdp_put(out, ", \"shape\": [");
    const char *between = "";
    for (int k = 0; k < 2; k++) {
        if (size[k] == SDP_DIM_ONE) continue;
        const char *d = sdp_dim_text(g, size[k]);
        sdp_put(out, between);
        sdp_put_json_string(out, d, strlen(d));
        between = ", ";
    }
    sdp_put(out, "]");
    sdp_put(out, ", \"properties\": [");
    for (size_t i = 0, n; i < words.n; i += n + 1) {
        n = strcspn(words.s + i, " ");
        sdp_put(out, i ? ", " : "");
        sdp_put_json_string(out, words.s + i, n);
    }
    sdp_putf(out, "], \"function\": %s, \"declared\": %s}", v->is_function ? "true" : "false",
             v->inferred ? "false" : "true");
    sdp_text_free(&words);
}

// Writes the variables of the expression and those that came in with the request, e.g. directions and points.
static void put_variables(sdp_graph *g, const struct sd_result *r, sdp_text *out)
{
    uint32_t n;
    sdp_id *root = sdp_scratch(&g->base, (r->n + 1) * sizeof *root);
    for (size_t i = 0; i < r->n; i++) root[i] = r->entry[i].node;
    root[r->n] = r->value;
    const uint32_t *variable = sdp_variables_of(g, (uint32_t)r->n + 1, root, &n);
    for (uint32_t i = 0; i < n; i++) sdp_put(out, i ? "," : ""), put_variable(g, &g->var[variable[i]], out);
}

void sdp_print_json(sdp_graph *g, const struct sd_result *r, bool conditions, sdp_text *out)
{
    sdp_put(out, "{\"entries\": [");
    for (size_t i = 0; i < r->n; i++) {
        const sdp_entry *e = &r->entry[i];
        const sdp_node *n = sdp_get(g, e->node);
        sdp_entry plain = *e;
        plain.label = "";
        plain.head = NULL;
        sdp_put(out, i ? ",\n  {\"label\": " : "\n  {\"label\": ");
        const char *label = e->head ? e->head : e->label ? e->label : "";
        sdp_put_json_string(out, label, strlen(label));
        if (e->row && *e->row) put_field(out, "row", e->row, strlen(e->row));
        if (e->column && *e->column) put_field(out, "column", e->column, strlen(e->column));
        sdp_put(out, ", \"shape\": [");
        for (int k = 0; k < n->order; k++) {
            const char *d = sdp_dim_text(g, n->dim[k]);
            sdp_put(out, k ? ", " : "");
            sdp_put_json_string(out, d, strlen(d));
        }
        sdp_put(out, "]");
        put_formats(g, &plain, out);
        put_kron(g, e, out);
        sdp_put(out, "}");
    }
    sdp_put(out, "\n],\n\"formula\": ");
    put_plain(g, &(sdp_entry){.node = r->value, .label = ""}, SD_TEXT, out);
    sdp_put(out, ",\n\"variables\": [");
    put_variables(g, r, out);
    sdp_put(out, "],\n\"notes\": [");
    for (uint32_t i = 0; i < g->base.notes; i++)
        sdp_put(out, i ? ", " : ""), sdp_put_json_string(out, g->base.note[i], strlen(g->base.note[i]));
    sdp_put(out, "]");
    if (conditions) sdp_put(out, ",\n\"conditions\": ["), put_conditions(g, r, out), sdp_put(out, "]");
    sdp_put(out, "}");
}
