// SPDX-License-Identifier: MIT
// np.einsum('ij,j->i', A, x): the entries of what is left of '->', or of the letters that stand once,
// in alphabetical order; the sum over all others of the product of entries. The letters become
// indices of the language of entries (indexed.c), with names that nobody can type: A may contain a
// variable i. Entry: sdp_numpy_einsum.
#include "ast/surface/numpy.h"

enum { LETTERS = 26, MOST_AXES = 2 };

typedef struct {
    const char *operand[8];
    uint32_t length[8], n;
    const char *out;
    uint32_t outs;
    uint32_t count[LETTERS];
    char implicit[LETTERS + 1];
} subscripts;

static _Noreturn void refuse(numpy *q, sdp_span at, const char *message)
{
    fail(q, at, "np.einsum('ij,j->i', A, x): small letters, at most two for an array", message);
}

static void take_letters(numpy *q, sdp_span at, subscripts *s, const char **text)
{
    const char *from = *text;
    uint32_t k = s->n++;
    for (; **text >= 'a' && **text <= 'z'; ++*text) s->count[**text - 'a']++;
    s->operand[k] = from;
    s->length[k] = (uint32_t)(*text - from);
    if (s->length[k] > MOST_AXES) refuse(q, at, "an array has at most two axes here");
}

// s: all 0. Where nothing says what the result has, s->out points into s itself
static void read_subscripts(numpy *q, const sdp_syntax *format, subscripts *s)
{
    const char *text = sdp_strndup(&q->h.g->base, format->text, strlen(format->text));
    char *to = (char *)text;
    for (const char *c = format->text; *c; c++)
        if (*c != ' ') *to++ = *c;
    *to = 0;
    do {
        if (s->n == 8) refuse(q, format->span, "too many arrays");
        take_letters(q, format->span, s, &text);
    } while (*text == ',' && text++);
    if (!strncmp(text, "->", 2)) {
        s->out = text + 2;
        s->outs = (uint32_t)strspn(s->out, "abcdefghijklmnopqrstuvwxyz");
        if (s->out[s->outs]) refuse(q, format->span, "these subscripts are not read");
        for (uint32_t k = 0; k < s->outs; k++)
            if (!s->count[s->out[k] - 'a'] || memchr(s->out, s->out[k], k))
                refuse(q, format->span, "a letter of the result stands once there, and with an array");
    } else if (*text) {
        refuse(q, format->span, "these subscripts are not read");
    } else {
        for (uint32_t c = 0; c < LETTERS; c++)
            if (s->count[c] == 1) s->implicit[s->outs++] = (char)('a' + c);
        s->out = s->implicit;
    }
    if (s->outs > MOST_AXES) refuse(q, format->span, "the result has more than two axes");
}

static sdp_syn index_name(numpy *q, const sdp_syntax *s, char letter)
{
    return sdp_numpy_leaf(q, SYN_NAME, s->span, sdp_printf(&q->h.g->base, "$%c", letter));
}

// over(i, .., body) or entries(i, j, body)
static sdp_syn bound(numpy *q, const sdp_syntax *s, const char *text, const char *letters, uint32_t n,
                     sdp_syn body)
{
    sdp_syn arg[LETTERS + 1];
    for (uint32_t k = 0; k < n; k++) arg[k] = index_name(q, s, letters[k]);
    arg[n] = body;
    sdp_syn made = sdp_numpy_call(q, s, text, n + 1, arg);
    q->h.out->node[made].extra = n;
    return made;
}

// array: the nodes of the new tree
sdp_syn sdp_numpy_einsum(numpy *q, const sdp_syntax *s, const sdp_syntax *format, uint32_t n,
                         const sdp_syn *array)
{
    if (format->kind != SYN_STRING) refuse(q, format->span, "the subscripts are a text in quotes");
    subscripts t = {0};
    read_subscripts(q, format, &t);
    sdp_syn body = NOTHING;
    char summed[LETTERS];
    uint32_t sums = 0;
    if (t.n != n)
        refuse(q, s->span,
               sdp_printf(&q->h.g->base, "the subscripts are those of %u arrays, and there are %u", t.n, n));
    for (uint32_t k = 0; k < n; k++) {
        sdp_syn arg[MOST_AXES + 1] = {array[k]};
        for (uint32_t a = 0; a < t.length[k]; a++) arg[a + 1] = index_name(q, s, t.operand[k][a]);
        sdp_syn entry = t.length[k] ? sdp_numpy_call(q, s, "index", t.length[k] + 1, arg) : array[k];
        body = body == NOTHING ? entry : sdp_numpy_call(q, s, ".*", 2, (sdp_syn[]){body, entry});
    }
    for (uint32_t c = 0; c < LETTERS; c++)
        if (t.count[c] && !memchr(t.out, (int)('a' + c), t.outs)) summed[sums++] = (char)('a' + c);
    if (sums) body = bound(q, s, "over", summed, sums, body);
    return t.outs ? bound(q, s, "entries", t.out, t.outs, body) : body;
}
