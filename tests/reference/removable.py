#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/removable.test: removable singularities whose series have parameters; before, at and behind them. make.py says how.

    python3 tests/reference/removable.py > tests/removable.test        (needs mpmath; the tests themselves do not)

Exactly at a singularity the reference is taken 1e-300 beside it, with hundreds of digits more.
"""
import sys
from mpmath import cos, erf, exp, expm1, log, mp, mpf, sin, sinh, sqrt
from make import block

TINY = mpf(10) ** -300
OFF = [1e-300, 1e-12, 1e-9, 1e-5, 1e-3, 0.02, 0.1, 0.3]


def beside(v, place=0):
    return place + TINY if v == place else v


def around(place, sides=(1, -1), off=OFF, more=()):
    """Doubles beside a place, the place, and others."""
    near = [place + s * d for d in off for s in sides]
    return sorted({float(v) for v in near}) + ([place] if place not in near else []) + list(more)


def points(**lists):
    """All values of the first name with, in turn, one of the others'."""
    names = list(lists)
    first = lists[names[0]]
    return [{n: [lists[n][k % len(lists[n])]] if n != names[0] else [v] for n in names} for k, v in enumerate(first)]


def scalars(spellings, f, requests, declared="", **lists):
    names = list(lists)
    declarations = declared or "; ".join(n + ": scalar" for n in names)
    block(declarations, {}, requests, spellings, lambda p: [f(*[p[n][0] for n in names])], points(**lists))


def orders(name, most=2):
    return ["value"] + ["diff %s order %d" % (name, k) for k in range(1, most + 1)]


def powers():
    """Box-Cox, Yeo-Johnson, Tweedie, CES."""
    box = lambda lam, x: ((x + 1) ** beside(lam) - 1) / beside(lam)
    lams = around(0, more=(1, 2, -1.5))
    scalars(["((x+1)^lam-1)/lam"], box, orders("lam", 3) + ["diff x order 1", "diff x order 2"], lam=lams, x=[2, 0.5, -0.75, 7])
    minus = lambda lam, x: -((1 - x) ** (2 - beside(lam, 2)) - 1) / (2 - beside(lam, 2))
    scalars(["-((1-x)^(2-lam)-1)/(2-lam)"], minus, orders("lam") + ["diff x order 1"], lam=around(2, off=OFF[1:], more=(1, -1.5)), x=[-2, -0.5, 0.75, -7])
    where = lambda lam, x: box(lam, x) if x >= 0 else minus(lam, x)
    scalars(["where(x>=0,((x+1)^lam-1)/lam,-((1-x)^(2-lam)-1)/(2-lam))"], where, orders("lam"), lam=around(0) + around(2, off=OFF[1:]), x=[2, -0.5, 0.75, -7])

    def deviance(p, y, mu):
        p = beside(beside(p, 2), 1)
        return 2 * (y ** (2 - p) / ((1 - p) * (2 - p)) - y * mu ** (1 - p) / (1 - p) + mu ** (2 - p) / (2 - p))

    spelled = ["2*(y^(2-p)/((1-p)*(2-p))-y*mu^(1-p)/(1-p)+mu^(2-p)/(2-p))"]
    scalars(spelled, deviance, orders("p", 1) + ["diff mu order 1"], p=around(2, off=OFF[1:], more=(1.5, 3)) + around(1, off=OFF[1:]), y=[2, 0.5, 3.25], mu=[3, 1.25])
    ces = lambda r, a, x, y: (a * x ** beside(r) + (1 - a) * y ** beside(r)) ** (1 / beside(r))
    scalars(["(a*x^r+(1-a)*y^r)^(1/r)"], ces, orders("r", 1) + ["diff x order 1", "diff a order 1"], r=around(0, more=(1, -2)), a=[0.3, 0.75], x=[2, 0.5, 7], y=[3, 1.25])
    xs = [[1.5, 2, 3], [0.25, 1, 40], [2, 0.5, 1e-3]]
    data = [{"x": xs[k % 3], "lam": [v], "mu": [0.5]} for k, v in enumerate(lams)]

    def squares(p):
        lam = beside(p["lam"][0])
        return [sum(((v**lam - 1) / lam - p["mu"][0]) ** 2 for v in p["x"])]

    block("x: vector(n); lam: scalar; mu: scalar", {"x": 1}, orders("lam") + ["gradient x"], ["sum(((x.^lam-1)/lam-mu).^2)"], squares, data)


def shifted():
    """Rates of Hodgkin and Huxley, entropies near 1, functions of what is divided or shifted."""
    scalars(["c*(10-v)/(exp((10-v)/10)-1)"], lambda v, c: c * (10 - beside(v, 10)) / expm1((10 - beside(v, 10)) / 10), orders("v", 3), v=around(10, off=OFF[1:], more=(0, 40, -65)), c=[0.01, 2])
    scalars(["0.1*(v+40)/(1-exp(-(v+40)/10))"], lambda v: (beside(v, -40) + 40) / -10 / expm1(-(beside(v, -40) + 40) / 10), orders("v", 2), v=around(-40, off=OFF[1:], more=(0, 40, -65)))
    scalars(["log(x)/(x-1)"], lambda x: log(beside(x, 1)) / (beside(x, 1) - 1), orders("x", 3), x=around(1, off=OFF[1:], more=(3, 20)))
    scalars(["(x-1-log(x))/(x-1)^2"], lambda x: (beside(x, 1) - 1 - log(beside(x, 1))) / (beside(x, 1) - 1) ** 2, orders("x", 2), x=around(1, off=OFF[1:], more=(3, 20)))
    scalars(["sin(pi*(x-2))/(x-2)"], lambda x: sin(mp.pi * (beside(x, 2) - 2)) / (beside(x, 2) - 2), orders("x", 2), x=around(2, off=OFF[1:]))
    renyi = lambda q, p: log(p ** beside(q, 1) + (1 - p) ** beside(q, 1)) / (1 - beside(q, 1))
    scalars(["log(p^q+(1-p)^q)/(1-q)"], renyi, orders("q", 2) + ["diff p order 1"], q=around(1, off=OFF[1:], more=(2, 0.5)), p=[0.3, 0.75, 0.01])
    tsallis = lambda q, p: (1 - p ** beside(q, 1) - (1 - p) ** beside(q, 1)) / (beside(q, 1) - 1)
    scalars(["(1-p^q-(1-p)^q)/(q-1)"], tsallis, orders("q", 2), q=around(1, off=OFF[1:], more=(2, 0.5)), p=[0.3, 0.75, 0.01])


def rooted():
    """Stumpff functions, and others of sqrt(k)."""
    ks, ls = around(0, sides=(1,), more=(1, 4)), [2, 0.5, 1]
    root = lambda k, l: sqrt(beside(k)) * l
    right = [k for k in ks if k > 0]
    scalars(["sin(sqrt(k)*l)/sqrt(k)"], lambda k, l: sin(root(k, l)) / sqrt(beside(k)), ["value", "diff l order 1"], k=ks, l=ls)
    scalars(["sin(sqrt(k)*l)/sqrt(k)"], lambda k, l: sin(root(k, l)) / sqrt(beside(k)), ["diff k order 1", "diff k order 2"], k=[k for k in right if k > 1e-100], l=ls)
    scalars(["(1-cos(sqrt(k)*l))/k"], lambda k, l: (1 - cos(root(k, l))) / beside(k), ["value", "diff l order 1"], k=ks, l=ls)
    scalars(["(1-cos(sqrt(k)*l))/k"], lambda k, l: (1 - cos(root(k, l))) / beside(k), ["diff k order 1", "diff k order 2"], k=[k for k in right if k > 1e-100], l=ls)
    scalars(["(1-cosh(sqrt(-k)*l))/k"], lambda k, l: (1 - mp.cosh(sqrt(-k) * l)) / k, orders("k"), k=[-k for k in right if k > 1e-100], l=ls)
    scalars(["(sqrt(k)-sin(sqrt(k)))/sqrt(k)^3"], lambda k: (sqrt(k) - sin(sqrt(k))) / sqrt(k) ** 3, orders("k"), k=[k for k in right if k > 1e-100])
    scalars(["erf(sqrt(t))/sqrt(t)"], lambda t: erf(sqrt(t)) / sqrt(t), orders("t"), t=[k for k in right if k > 1e-100])


def angles():
    def angle(n, w):
        return mp.atan(beside(n) / w) / beside(n)

    scalars(["atan2(n,w)/n"], angle, orders("n") + ["diff w order 1"], n=around(0, more=(1, 4)), w=[2, 0.5, 1])
    scalars(["erf(x)/x"], lambda x: erf(beside(x)) / beside(x), orders("x", 3), x=around(0, more=(2,)))
    scalars(["atan(x)/x"], lambda x: mp.atan(beside(x)) / beside(x), orders("x", 3), x=around(0, more=(2,)))


def differences():
    """Divided differences: what is divided by a-b."""
    pairs = [(b, b + d) for b in (1.0, 0.5) for d in (0.0, 1e-12, -1e-9, 1e-5, -1e-3, 0.02, -0.1, 0.3, 2)]

    def divided(f):
        return lambda a, b: (f(beside(a, b)) - f(b)) / (beside(a, b) - b)

    for text, f in (("exp(-%s)", lambda v: exp(-v)), ("sin(%s)", sin), ("log(%s)", log), ("sqrt(%s)", sqrt), ("%s^3", lambda v: v**3)):
        data = [{"a": [a], "b": [b]} for b, a in pairs]
        block("a: scalar; b: scalar", {}, ["value", "diff a order 1", "diff b order 1", "diff a order 2"], ["(" + text % "a" + "-" + text % "b" + ")/(a-b)"], lambda p: [divided(f)(p["a"][0], p["b"][0])], data)

    def bateman(p):
        t, ke = p["t"][0], p["ke"][0]
        ka = beside(p["ka"][0], ke)
        return [ka / (ka - ke) * (exp(-ke * t) - exp(-ka * t))]

    data = [{"ka": [a], "ke": [b], "t": [2]} for b, a in pairs]
    block("ka: scalar; ke: scalar; t: scalar", {}, orders("ka") + ["diff ke order 1"], ["ka/(ka-ke)*(exp(-ke*t)-exp(-ka*t))"], bateman, data)


def at_zero():
    """Exactly at what series.h knows."""
    zero = lambda f: lambda x: f(beside(x))
    for text, f in (("(exp(x)-1)/x", lambda x: expm1(x) / x), ("sin(x)/x", lambda x: sin(x) / x), ("(1-cos(x))/x^2", lambda x: (1 - cos(x)) / x**2), ("x/(exp(x)-1)", lambda x: x / expm1(x)),
                    ("log(1+x)/x", lambda x: log(1 + x) / x), ("tanh(x)/x", lambda x: mp.tanh(x) / x)):
        scalars([text], zero(f), orders("x", 3), x=[0, 1e-5, 0.5])
    scalars(["1/x-1/sinh(x)"], lambda x: 1 / x - 1 / sinh(x), orders("x", 3), x=[1e-300, 1e-5, 0.5])
    length = lambda w: sqrt(sum(v * v for v in w))

    def of_norm(f):
        return lambda p: [f(length(p["w"]) if any(p["w"]) else TINY)]

    data = [{"w": w} for w in ([0, 0, 0], [1e-200, 0, -1e-200], [1e-5, 2e-5, 0], [0.5, 0.25, -1])]
    for text, f in (("sin(norm(w))/norm(w)", lambda r: sin(r) / r), ("(1-cos(norm(w)))/norm(w)^2", lambda r: (1 - cos(r)) / r**2), ("(norm(w)-sin(norm(w)))/norm(w)^3", lambda r: (r - sin(r)) / r**3)):
        block("w: vector(3)", {"w": 1}, ["value", "gradient w", "hessian w"], [text], of_norm(f), data)


def rotations():
    """Rodrigues' formula, and a point that is seen by a camera, where the rotation is small or none."""
    def turned(p):
        w, v = [mpf(x) for x in p["w"]], [mpf(x) for x in p["v"]]
        r = sqrt(sum(x * x for x in w)) if any(w) else TINY
        cross = lambda a, b: [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
        once = cross(w, v)
        return [x + sin(r) / r * y + (1 - cos(r)) / r**2 * z for x, y, z in zip(v, once, cross(w, once))]

    data = [{"w": w, "v": [1, 2, 4]} for w in ([0, 0, 0], [1e-200, 0, -1e-200], [1e-20, -2e-20, 0], [1e-5, 2e-5, 0], [1e-3, 0, 1e-3], [0.5, 0.25, -1])]
    declared = "w: vector(3); v: vector(3)"
    block(declared, {"w": 1, "v": 1}, ["value", "jacobian w"], ["v+sin(norm(w))/norm(w)*cross(w,v)+(1-cos(norm(w)))/norm(w)^2*cross(w,cross(w,v))"], turned, data)
    unit = "v*cos(norm(w))+cross(w/norm(w),v)*sin(norm(w))+w/norm(w)*((w/norm(w))'*v)*(1-cos(norm(w)))"
    block(declared, {"w": 1, "v": 1}, ["value", "jacobian w"], [unit], turned, data)
    whole = "(eye(3)+sin(norm(w))*skew(w/norm(w))+(1-cos(norm(w)))*skew(w/norm(w))*skew(w/norm(w)))*v"
    block(declared, {"w": 1, "v": 1}, ["value", "jacobian w"], [whole], turned, data)

    def seen(p):
        y = turned(p)
        return [y[0] / y[2], y[1] / y[2]]

    block(declared, {"w": 1, "v": 1}, ["value", "jacobian w"], ["(%s)[1:2]/(%s)[3]" % (unit, unit)], seen, data[2:])


def branches():
    """Roots and angles of series, beyond the place at which their other branch begins: no term of the series tells it where w = 0."""
    both = {"u": [1e-300, 1e-9, 1e-3, 0.3, 0.75, 3, -3, 3, -0.3], "a": [1, 1, 1, 1, 1, 1, -1, 2, 1], "w": [0, 0, 0, 0, 0, 0, 0, 0.25, 0]}
    scalars(["(sqrt((a-u)^2+w)-sqrt(a^2+w))/u"], lambda u, a, w: (sqrt((a - u) ** 2 + w) - sqrt(a**2 + w)) / u, ["value", "diff u order 1"], **both)
    scalars(["(sqrt(u^2-2*a*u+a^2+w)-sqrt(a^2+w)+u*w)/u"], lambda u, a, w: (sqrt((a - u) ** 2 + w) - sqrt(a**2 + w) + u * w) / u, ["value", "diff a order 1"], **both)
    power = dict(both, b=[0.5, 0.5, 0.5, 0.25, 2, 0.5, 0.5, 0.75, 1.5])
    scalars(["(((a-u)^2)^b-(a^2)^b)/u"], lambda u, a, b: (((a - u) ** 2) ** b - (a**2) ** b) / u, ["value"], u=power["u"], a=power["a"], b=power["b"])
    turned = {"u": [1e-300, 1e-9, 1e-3, 0.3, 3, 3], "a": [1, 1, 1, 2, 1, 2], "w": [0.5, 0.5, -1, 1, 0, 0.25]}
    scalars(["(atan2(u*w,a-u)-u*w/a)/u"], lambda u, a, w: (mp.atan2(u * w, a - u) - u * w / a) / u, ["value"], **turned)


def underflow():
    """Series whose coefficients are too small for doubles, where the function is not."""
    def nested(p):
        r = sqrt(sum(mpf(v) ** 2 for v in p["x"]))
        return [exp(-exp(p["a"][0] * (1 - cos(r)) / r**2))]

    data = [{"a": [a], "x": x} for a, x in ((15, [8.5, 10.5, -7.75]), (15, [3, 4, 0]), (2, [0.5, -0.25, 1]), (2, [1e-5, 2e-5, 0]))]
    block("a: scalar; x: vector(3)", {"x": 1}, ["value", "gradient x", "hessian x"], ["exp(-exp(a*(1-cos(norm(x)))/norm(x)^2))"], nested, data)


def tails():
    """What exp(z) goes to 0 in, far out: functions of softplus, sigmoid and log(1-exp(-x))."""
    far = [-300, -40, -36, -20, -5, -1, 0.5, 30]
    soft = lambda z: mp.log1p(exp(z))
    scalars(["logsoftplus(z)", "log(log(1+exp(z)))"], lambda z: log(soft(z)), orders("z", 3), z=far)
    scalars(["(sigmoid(z)-softplus(z))/softplus(z)^2"], lambda z: (1 / (1 + exp(-z)) - soft(z)) / soft(z) ** 2, orders("z", 1), z=far)
    scalars(["1/softplus(-z)-exp(z)"], lambda z: 1 / soft(-z) - exp(z), ["value"], z=[1, 5, 20, 40, 100, -2])
    scalars(["1/softplus(-z/2)-exp(z/2)"], lambda z: 1 / soft(-z / 2) - exp(z / 2), ["value"], z=[1, 5, 20, 40, 100, -2])
    scalars(["exp(z)/softplus(2*z)-exp(-z)+exp(z)/2"], lambda z: exp(z) / soft(2 * z) - exp(-z) + exp(z) / 2, ["value"], z=[-1, -5, -20, -40, 1])
    miss = lambda x: log(-expm1(-x))
    scalars(["(exp(w)-1-w)/w^2; w=log(1-exp(-x))"], lambda x: (expm1(miss(x)) - miss(x)) / miss(x) ** 2, orders("x", 1), x=[0.5, 2, 10, 15, 30, 300])

    def poisson(p):
        return [sum(y * log(soft(mpf(z))) - soft(mpf(z)) for y, z in zip(p["y"], p["z"]))]

    data = [{"y": [1, 3, 0], "z": z} for z in ([-30, -1, 2], [-20, -45, 0.5])]
    block("y: vector(n); z: vector(n)", {"y": 1, "z": 1}, ["gradient z", "hessian z"], ["sum(y.*logsoftplus(z)-softplus(z))"], poisson, data)


def nested():
    """What is composed or divided by high powers cancels further than the first terms of series go; k*w'*w beside norm(w)."""
    inner = lambda x: (x * mp.cosh(x) - mp.sinh(x)) / mp.sinh(x) ** 2
    text = "f(x)=(x*cosh(x)-sinh(x))/sinh(x)^2; f(f(log(cosh(q))))"
    scalars([text], lambda q: inner(inner(log(mp.cosh(q)))), orders("q", 1), q=[1e-9, 0.1, 0.25274068833723096, 2])
    slope = lambda c: (mp.tanh(c) - c) / c**3
    scalars(["sqrt(h^2+c)-h; h=(tanh(c)-c)/c^3"], lambda c: sqrt(slope(c) ** 2 + c) - slope(c), orders("c", 1), c=[1e-9, 1e-3, 0.05, 2])

    def turned(a, c):
        v = sqrt((a * cos(a) - sin(a)) ** 2 / a**4 + a**6 / (a**2 + c**2) ** 3)
        return (cos(a) - sin(a) / a) / (a * v)

    scalars(["(cos(a)-sin(a)/a)/(a*v); v=sqrt((a*cos(a)-sin(a))^2/a^4+a^6/(a^2+c^2)^3)"], turned, orders("a", 1), a=[1e-9, 1e-5, 1e-3, 0.1, 1], c=[-1.5])

    def loss(p):
        r = sqrt(sum(mpf(v) ** 2 for v in p["x"])) / 2
        return [1 - 1 / log(mp.erfc(-r * log(1 + r**2) / sqrt(2)) / 2)]

    data = [{"x": x} for x in ([1e-9, 2e-9, 0], [-0.0068038069874177837, 0.0077236188296890499, -0.0058112384365904806], [0.5, 1, -2])]
    block("x: vector(n)", {"x": 1}, ["value", "gradient x", "hessian x"], ["1-1/lognormcdf(norm(x/2)*log(1+norm(x/2)^2))"], loss, data)


def within():
    """What is 0/0 of a multiple of what is 0/0 itself: products of the multiple, in which neither is seen, and whose first terms all cancel."""
    inner = lambda x: (x * mp.cosh(x) - sinh(x)) / sinh(x) ** 2
    f = "f(x)=(x*cosh(x)-sinh(x))/sinh(x)^2; "
    small, bs = [1e-9, 1e-3, 0.02, 0.1, 2], [2, 1.25, -0.5]
    scalars([f + "f(b*f(x))"], lambda x, b: inner(b * inner(x)), orders("x", 1), x=small, b=bs)
    scalars([f + "f(c*f(b*x))"], lambda x, b, c: inner(c * inner(b * x)), orders("x", 1), x=small, b=bs, c=[3, 0.75])
    scalars([f + "f(b*f(b*x*y))"], lambda x, b, y: inner(b * inner(b * x * y)), orders("x", 1), x=[1e-9, 1e-3, 0.02, 0.5], b=bs, y=[0.75, 3])
    cosh = lambda q: log(mp.cosh(q))
    small = [1e-5, 1e-3, 0.02, 0.1, 3]
    scalars([f + "f(b*f(log(cosh(q))))"], lambda q, b: inner(b * inner(cosh(q))), ["value"], q=small, b=bs)
    scalars([f + "f(b*f(b*log(cosh(q))))"], lambda q, b: inner(b * inner(b * cosh(q))), orders("q", 1), q=small, b=bs)
    ratio = lambda v: sin(v) / v**3 - cos(v) / v**2
    scalars(["f(x)=(x*cosh(x)-sinh(x))/sinh(x)^2; sin(v)/v^3-cos(v)/v^2; v=b*f(log(cosh(q)))"], lambda q, b: ratio(b * inner(cosh(q))), ["value"], q=small, b=bs)

    both = dict(x=[1e-9, 8e-6, 1e-3, 0.02, 0.75], y=[0.75, -2])
    steep = lambda u: (mp.tanh(u) - u) / u**2
    scalars(["(tanh(u)-u)/(u^2*sin(x)); u=x*y"], lambda x, y: steep(x * y) / sin(x), orders("x", 1), **both)
    scalars(["(tanh(u)-u)/(u^2*atan(x)); u=log1p(x)*y"], lambda x, y: steep(mp.log1p(x) * y) / mp.atan(x), orders("x", 1), **both)
    ratio = lambda u: (sin(u) - u * cos(u)) / (u * mp.cosh(u) - sinh(u))
    scalars(["x^2*(sin(u)-u*cos(u))/(u*cosh(u)-sinh(u)); u=x*y"], lambda x, y: x**2 * ratio(x * y), orders("x", 1), **both)


def shared():
    """Functions of two small quantities in one product, where factors may be counted to either: tanh(x)^3 to x and to u = y/tanh(x)."""
    tanh = mp.tanh
    places = dict(x=[0.3, 1, 1e-3, -0.7, 0.05, 2], y=[0.2, 0.5, 1e-4, 0.03])
    for text, f in (
        ("tanh(x)^3/sinh(x)*(exp(u)-exp(-u)); u=y/tanh(x)", lambda x, y: tanh(x) ** 3 / sinh(x) * 2 * sinh(y / tanh(x))),
        ("y*tanh(x)^3/sinh(x)*(exp(u)-exp(-u)); u=y*cosh(x)/tanh(x)", lambda x, y: y * tanh(x) ** 3 / sinh(x) * 2 * sinh(y * mp.cosh(x) / tanh(x))),
        ("sin(x)^3/tanh(x)*(cos(u)-1); u=y/sin(x)", lambda x, y: sin(x) ** 3 / tanh(x) * (cos(y / sin(x)) - 1)),
    ):
        scalars([text], f, orders("x") + orders("y")[1:], **places)


def factored():
    """u is a product of several factors, some of them functions or powers of one: derivatives meet tanh(y), sinh(y) and cosh(y) beside the place."""
    tanh, log1p, expm1 = mp.tanh, mp.log1p, mp.expm1
    steep = lambda u: (tanh(u) - u) / u**3
    near = dict(x=[4e-6, 1e-3, 0.02, 0.3, -1e-9, 1.5], y=[0.7, -2, 1.25])
    scalars(["(tanh(u)-u)/u^3; u=y*tanh(x)"], lambda x, y: steep(y * tanh(x)), orders("x", 1) + orders("y", 1)[1:], **near)
    scalars(["(tanh(u)-u)/u^3; u=y^2*cos(b)*tanh(x)"], lambda x, y, b: steep(y**2 * cos(b) * tanh(x)), orders("x", 1) + orders("b", 1)[1:], **near, b=[0.5, 1.25])
    scalars(["cosh(y)/atan(x)*(tanh(u)-u)/u^2; u=log1p(x)*tanh(y)^2"], lambda x, y: mp.cosh(y) / mp.atan(x) * steep(log1p(x) * tanh(y) ** 2) * log1p(x) * tanh(y) ** 2, orders("x", 1) + orders("y", 1)[1:], x=[4e-6, 1e-3, 0.02, -1e-9], y=[0.7, -2, 1.25])
    root = lambda u: (sqrt(1 + u**2) - 1) / u**2
    scalars(["exp(-2*x)*(sqrt(1+u^2)-1)/(u^2*exp(b)); u=x^2*sinh(x)*expm1(x)^2"], lambda x, b: exp(-2 * x - b) * root(x**2 * sinh(x) * expm1(x) ** 2), orders("x", 1), x=[1e-6, 1e-4, 0.02, 0.1, -1e-3], b=[0.75, -0.75])


def meeting():
    """Differences of one function at two points, and logarithms of quotients, that divide: they are 0 where the points meet."""
    off = dict(x=[5], y=[7, 5.0001, 5 + 1e-7, 5 - 1e-11, 5])
    apart = lambda x, y: x + TINY if x == y else y

    def over(f, top=lambda x, y: x - y):
        return lambda x, y: top(x, apart(x, y)) / (f(x) - f(apart(x, y)))

    wrt_both = orders("x") + orders("y")[1:]
    near = dict(y=off["y"], x=off["x"])
    pair = lambda f: lambda y, x: f(x, y)
    scalars(["(x-y)/log(x/y)", "(x-y)/(log(x)-log(y))"], pair(over(log)), wrt_both, **near)
    scalars(["(x-y)/(exp(x)-exp(y))"], pair(over(exp)), wrt_both, **near)
    scalars(["(x-y)/(sin(x)-sin(y))"], pair(over(sin)), wrt_both, **near)
    scalars(["(sin(x)-sin(y))/(cos(x)-cos(y))"], pair(over(cos, lambda x, y: sin(x) - sin(y))), wrt_both, **near)
    scalars(["log(x/y)/(sqrt(x)-sqrt(y))"], pair(over(sqrt, lambda x, y: log(x / y))), orders("x"), **near)
    mean = lambda z, x, y: (x - y * z) / log(x / (y * z))
    scalars(["(x-y*z)/log(x/(y*z))"], mean, orders("x") + orders("z")[1:], z=[0.75, 0.62501, 0.625 + 1e-8], x=[1.25], y=[2])


if __name__ == "__main__":
    print("# Removable singularities whose series have parameters: near them, at them, and elsewhere, with 25 digits.")
    print("# Made by tests/reference/removable.py, which says how; not to be edited here.")
    for part in (powers, shifted, rooted, angles, differences, at_zero, rotations, branches, underflow, tails, nested, within, shared, factored, meeting):
        if not sys.argv[1:] or part.__name__ in sys.argv[1:]:
            part()
