// SPDX-License-Identifier: MIT
// From options to an expression and its derivative: what derive, eval, check and emit have in common.
//
// The order matters: data first, for it tells the shapes of variables that nothing declares; then model files
// and declarations; then the expression. Without an expression the last model file must end with one.
#define _POSIX_C_SOURCE 200809L
#include "cli/cli.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int exit_status(sd_status code)
{
    static const int status[] = {
        [SD_OK] = BROKEN,           [SD_ERR_SYNTAX] = NO_ANSWER,      [SD_ERR_NAME] = NO_ANSWER,
        [SD_ERR_SHAPE] = NO_ANSWER, [SD_ERR_DOMAIN] = NO_ANSWER,      [SD_ERR_UNSUPPORTED] = NO_ANSWER,
        [SD_ERR_DATA] = NO_ANSWER,  [SD_ERR_SINGULAR] = NO_ANSWER,    [SD_ERR_IO] = NO_ANSWER,
        [SD_ERR_USAGE] = BAD_USAGE, [SD_ERR_LIMIT] = BROKEN,          [SD_ERR_MEMORY] = BROKEN,
        [SD_ERR_INTERNAL] = BROKEN, [SD_ERR_INTERRUPTED] = NO_ANSWER,
    };
    return (size_t)code < sizeof status / sizeof *status ? status[code] : BROKEN;
}

// Prints a line of a diagnostic, its first word ("error:") or its carets coloured.
static void print_line(const char *s, size_t n)
{
    static const struct {
        const char *mark, *color;
    } marks[] = {{"error:", "\033[1;31m"}, {"hint:", "\033[36m"}};
    if (n && strspn(s, " ^~") >= n) {
        fprintf(stderr, "\033[32m%.*s\033[m\n", (int)n, s);
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        const char *at = strstr(s, marks[i].mark);
        if (!at || at >= s + n || (i && at != s)) continue;
        size_t k = strlen(marks[i].mark);
        fprintf(stderr, "%.*s%s%s\033[m%.*s\n", (int)(at - s), s, marks[i].color, marks[i].mark,
                (int)(s + n - at - (ptrdiff_t)k), at + k);
        return;
    }
    fprintf(stderr, "%.*s\n", (int)n, s);
}

// The library names the field of sd_limits to raise; here it is an option.
static void name_option(sd_error *e)
{
    static const char field[] = "sd_limits.";
    const char *at = strstr(e->hint, field);
    if (e->code != SD_ERR_LIMIT || !at) return;
    char name[32];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(at + strlen(field), " "), at + strlen(field));
    snprintf(e->hint, sizeof e->hint, "raise it with --limit %s=N", name);
}

// {"error": {"code": 2, "message": .., "hint": .., "source_name": .., "source": .., "begin": .., "end": ..}}:
// the bytes that are meant.
static int failed_json(const sd_error *e)
{
    text t = {0};
    putf(&t, "{\"error\": {\"code\": %d, \"message\": ", (int)e->code);
    put_quoted(&t, e->message);
    put(&t, ", \"hint\": ");
    put_quoted(&t, e->hint);
    if (e->source && e->end > e->begin) {
        put(&t, ", \"source_name\": ");
        put_quoted(&t, e->source_name ? e->source_name : "");
        put(&t, ", \"source\": ");
        put_quoted(&t, e->source);
        putf(&t, ", \"begin\": %u, \"end\": %u", (unsigned)e->begin, (unsigned)e->end);
    }
    put(&t, "}}\n");
    fputs(t.s, stdout);
    text_free(&t);
    return exit_status(e->code);
}

int session_failed(session *s)
{
    sd_error e = *sd_last_error(s->c); // a copy: the text below may fail too
    name_option(&e);
    if (wants_json(s->o)) return failed_json(&e);
    char *message = sd_error_text(s->c, &e);
    if (!message) return complain(s->o, exit_status(e.code), e.hint, "%s", e.message);
    if (!strncmp(message, "error:", 6)) fputs("symdiff: ", stderr); // no text to point at
    for (const char *p = message; *p;) {
        size_t n = strcspn(p, "\n");
        if (s->o->color) print_line(p, n);
        else fprintf(stderr, "%.*s\n", (int)n, p);
        p += n + (p[n] == '\n');
    }
    sd_free(s->c, message);
    return exit_status(e.code);
}

// ---- text that is not on the command line -----------------------------------------------------------------

// The limit `memory` where none is given, as in the library
#define MEMORY_DEFAULT (sizeof(size_t) > 4 ? (size_t)4 << 15 << 15 : SIZE_MAX)

// All bytes of a file or of standard input, which may have no end: a text is refused at its first NUL,
// anything at the limit `memory`.
static int read_bytes(session *s, const char *file, bool is_text, text *out)
{
    bool is_stdin = !strcmp(file, "-");
    const char *name = is_stdin ? "standard input" : file;
    FILE *f = is_stdin ? stdin : fopen(file, "rb");
    size_t most = s->o->limits.memory ? s->o->limits.memory : MEMORY_DEFAULT;
    char block[1 << 14], *nul = NULL;
    errno = 0;
    if (!f)
        return complain(s->o, NO_ANSWER, "", "cannot read %s: %s", name, strerror(errno ? errno : ENOENT));
    for (size_t n; !nul && out->n <= most && (n = fread(block, 1, sizeof block, f)) > 0;) {
        nul = is_text ? memchr(block, 0, n) : NULL;
        putn(out, block, nul ? (size_t)(nul - block) : n);
    }
    int failed = ferror(f), why = errno;
    if (!is_stdin) fclose(f);
    if (failed) return complain(s->o, NO_ANSWER, "", "cannot read %s: %s", name, strerror(why));
    if (nul) return complain(s->o, NO_ANSWER, "", "%s: byte %zu is NUL; text was expected", name, out->n + 1);
    if (out->n > most) {
        return complain(s->o, BROKEN, "raise it with --limit memory=N",
                        "cannot read %s: it has more than %zu bytes, the limit 'memory'", name, most);
    }
    if (!out->s) put(out, "");
    return DONE;
}

static int read_text(session *s, const char *file, text *out) { return read_bytes(s, file, true, out); }

static const char *shown_name(const char *file) { return strcmp(file, "-") ? file : "<stdin>"; }

// ---- data -------------------------------------------------------------------------------------------------

// "-", "X=-", "X=-[gnp,unemployed]"
static bool is_standard_input(const char *argument)
{
    const char *equals = strchr(argument, '='),
               *value = equals ? equals + 1 + strspn(equals + 1, " ") : argument;
    return *value == '-' && (!value[1] || value[1] == '[');
}

static int read_array(session *s, const char *argument)
{
    if (!is_standard_input(argument))
        return sd_data_read(s->data, argument) && !constant_data(s, argument) ? session_failed(s) : DONE;
    int status = s->data_from_stdin.s ? DONE : read_bytes(s, "-", false, &s->data_from_stdin);
    if (status) return status;
    return sd_data_read_bytes(s->data, argument, s->data_from_stdin.s, s->data_from_stdin.n)
               ? session_failed(s)
               : DONE;
}

size_t data_length(const char *p)
{
    int depth = 0;
    size_t n = 0;
    for (; p[n]; n++) {
        depth += (p[n] == '[' || p[n] == '(') - (p[n] == ']' || p[n] == ')');
        const char *name = p + n + 1 + strspn(p + n + 1, " ");
        if (p[n] == ',' && !depth && *name != '=' && name[strcspn(name, " =,[].:/")] == '=') break;
    }
    return n;
}

static int read_list(session *s, const char *p)
{
    int status = DONE;
    while (!status && *p) {
        size_t n = data_length(p);
        text one = {0};
        putn(&one, p, n);
        status = read_array(s, one.s);
        text_free(&one);
        p += n + (p[n] == ',');
    }
    return status;
}

static int read_data(session *s)
{
    const options *o = s->o;
    if (!o->data.n) return DONE;
    if (!(s->data = sd_data_new(s->c))) return session_failed(s);
    for (size_t i = 0; i < o->data.n; i++) {
        int status = read_list(s, o->data.s[i]);
        if (status) return status;
    }
    for (size_t i = 0; i < sd_data_count(s->data); i++) {
        const char *name = sd_data_name(s->data, i);
        const sd_array *a = sd_data_get(s->data, name);
        long rows = a->order ? (long)a->dim[0] : 1, cols = a->order > 1 ? (long)a->dim[1] : 1;
        // x=[1]: a number, a vector or a matrix, as the expression has it
        bool one_entry = a->order && rows == 1 && cols == 1;
        if (a->order <= 2 && !one_entry && sd_hint_shape(s->c, name, rows, cols)) return session_failed(s);
    }
    return DONE;
}

// "m=1000,n=50" as data of these names, for evaluation.
static int sizes_as_data(session *s)
{
    if (!s->o->size || strcmp(s->o->command, "eval")) return DONE;
    if (!s->data && !(s->data = sd_data_new(s->c))) return session_failed(s);
    for (const char *p = s->o->size; *p;) {
        size_t n = strcspn(p, ",");
        text one = {0};
        putn(&one, p, n);
        if (!one.s || !strchr(one.s, '=')) {
            text_free(&one);
            return complain(s->o, BAD_USAGE, "", "--size: m=10,n=20 was expected, not '%s'", s->o->size);
        }
        int bad = sd_data_read(s->data, one.s) != SD_OK;
        text_free(&one);
        if (bad) return session_failed(s);
        p += n + (p[n] == ',');
    }
    return DONE;
}

// ---- the session ------------------------------------------------------------------------------------------

// Model files, all of them but the last if that brings the expression, and the declarations of -d.
static int declare(session *s, bool has_word)
{
    const options *o = s->o;
    for (size_t i = 0; i < o->file.n; i++) {
        text model = {0};
        int status = read_text(s, o->file.s[i], &model);
        const char *name = shown_name(o->file.s[i]);
        bool last = !has_word && i + 1 == o->file.n;
        for (size_t k = 0; last && !status && k < o->declare.n; k++)
            if (sd_declare(s->c, o->declare.s[k], "<declaration>")) status = session_failed(s);
        if (!status && last && !(s->expr = sd_parse(s->c, model.s, name))) status = session_failed(s);
        if (!status && !last && sd_declare(s->c, model.s, name)) status = session_failed(s);
        text_free(&model);
        if (status || last) return status;
    }
    for (size_t k = 0; k < o->declare.n; k++)
        if (sd_declare(s->c, o->declare.s[k], "<declaration>")) return session_failed(s);
    return DONE;
}

// Substitute has for each value a text that ties its shape to that of its name. Where these do not fit they
// are left out, so that the error names the variable instead of a text that nobody typed.
static sd_status parse_all(session *s)
{
    const list *words = &s->o->words;
    sd_status status = sd_parse_all(s->c, words->n, words->s, s->all);
    if (status == SD_ERR_SHAPE && !strcmp(s->o->command, "substitute"))
        status = sd_parse_all(s->c, words->n / 2 + 1, words->s, s->all);
    return status;
}

static int parse(session *s)
{
    const options *o = s->o;
    bool piped = !o->words.n && !o->file.n; // echo "x^2" | symdiff --wrt x
    int status = piped && !isatty(STDIN_FILENO) ? read_text(s, "-", &s->from_stdin) : DONE;
    if (piped && !status && !(s->from_stdin.s && s->from_stdin.s[strspn(s->from_stdin.s, " \t\r\n")]))
        return complain(o, BAD_USAGE, command_find(o->command)->usage, "%s needs an expression", o->command);
    if (!status) status = declare(s, piped || o->words.n > 0);
    if (status || (!o->words.n && !piped)) return status;
    if (piped) return (s->expr = sd_parse(s->c, s->from_stdin.s, "<stdin>")) ? DONE : session_failed(s);
    const char *expr = o->words.s[0];
    if (o->words.n > 1 && (!strcmp(o->command, "emit") || !strcmp(o->command, "substitute"))) {
        s->all = calloc(o->words.n, sizeof *s->all);
        if (!s->all) return complain(o, BROKEN, "", "out of memory");
        if (parse_all(s)) return session_failed(s);
        s->expr = s->all[0];
        return DONE;
    }
    if (o->words.n == 2) {
        sd_expr pair[2];
        if (sd_parse_pair(s->c, expr, o->words.s[1], pair)) return session_failed(s);
        s->expr = pair[0], s->other = pair[1];
        return DONE;
    }
    if (strcmp(expr, "-")) return (s->expr = sd_parse(s->c, expr, NULL)) ? DONE : session_failed(s);
    status = read_text(s, expr, &s->from_stdin);
    if (status) return status;
    return (s->expr = sd_parse(s->c, s->from_stdin.s, "<stdin>")) ? DONE : session_failed(s);
}

// Where the user keeps what can be made again; nothing: there is no such place.
static void put_cache(text *t)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache && *cache == '/') putf(t, "%s/symdiff", cache);
    else if (home && *home == '/') putf(t, "%s/.cache/symdiff", home);
}

static int open_context(session *s, const options *o)
{
    *s = (session){.o = o};
    const char *asks = o->what_name ? o->what_name : o->along ? "along" : NULL;
    if (asks && !o->wrt.n)
        return complain(o, BAD_USAGE, "", "--%s needs --wrt VAR: by what is to be derived?", asks);
    bool judged = (!strcmp(o->command, "convex") && !o->psd) || !strcmp(o->command, "solve") ||
                  !strcmp(o->command, "kkt");
    bool scalar = o->what == SD_GRADIENT || o->what == SD_HESSIAN || o->what == SD_HVP || judged;
    text cache = {0};
    if (o->jit) put_cache(&cache);
    s->c = sd_context_new(&(sd_options){.limits = &o->limits,
                                        .scalar = scalar,
                                        .wrt = o->wrt.s,
                                        .from = o->from,
                                        .debug = o->debug,
                                        .compiler = o->jit,
                                        .cache = cache.s});
    text_free(&cache);
    if (!s->c) return complain(o, BROKEN, "", "out of memory");
    repl_watch(s->c);
    int status = read_data(s);
    return status ? status : sizes_as_data(s);
}

int session_declare(session *s, const options *o)
{
    int status = open_context(s, o);
    return status ? status : declare(s, true);
}

int session_open(session *s, const options *o)
{
    int status = open_context(s, o);
    return status ? status : parse(s);
}

int session_request(session *s)
{
    const options *o = s->o;
    const char *clash = o->what_name && o->along && strcmp(o->what_name, "order") ? o->what_name : NULL;
    if (clash) return complain(o, BAD_USAGE, "", "--along and --%s exclude each other", clash);
    if (o->around && o->what != SD_TAYLOR)
        return complain(o, BAD_USAGE, "--taylor K --around POINT", "--around belongs to --taylor");
    s->request = (sd_request){.what = o->what,
                              .wrt = o->wrt.s,
                              .direction = o->direction,
                              .order = o->order,
                              .layout = o->layout,
                              .symmetric = o->symmetric};
    s->request.around = o->around;
    if (o->along) s->request.what = SD_ALONG, s->request.direction = o->along;
    if (o->what == SD_TAYLOR) s->request.order = o->taylor;
    if (!o->wrt.n) s->request.wrt = sd_optimum(s->c); // argmin_w ...
    return DONE;
}

int session_derive(session *s)
{
    int status = session_request(s);
    if (status) return status;
    s->result = s->request.wrt ? sd_derive(s->c, s->expr, &s->request) : sd_value(s->c, s->expr);
    return s->result ? DONE : session_failed(s);
}

// Adds the variables of a legend that are not in the text yet: directions and
// points that the answer brought in.
static void put_new(text *t, const char *legend)
{
    for (const char *p = legend; *p;) {
        size_t n = strcspn(p, ";"), skip = n + strspn(p + n, "; ");
        text item = {0};
        putn(&item, p, n);
        if (!t->s || !strstr(t->s, item.s)) putf(t, "%s%s", t->n ? "; " : "", item.s);
        text_free(&item);
        p += skip;
    }
}

static void add_directions(session *s, text *t)
{
    for (size_t i = 0; s->result && i < sd_result_count(s->result); i++) {
        char *more = sd_legend(s->c, sd_result_expr(s->result, i));
        if (more) put_new(t, more);
        sd_free(s->c, more);
    }
}

// Derivatives with more than two axes as matrices, where the answer does not bring them itself.
static void put_vec_forms(session *s, const char *line)
{
    int format = s->o->format ? sd_format_find(s->o->format) : SD_TEXT;
    bool shown = format == SD_TEXT || format == SD_UNICODE || format == SD_LATEX;
    if (shown && !s->o->no_where) return;
    for (size_t i = 0; s->result && i < sd_result_count(s->result); i++) {
        char *form = sd_vec_form(s->c, s->result, i, shown ? (sd_format)format : SD_TEXT);
        if (form) fprintf(stderr, line, "vec form (columns stacked): ", form);
        sd_free(s->c, form);
    }
}

// Prints the notes on guesses, i.e. on texts that could be meant otherwise.
static void put_notes(session *s, const char *line)
{
    char *notes = sd_notes(s->c);
    for (char *p = notes, *end; p && (end = strchr(p, '\n')); p = end + 1) {
        *end = '\0';
        fprintf(stderr, line, "note: ", p);
    }
    sd_free(s->c, notes);
}

void session_legend(session *s)
{
    char *legend = s->o->quiet ? NULL : sd_legend(s->c, s->expr);
    if (!legend) return;
    const char *line = s->o->color ? "\033[2m# %s%s\033[m\n" : "# %s%s\n",
               *note = s->result ? sd_result_note(s->result) : NULL;
    text all = {0};
    put(&all, legend);
    for (size_t i = 1; s->all && i < s->o->words.n; i++) {
        char *more = sd_legend(s->c, s->all[i]);
        if (more) put_new(&all, more);
        sd_free(s->c, more);
    }
    add_directions(s, &all);
    if (all.n) fprintf(stderr, line, "", all.s);
    text_free(&all);
    if (note) fprintf(stderr, line, "convention: ", note);
    put_notes(s, line);
    put_vec_forms(s, line);
    sd_free(s->c, legend);
}

void session_close(session *s)
{
    repl_watch(NULL);
    sd_data_free(s->data);
    sd_context_free(s->c);
    text_free(&s->from_stdin);
    text_free(&s->data_from_stdin);
    free(s->all);
}

int session_answer(session *s, text *t)
{
    session_legend(s);
    int status = answer(s->o, t);
    text_free(t);
    return status;
}

int session_show(session *s, char *shown)
{
    if (!shown) return session_failed(s);
    text t = {0};
    put(&t, shown);
    if (!t.n || t.s[t.n - 1] != '\n') put(&t, "\n");
    sd_free(s->c, shown);
    return session_answer(s, &t);
}
