// SPDX-License-Identifier: MIT
// Vectors in a straight-line program: what neighbouring entries of an output do at the same time.
//
// A pack is a tuple of two or four steps that become one step with as many lanes. It begins at four stores
// side by side, or at the four parts of a sum, and goes to arguments lane by lane:
//
//     out[0..3] = {t*x0 + y0, ..., t*x3 + y3}    {t*x0, ...} + {y0, ...}    spread(t)*x[0..3] + y[0..3]
//
// Loads of neighbours are one load, numbers are a constant, one step in all lanes is spread; different
// operations, and calls of a function for one number, are joined from single numbers, which costs. A tree of
// packs is taken if it saves steps. A step that is needed alone as well is taken out of its pack if that is
// there already, and computed alone otherwise: so nothing waits for itself. Calls of functions that have a
// form for blocks are put together first, and always taken out of their packs: there are as many calls on the
// longest way to each of them, so none waits for another.
#include "codegen/machine/machine.h"

enum { A_CALL = 10 }; // costs as much as so many other steps
typedef enum { NUMBERS, ROW, SPREAD, OPERATION, JOIN } pack_kind;
typedef struct {
    uint32_t lane[SDP_LANES], arg[SDP_MOST_ARGS]; // steps; packs
    uint32_t seen, made;                          // made: its number in the listing
    uint8_t lanes, kind, nargs;
    bool accepted;
} pack;
// of the walk to the listing: arguments before `next` are there
typedef struct {
    uint32_t id, next;
    bool is_pack;
} frame;

typedef struct {
    sdp_program *p;
    sdp_listing *out;
    pack *pack; // 0 is none
    uint32_t npacks, pack_cap, stamp;
    sdp_interned index; // of packs
    // by step: readers, number in the listing, pack and lane, pack of whose lanes it is the sum
    uint32_t *uses, *made, *home, *total;
    uint16_t *calls; // by step: on the longest way to it, its own among them
    uint8_t *lane;
    frame *stack;
    uint32_t nstack, stack_cap;
    uint32_t *queue, queue_cap;
} packer;

// ---- before: which steps are read, and how often ----------------------------------------------------------
static void count_uses(packer *k)
{
    sdp_program *p = k->p;
    memset(k->uses, 0, p->nsteps * sizeof *k->uses);
    for (uint32_t i = 0; i < p->nstores; i++) k->uses[p->store[i].step]++;
    for (uint32_t i = p->nsteps; i-- > 1;)
        for (uint32_t a = 0; k->uses[i] && a < p->step[i].nargs; a++) k->uses[p->step[i].arg[a]]++;
}

static bool is_reciprocal(const packer *k, uint32_t i)
{
    const sdp_step *s = &k->p->step[i];
    double one;
    return s->op == SDP_M_DIV && k->uses[i] == 1 && sdp_m_is_number(k->p, s->arg[0], &one) && one >= 1 &&
           one <= 1;
}

// x*(1/y), where 1/y is read only here, is x/y: fewer steps and digits lost, and a value where 1/y has none.
static void divide(packer *k)
{
    for (uint32_t i = 1; i < k->p->nsteps; i++) {
        sdp_step *s = &k->p->step[i];
        if (s->op != SDP_M_MUL || !k->uses[i]) continue;
        uint32_t by = is_reciprocal(k, s->arg[1]) ? 1 : is_reciprocal(k, s->arg[0]) ? 0 : 2;
        if (by == 2) continue;
        uint32_t x = s->arg[1 - by], y = k->p->step[s->arg[by]].arg[1];
        k->uses[s->arg[by]] = 0;
        s->op = SDP_M_DIV;
        s->arg[0] = x, s->arg[1] = y;
    }
}

static void count_calls(packer *k)
{
    for (uint32_t i = 1; i < k->p->nsteps; i++) {
        const sdp_step *s = &k->p->step[i];
        for (uint32_t a = 0; a < s->nargs; a++)
            if (k->calls[s->arg[a]] > k->calls[i]) k->calls[i] = k->calls[s->arg[a]];
        k->calls[i] = (uint16_t)(k->calls[i] + (s->op == SDP_M_CALL));
    }
}

static bool is_block_call(const packer *k, uint32_t i)
{
    const sdp_step *s = &k->p->step[i];
    return s->op == SDP_M_CALL && k->p->vector && k->p->vector[s->what];
}

// ---- packs ------------------------------------------------------------------------------------------------
static uint32_t find(packer *k, uint32_t lanes, const uint32_t *lane)
{
    pack n = {.lanes = (uint8_t)lanes};
    sdp_copy(n.lane, lane, lanes * sizeof *lane);
    const uint32_t hash = sdp_hash_words(n.lane, SDP_LANES, lanes);
    for (uint32_t place = hash, i; (i = sdp_interned_next(&k->index, hash, &place)) != SDP_NO_THING;)
        if (k->pack[i].lanes == lanes && !memcmp(k->pack[i].lane, n.lane, sizeof n.lane)) return i;
    k->pack = sdp_grown(k->p->b, k->pack, k->npacks, &k->pack_cap, sizeof *k->pack);
    k->pack[k->npacks] = n;
    sdp_interned_put(k->p->b, &k->index, hash, k->npacks);
    return k->npacks++;
}

// How well does step x go beside step `first`, which is l lanes before it?
static int likeness(const packer *k, uint32_t first, uint32_t x, uint32_t l)
{
    const sdp_step *a = &k->p->step[first], *b = &k->p->step[x];
    if (first == x) return 4;
    if (a->op != b->op) return 0;
    if (a->op == SDP_M_LOAD) return a->place == b->place ? a->index + l == b->index ? 4 : 2 : 1;
    return 3;
}

static void pack_arguments(packer *k, uint32_t id)
{
    const pack q = k->pack[id];
    const sdp_step *first = &k->p->step[q.lane[0]];
    uint32_t tuple[SDP_MOST_ARGS][SDP_LANES];
    bool exchangeable = first->op == SDP_M_ADD || first->op == SDP_M_MUL;
    for (uint32_t l = 0; l < q.lanes; l++) {
        const sdp_step *s = &k->p->step[q.lane[l]];
        bool turn = exchangeable &&
                    likeness(k, first->arg[0], s->arg[1], l) + likeness(k, first->arg[1], s->arg[0], l) >
                        likeness(k, first->arg[0], s->arg[0], l) + likeness(k, first->arg[1], s->arg[1], l);
        for (uint32_t a = 0; a < s->nargs; a++) tuple[a][l] = s->arg[turn ? 1 - a : a];
    }
    for (uint32_t a = 0; a < first->nargs; a++) {
        uint32_t arg = find(k, q.lanes, tuple[a]);
        k->pack[id].arg[a] = arg;
    }
    k->pack[id].nargs = first->nargs;
}

static void classify(packer *k, uint32_t id, bool of_calls)
{
    pack *q = &k->pack[id];
    const sdp_step *first = &k->p->step[q->lane[0]];
    bool calls = of_calls && is_block_call(k, q->lane[0]), numbers = true, row = true, equal = true,
         alike = calls || (first->op >= SDP_M_ADD && first->op <= SDP_M_SELECT);
    for (uint32_t l = 0; l < q->lanes; l++) {
        const sdp_step *s = &k->p->step[q->lane[l]];
        numbers &= s->op == SDP_M_NUMBER;
        row &= s->op == SDP_M_LOAD && s->place == first->place && s->index == first->index + l;
        equal &= s == first;
        alike &= s->op == first->op && s->what == first->what &&
                 (!calls || k->calls[q->lane[l]] == k->calls[q->lane[0]]);
    }
    q->kind = numbers ? NUMBERS : row ? ROW : equal ? SPREAD : alike ? OPERATION : JOIN;
    if (q->kind == OPERATION) pack_arguments(k, id);
}

// Steps that are saved by a pack. A step that is also read elsewhere, beside its neighbours, is not saved.
static int gain(const packer *k, const pack *q)
{
    int loads = 0;
    bool saved = true;
    for (uint32_t l = 0; l < q->lanes; l++) {
        loads += k->p->step[q->lane[l]].op == SDP_M_LOAD;
        saved &= k->uses[q->lane[l]] == k->uses[q->lane[0]];
    }
    switch ((pack_kind)q->kind) {
    case OPERATION: return is_block_call(k, q->lane[0]) ? A_CALL * (q->lanes - 1) : saved ? q->lanes - 1 : -1;
    case SPREAD: return -1;
    case JOIN: return -(q->lanes - 1) - loads;
    default: return 0;
    }
}

// The packs that a pack needs and that are not yet taken, itself first, in the queue.
static uint32_t closure(packer *k, uint32_t id)
{
    uint32_t n = 0;
    k->stamp++;
    k->queue = sdp_grown(k->p->b, k->queue, n, &k->queue_cap, sizeof *k->queue);
    k->queue[n++] = id;
    k->pack[id].seen = k->stamp;
    for (uint32_t at = 0; at < n; at++) {
        const pack *q = &k->pack[k->queue[at]];
        for (uint32_t a = 0; a < q->nargs; a++) {
            pack *to = &k->pack[q->arg[a]];
            if (to->accepted || to->seen == k->stamp) continue;
            to->seen = k->stamp;
            k->queue = sdp_grown(k->p->b, k->queue, n, &k->queue_cap, sizeof *k->queue);
            k->queue[n++] = q->arg[a];
        }
    }
    return n;
}

// A pack of these steps if that saves more than `cost` steps, else 0.
static uint32_t try(packer *k, uint32_t lanes, const uint32_t *lane, bool of_calls, int cost)
{
    if (k->npacks > 4 * k->p->most) return 0;
    uint32_t before = k->npacks, id = find(k, lanes, lane);
    for (uint32_t i = before; i < k->npacks; i++) classify(k, i, of_calls && i == id);
    if (k->pack[id].accepted) return id;
    uint32_t n = closure(k, id);
    for (uint32_t i = 0; i < n; i++) cost -= gain(k, &k->pack[k->queue[i]]);
    if (cost >= 0) return 0;
    for (uint32_t i = 0; i < n; i++) {
        pack *q = &k->pack[k->queue[i]];
        q->accepted = true;
        for (uint32_t l = 0; q->kind == OPERATION && l < q->lanes; l++)
            if (!k->home[q->lane[l]]) k->home[q->lane[l]] = k->queue[i], k->lane[q->lane[l]] = (uint8_t)l;
    }
    return id;
}

// ---- the listing ------------------------------------------------------------------------------------------
static void push(packer *k, bool is_pack, uint32_t id)
{
    k->stack = sdp_grown(k->p->b, k->stack, k->nstack, &k->stack_cap, sizeof *k->stack);
    k->stack[k->nstack++] = (frame){.id = id, .is_pack = is_pack};
}

// Argument number a of what is on top of the stack; false: there are no more.
static bool argument(const packer *k, const frame *f, bool *is_pack, uint32_t *id)
{
    if (!f->is_pack) {
        const sdp_step *s = &k->p->step[f->id];
        uint32_t whole = k->total[f->id] ? k->total[f->id] : is_block_call(k, f->id) ? k->home[f->id] : 0;
        *is_pack = whole != 0;
        if (*is_pack) *id = whole;
        else if (f->next < s->nargs) *id = s->arg[f->next];
        return f->next < (*is_pack ? 1u : s->nargs);
    }
    const pack *q = &k->pack[f->id];
    *is_pack = q->kind == OPERATION;
    uint32_t n = q->kind == OPERATION ? q->nargs : q->kind == SPREAD ? 1 : q->kind == JOIN ? q->lanes : 0;
    if (f->next < n) *id = *is_pack ? q->arg[f->next] : q->lane[f->next];
    return f->next < n;
}

static uint32_t list_pack(packer *k, const pack *q)
{
    sdp_step s = k->p->step[q->lane[0]];
    s.lanes = q->lanes;
    switch ((pack_kind)q->kind) {
    case NUMBERS:
        for (uint32_t l = 0; l < q->lanes; l++) s.number[l] = k->p->step[q->lane[l]].number[0];
        break;
    case ROW: break;
    case SPREAD:
        s = (sdp_step){.op = SDP_M_SPREAD, .lanes = q->lanes, .nargs = 1, .arg = {k->made[q->lane[0]]}};
        break;
    case JOIN:
        s = (sdp_step){.op = SDP_M_JOIN, .lanes = q->lanes, .nargs = q->lanes};
        for (uint32_t l = 0; l < q->lanes; l++) s.arg[l] = k->made[q->lane[l]];
        break;
    case OPERATION:
        for (uint32_t a = 0; a < q->nargs; a++) s.arg[a] = k->pack[q->arg[a]].made;
    }
    return sdp_list_step(k->out, s);
}

static uint32_t list_step(packer *k, uint32_t id)
{
    sdp_step s = k->p->step[id];
    if (k->home[id] && k->pack[k->home[id]].made)
        return sdp_list_step(k->out, (sdp_step){.op = SDP_M_LANE,
                                                .lanes = 1,
                                                .nargs = 1,
                                                .what = k->lane[id],
                                                .arg = {k->pack[k->home[id]].made}});
    if (k->total[id])
        return sdp_list_step(k->out, (sdp_step){.op = SDP_M_TOTAL,
                                                .lanes = 1,
                                                .nargs = 1,
                                                .arg = {k->pack[k->total[id]].made}});
    for (uint32_t a = 0; a < s.nargs; a++) s.arg[a] = k->made[s.arg[a]];
    return sdp_list_step(k->out, s);
}

static bool is_made(const packer *k, bool is_pack, uint32_t id)
{
    return is_pack ? k->pack[id].made : k->made[id];
}

// Lists a step or a pack behind all that it needs.
static uint32_t list(packer *k, bool is_pack, uint32_t id)
{
    push(k, is_pack, id);
    while (k->nstack) {
        frame *f = &k->stack[k->nstack - 1];
        uint32_t to = 0;
        bool packed = false, there = !f->is_pack && k->home[f->id] && k->pack[k->home[f->id]].made;
        if (!is_made(k, f->is_pack, f->id) && !there && argument(k, f, &packed, &to)) {
            f->next++;
            if (!is_made(k, packed, to)) push(k, packed, to);
            continue;
        }
        frame done = *f;
        k->nstack--;
        if (is_made(k, done.is_pack, done.id)) continue;
        if (done.is_pack) k->pack[done.id].made = list_pack(k, &k->pack[done.id]);
        else k->made[done.id] = list_step(k, done.id);
    }
    return is_pack ? k->pack[id].made : k->made[id];
}

static void list_store(packer *k, const sdp_store *s, uint32_t lanes, uint32_t step)
{
    sdp_list_step(k->out, (sdp_step){.op = SDP_M_STORE,
                                     .lanes = (uint8_t)lanes,
                                     .nargs = 1,
                                     .arg = {step},
                                     .place = s->place,
                                     .index = s->index});
}

// How many stores from here on are of neighbours, up to four?
static uint32_t neighbours(const sdp_program *p, uint32_t at)
{
    uint32_t n = 1;
    while (n < SDP_LANES && at + n < p->nstores && p->store[at + n].place == p->store[at].place &&
           p->store[at + n].index == p->store[at].index + n)
        n++;
    return n;
}

static void start(packer *k, sdp_program *p, sdp_listing *out)
{
    uint32_t *room = sdp_scratch(p->b, 4 * p->nsteps * sizeof *room);
    *k = (packer){.p = p,
                  .out = out,
                  .uses = room,
                  .made = room + p->nsteps,
                  .home = room + 2 * p->nsteps,
                  .total = room + 3 * p->nsteps};
    k->lane = sdp_scratch(p->b, p->nsteps);
    k->calls = sdp_scratch(p->b, p->nsteps * sizeof *k->calls);
    k->pack = sdp_grown(p->b, k->pack, 0, &k->pack_cap, sizeof *k->pack);
    k->npacks = 1;
    out->nsteps = 0;
    sdp_list_step(k->out, (sdp_step){.op = SDP_M_NONE});
    count_uses(k);
    divide(k);
    count_uses(k);
    count_calls(k);
}

// Four calls of one function that do not need each other
static void pack_calls(packer *k)
{
    const sdp_program *p = k->p;
    uint32_t *call = sdp_scratch(p->b, p->nsteps * sizeof *call), n = 0, lane[SDP_LANES], lanes;
    for (uint32_t i = 1; i < p->nsteps; i++)
        if (k->uses[i] && is_block_call(k, i) && !k->home[i]) call[n++] = i;
    for (uint32_t i = 0; i < n; i++) {
        if (k->home[call[i]]) continue;
        lanes = 0;
        for (uint32_t m = i; m < n && lanes < SDP_LANES; m++) {
            bool alike =
                p->step[call[m]].what == p->step[call[i]].what && k->calls[call[m]] == k->calls[call[i]];
            if (alike && !k->home[call[m]]) lane[lanes++] = call[m];
        }
        if (lanes == SDP_LANES) try(k, SDP_LANES, lane, true, 0);
        else if (lanes >= 2) try(k, 2, lane, true, 0);
    }
}

void sdp_pack(sdp_program *p, sdp_listing *out)
{
    packer k;
    memset(out, 0, sizeof *out);
    out->b = p->b;
    start(&k, p, out);
    uint32_t *pack_at = sdp_scratch(p->b, (p->nstores + 1) * sizeof *pack_at), n;
    pack_calls(&k);
    for (uint32_t i = 0; i < p->nstores; i += n) {
        uint32_t lane[SDP_LANES];
        n = neighbours(p, i);
        if (n == 3) n = 2;
        for (uint32_t l = 0; l < n; l++) lane[l] = p->store[i + l].step;
        if (n == 4 && !(pack_at[i] = try(&k, 4, lane, false, -3))) n = 2;
        if (n == 2 && !(pack_at[i] = try(&k, 2, lane, false, -1))) n = 1;
    }
    for (uint32_t i = 0; i < p->nsums; i++)
        if (k.uses[p->sums[i].sum] && !k.home[p->sums[i].sum])
            k.total[p->sums[i].sum] = try(&k, SDP_LANES, p->sums[i].part, false, 1);
    for (uint32_t i = 0; i < p->nstores; i += n) {
        n = pack_at[i] ? k.pack[pack_at[i]].lanes : 1;
        list_store(&k, &p->store[i], n,
                   list(&k, pack_at[i] != 0, pack_at[i] ? pack_at[i] : p->store[i].step));
    }
}
