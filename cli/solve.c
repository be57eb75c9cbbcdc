// SPDX-License-Identifier: MIT
// symdiff solve: where is the gradient 0? Exit status 0: a closed form; 1: none was
// found, and what the equation is.
#include "cli/cli.h"

#include <string.h>

// Appends "A*x==b" as "(A*x)-(b)", which must be 0.
static int read_equation(const options *o, const char *s, size_t n, text *t)
{
    text one = {0};
    putn(&one, s, n);
    const char *equals = strstr(one.s, "==");
    size_t skip = 2;
    int status = DONE;
    if (!equals) equals = strchr(one.s, '='), skip = 1;
    if (!equals || equals == one.s || !equals[skip] || strpbrk(equals + skip, "=<>") || strpbrk(one.s, "<>"))
        status = complain(o, BAD_USAGE, "--subject-to \"A*x==b\"; symdiff kkt takes inequalities",
                          "--subject-to: an equation was expected, not '%s'", one.s);
    else {
        put(t, "(");
        putn(t, one.s, (size_t)(equals - one.s));
        putf(t, ")-(%s)", equals + skip);
    }
    text_free(&one);
    return status;
}

// Is it x>=0 with the unknown x?
static bool is_sign(const options *o, const char *s, size_t n)
{
    const char *name = o->wrt.n ? o->wrt.s : "", *p = s + strspn(s, " ");
    size_t length = strlen(name), sign;
    if (!length || (size_t)(p - s) + length > n || strncmp(p, name, length)) return false;
    p += length + strspn(p + length, " ");
    sign = !strncmp(p, ">=", 2) ? 2 : !strncmp(p, "≥", strlen("≥")) ? strlen("≥") : 0;
    p += sign + strspn(p + sign, " ");
    return sign && *p == '0' && p + 1 + strspn(p + 1, " ") >= s + n;
}

// Adds to `t` the declaration of the unknown, from what is declared or alone, as that of a nonnegative one.
static void declare_sign(options *o, text *t)
{
    const char *name = o->wrt.s;
    size_t length = strlen(name);
    for (size_t i = 0; i < o->declare.n; i++)
        for (const char *p = o->declare.s[i]; *p; p += strcspn(p, ";\n"), p += *p != 0) {
            const char *own = p + strspn(p, " ");
            if (strncmp(own, name, length) || own[length + strspn(own + length, " ")] != ':') continue;
            size_t n = strcspn(own, ";\n");
            putn(t, o->declare.s[i], (size_t)(own - o->declare.s[i]) + n);
            putf(t, " nonneg%s", own + n);
            o->declare.s[i] = t->s;
            return;
        }
    putf(t, "%s: nonneg", name);
    list_add(&o->declare, t->s);
}

// The equations of all --subject-to, which ';' separates outside brackets; several as blocks of one vector.
static int read_constraint(options *o, text *t, text *sign)
{
    text all = {0};
    size_t count = 0;
    int status = DONE;
    for (size_t i = 0; i < o->subject.n; i++)
        for (const char *p = o->subject.s[i]; *p && !status;) {
            size_t n = 0;
            for (int depth = 0; p[n] && (depth || p[n] != ';'); n++)
                depth += (strchr("([{", p[n]) != NULL) - (strchr(")]}", p[n]) != NULL);
            if (is_sign(o, p, n)) {
                if (!sign->n) declare_sign(o, sign);
            } else if (n > strspn(p, " ")) {
                if (count++) put(&all, "; ");
                status = read_equation(o, p, n, &all);
            }
            p += n + (p[n] == ';');
        }
    if (!status) putf(t, count > 1 ? "[%s]" : "%s", all.s ? all.s : "");
    text_free(&all);
    return status;
}

static void put_lines(text *t, const char *prefix, const char *lines)
{
    for (const char *p = lines; *p;) {
        size_t n = strcspn(p, "\n");
        put(t, prefix);
        putn(t, p, n);
        put(t, "\n");
        p += n + (p[n] == '\n');
    }
}

// then a line of the answer is "w = ..."
static bool has_several(const sd_solution *r) { return r->further[0] != 0; }

static void put_json(text *t, const options *o, const sd_solution *r)
{
    putf(t, "{\"found\": %s, \"unknown\": ", r->found ? "true" : "false");
    put_quoted(t, o->wrt.s);
    put(t, ", \"answer\": ");
    if (!r->answer) put(t, "null");
    else if (!has_several(r)) put_quoted(t, r->answer);
    else
        for (const char *p = r->answer; *p;) {
            const char *value = strstr(p, " = ") + 3;
            size_t n = strcspn(value, "\n");
            put(t, p == r->answer ? "{" : ", ");
            putn_quoted(t, p, (size_t)(value - 3 - p));
            put(t, ": ");
            putn_quoted(t, value, n);
            p = value + n + (value[n] == '\n');
            if (!*p) put(t, "}");
        }
    put(t, ", \"reasons\": ");
    put_json_lines(t, r->reasons, "");
    put(t, "}\n");
}

// The answer in the notation, a line for each unknown; in text as the library has it.
static int put_formulas(session *s, text *t, const sd_solution *r, int format)
{
    const char *name = s->o->wrt.s;
    for (int k = 0; k < SD_MOST_UNKNOWNS && !(k && !r->further[k - 1]); k++) {
        const sd_result *value = sd_value(s->c, k ? r->further[k - 1] : r->solution);
        char *shown = value ? sd_print(s->c, value, format == 1 ? SD_UNICODE : SD_LATEX, SD_NO_WHERE) : NULL;
        if (!shown) return session_failed(s);
        name += strspn(name, " ");
        putf(t, "%.*s = %.*s\n", (int)strcspn(name, ", "), name, (int)strcspn(shown, "\n"), shown);
        sd_free(s->c, shown);
        name += strcspn(name, ",");
        name += *name == ',';
    }
    return DONE;
}

// The answer, what is said of it below; in LaTeX as comments.
static int put_answer(session *s, text *t, const sd_solution *r, int format)
{
    static const char *const prefix[] = {"  ", "  ", "% "};
    int status = DONE;
    if (r->answer && format) status = put_formulas(s, t, r, format);
    else if (r->answer && has_several(r)) putf(t, "%s\n", r->answer);
    else if (r->answer) putf(t, "%s = %s\n", s->o->wrt.s, r->answer);
    put_lines(t, r->answer || format == 2 ? prefix[format] : "", r->reasons);
    return status;
}

static int find_notation(const char *format)
{
    static const char *const formats[] = {"text", "unicode", "latex", "json"};
    for (int i = 0; i < 4; i++)
        if (!strcmp(format ? format : "text", formats[i])) return i;
    return -1;
}

int run_solve(options *o)
{
    int format = find_notation(o->format);
    if (format < 0)
        return complain(o, BAD_USAGE, "", "solve: the formats are text, unicode, latex and json, not '%s'",
                        o->format);
    if (o->data.n) return complain(o, BAD_USAGE, "", "solve works with symbols; eval the answer with data");
    text constraint = {0}, sign = {0};
    int status = o->subject.n ? read_constraint(o, &constraint, &sign) : DONE;
    session s = {.o = o};
    sd_solution r = {0};
    if (!status) {
        list words = o->words;
        const char *pair[2] = {words.n ? words.s[0] : NULL, constraint.s};
        if (constraint.s && *constraint.s && words.n) o->words = (list){pair, 2};
        status = session_open(&s, o);
        o->words = words;
        if (!status && sd_solve(s.c, s.expr, s.other, o->wrt.n ? o->wrt.s : NULL, &r))
            status = session_failed(&s);
    }
    if (!status) {
        text t = {0};
        if (format == 3) put_json(&t, o, &r);
        else status = put_answer(&s, &t, &r, format);
        if (!status) status = session_answer(&s, &t);
        else text_free(&t);
        if (!status && !r.found) status = NO_ANSWER;
    }
    if (s.c) {
        sd_free(s.c, r.answer);
        sd_free(s.c, r.reasons);
    }
    session_close(&s);
    text_free(&constraint);
    text_free(&sign);
    return status;
}
