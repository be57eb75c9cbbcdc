// SPDX-License-Identifier: MIT
// Outputs that are sparse matrices. What is computed are the parts of values/pattern.c, arrays without
// zeros; the caller gives room for the entries of the compressed matrix. So a function with such an output
// has the parts in its workspace, behind all other arrays, and adds them up at its end:
//
//     double *const hess_part1 = hess ? work + 12 : NULL, *const hess_part2 = hess ? work + 16 : NULL;
//     ...
//     if (hess) {
//         for (size_t i = 0; i < 13; i++) hess[i] = 0.0;
//         for (size_t i = 0; i < 4; i++) hess[f_hess_place1[i]] += hess_part1[i];
//
// Where the entries stand is told by arrays of integers: f_hess_start and f_hess_index, as CSR or CSC. Entry
// points: sdp_put_gathered_*.
#include "codegen/emit/emitter.h"

static const char *linkage(const sdp_emitter *e, bool is_public)
{
    return is_public && !e->s->q->header_only ? "" : "static ";
}

static void put_table(sdp_emitter *e, const char *linkage, const char *name, long n, const int *value)
{
    sdp_putf(e->out, "%sconst int %s[%ld] = {", linkage, name, n ? n : 1);
    for (long i = 0; i < n; i++) sdp_putf(e->out, "%s%d", !i ? "" : i % 20 ? ", " : ",\n    ", value[i]);
    sdp_put(e->out, n ? "};\n" : "0};\n");
}

static const char *table_name(sdp_emitter *e, uint32_t k, const char *what)
{
    return sdp_printf(&e->g->base, "%s_%s_%s", e->name, e->gathered[k], what);
}

static bool goes_everywhere(const sdp_pattern *p, const sdp_pattern_part *part)
{
    bool is = part->count == (uint32_t)p->entries;
    for (uint32_t i = 0; is && i < part->count; i++) is = part->place[i] == (int)i;
    return is;
}

static const char *place_name(sdp_emitter *e, uint32_t k, uint32_t part)
{
    return table_name(e, k, sdp_printf(&e->g->base, "place%u", part + 1));
}

// enum { f_hess_rows = 5, ... };   and what tells where entries stand: declared, or (header-only) as it is
void sdp_put_gathered_declarations(sdp_emitter *e)
{
    for (uint32_t k = 0; k < e->s->sig->ngathered; k++) {
        const sdp_pattern *p = &e->s->sig->gathered[k].pattern;
        const long lines = p->by_columns ? p->columns : p->rows;
        sdp_putf(e->out, "// %s: %s; entries of %s k are start[k] to start[k+1]-1, at %s index[...].\n",
                 e->gathered[k], p->by_columns ? "CSC" : "CSR", p->by_columns ? "column" : "row",
                 p->by_columns ? "row" : "column");
        sdp_putf(e->out, "enum { %s = %ld, ", table_name(e, k, "rows"), p->rows);
        sdp_putf(e->out, "%s = %ld, ", table_name(e, k, "columns"), p->columns);
        sdp_putf(e->out, "%s = %ld };\n", table_name(e, k, "entries"), p->entries);
        const char *start = table_name(e, k, "start"), *index = table_name(e, k, "index");
        if (e->s->q->header_only) {
            put_table(e, linkage(e, true), start, lines + 1, p->start);
            put_table(e, linkage(e, true), index, p->entries, p->index);
            continue;
        }
        sdp_putf(e->out, "extern const int %s[%ld];\n", start, lines + 1);
        sdp_putf(e->out, "extern const int %s[%ld];\n", index, p->entries);
    }
}

// The tables, in front of the functions
void sdp_put_gathered_tables(sdp_emitter *e)
{
    for (uint32_t k = 0; k < e->s->sig->ngathered; k++) {
        const sdp_pattern *p = &e->s->sig->gathered[k].pattern;
        if (!e->target->entry && !e->s->q->header_only) {
            put_table(e, "", table_name(e, k, "start"), (p->by_columns ? p->columns : p->rows) + 1, p->start);
            put_table(e, "", table_name(e, k, "index"), p->entries, p->index);
        }
        for (uint32_t i = 0; i < p->nparts; i++)
            if (!goes_everywhere(p, &p->part[i]))
                put_table(e, linkage(e, false), place_name(e, k, i), (long)p->part[i].count,
                          p->part[i].place);
        sdp_put(e->out, "\n");
    }
}

sdp_dim sdp_gathered_size(sdp_emitter *e)
{
    sdp_dim all = sdp_dim_int(e->g, 0);
    for (uint32_t k = 0; k < e->s->sig->ngathered; k++)
        for (uint32_t i = 0; i < e->s->sig->gathered[k].pattern.nparts; i++)
            all =
                sdp_dim_add(e->g, all, sdp_dim_int(e->g, (long)e->s->sig->gathered[k].pattern.part[i].count));
    return all;
}

// double *restrict const hess_part1 = hess ? work + n : 0;   nothing if `used` (by output; NULL: all are)
// says so
bool sdp_put_gathered_places(sdp_emitter *e, const bool *used)
{
    const sdp_signature *sig = e->s->sig;
    sdp_dim at = sdp_dim_add(e->g, sdp_workspace_size(e), sdp_dim_neg(e->g, sdp_gathered_size(e)));
    bool any = false;
    for (uint32_t k = 0; k < sig->ngathered; k++)
        for (uint32_t i = 0; i < sig->gathered[k].pattern.nparts; i++) {
            uint32_t output = sig->gathered[k].from + i;
            if (!used || used[output]) {
                sdp_putf(e->out, "    double *restrict const %s = ", e->output[output]);
                if (e->s->wanted->optional) sdp_putf(e->out, "!%s ? 0 : ", e->gathered[k]);
                sdp_put(e->out, "work");
                if (at != sdp_dim_int(e->g, 0)) sdp_put(e->out, " + "), sdp_put_size(e, at, true);
                sdp_put(e->out, ";\n");
                any = true;
            }
            at = sdp_dim_add(e->g, at, sdp_dim_int(e->g, (long)sig->gathered[k].pattern.part[i].count));
        }
    return any;
}

static void put_part(sdp_emitter *e, uint32_t k, uint32_t i)
{
    const sdp_gathered *of = &e->s->sig->gathered[k];
    const sdp_pattern_part *part = &of->pattern.part[i];
    const char *to = e->gathered[k], *from = e->output[of->from + i], *l = e->index[0];
    bool holes = false;
    for (uint32_t m = 0; m < part->count; m++) holes |= part->place[m] < 0;
    sdp_put_indent(e);
    sdp_putf(e->out, "for (size_t %s = 0; %s < %u; %s++) ", l, l, part->count, l);
    if (goes_everywhere(&of->pattern, part)) {
        sdp_putf(e->out, "%s[%s] %s %s[%s];\n", to, l, i ? "+=" : "=", from, l);
        return;
    }
    const char *place = place_name(e, k, i);
    if (holes) sdp_putf(e->out, "if (%s[%s] >= 0) ", place, l);
    sdp_putf(e->out, "%s[%s[%s]] += %s[%s];\n", to, place, l, from, l);
}

// At the end of the function
void sdp_put_gathered_sums(sdp_emitter *e)
{
    for (uint32_t k = 0; k < e->s->sig->ngathered; k++) {
        const sdp_pattern *p = &e->s->sig->gathered[k].pattern;
        const char *l = e->index[0];
        bool optional = e->s->wanted->optional;
        if (optional) sdp_put_line(e, "if (%s) {", e->gathered[k]), e->indent++;
        if (!goes_everywhere(p, &p->part[0]))
            sdp_put_line(e, "for (size_t %s = 0; %s < %ld; %s++) %s[%s] = 0.0;", l, l, p->entries, l,
                         e->gathered[k], l);
        for (uint32_t i = 0; i < p->nparts; i++) put_part(e, k, i);
        if (optional) e->indent--, sdp_put_line(e, "}");
    }
}
