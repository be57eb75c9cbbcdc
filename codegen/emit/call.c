// SPDX-License-Identifier: MIT
// Calls of declared functions, f : function(vector(n)) -> scalar, in emitted code: the caller supplies them.
//
// C99: a struct NAME_functions of function pointers, one for each derivative that occurs and a context for
// each function; its prototypes name the sizes of the declaration, then the arguments, then the result:
//     int (*grad_f)(void *user, size_t n, const double *x1, double *out);
// A size stays a parameter even where the emitted code has it as a constant, so one callback serves all. With
// an entry: an array of sd_binding (include/symdiff.h), in the order of the signature, all of one type.
#include <string.h>

#include "codegen/emit/emitter.h"

static const sdp_variable *function_of(const sdp_emitter *e, const sdp_derivative *d)
{
    return &e->g->var[d->function];
}

// ---- the struct -------------------------------------------------------------------------------------------
static void put_size_name(sdp_emitter *e, uint32_t atom) { sdp_put(e->out, e->dim[atom]); }

static void put_member(sdp_emitter *e, uint32_t k)
{
    const sdp_derivative *d = &e->s->sig->call[k];
    const sdp_variable *f = function_of(e, d);
    uint32_t *atom, natoms = sdp_function_atoms(e->g, d->function, &atom);
    sdp_putf(e->out, "    int (*%s)(void *user", e->callback[k]);
    for (uint32_t i = 0; i < natoms; i++) {
        sdp_put(e->out, ", size_t ");
        put_size_name(e, atom[i]);
    }
    for (uint32_t i = 0; i < f->nparams; i++) {
        sdp_dim dim[2];
        sdp_putf(e->out, sdp_shape_axes(f->param[i], dim) ? ", const double *x%u" : ", double x%u", i + 1);
    }
    sdp_put(e->out, ", double *out); // ");
    sdp_put(e->out, sdp_derivative_axes(e->g, d) ? "out" : "*out");
    for (uint32_t i = 0; i <= d->nby; i++) {
        sdp_dim dim[2];
        int n = sdp_shape_axes(i ? f->param[d->by[i - 1]] : f->shape, dim);
        for (int j = 0; j < n; j++) sdp_putf(e->out, "[%s]", sdp_dim_text(e->g, dim[j]));
    }
    if (!d->nby) sdp_put(e->out, " = the value");
    for (uint32_t i = 0; i < d->nby; i++)
        sdp_putf(e->out, "%sx%u", i ? " and " : " = the derivative by ", d->by[i] + 1u);
    sdp_put(e->out, "\n");
}

void sdp_put_functions_type(sdp_emitter *e)
{
    const sdp_signature *sig = e->s->sig;
    if (!sig->ncalls) return;
    sdp_put(e->out, "// What the formula calls; pointers to the arguments, row-major results. Return 0, or "
                    "another number to stop:\n"
                    "// it is returned. A context is handed through.\ntypedef struct {\n");
    for (uint32_t k = 0; k < sig->ncalls; k++) {
        if (!k || sig->call[k].function != sig->call[k - 1].function)
            sdp_putf(e->out, "    void *%s;\n", e->context[k]);
        put_member(e, k);
    }
    sdp_putf(e->out, "} %s;\n\n", e->functions_type);
}

// ---- calls ------------------------------------------------------------------------------------------------
// Where the result goes: an array, or the address of a scalar, which is declared here.
static void put_result(sdp_emitter *e, sdp_val v)
{
    sdp_put(e->out, e->s->value[v].order ? ", " : ", &");
    sdp_put_place(e, v);
    sdp_put(e->out, ");\n");
}

static void put_check(sdp_emitter *e, sdp_val v)
{
    uint32_t failed = e->s->plan->place[v].failed;
    if (!failed) sdp_put_line(e, "if (%s) return %s;", e->status, e->status);
    else sdp_put_line(e, "%s%u = %s;", e->failed, failed, e->status);
}

static void put_c_call(sdp_emitter *e, sdp_val v, const sdp_derivative *d)
{
    const sdp_value *x = &e->s->value[v];
    uint32_t *atom, natoms = sdp_function_atoms(e->g, d->function, &atom);
    sdp_put_indent(e);
    sdp_putf(e->out, "const int %s = %s->%s(%s->%s", e->status, e->functions, e->callback[x->param],
             e->functions, e->context[x->param]);
    for (uint32_t i = 0; i < natoms; i++) {
        const char *name = sdp_atom_name(e->g, atom[i]);
        sdp_put(e->out, ", ");
        sdp_put_size(e, sdp_dim_name(e->g, name, strlen(name)), false);
    }
    for (uint32_t i = 0; i < x->nargs; i++) {
        sdp_put(e->out, ", ");
        sdp_put_place(e, x->arg[i]);
    }
    put_result(e, v);
}

static void put_entry_call(sdp_emitter *e, sdp_val v, const sdp_derivative *d)
{
    const sdp_value *x = &e->s->value[v];
    uint32_t *atom, natoms = sdp_function_atoms(e->g, d->function, &atom);
    sdp_put_line(e, "size_t sd_size[%u];", natoms + 1);
    sdp_put_line(e, "double sd_scalar[%u];", x->nargs + 1);
    sdp_put_line(e, "const double *sd_arg[%u];", x->nargs + 1);
    for (uint32_t i = 0; i < natoms; i++) {
        const char *name = sdp_atom_name(e->g, atom[i]);
        sdp_put_indent(e);
        sdp_putf(e->out, "sd_size[%u] = ", i);
        sdp_put_size(e, sdp_dim_name(e->g, name, strlen(name)), false);
        sdp_put(e->out, ";\n");
    }
    for (uint32_t i = 0; i < x->nargs; i++) {
        bool scalar = !e->s->value[x->arg[i]].order;
        sdp_put_indent(e);
        sdp_putf(e->out, scalar ? "sd_scalar[%u] = " : "sd_arg[%u] = ", i);
        sdp_put_place(e, x->arg[i]);
        sdp_put(e->out, ";\n");
        if (scalar) sdp_put_line(e, "sd_arg[%u] = sd_scalar + %u;", i, i);
    }
    sdp_put_indent(e);
    sdp_putf(e->out, "const int %s = sd_calls[%u].call(sd_calls[%u].user, sd_size, sd_arg", e->status,
             x->param, x->param);
    put_result(e, v);
}

void sdp_emit_call(sdp_emitter *e, sdp_val v)
{
    const sdp_derivative *d = &e->s->sig->call[e->s->value[v].param];
    uint32_t failed = e->s->plan->place[v].failed;
    sdp_declare_local(e, v);
    if (failed && e->s->wanted->of[v] == SDP_ALL_WANTED) sdp_put_line(e, "int %s%u;", e->failed, failed);
    sdp_put_line(e, "{");
    e->indent++;
    if (e->target->entry) put_entry_call(e, v, d);
    else put_c_call(e, v, d);
    put_check(e, v);
    e->indent--;
    sdp_put_line(e, "}");
    if (failed) sdp_put_no_value(e, v);
}
