// SPDX-License-Identifier: MIT
// Conditions in words, a line each:
//
//   valid for X*t-Y != 0                              of a vector: it is not the zero vector
//   valid for x > 0 (each entry)
//   valid nowhere: what is declared excludes -x > 0
//   valid for x^2+y^2 != 0, where x==0&y==0 does not hold
//   at x == 0: the derivative of abs is taken as 0
//   at x == y: the side that holds there is taken
//
// Text and Unicode print them as they stand, other notations as comments, with the conditions in ASCII.
#include <string.h>

#include "codegen/print/print.h"

enum { MOST_NODES = 500 };

static const struct {
    const char *ascii, *shown;
} relations[] = {
    {"==", "="}, {"!=", "≠"}, {"<=", "≤"}, {">=", "≥"}, {"<", "<"}, {">", ">"}, {"|", "or"}, {"&", "and"},
};

// A relation between blanks, as the notation spells it. Returns its length in s, 0 if there is none.
static size_t put_relation(sdp_text *out, const char *s, bool unicode)
{
    for (size_t i = 0; i < sizeof relations / sizeof *relations; i++) {
        size_t n = strlen(relations[i].ascii);
        if (strncmp(s, relations[i].ascii, n)) continue;
        size_t blanks = strspn(s + n, " ");
        sdp_putf(out, "%s%s ", out->n && out->s[out->n - 1] == ' ' ? "" : " ",
                 unicode ? relations[i].shown : relations[i].ascii);
        return n + blanks;
    }
    return 0;
}

// Is the formula of a node longer than MOST_NODES when nothing is shared?
static bool too_long(sdp_graph *g, sdp_id id)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    uint32_t n;
    sdp_id *list = sdp_reachable(g, 1, &id, &n);
    uint32_t *size = sdp_scratch(&g->base, (id + (size_t)1) * sizeof *size);
    for (uint32_t i = 0; i < n; i++) {
        const sdp_node *x = sdp_get(g, list[i]);
        size[list[i]] = 1;
        for (uint32_t k = 0; k < x->nargs && size[list[i]] <= MOST_NODES; k++)
            size[list[i]] += size[x->arg[k]];
    }
    bool result = size[id] > MOST_NODES;
    sdp_scratch_release(&g->base, m);
    return result;
}

static char *node_text(sdp_graph *g, sdp_id id, bool unicode)
{
    if (too_long(g, id)) return sdp_strndup(&g->base, "(a long expression)", 19);
    sdp_text t;
    sdp_text_init(&t, &g->base);
    sdp_entry e = {.label = "", .row = "", .column = "", .node = id, .value_order = sdp_get(g, id)->order};
    sdp_print_plain(g, &e, unicode ? SD_UNICODE : SD_TEXT, &t);
    char *copy = sdp_strndup(&g->base, t.s, t.n);
    sdp_text_free(&t);
    return copy;
}

// A condition's own text with blanks around its relations outside parentheses.
static void put_spaced(sdp_text *out, const char *s, bool unicode)
{
    int depth = 0;
    while (*s) {
        size_t n = depth ? 0 : put_relation(out, s, unicode);
        depth += (*s == '(' || *s == '[') - (*s == ')' || *s == ']');
        if (!n) sdp_putn(out, s, 1);
        s += n ? n : 1;
    }
}

// Words with the subjects in the places of x and y: "x invertible", "det(x)>0", "a tie" (in x).
static void put_words(sdp_graph *g, const sdp_condition *c, bool unicode, sdp_text *out)
{
    const char *subject = node_text(g, c->subject, unicode),
               *second = c->second ? node_text(g, c->second, unicode) : NULL;
    bool used = false;
    for (const char *p = c->words; *p;) {
        bool word = sdp_is_letter(*p);
        size_t n = word ? strspn(p, "abcdefghijklmnopqrstuvwxyz") : put_relation(out, p, unicode);
        if (word && n == 1 && (*p == 'x' || (*p == 'y' && second))) {
            const char *is = *p == 'x' ? subject : second;
            bool sum = strpbrk(is, "+-*/ \\") || strstr(is, "−"), behind_minus = p > c->words && p[-1] == '-';
            bool bare = !sum || (!behind_minus && p[1] == ' ') || p[1] == ')' || strchr("=!<>", p[1]);
            sdp_putf(out, bare ? "%s" : "(%s)", is);
            used = true;
        } else if (word) {
            sdp_putn(out, p, n);
        } else if (!n) {
            sdp_putn(out, p, 1);
        }
        p += n ? n : 1;
    }
    if (!used) sdp_putf(out, " in %s", subject);
}

static void put_taken(const sdp_condition *c, sdp_text *out)
{
    if (c->decides) sdp_put(out, ": the side that holds there is taken");
    else if (!c->taken) sdp_put(out, ": not differentiable");
    else if (strspn(c->taken, "0123456789-/.") == strlen(c->taken))
        sdp_putf(out, ": the derivative of %s is taken as %s", sdp_ops[c->function].name, c->taken);
    else if (!strncmp(c->taken, "that of ", 8)) sdp_putf(out, ": the derivative is %s", c->taken);
    else sdp_putf(out, strchr(c->taken, ' ') ? ": %s" : ": %s is taken", c->taken);
}

void sdp_print_condition(sdp_graph *g, const sdp_condition *c, bool unicode, sdp_text *out)
{
    if (c->node) put_spaced(out, node_text(g, c->node, unicode), unicode);
    else put_words(g, c, unicode, out);
    if (c->each) sdp_put(out, " (each entry)");
}

static void put_condition(sdp_graph *g, const sdp_condition *c, bool unicode, sdp_text *out)
{
    if (!c->node && !c->words) {
        sdp_put(out, "further conditions are left out");
        return;
    }
    sdp_put(out, c->kink ? "at " : c->never ? "valid nowhere: what is declared excludes " : "valid for ");
    sdp_print_condition(g, c, unicode, out);
    if (c->branch) {
        sdp_put(out, ", where ");
        put_spaced(out, node_text(g, c->branch / 4, unicode), unicode);
        sdp_put(out, c->branch % 4 == 1 ? " holds" : " does not hold");
    }
    if (c->kink) put_taken(c, out);
}

void sdp_print_conditions(sdp_graph *g, const struct sd_result *r, const char *prefix, bool unicode,
                          sdp_text *out)
{
    const sdp_condition *c;
    uint32_t n = sdp_conditions(g, r, &c);
    for (uint32_t i = 0; i < n; i++) {
        sdp_putf(out, "%s%s", i ? "\n" : "", prefix);
        put_condition(g, &c[i], unicode, out);
    }
    if (!n) sdp_putf(out, "%svalid everywhere", prefix);
}
