// SPDX-License-Identifier: MIT
// A compiled function as an object: its code and its interface. It may outlive the context, so it owns all of
// its memory (malloc) and refers to nothing.
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codegen/emit/straight.h"
#include "runtime/jit/interface.h"

typedef int call_function(const size_t *dims, const double *const *in, double *const *out, double *work,
                          const sd_binding *calls);
typedef size_t workspace_function(const size_t *dims);
typedef union {
    const void *address;
    call_function *call;
    workspace_function *workspace;
} entry;

struct sd_function {
    sdp_code code, loops; // of its own; called by it, if there are any
    call_function *call;
    workspace_function *workspace;
    sdp_interface *of;
};

static bool is_of_word(char c) { return sdp_is_digit(c) || sdp_is_letter(c) || c == '_' || (c & 0x80); }

// Copies the C text s with its constants in a form that has no decimal point, 12.5e3 as 125e2: the compiler
// reads them by strtod, which asks the locale for the point.
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

// All that is made of a function in memory of the context: bytes, or text and the loops that it calls.
typedef struct {
    bool straight;
    const char *compiler; // of the system, or NULL
    sdp_bytes bytes;
    sdp_text text;
    unsigned char *loops;
    size_t nloops; // bytes
    uint32_t nknown;
    size_t *at; // by loop: where it begins
    sdp_symbol *known;
} made;

static void make_loops(sdp_graph *g, const sdp_loops *loops, made *m)
{
    size_t n = 0;
    m->nknown = loops->n;
    m->known = sdp_scratch(&g->base, (loops->n + 1) * sizeof *m->known);
    m->at = sdp_scratch(&g->base, (loops->n + 1) * sizeof *m->at);
    for (uint32_t i = 0; i < loops->n; i++) {
        m->known[i].name = sdp_printf(&g->base, "sd_loop_%u", i + 1);
        m->at[i] = m->nloops;
        m->nloops += (loops->code[i].n + 63) / 64 * 64;
    }
    m->loops = sdp_scratch(&g->base, m->nloops + 1);
    for (; n < loops->n; n++) memcpy(m->loops + m->at[n], loops->code[n].byte, loops->code[n].n);
}

static void assemble(sdp_graph *g, const sdp_listing *l, made *m)
{
    const void **function = sdp_scratch(&g->base, 2 * SDP_CALL_COUNT * sizeof *function),
               **block = function + SDP_CALL_COUNT;
    for (uint32_t i = 0; i < SDP_CALL_COUNT; i++)
        function[i] = sdp_machine_function(i), block[i] = sdp_block_function(i);
    sdp_assemble(l, function, block, &m->bytes);
}

static made make(sdp_graph *g, const sdp_signature *s, sdp_emit_request q)
{
    sdp_listing listing;
    sdp_loops loops = {0};
    sdp_text text;
    made m = {.straight = false, .compiler = g->compiler};
    sdp_text_init(&text, &g->base);
    q.loops = sdp_has_machine() && !g->no_machine && !m.compiler ? &loops : NULL;
    if (q.loops) m.straight = sdp_emit_straight(g, s, &q, &listing, &text);
    else sdp_emit_c(g, s, &q, &text, NULL);
    if (m.straight) {
        assemble(g, &listing, &m);
    } else {
        sdp_text_init(&m.text, &g->base);
        if (m.compiler) sdp_put(&m.text, text.s);
        else put_without_points(&m.text, text.s);
        make_loops(g, &loops, &m);
    }
    sdp_text_free(&text);
    return m;
}

static size_t no_workspace(const size_t *dims) { return (void)dims, (size_t)0; }

// Into memory that may be executed. Takes none of the context, so that it cannot fail with f in hand.
static sd_status load(made *m, const char *cache, sd_function *f, char *message, size_t room)
{
    const char *compiler = m->compiler;
    sdp_symbol symbol[2] = {{compiler ? "f_sd_entry" : "sd_entry", NULL},
                            {compiler ? "f_sd_entry_workspace" : "sd_entry_workspace", NULL}};
    bool done = m->straight ? sdp_jit_bytes(m->bytes.byte, m->bytes.n, &f->code)
                            : !m->nloops || sdp_jit_bytes(m->loops, m->nloops, &f->loops);
    sd_status why = done ? SD_OK : SD_ERR_INTERNAL;
    if (!done) snprintf(message, room, "cannot map the code of a function");
    entry call = {f->code.code}, workspace = {.workspace = no_workspace};
    if (done && !m->straight) {
        for (uint32_t i = 0; i < m->nknown; i++) m->known[i].address = (char *)f->loops.code + m->at[i];
        why = compiler ? sdp_cc(compiler, cache, m->text.s, 2, symbol, &f->code, message, room)
              : sdp_jit(m->text.s, m->nknown, m->known, 2, symbol, &f->code, message, room) ? SD_OK
                                                                                            : SD_ERR_INTERNAL;
        call.address = symbol[0].address, workspace.address = symbol[1].address;
    }
    f->call = call.call, f->workspace = workspace.workspace;
    if (why != SD_OK) sdp_jit_free(&f->loops);
    return why;
}

sd_function *sdp_compile(sdp_graph *g, const sdp_signature *s, const sdp_emit_request *q)
{
    sdp_emit_request jit = *q;
    sdp_mark mark = sdp_scratch_mark(&g->base);
    jit.target = g->compiler ? SDP_TARGET_CC : SDP_TARGET_JIT;
    jit.header = NULL;
    jit.name = jit.file = g->compiler ? "f" : q->name;
    made m = make(g, s, jit);
    sdp_interface *of = sdp_interface_new(g, s, q);
    sd_function *f = calloc(1, sizeof *f);
    char message[320] = "out of memory (function)";
    sd_status why = f ? load(&m, g->cache, f, message, sizeof message) : SD_ERR_MEMORY;
    if (!m.straight) sdp_text_free(&m.text);
    if (why != SD_OK) {
        free(of);
        free(f);
        const char *hint =
            why == SD_ERR_UNSUPPORTED
                ? "symdiff compiles by itself, without a compiler of the system, if none is asked for"
                : NULL;
        sdp_fail(&g->base, why, (sdp_span){0, 0}, hint, "%s", message);
    }
    f->of = of;
    sdp_scratch_release(&g->base, mark);
    return f;
}

void sd_function_free(sd_function *f)
{
    if (!f) return;
    sdp_jit_free(&f->code);
    sdp_jit_free(&f->loops);
    sdp_cc_free(&f->code);
    free(f->of);
    free(f);
}

size_t sd_function_inputs(const sd_function *f) { return f ? f->of->ninputs : 0; }
size_t sd_function_dims(const sd_function *f) { return f ? f->of->ndims : 0; }
size_t sd_function_outputs(const sd_function *f) { return f ? f->of->noutputs : 0; }
size_t sd_function_callbacks(const sd_function *f) { return f ? f->of->ncallbacks : 0; }
const char *sd_function_input(const sd_function *f, size_t i)
{
    return i < sd_function_inputs(f) ? f->of->input[i].shown.name : NULL;
}
const char *sd_function_dim(const sd_function *f, size_t i)
{
    return i < sd_function_dims(f) ? f->of->dim[i] : NULL;
}
const char *sd_function_callback(const sd_function *f, size_t i)
{
    return i < sd_function_callbacks(f) ? f->of->callback[i] : NULL;
}

// ---- axes and sizes ---------------------------------------------------------------------------------------

static int tell(const sdp_argument *place, size_t n, size_t i, sd_argument *out)
{
    if (!out || i >= n) return 0;
    *out = place[i].shown;
    return 1;
}

int sd_function_input_at(const sd_function *f, size_t i, sd_argument *out)
{
    return f ? tell(f->of->input, f->of->ninputs, i, out) : 0;
}
int sd_function_output_at(const sd_function *f, size_t i, sd_argument *out)
{
    return f ? tell(f->of->output, f->of->noutputs, i, out) : 0;
}

// The sizes by number: those of the code, and those of dims, 0 if they are not known.
static long *sizes_of(const sdp_interface *f, const size_t *dims)
{
    long *value = calloc(f->nsizes + (size_t)1, sizeof *value);
    for (uint32_t i = 0, k = 0; value && i < f->nsizes; i++) {
        size_t given = f->fixed[i] ? (size_t)f->fixed[i] : dims[k++];
        value[i] = (double)given <= SDP_LARGEST_SIZE ? (long)given : 0;
    }
    return value;
}

sd_status sd_function_output_shape(const sd_function *f, size_t i, const size_t *dims, sd_array *out)
{
    if (!out || i >= sd_function_outputs(f) || (!dims && f->of->ndims)) return SD_ERR_USAGE;
    long *value = sizes_of(f->of, dims);
    if (!value) return SD_ERR_MEMORY;
    const sdp_argument *p = &f->of->output[i];
    out->order = p->shown.order;
    bool fits = true;
    for (int k = 0; k < p->shown.order; k++) {
        double n = sdp_size_value(p->axis[k], value, UINT32_MAX, 0);
        fits = fits && n >= 0 && n <= SDP_LARGEST_SIZE;
        out->dim[k] = fits ? (size_t)n : 0;
    }
    free(value);
    return fits ? SD_OK : SD_ERR_DATA;
}

// Solves the equation between an axis and a number if it has one unknown size. Returns SD_ERR_DATA if it does
// not hold.
static sd_status learn(sdp_size p, long size, long *value, bool *news)
{
    uint32_t atom = 0, degree, unknowns = sdp_size_unknowns(p, value, &atom, &degree);
    if (unknowns > 1) return SD_OK;
    if (!unknowns) return sdp_size_value(p, value, UINT32_MAX, 0) == (double)size ? SD_OK : SD_ERR_DATA;
    value[atom] = sdp_size_solve(p, value, atom, degree, size);
    *news = true;
    return value[atom] ? SD_OK : SD_ERR_DATA;
}

// Looks at every axis of every input once; the input that does not fit goes to *culprit.
static sd_status sweep(const sdp_interface *f, const sd_array *in, long *value, bool *news, size_t *culprit)
{
    for (size_t i = 0; i < f->ninputs; i++) {
        size_t axis[2];
        *culprit = i;
        if (in[i].order < 0 || in[i].order > SD_MAX_ORDER ||
            !sdp_sizes_of(&in[i], f->input[i].shown.order, false, axis))
            return SD_ERR_DATA;
        for (int k = 0; k < f->input[i].shown.order; k++) {
            sd_status s =
                axis[k] > LONG_MAX ? SD_ERR_LIMIT : learn(f->input[i].axis[k], (long)axis[k], value, news);
            if (s != SD_OK) return s;
        }
    }
    return SD_OK;
}

sd_status sd_function_sizes(const sd_function *f, const sd_array *in, size_t *dims, size_t *culprit)
{
    size_t at = 0;
    if (culprit) *culprit = 0;
    if (!f || (!in && f->of->ninputs) || (!dims && f->of->ndims)) return SD_ERR_USAGE;
    long *value = sizes_of(f->of, dims);
    if (!value) return SD_ERR_MEMORY;
    sd_status s = SD_OK;
    for (bool news = true; news && s == SD_OK;) {
        news = false;
        s = sweep(f->of, in, value, &news, &at);
    }
    for (uint32_t i = 0, k = 0; s == SD_OK && i < f->of->nsizes; i++) {
        if (f->of->fixed[i]) continue;
        at = f->of->ninputs + k;
        dims[k++] = (size_t)value[i];
        if (!value[i]) s = SD_ERR_DATA;
    }
    free(value);
    if (culprit && s != SD_OK) *culprit = at;
    return s;
}

// ---- calls ------------------------------------------------------------------------------------------------

const char *sd_function_failure(int status)
{
    const sdp_status *why = sdp_status_of(status);
    if (status == -2) return "out of memory";
    return !status        ? NULL
           : status == -1 ? "an array, the sizes or a callback is missing"
           : why          ? why->message
                          : "a declared function refused";
}

size_t sd_function_workspace(const sd_function *f, const size_t *dims)
{
    return f && (dims || !f->of->ndims) ? f->workspace(dims) : 0;
}

int sd_function_call(const sd_function *f, const size_t *dims, const double *const *in, double *const *out,
                     double *work)
{
    return sd_function_call_with(f, dims, in, out, work, NULL);
}

// Is everything there that the code reads and writes?
static bool is_complete(const sd_function *f, const size_t *dims, const double *const *in, double *const *out,
                        const double *work, const sd_binding *binding)
{
    if (!f || (f->of->ndims && !dims) || (f->of->ninputs && !in) || (f->of->noutputs && !out) ||
        (f->of->ncallbacks && !binding))
        return false;
    for (size_t i = 0; i < f->of->ninputs; i++)
        if (!in[i]) return false;
    for (size_t i = 0; i < f->of->noutputs; i++)
        if (!out[i]) return false;
    for (size_t i = 0; i < f->of->ncallbacks; i++)
        if (!binding[i].call) return false;
    return work || !f->workspace(dims);
}

int sd_function_call_with(const sd_function *f, const size_t *dims, const double *const *in,
                          double *const *out, double *work, const sd_binding *binding)
{
    return is_complete(f, dims, in, out, work, binding) ? f->call(dims, in, out, work, binding) : -1;
}
