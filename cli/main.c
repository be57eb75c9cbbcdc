// SPDX-License-Identifier: MIT
// symdiff, the program: finds the command (commands.c) and runs it.
//
// A first word that names a command is that command; anything else is an expression to derive. An expression
// that is spelled like a command is written after `derive` or after `--`.
#define _POSIX_C_SOURCE 200809L
#include "cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int too_many_words(const options *o, const command *k)
{
    const char *names[32];
    size_t n = 0;
    for (; n < sizeof names / sizeof *names && command_at(n); n++) names[n] = command_at(n)->name;
    const char *near = strcmp(k->name, "derive") ? NULL : nearest(o->words.s[0], names, n);
    char hint[128];
    if (near) snprintf(hint, sizeof hint, "did you mean the command '%s'?", near);
    else snprintf(hint, sizeof hint, "one expression is expected; quote it for the shell");
    return complain(o, BAD_USAGE, hint, "unexpected argument '%s'", o->words.s[k->max_words]);
}

int run_options(options *o)
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
        if (strcmp(o->command, "derive") && strcmp(o->command, "help"))
            o->words.s[0] = o->command, o->words.n = 1;
        else o->words.n = strcmp(o->command, "help") ? 0 : o->words.n;
    }
    if (o->words.n > k->max_words) return too_many_words(o, k);
    if (o->words.n < k->min_words) return complain(o, BAD_USAGE, k->usage, "%s needs an expression", k->name);
    return k->run(o);
}

int main(int argc, char **argv)
{
    options o;
    signal(SIGPIPE, SIG_IGN); // a closed pipe is a write error like any other
    int status = options_read(&o, argc, argv, command_find);
    if (argc == 1 && isatty(STDIN_FILENO)) o.command = "repl";
    if (!status) status = run_options(&o);
    options_free(&o);
    return status;
}
