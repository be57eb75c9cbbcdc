// SPDX-License-Identifier: MIT
// The words of a command line: which are options with their values, which the command, which the expression.
//
// `--name value` and `--name=value` are the same, and a name may be cut short where one option alone begins
// so; a short option is exactly two characters, so "-x*y" and "-f(x)" are expressions. A word like `--name`
// that is no option is an error; any other word that begins with '-' and is no option is an expression
// ("-sum(x)"). `--` ends options. Options may stand before or after the expression. Entry: options_read.
#define _POSIX_C_SOURCE 200809L
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Length of the name in "--name" or "--name=value"; 0 if the word is not of that form.
static size_t long_name(const char *word)
{
    if (strncmp(word, "--", 2) || word[2] < 'a' || word[2] > 'z') return 0;
    size_t n = strspn(word + 2, "abcdefghijklmnopqrstuvwxyz-");
    return word[2 + n] && word[2 + n] != '=' ? 0 : n;
}

// --d begins many names: which?
static int ambiguous(const options *o, const char *name, size_t begun)
{
    text hint = {0};
    size_t n = strlen(name), k = 0;
    for (size_t i = 0; option_at(i); i++)
        if (!strncmp(option_at(i)->name, name, n))
            putf(&hint, "%s--%s", !k++ ? "" : k == begun ? " or " : ", ", option_at(i)->name);
    int status = complain(o, BAD_USAGE, hint.s, "--%s is short for several options", name);
    text_free(&hint);
    return status;
}

static int unknown(const options *o, const char *word, size_t n)
{
    size_t begun = 0;
    char name[64], hint[160];
    snprintf(name, sizeof name, "%.*s", (int)n, word + 2);
    for (size_t i = 0; option_at(i); i++) begun += !strncmp(option_at(i)->name, name, strlen(name));
    if (begun) return ambiguous(o, name, begun);
    const char *near = option_nearest(name);
    if (near) snprintf(hint, sizeof hint, "did you mean --%s?", near);
    else
        snprintf(hint, sizeof hint,
                 "symdiff help options; an expression that begins like an option comes after '--'");
    return complain(o, BAD_USAGE, hint, "unknown option --%s", name);
}

// Returns the option of this name, or the only one that begins so; NULL if there is none.
static const option *find_option(const char *name, size_t n)
{
    const option *found = NULL, *p;
    bool several = false;
    for (size_t k = 0; n && (p = option_at(k)); k++) {
        if (strncmp(p->name, name, n)) continue;
        if (!p->name[n]) return p;
        several |= found != NULL;
        found = p;
    }
    return several ? NULL : found;
}

// Tries argv[*i] as an option. *taken: it was one, *i stands on its last word.
static int take_option(options *o, int argc, char **argv, int *i, bool *taken)
{
    const char *word = argv[*i];
    size_t n = long_name(word);
    *taken = n > 0;
    const option *named = find_option(word + 2, n), *p;
    for (size_t k = 0; (p = option_at(k)); k++) {
        bool is_long = p == named;
        bool is_short = p->letter && word[0] == '-' && word[1] == p->letter && !word[2];
        if (!is_long && !is_short) continue;
        *taken = true;
        const char *value = is_long && word[2 + n] ? word + 3 + n : NULL;
        if (!p->value && value) return complain(o, BAD_USAGE, "", "--%s takes no value", p->name);
        if (p->value && !value) {
            if (*i + 1 == argc)
                return complain(o, BAD_USAGE, "", "--%s needs a value: --%s %s", p->name, p->name, p->value);
            value = argv[++*i];
        }
        return p->set(o, p, value);
    }
    return n ? unknown(o, word, n) : DONE;
}

int options_read(options *o, int argc, char **argv, const command *(*find)(const char *name))
{
    *o = (options){.command = NULL, .detail = 1};
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    o->color = isatty(STDERR_FILENO) && !(no_color && *no_color) && !(term && !strcmp(term, "dumb"));
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--")) {
            while (++i < argc) list_add(&o->words, argv[i]);
            break;
        }
        // a topic
        if (o->command && !strcmp(o->command, "help") && strcmp(argv[i], "--help") && long_name(argv[i])) {
            list_add(&o->words, argv[i]);
            continue;
        }
        bool taken;
        int status = take_option(o, argc, argv, &i, &taken);
        if (status) return status;
        if (taken) continue;
        if (!strcmp(argv[i], "-v") || !strcmp(argv[i], "-V") || (!strcmp(argv[i], "version") && argc == 2)) {
            return complain(o, BAD_USAGE,
                            "symdiff --version; an expression that looks so is written after '--'",
                            "unknown option '%s'", argv[i]);
        }
        if (!o->command && !o->words.n && find(argv[i])) o->command = argv[i];
        else list_add(&o->words, argv[i]);
    }
    if (!o->command) o->command = "derive";
    if (!o->words.s) list_add(&o->words, ""), o->words.n = 0; // room for one word
    return DONE;
}

void options_free(options *o)
{
    free(o->words.s);
    free(o->declare.s);
    free(o->sweep.s);
    free(o->file.s);
    free(o->data.s);
    free(o->subject.s);
    free(o->function.s);
    text_free(&o->wrt);
}

void list_add(list *l, const char *s)
{
    const char **more = realloc(l->s, (l->n + 1) * sizeof *more);
    if (!more) {
        fputs("symdiff: error: out of memory\n", stderr);
        exit(BROKEN);
    }
    l->s = more;
    l->s[l->n++] = s;
}
