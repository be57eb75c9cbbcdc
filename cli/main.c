// SPDX-License-Identifier: MIT
// symdiff, the program: finds the command and runs it.
//
// A first word that names a command is that command; anything else is an expression to derive. An expression
// that is spelled like a command is written after `derive` or after `--`.
#define _POSIX_C_SOURCE 200809L
#include "cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const command commands[] = {
    {"derive", run_derive, 0, 1, "symdiff [derive] EXPR --wrt VAR[,VAR...]",
     "derive; without --wrt, print the expression simplified"},
    {"eval", run_eval, 0, 1, "symdiff eval EXPR [--wrt VAR] --data FILE.json|X=FILE.csv|t=[1;2;3]",
     "the numbers: of the expression or of its derivative"},
    {"check", run_check, 0, 1, "symdiff check EXPR --wrt VAR", "compare the derivative with central differences"},
    {"emit", run_emit, 0, 1, "symdiff emit EXPR [--wrt VAR] -o NAME.c", "write NAME.c and NAME.h, portable C99"},
    {"steps", NULL, 1, 1, "symdiff steps EXPR --wrt VAR", "the derivation, rule by rule"},
    {"convex", run_convex, 0, 1, "symdiff convex EXPR [--wrt VAR[,VAR...]]", "is the expression convex, and why?"},
    {"solve", run_solve, 0, 1, "symdiff solve EXPR --wrt VAR [--subject-to \"A*x==b\"]", "where is the gradient 0?"},
    {"equal", run_equal, 2, 2, "symdiff equal EXPR1 EXPR2", "are two expressions the same function?"},
    {"repl", NULL, 0, 0, "symdiff repl", "work interactively"},
    {"help", run_help, 0, 1, "symdiff help [TOPIC]", "a command, a function, or: language, functions, options"},
};

const command *command_at(size_t i)
{
    return i < sizeof commands / sizeof *commands ? &commands[i] : NULL;
}

const command *command_find(const char *name)
{
    for (size_t i = 0; command_at(i); i++)
        if (!strcmp(commands[i].name, name)) return &commands[i];
    return NULL;
}

static int too_many_words(const options *o, const command *k)
{
    const char *names[sizeof commands / sizeof *commands];
    size_t n = 0;
    for (; command_at(n); n++) names[n] = commands[n].name;
    const char *near = strcmp(k->name, "derive") ? NULL : nearest(o->words.s[0], names, n);
    char hint[128];
    if (near) snprintf(hint, sizeof hint, "did you mean the command '%s'?", near);
    else snprintf(hint, sizeof hint, "one expression is expected; quote it for the shell");
    return complain(o, BAD_USAGE, hint, "unexpected argument '%s'", o->words.s[k->max_words]);
}

static int run(options *o)
{
    if (o->version) {
        text t = {0};
        putf(&t, "symdiff %s\n", sd_version());
        int status = answer(o, &t);
        text_free(&t);
        return status;
    }
    const command *k = command_find(o->help ? "help" : o->command);
    if (o->help) { // `symdiff eval --help` explains eval
        if (strcmp(o->command, "derive") && strcmp(o->command, "help")) o->words.s[0] = o->command, o->words.n = 1;
        else o->words.n = strcmp(o->command, "help") ? 0 : o->words.n;
    }
    if (!k->run) return complain(o, BAD_USAGE, "", "the command '%s' is not supported yet", k->name);
    if (o->words.n > k->max_words) return too_many_words(o, k);
    if (o->words.n < k->min_words) return complain(o, BAD_USAGE, k->usage, "%s needs an expression", k->name);
    return k->run(o);
}

int main(int argc, char **argv)
{
    options o;
    signal(SIGPIPE, SIG_IGN); // a closed pipe is a write error like any other
    int status = options_read(&o, argc, argv);
    if (!status) status = run(&o);
    options_free(&o);
    return status;
}
