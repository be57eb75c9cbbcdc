// SPDX-License-Identifier: MIT
// Random nestings of what the passes of code generation look for (rewrites.c). A template for each form that
// a pass rewrites; the functions are those of the operator table.
#define _POSIX_C_SOURCE 200809L
#include "tests/support/nest.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "codegen/stable/stable.h"

// Holes: $s a scalar, $v a vector of n, $m a matrix m x n, $f a function of one argument, $k a small positive
// number, $0 and $1 what the first or second hole before has become.
const char tst_nest_declarations[] =
    "a, b, c: scalar; p, q: scalar positive; x, y, u: vector(n); g: vector(n) positive; z: vector(m); "
    "X, Y: matrix(m,n); A: matrix(n,n); S: matrix(n,n) symmetric";
static const char *const scalars[] = {
    "($s+$s)",
    "($s-$s)",
    "$s*$s",
    "$s/(1+$s^2)",
    "$s^2",
    "$s^3",
    "-$s",
    "$f($s)",
    "$f($s)",
    "$f($s)",
    "$f($s)",
    "$v'*$v",
    "sum($v)",
    // split.c, maximum.c
    "logaddexp($s,$s)",
    "($s+softplus($s-$0))",
    "($s-softplus($s-$0))",
    "($k*$s+$0*softplus($s-$1))",
    "(softplus($s)-$0)",
    "($f($s)-$s)",
    "($f($s)-$f($s))",
    "(1-$f($s)^2)",
    "($f($s)-1)",
    "($f($s)-1/2)",
    "(1-1/$f($s))",
    "($f($s)*$f($s)-$s)",
    "($s*$f($s)-$s)",
    "($s*$f($s)+$s*$f($s))",
    "(logsumexp($v)-$s)",
    "(logsumexp($v)-$v'*$0)",
    "(sqrt($s^2+$k)-$0)",
    "(sqrt($s^2+$s)-$0)",
    "(sqrt(1+$s)-1)",
    "(sqrt(1+$s^2)-$f($s))",
    "($s/sqrt($0^2+$k)-1)",
    "log(cosh($s))",
    "log(1-exp(-abs($s)-1/4))",
    "log(exp(abs($s)+1/4)-1)",
    "log(-expm1(-abs($s)-1/4))",
    "(softmax($v)-$v)[1]",
    "$v'*(softmax($v)-$v)",
    "($v'*softmax($v))^2-$s",
    "(lognormcdf($s)-$s*softplus($s))",
    // join.c
    "(sum(softplus($v))-$v'*$0)",
    "(sum(softplus($v))-$v'*$v)",
    "(sum(softplus(X*$v))-z'*(X*$0))",
    "(sum(logsumexp($m,2))-sum($m.*$0))",
    "(z'*logsumexp($m,2)-sum($m.*$0))",
    "sum(softplus($m*$v)-z.*($0*$1))",
    "(sum(softplus($v)+$v)-sum($v))",
    // norm.c
    "$v'*$v/norm($0)",
    "$v'*$v/norm($v)",
    "$s/hypot($0,$s)",
    "$s^2/hypot($0,$s)^3",
    "$s/sqrt($0^2+$s^2)",
    "$s^3/($0^2+$s^2)^(3/2)",
    "$v'*A*$0/norm($0)^2",
    "$v'*A*$0/norm($0)^3",
    "norm($v)*log(1+norm($0)^2)",
    "$v'*S*$0/(norm($0)*norm($v))",
    "(1-$v'*$v/(norm($0)*norm($1)))",
    "hypot($s,$s)",
    "hypot($s,hypot($s,$s))",
    // power.c
    "norm($v,3)",
    "norm($v,4)*norm($0,4)^2",
    "norm($v,p+1)",
    "sqrt(mean($v.^2))",
    "std($v)",
    "sum(abs($v).^p)^(1/p)",
    "sum(abs($v).^p)^(1/p)*$0[1]",
    "sum(abs($v).^3)^(-1/3)*$s",
    "(p*sum($v.^2))^(1/3)*$s",
    "std($v)/mean(abs($0)+1)",
    // pieces.c
    "([$v;$s]'*[$v;$s])",
    "sum([A,x]*[$v;$s])",
    "norm([x;a]+[$v;$s])^2",
    "($s*cosh($0)-sinh($0))/sinh($0)^2",
    "cosh($s)^2/sinh($0)",
    "$s/sinh($0)",
    "(exp($s)-$s)/exp($0)^2",
    "$s/expm1($0)",
    "(cosh($s)-1)/sinh($0)^2",
    "(1/$s-1/$s)*$0",
    "($f($s)-$f($s))/(1+$s^2)",
    // polynomial.c, series*.c
    "(exp($s)-1-$0)/$0^2",
    "(1-cos($s))/$0^2",
    "sin($s)/$0",
    "log1p($s^2)/$0^2",
    "($s-sin($0))/$0^3",
    "($s*cos($0)-sin($0))/$0^2",
    "sin(norm($v))/norm($0)",
    "(1-cos(norm($v)))/norm($0)^2*$s",
    "sum((eye(n)-1./sqrt(1+A.^2/4)).*S)",
    "sum((eye(n)-$f(A)).*S)",
    "sum((diag($v)-sin(diag($0))).*A)",
    "sum((diag(diag(A))-$f(A))./(1+S.^2))",
    "min(inv(eye(n)+A*A'/3))*$s",
    "expm1($v'*$v)/($0'*$1)",
    "($f($s)-$f(0))/$0",
    "(tanh($s)-$0)/$0^3",
    "(exp($s)-exp(-$0)-2*$0)/$0^3",
    "(erf($s)-$0)/$0^2",
    // scale.c, units.c
    "$v'*$v*sum(abs($0))/norm($0)^3",
    "log(norm($v))",
    "atan2(norm($v),norm($v))",
    "norm(X*$v)/norm($0)",
    "sum(abs($v))^2/sum($0.^2)",
    "log($v'*$0)",
    "$v'*inv(A*A'+eye(n))*$0/norm($0)",
    "tr($m'*$m)/norm($m,'fro')",
    "det(A)/norm(A,'fro')^2*$s",
    "logdet(A*A'*p)-$s",
    "sum(vecnorm($m,2,2).*z)",
    "sum(vecnorm($m,3,1).*($v)')",
    "norm($m*$v)^2/norm($0,'fro')",
    // where.c
    "where($s>$s,$s,$s)",
    "where($s==$s,$s,$s)",
    "where($s>0,1,0)*exp($s)",
    "sum(where($v>0,$v,0).*$v)",
    "where($s>0,log($0),$s)",
    "sum(where($m==0,$m,1./$0))",
    "where($s>1,$s,0)*where($s<2,$s,$s)",
    "max($s,$s)",
    "min($s,$s)",
    "max($v)",
    "prod($v)",
    "sqrt(max(0,$s))",
};
static const char *const vectors[] = {
    "x",
    "y",
    "u",
    "g",
    "$f($v)",
    "$f($v)",
    "$f($v)",
    "($v+$v)",
    "($v-$v)",
    "($v+$s)",
    "$s*$v",
    "$v.*$v",
    "A*$v",
    "softmax($v)",
    "(softmax($v)-$v)",
    "($f($v)-$f($v))",
    "($f($v)-1)",
    "logaddexp($v,$v)",
    "logsoftmax($v)",
    "$v*($v'*$0)/norm($0)",
    "$v/norm($0)",
    "$v/norm($v)",
    "where($v>$v,$v,$v)",
    "where($v==0,$v,$v)",
    "($v./sqrt($0.^2+1)-1)",
    "(sqrt($v.^2+$k)-$0)",
    "(softplus($v)-$v.*$0)",
    "($v+softplus($v-$0))",
    "softmax($v).*$v-softmax($0)*(softmax($0)'*$1)",
    "$v./($0.^2+$v.^2).^(1/2)",
    "(exp($v)-1)./$0",
    "sin($v)./$0",
    "logsumexp($m,1)'",
    "[x[1:n-1];$s]+$v",
    "sum($m.*(z*($v)'),1)'",
    "$m'*z",
    "vecnorm($m,2,1)'",
    "$v.*sum(abs($0).^p)^(-1/p)",
    "max($v,$v)",
    "cumsum($v)",
    "sum($f($m),1)'",
    "x.^2./norm(x)",
    "(1-$f($v).^2)",
};
static const char *const matrices[] = {"X",
                                       "Y",
                                       "X",
                                       "$f($m)",
                                       "$s*X",
                                       "z*$v'",
                                       "($m-$m)",
                                       "$m.*$m",
                                       "softmax($m,2)",
                                       "logaddexp($m,$m)",
                                       "(softmax($m,1)-$m)",
                                       "X.*(z*($v)')",
                                       "where($m>0,$m,$m)",
                                       "(sqrt($m.^2+1)-$0)"};

static int unary[SDP_OP_COUNT], nunary, split[SDP_OP_COUNT], nsplit;

void tst_nest_functions(int *functions, int *of_them_split)
{
    for (int op = 1; op < SDP_OP_COUNT; op++) {
        const sdp_op *o = &sdp_ops[op];
        bool map = o->kind == SDP_OP_MAP ||
                   ((o->kind == SDP_OP_SUGAR || o->kind == SDP_OP_FORM) && o->shape == SDP_SHAPE_map);
        if (!map || o->min_args != 1 || !isalpha((unsigned char)*o->name)) continue;
        unary[nunary++] = op;
        if (sdp_is_split(op)) split[nsplit++] = op;
    }
    *functions = nunary;
    *of_them_split = nsplit;
}

enum { HOLES = 8 };
typedef struct {
    tst_rng *rng;
    int depth, n;
    char *hole[HOLES];
} expansion; // hole: what they have become

// A function of what stands in these parentheses, which is brought into its domain, mostly. Half of all
// functions are split ones.
static char *apply(tst_rng *rng, const char *argument)
{
    static const char *const inside[][2] = {
        {"", ""}, {"abs(", ")"}, {"2+sin(", ")"}, {"tanh(", ")/2"}, {"1+abs(", ")"}};
    int op =
        tst_below(rng, 2) ? split[tst_below(rng, (unsigned)nsplit)] : unary[tst_below(rng, (unsigned)nunary)];
    unsigned how = sdp_ops[op].domain ? tst_below(rng, sizeof inside / sizeof *inside) : 0;
    return tst_format("%s(%s%s%s)", sdp_ops[op].name, inside[how][0], argument, inside[how][1]);
}

static char *joined(char *a, char *b)
{
    char *text = tst_format("%s%s", a, b);
    free(a);
    free(b);
    return text;
}

static char *expand(expansion *x, const char *t, const char *end);

// $f( ... ): `t` stands behind f; moves it behind the closing parenthesis
static char *expand_call(expansion *x, const char **t)
{
    const char *from = *t + 1;
    int level = 1;
    for (*t = from; level; ++*t) level += **t == '(' ? 1 : **t == ')' ? -1 : 0;
    char *argument = expand(x, from, *t - 1), *text = apply(x->rng, argument);
    free(argument);
    return text;
}

static char *expand(expansion *x, const char *t, const char *end)
{
    static const char *const small[] = {"1", "2", "4", "1/3", "p", "p^2"};
    char *text = tst_copy("", 0);
    while (t < end) {
        size_t n = strcspn(t, "$");
        if (n > (size_t)(end - t)) n = (size_t)(end - t);
        text = joined(text, tst_copy(t, n));
        t += n;
        if (t == end) break;
        char hole = t[1];
        t += 2;
        if (hole == 'f') {
            text = joined(text, expand_call(x, &t));
        } else {
            bool again = isdigit((unsigned char)hole);
            char *part = again         ? tst_copy(x->hole[hole - '0'], strlen(x->hole[hole - '0']))
                         : hole == 'k' ? tst_copy(small[tst_below(x->rng, 6)], 8)
                                       : tst_nest(x->rng, hole, x->depth - 1);
            text = joined(text, tst_copy(part, strlen(part)));
            if (!again && x->n < HOLES) x->hole[x->n++] = part;
            else free(part);
        }
    }
    return text;
}

#define COUNT(list) (unsigned)(sizeof(list) / sizeof *(list))
char *tst_nest(tst_rng *rng, char kind, int depth)
{
    static const char *const leaf[] = {"a", "b", "c", "p", "q", "a", "1/2", "-3"};
    bool end = depth <= 0 || !tst_below(rng, 8);
    const char *t = kind == 's'
                        ? (end ? leaf[tst_below(rng, COUNT(leaf))] : scalars[tst_below(rng, COUNT(scalars))])
                    : kind == 'v' ? vectors[tst_below(rng, end ? 4 : COUNT(vectors))]
                                  : matrices[tst_below(rng, end ? 2 : COUNT(matrices))];
    expansion x = {.rng = rng, .depth = depth};
    char *text = expand(&x, t, t + strlen(t));
    for (int i = 0; i < x.n; i++) free(x.hole[i]);
    if (strpbrk(text, "+-*/^ ]")) text = joined(joined(tst_copy("(", 1), text), tst_copy(")", 1));
    return text;
}
