// SPDX-License-Identifier: MIT
// The operator table as data, and its look-up by name.
#include <string.h>

#include "ast/graph/ast.h"

const sdp_op sdp_ops[SDP_OP_COUNT] = {
#define C(...) #__VA_ARGS__
#define F(...) (const sdp_implied[]){__VA_ARGS__{0, 0, 0}}
#define KEEP(fact) {SDP_##fact, 0, SDP_##fact},
#define ANY(fact) {0, SDP_##fact, SDP_##fact},
#define GIVE(have, fact) {SDP_##have, 0, SDP_##fact},
#define ALWAYS(fact) {0, 0, SDP_##fact},
#define OP(id, name, alias, kind, min, max, rule, dx, dy, dz, domain, kink, range, facts, parity, c, latex, numpy, torch, jax, \
           julia, matlab, doc)                                                                                        \
    [SDP_OP_##id] = {name, alias, SDP_OP_##kind, min, max, #rule, {dx, dy, dz}, domain, kink, range, facts, parity, c, \
                     latex, numpy, torch, jax, julia, matlab, doc},
#include "ast/graph/ops.def"
#undef OP
#undef ALWAYS
#undef GIVE
#undef ANY
#undef KEEP
#undef F
#undef C
};

// Names are compared character by character: nearly all differ in the first, and every name of a text is looked up.
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

int sdp_op_find(const char *name, size_t n)
{
    for (int i = 1; i < SDP_OP_COUNT; i++) {
        const char *own = sdp_ops[i].name;
        size_t k = 0;
        while (k < n && own[k] && own[k] == name[k]) k++;
        if (k == n && !own[k]) return i;
    }
    for (int i = 1; i < SDP_OP_COUNT; i++)
        if (has_word(sdp_ops[i].alias, name, n)) return i;
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
    if ((op = sdp_op_find(key, strlen(key))) || n < 2 || sdp_is_greek_name(name)) return op; // Sigma is not sigma
    for (size_t i = 0; i <= n; i++) low[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 32 : name[i]);
    return sdp_op_find(low, n);
}
