// SPDX-License-Identifier: MIT
// Between the tests of missing and wrong arguments: a world of one of everything, and how a misuse shows.
#ifndef TST_ARGUMENTS_H
#define TST_ARGUMENTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "include/symdiff.h"

enum { FAR = 1000 };

// A context with an expression, a result, data and a compiled function; and results of another context.
typedef struct {
    sd_context *c, *other;
    sd_expr e;
    sd_result *r, *foreign;
    sd_data *d;
    sd_function *f, *caller;
} world;

static int set_up(void **state)
{
    static world w;
    w.c = sd_context_new(NULL);
    w.other = sd_context_new(NULL);
    w.e = sd_parse(w.c, "x: vector(n); s: scalar\ns*x'*x", NULL);
    w.r = sd_derive(w.c, w.e, &(sd_request){.wrt = "x"});
    w.foreign = sd_value(w.other, sd_parse(w.other, "sum(exp(A*y))*b", NULL));
    w.d = sd_data_new(w.c);
    w.f = sd_compile(w.c, w.r, NULL);
    sd_expr g = sd_parse(w.c, "f: function(scalar) -> scalar\nf(t)", NULL);
    w.caller = sd_compile(w.c, sd_value(w.c, g), NULL);
    *state = &w;
    return !(w.c && w.e && w.r && w.foreign && w.d && w.f && w.caller &&
             sd_data_read(w.d, "x=[1;2]") == SD_OK && sd_data_read(w.d, "s=2") == SD_OK);
}

static int tear_down(void **state)
{
    world *w = *state;
    sd_data_free(w->d);
    sd_function_free(w->f);
    sd_function_free(w->caller);
    sd_context_free(w->c);
    sd_context_free(w->other);
    return 0;
}

// The last call failed as a misuse, in one line; then the context works as before.
static void expect(const world *w, sd_status code)
{
    const sd_error *e = sd_last_error(w->c);
    if (e->code != code) print_error("%s\n", e->message);
    assert_int_equal(e->code, code);
    assert_true(*e->message && !strchr(e->message, '\n'));
    char *text = sd_error_text(w->c, e);
    assert_non_null(text);
    sd_free(w->c, text);
    text = sd_print(w->c, w->r, SD_TEXT, 0);
    assert_string_equal(text, "2*s*x");
    assert_int_equal(sd_last_error(w->c)->code, SD_OK);
    sd_free(w->c, text);
}

#define MISUSE(call)                                                                                         \
    do {                                                                                                     \
        assert_false(call);                                                                                  \
        expect(w, SD_ERR_USAGE);                                                                             \
    } while (0)
#define MISUSED(call)                                                                                        \
    do {                                                                                                     \
        assert_int_equal(call, SD_ERR_USAGE);                                                                \
        expect(w, SD_ERR_USAGE);                                                                             \
    } while (0)

#endif
