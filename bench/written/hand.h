// SPDX-License-Identifier: MIT
// The functions of hand.c: matrices row-major, value and derivatives returned through pointers.
#ifndef HAND_H
#define HAND_H

#include <stddef.h>

void hand_quad(size_t n, const double *A, const double *x, double *value, double *g);
void hand_ols(size_t m, size_t n, const double *X, const double *w, const double *y, double *value,
              double *g);
void hand_logreg(size_t m, size_t n, const double *y, const double *X, const double *w, double *value,
                 double *g);
void hand_crossent(size_t m, size_t n, size_t k, const double *X, const double *W, const double *Y,
                   double *value, double *G, double *row);
void hand_mf(size_t m, size_t n, size_t p, const double *T, const double *U, const double *V, double *value,
             double *G);
void hand_mlp(size_t h, size_t d, size_t o, const double *W1, const double *W2, const double *x,
              const double *b, const double *y, double *value, double *dW1, double *db, double *dW2,
              double *work);
void hand_rosen(size_t n, const double *x, double *value, double *g);
void hand_lse(size_t m, size_t n, const double *A, const double *x, double *value, double *H, double *work);
void hand_ols_hessian(size_t m, size_t n, const double *X, const double *w, const double *y, double *value,
                      double *H);
void hand_logreg_hessian(size_t m, size_t n, const double *y, const double *X, const double *w, double *value,
                         double *H);
void hand_network(size_t h, size_t d, size_t o, size_t m, const double *W1, const double *W2, const double *X,
                  const double *Y, double *value, double *dW1, double *dW2, double *work);

#endif
