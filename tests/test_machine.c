// SPDX-License-Identifier: MIT
// Machine code: random programs compute what their steps say, bit by bit, at numbers of every kind: NaN,
// infinite, denormal, zeros of both signs; columns of ops.def that become steps are the functions of C.
// (Each instruction: test_encoding.c.)
#define _DEFAULT_SOURCE // MAP_ANONYMOUS

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "codegen/emit/straight.h"
#include "codegen/machine/encode.h"
#include "runtime/jit/jit.h"

// ---- programs ---------------------------------------------------------------------------------------------
enum { INPUTS = 3, ENTRIES = 12, ROWS = 40, OUTPUTS = 2, FUNCTIONS = 2 };
static uint64_t seed = 1;

static uint32_t below(uint32_t n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % n;
}

static double three(double x, double y, double z) { return x - 2 * y + z; }
static double one(double x, double y, double z) { return (void)y, (void)z, floor(x); }

static double value(const sdp_program *p, const double *v, const double *const *in, uint32_t i)
{
    const sdp_step *s = &p->step[i];
    double x = v[s->arg[0]], y = v[s->arg[1]];
    switch (s->op) {
    case SDP_M_NUMBER: return s->number[0];
    case SDP_M_LOAD: return in[s->place][s->index];
    case SDP_M_ADD: return x + y;
    case SDP_M_SUB: return x - y;
    case SDP_M_MUL: return x * y;
    case SDP_M_DIV: return x / y;
    case SDP_M_SQRT: return sqrt(x);
    case SDP_M_ABS: return fabs(x);
    case SDP_M_NEGATE: return -x;
    case SDP_M_COMPARE:
        return s->what == SDP_LESS       ? x < y
               : s->what == SDP_AT_MOST  ? x <= y
               : s->what == SDP_GREATER  ? x > y
               : s->what == SDP_AT_LEAST ? x >= y
               : s->what == SDP_EQUAL    ? x == y
                                         : x != y;
    case SDP_M_BOTH: return x > 0 && y > 0;
    case SDP_M_EITHER: return x > 0 || y > 0;
    case SDP_M_SELECT: return x > 0 ? y : v[s->arg[2]];
    default: return s->what ? three(x, y, v[s->arg[2]]) : one(x, 0, 0);
    }
}

static uint32_t random_step(sdp_program *p, int op, uint32_t what, const uint32_t *a)
{
    uint32_t c;
    switch (op) {
    case 0:
    case 1: return sdp_m_two(p, SDP_M_ADD, a[0], a[1]);
    case 2: return sdp_m_two(p, SDP_M_SUB, a[0], a[1]);
    case 3:
    case 4: return sdp_m_two(p, SDP_M_MUL, a[0], a[1]);
    case 5: return sdp_m_two(p, SDP_M_DIV, a[0], a[1]);
    case 6: return sdp_m_one(p, SDP_M_SQRT, a[0]);
    case 7: return sdp_m_one(p, SDP_M_ABS, a[0]);
    case 8: return sdp_m_one(p, SDP_M_NEGATE, a[0]);
    case 9:
        c = sdp_m_compare(p, (int)what % 6, a[0], a[1]);
        if (what & 64)
            c = sdp_m_two(p, what & 128 ? SDP_M_BOTH : SDP_M_EITHER, c,
                          sdp_m_compare(p, (int)what / 6 % 6, a[1], a[2]));
        return sdp_m_select(p, c, a[2], a[0]);
    default: return sdp_m_call(p, what & 1, what & 1 ? "three" : "one", what & 1 ? 3 : 1, a);
    }
}

// Rows of four numbers, most of them made of rows lane by lane, so that there is something to pack; sums of
// rows and their parts.
static void compose(sdp_program *p)
{
    static const double numbers[] = {0, 1, -1, 2, 0.5, NAN, INFINITY, 1e308, 5e-324};
    uint32_t row[ROWS][SDP_LANES], n = 4, calls = below(3) ? 10 : 11;
    for (uint32_t r = 0; r < n; r++)
        for (uint32_t l = 0; l < 4; l++)
            row[r][l] = r < 3 ? sdp_m_load(p, r, 2 * r + l) : sdp_m_number(p, numbers[below(9)]);
    for (; n < ROWS; n++) {
        uint32_t op = below(calls), what = below(256), from[3] = {below(n), below(n), n - 1 - below(3)},
                 list[4 * ROWS], k = 0;
        uint32_t same = below(6), mixed = below(8);
        for (uint32_t l = 0; l < 4; l++) {
            uint32_t a[3] = {row[from[0]][same ? l : 2], row[from[1]][mixed ? l : 3 - l], row[from[2]][l]};
            if (op == 3 && a[0] == a[1]) a[1] = a[2];
            row[n][l] = random_step(p, (int)op, what, a);
        }
        if (below(8)) continue;
        for (uint32_t r = n > 6 ? n - 6 : 0; r < n; r++)
            for (uint32_t l = 0; l < 4; l++) list[k++] = row[r][l];
        row[n][below(4)] = sdp_m_sum(p, k - below(4), list);
    }
    for (uint32_t r = 0; r < 6; r++)
        for (uint32_t l = 0; l < 4; l++)
            if (r < 3 || l) sdp_m_store(p, r % 2, r / 2 * 4 + l, row[ROWS - 1 - r][l]);
}

typedef union {
    const void *address;
    int (*call)(const size_t *, const double *const *, double *const *);
} entry;
typedef union {
    double (*function)(double, double, double);
    void (*block)(size_t, double *, const double *, const double *, const double *);
    const void *address;
} pointer;

static void block_of_three(size_t n, double *to, const double *x, const double *y, const double *z)
{
    for (size_t i = 0; i < n; i++) to[i] = three(x[i], y[i], z[i]);
}

static void block_of_one(size_t n, double *to, const double *x, const double *y, const double *z)
{
    (void)y, (void)z;
    for (size_t i = 0; i < n; i++) to[i] = floor(x[i]);
}

static void run_program(sdp_program *p, const double *const *in)
{
    const void *function[FUNCTIONS] = {((pointer){.function = one}).address,
                                       ((pointer){.function = three}).address};
    const void *block[FUNCTIONS] = {((pointer){.block = block_of_one}).address,
                                    ((pointer){.block = block_of_three}).address};
    double *v = calloc(p->nsteps, sizeof *v), out[OUTPUTS][16], *const to[OUTPUTS] = {out[0], out[1]};
    sdp_listing l;
    sdp_bytes bytes;
    sdp_code code;
    for (uint32_t i = 1; i < p->nsteps; i++) v[i] = value(p, v, in, i);
    sdp_pack(p, &l); // may replace x*(1/y) by x/y: below, values of quotients are asked for again
    for (uint32_t i = 1; i < p->nsteps; i++) v[i] = value(p, v, in, i);
    sdp_assemble(&l, function, block, &bytes);
    assert_true(sdp_jit_bytes(bytes.byte, bytes.n, &code));
    entry f = {code.code};
    assert_int_equal(f.call(NULL, in, to), 0);
    for (uint32_t i = 0; i < p->nstores; i++) {
        double got = out[p->store[i].place][p->store[i].index], want = v[p->store[i].step];
        if (got != got && want != want) continue;
        if (memcmp(&got, &want, sizeof got)) fail_msg("store %u: %.17g, not %.17g", i, got, want);
    }
    sdp_jit_free(&code);
    free(v);
}

static void test_programs(void **state)
{
    (void)state;
    static const double special[] = {0,         -0.0,   1,       -1,    NAN, INFINITY,
                                     -INFINITY, 5e-324, -2e-310, 1e308, 3.5, -0.25};
    if (!sdp_has_machine()) skip();
    for (int k = 0; k < 3000; k++) {
        double x[INPUTS][ENTRIES];
        const double *in[INPUTS] = {x[0], x[1], x[2]};
        bool tame = below(2);
        for (uint32_t i = 0; i < INPUTS * ENTRIES; i++)
            x[i / ENTRIES][i % ENTRIES] =
                tame || below(2) ? (double)below(2000) / 100 - 10 : special[below(12)];
        sdp_base b;
        sdp_program p;
        sdp_base_init(&b, NULL, NULL);
        static const bool vector[2][FUNCTIONS] = {{true, false}, {true, true}};
        sdp_program_init(&p, &b, 4000);
        if (below(3)) p.vector = vector[below(2)];
        compose(&p);
        assert_false(p.too_long);
        run_program(&p, in);
        sdp_base_free(&b);
    }
}

// A program that needs more registers than there are
static void test_many_values(void **state)
{
    (void)state;
    double x[1][ENTRIES * 8];
    const double *in[1] = {x[0]};
    if (!sdp_has_machine()) skip();
    for (int i = 0; i < ENTRIES * 8; i++) x[0][i] = i * 0.37 - 5;
    sdp_base b;
    sdp_program p;
    sdp_base_init(&b, NULL, NULL);
    sdp_program_init(&p, &b, 4000);
    uint32_t root[64], all = sdp_m_number(&p, 0);
    for (uint32_t i = 0; i < 64; i++)
        root[i] = sdp_m_one(&p, SDP_M_SQRT, sdp_m_one(&p, SDP_M_ABS, sdp_m_load(&p, 0, i)));
    for (uint32_t i = 0; i < 64; i++)
        all = sdp_m_two(&p, SDP_M_ADD, all, sdp_m_two(&p, SDP_M_MUL, root[i], root[63 - i]));
    all = sdp_m_call(&p, 0, "one", 1, &all);
    for (uint32_t i = 0; i < 64; i += 5) sdp_m_store(&p, 0, i / 5, sdp_m_two(&p, SDP_M_ADD, all, root[i]));
    run_program(&p, in);
    sdp_base_free(&b);
}

// ---- loops ------------------------------------------------------------------------------------------------
typedef union {
    const void *address;
    void (*call)(size_t, const double *const *, double *const *);
} loop;

// Rows of every length up to a few times the lanes; input 0 has numbers, and the entry
// behind the end of the result stays.
static void run_loop(sdp_program *p, const double *const *in)
{
    double *v = calloc(p->nsteps, sizeof *v), out[ENTRIES + 1], *const to[1] = {out};
    sdp_bytes bytes;
    sdp_code code;
    sdp_assemble_loop(p, INPUTS, &bytes);
    assert_true(sdp_jit_bytes(bytes.byte, bytes.n, &code));
    loop f = {code.code};
    for (uint32_t n = 0; n <= ENTRIES; n++) {
        out[n] = 7;
        f.call(n, in, to);
        assert_true(out[n] == 7);
        for (uint32_t i = 0; i < n; i++) {
            const double *at[INPUTS] = {in[0], in[1] + i, in[2] + i};
            for (uint32_t k = 1; k < p->nsteps; k++) v[k] = value(p, v, at, k);
            double want = v[p->store[0].step];
            if ((out[i] == out[i] || want == want) && memcmp(&out[i], &want, sizeof want))
                fail_msg("entry %u of %u: %.17g, not %.17g", i, n, out[i], want);
        }
    }
    sdp_jit_free(&code);
    free(v);
}

// The sum of all entries, in the order that loop.c has: four at a time, then single ones
static void run_sum(sdp_program *p, const double *const *in)
{
    double *v = calloc(p->nsteps, sizeof *v), out[2], *const to[1] = {out};
    sdp_bytes bytes;
    sdp_code code;
    p->store[0].place = SDP_LOOP_SUM;
    sdp_assemble_loop(p, INPUTS, &bytes);
    assert_true(sdp_jit_bytes(bytes.byte, bytes.n, &code));
    loop f = {code.code};
    for (uint32_t n = 0; n <= ENTRIES; n++) {
        double sum[5] = {0};
        out[0] = out[1] = 7;
        f.call(n, in, to);
        for (uint32_t i = 0; i < n; i++) {
            const double *at[INPUTS] = {in[0], in[1] + i, in[2] + i};
            for (uint32_t k = 1; k < p->nsteps; k++) v[k] = value(p, v, at, k);
            sum[i < n / 4 * 4 ? i % 4 : 4] += v[p->store[0].step];
        }
        double want = ((sum[0] + sum[2]) + (sum[1] + sum[3])) + sum[4];
        assert_true(out[1] == 7);
        if ((*out == *out || want == want) && memcmp(out, &want, sizeof want))
            fail_msg("sum of %u: %.17g, not %.17g", n, *out, want);
    }
    sdp_jit_free(&code);
    free(v);
}

static void test_loops(void **state)
{
    (void)state;
    static const double special[] = {0, -0.0, 1, NAN, INFINITY, 5e-324, 1e308, -3.5};
    if (!sdp_has_machine()) skip();
    for (int k = 0; k < 500; k++) {
        double x[INPUTS][ENTRIES];
        const double *in[INPUTS] = {x[0], x[1], x[2]};
        for (uint32_t i = 0; i < INPUTS * ENTRIES; i++)
            x[i / ENTRIES][i % ENTRIES] = below(3) ? (double)below(2000) / 100 - 10 : special[below(8)];
        sdp_base b;
        sdp_program p;
        uint32_t step[60], n = 0;
        sdp_base_init(&b, NULL, NULL);
        sdp_program_init(&p, &b, 400);
        for (uint32_t i = 0; i < 3; i++) step[n++] = sdp_m_load(&p, 0, i);
        for (uint32_t i = 1; i < INPUTS; i++) step[n++] = sdp_m_load(&p, i, 0);
        step[n++] = sdp_m_number(&p, 0.1);
        for (; n < 60; n++) {
            uint32_t a[3] = {step[below(n)], step[n - 1 - below(3)], step[below(n)]};
            step[n] = random_step(&p, (int)below(10), below(256), a);
        }
        sdp_m_store(&p, 0, 0, step[n - 1]);
        run_loop(&p, in);
        run_sum(&p, in);
        sdp_base_free(&b);
    }
}

// ---- columns of ops.def -----------------------------------------------------------------------------------
static const double arguments[] = {0,        -0.0,      1,      -1,      0.5,   NAN,
                                   INFINITY, -INFINITY, 5e-324, -2e-310, 1e308, -3.25};
enum { ARGUMENTS = sizeof arguments / sizeof *arguments };
typedef union {
    const void *address;
    double (*call)(double, double, double);
} scalar;

// Row `op` at every triple of arguments, as steps and as the function that a C compiler made of its column
static void check_column(int op, const sdp_code *code)
{
    entry f = {code->code};
    scalar g = {sdp_machine_function((uint32_t)op)};
    for (int k = 0; k < ARGUMENTS * ARGUMENTS * ARGUMENTS; k++) {
        double x[3] = {arguments[k % ARGUMENTS], arguments[k / ARGUMENTS % ARGUMENTS],
                       arguments[k / ARGUMENTS / ARGUMENTS]},
               got = 7;
        double *const to[1] = {&got};
        const double *const in[1] = {x};
        assert_int_equal(f.call(NULL, in, to), 0);
        double want = g.call(x[0], x[1], x[2]);
        if ((got == got || want == want) && !(got == want))
            fail_msg("%s at %g, %g, %g: %.17g, not %.17g", sdp_ops[op].name, x[0], x[1], x[2], got, want);
    }
}

static void test_columns(void **state)
{
    (void)state;
    int plain = 0;
    if (!sdp_has_machine()) skip();
    for (int op = 0; op < SDP_OP_COUNT; op++) {
        if (!sdp_machine_function((uint32_t)op)) continue; // no row of entries
        sdp_base b;
        sdp_program p;
        sdp_listing l;
        sdp_bytes bytes;
        sdp_code code;
        sdp_base_init(&b, NULL, NULL);
        sdp_program_init(&p, &b, 400);
        uint32_t x[3] = {sdp_m_load(&p, 0, 0), sdp_m_load(&p, 0, 1), sdp_m_load(&p, 0, 2)};
        uint32_t all = sdp_straight_map(&p, op, 3, x);
        if (p.step[all].op != SDP_M_CALL) {
            sdp_m_store(&p, 0, 0, all);
            sdp_pack(&p, &l);
            sdp_assemble(&l, NULL, NULL, &bytes);
            assert_true(sdp_jit_bytes(bytes.byte, bytes.n, &code));
            check_column(op, &code);
            sdp_jit_free(&code);
            plain++;
        }
        sdp_base_free(&b);
    }
    assert_true(plain >= 15); // abs, sign, relu, step, max, min, comparisons, where, ...
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_programs), cmocka_unit_test(test_many_values),
                                       cmocka_unit_test(test_loops), cmocka_unit_test(test_columns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
