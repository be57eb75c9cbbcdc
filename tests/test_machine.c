// SPDX-License-Identifier: MIT
// Machine code: every row of encodings.def is what objdump reads, and random programs compute what their
// steps say, bit by bit, at numbers of every kind: NaN, infinite, denormal, zeros of both signs; columns of
// ops.def that become steps are the functions of C.
#define _DEFAULT_SOURCE // MAP_ANONYMOUS, mkstemp

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

// ---- encodings --------------------------------------------------------------------------------------------
typedef struct {
    char s[256];
} line;

static line vector(uint32_t lanes, unsigned reg)
{
    line l;
    snprintf(l.s, sizeof l.s, "%cmm%u", lanes == 4 ? 'y' : 'x', reg);
    return l;
}

// How many numbers the operand has that may be in memory, and the other ones
static uint32_t memory_lanes(sdp_instruction i, uint32_t lanes)
{
    const sdp_encoding *row = &sdp_encodings[i];
    if (i == SDP_I_SPREAD || (i == SDP_I_TWICE && lanes == 2)) return 1;
    if (i == SDP_I_INSERT || i == SDP_I_EXTRACT) return 2;
    return lanes == 1 && row->one < 0 ? 2 : lanes;
}

static line operand(sdp_instruction i, uint32_t lanes, sdp_operand rm)
{
    static const char *const general[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi",
                                          "rdi", "r8",  "r9",  "r10", "r11", "r12", "r13"};
    static const char *const size[] = {"", "QWORD", "XMMWORD", "", "YMMWORD"};
    uint32_t n = memory_lanes(i, lanes);
    line l;
    if (rm.where == SDP_IN_REGISTER) return vector(n, rm.reg);
    if (rm.where == SDP_IN_ROW) snprintf(l.s, sizeof l.s, "%s PTR [%s+rdx*8]", size[n], general[rm.reg]);
    else if (rm.offset)
        snprintf(l.s, sizeof l.s, "%s PTR [%s%c0x%x]", size[n], general[rm.reg], rm.offset < 0 ? '-' : '+',
                 abs(rm.offset));
    else
        snprintf(l.s, sizeof l.s, "%s PTR [%s%s]", size[n], general[rm.reg],
                 rm.reg == SDP_RBP || rm.reg == SDP_R13 ? "+0x0" : "");
    return l;
}

static line expected(sdp_instruction i, uint32_t lanes, uint8_t reg, uint8_t second, sdp_operand rm,
                     uint8_t last)
{
    const sdp_encoding *row = &sdp_encodings[i];
    bool several = row->one < 0 || (lanes > 1 && row->several >= 0);
    size_t stem = strcspn(row->name, "*");
    line l, to = vector(lanes, reg), from = vector(lanes, second), x = operand(i, lanes, rm), end = {""};
    if (i == SDP_I_BLEND) snprintf(end.s, sizeof end.s, ",%.9s", vector(lanes, last >> 4).s);
    else if (row->form == SDP_FORM_RRM_I || row->form == SDP_FORM_MR_I)
        snprintf(end.s, sizeof end.s, ",0x%x", last);
    snprintf(l.s, sizeof l.s, "%.*s%s ", (int)stem, row->name, !row->name[stem] ? "" : several ? "pd" : "sd");
    size_t n = strlen(l.s);
    bool three = row->form == SDP_FORM_RRM || row->form == SDP_FORM_RRM_I,
         turned = row->form == SDP_FORM_MR || row->form == SDP_FORM_MR_I;
    if (three) snprintf(l.s + n, sizeof l.s - n, "%.40s,%.40s,%.40s%.10s", to.s, from.s, x.s, end.s);
    else
        snprintf(l.s + n, sizeof l.s - n, "%.40s,%.40s%.10s", turned ? x.s : to.s, turned ? to.s : x.s,
                 end.s);
    return l;
}

enum { OPERANDS = 14, MOST_LINES = 4096 };
static const sdp_operand operands[OPERANDS] = {{SDP_IN_REGISTER, 0, 0},      {SDP_IN_REGISTER, 7, 0},
                                               {SDP_IN_REGISTER, 8, 0},      {SDP_IN_REGISTER, 15, 0},
                                               {SDP_IN_MEMORY, SDP_RAX, 0},  {SDP_IN_MEMORY, SDP_RSP, 0},
                                               {SDP_IN_MEMORY, SDP_R12, 64}, {SDP_IN_MEMORY, SDP_R13, 0},
                                               {SDP_IN_MEMORY, SDP_RBP, 0},  {SDP_IN_MEMORY, SDP_RDI, 127},
                                               {SDP_IN_MEMORY, SDP_R9, 128}, {SDP_IN_MEMORY, SDP_RSI, -4096},
                                               {SDP_IN_ROW, SDP_RAX, 0},     {SDP_IN_ROW, SDP_R11, 0}};

static bool has_lanes(sdp_instruction i, uint32_t lanes)
{
    const sdp_encoding *row = &sdp_encodings[i];
    if (i == SDP_I_INSERT || i == SDP_I_EXTRACT || i == SDP_I_SPREAD) return lanes == 4;
    return lanes == 1 ? row->one >= 0 : row->several >= 0;
}

static uint32_t all_instructions(sdp_bytes *code, line *want)
{
    static const uint8_t registers[][2] = {{0, 15}, {7, 8}, {8, 7}, {15, 0}};
    sdp_encoder e = {.out = code};
    uint32_t n = 0;
    for (int i = 0; i < SDP_ENCODINGS; i++)
        for (uint32_t lanes = 1; lanes <= 4; lanes *= 2)
            for (int r = 0; r < 4 && has_lanes((sdp_instruction)i, lanes); r++)
                // those two move to and from memory only
                for (int k = i == SDP_I_LOAD1 || i == SDP_I_STORE1 ? 4 : 0; k < OPERANDS; k++) {
                    uint8_t last = (uint8_t)(i == SDP_I_BLEND     ? registers[r][1] << 4
                                             : i == SDP_I_COMPARE ? 0x20
                                                                  : 1);
                    assert_true(n < MOST_LINES);
                    sdp_encode(&e, (sdp_instruction)i, lanes, registers[r][0], registers[r][1], operands[k],
                               last);
                    want[n++] = expected((sdp_instruction)i, lanes, registers[r][0], registers[r][1],
                                         operands[k], last);
                }
    return n;
}

// The instruction of a line of objdump, without its comment and with single spaces
static bool read_line(FILE *f, line *out)
{
    char text[512];
    while (fgets(text, sizeof text, f)) {
        char *s = strrchr(text, '\t'), *end;
        if (!s || !strchr(text, ':')) continue;
        if ((end = strpbrk(s, "#\n"))) *end = 0;
        size_t n = 0;
        for (s++; *s && n + 1 < sizeof out->s; s++)
            if (*s != ' ' || (n && out->s[n - 1] != ' ')) out->s[n++] = *s;
        while (n && out->s[n - 1] == ' ') n--;
        out->s[n] = 0;
        return true;
    }
    return false;
}

static void test_encodings(void **state)
{
    (void)state;
    static line want[MOST_LINES];
    char path[] = "/tmp/symdiff-machine-XXXXXX", command[200];
    sdp_base b;
    sdp_base_init(&b, NULL, NULL);
    sdp_bytes code = {.b = &b};
    if (system("objdump --version >/dev/null 2>&1")) skip();
    uint32_t n = all_instructions(&code, want);
    int file = mkstemp(path);
    assert_true(file >= 0 && write(file, code.byte, code.n) == (ssize_t)code.n);
    close(file);
    snprintf(command, sizeof command, "objdump -D -b binary -m i386:x86-64 -M intel --no-show-raw-insn %s",
             path);
    FILE *f = popen(command, "r");
    line got;
    for (uint32_t i = 0; i < n; i++) {
        assert_true(read_line(f, &got));
        assert_string_equal(got.s, want[i].s);
    }
    assert_false(read_line(f, &got));
    pclose(f);
    unlink(path);
    sdp_base_free(&b);
}

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

// Rows of every length up to a few times the lanes; input 0 has numbers, and the entry behind the end of the
// result stays.
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_encodings), cmocka_unit_test(test_programs),
                                       cmocka_unit_test(test_many_values), cmocka_unit_test(test_loops),
                                       cmocka_unit_test(test_columns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
