// SPDX-License-Identifier: MIT
// Lets the static libtcc stand in a shared library. Part of libsymdiff.so only.
//
// Distributions build libtcc.a for executables: it reaches the variables of libc (stdout, stderr,
// environ) by PC-relative addresses, which a shared library cannot have. The linker is told
// (--wrap) to take the variables here in their place; they are filled when the library is loaded.
// Functions of libc are no problem.
#include <stdio.h>

extern FILE *__real_stdout, *__real_stderr;
extern char **__real_environ;

#define HIDDEN __attribute__((visibility("hidden")))
HIDDEN FILE *__wrap_stdout, *__wrap_stderr;
HIDDEN char **__wrap_environ;

__attribute__((constructor)) static void fill(void)
{
    __wrap_stdout = __real_stdout;
    __wrap_stderr = __real_stderr;
    __wrap_environ = __real_environ;
}
