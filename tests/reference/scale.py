#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/scale.test: what is homogeneous, at very small and very large arguments. make.py says how.

    python3 tests/reference/scale.py > tests/scale.test        (needs mpmath; the tests themselves do not)
"""
import sys
from mpmath import log, mpf, sqrt
from make import block

X = [1.5, -0.5, 0.25, 2.0, -1.0, 0.75]
SIZES = [2.0**k for k in (-996, -650, -330, 0, 330, 650)]


def times(v, s):
    return [a * s for a in v]


def vector(spellings, f, requests, sizes=SIZES, more=(), y=None):
    base, v = [0.3, -1.7, 2.2, 0.9], [0.5, -0.25, 1.5, 0.75]
    points = [{"x": times(base, s), "v": v} for s in sizes] + [{"x": list(m), "v": v} for m in more]
    declarations = "x: vector(4); v: vector(4)"
    if y:
        points = [dict(p, y=times(y, s)) for p, s in zip(points, reversed(sizes))]
        declarations += "; y: vector(4)"
    block(declarations, dict.fromkeys("xyv", 4), requests, spellings, lambda p: [f(p["x"], p["y"])] if y else [f(p["x"])], points)


def matrix(spellings, f, requests, declarations="X: matrix(m,n); V: matrix(m,n)", x=X, shape=(3, 2), sizes=SIZES):
    v = [0.5, 0.1, 0.1, -0.25, 1.0, 0.5][: len(x)]
    points = [{"X": times(x, s), "V": v} for s in sizes]
    block(declarations, {"X": shape, "V": shape}, requests, spellings, lambda p: [f(p["X"])], points)


def power_norm(p):
    return lambda x: sum(abs(a) ** p for a in x) ** (1 / mpf(p))


def norm(x):
    return sqrt(sum(a * a for a in x))


def dot(x, y):
    return sum(a * b for a, b in zip(x, y))


def gram(x):
    return x[0] ** 2 + x[2] ** 2 + x[4] ** 2, x[0] * x[1] + x[2] * x[3] + x[4] * x[5], x[1] ** 2 + x[3] ** 2 + x[5] ** 2


def largest(a, b, c):
    return (a + c) / 2 + sqrt((a - c) ** 2 / 4 + b * b)


def columns(x, p):
    return power_norm(p)(x[0::2]) + power_norm(p)(x[1::2])


def vectors():
    second = ["value", "gradient x", "hessian x", "hvp x v"]
    mixed = [[1e-300, 1e3, -2e2, 1e-8], [1e-300, -1e-290, 2e-295, 1e-300]]
    for p, name in ((3, "3"), (mpf(3) / 2, "3/2"), (7, "7")):
        vector(["norm(x,%s)" % name], power_norm(p), second)
    vector(["norm(x,3)"], power_norm(3), second[:2], more=mixed)
    vector(["norm(x,20)"], power_norm(20), ["value", "gradient x", "hvp x v"], [2.0**-990, 2.0**-60, 2.0**60, 2.0**900])
    vector(["norm(x)"], norm, ["hvp x v"], more=mixed)
    vector(["x[1]*norm(x)", "norm(x)*x[1]"], lambda x: x[0] * norm(x), ["gradient x", "hessian x"], SIZES[1:-1])
    vector(["x[2]/sum(x)"], lambda x: x[1] / sum(x), ["gradient x", "hessian x"], SIZES[2:4])
    vector(["x'*x/sum(x)"], lambda x: dot(x, x) / sum(x), second)
    vector(["x[1]*x[2]/(x[1]+x[2])"], lambda x: x[0] * x[1] / (x[0] + x[1]), second)
    mean = lambda x: sum(x) / len(x)
    var = lambda x: sum((a - mean(x)) ** 2 for a in x) / (len(x) - 1)
    vector(["std(x)"], lambda x: sqrt(var(x)), second)
    vector(["var(x)/mean(x)"], lambda x: var(x) / mean(x), second)
    vector(["x[3]/std(x)"], lambda x: x[2] / sqrt(var(x)), ["gradient x"], SIZES)
    cosine = lambda x, y: dot(x, y) / (norm(x) * norm(y))
    vector(["x'*y/(norm(x)*norm(y))"], cosine, ["gradient x", "hvp x v"], SIZES[2:], y=[1.1, 0.4, -0.6, 2.5])
    vector(["log(x'*x)", "2*log(norm(x))"], lambda x: log(dot(x, x)), ["value", "gradient x", "hvp x v"], SIZES[1:])
    a = (2, 1, 3, 1)
    vector(["x'*diag([2;1;3;1])*x/(x'*x)"], lambda x: sum(b * c * c for b, c in zip(a, x)) / dot(x, x), ["value", "gradient x"])
    vector(["sum(sqrt(x.^2+y.^2))", "sum(hypot(x,y))"], lambda x, y: sum(sqrt(b * b + c * c) for b, c in zip(x, y)), ["value", "gradient x", "hessian x"],
           [2.0**-996, 2.0**-996, 1.0], y=[1.1, 0.4, -0.6, 2.5])
    vector(["norm(x-y,3)"], lambda x, y: power_norm(3)([b - c for b, c in zip(x, y)]), ["value", "gradient x", "hvp x v"], [2.0**-650, 2.0**-650], y=[1.1, 0.4, -0.6, 2.5])


def matrices():
    second = ["value", "gradient X", "hvp X V"]
    matrix(["norm(X,2)"], lambda x: sqrt(largest(*gram(x))), second + ["hessian X"])
    matrix(["norm(X)", "sqrt(tr(X'*X))"], norm, ["hvp X V"])
    matrix(["norm(X'*X)"], lambda x: sqrt(gram(x)[0] ** 2 + 2 * gram(x)[1] ** 2 + gram(x)[2] ** 2), second, sizes=SIZES[2:5])
    for p in (2, 3):
        matrix(["sum(vecnorm(X,%d,1))" % p], lambda x: columns(x, p), second)
        uneven = [a * (1 if i % 2 else 2.0**-900) for i, a in enumerate(X)]
        matrix(["sum(vecnorm(X,%d,1))" % p], lambda x: columns(x, p), second, x=uneven, sizes=[1.0])
    logdet = lambda x: log(gram(x)[0] * gram(x)[2] - gram(x)[1] ** 2)
    matrix(["logdet(X'*X)"], logdet, ["value", "gradient X", "hvp X V"], sizes=SIZES[1:])
    square = [2, 0.5, 0.5, 1.25]
    symmetric = lambda f: lambda x: f(x[0], (x[1] + x[2]) / 2, x[3])
    for words, f in (("lambda_max(X)", largest), ("norm(X,2)", largest)):
        matrix([words], symmetric(f), second, "X: matrix(n,n) posdef; V: matrix(n,n) symmetric", square, (2, 2))


if __name__ == "__main__":
    print("# What is homogeneous, at very small and very large arguments: values and derivatives with 25 digits.")
    print("# Made by tests/reference/scale.py, which says how; not to be edited here.")
    for part in (vectors, matrices):
        if not sys.argv[1:] or part.__name__ in sys.argv[1:]:
            part()
