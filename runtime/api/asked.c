// SPDX-License-Identifier: MIT
// The public functions that write an expression in a form that is asked for. See simplify/answer/asked.c.
#include "runtime/api/api.h"

typedef struct {
    sdp_asked form;
    const char *variable;
    bool shortest;
} asked;

static sd_result *value_as(sd_context *c, sd_expr e, asked a)
{
    sd_result *r = sdp_derive_expr(c, e, &(sd_request){.what = SD_VALUE});
    if (!a.shortest) sdp_show_as(r, a.form, a.variable);
    return r;
}

static sd_result *result_as(sd_context *c, sd_expr e, asked a)
{
    sd_result *volatile r = NULL;
    sd_status status;
    GUARD(c, e, status, r = value_as(c, e, a));
    return status == SD_OK ? r : NULL;
}

sd_result *sd_expand(sd_context *c, sd_expr e) { return result_as(c, e, (asked){.form = SDP_EXPANDED}); }
sd_result *sd_factor(sd_context *c, sd_expr e) { return result_as(c, e, (asked){.form = SDP_FACTORED}); }

sd_result *sd_simplify(sd_context *c, sd_expr e, const char *collect)
{
    return result_as(c, e, (asked){.form = SDP_COLLECTED, .variable = collect, .shortest = !collect});
}
