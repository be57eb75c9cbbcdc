// SPDX-License-Identifier: MIT
// Code for the ranks of MPI: which values they join and when is told by
// schedule/shard.c; this is the text of it.
//
// At the end of a level all its partial values are joined, by one call of MPI_Allreduce for each operation.
// If there are several, they are packed side by side before it; those that nobody wants are left out, by all
// ranks alike. Statuses of kernels are joined as well, so that all ranks return the same one.
#include "codegen/emit/emitter.h"

// The operation of MPI; or what is found of a and b by a function of ours: where one is NaN, so is that.
static const struct {
    const char *op, *name, *of_two;
} joins[SDP_SHARD_KINDS] = {
    [SDP_PARTIAL_SUM] = {"MPI_SUM", NULL, NULL},
    [SDP_PARTIAL_PROD] = {"MPI_PROD", NULL, NULL},
    [SDP_PARTIAL_MAX] = {NULL, "larger_of", "a[i] >= b[i] || a[i] != a[i] ? a[i] : b[i]"},
    [SDP_PARTIAL_MIN] = {NULL, "smaller_of", "a[i] <= b[i] || a[i] != a[i] ? a[i] : b[i]"},
    [SDP_PARTIAL_NORM] = {NULL, "norm_of", "a[i] + b[i] != a[i] + b[i] ? a[i] + b[i] : hypot(a[i], b[i])"},
};
enum { COUNTS, AGREES }; // beside the operations in e->joins: bits of what else the text calls

// ---- helpers ----------------------------------------------------------------------------------------------
static const char count_text[] =
    "(size_t *n, MPI_Comm comm) {\n"
    "    unsigned long long all = *n;\n"
    "    const int failed = MPI_Allreduce(MPI_IN_PLACE, &all, 1, MPI_UNSIGNED_LONG_LONG, MPI_SUM, comm);\n"
    "    *n = (size_t)all;\n"
    "    return failed != MPI_SUCCESS;\n"
    "}\n\n";
static const char agree_text[] =
    "(int status, MPI_Comm comm) {\n"
    "    int all = status;\n"
    "    return MPI_Allreduce(MPI_IN_PLACE, &all, 1, MPI_INT, MPI_MAX, comm) == MPI_SUCCESS ? all : %d;\n"
    "}\n\n";
static const char join_text[] =
    "(size_t n, double *x, MPI_Op op, MPI_Comm comm) {\n"
    "    int failed = 0;\n"
    "    for (size_t done = 0, most = (size_t)1 << 30; done < n && !failed; done += most)\n"
    "        failed = MPI_Allreduce(MPI_IN_PLACE, x + done, (int)(n - done < most ? n - done : most), "
    "MPI_DOUBLE, op, comm) != MPI_SUCCESS;\n"
    "    return failed;\n"
    "}\n\n";
static const char join_by_text[] = "(size_t n, double *x, MPI_User_function *f, MPI_Comm comm) {\n"
                                   "    MPI_Op op;\n"
                                   "    if (MPI_Op_create(f, 1, &op) != MPI_SUCCESS) return 1;\n"
                                   "    const int failed = sd_mpi_join(n, x, op, comm);\n"
                                   "    return (MPI_Op_free(&op) != MPI_SUCCESS) | failed;\n"
                                   "}\n\n";
static const char pack_text[] = "(size_t n, double *to, const double *from) {\n"
                                "    for (size_t i = 0; i < n; i++) to[i] = from[i];\n"
                                "    return n;\n"
                                "}\n\n";

static void put_own(sdp_emitter *e, const char *linkage, int how)
{
    sdp_putf(e->out,
             "%svoid sd_mpi_%s(void *from, void *to, int *n, MPI_Datatype *type) {\n"
             "    const double *a = (const double *)from;\n"
             "    double *b = (double *)to;\n"
             "    (void)type;\n"
             "    for (int i = 0; i < *n; i++) b[i] = %s;\n"
             "}\n\n",
             linkage, joins[how].name, joins[how].of_two);
}

void sdp_put_rank_helpers(sdp_emitter *e)
{
    const char *linkage = e->s->q->header_only ? "static inline " : "static ";
    bool any = false, own = false;
    for (int how = SDP_PARTIAL_SUM; how < SDP_SHARD_KINDS; how++) {
        if (!(e->joins >> how & 1)) continue;
        any = true, own |= !joins[how].op;
        if (!joins[how].op) put_own(e, linkage, how);
    }
    if (e->joins >> COUNTS & 1)
        sdp_putf(e->out, "// n: the sum of those of all ranks\n%sint sd_mpi_count%s", linkage, count_text);
    if (e->joins >> AGREES & 1)
        sdp_putf(e->out, "// the largest status of all ranks\n%sint sd_mpi_agree", linkage),
            sdp_putf(e->out, agree_text, SDP_STATUS_ranks);
    if (any)
        sdp_putf(e->out,
                 "// x of all ranks becomes one; a call has at most 2^30 numbers\n%sint sd_mpi_join%s",
                 linkage, join_text);
    if (own) sdp_putf(e->out, "%sint sd_mpi_join_by%s", linkage, join_by_text);
    if (e->packs) sdp_putf(e->out, "%ssize_t sd_mpi_pack%s", linkage, pack_text);
}

// ---- calls ------------------------------------------------------------------------------------------------
static void put_failed(sdp_emitter *e)
{
    e->statuses |= 1u << SDP_STATUS_ranks;
    sdp_putf(e->out, ") return %d;\n", SDP_STATUS_ranks);
}

// The size of the whole axis, if it is asked for
void sdp_put_rows(sdp_emitter *e)
{
    if (!e->s->shard || !e->s->shard->counts) return;
    e->joins |= 1u << COUNTS;
    e->dim_used[e->s->shard->atom] = true;
    sdp_putf(e->out, "    size_t %s = %s;\n    if (sd_mpi_count(&%s, %s)", e->rows, e->dim[e->s->shard->atom],
             e->rows, e->comm);
    put_failed(e);
}

// "sd_mpi_agree(", and behind the call of a kernel ", comm)"
void sdp_put_agreed(sdp_emitter *e, bool behind)
{
    if (!e->target->ranks) return;
    e->joins |= 1u << AGREES;
    e->statuses |= 1u << SDP_STATUS_ranks;
    if (behind) sdp_putf(e->out, ", %s)", e->comm);
    else sdp_put(e->out, "sd_mpi_agree(");
}

static void put_size_of(sdp_emitter *e, sdp_val v)
{
    const sdp_value *x = &e->s->value[v];
    sdp_dim size = SDP_DIM_ONE;
    for (uint32_t k = 0; k < x->order; k++) size = sdp_dim_mul(e->g, size, x->dim[k]);
    sdp_put_size(e, size, false);
}

static void put_address(sdp_emitter *e, sdp_val v)
{
    if (!e->s->value[v].order) sdp_put(e->out, "&");
    sdp_put_place(e, v);
}

static void put_condition(sdp_emitter *e, sdp_val v)
{
    uint32_t set = e->s->wanted->of[v];
    sdp_put_indent(e);
    if (set != SDP_ALL_WANTED) sdp_putf(e->out, "if (%s) ", sdp_wanted_text(e, set));
}

static void put_join_end(sdp_emitter *e, int how)
{
    sdp_putf(e->out, ", %s%s, %s)", joins[how].op ? "" : "sd_mpi_",
             joins[how].op ? joins[how].op : joins[how].name, e->comm);
    put_failed(e);
}

// n += sd_mpi_pack(size, &w4[n], v), or back
static void put_packed(sdp_emitter *e, uint32_t n, const sdp_val *v, bool back)
{
    uint32_t buffer = e->s->shard->packed;
    for (uint32_t i = 0; i < n; i++) {
        put_condition(e, v[i]);
        sdp_putf(e->out, "%s += sd_mpi_pack(", e->packed), put_size_of(e, v[i]), sdp_put(e->out, ", ");
        if (back) put_address(e, v[i]), sdp_put(e->out, ", ");
        sdp_putf(e->out, "&%s%u[%s]", e->buffer, buffer, e->packed);
        if (!back) sdp_put(e->out, ", "), put_address(e, v[i]);
        sdp_put(e->out, ");\n");
    }
}

static void put_several(sdp_emitter *e, uint32_t n, const sdp_val *v, int how)
{
    uint32_t buffer = e->s->shard->packed;
    e->packs = e->buffer_used[buffer - 1] = true;
    sdp_put_line(e, "{");
    e->indent++;
    sdp_put_line(e, "size_t %s = 0;", e->packed);
    put_packed(e, n, v, false);
    sdp_put_indent(e);
    sdp_putf(e->out, "if (%s(%s, %s%u", joins[how].op ? "sd_mpi_join" : "sd_mpi_join_by", e->packed,
             e->buffer, buffer);
    put_join_end(e, how);
    sdp_put_line(e, "%s = 0;", e->packed);
    put_packed(e, n, v, true);
    e->indent--;
    sdp_put_line(e, "}");
}

// Partial values of a level become replicated.
void sdp_put_joined(sdp_emitter *e, uint32_t level)
{
    for (int how = SDP_PARTIAL_SUM; how < SDP_SHARD_KINDS; how++) {
        uint32_t n;
        const sdp_val *v = sdp_joined(e->s, level, how, &n);
        if (!n) continue;
        e->joins |= 1u << how;
        if (n > 1) {
            put_several(e, n, v, how);
            continue;
        }
        put_condition(e, *v);
        sdp_putf(e->out, "if (%s(", joins[how].op ? "sd_mpi_join" : "sd_mpi_join_by");
        put_size_of(e, *v), sdp_put(e->out, ", "), put_address(e, *v);
        put_join_end(e, how);
    }
}

void sdp_put_rank_comment(sdp_emitter *e)
{
    const sdp_shard *t = e->s->shard;
    if (!t) return;
    const char *m = e->dim[t->atom];
    sdp_putf(e->out,
             "// MPI: all ranks of %s call it, each with its own rows along %s; %s is their number, 0 or "
             "more. What "
             "has no\n// axis %s is the same on every rank, and so are statuses. Other inputs and sizes must "
             "be the "
             "same on all ranks,\n// and so must be which outputs are NULL.\n",
             e->comm, m, m, m);
}
