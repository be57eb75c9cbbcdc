// SPDX-License-Identifier: MIT
// Expressions with the function of a row of the operator table, made from its shape rule;
// samples.h tells how they are written.
#include "tests/support/samples.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

static bool is_word(const char *s)
{
    if (!isalpha((unsigned char)*s)) return false;
    while (isalnum((unsigned char)*s) || *s == '_') s++;
    return !*s;
}

// Expressions with a row's function, made from its shape rule: '$' is the name, two blanks stand between
// samples. A row whose rule stands in neither table has no sample and fails the test.
static const struct {
    const char *rule, *samples;
} by_rule[] = {
    {"max", "$(x,y)  $(x,a)  $(x)  $(X)  $(X,[],1)  $(X,[],2)"},
    {"reduce", "$(x)  $(X)  $(X,1)  $(X,2)"},
    {"var", "$(x)  $(X)  $(X,0,1)  $(X,1,2)"},
    {"softmax", "$(x)  $(X,1)  $(X,2)"},
    {"others", "$(x)  $(X)  $(X,1)  $(X,2)"},
    {"cumsum", "$(x)  $(X,1)  $(X,2)"},
    {"norm", "$(x)  $(x,1)  $(x,2)  $(x,3)  $(x,inf)  $(X)  $(X,'fro')  $(X,'nuc')  $(A,'nuc')  $(X,2)  "
             "$(X,2,1)  $(X,2,2)  $(X,3,2)"},
    {"vecnorm", "$(X)  $(X,3)  $(X,2,2)"},
    {"scalar", "$(x)  $(X)"},
    {"matrix", "$(A)"},
    {"matrix_scalar", "$(X)  $(A)"},
    {"square", "$(A)"},
    {"square_scalar", "$(A)  $(S)"},
    {"bars", "$(x[1])  $(A)"},
    {"square_function", "$(S)  $(A)"},
    {"symmetric", "$(S)  $(X*X'+eye(m))"},
    {"symmetric_scalar", "$(S)  $(A*A')"},
    {"pinv", "$(X)  $(X')"},
    {"sylvester", "$(A,S,A)  $(X*X',S,X)  $(a,S,y')  $(X*X',b,t)"},
    {"dot", "$(x,y)  $(X,Y,1)  $(X,Y,2)"},
    {"diag", "$(x)  $(A)"},
    {"vec", "$(X)"},
    {"kron", "$(X,A)  $(x,y)"},
    {"conv", "$(x,t)  $(x,x)"},
    {"correlate", "$([x;t],t)  $(x,x)"},
    {"reshape", "$(X,n,m)"},
    {"transpose", "X$  x$*A"},
    {"product", "a$X  X$y  x'$y  x$t'  A$X'"},
    {"quotient", "X$a  a$b  y'$A"},
    {"solve", "A$y  A$X'  S$y"},
    {"power", "a$3  A$2  A$3  A$(-1)  b$a"},
    {"index", "x[2]  X[1,2]  X[2,:]  X[:,1]  x[2:3]"},
    {"bracket", "[x;t]  [A,X';X,X*X']"},
    {"row", "[x,y]"},
    {"apply", "f(A*x)  f(x)*x"},
    {"ones", "$(n)*a+x  $(m,n)*a+X"},
    {"eye", "$(n)*x  a*$(n)+A"},
    {"fillvec", "$(a).*x"},
    {"fillmat", "$(a).*X"},
    {"gradient", "$(sum(x.^3.*y),x)"},
    {"jacobian", "$(A*x.^3,x)*y"},
    {"hessian", "$(sum(x.^3.*y),x)*y"},
};
// Rows that need arguments of their own.
static const struct {
    const char *name, *samples;
} by_name[] = {
    {"powm", "$(A,3)  $(S,a)  $(A,n)"},
    {"logerfcdiff", "$(x,exp(y))"},
    {"erfcdiffend", "$(x,exp(y))"},
    {"erfcdiffstart", "$(x,exp(y))"},
    {"erfcdiffshift", "$(x,exp(y))"},
    {"lgammadiff", "$(1,y,z)  $(0,y,z)"},
    {"stirlingdiff", "$(1,y,z)  $(0,y,z)"},
    {"where", "$(x>y,x.*z,y.^2)"},
    {"range", "x[1:2]"},
    {"inf", "min(x,$)+x.^2  norm(x,$)"},
    {"triu", "$(X)"},
    {"tril", "$(X)"},
    {"xlogy", "$(x,exp(y))"},
    {"xlog1py", "$(x,exp(y))"},
    {"huber", "$(x,b)  $(x,exp(y))"},
    {"pseudohuber", "$(x,b)"},
    {"normpdf", "$(x)  $(x,y)  $(x,a,b)"},
    {"lognormpdf", "$(x)  $(x,y)  $(x,a,b)"},
    {"logit", "$(sigmoid(x))"},
    {"betaln", "$(exp(x),exp(y))"},
    {"binomial", "$(exp(x)+exp(y),exp(y))"},
    {"log1mexp", "$(exp(x))"},
    {"gammainc", "$(2,exp(y))  $(1/2,exp(y))"},
    {"gammaincc", "$(2,exp(y))  $(1/2,exp(y))"},
    {"betainc", "$(2,3,sigmoid(x))  $(1/2,2,sigmoid(x))"},
    {"besselj", "$(0,x)  $(5/2,exp(x))"},
    {"bessely", "$(1,exp(x))  $(1/2,exp(x))"},
    {"besseli", "$(0,x)  $(1/3,exp(x))"},
    {"besselk", "$(0,exp(x))  $(5/2,exp(x))"},
    {"celu", "$(x)  $(x,b)"},
    {"mse", "$(x,y)  $(X,Y)"},
    {"outer", "$(x,y)"},
    {"size", "$(X,1)*sum(X.^2)  $(X,2)*sum(X.^2)"},
    {"numel", "$(X)*sum(X.^2)  $(x)*sum(x.^2)"},
    {"skew", "$(x[1:3])"},
    {"cross", "$(x[1:3],y[1:3])"},
    {"diff", "$(x)"},
    {"trapz", "$(x)"},
    {"cumprod", "$(x)"},
};

const char tst_declared[] =
    "x: vector(n)\ny: vector(n)\nz: vector(n)\nt: vector(m)\nX: matrix(m,n)\nY: matrix(m,n)\nA: matrix(n,n)\n"
    "S: matrix(n,n) posdef\na: scalar\nb: scalar positive\nf: function(vector(n)) -> scalar\n";

// A function of 1 to 3 vectors, or an operator. An argument without derivative is a small integer; conditions
// need a choice to make.
static char *mapped(const sdp_op *op)
{
    bool condition = op->range == SDP_RANGE_bool, word = is_word(op->name),
         first = op->kind == SDP_OP_MAP && !op->d[0] && op->min_args > 1;
    static const char *const arguments[] = {"", "x", "x,y", "x,y,z"};
    if (op->kind == SDP_OP_CONST) return tst_format("$*x.^2");
    if (!strcmp(op->name, "neg")) return tst_format("-x.^2");
    if (word && condition) return tst_format("x.*$(x)+x.^2");
    if (word)
        return op->max_args > 3 ? NULL
               : first          ? tst_format("$(1,y)")
                                : tst_format("$(%s)", arguments[op->max_args]);
    if (op->max_args == 1) return condition ? tst_format("where($(x>y),x.^2,2*x)") : NULL;
    if (!strcmp(op->name, "&") || !strcmp(op->name, "|")) return tst_format("where((x>0)$(y>0),x.^2,x.*y)");
    return condition ? tst_format("where(x$y,x.^2,x.*y)") : tst_format("x$y  x$a");
}

char *tst_samples(const sdp_op *op)
{
    for (size_t i = 0; i < sizeof by_name / sizeof *by_name; i++)
        if (!strcmp(by_name[i].name, op->name)) return tst_format("%s", by_name[i].samples);
    if (op->shape == SDP_SHAPE_map) return mapped(op);
    for (size_t i = 0; i < sizeof by_rule / sizeof *by_rule; i++)
        if (!strcmp(by_rule[i].rule, sdp_shape_rules[op->shape].name))
            return tst_format("%s", by_rule[i].samples);
    return NULL;
}

char *tst_sample(const char *sample, size_t n, const char *name)
{
    char *text = tst_copy("", 0);
    for (size_t i = 0; i < n; i++) {
        char *more = sample[i] == '$' ? tst_format("%s%s", text, name) : tst_format("%s%c", text, sample[i]);
        free(text);
        text = more;
    }
    return text;
}
