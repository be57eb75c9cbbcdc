// SPDX-License-Identifier: MIT
// Index notation: one entry of a tensor, for what matrix notation can't say.
//
//     dF[i,j]/dX[k,l] = A[i,k]*B[l,j]          sum_p(A[i,p]*B[j,p]*C[k,p])          delta(i,k)
//
// A node is opened with a letter per axis: sums and element-wise functions open their arguments with the
// same letters, a product gives a fresh letter to each bound label. A part that has matrix notation
// stays closed and is only subscripted: (X*t-Y)[i], and so are parts of a product (index_group.c):
// (V'*V)[j,l]. Opened nodes are jobs in one array, users before arguments; running through it backwards
// builds the tree without recursion.
#include <string.h>

#include "codegen/raise/index.h"

typedef struct {
    sdp_id id;
    // first of nargs jobs; of a product: of those of its factors that are items of the plan
    uint32_t child;
    const sdp_index_plan *plan; // MUL
    const uint16_t *label;      // MUL: letter of each label
    sdp_rid done;
    uint16_t next;              // first letter not used by the users
    uint16_t at[SDP_MAX_ORDER]; // letter of each axis
} job;

typedef struct {
    sdp_raiser *r;
    const char *const *letter;
    uint32_t nletters;
    job *j;
    uint32_t n, cap;
} opener;

static uint32_t add_job(opener *o, sdp_id id, const uint16_t *at, uint16_t next)
{
    sdp_base *b = &o->r->g->base;
    if (o->n * sizeof *o->j > b->limit.output) sdp_limit(b, "output", b->limit.output);
    o->j = sdp_grown(b, o->j, o->n, &o->cap, sizeof *o->j);
    job *j = &o->j[o->n];
    *j = (job){.id = id, .next = next};
    memcpy(j->at, at, sdp_get(o->r->g, id)->order * sizeof *at);
    return o->n++;
}

static sdp_rid letter(opener *o, uint16_t i)
{
    if (i >= o->nletters) sdp_limit(&o->r->g->base, "labels", o->nletters);
    return sdp_r_make(o->r, (sdp_raised){.kind = SDP_R_NAME,
                                         .form = SDP_SCALAR,
                                         .text = o->letter[i],
                                         .seen = UINT32_MAX,
                                         .fixed = true});
}

static bool has_matrix_form(const opener *o, sdp_id id)
{
    return sdp_get(o->r->g, id)->order <= 2 && o->r->of[id] && o->r->of[id] != SDP_UNRAISED;
}

// Printed in that form. Not so eye(n) and ones(n): their entries are delta(i,j) and 1.
static bool closed(const opener *o, sdp_id id)
{
    const sdp_node *n = sdp_get(o->r->g, id);
    return has_matrix_form(o, id) && (n->kind != SDP_MUL || n->nargs || n->order == 0);
}

// The letters of a product's labels: those of its axes, then fresh ones, which each sum uses anew. A repeated
// output label gets the earliest letter of its axes. Returns the first letter that no sum uses.
static uint16_t plan_product(opener *o, job *j)
{
    const sdp_node *n = sdp_get(o->r->g, j->id);
    const uint8_t *out = sdp_labels(o->r->g, n, n->nargs);
    uint16_t *of = sdp_scratch(&o->r->g->base, (n->nlabels + 1u) * sizeof *of), end = j->next;
    for (uint8_t l = 0; l < n->nlabels; l++) {
        of[l] = UINT16_MAX;
        for (int k = 0; k < n->order; k++)
            if (out[k] == l && j->at[k] < of[l]) of[l] = j->at[k];
    }
    const sdp_index_plan *p = sdp_index_group(o->r, n, of);
    for (uint8_t l = 0; l < n->nlabels; l++) {
        if (!p->summed[l]) continue;
        of[l] = j->next;
        for (uint8_t m = 0; m < l; m++)
            if (p->summed[m] && p->sum_of[m] == p->sum_of[l]) of[l]++;
        if (of[l] >= end) end = of[l] + 1;
    }
    j->label = of;
    j->plan = p;
    return end;
}

static void open_product(opener *o, uint32_t at)
{
    job j = o->j[at];
    const sdp_node *n = sdp_get(o->r->g, j.id);
    uint16_t arg[SDP_MAX_ORDER], next = plan_product(o, &j);
    j.child = o->n;
    o->j[at] = j;
    for (uint32_t i = 0; i < j.plan->nitems; i++) {
        const sdp_index_item *x = &j.plan->item[i];
        if (x->whole) continue;
        for (int k = 0; k < sdp_get(o->r->g, n->arg[x->factor])->order; k++)
            arg[k] = j.label[sdp_labels(o->r->g, n, x->factor)[k]];
        add_job(o, n->arg[x->factor], arg, next);
    }
}

static void open(opener *o, uint32_t at)
{
    job j = o->j[at];
    const sdp_node *n = sdp_get(o->r->g, j.id);
    uint16_t arg[SDP_MAX_ORDER];
    o->j[at].child = o->n;
    if (closed(o, j.id) || n->kind == SDP_SEL) return;
    if (n->kind == SDP_MUL) {
        open_product(o, at);
        return;
    }
    for (uint32_t i = 0; i < n->nargs; i++) {
        int order = sdp_get(o->r->g, n->arg[i])->order;
        uint16_t fresh = j.next;
        for (int k = 0; k < order; k++)
            arg[k] = n->kind == SDP_PRIM || n->kind == SDP_CALL ? fresh++ : j.at[k];
        add_job(o, n->arg[i], arg, fresh);
    }
}

// The entry of a matrix expression at these letters. Scalars stand before it, powers behind: 2*x[i]^3.
static sdp_rid entry_at(opener *o, sdp_rid base, int order, const uint16_t *at)
{
    sdp_raiser *r = o->r;
    const sdp_raised *b = sdp_r(r, base);
    if (order == 0) return base;
    if (b->kind == SDP_R_SCALE) {
        sdp_scalars bag;
        sdp_bag_init(&bag);
        sdp_rid rest = sdp_bag_take(r, &bag, base);
        if (rest && rest != base && sdp_r(r, rest)->kind != SDP_R_SCALE) {
            sdp_bag_take(r, &bag, entry_at(o, rest, order, at));
            return sdp_bag_close(r, &bag, 0);
        }
    }
    if (b->kind == SDP_R_POW && sdp_r(r, b->arg[0])->kind == SDP_R_NAME &&
        sdp_r(r, b->arg[1])->kind == SDP_R_NUM) {
        sdp_rid exponent = b->arg[1];
        return sdp_r_power(r, entry_at(o, b->arg[0], order, at), exponent);
    }
    sdp_rid arg[SDP_MAX_ORDER + 1] = {b->kind == SDP_R_TRANS ? b->arg[0] : base};
    bool swap = order == 2 && (b->symmetric ? at[0] > at[1] : b->kind == SDP_R_TRANS); // A'[i,j] is A[j,i]
    for (int k = 0; k < order; k++) arg[k + 1] = letter(o, at[swap ? 1 - k : k]);
    return sdp_r_make(r, (sdp_raised){.kind = SDP_R_INDEX, .nargs = (uint32_t)order + 1, .arg = arg});
}

static sdp_rid entry(opener *o, const job *j, sdp_rid base, int order)
{
    return entry_at(o, base, order, j->at);
}

static sdp_rid delta(opener *o, sdp_rid a, sdp_rid b)
{
    sdp_rid both[2] = {a, b};
    return sdp_r_show(o->r, SDP_S_DELTA, SDP_SCALAR, 2, both);
}

static sdp_rid ones_at(opener *o, uint16_t at, sdp_dim size) // ones(n)[i]
{
    sdp_rid n = sdp_r_dim(o->r, size), arg[2] = {sdp_r_show1(o->r, SDP_S_ONES, SDP_COLUMN, n), letter(o, at)};
    return sdp_r_make(o->r, (sdp_raised){.kind = SDP_R_INDEX, .nargs = 2, .arg = arg});
}

static bool tells_axis(const sdp_index_item *x, uint8_t label)
{
    return x->whole && x->order && memchr(x->label, label, x->order);
}

// Does a letter subscript anything in what is written? A delta of an affine sum leaves its size open.
static bool subscripts(opener *o, sdp_rid letter, const sdp_rlist *items)
{
    sdp_raiser *r = o->r;
    sdp_mark m = sdp_scratch_mark(&r->g->base);
    bool *seen = sdp_scratch(&r->g->base, r->n), found = false;
    sdp_rid *stack = sdp_scratch(&r->g->base, (r->n + 1) * sizeof *stack);
    uint32_t n = 0;
    for (uint32_t i = 0; i < items->n; i++)
        if (!seen[items->at[i]]) seen[stack[n++] = items->at[i]] = true;
    while (n && !found) {
        const sdp_raised *x = sdp_r(r, stack[--n]);
        for (uint32_t k = 0; k < x->nargs; k++) {
            found |= x->kind == SDP_R_INDEX && k && x->arg[k] == letter;
            if (!seen[x->arg[k]]) seen[stack[n++] = x->arg[k]] = true;
        }
    }
    sdp_scratch_release(&r->g->base, m);
    return found;
}

static uint32_t rank(const opener *o, sdp_rid letter)
{
    const char *text = sdp_r(o->r, letter)->text;
    uint32_t i = 0;
    while (text && i < o->nletters && strcmp(o->letter[i], text)) i++;
    return i;
}

// x[j]*x[i]: two entries of one tensor, the letters the wrong way round?
static bool out_of_order(const opener *o, sdp_rid a, sdp_rid b)
{
    const sdp_raised *x = sdp_r(o->r, a), *y = sdp_r(o->r, b);
    bool entries = x->kind == SDP_R_INDEX && y->kind == SDP_R_INDEX && x->arg[0] == y->arg[0];
    bool deltas =
        x->kind == SDP_R_CALL && y->kind == SDP_R_CALL && x->shown == SDP_S_DELTA && y->shown == SDP_S_DELTA;
    for (uint32_t k = entries ? 1 : 0; (entries || deltas) && k < x->nargs && k < y->nargs; k++) {
        uint32_t first = rank(o, x->arg[k]), second = rank(o, y->arg[k]);
        if (first != second) return first > second;
    }
    return false;
}

static void sort_entries(const opener *o, sdp_rlist *l)
{
    for (uint32_t i = 0; i < l->n; i++)
        for (uint32_t k = i + 1; k < l->n; k++) {
            sdp_rid swap = l->at[i];
            if (!out_of_order(o, l->at[i], l->at[k])) continue;
            l->at[i] = l->at[k];
            l->at[k] = swap;
        }
}

// sum_p,q(...) over the items in the bag, whose coefficient goes in front.
static sdp_rid close_sum(opener *o, const job *j, const sdp_node *n, uint32_t sum, sdp_scalars *bag,
                         sdp_num *front)
{
    sdp_raiser *r = o->r;
    sdp_text name;
    sdp_text_init(&name, &r->g->base);
    for (uint8_t l = 0; l < n->nlabels; l++) {
        if (!j->plan->summed[l] || j->plan->sum_of[l] != sum) continue;
        sdp_rid index = letter(o, j->label[l]);
        if (!subscripts(o, index, &bag->num) && !subscripts(o, index, &bag->den))
            sdp_rlist_push(r, &bag->num, ones_at(o, j->label[l], n->ldim[l]));
        sdp_putf(&name, "%s%s", name.n ? "," : "", sdp_r(r, letter(o, j->label[l]))->text);
    }
    char *text = sdp_scratch(&r->g->base, name.n + 1);
    memcpy(text, name.s, name.n);
    sdp_text_free(&name);
    *front = sdp_num_mul(r->g, *front, bag->coef);
    bag->coef = SDP_NUM_ONE;
    sort_entries(o, &bag->num);
    sdp_rid body = sdp_bag_close(r, bag, 0);
    return sdp_r_make(r, (sdp_raised){.kind = SDP_R_OVER, .text = text, .nargs = 1, .arg = &body});
}

static sdp_rid close_item(opener *o, const job *j, const sdp_index_item *x, uint32_t *child)
{
    uint16_t at[2];
    if (!x->whole) return o->j[(*child)++].done;
    for (int k = 0; k < x->order; k++) at[k] = j->label[x->label[k]];
    return entry_at(o, x->whole, x->order, at);
}

static sdp_rid close_mul(opener *o, const job *j, const sdp_node *n)
{
    sdp_raiser *r = o->r;
    const uint8_t *out = sdp_labels(r->g, n, n->nargs);
    const sdp_index_plan *p = j->plan;
    uint32_t child = j->child;
    sdp_scalars bag, inside;
    sdp_bag_init(&bag);
    bag.coef = n->coef[0];
    for (uint32_t i = 0, end; i < p->nitems; i = end) {
        bool sums = false;
        for (end = i; end < p->nitems && p->item[end].sum == p->item[i].sum; end++) continue;
        for (uint8_t l = 0; l < n->nlabels; l++) sums |= p->summed[l] && p->sum_of[l] == p->item[i].sum;
        sdp_bag_init(&inside);
        for (uint32_t k = i; k < end; k++)
            sdp_bag_take(r, sums ? &inside : &bag, close_item(o, j, &p->item[k], &child));
        if (sums) sdp_rlist_push(r, &bag.num, close_sum(o, j, n, p->item[i].sum, &inside, &bag.coef));
    }
    for (int k = 0; k < n->order; k++)
        if (j->label[out[k]] != j->at[k])
            sdp_rlist_push(r, &bag.num, delta(o, letter(o, j->label[out[k]]), letter(o, j->at[k])));
    sdp_bag_spend_sign(r, &bag);
    sort_entries(o, &bag.num);
    return sdp_bag_close(r, &bag, 0);
}

static sdp_rid close_sel(opener *o, const job *j, const sdp_node *n) // delta(i, offset + j + stride*(k-1))
{
    sdp_raiser *r = o->r;
    sdp_rlist l = {0};
    sdp_dim offset = sdp_dim_add(r->g, sdp_offset(n), SDP_DIM_ONE);
    for (int k = 1; k < n->order; k++) {
        sdp_scalars bag;
        sdp_bag_init(&bag);
        sdp_bag_take(r, &bag, sdp_r_dim(r, sdp_stride(n, k)));
        sdp_rlist_push(r, &bag.num, letter(o, j->at[k]));
        sdp_rlist_push(r, &l, sdp_bag_close(r, &bag, 0));
        offset = sdp_dim_add(r->g, offset, sdp_dim_neg(r->g, sdp_stride(n, k)));
    }
    long zero;
    if (l.n == 0 || !sdp_dim_long(r->g, offset, &zero) || zero != 0)
        sdp_rlist_push(r, &l, sdp_r_dim(r, offset));
    return delta(o, letter(o, j->at[0]), sdp_r_plus(r, l.n, l.at));
}

// f of something that only has index notation: f(p,q: entry)[i,j]
static sdp_rid close_function(opener *o, const job *j, const sdp_node *n)
{
    sdp_raiser *r = o->r;
    sdp_rlist args = {0};
    for (uint32_t i = 0; i < n->nargs; i++) {
        const job *c = &o->j[j->child + i];
        sdp_rid head = c->done;
        const sdp_node *a = sdp_get(r->g, c->id);
        int order = a->order;
        if (has_matrix_form(o, c->id)) {
            sdp_rlist_push(r, &args, r->of[c->id]);
            continue;
        }
        sdp_scalars bag;
        sdp_bag_init(&bag);
        for (int k = 0; k < order; k++)
            if (!subscripts(o, letter(o, c->at[k]), &(sdp_rlist){&head, 1, 1}))
                sdp_rlist_push(r, &bag.num, ones_at(o, c->at[k], a->dim[k]));
        if (bag.num.n) {
            sdp_bag_take(r, &bag, head);
            head = sdp_bag_close(r, &bag, 0);
        }
        for (int k = order - 1; k >= 0; k--) {
            sdp_rid range[2] = {letter(o, c->at[k]), head};
            head = sdp_r_make(r, (sdp_raised){.kind = SDP_R_RANGE,
                                              .form = order == 2 ? SDP_MATRIX : SDP_COLUMN,
                                              .nargs = 2,
                                              .arg = range});
        }
        sdp_rlist_push(r, &args, head);
    }
    if (sdp_r_along(r, n)) sdp_rlist_push(r, &args, sdp_r_int(r, (long)(n->param & SDP_AXES)));
    sdp_raised call = {.kind = SDP_R_CALL,
                       .form = n->order ? SDP_TENSOR : SDP_SCALAR,
                       .fn = n->op,
                       .nargs = args.n,
                       .arg = args.at};
    if (n->kind == SDP_CALL) {
        const sdp_derivative d = sdp_derivative_of(n);
        call.text = sdp_derivative_name(r->g, &d);
        call.den = n->param + 1;
    }
    sdp_rid f = sdp_r_make(r, call);
    job sorted = *j; // interchangeable axes: the letters in their order
    for (int k = 1; n->kind == SDP_CALL && k < n->order; k++)
        for (int l = k; l > 0 && sdp_call_swaps(r->g, n, l - 1) && sorted.at[l] < sorted.at[l - 1]; l--) {
            uint16_t swap = sorted.at[l];
            sorted.at[l] = sorted.at[l - 1];
            sorted.at[l - 1] = swap;
        }
    j = &sorted;
    return entry(o, j, f, n->order);
}

// A common coefficient comes out if that is no longer.
static sdp_rid close_add(sdp_raiser *r, const sdp_node *n, const sdp_rlist *l)
{
    sdp_rid plain = sdp_r_plus(r, l->n, l->at);
    sdp_num c = sdp_add_content(r, n);
    if (c == SDP_NUM_ONE || c == SDP_NUM_ZERO) return plain;
    sdp_rlist rest = {0};
    for (uint32_t i = 0; i < l->n; i++)
        sdp_rlist_push(r, &rest, sdp_r_scale(r, sdp_num_inv(r->g, c), l->at[i]));
    sdp_rid factored = sdp_r_scale(r, c, sdp_r_plus(r, rest.n, rest.at));
    return sdp_r(r, factored)->tokens <= sdp_r(r, plain)->tokens ? factored : plain;
}

static sdp_rid close_job(opener *o, const job *j)
{
    sdp_raiser *r = o->r;
    const sdp_node *n = sdp_get(r->g, j->id);
    sdp_rlist l = {0};
    if (closed(o, j->id)) {
        const sdp_raised *b = sdp_r(r, r->of[j->id]);
        bool ones = b->kind == SDP_R_CALL && (b->shown == SDP_S_ONES || b->shown == SDP_S_ONES2);
        return ones ? sdp_r_num(r, SDP_NUM_ONE) : entry(o, j, r->of[j->id], n->order);
    }
    if (sdp_is_zero(r->g, j->id)) return sdp_r_num(r, SDP_NUM_ZERO);
    if (n->kind == SDP_MUL) return close_mul(o, j, n);
    if (n->kind == SDP_SEL) return close_sel(o, j, n);
    if (n->kind == SDP_VAR)
        return entry(o, j,
                     sdp_r_name(r, r->g->var[n->param].name, SDP_TENSOR, r->g->var[n->param].order_seen),
                     n->order);
    if (n->kind == SDP_PRIM || n->kind == SDP_CALL) return close_function(o, j, n);
    for (uint32_t i = 0; i < n->nargs; i++) {
        sdp_rid t = o->j[j->child + i].done;
        sdp_rlist_push(r, &l, n->kind == SDP_ADD ? sdp_r_scale(r, n->coef[i], t) : t);
    }
    if (n->kind == SDP_ADD) return close_add(r, n, &l);
    return n->kind == SDP_POW ? sdp_r_power(r, l.at[0], l.at[1])
                              : sdp_r_call(r, n->op, SDP_SCALAR, l.n, l.at);
}

// ---- sizes of the value's axes ----------------------------------------------------------------------------
// As a reader finds them (ast/surface/indexed.c): from subscripts, from delta(i,k) and a known k, from the
// largest value of the other side of delta(i,j+m*k-m).
static bool largest_is(sdp_graph *g, const sdp_node *sel)
{
    sdp_dim d = sdp_dim_add(g, sdp_offset(sel), SDP_DIM_ONE);
    for (int k = 1; k < sel->order; k++)
        d = sdp_dim_add(g, d,
                        sdp_dim_mul(g, sdp_stride(sel, k), sdp_dim_add(g, sel->dim[k], sdp_dim_int(g, -1))));
    return sel->order > 1 && d == sel->dim[0];
}

static bool tell(const opener *o, const job *j, bool *sized, uint32_t count)
{
    sdp_graph *g = o->r->g;
    const sdp_node *n = sdp_get(g, j->id);
    bool news = false, told[SDP_MAX_ORDER] = {false};
    if (closed(o, j->id)) {
        const sdp_raised *b = sdp_r(o->r, o->r->of[j->id]);
        bool ones = b->kind == SDP_R_CALL && (b->shown == SDP_S_ONES || b->shown == SDP_S_ONES2);
        memset(told, !ones, sizeof told);
    } else if (n->kind == SDP_VAR || n->kind == SDP_PRIM || n->kind == SDP_CALL) {
        memset(told, 1, sizeof told);
    } else if (n->kind == SDP_MUL) {
        const uint8_t *out = sdp_labels(g, n, n->nargs);
        for (int k = 0; k < n->order; k++)
            for (int l = 0; l < n->order; l++)
                told[k] |= out[k] == out[l] && k != l && (j->at[l] >= count || sized[j->at[l]]);
        for (uint32_t i = 0; i < j->plan->nitems; i++)
            for (int k = 0; k < n->order; k++) told[k] |= tells_axis(&j->plan->item[i], out[k]);
    } else if (n->kind == SDP_SEL) {
        bool all = largest_is(g, n);
        for (int k = 1; k < n->order; k++) all &= j->at[k] >= count || sized[j->at[k]];
        told[0] = all;
    }
    for (int k = 0; k < n->order; k++)
        if (told[k] && j->at[k] < count && !sized[j->at[k]]) news = sized[j->at[k]] = true;
    return news;
}

static sdp_rid zeros_at(opener *o, int axes, const sdp_dim *size) // zeros(n)[i], zeros(m,n)[i,j]
{
    sdp_rid dim[2], arg[3];
    for (int k = 0; k < axes; k++) dim[k] = sdp_r_dim(o->r, size[k]), arg[k + 1] = letter(o, (uint16_t)k);
    arg[0] = sdp_r_show(o->r, axes == 2 ? SDP_S_ZEROS2 : SDP_S_ZEROS, axes == 2 ? SDP_MATRIX : SDP_COLUMN,
                        (uint32_t)axes, dim);
    return sdp_r_make(o->r, (sdp_raised){.kind = SDP_R_INDEX, .nargs = (uint32_t)axes + 1, .arg = arg});
}

// The entry, with factors for the axes whose size nothing tells.
static sdp_rid with_sizes(opener *o, sdp_id id, int value)
{
    const sdp_node *n = sdp_get(o->r->g, id);
    bool sized[SDP_MAX_ORDER], zero = sdp_is_zero(o->r->g, id);
    sdp_scalars bag;
    sdp_bag_init(&bag);
    int first = zero ? (value < 2 ? value : 2) : 0;
    for (int k = 0; k < n->order; k++) sized[k] = k >= value || k < first;
    if (first) sdp_rlist_push(o->r, &bag.num, zeros_at(o, first, n->dim));
    for (int k = first; k < value; k++) {
        for (bool news = !zero; news;) {
            news = false;
            for (uint32_t i = 0; i < o->n; i++) news |= tell(o, &o->j[i], sized, n->order);
        }
        if (!sized[k]) sdp_rlist_push(o->r, &bag.num, ones_at(o, (uint16_t)k, n->dim[k]));
        sized[k] = true;
    }
    if (!bag.num.n) return o->j[0].done;
    if (!zero) sdp_bag_take(o->r, &bag, o->j[0].done);
    return sdp_bag_close(o->r, &bag, 0);
}

sdp_rid sdp_raise_index(sdp_raiser *r, sdp_id id, const char *const *letters, int value)
{
    opener o = {.r = r, .letter = letters};
    uint16_t at[SDP_MAX_ORDER];
    while (letters[o.nletters]) o.nletters++;
    int order = sdp_get(r->g, id)->order;
    for (int k = 0; k < order; k++) at[k] = (uint16_t)k;
    add_job(&o, id, at, (uint16_t)(order > 4 ? order : 4));
    for (uint32_t i = 0; i < o.n; i++) open(&o, i);
    for (uint32_t i = o.n; i-- > 0;) o.j[i].done = close_job(&o, &o.j[i]);
    return with_sizes(&o, id, value);
}
