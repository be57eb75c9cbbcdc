// SPDX-License-Identifier: MIT
// A compiled function as an object: its code and the names of what it takes. It may outlive the context, so it owns
// all of its memory (malloc) and refers to nothing.
#include <stdlib.h>
#include <string.h>

#include "runtime/jit/jit.h"

typedef int call_function(const size_t *dims, const double *const *in, double *const *out, double *work, const sd_binding *calls);
typedef size_t workspace_function(const size_t *dims);
typedef union {
    const void *address;
    call_function *call;
    workspace_function *workspace;
} entry;

struct sd_function {
    sdp_code code;
    call_function *call;
    workspace_function *workspace;
    size_t ninputs, ndims, ncallbacks, noutputs;
    char *name[]; // inputs, then dims, then callbacks, then the bytes of the names
};

static bool is_constant(const sdp_emit_request *q, uint32_t atom)
{
    for (uint32_t i = 0; i < q->nsizes; i++)
        if (q->size_atom[i] == atom) return true;
    return false;
}

static sd_function *new_function(sdp_graph *g, const sdp_signature *s, const sdp_emit_request *q)
{
    const char **name = sdp_scratch(&g->base, (s->ninputs + s->ndims + s->ncalls + 1) * sizeof *name);
    size_t n = 0, bytes = 0, ninputs = s->ninputs, ndims;
    for (uint32_t i = 0; i < s->ninputs; i++) name[n++] = g->var[s->input[i]].name;
    for (uint32_t i = 0; i < s->ndims; i++)
        if (!is_constant(q, s->dim[i])) name[n++] = sdp_atom_name(g, s->dim[i]);
    ndims = n - ninputs;
    for (uint32_t i = 0; i < s->ncalls; i++) name[n++] = sdp_derivative_name(g, &s->call[i]);
    for (size_t i = 0; i < n; i++) bytes += strlen(name[i]) + 1;
    sd_function *f = calloc(1, sizeof *f + n * sizeof *f->name + bytes);
    if (!f) sdp_fail(&g->base, SD_ERR_MEMORY, (sdp_span){0, 0}, NULL, "out of memory (function)");
    char *at = (char *)(f->name + n);
    for (size_t i = 0; i < n; i++) {
        f->name[i] = strcpy(at, name[i]);
        at += strlen(name[i]) + 1;
    }
    f->ninputs = ninputs;
    f->ndims = ndims;
    f->ncallbacks = s->ncalls;
    f->noutputs = s->noutputs;
    return f;
}

static bool is_of_word(char c) { return sdp_is_digit(c) || sdp_is_letter(c) || c == '_' || (c & 0x80); }

// Copies the C text s with its constants in a form that has no decimal point, 12.5e3 as 125e2: the compiler reads them by strtod,
// which asks the locale for the point.
static void put_without_points(sdp_text *out, const char *s)
{
    for (size_t n; *s; s += n) {
        bool number = sdp_is_digit(*s) || (*s == '.' && sdp_is_digit(s[1]));
        n = 0;
        if (!number) {
            while (is_of_word(s[n])) n++;
            n += !n;
            sdp_putn(out, s, n);
            continue;
        }
        size_t point, end;
        while (is_of_word(s[n])) n++; // 10, 0x1F, 1e9
        point = end = n;
        if (s[point] == '.')
            for (end = ++n; sdp_is_digit(s[end]); end++, n++) {}
        sdp_putn(out, s, point);
        if (n == point) continue;
        char *rest = NULL;
        long exponent = (s[end] | 32) == 'e' ? strtol(s + end + 1, &rest, 10) : 0;
        if (rest) n = (size_t)(rest - s);
        sdp_putn(out, s + point + 1, end - point - 1);
        sdp_putf(out, "e%ld", exponent - (long)(end - point - 1));
    }
}

sd_function *sdp_compile(sdp_graph *g, const sdp_signature *s, const sdp_emit_request *q)
{
    sdp_emit_request jit = *q;
    sdp_symbol symbol[2] = {{"sd_entry", NULL}, {"sd_entry_workspace", NULL}};
    sdp_mark mark = sdp_scratch_mark(&g->base);
    sdp_text text, plain;
    jit.target = SDP_TARGET_JIT;
    jit.header = NULL;
    sdp_text_init(&text, &g->base);
    sdp_emit_c(g, s, &jit, &text, NULL);
    sdp_text_init(&plain, &g->base);
    put_without_points(&plain, text.s);
    sdp_text_free(&text);
    sd_function *f = new_function(g, s, q);
    char message[320];
    bool done = sdp_jit(plain.s, 2, symbol, &f->code, message, sizeof message);
    sdp_text_free(&plain);
    if (!done) {
        free(f);
        sdp_fail(&g->base, SD_ERR_INTERNAL, (sdp_span){0, 0}, NULL, "%s", message);
    }
    entry call = {symbol[0].address}, workspace = {symbol[1].address};
    f->call = call.call;
    f->workspace = workspace.workspace;
    sdp_scratch_release(&g->base, mark);
    return f;
}

void sd_function_free(sd_function *f)
{
    if (!f) return;
    sdp_jit_free(&f->code);
    free(f);
}

size_t sd_function_inputs(const sd_function *f) { return f ? f->ninputs : 0; }
size_t sd_function_dims(const sd_function *f) { return f ? f->ndims : 0; }
size_t sd_function_outputs(const sd_function *f) { return f ? f->noutputs : 0; }
size_t sd_function_callbacks(const sd_function *f) { return f ? f->ncallbacks : 0; }
const char *sd_function_input(const sd_function *f, size_t i) { return i < sd_function_inputs(f) ? f->name[i] : NULL; }
const char *sd_function_dim(const sd_function *f, size_t i) { return i < sd_function_dims(f) ? f->name[f->ninputs + i] : NULL; }
const char *sd_function_callback(const sd_function *f, size_t i) { return i < sd_function_callbacks(f) ? f->name[f->ninputs + f->ndims + i] : NULL; }

size_t sd_function_workspace(const sd_function *f, const size_t *dims) { return f && (dims || !f->ndims) ? f->workspace(dims) : 0; }

int sd_function_call(const sd_function *f, const size_t *dims, const double *const *in, double *const *out, double *work)
{
    return sd_function_call_with(f, dims, in, out, work, NULL);
}

// Is everything there that the code reads and writes?
static bool is_complete(const sd_function *f, const size_t *dims, const double *const *in, double *const *out, const double *work,
                        const sd_binding *binding)
{
    if (!f || (f->ndims && !dims) || (f->ninputs && !in) || (f->noutputs && !out) || (f->ncallbacks && !binding)) return false;
    for (size_t i = 0; i < f->ninputs; i++)
        if (!in[i]) return false;
    for (size_t i = 0; i < f->noutputs; i++)
        if (!out[i]) return false;
    for (size_t i = 0; i < f->ncallbacks; i++)
        if (!binding[i].call) return false;
    return work || !f->workspace(dims);
}

int sd_function_call_with(const sd_function *f, const size_t *dims, const double *const *in, double *const *out, double *work,
                          const sd_binding *binding)
{
    return is_complete(f, dims, in, out, work, binding) ? f->call(dims, in, out, work, binding) : -1;
}
