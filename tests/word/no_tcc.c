// SPDX-License-Identifier: MIT
// libtcc where it is not installed for a machine: no compiler starts, so
// nothing is computed by compiled code.
#include <libtcc.h>
#include <stddef.h>

TCCState *tcc_new(void) { return NULL; }
void tcc_delete(TCCState *s) { (void)s; }
void tcc_set_options(TCCState *s, const char *options) { (void)s, (void)options; }
int tcc_set_output_type(TCCState *s, int type) { return (void)s, (void)type, -1; }
int tcc_compile_string(TCCState *s, const char *text) { return (void)s, (void)text, -1; }
int tcc_add_symbol(TCCState *s, const char *name, const void *value)
{
    return (void)s, (void)name, (void)value, -1;
}
int tcc_relocate(TCCState *s, void *to) { return (void)s, (void)to, -1; }
void *tcc_get_symbol(TCCState *s, const char *name) { return (void)s, (void)name, NULL; }
void tcc_set_error_func(TCCState *s, void *state, void (*f)(void *, const char *))
{
    (void)s, (void)state, (void)f;
}
