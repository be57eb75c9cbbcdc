// SPDX-License-Identifier: MIT
// Pieces of text and nodes, put on the printer's list; what a node is called, how it is spelled, how tightly
// it holds together (and so where parentheses stand), and templates.
#include <string.h>

#include "codegen/print/printer.h"

bool sdp_is_infix(const sdp_raised *n)
{
    return n->kind == SDP_R_CALL && n->fn && strchr("<>=!&|", sdp_ops[n->fn].name[0]) != NULL;
}

int sdp_infix_level(const sdp_raised *n)
{
    char c = sdp_ops[n->fn].name[0];
    return n->nargs == 1 ? P_PRODUCT : c == '|' ? P_OR : c == '&' ? P_AND : P_COMPARE;
}

void sdp_piece_add(sdp_printer *p, sdp_pieces *l, sdp_piece x)
{
    l->at = sdp_grown(&p->r->g->base, l->at, l->n, &l->cap, sizeof *l->at);
    l->at[l->n++] = x;
}

void sdp_piece_text(sdp_printer *p, const char *s)
{
    if (*s) sdp_piece_add(p, &p->now, (sdp_piece){.s = s, .what = TEXT});
}
void sdp_piece_node(sdp_printer *p, sdp_rid i)
{
    sdp_piece_add(p, &p->now, (sdp_piece){.node = i, .what = NODE});
}
void sdp_piece_sizes(sdp_printer *p)
{
    if (p->t->methods) sdp_piece_add(p, &p->now, (sdp_piece){.what = SIZES});
}
void sdp_piece_size(sdp_printer *p, sdp_rid i)
{
    sdp_piece_sizes(p), sdp_piece_node(p, i), sdp_piece_sizes(p);
}
void sdp_piece_soft(sdp_printer *p)
{
    sdp_piece_add(p, &p->now, (sdp_piece){.s = p->t->times, .what = SOFT});
}

const char *sdp_piece_copy(sdp_printer *p, const char *s, size_t n)
{
    char *c = sdp_scratch(&p->r->g->base, n + 1);
    memcpy(c, s, n);
    return c;
}

const char *sdp_printed_name(const sdp_printer *p, sdp_rid i)
{
    return p->names && i < p->names->count && i != p->top ? p->names->name[i] : NULL;
}

const char *sdp_printed_spelling(const sdp_printer *p, const sdp_raised *n)
{
    const sdp_notation *t = p->t;
    uint8_t form = n->nargs ? sdp_r(p->r, n->arg[0])->form : SDP_SCALAR;
    if (n->shown == SDP_S_SUM && form == SDP_MATRIX && t->sum_matrix) return t->sum_matrix;
    if (n->shown && !t->shown[n->shown] && t->assigns)
        sdp_fail(&p->r->g->base, SD_ERR_UNSUPPORTED, (sdp_span){0, 0}, "emitted C has all functions: -f c",
                 "%s has no %s", t->name, sdp_language(SD_TEXT)->shown[n->shown]);
    if (n->text || n->shown) return n->shown ? t->shown[n->shown] : NULL;
    if (form == SDP_MATRIX) {
        bool second = n->nargs == 2 && sdp_r(p->r, n->arg[1])->num == SDP_NUM_TWO;
        const char *along = sdp_along_template(p->r->g, t, n->fn, n->nargs == 1 ? 3 : second ? 2 : 1);
        if (along) return along;
    }
    if (n->form == SDP_SCALAR && n->seen == UINT32_MAX && t->constant[n->fn]) return t->constant[n->fn];
    if (n->form == SDP_SCALAR && t->scalar[n->fn]) return t->scalar[n->fn];
    return sdp_spelled(p->r->g, t, n->fn);
}

// The loosest operator of a template outside its brackets; a blank multiplies, "$1 \mathbf{1}".
int sdp_template_level(const char *s)
{
    int depth = 0, level = P_ATOM;
    for (const char *c = s; *c; c++) {
        if (strchr("([{", *c) || !strncmp(c, "\\left", 5)) depth++;
        if (strchr(")]}", *c) || !strncmp(c, "\\right", 6)) depth--;
        if (depth || c == s) continue;
        int here = strchr("+-<>=&", *c)                         ? P_SUM
                   : strchr("*/ ", *c) || !strncmp(c, "\\$", 2) ? P_PRODUCT
                   : *c == '^'                                  ? P_POWER
                                                                : P_ATOM;
        if (here < level) level = here;
    }
    return level;
}

// Does a scalar stand bare beside arrays?
bool sdp_is_mixed(const sdp_printer *p, const sdp_raised *n)
{
    for (uint32_t i = 0; n->form != SDP_SCALAR && i < n->nargs; i++)
        if (sdp_r(p->r, n->arg[i])->form == SDP_SCALAR) return true;
    return false;
}

bool sdp_is_raised_vector(const sdp_raised *n) { return n->form == SDP_COLUMN || n->form == SDP_ROW; }

int sdp_printed_level(const sdp_printer *p, sdp_rid i)
{
    const sdp_raised *n = sdp_r(p->r, i);
    if (sdp_printed_name(p, i)) return P_ATOM;
    while (n->kind == SDP_R_TRANS && p->t->flat && sdp_is_raised_vector(n)) n = sdp_r(p->r, n->arg[0]);
    switch (n->kind) {
    case SDP_R_NUM: {
        bool whole = sdp_num_is_int(p->r->g, n->num) || sdp_r_decimal(p->r, n->num);
        return sdp_num_sign(p->r->g, n->num) < 0 ? P_PRODUCT : whole || p->t->tex ? P_ATOM : P_PRODUCT;
    }
    case SDP_R_NAME:
        return strpbrk(n->text, "+-") && n->text[1] ? P_SUM : strpbrk(n->text, "*/") ? P_PRODUCT : P_ATOM;
    case SDP_R_CALL: {
        const char *s = sdp_printed_spelling(p, n);
        if (sdp_is_infix(n)) return p->t->methods && n->form != SDP_SCALAR ? P_ATOM : sdp_infix_level(n);
        if (p->t->unicode && n->fn == SDP_OP_inv && !sdp_is_built(p, n->arg[0])) return P_POWER;
        return s && strchr(s, '$') ? sdp_template_level(s) : P_ATOM;
    }
    case SDP_R_ADD: return p->t->methods && sdp_is_mixed(p, n) ? P_ATOM : P_SUM;
    case SDP_R_OVER:
        return p->t->tex ? P_POSTFIX
                         : P_ATOM; // elsewhere it is a call; a factor has no parentheses, a power has
    case SDP_R_PROD: return sdp_product_level(p, n);
    case SDP_R_SCALE: return P_PRODUCT;
    case SDP_R_SCALED: return sdp_template_level(n->split ? p->t->cols : p->t->rows);
    case SDP_R_HAD: return p->t->methods ? P_ATOM : P_PRODUCT;
    case SDP_R_POW: return p->t->methods ? P_ATOM : P_POWER;
    case SDP_R_MPOW: return P_POWER;
    case SDP_R_TRANS: return P_POSTFIX;
    case SDP_R_RANGE: return P_LOW;
    default: return P_ATOM;
    }
}

sdp_rid sdp_raised_inverse(const sdp_printer *p, sdp_rid i)
{
    const sdp_raised *n = sdp_r(p->r, i);
    bool turned = n->kind == SDP_R_TRANS && !sdp_printed_name(p, i);
    sdp_rid inv = turned ? n->arg[0] : i;
    n = sdp_r(p->r, inv);
    if (n->kind != SDP_R_CALL || n->fn != SDP_OP_inv || sdp_printed_name(p, inv)) return 0;
    return turned ? sdp_r_transpose(p->r, n->arg[0]) : n->arg[0];
}

void sdp_piece_at_least(sdp_printer *p, sdp_rid i, int least)
{
    bool looser = sdp_printed_level(p, i) < least;
    sdp_piece_add(p, &p->now,
                  (sdp_piece){.node = i, .what = looser ? WRAPPED : NODE, .least = (uint8_t)least});
}

// Does a template enclose in brackets what stands at `dollar`: f($1, $2), \left\lVert $1\right\rVert?
static bool is_enclosed(const char *template, const char *dollar)
{
    char after = dollar[2];
    // (a, b
    char before = dollar == template                           ? 0
                  : dollar[-1] == ' ' && dollar - template > 1 ? dollar[-2]
                                                               : dollar[-1];
    if (before && strchr("(,[{|;", before) && after && strchr("),]}|;\\", after)) return true;
    if (strncmp(dollar + 2, "\\right", 6) != 0) return false;
    const char *left = NULL;
    for (const char *s = strstr(template, "\\left"); s && s < dollar; s = strstr(s + 1, "\\left"))
        left = s + 5;
    if (left && *left == '\\')
        left += 1 + strspn(left + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return left && left + strspn(left, " ") == dollar;
}

// How tight what stands at `dollar` must be. An operand of products, e.g. both of $1\$2, is a factor; in TeX
// a backslash begins a word.
static int operand_level(const sdp_printer *p, const char *template, const char *dollar)
{
    if (is_enclosed(template, dollar)) return P_LOW;
    const char *next = dollar + 2;
    if (p->t->tex) return *next == '^' ? P_ATOM : P_POSTFIX;
    next += *next == '.';
    bool left = dollar > template && strchr("*/\\", dollar[-1]), right = *next && strchr("*/\\", *next);
    bool factor = (left || dollar == template) && (right || !*next);
    return factor && (left || right) ? P_POWER : P_POSTFIX;
}

// $1.. are the arguments, in parentheses where the template does not enclose them.
void sdp_piece_fill_sizes(sdp_printer *p, const char *s, uint32_t n, const sdp_rid *arg, bool sizes)
{
    while (*s) {
        const char *dollar = strchr(s, '$');
        if (!dollar) {
            sdp_piece_text(p, s);
            return;
        }
        if (dollar > s) sdp_piece_text(p, sdp_piece_copy(p, s, (size_t)(dollar - s)));
        bool array = dollar[1] == '#';
        const char *last = dollar + (array ? 2 : 1);
        uint32_t k = (uint32_t)(*last - '1');
        bool number = array && p->t->stack_scalar && k < n && sdp_r(p->r, arg[k])->form == SDP_SCALAR &&
                      sdp_r(p->r, arg[k])->seen == UINT32_MAX;
        if (number) sdp_piece_before(p, p->t->stack_scalar);
        bool size = sizes && k < n && sdp_r(p->r, arg[k])->form == SDP_SCALAR;
        if (size) sdp_piece_sizes(p);
        if (k < n) sdp_piece_at_least(p, arg[k], array ? P_LOW : operand_level(p, s, dollar));
        if (size) sdp_piece_sizes(p);
        if (number) sdp_piece_behind(p, p->t->stack_scalar);
        s = last + 1;
    }
}

void sdp_piece_fill(sdp_printer *p, const char *s, uint32_t n, const sdp_rid *arg)
{
    sdp_piece_fill_sizes(p, s, n, arg, false);
}
void sdp_piece_before(sdp_printer *p, const char *s)
{
    sdp_piece_text(p, sdp_piece_copy(p, s, strcspn(s, "$")));
}
void sdp_piece_behind(sdp_printer *p, const char *s) { sdp_piece_text(p, s + strcspn(s, "$") + 2); }
