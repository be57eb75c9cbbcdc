// SPDX-License-Identifier: MIT
// Expression printer: calls, names, numbers, subscripts and brackets.
//
// A function is spelled by the file of the language (language/): a name, or a template with $1; so is
// structure (diag, ones, sum along an axis). Comparisons and logic are infix in every language.
#include <string.h>

#include "codegen/print/printer.h"

// ---- calls ------------------------------------------------------------------------------------------------

static void arguments(sdp_printer *p, const sdp_raised *n)
{
    sdp_piece_text(p, p->t->open);
    for (uint32_t i = 0; i < n->nargs; i++) {
        if (i) sdp_piece_text(p, ",");
        sdp_piece_node(p, n->arg[i]);
    }
    sdp_piece_text(p, p->t->close);
}

// x < y entry by entry, where conditions are arrays of numbers, so that they can be multiplied.
static void expand_comparison(sdp_printer *p, const sdp_raised *n)
{
    sdp_piece_before(p, p->t->truth);
    for (uint32_t i = 0; i < 2; i++) {
        if (i) sdp_piece_text(p, sdp_ops[n->fn].name);
        if (sdp_r(p->r, n->arg[i])->form == SDP_SCALAR) sdp_piece_at_least(p, n->arg[i], P_SUM);
        else sdp_piece_fill(p, p->t->to_array, 1, n->arg + i);
    }
    sdp_piece_behind(p, p->t->truth);
}

static void expand_infix(sdp_printer *p, const sdp_raised *n)
{
    const char *s = sdp_printed_spelling(p, n);
    if (!s) s = sdp_ops[n->fn].name;
    int least = sdp_infix_level(n) + 1;
    if (strchr(s, '$')) {
        sdp_piece_fill(p, s, n->nargs, n->arg);
        return;
    }
    if (p->t->methods && n->form != SDP_SCALAR) {
        expand_comparison(p, n);
        return;
    }
    if (n->nargs == 1) {
        sdp_piece_text(p, s);
        sdp_piece_at_least(p, n->arg[0], P_POSTFIX);
        return;
    }
    if (p->t->flat || p->t->methods || p->t->dotted) least = P_SUM; // these give & and | another precedence
    sdp_piece_at_least(p, n->arg[0], least);
    if (p->t->dotted) sdp_piece_text(p, " .");
    if (p->t->tex) sdp_piece_text(p, " ");
    sdp_piece_text(p, s);
    if (p->t->tex) sdp_piece_text(p, " ");
    sdp_piece_at_least(p, n->arg[1], least);
}

// A function of an array and a number, max(x,a): one of the array, in which the number has its name. The k-th
// argument is the array.
static void expand_kernel_of_both(sdp_printer *p, const sdp_raised *n, uint32_t k)
{
    sdp_piece_at_least(p, n->arg[k], P_POSTFIX);
    sdp_piece_text(p, k ? ".unaryExpr([x=double(" : ".unaryExpr([y=double(");
    sdp_piece_node(p, n->arg[!k]);
    sdp_piece_text(p, k ? ")](double y) -> double { using namespace std; return "
                        : ")](double x) -> double { using namespace std; return ");
    sdp_piece_text(p, sdp_ops[n->fn].c);
    sdp_piece_text(p, "; })");
}

// C++ has the C kernel of every element-wise function at hand.
static void expand_kernel(sdp_printer *p, const sdp_raised *n)
{
    const char *c = sdp_ops[n->fn].c, *name = sdp_ops[n->fn].name;
    size_t stem = strlen(name);
    bool array = n->form != SDP_SCALAR,
         plain = strncmp(c, name, stem) == 0 && c[stem] == '(' && strncmp(c + stem, "(x", 2) == 0;
    if (!array && plain) {
        sdp_piece_text(p, "std::");
        sdp_piece_text(p, name);
        arguments(p, n);
        return;
    }
    if (array && n->nargs == 2)
        for (uint32_t k = 0; k < 2; k++)
            if (sdp_r(p->r, n->arg[!k])->form == SDP_SCALAR) {
                expand_kernel_of_both(p, n, k);
                return;
            }
    if (array) {
        sdp_piece_at_least(p, n->arg[0], P_POSTFIX);
        sdp_piece_text(p, n->nargs == 1 ? ".unaryExpr(" : ".binaryExpr(");
        if (n->nargs > 1) sdp_piece_node(p, n->arg[1]), sdp_piece_text(p, ",");
    }
    sdp_piece_text(p, n->nargs == 1 ? "[](double x) -> double { using namespace std; return "
                                    : "[](double x,double y) -> double { using namespace std; return ");
    sdp_piece_text(p, c);
    sdp_piece_text(p, "; }");
    if (array) sdp_piece_text(p, ")");
    else arguments(p, n);
}

// The arguments that a derivative is taken by: ₁₂, or in TeX _{1,2}
static void put_arguments_by(sdp_printer *p, const sdp_derivative *d, const char *between)
{
    static const char *const sub[] = {"₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"};
    for (uint32_t i = 0; i < d->nby; i++) {
        if (i) sdp_piece_text(p, between);
        sdp_piece_text(p,
                       p->t->tex ? sdp_num_text(p->r->g, sdp_num_int(p->r->g, d->by[i] + 1)) : sub[d->by[i]]);
    }
}

// J_{q}, D_{1,1,2} f
static void put_tex_derivative(sdp_printer *p, const sdp_derivative *d, const char *f, bool plain)
{
    char symbol[2] = {d->nby == 1 ? 'J' : d->nby == 2 ? 'H' : 'D', 0};
    if (p->r->g->var[d->function].shape.rows != SDP_DIM_ONE && d->nby == 2) symbol[0] = 'D';
    sdp_piece_text(p, sdp_piece_copy(p, symbol, 1));
    sdp_piece_text(p, "_{");
    if (*symbol == 'D') {
        put_arguments_by(p, d, ",");
        sdp_piece_text(p, "} ");
        sdp_put_tex_name(p, f);
        return;
    }
    sdp_put_tex_name(p, f);
    if (!plain) sdp_piece_text(p, ",");
    if (!plain) put_arguments_by(p, d, ",");
    sdp_piece_text(p, "}");
}

// f, ∇f, ∇₂f, J_q, H12_f of a declared function f
static void put_function_name(sdp_printer *p, const sdp_raised *n)
{
    sdp_graph *g = p->r->g;
    sdp_derivative d;
    (void)sdp_derivative_find(g, n->text, &d);
    const sdp_variable *f = &g->var[n->den - 1];
    bool scalar = f->shape.rows == SDP_DIM_ONE && f->shape.cols == SDP_DIM_ONE, plain = f->nparams == 1;
    const char *nabla = !scalar ? NULL : d.nby == 1 ? p->t->nabla : d.nby == 2 ? p->t->nabla2 : NULL;
    if (nabla) {
        sdp_piece_text(p, nabla);
        if (!plain && p->t->tex) sdp_piece_text(p, "_{");
        if (!plain) put_arguments_by(p, &d, p->t->tex ? "," : "");
        sdp_piece_text(p, !p->t->tex ? "" : plain ? " " : "} ");
    }
    if (p->t->tex && d.nby && !nabla) put_tex_derivative(p, &d, f->name, plain);
    else if (p->t->tex) sdp_put_tex_name(p, f->name);
    else sdp_piece_text(p, nabla ? f->name : n->text);
}

// A vector with one axis counts as a row there.
static void flat_kron(sdp_printer *p, const sdp_raised *n)
{
    sdp_piece_text(p, p->t->prefix);
    sdp_piece_text(p, "kron(");
    for (uint32_t i = 0; i < n->nargs; i++) {
        if (i) sdp_piece_text(p, ",");
        if (sdp_r(p->r, n->arg[i])->form == SDP_COLUMN) sdp_piece_fill(p, p->t->block_column, 1, n->arg + i);
        else sdp_piece_node(p, n->arg[i]);
    }
    sdp_piece_text(p, ")");
}

// A condition that is no comparison is a number there: where(P>0,x,y).
static const sdp_raised *with_condition(sdp_printer *p, const sdp_raised *n)
{
    const sdp_raised *c = sdp_r(p->r, n->arg[0]);
    for (sdp_rid i = n->arg[0]; c->kind == SDP_R_TRANS && !sdp_printed_name(p, i); c = sdp_r(p->r, i))
        i = c->arg[0];
    if (c->kind == SDP_R_CALL && sdp_is_infix(c)) return n;
    sdp_rid positive[2] = {n->arg[0], sdp_r_int(p->r, 0)},
            all[3] = {sdp_r_call(p->r, SDP_OP_gt, (sdp_form)sdp_r(p->r, n->arg[0])->form, 2, positive),
                      n->arg[1], n->arg[2]};
    return sdp_r(p->r, sdp_r_call(p->r, SDP_OP_where, (sdp_form)n->form, 3, all));
}

// How arrays are selected. Methods select by an array, and arrays.
static const char *selection(sdp_printer *p, const sdp_raised *n)
{
    bool array[3];
    for (int k = 0; k < 3; k++) array[k] = sdp_r(p->r, n->arg[k])->form != SDP_SCALAR;
    if (array[0]) return array[1] || array[2] || !p->t->blend ? sdp_printed_spelling(p, n) : p->t->blend;
    if (array[1] && array[2]) return p->t->choice;
    sdp_fail(&p->r->g->base, SD_ERR_UNSUPPORTED, (sdp_span){0, 0}, "write it as an array: x*0",
             "%s has no choice between a number and an array", p->t->name);
}

bool sdp_is_built(const sdp_printer *p, sdp_rid i) { return sdp_r(p->r, i)->kind == SDP_R_RANGE; }

// As the language spells the function, or by its own name.
static void put_call_by_name(sdp_printer *p, const sdp_raised *n, const char *spelling)
{
    const sdp_notation *t = p->t;
    const char *name = n->text ? n->text : spelling ? spelling : sdp_ops[n->fn].name;
    const bool element = n->fn && (sdp_ops[n->fn].kind == SDP_OP_MAP || n->fn == SDP_OP_sqrt);
    const bool upright = t->tex && !spelling;
    if (upright) sdp_piece_text(p, "\\operatorname{");
    sdp_piece_text(p, name);
    if (upright) sdp_piece_text(p, "}");
    if (t->dotted && element && n->form != SDP_SCALAR && name[strlen(name) - 1] != '.')
        sdp_piece_text(p, ".");
    arguments(p, n);
}

void sdp_expand_call(sdp_printer *p, const sdp_raised *n)
{
    const sdp_notation *t = p->t;
    const char *s = sdp_printed_spelling(p, n);
    if (n->fn == SDP_OP_where && t->assigns && !(t->methods && sdp_r(p->r, n->arg[0])->form != SDP_SCALAR))
        n = with_condition(p, n);
    if (n->fn == SDP_OP_where && t->choice && n->form != SDP_SCALAR) s = selection(p, n);
    if (sdp_is_infix(n)) {
        expand_infix(p, n);
    } else if (t->flat && n->shown == SDP_S_KRON && n->form == SDP_MATRIX) {
        flat_kron(p, n);
    } else if (s && strchr(s, '$')) {
        sdp_piece_fill_sizes(p, s, n->nargs, n->arg, n->shown != SDP_S_NONE);
    } else if (t->methods && !n->shown && n->fn && sdp_ops[n->fn].kind == SDP_OP_MAP) {
        expand_kernel(p, n);
    } else if (n->shown) {
        sdp_piece_fill(p, sdp_language(SD_TEXT)->shown[n->shown], n->nargs, n->arg);
    } else if (n->den) {
        put_function_name(p, n);
        arguments(p, n);
    } else if (t->unicode && n->fn == SDP_OP_norm && n->nargs == 1 && !p->bars &&
               !sdp_is_built(p, n->arg[0])) {
        sdp_piece_add(p, &p->now, (sdp_piece){.s = "‖", .what = BARS});
        sdp_piece_node(p, n->arg[0]);
        sdp_piece_add(p, &p->now, (sdp_piece){.s = "‖", .what = BARS});
    } else if (t->unicode && n->fn == SDP_OP_inv && !sdp_is_built(p, n->arg[0])) {
        sdp_piece_at_least(p, n->arg[0], P_POSTFIX);
        sdp_piece_text(p, "⁻¹");
    } else {
        put_call_by_name(p, n, s);
    }
}

// ---- subscripts, brackets ---------------------------------------------------------------------------------
static void subscript_inside(sdp_printer *p, sdp_rid i);

static void subscript(sdp_printer *p, sdp_rid i)
{
    sdp_piece_sizes(p);
    subscript_inside(p, i);
    sdp_piece_sizes(p);
}

// first:last by the template of the language, which holds both ends.
static void put_range(sdp_printer *p, const sdp_raised *n)
{
    const sdp_raised *before = sdp_r(p->r, n->split);
    bool head = p->t->head && before->kind == SDP_R_NUM && before->num == SDP_NUM_ZERO;
    for (const char *form = head ? p->t->head : p->t->range, *s = form, *mark; *s;
         s = mark + 2 * (*mark != 0)) {
        mark = s + strcspn(s, "$");
        sdp_piece_text(p, sdp_piece_copy(p, s, (size_t)(mark - s)));
        if (*mark && mark[1] <= '2') subscript_inside(p, n->arg[mark[1] - '1']);
        else if (*mark)
            sdp_piece_at_least(p, mark[1] == '3' ? n->den : n->split,
                               mark > form && mark[-1] == '(' ? P_LOW : P_SUM);
    }
}

static void subscript_inside(sdp_printer *p, sdp_rid i)
{
    const sdp_raised *n = sdp_r(p->r, i);
    bool colon = n->kind == SDP_R_NAME && strcmp(n->text, ":") == 0;
    if (p->t->all && colon) {
        sdp_piece_text(p, p->t->all);
    } else if (p->t->range && n->kind == SDP_R_RANGE) {
        put_range(p, n);
    } else if (n->kind == SDP_R_RANGE) {
        subscript_inside(p, n->arg[0]); // a range holds no range: one level
        sdp_piece_text(p, ":");
        sdp_piece_node(p, n->arg[1]);
    } else if (colon || p->t->first_index == 1) {
        sdp_piece_node(p, i);
    } else if (n->kind == SDP_R_NUM) {
        sdp_piece_node(p, sdp_r_num(p->r, sdp_num_add(p->r->g, n->num, SDP_NUM_MINUS_ONE)));
    } else {
        sdp_piece_node(p, i);
        sdp_piece_text(p, "-1");
    }
}

void sdp_expand_index(sdp_printer *p, const sdp_raised *n)
{
    const sdp_raised *base = sdp_r(p->r, n->arg[0]);
    bool below = base->shown == SDP_S_EYE || base->shown == SDP_S_ONES || base->shown == SDP_S_ONES2 ||
                 base->kind == SDP_R_INDEX;
    // {x_{1}}_{i}, {{I_{n}}_{:,1}}_{i}
    bool twice = p->t->tex && (below || (base->kind == SDP_R_NAME && sdp_has_tex_subscript(base->text)));
    if (twice) sdp_piece_text(p, "{");
    sdp_piece_at_least(p, n->arg[0], P_ATOM);
    // a product has no entries yet
    if (p->t->methods && base->kind == SDP_R_PROD && !sdp_printed_name(p, n->arg[0]))
        sdp_piece_text(p, ".eval()");
    if (twice) sdp_piece_text(p, "}");
    sdp_piece_text(p, p->t->sub_open);
    for (uint32_t i = 1; i < n->nargs; i++) {
        if (i > 1) sdp_piece_text(p, ",");
        subscript(p, n->arg[i]);
    }
    if (p->t->keep && n->form != SDP_SCALAR && n->nargs > 2) sdp_piece_text(p, p->t->keep);
    sdp_piece_text(p, p->t->sub_close);
}

// Prints an element of a bracket, in the shape that the language wants there. The entries of a vector are
// numbers and vectors.
static void element(sdp_printer *p, sdp_rid i, bool in_matrix)
{
    const sdp_notation *t = p->t;
    uint8_t form = sdp_r(p->r, i)->form;
    const char *as = form == SDP_SCALAR   ? (in_matrix ? t->block_scalar : t->stack_scalar)
                     : !in_matrix         ? NULL
                     : form == SDP_COLUMN ? t->block_column
                     : form == SDP_ROW    ? t->block_vector
                                          : NULL;
    if (as && *as) sdp_piece_fill(p, as, 1, &i);
    else sdp_piece_node(p, i);
}

// The elements of a bracket or of one of its rows at the $1 of the template; $2 and $3 are its size.
static void enclosed(sdp_printer *p, const char *template, const sdp_raised *n, const char *between,
                     bool in_matrix)
{
    for (const char *s = template, *mark; *s; s = mark + 2 * (*mark != 0)) {
        mark = s + strcspn(s, "$");
        sdp_piece_text(p, sdp_piece_copy(p, s, (size_t)(mark - s)));
        if (*mark && mark[1] != '1') sdp_piece_size(p, mark[1] == '2' ? n->split : n->den);
        for (uint32_t i = 0; i < n->nargs && *mark && mark[1] == '1'; i++) {
            if (i) sdp_piece_text(p, between);
            bool row = in_matrix && n->kind == SDP_R_ROWS,
                 whole = row && sdp_r(p->r, n->arg[i])->kind == SDP_R_COLS;
            sdp_raised alone = {.kind = SDP_R_COLS, .nargs = 1, .arg = n->arg + i};
            if (row)
                enclosed(p, p->t->block_row, whole ? sdp_r(p->r, n->arg[i]) : &alone, p->t->col_sep, true);
            else element(p, n->arg[i], in_matrix);
        }
    }
}

void sdp_expand_bracket(sdp_printer *p, const sdp_raised *n)
{
    bool matrix = n->kind == SDP_R_ROWS && n->form == SDP_MATRIX;
    enclosed(p, matrix ? p->t->block : p->t->stack, n, n->kind == SDP_R_ROWS ? p->t->row_sep : p->t->col_sep,
             matrix);
}

void sdp_expand_over(sdp_printer *p, const sdp_raised *n)
{
    sdp_piece_text(p, p->t->tex ? "\\sum_{" : p->t->unicode ? "∑_" : "sum_");
    sdp_piece_text(p, n->text);
    sdp_piece_text(p, p->t->tex ? "} " : p->t->open);
    if (p->t->tex) sdp_piece_at_least(p, n->arg[0], P_PRODUCT);
    else sdp_piece_node(p, n->arg[0]), sdp_piece_text(p, p->t->close);
}

const char *sdp_code_name(sdp_graph *g, const sdp_notation *t, const char *name)
{
    const char *s = t->ascii ? sdp_ascii_name(&g->base, name) : name;
    bool clash = sdp_is_reserved(t, s);
    uint32_t v = s != name && strcmp(s, name) ? sdp_variable_find(g, s) : UINT32_MAX;
    clash |= v != UINT32_MAX && strcmp(g->var[v].name, name); // theta is θ itself
    return clash ? sdp_printf(&g->base, "%s_", s) : s;
}

void sdp_expand_name(sdp_printer *p, const sdp_raised *n)
{
    int op = n->form == SDP_SCALAR && n->seen == UINT32_MAX ? sdp_op_find(n->text, strlen(n->text)) : 0;
    const char *s = op && sdp_ops[op].kind == SDP_OP_CONST
                        ? sdp_printed_spelling(p, &(sdp_raised){.fn = (uint16_t)op})
                        : NULL;
    if (op && sdp_ops[op].kind == SDP_OP_CONST) {
        sdp_piece_text(p, s ? s : n->text);
    } else if (p->t->tex && !strpbrk(n->text, ":+-*")) {
        sdp_put_tex_name(p, n->text);
    } else {
        const char *name = strpbrk(n->text, ":+-*") ? n->text : sdp_code_name(p->r->g, p->t, n->text);
        bool cast =
            p->t->methods && !p->sizes && n->form == SDP_SCALAR && n->seen == UINT32_MAX && name[0] != ':';
        sdp_piece_text(p, cast ? sdp_printf(&p->r->g->base, "double(%s)", name) : name);
    }
}

// In code integers are not divided and not too large: 1.0/2 in C++.
const char *sdp_number_text(sdp_printer *p, const char *digits, bool divided)
{
    size_t n = strcspn(digits, "/");
    bool real = p->t->assigns && ((p->t->methods && divided) || n >= 16);
    if (!real) return digits;
    return sdp_printf(&p->r->g->base, "%.*s.0%s%s", (int)n, digits, digits + n,
                      strlen(digits + n) > 16 ? ".0" : "");
}

void sdp_expand_number(sdp_printer *p, const sdp_raised *n)
{
    const char *s = sdp_r_number(p->r, n->num), *line = strchr(s, '/');
    if (!p->t->tex || !line) {
        if (*s == '-') sdp_piece_text(p, p->t->tex ? "-" : p->t->minus);
        sdp_piece_text(p, sdp_number_text(p, s + (*s == '-'), line != NULL));
        return;
    }
    sdp_piece_text(p, *s == '-' ? "-\\frac{" : "\\frac{");
    sdp_piece_text(p, sdp_piece_copy(p, s + (*s == '-'), (size_t)(line - s - (*s == '-'))));
    sdp_piece_text(p, "}{");
    sdp_piece_text(p, line + 1);
    sdp_piece_text(p, "}");
}
