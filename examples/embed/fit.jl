# SPDX-License-Identifier: MIT
# Misra1a in Julia: Newton's method with emitted C, called by ccall. `make misra.so`, then julia fit.jl
using Printf
const library = joinpath(pwd(), "misra.so")
const y = [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78]
const x = [77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0]
p = [240, 5.4e-4]
for k in 1:20
    n = length(x)
    value, g, h = zeros(1), zeros(2), zeros(2, 2)
    work = zeros(ccall((:misra_workspace, library), Csize_t, (Csize_t,), n) + 1)
    status = ccall((:misra, library), Cint,
        (Csize_t, Ptr{Cdouble}, Ptr{Cdouble}, Ptr{Cdouble}, Ptr{Cdouble}, Ptr{Cdouble}, Ptr{Cdouble}, Ptr{Cdouble}),
        n, p, x, y, value, g, h, work)
    status == 0 || error("status $status")
    global p -= h \ g
end
@printf("p = %.7f %.12f\n", p[1], p[2])
