// SPDX-License-Identifier: MIT
// Random well-shaped expressions over variables of every declared structure, with symbolic sizes m and n.
//
// The grammar is a list of templates: literal text, and two-character holes "$?" for sub-expressions: $s
// scalar, $v vector of the wanted length, $w vector of the other length, $V vector of the columns' length, $m
// matrix of the wanted shape, $t its transposed shape, $q square of the rows, $Q square of the columns, $M
// matrix rows x other, $L other x cols, $c posdef of the rows, $i $e $E small integers as $v $m $q, which are
// equal to numbers, $1 number, $0 the hole before again; %r is the name of the rows. The functions are chosen
// so that values stay finite and moderate.
#define _POSIX_C_SOURCE 200809L
#include "tests/support/compose.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char tst_declarations[] =
    "a: scalar; b: scalar; p: scalar positive; k: scalar nonneg; x: vector(n); u: vector(n); y: vector(m); "
    "v: vector(m); "
    "A: matrix(m,n); F: matrix(m,n); B: matrix(n,m); S: matrix(n,n); R: matrix(n,n); T: matrix(m,m); P: "
    "matrix(n,n) symmetric posdef; "
    "Q: matrix(m,m) symmetric; D: matrix(n,n) diagonal; C: matrix(m,m) diagonal; L: matrix(n,n) lower; U: "
    "matrix(m,m) upper; "
    "O: matrix(n,n) orthogonal; W: matrix(m,m) psd; g: vector(n) positive; r: vector(m) unit; s: vector(n) "
    "simplex; h: vector(m) onehot; "
    "j: vector(n) integer; d: vector(m) integer; E: matrix(m,n) integer; G: matrix(n,n) integer; H: "
    "matrix(m,m) integer; f: function(vector(n)) -> scalar; l: function(vector(n),vector(m)) -> scalar; q: "
    "function(vector(m)) -> vector(n)";

const tst_variable tst_variables[] = {
    {"a", {0, 0, 0}, 0, 0},
    {"b", {0, 0, 0}, 0, 0},
    {"p", {0, 0, 0}, TST_POSITIVE, 0},
    {"k", {0, 0, 0}, TST_NONNEG, 1},
    {"x", {1, TST_N, 0}, 0, 0},
    {"u", {1, TST_N, 0}, 0, 0},
    {"y", {1, TST_M, 0}, 0, 0},
    {"v", {1, TST_M, 0}, 0, 0},
    {"A", {2, TST_M, TST_N}, 0, 0},
    {"F", {2, TST_M, TST_N}, 0, 0},
    {"B", {2, TST_N, TST_M}, 0, 0},
    {"S", {2, TST_N, TST_N}, 0, 0},
    {"R", {2, TST_N, TST_N}, 0, 0},
    {"T", {2, TST_M, TST_M}, 0, 0},
    {"P", {2, TST_N, TST_N}, TST_POSDEF, 0},
    {"Q", {2, TST_M, TST_M}, TST_SYMMETRIC, 0},
    {"D", {2, TST_N, TST_N}, TST_DIAGONAL, 1},
    {"C", {2, TST_M, TST_M}, TST_DIAGONAL, 1},
    {"L", {2, TST_N, TST_N}, TST_LOWER, 1},
    {"U", {2, TST_M, TST_M}, TST_UPPER, 1},
    {"O", {2, TST_N, TST_N}, TST_ORTHOGONAL, 1},
    {"W", {2, TST_M, TST_M}, TST_PSD, 1},
    {"g", {1, TST_N, 0}, TST_POSITIVE, 1},
    {"r", {1, TST_M, 0}, TST_UNIT, 1},
    {"s", {1, TST_N, 0}, TST_SIMPLEX, 1},
    {"h", {1, TST_M, 0}, TST_ONEHOT, 1},
    {"j", {1, TST_N, 0}, TST_INTEGER, 1},
};
const size_t tst_nvariables = sizeof tst_variables / sizeof *tst_variables;

static const char *const scalars[] = {
    "$1",
    "($s+$s)",
    "($s-$s)",
    "$s*$s",
    "$s/(1+$s^2)",
    "tanh($s)",
    "sin($s)",
    "sigmoid($s)",
    "softplus($s)",
    "exp(-$s^2)",
    "log(1+$s^2)",
    "sqrt(1+$s^2)",
    "$s^2",
    "$s^3",
    "norm($v)",
    "norm($v)^2",
    "norm($w)^2/m",
    "$v'*$v",
    "$v'*$M*$w",
    "$v'*$q*$v",
    "sum($v)",
    "mean($v)",
    "sum($q)",
    "tr($q)",
    "norm($q,'fro')^2",
    "logsumexp($v)",
    "log(sum(exp($v)))",
    "logdet($c)",
    "det($c)",
    "$v'*inv($c)*$v",
    "sum($v.*$v)",
    "sum(log(1+exp($v)))",
    "$v[2]",
    "$q[1,2]",
    "where($s>$s,$s,$s)",
    "tr($q*$q)",
    "sum(abs($v))",
    "norm($v,1)",
    "tr($t*$m)",
    "n",
    "max($s,$s)",
    "dot($v,$v)",
    "atan($s)",
    "cos($s)",
    "1/(1+exp(-$s))",
    "-sum(softmax($v).*logsoftmax($v))",
    "tr(inv($c))",
    "logdet(eye(%r)+$c)",
    "relu($s)",
    "-$s",
    // reductions, blocks, slices, functions of matrices
    "max($v)",
    "min($v)",
    "var($v)",
    "std($v)",
    "prod(2+sin($v))",
    "norm($v,3)",
    "norm([$v;$w])^2",
    "sum([$v;$w].^3)",
    "logsumexp([$v;$s])",
    "norm([$m,$v],'fro')^2",
    "[$v;$s]'*[$q,$v;$v',$s]*[$v;$s]",
    "sum($v[1:2])",
    "$v[2:3]'*$v[1:2]",
    "sum($q[:,1])",
    "$q[2,:]*$v",
    "tr(expm($q/4))",
    "sum(sqrtm($c))",
    "tr(logm($c))",
    "sum(chol($c))",
    "lambda_max($c+diag(cumsum(1+$v.^2)))",
    "tr(kron($q,$q))",
    "norm(vec($m))^2",
    "lgamma(2+tanh($s))",
    "erf($s)",
    "atan2($s,2+sin($s))",
    "hypot($s,1)",
    "log1p($s^2)",
    "expm1(tanh($s))",
    "gelu($s)",
    "silu($s)",
    "elu($s)",
    "where($s>1/7 & $s<1,$s,$s)",
    "abs($s)",
    "tr(triu($q)*$q)",
    "sum(conv($v,$w))",
    "sum(cumsum($v))",
    "max(max($m,[],2))",
    "sum(vecnorm($m,2,2))",
    "sum(var($m,2))",
    "sum(std(2*$m+$v*ones(%c)',2))",
    "sum(prod(2+cos($m),1))",
    "sum(dot($m,$m,2))",
    "norm($v,inf)",
    "lambda_min($c+diag(cumsum(1+$v.^2)))",
    "norm([$m,eye(%r)],'nuc')",
    "norm($m,2)",
    "tr(adj($q+2*eye(%r)))",
    "norm($m,inf)",
    "norm($m,1)",
    "$v[1:2]'*$q[1:2,1:2]*$v[2:3]",
    "$w'*(inv($c)*$m)[1:2,:]'*$v[1:2]",
    "vec($m)'*kron($w,$v)",
    "norm(kron($v,$w)-vec(($m)'))^2",
    "sum(kron($q,$m)*kron($v,$w))",
    "norm(conv($v,$w))^2",
    "conv($v,$w)[2]",
    "norm([$q,$m;$t,$Q]*[$v;$w])^2",
    "$v'/$c*$v",
    "tr($q^3)",
    "sum(inv($c)^2*$v)",
    "norm(reshape($m,%c,%r)*$v)^2",
    "sum(reshape([$v;$v],%r,2),1)*[$s;$s]",
    // conditions that meet integers, and factors beside which others vanish
    "sum(where($e==1,0,$m)*$V)",
    "$v'*(where($e==1,$m,0)*$V+where($e==1,0,$m)*$V)",
    "sum(where($i>0,$v,$s))",
    "sum(diag(sum(where($E==1,0,$q),2))*$v)",
    "sqrt(relu($s))",
    "relu($s)^(3/2)",
    "cbrt(relu($s))",
    "sqrt(clip($s,0,1))",
    "sqrt(abs($s)+$0)",
    "abs($s)*sign($0)",
    "relu($s)*step($0)",
    "$s^2*sign($0)",
    "sqrt(sum(relu($v)))",
    "norm(relu($v))",
    "prod($i.*$v)^2",
    "prod($v)^2",
    "sum(relu($i).*$v)",
    "max(0,$s)^p",
    "norm(logsoftmax($v))^2",
    "norm($q*$v-$v)",
    "norm(inv($c)*$v)^2",
    "$v'*($c\\$v)",
    "sum(kron($v,$w).^2)",
};
static const char *const vectors[] = {
    "($v+$v)",
    "($v-$v)",
    "$s*$v",
    "$v.*$v",
    "$v/(1+$s^2)",
    "$v./(1+$v.^2)",
    "$q*$v",
    "$q'*$v",
    "$M*$w",
    "tanh($v)",
    "sin($v)",
    "sigmoid($v)",
    "softplus($v)",
    "relu($v)",
    "softmax($v)",
    "exp(-$v.^2)",
    "sqrt(1+$v.^2)",
    "diag($q)",
    "sum($M,2)",
    "$c\\$v",
    "inv($c)*$v",
    "where($v>1/7,$v,$v)",
    "($v+$s)",
    "diag($v)*$v",
    "$q[:,2]",
    "-$v",
    "($v).^2",
    "$v*norm($v)",
    "max($v,0)",
    "($v'*$q)'",
    "cumsum($v)",
    "log(1+$v.^2)",
    "abs($v)",
    "max($M,[],2)",
    "min($M,[],2)",
    "vecnorm($M,2,2)",
    "var($M,2)",
    "dot($M,$M,2)",
    "[$s;$v[1:%r-1]]",
    "[$v[2:%r];$s]",
    "conv($v,$w)[1:%r]",
    "kron(eye(%r),$w')*vec(($M)')",
    "inv($c)[:,1:2]*$v[1:2]",
    "reshape(reshape([$v;$v],2,%r),%r,2)*[$s;$s]",
    "(($v)'/$c)'",
    "vecnorm([$v,$v],2,2)",
    "$q^2*$v",
    "mean($M,2)",
    "logsumexp($M,2)",
    "sum($M.^2,2)",
    "($q)[2,:]'",
    "[$v,$v]*[$s;$s]",
    "logsoftmax($v)",
    "where($v>$v,$v,$s)",
    "min($v,$v)",
    "($v).^3",
    "tril($q)*$v",
    "vec($v)",
    "prod(2+cos($M),2)",
    "inv($c)*$M*$w",
    "$v-mean($v)",
    "$v/norm($v)",
    "where($s>1/7,$v,$v)",
    "gelu($v)",
    "erf($v)",
    "($q+diag($v))*$v",
};
static const char *const matrices[] = {
    "($m+$m)",
    "($m-$m)",
    "$s*$m",
    "$m.*$m",
    "$q*$m",
    "$m*$Q",
    "($t)'",
    "$v*$V'",
    "diag($v)*$m",
    "$m*diag($V)",
    "tanh($m)",
    "sigmoid($m)",
    "exp(-$m.^2)",
    "reshape(reshape($m,%c,%r),%r,%c)",
    "[$v,$m[:,2:%c]]",
    "[$V';$m[2:%r,:]]",
    "$m.*(max($m,[],2)*ones(%c)')",
    "$m-ones(%r)*mean($m,1)",
    "$m./(1+sum($m.^2,2)*ones(%c)')",
    "$q[:,1:2]*$t[:,1:2]'",
    "inv($c)[:,1:2]*$m[1:2,:]",
    "kron($v,$V')",
    "max($m,0)",
    "abs($m)",
    "max($m,$m)",
    "$c\\$m",
    "softmax($m+$v*ones(%c)',2)",
    "cumsum($m,2)",
    "$M*$L",
    "inv($c)*$m",
    "-$m",
    "($m+$s)",
    "where($m>1/7,$m,$m)",
    "$m/(1+$s^2)",
    "sin($m)",
    "softmax($m,1)",
    "softmax($m,2)",
    "cumsum($m,1)",
    "($m).^2",
    "where($e==1,$m,$m)",
    "where($e>0,$m,0)",
    "log1p(exp(($t)'))",
    "log1p(-exp(-1-$t.^2)')",
    "sqrt(relu($m))",
    "$v*ones(%c)'+$m",
    "$m.*($v*$V')",
    "ones(%r)*$V'",
    "logsoftmax($m,2)",
};
static const char *const squares[] = {
    "$q'",
    "inv($c)",
    "diag($v)",
    "$v*$v'",
    "$q*$q",
    "eye(%r)",
    "($q+$q')",
    "$M*$M'",
    "diag(diag($q))",
    "($q)^2",
    "tril($q)",
    "triu($q)",
    "expm($q/4)",
    "sqrtm($c)",
    "$v*ones(%r)'",
    "logm($c)",
    "adj($q+3*eye(%r))",
    "$q^3/4",
    "$c^(1/2)",
    "triu($q,1)",
    "tril($q,-1)",
    "[$q[1:2,:];$q[3:%r,:]]",
    "inv($c)^2",
    "[$v,$q[:,2:%r]]",
    "$c^(-1)*$q",
    "diag(sum(where($E==1,0,$q),2))+diag(sum(where($E==1,0,$q),2))",
    "diag(sum(sigmoid($q),2))",
    "log1p(exp(diag(sum($q,2))))",
    "diag($v)*$q",
    "$q-diag(diag($q))",
    "chol($c)",
    "$M*$M'+$s*eye(%r)",
};
static const char *const definite[] = {"eye(%r)", "(eye(%r)+$q'*$0/4)", "(eye(%r)+P)", "(2*eye(%r)+$q'*$0/4)",
                                       "(eye(%r)+$v*$0')"};
static const char *const abstract_scalars[] = {"f(#n)",    "l(#n,#m)",   "norm(q(#m))^2",
                                               "f(#n)*$s", "l(#n,#m)^2", "f(q(#m))"};

// by rows; the vector, the matrix with m columns, with n
static const char *const integers[2][3] = {{"d", "H", "E"}, {"j", "E'", "G"}};

static int expression(tst_composition *c, tst_shape s, int depth);

static int add_step(tst_composition *c, tst_step step)
{
    c->step = tst_grow(c->step, (size_t)(c->n + 1) * sizeof *c->step);
    c->step[c->n] = step;
    return c->n++;
}

static int leaf(tst_composition *c, tst_shape s)
{
    unsigned fits[64], n = 0;
    for (unsigned i = 0; i < tst_nvariables; i++) {
        const tst_shape *o = &tst_variables[i].s;
        if (tst_variables[i].rare && tst_below(&c->rng, 3)) continue;
        if (o->order == s.order && (s.order < 1 || o->rows == s.rows) && (s.order < 2 || o->cols == s.cols))
            fits[n++] = i;
    }
    unsigned pick = fits[tst_below(&c->rng, n)];
    c->used |= 1ull << pick;
    return add_step(c, (tst_step){.text = tst_variables[pick].name, .s = s, .variable = (int)pick});
}

static int integer(tst_composition *c, tst_shape s)
{
    return add_step(c, (tst_step){.text = integers[s.rows][s.order == 1      ? 0
                                                           : s.cols == TST_M ? 1
                                                                             : 2],
                                  .s = s,
                                  .variable = -1});
}

// One template; its holes share one choice of dimensions, so that "$v'*$v" fits.
static int fill(tst_composition *c, const char *text, tst_shape s, int depth)
{
    tst_step step = {.text = text, .s = s, .variable = -1};
    int r = s.order               ? s.rows
            : strstr(text, "(n)") ? TST_N
                                  : (int)tst_below(&c->rng, 2),
        cols = s.order == 2 ? s.cols : 1 - r, k = 0;
    for (const char *t = text; *t; t++) {
        if (*t == '#') {
            step.child[k++] = expression(c, (tst_shape){1, *++t == 'n' ? TST_N : TST_M, 0}, depth - 1);
            continue;
        }
        if (*t != '$') continue;
        switch (*++t) {
        case 's': step.child[k] = expression(c, (tst_shape){0, 0, 0}, depth - 1); break;
        case 'v': step.child[k] = expression(c, (tst_shape){1, r, 0}, depth - 1); break;
        case 'w': step.child[k] = expression(c, (tst_shape){1, 1 - r, 0}, depth - 1); break;
        case 'V': step.child[k] = expression(c, (tst_shape){1, cols, 0}, depth - 1); break;
        case 'm': step.child[k] = expression(c, (tst_shape){2, r, cols}, depth - 1); break;
        case 't': step.child[k] = expression(c, (tst_shape){2, cols, r}, depth - 1); break;
        case 'q': step.child[k] = expression(c, (tst_shape){2, r, r}, depth - 1); break;
        case 'Q': step.child[k] = expression(c, (tst_shape){2, cols, cols}, depth - 1); break;
        case 'M': step.child[k] = expression(c, (tst_shape){2, r, 1 - r}, depth - 1); break;
        case 'L': step.child[k] = expression(c, (tst_shape){2, 1 - r, cols}, depth - 1); break;
        case 'i': step.child[k] = integer(c, (tst_shape){1, r, 0}); break;
        case 'e': step.child[k] = integer(c, (tst_shape){2, r, cols}); break;
        case 'E': step.child[k] = integer(c, (tst_shape){2, r, r}); break;
        case 'c': {
            const char *form = definite[tst_below(&c->rng, sizeof definite / sizeof *definite)];
            step.child[k] = fill(c, strchr(form, 'P') && r != TST_N ? definite[0] : form,
                                 (tst_shape){2, r, r}, depth - 1);
            c->step[step.child[k]].kind = 'c';
            if (strchr(form, 'P')) c->used |= 1ull << 14;
            break;
        }
        case '0': step.child[k] = step.child[k - 1]; break;
        default: step.child[k] = -1 - (int)tst_below(&c->rng, 3); break;
        }
        k++;
    }
    if (!s.order) step.s.rows = r;
    return add_step(c, step);
}

#define PICK(c, list) (list)[tst_below(&(c)->rng, sizeof(list) / sizeof *(list))]

static int expression(tst_composition *c, tst_shape s, int depth)
{
    if (depth <= 0 || tst_below(&c->rng, 6) == 0) return leaf(c, s);
    if (!s.order && c->abstract && tst_below(&c->rng, 2)) return fill(c, PICK(c, abstract_scalars), s, depth);
    const char *t = s.order == 0                                ? PICK(c, scalars)
                    : s.order == 1                              ? PICK(c, vectors)
                    : s.rows == s.cols && tst_below(&c->rng, 2) ? PICK(c, squares)
                                                                : PICK(c, matrices);
    int id = fill(c, t, s, depth);
    if (!s.order) c->step[id].s.order = 0;
    return id;
}

void tst_compose(tst_composition *c, tst_shape s, int depth) { expression(c, s, depth); }

// ---- text -------------------------------------------------------------------------------------------------
// The step's text with its holes as whole expressions, or as names h0, h1, ...
static void write_step(const tst_composition *c, int id, bool whole, FILE *out)
{
    const tst_step *s = &c->step[id];
    int k = 0;
    for (const char *t = s->text; *t; t++) {
        if (*t == '%') {
            int dim = *++t == 'r' ? s->s.rows : s->s.order == 2 ? s->s.cols : 1 - s->s.rows;
            fputs(dim == TST_M ? "m" : "n", out);
        } else if (*t == '$' || *t == '#') {
            int child = s->child[k++];
            t++;
            if (child < 0) fprintf(out, "%d", -child);
            else if (!whole) fprintf(out, "hole%d", child);
            else if (c->step[child].variable >= 0) fputs(c->step[child].text, out);
            else {
                fputc('(', out);
                write_step(c, child, true, out);
                fputc(')', out);
            }
        } else {
            fputc(*t, out);
        }
    }
}

static char *step_text(const tst_composition *c, int id, bool whole)
{
    char *text;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    write_step(c, id, whole, out);
    fclose(out);
    return text;
}

char *tst_composed(const tst_composition *c) { return step_text(c, c->n - 1, true); }

void tst_composition_free(tst_composition *c)
{
    free(c->step);
    *c = (tst_composition){0};
}

// ---- values -----------------------------------------------------------------------------------------------
static bool declare_hole(sd_context *x, sd_data *d, const tst_composition *c, int id, sd_array *a)
{
    static const char *const dim[] = {"m", "n"};
    const tst_shape *s = &c->step[id].s;
    bool definite_hole = c->step[id].kind == 'c';
    char *name = tst_format("hole%d", id), *text;
    if (s->order == 2)
        text = tst_format("%s: matrix(%s,%s)%s", name, dim[s->rows], dim[s->cols],
                          definite_hole ? " posdef" : "");
    else if (s->order == 1) text = tst_format("%s: vector(%s)", name, dim[s->rows]);
    else text = tst_format("%s: scalar", name);
    for (size_t i = 0; definite_hole && i < a->dim[0]; i++) // exactly symmetric
        for (size_t k = 0; k < i; k++) a->data[i * a->dim[0] + k] = a->data[k * a->dim[0] + i];
    bool ok = sd_declare(x, text, NULL) == SD_OK && sd_data_set(d, name, a) == SD_OK;
    free(name);
    free(text);
    return ok;
}

static bool finite_array(const sd_array *a)
{
    size_t n = tst_entries(a);
    for (size_t i = 0; i < n; i++)
        if (!isfinite(a->data[i])) return false;
    return true;
}

bool tst_stepwise(const tst_composition *c, const tst_point *p, sd_array *out, char **what)
{
    sd_context *x = sd_context_new(NULL);
    sd_data *d = NULL;
    bool ok = x && sd_declare(x, tst_declarations, NULL) == SD_OK && (d = tst_point_data(x, p));
    for (int id = 0; id < c->n && ok; id++) {
        char *text = step_text(c, id, false);
        sd_expr e = sd_parse(x, text, NULL);
        sd_array a = {0};
        sd_status status = e ? sd_interpret(x, sd_value(x, e), d, &a) : SD_ERR_SYNTAX;
        bool singular = status == SD_ERR_SINGULAR || status == SD_ERR_DOMAIN;
        if (status != SD_OK && !singular) *what = tst_format("step %s: %s", text, sd_last_error(x)->message);
        ok = status == SD_OK && finite_array(&a);
        if (ok && id + 1 == c->n) {
            size_t n = tst_entries(&a);
            *out = a;
            out->data = memcpy(tst_grow(NULL, (n + 1) * sizeof *a.data), a.data, n * sizeof *a.data);
        } else if (ok && !declare_hole(x, d, c, id, &a)) {
            *what = tst_format("step %s: %s", text, sd_last_error(x)->message);
            ok = false;
        }
        sd_free(x, a.data);
        free(text);
    }
    sd_data_free(d);
    sd_context_free(x);
    return ok;
}
