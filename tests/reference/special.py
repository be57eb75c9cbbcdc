#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/special.test: special functions and their derivatives with 25 digits, as tests/reference/make.py does.

    python3 tests/reference/special.py > tests/special.test
"""
from mpmath import mp
from make import block

print("# Special functions and their derivatives at ordinary and extreme arguments, with 25 digits.")
print("# Made by tests/reference/special.py; not to be edited here.")
pair = lambda p: [mp.loggamma(p["x"][0]) + mp.loggamma(p["y"][0]) - mp.loggamma(p["x"][0] + p["y"][0])]
points = [{"x": [x], "y": [y]} for x, y in ((0.5, 0.25), (2.5, 7.0), (1e-8, 3.0), (300.0, 500.5), (1e10, 2.5), (1e6, 1e9))]
block("x: scalar positive; y: scalar positive", {}, ["value", "gradient x"], ["betaln(x,y)"], pair, points, spare=60)

def newton(f, y):
    """The y near a given one at which f, with derivative erf' up to the sign, is 0, in the digits of mp."""
    for _ in range(12):
        y -= f(y) / (2 / mp.sqrt(mp.pi) * mp.exp(-y * y))
    return y

def erfinv(p):
    x = p["x"][0]
    return [mp.sign(x) * newton(lambda y: abs(x) - 1 + mp.erfc(y), mp.erfinv(abs(x)))]

def erfcinv(p):
    z = p["x"][0]
    small = min(z, 2 - z)
    start = mp.erfinv(1 - small) if small > mp.mpf("1e-25") else mp.sqrt(-mp.log(small * mp.sqrt(mp.pi * -mp.log(small))))
    return [(1 if z < 1 else -1) * newton(lambda y: small - mp.erfc(y), start)]

erfcx = lambda p: [mp.exp(p["x"][0] ** 2) * mp.erfc(p["x"][0])]
points = [{"x": [x]} for x in (-26.0, -20.0, -1.5, 1e-9, 0.3, 1.25, 2.0, 10.0, 1000.0, 1e8, 1e150)]
block("x: scalar", {}, ["value", "gradient x"], ["erfcx(x)"], erfcx, points, spare=700)
points = [{"x": [x]} for x in (1e-300, 1e-9, 0.3, 0.5, -0.75, 0.999, -0.9999999999999999)]
block("x: scalar", {}, ["value", "gradient x"], ["erfinv(x)"], erfinv, points, spare=60)
points = [{"x": [x]} for x in (1e-300, 1e-20, 1e-5, 0.25, 0.9999999, 1.5, 1.999999)]
block("x: scalar", {}, ["value", "gradient x"], ["erfcinv(x)"], erfcinv, points, spare=700)
points = [{"x": [x]} for x in (1e-300, 1e-8, 0.1, 0.49999, 0.9, 0.999999)]
block("x: scalar", {}, ["value", "gradient x"], ["norminv(x)", "probit(x)"], lambda p: [-mp.sqrt(2) * v for v in erfcinv({"x": [2 * p["x"][0]]})], points, spare=700)
