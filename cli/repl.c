// SPDX-License-Identifier: MIT
// symdiff repl: one line after the other, each as on the command line, without the shell's quotes.
//
//     > f = norm(X*t-Y)^2/N        definitions and declarations stay
//     > f --wrt t                  an expression and options
//     2/N*X'*(X*t-Y)
//     > _ --wrt t                  _ is the last answer
//     > :latex                     the last line again: another format, another command, more options
//
// Nothing is kept but texts: every line is run by the command's own function with the definitions as
// declarations, in a context of its own, so that a line means what it means on the command line, and nothing
// is lost when one fails or is interrupted.
#define _POSIX_C_SOURCE 200809L
#include "cli/repl.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char *name, *text;
} binding;

static struct {
    const options *start;
    binding *bound;
    size_t n;
    char *last;   // the last line that was an expression with options
    char *set;    // options of every line
    text kept;    // the last answer as an expression
    bool options; // what is completed
    sd_context *volatile running;
    volatile sig_atomic_t interrupted; // while a line was read
} repl;

// ---- interruption -----------------------------------------------------------------------------------------

void repl_watch(sd_context *c) { repl.running = c; }

static void interrupt(int signal)
{
    (void)signal;
    repl.interrupted = 1;
    if (repl.running) sd_interrupt(repl.running);
}

bool repl_interrupted(void)
{
    bool was = repl.interrupted;
    repl.interrupted = 0;
    return was;
}

// ---- what is bound ----------------------------------------------------------------------------------------

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

static bool of_name(char c) { return (c & 0x80) || (c && strchr(letters, c)); }

// "r = X*t-Y", "f(x) = x'*x", "X: matrix(m,n)": the name, as far as it goes in front of the mark; 0: the line
// is no such statement.
static size_t statement(const char *line)
{
    size_t n = 0, depth = 0, k;
    while (of_name(line[n])) n++;
    for (k = n; n && line[k]; k++) {
        depth += (line[k] == '(') - (line[k] == ')');
        if (!depth && line[k] == '=')
            return line[k + 1] != '=' && !strchr("<>!~", k ? line[k - 1] : 0) ? n : 0;
        if (!depth && line[k] == ':') return line[k + 1] == ' ' ? n : 0;
        if (!depth && !strchr(" )'", line[k]) && !of_name(line[k])) return 0;
    }
    return 0;
}

static void bind(const char *name, size_t n, const char *line)
{
    size_t i = 0;
    while (i < repl.n && (strlen(repl.bound[i].name) != n || memcmp(repl.bound[i].name, name, n))) i++;
    if (i == repl.n) {
        binding *more = realloc(repl.bound, (repl.n + 1) * sizeof *more);
        if (!more) return;
        repl.bound = more;
        repl.bound[repl.n++] = (binding){strndup(name, n), NULL};
    }
    free(repl.bound[i].text);
    repl.bound[i].text = strdup(line);
}

// Is the statement good beside what is bound already, but for what it replaces? Else says why not.
static int try_statement(const options *o, const char *line, size_t n)
{
    session s = {.o = o};
    s.c = sd_context_new(&(sd_options){.limits = &o->limits, .from = o->from});
    if (!s.c) return complain(o, BROKEN, "", "out of memory");
    int status = DONE;
    for (size_t i = 0; i < repl.n && !status; i++)
        if (strlen(repl.bound[i].name) != n || memcmp(repl.bound[i].name, line, n))
            if (sd_declare(s.c, repl.bound[i].text, NULL)) status = session_failed(&s);
    if (!status && sd_declare(s.c, line, "<input>")) status = session_failed(&s);
    session_close(&s);
    return status;
}

// ---- lines ------------------------------------------------------------------------------------------------

// Where the options of a line begin: at a word of two dashes and a letter.
static size_t options_at(const char *line)
{
    for (size_t i = 0; line[i]; i++)
        if ((!i || line[i - 1] == ' ') && line[i] == '-' && line[i + 1] == '-' && line[i + 2] >= 'a' &&
            line[i + 2] <= 'z')
            return i;
    return strlen(line);
}

// Cuts s into words at blanks outside quotes, which go; the words stay in s. A quote opens where a word or a
// value begins: in X'*X it transposes.
static void cut(char *s, list *words)
{
    char *to = s;
    for (char *p = s; *p;) {
        while (*p == ' ' || *p == '\t') p++;
        if (!*p) break;
        char *word = to, quote = 0;
        for (; *p && (quote || (*p != ' ' && *p != '\t')); p++) {
            bool opens = (*p == '"' || *p == '\'') && (to == word || to[-1] == '=');
            if (quote ? *p == quote : opens) quote = quote ? 0 : *p;
            else *to++ = *p;
        }
        if (*p) p++;
        *to++ = 0;
        list_add(words, word);
    }
}

// The line with the last answer in place of each _ that stands alone.
static char *with_answer(const char *line)
{
    text t = {0};
    put(&t, "");
    for (size_t i = 0; line[i]; i++) {
        bool alone =
            line[i] == '_' && !(i && of_name(line[i - 1])) && !of_name(line[i + 1]) && line[i + 1] != '{';
        if (alone && repl.kept.n) putf(&t, "(%s)", repl.kept.s);
        else putn(&t, line + i, 1);
    }
    return t.s;
}

static char *trimmed(const char *s, size_t n)
{
    while (n && (*s == ' ' || *s == '\t')) s++, n--;
    while (n && (s[n - 1] == ' ' || s[n - 1] == '\t' || s[n - 1] == '\r')) n--;
    return strndup(s, n);
}

// Adds the options that the session was started with to those of a line, e.g. symdiff repl -F model.sd -q.
static void inherit(options *o)
{
    const options *from = repl.start;
    o->quiet |= from->quiet;
    o->from = o->from ? o->from : from->from;
    for (size_t i = 0; i < from->declare.n; i++) list_add(&o->declare, from->declare.s[i]);
    for (size_t i = 0; i < from->file.n; i++) list_add(&o->file, from->file.s[i]);
    for (size_t i = 0; i < from->data.n; i++) list_add(&o->data, from->data.s[i]);
    const size_t *given = (const size_t *)(const void *)&from->limits;
    size_t *limit = (size_t *)(void *)&o->limits;
    for (size_t i = 0; i < sizeof o->limits / sizeof *limit; i++) limit[i] = limit[i] ? limit[i] : given[i];
}

// Runs a line as the command line would: [command] expression --options.
static int run_line(const char *line, const char *more)
{
    size_t at = options_at(line);
    char *expression = trimmed(line, at), *rest = NULL;
    text all = {0};
    putf(&all, "%s %s %s", repl.set ? repl.set : "", line + at, more);
    rest = all.s;
    list words = {0};
    list_add(&words, "symdiff");
    size_t n = strcspn(expression, " ");
    char first[16];
    snprintf(first, sizeof first, "%.*s", (int)n, expression);
    const command *k = command_find(first);
    bool is_command = k && (expression[n] || k->min_words == 0) && strcmp(first, "derive");
    if (is_command) list_add(&words, k->name);
    const char *shown = expression + (is_command ? n + strspn(expression + n, " ") : 0);
    // in front, so that an option without its value does not take it
    if (*shown && *shown != '-') list_add(&words, shown);
    cut(rest, &words);
    if (*shown == '-') list_add(&words, "--"), list_add(&words, shown);
    options o;
    int status = options_read(&o, (int)words.n, (char **)words.s, command_find);
    inherit(&o);
    for (size_t i = 0; i < repl.n; i++) list_add(&o.declare, repl.bound[i].text);
    text kept = {0};
    o.kept = &kept;
    if (!status) status = run_options(&o);
    if (!status && kept.n) {
        text_free(&repl.kept);
        repl.kept = kept;
    } else text_free(&kept);
    options_free(&o);
    free(words.s);
    free(rest);
    free(expression);
    return status;
}

static int remember(const char *line)
{
    char *full = with_answer(line);
    int status = full ? run_line(full, "") : BROKEN;
    if (!status) {
        free(repl.last);
        repl.last = full;
    } else free(full);
    return status;
}

static const char about[] =
    "  EXPR --wrt x          as on the command line, without the shell's quotes: options begin with two "
    "dashes\n"
    "  eval EXPR --at x=1    a command and its expression; `help` lists commands and options\n"
    "  f = EXPR              a definition; X: matrix(m,n) a declaration. They stay, a new one replaces the "
    "old\n"
    "  _                     the last answer\n"
    "  :latex :numpy :c ...  the last line in another format; :hessian, :hvp v, any option, with it\n"
    "  :check :steps ...     the last expression with another command; options may follow\n"
    "  :set --from latex     options of every line; :set alone shows them, and what is bound\n"
    "  ?exp                  help on a function or command; :quit, or Ctrl-D, ends; Ctrl-C ends what runs\n";

static int show_set(void)
{
    if (repl.set) printf(":set %s\n", repl.set);
    for (size_t i = 0; i < repl.n; i++) puts(repl.bound[i].text);
    return DONE;
}

static bool is_option(const char *word)
{
    size_t i = 0;
    while (option_at(i) && strcmp(option_at(i)->name, word)) i++;
    return option_at(i) != NULL;
}

static int colon(const options *o, const char *line)
{
    size_t n = strcspn(line, " ");
    char word[24], more[64];
    const char *rest = line + n + strspn(line + n, " ");
    snprintf(word, sizeof word, "%.*s", (int)n, line);
    if (!strcmp(word, "help")) return fputs(about, stdout), DONE;
    if (!strcmp(word, "set") && !*rest) return show_set();
    if (!strcmp(word, "set")) {
        free(repl.set);
        repl.set = strcmp(rest, "--") ? strdup(rest) : NULL; // `:set --` forgets
        return DONE;
    }
    bool format = sd_format_find(word) >= 0 || !strcmp(word, "c"), more_option = is_option(word);
    const command *k = command_find(word);
    if (!format && !more_option && (!k || k->min_words > 1))
        return complain(o, BAD_USAGE, ":help", "there is no :%s", word);
    if (!repl.last) return complain(o, BAD_USAGE, "f = x^2; then f --wrt x", "there is no last line");
    if (format || more_option) {
        snprintf(more, sizeof more, format ? "--format %s " : "--%s ", word);
        text all = {0};
        putf(&all, "%s%s", more, rest);
        int status = run_line(repl.last, all.s);
        text_free(&all);
        return status;
    }
    const char *last = repl.last; // without the command it had
    size_t old = strcspn(last, " ");
    char first[16];
    snprintf(first, sizeof first, "%.*s", (int)old, last);
    if (command_find(first)) last += old + strspn(last + old, " ");
    text all = {0};
    putf(&all, "%s %s", word, last);
    int status = run_line(all.s, rest);
    text_free(&all);
    return status;
}

static int run_text(const options *o, char *line)
{
    size_t n;
    if (!*line || *line == '#' || *line == '%') return DONE;
    if (*line == ':') return colon(o, line + 1);
    if (*line == '?') {
        text t = {0};
        putf(&t, "help %s", line[1] ? line + 1 : "");
        int status = run_line(t.s, "");
        text_free(&t);
        return status;
    }
    if (options_at(line) != strlen(line) || !(n = statement(line))) return remember(line);
    char *full = with_answer(line);
    int status = try_statement(o, full, n);
    if (!status) bind(full, n, full);
    free(full);
    return status;
}

// ---- completion -------------------------------------------------------------------------------------------

void repl_complete_options(bool them) { repl.options = them; }

static const char *const greek[][2] = {
    {"\\alpha", "α"}, {"\\beta", "β"},  {"\\gamma", "γ"}, {"\\delta", "δ"}, {"\\epsilon", "ε"},
    {"\\zeta", "ζ"},  {"\\eta", "η"},   {"\\theta", "θ"}, {"\\kappa", "κ"}, {"\\lambda", "λ"},
    {"\\mu", "μ"},    {"\\nu", "ν"},    {"\\xi", "ξ"},    {"\\pi", "π"},    {"\\rho", "ρ"},
    {"\\sigma", "σ"}, {"\\tau", "τ"},   {"\\phi", "φ"},   {"\\chi", "χ"},   {"\\psi", "ψ"},
    {"\\omega", "ω"}, {"\\Gamma", "Γ"}, {"\\Delta", "Δ"}, {"\\Theta", "Θ"}, {"\\Lambda", "Λ"},
    {"\\Xi", "Ξ"},    {"\\Pi", "Π"},    {"\\Sigma", "Σ"}, {"\\Phi", "Φ"},   {"\\Psi", "Ψ"},
    {"\\Omega", "Ω"},
};
enum { GREEK = sizeof greek / sizeof *greek };

// The words in one row: Greek letters, bound names, commands, functions; or
// options. `as` is what is put for it.
static const char *word_at(size_t i, const char **as)
{
    sd_operator op;
    size_t commands = 0;
    if (repl.options) return *as = option_at(i) ? option_at(i)->name : NULL;
    if (i < GREEK) return *as = greek[i][1], greek[i][0];
    i -= GREEK;
    if (i < repl.n) return *as = repl.bound[i].name;
    i -= repl.n;
    while (command_at(commands)) commands++;
    if (i < commands) return *as = command_at(i)->name;
    return *as = sd_operator_at(i - commands, &op) ? op.name : NULL;
}

const char *repl_candidate(const char *begins, size_t *i)
{
    const char *as, *word;
    while ((word = word_at((*i)++, &as)) != NULL)
        if (!strncmp(word, begins, strlen(begins)) && of_name(*as)) return as;
    return NULL;
}

// ---- the loop ---------------------------------------------------------------------------------------------

int run_repl(options *o)
{
    struct sigaction act = {.sa_handler = interrupt}; // no SA_RESTART: a line that is being read is given up
    sigaction(SIGINT, &act, NULL);
    int status = DONE;
    repl.start = o;
    for (char *line; (line = read_line("> ")) != NULL; free(line)) {
        char *clean = trimmed(line, strlen(line));
        bool ends = !strcmp(clean, ":quit") || !strcmp(clean, ":q");
        if (!ends && run_text(o, clean)) status = NO_ANSWER;
        free(clean);
        fflush(stdout);
        if (ends) {
            free(line);
            break;
        }
    }
    for (size_t i = 0; i < repl.n; i++) free(repl.bound[i].name), free(repl.bound[i].text);
    free(repl.bound);
    free(repl.last);
    free(repl.set);
    text_free(&repl.kept);
    return status;
}
