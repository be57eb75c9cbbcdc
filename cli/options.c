// SPDX-License-Identifier: MIT
// Options: one table row each, from which parsing, `help options` and the hints for misspelt names follow.
//
// A row names the function that reads the value and the field of `options` that it goes to. How options stand
// among the words of a command line is known by argument.c.
#define _POSIX_C_SOURCE 200809L
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// ---- what options do --------------------------------------------------------------------------------------

static void *field(options *o, const option *self) { return (char *)o + self->field; }

static int set_flag(options *o, const option *self, const char *value)
{
    (void)value;
    *(bool *)field(o, self) = true;
    return DONE;
}

static int set_string(options *o, const option *self, const char *value)
{
    *(const char **)field(o, self) = value;
    return DONE;
}

static int set_output(options *o, const option *self, const char *value)
{
    bool standard =
        !strcmp(value, "/dev/stdout") || !strcmp(value, "/dev/fd/1") || !strcmp(value, "/proc/self/fd/1");
    return set_string(o, self, standard ? "-" : value);
}

static int set_list(options *o, const option *self, const char *value)
{
    list_add(field(o, self), value);
    return DONE;
}

static int set_what(options *o, const option *self, const char *value)
{
    if (o->what_name && strcmp(o->what_name, self->name)) {
        return complain(o, BAD_USAGE, "", "--%s and --%s exclude each other", o->what_name, self->name);
    }
    o->what_name = self->name;
    o->what = (sd_what)self->number;
    o->direction = value;
    return DONE;
}

static int read_count(const options *o, const option *self, const char *value, long most, long *out)
{
    char *end;
    errno = 0;
    *out = strtol(value, &end, 10);
    if (errno || end == value || *end || *out < 0 || *out > most) {
        return complain(o, BAD_USAGE, "", "--%s: a number from 0 to %ld was expected, not '%s'", self->name,
                        most, value);
    }
    return DONE;
}

static int set_order(options *o, const option *self, const char *value)
{
    long k;
    int status = read_count(o, self, value, SD_MAX_ORDER, &k);
    if (status) return status;
    if (!k)
        return complain(o, BAD_USAGE, "leave --wrt out to get the expression itself", "--order starts at 1");
    o->order = (int)k;
    return set_what(o, self, NULL);
}

static int set_detail(options *o, const option *self, const char *value)
{
    long k;
    int status = read_count(o, self, value, 2, &k);
    if (!status) o->detail = (int)k;
    return status;
}

static int set_taylor(options *o, const option *self, const char *value)
{
    long k;
    int status = read_count(o, self, value, 4, &k);
    if (status) return status;
    o->taylor = (int)k;
    return set_what(o, self, NULL);
}

static int set_seed(options *o, const option *self, const char *value)
{
    long k;
    int status = read_count(o, self, value, 2147483647L, &k);
    o->seed = (unsigned)k;
    return status;
}

static int set_wrt(options *o, const option *self, const char *value)
{
    if (!*value) return complain(o, BAD_USAGE, "", "--%s: the name of a variable was expected", self->name);
    if (o->wrt.n) put(&o->wrt, ",");
    put(&o->wrt, value);
    return DONE;
}

static int set_layout(options *o, const option *self, const char *value)
{
    static const char *const names[] = {"numerator", "denominator"};
    for (int i = 0; i < 2; i++) {
        if (!strcmp(value, names[i])) return o->layout = (sd_layout)i, DONE;
    }
    return complain(o, BAD_USAGE, "", "--%s: numerator or denominator was expected, not '%s'", self->name,
                    value);
}

static int set_symmetric(options *o, const option *self, const char *value)
{
    static const char *const names[] = {
        [SD_PROJECTED] = "projected", [SD_UNCONSTRAINED] = "unconstrained", [SD_COOKBOOK] = "cookbook"};
    for (int i = SD_PROJECTED; i <= SD_COOKBOOK; i++) {
        if (!strcmp(value, names[i])) return o->symmetric = (sd_symmetric)i, DONE;
    }
    return complain(o, BAD_USAGE, "", "--%s: projected, unconstrained or cookbook was expected, not '%s'",
                    self->name, value);
}

static int set_from(options *o, const option *self, const char *value)
{
    int from = sd_notation_find(value);
    if (from < 0)
        return complain(o, BAD_USAGE, "", "--%s: auto, plain, latex or numpy was expected, not '%s'",
                        self->name, value);
    o->from = (sd_notation)from;
    return DONE;
}

static int set_storage(options *o, const option *self, const char *value)
{
    if (!strcmp(value, "row") || !strcmp(value, "col")) return o->columns = *value == 'c', DONE;
    return complain(o, BAD_USAGE, "", "--%s: row or col was expected, not '%s'", self->name, value);
}

static int set_color(options *o, const option *self, const char *value)
{
    if (!strcmp(value, "always")) o->color = true;
    else if (!strcmp(value, "never")) o->color = false;
    else if (strcmp(value, "auto")) {
        return complain(o, BAD_USAGE, "", "--%s: auto, always or never was expected, not '%s'", self->name,
                        value);
    }
    return DONE;
}

static int set_limit(options *o, const option *self, const char *value)
{
    static const struct {
        const char *name;
        size_t field;
    } limits[] = {
        {"nodes", offsetof(sd_limits, nodes)},   {"depth", offsetof(sd_limits, depth)},
        {"digits", offsetof(sd_limits, digits)}, {"memory", offsetof(sd_limits, memory)},
        {"output", offsetof(sd_limits, output)}, {"elements", offsetof(sd_limits, elements)},
        {"terms", offsetof(sd_limits, terms)},   {"work", offsetof(sd_limits, work)},
    };
    const char *equals = strchr(value, '='), *units = "kMGT";
    for (size_t i = 0; equals && i < sizeof limits / sizeof *limits; i++) {
        if (strlen(limits[i].name) != (size_t)(equals - value) ||
            memcmp(limits[i].name, value, strlen(limits[i].name)))
            continue;
        char *end;
        errno = 0;
        unsigned long long n = strtoull(equals + 1, &end, 10);
        bool bad = errno || end == equals + 1 || equals[1] == '-' || !n;
        if (*end && strchr(units, *end)) {
            for (long k = strchr(units, *end) - units; k >= 0; k--) {
                bad |= n > SIZE_MAX / 1000;
                n *= 1000;
            }
            end++;
        }
        if (bad || *end) break;
        *(size_t *)(void *)((char *)&o->limits + limits[i].field) = (size_t)n;
        return DONE;
    }
    return complain(
        o, BAD_USAGE,
        "nodes, depth, digits, memory, output, elements, terms, work are limits; k, M, G, T are units",
        "--%s: NAME=NUMBER was expected, not '%s'", self->name, value);
}

// ---- the table --------------------------------------------------------------------------------------------

#define AT(member) offsetof(options, member)
// The verbs that take an option. NULL: all verbs that read an expression.
#define FORMS    "derive expand factor simplify substitute"
#define ASKS     "derive eval check emit steps substitute"
#define COMPUTES "eval check steps graph repl"
#define DATA     COMPUTES " emit"
static const option table[] = {
    {"wrt", 0, "VAR[,VAR...]", set_wrt, 0, 0, "derive by these variables",
     ASKS " graph explain convex solve kkt"},
    {"gradient", 0, NULL, set_what, 0, SD_GRADIENT, "of a scalar, in the shape of the variable", ASKS},
    {"jacobian", 0, NULL, set_what, 0, SD_JACOBIAN, "of a vector by a vector, and everything larger", ASKS},
    {"hessian", 0, NULL, set_what, 0, SD_HESSIAN, "second derivative of a scalar", ASKS},
    {"hvp", 0, "V", set_what, 0, SD_HVP, "Hessian times V; the Hessian is never formed", ASKS},
    {"jvp", 0, "V", set_what, 0, SD_JVP, "Jacobian times V", ASKS},
    {"vjp", 0, "V", set_what, 0, SD_VJP, "V times Jacobian, in the shape of the variable", ASKS},
    {"along", 0, "V", set_string, AT(along), 0, "derivative in the direction V; with --order K the K-th",
     ASKS},
    {"differential", 0, NULL, set_what, 0, SD_DIFFERENTIAL, "df in dx, for a variable x", ASKS},
    {"taylor", 0, "K", set_taylor, 0, SD_TAYLOR, "Taylor polynomial of order K (0 to 4)", ASKS},
    {"around", 0, "POINT", set_string, AT(around), 0, "where the Taylor polynomial is taken", ASKS},
    {"order", 0, "K", set_order, 0, SD_DERIVATIVE, "the K-th derivative", ASKS},
    {"layout", 0, "LAYOUT", set_layout, 0, 0, "of Jacobians: numerator (default) or denominator", ASKS},
    {"symmetric", 0, "CONVENTION", set_symmetric, 0, 0,
     "by symmetric X: projected (default), unconstrained or cookbook", ASKS},
    {"from", 0, "NOTATION", set_from, 0, 0, "of the expression: auto (default), plain, latex or numpy", NULL},
    {"format", 'f', "FORMAT", set_string, AT(format), 0, "notation or language of the answer",
     FORMS " eval check steps graph explain convex solve recur kkt equal"},
    {"mode", 0, "MODE", set_string, AT(mode), 0, "of steps: reverse (default), forward or differential",
     "steps"},
    {"detail", 0, "K", set_detail, 0, 0,
     "of steps: 0 the chain, 1 with local derivatives, 2 with their rules", "steps graph"},
    {"expression", 0, NULL, set_flag, AT(expression), 0,
     "of code: the expression alone, no function around it", FORMS},
    {"value", 0, NULL, set_flag, AT(with_value), 0, "of code: the function returns the value as well", FORMS},
    {"no-where", 0, NULL, set_flag, AT(no_where), 0, "one expression, nothing named apart", FORMS},
    {"dense", 0, NULL, set_flag, AT(dense), 0, "emit all entries where an identity is a factor", "emit"},
    {"conditions", 0, NULL, set_flag, AT(conditions), 0, "where the answer is valid, where it has kinks",
     "derive emit"},
    {"name", 0, "NAME", set_string, AT(name), 0, "of the emitted function, if not that of the file",
     FORMS " emit"},
    {"prefix", 0, "TEXT", set_string, AT(prefix), 0,
     "in front of every name that emitted code shares with its callers", "emit"},
    {"args", 0, "X,y,...", set_string, AT(args), 0,
     "the order of the inputs of emitted functions, sizes among them", "emit"},
    {"outputs", 0, "WHAT,...", set_string, AT(outputs), 0,
     "of the emitted function: [EXPR.]value gradient jacobian hessian hvp=V jvp=V vjp=V", "emit"},
    {"function", 0, "NAME:WHAT,...", set_list, AT(function), 0,
     "emit a function of these outputs; repeatable: one file, one graph", "emit"},
    {"real", 0, "TYPE", set_string, AT(real), 0,
     "of numbers in emitted code: double (default), float, or a typedef: NAME=float, or NAME, either",
     "emit"},
    {"include", 0, "FILE", set_string, AT(include), 0, "the header that defines the NAME of --real", "emit"},
    {"storage", 0, "ORDER", set_storage, 0, 0,
     "of arrays in emitted code: row (default) or col, as Fortran, MATLAB and Eigen", "emit"},
    {"ld", 0, NULL, set_flag, AT(leading), 0,
     "a leading dimension behind each matrix of emitted code: X, ldX", "emit"},
    {"sparse", 0, NULL, set_flag, AT(sparse), 0,
     "emitted code writes the entries of Jacobians and Hessians that may be other than 0: CSR or CSC",
     "emit"},
    {"joined", 0, NULL, set_flag, AT(joined), 0,
     "of emitted code: a Hessian by several scalars and vectors is one matrix", "emit"},
    {"main", 0, NULL, set_flag, AT(trial), 0,
     "behind emitted functions a program that reads data, prints and compares", "emit"},
    {"header-only", 0, NULL, set_flag, AT(header_only), 0,
     "emit one header of static inline functions, NAME.h", "emit"},
    {"depfile", 0, "FILE", set_string, AT(depfile), 0,
     "emit a rule of make beside the code: the files that it was made of", "emit"},
    {"target", 0, "TARGET", set_string, AT(target), 0,
     "of emitted C: c (default), openmp (in parallel), cblas (calls of CBLAS, LAPACKE), mpi (ranks)", "emit"},
    {"shard", 0, "SIZE", set_string, AT(shard), 0,
     "of --target mpi: the size, as m, of which each rank has a part", "emit"},
    {"force", 0, NULL, set_flag, AT(force), 0, "emit over a file that symdiff did not write", "emit"},
    {"psd", 0, NULL, set_flag, AT(psd), 0, "of convex: is the matrix positive semidefinite?", "convex"},
    {"subject-to", 0, "CONSTRAINT", set_list, AT(subject), 0,
     "of solve: A*x==b must hold; of kkt: equations and inequalities", "solve kkt"},
    {"collect", 0, "VAR", set_string, AT(collect), 0, "of simplify: by the powers of this variable",
     "simplify"},
    {"output", 'o', "FILE", set_output, AT(output), 0,
     "write the answer there; of eval .npy .csv .mtx .json, too; emit writes NAME.c or .cpp, and NAME.h",
     NULL},
    {"declare", 'd', "TEXT", set_list, AT(declare), 0, "declarations: \"X: matrix(m,n); N: scalar\"", NULL},
    {"file", 'F', "MODEL", set_list, AT(file), 0,
     "a file of declarations and definitions; - is standard input", NULL},
    {"data", 0, "DATA", set_list, AT(data), 0,
     "FILE.json, X=FILE (.json .csv .npy .mtx), X=FILE.csv[col,2:4], X=-, t=[1;2;3], N=16", DATA},
    {"at", 0, "DATA", set_list, AT(data), 0, "the same as --data", DATA},
    {"sweep", 0, "x=-3:3:61", set_list, AT(sweep), 0,
     "a table over a grid, FROM:TO:COUNT points; as text, -f csv or json, or -o FILE.npy", "eval"},
    {"size", 0, "n=10,...", set_string, AT(size), 0, "sizes: constants in emitted code, sizes of random data",
     "eval check emit"},
    {"jit", 0, "CC", set_string, AT(jit), 0,
     "compute by code of the C compiler CC (cc, gcc, clang), -O3, kept in a cache", COMPUTES},
    {"seed", 0, "N", set_seed, AT(seed), 0, "for the random points of check",
     "check convex kkt recur equal steps graph"},
    {"dump", 0, "STAGE", set_string, AT(dump), 0,
     "show a stage: syntax, tree, graph, schedule, schedule:m, c, jit or machine", FORMS},
    {"limit", 0, "NAME=N", set_limit, 0, 0,
     "raise or lower nodes, depth, digits, memory, output, elements, terms or work", NULL},
    {"quiet", 'q', NULL, set_flag, AT(quiet), 0, "no inferred shapes on standard error", NULL},
    {"color", 0, "WHEN", set_color, 0, 0, "auto, always or never", NULL},
    {"debug", 0, NULL, set_flag, AT(debug), 0, "check every step numerically (slow)", NULL},
    {"help", 'h', NULL, set_flag, AT(help), 0, "explain", NULL},
    {"version", 0, NULL, set_flag, AT(version), 0, "print the version", NULL},
};
enum { OPTIONS = sizeof table / sizeof *table };

void options_formats(text *out)
{
    for (size_t i = 0; sd_format_name(i); i++) {
        putf(out, "%s%s", i ? " " : "", sd_format_name(i));
        if (sd_format_find(sd_format_name(i)) == SD_LATEX) put(out, " c");
    }
}

static bool has_word(const char *words, const char *word)
{
    const size_t n = strlen(word);
    for (const char *at = words; (at = strstr(at, word)); at += n)
        if ((at == words || at[-1] == ' ') && (!at[n] || at[n] == ' ')) return true;
    return false;
}

bool option_is_of(const option *o, const char *verb)
{
    // a page of help can be written to a file, too
    static const char everywhere[] = "quiet color limit help version output";
    if (!strcmp(verb, "help")) return has_word(everywhere, o->name);
    return !o->verbs || has_word(o->verbs, verb);
}

static void put_option(text *out, const option *o, const char *formats)
{
    char left[48];
    const char *about = o->field == AT(format) ? formats : o->about; // help lists the formats
    snprintf(left, sizeof left, "--%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
    if (o->letter) putf(out, "  -%c, %-19s %s\n", o->letter, left, about);
    else putf(out, "  %-23s %s\n", left, about);
}

bool options_describe(text *out, const char *name, const char *verb)
{
    text all = {0};
    bool found = false;
    options_formats(&all);
    for (int i = 0; i < OPTIONS; i++) {
        if ((name && strcmp(table[i].name, name)) || (verb && !option_is_of(&table[i], verb))) continue;
        found = true;
        put_option(out, &table[i], !verb || has_word(FORMS, verb) ? all.s : table[i].about);
    }
    text_free(&all);
    return found;
}

const option *option_at(size_t i) { return i < OPTIONS ? &table[i] : NULL; }

const char *option_nearest(const char *name)
{
    const char *names[OPTIONS];
    for (int i = 0; i < OPTIONS; i++) names[i] = table[i].name;
    return nearest(name, names, OPTIONS);
}
