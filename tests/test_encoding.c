// SPDX-License-Identifier: MIT
// Machine code, byte by byte: every row of encodings.def, with every register and kind
// of operand, is what objdump reads.
#define _DEFAULT_SOURCE // mkstemp

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "codegen/machine/encode.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_encodings)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
