#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/camera.test: an image coordinate of a camera that a vector turns (Rodrigues), from no angle to a large one.

    python3 tests/reference/camera.py > tests/camera.test        (needs mpmath; the tests themselves do not)
"""
from mpmath import cos, mpf, sin, sqrt
from make import block

TEXT = ["th=norm(r); R=[0,-r[3],r[2];r[3],0,-r[1];-r[2],r[1],0]; y=cos(th)*v+sin(th)/th*(R*v)+(1-cos(th))/th^2*r*(r'*v)",
        "p=[y[1]/y[3];y[2]/y[3]]", "q=p'*p", "p[1]*(1+k*q+q^2)"]


def image(p):
    r, v, k = p["r"], p["v"], p["k"][0]
    th = sqrt(sum(a * a for a in r))
    cross = [r[1] * v[2] - r[2] * v[1], r[2] * v[0] - r[0] * v[2], r[0] * v[1] - r[1] * v[0]]
    along = sum(a * b for a, b in zip(r, v)) * (1 - cos(th)) / th**2
    y = [cos(th) * v[i] + sin(th) / th * cross[i] + along * r[i] for i in range(3)]
    q = (y[0] ** 2 + y[1] ** 2) / y[2] ** 2
    return [y[0] / y[2] * (1 + k * q + q**2)]


JACOBIAN = TEXT[:2] + ["q=p'*p", "f*p*(1+k[1]*q+k[2]*q^2)+c"]
DECLARED = "r: vector(3); v: vector(3); k: vector(2); f: scalar; c: vector(2)"
print("""# An image coordinate of a camera that a vector turns, and its derivatives: removable singularities inside a quotient.
# Values made by tests/reference/camera.py; not to be edited here.

# The code of a Jacobian has the length of its formula: a factor that neither vanishes nor grows at norm(r) = 0 needs no series there.
$ symdiff emit -q -d "%s" "%s" --wrt r | wc -l | awk '{print ($1 < 600)}'
    1""" % (DECLARED, "; ".join(JACOBIAN)))
points = [{"r": [0.7 * s, -0.3 * s, 0.45 * s], "v": [0.4, -0.3, 6.1], "k": [0.25]} for s in (1e-100, 1e-20, 1e-9, 1e-5, 1e-3, 0.03, 0.3, 1, 1.4)]
block("r: vector(3); v: vector(3); k: scalar", {"r": 1, "v": 1}, ["value", "gradient r", "gradient v"], ["; ".join(TEXT)], image, points)
