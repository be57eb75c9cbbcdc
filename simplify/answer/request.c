// SPDX-License-Identifier: MIT
// What users ask for: gradients, Jacobians, Hessians, products with directions, higher orders, layouts.
// One reverse pass serves all variables of a request; a Hessian is the Jacobian of the gradient; a product of
// the Hessian with a direction is forward mode over the gradient and never forms the Hessian.
#include <string.h>

#include "simplify/answer/request.h"

_Noreturn void sdp_request_usage(const sdp_request *q, const char *hint, const char *message)
{
    sdp_fail(&q->g->base, SD_ERR_USAGE, (sdp_span){0, 0}, hint, "%s", message);
}

// ---- variables and directions -----------------------------------------------------------------------------------

// Which variables the expression contains, by index.
static bool *find_used(sdp_graph *g, sdp_id root)
{
    bool *used = sdp_scratch(&g->base, g->nvars + 1);
    uint32_t n;
    sdp_id *list = sdp_reachable(g, 1, &root, &n);
    for (uint32_t i = 0; i < n; i++)
        if (sdp_get(g, list[i])->kind == SDP_VAR) used[sdp_get(g, list[i])->param] = true;
    return used;
}

static _Noreturn void absent(sdp_request *q, const char *name)
{
    sdp_graph *g = q->g;
    const char **all = sdp_scratch(&g->base, (g->nvars + 1) * sizeof *all);
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->nvars; i++)
        if (q->used[i]) all[n++] = g->var[i].name;
    const char *near = sdp_nearest(name, all, n);
    const char *hint = near ? sdp_printf(&g->base, "did you mean '%s'?", near) : NULL;
    size_t length = strlen(name);
    for (uint32_t i = 0; i < n; i++) { // a product without an operator: Ax
        size_t all_length = strlen(all[i]);
        if (all_length <= length || strcmp(all[i] + all_length - length, name)) continue;
        hint = sdp_printf(&g->base, "'%s' is one name; for a product write %.*s*%s", all[i], (int)(all_length - length), all[i], name);
        near = name;
    }
    if (!near && n && n <= 8) {
        hint = "its variables are ";
        for (uint32_t i = 0; i < n; i++) hint = sdp_printf(&g->base, "%s%s%s", hint, i ? ", " : "", all[i]);
    }
    sdp_fail(&g->base, SD_ERR_NAME, (sdp_span){0, 0}, hint, "the expression has no variable '%s'", name);
}

static void find_variables(sdp_request *q)
{
    sdp_graph *g = q->g;
    const char *p = q->r->wrt;
    if (!p || !*p) sdp_request_usage(q, "--wrt VAR names it", "by which variable? none is given");
    uint32_t most = 1;
    for (const char *c = p; *c; c++) most += *c == ',';
    bool *named = sdp_scratch(&g->base, g->nvars + 1);
    q->used = find_used(g, q->f.node);
    q->wrt = sdp_scratch(&g->base, most * sizeof *q->wrt);
    q->var = sdp_alloc(&g->base, most * sizeof *q->var);
    for (;; p++) {
        size_t n = strcspn(p, ","), lead = strspn(p, " ");
        if (lead > n) lead = n;
        const char *end = p + n;
        while (end > p + lead && end[-1] == ' ') end--;
        char *name = sdp_strndup(&g->base, p + lead, (size_t)(end - p) - lead);
        if (!*name) sdp_request_usage(q, NULL, "an empty name in the list of variables");
        uint32_t v = sdp_variable_find(g, name);
        if (v == UINT32_MAX || g->var[v].is_function) absent(q, name);
        if (g->var[v].shape.rows == SDP_DIM_NONE) absent(q, name);
        if (named[v]) sdp_request_usage(q, NULL, sdp_printf(&g->base, "'%s' is named twice", name));
        named[v] = true;
        q->var[q->n] = v;
        q->wrt[q->n++] = sdp_var(g, v);
        p += n;
        if (!*p) return;
    }
}

bool sdp_request_moves(const sdp_request *q, const sdp_id *e)
{
    sdp_graph *g = q->g;
    uint32_t count;
    sdp_id *list = sdp_reachable(g, q->n, e, &count);
    bool *by = sdp_scratch(&g->base, g->nvars + 1), moves = false;
    for (uint32_t i = 0; i < q->n; i++) by[q->var[i]] = true;
    for (uint32_t i = 0; i < count; i++) moves |= sdp_get(g, list[i])->kind == SDP_VAR && by[sdp_get(g, list[i])->param];
    return moves;
}

// If a variable of differentiation is curved, its twin takes its place, here and in the expression.
static void free_variables(sdp_request *q)
{
    sdp_graph *g = q->g;
    bool any = false;
    for (uint32_t i = 0; i < q->n; i++) any |= g->var[q->var[i]].twin != 0;
    if (!q->f.free || !any) {
        q->f.free = 0;
        return;
    }
    for (uint32_t i = 0; i < q->n; i++) {
        if (!g->var[q->var[i]].twin) continue;
        q->var[i] = g->var[q->var[i]].twin - 1;
        q->wrt[i] = sdp_var(g, q->var[i]);
    }
    q->f.node = q->f.free;
    sdp_without_twins(g, 1, &q->f.node, q->n, q->var);
}

static bool plain_name(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
        if (!letter && !(i && c >= '0' && c <= '9')) return false;
    }
    return n > 0;
}

// One direction: an expression; a new name becomes a variable of the shape and structure that are needed.
static sdp_id direction(sdp_request *q, const char *text, size_t n, sdp_shape shape, uint32_t facts, const char *what)
{
    sdp_graph *g = q->g;
    while (n && *text == ' ') text++, n--;
    while (n && text[n - 1] == ' ') n--;
    char *name = sdp_strndup(&g->base, text, n);
    if (plain_name(text, n) && sdp_ops[sdp_op_find(name, n)].kind != SDP_OP_CONST) {
        uint32_t v = sdp_variable_find(g, name);
        if (v == UINT32_MAX) v = sdp_variable_new(g, name);
        if (g->var[v].shape.rows == SDP_DIM_NONE) {
            g->var[v].shape = shape;
            g->var[v].facts = facts;
            g->var[v].inferred = true;
        }
    }
    sdp_surface d = sdp_read(g, name, n, "<direction>", false, NULL, NULL);
    if (!d.node) sdp_request_usage(q, NULL, "the direction is empty");
    sdp_with_twins(g, 1, &d.node, q->n, q->var);
    sdp_dim want[2], have[2];
    int order = sdp_shape_axes(shape, want);
    if (order != sdp_shape_axes(d.shape, have) || memcmp(want, have, (size_t)order * sizeof *want)) {
        sdp_fail(&g->base, SD_ERR_SHAPE, (sdp_span){0, (uint32_t)n}, "a direction or point has the shape of its variable, of the value for --vjp", "for %s this must be %s, not %s", what, sdp_shape_text(g, shape),
                 sdp_shape_text(g, d.shape));
    }
    return d.node;
}

// A point is given like a direction; a number fills a vector or matrix: --around 0.
static sdp_id point(sdp_request *q, const char *text, size_t n, uint32_t var)
{
    sdp_graph *g = q->g;
    const sdp_node *x = sdp_get(g, g->var[var].node);
    if (x->order == 0 || plain_name(text, n)) return direction(q, text, n, g->var[var].shape, g->var[var].facts, g->var[var].name);
    sdp_surface p = sdp_read(g, sdp_strndup(&g->base, text, n), n, "<point>", false, NULL, NULL);
    if (p.node && sdp_get(g, p.node)->order == 0) return sdp_broadcast(g, p.node, x->order, x->dim);
    return direction(q, text, n, g->var[var].shape, g->var[var].facts, g->var[var].name);
}

sdp_id *sdp_request_list(sdp_request *q, const char *text, bool points)
{
    sdp_graph *g = q->g;
    sdp_id *d = sdp_alloc(&g->base, q->n * sizeof *d);
    const char *p = text, *what = points ? "point" : "direction";
    if (!p || !*p) sdp_request_usage(q, NULL, sdp_printf(&g->base, "a %s is missing", what));
    for (uint32_t i = 0; i < q->n; i++) {
        int depth = 0;
        size_t n = 0;
        for (; p[n] && (p[n] != ',' || depth); n++) depth += (p[n] == '(' || p[n] == '[') - (p[n] == ')' || p[n] == ']');
        const sdp_variable *x = &g->var[q->var[i]];
        d[i] = points ? point(q, p, n, q->var[i]) : direction(q, p, n, x->shape, sdp_linear_structure(g, q->wrt[i]), x->name);
        if (!points) d[i] = sdp_project(g, d[i], q->wrt[i], SD_PROJECTED); // what leaves the space of X is no direction of X
        p += n;
        if ((*p == ',') != (i + 1 < q->n)) sdp_request_usage(q, NULL, sdp_printf(&g->base, "there must be one %s for each variable", what));
        p += *p == ',';
    }
    return d;
}

static const sdp_id *directions(sdp_request *q)
{
    q->out->along = true;
    return q->out->direction = sdp_request_list(q, q->r->direction, false);
}

// ---- answers -----------------------------------------------------------------------------------------------------

sdp_entry *sdp_request_entry(sdp_request *q, sdp_id node, uint32_t i, uint32_t j, const char *label)
{
    const char *name = i < q->n ? q->g->var[q->var[i]].name : "", *second = j < q->n ? q->g->var[q->var[j]].name : "";
    struct sd_result *r = q->out;
    r->entry = sdp_grown_kept(&q->g->base, r->entry, (uint32_t)r->n, &q->entries, sizeof *r->entry);
    sdp_entry *e = &r->entry[r->n++];
    *e = (sdp_entry){.label = label, .row = name, .column = second, .node = node, .value_order = (uint8_t)value_order(q)};
    return e;
}

// Denominator layout of three axes or more: those of the variables in front of those of the value.
static void turn(const sdp_request *q, sdp_entry *e)
{
    uint8_t axis[SDP_MAX_ORDER];
    int value = value_order(q), order = sdp_get(q->g, e->node)->order;
    if (q->r->layout != SD_DENOMINATOR || value == 0 || order < 3 || order == value) return;
    for (int k = 0; k < order; k++) axis[k] = (uint8_t)(k < order - value ? k + value : k - (order - value));
    e->node = sdp_permute(q->g, e->node, axis);
    e->turned = true;
}

// The axes of a Jacobian swap in denominator layout; a gradient has the shape of its variable in both.
static void lay_out(sdp_request *q, sdp_entry *e, sdp_shape x, bool jacobian)
{
    sdp_graph *g = q->g;
    int value = value_order(q), order = sdp_get(g, e->node)->order;
    bool denominator = q->r->layout == SD_DENOMINATOR;
    if (value == 0) e->is_row = order == 1 && (jacobian && !sdp_is_row(x) ? !denominator : sdp_is_row(x));
    else if (order == value) e->is_row = value == 1 && (sdp_is_row(q->f.shape) != denominator); // by a scalar
    else if (order == 2 && value == 1 && denominator) e->node = sdp_transpose(g, e->node), e->turned = true;
    else turn(q, e);
}

// Has the value a function of a matrix with a tangent of its own? By a scalar t, forward mode knows that t*A commutes with A.
static bool has_matrix_function(sdp_graph *g, sdp_id value)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    uint32_t count;
    sdp_id *list = sdp_reachable(g, 1, &value, &count);
    bool found = false;
    for (uint32_t i = 0; i < count && !found; i++) found = sdp_is_matrix_function(sdp_get(g, list[i]));
    sdp_scratch_release(&g->base, m);
    return found;
}

static bool by_scalars(const sdp_request *q)
{
    for (uint32_t i = 0; i < q->n; i++)
        if (sdp_get(q->g, q->wrt[i])->order) return false;
    return true;
}

// Derivatives by all variables, each in the space of its variable.
static void derivatives(sdp_request *q, sdp_id value, sdp_id *d)
{
    // the tangents of an array have no more axes
    bool forward = by_scalars(q) && ((q->way.forward && q->out->order > 1) || sdp_get(q->g, value)->order > 0 || has_matrix_function(q->g, value));
    sdp_id one = sdp_number(q->g, SDP_NUM_ONE);
    if (!forward) sdp_reverse(q->g, value, q->n, q->wrt, d);
    for (uint32_t i = 0; forward && i < q->n; i++) d[i] = sdp_jvp(q->g, value, 1, &q->wrt[i], &one);
    for (uint32_t i = 0; i < q->n; i++) d[i] = sdp_project(q->g, d[i], q->wrt[i], q->r->symmetric);
}

static void first_order(sdp_request *q, bool jacobian)
{
    sdp_graph *g = q->g;
    sdp_id *d = sdp_scratch(&g->base, q->n * sizeof *d);
    derivatives(q, q->f.node, d);
    for (uint32_t i = 0; i < q->n; i++) {
        const char *label = q->n > 1 ? sdp_printf(&g->base, "d/d%s", g->var[q->var[i]].name) : "";
        lay_out(q, sdp_request_entry(q, d[i], i, UINT32_MAX, label), g->var[q->var[i]].shape, jacobian);
    }
}

static void second_order(sdp_request *q)
{
    sdp_graph *g = q->g;
    sdp_id *d = sdp_scratch(&g->base, q->n * sizeof *d), *h = sdp_scratch(&g->base, q->n * sizeof *h);
    derivatives(q, q->f.node, d);
    if (q->way.collected) sdp_simplify_all(g, q->n, d);
    for (uint32_t i = 0; i < q->n; i++) {
        derivatives(q, d[i], h);
        for (uint32_t j = 0; j < q->n; j++) {
            const char *a = g->var[q->var[i]].name, *b = g->var[q->var[j]].name;
            sdp_entry *e = sdp_request_entry(q, h[j], i, j, q->n > 1 ? sdp_printf(&g->base, "d2/d%sd%s", a, b) : "");
            // a block d2/dx ds is a vector in the place of x; d2/ds dx one in the place of x, on its side
            bool by_vector = sdp_get(g, q->wrt[i])->order == 0;
            e->is_row = sdp_get(g, e->node)->order == 1 && value_order(q) == 0 && by_vector;
            turn(q, e);
        }
    }
}

static void high_order(sdp_request *q, int k)
{
    sdp_graph *g = q->g;
    if (q->n > 1) sdp_request_usage(q, NULL, "derivatives beyond the second are taken by one variable");
    sdp_id d = q->f.node;
    for (int i = 0; i < k; i++) {
        derivatives(q, d, &d);
        if (q->way.collected) d = sdp_simplify(g, d);
    }
    sdp_entry *e = sdp_request_entry(q, d, 0, UINT32_MAX, "");
    if (sdp_get(g, q->wrt[0])->order == 0) e->is_row = value_order(q) == 1 && sdp_is_row(q->f.shape);
    turn(q, e);
}

static void hessian_product(sdp_request *q)
{
    sdp_graph *g = q->g;
    const sdp_id *v = directions(q);
    sdp_id *d = sdp_scratch(&g->base, q->n * sizeof *d);
    derivatives(q, q->f.node, d);
    if (q->way.collected) sdp_simplify_all(g, q->n, d);
    sdp_jvp_all(g, q->n, d, q->n, q->wrt, v, d);
    for (uint32_t i = 0; i < q->n; i++) {
        const char *label = q->n > 1 ? sdp_printf(&g->base, "d/d%s", g->var[q->var[i]].name) : "";
        sdp_entry *e = sdp_request_entry(q, d[i], i, UINT32_MAX, label);
        e->is_row = sdp_is_row(g->var[q->var[i]].shape);
    }
}

static void vector_jacobian(sdp_request *q)
{
    sdp_graph *g = q->g;
    sdp_id *d = sdp_scratch(&g->base, q->n * sizeof *d);
    if (!q->r->direction || !*q->r->direction) sdp_request_usage(q, NULL, "a direction is missing");
    sdp_id *u = sdp_alloc(&g->base, sizeof *u);
    *u = direction(q, q->r->direction, strlen(q->r->direction), q->f.shape, 0, "the value");
    q->out->cotangent = true;
    q->out->direction = u;
    sdp_vjp(g, q->f.node, *u, q->n, q->wrt, d);
    for (uint32_t i = 0; i < q->n; i++) {
        const char *label = q->n > 1 ? sdp_printf(&g->base, "d/d%s", g->var[q->var[i]].name) : "";
        d[i] = sdp_project(g, d[i], q->wrt[i], q->r->symmetric);
        sdp_entry *e = sdp_request_entry(q, d[i], i, UINT32_MAX, label);
        e->value_order = 0; // all axes are the variable's
        e->is_row = sdp_is_row(g->var[q->var[i]].shape);
    }
}

static void need_scalar(sdp_request *q, const char *what)
{
    if (value_order(q) == 0) return;
    sdp_request_usage(q, "--jacobian differentiates vectors and matrices",
          sdp_printf(&q->g->base, "only a scalar has a %s; the expression is %s", what, sdp_shape_text(q->g, q->f.shape)));
}

static void answer(sdp_request *q)
{
    const sd_request *r = q->r;
    int order = r->order;
    if (order < 0 || order > SD_MAX_ORDER) sdp_request_usage(q, NULL, sdp_printf(&q->g->base, "the order must be from 0 to %d", SD_MAX_ORDER));
    switch (r->what) {
    case SD_VALUE: break;
    case SD_HVP:
        need_scalar(q, "Hessian");
        q->out->order = 2;
        hessian_product(q);
        return;
    case SD_JVP:
        q->out->order = 1;
        sdp_request_entry(q, sdp_jvp(q->g, q->f.node, q->n, q->wrt, directions(q)), UINT32_MAX, UINT32_MAX, "")->is_row = sdp_is_row(q->f.shape);
        return;
    case SD_VJP:
        q->out->order = 1;
        vector_jacobian(q);
        return;
    case SD_ALONG: sdp_request_along(q); return;
    case SD_DIFFERENTIAL: sdp_request_differential(q); return;
    case SD_TAYLOR: sdp_request_taylor(q); return;
    case SD_GRADIENT: need_scalar(q, "gradient"); break;
    case SD_HESSIAN: need_scalar(q, "Hessian"); order = order ? order : 2; break;
    default: break;
    }
    if (order == 0) order = r->what == SD_VALUE ? 0 : 1;
    q->out->order = order;
    if (order == 0) sdp_request_entry(q, q->f.node, UINT32_MAX, UINT32_MAX, "")->is_row = sdp_is_row(q->f.shape);
    else if (order == 1) first_order(q, r->what == SD_JACOBIAN);
    else if (order == 2) second_order(q);
    else high_order(q, order);
}

// The conventions that the answer follows, for the legend.
static void name_conventions(sdp_request *q)
{
    sdp_text note;
    sdp_text_init(&note, &q->g->base);
    for (uint32_t i = 0; i < q->n; i++) {
        const char *c = sdp_convention(q->g, q->wrt[i], q->r->symmetric);
        if (c) sdp_putf(&note, "%s%s", note.n ? "; " : "", c);
    }
    if (note.n) q->out->note = sdp_strndup(&q->g->base, note.s, note.n);
    sdp_text_free(&note);
}

// All entries in one walk: they share most of their graphs. What is shown can be another formula than what is computed.
static void simplify_entries(sdp_request *q)
{
    struct sd_result *r = q->out;
    sdp_graph *g = q->g;
    uint32_t n = (uint32_t)r->n;
    sdp_id *exact = sdp_scratch(&g->base, (n + 1) * sizeof *exact), *shown = sdp_scratch(&g->base, (n + 1) * sizeof *shown);
    for (uint32_t i = 0; i < n; i++) exact[i] = r->entry[i].node;
    if (q->f.free) sdp_without_twins(g, n, exact, 0, NULL);
    sdp_copy(shown, exact, n * sizeof *shown);
    bool differs = sdp_textbook(g, n, shown) || sdp_is_readable(g, n, shown);
    sdp_simplify_computed(g, n, exact);
    if (differs) sdp_simplify_all(g, n, shown);
    else sdp_copy(shown, exact, n * sizeof *shown);
    for (uint32_t i = 0; i < n; i++) {
        r->entry[i].exact = sdp_is_zero(g, shown[i]) ? shown[i] : exact[i]; // 0 needs no data
        r->entry[i].node = shown[i];
        sdp_id *term = sdp_alloc(&g->base, (r->entry[i].nterms + 1) * sizeof *term);
        sdp_copy(term, r->entry[i].term, r->entry[i].nterms * sizeof *term);
        sdp_textbook(g, r->entry[i].nterms, term);
        r->entry[i].term = term;
    }
}

static struct sd_result *simplified_answer(sdp_request *q, sd_expr expr, sdp_way way)
{
    q->out = sdp_alloc(&q->g->base, sizeof *q->out);
    *q->out = (struct sd_result){.g = q->g, .expr = expr, .value = q->f.node, .ntyped = q->f.ntyped, .typed = q->f.typed, .nwrt = q->n, .wrt = q->var, .convention = q->r->symmetric};
    q->entries = 0;
    q->way = way;
    answer(q);
    simplify_entries(q);
    return q->out;
}

static uint32_t length(sdp_graph *g, const struct sd_result *r, uint32_t *nodes)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_tokens size = {.g = g};
    sdp_id *root = sdp_scratch(&g->base, (r->n + 1) * sizeof *root);
    uint32_t sum = 0;
    for (size_t i = 0; i < r->n; i++) root[i] = r->entry[i].node;
    const sdp_id *list = sdp_reachable(g, (uint32_t)r->n, root, nodes);
    for (uint32_t i = 0; i < *nodes; i++) sdp_tokens_of(&size, list[i]);
    for (size_t i = 0; i < r->n; i++) sum += sdp_tokens_of(&size, root[i]);
    sdp_tokens_release(&size);
    sdp_scratch_release(&g->base, m);
    return sum;
}

// A higher derivative is taken in several ways, and the shortest answer is shown, the first of equals. A derivative of a collected
// derivative is shorter in most cases, but k/p-(n-k)/(1-p) is collected to (k/p-n)/(1-p). By scalars, tangents keep the functions
// inside others whole, f(g)'' = f''(g)*g'^2+f'(g)*g'', where adjoints gather at the innermost one and grow by a large factor with
// each order; they are shorter only for the likes of x^x.
static void take_shortest(sdp_request *q, sd_expr expr)
{
    static const struct { sdp_way way; uint32_t most; } ways[] = { // most: nodes of the answer before that make it worth the attempt
        {{.forward = true}, 0}, {{.forward = true, .collected = true}, 200}, {{.collected = true}, 40}, {{.collected = false}, 400},
    };
    uint32_t shortest = UINT32_MAX, nodes = 0;
    struct sd_result *best = NULL;
    for (size_t i = by_scalars(q) ? 0 : 2; i < sizeof ways / sizeof *ways && nodes <= ways[i].most; i++) {
        struct sd_result *r = simplified_answer(q, expr, ways[i].way);
        uint32_t size = r->order < 2 ? 0 : length(q->g, r, &nodes);
        if (size < shortest) best = r, shortest = size;
        if (r->order < 2) break;
    }
    q->out = best;
}

struct sd_result *sdp_derive(sdp_graph *g, sd_expr expr, sdp_surface f, const sd_request *r)
{
    sdp_mark m = sdp_scratch_mark(&g->base);
    sdp_request q = {.g = g, .r = r, .f = f};
    g->base.source = NULL;
    g->base.here = (sdp_span){0, 0};
    if ((unsigned)r->what > SD_TAYLOR || (unsigned)r->layout > SD_DENOMINATOR || (unsigned)r->symmetric > SD_COOKBOOK)
        sdp_request_usage(&q, NULL, "the request has a number that stands for nothing");
    if (r->what != SD_VALUE) find_variables(&q);
    free_variables(&q);
    take_shortest(&q, expr);
    name_conventions(&q);
    sdp_scratch_release(&g->base, m);
    return q.out;
}

sdp_id sdp_derivative_term(sdp_graph *g, int op, sdp_id f, sdp_id x)
{
    sdp_id d;
    sdp_reverse(g, f, 1, &x, &d);
    d = sdp_simplify(g, sdp_project(g, d, x, SD_PROJECTED));
    if (op != SDP_OP_hessian) return d;
    sdp_reverse(g, d, 1, &x, &d);
    return sdp_simplify(g, sdp_project(g, d, x, SD_PROJECTED));
}
