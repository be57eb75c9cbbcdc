// SPDX-License-Identifier: MIT
// Before scheduling: what is homogeneous is computed at a scale of about 1.
//
//     f(x) = 2^(w e) f(u),  x = 2^e u,  e: the exponent of the largest entry of x          f of degree w in x
//
// x*x'/norm(x)^3 and its kind have values in the range of double while their factors have none:
// norm(x)^3 of 1e-200 is 0. A node with units w (units.h) becomes a SCALED one, the same of u in the
// place of x, and 2^(w e) is multiplied to it where terms with other units meet. Most often it has
// cancelled by then, as a number w.
//
// Only arrays below a delicate node, a root, quotient or spectral function of degree two or more, are scaled.
// Along axes that all delicate nodes keep (the columns of vecnorm(X,3)), each entry has its own exponent.
// Powers of two are exact, and arrays whose largest entry is between 2^-144 and 2^144 are left alone: nothing
// but the range changes. An identity for any exponent e: the units of a node are found by the rules of
// degrees alone (units.c), and a node with other units, or of a function that is not homogeneous, gets its
// arguments with the powers of two put back.
#include <math.h>
#include <string.h>

#include "codegen/stable/jet.h"
#include "codegen/stable/units.h"

enum { MOST_ARRAYS = 16, VISITED = 1 << 30, NEAR_ONE = 144, LARGE = 900 };

typedef struct {
    sdp_id id, exponent;
    uint8_t axis;
} array; // scaled along the axis, or SDP_WHOLE

typedef struct {
    sdp_measure m;
    sdp_schedule *s;
    double *degree;         // by id: the largest that loses range, 0: none
    uint32_t *scope;        // by id: VISITED, and which axes the delicate nodes above keep
    sdp_id *plain, *scaled; // by id: the node, and without its units
    array chosen[MOST_ARRAYS];
    uint32_t narrays;
    sdp_id last; // of the graph
} walk;

static const sdp_units none;

// ---- which arrays are scaled ------------------------------------------------------------------------------
// Array `of` is to be scaled: something of this degree in it loses range. Not in sin(norm(x))/norm(x), which
// would have norm(x) in two forms: stable/polynomial.c does what is delicate there.
static bool want(walk *w, sdp_id of, sdp_num d)
{
    if (w->m.inside[sdp_unit_root(&w->m, of)]) return false;
    double size = fabs(sdp_num_double(w->m.g, d)), *most = &w->degree[sdp_unit_root(&w->m, of)];
    if (size > *most) *most = size;
    return true;
}

// x'*x/sum(x): something of degree two or more, divided by something of the same array
static bool is_delicate_product(walk *w, const sdp_node *n)
{
    sdp_units pro = {0}, contra = {0};
    bool found = false;
    for (uint32_t i = 0; i < n->nargs; i++)
        for (uint32_t k = 0; k < w->m.has[n->arg[i]].n; k++) {
            sdp_unit u = w->m.has[n->arg[i]].of[k];
            u.axis = SDP_WHOLE;
            sdp_add_unit(&w->m, sdp_num_sign(w->m.g, u.w) > 0 ? &pro : &contra, u);
        }
    for (uint32_t i = 0; i < pro.n; i++)
        for (uint32_t k = 0; k < contra.n; k++) {
            sdp_unit p = pro.of[i], c = contra.of[k];
            if (sdp_unit_root(&w->m, p.of) != sdp_unit_root(&w->m, c.of) ||
                !(sdp_is_high(w->m.g, p.w) || sdp_is_high(w->m.g, c.w)))
                continue;
            found |= want(w, p.of, p.w) && want(w, c.of, c.w);
        }
    return found;
}

// Of degree two or more under a root or a function, or in a divisor: norm(X,2),
// sum(x)^-2. Its arrays are wanted.
static bool is_delicate(walk *w, const sdp_node *n)
{
    sdp_num e = SDP_NUM_ONE;
    const sdp_homogeneous *h = sdp_homogeneous_function(n);
    bool found = false, power = n->kind == SDP_POW && sdp_is_number(w->m.g, n->arg[1], &e);
    bool divides = power && sdp_num_sign(w->m.g, e) < 0;
    if (n->kind == SDP_MUL) return is_delicate_product(w, n);
    if (power ? sdp_num_is_int(w->m.g, e) && !divides : !h || !h->delicate) return false;
    if (w->m.array[n->arg[0]]) return false; // 1/x^2 of an array is as good as it can be
    for (uint32_t i = 0; i < w->m.has[n->arg[0]].n; i++) {
        sdp_unit u = w->m.has[n->arg[0]].of[i];
        sdp_num whole = sdp_num_mul(w->m.g, u.w, e);
        if (sdp_is_high(w->m.g, u.w) || (divides && sdp_is_high(w->m.g, whole)))
            found |= want(w, u.of, u.w) && want(w, u.of, whole);
    }
    return found;
}

static void visit(walk *w, sdp_id id, uint32_t kept)
{
    w->scope[id] = w->scope[id] ? w->scope[id] & (kept | VISITED) : kept | VISITED;
}

// Tells the arguments of a node in scope which of their axes it keeps.
static void pass_down(walk *w, const sdp_node *n, uint32_t kept)
{
    const uint8_t *out = n->kind == SDP_MUL ? sdp_labels(w->m.g, n, n->nargs) : NULL;
    for (uint32_t i = 0; i < n->nargs; i++) {
        uint32_t order = sdp_get(w->m.g, n->arg[i])->order, mask = 0, axis = 0;
        for (uint32_t k = 0; k < order; k++) {
            if (out) {
                const uint8_t *at = n->order ? memchr(out, sdp_labels(w->m.g, n, i)[k], n->order) : NULL;
                if (at && kept >> (at - out) & 1) mask |= 1u << k;
            } else if (n->kind != SDP_PRIM) {
                mask |= kept & 1u << k;
            } else if (sdp_kept_axes(n, order) >> k & 1) {
                mask |= (kept >> axis++ & 1) << k;
            }
        }
        if (n->kind != SDP_POW || i == 0) visit(w, n->arg[i], mask);
    }
}

static bool find_scope(walk *w)
{
    bool any = false;
    for (uint32_t i = w->m.count; i-- > 0;) {
        const sdp_node *n = sdp_get(w->m.g, w->m.ids[i]);
        if (is_delicate(w, n)) any = true, pass_down(w, n, UINT32_MAX & ~VISITED);
        else if (w->scope[w->m.ids[i]] && !w->m.array[w->m.ids[i]]) pass_down(w, n, w->scope[w->m.ids[i]]);
    }
    return any;
}

static bool same_axes(const sdp_node *a, const sdp_node *b)
{
    return a->order == b->order && (!a->order || !memcmp(a->dim, b->dim, a->order * sizeof *a->dim));
}

// The arrays to scale; what has one exponent has it along one axis.
static void choose_arrays(walk *w)
{
    for (uint32_t i = 0; i < w->m.count; i++) {
        sdp_id id = w->m.ids[i], root = sdp_unit_root(&w->m, id);
        const sdp_node *n = sdp_get(w->m.g, id);
        if (!w->m.array[id] || !w->scope[id] || w->degree[root] <= 0 || n->order > 2) continue;
        if (w->narrays == MOST_ARRAYS) {
            w->narrays = 0;
            return;
        }
        w->chosen[w->narrays++] = (array){id, 0, SDP_WHOLE};
        uint32_t axes = same_axes(n, sdp_get(w->m.g, root)) ? w->scope[id] : VISITED;
        w->scope[root] = w->scope[root] ? w->scope[root] & axes : axes;
    }
    for (uint32_t k = 0; k < w->narrays; k++) {
        const sdp_node *n = sdp_get(w->m.g, w->chosen[k].id);
        uint32_t every = (1u << n->order) - 1, axes = w->scope[sdp_unit_root(&w->m, w->chosen[k].id)] & every;
        w->chosen[k].axis = !axes || axes == every ? SDP_WHOLE : axes == 1 ? 0 : 1;
    }
}

static array *chosen_array(walk *w, sdp_id id)
{
    for (uint32_t k = 0; k < w->narrays; k++)
        if (w->chosen[k].id == id) return &w->chosen[k];
    return NULL;
}

// ---- rewriting --------------------------------------------------------------------------------------------
// A variable that nobody can type: array x.node scaled by the exponent, or, without one, its exponent.
static sdp_id hidden(walk *w, sdp_scaled x, uint32_t order, const sdp_dim *dim, uint32_t facts)
{
    sdp_graph *g = w->m.g;
    const char *name = x.exponent ? sdp_printf(&g->base, "u$%u$%u", x.node, x.exponent)
                                  : sdp_printf(&g->base, "e$%u", x.node);
    if (x.axis != SDP_WHOLE) name = sdp_printf(&g->base, "%s[%u]", name, x.axis);
    sdp_id id = sdp_hidden_variable(g, name, order, dim, facts);
    x.variable = sdp_get(g, id)->param;
    w->s->stable->scaled = sdp_grown(&g->base, w->s->stable->scaled, w->s->stable->nscaled,
                                     &w->s->stable->scaled_cap, sizeof *w->s->stable->scaled);
    w->s->stable->scaled[w->s->stable->nscaled++] = x;
    return id;
}

// Exponents up to this one are left alone: nothing of the degrees seen leaves the range of double.
static int range_of(walk *w, sdp_id of)
{
    double degree = w->degree[sdp_unit_root(&w->m, of)];
    return degree * NEAR_ONE < LARGE ? NEAR_ONE : (int)(LARGE / degree);
}

// The exponent of an array: the largest of all that have it in common
static sdp_id exponent_of(walk *w, sdp_id of)
{
    sdp_id e = 0;
    for (uint32_t k = 0; k < w->narrays; k++) {
        array *a = &w->chosen[k];
        const sdp_node *n = sdp_get(w->m.g, a->id);
        if (sdp_unit_root(&w->m, a->id) != sdp_unit_root(&w->m, of)) continue;
        bool whole = a->axis == SDP_WHOLE, variable = n->kind == SDP_VAR;
        if (!a->exponent)
            a->exponent =
                hidden(w, (sdp_scaled){0, variable ? a->id : w->plain[a->id], 0, range_of(w, a->id), a->axis},
                       !whole, whole ? NULL : &n->dim[a->axis], 0);
        e = e ? sdp_map(w->m.g, SDP_OP_max, (sdp_id[]){e, a->exponent}) : a->exponent;
    }
    return e;
}

// The product m of arg, or the one node arg if m is NULL, times 2^(w e): those in u by axis of the output,
// those inside by label
static sdp_id with_units(walk *w, const sdp_node *m, const sdp_id *arg, const sdp_units *u,
                         const sdp_units *inside)
{
    static const uint8_t counting[SDP_MAX_ORDER] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    sdp_graph *g = w->m.g;
    const sdp_node *n = m ? m : sdp_get(g, arg[0]);
    uint32_t nargs = m ? m->nargs : 1, k = nargs, nlabels = 0;
    sdp_id *f = sdp_scratch(&g->base, (nargs + 2 * SDP_MOST_UNITS) * sizeof *f),
           two = sdp_number(g, SDP_NUM_TWO);
    uint8_t *label = sdp_scratch(&g->base, (nargs + 2 * SDP_MOST_UNITS) * SDP_MAX_ORDER);
    const uint8_t *out = m ? sdp_labels(g, m, nargs) : counting;
    for (uint32_t i = 0; i < nargs; i++) {
        uint32_t order = sdp_get(g, f[i] = arg[i])->order;
        sdp_copy(label + nlabels, m ? sdp_labels(g, m, i) : counting, order);
        nlabels += order;
    }
    for (uint32_t i = 0; i < (uint32_t)u->n + inside->n; i++) {
        const sdp_unit *x = i < u->n ? &u->of[i] : &inside->of[i - u->n];
        sdp_id e = exponent_of(w, x->of);
        const sdp_node *axes = sdp_get(g, e);
        f[k++] = sdp_power(g, axes->order ? sdp_broadcast(g, two, axes->order, axes->dim) : two,
                           sdp_scale(g, x->w, e));
        if (axes->order) label[nlabels++] = i < u->n ? out[x->axis] : x->axis;
    }
    return sdp_mul(g, m ? m->coef[0] : SDP_NUM_ONE, k, f, label, n->order, out, m ? m->ldim : n->dim);
}

// log(2^(w e) x) = log(x) + log(2) w e, of a determinant of order n times n; 0: another node
static sdp_id logarithm(walk *w, const sdp_node *n)
{
    const sdp_homogeneous *h = sdp_homogeneous_function(n);
    const sdp_units *u = h && h->logarithm ? &w->m.has[n->arg[0]] : &none;
    for (uint32_t i = 0; i < u->n; i++)
        if (u->of[i].axis != SDP_WHOLE) return 0;
    if (!u->n) return 0;
    sdp_graph *g = w->m.g;
    sdp_id scaled = w->scaled[n->arg[0]], log2 = sdp_map1(g, SDP_OP_log, sdp_number(g, SDP_NUM_TWO));
    sdp_id sum = n->kind == SDP_MAP ? sdp_map1(g, n->op, scaled) : sdp_prim(g, n->op, 1, &scaled, n->param);
    if (n->kind == SDP_PRIM) log2 = sdp_times(g, log2, sdp_dim_value(g, sdp_get(g, n->arg[0])->dim[0]));
    for (uint32_t i = 0; i < u->n; i++) {
        sdp_id more = sdp_scale(g, u->of[i].w, sdp_times(g, log2, exponent_of(w, u->of[i].of)));
        sum = sdp_add2(g, sum, n->order ? sdp_broadcast(g, more, n->order, n->dim) : more);
    }
    return sum;
}

static void rewrite(walk *w, sdp_id id, sdp_id *arg)
{
    const sdp_node *n = sdp_get(w->m.g, id);
    sdp_units inside = none, *u = &w->m.has[id];
    const array *own = chosen_array(w, id);
    if (!w->m.array[id] && sdp_units_of(&w->m, n, u, &inside)) {
        for (uint32_t i = 0; i < n->nargs; i++)
            arg[i] = n->kind != SDP_MUL && sdp_is_neutral(&w->m, n, i) ? w->plain[n->arg[i]]
                                                                       : w->scaled[n->arg[i]];
        w->scaled[id] = inside.n ? with_units(w, n, arg, &none, &inside) : sdp_rebuild(w->m.g, id, arg);
        w->plain[id] = u->n ? with_units(w, NULL, &w->scaled[id], u, &none) : w->scaled[id];
        return;
    }
    for (uint32_t i = 0; i < n->nargs; i++) arg[i] = w->plain[n->arg[i]];
    w->plain[id] = logarithm(w, n);
    if (!w->plain[id]) w->plain[id] = sdp_rebuild(w->m.g, id, arg);
    w->scaled[id] = w->plain[id];
    *u = none;
    if (!own) return;
    const uint32_t facts = SDP_SYMMETRIC | SDP_POSDEF | SDP_PSD | SDP_DIAGONAL | SDP_TRI_LOWER |
                           SDP_TRI_UPPER | SDP_POSITIVE | SDP_NONNEG;
    sdp_scaled x = {0, w->plain[id], exponent_of(w, id), 0, own->axis};
    w->scaled[id] = hidden(w, x, n->order, n->dim, sdp_facts(w->m.g, id).yes & facts);
    *u = (sdp_units){1, {{id, SDP_NUM_ONE, own->axis}}};
}

// An array at a value of which something cancels is not scaled: (cos(a)-sin(a)/a)/a beside sqrt(a^6+b^6),
// where cos(a) is of a itself, has no series in a scaled a.
static void leave_alone(walk *w, sdp_id place)
{
    if (place && place <= w->last && w->m.array[place]) w->m.inside[sdp_unit_root(&w->m, place)] = true;
}

static void leave_places(walk *w, const sdp_series_found *found)
{
    const sdp_expansions *x = found->expansions;
    for (sdp_id id = 0; id < x->n; id++)
        if (x->of[id].cancels) leave_alone(w, x->of[id].atom);
    for (uint32_t i = 0; i < found->jets->nat; i++)
        if (found->jets->at[i].digits) leave_alone(w, found->jets->at[i].t);
}

// The outputs, with what is delicate in them scaled, in scratch. Arrays are added to s->stable->scaled.
const sdp_id *sdp_schedule_scaled(sdp_schedule *s, uint32_t n, const sdp_id *output,
                                  const sdp_series_found *found)
{
    sdp_graph *g = s->g;
    walk w = {.s = s};
    uint32_t count, most = 0;
    s->stable = sdp_scratch(&g->base, sizeof *s->stable);
    const sdp_id *ids = sdp_reachable(g, n, output, &count), last = count ? ids[count - 1] : 0;
    w.last = last;
    w.degree = sdp_scratch(&g->base, (last + 1u) * sizeof *w.degree);
    w.scope = sdp_scratch(&g->base, (last + 1u) * sizeof *w.scope);
    sdp_measure_units(&w.m, g, count, ids);
    leave_places(&w, found);
    if (!find_scope(&w)) return output;
    choose_arrays(&w);
    if (!w.narrays) return output;
    w.plain = sdp_scratch(&g->base, (last + 1u) * sizeof *w.plain);
    w.scaled = sdp_scratch(&g->base, (last + 1u) * sizeof *w.scaled);
    for (uint32_t i = 0; i < count; i++)
        if (sdp_get(g, ids[i])->nargs > most) most = sdp_get(g, ids[i])->nargs;
    sdp_id *arg = sdp_scratch(&g->base, (most + 1) * sizeof *arg),
           *root = sdp_scratch(&g->base, (n + 1) * sizeof *root);
    for (uint32_t i = 0; i < count; i++) rewrite(&w, ids[i], arg);
    for (uint32_t i = 0; i < n; i++) root[i] = w.plain[output[i]];
    return root;
}

// ---- lowering ---------------------------------------------------------------------------------------------
// The exponent of the largest |x|, along an axis or SDP_WHOLE; 0 near 1
static sdp_val exponent_value(sdp_schedule *s, sdp_val x, int range, uint8_t axis)
{
    const sdp_value *v = &s->value[x];
    uint32_t every = (1u << v->order) - 1, mask = axis == SDP_WHOLE ? every : every & ~(1u << axis);
    sdp_dim kept = axis == SDP_WHOLE ? 0 : v->dim[axis];
    sdp_val arg[2] = {x, sdp_value_number(s, sdp_num_int(s->g, range))};
    return sdp_value_simple(s, SDP_V_REDUCE, 2, arg, SDP_RED_EXPONENT, mask, axis != SDP_WHOLE, &kept);
}

// x times 2^-e, along an axis or WHOLE
static sdp_val scaled_value(sdp_schedule *s, sdp_val x, sdp_val e, uint8_t axis)
{
    sdp_num minus = SDP_NUM_MINUS_ONE;
    sdp_val power[2] = {sdp_value_filled(s, SDP_NUM_TWO, e), sdp_value_sum(s, 1, &minus, &e)}, f[2] = {x, 0};
    f[1] = sdp_value_simple(s, SDP_V_POW, 2, power, 0, 0, s->value[e].order, s->value[e].dim);
    const sdp_value *v = &s->value[x];
    sdp_ix ix[5] = {0};
    uint32_t n = v->order;
    sdp_plain_labels(ix, n);
    if (axis != SDP_WHOLE) ix[n++] = axis;
    sdp_plain_labels(ix + n, v->order);
    return sdp_value_einsum(s, SDP_NUM_ONE, 2, f, ix, v->order, v->dim, v->dim);
}

const sdp_scaled *sdp_scaled_variable(const sdp_schedule *s, sdp_id id)
{
    const sdp_node *n = id ? sdp_get(s->g, id) : NULL;
    for (uint32_t k = 0; n && n->kind == SDP_VAR && k < s->stable->nscaled; k++)
        if (s->stable->scaled[k].variable == n->param) return &s->stable->scaled[k];
    return NULL;
}

// Are x, or |x|, arrays that have been scaled?
bool sdp_is_scaled(const sdp_schedule *s, sdp_id x)
{
    const sdp_node *n = sdp_get(s->g, x);
    return sdp_scaled_variable(s, n->kind == SDP_MAP && n->op == SDP_OP_abs ? n->arg[0] : x);
}

// The value of a hidden variable; 0: it is another one.
sdp_val sdp_lower_scaled(sdp_schedule *s, sdp_id id)
{
    const sdp_scaled *x = sdp_scaled_variable(s, id);
    return !x            ? 0
           : x->exponent ? scaled_value(s, s->of[x->node], s->of[x->exponent], x->axis)
                         : exponent_value(s, s->of[x->node], x->range, x->axis);
}
