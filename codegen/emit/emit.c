// SPDX-License-Identifier: MIT
// Emission: one C function that computes all outputs. file.c puts the file around it, or around several.
//
//     graph -> values (schedule/lower.c) -> roots and places (schedule/plan.c) -> text, root by root
//
// Targets (values/targets.def) share everything but the frame and a few inner parts: C99 is a file for people
// and any compiler, CC the same text without comments, with an entry point that takes arrays of pointers; JIT
// has that too, prototypes of what it calls and no headers, and long between sizes and doubles (libtcc has no
// conversion from unsigned).
#include <limits.h>
#include <string.h>

#include "codegen/emit/emitter.h"

// ---- the frame --------------------------------------------------------------------------------------------
static void put_dim_parameters(sdp_emitter *e, const char **separator)
{
    const sdp_signature *sig = e->s->sig;
    for (uint32_t i = 0; i < sig->ndims; i++) {
        if (e->s->size[sig->dim[i]] >= 0) continue;
        sdp_putf(e->out, "%ssize_t %s", *separator, e->dim[sig->dim[i]]);
        *separator = ", ";
    }
}

// The number of entries of an array if all its sizes are constants, else 0.
static long constant_length(const sdp_emitter *e, const sdp_node *n)
{
    long all = 1, d;
    for (uint32_t k = 0; k < n->order; k++) {
        if (!sdp_size_constant(e->s, n->dim[k], &d) || d < 1 || all > INT_MAX / d) return 0;
        all *= d;
    }
    return n->order ? all : 0;
}

// const double *X, or const double X[6]: sd_array(6) is 6, and says in C that nothing else points there. A
// matrix with a leading dimension is const double *X, size_t ldX.
static void put_array_parameter(sdp_emitter *e, const char *type, const char *name, const sdp_node *n,
                                sdp_dim step, bool definition)
{
    long length = e->target->tcc || step != SDP_DIM_NONE ? 0 : constant_length(e, n);
    if (!length) sdp_putf(e->out, "%s *%s%s", type, definition ? "restrict " : "", name);
    else sdp_putf(e->out, definition ? "%s %s[sd_array(%ld)]" : "%s %s[%ld]", type, name, length);
    if (step == SDP_DIM_NONE) return;
    sdp_put(e->out, ", size_t ");
    sdp_put_size(e, step, false);
}

static void put_sparse_parameter(sdp_emitter *e, uint32_t k, bool definition)
{
    long entries = e->s->sig->gathered[k].pattern.entries;
    if (e->target->tcc) sdp_putf(e->out, "double *%s%s", definition ? "restrict " : "", e->gathered[k]);
    else
        sdp_putf(e->out, definition ? "double %s[sd_array(%ld)]" : "double %s[%ld]", e->gathered[k], entries);
}

bool sdp_has_array_parameters(const sdp_emitter *e)
{
    const sdp_signature *sig = e->s->sig;
    for (uint32_t i = 0; i < sig->ninputs; i++)
        if (sdp_array_step(sig->input_step, i) == SDP_DIM_NONE &&
            constant_length(e, sdp_get(e->g, e->g->var[sig->input[i]].node)))
            return true;
    for (uint32_t i = 0; i < sig->noutputs; i++)
        if (sdp_array_step(sig->output_step, i) == SDP_DIM_NONE &&
            constant_length(e, sdp_get(e->g, sig->output[i])))
            return true;
    return sig->ngathered > 0;
}

void sdp_put_prototype(sdp_emitter *e, bool definition)
{
    sdp_putf(e->out, "%sint %s", sdp_linkage(e), e->name);
    sdp_put_parameters(e, definition);
}

void sdp_put_parameters(sdp_emitter *e, bool definition)
{
    const sdp_signature *sig = e->s->sig;
    const char *separator = "", *restricted = definition ? "restrict " : "";
    sdp_put(e->out, "(");
    if (e->target->ranks) sdp_putf(e->out, "MPI_Comm %s", e->comm), separator = ", ";
    put_dim_parameters(e, &separator);
    for (uint32_t i = 0; i < sig->ninputs; i++) {
        const sdp_node *n = sdp_get(e->g, e->g->var[sig->input[i]].node);
        sdp_put(e->out, separator);
        if (n->order)
            put_array_parameter(e, "const double", e->input[i], n, sdp_array_step(sig->input_step, i),
                                definition);
        else sdp_putf(e->out, "double %s", e->input[i]);
        separator = ", ";
    }
    if (sig->ncalls && e->target->entry)
        sdp_putf(e->out, "%sconst sd_binding *sd_calls", separator), separator = ", ";
    else if (sig->ncalls)
        sdp_putf(e->out, "%sconst %s *%s", separator, e->functions_type, e->functions), separator = ", ";
    for (uint32_t i = 0, k = 0; i < sig->noutputs; i++, separator = ", ") {
        sdp_put(e->out, separator);
        if (sdp_gathered_with(sig, i)) {
            put_sparse_parameter(e, k, definition);
            i += sig->gathered[k++].pattern.nparts - 1;
            continue;
        }
        put_array_parameter(e, "double", e->output[i], sdp_get(e->g, sig->output[i]),
                            sdp_array_step(sig->output_step, i), definition);
    }
    sdp_putf(e->out, "%sdouble *%swork)", separator, restricted);
}

void sdp_put_workspace_prototype(sdp_emitter *e)
{
    const char *separator = "";
    sdp_putf(e->out, "%ssize_t %s_workspace(", sdp_linkage(e), e->name);
    put_dim_parameters(e, &separator);
    sdp_put(e->out, *separator ? ")" : "void)");
}

// For the JIT: sizes, inputs and outputs come as arrays, and are given their names inside. (libtcc cannot
// call a function with more than some 250 arguments.)
static void put_entry_sizes(sdp_emitter *e)
{
    const sdp_signature *sig = e->s->sig;
    uint32_t d = 0;
    for (uint32_t i = 0; i < sig->ndims; i++)
        if (e->s->size[sig->dim[i]] < 0)
            sdp_putf(e->out, "    const size_t %s = sd_dims[%u];\n", e->dim[sig->dim[i]], d++);
}

static const char entry[] =
    "int sd_entry(const size_t *sd_dims, const double *const *sd_in, double *const *sd_out, double *work,\n"
    "             const sd_binding *sd_calls) {\n";

static void put_entry(sdp_emitter *e)
{
    const sdp_signature *sig = e->s->sig;
    sdp_put(e->out, entry);
    put_entry_sizes(e);
    for (uint32_t i = 0; i < sig->ninputs; i++) {
        bool scalar = !sdp_get(e->g, e->g->var[sig->input[i]].node)->order;
        sdp_putf(e->out,
                 scalar ? "    const double %s = *sd_in[%u];\n"
                        : "    const double *restrict const %s = sd_in[%u];\n",
                 e->input[i], i);
    }
    for (uint32_t i = 0, k = 0, seen = 0; i < sig->noutputs; i++, seen++) {
        bool sparse = sdp_gathered_with(sig, i) != NULL;
        sdp_putf(e->out, "    double *restrict const %s = sd_out[%u];\n",
                 sparse ? e->gathered[k] : e->output[i], seen);
        if (sparse) i += sig->gathered[k++].pattern.nparts - 1;
    }
}

// For other compilers: a call of the function with the parameters that restrict is believed of.
void sdp_put_entry(sdp_emitter *e)
{
    const sdp_signature *sig = e->s->sig;
    sdp_text dims;
    sdp_text_init(&dims, &e->g->base);
    for (uint32_t i = 0, d = 0; i < sig->ndims; i++)
        if (e->s->size[sig->dim[i]] < 0) sdp_putf(&dims, "%ssd_dims[%u]", d ? ", " : "", d), d++;
    const char *separator = dims.n ? ", " : "";
    sdp_putf(e->out, "%s    (void)sd_dims, (void)sd_in, (void)sd_out, (void)sd_calls;\n    return %s(%s",
             entry, e->name, dims.n ? dims.s : "");
    for (uint32_t i = 0; i < sig->ninputs; i++, separator = ", ")
        sdp_putf(e->out, "%s%ssd_in[%u]", separator,
                 sdp_get(e->g, e->g->var[sig->input[i]].node)->order ? "" : "*", i);
    if (sig->ncalls) sdp_putf(e->out, "%ssd_calls", separator), separator = ", ";
    for (uint32_t i = 0; i < sdp_outputs_seen(sig); i++, separator = ", ")
        sdp_putf(e->out, "%ssd_out[%u]", separator, i);
    sdp_putf(e->out, "%swork);\n}\n\n", separator);
    sdp_putf(e->out,
             "size_t sd_entry_workspace(const size_t *sd_dims) {\n    (void)sd_dims;\n    return "
             "%s_workspace(%s);\n}\n",
             e->name, dims.n ? dims.s : "");
    sdp_text_free(&dims);
}

// A size in double, which does not wrap around
void sdp_put_estimate(sdp_emitter *e, sdp_dim d)
{
    const sdp_dim_term *t;
    uint32_t n = sdp_dim_terms(e->g, d, &t);
    for (uint32_t i = 0; i < n; i++) {
        if (i) sdp_put(e->out, " + ");
        sdp_put_double(e, (double)t[i].coef);
        for (uint32_t k = 0; k < t[i].natoms; k++) {
            long size = e->s->size[t[i].atom[k]];
            sdp_put(e->out, "*");
            if (size >= 0) sdp_put_double(e, (double)size);
            else sdp_putf(e->out, e->target->tcc ? "(double)(long)%s" : "(double)%s", e->dim[t[i].atom[k]]);
        }
    }
}

// Returns a number of doubles: 0 where sizes are too small for the function to have a value, the largest
// number where their bytes cannot be counted. Where the estimate of all terms, whatever their signs, is in
// range, so are the terms.
static void put_room(sdp_emitter *e, sdp_dim d)
{
    long known;
    sdp_dim plus, minus;
    sdp_dim_split(e->g, d, &plus, &minus);
    if (sdp_size_constant(e->s, d, &known) && (known <= 0 || (size_t)known <= SIZE_MAX / sizeof(double))) {
        sdp_putf(e->out, "    return %ld;\n", known > 0 ? known : 0);
        return;
    }
    for (uint32_t i = 0; i < e->s->sig->ndims && e->target->tcc; i++) { // as long they would be negative
        uint32_t atom = e->s->sig->dim[i];
        if (e->s->size[atom] < 0)
            sdp_putf(e->out, "    if (%s > (size_t)-1/sizeof(double)) return (size_t)-1;\n", e->dim[atom]);
    }
    sdp_put(e->out, "    if (");
    sdp_put_estimate(e, sdp_dim_add(e->g, plus, minus));
    sdp_putf(e->out, " >= %s((size_t)-1/sizeof(double)%s)) return (size_t)-1;\n    return ",
             e->target->tcc ? "(double)(long)" : "(double)",
             e->s->q->real.is_float ? "/2" : ""); // half of it: floats have few digits
    if (minus != sdp_dim_int(e->g, 0)) {
        sdp_put_size(e, plus, false), sdp_put(e->out, " < ");
        sdp_put_size(e, minus, false), sdp_put(e->out, " ? 0 : ");
    }
    sdp_put_size(e, d, false);
    sdp_put(e->out, ";\n");
}

static bool has_atom(const sdp_emitter *e, sdp_dim d, uint32_t atom)
{
    const sdp_dim_term *t;
    bool has = false;
    for (uint32_t i = 0, n = sdp_dim_terms(e->g, d, &t); i < n; i++)
        for (uint32_t k = 0; k < t[i].natoms; k++) has |= t[i].atom[k] == atom;
    return has;
}

sdp_dim sdp_workspace_size(sdp_emitter *e)
{
    sdp_dim doubles = sdp_dim_int(e->g, (long)e->s->plan->ncells);
    for (uint32_t i = 0; i < e->s->plan->nbuffers; i++)
        doubles = sdp_dim_add(e->g, doubles, e->s->plan->buffer[i].size);
    return sdp_dim_add(e->g, doubles, sdp_gathered_size(e));
}

// enum { f_work = 12 };   the length of an array that is a workspace, where it is known
void sdp_put_workspace_constant(sdp_emitter *e)
{
    long known;
    if (!sdp_size_constant(e->s, sdp_workspace_size(e), &known) || known > INT_MAX) return;
    sdp_putf(e->out, "enum { %s_work = %ld };\n", e->name, known > 0 ? known : 1);
}

void sdp_put_workspace(sdp_emitter *e)
{
    const sdp_signature *sig = e->s->sig;
    memset(e->dim_used, 0, sdp_atom_count(e->g) + 1);
    if (e->target->tcc) {
        sdp_put(e->out, "size_t sd_entry_workspace(const size_t *sd_dims) {\n");
        put_entry_sizes(e);
    } else {
        sdp_put_workspace_prototype(e);
        sdp_put(e->out, " {\n");
    }
    sdp_dim doubles = sdp_workspace_size(e);
    for (uint32_t i = 0; i < sig->ndims && !e->target->tcc; i++)
        if (e->s->size[sig->dim[i]] < 0 && !has_atom(e, doubles, sig->dim[i]))
            sdp_putf(e->out, "    (void)%s;\n", e->dim[sig->dim[i]]);
    put_room(e, doubles);
    sdp_put(e->out, "}\n\n");
    memset(e->dim_used, 0, sdp_atom_count(e->g) + 1);
}

// ---- the body ---------------------------------------------------------------------------------------------
static void put_buffers(sdp_emitter *e)
{
    for (uint32_t i = 0; i < e->s->plan->nbuffers; i++) {
        sdp_putf(e->out, "    double *restrict const %s%u = ", e->buffer, i + 1);
        if (!i) {
            sdp_put(e->out, "work");
        } else {
            sdp_putf(e->out, "%s%u + ", e->buffer, i);
            sdp_put_size(e, e->s->plan->buffer[i - 1].size, true);
        }
        sdp_put(e->out, ";\n");
    }
    for (uint32_t i = 0; i < e->s->sig->noutputs; i++)
        if (e->s->plan->spare[i])
            sdp_putf(e->out, "    double *restrict const %s = %s ? %s : %s%u;\n", e->kept[i], e->output[i],
                     e->output[i], e->buffer, e->s->plan->spare[i]);
    if (!e->s->plan->ncells) return;
    sdp_putf(e->out, "    double *restrict const %s = ", e->cell);
    if (e->s->plan->nbuffers) {
        sdp_putf(e->out, "%s%u + ", e->buffer, e->s->plan->nbuffers);
        sdp_put_size(e, e->s->plan->buffer[e->s->plan->nbuffers - 1].size, true);
    } else {
        sdp_put(e->out, "work");
    }
    sdp_put(e->out, ";\n");
}

// Rows (columns) do not overlap each other.
static void put_step_demand(sdp_emitter *e, const sdp_node *n, sdp_dim step, const char *optional)
{
    if (step == SDP_DIM_NONE) return;
    sdp_put(e->out, "    if (");
    if (optional) sdp_putf(e->out, "%s && ", optional);
    sdp_put_size(e, step, false);
    sdp_put(e->out, " < ");
    sdp_put_size(e, n->dim[e->s->q->columns ? 0 : 1], false);
    sdp_put(e->out, ") return 2;\n");
    e->statuses |= 1u << SDP_STATUS_sizes;
}

static void put_demands(sdp_emitter *e)
{
    const sdp_signature *sig = e->s->sig;
    for (uint32_t i = 0; i < sig->ninputs; i++)
        put_step_demand(e, sdp_get(e->g, e->g->var[sig->input[i]].node), sdp_array_step(sig->input_step, i),
                        NULL);
    for (uint32_t i = 0; i < sig->noutputs; i++)
        put_step_demand(e, sdp_get(e->g, sig->output[i]), sdp_array_step(sig->output_step, i),
                        e->s->wanted->optional ? e->output[i] : NULL);
    const char **split = e->s->shard ? &e->dim[e->s->shard->atom] : NULL, *local = split ? *split : NULL;
    if (split) *split = e->rows; // demands are on whole axes
    for (uint32_t i = 0; i < e->s->ndemands; i++) {
        sdp_put(e->out, "    if (");
        sdp_put_size(e, e->s->demand[i].have, false);
        sdp_put(e->out, " < ");
        sdp_put_size(e, e->s->demand[i].need, false);
        sdp_put(e->out, ") return 2;\n");
    }
    if (split) *split = local;
}

static void put_copy(sdp_emitter *e, uint32_t i)
{
    uint32_t indent = e->indent;
    bool scalar = !e->s->value[e->s->output[i]].order, optional = e->s->wanted->optional;
    if (optional) sdp_put_indent(e), sdp_putf(e->out, scalar ? "if (%s) " : "if (%s) {\n", e->output[i]);
    if (optional) e->indent = scalar ? 0 : indent + 1;
    sdp_emit_copy(e, e->s->output[i], i);
    e->indent = indent;
    if (optional && !scalar) sdp_put_line(e, "}");
}

static void put_outputs(sdp_emitter *e)
{
    const sdp_signature *sig = e->s->sig;
    for (uint32_t i = 0; i < sig->noutputs; i++) {
        const sdp_place *p = &e->s->plan->place[e->s->output[i]];
        if (p->at == SDP_AT_OUTPUT && p->index == i) continue;
        put_copy(e, i);
    }
}

static void put_guard(sdp_emitter *e, sdp_val guard)
{
    const sdp_value *x = &e->s->value[guard];
    if (x->kind == SDP_V_NUM) return;
    sdp_put(e->out, " && ");
    if (x->kind == SDP_V_WANTED) {
        sdp_put(e->out, sdp_wanted_text(e, x->param));
        return;
    }
    sdp_put_place(e, guard);
    sdp_put(e->out, " > 0.0");
}

// Writes the test whether a guarded value has failed, and in it the blocks that tell whether that matters.
static void put_failures(sdp_emitter *e)
{
    const sdp_schedule *s = e->s;
    uint32_t n = 0;
    for (sdp_val v = 1; v < s->guards->nguarded; v++) {
        if (!s->plan->place[v].failed) continue;
        if (!n && !e->target->tcc) sdp_put(e->out, "\n    // What failed matters only where it is needed.\n");
        sdp_putf(e->out, n++ ? " || %s%u" : "    if (%s%u", e->failed, s->plan->place[v].failed);
    }
    if (!n) return;
    sdp_put(e->out, ") {\n");
    e->indent++;
    sdp_put_blocks(e, s->guards->nguarded, s->nvalues, SIZE_MAX);
    for (sdp_val v = 1; v < s->guards->nguarded; v++) {
        if (!s->plan->place[v].failed) continue;
        sdp_put_indent(e);
        sdp_putf(e->out, "if (%s%u", e->failed, s->plan->place[v].failed);
        put_guard(e, s->guards->guard[v]);
        sdp_putf(e->out, ") return %s%u;\n", e->failed, s->plan->place[v].failed);
    }
    e->indent--;
    sdp_put_line(e, "}");
}

// Tells the compiler which parameters are not used.
void sdp_put_unused(sdp_emitter *e)
{
    const sdp_signature *sig = e->s->sig;
    for (uint32_t i = 0; i < sig->ndims; i++)
        if (e->s->size[sig->dim[i]] < 0 && !e->dim_used[sig->dim[i]])
            sdp_put_line(e, "(void)%s;", e->dim[sig->dim[i]]);
    for (uint32_t i = 0; i < sig->ninputs; i++)
        if (!e->input_used[i]) sdp_put_line(e, "(void)%s;", e->input[i]);
    if (e->target->ranks && !e->joins) sdp_put_line(e, "(void)%s;", e->comm);
}

// The frame of a function that is in one piece
static void put_whole(sdp_emitter *e, const sdp_text *nests)
{
    sdp_put_gathered_places(e, NULL);
    put_buffers(e);
    sdp_put_wanted_sets(e, true);
    sdp_putn(e->out, nests->s, nests->n);
    sdp_put_unused(e);
    if (!e->s->plan->nbuffers && !e->s->plan->ncells && !e->s->sig->ngathered) sdp_put_line(e, "(void)work;");
}

// The loop nests come first: they tell what the frame has to declare, and whether they are one piece.
void sdp_emit_body(sdp_emitter *e)
{
    sdp_val at = 1, end = e->s->guards->nguarded;
    uint32_t parts = 0;
    sdp_text nests, *out = e->out;
    sdp_text_init(&nests, &e->g->base);
    e->indent = 1;
    while (at < end || !parts) {
        sdp_forget_uses(e);
        nests.n = 0;
        e->out = &nests;
        at = sdp_put_blocks(e, at, end, sdp_part_bytes(e));
        if (at >= end) {
            put_failures(e);
            if (!e->target->tcc) sdp_put(e->out, "\n");
            put_outputs(e);
        }
        e->out = out;
        if (at >= end && !parts) break;
        sdp_put_part(e, ++parts, &nests);
    }
    if (e->target->tcc) put_entry(e);
    else sdp_put_prototype(e, true), sdp_put(e->out, " {\n");
    sdp_put_assertions(e);
    sdp_put_rows(e);
    put_demands(e);
    if (parts) sdp_put_gathered_places(e, NULL), sdp_put_part_calls(e, parts);
    else put_whole(e, &nests);
    sdp_put_gathered_sums(e);
    sdp_put(e->out, "    return 0;\n}\n");
    sdp_text_free(&nests);
}

// The body is written before the file around it: it tells which functions must be defined there, and which
// parameters are used.
void sdp_emit_start(sdp_emitter *e, sdp_schedule *s, sdp_text *text)
{
    memset(e, 0, sizeof *e);
    e->s = s;
    e->g = s->g;
    e->out = text;
    e->target = &sdp_targets[s->q->target];
    sdp_emit_names(e);
    sdp_comment_measure(e);
    e->ops = sdp_scratch(&s->g->base, SDP_OP_COUNT);
    e->block_ops = sdp_scratch(&s->g->base, SDP_OP_COUNT);
}
