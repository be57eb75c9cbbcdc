// SPDX-License-Identifier: MIT
// Finds the outputs of a function that are derivatives of other outputs, and the inputs they are taken by,
// e.g. grad_t of value, hess_t of grad_t, jac of residual. A program that tries the function compares them
// with differences (codegen/emit/trial.c). Derivatives that cannot be told entry by entry are left out:
// derivatives by matrices with a declared structure, cores of Kronecker products, sparse matrices, joined
// Hessians, other layouts. Entry: sdp_slopes.
#include <string.h>

#include "runtime/api/api.h"

typedef struct {
    const sdp_output_part *part; // of output
    int entry;                   // of its result; -1: all of them in one matrix
    bool is_core;
} seen;

static bool is_free(const sdp_variable *v)
{
    return !(v->facts & ~(uint32_t)(SDP_POSITIVE | SDP_NONNEG)) && !v->free_copy && !v->ignored;
}

static bool same_name(const char *a, const char *b) { return a && b && !strcmp(a, b); }

// The output of which that result is the derivative; -1: there is none.
static int value_of(size_t n, const seen *s, const sd_result *r, sd_context *c)
{
    for (size_t i = 0; i < n; i++) {
        const sd_result *v = s[i].part->result;
        if (v ? v->what == SD_VALUE && v->expr == r->expr
              : s[i].part->typed == sdp_get_expr(c, r->expr)->node)
            return (int)i;
    }
    return -1;
}

static int gradient_of(size_t n, const seen *s, const sd_result *r, const char *row)
{
    for (size_t i = 0; i < n; i++) {
        const sd_result *v = s[i].part->result;
        if (!v || s[i].entry < 0 || v->what == SD_VALUE || v->expr != r->expr || v->order != 1 || v->along ||
            v->cotangent)
            continue;
        const sdp_entry *e = &v->entry[s[i].entry];
        if (!e->value_order && same_name(*e->row ? e->row : v->g->var[v->wrt[0]].name, row)) return (int)i;
    }
    return -1;
}

static sdp_slope slope_of(sd_context *c, size_t n, const seen *s, const seen *of)
{
    const sd_result *r = of->part->result;
    const sdp_slope none = {.of = -1};
    if (!r || of->is_core || r->along || r->cotangent || r->what > SD_HESSIAN) return none;
    for (uint32_t i = 0; i < r->nwrt; i++)
        if (!is_free(&c->g->var[r->wrt[i]])) return none;
    if (of->entry < 0)
        return r->what == SD_JACOBIAN ? (sdp_slope){value_of(n, s, r, c), r->nwrt, r->wrt} : none;
    if (r->entry[of->entry].turned || r->order > 2 || (r->order == 2 && r->entry[of->entry].value_order))
        return none;
    uint32_t *by = sdp_scratch(&c->g->base, sizeof *by);
    if (r->order == 1) {
        *by = r->wrt[of->entry];
        return (sdp_slope){value_of(n, s, r, c), 1, by};
    }
    const uint32_t row = (uint32_t)of->entry / r->nwrt;
    *by = r->wrt[(uint32_t)of->entry % r->nwrt];
    return (sdp_slope){gradient_of(n, s, r, c->g->var[r->wrt[row]].name), 1, by};
}

// Axes of the k-th output of a result, or of the one matrix that its blocks are
static uint32_t axes_of(const sd_result *r, size_t k, bool whole)
{
    return whole ? r->entry->value_order + (r->what == SD_HESSIAN ? 2 : 1)
                 : sdp_get(r->g, sdp_computed(r)[k].exact)->order;
}

const sdp_slope *sdp_slopes(sd_context *c, size_t nparts, const sdp_output_part *p, const sd_emit_options *o,
                            bool factored)
{
    sdp_base *b = &c->g->base;
    sdp_factored f;
    size_t most = 1, n = 0;
    for (size_t i = 0; i < nparts; i++) most += p[i].result ? p[i].result->n : 1;
    seen *s = sdp_scratch(b, most * sizeof *s);
    for (size_t i = 0; i < nparts; i++) {
        const sd_result *r = p[i].result;
        bool whole = !r || sdp_is_joined(r, o);
        for (size_t k = 0; k < (whole ? 1 : r->n); k++) {
            bool sparse = o && o->sparse && r && r->what != SD_VALUE && axes_of(r, k, whole) > 1;
            bool core = !whole && factored && sdp_factor_identities(c->g, sdp_computed(r)[k].exact, &f);
            s[n++] = (seen){&p[i], whole ? -1 : (int)k, sparse || core};
        }
    }
    sdp_slope *slope = sdp_scratch(b, most * sizeof *slope);
    for (size_t i = 0; i < n; i++) slope[i] = slope_of(c, n, s, &s[i]);
    return slope;
}
