// SPDX-License-Identifier: MIT
// Files, folders and programs for the tests: compilers are run directly, `$`
// blocks through sh as a user would.
#define _XOPEN_SOURCE 700
#include "tests/support/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

char *tst_temporary(void)
{
    const char *base = getenv("TMPDIR");
    char *folder = tst_format("%s/symdiff-test-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(folder)) {
        perror(folder);
        exit(3);
    }
    return folder;
}

void tst_remove(char *folder)
{
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d));) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) continue;
        char *path = tst_format("%s/%s", folder, e->d_name);
        struct stat st;
        // two levels at most
        if (!lstat(path, &st) && S_ISDIR(st.st_mode)) tst_remove(tst_copy(path, strlen(path)));
        else unlink(path);
        free(path);
    }
    if (d) closedir(d);
    rmdir(folder);
    free(folder);
}

bool tst_write(const char *folder, const char *name, const char *text)
{
    char *path = tst_format("%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    free(path);
    if (!f) return false;
    fputs(text, f);
    return fclose(f) == 0;
}

char *tst_read(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) return NULL;
    size_t n = 0, cap = 4096;
    char *s = tst_grow(NULL, cap);
    for (size_t k; (k = fread(s + n, 1, cap - n - 1, f)) > 0;) {
        n += k;
        if (cap - n < 2) s = tst_grow(s, cap *= 2);
    }
    fclose(f);
    s[n] = 0;
    return s;
}

static int status_of(int wait_status)
{
    return WIFEXITED(wait_status)     ? WEXITSTATUS(wait_status)
           : WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status)
                                      : 126;
}

int tst_run(const char *const *argv, const char *log)
{
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) return 126;
    if (!child) {
        int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (fd >= 0) {
            dup2(fd, 1);
            dup2(fd, 2);
        }
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return status_of(status);
}

bool tst_is_without(const char *name)
{
    const char *list = getenv("WITHOUT");
    size_t n = strlen(name);
    for (const char *s = list ? strstr(list, name) : NULL; s; s = strstr(s + 1, name))
        if ((s == list || s[-1] == ' ') && (!s[n] || s[n] == ' ')) return true;
    return false;
}

bool tst_installed(const char *program)
{
    if (tst_is_without(program)) return false;
    const char *path = getenv("PATH");
    for (const char *s = path ? path : ""; *s;) {
        size_t n = strcspn(s, ":");
        char *file = tst_format("%.*s/%s", (int)n, s, program);
        bool found = access(file, X_OK) == 0;
        free(file);
        if (found) return true;
        s += n + (s[n] == ':');
    }
    return false;
}

void tst_shell(const char *command, const char *folder, const char *bin, tst_shell_result *r)
{
    char *out = tst_format("%s/.stdout", folder), *err = tst_format("%s/.stderr", folder);
    fflush(NULL);
    pid_t child = fork();
    if (!child) {
        const char *path = getenv("PATH");
        char *longer = tst_format("%s:%s", bin, path ? path : "/usr/bin:/bin");
        int o = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600),
            e = open(err, O_WRONLY | O_CREAT | O_TRUNC, 0600), i = open("/dev/null", O_RDONLY);
        if (chdir(folder) || o < 0 || e < 0 || i < 0) _exit(126);
        setenv("PATH", longer, 1);
        setenv("LC_ALL", "C.UTF-8", 1);
        dup2(i, 0);
        dup2(o, 1);
        dup2(e, 2);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    r->status = child < 0 ? 126 : status_of(status);
    char *text = tst_read(out);
    tst_split(&r->out, text ? text : "");
    free(text);
    text = tst_read(err);
    tst_split(&r->err, text ? text : "");
    free(text);
    unlink(out);
    unlink(err);
    free(out);
    free(err);
}
