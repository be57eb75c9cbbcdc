// SPDX-License-Identifier: MIT
// The graph itself as an answer: a NumPy program of einsum calls, a Graphviz picture, JSON.
//
// These walk the graph, not the raised tree: what matrix notation hides (axes, labels, sharing) is what
// they show. Every node is one line or one object, arguments first.
#include <string.h>

#include "notation.h"

static sdp_id *nodes_of(sdp_graph *g, const struct sd_result *r, uint32_t *count)
{
    sdp_id *root = sdp_scratch(&g->base, (r->n + 1) * sizeof *root);
    for (size_t i = 0; i < r->n; i++) root[i] = r->entry[i].node;
    return sdp_reachable(g, (uint32_t)r->n, root, count);
}

// ---- einsum: a program in NumPy or one of its relatives -----------------------------------------------------
typedef struct { sdp_graph *g; const sdp_notation *t; sdp_text *out; } program;

static const char *spelled(const program *p, int op) { return *(const char *const *)((const char *)&sdp_ops[op] + p->t->column); }

// Variables, constants and sizes keep their names, everything else is t<id>.
static void put_ref(const program *p, sdp_id id)
{
    const sdp_node *n = sdp_get(p->g, id);
    if (n->kind == SDP_VAR) sdp_put(p->out, p->g->var[n->param].name);
    else if (n->kind == SDP_DIM) sdp_put(p->out, sdp_atom_name(p->g, n->param));
    else if (n->kind == SDP_NUM) sdp_putf(p->out, "(%s)", sdp_num_text(p->g, n->param));
    else if (n->kind == SDP_CONST) sdp_putf(p->out, "%s%s", sdp_ops[n->op].numpy ? "" : "np.", sdp_ops[n->op].numpy ? sdp_ops[n->op].numpy : sdp_ops[n->op].name);
    else sdp_putf(p->out, "t%u", id);
}

static char letter_of(unsigned l) { return (char)(l < 26 ? 'a' + (int)((l + 8) % 26) : 'A' + (int)((l - 26) % 26)); } // i j k ... a .. h

static void put_shape(const program *p, uint32_t n, const sdp_dim *dim)
{
    sdp_put(p->out, "(");
    for (uint32_t i = 0; i < n; i++) sdp_putf(p->out, "%s,", sdp_dim_text(p->g, dim[i]));
    sdp_put(p->out, ")");
}

// einsum has no broadcasts and no repeated outputs: ones and identities are written as factors.
static void put_mul(const program *p, const sdp_node *n)
{
    const uint8_t *o = sdp_labels(p->g, n, n->nargs);
    sdp_text factors;
    uint8_t out_label[SDP_MAX_ORDER], next = n->nlabels;
    bool covered[SDP_MAX_LABELS + SDP_MAX_ORDER] = { false }, first = true;
    sdp_text_init(&factors, &g->base);
    if (n->coef[0] != SDP_NUM_ONE) sdp_putf(p->out, "%s*", sdp_num_text(p->g, n->coef[0]));
    sdp_put(p->out, "np.einsum('");
    for (uint32_t i = 0; i < n->nargs; i++) {
        const uint8_t *l = sdp_labels(p->g, n, i);
        if (!first) sdp_put(p->out, ",");
        for (int k = 0; k < sdp_get(p->g, n->arg[i])->order; k++) {
            sdp_putf(p->out, "%c", letter_of(l[k]));
            covered[l[k]] = true;
        }
        sdp_put(&factors, ",");
        put_ref(p->g, n->arg[i], &factors);
        first = false;
    }
    for (int k = 0; k < n->order; k++) {
        out_label[k] = o[k];
        if (memchr(o, o[k], (size_t)k)) {
            out_label[k] = next++;
            sdp_putf(p->out, "%s%c%c", first ? "" : ",", letter_of(o[k]), letter_of(out_label[k]));
            sdp_putf(&factors, ",np.eye(%s)", sdp_dim_text(p->g, n->dim[k]));
            covered[o[k]] = true;
            first = false;
        }
    }
    for (int k = 0; k < n->order; k++) {
        if (covered[o[k]]) continue;
        sdp_putf(p->out, "%s%c", first ? "" : ",", letter_of(o[k]));
        sdp_putf(&factors, ",np.ones(%s)", sdp_dim_text(p->g, n->dim[k]));
        covered[o[k]] = true;
        first = false;
    }
    sdp_put(p->out, "->");
    for (int k = 0; k < n->order; k++) sdp_putf(p->out, "%c", letter_of(out_label[k]));
    sdp_put(p->out, "'");
    sdp_putn(p->out, factors.s, factors.n);
    sdp_put(p->out, ")");
    sdp_text_free(&factors);
}

static void put_add(const program *p, const sdp_node *n)
{
    for (uint32_t i = 0; i < n->nargs; i++) {
        bool minus = sdp_num_sign(p->g, n->coef[i]) < 0;
        sdp_num size = minus ? sdp_num_neg(p->g, n->coef[i]) : n->coef[i];
        sdp_put(p->out, minus ? "-" : i ? "+" : "");
        if (size != SDP_NUM_ONE) sdp_putf(p->out, "%s*", sdp_num_text(p->g, size));
        put_ref(p, n->arg[i]);
    }
}

// The NumPy spelling of a table row with arguments put in.
static void put_function(const program *p, const sdp_node *n)
{
    const char *s = n->kind == SDP_CALL ? p->g->var[n->param].name : sdp_ops[n->op].numpy;
    const char *name = n->kind == SDP_CALL ? "" : sdp_ops[n->op].name;
    if (s && strchr(s, '$')) {
        for (; *s; s++) {
            if (*s == '$' && (uint32_t)(s[1] - '1') < n->nargs) put_ref(p, n->arg[*++s - '1']);
            else sdp_putn(p->out, s, 1);
        }
        return;
    }
    if (!s && strchr("<>=!", *name) && n->nargs == 2) {
        put_ref(p, n->arg[0]);
        sdp_put(p->out, name);
        put_ref(p, n->arg[1]);
        return;
    }
    if (!s) sdp_putf(p->out, "np.%s", *name == '&' ? "logical_and" : *name == '|' ? "logical_or" : *name == '!' ? "logical_not" : name);
    else sdp_put(p->out, s);
    sdp_put(p->out, "(");
    for (uint32_t i = 0; i < n->nargs; i++) {
        if (i) sdp_put(p->out, ",");
        put_ref(p, n->arg[i]);
    }
    bool along = n->kind == SDP_PRIM && n->nargs == 1 && sdp_get(p->g, n->arg[0])->order == 2 && (n->param == 1 || n->param == 2) && sdp_ops[n->op].max_args == 2;
    if (along) sdp_putf(p->out, ",axis=%u", n->param - 1);
    sdp_put(p->out, ")");
}

static void put_sel(const program *p, const sdp_node *n) // np.fromfunction(lambda i,j: ..., shape)
{
    sdp_put(p->out, "np.fromfunction(lambda i0");
    for (int k = 1; k < n->order; k++) sdp_putf(p->out, ",i%d", k);
    sdp_putf(p->out, ": 1.0*(i0==%s", sdp_dim_text(p->g, n->ldim[0]));
    for (int k = 1; k < n->order; k++) sdp_putf(p->out, "+(%s)*i%d", sdp_dim_text(p->g, n->ldim[k]), k);
    sdp_put(p->out, "),");
    put_shape(p, n->order, n->dim);
    sdp_put(p->out, ")");
}

static void put_value(const program *p, sdp_id id)
{
    const sdp_node *n = sdp_get(p->g, id);
    switch ((sdp_kind)n->kind) {
    case SDP_ADD: put_add(p, n); break;
    case SDP_MUL: put_mul(p, n); break;
    case SDP_POW:
        put_ref(p, n->arg[0]);
        sdp_put(p->out, "**");
        put_ref(p, n->arg[1]);
        break;
    case SDP_SEL: put_sel(p, n); break;
    case SDP_MASK:
        sdp_putf(p->out, "np.tri%c(np.ones(", n->param == SDP_LOWER ? 'l' : 'u');
        put_shape(p, 2, n->dim);
        sdp_put(p->out, "))");
        break;
    case SDP_MAP: case SDP_PRIM: case SDP_CALL: put_function(p, n); break;
    default: put_ref(p, id); break;
    }
}

static bool is_leaf(const sdp_node *n) { return n->kind == SDP_NUM || n->kind == SDP_CONST || n->kind == SDP_DIM || n->kind == SDP_VAR; }

void sdp_print_einsum(sdp_graph *g, const struct sd_result *r, sdp_text *p->out)
{
    uint32_t count;
    sdp_id *id = nodes_of(p->g, r, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (is_leaf(sdp_get(p->g, id[i]))) continue;
        sdp_putf(p->out, "t%u = ", id[i]);
        put_value(p, id[i]);
        sdp_put(p->out, "\n");
    }
    for (size_t i = 0; i < r->n; i++) {
        const char *label = r->entry[i].label;
        if (i) sdp_put(p->out, "\n");
        if (label && *label) sdp_putf(p->out, "%s: ", label);
        put_ref(p, r->entry[i].node);
    }
}

// ---- dot -------------------------------------------------------------------------------------------------------
static void put_caption(sdp_graph *g, const sdp_node *n, sdp_text *out)
{
    static const char *const kind[] = { "", "", "", "", "", "sel", "mask", "+", "", "^", "", "", "" };
    switch ((sdp_kind)n->kind) {
    case SDP_NUM: sdp_put(out, sdp_num_text(g, n->param)); break;
    case SDP_CONST: case SDP_MAP: case SDP_PRIM: sdp_put(out, sdp_ops[n->op].name); break;
    case SDP_DIM: sdp_put(out, sdp_atom_name(g, n->param)); break;
    case SDP_VAR: case SDP_CALL: sdp_put(out, g->var[n->param].name); break;
    case SDP_MUL: {
        if (n->coef[0] != SDP_NUM_ONE) sdp_putf(out, "%s ", sdp_num_text(g, n->coef[0]));
        for (uint32_t i = 0; i <= n->nargs; i++) {
            const uint8_t *l = sdp_labels(g, n, i);
            int order = i < n->nargs ? sdp_get(g, n->arg[i])->order : n->order;
            sdp_put(out, i == n->nargs ? "->" : i ? "," : "");
            for (int k = 0; k < order; k++) sdp_putf(out, "%c", letter_of(l[k]));
        }
        break;
    }
    default: sdp_put(out, kind[n->kind]); break;
    }
}

void sdp_print_dot(sdp_graph *g, const struct sd_result *r, sdp_text *out)
{
    uint32_t count;
    sdp_id *id = nodes_of(g, r, &count);
    sdp_put(out, "digraph symdiff {\n  rankdir=BT\n  node [shape=box]\n");
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *n = sdp_get(g, id[i]);
        sdp_putf(out, "  n%u [label=\"", id[i]);
        put_caption(g, n, out);
        sdp_put(out, is_leaf(n) ? "\" shape=plaintext]\n" : "\"]\n");
        for (uint32_t k = 0; k < n->nargs; k++) {
            sdp_putf(out, "  n%u -> n%u", n->arg[k], id[i]);
            if (n->kind == SDP_ADD && n->coef[k] != SDP_NUM_ONE) sdp_putf(out, " [label=\"%s\"]", sdp_num_text(g, n->coef[k]));
            sdp_put(out, "\n");
        }
    }
    for (size_t i = 0; i < r->n; i++) {
        const char *label = r->entry[i].label && *r->entry[i].label ? r->entry[i].label : "answer";
        sdp_putf(out, "  r%zu [label=\"%s\" shape=plaintext]\n  n%u -> r%zu\n", i, label, r->entry[i].node, i);
    }
    sdp_put(out, "}");
}

// ---- JSON ---------------------------------------------------------------------------------------------------------
static void put_string(sdp_text *out, const char *s, size_t n)
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
    put_string(out, s, n);
}

static void put_formats(sdp_graph *g, const struct sd_result *one, sdp_text *out)
{
    static const struct { sd_format format; const char *name; } wanted[] = { { SD_TEXT, "text" }, { SD_UNICODE, "unicode" }, { SD_LATEX, "latex" } };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        sdp_text t;
        sdp_text_init(&t, &g->base);
        sdp_print(g, one, wanted[i].format, SD_NO_WHERE, &t);
        put_field(out, wanted[i].name, t.n ? t.s : "", t.n);
        sdp_text_free(&t);
    }
}

// The Kronecker form of a tensor of order 4, in the convention that vec stacks columns.
static void put_kron(sdp_graph *g, const sdp_entry *e, sdp_text *out)
{
    sdp_raiser r;
    if (sdp_get(g, e->node)->order != 4 || e->value_order != 2) return;
    sdp_raiser_init(&r, g);
    sdp_raise(&r, 1, &e->node);
    sdp_rid t = sdp_raise_kron(&r, e->node);
    if (!t) return;
    sdp_text s;
    sdp_text_init(&s, &g->base);
    sdp_print_raised(&r, &sdp_notations[SD_TEXT], NULL, t, &s);
    put_field(out, "kronecker", s.s, s.n);
    sdp_text_free(&s);
}

void sdp_print_json(sdp_graph *g, const struct sd_result *r, sdp_text *out)
{
    sdp_put(out, "{\"entries\": [");
    for (size_t i = 0; i < r->n; i++) {
        const sdp_entry *e = &r->entry[i];
        const sdp_node *n = sdp_get(g, e->node);
        sdp_entry plain = *e;
        plain.label = "";
        struct sd_result one = { .g = g, .n = 1, .entry = &plain, .expr = r->expr };
        sdp_put(out, i ? ",\n  {\"label\": " : "\n  {\"label\": ");
        put_string(out, e->label ? e->label : "", e->label ? strlen(e->label) : 0);
        if (e->row && *e->row) put_field(out, "row", e->row, strlen(e->row));
        if (e->column && *e->column) put_field(out, "column", e->column, strlen(e->column));
        sdp_put(out, ", \"shape\": [");
        for (int k = 0; k < n->order; k++) {
            const char *d = sdp_dim_text(g, n->dim[k]);
            sdp_put(out, k ? ", " : "");
            put_string(out, d, strlen(d));
        }
        sdp_put(out, "]");
        put_formats(g, &one, out);
        put_kron(g, e, out);
        sdp_put(out, "}");
    }
    sdp_put(out, "\n]}");
}
