// SPDX-License-Identifier: MIT
// Names of derivatives of declared functions. A derivative is told by the
// arguments it was taken by (make/call.c):
//   ∇f  grad_f     of a scalar f       ∇²f  H_f     of a scalar f      J_q      of anything
//   ∇₂f  grad2_f   by argument 2       ∇²₁₂f  H12_f                    J2_q     D112_q: of any order
// Without numbers they belong to a function of one argument. Functions have at
// most nine, so a digit names one.
#include <string.h>

#include "ast/surface/terms.h"

// order 0: as many as there are digits
static const struct {
    const char *prefix;
    uint8_t order;
    bool gradient;
} names[] = {
    {"∇²", 2, true}, {"∇^2", 2, true}, {"∇", 1, true},  {"grad", 1, true},
    {"H", 2, true},  {"J", 1, false},  {"D", 0, false},
};

static bool find_function(const sdp_graph *g, const char *name, uint32_t *function)
{
    *function = sdp_variable_find(g, name);
    return *function != UINT32_MAX && g->var[*function].is_function;
}

// Splits H12_f into a row of the table, digits, and the function.
static bool split(const sdp_graph *g, const char *name, size_t *row, const char **digits, size_t *n,
                  uint32_t *function)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t k = strlen(names[i].prefix);
        if (strncmp(name, names[i].prefix, k)) continue;
        *digits = name + k;
        *n = strspn(*digits, "0123456789");
        bool ascii = (unsigned char)name[0] < 0x80;
        *row = i;
        if (ascii && (*digits)[*n] != '_') return false;
        return find_function(g, *digits + *n + ascii, function);
    }
    return false;
}

const char *sdp_derivative_find(sdp_graph *g, const char *name, sdp_derivative *d)
{
    size_t row, n;
    const char *digits;
    *d = (sdp_derivative){.function = UINT32_MAX};
    if (find_function(g, name, &d->function)) return NULL;
    if (!split(g, name, &row, &digits, &n, &d->function)) {
        d->function = UINT32_MAX;
        return NULL;
    }
    const sdp_variable *f = &g->var[d->function];
    uint32_t order = names[row].order ? names[row].order : (uint32_t)n;
    bool scalar = sdp_is_scalar(f->shape);
    if (names[row].gradient && !scalar)
        return sdp_printf(&g->base, "only a scalar function has a %s; J_%s is the derivative of '%s'",
                          order == 1 ? "gradient" : "Hessian", f->name, f->name);
    if (order == 0 || order > SDP_MAX_ORDER || (n && n != order) || (!n && f->nparams != 1)) {
        const char *one = f->nparams == 1       ? "D11"
                          : names[row].gradient ? order == 2 ? "H12" : "grad2"
                          : names[row].order    ? "J2"
                                                : "D12";
        return sdp_printf(&g->base, "which arguments is '%s' differentiated by? %s_%s says it by numbers",
                          f->name, one, f->name);
    }
    for (uint32_t i = 0; i < order; i++) {
        uint32_t by = n ? (uint32_t)(digits[i] - '0') : 1;
        if (by < 1 || by > f->nparams) return sdp_printf(&g->base, "'%s' has no argument %u", f->name, by);
        d->by[i] = (uint8_t)(by - 1);
    }
    d->nby = order;
    // the Jacobian of a scalar is a row, its gradient has the shape of the argument
    d->transposed = !names[row].gradient && order == 1 && scalar && f->param[d->by[0]].cols == SDP_DIM_ONE;
    return NULL;
}

static bool is_taken(sdp_graph *g, const char *name, const sdp_derivative *d)
{
    sdp_derivative found;
    for (uint32_t i = 0; g->defs && i < g->defs->n; i++) {
        const sdp_syntax *s = &g->defs->def[i].tree->node[g->defs->def[i].syn];
        if (s->nargs > 1 && !strcmp(s->text, name)) return true;
    }
    return sdp_derivative_find(g, name, &found) || found.function != d->function || found.nby != d->nby ||
           memcmp(found.by, d->by, d->nby);
}

const char *sdp_derivative_name(sdp_graph *g, const sdp_derivative *d)
{
    const sdp_variable *f = &g->var[d->function];
    if (!d->nby) return f->name;
    bool scalar = sdp_is_scalar(f->shape);
    char all[SDP_MAX_ORDER + 1];
    for (uint32_t i = 0; i < d->nby; i++) all[i] = (char)('1' + d->by[i]);
    all[d->nby] = 0;
    const char *prefix = d->nby == 1 ? scalar ? "grad" : "J" : d->nby == 2 && scalar ? "H" : "D";
    bool plain = f->nparams == 1 && *prefix != 'D';
    const char *name = sdp_printf(&g->base, "%s%s_%s", prefix, plain ? "" : all, f->name);
    if (is_taken(g, name, d)) name = sdp_printf(&g->base, "D%s_%s", all, f->name);
    if (is_taken(g, name, d))
        sdp_fail(&g->base, SD_ERR_NAME, (sdp_span){0, 0}, "rename one of them",
                 "'%s' is a function and a derivative of '%s'", name, f->name);
    return name;
}
