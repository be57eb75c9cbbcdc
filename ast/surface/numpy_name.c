// SPDX-License-Identifier: MIT
// Names of functions in NumPy, PyTorch and JAX: which function of the language each is.
//
// A name without its module is looked up in the table here, which has functions with an axis, a shape or a
// meaning of their own; then in the spellings of the three languages, read backwards. What is known to be
// missing has a hint. Entry: sdp_numpy_find.
#include "ast/surface/numpy.h"
#include "language/language.h"

static const struct {
    const char *name, *text;
    form form;
    uint8_t min, max;
} functions[] = {
    {"sum", "sum", REDUCE, 1, 2},
    {"mean", "mean", REDUCE, 1, 2},
    {"max", "maxof", REDUCE, 1, 2},
    {"min", "minof", REDUCE, 1, 2},
    {"amax", "maxof", REDUCE, 1, 2},
    {"amin", "minof", REDUCE, 1, 2},
    {"prod", "prod", REDUCE, 1, 2},
    {"logsumexp", "logsumexp", REDUCE, 1, 2},
    {"var", "var", VAR, 1, 2},
    {"std", "std", VAR, 1, 2},
    {"softmax", "softmax", ALONG, 1, 2},
    {"log_softmax", "logsoftmax", ALONG, 1, 2},
    {"cumsum", "cumsum", ALONG, 1, 2},
    {"flip", "flip", ALONG, 1, 2},
    {"flipud", "flipud", PLAIN, 1, 1},
    {"fliplr", "fliplr", PLAIN, 1, 1},
    {"norm", "norm", NORM, 1, 3},
    {"ones", "ones", SIZE, 1, 2},
    {"zeros", "zeros", SIZE, 1, 2},
    {"eye", "eye", PLAIN, 1, 2},
    {"identity", "eye", PLAIN, 1, 1},
    {"dot", "*", INNER, 2, 2},
    {"matmul", "*", PLAIN, 2, 2},
    {"mm", "*", PLAIN, 2, 2},
    {"mv", "*", PLAIN, 2, 2},
    {"vdot", "dot", PLAIN, 2, 2},
    {"outer", "*", OUTER, 2, 2},
    {"trace", "tr", PLAIN, 1, 1},
    {"diag", "diag", PLAIN, 1, 1},
    {"diagonal", "diag", PLAIN, 1, 1},
    {"inv", "inv", PLAIN, 1, 1},
    {"pinv", "pinv", PLAIN, 1, 1},
    {"det", "det", PLAIN, 1, 1},
    {"logdet", "logdet", PLAIN, 1, 1},
    {"solve", "\\", PLAIN, 2, 2},
    {"cholesky", "chol", PLAIN, 1, 1},
    {"expm", "expm", PLAIN, 1, 1},
    {"matrix_exp", "expm", PLAIN, 1, 1},
    {"sqrtm", "sqrtm", PLAIN, 1, 1},
    {"logm", "logm", PLAIN, 1, 1},
    {"matrix_power", "powm", PLAIN, 2, 2},
    {"fractional_matrix_power", "powm", PLAIN, 2, 2},
    {"kron", "kron", PLAIN, 2, 2},
    {"tril", "tril", PLAIN, 1, 2},
    {"triu", "triu", PLAIN, 1, 2},
    {"transpose", "'", PLAIN, 1, 1},
    {"t", "'", PLAIN, 1, 1},
    {"array", "bracket", ARRAY, 1, 1},
    {"asarray", "bracket", ARRAY, 1, 1},
    {"tensor", "bracket", ARRAY, 1, 1},
    {"slogdet", "logdet", PART, 1, 1},
    {"eigvalsh", "lambda_max", PART, 1, 1},
    {"flatten", "vec", FLATTEN, 1, 2},
    {"ravel", "vec", FLATTEN, 1, 2},
    {"heaviside", "step", STEP, 2, 2},
    {"where", "where", MAP, 3, 3},
    {"maximum", "max", MAP, 2, 2},
    {"minimum", "min", MAP, 2, 2},
    {"logaddexp", "logaddexp", STEP, 2, 2},
    {"add", "+", MAP, 2, 2},
    {"subtract", "-", MAP, 2, 2},
    {"negative", "neg", MAP, 1, 1},
    {"true_divide", "./", MAP, 2, 2},
    {"absolute", "abs", MAP, 1, 1},
    {"inner", "*", INNER, 2, 2},
    {"diff", "diff", PLAIN, 1, 1},
    {"mse_loss", "mse", PLAIN, 2, 2},
    {"len", "size", SHAPE, 1, 1},
    {"size", "numel", SHAPE, 1, 2},
    {"numel", "numel", SHAPE, 1, 1},
    {"concatenate", "vcat", JOIN, 1, 2},
    {"concat", "vcat", JOIN, 1, 2},
    {"cat", "vcat", JOIN, 1, 2},
    {"hstack", "(hstack)", JOIN, 1, 1},
    {"vstack", "(below)", JOIN, 1, 1},
    {"block", "block", JOIN, 1, 1},
    {"reshape", "reshape", RESHAPE, 2, 3},
    {"einsum", "einsum", EINSUM, 2, 8},
    {"fabs", "abs", MAP, 1, 1},
    {"remainder", "mod", MAP, 2, 2},
    {"cross", "cross", PLAIN, 2, 2},
    {"convolve", "conv", PLAIN, 2, 2},
    {"norm.cdf", "normcdf", MAP, 1, 1},
    {"norm.pdf", "normpdf", MAP, 1, 3},
    {"norm.logpdf", "lognormpdf", MAP, 1, 3},
    {"norm.ppf", "norminv", MAP, 1, 1},
    {"arctan2", "atan2", MAP, 2, 2},
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

// A row of the table that is element by element, by its name, an alias, or
// what NumPy, PyTorch or JAX calls it.
static int spelled(const char *name)
{
    for (int i = 1; i < SDP_OP_COUNT; i++) {
        const sdp_op *o = &sdp_ops[i];
        const char *const spelling[] = {sdp_language(SD_NUMPY)->spell[i], sdp_language(SD_TORCH)->spell[i],
                                        sdp_language(SD_JAX)->spell[i]};
        if (o->kind == SDP_OP_LATER || o->kind == SDP_OP_CONST || o->shape != SDP_SHAPE_map) continue;
        for (int k = 0; k < 3; k++)
            if (spelling[k] && !strchr(spelling[k], '$') && !strcmp(last_part(spelling[k]), name)) return i;
    }
    int op = sdp_op_find(name, strlen(name));
    return op && sdp_ops[op].shape == SDP_SHAPE_map && sdp_ops[op].kind != SDP_OP_CONST ? op : 0;
}

// Is all in front of the last part a module of functions? np.random.gamma draws numbers, scipy.stats.gamma is
// a law, np.subtract.outer takes all pairs: none of them is what its last part says.
static bool in_functions(const char *name, const char *last)
{
    static const char *const modules[] = {"np",     "numpy", "jnp", "torch",     "jax", "scipy",
                                          "math",   "sp",    "sps", "special",   "F",   "nn",
                                          "linalg", "stats", "lax", "functional"};
    for (const char *part = name; part < last;) {
        size_t n = strcspn(part, ".");
        bool found = !n; // of a method, .sum
        for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
            found |= strlen(modules[i]) == n && !memcmp(modules[i], part, n);
        if (!found) return false;
        part += n + 1;
        if (part == last && n == 5 && !memcmp(part - 6, "stats", 5)) return false; // a law has a method
    }
    return true;
}

bool sdp_numpy_find(const char *name, meaning *m)
{
    const char *last = last_part(name);
    bool inside = in_functions(name, last);
    for (size_t i = 0; i < FUNCTIONS; i++) {
        const char *row = functions[i].name;
        size_t n = strlen(row), all = strlen(name);
        bool method = strchr(row, '.') && all >= n && !strcmp(name + all - n, row) && // scipy.stats.norm.cdf
                      (all == n || name[all - n - 1] == '.');
        if (!method && (!inside || strcmp(row, last))) continue;
        *m = (meaning){functions[i].text, functions[i].form, functions[i].min, functions[i].max};
        return true;
    }
    int op = inside ? spelled(last) : 0;
    if (op)
        *m = (meaning){sdp_ops[op].name, MAP, (uint8_t)sdp_ops[op].min_args, (uint8_t)sdp_ops[op].max_args};
    return op != 0;
}

// What is missing, and what to write in its place.
static const struct {
    const char *name, *hint;
} others[] = {
    {"stack", "arrays have at most two axes here; np.concatenate([a, b]) puts vectors behind each other"},
    {"column_stack", "np.concatenate([a[:,None], b[:,None]], axis=1)"},
    {"arange", "np.cumsum(np.ones(n)) is 1, 2, .., n"},
    {"linspace", "give the points as data, or a + (b-a)*np.cumsum(np.ones(n))/n"},
    {"tensordot", "A @ B, np.sum(A*B)"},
    {"expand_dims", "x[:,None] and x[None,:]"},
    {"squeeze", "arrays of one entry are numbers here; without keepdims there is no axis to drop"},
    {"newaxis", "x[:,None]"},
    {"all", "it has no derivative; conditions are parts of np.where(c, a, b)"},
    {"any", "it has no derivative; conditions are parts of np.where(c, a, b)"},
    {"argmax", "a position has no derivative; np.max(x) is the largest entry"},
    {"argmin", "a position has no derivative; np.min(x) is the smallest entry"},
    {"median", "of what depends on the order of entries there are np.max and np.min"},
    {"sort", "of what depends on the order of entries there are np.max and np.min"},
    {"cross_entropy", "it takes logits: -np.sum(y*log_softmax(z))"},
    {"binary_cross_entropy_with_logits", "np.mean(np.logaddexp(0,z) - y*z)"},
    {"binary_cross_entropy", "-np.mean(y*np.log(p) + (1-y)*np.log(1-p))"},
    {"nll_loss", "-np.sum(y*z) of log-probabilities z"},
    {"astype", "numbers are real; leave it out"},
    {"copy", "leave it out"},
    {"item", "leave it out"},
    {"ndim", "arrays have at most two axes here"},
    {"random", "give it as data"},
    {"randn", "give it as data"},
    {"outer", "with axes, np.subtract(x[:,None], y[None,:]); np.outer(x, y) is the product of all pairs"},
    {"reduce", "np.sum(x), np.prod(x), np.max(x), np.min(x)"},
    {"accumulate", "np.cumsum(x)"},
    {"at", "x[0] is the first entry"},
    {"svd", "np.linalg.norm(X, 2) is the largest singular value, np.linalg.norm(X, 'nuc') their sum"},
    {"multi_dot", "A @ B @ C"},
    {"cov", "with centred columns, Z = X - X.mean(axis=0), it is Z.T @ Z/(len(X)-1)"},
    {"average", "np.sum(w*x)/np.sum(w)"},
    {"ones_like", "np.ones(n), np.ones((m,n))"},
    {"zeros_like", "np.zeros(n), np.zeros((m,n))"},
    {"full_like", "c*np.ones(n), c*np.ones((m,n))"},
};

_Noreturn void sdp_numpy_unknown(numpy *q, const sdp_syntax *s)
{
    const char *all[FUNCTIONS + SDP_OP_COUNT], *last = last_part(s->text);
    size_t n = 0;
    sdp_base *b = &q->h.g->base;
    for (; n < FUNCTIONS; n++) all[n] = functions[n].name;
    for (int i = 1; i < SDP_OP_COUNT; i++)
        if (sdp_ops[i].shape == SDP_SHAPE_map && sdp_ops[i].kind != SDP_OP_LATER &&
            sdp_is_letter(sdp_ops[i].name[0]))
            all[n++] = sdp_ops[i].name;
    const char *near = NULL, *known = NULL;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!strcmp(others[i].name, *last == '.' ? last + 1 : last)) known = others[i].hint;
    bool inside = in_functions(s->text, last);
    meaning m;
    if (!known && !inside && sdp_numpy_find(last, &m))
        known = strstr(s->text, "random.") ? "give it as data"
                                           : "the functions of np, scipy.special and torch are read, and "
                                             "scipy.stats.norm.pdf, logpdf, cdf and ppf";
    if (!known) near = sdp_nearest(last, all, n);
    int op = inside ? sdp_op_find(last, strlen(last)) : 0;
    const char *hint = known  ? known
                       : near ? sdp_printf(b, "did you mean '%.*s%s'?", (int)(last - s->text), s->text, near)
                       : op && sdp_ops[op].kind == SDP_OP_LATER ? sdp_ops[op].doc
                                                                : NULL;
    fail(q, s->op, hint, sdp_printf(b, "unknown function '%s'", s->text));
}

// A function of the user's, f(x), is none of NumPy's.
bool sdp_numpy_is_own(numpy *q, const char *name)
{
    sdp_derivative d;
    return sdp_hand_is_defined(&q->h, name) || sdp_derivative_find(q->h.g, name, &d) ||
           d.function != UINT32_MAX;
}

bool sdp_numpy_is_called(const numpy *q, const sdp_syntax *s)
{
    char c = s->kind == SYN_CALL ? s->text[0] : 0;
    bool method = c == '.' && sdp_is_letter(s->text[1]);
    return method || (sdp_is_letter(c) && s->op.end < s->span.end && q->in->source[s->op.begin] == c &&
                      strcmp(s->text, "mod"));
}
