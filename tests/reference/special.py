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
