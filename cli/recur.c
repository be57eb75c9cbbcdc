// SPDX-License-Identifier: MIT
// symdiff recur "w <- A*w+b": the closed form of an affine recursion.
#include "cli/cli.h"

#include <string.h>

// "w <- A*w+b" as the texts "w" and "A*w+b".
static int split(const options *o, text *unknown, text *map)
{
    static const char *const arrows[] = {"<-", "\xE2\x86\x90", ":=", "\\leftarrow", "\\gets"};
    const char *s = o->words.s[0];
    for (size_t i = 0; i < sizeof arrows / sizeof *arrows; i++) {
        const char *at = strstr(s, arrows[i]);
        size_t n = strlen(arrows[i]);
        if (!at || at == s || !at[n + strspn(at + n, " ")]) continue;
        putn(unknown, s, (size_t)(at - s));
        put(map, at + n);
        return DONE;
    }
    return complain(o, BAD_USAGE, "symdiff recur \"w <- A*w+b\"", "recur needs a map, not '%s'", s);
}

int run_recur(options *o)
{
    int format = find_document(o->format);
    if (format < 0)
        return complain(o, BAD_USAGE, "",
                        "recur: the formats are text, unicode, markdown, latex and html, not '%s'",
                        o->format);
    if (!o->words.n) return complain(o, BAD_USAGE, command_find("recur")->usage, "recur needs an expression");
    if (o->what_name || o->wrt.n || o->data.n)
        return complain(o, BAD_USAGE, "",
                        "recur works with symbols: it takes no derivative, no --wrt and no --at");
    text unknown = {0}, map = {0};
    session s = {.o = o};
    int status = split(o, &unknown, &map);
    if (!status) {
        list words = o->words;
        const char *pair[2] = {unknown.s, map.s};
        o->words = (list){pair, 2};
        status = session_open(&s, o);
        o->words = words;
        sd_expr variable = s.expr;
        s.expr = s.other; // the legend is that of the map
        if (!status) {
            sd_steps_options how = {.format = (sd_document)format, .seed = o->seed};
            status = session_show(&s, sd_recursion(s.c, variable, s.other, &how));
        }
    }
    session_close(&s);
    text_free(&unknown);
    text_free(&map);
    return status;
}
