// SPDX-License-Identifier: MIT
// The graph as a program in NumPy or one of its relatives: a line per node, arguments first, products as
// einsum calls. This is the format `einsum`, and what the flat languages fall back to where an answer has
// no matrix notation. The last lines name the answers.
#include <string.h>

#include "codegen/print/print.h"

typedef struct {
    sdp_graph *g;
    const sdp_notation *t;
    sdp_text *out;
    const char *letter;     // of names t1, t2, ...
    const uint32_t *number; // by id
} program;

static const char *spelled(const program *p, int op) { return sdp_spelled(p->g, p->t, op); }

// Variables, constants and sizes keep their names, everything else is numbered.
static void put_ref(const program *p, sdp_id id)
{
    const sdp_node *n = sdp_get(p->g, id);
    const char *s = n->kind == SDP_CONST ? spelled(p, n->op) : NULL;
    if (n->kind == SDP_VAR) sdp_put(p->out, sdp_code_name(p->g, p->t, p->g->var[n->param].name));
    else if (n->kind == SDP_DIM) sdp_put(p->out, sdp_atom_name(p->g, n->param));
    else if (n->kind == SDP_NUM) sdp_putf(p->out, "(%s)", sdp_num_text(p->g, n->param));
    else if (n->kind == SDP_CONST) sdp_put(p->out, s);
    else sdp_putf(p->out, "%s%u", p->letter, p->number[id]);
}

static bool is_logic(const sdp_node *n)
{
    return n->kind == SDP_MAP && strchr("<>=!&|", sdp_ops[n->op].name[0]);
}

// Booleans are no numbers: einsum would say that there is one, where it should count them.
static void put_number(const program *p, sdp_id id)
{
    bool cast = p->t->number && is_logic(sdp_get(p->g, id));
    if (cast) sdp_put(p->out, "(");
    if (cast) sdp_putn(p->out, p->t->number, strcspn(p->t->number, "$"));
    put_ref(p, id);
    if (cast) sdp_putf(p->out, "%s)", p->t->number + strcspn(p->t->number, "$") + 2);
}

static void put_argument(const program *p, const sdp_node *n, uint32_t i)
{
    bool condition = is_logic(n) ? strchr("&|", sdp_ops[n->op].name[0]) || n->nargs == 1
                                 : n->kind == SDP_MAP && n->op == SDP_OP_where && i == 0;
    if (condition) put_ref(p, n->arg[i]);
    else put_number(p, n->arg[i]);
}

// i j k ... a .. h
static char letter_of(unsigned l)
{
    return (char)(l < 26 ? 'a' + (int)((l + 8) % 26) : 'A' + (int)((l - 26) % 26));
}

static void put_shape(const program *p, uint32_t n, const sdp_dim *dim)
{
    sdp_put(p->out, "(");
    for (uint32_t i = 0; i < n; i++) sdp_putf(p->out, "%s,", sdp_dim_text(p->g, dim[i]));
    sdp_put(p->out, ")");
}

// A factor of the call: its letters and itself.
typedef struct {
    sdp_text letters, factors;
    uint32_t n;
} operands;

static void add_operand(operands *o, const uint8_t *label, int order)
{
    if (o->n++) sdp_put(&o->letters, ",");
    for (int k = 0; k < order; k++) sdp_putf(&o->letters, "%c", letter_of(label[k]));
    sdp_put(&o->factors, ",");
}

static bool has_sum(const sdp_graph *g, const sdp_node *n)
{
    const uint8_t *out = sdp_labels(g, n, n->nargs);
    for (uint8_t l = 0; l < n->nlabels; l++)
        if (!memchr(out, l, n->order)) return true;
    return false;
}

// einsum has no broadcasts and no repeated outputs: ones and identities are written as
// factors. Scalars stand in front.
static void put_mul(const program *p, const sdp_node *n)
{
    const uint8_t *o = sdp_labels(p->g, n, n->nargs);
    operands call = {.n = 0};
    uint8_t out_label[SDP_MAX_ORDER], next = n->nlabels;
    bool covered[SDP_MAX_LABELS + SDP_MAX_ORDER] = {false}, scalar = false;
    sdp_text_init(&call.letters, &p->g->base);
    sdp_text_init(&call.factors, &p->g->base);
    program list = *p;
    list.out = &call.factors;
    if (n->coef[0] != SDP_NUM_ONE) sdp_putf(p->out, "%s", sdp_num_text(p->g, n->coef[0])), scalar = true;
    for (uint32_t i = 0; i < n->nargs; i++) {
        const uint8_t *l = sdp_labels(p->g, n, i);
        int order = sdp_get(p->g, n->arg[i])->order;
        if (!order) {
            if (scalar) sdp_put(p->out, "*");
            put_number(p, n->arg[i]);
            scalar = true;
            continue;
        }
        add_operand(&call, l, order);
        put_number(&list, n->arg[i]);
        for (int k = 0; k < order; k++) covered[l[k]] = true;
    }
    for (int k = 0; k < n->order; k++) {
        out_label[k] = memchr(o, o[k], (size_t)k) ? next++ : o[k];
        if (out_label[k] == o[k]) continue;
        add_operand(&call, (uint8_t[]){o[k], out_label[k]}, 2);
        sdp_putf(&call.factors, "%seye(%s)", p->t->prefix, sdp_dim_text(p->g, n->dim[k]));
        covered[o[k]] = true;
    }
    // a label in no factor is a broadcast, or is summed: a factor n
    for (uint8_t l = 0; l < n->nlabels; l++) {
        if (covered[l]) continue;
        add_operand(&call, &l, 1);
        sdp_putf(&call.factors, "%sones(%s)", p->t->prefix, sdp_dim_text(p->g, n->ldim[l]));
    }
    if (call.n) {
        sdp_putf(p->out, "%s%seinsum('%s->", scalar ? "*" : "", p->t->prefix, call.letters.s);
        for (int k = 0; k < n->order; k++) sdp_putf(p->out, "%c", letter_of(out_label[k]));
        sdp_putf(p->out, "'%s%s)", call.factors.s,
                 call.n > 2 && has_sum(p->g, n) && p->t->pairwise ? p->t->pairwise : "");
    }
    sdp_text_free(&call.letters);
    sdp_text_free(&call.factors);
}

static void put_add(const program *p, const sdp_node *n)
{
    for (uint32_t i = 0; i < n->nargs; i++) {
        bool minus = sdp_num_sign(p->g, n->coef[i]) < 0;
        sdp_num size = minus ? sdp_num_neg(p->g, n->coef[i]) : n->coef[i];
        sdp_put(p->out, minus ? "-" : i ? "+" : "");
        if (size != SDP_NUM_ONE) sdp_putf(p->out, "%s*", sdp_num_text(p->g, size));
        put_number(p, n->arg[i]);
    }
}

// The language's spelling of a table row with arguments put in.
static void put_function(const program *p, const sdp_node *n)
{
    const sdp_derivative d = n->kind == SDP_CALL ? sdp_derivative_of(n) : (sdp_derivative){0};
    const char *s = n->kind == SDP_CALL ? sdp_derivative_name(p->g, &d) : spelled(p, n->op), *along = NULL;
    if (n->kind == SDP_PRIM && n->nargs == 1 && sdp_get(p->g, n->arg[0])->order == 2)
        along = sdp_along_template(p->g, p->t, n->op, n->param);
    if (along) s = along;
    const char *name = n->kind == SDP_CALL ? "" : sdp_ops[n->op].name;
    if (s && strchr(s, '$')) {
        for (; *s; s++) {
            if (*s == '$' && (uint32_t)(s[1] - '1') < n->nargs) put_argument(p, n, (uint32_t)(*++s - '1'));
            else sdp_putn(p->out, s, 1);
        }
        return;
    }
    if (!s && strchr("<>=!", *name) && n->nargs == 2) {
        put_argument(p, n, 0);
        sdp_put(p->out, name);
        put_argument(p, n, 1);
        return;
    }
    if (!s)
        sdp_putf(p->out, "%s%s", p->t->prefix,
                 *name == '&'   ? "logical_and"
                 : *name == '|' ? "logical_or"
                 : *name == '!' ? "logical_not"
                                : name);
    else sdp_put(p->out, s);
    sdp_put(p->out, "(");
    for (uint32_t i = 0; i < n->nargs; i++) {
        if (i) sdp_put(p->out, ",");
        put_argument(p, n, i);
    }
    sdp_put(p->out, ")");
}

// 1 where the first subscript is offset + stride*(second) + ...: an identity, cut to
// the places that the strides reach.
static void put_sel(const program *p, const sdp_node *n)
{
    const char *np = p->t->prefix;
    sdp_putf(p->out, "%seye(%s)[:,%s", np, sdp_dim_text(p->g, n->dim[0]), sdp_dim_text(p->g, sdp_offset(n)));
    for (int k = 1; k < n->order; k++) {
        sdp_putf(p->out, "+(%s)*%sarange(%s)", sdp_dim_text(p->g, sdp_stride(n, k)), np,
                 sdp_dim_text(p->g, n->dim[k]));
        sdp_put(p->out, "[");
        for (int j = 1; j < n->order; j++)
            sdp_put(p->out, j > 1 ? j == k ? ",:" : ",None" : j == k ? ":" : "None");
        sdp_put(p->out, "]");
    }
    sdp_put(p->out, "]");
}

static void put_value(const program *p, sdp_id id)
{
    const sdp_node *n = sdp_get(p->g, id);
    switch ((sdp_kind)n->kind) {
    case SDP_ADD: put_add(p, n); break;
    case SDP_MUL: put_mul(p, n); break;
    case SDP_POW:
        put_number(p, n->arg[0]);
        sdp_put(p->out, "**");
        put_number(p, n->arg[1]);
        break;
    case SDP_SEL: put_sel(p, n); break;
    case SDP_MASK:
        sdp_putf(p->out, "%stri%c(%sones(", p->t->prefix, n->param == SDP_LOWER ? 'l' : 'u', p->t->prefix);
        put_shape(p, 2, n->dim);
        sdp_put(p->out, "))");
        break;
    case SDP_MAP:
    case SDP_PRIM:
    case SDP_CALL: put_function(p, n); break;
    default: put_ref(p, id); break;
    }
}

static bool is_leaf(const sdp_node *n)
{
    return n->kind == SDP_NUM || n->kind == SDP_CONST || n->kind == SDP_DIM || n->kind == SDP_VAR;
}

static bool is_numbered(const char *name, const char *letter)
{
    size_t n = strlen(letter);
    return name && !strncmp(name, letter, n) && sdp_is_digit(name[n]);
}

// A letter, and underscores, that with a number behind it is the name of no variable and no size
static const char *free_letter(sdp_graph *g)
{
    const char *letter = "t";
    for (bool taken = true; taken;) {
        taken = false;
        for (uint32_t v = 0; v < g->nvars; v++) taken |= is_numbered(g->var[v].name, letter);
        for (uint32_t a = 0; a < sdp_atom_count(g); a++) taken |= is_numbered(sdp_atom_name(g, a), letter);
        if (taken) letter = sdp_printf(&g->base, "%s_", letter);
    }
    return letter;
}

void sdp_print_program(sdp_graph *g, size_t n, const sdp_entry *entry, const char *const *left,
                       const sdp_notation *t, sdp_text *out)
{
    uint32_t count, names = 0;
    sdp_id *root = sdp_scratch(&g->base, (n + 1) * sizeof *root);
    for (size_t i = 0; i < n; i++) root[i] = entry[i].node;
    sdp_id *id = sdp_reachable(g, (uint32_t)n, root, &count);
    uint32_t *number = sdp_scratch(&g->base, (count ? id[count - 1] + 1u : 1u) * sizeof *number);
    for (uint32_t i = 0; i < count; i++)
        if (!is_leaf(sdp_get(g, id[i]))) number[id[i]] = ++names;
    program p = {g, t, out, free_letter(g), number};
    for (uint32_t i = 0; i < count; i++) {
        if (is_leaf(sdp_get(g, id[i]))) continue;
        put_ref(&p, id[i]);
        sdp_put(out, " = ");
        put_value(&p, id[i]);
        sdp_put(out, "\n");
    }
    for (size_t i = 0; i < n; i++) {
        const char *name = left ? left[i] : entry[i].head;
        if (i) sdp_put(out, "\n");
        if (name) sdp_putf(out, "%s = ", name);
        put_number(&p, entry[i].node);
    }
}
