// SPDX-License-Identifier: MIT
// The operator table as data, and its look-up by name.
#include <string.h>

#include "ast/graph/ast.h"

const sdp_op sdp_ops[SDP_OP_COUNT] = {
#define RANGE(which)              .range = SDP_RANGE_##which
#define PARITY(which)             .parity = SDP_PARITY_##which
#define SIGNED                    .is_signed = true
#define ORDER_PARITY(which)       .in_order = SDP_PARITY_##which
#define SHAPE(which)              .shape = SDP_SHAPE_##which
#define AT_ZERO(value)            .at_zero = SDP_AT_ZERO_##value
#define SIDES(at, by, more, less) .sides = {by, more, less, SDP_TIE_##at}
#define ORDER(not, turned, which, different)                                                                 \
    .negated = SDP_OP_##not, .order = {SDP_OP_##turned, which, different}
#define CURVE(which, how, why) .curve = {SDP_IS_##which, SDP_CURVE_##how, why}
#define SMOOTH(where)          .smooth = SDP_SMOOTH_##where
#define DEGREE(d)              .degree = {true, (int8_t)(2 * (d)), false, false}
#define DELICATE(d)            .degree = {true, (int8_t)(2 * (d)), true, false}
#define LOGARITHM              .degree = {true, 0, true, true}
#define FACTS(...)                                                                                           \
    .facts = (const sdp_implied[])                                                                           \
    {                                                                                                        \
        __VA_ARGS__ { 0, 0, 0 }                                                                              \
    }
#define KEEP(fact)       {SDP_##fact, 0, SDP_##fact},
#define ANY(fact)        {0, SDP_##fact, SDP_##fact},
#define GIVE(have, fact) {SDP_##have, 0, SDP_##fact},
#define ALWAYS(fact)     {0, 0, SDP_##fact},
#define ROW(id, text, of_kind, least, most)                                                                  \
    .word = #id, .name = text, .kind = SDP_OP_##of_kind, .min_args = least, .max_args = most
#define MAP(id, text, args, kernel, ...)                                                                     \
    [SDP_OP_##id] = {ROW(id, text, MAP, args, args), .c = #kernel, .doc = __VA_ARGS__},
#define FORM(id, text, least, most, rule, ...)                                                               \
    [SDP_OP_##id] = {ROW(id, text, FORM, least, most), SHAPE(rule), .doc = __VA_ARGS__},
#define PRIM(id, text, least, most, rule, lower, pull, kernel, reference, modulo, ...)                       \
    [SDP_OP_##id] = {ROW(id, text, PRIM, least, most), SHAPE(rule), .doc = __VA_ARGS__},
#define SUGAR(id, text, least, most, rule, lower, ...)                                                       \
    [SDP_OP_##id] = {ROW(id, text, SUGAR, least, most), SHAPE(rule), .doc = __VA_ARGS__},
#define CONST(id, text, kernel, ...)                                                                         \
    [SDP_OP_##id] = {ROW(id, text, CONST, 0, 0), .c = #kernel, .doc = __VA_ARGS__},
#define LATER(id, text, names, ...)                                                                          \
    [SDP_OP_##id] = {ROW(id, text, LATER, 1, -1), SHAPE(scalar), .alias = names, .doc = __VA_ARGS__},
#include "ast/graph/ops.def"
#undef ROW
#undef LOGARITHM
#undef DELICATE
#undef DEGREE
#undef SMOOTH
#undef CURVE
#undef ORDER
#undef SIDES
#undef AT_ZERO
#undef SIGNED
#undef ALWAYS
#undef GIVE
#undef ANY
#undef KEEP
#undef FACTS
#undef SHAPE
#undef ORDER_PARITY
#undef PARITY
#undef RANGE
};

const sdp_shape_rule sdp_shape_rules[SDP_SHAPES] = {
#define RULE(id, value, guess, traits) [SDP_SHAPE_##id] = {#id, SDP_VALUE_##value, SDP_GUESS_##guess, traits},
#include "ast/graph/shapes.def"
};

// Names are compared character by character: nearly all differ in the first, and
// every name of a text is looked up.
static bool has_word(const char *words, const char *name, size_t n)
{
    for (const char *w = words; *w; w++) {
        size_t k = 0;
        while (k < n && w[k] == name[k]) k++;
        if (k == n && n && (!w[k] || w[k] == ' ')) return true;
        while (*w && *w != ' ') w++;
        if (!*w) return false;
    }
    return false;
}

int sdp_at_zero(int op)
{
    return sdp_ops[op].at_zero                    ? sdp_ops[op].at_zero
           : sdp_ops[op].parity == SDP_PARITY_odd ? SDP_AT_ZERO_zero
                                                  : SDP_AT_ZERO_unknown;
}

int sdp_op_find(const char *name, size_t n)
{
    for (int i = 1; i < SDP_OP_COUNT; i++) {
        const char *own = sdp_ops[i].name;
        size_t k = 0;
        while (k < n && own[k] && own[k] == name[k]) k++;
        if (k == n && !own[k]) return i;
    }
    for (int i = 1; i < SDP_OP_COUNT; i++)
        if (sdp_ops[i].alias && has_word(sdp_ops[i].alias, name, n)) return i;
    return 0;
}

// sdp_op_find for people: ReLU, Tr, log_2, \Gamma. A single letter is no other than itself.
int sdp_op_like(const char *name)
{
    char key[64], low[64];
    size_t n = strlen(name);
    int op = sdp_op_find(name, n);
    if (op || n * SDP_KEY_ROOM >= sizeof key || (unsigned char)name[0] >= 0x80) return op; // γ is not Γ
    sdp_name_key(name, key);
    // Sigma is not sigma
    if ((op = sdp_op_find(key, strlen(key))) || n < 2 || sdp_is_greek_name(name)) return op;
    for (size_t i = 0; i <= n; i++)
        low[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 32 : name[i]);
    return sdp_op_find(low, n);
}
