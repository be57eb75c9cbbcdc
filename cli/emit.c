// SPDX-License-Identifier: MIT
// symdiff emit: C99 source and header. With --wrt the function computes the value of the expression as well.
//
// `-o path/NAME.c` writes path/NAME.c and path/NAME.h, both or none; the function is called NAME. Without -o, and
// for `-f c`, the text of the source goes to standard output with the header in the place of its #include.
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// The function name that belongs to a file: letters and digits of its base name without ".c".
static void function_name(text *t, const char *file)
{
    const char *base = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
    size_t n = strlen(base);
    if (n > 2 && !strcmp(base + n - 2, ".c")) n -= 2;
    if (!is_letter(*base)) put(t, "f_");
    for (size_t i = 0; i < n; i++) {
        bool ok = is_letter(base[i]) || (base[i] >= '0' && base[i] <= '9');
        putn(t, ok ? &base[i] : "_", 1);
    }
}

static int write_pair(const options *o, const sd_c_code *code, const char *header)
{
    size_t n = strlen(o->output);
    text path = {0};
    const char *slash = strrchr(o->output, '/');
    if (slash) putn(&path, o->output, (size_t)(slash - o->output) + 1);
    put(&path, header);
    output_file f[2] = {{NULL, code->source, strlen(code->source)}, {path.s, code->header, strlen(code->header)}};
    text source = {0};
    putn(&source, o->output, n);
    f[0].name = source.s;
    int status = write_files(o, f, 2);
    text_free(&source);
    text_free(&path);
    return status;
}

// The source with the header pasted in, so that one stream is a complete file.
static int write_one(const options *o, const sd_c_code *code, const char *header)
{
    text include = {0}, t = {0};
    putf(&include, "#include \"%s\"\n", header);
    const char *at = strstr(code->source, include.s);
    if (at) {
        const char *guard = strstr(code->header, "#ifndef"); // the comment before it heads the source too
        putn(&t, code->source, (size_t)(at - code->source));
        put(&t, guard ? guard : code->header);
        put(&t, at + include.n);
    } else {
        put(&t, code->source);
    }
    options to = *o;
    to.output = NULL;
    int status = answer(&to, &t);
    text_free(&include);
    text_free(&t);
    return status;
}

int run_emit(options *o)
{
    bool pair = o->output && strcmp(o->output, "-");
    size_t n = pair ? strlen(o->output) : 0;
    if (o->format && strcmp(o->format, "c")) return complain(o, BAD_USAGE, "", "emit writes C, not %s", o->format);
    if (pair && (n < 3 || strcmp(o->output + n - 2, ".c") || o->output[n - 3] == '/')) {
        return complain(o, BAD_USAGE, "the header will be NAME.h", "-o %s: a file name NAME.c was expected", o->output);
    }
    session s;
    text name = {0}, header = {0};
    sd_c_code code = {NULL, NULL};
    if (pair) {
        const char *slash = strrchr(o->output, '/');
        function_name(&name, o->output);
        put(&header, slash ? slash + 1 : o->output);
        for (const char *p = header.s; *p; p++) {
            if (*p != '"' && *p != '\\' && (unsigned char)*p >= ' ' && *p != 127) continue;
            complain(o, BAD_USAGE, "#include has no way to write them", "-o %s: quotes, backslashes and line ends cannot stand in a name of C code", o->output);
            return text_free(&name), text_free(&header), BAD_USAGE;
        }
        header.s[header.n - 1] = 'h';
    } else {
        put(&name, "symdiff_f");
        put(&header, "symdiff_f.h");
    }
    int status = session_open(&s, o);
    if (!status) status = session_derive(&s);
    if (!status) {
        sd_emit_options e = {.name = name.s, .value = o->wrt.n > 0, .primal = s.expr, .sizes = o->size, .header = header.s, .dense = o->dense};
        if (sd_emit(s.c, s.result, &e, &code)) status = session_failed(&s);
    }
    if (!status) {
        session_legend(&s);
        status = pair ? write_pair(o, &code, header.s) : write_one(o, &code, header.s);
    }
    if (code.source) sd_free(s.c, code.source);
    if (code.header) sd_free(s.c, code.header);
    session_close(&s);
    text_free(&name);
    text_free(&header);
    return status;
}
