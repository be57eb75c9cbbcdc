// SPDX-License-Identifier: MIT
// libFuzzer target: any bytes as a data file of every format, as a JSON object, and as a literal; what is
// read is printed in every format of numbers. The first byte chooses the kind.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "include/symdiff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_file(sd_data *d, const uint8_t *bytes, size_t n, const char *prefix, const char *ending)
{
    char name[64], argument[80];
    snprintf(name, sizeof name, "/tmp/fuzz-data-%ld.%s", (long)getpid(), ending);
    snprintf(argument, sizeof argument, "%s%s", prefix, name);
    FILE *f = fopen(name, "wb");
    if (!f) abort();
    fwrite(bytes, 1, n, f);
    fclose(f);
    sd_data_read(d, argument);
    unlink(name);
}

static void read_literal(sd_data *d, const uint8_t *bytes, size_t n)
{
    char *argument = malloc(n + 4);
    if (!argument) abort();
    memcpy(argument, "x=[", 3);
    memcpy(argument + 3, bytes, n);
    argument[n + 3] = 0;
    sd_data_read(d, argument);
    free(argument);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const endings[] = {"csv", "npy", "mtx", "json", "dat"};
    static const sd_format formats[] = {SD_TEXT, SD_JSON, SD_MATLAB};
    if (!size) return 0;
    unsigned kind = *data++ % 7;
    size--;
    sd_context *c =
        sd_context_new(&(sd_options){.limits = &(sd_limits){.elements = 100000, .memory = 1 << 26}});
    sd_data *d = c ? sd_data_new(c) : NULL;
    if (!d) abort();
    if (kind < 5) read_file(d, data, size, "X=", endings[kind]);
    else if (kind == 5) read_file(d, data, size, "", "json");
    else read_literal(d, data, size);
    for (size_t i = 0; i < sd_data_count(d); i++)
        for (size_t k = 0; k < sizeof formats / sizeof *formats; k++) {
            char *text = sd_array_print(c, sd_data_get(d, sd_data_name(d, i)), formats[k]);
            if (text) sd_free(c, text);
        }
    if (sd_last_error(c)->code == SD_ERR_INTERNAL) abort();
    sd_data_free(d);
    sd_context_free(c);
    return 0;
}
