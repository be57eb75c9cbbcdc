#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/tail.test: differences of one function at two points, in its tails and on short intervals. make.py says how.

    python3 tests/reference/tail.py > tests/tail.test        (needs mpmath; the tests themselves do not)
"""
import sys
from mpmath import atan, digamma, erf, erfc, exp, log, loggamma, mpf, pi, polygamma, sqrt, tanh
from make import block


def scalars(spellings, f, names, points, wrt, orders=(1, 2), value=True, spare=900):
    """f of scalars called by one letter each or words separated by blanks, derived by those in wrt."""
    names = names.split() if " " in names else list(names)
    declarations = "; ".join(n + ": scalar" for n in names)
    requests = ["value"] if value else []
    requests += ["diff %s order %d" % (x, k) for x in wrt.split() for k in orders]
    data = [{n: [v] for n, v in zip(names, p)} for p in points]
    block(declarations, {}, requests, spellings, lambda q: [f(*(q[n][0] for n in names))], data, spare=spare)


def normcdf(x):
    return erfc(-x / sqrt(mpf(2))) / 2


def sigmoid(x):
    return 1 / (1 + exp(-x))


def normal():
    """A truncated normal distribution, ordered probit, interval-censored data."""
    f = lambda x, mu, s, a, b: -((x - mu) ** 2) / (2 * s * s) - log(s) - log(normcdf((b - mu) / s) - normcdf((a - mu) / s))
    points = [(0.3, 0.1, 1.5, -1, 2), (8.2, 0, 1, 8, 39), (10.5, 0, 1, 10, 39), (-12.25, 0.5, 2, -30, -11), (4.5, 0.25, 0.5, 4.499999, 4.5000001), (45.5, 0.5, 1, 45, 46)]
    scalars(["-(x-mu)^2/(2*s^2)-log(s)-log(normcdf((b-mu)/s)-normcdf((a-mu)/s))"], f, "x mu s a b", points, "mu s", (1,))
    scalars(["-(x-mu)^2/(2*s^2)-log(s)-log(normcdf((b-mu)/s)-normcdf((a-mu)/s))"], f, "x mu s a b", points[:1] + points[3:4], "mu s", (2,), value=False)
    g = lambda m, a, b: log(normcdf(b - m) - normcdf(a - m))
    points = [(0.25, 1.5, -0.5), (0.5, 5.75, 7), (-0.5, 5.5, 9), (0.5, 1.25, 1.2500001), (0, 30, 31), (1, 60, 62), (3, -60, -55), (0.125, -40, 45), (0, 7, 7.0000001)]
    points = [(m, min(a, b), max(a, b)) for m, a, b in points]
    scalars(["log(normcdf(b-m)-normcdf(a-m))"], g, "mab", points, "m a b")
    h = lambda m, a, b: log(erf(b - m) - erf(a - m))
    scalars(["log(erf(b-m)-erf(a-m))", "log(erfc(a-m)-erfc(b-m))"], h, "mab", points[:5], "m", (1,))
    scalars(["normcdf(b-m)-normcdf(a-m)"], lambda m, a, b: normcdf(b - m) - normcdf(a - m), "mab", points[:5], "m b")


def exponential():
    """Differences of exponentials: censored exponential and Weibull distributions."""
    f = lambda m, a, b: log(exp(-a / m) - exp(-b / m))
    points = [(2, 1, 3), (0.5, 1, 1.0000001), (3, 1e-3, 2e-3), (0.01, 9, 10), (0.5, 700, 701), (1e3, 5, 5.5), (2, 1, 2000)]
    scalars(["log(exp(-a/m)-exp(-b/m))"], f, "mab", points, "m a b")
    g = lambda k, l, a, b: log(exp(-((a / l) ** k)) - exp(-((b / l) ** k)))
    points = [(1.5, 2, 1, 3), (0.75, 3, 1e-3, 2e-3), (2, 0.1, 3, 3.25)]
    scalars(["log(exp(-(a/l)^k)-exp(-(b/l)^k))"], g, "klab", points, "k l")
    scalars(["exp(a*x)-exp(b*x)"], lambda x, a, b: exp(a * x) - exp(b * x), "xab", [(0.5, 1, 2), (0.5, 1, 1.0000001), (300, 1, 1.125), (-300, 2, 2.5)], "x")


def logistic():
    """Ordered logit and its relatives."""
    f = lambda x, a, b: log(sigmoid(a - x) - sigmoid(b - x))
    points = [(0.25, 1.5, -0.5), (0.5, 40.25, 39), (0.5, -39, -40.25), (0, 1.0000001, 1), (2, 800, 799), (0, -799.5, -800), (0.5, 50, -60)]
    scalars(["log(sigmoid(a-x)-sigmoid(b-x))"], f, "xab", points, "x a b")
    scalars(["sigmoid(a-x)-sigmoid(b-x)"], lambda x, a, b: sigmoid(a - x) - sigmoid(b - x), "xab", points[:4], "x a")
    scalars(["tanh(a-x)-tanh(b-x)"], lambda x, a, b: tanh(a - x) - tanh(b - x), "xab", points[:4], "x a")
    scalars(["atan(a-x)-atan(b-x)"], lambda x, a, b: atan(a - x) - atan(b - x), "xab", points[:4] + [(0, 1e9, 1.5e9)], "x a")


def hazard():
    """Quotients of a normal density by its distribution function."""
    points = [(x,) for x in (-50, -37.5, -9.25, -1, 0.5, 3, 40)]
    scalars(["exp(-x^2/2)/normcdf(x)"], lambda x: exp(-x * x / 2) / normcdf(x), "x", points, "x", (1, 2, 3))
    of = [(100, 1.5, 2), (3, 0.5, 1.25), (-7, 2, 0.5)]
    f = lambda x, mu, s: exp(-(((x - mu) / s) ** 2) / 2) / (s * (1 - normcdf((x - mu) / s)))
    scalars(["exp(-((x-mu)/s)^2/2)/(s*(1-normcdf((x-mu)/s)))"], f, "x mu s", of, "mu")
    scalars(["exp(-((x-mu)/s)^2/2)/(s*(1-normcdf((x-mu)/s)))"], f, "x mu s", of, "s", (1,), value=False)


LARGE = [0.7, 30, 1e6, 1e10, 1e16]


def gamma():
    """Differences of lgamma, digamma and polygamma at large arguments, and likelihoods with them."""
    few = lambda spellings, f, names, points, wrt, orders=(1, 2): scalars(spellings, f, names, points, wrt, orders, spare=150)
    few(["lgamma(x+s)-lgamma(x)"], lambda x, s: loggamma(x + s) - loggamma(x), "xs", [(x, s) for x in LARGE for s in (1e-9, 0.5, 3)], "x s")
    few(["digamma(x+1)-digamma(x)"], lambda x: digamma(x + 1) - digamma(x), "x", [(x,) for x in LARGE + [1e20]], "x")
    few(["lgamma(a)+lgamma(b)-lgamma(a+b)"], lambda a, b: loggamma(a) + loggamma(b) - loggamma(a + b), "ab", [(0.5, 0.25), (2.5, 1e10), (1e16, 3), (1e8, 1e9)], "a b")
    few(["lgamma(n+1)-lgamma(k+1)-lgamma(n-k+1)"], lambda n, k: loggamma(n + 1) - loggamma(k + 1) - loggamma(n - k + 1), "nk", [(10, 3), (1e10, 2.5), (1e16, 7)], "n k")
    nb = lambda y, phi, mu: loggamma(y + phi) - loggamma(phi) - loggamma(y + 1) + phi * log(phi / (phi + mu)) + y * log(mu / (phi + mu))
    negative = ["lgamma(y+phi)-lgamma(phi)-lgamma(y+1)+phi*log(phi/(phi+mu))+y*log(mu/(phi+mu))", "lgamma(y+phi)-lgamma(y+1)-lgamma(phi)+phi*(log(phi)-log(phi+mu))+y*(log(mu)-log(phi+mu))"]
    few(negative, nb, "y phi mu", [(y, phi, mu) for phi in LARGE for y, mu in ((3, 2.5), (0, 1.25))], "phi mu")
    t = lambda v, x: loggamma((v + 1) / 2) - loggamma(v / 2) - log(v * pi) / 2 - (v + 1) / 2 * log(1 + x * x / v)
    few(["lgamma((v+1)/2)-lgamma(v/2)-log(v*pi)/2-(v+1)/2*log(1+x^2/v)"], t, "vx", [(v, x) for v in LARGE for x in (0.75, -2.5)], "v")
    shape = lambda k, m, x: k * log(k / m) - loggamma(k) + (k - 1) * log(x) - k * x / m
    few(["k*log(k/m)-lgamma(k)+(k-1)*log(x)-k*x/m"], shape, "kmx", [(k, 2.5, x) for k in LARGE for x in (2.5, 2.75)], "k")
    beta = lambda phi, mu, y: loggamma(phi) - loggamma(mu * phi) - loggamma((1 - mu) * phi) + (mu * phi - 1) * log(y) + ((1 - mu) * phi - 1) * log(1 - y)
    few(["lgamma(phi)-lgamma(mu*phi)-lgamma((1-mu)*phi)+(mu*phi-1)*log(y)+((1-mu)*phi-1)*log(1-y)"], beta, "phi mu y", [(p, 0.25, y) for p in (3, 1e5, 1e10) for y in (0.25, 0.375)], "phi mu")


def samples():
    """Likelihoods of several observations."""
    nb = lambda q: [sum(loggamma(y + q["phi"][0]) - loggamma(q["phi"][0]) - loggamma(y + 1) + q["phi"][0] * log(q["phi"][0] / (q["phi"][0] + m)) + y * log(m / (q["phi"][0] + m)) for y, m in zip(q["y"], q["mu"]))]
    points = [{"y": [3, 0, 1], "mu": [2.5, 1.25, 0.75], "phi": [phi]} for phi in (1.5, 1e6, 1e16)]
    spelled = ["sum(lgamma(y+phi)-lgamma(phi)-lgamma(y+1)+phi*log(phi./(phi+mu))+y.*log(mu./(phi+mu)))"]
    block("y: vector(n); mu: vector(n); phi: scalar", {"y": 3, "mu": 3}, ["value", "diff phi order 1", "diff phi order 2", "gradient mu"], spelled, nb, points, spare=150)
    dm = lambda q: [loggamma(sum(q["a"])) - loggamma(sum(q["a"]) + sum(q["x"])) + sum(loggamma(x + a) - loggamma(a) for x, a in zip(q["x"], q["a"]))]
    points = [{"a": a, "x": [3, 4]} for a in ([0.5, 2.25], [1e10, 2e10])]
    block("a: vector(n); x: vector(n)", {"a": 2, "x": 2}, ["value", "gradient a"], ["lgamma(sum(a))-lgamma(sum(a)+sum(x))+sum(lgamma(x+a)-lgamma(a))"], dm, points, spare=150)


if __name__ == "__main__":
    print("# Differences of one function at two points, with 25 digits. Made by tests/reference/tail.py, which says how; not to be edited here.")
    for part in (normal, exponential, logistic, gamma, hazard, samples):
        if not sys.argv[1:] or part.__name__ in sys.argv[1:]:
            part()
