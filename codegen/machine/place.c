// SPDX-License-Identifier: MIT
// Where steps are while bytes are made: in one pass in the order of the listing,
// which tells who reads what next.
//
// A step goes to a free register, or to that of the step that is read last of all. What leaves its register
// is stored on the stack, but for numbers and entries of inputs, which are read again where they are. An
// argument that is in no register is read from memory by the instruction itself.
#include "codegen/machine/assemble.h"

void sdp_next_readers(sdp_assembly *a)
{
    const sdp_listing *l = a->l;
    for (uint32_t i = 0; i < l->nsteps; i++)
        a->at[i] = (sdp_whereabouts){.until = SDP_NEVER, .reg = SDP_NOWHERE};
    for (uint32_t i = l->nsteps; i-- > 1;) {
        const sdp_step *s = &l->step[i];
        if (s->op != SDP_M_STORE && a->at[i].until == SDP_NEVER) continue;
        for (uint32_t k = 0; k < s->nargs; k++) a->next[i][k] = a->at[s->arg[k]].until;
        for (uint32_t k = 0; k < s->nargs; k++) a->at[s->arg[k]].until = i;
    }
}

static const sdp_operand nowhere = {SDP_IN_REGISTER, 0, 0};

sdp_operand sdp_in_slot(uint32_t slot)
{
    return (sdp_operand){SDP_IN_MEMORY, SDP_RSP, (int32_t)((slot - 1) * SDP_SLOT_BYTES)};
}

uint32_t sdp_new_slot(sdp_assembly *a) { return a->nfree ? a->free_slot[--a->nfree] : ++a->nslots; }

static bool is_elsewhere(const sdp_assembly *a, uint32_t step)
{
    uint8_t op = a->l->step[step].op;
    return op == SDP_M_NUMBER || op == SDP_M_LOAD || a->at[step].slot;
}

static void put_on_stack(sdp_assembly *a, uint32_t step)
{
    uint32_t lanes = a->l->step[step].lanes;
    if (is_elsewhere(a, step)) return;
    a->at[step].slot = sdp_new_slot(a);
    sdp_encode(&a->e, lanes == 1 ? SDP_I_STORE1 : SDP_I_STORE, lanes, a->at[step].reg, 0,
               sdp_in_slot(a->at[step].slot), 0);
}

static uint8_t find_register(sdp_assembly *a)
{
    uint8_t best = SDP_NOWHERE;
    uint32_t latest = 0;
    for (uint8_t r = 0; r < (a->sums ? SDP_SINGLE_SUM : SDP_VECTORS); r++) {
        if (a->pinned >> r & 1) continue;
        if (!a->holds[r]) return r;
        if (best == SDP_NOWHERE || a->at[a->holds[r]].until > latest)
            latest = a->at[a->holds[r]].until, best = r;
    }
    put_on_stack(a, a->holds[best]);
    a->at[a->holds[best]].reg = SDP_NOWHERE;
    return best;
}

uint8_t sdp_take_register(sdp_assembly *a, uint32_t step)
{
    uint8_t r = find_register(a);
    a->holds[r] = step;
    a->at[step].reg = r;
    return r;
}

uint8_t sdp_in_register(sdp_assembly *a, uint32_t step)
{
    uint32_t lanes = a->l->step[step].lanes;
    if (a->at[step].reg == SDP_NOWHERE) {
        sdp_operand from = sdp_operand_of(a, step);
        sdp_encode(&a->e, lanes == 1 ? SDP_I_LOAD1 : SDP_I_LOAD, lanes, sdp_take_register(a, step), 0, from,
                   0);
    }
    a->pinned |= 1u << a->at[step].reg;
    return a->at[step].reg;
}

sdp_operand sdp_pooled(sdp_assembly *a, sdp_constant c)
{
    const uint32_t hash = sdp_hash(&c, sizeof c, 3);
    for (uint32_t place = hash, i; (i = sdp_interned_next(&a->pool_index, hash, &place)) != SDP_NO_THING;)
        if (!memcmp(&a->pool[i], &c, sizeof c)) return (sdp_operand){SDP_IN_POOL, 0, (int32_t)(i * sizeof c)};
    a->pool = sdp_grown(a->l->b, a->pool, a->npool, &a->pool_cap, sizeof *a->pool);
    a->pool[a->npool] = c;
    sdp_interned_put(a->l->b, &a->pool_index, hash, a->npool);
    return (sdp_operand){SDP_IN_POOL, 0, (int32_t)(a->npool++ * sizeof c)};
}

static sdp_operand number(sdp_assembly *a, uint32_t step)
{
    const sdp_step *s = &a->l->step[step];
    sdp_constant c;
    if (a->at[step].pooled)
        return (sdp_operand){SDP_IN_POOL, 0, (int32_t)((a->at[step].pooled - 1) * sizeof c)};
    for (uint32_t k = 0; k < SDP_LANES; k++) memcpy(&c.word[k], &s->number[k % s->lanes], sizeof *c.word);
    sdp_operand at = sdp_pooled(a, c);
    a->at[step].pooled = (uint32_t)at.offset / (uint32_t)sizeof c + 1;
    return at;
}

// The address of the array comes into the general register that was used least recently.
sdp_operand sdp_array_entry(sdp_assembly *a, bool output, uint32_t place, uint32_t index)
{
    static const uint8_t general[SDP_BASES] = {SDP_RAX, SDP_RCX, SDP_R8, SDP_R9, SDP_R10, SDP_R11, SDP_RDI};
    uint32_t at = 0, oldest = 0;
    while (at < SDP_BASES &&
           !(a->base[at].used && a->base[at].output == output && a->base[at].place == place))
        at++;
    if (at == SDP_BASES) {
        for (uint32_t i = 0; i < SDP_BASES; i++) {
            if (!a->base[oldest].used) break;
            if (!a->base[i].used || a->base[i].age < a->base[oldest].age) oldest = i;
        }
        at = oldest;
        a->base[at].used = true, a->base[at].output = output, a->base[at].place = place;
        sdp_encode_base(a->e.out, general[at], output ? a->out : a->in, (int32_t)(place * sizeof(double *)));
    }
    a->base[at].age = ++a->age;
    if (a->loop && (output || place)) return (sdp_operand){SDP_IN_ROW, general[at], 0};
    return (sdp_operand){SDP_IN_MEMORY, general[at], (int32_t)(index * sizeof(double))};
}

sdp_operand sdp_operand_of(sdp_assembly *a, uint32_t step)
{
    const sdp_step *s = &a->l->step[step];
    if (a->at[step].reg != SDP_NOWHERE) {
        a->pinned |= 1u << a->at[step].reg;
        return (sdp_operand){SDP_IN_REGISTER, a->at[step].reg, 0};
    }
    if (a->at[step].slot) return sdp_in_slot(a->at[step].slot);
    if (s->op == SDP_M_NUMBER) return number(a, step);
    return s->op == SDP_M_LOAD ? sdp_array_entry(a, false, s->place, s->index) : nowhere;
}

// A called function may change every register but those that the frame keeps.
void sdp_leave_registers(sdp_assembly *a, uint32_t step)
{
    const sdp_step *s = &a->l->step[step];
    for (uint8_t r = 0; r < SDP_VECTORS; r++) {
        bool read = false;
        for (uint32_t k = 0; k < s->nargs; k++) read |= s->arg[k] == a->holds[r];
        if (a->holds[r] && (read || a->at[a->holds[r]].until != SDP_NEVER)) put_on_stack(a, a->holds[r]);
        if (a->holds[r]) a->at[a->holds[r]].reg = SDP_NOWHERE;
        a->holds[r] = 0;
    }
}

void sdp_release_registers(sdp_assembly *a, uint32_t step)
{
    const sdp_step *s = &a->l->step[step];
    for (uint32_t k = 0; k < s->nargs; k++) {
        sdp_whereabouts *w = &a->at[s->arg[k]];
        w->until = a->next[step][k];
        if (w->until != SDP_NEVER || w->reg == SDP_NOWHERE) continue;
        a->holds[w->reg] = 0;
        w->reg = SDP_NOWHERE;
    }
    a->pinned = 0;
}

void sdp_release_slots(sdp_assembly *a, uint32_t step)
{
    const sdp_step *s = &a->l->step[step];
    for (uint32_t k = 0; k < s->nargs; k++) {
        sdp_whereabouts *w = &a->at[s->arg[k]];
        if (w->until != SDP_NEVER || !w->slot) continue;
        a->free_slot = sdp_grown(a->l->b, a->free_slot, a->nfree, &a->free_cap, sizeof *a->free_slot);
        a->free_slot[a->nfree++] = w->slot;
        w->slot = 0;
    }
}
