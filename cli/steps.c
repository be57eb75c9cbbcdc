// SPDX-License-Identifier: MIT
// symdiff steps: the derivation line by line, every line checked.
#include "cli/cli.h"

#include <string.h>

static const char *const modes[] = {"reverse", "forward", "differential"};

static int find(const char *const *names, int n, const char *name)
{
    for (int i = 0; i < n; i++)
        if (!strcmp(names[i], name)) return i;
    return -1;
}

int find_document(const char *name)
{
    static const char *const formats[] = {"text", "unicode", "markdown", "latex", "html"};
    return name ? find(formats, 5, name) : SD_DOC_TEXT;
}

int run_steps(options *o)
{
    int mode = find(modes, 3, o->mode ? o->mode : "reverse"), format = find_document(o->format);
    if (mode < 0)
        return complain(o, BAD_USAGE, "", "--mode: reverse, forward or differential was expected, not '%s'",
                        o->mode);
    if (format < 0)
        return complain(o, BAD_USAGE, "",
                        "steps: the formats are text, unicode, markdown, latex and html, not '%s'",
                        o->format);
    session s;
    int status = session_open(&s, o);
    if (!status) status = session_request(&s);
    if (!status && !s.request.wrt)
        status = complain(o, BAD_USAGE, "", "steps needs --wrt VAR: by what is to be derived?");
    if (!status) {
        sd_steps_options how = {.mode = (sd_steps_mode)mode,
                                .detail = o->detail,
                                .format = (sd_document)format,
                                .seed = o->seed,
                                .data = s.data};
        status = session_show(&s, sd_steps(s.c, s.expr, &s.request, &how));
    }
    session_close(&s);
    return status;
}
