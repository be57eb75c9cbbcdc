// SPDX-License-Identifier: MIT
// C text to machine code in memory, by libtcc.
//
// The world is closed: no headers, no libraries, no search paths; the text declares what it calls, and every
// function it may call is added here by hand. -Werror, because an undeclared function would only be a warning
// and return garbage. The code is relocated into a mapping of our own, which then becomes readable and
// executable, never writable again; the compiler's state is deleted at once, so a function costs its code and
// nothing else. All of libtcc is serialised by its own lock: compiling from several threads is safe.
#define _DEFAULT_SOURCE // MAP_ANONYMOUS

#include <libtcc.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/jit/jit.h"

typedef union {
    double (*one)(double);
    double (*two)(double, double);
    const void *address;
} function;
static const struct {
    const char *name;
    function f;
} libm[] = {
#define ONE(name)                                                                                            \
    {                                                                                                        \
#name, { .one = name }                                                                               \
    }
#define TWO(name)                                                                                            \
    {                                                                                                        \
#name, { .two = name }                                                                               \
    }
    ONE(acos),   ONE(acosh), ONE(asin),   ONE(asinh), ONE(atan), ONE(atanh), ONE(cbrt), ONE(ceil),
    ONE(cos),    ONE(cosh),  ONE(erf),    ONE(erfc),  ONE(exp),  ONE(expm1), ONE(fabs), ONE(floor),
    ONE(lgamma), ONE(log),   ONE(log10),  ONE(log1p), ONE(log2), ONE(sin),   ONE(sinh), ONE(sqrt),
    ONE(tan),    ONE(tanh),  ONE(tgamma), TWO(atan2), TWO(fmod), TWO(hypot), TWO(pow),
#undef ONE
#undef TWO
};

typedef union {
    void *(*copy)(void *, const void *, size_t);
    void *(*set)(void *, int, size_t);
    const void *address;
} memory_function;

// The first message of the compiler.
static void remember(void *state, const char *message)
{
    char *text = state;
    if (!*text) snprintf(text, 256, "%s", message);
}

static void add_kernel(void *state, const char *name, const void *address)
{
    tcc_add_symbol(state, name, address);
}

static void add_symbols(TCCState *s)
{
    memory_function copy = {.copy = memcpy}, move = {.copy = memmove}, set = {.set = memset};
    tcc_add_symbol(s, "memcpy", copy.address);
    tcc_add_symbol(s, "memmove", move.address);
    tcc_add_symbol(s, "memset", set.address);
    for (size_t i = 0; i < sizeof libm / sizeof *libm; i++)
        tcc_add_symbol(s, libm[i].name, libm[i].f.address);
    sdp_kernel_symbols(s, add_kernel);
}

static bool map(size_t bytes, sdp_code *code)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (bytes + page - 1) / page * page;
    void *p = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *code = (sdp_code){p == MAP_FAILED ? NULL : p, room, NULL};
    return code->code;
}

static bool protect(const sdp_code *code)
{
    return !mprotect(code->code, code->bytes, PROT_READ | PROT_EXEC);
}

bool sdp_jit_bytes(const void *bytes, size_t n, sdp_code *code)
{
    if (!map(n, code)) return false;
    memcpy(code->code, bytes, n);
    if (protect(code)) return true;
    sdp_jit_free(code);
    return false;
}

// Returns NULL, or what failed.
static const char *compile(TCCState *s, const char *text, uint32_t nknown, const sdp_symbol *known,
                           sdp_code *code, uint32_t nsymbols, sdp_symbol *symbol)
{
    tcc_set_options(s, "-nostdlib -nostdinc -Werror");
    tcc_set_output_type(s, TCC_OUTPUT_MEMORY);
    if (tcc_compile_string(s, text) < 0) return "compile";
    add_symbols(s);
    for (uint32_t i = 0; i < nknown; i++) tcc_add_symbol(s, known[i].name, known[i].address);
    int bytes = tcc_relocate(s, NULL);
    if (bytes < 0) return "link";
    if (!map((size_t)bytes, code)) return "map";
    if (tcc_relocate(s, code->code) < 0) return "relocate";
    for (uint32_t i = 0; i < nsymbols; i++)
        if (!(symbol[i].address = tcc_get_symbol(s, symbol[i].name))) return "find a function of";
    return protect(code) ? NULL : "protect";
}

bool sdp_jit(const char *text, uint32_t nknown, const sdp_symbol *known, uint32_t nsymbols,
             sdp_symbol *symbol, sdp_code *code, char *message, size_t room)
{
    char first[256] = "";
    *code = (sdp_code){NULL, 0, NULL};
    TCCState *s = tcc_new();
    if (s) tcc_set_error_func(s, first, remember);
    const char *failed = s ? compile(s, text, nknown, known, code, nsymbols, symbol) : "start to compile";
    if (s) tcc_delete(s);
    if (!failed) return true;
    sdp_jit_free(code);
    snprintf(message, room, "cannot %s the emitted code: %s", failed, first);
    return false;
}

void sdp_jit_free(sdp_code *c)
{
    if (c->code) munmap(c->code, c->bytes);
    c->code = NULL;
}
