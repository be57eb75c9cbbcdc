// SPDX-License-Identifier: MIT
// Functions made by the C compiler of the system: the same numbers as in memory, the folder in which they are
// kept, and what is refused.
#define _GNU_SOURCE // st_mtim
#include <dirent.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/test.h"

static const char *const loss = "sum(log(1+exp(X*w)))-y'*X*w+w'*w/2";
static const double X[] = {1, 2, 3, 4, 5, -6}, w[] = {0.5, -0.25}, y[] = {1, 0, 1};

// The number of entries of a folder, the name of one of them (freed by the
// caller), which is none without entries
static int entries(const char *path, char **one)
{
    int n = 0;
    DIR *d = opendir(path);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        if (e->d_name[0] == '.') continue;
        if (one && !n) *one = strdup(e->d_name);
        n++;
    }
    closedir(d);
    return n;
}

static sd_context *context(const char *compiler, const char *cache)
{
    sd_context *c = sd_context_new(&(sd_options){.wrt = "w", .compiler = compiler, .cache = cache});
    assert_non_null(c);
    return c;
}

static sd_function *compiled(sd_context *c)
{
    sd_expr e = sd_parse(c, loss, NULL);
    sd_result *r = sd_derive(c, e, &(sd_request){.what = SD_GRADIENT, .wrt = "w"});
    return sd_compile(c, r, &(sd_emit_options){.value = 1, .arguments = "X,w,y"});
}

// The value and the two entries of the gradient
static void call(const sd_function *f, double *out)
{
    size_t dims[2] = {0, 0}, culprit;
    sd_array shape[] = {{.order = 2, .dim = {3, 2}}, {.order = 1, .dim = {2}}, {.order = 1, .dim = {3}}};
    assert_int_equal(sd_function_sizes(f, shape, dims, &culprit), SD_OK);
    double work[1000];
    assert_true(sd_function_workspace(f, dims) <= 1000);
    assert_int_equal(sd_function_call(f, dims, (const double *[]){X, w, y}, (double *[]){out, out + 1}, work),
                     0);
}

static sd_function *made(const char *compiler, const char *cache)
{
    sd_context *c = context(compiler, cache);
    sd_function *f = compiled(c);
    if (!f) fail_msg("%s", sd_last_error(c)->message);
    sd_context_free(c); // a function outlives it
    return f;
}

static void same_numbers(const char *compiler, const char *cache)
{
    double have[3], want[3];
    sd_function *f = made(compiler, cache), *memory = made(NULL, NULL);
    call(f, have), call(memory, want);
    for (int i = 0; i < 3; i++) assert_true(fabs(have[i] - want[i]) <= 1e-14 * fabs(want[i]));
    sd_function_free(f), sd_function_free(memory);
}

static void refused(const char *compiler, const char *cache, sd_status code, const char *part)
{
    sd_context *c = context(compiler, cache);
    assert_null(compiled(c));
    assert_int_equal(sd_last_error(c)->code, code);
    if (!strstr(sd_last_error(c)->message, part)) fail_msg("%s", sd_last_error(c)->message);
    sd_context_free(c);
}

static void test_same_numbers(void **state)
{
    (void)state;
    static const char *const compilers[] = {"cc", "gcc", "clang"};
    for (int i = 0; i < 3; i++)
        if (tst_installed(compilers[i])) same_numbers(compilers[i], NULL);
}

static void test_nothing_is_left(void **state)
{
    (void)state;
    char *tmp = tst_temporary(), *bad = tst_format("%s/no", tmp);
    setenv("TMPDIR", tmp, 1);
    same_numbers("cc", NULL);
    assert_int_equal(entries(tmp, NULL), 0);
    refused("/bin/false", NULL, SD_ERR_UNSUPPORTED, "failed");
    assert_int_equal(entries(tmp, NULL), 0);
    setenv("TMPDIR", bad, 1);
    refused("cc", NULL, SD_ERR_IO, "make a folder");
    unsetenv("TMPDIR");
    tst_remove(tmp);
    free(bad);
}

static void test_cache(void **state)
{
    (void)state;
    char *top = tst_temporary(), *cache = tst_format("%s/a/b", top), *name;
    same_numbers("cc", cache);
    assert_int_equal(entries(cache, &name), 1);
    char *object = tst_format("%s/%s/%s.so", cache, name, name),
         *text = tst_format("%s/%s/%s.c", cache, name, name);
    struct stat s, again;
    assert_int_equal(stat(cache, &s), 0);
    assert_int_equal(s.st_mode & 0777, 0700);
    assert_int_equal(stat(object, &s), 0);
    same_numbers("cc", cache); // found again
    assert_int_equal(stat(object, &again), 0);
    assert_true(s.st_ino == again.st_ino && s.st_mtim.tv_nsec == again.st_mtim.tv_nsec);
    assert_int_equal(entries(cache, NULL), 1);
    FILE *f = fopen(text, "w"); // another text under the same name: its object must not be taken
    assert_non_null(f);
    fputs("// another function\n", f), fclose(f);
    f = fopen(object, "w");
    assert_non_null(f);
    fputs("not an object", f), fclose(f);
    same_numbers("cc", cache);
    assert_int_equal(entries(cache, NULL), 1);
    tst_remove(top);
    free(cache), free(name), free(object), free(text);
}

static void test_refusals(void **state)
{
    (void)state;
    char *top = tst_temporary(), *link = tst_format("%s-link", top), *script = tst_format("%s/cc", top),
         *in_file = tst_format("%s/cc/x", top);
    refused("no-such-compiler", NULL, SD_ERR_UNSUPPORTED, "there is no C compiler 'no-such-compiler'");
    refused("/no/such/cc", NULL, SD_ERR_UNSUPPORTED, "there is no C compiler");
    refused("/tmp", NULL, SD_ERR_UNSUPPORTED, "there is no C compiler");
    refused("", NULL, SD_ERR_UNSUPPORTED, "there is no C compiler");
    assert_int_equal(symlink(top, link), 0);
    refused("cc", link, SD_ERR_IO, "nobody else may enter");
    assert_int_equal(chmod(top, 0755), 0);
    refused("cc", top, SD_ERR_IO, "nobody else may enter");
    FILE *f = fopen(script, "w");
    assert_non_null(f);
    fputs("#!/bin/sh\necho it is broken\nexit 3\n", f), fclose(f);
    assert_int_equal(chmod(script, 0755), 0);
    refused(script, NULL, SD_ERR_UNSUPPORTED, "it is broken");
    refused("cc", in_file, SD_ERR_IO, "folder");
    f = fopen(script, "w");
    assert_non_null(f);
    fputs("#!/bin/sh\nexit 0\n", f), fclose(f); // it says that all is well, and makes nothing
    refused(script, NULL, SD_ERR_IO, "cannot load");
    unlink(link);
    tst_remove(top);
    free(link), free(script), free(in_file);
}

// Several threads make the same entry of a folder at once.
static void *run(void *cache)
{
    for (int i = 0; i < 3; i++) same_numbers("cc", cache);
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    char *top = tst_temporary();
    pthread_t thread[2];
    for (int i = 0; i < 2; i++) assert_int_equal(pthread_create(&thread[i], NULL, run, top), 0);
    for (int i = 0; i < 2; i++) pthread_join(thread[i], NULL);
    assert_int_equal(entries(top, NULL), 1);
    tst_remove(top);
}

// f is only declared: the caller computes it.
static int twice(void *user, const size_t *sizes, const double *const *arg, double *out)
{
    (void)user;
    for (size_t i = 0; i < sizes[0]; i++) out[i] = 2 * arg[0][i];
    return 0;
}

static void test_callbacks(void **state)
{
    (void)state;
    sd_context *c = context("cc", NULL);
    sd_declare(c, "f: function(vector(n)) -> scalar", NULL);
    sd_expr e = sd_parse(c, "f(w)", NULL);
    sd_result *r = sd_derive(c, e, &(sd_request){.what = SD_GRADIENT, .wrt = "w"});
    sd_function *f = sd_compile(c, r, NULL);
    assert_non_null(f);
    double out[2], work[64];
    size_t dims[] = {2};
    assert_string_equal(sd_function_callback(f, 0), "grad_f");
    assert_int_equal(sd_function_call_with(f, dims, (const double *[]){w}, (double *[]){out}, work,
                                           &(sd_binding){twice, NULL}),
                     0);
    assert_true(out[0] == 1.0 && out[1] == -0.5);
    sd_function_free(f);
    sd_context_free(c);
}

int main(void)
{
    if (!tst_installed("cc")) {
        puts("test_compiler: not run, there is no cc");
        return 0;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_numbers),
                                       cmocka_unit_test(test_nothing_is_left),
                                       cmocka_unit_test(test_cache),
                                       cmocka_unit_test(test_refusals),
                                       cmocka_unit_test(test_threads),
                                       cmocka_unit_test(test_callbacks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
