// SPDX-License-Identifier: MIT
// Lines from a terminal, with editing, history and completion, or from a file or pipe, as they are.
//
// The editor is libedit, by its readline interface. It is loaded when the first line is asked for on a
// terminal: nothing else of the program pays for it, and where it is not installed lines are read without it.
#define _POSIX_C_SOURCE 200809L
#include "cli/repl.h"

#include <dlfcn.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef char *read_function(const char *prompt);
typedef int add_function(const char *line);
typedef char *generate_function(const char *begins, int state);
typedef char **match_function(const char *begins, generate_function *next);
typedef char **complete_function(const char *begins, int start, int end);

static struct {
    bool tried;
    read_function *read;
    add_function *add;
    match_function *match;
    char **buffer; // the line that is being edited
} editor;

// The address of a symbol as a pointer of any kind.
static bool find(void *library, const char *name, void *pointer)
{
    void *address = dlsym(library, name);
    memcpy(pointer, &address, sizeof address);
    return address != NULL;
}

static char *next_candidate(const char *begins, int state)
{
    static size_t i;
    if (!state) i = 0;
    const char *at = repl_candidate(begins, &i);
    return at ? strdup(at) : NULL;
}

// An option is completed behind its dashes, which are no part of the word.
static char **complete(const char *begins, int start, int end)
{
    (void)end;
    repl_complete_options(start >= 2 && !strncmp(*editor.buffer + start - 2, "--", 2));
    return editor.match(begins, next_candidate);
}

static void load(void)
{
    static char breaks[] = " \t\n()[]{}+-*/^'.,;=<>|&!?";
    complete_function **completes;
    char **ends;
    int *appended;
    editor.tried = true;
    setlocale(LC_CTYPE, ""); // θ is one character to the editor
    void *library = dlopen("libedit.so.2", RTLD_NOW);
    if (!library || !find(library, "readline", &editor.read) || !find(library, "add_history", &editor.add)) {
        editor.read = NULL;
        return;
    }
    if (find(library, "rl_attempted_completion_function", &completes) &&
        find(library, "rl_completion_matches", &editor.match) &&
        find(library, "rl_line_buffer", &editor.buffer)) {
        *completes = complete;
        if (find(library, "rl_basic_word_break_characters", &ends)) *ends = breaks;
        if (find(library, "rl_completer_word_break_characters", &ends)) *ends = breaks;
        if (find(library, "rl_completion_append_character", &appended)) *appended = 0;
    }
}

char *read_line(const char *prompt)
{
    bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    if (terminal && !editor.tried) load();
    if (terminal && editor.read) {
        repl_interrupted();
        char *line = editor.read(prompt);
        // Ctrl-C gives up this line, not the session
        if (!line && repl_interrupted()) return fputc('\n', stdout), strdup("");
        if (line && line[strspn(line, " \t")]) editor.add(line);
        return line;
    }
    if (terminal) fputs(prompt, stdout), fflush(stdout);
    char *line = NULL;
    size_t room = 0;
    errno = 0;
    ssize_t n = getline(&line, &room, stdin);
    if (n < 0 && errno == EINTR) { // Ctrl-C: this line is given up
        clearerr(stdin);
        free(line);
        return strdup("");
    }
    if (n < 0) return free(line), NULL;
    if (n && line[n - 1] == '\n') line[n - 1] = 0;
    return line;
}
