// SPDX-License-Identifier: MIT
// The kernels of kernels.def as text. A macro argument turned into a string has lost its line
// breaks: they are put back after every brace and semicolon outside parentheses, with the
// indentation that the braces give.
#include <string.h>

#include "codegen/emit/emitter.h"

const char *sdp_kernel(sdp_emitter *e, int kernel)
{
    e->kernels[kernel] = true;
    return sdp_kernels[kernel].name;
}

static bool calls(const char *body, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = body; (p = strstr(p, name)) != NULL; p += n)
        if (p[n] == '(') return true;
    return false;
}

void sdp_called_kernels(sdp_emitter *e, const char *expression)
{
    for (int k = 0; strstr(expression, "sd_") && k < SDP_KERNEL_COUNT; k++)
        if (calls(expression, sdp_kernels[k].name)) e->kernels[k] = true;
}

// Kernels call only those that stand before them.
static void add_called_kernels(sdp_emitter *e)
{
    for (int k = SDP_KERNEL_COUNT; k-- > 0;)
        for (int i = 0; e->kernels[k] && i < k; i++)
            if (calls(sdp_kernel_body(k, e->target->blas), sdp_kernels[i].name)) e->kernels[i] = true;
}

static void put_spaces(sdp_emitter *e, uint32_t indent)
{
    while (indent--) sdp_put(e->out, "    ");
}

// Is the brace at p that of an initialiser, ={1, 2}? It stays on its line.
static bool starts_list(const char *text, const char *p) { return p > text + 2 && p[-2] == '='; }

static void put_body(sdp_emitter *e, const char *text)
{
    uint32_t indent = 0, parentheses = 0;
    for (const char *p = text; *p; p++) {
        if (*p == '(') parentheses++;
        if (*p == ')') parentheses--;
        if (*p == '{' && starts_list(text, p)) parentheses++; // up to its closing brace
        else if (*p == '}' && parentheses) {
            sdp_putn(e->out, p, 1);
            parentheses--;
            continue;
        }
        sdp_putn(e->out, p, 1);
        if (parentheses || !strchr("{};", *p)) continue;
        while (p[1] == ' ') p++;
        if (*p == '{' || (*p == ' ' && p[-1] == '{')) indent++;
        if (p[1] == '}') indent--;
        sdp_put(e->out, "\n");
        if (p[1]) put_spaces(e, indent);
    }
}

// The type that sd_tile computes with; floats are twice as many.
static const char strips[] = "#ifndef SD_WIDE\n"
                             "#if defined __GNUC__ && !defined __TINYC__\n"
                             "#if defined __AVX512F__\n"
                             "#define SD_WIDE %d\n"
                             "#elif defined __AVX__\n"
                             "#define SD_WIDE %d\n"
                             "#else\n"
                             "#define SD_WIDE %d\n"
                             "#endif\n"
                             "typedef double sd_strip __attribute__((vector_size(SD_WIDE*sizeof(double)), "
                             "aligned(sizeof(double)), may_alias));\n"
                             "#else\n"
                             "#define SD_WIDE 1\n"
                             "typedef double sd_strip;\n"
                             "#endif\n"
                             "#endif\n\n";

static void put_strips(sdp_emitter *e)
{
    int times = e->s->q->real.is_float ? 2 : 1;
    sdp_putf(e->out, strips, 8 * times, 4 * times, 2 * times);
}

// Prototypes of the functions of CBLAS and LAPACKE that the kernels call
static void put_blas_prototypes(sdp_emitter *e)
{
    bool any = false;
    for (const sdp_blas_row *b = sdp_blas; b->name; b++) {
        bool called = false;
        for (int k = 0; k < SDP_KERNEL_COUNT; k++)
            called |= e->kernels[k] && calls(sdp_kernel_body(k, true), b->name);
        if (called && !any)
            sdp_put(e->out, "// CBLAS and LAPACKE: link with -llapacke -lopenblas.\n#ifdef "
                            "__cplusplus\nextern \"C\" {\n#endif\n");
        if (called) sdp_putf(e->out, "%s\n", b->prototype);
        any |= called;
    }
    if (any) sdp_put(e->out, "#ifdef __cplusplus\n}\n#endif\n\n");
}

void sdp_put_kernels(sdp_emitter *e)
{
    if (!e->target->tcc) add_called_kernels(e);
    if (!e->target->tcc && e->kernels[KERNEL_tile]) put_strips(e);
    if (e->target->blas) put_blas_prototypes(e);
    for (int k = 0; k < SDP_KERNEL_COUNT; k++) {
        if (!e->kernels[k]) continue;
        if (e->target->tcc) {
            sdp_putf(e->out, "%s;\n", sdp_kernels[k].signature);
            continue;
        }
        const sdp_kernel_row *row = &sdp_kernels[k];
        if (row->comment) sdp_putf(e->out, "// %s\n", row->comment);
        if (row->vector)
            sdp_put(e->out, "#if defined __FMA__ && defined __x86_64__ && !defined __FAST_MATH__\n");
        sdp_putf(e->out, "static %s%s ", row->vector || e->s->q->header_only ? "inline " : "",
                 row->signature);
        put_body(e, sdp_kernel_body(k, e->target->blas));
        if (row->otherwise)
            sdp_putf(e->out, "#else\nstatic inline %s { return %s; }\n", row->signature, row->otherwise);
        if (row->vector) sdp_put(e->out, "#endif\n");
        sdp_put(e->out, "\n");
    }
}
