// SPDX-License-Identifier: MIT
// The table of commands. help.c lists them, and is one of them.
#define _POSIX_C_SOURCE 200809L
#include "cli/cli.h"

#include <string.h>

static const command commands[] = {
    {"derive", run_derive, 0, 1, "symdiff [derive] EXPR --wrt VAR[,VAR...]",
     "derive; without --wrt, print the expression simplified"},
    {"eval", run_eval, 0, 1, "symdiff eval EXPR [--wrt VAR] --data FILE.json|X=FILE.csv|t=[1;2;3]",
     "the numbers: of the expression or of its derivative"},
    {"check", run_check, 0, 1, "symdiff check EXPR --wrt VAR",
     "compare the derivative with central differences"},
    {"emit", run_emit, 0, 1000,
     "symdiff emit [NAME =] EXPR ... [--wrt VAR] [--function NAME:WHAT,...] -o NAME.c",
     "write NAME.c and NAME.h, portable C99"},
    {"steps", run_steps, 0, 1, "symdiff steps EXPR --wrt VAR[,VAR...]",
     "the derivation, line by line, every line checked"},
    {"graph", run_graph, 0, 1, "symdiff graph EXPR [--wrt VAR[,VAR...]] [-f svg]",
     "the computation graph, with local derivatives"},
    {"explain", run_explain, 0, 1, "symdiff explain EXPR [--wrt VAR]",
     "how is each name read, why, and what else could it be?"},
    {"convex", run_convex, 0, 1, "symdiff convex EXPR [--wrt VAR[,VAR...]] [--psd]",
     "is the expression convex, or the matrix definite, and why?"},
    {"solve", run_solve, 0, 1, "symdiff solve EXPR --wrt VAR [--subject-to \"A*x==b\"]",
     "where is the gradient 0?"},
    {"recur", run_recur, 0, 1, "symdiff recur \"w <- A*w+b\"",
     "the closed form of an affine recursion, and when it converges"},
    {"kkt", run_kkt, 0, 1, "symdiff kkt EXPR --wrt VAR[,VAR...] --subject-to \"A*x<=b; sum(x)==1\"",
     "the conditions for a minimum, line by line"},
    {"expand", run_expand, 0, 1, "symdiff expand EXPR", "multiply everything out"},
    {"factor", run_factor, 0, 1, "symdiff factor EXPR", "write a polynomial as a product"},
    {"simplify", run_simplify, 0, 1, "symdiff simplify EXPR [--collect VAR]",
     "the shortest form; or by the powers of a variable"},
    {"substitute", run_substitute, 2, 1000, "symdiff substitute EXPR NAME=EXPR ... [--wrt VAR]",
     "expressions in the places of variables, all at once"},
    {"equal", run_equal, 2, 2, "symdiff equal EXPR1 EXPR2", "are two expressions the same function?"},
    {"repl", run_repl, 0, 0, "symdiff repl",
     "a session: line after line, definitions stay, _ is the last answer; :help"},
    {"help", run_help, 0, 1, "symdiff help [TOPIC]",
     "a command, an option, a function, or: language, reading, functions, rules, options; bash, zsh or fish: "
     "completions"},
};

const command *command_at(size_t i) { return i < sizeof commands / sizeof *commands ? &commands[i] : NULL; }

const command *command_find(const char *name)
{
    for (size_t i = 0; command_at(i); i++)
        if (!strcmp(commands[i].name, name)) return &commands[i];
    return NULL;
}
