// SPDX-License-Identifier: MIT
// Longley's regression with the emitted C:  longley longley.csv data.json gradient.txt
//
// Reads the data, calls longley_gradient() (emitted by symdiff from "norm(X*t-Y)^2/N") at the coefficients
// that NIST certifies, where the gradient must vanish, and at a point elsewhere, where it must agree with
// central differences. The data and the point elsewhere go to data.json, the gradient there to gradient.txt,
// to be compared with `symdiff eval`. Exit status 1 if a number is not what it should be.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "longley_gradient.h"

enum { ROWS = 16, COLUMNS = 7 };

static const double certified[COLUMNS] = {
    -3482258.63459582, 15.0618722713733,    -0.0358191792925910, -2.02022980381683,
    -1.03322686717359, -0.0511041056535807, 1829.15146461355,
};
static const double certified_sum_of_squares = 836424.055505915;

typedef struct {
    double X[ROWS * COLUMNS], Y[ROWS], *work;
} problem;

static int read_csv(const char *file, problem *p)
{
    FILE *f = fopen(file, "r");
    char line[256];
    int rows = 0, ok = f && fgets(line, sizeof line, f); // the header
    while (ok && rows < ROWS && fgets(line, sizeof line, f)) {
        double *x = p->X + rows * COLUMNS;
        x[0] = 1;
        ok = sscanf(line, "%lf,%lf,%lf,%lf,%lf,%lf,%lf", &p->Y[rows], x + 1, x + 2, x + 3, x + 4, x + 5,
                    x + 6) == 7;
        rows++;
    }
    if (f) fclose(f);
    return ok && rows == ROWS;
}

// The value; the gradient goes to g.
static double evaluate(const problem *p, const double *t, double *g)
{
    double value = 0;
    longley_gradient(ROWS, COLUMNS, p->X, t, p->Y, ROWS, &value, g, p->work);
    return value;
}

static double norm(const double *v, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += v[i] * v[i];
    return sqrt(sum);
}

static int at_solution(const problem *p)
{
    double g[COLUMNS], value = evaluate(p, certified, g), r = sqrt(value * ROWS);
    double scaled = norm(g, COLUMNS) * ROWS / 2 / (norm(p->X, ROWS * COLUMNS) * r); // |X'r| / (|X| |r|)
    double relative = fabs(value * ROWS / certified_sum_of_squares - 1);
    printf("  at NIST's certified coefficients\n");
    printf("    residual sum of squares   %.15g   (certified: %.15g, relative difference %.1e)\n",
           value * ROWS, certified_sum_of_squares, relative);
    printf("    |X'(X*t-Y)|/(|X||X*t-Y|)  %.1e\n", scaled);
    return relative < 1e-10 && scaled < 1e-10;
}

static int elsewhere(const problem *p, double *t, double *g)
{
    double worst = 0, scale = 0;
    for (int j = 0; j < COLUMNS; j++) t[j] = certified[j] * (0.9 + 0.02 * j);
    evaluate(p, t, g);
    for (int j = 0; j < COLUMNS; j++) {
        double unused[COLUMNS], keep = t[j], h = fabs(keep) / 8;
        t[j] = keep + h;
        double above = evaluate(p, t, unused);
        t[j] = keep - h;
        double below = evaluate(p, t, unused);
        t[j] = keep;
        // entries differ by many orders of magnitude: each is compared at the scale of its own coefficient
        double error = fabs((above - below) / (2 * h) - g[j]) * fabs(keep);
        if (error > worst) worst = error;
        if (fabs(g[j] * keep) > scale) scale = fabs(g[j] * keep);
    }
    printf("  elsewhere\n    against central differences: largest relative error %.1e\n", worst / scale);
    return worst < 1e-9 * scale;
}

static void put(FILE *f, const char *name, const double *v, int rows, int columns)
{
    fprintf(f, "\"%s\": [", name);
    for (int i = 0; i < rows; i++) {
        if (columns > 1) fputs(i ? ", [" : "[", f);
        for (int j = 0; j < columns; j++)
            fprintf(f, "%s%.17g", columns > 1 ? (j ? ", " : "") : (i ? ", " : ""), v[i * columns + j]);
        if (columns > 1) fputs("]", f);
    }
    fputs("]", f);
}

static int write_files(const problem *p, const double *t, const double *g, const char *data,
                       const char *gradient)
{
    FILE *f = fopen(data, "w"), *h = fopen(gradient, "w");
    if (!f || !h) return 0;
    fputs("{", f);
    put(f, "X", p->X, ROWS, COLUMNS);
    fputs(",\n ", f);
    put(f, "Y", p->Y, ROWS, 1);
    fputs(",\n ", f);
    put(f, "t", t, COLUMNS, 1);
    fprintf(f, ",\n \"N\": %d}\n", ROWS);
    for (int j = 0; j < COLUMNS; j++) fprintf(h, "%.17g\n", g[j]);
    return fclose(f) == 0 && fclose(h) == 0;
}

int main(int argc, char **argv)
{
    problem p;
    double t[COLUMNS], g[COLUMNS];
    if (argc != 4 || !read_csv(argv[1], &p)) {
        fprintf(stderr, "usage: longley longley.csv data.json gradient.txt\n");
        return 2;
    }
    p.work = malloc((longley_gradient_workspace(ROWS, COLUMNS) + 1) * sizeof(double));
    if (!p.work) return 3;
    int ok = at_solution(&p);
    ok &= elsewhere(&p, t, g);
    ok &= write_files(&p, t, g, argv[2], argv[3]);
    free(p.work);
    return !ok;
}
