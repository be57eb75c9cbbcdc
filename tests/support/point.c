// SPDX-License-Identifier: MIT
// From a legend ("X: matrix(m,n) symmetric; t: vector(n)") to random data that satisfies it.
//
// Every dimension name gets a size of its own (3, 4, 5, 2, ...): distinct sizes are what catches a lost
// transpose. Values are drawn in several kinds, from all of the line to ever safer domains; the caller takes
// the first kind at which the expression has finite values.
#include "tests/support/test.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *word;
    unsigned fact;
} fact_words[] = {
    {"symmetric", TST_SYMMETRIC},   {"posdef", TST_POSDEF},   {"psd", TST_PSD},
    {"diagonal", TST_DIAGONAL},     {"lower", TST_LOWER},     {"upper", TST_UPPER},
    {"orthogonal", TST_ORTHOGONAL}, {"unit", TST_UNIT},       {"positive", TST_POSITIVE},
    {"nonneg", TST_NONNEG},         {"simplex", TST_SIMPLEX}, {"onehot", TST_ONEHOT},
    {"integer", TST_INTEGER},
};

const tst_input *tst_point_find(const tst_point *p, const char *name)
{
    for (size_t i = 0; i < p->n; i++)
        if (!strcmp(p->in[i].name, name)) return &p->in[i];
    return NULL;
}

static unsigned facts_of(const char *s, const char *end)
{
    unsigned facts = 0;
    bool triangular = false;
    while (s < end) {
        size_t k = 0;
        while (s + k < end && (isalnum((unsigned char)s[k]) || s[k] == '_')) k++;
        for (size_t i = 0; i < sizeof fact_words / sizeof *fact_words; i++)
            if (k == strlen(fact_words[i].word) && !strncmp(s, fact_words[i].word, k))
                facts |= fact_words[i].fact;
        triangular |= k == strlen("triangular") && !strncmp(s, "triangular", k);
        s += k ? k : 1;
    }
    if (triangular && !(facts & (TST_LOWER | TST_UPPER))) facts |= TST_LOWER;
    return facts;
}

static char *trimmed(const char *s, const char *end)
{
    while (s < end && isspace((unsigned char)*s)) s++;
    while (end > s && isspace((unsigned char)end[-1])) end--;
    return tst_copy(s, (size_t)(end - s));
}

static size_t *dim_slot(tst_point *p, const char *name, size_t n)
{
    for (size_t i = 0; i < p->ndims; i++)
        if (strlen(p->dim[i].name) == n && !strncmp(p->dim[i].name, name, n)) return &p->dim[i].size;
    if (p->ndims == sizeof p->dim / sizeof *p->dim || n >= sizeof p->dim[0].name) {
        fputs("test: too many dimension names\n", stderr);
        exit(3);
    }
    static const size_t sizes[] = {3, 4, 5, 2, 6, 7};
    memcpy(p->dim[p->ndims].name, name, n);
    p->dim[p->ndims].name[n] = 0;
    p->dim[p->ndims].size = sizes[p->ndims % (sizeof sizes / sizeof *sizes)];
    return &p->dim[p->ndims++].size;
}

// A dimension: sums and products of names and integers, as in "2*n+1".
static long dim_value(tst_point *p, const char *s)
{
    long sum = 0, product = 1;
    int sign = 1;
    for (;;) {
        while (*s == ' ' || *s == '(' || *s == ')') s++;
        if (*s == '-' || *s == '+') {
            sign = *s == '-' ? -sign : sign;
            s++;
            continue;
        }
        size_t n = strcspn(s, "+-*/ ()");
        product *= isdigit((unsigned char)*s) ? strtol(s, NULL, 10) : (long)*dim_slot(p, s, n);
        s += n;
        while (*s == ' ' || *s == ')') s++;
        if (*s == '*') {
            s++;
            continue;
        }
        sum += sign * product;
        product = sign = 1;
        if (!*s) return sum;
    }
}

// Adds one declaration "name: shape facts" between s and end.
static void add_one(tst_point *p, const char *s, const char *end, bool facts_only)
{
    const char *colon = memchr(s, ':', (size_t)(end - s));
    if (!colon) return;
    char *name = trimmed(s, colon);
    const char *shape = colon + 1;
    while (shape < end && isspace((unsigned char)*shape)) shape++;
    if (!strncmp(shape, "function", 8)) {
        p->abstract |= !facts_only;
        free(name);
        return;
    }
    const char *open = memchr(shape, '(', (size_t)(end - shape)), *close = NULL;
    if (open) {
        int level = 0;
        for (close = open; close < end; close++) {
            level += *close == '(' ? 1 : *close == ')' ? -1 : 0;
            if (!level) break;
        }
    }
    tst_input in = {.name = name, .facts = facts_of(close ? close : shape, end)};
    if (open) {
        const char *comma = open + 1;
        int level = 0;
        while (comma < close && (*comma != ',' || level)) {
            level += *comma == '(' ? 1 : *comma == ')' ? -1 : 0;
            comma++;
        }
        in.dim_text[in.order++] = trimmed(open + 1, comma);
        if (comma < close) in.dim_text[in.order++] = trimmed(comma + 1, close);
        else if (!strncmp(shape, "matrix", 6)) {
            in.dim_text[1] = tst_copy(in.dim_text[0], strlen(in.dim_text[0]));
            in.order = 2;
        }
    }
    const tst_input *old = tst_point_find(p, name);
    if (old || facts_only) { // a later mention may know more facts, never another shape
        if (old) p->in[old - p->in].facts |= in.facts;
        // sizes may stand in the answer alone
        for (int k = 0; k < in.order; k++) dim_value(p, in.dim_text[k]);
        free(in.name);
        free(in.dim_text[0]);
        free(in.dim_text[1]);
        return;
    }
    p->in = tst_grow(p->in, (p->n + 1) * sizeof *p->in);
    p->in[p->n++] = in;
}

static void add_all(tst_point *p, const char *text, bool facts_only)
{
    while (*text) {
        size_t n = strcspn(text, ";\n");
        add_one(p, text, text + n, facts_only);
        text += n + (text[n] != 0);
    }
}

void tst_point_add(tst_point *p, const char *legend) { add_all(p, legend, false); }
void tst_point_facts(tst_point *p, const char *declarations) { add_all(p, declarations, true); }

size_t tst_point_dim(tst_point *p, const char *name) { return (size_t)dim_value(p, name); }

void tst_point_sizes(tst_point *p, const char *sizes)
{
    while (sizes && *sizes) {
        size_t n = strcspn(sizes, "=");
        const char *start = sizes + strspn(sizes, " ");
        size_t name = n - (size_t)(start - sizes);
        if (!sizes[n]) return;
        *dim_slot(p, start, name) = strtoul(sizes + n + 1, NULL, 10);
        sizes += strcspn(sizes, ",");
        sizes += *sizes == ',';
    }
}

char *tst_point_sizes_text(const tst_point *p)
{
    char *text = tst_copy("", 0);
    for (size_t i = 0; i < p->ndims; i++) {
        char *longer = tst_format("%s%s%s=%zu", text, i ? "," : "", p->dim[i].name, p->dim[i].size);
        free(text);
        text = longer;
    }
    return text;
}

void tst_point_fix(tst_point *p, sd_context *c, const char *literal)
{
    sd_data *d = sd_data_new(c);
    if (d && sd_data_read(d, literal) == SD_OK)
        for (size_t k = 0; k < sd_data_count(d); k++) {
            const sd_array *a = sd_data_get(d, sd_data_name(d, k));
            const tst_input *known = tst_point_find(p, sd_data_name(d, k));
            if (!known) continue;
            tst_input *in = &p->in[known - p->in];
            size_t n = 1;
            for (int i = 0; i < a->order; i++) n *= a->dim[i];
            for (int i = 0; i < in->order; i++) {
                size_t size = in->order == 1 ? n : a->dim[i];
                if (isalpha((unsigned char)*in->dim_text[i]))
                    *dim_slot(p, in->dim_text[i], strlen(in->dim_text[i])) = size;
                in->dim[i] = size;
            }
            in->value = tst_grow(in->value, n * sizeof(double));
            memcpy(in->value, a->data, n * sizeof(double));
            in->fixed = true;
        }
    sd_data_free(d);
}

// ---- values -----------------------------------------------------------------------------------------------
static void gram_schmidt(double *a, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            double dot = 0;
            for (size_t j = 0; j < n; j++) dot += a[i * n + j] * a[k * n + j];
            for (size_t j = 0; j < n; j++) a[i * n + j] -= dot * a[k * n + j];
        }
        double norm = 0;
        for (size_t j = 0; j < n; j++) norm += a[i * n + j] * a[i * n + j];
        for (size_t j = 0; j < n; j++) a[i * n + j] /= sqrt(norm);
    }
}

static void square_facts(double *a, size_t n, unsigned facts)
{
    double *t = tst_grow(NULL, n * n * sizeof *t);
    memcpy(t, a, n * n * sizeof *t);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double *out = &a[i * n + j];
            if (facts & (TST_POSDEF | TST_PSD)) {
                *out = i == j && facts & TST_POSDEF ? 1 : 0;
                for (size_t k = 0; k < n; k++) *out += t[i * n + k] * t[j * n + k];
            } else if (facts & TST_SYMMETRIC) {
                *out = (t[i * n + j] + t[j * n + i]) / 2;
            }
            if ((facts & TST_DIAGONAL && i != j) || (facts & TST_LOWER && i < j) ||
                (facts & TST_UPPER && i > j))
                *out = 0;
        }
    free(t);
    if (facts & TST_ORTHOGONAL) gram_schmidt(a, n);
}

static void vector_facts(tst_rng *r, double *a, size_t n, unsigned facts)
{
    double sum = 0, square = 0;
    unsigned hot = n ? tst_below(r, (unsigned)n) : 0;
    for (size_t i = 0; i < n; i++) {
        if (facts & (TST_POSITIVE | TST_NONNEG | TST_SIMPLEX)) a[i] = fabs(a[i]) + 0.1;
        // often 1, sometimes 0
        if (facts & TST_INTEGER) a[i] = fabs(a[i]) < 0.2 ? a[i] >= 0 : floor(2 * a[i] + 0.5);
        if (facts & TST_ONEHOT) a[i] = i == hot;
        sum += a[i];
        square += a[i] * a[i];
    }
    for (size_t i = 0; i < n; i++) {
        if (facts & TST_SIMPLEX) a[i] /= sum;
        if (facts & TST_UNIT) a[i] /= sqrt(square);
    }
}

bool tst_point_draw(tst_point *p, unsigned seed, int kind)
{
    static const struct {
        double lo, hi, diagonal;
    } kinds[] = {{-1.3, 1.3, 0}, {-0.7, 0.7, 3}, {0.1, 0.9, 3},
                 {1.1, 2.5, 9},  {-0.2, 0.2, 2}, {0.02, 0.15, 1}};
    if (kind < 0 || (size_t)kind >= sizeof kinds / sizeof *kinds) return false;
    tst_rng r = {seed * 1000003u + (unsigned)kind};
    for (size_t v = 0; v < p->n; v++) {
        tst_input *in = &p->in[v];
        for (int k = 0; k < in->order; k++) in->dim[k] = (size_t)dim_value(p, in->dim_text[k]);
        if (in->fixed) continue;
        size_t rows = in->order > 0 ? in->dim[0] : 1, cols = in->order > 1 ? in->dim[1] : 1, n = rows * cols;
        in->value = tst_grow(in->value, n * sizeof(double));
        for (size_t i = 0; i < n; i++) in->value[i] = tst_uniform(&r, kinds[kind].lo, kinds[kind].hi);
        bool square = in->order == 2 && rows == cols;
        for (size_t i = 0; square && i < rows; i++)
            in->value[i * rows + i] += kinds[kind].diagonal * kinds[kind].hi;
        vector_facts(&r, in->value, n, in->facts);
        if (square) square_facts(in->value, rows, in->facts);
    }
    return true;
}

sd_data *tst_point_data(sd_context *c, const tst_point *p)
{
    sd_data *d = sd_data_new(c);
    for (size_t i = 0; d && i < p->n; i++) {
        const tst_input *in = &p->in[i];
        sd_array a = {.order = 0, .data = in->value};
        for (int k = 0; k < in->order; k++)
            if (in->dim[k] != 1) a.dim[a.order++] = in->dim[k]; // an axis of length 1 is no axis
        if (sd_data_set(d, in->name, &a) != SD_OK) {
            sd_data_free(d);
            return NULL;
        }
    }
    for (size_t i = 0; d && i < p->ndims; i++) { // a size that no array of the expression tells
        double size = (double)p->dim[i].size;
        if (!tst_point_find(p, p->dim[i].name)) sd_data_set(d, p->dim[i].name, &(sd_array){.data = &size});
    }
    return d;
}

void tst_point_free(tst_point *p)
{
    for (size_t i = 0; i < p->n; i++) {
        free(p->in[i].name);
        free(p->in[i].dim_text[0]);
        free(p->in[i].dim_text[1]);
        free(p->in[i].value);
    }
    free(p->in);
    *p = (tst_point){0};
}

char *tst_spelled(const char *name)
{
    static const char *const greek[] = {"α", "alpha",   "β", "beta",  "γ", "gamma",  "δ", "delta",
                                        "ε", "epsilon", "η", "eta",   "θ", "theta",  "κ", "kappa",
                                        "λ", "lambda",  "μ", "mu",    "ν", "nu",     "ξ", "xi",
                                        "ρ", "rho",     "σ", "sigma", "τ", "tau",    "φ", "phi",
                                        "χ", "chi",     "ψ", "psi",   "ω", "omega",  "Γ", "Gamma",
                                        "Δ", "Delta",   "Θ", "Theta", "Λ", "Lambda", "Σ", "Sigma",
                                        "Φ", "Phi",     "Ψ", "Psi",   "Ω", "Omega"};
    for (size_t i = 0; i < sizeof greek / sizeof *greek; i += 2)
        if (!strncmp(name, greek[i], strlen(greek[i])))
            return tst_format("%s%s", greek[i + 1], name + strlen(greek[i]));
    const unsigned char *c = (const unsigned char *)name; // another letter of two bytes: u0177 of ŷ
    if ((c[0] & 0xe0) == 0xc0) return tst_format("u%04x%s", (c[0] & 0x1fu) << 6 | (c[1] & 0x3fu), name + 2);
    return NULL;
}
