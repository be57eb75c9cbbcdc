// SPDX-License-Identifier: MIT
// Shape rules of derivatives and of declared functions: grad(f,x), f'(x0), f(x).
//
// A gradient has the shape of its variable, a Jacobian one axis of each, a Hessian two of the variable. What
// a declared function takes and returns is said by its declaration alone.
#include "ast/surface/shape.h"

// grad(f, x), jacobian(f, x), hessian(f, x)
bool sdp_rule_gradient(sdp_terms *w, sdp_term *t)
{
    t->shape = shape(w, t, 1);
    return scalar(w, t, 0) ||
           sdp_wrong(w, t, 0, 0, "only a scalar has a gradient", "jacobian(f, x) differentiates a vector");
}

bool sdp_rule_jacobian(sdp_terms *w, sdp_term *t)
{
    sdp_shape f = shape(w, t, 0), x = shape(w, t, 1);
    if (sdp_is_matrix(f) || sdp_is_matrix(x))
        return sdp_wrong(w, t, sdp_is_matrix(f) ? 0 : 1, 0, "the Jacobian is not a matrix here",
                         "of a scalar by a matrix there is grad(f,X); --wrt X derives everything");
    t->shape = (sdp_shape){f.rows == SDP_DIM_ONE ? f.cols : f.rows, x.rows == SDP_DIM_ONE ? x.cols : x.rows};
    return true;
}

// The variable has the shape of the argument.
bool sdp_rule_at(sdp_terms *w, sdp_term *t)
{
    sdp_shape x = shape(w, t, 1), p = shape(w, t, 2);
    t->shape = shape(w, t, 0);
    t->column = w->t[t->arg[0]].column;
    if (same_dim(w, x.rows, p.rows) && same_dim(w, x.cols, p.cols)) return true;
    return sdp_wrong(w, t, t->op == SDP_OP_cut ? 1 : 2, 2,
                     sdp_printf(&w->g->base, "the argument is %s, and the function takes %s",
                                sdp_shape_text(w->g, p), sdp_shape_text(w->g, x)),
                     NULL);
}

bool sdp_rule_hessian(sdp_terms *w, sdp_term *t)
{
    sdp_shape x = shape(w, t, 1);
    if (!scalar(w, t, 0))
        return sdp_wrong(w, t, 0, 0, "only a scalar has a Hessian", "jacobian(f,x) differentiates vectors");
    if (sdp_is_matrix(x))
        return sdp_wrong(w, t, 1, 1, "the Hessian is not a matrix here",
                         "--wrt X --hessian shows it by its entries");
    t->shape.rows = t->shape.cols = x.rows == SDP_DIM_ONE ? x.cols : x.rows;
    return true;
}

// A name whose size came with data, where a declared size was wanted.
static const char *declare_it(sdp_terms *w, uint32_t i, sdp_shape s)
{
    const sdp_term *t = &w->t[i];
    if (t->kind != SYN_NAME || t->var == UINT32_MAX || w->g->var[t->var].declared || sdp_is_matrix(s) ||
        s.cols != SDP_DIM_ONE)
        return NULL;
    return sdp_printf(&w->g->base, "declare %s: vector(%s)", t->text, sdp_dim_text(w->g, s.rows));
}

// f(x): the declaration says it all
bool sdp_rule_apply(sdp_terms *w, sdp_term *t)
{
    const sdp_variable *f = &w->g->var[t->called->function];
    for (uint32_t i = 0; i < t->nargs; i++) {
        if (same_shape(w, shape(w, t, i), f->param[i])) continue;
        const char *which = t->nargs > 1 ? sdp_printf(&w->g->base, "argument %u of '%s'", i + 1, f->name)
                                         : sdp_printf(&w->g->base, "the argument of '%s'", f->name);
        bool turned = sdp_is_vector(shape(w, t, i)) && sdp_is_vector(f->param[i]) &&
                      (shape(w, t, i).rows == SDP_DIM_ONE) != (f->param[i].rows == SDP_DIM_ONE);
        return sdp_wrong(w, t, i, i,
                         sdp_printf(&w->g->base, "%s is %s, not %s", which, sdp_shape_text(w->g, f->param[i]),
                                    sdp_shape_text(w->g, shape(w, t, i))),
                         turned ? "is a transpose missing?" : declare_it(w, t->arg[i], f->param[i]));
    }
    // refuse_tensors: only its entries are used
    if (!sdp_derivative_shape(w->g, t->called, &t->shape)) t->shape = scalar_shape;
    return true;
}
