// SPDX-License-Identifier: MIT
// The ground every folder stands on: memory, growable arrays, spans and errors.
//
// Memory. A context owns two arenas. `keep` lives as long as the context; `scratch` is a stack that a
// pass marks and releases. Everything goes through the allocator hook of the context, so a test can
// make the n-th allocation fail.
//
// Errors. The library reports the first error as a value. Deep inside, sdp_fail() fills ctx->error and
// jumps to the innermost SDP_TRY of the public function that was called; nothing between the two owns
// memory outside the arenas, so nothing leaks. Only include/symdiff.h functions use SDP_TRY.
#ifndef SDP_BASE_H
#define SDP_BASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "include/symdiff.h"

typedef struct {
    uint32_t begin, end;
} sdp_span; // byte offsets into a source text, end exclusive

typedef struct sdp_chunk sdp_chunk;
typedef struct {
    sdp_chunk *head;
    char *at, *end;
} sdp_arena;
typedef struct {
    sdp_chunk *head;
    char *at, *end;
} sdp_mark;

enum { SDP_PROGRESS = 4096 }; // allocations between two calls of sd_progress's function

// The state that every pass needs and no pass owns, e.g. memory, limits and errors. The graph
// (ast/graph/ast.h) embeds it as its first member.
typedef struct sdp_base {
    sd_allocator mem;
    sdp_arena keep, scratch;
    sd_limits limit;
    sd_error error;
    jmp_buf *trap;      // the innermost SDP_TRY
    const char *source; // text that spans of the current call point into (may be NULL)
    const char *source_name;
    sdp_span here; // where an error without a position of its own is reported
    // set by sd_interrupt, from a signal handler or another thread: the next
    // allocation fails. NULL: nobody can
    _Atomic int *interrupted;
    // set by sd_progress: the function that is told the steps, allocations of the current call; what it
    // wants to end it ends by `interrupted`. NULL: nobody is told
    int (*tell)(void *state, size_t steps, size_t bytes);
    void *tell_state;
    size_t steps;
    uint32_t held; // named arrays of a caller that stand in raw blocks: sd_data
    size_t used;   // bytes obtained from the allocator and not given back
    void *name;    // the first spelling of every name. name.c
    uint32_t names, name_cap;
    const char **note; // what was read by habit against a plausible other reading. name.c
    uint32_t notes, note_cap;
    struct sdp_block *raw; // every live block of sdp_realloc, so that a jump out of a pass leaks nothing
} sdp_base;

// if (SDP_TRY(b, trap)) { ... work ... SDP_END(b, trap); } else { failed: b->error is set }
// A failure undoes the trap by itself: it makes the outer trap current again, releases the scratch memory
// taken since SDP_TRY and restores `here`, then jumps; so the else branch calls no SDP_END and may itself
// fail outwards. The work branch must reach SDP_END (no return, break or goto around it). Locals changed in
// the work branch and read in the else branch must be volatile. A failure outside any trap aborts: a public
// function forgot its SDP_TRY.
typedef struct {
    jmp_buf here, *outer;
    sdp_mark scratch;
    sdp_span at;
} sdp_trap;
#define SDP_TRY(b, t)                                                                                        \
    ((t).outer = (b)->trap, (t).scratch = sdp_scratch_mark(b), (t).at = (b)->here, (b)->trap = &(t).here,    \
     setjmp((t).here) == 0)
#define SDP_END(b, t) ((b)->trap = (t).outer)

// cannot fail; NULL: the defaults
void sdp_base_init(sdp_base *b, const sd_allocator *mem, const sd_limits *limit);
void sdp_base_free(sdp_base *b); // arenas and every raw block that is still alive

void *sdp_alloc(sdp_base *b, size_t bytes);   // zeroed, lives as long as the context
void *sdp_scratch(sdp_base *b, size_t bytes); // zeroed, lives until the mark below it is released
sdp_mark sdp_scratch_mark(sdp_base *b);
void sdp_scratch_release(sdp_base *b, sdp_mark m);
char *sdp_strndup(sdp_base *b, const char *s, size_t n);
char *sdp_printf(sdp_base *b, const char *fmt, ...) __attribute__((format(printf, 2, 3))); // in `keep`

// Raw blocks for tables that grow, and for strings handed to the user. What nobody released goes with the
// base; so what must outlive the context is taken from b->mem directly.
void *sdp_realloc(sdp_base *b, void *p, size_t bytes);
void sdp_release(sdp_base *b, void *p);
// for those who own something that must be released first; then sdp_no_room
void *sdp_raw_or_null(sdp_base *b, size_t bytes);
_Noreturn void sdp_no_room(sdp_base *b, size_t more); // fails: the limit, or no memory

// Room for one more item behind the n of an array: the array itself, or a copy of twice its size. In scratch,
// in `keep`, or as a raw block, which moves. *cap starts at 0, with no array.
void *sdp_grown(sdp_base *b, void *array, uint32_t n, uint32_t *cap, size_t item);
void *sdp_grown_kept(sdp_base *b, void *array, uint32_t n, uint32_t *cap, size_t item);
void *sdp_grown_raw(sdp_base *b, void *array, uint32_t n, uint32_t *cap, size_t item);
// A raw table that has item n, by node or the like: what is new in it is zero.
void *sdp_table(sdp_base *b, void *array, uint32_t n, uint32_t *cap, size_t item);

// A table whose size is that of what is in it: numbers by a key that is not 0, in raw memory (release `at`)
// or, with room for `most` keys from the start, in scratch. sparse.c
typedef struct {
    struct {
        uint32_t key, value;
    } * at;
    uint32_t n, cap;
} sdp_sparse;
void sdp_sparse_scratch(sdp_base *b, sdp_sparse *m, uint32_t most);
void sdp_sparse_put(sdp_base *b, sdp_sparse *m, uint32_t key, uint32_t value);
static inline uint32_t sdp_sparse_place(const sdp_sparse *m, uint32_t key)
{
    uint32_t h = (key * 2654435769u >> 7) & (m->cap - 1);
    while (m->at[h].key && m->at[h].key != key) h = (h + 1) & (m->cap - 1);
    return h;
}
static inline uint32_t sdp_sparse_get(const sdp_sparse *m, uint32_t key) // 0: not there
{
    return m->cap ? m->at[sdp_sparse_place(m, key)].value : 0;
}

// Things that stand elsewhere, by their hashes. interned.c
typedef struct {
    uint32_t hash, next;
} sdp_interned_entry; // next: the number of the thing + 1; 0: none
// kept: sdp_release(at); else scratch
typedef struct {
    sdp_interned_entry *at;
    uint32_t n, cap;
    bool kept;
} sdp_interned;
void sdp_interned_put(sdp_base *b, sdp_interned *x, uint32_t hash, uint32_t id);
enum { SDP_NO_THING = UINT32_MAX };
// The next one with this hash, or SDP_NO_THING. *place is the hash at first.
static inline uint32_t sdp_interned_next(const sdp_interned *x, uint32_t hash, uint32_t *place)
{
    while (x->cap && x->at[*place & (x->cap - 1)].next) {
        const sdp_interned_entry *e = &x->at[(*place)++ & (x->cap - 1)];
        if (e->hash == hash) return e->next - 1;
    }
    return SDP_NO_THING;
}

// A growing string in raw memory, always NUL-terminated (after sdp_text_init, too). Limit `output`.
typedef struct {
    sdp_base *b;
    char *s;
    size_t n, cap;
} sdp_text;
void sdp_text_init(sdp_text *t, sdp_base *b);
void sdp_text_free(sdp_text *t);
void sdp_put(sdp_text *t, const char *s);
void sdp_putn(sdp_text *t, const char *s, size_t n);
void sdp_putf(sdp_text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

// Of ASCII; those of ctype.h follow the locale.
static inline bool sdp_is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool sdp_is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
// by habit an index or a count
static inline bool sdp_is_index_letter(char c) { return c >= 'i' && c <= 'n'; }

// Doubles as text with a decimal point, whatever the locale says: nothing else
// here reads or writes any. decimal.c
typedef struct {
    char s[40];
} sdp_decimal;
sdp_decimal sdp_decimal_of(double v, int digits);       // as %.{digits}g
sdp_decimal sdp_decimal_shortest(double v, int digits); // with at least so many digits; reads back the same
double sdp_decimal_read(const char *s, size_t n);       // [+-]digits[.digits][e[+-]digits], correctly rounded

// Fails the current public call. code: SD_ERR_*. span may be empty (begin == end == 0) when there is no text.
// The texts are copied into b->error (and cut at a character there), so they may live in scratch. hint may be
// NULL.
_Noreturn void sdp_fail(sdp_base *b, sd_status code, sdp_span at, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
// The same with a second marked span (shape errors show both operands).
_Noreturn void sdp_fail2(sdp_base *b, sd_status code, sdp_span at, sdp_span other, const char *hint,
                         const char *fmt, ...) __attribute__((format(printf, 6, 7)));
_Noreturn void sdp_fail_again(sdp_base *b); // in the else branch of SDP_TRY: the same error, to the next trap
// the status of a public call whose work has failed; an interruption is over with it
sd_status sdp_failed(sdp_base *b);
// SD_ERR_LIMIT, names the limit and how to raise it
_Noreturn void sdp_limit(sdp_base *b, const char *name, size_t value);

// The candidate nearest to `name` (optimal string alignment distance <= 2, for names shorter than 4 bytes <=
// 1, and something of the name must remain; ties: no other letter, then the first), or NULL.
const char *sdp_nearest(const char *name, const char *const *candidates, size_t n);
// Is a short name a slip of the other one? A letter too many, too few or out of order, as sqr and tahn; vech,
// cov and tg are functions of their own, and not meant for sech, cos and tr.
bool sdp_is_slip(const char *name, const char *near);

uint32_t sdp_hash(const void *p, size_t n, uint32_t seed);
uint32_t sdp_hash_words(const uint32_t *p, size_t n, uint32_t seed); // faster

// Copies an array that may be empty, and then have no address.
static inline void sdp_copy(void *to, const void *from, size_t bytes)
{
    if (bytes) memcpy(to, from, bytes);
}

// Names. name.c: the key of a name, which all its spellings share, needs SDP_KEY_ROOM
// bytes for each of the text and a NUL.
enum { SDP_KEY_ROOM = 4 };
// the letter of which the three bytes at s are the small form below a line: i of ᵢ; 0: none
char sdp_letter_below(const char *s);
void sdp_name_key(const char *name, char *key);
bool sdp_same_name(const char *a, const char *b);
uint32_t sdp_name_hash(const char *name); // the same for the same names
bool sdp_is_greek_name(const char *name); // lambda, λ, Sigma2
// "theta" of θ, "mu" of the micro sign; NULL: no such letter
const char *sdp_greek_word(uint32_t c);
const char *sdp_greek_letter(const char *word); // the other way
bool sdp_is_accented(uint32_t c);               // one character for a letter and its accent: ŷ
// the first spelling, which this one is if there was none
const char *sdp_name(sdp_base *b, const char *text);
const char *sdp_known_name(sdp_base *b, const char *text); // the same, or the text itself; registers nothing

// Names in LaTeX. tex_name.c: the plain spelling of n bytes, \hat{y}_1 is yhat_1, in out[256];
// its length, 0 if this is no name. Names with the same spelling and another style, \mathbf{x}
// beside x, are two names to a reader.
size_t sdp_tex_name(const char *s, size_t n, char *out, uint32_t *style);
typedef enum { SDP_TEX_NO_FONT, SDP_TEX_FONT, SDP_TEX_ACCENT, SDP_TEX_WORD } sdp_tex_font;
sdp_tex_font sdp_tex_font_of(const char *command, size_t n); // of mathbf, hat, text

void sdp_note(sdp_base *b, const char *fmt, ...) __attribute__((format(printf, 2, 3))); // once each

// "name:1:5: error: message", the source line with carets in display columns, "hint: ...". diagnose.c
// Raw memory: sdp_release it. Control characters of the source are shown as '?'.
char *sdp_diagnose(sdp_base *b, const sd_error *e);

// The character at s (n >= 1 bytes are left): its code point and its length in bytes; an invalid sequence
// gives UINT32_MAX and length 1. utf8.c
uint32_t sdp_utf8_decode(const char *s, size_t n, size_t *length);
int sdp_utf8_width(uint32_t c);                   // columns on a terminal: 0, 1 or 2
size_t sdp_utf8_columns(const char *s, size_t n); // of a text without tabs and newlines

#endif
