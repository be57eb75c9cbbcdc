// SPDX-License-Identifier: MIT
// Data that are expressions of constants: z=pi/4, x=1/2, x=[sqrt(2);1], and a point x=(0,0).
//
// The library reads decimal numbers, literals and files. What it cannot read is evaluated
// here, as an expression without variables, in a context of its own; if it is none, the first
// error stands. Entry: constant_data.
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

// (0,0) is [0;0]: the commas of a pair of parentheses around all. Returns false if there is no such pair.
static bool put_point(text *t, const char *s)
{
    size_t n = strlen(s);
    int depth = 0;
    bool any = false;
    if (n < 2 || s[0] != '(' || s[n - 1] != ')') return false;
    put(t, "[");
    for (size_t i = 1; i + 1 < n; i++) {
        depth += (s[i] == '(' || s[i] == '[') - (s[i] == ')' || s[i] == ']');
        if (depth < 0) return false; // (1)+(2)
        bool comma = s[i] == ',' && !depth;
        any |= comma;
        putn(t, comma ? ";" : s + i, 1);
    }
    put(t, "]");
    return any && !depth;
}

static bool evaluate(session *s, const char *name, const char *value)
{
    sd_context *c = sd_context_new(&(sd_options){.limits = &s->o->limits});
    sd_expr e = c ? sd_parse(c, value, NULL) : 0;
    sd_result *r = e ? sd_value(c, e) : NULL;
    sd_array out = {.order = 0};
    bool done = r && sd_result_count(r) == 1 && sd_interpret(c, r, NULL, &out) == SD_OK;
    bool kept = done && sd_data_set(s->data, name, &out) == SD_OK;
    if (done) sd_free(c, (void *)out.data);
    if (c) sd_context_free(c);
    return kept;
}

// argument: NAME=VALUE. Returns whether the value is an expression of
// constants, and then is data of that name.
bool constant_data(session *s, const char *argument)
{
    const char *equals = strchr(argument, '='), *value = equals ? equals + 1 : NULL;
    size_t n = equals ? (size_t)(equals - argument) : 0;
    text name = {0}, point = {0};
    while (n && argument[n - 1] == ' ') n--;
    while (n && *argument == ' ') argument++, n--;
    if (!n || !*value) return false;
    value += strspn(value, " ");
    putn(&name, argument, n);
    bool done = evaluate(s, name.s, put_point(&point, value) ? point.s : value);
    text_free(&name);
    text_free(&point);
    return done;
}
