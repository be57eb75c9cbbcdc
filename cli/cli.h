// SPDX-License-Identifier: MIT
// The command line. It stands on include/symdiff.h alone: what it can do, any program can.
//
// Reading order: main.c, commands.c, options.c (one table row per option), session.c (from options to an
// expression and its derivative), derive.c, eval.c, check.c, emit.c (one command each), output.c (text to
// where it belongs), help.c. Functions return an exit status: 0 done, 1 the input has no answer, 2 wrong
// usage, 3 a limit or an internal error, 4 not decided (equal). What goes wrong is printed where it is found,
// once, to standard error.
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "include/symdiff.h"

enum { DONE = 0, NO_ANSWER = 1, BAD_USAGE = 2, BROKEN = 3, NOT_DECIDED = 4 };

// ---- text -------------------------------------------------------------------------------------------------
typedef struct {
    char *s;
    size_t n, cap;
} text; // {0} is empty; text_free it
void put(text *t, const char *s);
void putn(text *t, const char *s, size_t n);
void putf(text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_free(text *t);

// ---- options ----------------------------------------------------------------------------------------------
typedef struct {
    const char **s;
    size_t n;
} list;
void list_add(list *l, const char *s); // keeps the pointer

typedef struct {
    const char *command;   // a name of the command table
    list words;            // what is no option: EXPR, a topic
    const char *what_name; // the option that said what to derive, or NULL
    sd_what what;
    const char *direction, *along, *around;
    int order, taylor;
    sd_layout layout;
    sd_symmetric symmetric;
    sd_notation from;
    text wrt; // empty: none
    const char *format, *output, *size, *dump, *mode, *collect;
    const char *target; // of emitted C
    const char *shard;  // the size that its ranks share
    const char *jit;    // the C compiler that makes functions; NULL: the library does
    const char *name, *prefix, *args, *outputs, *real, *include, *depfile; // of emitted functions
    list function;                                                         // of emit: NAME:OUTPUTS
    int detail;                                                            // of steps
    list declare, file, data, subject, sweep;
    sd_limits limits;
    unsigned seed;
    bool psd; // of convex
    bool quiet, no_where, expression, with_value, conditions, dense, force, columns, leading, sparse, joined,
        trial, header_only, debug, help, version;
    bool color; // on standard error
    text *kept; // where a derivation leaves its answer as an expression, or NULL
} options;

void options_free(options *o);
// one line each; NULL: of any name, of any verb. false: there is none
bool options_describe(text *out, const char *name, const char *verb);
typedef struct option option;
struct option {
    const char *name;
    char letter;       // 0: none
    const char *value; // what help calls it; NULL: a flag
    int (*set)(options *o, const option *self, const char *value);
    size_t field; // of `options`
    int number;
    const char *about;
    const char *verbs; // that take it; NULL: all that read an expression
};
bool option_is_of(const option *o, const char *verb);
const option *option_at(size_t i);                // NULL behind the last
const char *option_nearest(const char *name);     // the name of the option that was meant, or NULL
bool put_completions(text *t, const char *shell); // of bash, zsh or fish; false: there is no such shell
void options_formats(text *out);                  // the names that -f takes

// ---- commands ---------------------------------------------------------------------------------------------
typedef struct {
    const char *name;
    int (*run)(options *o);
    size_t min_words, max_words;
    const char *usage, *about;
} command;
const command *command_at(size_t i); // NULL behind the last
const command *command_find(const char *name);
// find: is a word a command?
int options_read(options *o, int argc, char **argv, const command *(*find)(const char *name));

int run_derive(options *o);
int run_eval(options *o);
int run_sweep(options *o, const char *kind); // eval --sweep; kind: npy, csv, mtx, json or NULL, text
int run_check(options *o);
int run_emit(options *o);
int run_equal(options *o);
int run_expand(options *o);
int run_factor(options *o);
int run_simplify(options *o);
int run_substitute(options *o);
int run_convex(options *o);
int run_solve(options *o);
int run_kkt(options *o);
int run_recur(options *o);
int find_document(const char *name); // a value of sd_document; -1: there is none. NULL: text
int run_graph(options *o);
int run_explain(options *o);
int run_steps(options *o);
int run_help(options *o);
int run_repl(options *o);
int run_options(options *o);    // the command that the options name
void repl_watch(sd_context *c); // what Ctrl-C interrupts in a session of lines; NULL: nothing

// ---- a session --------------------------------------------------------------------------------------------
typedef struct {
    const options *o;
    sd_context *c;
    sd_data *data;
    sd_expr expr, other; // other: the second expression of `equal`
    // of emit with several expressions, the first of which is `expr`; else NULL
    sd_expr *all;
    sd_request request;
    sd_result *result;
    text from_stdin, data_from_stdin;
} session;

bool constant_data(session *s, const char *argument); // constant.c: z=pi/4, x=(0,0)
// of the first of a list, "x=0,y=[1,2]": a comma outside brackets before NAME= separates
size_t data_length(const char *p);
int session_declare(session *s, const options *o); // reads data and declarations
int session_open(session *s, const options *o);    // reads data, declarations and the expression
int session_request(session *s);                   // fills `request`
// fills `result`; the expression itself when there is no --wrt
int session_derive(session *s);
void session_legend(session *s);         // inferred shapes, to standard error
int session_answer(session *s, text *t); // legend and answer; frees t
// the same of a text of the library, which it frees; NULL: it failed
int session_show(session *s, char *shown);
// prints the last error of the context, returns its exit status
int session_failed(session *s);
void session_close(session *s);

// ---- functions of emit ------------------------------------------------------------------------------------
// The functions of an emitted file, and what each of them computes. outputs.c
typedef struct {
    sd_emit_function *f;
    size_t n;
} functions;
int functions_read(functions *f, session *s, const char *name, const char *prefix);
void functions_free(functions *f);

// ---- output -----------------------------------------------------------------------------------------------
// "symdiff: error: ..." and, if hint is not empty, "hint: ..."; returns status
int complain(const options *o, int status, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void put_quoted(text *t, const char *s); // a string of JSON
void putn_quoted(text *t, const char *s, size_t n);
void put_json_lines(text *t, const char *lines, const char *with); // convex.c
bool wants_json(const options *o);                                 // -f json: errors are JSON, too
void warn(const options *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
// The answer: to the file of -o, else to standard output.
int answer(const options *o, const text *t);
// mark: NULL, or what stands at the head of a file that may be overwritten without --force
typedef struct {
    const char *name;
    const char *content;
    size_t size;
    const char *mark;
} output_file;
// All files or none: each is written beside its place under another name, then all are renamed.
int write_files(const options *o, const output_file *f, size_t n);

// The candidate within two changes of `name`, or NULL.
const char *nearest(const char *name, const char *const *candidates, size_t n);

#endif
