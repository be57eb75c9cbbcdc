#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/expsum.test: logarithms of sums of exponentials with weights, and their derivatives. make.py says how.

    python3 tests/reference/expsum.py > tests/expsum.test        (needs mpmath; the tests themselves do not)
"""
from mpmath import exp, log
from make import block

ZS = [[1, -2, 0.5], [800, 801, -800], [-800, -801.5, -799], [0, 40, -40], [1000, -1000, 0.25]]
BS = [[1, 2, 0.5, 3, 0, 1], [0.25, 0, 0, 1e-3, 2, 7]]


def weighted(p, rows=2):
    n = len(p["z"])
    return [log(sum(p["B"][i * n + j] * exp(p["z"][j]) for j in range(n))) for i in range(rows)]


def cumulated(z):
    return [log(sum(exp(v) for v in z[: k + 1])) for k in range(len(z))]


def main():
    print("# Logarithms of sums of exponentials that are not spelled logsumexp, with 25 digits.")
    print("# Made by tests/reference/expsum.py, which says how; not to be edited here.")
    points = [{"B": BS[k % 2], "z": z, "c": [1, 0.5]} for k, z in enumerate(ZS)]
    shapes = {"B": (2, 3), "z": 1, "c": 1, "d": 1, "x": 1}
    declared = "B: matrix(m,n) nonneg; z: vector(n); c: vector(m)"
    block(declared, shapes, ["value", "jacobian z"], ["log(B*exp(z))"], weighted, points, ("c",))
    total = lambda p: [sum(a * b for a, b in zip(p["c"], weighted(p)))]
    block(declared, shapes, ["value", "gradient z"], ["c'*log(B*exp(z))"], total, points, ("c",))
    soft = [{"B": BS[0], "z": z, "c": [1, 0.5]} for z in ([1, -2, 0.5], [800, 801, 799.5], [-800, -801.5, -799])]  # no weight is almost 1
    block(declared, shapes, ["hessian z"], ["c'*log(B*exp(z))"], total, soft, ("c",))
    plain = [{"z": z} for z in ZS]
    block("z: vector(n)", shapes, ["value", "jacobian z"], ["log(cumsum(exp(z)))"], lambda p: cumulated(p["z"]), plain)
    listwise = lambda p: [sum(a - b for a, b in zip(cumulated(p["z"]), p["z"]))]
    block("z: vector(n)", shapes, ["value"], ["sum(log(cumsum(exp(z)))-z)"], listwise, plain)
    block("z: vector(n)", shapes, ["gradient z", "hessian z"], ["sum(log(cumsum(exp(z)))-z)"], listwise, [{"z": q["z"]} for q in soft])
    risk = [1, 1, 1, 0, 1, 1, 0, 0, 1]

    def cox(p):
        eta = [a * p["w"][0] for a in p["x"]]
        return [sum(d * (log(sum(r * exp(e) for r, e in zip(risk[3 * i : 3 * i + 3], eta))) - eta[i]) for i, d in enumerate(p["d"]))]

    data = [{"R": risk, "d": [1, 0, 1], "x": x, "w": [w]} for x, w in (([1, 2, -1], 0.5), ([1, 2, -1], 700), ([0.5, -0.25, 1], -1600), ([3, 1, 2], 0))]
    block("R: matrix(3,3) nonneg; d: vector(3); x: vector(3); w: scalar", {"R": (3, 3), "d": 1, "x": 1}, ["value", "diff w order 1"], ["d'*(log(R*exp(x*w))-x*w)"], cox, data, ("R", "d"))
    mixtures()


def mixtures():
    """Sums of few exponentials with weights of unknown signs: mixtures, zero inflation, quotients."""
    normal = lambda p, x, a, b: log(p * exp(-((x - a) ** 2) / 2) + (1 - p) * exp(-((x - b) ** 2) / 2))
    at = [dict(p=[p], x=[x], a=[0.25], b=[3]) for p, x in ((0.25, 0.5), (0.25, 50), (0.75, -50), (-0.5, 52), (0.5, -60.5))]
    of = lambda f: lambda q: [f(**{k: v[0] for k, v in q.items()})]
    both = ["value", "diff p order 1", "diff a order 1", "diff x order 1", "diff x order 2", "diff b order 2", "diff p order 2"]
    block("p: scalar; x: scalar; a: scalar; b: scalar", {}, both, ["log(p*exp(-(x-a)^2/2)+(1-p)*exp(-(x-b)^2/2))"], of(normal), at)
    points = [{"p": [0.25], "x": x, "a": [0.25], "b": [3]} for x in ([0.5, 50, -50], [60, 1, 2])]
    rows = lambda q: [sum(normal(q["p"][0], v, q["a"][0], q["b"][0]) for v in q["x"])]
    several = ["sum(log(p*exp(-(x-a).^2/2)+(1-p)*exp(-(x-b).^2/2)))"]
    block("p: scalar; x: vector(n); a: scalar; b: scalar", {"x": 1}, ["value", "diff a order 1", "diff b order 2", "gradient x", "hessian x"], several, rows, points)
    at = [dict(p=[p], u=[u]) for p, u in ((0.25, 1), (0.25, -800), (0.75, 800), (-0.5, -900))]
    block("p: scalar; u: scalar", {}, ["value", "diff p order 1", "diff u order 1", "diff u order 2"], ["log(p+(1-p)*exp(-u))"], of(lambda p, u: log(p + (1 - p) * exp(-u))), at)
    at = [dict(a=[a], b=[b], c=[0.5]) for a, b in ((1, 2), (-800, -801), (800, 799.5))]
    block("a: scalar; b: scalar; c: scalar", {}, ["value"] + [f"diff {v} order {k}" for v in "abc" for k in (1, 2)], ["exp(a)/(exp(a)+c*exp(b))"], of(lambda a, b, c: exp(a) / (exp(a) + c * exp(b))), at)


if __name__ == "__main__":
    main()
