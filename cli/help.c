// SPDX-License-Identifier: MIT
// symdiff help: made from the tables of commands, options and operators; only the language page is prose.
#include "cli/cli.h"

#include <string.h>

static const char language[] =
    "Expressions are MATLAB-like; mathematical Unicode is accepted everywhere.\n"
    "\n"
    "  + - * / \\ ^          sums, products (matrix products too), quotients, powers; A\\b solves\n"
    "  .* ./ .^             element by element\n"
    "  x'                   transpose\n"
    "  norm(x)  ||x||       2-norm (Frobenius of a matrix); norm(x,1), norm(x,inf)\n"
    "  x[3] X[2,:] x[2:5]   entries and ranges, counted from 1\n"
    "  [a, b; c, d]         vectors and matrices, blocks too\n"
    "  where(c, a, b)       a where c holds, else b; comparisons < <= == != > >=\n"
    "  ones(n) eye(n)       also zeros, and with two sizes; pi, e and inf are constants\n"
    "  r = X*t-Y; r'*r      bindings; sq(v) = v'*v defines a function\n"
    "  grad(f,x)            derivatives as terms; jacobian(f,x), hessian(f,x)\n"
    "\n"
    "Declarations (-d, model files): X: matrix(m,n); t: vector(n); N: scalar positive.\n"
    "What is not declared is inferred: capitals are matrices, h to z and Greek letters vectors,\n"
    "a to g and N scalars, unless the expression says otherwise. The shapes are reported.\n"
    "# and % start a comment. Numbers are exact: 0.1 is 1/10.\n";

static const char reading[] =
    "Formulas are read as they stand in books:\n"
    "\n"
    "  A x   2 X w   Ax   x'Px          products; a word of two or three letters is one if a letter of it\n"
    "                                   is a variable elsewhere or asked for, and nobody declared the word\n"
    "  log x   log det X   sin^2 x      a function takes the operand behind it\n"
    "  e^{-x}   A^{-T}   x_{12}         braces\n"
    "  |x|   log|A|   ||x||             absolute value, determinant, norm\n"
    "  A + s I   1'x                    the identity, the vector of ones\n"
    "  [x > 0]   {a if c; b otherwise}  indicators, cases\n"
    "  L(w) = ...   argmin_w ...        the right side; what follows, by w\n"
    "  sum_i (y_i - w'x_i)^2            sums over an index; prod_i, max_i, min_i, mean_i; x_i is an entry of "
    "the\n"
    "                                   vector x, or a row of the matrix x\n"
    "  f'(x0)   \xE2\x88\x87"
    "f(x0)                 derivatives at a point, of a function that the text defines\n"
    "  W_1 W1   theta \xCE\xB8              one name however it is typed\n"
    "\n"
    "The kind of an undeclared name follows from the shapes, then from its role (what is only added to an "
    "array\n"
    "has its shape, an intercept is a number, what is only multiplied with and added to numbers is one), "
    "then\n"
    "from its letter. symdiff explain EXPR says why.\n"
    "What a person could mean otherwise is refused, with the text for each reading: 1/2x, log a/b, sin x y,\n"
    "||A||_1 of a matrix, tr(exp(X)), y*(X*w) of two columns, std(x,1). A '# note:' names what was taken by "
    "habit.\n"
    "\n"
    "LaTeX (\\frac{1}{n}\\|Xw-y\\|^2) and NumPy, PyTorch or JAX (np.sum((X@w-y)**2)) are known by what "
    "stands\n"
    "in the text; --from plain, latex or numpy says so. In LaTeX letters side by side are factors, a word "
    "is\n"
    "\\text{loss}. In NumPy * / ** work entry by entry with broadcasting, @ is the product of matrices, axes "
    "and\n"
    "positions count from 0, and a vector has no orientation.\n";

static const char rules[] =
    "Rules that `symdiff steps` names:\n"
    "\n"
    "  affine in x       d(A*x+b) = A*dx: the local derivative does not depend on x\n"
    "  power rule        d(x^k) = k*x^(k-1)*dx, entry by entry\n"
    "  exponential rule  d(a^x) = a^x*log(a)*dx\n"
    "  product rule      d(A*B) = dA*B+A*dB, in this order\n"
    "  f' = ...          the derivative of a function of numbers, entry by entry\n"
    "  rule of f         the derivative of a function of arrays, or of several arguments: symdiff help f\n"
    "  chain rule for f  the derivative of a function that is only declared\n"
    "\n"
    "Adjoints of several users add up. J_f(v) is the matrix df/dv; v_ is the derivative of the value by v in "
    "the\n"
    "shape of v; dv is the change of v along a direction. A part of the text that is a definition keeps its "
    "name.\n";

static void put_overview(text *t)
{
    put(t, "symdiff: the derivative of a formula with vectors and matrices, as a formula, as C, or as "
           "numbers\n\nusage:\n");
    for (size_t i = 0; command_at(i); i++) {
        putf(t, "  %s\n      %s\n", command_at(i)->usage, command_at(i)->about);
    }
    put(t, "\noptions:\n");
    options_describe(t, NULL, NULL);
    put(t, "\nexit status: 0 done, 1 no answer, 2 wrong usage, 3 a limit or an internal error, 4 not decided "
           "(equal)\n"
           "example: symdiff \"norm(X*t-Y)^2/N\" --wrt t\n");
}

static void put_functions(text *t)
{
    sd_operator op;
    for (size_t i = 0; sd_operator_at(i, &op); i++) {
        text names = {0};
        put(&names, op.name);
        if (op.alias && *op.alias) putf(&names, " (%s)", op.alias);
        putf(t, "  %-26s %s\n", names.s, op.doc ? op.doc : "");
        text_free(&names);
    }
}

static bool has_name(const sd_operator *op, const char *name)
{
    if (!strcmp(op->name, name)) return true;
    size_t n = strlen(name);
    for (const char *w = op->alias ? op->alias : ""; *w;) {
        size_t k = strcspn(w, " ");
        if (k == n && !memcmp(w, name, n)) return true;
        w += k + (w[k] == ' ');
    }
    return false;
}

static bool put_operator(text *t, const char *name)
{
    sd_operator op;
    static const char *const arg[] = {"x", "y", "z"};
    bool found = false;
    for (size_t i = 0; sd_operator_at(i, &op); i++) {
        if (!has_name(&op, name)) continue;
        found = true;
        putf(t, "%s: %s\n", op.name, op.doc ? op.doc : "");
        if (op.alias && *op.alias) putf(t, "  also called  %s\n", op.alias);
        for (int k = 0; k < 3; k++)
            if (op.derivative[k]) putf(t, "  d/d%s         %s\n", arg[k], op.derivative[k]);
        if (op.domain) putf(t, "  defined for  %s\n", op.domain);
        if (op.kink) putf(t, "  kink at      %s\n", op.kink);
    }
    return found;
}

static void put_command(text *t, const command *k)
{
    putf(t, "%s\n  %s\n\noptions:\n", k->usage, k->about);
    options_describe(t, NULL, k->name);
}

int run_help(options *o)
{
    const char *topic = o->words.n ? o->words.s[0] : "";
    const command *k = command_find(topic);
    text t = {0};
    int status = DONE;
    if (!*topic) put_overview(&t);
    else if (k) put_command(&t, k);
    else if (!strcmp(topic, "options")) options_describe(&t, NULL, NULL);
    else if (!strcmp(topic, "functions")) put_functions(&t);
    else if (!strcmp(topic, "language")) put(&t, language);
    else if (!strcmp(topic, "reading")) put(&t, reading);
    else if (!strcmp(topic, "rules")) put(&t, rules);
    else if (put_completions(&t, topic)) {
    } else if (options_describe(&t, topic + (strncmp(topic, "--", 2) ? 0 : 2), NULL)) {
    } // help wrt; help -- --hvp
    else if (!put_operator(&t, topic)) {
        status = complain(o, BAD_USAGE,
                          "symdiff help lists commands and options, symdiff help functions all functions",
                          "there is no help on '%s'", topic);
    }
    if (!status) status = answer(o, &t);
    text_free(&t);
    return status;
}
