// SPDX-License-Identifier: MIT
// The signature of an emitted or compiled function: its sizes, inputs and outputs.
//
// Inputs stand in the order in which their names were first met, in declarations and then in texts; so
// whoever declares all of them has an order that no further term changes. Sizes follow the inputs: those of
// the first input first. A caller may demand another order of both by name.
#include <string.h>

#include "codegen/schedule/schedule.h"

typedef struct {
    sdp_graph *g;
    bool *seen;
    uint32_t *atom, natoms;
} atoms;

static void see_dim(atoms *a, sdp_dim d)
{
    const sdp_dim_term *t;
    uint32_t n = d == SDP_DIM_NONE ? 0 : sdp_dim_terms(a->g, d, &t);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < t[i].natoms; k++)
            if (!a->seen[t[i].atom[k]]) a->seen[t[i].atom[k]] = true, a->atom[a->natoms++] = t[i].atom[k];
}

static void see_node(atoms *a, const sdp_node *n)
{
    for (uint32_t k = 0; k < n->order; k++) see_dim(a, n->dim[k]);
    uint32_t more = n->kind == SDP_MUL ? n->nlabels : n->kind == SDP_SEL ? n->order : 0;
    for (uint32_t k = 0; k < more; k++) see_dim(a, n->ldim[k]);
    if (n->kind == SDP_DIM && !a->seen[n->param]) a->seen[n->param] = true, a->atom[a->natoms++] = n->param;
}

// The declared functions that the nodes call: ordered, each once.
static uint32_t find_calls(sdp_graph *g, uint32_t n, const sdp_id *id, sdp_derivative *call)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < n; i++) {
        const sdp_node *x = sdp_get(g, id[i]);
        if (x->kind != SDP_CALL) continue;
        const sdp_derivative d = sdp_derivative_of(x);
        uint32_t k = 0;
        while (k < found && sdp_derivative_order(&call[k], &d) < 0) k++;
        if (k < found && !sdp_derivative_order(&call[k], &d)) continue;
        memmove(call + k + 1, call + k, (found - k) * sizeof *call);
        call[k] = d;
        found++;
    }
    return found;
}

// The sizes of inputs and of all nodes, each once, behind those that are there already.
static void see_sizes(atoms *a, uint32_t ninputs, const uint32_t *input, uint32_t count, const sdp_id *id)
{
    for (uint32_t i = 0; i < ninputs; i++) see_node(a, sdp_get(a->g, a->g->var[input[i]].node));
    for (uint32_t i = 0; i < count; i++) see_node(a, sdp_get(a->g, id[i]));
}

sdp_signature sdp_signature_of(sdp_graph *g, uint32_t noutputs, const sdp_id *output,
                               const char *const *names)
{
    sdp_id *root = sdp_alloc(&g->base, (noutputs + 1) * sizeof *root);
    if (noutputs) memcpy(root, output, noutputs * sizeof *root);
    uint32_t natoms = sdp_atom_count(g);
    uint32_t *input = sdp_alloc(&g->base, (g->nvars + 1) * sizeof *input), n = 0;
    atoms a = {g, NULL, sdp_alloc(&g->base, (natoms + 1) * sizeof(uint32_t)), 0};
    sdp_mark mark = sdp_scratch_mark(&g->base);
    a.seen = sdp_scratch(&g->base, natoms + 1);
    uint32_t count;
    sdp_id *ids = sdp_reachable(g, noutputs, root, &count);
    for (uint32_t i = 0; i < count; i++) {
        const sdp_node *v = sdp_get(g, ids[i]);
        if (v->kind != SDP_VAR) continue;
        uint32_t k = n++;
        for (; k && g->var[input[k - 1]].order_seen > g->var[v->param].order_seen; k--)
            input[k] = input[k - 1];
        input[k] = v->param;
    }
    see_sizes(&a, n, input, count, ids);
    uint32_t ncalls = 0;
    for (uint32_t i = 0; i < count; i++) ncalls += sdp_get(g, ids[i])->kind == SDP_CALL;
    sdp_derivative *call = sdp_alloc(&g->base, (ncalls + 1) * sizeof *call);
    ncalls = find_calls(g, count, ids, call);
    sdp_scratch_release(&g->base, mark);
    return (sdp_signature){a.natoms, n,    noutputs, a.atom, input, root, names,
                           ncalls,   call, NULL,     NULL,   NULL,  0,    NULL};
}

const sdp_gathered *sdp_gathered_with(const sdp_signature *s, uint32_t i)
{
    for (uint32_t k = 0; k < s->ngathered; k++)
        if (i >= s->gathered[k].from && i - s->gathered[k].from < s->gathered[k].pattern.nparts)
            return &s->gathered[k];
    return NULL;
}

// ---- leading dimensions -----------------------------------------------------------------------------------
// An atom for each matrix, whose name is none that a user can give: in C it
// is "ld" and the name of the array.
static sdp_dim step_of(sdp_graph *g, const sdp_node *n, const char *name)
{
    const char *own = n->order == 2 ? sdp_printf(&g->base, "ld %s", name) : NULL;
    return own ? sdp_dim_name(g, own, strlen(own)) : SDP_DIM_NONE;
}

void sdp_signature_steps(sdp_graph *g, sdp_signature *s)
{
    sdp_dim *input = sdp_alloc(&g->base, (s->ninputs + 1) * sizeof *input),
            *output = sdp_alloc(&g->base, (s->noutputs + 1) * sizeof *output);
    bool any = false;
    for (uint32_t i = 0; i < s->ninputs; i++)
        any |= (input[i] = step_of(g, sdp_get(g, g->var[s->input[i]].node), g->var[s->input[i]].name)) !=
               SDP_DIM_NONE;
    for (uint32_t i = 0; i < s->noutputs; i++) {
        const sdp_node *n = sdp_get(g, s->output[i]);
        output[i] = sdp_gathered_with(s, i) ? SDP_DIM_NONE : step_of(g, n, sdp_printf(&g->base, "%u", i));
        any |= output[i] != SDP_DIM_NONE;
    }
    if (any) s->input_step = input, s->output_step = output;
}

// ---- an order by name -------------------------------------------------------------------------------------
static bool is_listed(uint32_t n, const uint32_t *list, uint32_t what)
{
    for (uint32_t i = 0; i < n; i++)
        if (list[i] == what) return true;
    return false;
}

static _Noreturn void refuse(sdp_graph *g, const char *hint, const char *message, const char *name)
{
    sdp_fail(&g->base, SD_ERR_USAGE, (sdp_span){0, 0}, hint, message, name);
}

// An input that the function does not need keeps its place: the prototype is what was asked for.
void sdp_signature_order(sdp_graph *g, sdp_signature *s, const char *names)
{
    sdp_base *b = &g->base;
    uint32_t most = 1, ninputs = 0, count;
    for (const char *p = names; *p; p++) most += *p == ',';
    uint32_t *input = sdp_alloc(b, most * sizeof *input);
    atoms a = {g, NULL, sdp_alloc(b, (sdp_atom_count(g) + 1) * sizeof(uint32_t)), 0};
    sdp_mark mark = sdp_scratch_mark(b);
    a.seen = sdp_scratch(b, sdp_atom_count(g) + 1);
    for (const char *p = names; *p;) {
        size_t n = strcspn(p, ","), from = strspn(p, " "), end = n;
        while (end > from && p[end - 1] == ' ') end--;
        const char *name = sdp_strndup(b, p + from, end - from);
        uint32_t v = sdp_variable_find(g, name), atom = v == UINT32_MAX ? sdp_atom_find(g, name) : UINT32_MAX;
        p += n + (p[n] == ',');
        if (v == UINT32_MAX && atom == UINT32_MAX)
            refuse(g, NULL, "there is no variable and no dimension '%s' among the arguments to be", name);
        if (v != UINT32_MAX && g->var[v].is_function)
            refuse(g, NULL, "'%s' is a function, which is no argument of its own", name);
        if (v == UINT32_MAX ? a.seen[atom] : is_listed(ninputs, input, v))
            refuse(g, NULL, "'%s' stands twice among the arguments", name);
        if (v == UINT32_MAX) a.seen[atom] = true, a.atom[a.natoms++] = atom;
        else input[ninputs++] = v, sdp_var(g, v); // one that no expression has used has no node yet
    }
    for (uint32_t i = 0; i < s->ninputs; i++)
        if (!is_listed(ninputs, input, s->input[i]))
            refuse(g, "all variables of the function must be listed; sizes may be",
                   "'%s' is missing among the arguments", g->var[s->input[i]].name);
    const sdp_id *ids = sdp_reachable(g, s->noutputs, s->output, &count);
    see_sizes(&a, ninputs, input, count, ids);
    sdp_scratch_release(b, mark);
    s->ninputs = ninputs;
    s->input = input;
    s->ndims = a.natoms;
    s->dim = a.atom;
}
