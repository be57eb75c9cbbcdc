// SPDX-License-Identifier: MIT
// Memory: the two arenas, raw blocks, and growing texts.
//
// An arena is a list of chunks, newest first, and a cursor into the newest. Releasing a mark drops the chunks
// made since, except the oldest chunk of the arena and one spare after the current chunk, so a pass that
// marks and releases in a loop does not call the allocator every time.
//
// A raw block carries a header that links it into b->raw: an error jumps over the code that would have
// released it, and sdp_base_free finds it there.
//
// Every byte is counted in b->used against limit.memory, whose error (like that of a failing allocator)
// leaves the base usable: nothing is changed before the new memory is there.
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define SDP_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SDP_ASAN 1
#endif
#endif
#ifdef SDP_ASAN
#include <sanitizer/asan_interface.h>
#define HIDE(p, n) __asan_poison_memory_region((p), (n))
#define SHOW(p, n) __asan_unpoison_memory_region((p), (n))
#else
#define HIDE(p, n) ((void)(p), (void)(n))
#define SHOW(p, n) ((void)(p), (void)(n))
#endif

enum { FIRST_CHUNK = 4 << 10, LAST_CHUNK = 4 << 20, ALIGN = 16 };

struct sdp_chunk {
    struct sdp_chunk *older, *spare; // spare: a chunk kept for the next time this one is full
    size_t bytes;                    // of the chunk, header included
    size_t unused;                   // keeps the data aligned
};

struct sdp_block {
    struct sdp_block *previous, *next;
    size_t bytes; // header included
    size_t unused;
};

_Static_assert(sizeof(struct sdp_chunk) % ALIGN == 0 && sizeof(struct sdp_block) % ALIGN == 0,
               "data is aligned");

static void *plain_resize(void *state, void *p, size_t bytes)
{
    (void)state;
    if (bytes == 0) {
        free(p);
        return NULL;
    }
    return realloc(p, bytes);
}

void sdp_base_init(sdp_base *b, const sd_allocator *mem, const sd_limits *limit)
{
    memset(b, 0, sizeof *b);
    b->mem = mem ? *mem : (sd_allocator){plain_resize, NULL};
    if (limit) b->limit = *limit;
    if (!b->limit.nodes) b->limit.nodes = 50000000;
    if (!b->limit.depth) b->limit.depth = 1000000;
    if (!b->limit.digits) b->limit.digits = 100000;
    if (!b->limit.memory) b->limit.memory = sizeof(size_t) > 4 ? (size_t)4 << 15 << 15 : SIZE_MAX;
    if (!b->limit.output) b->limit.output = (size_t)256 << 20;
    if (!b->limit.elements) b->limit.elements = 100000000;
    if (!b->limit.terms) b->limit.terms = 2000000;
    if (!b->limit.work) b->limit.work = 500000000;
}

static bool over_limit(const sdp_base *b, size_t more)
{
    return more > b->limit.memory - (b->used < b->limit.memory ? b->used : b->limit.memory);
}

// The one place that asks for memory: old bytes become new bytes at p; or NULL, and p stays as it was.
static void *resize_or_null(sdp_base *b, void *p, size_t old, size_t bytes)
{
    void *q = bytes > old && over_limit(b, bytes - old) ? NULL : b->mem.resize(b->mem.state, p, bytes);
    if (q) b->used = b->used - old + bytes;
    return q;
}

void sdp_no_room(sdp_base *b, size_t more)
{
    if (over_limit(b, more)) sdp_limit(b, "memory", b->limit.memory);
    sdp_fail(b, SD_ERR_MEMORY, (sdp_span){0, 0}, NULL, "out of memory (%zu bytes more)", more);
}

static void *resize(sdp_base *b, void *p, size_t old, size_t bytes)
{
    void *q = resize_or_null(b, p, old, bytes);
    if (!q) sdp_no_room(b, bytes - old);
    return q;
}

static void give_back(sdp_base *b, void *p, size_t bytes)
{
    b->used -= bytes;
    b->mem.resize(b->mem.state, p, 0);
}

// ---- arenas -----------------------------------------------------------------------------------------------

static char *chunk_data(struct sdp_chunk *c) { return (char *)(c + 1); }

static void drop_chunk(sdp_base *b, struct sdp_chunk *c)
{
    SHOW(c, c->bytes);
    give_back(b, c, c->bytes);
}

static void drop_spare(sdp_base *b, struct sdp_chunk *c)
{
    if (c->spare) drop_chunk(b, c->spare);
    c->spare = NULL;
}

static void make_current(sdp_arena *a, struct sdp_chunk *c)
{
    a->head = c;
    a->at = chunk_data(c);
    a->end = (char *)c + c->bytes;
}

// Makes room for `bytes` in the current chunk. The rest of the full chunk is lost until it is released.
static void next_chunk(sdp_base *b, sdp_arena *a, size_t bytes)
{
    struct sdp_chunk *head = a->head;
    if (bytes > SIZE_MAX / 2) sdp_limit(b, "memory", b->limit.memory);
    size_t need = bytes + sizeof(struct sdp_chunk);
    if (head && head->spare && head->spare->bytes >= need) {
        struct sdp_chunk *c = head->spare;
        head->spare = NULL;
        make_current(a, c);
        return;
    }
    size_t size = !head ? FIRST_CHUNK : head->bytes < LAST_CHUNK / 2 ? 2 * head->bytes : LAST_CHUNK;
    if (size < need) size = need;
    struct sdp_chunk *c = resize(b, NULL, 0, size);
    *c = (struct sdp_chunk){.older = head, .bytes = size};
    if (head) drop_spare(b, head);
    HIDE(chunk_data(c), size - sizeof *c);
    make_current(a, c);
}

// Tells of the work so far. Who wants it to end interrupts the call.
static void tell(sdp_base *b)
{
    if (++b->steps % SDP_PROGRESS == 0 && b->tell(b->tell_state, b->steps, b->used)) *b->interrupted = 1;
}

static void *take(sdp_base *b, sdp_arena *a, size_t bytes)
{
    if (b->tell) tell(b);
    if (b->interrupted && *b->interrupted)
        sdp_fail(b, SD_ERR_INTERRUPTED, (sdp_span){0, 0}, NULL, "interrupted");
    size_t align = bytes >= ALIGN ? ALIGN : bytes > 4 ? 8 : 4;
    size_t gap = a->head ? (size_t) - (intptr_t)a->at & (align - 1) : 0;
    if (!a->head || (size_t)(a->end - a->at) < gap || (size_t)(a->end - a->at) - gap < bytes) {
        next_chunk(b, a, bytes);
        gap = 0;
    }
    char *p = a->at + gap;
    a->at = p + bytes;
    SHOW(p, bytes);
    return bytes ? memset(p, 0, bytes) : p;
}

void *sdp_alloc(sdp_base *b, size_t bytes) { return take(b, &b->keep, bytes); }
void *sdp_scratch(sdp_base *b, size_t bytes) { return take(b, &b->scratch, bytes); }

sdp_mark sdp_scratch_mark(sdp_base *b) { return (sdp_mark){b->scratch.head, b->scratch.at, b->scratch.end}; }

void sdp_scratch_release(sdp_base *b, sdp_mark m)
{
    sdp_arena *a = &b->scratch;
    while (a->head && a->head != m.head) {
        struct sdp_chunk *c = a->head, *older = c->older;
        if (!older) { // the mark of an empty arena: keep its first chunk
            make_current(a, c);
            HIDE(a->at, (size_t)(a->end - a->at));
            return;
        }
        drop_spare(b, c);
        drop_spare(b, older);
        if (older == m.head && c->bytes <= LAST_CHUNK) {
            older->spare = c;
            HIDE(chunk_data(c), c->bytes - sizeof *c);
        } else {
            drop_chunk(b, c);
        }
        a->head = older;
    }
    a->at = m.at;
    a->end = m.end;
    if (a->head) HIDE(a->at, (size_t)(a->end - a->at));
}

static void free_arena(sdp_base *b, sdp_arena *a)
{
    while (a->head) {
        struct sdp_chunk *older = a->head->older;
        drop_spare(b, a->head);
        drop_chunk(b, a->head);
        a->head = older;
    }
    a->at = a->end = NULL;
}

void sdp_base_free(sdp_base *b)
{
    while (b->raw) sdp_release(b, b->raw + 1);
    free_arena(b, &b->scratch);
    free_arena(b, &b->keep);
}

// ---- raw blocks -------------------------------------------------------------------------------------------

static void *linked(sdp_base *b, struct sdp_block *k, bool is_new, size_t bytes)
{
    if (is_new) {
        k->previous = NULL;
        k->next = b->raw;
    }
    k->bytes = bytes;
    if (k->previous) k->previous->next = k;
    else b->raw = k;
    if (k->next) k->next->previous = k;
    return k + 1;
}

void *sdp_realloc(sdp_base *b, void *p, size_t bytes)
{
    struct sdp_block *old = p ? (struct sdp_block *)p - 1 : NULL;
    if (bytes > SIZE_MAX / 2) sdp_limit(b, "memory", b->limit.memory);
    bytes += sizeof *old;
    return linked(b, resize(b, old, old ? old->bytes : 0, bytes), !old, bytes);
}

void *sdp_raw_or_null(sdp_base *b, size_t bytes)
{
    if (bytes > SIZE_MAX / 2) return NULL;
    struct sdp_block *k = resize_or_null(b, NULL, 0, bytes + sizeof *k);
    return k ? linked(b, k, true, bytes + sizeof *k) : NULL;
}

void sdp_release(sdp_base *b, void *p)
{
    if (!p) return;
    struct sdp_block *k = (struct sdp_block *)p - 1;
    if (k->previous) k->previous->next = k->next;
    else b->raw = k->next;
    if (k->next) k->next->previous = k->previous;
    give_back(b, k, k->bytes);
}

// ---- arrays that grow -------------------------------------------------------------------------------------

enum { FIRST_ITEMS = 32, FIRST_TABLE = 256 };

static uint32_t larger(uint32_t cap) { return cap ? 2 * cap : FIRST_ITEMS; }

// *cap changes when the memory is there: a failure leaves an array that lives on as it was.
static void *copied(void *to, const void *array, uint32_t n, uint32_t *cap, size_t item)
{
    sdp_copy(to, array, n * item);
    *cap = larger(*cap);
    return to;
}

void *sdp_grown(sdp_base *b, void *array, uint32_t n, uint32_t *cap, size_t item)
{
    return n < *cap ? array : copied(sdp_scratch(b, larger(*cap) * item), array, n, cap, item);
}

void *sdp_grown_kept(sdp_base *b, void *array, uint32_t n, uint32_t *cap, size_t item)
{
    return n < *cap ? array : copied(sdp_alloc(b, larger(*cap) * item), array, n, cap, item);
}

void *sdp_grown_raw(sdp_base *b, void *array, uint32_t n, uint32_t *cap, size_t item)
{
    if (n < *cap) return array;
    array = sdp_realloc(b, array, larger(*cap) * item);
    *cap = larger(*cap);
    return array;
}

void *sdp_table(sdp_base *b, void *array, uint32_t n, uint32_t *cap, size_t item)
{
    if (n < *cap) return array;
    uint32_t wide = *cap < FIRST_TABLE ? FIRST_TABLE : *cap;
    while (wide <= n) wide *= 2;
    array = sdp_realloc(b, array, wide * item);
    memset((char *)array + *cap * item, 0, (wide - *cap) * item);
    *cap = wide;
    return array;
}

// ---- texts ------------------------------------------------------------------------------------------------

char *sdp_strndup(sdp_base *b, const char *s, size_t n)
{
    char *t = sdp_alloc(b, n + 1);
    if (n) memcpy(t, s, n);
    return t;
}

// Bytes that the text will have, without its NUL.
static size_t format_length(const char *fmt, va_list ap)
{
    char unused[1];
    va_list copy;
    va_copy(copy, ap);
    int n = vsnprintf(unused, sizeof unused, fmt, copy);
    va_end(copy);
    return n > 0 ? (size_t)n : 0;
}

char *sdp_printf(sdp_base *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    size_t n = format_length(fmt, ap);
    char *s = sdp_alloc(b, n + 1);
    vsnprintf(s, n + 1, fmt, ap);
    va_end(ap);
    return s;
}

// Room for n more bytes and the final NUL.
static void reserve(sdp_text *t, size_t n)
{
    if (t->cap > n && t->cap - n > t->n) return;
    if (n > t->b->limit.output || t->n > t->b->limit.output - n)
        sdp_limit(t->b, "output", t->b->limit.output);
    size_t cap = t->cap < 32 ? 64 : 2 * t->cap;
    if (cap < t->n + n + 1) cap = t->n + n + 1;
    t->s = sdp_realloc(t->b, t->s, cap);
    t->cap = cap;
}

void sdp_text_init(sdp_text *t, sdp_base *b)
{
    *t = (sdp_text){b, NULL, 0, 0};
    reserve(t, 0);
    t->s[0] = '\0';
}

void sdp_text_free(sdp_text *t)
{
    if (t->b) sdp_release(t->b, t->s);
    t->s = NULL;
    t->n = t->cap = 0;
}

void sdp_putn(sdp_text *t, const char *s, size_t n)
{
    reserve(t, n);
    if (n) memcpy(t->s + t->n, s, n);
    t->n += n;
    t->s[t->n] = '\0';
}

void sdp_put(sdp_text *t, const char *s) { sdp_putn(t, s, strlen(s)); }

void sdp_putf(sdp_text *t, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    size_t n = format_length(fmt, ap);
    reserve(t, n);
    vsnprintf(t->s + t->n, n + 1, fmt, ap);
    t->n += n;
    va_end(ap);
}
