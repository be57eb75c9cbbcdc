// SPDX-License-Identifier: MIT
// Declarations shared by the test programs: blocks of .test files, random points, the properties that every
// answer must have, and batches of emitted C. The library is used through its public header alone.
//
// Reading order: block.c (files to blocks), verb.c (what each command of a block does; document.c: programs),
// point.c (legend to random data), property.c, vec_form.c and numeric.c (an answer against differences, the
// parser, the interpreter and the compiler), reading.c (answers read back from LaTeX and NumPy), reference.c
// (numbers with many digits), pairing.c (products with directions), batch.c (many emitted functions under
// gcc, clang, tcc and g++ at once), language.c and language_write.c (answers run by the languages they are
// printed for), shell.c (programs), hold.c (contexts that hold other nodes), tool.c (the rest). For other
// tests: samples.c (calls of each function), compose.c (random expressions), question.c (random questions),
// nest.c (random nestings), trials.c (a trial for each seed).
#ifndef SYMDIFF_TEST_H
#define SYMDIFF_TEST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "include/symdiff.h"

// ---- small tools ------------------------------------------------------------------------------------------
void *tst_grow(void *p, size_t bytes); // realloc or exit: tests do not recover from lack of memory
char *tst_copy(const char *s, size_t n);
char *tst_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *tst_spelled(const char *name); // sigma_x of σ_x, NULL if no Greek letter is in front; to be freed

size_t tst_product(int order, const size_t *dim);
static inline size_t tst_entries(const sd_array *a) { return tst_product(a->order, a->dim); }
double tst_number(const char *s, char **end); // as strtod
char *tst_number_text(double v, int digits);  // as %.{digits}g; both with a point, whatever the locale

typedef struct {
    char **s;
    size_t n;
} tst_lines;
void tst_push(tst_lines *l, char *owned);
void tst_split(tst_lines *l, const char *text); // at newlines, without trailing blanks and empty last lines
void tst_lines_free(tst_lines *l);
bool tst_lines_equal(const tst_lines *a, const tst_lines *b);

typedef struct {
    uint64_t state;
} tst_rng; // splitmix64: the same numbers everywhere
uint64_t tst_next(tst_rng *r);
double tst_uniform(tst_rng *r, double lo, double hi);
unsigned tst_below(tst_rng *r, unsigned n);

double *tst_guarded(size_t n);         // n numbers between guards
bool tst_release(double *p, size_t n); // frees them; false if a guard was written over

// The failures of one block or one random expression. Complaints go to `text`, indented. alike: texts that
// read back to an equal expression, but another node; restless: answers that, typed in, print another text
typedef struct {
    FILE *text;
    unsigned count, alike, restless;
} tst_report;
extern FILE *tst_latex; // the LaTeX of all answers is written there; NULL: nowhere
void tst_complain(tst_report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

// ---- blocks -----------------------------------------------------------------------------------------------
typedef struct {
    const char *file;
    size_t line;                 // of the head, 1-based
    char *head;                  // the command line as written
    tst_lines word;              // before " : "
    char *expr;                  // after it, with continuation lines
    tst_lines with, data, files; // files: "name\0content" pairs as name, content, name, content
    char *sizes, *limits, *print_only, *c_only;
    double tolerance;
    tst_lines want;
    size_t want_at, want_count; // source lines of the expectation (want_at 0-based)
    tst_lines *update;          // new expectation, or NULL
} tst_block;

typedef struct {
    char *name;
    tst_lines line;
    tst_block *block;
    size_t n;
} tst_file;
bool tst_file_read(tst_file *f, const char *name); // false: cannot be read, or a bad directive (printed)
bool tst_file_rewrite(const tst_file *f);          // writes the blocks' updates back
void tst_file_free(tst_file *f);

// ---- points -----------------------------------------------------------------------------------------------
enum { // facts of a declaration that random data must satisfy
    TST_SYMMETRIC = 1,
    TST_POSDEF = 2,
    TST_PSD = 4,
    TST_DIAGONAL = 8,
    TST_LOWER = 16,
    TST_UPPER = 32,
    TST_ORTHOGONAL = 64,
    TST_UNIT = 128,
    TST_POSITIVE = 256,
    TST_NONNEG = 512,
    TST_SIMPLEX = 1024,
    TST_ONEHOT = 2048,
    TST_INTEGER = 4096,
};
typedef struct {
    char *name;
    char *dim_text[2];
    size_t dim[2];
    int order;
    unsigned facts;
    double *value;
    bool fixed;
} tst_input;
typedef struct {
    tst_input *in;
    size_t n;
    struct {
        char name[48];
        size_t size;
    } dim[32];
    size_t ndims;
    bool abstract; // an abstract function stands in it: no numbers
} tst_point;
// Adds the variables of "X: matrix(m,n); t: vector(n)"; of variables already there, the facts only.
void tst_point_add(tst_point *p, const char *legend);
// facts of variables already there, nothing else
void tst_point_facts(tst_point *p, const char *declarations);
void tst_point_fix(tst_point *p, sd_context *c, const char *literal); // "x=[1;2;3]": this value, always
void tst_point_sizes(tst_point *p, const char *sizes);                // "m=3,n=4"
// Draws values: kind 0 around zero, then ever safer domains; false when there is no further kind.
bool tst_point_draw(tst_point *p, unsigned seed, int kind);
const tst_input *tst_point_find(const tst_point *p, const char *name);
size_t tst_point_dim(tst_point *p, const char *name);
char *tst_point_sizes_text(const tst_point *p); // "m=3,n=4" of all named dimensions
sd_data *tst_point_data(sd_context *c, const tst_point *p);
void tst_point_free(tst_point *p);

// ---- properties of an answer ------------------------------------------------------------------------------
typedef struct tst_batch tst_batch;
typedef struct tst_translations tst_translations;
typedef struct {
    sd_context *c;
    sd_expr e; // what was differentiated (0: nothing)
    const sd_request *request;
    const sd_result *r;
    const char *with;      // declarations, for facts and for fresh contexts; may be ""
    const char *sizes;     // or NULL
    const tst_lines *data; // literals that fix inputs, or NULL
    double tolerance;      // 0: the default
    unsigned seed;
    const char *where;   // "file:line", for the batch
    bool c_only;         // no other language
    bool alike_suffices; // a text may read back to an equal expression
} tst_subject;
void tst_numeric(const tst_subject *s, tst_report *report); // sd_check
// the answer is no number at d: is there a derivative?
void tst_missing(const tst_subject *s, const sd_data *d, tst_report *report);
// the last error of the context
void tst_complain_error(const tst_subject *s, tst_report *report, const char *what);
// text and unicode read back to the same expression
void tst_round_trip(const tst_subject *s, tst_report *report);
// Answers that were read back by the reader of their notation: to the same text, an equal function, another
// one (a failure). most: how many of a thousand may be refused, of a run over all files.
typedef struct {
    const char *name;
    sd_format format;
    sd_notation from;
    size_t same, equal, other, refused, unprinted, most;
} tst_reading;
extern tst_reading tst_readings[2];
extern FILE *tst_unread; // texts that are refused, or equal only, are written there; NULL: nowhere
// the answer in LaTeX and NumPy is never read as another function
void tst_read_back(const tst_subject *s, tst_report *report);
// interpreter = compiled function = sd_evaluate; the emitted C joins the batch (may be NULL)
void tst_three_ways(const tst_subject *s, tst_batch *batch, tst_report *report);
// vec_form.c: the vec form of entry i, typed in and evaluated, is the tensor `want`
void tst_vec_form(const tst_subject *s, sd_data *d, size_t i, const sd_array *want, tst_report *report);
// All entries of the answer as one matrix (blocks of a Hessian side by side) have the values of b.
void tst_same_values(const tst_subject *a, sd_expr b, tst_report *report);
// Each line of a `reference` block: the compiled function; the emitted C joins the batch (may be NULL).
void tst_reference(const tst_subject *s, const tst_lines *rows, tst_batch *batch, tst_report *report);
// Products of the derivative by request->wrt with directions of these names agree (pairing.c).
void tst_jacobian_products(const tst_subject *s, const char *v, const char *u, tst_report *report);
void tst_hessian_products(const tst_subject *s, const char *v, const char *w, tst_report *report);
bool tst_within(const double *want, const double *got, const double *allowed, size_t n, size_t *worst);
bool tst_close(const double *a, const double *b, size_t n, double tolerance, size_t *worst);
size_t tst_tokens(const char *text); // numbers, names and operators

// ---- emitted C --------------------------------------------------------------------------------------------
tst_batch *tst_batch_new(void);
// Takes copies. f tells names and sizes.
void tst_batch_add(tst_batch *b, const char *where, const sd_c_code *code, const char *name,
                   const sd_function *f, size_t nout);
// A point of the function added last. want: the values of its outputs; allowed: what each entry may be off,
// NULL: the tolerance.
void tst_batch_point(tst_batch *b, const sd_function *f, const tst_point *p, const sd_array *want,
                     const sd_array *allowed, double tolerance);
size_t tst_batch_size(const tst_batch *b);
// the same answers in other languages: they run with the batch
tst_translations *tst_batch_translations(tst_batch *b);
// Compiles everything with every compiler that is installed, runs it, prints what
// differs. Number of failed functions.
size_t tst_batch_run(tst_batch *b, FILE *out);
void tst_batch_free(tst_batch *b);

// ---- answers as code of other languages -------------------------------------------------------------------
tst_translations *tst_translations_new(void);
// Prints the answer for every language; want: its values at the point.
void tst_translate(tst_translations *t, const tst_subject *s, const tst_point *p, const sd_array *want,
                   tst_report *report);
size_t tst_translations_run(tst_translations *t, FILE *report); // number of wrong answers
void tst_translations_free(tst_translations *t);

// ---- programs ---------------------------------------------------------------------------------------------
char *tst_temporary(void);     // a fresh folder
void tst_remove(char *folder); // with its contents; frees the name
bool tst_write(const char *folder, const char *name, const char *text);
char *tst_read(const char *path); // NULL: cannot be read
// Runs argv (found in PATH) with output and errors into `log`; exit status, 128+n
// after signal n, 127 if not found.
int tst_run(const char *const *argv, const char *log);
// WITHOUT="gcc torch": programs and languages that are taken as not installed
bool tst_is_without(const char *name);
bool tst_installed(const char *program);
typedef struct {
    tst_lines out, err;
    int status;
} tst_shell_result;
void tst_shell(const char *command, const char *folder, const char *bin, tst_shell_result *r);

extern const char *tst_target;   // of emitted C: "openmp", "cblas"; NULL: c
extern const char *tst_compiler; // of the functions of blocks; NULL: the library's own
extern size_t tst_held;          // so many other nodes are made in the context of each block first
bool tst_hold(sd_context *c);    // makes them

// ---- verbs ------------------------------------------------------------------------------------------------
typedef struct {
    tst_batch *batch;   // or NULL: no emitted C
    const char *bin;    // folder of the symdiff program, absolute
    const char *folder; // working folder of document examples
    unsigned seed;
    // UPDATE=new fills the open "?", UPDATE=1 rewrites all that differs
    enum { TST_COMPARE, TST_FILL, TST_REWRITE } update;
} tst_setting;
// Runs one block; complaints go to `report`. With UPDATE, sets b->update where the answer differs.
void tst_block_run(tst_block *b, const tst_setting *setting, tst_report *report);
// document.c: what the program of the block prints; of a document what is wanted, if that is what it prints
void tst_run_shell(const tst_block *b, const tst_setting *setting, tst_lines *got);
void tst_run_document(const tst_block *b, const tst_setting *setting, tst_lines *got);

#endif
