// SPDX-License-Identifier: MIT
// Completions for shells, from the tables of commands and options: symdiff help bash, zsh or fish prints a
// file of them.
#include "cli/cli.h"

#include <string.h>

static void put_names(text *t, bool of_options)
{
    const char *between = "";
    for (size_t i = 0; !of_options && command_at(i); i++)
        putf(t, "%s%s", between, command_at(i)->name), between = " ";
    for (size_t i = 0; of_options && option_at(i); i++)
        putf(t, "%s--%s", between, option_at(i)->name), between = " ";
}

// s between quotes of the shell; marks are what _arguments takes for its own.
static void put_escaped(text *t, const char *s, const char *marks)
{
    for (; *s; s++) {
        if (*s == '\'') put(t, "'\\'");
        else if (strchr(marks, *s)) put(t, "\\");
        putn(t, s, 1);
    }
}

static void put_bash(text *t)
{
    put(t, "# bash completion for symdiff\n_symdiff()\n{\n    local word=\"${COMP_WORDS[COMP_CWORD]}\" "
           "words=\"\"\n"
           "    case \"$word\" in\n    -*) words=\"");
    put_names(t, true);
    put(t, "\" ;;\n    *) [ \"$COMP_CWORD\" -gt 1 ] || words=\"");
    put_names(t, false);
    put(t, "\" ;;\n    esac\n    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n}\ncomplete "
           "-o default -F _symdiff symdiff\n");
}

static void put_zsh(text *t)
{
    put(t, "#compdef symdiff\n_arguments \\\n");
    for (size_t i = 0; option_at(i); i++) {
        const option *o = option_at(i);
        putf(t, "  '--%s%s[", o->name, o->value ? "=" : "");
        put_escaped(t, o->about, "[]:\\");
        put(t, "]");
        if (o->value) {
            put(t, ":");
            put_escaped(t, o->value, "[]:\\");
            put(t, ":_files");
        }
        put(t, "' \\\n");
    }
    put(t, "  '1::command:(");
    put_names(t, false);
    put(t, ")' '*::expression: '\n");
}

static void put_fish(text *t)
{
    for (size_t i = 0; command_at(i); i++) {
        putf(t, "complete -c symdiff -n __fish_use_subcommand -a %s -d '", command_at(i)->name);
        put_escaped(t, command_at(i)->about, "\\");
        put(t, "'\n");
    }
    for (size_t i = 0; option_at(i); i++) {
        const option *o = option_at(i);
        putf(t, "complete -c symdiff -l %s", o->name);
        if (o->letter) putf(t, " -s %c", o->letter);
        if (o->value) put(t, " -r");
        put(t, " -d '");
        put_escaped(t, o->about, "\\");
        put(t, "'\n");
    }
}

bool put_completions(text *t, const char *shell)
{
    static const struct {
        const char *name;
        void (*put)(text *t);
    } shells[] = {{"bash", put_bash}, {"zsh", put_zsh}, {"fish", put_fish}};
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (!strcmp(shells[i].name, shell)) return shells[i].put(t), true;
    return false;
}
