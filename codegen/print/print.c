// SPDX-License-Identifier: MIT
// Answers in every format, with their vec forms and conditions behind them.
//
// Several entries stand on a line each behind their labels. What is named stands behind the last one
// ("  where s = sigmoid(X*w)", further names below it). In programming languages the answer is code: one
// expression, or assignments of what is named in front of it; several answers are assigned, too.
#include <string.h>

#include "codegen/print/print.h"

static void end_line(sdp_text *out)
{
    if (out->n && out->s[out->n - 1] != '\n') sdp_put(out, "\n");
}

// A comment in every notation: the answer itself is what reads back.
static void put_vec_forms(sdp_raiser *raiser, const struct sd_result *r, sd_format format, sdp_text *out)
{
    for (size_t i = 0; i < r->n; i++) {
        size_t start = out->n;
        end_line(out);
        sdp_putf(out, "%svec form (columns stacked): ", format == SD_LATEX ? "% " : "  # ");
        if (!sdp_put_vec_form(raiser, &r->entry[i], format, out)) out->s[out->n = start] = 0;
    }
}

void sdp_print_as_function(sdp_graph *g, const struct sd_result *r, const sdp_function_request *q,
                           sd_format format, unsigned flags, sdp_text *out)
{
    sdp_mark mark = sdp_scratch_mark(&g->base);
    sdp_raiser raiser;
    sdp_raiser_init(&raiser, g);
    sdp_print_function(&raiser, r, q, sdp_language(format), out);
    if (flags & SD_CONDITIONS) {
        end_line(out);
        sdp_print_conditions(g, r, sdp_language(format)->comment, false, out);
    }
    sdp_scratch_release(&g->base, mark);
}

void sdp_print(sdp_graph *g, const struct sd_result *r, sd_format format, unsigned flags, sdp_text *out)
{
    sdp_shown(r);
    sdp_mark mark = sdp_scratch_mark(&g->base);
    bool people = format == SD_TEXT || format == SD_UNICODE || format == SD_LATEX;
    const sdp_entry *entry = people ? sdp_written_for_people(r) : sdp_shown(r);
    sdp_raiser raiser;
    sdp_raiser_init(&raiser, g);
    const sdp_notation *t = sdp_language(format) ? sdp_language(format) : sdp_language(SD_NUMPY);
    const char *const *left = t->assigns || t->tex ? sdp_left_sides(&raiser, r, t) : NULL;
    if (format == SD_EINSUM) sdp_print_program(g, r->n, entry, left, t, out);
    else if (format == SD_DOT) sdp_print_dot(g, r, out);
    else if (format == SD_JSON) sdp_print_json(g, r, (flags & SD_CONDITIONS) != 0, out);
    else
        sdp_print_answer(&raiser, r->n, entry, left, t,
                         flags & SD_NO_WHERE ? SDP_SHARE_NOTHING : SDP_SHARE_LONG, out);
    if (!(flags & SD_NO_WHERE) && people) put_vec_forms(&raiser, r, format, out);
    if ((flags & SD_CONDITIONS) && format != SD_JSON) {
        end_line(out);
        sdp_print_conditions(g, r, format == SD_DOT ? "// " : t->comment, format == SD_UNICODE, out);
    }
    sdp_scratch_release(&g->base, mark);
}
