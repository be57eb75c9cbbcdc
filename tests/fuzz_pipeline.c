// SPDX-License-Identifier: MIT
// libFuzzer target: any bytes through parse, derive, print, emit, under tight limits. A sum of the bytes
// chooses what is asked and in which notation; every variable of the legend is differentiated by. Whatever
// comes is an answer or an error with a message, and all memory is returned.
#include <stdlib.h>
#include <string.h>

#include "include/symdiff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(sd_context *c, sd_expr e, const char *wrt, unsigned way)
{
    static const sd_what what[] = {SD_DERIVATIVE, SD_HESSIAN, SD_GRADIENT, SD_JACOBIAN};
    sd_result *r = sd_derive(c, e,
                             &(sd_request){.what = what[way & 3],
                                           .wrt = wrt,
                                           .layout = way & 4 ? SD_DENOMINATOR : SD_NUMERATOR});
    if (!r) {
        if (sd_last_error(c)->code == SD_OK || sd_last_error(c)->code == SD_ERR_INTERNAL) abort();
        return;
    }
    sd_free(c, sd_print(c, r, (sd_format)((way >> 3) % (SD_JSON + 1)), way & 4));
    sd_c_code code = {NULL, NULL};
    if (sd_emit(c, r, &(sd_emit_options){.value = 1, .primal = e}, &code) == SD_ERR_INTERNAL) abort();
    sd_free(c, code.source);
    sd_free(c, code.header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned way = 0;
    for (size_t i = 0; i < size; i++) way += data[i];
    sd_limits limits = {.nodes = 20000,
                        .depth = 200,
                        .digits = 100,
                        .memory = 64u << 20,
                        .output = 100000,
                        .elements = 10000};
    sd_context *c = sd_context_new(&(sd_options){.limits = &limits});
    char *text = malloc(size + 1);
    if (!c || !text) abort();
    if (size) memcpy(text, data, size);
    text[size] = 0;
    sd_expr e = sd_parse(c, text, "<fuzz>");
    if (!e) {
        const sd_error *error = sd_last_error(c);
        if (error->code == SD_OK || error->code == SD_ERR_INTERNAL || !*error->message ||
            strchr(error->message, '\n'))
            abort();
        sd_free(c, sd_error_text(c, error));
    } else {
        char *legend = sd_legend(c, e);
        for (char *s = legend; s && *s;) { // "X: matrix(m,n); t: vector(n)"
            size_t n = strcspn(s, ":"), all = strcspn(s, ";");
            char *wrt = n < all ? malloc(n + 1) : NULL;
            if (wrt) {
                memcpy(wrt, s, n);
                wrt[n] = 0;
                ask(c, e, wrt, way);
                free(wrt);
            }
            s += all;
            s += strspn(s, "; \n");
        }
        sd_free(c, legend);
    }
    free(text);
    sd_context_free(c);
    return 0;
}
