// SPDX-License-Identifier: MIT
// Names in C: what the user called x, theta or λ, as identifiers that clash with nothing.
//
// Greek letters are spelled out, other characters become u and their code point, keywords of C
// and C++ and names of <math.h> get an underscore. Names that the emitter makes (loops,
// temporaries) avoid those of the user.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codegen/emit/emitter.h"

static const char *const reserved[] = {
    "alignas",
    "alignof",
    "and",
    "and_eq",
    "asm",
    "auto",
    "bitand",
    "bitor",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "class",
    "compl",
    "const",
    "const_cast",
    "constexpr",
    "continue",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "else",
    "enum",
    "explicit",
    "export",
    "extern",
    "false",
    "float",
    "for",
    "friend",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "not",
    "not_eq",
    "nullptr",
    "operator",
    "or",
    "or_eq",
    "private",
    "protected",
    "public",
    "register",
    "reinterpret_cast",
    "restrict",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "static_assert",
    "static_cast",
    "struct",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "typeof",
    "union",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "xor",
    "xor_eq",
    "unix",
    "linux",
    "main",
    "NULL",
    "size_t",
    "ptrdiff_t",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "ceil",
    "copysign",
    "cos",
    "cosh",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expm1",
    "fabs",
    "fdim",
    "floor",
    "fma",
    "fmax",
    "fmin",
    "fmod",
    "frexp",
    "gamma",
    "hypot",
    "ilogb",
    "isfinite",
    "isinf",
    "isnan",
    "j0",
    "j1",
    "jn",
    "ldexp",
    "lgamma",
    "llrint",
    "llround",
    "log",
    "log10",
    "log1p",
    "log2",
    "logb",
    "lrint",
    "lround",
    "modf",
    "nan",
    "nearbyint",
    "nextafter",
    "pow",
    "remainder",
    "remquo",
    "rint",
    "round",
    "scalbln",
    "scalbn",
    "signbit",
    "signgam",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
    "tgamma",
    "trunc",
    "y0",
    "y1",
    "yn",
    "INFINITY",
    "NAN",
    "HUGE_VAL",
    "abs",
    "labs",
    "div",
    "work",
    // macros of <math.h> and of what it may include, and of compilers
    "M_E",
    "M_LOG2E",
    "M_LOG10E",
    "M_LN2",
    "M_LN10",
    "M_PI",
    "M_PI_2",
    "M_PI_4",
    "M_1_PI",
    "M_2_PI",
    "M_2_SQRTPI",
    "M_SQRT2",
    "M_SQRT1_2",
    "MAXFLOAT",
    "MPI_Comm",
    "MPI_Op",
    "MPI_SUM",
    "MPI_PROD",
    "HUGE",
    "HUGE_VALF",
    "HUGE_VALL",
    "DOMAIN",
    "SING",
    "OVERFLOW",
    "UNDERFLOW",
    "PLOSS",
    "TLOSS",
    "X_TLOSS",
    "FP_NAN",
    "FP_INFINITE",
    "FP_ZERO",
    "FP_SUBNORMAL",
    "FP_NORMAL",
    "FP_FAST_FMA",
    "FP_ILOGB0",
    "FP_ILOGBNAN",
    "MATH_ERRNO",
    "MATH_ERREXCEPT",
    "math_errhandling",
    "isnormal",
    "fpclassify",
    "isgreater",
    "isgreaterequal",
    "isless",
    "islessequal",
    "islessgreater",
    "isunordered",
    "I",
    "complex",
    "imaginary",
    "assert",
    "errno",
    "EOF",
    "offsetof",
    "max_align_t",
    "nullptr_t",
    "float_t",
    "double_t",
    "i386",
    "arm",
    "mips",
    "sun",
    "vax",
    "near",
    "far",
    "min",
    "max",
    "small",
    "interface",
    // younger keywords
    "char8_t",
    "char16_t",
    "char32_t",
    "concept",
    "consteval",
    "constinit",
    "co_await",
    "co_return",
    "co_yield",
    "requires",
    "typeof_unqual",
    "_Bool",
    "_Complex",
    "_Imaginary",
    "_Generic",
    "_Noreturn",
    "_Static_assert",
    "_Thread_local",
    "_Alignas",
    "_Alignof",
    "_Atomic",
};

// The names in use, hashed.
typedef struct {
    sdp_base *b;
    const char **name;
    uint32_t count, cap;
} taken;

static bool is_taken(const taken *t, const char *name)
{
    if (!t->cap) return false;
    for (uint32_t h = sdp_hash(name, strlen(name), 5) & (t->cap - 1); t->name[h]; h = (h + 1) & (t->cap - 1))
        if (!strcmp(t->name[h], name)) return true;
    return false;
}

static void take(taken *t, const char *name)
{
    if (2 * t->count >= t->cap) {
        taken bigger = {t->b, NULL, 0, t->cap ? 2 * t->cap : 512};
        bigger.name = sdp_scratch(t->b, bigger.cap * sizeof *bigger.name);
        for (uint32_t i = 0; i < t->cap; i++)
            if (t->name[i]) take(&bigger, t->name[i]);
        *t = bigger;
    }
    uint32_t h = sdp_hash(name, strlen(name), 5) & (t->cap - 1);
    while (t->name[h]) h = (h + 1) & (t->cap - 1);
    t->name[h] = name;
    t->count++;
}

static const char *fresh(taken *t, const char *text)
{
    const char *name = sdp_ascii_name(t->b, text);
    while (is_taken(t, name)) {
        char *longer = sdp_scratch(t->b, strlen(name) + 2);
        strcpy(longer, name);
        strcat(longer, "_");
        name = longer;
    }
    take(t, name);
    return name;
}

// A prefix such that no name in use is prefix + digits.
static const char *prefix(taken *t, const char *text)
{
    char *name = sdp_scratch(t->b, strlen(text) + 64);
    strcpy(name, text);
    for (bool clash = true; clash && strlen(name) < strlen(text) + 60;) {
        size_t n = strlen(name);
        clash = false;
        for (uint32_t i = 0; i < t->cap && !clash; i++)
            clash = t->name[i] && !strncmp(t->name[i], name, n) && t->name[i][n] &&
                    !t->name[i][n + strspn(t->name[i] + n, "0123456789")];
        if (clash) strcat(name, "_");
    }
    return name;
}

// Members of the struct of callbacks, and the names around it. Only those of one struct must differ.
static void name_functions(sdp_emitter *e, taken *t)
{
    sdp_base *b = &e->g->base;
    const sdp_signature *sig = e->s->sig;
    taken member = {b, NULL, 0, 0};
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) take(&member, reserved[i]);
    e->callback = sdp_scratch(b, (sig->ncalls + 1) * sizeof *e->callback);
    e->context = sdp_scratch(b, (sig->ncalls + 1) * sizeof *e->context);
    for (uint32_t k = 0; k < sig->ncalls; k++)
        e->callback[k] = fresh(&member, sdp_derivative_name(e->g, &sig->call[k]));
    for (uint32_t k = 0; k < sig->ncalls; k++) {
        bool again = k && sig->call[k].function == sig->call[k - 1].function;
        e->context[k] = again
                            ? e->context[k - 1]
                            : fresh(&member, sdp_printf(b, "%s_user", e->g->var[sig->call[k].function].name));
    }
    e->functions_type = fresh(t, sdp_printf(b, "%s_functions", e->name));
    e->functions = fresh(t, "functions");
    e->status = fresh(t, "status");
}

static void name_step(sdp_emitter *e, taken *t, sdp_dim step, const char *array)
{
    const sdp_dim_term *term;
    if (step == SDP_DIM_NONE) return;
    sdp_dim_terms(e->g, step, &term);
    e->dim[term->atom[0]] = fresh(t, sdp_printf(&e->g->base, "ld%s", array));
}

static void name_ranks(sdp_emitter *e, taken *t)
{
    e->comm = fresh(t, "comm");
    e->rows = fresh(t, sdp_printf(&e->g->base, "%s_all", e->dim[e->s->shard->atom]));
    e->packed = fresh(t, "packed");
}

void sdp_emit_names(sdp_emitter *e)
{
    sdp_base *b = &e->g->base;
    const sdp_signature *sig = e->s->sig;
    taken t = {b, NULL, 0, 0};
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) take(&t, reserved[i]);
    uint32_t atoms = sdp_atom_count(e->g);
    e->dim = sdp_scratch(b, (atoms + 1) * sizeof *e->dim);
    e->input = sdp_scratch(b, (sig->ninputs + 1) * sizeof *e->input);
    e->output = sdp_scratch(b, (sig->noutputs + 1) * sizeof *e->output);
    e->dim_used = sdp_scratch(b, atoms + 1);
    e->input_used = sdp_scratch(b, sig->ninputs + 1);
    e->output_used = sdp_scratch(b, sig->noutputs + 1);
    e->buffer_used = sdp_scratch(b, e->s->plan->nbuffers + 1);
    e->want_used = sdp_scratch(b, e->s->wanted->nsets + 1);
    e->name = fresh(&t, e->s->q->name ? e->s->q->name : "symdiff_f");
    take(&t, sdp_printf(b, "%s_workspace", e->name));
    if (e->s->q->real.name) take(&t, e->s->q->real.name);
    for (uint32_t i = 0; i < e->s->q->nnames; i++) {
        take(&t, e->s->q->names[i]);
        take(&t, sdp_printf(b, "%s_workspace", e->s->q->names[i]));
        take(&t, sdp_printf(b, "%s_work", e->s->q->names[i]));
    }
    for (uint32_t i = 0; i < sig->ninputs; i++) e->input[i] = fresh(&t, e->g->var[sig->input[i]].name);
    for (uint32_t i = 0; i < sig->ndims; i++)
        e->dim[sig->dim[i]] = fresh(&t, sdp_atom_name(e->g, sig->dim[i]));
    e->gathered = sdp_scratch(b, (sig->ngathered + 1) * sizeof *e->gathered);
    for (uint32_t k = 0; k < sig->ngathered; k++) e->gathered[k] = fresh(&t, sig->gathered[k].name);
    for (uint32_t i = 0; i < sig->noutputs; i++) {
        const char *given = sig->output_name ? sig->output_name[i] : NULL;
        e->output[i] = fresh(&t, given && *given     ? given
                                 : sig->noutputs > 1 ? sdp_printf(b, "out%u", i + 1)
                                                     : "out");
    }
    for (uint32_t i = 0; i < sig->ninputs; i++)
        name_step(e, &t, sdp_array_step(sig->input_step, i), e->input[i]);
    for (uint32_t i = 0; i < sig->noutputs; i++)
        name_step(e, &t, sdp_array_step(sig->output_step, i), e->output[i]);
    e->kept = sdp_scratch(b, (sig->noutputs + 1) * sizeof *e->kept);
    for (uint32_t i = 0; i < sig->noutputs; i++)
        e->kept[i] = e->s->plan->spare[i] ? fresh(&t, sdp_printf(b, "%s_kept", e->output[i])) : e->output[i];
    static const char letters[] = "ijklpqruvabcdegh";
    for (uint32_t i = 0, next = 0; i < SDP_MAX_LABELS; next++) { // i, j, ... that are free, then i1, j1, ...
        uint32_t k = next % (sizeof letters - 1), turn = next / (sizeof letters - 1);
        const char *name = turn ? sdp_printf(b, "%c%u", letters[k], turn) : sdp_printf(b, "%c", letters[k]);
        if (is_taken(&t, name)) continue;
        take(&t, name);
        e->index[i++] = name;
    }
    name_functions(e, &t);
    if (e->target->ranks) name_ranks(e, &t);
    e->sum = fresh(&t, "sum");
    e->sums = fresh(&t, "sums");
    e->cell = fresh(&t, "cell");
    e->local = prefix(&t, "s");
    e->buffer = prefix(&t, "w");
    e->temp = prefix(&t, "t");
    e->failed = prefix(&t, "failed");
    e->want = prefix(&t, "want");
    e->part = prefix(&t, sdp_printf(b, "sd_%s_part", e->name));
}
