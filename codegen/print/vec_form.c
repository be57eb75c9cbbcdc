// SPDX-License-Identifier: MIT
// Vec form: a derivative with more than two axes as the matrix that it is when vec stacks the columns of the
// value and of the variable (Magnus and Neudecker, Matrix Differential Calculus, 1988, ch. 9).
//
//     dF[i,j]/dX[k,l] = A[i,k]*B[l,j]     dvec(F)/dvec(X) = kron(B',A)
//     dF[i,j]/dX[k,l] = A[i,l]*B[j,k]     dvec(F)/dvec(X) = kron(B,A)*Kc, where Kc*vec(X) = vec(X')
//     dF[i,j]/dX[k,l] = A[i,j]*B[k,l]     dvec(F)/dvec(X) = vec(A)*vec(B)'
//     dF[i]/dX[k,l] = A[i,k]*y[l]         dF/dvec(X) = kron(y',A)
//     a factor D[i,j] beside these        diag(vec(D))*...
//     B[i,p]*D[p,j]*A[p,k]*delta(j,l)     kron(eye(n),B)*diag(vec(D))*kron(eye(n),A), of B*f(A*X)
//     delta(i, p+m*(q-1))*G[p,q,k,l]      the rows of vec(G): what is G's vec form is that of vec(G), too
//
// Where a term is of none of these forms, the whole is stacked as a node and raised: vec(A*X*B) has
// kron(B',A), expm(A) a block of expm.
#include <string.h>

#include "codegen/print/print.h"
#include "codegen/raise/vec.h"

// A product of scalars and one sum of tensors, its axes perhaps in another order: the sum, else 0; the
// scalars go to the bag.
static sdp_id scaled_tensor(sdp_raiser *r, sdp_id id, sdp_scalars *bag, const sdp_blocks *b,
                            sdp_blocks *inside)
{
    const sdp_node *n = sdp_get(r->g, id);
    sdp_id tensor = 0;
    for (uint32_t i = 0; n->kind == SDP_MUL && i < n->nargs; i++) {
        const sdp_node *f = sdp_get(r->g, n->arg[i]);
        if (f->order == n->order && f->kind == SDP_ADD && !tensor) {
            tensor = n->arg[i];
            *inside = *b;
            for (int k = 0; k < b->rows + b->cols; k++) {
                uint8_t *axis = k < b->rows ? &inside->row[k] : &inside->col[k - b->rows];
                const uint8_t *l = sdp_labels(r->g, n, i),
                              *at = memchr(l, sdp_labels(r->g, n, n->nargs)[*axis], f->order);
                if (!at || memchr(at + 1, *at, (size_t)(l + f->order - at - 1))) return 0;
                *axis = (uint8_t)(at - l);
            }
        } else if (f->order == 0 && r->of[n->arg[i]] != SDP_UNRAISED) sdp_bag_take(r, bag, r->of[n->arg[i]]);
        else return 0;
    }
    if (tensor) bag->coef = sdp_num_mul(r->g, bag->coef, n->coef[0]);
    return tensor;
}

// The product with its sum of the most axes multiplied out, so that functions of
// entries, 1-tanh(Z).^2, stay whole.
static uint32_t split(sdp_raiser *r, sdp_id id, uint32_t most, sdp_num *coef, sdp_id *part)
{
    sdp_graph *g = r->g;
    const sdp_node *n = sdp_get(g, id), *sum = NULL;
    uint32_t at = 0;
    for (uint32_t i = 0; sdp_is_product(n) && i < n->nargs; i++) {
        const sdp_node *f = sdp_get(g, n->arg[i]);
        if (f->kind == SDP_ADD && (!sum || f->order > sum->order)) sum = f, at = i;
    }
    if (!sum || sum->nargs > most) return 0;
    for (uint32_t k = 0; k < sum->nargs; k++) {
        coef[k] = sum->coef[k];
        part[k] = sdp_with_factor(g, n, at, sum->arg[k]);
    }
    sdp_raise(r, sum->nargs, part);
    return sum->nargs;
}

// The matrix of a term, or those of its parts when it is multiplied out. False: it has none.
static bool raise_parts(sdp_shaper *w, sdp_id id, sdp_num coef, sdp_rlist *l)
{
    enum { MOST = 8 };
    sdp_num c[MOST] = {coef};
    sdp_id part[MOST] = {id};
    for (uint32_t i = 0, n = 1; i < n;) {
        sdp_num outer = c[i];
        sdp_rid t = sdp_is_zero(w->r->g, part[i]) ? 0 : sdp_vec_term(w, part[i], outer);
        if (t) {
            sdp_rlist_push(w->r, l, t);
            i++;
            continue;
        }
        sdp_num inner[MOST];
        sdp_id piece[MOST];
        uint32_t terms = split(w->r, part[i], MOST + 1 - n, inner, piece);
        if (!terms) return false;
        memmove(&part[i + terms], &part[i + 1], (n - i - 1) * sizeof *part);
        memmove(&c[i + terms], &c[i + 1], (n - i - 1) * sizeof *c);
        for (uint32_t k = 0; k < terms; k++) {
            part[i + k] = piece[k];
            c[i + k] = sdp_num_mul(w->r->g, outer, inner[k]);
        }
        n += terms - 1;
    }
    return true;
}

static sdp_rid raise_matrix(sdp_shaper *w, sdp_id id)
{
    sdp_raiser *r = w->r;
    sdp_scalars bag;
    sdp_bag_init(&bag);
    sdp_blocks axes;
    sdp_id inside = scaled_tensor(r, id, &bag, w->b, &axes);
    if (inside) w->b = &axes;
    else sdp_bag_init(&bag);
    const sdp_node *n = sdp_get(r->g, inside ? inside : id);
    sdp_rlist l = {0};
    if (sdp_is_zero(r->g, id)) return 0;
    if (n->kind != SDP_ADD && !raise_parts(w, id, SDP_NUM_ONE, &l)) return 0;
    for (uint32_t i = 0; n->kind == SDP_ADD && i < n->nargs; i++)
        if (!raise_parts(w, n->arg[i], n->coef[i], &l)) return 0;
    sdp_rid sum = sdp_bag_take(r, &bag, sdp_r_plus(r, l.n, l.at));
    return sdp_bag_close(r, &bag, sum);
}

// A selection that stacks two axes of the tensor; its label is the axis of the
// matrix. One axis is that axis itself.
static uint8_t stack(sdp_graph *g, const sdp_node *n, const uint8_t *axis, int axes, uint8_t fresh,
                     uint32_t *nf, sdp_id *factor, uint8_t *label, uint32_t *at)
{
    if (axes < 2) return axis[0];
    sdp_dim m = n->dim[axis[0]], k = n->dim[axis[1]];
    factor[(*nf)++] = sdp_sel(g, 3, (sdp_dim[]){sdp_dim_mul(g, m, k), m, k},
                              (sdp_dim[]){sdp_dim_int(g, 0), SDP_DIM_ONE, m});
    label[(*at)++] = fresh;
    label[(*at)++] = axis[0];
    label[(*at)++] = axis[1];
    return fresh;
}

// The whole tensor stacked as a node of its own, where selections meet those of
// vec and kron: vec(A*X*B), expm(A)
static sdp_rid raise_stacked(sdp_raiser *r, sdp_id id, const sdp_blocks *b)
{
    sdp_graph *g = r->g;
    const sdp_node *n = sdp_get(g, id);
    sdp_id factor[3] = {id};
    uint8_t label[3 * SDP_MAX_ORDER], out[2];
    uint32_t nf = 1, at = n->order;
    for (uint8_t k = 0; k < n->order; k++) label[k] = k;
    out[0] = stack(g, n, b->row, b->rows, n->order, &nf, factor, label, &at);
    out[1] = stack(g, n, b->col, b->cols, (uint8_t)(n->order + 1), &nf, factor, label, &at);
    sdp_id matrix = sdp_mul(g, SDP_NUM_ONE, nf, factor, label, 2, out, NULL);
    if (sdp_is_zero(g, matrix)) return 0;
    sdp_raise(r, 1, &matrix);
    return r->of[matrix] == SDP_UNRAISED ? 0 : r->of[matrix];
}

// ---- the answer -------------------------------------------------------------------------------------------
// d2F/dvec(U)dvec(U), dvec(F)/dx; returns false if the entry is no derivative with two groups of axes.
static bool read_axes(sdp_graph *g, const sdp_entry *e, sdp_blocks *b, bool *second)
{
    int order = sdp_get(g, e->node)->order, value = e->value_order;
    uint32_t v = e->row && *e->row ? sdp_variable_find(g, e->row) : UINT32_MAX;
    if (v == UINT32_MAX || order < 3 || order > 4 || e->nterms || e->turned) return false;
    int by = sdp_get(g, g->var[v].node)->order;
    *second = value == 0;
    if (*second) value = by, by = order - by; // rows by the first variable, columns by the second
    if (value < 1 || value > 2 || by < 1 || by > 2 || value + by != order) return false;
    if (*second && !*e->column && value != by) return false;
    *b =
        (sdp_blocks){.rows = value, .cols = by, .row = {0, 1}, .col = {(uint8_t)value, (uint8_t)(value + 1)}};
    return true;
}

static void put_vec(sdp_text *s, const char *d, const char *name, int order)
{
    sdp_putf(s, order == 2 ? "%svec(%s)" : "%s%s", d, name);
}

static void put_head(sdp_graph *g, const sdp_entry *e, const sdp_blocks *b, bool second, sdp_text *s)
{
    const char *f = sdp_answer_name(g), *column = *e->column ? e->column : e->row;
    put_vec(s, second ? "d2" : "d", f, second ? 0 : b->rows);
    put_vec(s, "/d", e->row, second ? b->rows : b->cols);
    if (second) put_vec(s, "d", column, b->cols);
}

// The matrix of an entry, or 0; names: the name that Kc got in it.
static sdp_rid vec_form(sdp_raiser *r, const sdp_entry *e, sdp_blocks *b, const char **commutation)
{
    // K itself may be what an answer names apart
    static const char *const names[] = {"Kc", "Kt", "Kvec", "K_c"};
    sdp_graph *g = r->g;
    size_t k = 0;
    while (k + 1 < sizeof names / sizeof *names && sdp_variable_find(g, names[k]) != UINT32_MAX) k++;
    sdp_raise(r, 1, &e->node);
    sdp_shaper w = {.r = r, .b = b, .commutation = sdp_r_name(r, names[k], SDP_MATRIX, UINT32_MAX)};
    sdp_rid t = raise_matrix(&w, e->node);
    w.commutes &= t != 0;
    if (!t) t = raise_stacked(r, e->node, b);
    *commutation = w.commutes ? names[k] : NULL;
    return t;
}

bool sdp_put_vec_form(sdp_raiser *r, const sdp_entry *e, sd_format format, sdp_text *out)
{
    sdp_blocks b;
    bool second, spelled = format == SD_UNICODE || format == SD_LATEX;
    const char *commutation;
    if (!read_axes(r->g, e, &b, &second)) return false;
    sdp_rid t = vec_form(r, e, &b, &commutation);
    if (!t) return false;
    put_head(r->g, e, &b, second, out);
    sdp_put(out, " = ");
    sdp_print_raised(r, sdp_language(spelled ? format : SD_TEXT), NULL, t, out);
    if (commutation) {
        const char *v = second && *e->column ? e->column : e->row;
        sdp_putf(out, ", where %s*vec(%s) = vec(%s')", commutation, v, v);
    }
    return true;
}

bool sdp_print_vec_form(sdp_graph *g, const sdp_entry *e, sd_format format, sdp_text *out)
{
    sdp_mark mark = sdp_scratch_mark(&g->base);
    sdp_raiser r;
    sdp_raiser_init(&r, g);
    bool found = sdp_put_vec_form(&r, e, format, out);
    sdp_scratch_release(&g->base, mark);
    return found;
}
