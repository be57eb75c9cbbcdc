#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/incomplete.test: incomplete gamma and beta functions and Bessel functions, with their derivatives, 25 digits, as tests/reference/make.py does.

    python3 tests/reference/incomplete.py > tests/incomplete.test
"""
from mpmath import mp
from make import block

print("# Incomplete gamma and beta functions and Bessel functions at ordinary and extreme arguments, with 25 digits.")
print("# Made by tests/reference/incomplete.py; not to be edited here.")

# Incomplete gamma and beta functions, derived by x alone: their other arguments are exact.
def tail(lower):
    def f(p):
        a, x = p["a"][0], p["x"][0]
        return [mp.gammainc(a, 0, x, regularized=True) if lower else mp.gammainc(a, x, mp.inf, regularized=True)]
    return f

points = [{"a": [a], "x": [x]} for a, x in ((0.5, 0.25), (2.5, 7.0), (1e-9, 1e-5), (1e-9, 0.75), (1e-9, 1.5), (1e-9, 8.0), (0.75, 1e-15), (1.0, 1e-12), (12.0, 300.0),
                                            (20.0, 20.0), (30.0, 3.0), (150.0, 151.5), (1000.0, 900.0), (1000.0, 1200.0), (1e4, 1.01e4))]
for name, lower in (("gammainc", True), ("gammaincc", False)):
    block("a: scalar positive; x: scalar positive", {}, ["value", "gradient x"], [name + "(a,x)"], tail(lower), points, spare=60)
beta = lambda p: [mp.betainc(p["a"][0], p["b"][0], 0, p["x"][0], regularized=True)]
points = [{"a": [a], "b": [b], "x": [x]} for a, b, x in ((0.5, 0.25, 0.3), (2.5, 7.0, 0.9), (1e-9, 3.0, 0.01), (3.0, 1e-9, 0.25), (3.0, 1e-9, 0.999), (1e-6, 1e-6, 0.5), (40.0, 60.0, 0.41),
                                                        (300.0, 2.0, 0.5), (2000.0, 3000.0, 0.38), (0.75, 500.0, 1e-15), (5.0, 0.25, 0.9999999))]
declared = "a: scalar positive; b: scalar positive; x: scalar"
block(declared, {}, ["value"], ["betainc(a,b,x)"], beta, points, spare=60)
# the derivative is written with lgamma, which loses digits where a and b are large
small = [p for p in points if p["a"][0] + p["b"][0] < 1000]
block(declared, {}, ["gradient x"], ["betainc(a,b,x)"], beta, small, spare=60)

# Bessel functions, at zeros of J too, where an error of the modulus is none of the value
for name, f in (("besselj", mp.besselj), ("bessely", mp.bessely), ("besseli", mp.besseli), ("besselk", mp.besselk)):
    grows = name in ("besseli", "besselk")
    of = [(0.0, 1e-5), (0.0, 2.404825557695773), (0.0, 30.0), (1.0, 0.7), (2.0, 11.5), (0.25, 1e-3), (1 / 3, 2.5), (-1 / 3, 2.5), (2.5, 5.0), (-2.5, 1.25), (30.0, 31.0), (50.5, 3.0), (7.0, 600.0),
          (100.0, 100.0), (300.0, 250.0)] + ([(0.0, 700.0), (20.0, 0.1)] if grows else [(0.0, 1e4), (3.5, 1e6), (20.0, 0.1)])
    block("v: scalar; x: scalar positive", {}, ["value", "gradient x", "hessian x"], [name + "(v,x)"], lambda p: [f(p["v"][0], p["x"][0])], [{"v": [v], "x": [x]} for v, x in of], spare=60)
