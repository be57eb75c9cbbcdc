// SPDX-License-Identifier: MIT
// Values of formulas that stand in tables as texts of the language, such as log1p(-exp(x)) of an array x,
// element by element.
//
// The text becomes a graph over the placeholder x that no rule rewrites: it is computed as it is written.
// Numbers have no values of their own until somebody needs one at every entry of x.
#include "ast/make/make.h"
#include "codegen/values/values.h"

// A sum, with numbers as positive ones that are added or, last, subtracted: abs(x)-1/2
static sdp_val sum(sdp_schedule *s, const sdp_node *n, const sdp_val *arg, sdp_val x)
{
    sdp_val term[SDP_FLAT_TERMS];
    sdp_num coef[SDP_FLAT_TERMS], v;
    uint32_t k = 0;
    for (int last = 0; last < 2; last++)
        for (uint32_t i = 0; i < n->nargs; i++) {
            bool number = sdp_is_number(s->g, n->arg[i], &v); // a sum has it as 1, with a coefficient
            bool negative = number && sdp_num_sign(s->g, n->coef[i]) < 0;
            if (negative != last) continue;
            coef[k] = !number ? n->coef[i] : negative ? SDP_NUM_MINUS_ONE : SDP_NUM_ONE;
            term[k] = number ? sdp_value_filled(s, sdp_num_mul(s->g, n->coef[i], coef[k]), x) : arg[i];
            k++;
        }
    return sdp_value_sum(s, k, coef, term);
}

static sdp_val value_of(sdp_schedule *s, const sdp_node *n, sdp_val *arg, sdp_val x)
{
    long k = 1;
    switch ((sdp_kind)n->kind) {
    case SDP_NUM: return 0;
    case SDP_VAR: return x;
    case SDP_ADD: return sum(s, n, arg, x);
    case SDP_MUL: return sdp_value_times(s, n->coef[0], n->nargs, arg);
    case SDP_POW:
        sdp_num_long(s->g, sdp_get(s->g, n->arg[1])->param, &k);
        return sdp_value_power(s, arg[0], k);
    default:
        for (uint32_t i = 0; i < n->nargs; i++)
            if (!arg[i]) arg[i] = sdp_value_filled(s, sdp_get(s->g, n->arg[i])->param, x);
        return sdp_value_map(s, n->op, n->nargs, arg);
    }
}

sdp_val sdp_value_formula(sdp_schedule *s, const char *text, sdp_val x)
{
    uint32_t count;
    sdp_id root = sdp_template_as_written(s->g, text);
    const sdp_id *id = sdp_reachable(s->g, 1, &root, &count);
    sdp_val *v = sdp_scratch(&s->g->base, count * sizeof *v), arg[SDP_FLAT_TERMS];
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *n = sdp_get(s->g, id[i]);
        for (uint32_t k = 0; k < n->nargs; k++)
            for (uint32_t j = 0; j < i; j++)
                if (id[j] == n->arg[k]) arg[k] = v[j];
        v[i] = value_of(s, n, arg, x);
    }
    return v[count - 1] ? v[count - 1] : sdp_value_filled(s, sdp_get(s->g, root)->param, x);
}
