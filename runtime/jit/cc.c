// SPDX-License-Identifier: MIT
// C text to machine code by a C compiler of the system: a shared object with everything that -O3 and the
// processor at hand give.
//
// It takes a tenth of a second and more where libtcc takes a thousandth, so it is for those who ask for it
// and call often. What is compiled is kept, if there is a folder for that, under a name that is a hash of
// everything that matters: the text, the compiler, its options, the processor. The text lies beside the
// object, and is compared before the object is taken, so that no hash has to be trusted. The folder is made
// for its owner alone (0700); one that others may enter is refused, since code is run from there. An entry
// appears all at once, by a rename, so that processes may share the folder. Without a folder everything
// happens in one of its own, which is removed.
//
// Entry: sdp_cc. The options change no number that a text computes: products are not contracted
// with sums, which costs large products of matrices their fused instructions (0.8 of the
// kernels that are compiled ahead).
#define _GNU_SOURCE // posix_spawn, mkdtemp, st_mtim

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/jit/jit.h"

extern char **environ;

#define OPTIONS                                                                                              \
    "-std=c11", "-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-w", "-fPIC", "-shared"

enum { NAME = 40, PATH = 3000 };

typedef struct {
    char compiler[PATH]; // its path
    char name[NAME];     // of the entry
    char folder[PATH];   // where it is compiled, or lies
    char *text;          // with a head that tells what else it depends on
    char *message;
    size_t room;
} job;

static sd_status failed(job *j, sd_status why, const char *what, const char *name)
{
    snprintf(j->message, j->room, "cannot %s '%s' (error %d of the system)", what, name, errno);
    return why;
}

// false: it is too long
static bool join(char *path, const char *folder, const char *name, const char *ending)
{
    int n = snprintf(path, PATH, "%s/%s%s", folder, name, ending);
    return n > 0 && n < PATH;
}

// ---- what the object depends on ---------------------------------------------------------------------------
static bool is_program(const char *path)
{
    struct stat s;
    return !stat(path, &s) && S_ISREG(s.st_mode) && !access(path, X_OK);
}

static sd_status find_compiler(job *j, const char *compiler)
{
    const char *path = getenv("PATH");
    if (strchr(compiler, '/')) path = "";
    for (const char *p = path ? path : "/usr/bin:/bin";; p++) {
        size_t n = strcspn(p, ":");
        int length = n ? snprintf(j->compiler, PATH, "%.*s/%s", (int)(n < PATH ? n : PATH), p, compiler)
                       : snprintf(j->compiler, PATH, "%s", compiler);
        if (length < PATH && strchr(j->compiler, '/') && is_program(j->compiler)) return SD_OK;
        p += n;
        if (!*p) break;
    }
    snprintf(j->message, j->room, "there is no C compiler '%s'", compiler);
    return SD_ERR_UNSUPPORTED;
}

// The line that names what the processor can do, or its kind: -march=native depends on it.
static void put_processor(char *to, size_t room)
{
    struct utsname u;
    char line[4096] = "";
    FILE *f = fopen("/proc/cpuinfo", "re");
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, "flags", 5) || !strncmp(line, "Features", 8)) break;
    if (f) fclose(f);
    if (strncmp(line, "flags", 5) && strncmp(line, "Features", 8))
        snprintf(line, sizeof line, "%s", uname(&u) ? "" : u.machine);
    line[strcspn(line, "\n")] = 0;
    snprintf(to, room, "%s", line);
}

// Two sums of 64 bits, mixed at every byte.
static void put_name(job *j)
{
    uint64_t a = 0x9e3779b97f4a7c15u, b = 0xc2b2ae3d27d4eb4fu;
    for (const char *p = j->text; *p; p++) {
        a = (a ^ (unsigned char)*p) * 0x100000001b3u;
        b = (b + (unsigned char)*p) * 0xff51afd7ed558ccdu;
        b ^= b >> 29;
    }
    a ^= a >> 31, a *= 0xbf58476d1ce4e5b9u, a ^= a >> 27;
    snprintf(j->name, NAME, "%016llx%016llx", (unsigned long long)a, (unsigned long long)b);
}

static sd_status put_text(job *j, const char *text)
{
    static const char *const options[] = {OPTIONS};
    char processor[4096], all[256] = "";
    struct stat s;
    if (stat(j->compiler, &s)) return failed(j, SD_ERR_IO, "read", j->compiler);
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) strcat(strcat(all, " "), options[i]);
    put_processor(processor, sizeof processor);
    size_t room = strlen(text) + strlen(processor) + PATH + sizeof all + 200;
    j->text = malloc(room);
    if (!j->text) return snprintf(j->message, j->room, "out of memory (function)"), SD_ERR_MEMORY;
    int head = snprintf(j->text, room, "// symdiff %s: %s (%lld bytes, of %lld.%09ld)%s\n// %s\n", SD_VERSION,
                        j->compiler, (long long)s.st_size, (long long)s.st_mtim.tv_sec, s.st_mtim.tv_nsec,
                        all, processor);
    for (char *p = j->text; p < j->text + head - 1; p++) // whatever is in a path, the head stays two comments
        if (*p == '\\' || (*p == '\n' && p[1] != '/')) *p = '?';
    strcpy(j->text + head, text);
    put_name(j);
    return SD_OK;
}

// ---- folders ----------------------------------------------------------------------------------------------
// Makes what is missing of the path; the last part must be a folder of this user that nobody else may enter.
static sd_status make_private(job *j, const char *folder)
{
    char path[PATH];
    struct stat s;
    if (snprintf(path, PATH, "%s", folder) >= PATH) return failed(j, SD_ERR_IO, "make", folder);
    for (char *p = path + 1; *p; p++) {
        if (*p != '/') continue;
        *p = 0;
        if (mkdir(path, 0700) && errno != EEXIST) return failed(j, SD_ERR_IO, "make the folder", path);
        *p = '/';
    }
    if (mkdir(path, 0700) && errno != EEXIST) return failed(j, SD_ERR_IO, "make the folder", path);
    if (lstat(path, &s)) return failed(j, SD_ERR_IO, "read the folder", path);
    if (S_ISDIR(s.st_mode) && s.st_uid == geteuid() && !(s.st_mode & 077)) return SD_OK;
    snprintf(j->message, j->room,
             "'%s' is no folder of yours that nobody else may enter: compiled code is not taken from there",
             folder);
    return SD_ERR_IO;
}

static void remove_folder(const char *folder, const char *name)
{
    static const char *const endings[] = {".c", ".so", ".log"};
    char path[PATH];
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (join(path, folder, name, endings[i])) unlink(path);
    rmdir(folder);
}

// Is the text in this folder the same?
static bool holds_text(const job *j, const char *folder)
{
    char path[PATH], block[4096];
    if (!join(path, folder, j->name, ".c")) return false;
    FILE *f = fopen(path, "re");
    const char *rest = j->text;
    size_t n = strlen(rest), got = 1;
    bool same = f;
    while (same && got) {
        got = fread(block, 1, sizeof block, f);
        same = got <= n && !memcmp(block, rest, got);
        if (same) rest += got, n -= got;
    }
    if (f) fclose(f);
    return same && !n;
}

static bool write_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "wxe");
    bool ok = f && fputs(text, f) >= 0;
    return f && !fclose(f) && ok;
}

// ---- compiling --------------------------------------------------------------------------------------------
// Runs the compiler, its words to a file; how it ended goes to *status.
static bool run(job *j, char *const *argv, const char *log, int *status)
{
    posix_spawn_file_actions_t to;
    pid_t pid;
    if (posix_spawn_file_actions_init(&to)) return false;
    bool ok = !posix_spawn_file_actions_addopen(&to, 0, "/dev/null", O_RDONLY, 0) &&
              !posix_spawn_file_actions_addopen(&to, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0600) &&
              !posix_spawn_file_actions_adddup2(&to, 1, 2) &&
              !(errno = posix_spawn(&pid, j->compiler, &to, NULL, argv, environ));
    posix_spawn_file_actions_destroy(&to);
    while (ok && waitpid(pid, status, 0) < 0) ok = errno == EINTR;
    return ok;
}

// Copies the first line of the compiler's messages to `line`.
static void first_line(const char *log, char *line, size_t room)
{
    FILE *f = fopen(log, "re");
    if (!f || !fgets(line, (int)room, f)) *line = 0;
    if (f) fclose(f);
    line[strcspn(line, "\r\n")] = 0;
}

static sd_status compile(job *j)
{
    char source[PATH], object[PATH], log[PATH], line[160];
    if (!join(source, j->folder, j->name, ".c") || !join(object, j->folder, j->name, ".so") ||
        !join(log, j->folder, j->name, ".log") || !write_text(source, j->text))
        return failed(j, SD_ERR_IO, "write into", j->folder);
    int status = -1;
    for (int native = 1; native >= 0 && status; native--) { // not every compiler knows every processor
        char *argv[] = {j->compiler, OPTIONS, "-o", object, source, "-lm", native ? "-march=native" : NULL,
                        NULL};
        if (!run(j, argv, log, &status)) return failed(j, SD_ERR_IO, "run", j->compiler);
        if (status && !(WIFEXITED(status) && WEXITSTATUS(status))) break; // ended by a signal
    }
    if (status) {
        first_line(log, line, sizeof line);
        snprintf(j->message, j->room, "the C compiler '%s' failed: %s", j->compiler, line);
        return SD_ERR_UNSUPPORTED;
    }
    unlink(log);
    return SD_OK;
}

static sd_status load(job *j, uint32_t nsymbols, sdp_symbol *symbol, sdp_code *code)
{
    char object[PATH];
    if (!join(object, j->folder, j->name, ".so")) return failed(j, SD_ERR_IO, "read", j->folder);
    void *library = dlopen(object, RTLD_NOW | RTLD_LOCAL);
    bool found = library;
    for (uint32_t i = 0; i < nsymbols && found; i++)
        found = (symbol[i].address = dlsym(library, symbol[i].name)) != NULL;
    if (found) {
        *code = (sdp_code){.library = library};
        return SD_OK;
    }
    const char *why = dlerror();
    snprintf(j->message, j->room, "cannot load what '%s' made: %s", j->compiler,
             why ? why : "no reason is told");
    if (library) dlclose(library);
    return SD_ERR_IO;
}

// In a new folder; then, if there is a place for it, that becomes its name.
static sd_status make(job *j, const char *root, bool keep, uint32_t nsymbols, sdp_symbol *symbol,
                      sdp_code *code)
{
    char kept[PATH];
    if (!join(j->folder, root, "symdiff-XXXXXX", "") || !mkdtemp(j->folder))
        return failed(j, SD_ERR_IO, "make a folder in", root);
    sd_status s = compile(j);
    // not over another, which may be the same
    keep = keep && s == SD_OK && join(kept, root, j->name, "") && !rename(j->folder, kept);
    if (keep) strcpy(j->folder, kept);
    if (s == SD_OK) s = load(j, nsymbols, symbol, code);
    if (!keep) remove_folder(j->folder, j->name);
    return s;
}

static sd_status find_or_make(job *j, const char *cache, uint32_t nsymbols, sdp_symbol *symbol,
                              sdp_code *code)
{
    const char *temporary = getenv("TMPDIR");
    if (!cache)
        return make(j, temporary && *temporary == '/' ? temporary : "/tmp", false, nsymbols, symbol, code);
    sd_status s = make_private(j, cache);
    if (s != SD_OK) return s;
    if (join(j->folder, cache, j->name, "") && holds_text(j, j->folder) &&
        load(j, nsymbols, symbol, code) == SD_OK)
        return SD_OK;
    return make(j, cache, true, nsymbols, symbol, code);
}

sd_status sdp_cc(const char *compiler, const char *cache, const char *text, uint32_t nsymbols,
                 sdp_symbol *symbol, sdp_code *code, char *message, size_t room)
{
    job j = {.message = message, .room = room};
    *code = (sdp_code){NULL, 0, NULL};
    sd_status s = find_compiler(&j, compiler);
    if (s == SD_OK) s = put_text(&j, text);
    if (s == SD_OK) s = find_or_make(&j, cache, nsymbols, symbol, code);
    free(j.text);
    return s;
}

void sdp_cc_free(sdp_code *c)
{
    if (c->library) dlclose(c->library);
    c->library = NULL;
}
