// SPDX-License-Identifier: MIT
// Pullbacks of spectral functions and of functions of matrices, made of nodes that can be
// differentiated again, so that one formula serves every order. In the einsum texts '@' stands
// for the seed axes of the adjoint.
//
//   expm, sqrtm, logm,   f([A, E; 0, A]) has the directional derivative of f at A along E in its upper right
//                        block
//   powm                 (R. Mathias, A chain rule for matrix functions, 1996; N. Higham, Functions of
//                        Matrices, 3.2), and its adjoint is the derivative at A' along the adjoint
//   chol                 I. Murray, arXiv 1602.07527
//   pinv                 G. Golub, V. Pereyra, SIAM J. Numer. Anal. 10 (1973)
//   lambda_max, eigproj  a simple eigenvalue: J. Magnus, Econometric Theory 1 (1985)
//   sylvester            the adjoint equation: M. Giles, "Collected matrix derivative results" (2008)
//   norm_nuc, polar      G. Watson, Linear Algebra Appl. 170 (1992); polar(X) = X*inv(sqrtm(X'*X)) for m >= n
#include <string.h>

#include "diff/diff.h"

// of functions in functions that are looked through; of the derivative of a power
enum { MOST_LEVELS = 8, MOST_TERMS = 100 };

static sdp_id inverse(sdp_graph *g, sdp_id a) { return sdp_prim(g, SDP_OP_inv, 1, &a, 0); }
static sdp_id prim(sdp_graph *g, int op, sdp_id a) { return sdp_prim(g, op, 1, &a, 0); }
static sdp_id half(sdp_graph *g, sdp_id a, sdp_id b)
{
    return sdp_add(g, 2, (sdp_num[]){SDP_NUM_HALF, SDP_NUM_HALF}, (sdp_id[]){a, b});
}

// ---- expm, sqrtm, logm ------------------------------------------------------------------------------------
// The part of an axis of 2n from `offset` on
static sdp_id part(sdp_graph *g, sdp_dim n, sdp_dim offset)
{
    return sdp_sel(g, 2, (sdp_dim[]){sdp_dim_add(g, n, n), n}, (sdp_dim[]){offset, SDP_DIM_ONE});
}

// A function of one matrix: a row of the table, and the exponent of powm
typedef struct {
    int op;
    sdp_id exponent;
} function;

bool sdp_is_matrix_function(const sdp_node *n)
{
    return n->kind == SDP_PRIM &&
           (n->op == SDP_OP_expm || n->op == SDP_OP_sqrtm || n->op == SDP_OP_logm || n->op == SDP_OP_powm);
}

static function function_at(const sdp_node *n) { return (function){n->op, n->nargs > 1 ? n->arg[1] : 0}; }
static sdp_id apply(sdp_graph *g, function f, sdp_id a)
{
    return sdp_prim(g, f.op, f.exponent ? 2 : 1, (sdp_id[]){a, f.exponent}, 0);
}

// f([a, e; 0, b])
static sdp_id of_block(sdp_graph *g, function f, sdp_id a, sdp_id e, sdp_id b)
{
    sdp_dim n = sdp_get(g, a)->dim[0];
    sdp_id first = part(g, n, sdp_dim_int(g, 0)), second = part(g, n, n);
    sdp_id block[3] = {sdp_es(g, SDP_NUM_ONE, "ij,pi,qj->pq", a, first, first),
                       sdp_es(g, SDP_NUM_ONE, "ij,pi,qj->pq", e, first, second),
                       sdp_es(g, SDP_NUM_ONE, "ij,pi,qj->pq", b, second, second)};
    sdp_num one[3] = {SDP_NUM_ONE, SDP_NUM_ONE, SDP_NUM_ONE};
    return apply(g, f, sdp_add(g, 3, one, block));
}

static sdp_id upper_right(sdp_graph *g, function f, sdp_id a, sdp_id e, sdp_id b)
{
    sdp_dim n = sdp_get(g, a)->dim[0];
    return sdp_es(g, SDP_NUM_ONE, "pq,pi,qj->ij", of_block(g, f, a, e, b), part(g, n, sdp_dim_int(g, 0)),
                  part(g, n, n));
}

// Is a = s*eye(n)? What commutes with A has the derivative of the scalar function.
static bool is_multiple_of_eye(sdp_graph *g, sdp_id a, sdp_id *s)
{
    const sdp_node *n = sdp_get(g, a);
    if (n->kind != SDP_MUL || n->order != 2 || n->nlabels != 1 || n->dim[0] != n->dim[1]) return false;
    for (uint32_t i = 0; i < n->nargs; i++)
        if (sdp_get(g, n->arg[i])->order) return false;
    *s = sdp_mul(g, n->coef[0], n->nargs, n->arg, NULL, 0, NULL, NULL);
    return true;
}

// f'(A), the scalar derivative as a function of matrices; fa = f(A)
static sdp_id scalar_derivative(sdp_graph *g, function f, sdp_id a, sdp_id fa)
{
    if (f.op == SDP_OP_powm)
        return sdp_times(g, f.exponent,
                         sdp_prim(g, SDP_OP_powm, 2,
                                  (sdp_id[]){a, sdp_sub(g, f.exponent, sdp_number(g, SDP_NUM_ONE))}, 0));
    if (f.op == SDP_OP_expm) return fa;
    return f.op == SDP_OP_logm ? inverse(g, a) : sdp_scale(g, SDP_NUM_HALF, inverse(g, fa));
}

// vec(df) = K*vec(dA), K the upper right block of f([kron(I,A), I; 0, kron(A',I)]); of S = sqrtm(A) it is
// inv(kron(I,S) + kron(S',I))
static sdp_id pull_by_entries(sdp_graph *g, function f, sdp_id a, sdp_id adj)
{
    sdp_dim n = sdp_get(g, a)->dim[0], square = sdp_dim_mul(g, n, n);
    // p = i + n*j
    sdp_id pair = sdp_sel(g, 3, (sdp_dim[]){square, n, n}, (sdp_dim[]){sdp_dim_int(g, 0), SDP_DIM_ONE, n});
    sdp_id s = f.op == SDP_OP_sqrtm ? apply(g, f, a) : a;
    sdp_id left = sdp_es(g, SDP_NUM_ONE, "ik,pij,qkj->pq", s, pair, pair),
           right = sdp_es(g, SDP_NUM_ONE, "lj,pij,qil->pq", s, pair, pair);
    sdp_id k = f.op == SDP_OP_sqrtm ? inverse(g, sdp_add2(g, left, right))
                                    : upper_right(g, f, left, sdp_eye(g, square), right);
    return sdp_es(g, SDP_NUM_ONE, "@ij,pij,pq,qkl->@kl", adj, pair, k, pair);
}

static sdp_id power(sdp_graph *g, sdp_id a, long k)
{
    return sdp_prim(g, SDP_OP_powm, 2, (sdp_id[]){a, sdp_number(g, sdp_num_int(g, k))}, 0);
}

// dX^k = sum of X^i*dX*X^(k-1-i), -sum of X^-i*dX*X^(k-1+i) for k < 0; 0 if k is no number, or a large one
static sdp_id pull_by_terms(sdp_graph *g, function f, sdp_id a, sdp_id adj)
{
    sdp_num e, coef[MOST_TERMS];
    sdp_id term[MOST_TERMS];
    long k;
    if (f.op != SDP_OP_powm || !sdp_is_number(g, f.exponent, &e) || !sdp_num_long(g, e, &k) ||
        k > MOST_TERMS || k < -MOST_TERMS)
        return 0;
    uint32_t n = (uint32_t)(k < 0 ? -k : k);
    for (long i = 0; i < (long)n; i++) {
        long first = k < 0 ? -1 - i : i;
        sdp_id left = power(g, a, first), right = power(g, a, k - 1 - first);
        coef[i] = k < 0 ? SDP_NUM_MINUS_ONE : SDP_NUM_ONE;
        term[i] = sdp_es(g, SDP_NUM_ONE, "@ij,ik,lj->@kl", adj, left, right);
    }
    return sdp_add(g, n, coef, term);
}

// Is a*e known to be e*a? Functions of what commutes with a do, and their multiples.
static bool commute(sdp_graph *g, sdp_id a, sdp_id e)
{
    for (int level = 0; level < MOST_LEVELS; level++) {
        if (sdp_es(g, SDP_NUM_ONE, "ij,jk->ik", a, e) == sdp_es(g, SDP_NUM_ONE, "ij,jk->ik", e, a))
            return true;
        const sdp_node *n = sdp_get(g, e);
        sdp_id inner = 0;
        for (uint32_t i = 0; n->kind == SDP_MUL && i < n->nargs; i++) {
            const uint8_t *l = sdp_labels(g, n, i), *out = sdp_labels(g, n, n->nargs);
            if (sdp_get(g, n->arg[i])->order == 0) continue;
            if (inner || sdp_get(g, n->arg[i])->order != 2 || out[0] == out[1] || l[0] == l[1]) return false;
            // a commutes with e' where a' does with e
            if (l[0] == out[1] && l[1] == out[0]) a = sdp_transpose(g, a);
            else if (memcmp(l, out, 2) != 0) return false;
            inner = n->arg[i];
        }
        bool known = sdp_is_matrix_function(n) || (n->kind == SDP_PRIM && n->op == SDP_OP_inv);
        e = inner ? inner : known ? n->arg[0] : 0;
        if (!e) return false;
    }
    return false;
}

// X^k = expm(k*logm(X)) where k is no integer: the block matrix is not positive definite
static bool by_logarithm(sdp_graph *g, function f)
{
    return f.op == SDP_OP_powm && !sdp_has(g, f.exponent, SDP_INTEGER);
}

// The derivative of f at a along e: f'(a)*e where they commute, as t*A and A do.
static sdp_id along(sdp_graph *g, function f, sdp_id a, sdp_id fa, sdp_id e)
{
    if (commute(g, a, e)) return sdp_es(g, SDP_NUM_ONE, "ij,jk->ik", e, scalar_derivative(g, f, a, fa));
    if (!by_logarithm(g, f)) return upper_right(g, f, a, e, a);
    sdp_id l = sdp_times(g, f.exponent, prim(g, SDP_OP_logm, a));
    return upper_right(g, (function){SDP_OP_expm, 0}, l,
                       sdp_times(g, f.exponent, upper_right(g, (function){SDP_OP_logm, 0}, a, e, a)), l);
}

static sdp_id pull_function_of(sdp_graph *g, function f, sdp_id a, sdp_id fa, sdp_id adj)
{
    sdp_id s;
    if (is_multiple_of_eye(g, adj, &s))
        return sdp_times(g, s, sdp_transpose(g, scalar_derivative(g, f, a, fa)));
    if (sdp_get(g, adj)->order == 2) return along(g, f, sdp_transpose(g, a), sdp_transpose(g, fa), adj);
    sdp_id terms = pull_by_terms(g, f, a, adj);
    if (terms) return terms;
    if (!by_logarithm(g, f)) return pull_by_entries(g, f, a, adj);
    sdp_id l = prim(g, SDP_OP_logm, a),
           by_l = pull_by_entries(g, (function){SDP_OP_expm, 0}, sdp_times(g, f.exponent, l), adj);
    return pull_by_entries(g, (function){SDP_OP_logm, 0}, a, sdp_times(g, f.exponent, by_l));
}

// d X^k/dk = logm(X)*X^k of a positive definite X; 0 if there is none
static sdp_id by_exponent(sdp_graph *g, const sdp_node *n, sdp_id y)
{
    return sdp_has(g, n->arg[0], SDP_POSDEF)
               ? sdp_es(g, SDP_NUM_ONE, "ij,jk->ik", prim(g, SDP_OP_logm, n->arg[0]), y)
               : 0;
}

void sdp_pull_function(sdp_graph *g, sdp_id y, const sdp_node *n, sdp_id adj, sdp_id *arg)
{
    arg[0] = pull_function_of(g, function_at(n), n->arg[0], y, adj);
    if (n->nargs == 1) return;
    sdp_id d = by_exponent(g, n, y);
    arg[1] = d ? sdp_es(g, SDP_NUM_ONE, "@ij,ij->@", adj, d) : 0;
}

// ---- chol -------------------------------------------------------------------------------------------------
// A = L*L', P = the lower triangle of L'*Lbar with half its diagonal: Abar = the symmetric part of
// inv(L)'*P*inv(L)
void sdp_pull_chol(sdp_graph *g, sdp_id l, const sdp_node *n, sdp_id adj, sdp_id *arg)
{
    sdp_dim d = n->dim[0];
    sdp_id m = inverse(g, l), s = sdp_es(g, SDP_NUM_ONE, "ka,@kb->@ab", l, adj);
    sdp_id lower = sdp_sub(g, sdp_mask(g, d, d, SDP_LOWER), sdp_scale(g, SDP_NUM_HALF, sdp_eye(g, d))),
           p = sdp_es(g, SDP_NUM_ONE, "@ab,ab->@ab", s, lower);
    arg[0] = half(g, sdp_es(g, SDP_NUM_ONE, "ai,@ab,bj->@ij", m, p, m),
                  sdp_es(g, SDP_NUM_ONE, "aj,@ab,bi->@ij", m, p, m));
}

// ---- eigenvalues ------------------------------------------------------------------------------------------
// d lambda = v'*dA*v = tr(V*dA), V = v*v'
void sdp_pull_lambda_max(sdp_graph *g, sdp_id y, const sdp_node *n, sdp_id adj, sdp_id *arg)
{
    (void)y;
    arg[0] = sdp_es(g, SDP_NUM_ONE, "@,ab->@ab", adj, prim(g, SDP_OP_eigproj, n->arg[0]));
}

// dV = G*dA*V + V*dA*G with G = pinv(lambda*I - A) = inv(lambda*I - A + c*V) - V/c
// for any c > 0: of the scale of A
void sdp_pull_eigproj(sdp_graph *g, sdp_id v, const sdp_node *n, sdp_id adj, sdp_id *arg)
{
    sdp_id a = n->arg[0], shift = sdp_times(g, prim(g, SDP_OP_lambda_max, a), sdp_eye(g, n->dim[0]));
    sdp_id c = sdp_has(g, a, SDP_PSD) ? prim(g, SDP_OP_lambda_max, a) : sdp_prim(g, SDP_OP_norm, 1, &a, 3);
    sdp_id h = sdp_sub(g, inverse(g, sdp_add2(g, sdp_sub(g, shift, a), sdp_times(g, c, v))),
                       sdp_times(g, sdp_power_num(g, c, SDP_NUM_MINUS_ONE), v));
    static const char *const both[2][2] = {{"ia,@ab,bj->@ij", "ja,@ab,bi->@ij"},
                                           {"ja,@ba,bi->@ij", "ia,@ba,bj->@ij"}};
    sdp_id sum[2];
    for (int k = 0; k < 2; k++) // the symmetric part of G*adj*V + V*adj*G
        sum[k] = half(g, sdp_es(g, SDP_NUM_ONE, both[k][0], h, adj, v),
                      sdp_es(g, SDP_NUM_ONE, both[k][1], h, adj, v));
    arg[0] = sdp_add2(g, sum[0], sum[1]);
}

// ---- singular values --------------------------------------------------------------------------------------
// d norm_nuc(X) = tr(polar(X)'*dX) where X has full rank
void sdp_pull_norm_nuc(sdp_graph *g, sdp_id y, const sdp_node *n, sdp_id adj, sdp_id *arg)
{
    (void)y;
    arg[0] = sdp_es(g, SDP_NUM_ONE, "@,ab->@ab", adj, prim(g, SDP_OP_polar, n->arg[0]));
}

static bool at_least(sdp_graph *g, sdp_dim m, sdp_dim n)
{
    long a, b;
    return m == n || (sdp_dim_long(g, m, &a) && sdp_dim_long(g, n, &b) && a >= b);
}

// The pullback of sqrtm is linear in adj: times a number of the scale of a, both
// stand in one matrix without loss.
static sdp_id pull_sqrtm_scaled(sdp_graph *g, sdp_id a, sdp_id h, sdp_id adj, sdp_id size)
{
    sdp_id w = pull_function_of(g, (function){SDP_OP_sqrtm, 0}, a, h, sdp_times(g, size, adj));
    return sdp_times(g, sdp_power_num(g, size, SDP_NUM_MINUS_ONE), w);
}

// The pullback of the polar factor P of X, where it is unknown which dimension of X is larger. Let
// Y = pinv(X), Q = P'*P (the projector on the rows of X), R = P*P'.
// With H = Y*P, the pseudo-inverse of sqrtm(X'*X), and K = P*Y, that of sqrtm(X*X'):
//   dP = (I - R)*dX*H + K*dX*(I - Q) + P*Z,   Z*S + S*Z = P'*dX*Q - Q*dX'*P,
//   S = sqrtm(G),  G = X'*X + norm(X)^2*(I - Q)
// where Z is the derivative of sqrtm at G. G is posdef, and of one scale; one of the first two terms is 0,
// the rank being full.
static sdp_id pull_polar_of_any(sdp_graph *g, sdp_id p, sdp_id x, sdp_id adj)
{
    const sdp_node *n = sdp_get(g, x);
    sdp_id y = prim(g, SDP_OP_pinv, x), q = sdp_es(g, SDP_NUM_ONE, "ki,kj->ij", p, p),
           r = sdp_es(g, SDP_NUM_ONE, "ik,jk->ij", p, p);
    sdp_id left = sdp_sub(g, sdp_eye(g, n->dim[0]), r), right = sdp_sub(g, sdp_eye(g, n->dim[1]), q);
    sdp_id size = sdp_es(g, SDP_NUM_ONE, "ij,ij->", x, x),
           square = sdp_add2(g, sdp_es(g, SDP_NUM_ONE, "ki,kj->ij", x, x), sdp_times(g, size, right));
    sdp_id w = pull_sqrtm_scaled(g, square, prim(g, SDP_OP_sqrtm, square),
                                 sdp_es(g, SDP_NUM_ONE, "ki,@kj->@ij", p, adj), size);
    sdp_id turn = sdp_sub(g, w, sdp_es(g, SDP_NUM_ONE, "@ij->@ji", w));
    sdp_id sum[3] = {sdp_es(g, SDP_NUM_ONE, "ai,@ij,bk,kj->@ab", left, adj, y, p),
                     sdp_es(g, SDP_NUM_ONE, "ik,ka,@ij,jb->@ab", p, y, adj, right),
                     sdp_es(g, SDP_NUM_ONE, "ai,@ij,jb->@ab", p, turn, q)};
    return sdp_add(g, 3, (sdp_num[]){SDP_NUM_ONE, SDP_NUM_ONE, SDP_NUM_ONE}, sum);
}

// m >= n: P = X*S, S = inv(H), H = sqrtm(X'*X):  dP = dX*S - X*S*dH*S.  Wide matrices: the transpose.
void sdp_pull_polar(sdp_graph *g, sdp_id y, const sdp_node *n, sdp_id adj, sdp_id *arg)
{
    sdp_id x = n->arg[0];
    bool tall = at_least(g, n->dim[0], n->dim[1]);
    if (!tall && !at_least(g, n->dim[1], n->dim[0])) {
        arg[0] = pull_polar_of_any(g, y, x, adj);
        return;
    }
    if (!tall) x = sdp_transpose(g, x), adj = sdp_es(g, SDP_NUM_ONE, "@ij->@ji", adj);
    sdp_id gram = sdp_es(g, SDP_NUM_ONE, "ki,kj->ij", x, x), h = prim(g, SDP_OP_sqrtm, gram),
           s = inverse(g, h);
    sdp_id hbar = sdp_es(g, SDP_NUM_MINUS_ONE, "ia,ka,@kc,cj->@ij", s, x, adj, s);
    sdp_id gbar = pull_sqrtm_scaled(g, gram, h, hbar,
                                    sdp_power_num(g, sdp_prim(g, SDP_OP_norm, 1, &x, 3), sdp_num_int(g, 3)));
    sdp_id sum[3] = {sdp_es(g, SDP_NUM_ONE, "@ka,aj->@kj", adj, s),
                     sdp_es(g, SDP_NUM_ONE, "ki,@ij->@kj", x, gbar),
                     sdp_es(g, SDP_NUM_ONE, "ki,@ji->@kj", x, gbar)};
    arg[0] = sdp_add(g, 3, (sdp_num[]){SDP_NUM_ONE, SDP_NUM_ONE, SDP_NUM_ONE}, sum);
    if (!tall) arg[0] = sdp_es(g, SDP_NUM_ONE, "@ij->@ji", arg[0]);
}

// constant rank: dP = -P*dX*P + P*P'*dX'*(I - X*P) + (I - P*X)*dX'*P'*P
void sdp_pull_pinv(sdp_graph *g, sdp_id p, const sdp_node *n, sdp_id adj, sdp_id *arg)
{
    sdp_id x = n->arg[0], xp = sdp_es(g, SDP_NUM_ONE, "ik,kj->ij", x, p),
           px = sdp_es(g, SDP_NUM_ONE, "ik,kj->ij", p, x);
    sdp_id left = sdp_sub(g, sdp_eye(g, n->dim[1]), xp), right = sdp_sub(g, sdp_eye(g, n->dim[0]), px);
    sdp_id sum[3] = {sdp_es(g, SDP_NUM_ONE, "@ij,ia,bj->@ab", adj, p, p),
                     sdp_es(g, SDP_NUM_ONE, "@ij,ic,bc,aj->@ab", adj, p, p, left),
                     sdp_es(g, SDP_NUM_ONE, "@ij,ib,ca,cj->@ab", adj, right, p, p)};
    arg[0] = sdp_add(g, 3, (sdp_num[]){SDP_NUM_MINUS_ONE, SDP_NUM_ONE, SDP_NUM_ONE}, sum);
}

// ---- A*X + X*B = C ----------------------------------------------------------------------------------------
// inv(K)'*adj for vec(C) = K*vec(X), K = kron(I,A) + kron(B',I): the solution of the
// adjoint equation for all seeds at once
static sdp_id adjoint_by_entries(sdp_graph *g, const sdp_node *n, sdp_id adj)
{
    sdp_dim size = sdp_dim_mul(g, n->dim[0], n->dim[1]);
    // p = i + m*j
    sdp_id pair = sdp_sel(g, 3, (sdp_dim[]){size, n->dim[0], n->dim[1]},
                          (sdp_dim[]){sdp_dim_int(g, 0), SDP_DIM_ONE, n->dim[0]});
    sdp_id left = sdp_es(g, SDP_NUM_ONE, "ik,pij,qkj->pq", n->arg[0], pair, pair),
           right = sdp_es(g, SDP_NUM_ONE, "lj,pij,qil->pq", n->arg[1], pair, pair);
    return sdp_es(g, SDP_NUM_ONE, "@ij,pij,pq,qkl->@kl", adj, pair, inverse(g, sdp_add2(g, left, right)),
                  pair);
}

// A*dX + dX*B = dC - dA*X - X*dB. With A'*Y + Y*B' = adj:  C += Y,  A += -Y*X',  B += -X'*Y
void sdp_pull_sylvester(sdp_graph *g, sdp_id x, const sdp_node *n, sdp_id adj, sdp_id *arg)
{
    bool seeds = sdp_get(g, adj)->order > n->order;
    sdp_id turned[3] = {sdp_transpose(g, n->arg[0]), sdp_transpose(g, n->arg[1]), adj};
    sdp_id y = arg[2] = seeds ? adjoint_by_entries(g, n, adj) : sdp_prim(g, SDP_OP_sylvester, 3, turned, 0);
    arg[0] = sdp_es(g, SDP_NUM_MINUS_ONE, "@ij,kj->@ik", y, x);
    arg[1] = sdp_es(g, SDP_NUM_MINUS_ONE, "ki,@kj->@ij", x, y);
}

static sdp_id push_sylvester(sdp_graph *g, sdp_id x, const sdp_node *n, const sdp_id *tangent)
{
    sdp_id right = tangent[2] ? tangent[2] : sdp_zeros(g, n->order, n->dim);
    if (tangent[0]) right = sdp_sub(g, right, sdp_es(g, SDP_NUM_ONE, "ik,kj->ij", tangent[0], x));
    if (tangent[1]) right = sdp_sub(g, right, sdp_es(g, SDP_NUM_ONE, "ik,kj->ij", x, tangent[1]));
    return sdp_prim(g, SDP_OP_sylvester, 3, (sdp_id[]){n->arg[0], n->arg[1], right}, 0);
}

// ---- forward ----------------------------------------------------------------------------------------------
sdp_id sdp_push_function(sdp_graph *g, sdp_id y, const sdp_node *n, const sdp_id *tangent)
{
    sdp_id r = 0;
    if (n->op == SDP_OP_polar) { // a gradient, of norm_nuc: its Jacobian is symmetric
        sdp_pull_polar(g, y, n, tangent[0], &r);
        return r;
    }
    if (n->op == SDP_OP_sylvester) return push_sylvester(g, y, n, tangent);
    if (!sdp_is_matrix_function(n)) return 0;
    if (tangent[0]) r = along(g, function_at(n), n->arg[0], y, tangent[0]);
    if (n->nargs == 1 || !tangent[1]) return r;
    sdp_id d = by_exponent(g, n, y);
    if (!d) sdp_no_derivative(g, n, 1);
    d = sdp_times(g, tangent[1], d);
    return r ? sdp_add2(g, r, d) : d;
}
