// SPDX-License-Identifier: MIT
// Look-ups in the files of languages, and the refusal of what a language does not have.
#include "language/language.h"

#include <string.h>

#include "base/python.h"

#define LANGUAGE(format, name) extern const sdp_notation sdp_language_##name;
#include "language/languages.def"
#undef LANGUAGE

static const sdp_notation *const languages[] = {
#define LANGUAGE(format, name) [format] = &sdp_language_##name,
#include "language/languages.def"
#undef LANGUAGE
};

const sdp_notation *sdp_language(sd_format format)
{
    return (size_t)format < sizeof languages / sizeof *languages ? languages[format] : NULL;
}

static bool is_sign(int fn) { return strchr("<>=!&|", sdp_ops[fn].name[0]) != NULL; }

const char *sdp_spelled(sdp_graph *g, const sdp_notation *t, int fn)
{
    const char *s = t->spell[fn];
    if (s || t->names || is_sign(fn)) return s;
    const char *kernel = t->methods && sdp_ops[fn].kind == SDP_OP_MAP ? sdp_ops[fn].c : NULL; // C++ calls it
    if (kernel && !strstr(kernel, "sd_")) return NULL;
    sdp_fail(&g->base, SD_ERR_UNSUPPORTED, (sdp_span){0, 0}, "emitted C has all functions: -f c",
             "%s has no %s", t->name, sdp_ops[fn].name);
}

const char *sdp_along_template(sdp_graph *g, const sdp_notation *t, int fn, uint32_t mask)
{
    if (mask < 1 || mask > 3) return NULL;
    for (const sdp_along *a = t->along; a && a->fn; a++)
        if (a->fn == fn) return a->of[mask - 1];
    if (mask == 3 || !t->rule[0] || sdp_ops[fn].kind != SDP_OP_PRIM || !sdp_takes_axis(fn)) return NULL;
    const char *name = sdp_spelled(g, t, fn), *rule = t->rule[mask - 1], *mark = strstr(rule, "$0");
    if (strchr(name, '$')) return NULL;
    return sdp_printf(&g->base, "%.*s%s%s", (int)(mark - rule), rule, name, mark + 2);
}

bool sdp_is_reserved(const sdp_notation *t, const char *name)
{
    return t->reserved && sdp_is_among_words(t->reserved, name, strlen(name));
}
