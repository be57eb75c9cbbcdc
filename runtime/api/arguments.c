// SPDX-License-Identifier: MIT
// The arguments of public functions. What is missing or out of range is an error of the call,
// as a typo in a text is; what is missing because an earlier call failed leaves that call's
// error, which is the one to be told.
#include "language/language.h"
#include "runtime/api/api.h"

static const sd_error no_context = {.code = SD_ERR_USAGE,
                                    .source_name = "",
                                    .message = "there is no context"};

const sd_error *sd_last_error(const sd_context *c) { return c ? &c->g->base.error : &no_context; }

bool sdp_start_call(sd_context *c, bool given)
{
    if (!c || (!given && c->g->base.error.code != SD_OK)) return false;
    sdp_base *b = &c->g->base;
    b->error = (sd_error){.code = SD_OK};
    b->source = b->source_name = NULL;
    b->here = (sdp_span){0, 0};
    b->steps = 0;
    c->g->depth = 0;
    return true;
}

void sd_interrupt(sd_context *c)
{
    if (c) c->interrupted = 1;
}

void sd_progress(sd_context *c, int (*tell)(void *state, size_t steps, size_t bytes), void *state)
{
    if (!c) return;
    c->g->base.tell = c->tell = tell;
    c->g->base.tell_state = c->tell_state = state;
}

sd_status sdp_refused(const sd_context *c) { return sd_last_error(c)->code; }

_Noreturn void sdp_misuse(sd_context *c, const char *message, const char *what)
{
    sdp_fail(&c->g->base, SD_ERR_USAGE, (sdp_span){0, 0}, NULL, message, what);
}

void sdp_need(sd_context *c, const void *argument, const char *what)
{
    if (!argument) sdp_misuse(c, "there is no %s", what);
}

void sdp_need_known(sd_context *c, const uint64_t *room)
{
    for (int i = 0; i < 8; i++)
        if (room[i])
            sdp_misuse(c, "the options ask for what this version, %s, does not know, or are not initialised",
                       SD_VERSION);
}

void sdp_need_result(sd_context *c, const sd_result *r)
{
    sdp_need(c, r, "result");
    if (r->g != c->g) sdp_misuse(c, "the %s belongs to another context", "result");
    if (r->writing) c->g->writing = r->writing;
}

void sdp_need_entry(sd_context *c, const sd_result *r, size_t i)
{
    sdp_need_result(c, r);
    if (i >= r->n) sdp_misuse(c, "the result has no entry of that %s", "number");
}

void sdp_need_format(sd_context *c, sd_format format)
{
    if (!sdp_language(format) && format != SD_EINSUM && format != SD_DOT && format != SD_JSON)
        sdp_misuse(c, "there is no such %s", "format");
}
