// SPDX-License-Identifier: MIT
// Recognises contractions that are products of matrices, to be computed by sd_gemm.
//
// Such a contraction sums over one label, which both factors have. A label of the first factor alone numbers
// the rows of the result, a label of the second factor alone its columns. Labels that both factors and the
// result have count the products of a batch, e.g. k in out[k,i,j] = sum_l a[k,i,l]*b[k,l,j]. The last axis of
// the result is that of its columns, so that a row of it stands in one piece, and rows or columns of the
// factors do. Besides scalars there may be a vector along the sum, if there is one product: a*diag(d)*b.
#include "codegen/schedule/schedule.h"

// The labels of a factor with one plain label for each axis, all different; 0: it has other indices.
static uint64_t plain_labels(uint32_t order, const sdp_ix *ix)
{
    uint64_t set = 0;
    for (uint32_t k = 0; k < order; k++) {
        if (ix[k] >= SDP_MAX_LABELS || set >> ix[k] & 1) return 0;
        set |= 1ULL << ix[k];
    }
    return set;
}

static bool is_single(uint64_t set) { return set && !(set & (set - 1)); }

static uint8_t label_in(uint64_t set)
{
    uint8_t l = 0;
    while (!(set >> l & 1)) l++;
    return l;
}

// The two matrices and the vector among the factors
static bool find_factors(const sdp_schedule *s, const sdp_value *v, sdp_gemm *m, uint64_t labels[2])
{
    uint32_t n = 0;
    m->vector = v->nargs;
    for (uint32_t i = 0; i < v->nargs; i++) {
        const sdp_value *a = &s->value[v->arg[i]];
        const sdp_ix *ix = sdp_value_ix(s, v, i);
        if (!a->order) continue;
        if (a->order == 1 && ix[0] < SDP_MAX_LABELS && v->bound >> ix[0] & 1 && m->vector == v->nargs) {
            m->vector = i;
            continue;
        }
        if (n == 2 || a->order < 2 || a->kind == SDP_V_MASK || a->kind == SDP_V_EQ) return false;
        if (!(labels[n] = plain_labels(a->order, ix)) || (v->bound & ~labels[n])) return false;
        m->matrix[n++] = i;
    }
    return n == 2;
}

bool sdp_gemm_of(const sdp_schedule *s, sdp_val id, sdp_gemm *m)
{
    const sdp_value *v = &s->value[id];
    uint64_t labels[2], shared;
    long size, small = s->q && sdp_targets[s->q->target].tcc ? 4 : 8;
    if (v->kind != SDP_V_EINSUM || v->scatter || v->order < 2 || !is_single(v->bound)) return false;
    const sdp_ix *out = sdp_value_ix(s, v, v->nargs);
    if (!plain_labels(v->order, out) || !find_factors(s, v, m, labels)) return false;
    if (!(labels[1] >> out[v->order - 1] & 1)) { // the second factor is the one with the columns
        uint32_t i = m->matrix[0];
        uint64_t set = labels[0];
        m->matrix[0] = m->matrix[1], m->matrix[1] = i;
        labels[0] = labels[1], labels[1] = set;
    }
    shared = labels[0] & labels[1] & ~v->bound;
    if (!is_single(labels[0] & ~labels[1]) || labels[1] != (shared | v->bound | 1ULL << out[v->order - 1]))
        return false;
    m->row = label_in(labels[0] & ~labels[1]), m->column = (uint8_t)out[v->order - 1],
    m->sum = label_in(v->bound);
    if (shared >> m->column & 1 || v->nlabels != v->order + 1u) return false;
    m->nbatch = 0;
    for (uint32_t k = 0; k < v->order; k++)
        if (shared >> out[k] & 1) m->batch[m->nbatch++] = (uint8_t)out[k];
    if (m->nbatch + 2 != v->order || (m->nbatch && m->vector < v->nargs)) return false;
    for (uint32_t i = 0; i < 2; i++) // its last axis is none of the batch
        if (shared >> sdp_value_ix(s, v, m->matrix[i])[s->value[v->arg[m->matrix[i]]].order - 1] & 1)
            return false;
    const uint8_t all[3] = {m->row, m->column, m->sum};
    for (uint32_t l = 0; l < 3; l++)
        if (sdp_size_constant(s, v->ldim[all[l]], &size) && size < small) return false;
    return true;
}

bool sdp_is_gemm(const sdp_schedule *s, sdp_val v)
{
    sdp_gemm m;
    return sdp_gemm_of(s, v, &m);
}
