// SPDX-License-Identifier: MIT
// A program around emitted functions, so that they can be tried at once:
//
//     symdiff emit "norm(X*t-Y)^2/N" --wrt t --main -o f.c && cc f.c -o f -lm
//     ./f X=X.csv t=[1,2] Y=Y.npy N=16
//
// It prints what the functions give, and how far derivatives are from central differences. What it does is
// one text (trial_text.def) over tables, which are written here: names, axes, a call of each function.
// Entry: sdp_put_trial.
#include "codegen/emit/emitter.h"

static const char text[] =
#include "codegen/emit/trial_text.def"
    ;

typedef struct {
    sdp_emitter *e;
    uint32_t naxes, noutputs;
} table;

static uint32_t sizes_of(const sdp_emitter *e)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < e->s->sig->ndims; i++) n += e->s->size[e->s->sig->dim[i]] < 0;
    return n;
}

static const sdp_node *input_node(const sdp_emitter *e, uint32_t i)
{
    return sdp_get(e->g, e->g->var[e->s->sig->input[i]].node);
}

// The number of the size among the arguments that an axis is; -1: a constant or an expression
static int known_size(const sdp_emitter *e, sdp_dim d)
{
    const sdp_dim_term *t;
    int at = 0;
    if (sdp_dim_terms(e->g, d, &t) != 1 || t[0].coef != 1 || t[0].natoms != 1) return -1;
    for (uint32_t i = 0; i < e->s->sig->ndims; i++) {
        bool is = e->s->sig->dim[i] == t[0].atom[0], argument = e->s->size[e->s->sig->dim[i]] < 0;
        if (is) return argument ? at : -1;
        at += argument;
    }
    return -1;
}

// Calls `put` for every axis of every array: inputs, then the outputs that callers see.
static void each_axis(table *t, void (*put)(table *t, sdp_dim d))
{
    const sdp_signature *sig = t->e->s->sig;
    for (uint32_t i = 0; i < sig->ninputs; i++)
        for (uint32_t k = 0; k < input_node(t->e, i)->order; k++) put(t, input_node(t->e, i)->dim[k]);
    for (uint32_t i = 0; i < sig->noutputs; i++) {
        const sdp_gathered *sparse = sdp_gathered_with(sig, i);
        const sdp_node *n = sdp_get(t->e->g, sig->output[i]);
        if (sparse) put(t, sdp_dim_int(t->e->g, sparse->pattern.entries));
        for (uint32_t k = 0; !sparse && k < n->order; k++) put(t, n->dim[k]);
        if (sparse) i += sparse->pattern.nparts - 1;
    }
}

static void put_axis(table *t, sdp_dim d)
{
    sdp_putf(t->e->out, "    axis[%u] = ", t->naxes++);
    sdp_put_size(t->e, d, false);
    sdp_put(t->e->out, ";\n");
}

static void put_known(table *t, sdp_dim d) { sdp_putf(t->e->out, "%d, ", known_size(t->e, d)); }

static void put_sizes(const sdp_emitter *e, const char *format)
{
    const char *between = "";
    for (uint32_t i = 0, k = 0; i < e->s->sig->ndims; i++) {
        if (e->s->size[e->s->sig->dim[i]] >= 0) continue;
        sdp_put(e->out, between);
        sdp_putf(e->out, format, k++);
        between = ", ";
    }
}

static void put_axes(table *t)
{
    sdp_emitter *e = t->e;
    sdp_putf(e->out, "\nstatic void main_axes_%s(const size_t *size, size_t *axis) {\n", e->name);
    for (uint32_t i = 0, k = 0; i < e->s->sig->ndims; i++)
        if (e->s->size[e->s->sig->dim[i]] < 0) {
            const char *name = e->dim[e->s->sig->dim[i]];
            sdp_putf(e->out, "    const size_t %s = size[%u];\n    (void)%s;\n", name, k++, name);
        }
    t->naxes = 0;
    each_axis(t, put_axis);
    sdp_put(e->out, "    (void)size, (void)axis;\n}\n\n");
    sdp_putf(e->out,
             "static size_t main_work_%s(const size_t *size) {\n    (void)size;\n    return %s_workspace(",
             e->name, e->name);
    put_sizes(e, "size[%u]");
    sdp_put(e->out, ");\n}\n\n");
}

static void put_call(table *t)
{
    sdp_emitter *e = t->e;
    const sdp_signature *sig = e->s->sig;
    sdp_putf(e->out,
             "static int main_call_%s(const size_t *size, main_real *const *in, main_real *const *out, "
             "main_real *work) {\n"
             "    (void)size, (void)in, (void)out;\n    return %s(",
             e->name, e->name);
    put_sizes(e, "size[%u]");
    const char *between = sizes_of(e) ? ", " : "";
    for (uint32_t i = 0; i < sig->ninputs; i++, between = ", ")
        sdp_putf(e->out, "%s%sin[%u]", between, input_node(e, i)->order ? "" : "*", i);
    for (uint32_t i = 0; i < sdp_outputs_seen(sig); i++, between = ", ")
        sdp_putf(e->out, "%sout[%u]", between, i);
    sdp_putf(e->out, "%swork);\n}\n\n", between);
}

static uint32_t input_of(const sdp_signature *sig, uint32_t variable)
{
    uint32_t i = 0;
    while (i < sig->ninputs && sig->input[i] != variable) i++;
    return i;
}

// {"grad_t", 1, 5, 0, 1, {1}},
static void put_output(table *t, const char *name, uint32_t order, const sdp_slope *slope)
{
    sdp_text *out = t->e->out;
    const sdp_signature *sig = t->e->s->sig;
    bool all = slope && slope->of >= 0;
    for (uint32_t i = 0; all && i < slope->nby; i++) all = input_of(sig, slope->by[i]) < sig->ninputs;
    sdp_putf(out, "    {\"%s\", %u, %u, %d, %u, {", name, order, t->naxes, all ? slope->of : -1,
             all ? slope->nby : 0);
    for (uint32_t i = 0; all && i < slope->nby; i++)
        sdp_putf(out, "%s%u", i ? ", " : "", input_of(sig, slope->by[i]));
    sdp_put(out, all ? "}},\n" : "0}},\n");
    t->naxes += order;
}

static void put_places(table *t)
{
    sdp_emitter *e = t->e;
    const sdp_signature *sig = e->s->sig;
    t->naxes = 0;
    sdp_putf(e->out, "static const main_place main_input_%s[] = {\n", e->name);
    for (uint32_t i = 0; i < sig->ninputs; i++) put_output(t, e->input[i], input_node(e, i)->order, NULL);
    sdp_putf(e->out, "    {\"\", 0, 0, -1, 0, {0}}\n};\nstatic const main_place main_output_%s[] = {\n",
             e->name);
    for (uint32_t i = 0, k = 0, seen = 0; i < sig->noutputs; i++, seen++) {
        const sdp_gathered *sparse = sdp_gathered_with(sig, i);
        const uint32_t order = sparse ? 1 : sdp_get(e->g, sig->output[i])->order;
        put_output(t, sparse ? e->gathered[k] : e->output[i], order, sig->slope ? &sig->slope[seen] : NULL);
        if (sparse) i += sig->gathered[k++].pattern.nparts - 1;
    }
    sdp_putf(e->out, "    {\"\", 0, 0, -1, 0, {0}}\n};\nstatic const int main_known_%s[] = {", e->name);
    each_axis(t, put_known);
    sdp_putf(e->out, "-1};\nstatic const char *const main_size_%s[] = {", e->name);
    for (uint32_t i = 0; i < sig->ndims; i++)
        if (e->s->size[sig->dim[i]] < 0) sdp_putf(e->out, "\"%s\", ", e->dim[sig->dim[i]]);
    sdp_put(e->out, "\"\"};\n");
}

static void put_function(sdp_emitter *e)
{
    table t = {.e = e};
    put_axes(&t);
    put_call(&t);
    put_places(&t);
    sdp_putf(e->out,
             "static const main_function main_of_%s = {\"%s\", %u, %u, %u, %u, main_size_%s, main_known_%s, ",
             e->name, e->name, sizes_of(e), e->s->sig->ninputs, sdp_outputs_seen(e->s->sig), t.naxes, e->name,
             e->name);
    sdp_putf(e->out, "main_input_%s, main_output_%s, main_axes_%s, main_work_%s, main_call_%s};\n", e->name,
             e->name, e->name, e->name, e->name);
}

static void put_main(sdp_file *f)
{
    sdp_put(f->out, "\nint main(int argc, char **argv) {\n    int bad = 0;\n"
                    "    for (int i = 1; i < argc; i++)\n"
                    "        if (!strcmp(argv[i], \"random\")) main_random = 1;\n"
                    "        else main_argument(argv[i]);\n");
    for (uint32_t i = 0; i < f->n; i++)
        sdp_putf(f->out, "    if (argc < 2 && main_of_%s.ninputs) main_usage(&main_of_%s), bad = 2;\n",
                 f->e[i]->name, f->e[i]->name);
    sdp_put(f->out, "    if (bad) return bad;\n");
    for (uint32_t i = 0; i < f->n; i++) sdp_putf(f->out, "    main_expect(&main_of_%s);\n", f->e[i]->name);
    sdp_put(f->out, "    main_refuse_others();\n");
    for (uint32_t i = 0; i < f->n; i++)
        sdp_putf(f->out, "    bad |= main_try(&main_of_%s);\n", f->e[i]->name);
    sdp_put(f->out, "    return bad;\n}\n");
}

void sdp_put_trial(sdp_file *f, sdp_text *out)
{
    const sdp_real *real = &f->e[0]->s->q->real;
    const char *name = real->name ? real->name : "double";
    sdp_put(out, "\n// ---- a program to try it: NAME=NUMBER, NAME=[1,2;3,4], NAME=FILE.csv, NAME=FILE.npy "
                 "for each input and for sizes\n"
                 "// that no array tells; `random` makes up what is missing.\n");
    sdp_putf(out, "typedef %s main_real;\n#define MAIN_COLUMNS %d\n", name, f->e[0]->s->q->columns);
    sdp_putf(out, "#define MAIN_STEP (sizeof(main_real) == sizeof(double) ? 6e-6 : 5e-3)\n"
                  "#define MAIN_TOLERANCE (sizeof(main_real) == sizeof(double) ? 1e-5 : 5e-2)\n"
                  "#define MAIN_DIGITS (sizeof(main_real) == sizeof(double) ? 17 : 9)\n");
    sdp_put(out, text);
    f->out = out;
    for (uint32_t i = 0; i < f->n; i++) f->e[i]->out = out, put_function(f->e[i]);
    put_main(f);
}
