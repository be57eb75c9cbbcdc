// SPDX-License-Identifier: MIT
// symdiff graph: the computation graph, in the language of Graphviz, or drawn by its program dot.
#define _POSIX_C_SOURCE 200809L
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// dot -Tsvg, from the file `in` to `out`; its exit status, 127 if there is no such program.
static int run_dot(FILE *in, FILE *out)
{
    pid_t child = fork();
    if (child < 0) return 127;
    if (child == 0) {
        if (dup2(fileno(in), STDIN_FILENO) < 0 || dup2(fileno(out), STDOUT_FILENO) < 0) _exit(126);
        execlp("dot", "dot", "-Tsvg", (char *)NULL);
        _exit(127);
    }
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return 126;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}

static int draw(session *s, text *t)
{
    FILE *in = tmpfile(), *out = tmpfile();
    char block[1 << 12];
    int status =
        in && out ? DONE : complain(s->o, NO_ANSWER, "", "cannot make a temporary file: %s", strerror(errno));
    if (!status && (fwrite(t->s, 1, t->n, in) != t->n || fflush(in) || fseek(in, 0, SEEK_SET)))
        status = complain(s->o, NO_ANSWER, "", "cannot write a temporary file: %s", strerror(errno));
    int code = status ? 0 : run_dot(in, out);
    if (code == 127)
        status = complain(s->o, NO_ANSWER, "install Graphviz, or take -f dot",
                          "graph: there is no program 'dot' to draw with");
    else if (code) status = complain(s->o, NO_ANSWER, "", "graph: dot failed with exit status %d", code);
    text_free(t);
    if (!status) {
        rewind(out);
        for (size_t n; (n = fread(block, 1, sizeof block, out)) > 0;) putn(t, block, n);
    }
    if (in) fclose(in);
    if (out) fclose(out);
    return status;
}

int run_graph(options *o)
{
    const char *format = o->format ? o->format : "dot";
    bool svg = !strcmp(format, "svg");
    if (!svg && strcmp(format, "dot"))
        return complain(o, BAD_USAGE, "", "graph: the formats are dot and svg, not '%s'", format);
    if (o->what_name)
        return complain(o, BAD_USAGE, "",
                        "graph draws the expression and its local derivatives: leave --%s out", o->what_name);
    session s;
    int status = session_open(&s, o);
    if (!status) {
        sd_steps_options how = {.detail = o->detail, .seed = o->seed, .data = s.data};
        char *dot = sd_graph(s.c, s.expr, o->wrt.n ? o->wrt.s : NULL, &how);
        text t = {0};
        if (dot) put(&t, dot);
        else status = session_failed(&s);
        sd_free(s.c, dot);
        if (!status && svg) status = draw(&s, &t);
        if (!status) status = session_answer(&s, &t);
        else text_free(&t);
    }
    session_close(&s);
    return status;
}
