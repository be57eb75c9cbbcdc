// SPDX-License-Identifier: MIT
// An element-wise function as steps of a program, read from its C column in ops.def,
// e.g. x >= y ? x : x < y ? y : x + y.
//
// A column that calls a function but fabs is a call itself. In all others both branches are computed, and one
// is selected: they have no side effects.
#include "codegen/emit/straight.h"

typedef struct {
    sdp_program *p;
    const char *at;
    const uint32_t *arg;
} column;

static uint32_t choice(column *c);

static bool eat(column *c, const char *token)
{
    size_t n = strlen(token);
    c->at += strspn(c->at, " ");
    if (strncmp(c->at, token, n)) return false;
    c->at += n;
    return true;
}

static uint32_t primary(column *c)
{
    bool absolute = eat(c, "fabs(");
    if (absolute || eat(c, "(")) {
        uint32_t x = choice(c);
        eat(c, ")");
        return absolute ? sdp_m_one(c->p, SDP_M_ABS, x) : x;
    }
    if (eat(c, "-")) return sdp_m_one(c->p, SDP_M_NEGATE, primary(c));
    if (*c->at >= 'x' && *c->at <= 'z') return c->arg[*c->at++ - 'x'];
    size_t n = strspn(c->at, "0123456789.");
    double v = sdp_decimal_read(c->at, n);
    c->at += n;
    return sdp_m_number(c->p, v);
}

static uint32_t product(column *c)
{
    uint32_t x = primary(c);
    for (;;) {
        bool times = eat(c, "*");
        if (!times && !eat(c, "/")) return x;
        x = sdp_m_two(c->p, times ? SDP_M_MUL : SDP_M_DIV, x, primary(c));
    }
}

static uint32_t sum(column *c)
{
    uint32_t x = product(c);
    for (;;) {
        bool plus = eat(c, "+");
        if (!plus && !eat(c, "-")) return x;
        x = sdp_m_two(c->p, plus ? SDP_M_ADD : SDP_M_SUB, x, product(c));
    }
}

static uint32_t relation(column *c)
{
    static const struct {
        const char *token;
        int relation;
    } relations[] = {{"<=", SDP_AT_MOST},   {">=", SDP_AT_LEAST}, {"==", SDP_EQUAL},
                     {"!=", SDP_DIFFERENT}, {"<", SDP_LESS},      {">", SDP_GREATER}};
    uint32_t x = sum(c);
    for (size_t i = 0; i < sizeof relations / sizeof *relations; i++)
        if (eat(c, relations[i].token)) return sdp_m_compare(c->p, relations[i].relation, x, sum(c));
    return x;
}

static uint32_t condition(column *c)
{
    uint32_t x = relation(c);
    for (;;) {
        bool both = eat(c, "&&");
        if (!both && !eat(c, "||")) return x;
        x = sdp_m_two(c->p, both ? SDP_M_BOTH : SDP_M_EITHER, x, relation(c));
    }
}

static uint32_t choice(column *c)
{
    uint32_t x = condition(c);
    if (!eat(c, "?")) return x;
    uint32_t yes = choice(c);
    eat(c, ":");
    return sdp_m_select(c->p, x, yes, choice(c));
}

// Can all of a column be steps? Its words are x, y, z and fabs, its signs those that are read
// above, and no && stands beside a ||. All else is called, so that a column with another operator
// of C never becomes another function.
static bool is_plain(const char *s)
{
    if (strstr(s, "&&") && strstr(s, "||")) return false;
    while (*s) {
        size_t n = 0;
        if (!sdp_is_letter(*s) && !sdp_is_digit(*s) &&
            (!strchr(" .()+-*/<>=!&|?:", *s) || (*s == '!' && s[1] != '=')))
            return false;
        while (sdp_is_letter(s[n]) || (n && (sdp_is_digit(s[n]) || s[n] == '_'))) n++;
        if (n && !(n == 1 && *s >= 'x' && *s <= 'z') && !(n == 4 && !memcmp(s, "fabs", 4))) return false;
        s += n ? n : 1;
    }
    return true;
}

uint32_t sdp_straight_map(sdp_program *p, int op, uint32_t n, const uint32_t *arg)
{
    uint32_t three[3] = {arg[0], arg[n > 1 ? 1 : 0], arg[n > 2 ? 2 : 0]};
    column c = {p, sdp_ops[op].c, three};
    return is_plain(c.at) ? choice(&c) : sdp_m_call(p, (uint32_t)op, sdp_ops[op].name, n, arg);
}
