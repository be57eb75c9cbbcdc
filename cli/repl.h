// SPDX-License-Identifier: MIT
// Between the files of the session on a terminal: repl.c reads lines as commands, line.c gets them.
#ifndef REPL_H
#define REPL_H

#include "cli/cli.h"

char *read_line(const char *prompt); // without its end; NULL: there is none. free() it
bool repl_interrupted(void);         // since the last question: Ctrl-C
// The i-th word or one behind it that begins like this; *i goes on. NULL: there is none left.
const char *repl_candidate(const char *begins, size_t *i);
void repl_complete_options(bool them); // what candidates are from now on: options, else names

#endif
