// SPDX-License-Identifier: MIT
// The data-driven test runner:  run [--no-c] [--seed N] [--held NODES] [--locale NAME] [--latex FILE]
//                               [--unread FILE] FILE[:LINE]...
//
// --locale: the program is in that locale, as a host of the library may be. Exit status 3 if there
// is none of that name. --latex: all answers in LaTeX are written there, for
// tests/typeset/typeset.py. --unread: answers in LaTeX and NumPy that their readers refuse, or read
// as another form of the same function, are written there.
//
// Runs the blocks of .test files, and the `$ symdiff` examples of Markdown files and man pages. It goes on
// after a failure and prints file:line, what was expected and what came. FILE:LINE runs the one block around
// that line. UPDATE=1 in the environment rewrites the expectations of blocks whose answers differ, UPDATE=new
// fills in those that are "?". The last line is "N passed, N failed"; emitted C that fails counts beside its
// block. tests/README.md describes the format.
#define _XOPEN_SOURCE 700
#include "tests/support/test.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    size_t passed, failed;
} tally;

static void run_block(tst_block *b, const tst_setting *setting, tally *t)
{
    char *text = NULL;
    size_t n = 0;
    tst_report report = {.text = open_memstream(&text, &n)};
    if (!report.text) exit(3);
    tst_block_run(b, setting, &report);
    fclose(report.text);
    if (report.count) printf("%s:%zu: %s\n%s", b->file, b->line, b->head, text);
    fflush(stdout);
    free(text);
    t->passed += !report.count;
    t->failed += report.count != 0;
}

static size_t last_line(const tst_block *b)
{
    size_t end = b->want_at + b->want_count;
    return end > b->line ? end : b->line;
}

// `examples` of documents may name files of the project: its folders are linked into their working folder.
static char *document_folder(void)
{
    static const char *const linked[] = {"examples", "include", "docs", "build"};
    char *folder = tst_temporary(), here[4096];
    if (!getcwd(here, sizeof here)) exit(3);
    for (size_t i = 0; i < sizeof linked / sizeof *linked; i++) {
        char *from = tst_format("%s/%s", here, linked[i]), *to = tst_format("%s/%s", folder, linked[i]);
        if (symlink(from, to)) perror(to);
        free(from);
        free(to);
    }
    return folder;
}

static bool run_file(const char *argument, tst_setting *setting, tally *t)
{
    char *name = tst_copy(argument, strlen(argument)), *colon = strrchr(name, ':');
    size_t only = 0;
    if (colon && colon[1] >= '0' && colon[1] <= '9') {
        *colon = 0;
        only = strtoul(colon + 1, NULL, 10);
    }
    tst_file f;
    bool ok = tst_file_read(&f, name), changed = false;
    char *folder = document_folder();
    setting->folder = folder;
    for (size_t i = 0; ok && i < f.n; i++) {
        if (only && last_line(&f.block[i]) < only) continue;
        run_block(&f.block[i], setting, t);
        changed |= f.block[i].update != NULL;
        if (only) break;
    }
    if (ok && changed && setting->update && !tst_file_rewrite(&f)) {
        fprintf(stderr, "%s: cannot be rewritten\n", name);
        ok = false;
    }
    if (ok || f.name) tst_file_free(&f);
    tst_remove(folder);
    free(name);
    return ok;
}

// The folder of build/symdiff, from build/tests/run.
static char *program_folder(const char *self)
{
    char *path = realpath(self, NULL);
    for (int up = 0; path && up < 2; up++) {
        char *slash = strrchr(path, '/');
        if (slash) *slash = 0;
    }
    return path ? path : tst_copy(".", 1);
}

enum { ALL_FILES = 2000 }; // so many answers are those of all files

// Returns whether no more is refused than was.
static bool print_readings(void)
{
    bool fine = true;
    for (size_t k = 0; k < sizeof tst_readings / sizeof *tst_readings; k++) {
        const tst_reading *r = &tst_readings[k];
        if (r->same + r->equal + r->other + r->refused)
            printf("%s read back: %zu the same, %zu equal, %zu other functions, %zu not read\n", r->name,
                   r->same, r->equal, r->other, r->refused);
        size_t all = r->same + r->equal + r->other + r->refused;
        if (all < ALL_FILES || 1000 * r->refused <= all * r->most) continue;
        printf("%s: more than %zu of 1000 answers are not read back: --unread FILE lists them\n", r->name,
               r->most);
        fine = false;
    }
    return fine;
}

int main(int argc, char **argv)
{
    const char *update = getenv("UPDATE");
    tst_setting setting = {.seed = 1,
                           .update = !update || !*update     ? TST_COMPARE
                                     : strcmp(update, "new") ? TST_REWRITE
                                                             : TST_FILL};
    tally t = {0, 0};
    bool c = true, readable = true;
    char *bin = program_folder(argv[0]);
    setting.bin = bin;
    int i = 1;
    for (; i < argc && !strncmp(argv[i], "--", 2); i++) {
        if (!strcmp(argv[i], "--no-c")) c = false;
        else if (!strcmp(argv[i], "--jit") && i + 1 < argc) tst_compiler = argv[++i];
        else if (!strcmp(argv[i], "--held") && i + 1 < argc) tst_held = strtoul(argv[++i], NULL, 10);
        else if (!strcmp(argv[i], "--target") && i + 1 < argc) tst_target = argv[++i];
        else if (!strcmp(argv[i], "--seed") && i + 1 < argc)
            setting.seed = (unsigned)strtoul(argv[++i], NULL, 10);
        else if ((!strcmp(argv[i], "--latex") || !strcmp(argv[i], "--unread")) && i + 1 < argc) {
            FILE **to = strcmp(argv[i], "--latex") ? &tst_unread : &tst_latex;
            *to = fopen(argv[++i], "w");
            if (*to) continue;
            perror(argv[i]);
            return 2;
        } else if (!strcmp(argv[i], "--locale") && i + 1 < argc) {
            if (setlocale(LC_ALL, argv[++i])) continue;
            printf("there is no locale %s\n", argv[i]);
            return 3;
        } else {
            fprintf(stderr, "usage: run [--no-c] [--jit CC] [--target TARGET] [--seed N] [--held NODES] "
                            "[--locale NAME] [--latex FILE] [--unread FILE] FILE[:LINE]...\n");
            return 2;
        }
    }
    setting.batch = c && !setting.update ? tst_batch_new() : NULL;
    for (; i < argc; i++) readable &= run_file(argv[i], &setting, &t);
    if (setting.batch) {
        size_t n = tst_batch_size(setting.batch);
        size_t failed = tst_batch_run(setting.batch, stdout);
        if (n) printf("%zu functions emitted as C; %zu answers are wrong as code\n", n, failed);
        t.failed += failed;
        tst_batch_free(setting.batch);
    }
    free(bin);
    readable &= print_readings();
    printf("%zu passed, %zu failed\n", t.passed, t.failed);
    return t.failed || !readable ? 1 : 0;
}
