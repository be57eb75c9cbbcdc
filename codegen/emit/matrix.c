// SPDX-License-Identifier: MIT
// Steps that are not loops over one expression: reductions with a shape of their own (max, min, product,
// norm), and everything that stands on a factorisation of a matrix. One factorisation serves all solves,
// inverses, determinants and log-determinants of the same matrix.
#include "codegen/emit/emitter.h"

// ---- reductions -------------------------------------------------------------------------------------------
typedef struct {
    uint32_t kept, all, node;
    const uint8_t *loop;
    const sdp_dim *dim;
} reduction;

// before expression after, in the loops over the reduced axes
static void put_reduced(sdp_emitter *e, const reduction *r, const char *before, const char *after)
{
    sdp_open_loops(e, r->kept, r->all, r->loop, r->dim);
    sdp_put_indent(e);
    sdp_put(e->out, before);
    sdp_put_expr(e, r->node, 0);
    sdp_put(e->out, after);
    sdp_put(e->out, "\n");
    sdp_close_loops(e, r->all - r->kept);
}

static void put_result(sdp_emitter *e, sdp_val v, const sdp_ix *at, const char *text)
{
    sdp_put_indent(e);
    sdp_put_element(e, v, at);
    sdp_putf(e->out, " = %s;\n", text);
}

// The sum of squares: by the kernel, where all entries of a stored value are reduced.
static void put_squares(sdp_emitter *e, sdp_val v, const reduction *r)
{
    sdp_val a = e->s->value[v].arg[0];
    sdp_at at = e->s->plan->place[a].at;
    if (r->kept || !r->all || (at != SDP_AT_INPUT && at != SDP_AT_WORK && at != SDP_AT_OUTPUT)) {
        const char *t = sdp_printf(&e->g->base, "%s%u", e->temp, ++e->ntemps);
        sdp_put_line(e, "double %s = 0.0;", e->sum);
        put_reduced(e, r, sdp_printf(&e->g->base, "const double %s = ", t),
                    sdp_printf(&e->g->base, "; %s += %s*%s;", e->sum, t, t));
        return;
    }
    sdp_dim size = SDP_DIM_ONE;
    for (uint32_t k = 0; k < r->all; k++) size = sdp_dim_mul(e->g, size, r->dim[k]);
    sdp_put_indent(e);
    sdp_putf(e->out, "double %s = %s(", e->sum, sdp_kernel(e, KERNEL_dot));
    sdp_put_size(e, size, false);
    for (int i = 0; i < 2; i++) {
        sdp_put(e->out, ", ");
        sdp_put_place(e, a);
    }
    sdp_put(e->out, ");\n");
}

// sqrt of the sum of squares; if that left the comfortable range, again with
// the entries divided by the largest
static void put_norm(sdp_emitter *e, sdp_val v, const reduction *r, const sdp_ix *at)
{
    sdp_base *b = &e->g->base;
    const char *sum = e->sum, *t = sdp_printf(b, "%s%u", e->temp, ++e->ntemps),
               *big = sdp_printf(b, "%s%u", e->temp, ++e->ntemps);
    put_squares(e, v, r);
    put_result(e, v, at, sdp_printf(b, "sqrt(%s)", sum));
    const sdp_real_row *small = &sdp_reals[SD_SMALL_SQUARES_ROW], *large = &sdp_reals[SD_LARGE_SQUARES_ROW];
    sdp_put_line(e, "if (!(%s > %s && %s < %s)) {", sum, e->target->tcc ? small->number[0] : small->name, sum,
                 e->target->tcc ? large->number[0] : large->name);
    e->indent++;
    sdp_put_line(e, "double %s = 0.0;", big);
    put_reduced(e, r, sdp_printf(b, "%s = %s(%s, fabs(", big, sdp_kernel(e, KERNEL_larger), big), "));");
    sdp_put_line(e, "%s = 0.0;", sum);
    put_reduced(e, r, sdp_printf(b, "const double %s = (", t),
                sdp_printf(b, ")/%s; %s += %s*%s;", big, sum, t, t));
    sdp_put_line(e, "if (%s > 0.0 && %s < %s)", big, big, e->target->tcc ? "(1.0/0.0)" : "HUGE_VAL");
    e->indent++;
    put_result(e, v, at, sdp_printf(b, "%s*sqrt(%s)", big, sum));
    e->indent -= 2;
    sdp_put_line(e, "}");
}

// 0 if the sum of squares tells that the largest entry is near 1, which is most
// often so and takes no comparisons
static void put_exponent(sdp_emitter *e, sdp_val v, const reduction *r, const sdp_ix *at)
{
    sdp_base *b = &e->g->base;
    const sdp_value *range = &e->s->value[e->s->value[v].arg[1]];
    // of 4^range; float: an eighth
    int digits = (int)((e->s->q->real.is_float ? 0.6 / 8 : 0.6) * sdp_num_double(e->g, range->coef[0]));
    const char *big = sdp_printf(b, "%s%u", e->temp, ++e->ntemps);
    put_squares(e, v, r);
    put_result(e, v, at, "0.0");
    sdp_put_line(e, "if (!(%s > 1e-%d && %s < 1e%d)) {", e->sum, digits, e->sum, digits);
    e->indent++;
    sdp_put_line(e, "double %s = 0.0;", big);
    put_reduced(e, r, sdp_printf(b, "%s = %s(%s, fabs(", big, sdp_kernel(e, KERNEL_larger), big), "));");
    put_result(e, v, at, sdp_printf(b, "%s(%s)", sdp_kernel(e, KERNEL_exponent), big));
    e->indent--;
    sdp_put_line(e, "}");
}

// sum = first of (sum, x), over the loops: the other reductions
static void put_fold(sdp_emitter *e, sdp_val v, const reduction *r, const sdp_ix *at)
{
    sdp_base *b = &e->g->base;
    uint16_t how = e->s->value[v].op;
    if (how == SDP_RED_PROD) {
        sdp_put_line(e, "double %s = 1.0;", e->sum);
        put_reduced(e, r, sdp_printf(b, "%s *= ", e->sum), ";");
    } else {
        const char *f = sdp_kernel(e, how == SDP_RED_MAX ? KERNEL_larger : KERNEL_smaller);
        sdp_put_line(e, "double %s = %s%s;", e->sum, how == SDP_RED_MAX ? "-" : "",
                     e->target->tcc ? "(1.0/0.0)" : "HUGE_VAL");
        put_reduced(e, r, sdp_printf(b, "%s = %s(%s, ", e->sum, f, e->sum), ");");
    }
    put_result(e, v, at, e->sum);
}

void sdp_emit_reduce(sdp_emitter *e, sdp_val v)
{
    const sdp_value *x = &e->s->value[v], *a = &e->s->value[x->arg[0]];
    const sdp_place *p = &e->s->plan->place[v];
    sdp_ix ix[SDP_MAX_ORDER], at[SDP_MAX_ORDER];
    for (uint32_t k = 0; k < a->order; k++) ix[k] = k;
    for (uint32_t k = 0; k < x->order; k++) at[k] = p->loop[k];
    sdp_tape_clear(e, v, p->nloops, p->loop);
    reduction r = {.kept = x->order, .all = p->nloops, .loop = p->loop, .dim = a->dim};
    r.node = sdp_tape_value(e, x->arg[0], ix);
    sdp_name_nodes(e, 1, &r.node);
    sdp_declare_local(e, v);
    sdp_put_line(e, "{");
    e->indent++;
    sdp_put_named(e, 0);
    bool panels = r.kept && sdp_open_panels(e, r.loop[0], "1", r.all, r.loop, r.dim);
    sdp_open_loops(e, 0, r.kept, r.loop, r.dim);
    if (x->op == SDP_RED_NORM) put_norm(e, v, &r, at);
    else if (x->op == SDP_RED_EXPONENT) put_exponent(e, v, &r, at);
    else put_fold(e, v, &r, at);
    sdp_close_loops(e, r.kept);
    if (panels) sdp_close_panels(e);
    e->indent--;
    sdp_put_line(e, "}");
}

// ---- factorisations ---------------------------------------------------------------------------------------
// name(n, m, factor, place of v), behind a matrix the other argument if v has one; m is
// left out if v has no columns to tell
static void put_kernel_call(sdp_emitter *e, int kernel, sdp_dim n, sdp_dim m, sdp_val from, sdp_val v,
                            bool address)
{
    sdp_putf(e->out, "%s(", sdp_kernel(e, kernel));
    sdp_put_size(e, n, false);
    if (m) {
        sdp_put(e->out, ", ");
        sdp_put_size(e, m, false);
    }
    sdp_put(e->out, ", ");
    sdp_put_place(e, from);
    if (v && e->s->value[v].kind == SDP_V_FACTOR && e->s->value[v].nargs > 1) {
        sdp_put(e->out, ", ");
        sdp_put_place(e, e->s->value[v].arg[1]);
    }
    if (v) {
        sdp_put(e->out, address ? ", &" : ", ");
        sdp_put_place(e, v);
    }
    sdp_put(e->out, ")");
}

// LU factors and triangles are complete even if they are singular.
static bool is_complete(const sdp_value *x)
{
    return x->kind == SDP_V_FACTOR &&
           (x->param == SDP_LU || x->param == SDP_LOWER_ITSELF || x->param == SDP_UPPER_ITSELF);
}

// The same; the function ends with what the kernel returns if that is not 0, or
// remembers it if there is a guard.
static void put_checked_call(sdp_emitter *e, int kernel, sdp_dim n, sdp_dim m, sdp_val from, sdp_val v,
                             bool address)
{
    uint32_t may = sdp_kernel_statuses(kernel), one = 1, failed = e->s->plan->place[v].failed;
    bool several = (e->target->ranks ? may : may & (may - 1)) && !failed;
    e->statuses |= may;
    while (may >> one > 1) one++;
    if (several) sdp_put_line(e, "{"), e->indent++;
    sdp_put_indent(e);
    if (failed)
        sdp_putf(e->out, e->s->wanted->of[v] == SDP_ALL_WANTED ? "const int %s%u = " : "%s%u = ", e->failed,
                 failed);
    else if (several) sdp_putf(e->out, "const int %s = ", e->status);
    else sdp_put(e->out, may ? "if (" : "(void)");
    if (may) sdp_put_agreed(e, false);
    put_kernel_call(e, kernel, n, m, from, v, address);
    if (may) sdp_put_agreed(e, true);
    if (several || failed) sdp_putf(e->out, ";\n");
    else if (may) sdp_putf(e->out, ") return %u;\n", one);
    else sdp_put(e->out, ";\n");
    if (failed && !is_complete(&e->s->value[v])) sdp_put_no_value(e, v);
    if (!several) return;
    sdp_put_line(e, "if (%s) return %s;", e->status, e->status);
    e->indent--;
    sdp_put_line(e, "}");
}

// Returns the columns that the kernels of a factorisation are told besides the
// rows of its first argument, else 0.
static sdp_dim columns_of(const sdp_schedule *s, const sdp_value *factor)
{
    static const uint8_t sizes[SDP_FACTOR_KINDS] = {
#define FACTOR(id, kernel, number, ...) number,
#include "codegen/values/factors.def"
    };
    return sizes[factor->param] == 2 ? s->value[factor->arg[factor->nargs - 1]].dim[1] : 0;
}

static void put_factor(sdp_emitter *e, sdp_val v)
{
    const sdp_value *x = &e->s->value[v], *a = &e->s->value[x->arg[0]];
    bool check = x->param != SDP_LU || e->s->plan->place[v].regular;
    sdp_dim columns = columns_of(e->s, x);
    if (check) {
        put_checked_call(e, sdp_kernel_of(e->s, v), a->dim[0], columns, x->arg[0], v, false);
        return;
    }
    sdp_put_indent(e);
    sdp_put(e->out, "(void)");
    put_kernel_call(e, sdp_kernel_of(e->s, v), a->dim[0], columns, x->arg[0], v, false);
    sdp_put(e->out, ";\n");
}

static void put_taken(sdp_emitter *e, sdp_val v)
{
    const sdp_value *x = &e->s->value[v], *f = &e->s->value[x->arg[0]], *a = &e->s->value[f->arg[0]];
    sdp_dim columns = columns_of(e->s, f);
    if (x->order) {
        put_checked_call(e, sdp_kernel_of(e->s, v), a->dim[0], columns, x->arg[0], v, false);
        return;
    }
    sdp_put_indent(e);
    sdp_put_local(e, v);
    sdp_put(e->out, " = ");
    put_kernel_call(e, sdp_kernel_of(e->s, v), a->dim[0], columns, x->arg[0], 0, false);
    sdp_put(e->out, ";\n");
}

static void put_right_side(sdp_emitter *e, sdp_val v, sdp_dim n, sdp_dim m)
{
    const sdp_value *x = &e->s->value[v];
    const char *i = e->index[0];
    sdp_put_indent(e);
    sdp_putf(e->out, "for (size_t %s = 0; %s < ", i, i);
    sdp_put_size(e, sdp_dim_mul(e->g, n, m), false);
    sdp_putf(e->out, "; %s++) ", i);
    sdp_put_place(e, v);
    if (x->kind == SDP_V_INVERSE) {
        sdp_putf(e->out, "[%s] = %s%%(", i, i);
        sdp_put_size(e, n, false);
        sdp_put(e->out, " + 1) == 0 ? 1.0 : 0.0;\n");
    } else {
        sdp_putf(e->out, "[%s] = ", i);
        sdp_put_place(e, x->arg[1]);
        sdp_putf(e->out, "[%s];\n", i);
    }
}

static void put_solve(sdp_emitter *e, sdp_val v)
{
    enum { KERNEL_NONE = -1, INVERSE = 2 };
    static const int solve[SDP_FACTOR_KINDS][3] = {
#define FACTOR(id, kernel, sizes, plan, comment, straight, transposed, inverse)                              \
    {KERNEL_##straight, KERNEL_##transposed, KERNEL_##inverse},
#include "codegen/values/factors.def"
    };
    const sdp_value *x = &e->s->value[v];
    const int *kernel = solve[e->s->value[x->arg[0]].param];
    bool transposed = x->kind == SDP_V_SOLVE && x->param == SDP_TRANSPOSED,
         inverse = x->kind == SDP_V_INVERSE && kernel[INVERSE] != KERNEL_NONE;
    sdp_dim m = SDP_DIM_ONE;
    for (uint32_t k = 1; k < x->order; k++) m = sdp_dim_mul(e->g, m, x->dim[k]);
    if (!inverse) put_right_side(e, v, x->dim[0], m);
    sdp_put_indent(e);
    put_kernel_call(e, kernel[inverse ? INVERSE : transposed], x->dim[0], inverse ? 0 : m, x->arg[0], v,
                    false);
    sdp_put(e->out, ";\n");
}

void sdp_emit_matrix(sdp_emitter *e, sdp_val v)
{
    const sdp_value *x = &e->s->value[v];
    if (x->kind == SDP_V_FACTOR) {
        put_factor(e, v);
        return;
    }
    if (x->kind == SDP_V_TAKEN) {
        put_taken(e, v);
        return;
    }
    if (x->kind == SDP_V_SOLVE || x->kind == SDP_V_INVERSE) {
        put_solve(e, v);
        // Code that compares entries, e.g. min(inv(A)), relies on it: a tie is a tie in both places.
        if (x->kind == SDP_V_INVERSE && x->node && sdp_is_symmetric(e->g, x->node) &&
            !sdp_is_cholesky(e->s, x->arg[0]))
            sdp_put_mirrored(e, v);
        return;
    }
    bool chol = sdp_is_cholesky(e->s, x->arg[0]), log = x->kind == SDP_V_LOGDET,
         local = e->s->plan->place[v].at == SDP_AT_LOCAL;
    sdp_dim n = e->s->value[x->arg[0]].dim[1];
    if (log) {
        if (local) sdp_declare_local(e, v);
        put_checked_call(e, sdp_kernel_of(e->s, v), n, 0, x->arg[0], v, true);
    } else {
        sdp_put_indent(e);
        sdp_put_local(e, v);
        sdp_put(e->out, " = ");
        put_kernel_call(e, chol ? KERNEL_cholesky_det : KERNEL_lu_det, n, 0, x->arg[0], 0, false);
        sdp_put(e->out, ";\n");
    }
}
