# SPDX-License-Identifier: MIT
# Misra1a in R: Newton's method with emitted C, called by .C() through r.c. `make misra.so`, then Rscript fit.R
dyn.load("misra.so")
y <- c(10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78)
x <- c(77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0)
p <- c(240, 5.4e-4)
for (k in 1:20) {
    r <- .C("misra_r", length(x), p, x, y, value = 0, gradient = double(2), hessian = double(4), status = 0L)
    stopifnot(r$status == 0)
    p <- p - solve(matrix(r$hessian, 2, 2), r$gradient, tol = 1e-30)
}
cat(sprintf("p = %.7f %.12f\n", p[1], p[2]))
