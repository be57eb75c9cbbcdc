#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/stable.test: values and derivatives with 25 digits, computed with mpmath and hundreds of digits.

    python3 tests/reference/make.py > tests/stable.test        (needs mpmath; the tests themselves do not)

The functions below are written down from their definitions. Derivatives are central differences with a tiny step of values with
so many digits that neither the step nor rounding shows in the first 25 digits; no formula of symdiff's is used.

An entry may be off by 1e-12 of itself. Near a zero of a derivative no algorithm can do that, since the inputs themselves are
rounded: where the sum over all inputs of |input * derivative of the entry by it| is more than 1000 times the entry, 1e-15 of that
sum is allowed, and stands behind the entry after "~". Inputs are doubles, printed with the digits that give them back.
"""
import itertools
import sys
from mpmath import mp, mpf, exp, log, sqrt, tanh, cosh, matrix, det

STEP = None  # far below the smallest input, see block()


def mixed(f, point, directions):
    """The derivative of the list f(point) along each of the directions (dictionaries of lists)."""
    total = None
    for signs in itertools.product((1, -1), repeat=len(directions)):
        moved = dict(point)
        sign = 1
        for s, d in zip(signs, directions):
            sign *= s
            for name, v in d.items():
                moved[name] = [a + s * STEP * b for a, b in zip(moved[name], v)]
        values = [sign * v for v in f(moved)]
        total = values if total is None else [a + b for a, b in zip(total, values)]
    return [t / (2 * STEP) ** len(directions) for t in total]


def unit(point, name, k):
    return {name: [mpf(i == k) for i in range(len(point[name]))]}


def answer(request, f, point):
    """The entries asked for, row-major; f has a scalar or a list as value."""
    words = request.split()
    if words[0] == "value":
        return f(point)
    x, n = words[1], len(point[words[1]])
    if words[0] in ("gradient", "jacobian"):
        columns = [mixed(f, point, [unit(point, x, k)]) for k in range(n)]
        return [c[i] for i in range(len(columns[0])) for c in columns]
    if words[0] == "hessian":
        upper = {(i, j): mixed(f, point, [unit(point, x, i), unit(point, x, j)])[0] for i in range(n) for j in range(i, n)}
        return [upper[min(i, j), max(i, j)] for i in range(n) for j in range(n)]
    if words[0] == "hvp":
        return [mixed(f, point, [unit(point, x, i), {x: point[words[2]]}])[0] for i in range(n)]
    if words[0] == "along":
        return mixed(f, point, [{x: point[words[2]]}] * int(words[4]))
    return mixed(f, point, [unit(point, x, 0)] * int(words[3]))  # diff x order K


def order(request):
    words = request.split()
    fixed = {"value": 0, "gradient": 1, "jacobian": 1, "hessian": 2, "hvp": 2}
    return fixed[words[0]] if words[0] in fixed else int(words[-1])


def entry(v, cond):
    if abs(v) < mpf(10) ** -330:
        v = mpf(0)
    text = mp.nstr(v, 25, strip_zeros=True, min_fixed=-3, max_fixed=20)
    text = text[:-2] if text.endswith(".0") else text
    slack = cond * mpf(10) ** -15
    return text + "~" + mp.nstr(slack, 3) if slack > abs(v) * mpf(10) ** -12 and slack > mpf(10) ** -320 else text


def literal(shape, values):
    words = [repr(float(v)) for v in values]
    words = [w[:-2] if w.endswith(".0") else w for w in words]
    if shape == 0:
        return words[0]
    if isinstance(shape, tuple):
        rows = [words[i : i + shape[1]] for i in range(0, len(words), shape[1])]
        return "[" + ";".join(",".join(r) for r in rows) + "]"
    return "[" + ";".join(words) + "]"


def block(declarations, shapes, requests, spellings, f, points, exact=(), spare=900):
    """exact: names whose values are no rounded numbers, such as labels 0 and 1; spare: digits that may cancel."""
    global STEP
    for request in requests:
        rows = []
        for p in points:
            digits = 400 if any(0 < abs(v) < 1e-20 for vs in p.values() for v in vs) else 80
            mp.dps = spare + digits * (order(request) + 1)
            STEP = mpf(10) ** -digits
            point = {n: [mpf(float(v)) for v in vs] for n, vs in p.items()}
            want = answer(request, f, point)
            if any(abs(w) > mpf(10) ** 308 for w in want):
                continue
            conds = [mpf(0)] * len(want)
            if any(w != 0 for w in want):  # the derivative of each entry by each input
                whole = lambda q: answer(request, f, q)
                for name in (n for n in point if n not in exact):
                    for k, v in enumerate(point[name]):
                        if v != 0:
                            change = mixed(whole, point, [unit(point, name, k)])
                            conds = [c + abs(v * d) for c, d in zip(conds, change)]
            inputs = " ".join(n + "=" + literal(shapes.get(n, 0), p[n]) for n in p)
            rows.append("    " + inputs + " -> " + " ".join(entry(w, c) for w, c in zip(want, conds)))
        print()
        print("with " + declarations)
        print("reference " + request + " : " + "\n| ".join(spellings))
        print("\n".join(rows))
        sys.stdout.flush()


# ---- scalars -----------------------------------------------------------------------------------------------------------
def scalar(spellings, f, xs, orders=(0, 1, 2)):
    requests = ["value" if k == 0 else "diff x order %d" % k for k in orders]
    block("x: scalar", {}, requests, spellings, lambda p: [f(p["x"][0])], [{"x": [x]} for x in xs])


def both(xs):
    return [s * x for x in xs for s in (1, -1)]


WIDE = both([1e-300, 1e-8, 0.1, 1.3, 10, 20.7, 37.43, 345, 800]) + [1000.0]
FEW = both([1e-300, 0.1, 1.3, 20.7, 37.43, 800])
softplus = lambda x: log(1 + exp(x))
sigmoid = lambda x: 1 / (1 + exp(-x))


def scalars():
    high = (0, 1, 2, 3, 4)
    scalar(["softplus(x)", "log(1+exp(x))", "-log(1-sigmoid(x))", "-log(1-1/(1+exp(-x)))", "log(exp(x)+1)", "-log(1/(1+exp(x)))"], softplus, WIDE, high)
    scalar(["log(1+exp(-x))", "-log(sigmoid(x))", "-log(1/(1+exp(-x)))", "-log(exp(x)/(1+exp(x)))", "softplus(x)-x"], lambda x: softplus(-x), FEW)
    scalar(["sigmoid(x)", "1/(1+exp(-x))", "exp(x)/(1+exp(x))", "1-sigmoid(-x)", "1-1/(1+exp(x))", "1/2+tanh(x/2)/2", "exp(-softplus(-x))"], sigmoid, WIDE, high)
    scalar(["sigmoid(x)*(1-sigmoid(x))", "exp(x)/(1+exp(x))^2", "sigmoid(x)-sigmoid(x)^2"], lambda x: sigmoid(x) * sigmoid(-x), FEW)
    scalar(["silu(x)", "x*sigmoid(x)", "x/(1+exp(-x))"], lambda x: x * sigmoid(x), FEW)
    scalar(["tanh(x)"], tanh, FEW, high)
    scalar(["1-tanh(x)^2"], lambda x: 1 / cosh(x) ** 2, FEW, (0, 1))
    scalar(["log(cosh(x))"], lambda x: log(cosh(x)), FEW)
    above = [x for x in WIDE if x > -1] + [-0.999999, -0.1]
    scalar(["log(1+x)", "log1p(x)"], lambda x: log(1 + x), above)
    scalar(["exp(x)-1", "expm1(x)"], lambda x: exp(x) - 1, FEW)
    positive = [x for x in WIDE if x > 0]
    scalar(["log(1-exp(-x))"], lambda x: log(1 - exp(-x)), positive)
    scalar(["log(exp(x)-1)"], lambda x: log(exp(x) - 1), positive, (0,))
    scalar(["sqrt(x^2+1)"], lambda x: sqrt(x * x + 1), WIDE, (0, 1, 2, 3))
    scalar(["sqrt(x^2+1)-1"], lambda x: sqrt(x * x + 1) - 1, WIDE, (0, 1))
    scalar(["1-cos(x)"], lambda x: 1 - mp.cos(x), both([1e-8, 1e-3, 1, 3, 100]), (0, 1))
    scalar(["1-erf(x)", "erfc(x)"], lambda x: mp.erfc(x), both([1e-300, 1e-8, 0.1, 1, 3, 6, 20]), (0, 1))


def probit():
    """Logarithms of tails of the normal distribution: erfc(x) is no double beyond 27."""
    erfc, cdf = mp.erfc, lambda x: mp.erfc(-x / sqrt(mpf(2))) / 2
    wide = both([1e-300, 1e-8, 0.1, 1, 1.3, 2.2, 5, 8, 20, 37.43, 345, 800, 1000])
    scalar(["log(erfc(x))", "logerfc(x)", "log(1-erf(x))"], lambda x: log(erfc(x)), wide, (0, 1, 2, 3, 4))
    scalar(["log(normcdf(x))", "log_ndtr(x)", "log(1-normcdf(-x))", "log(erfc(-x/sqrt(2))/2)", "log((1+erf(x/sqrt(2)))/2)"], lambda x: log(cdf(x)), wide, (0, 1, 2, 3))
    labels = [(z, y) for z in both([0.3, 8.4, 37.43, 800]) for y in (0, 1)]
    pair(["-(y*log(normcdf(z))+(1-y)*log(1-normcdf(z)))"], lambda z, y: -(y * log(cdf(z)) + (1 - y) * log(cdf(-z))), "zy", labels, ["value", "diff z order 1", "diff z order 2"])


# ---- two and three scalars ---------------------------------------------------------------------------------------------
def pair(spellings, f, names, points, requests):
    declaration = "; ".join(n + ": scalar" for n in names)
    block(declaration, {}, requests, spellings, lambda p: [f(*(p[n][0] for n in names))], [dict(zip(names, [[v] for v in q])) for q in points])


def pairs():
    far = [(0, 0), (800, -800), (-800, 800), (800, 799), (1e-300, -40), (-40, 0), (0.5, 0.25), (1e3, 1e3), (-1e3, -960), (-700, 1e-8), (20, -17)]
    firsts = ["value", "diff a order 1", "diff a order 2", "diff b order 3"]
    pair(["log(exp(a)+exp(b))", "a+log(1+exp(b-a))", "max(a,b)+log(exp(a-max(a,b))+exp(b-max(a,b)))"],
         lambda a, b: log(exp(a) + exp(b)), "ab", far, firsts)
    pair(["exp(a)/(exp(a)+exp(b))"], lambda a, b: sigmoid(a - b), "ab", far, firsts[:3])
    lengths = [(3, 4), (1e-300, 1e-300), (3e-300, -4e-300), (1e-300, 1e3), (800, -800), (800, 1), (-1e3, 1e-8), (1e-160, 1e-170)]
    pair(["hypot(a,b)", "sqrt(a^2+b^2)"], lambda a, b: sqrt(a * a + b * b), "ab", lengths, ["value", "diff a order 1", "diff b order 1", "diff a order 2"])
    labels = [(z, y) for z in both([1e-300, 0.3, 1, 18.4, 37.43, 40, 800]) for y in (0, 1)] + [(2.5, 0.25), (-30, 0.5)]
    pair(["softplus(z)-y*z", "log(1+exp(z))-y*z", "-(y*log(sigmoid(z))+(1-y)*log(1-sigmoid(z)))",
          "-y*log(1/(1+exp(-z)))-(1-y)*log(1-1/(1+exp(-z)))", "y*softplus(-z)+(1-y)*softplus(z)", "y*log(1+exp(-z))+(1-y)*log(1+exp(z))"],
         lambda z, y: log(1 + exp(z)) - y * z, "zy", labels, ["value", "diff z order 1", "diff z order 2"])
    signs = [(z, y) for z in both([1e-300, 0.3, 18.4, 37.43, 800]) for y in (-1, 1)]
    pair(["log(1+exp(-y*z))", "softplus(-y*z)", "-log(sigmoid(y*z))"], lambda z, y: softplus(-y * z), "zy", signs, ["value", "diff z order 1", "diff z order 2", "diff z order 3"])


# ---- vectors -----------------------------------------------------------------------------------------------------------
def lse(x):
    return log(sum(exp(v) for v in x))


def softmax(x):
    m = lse(x)
    return [exp(v - m) for v in x]


def vector(spellings, f, points, requests, declarations="x: vector(n)"):
    if "v" in points[0]:
        declarations += "; v: vector(n)"
    shapes = {"x": 1, "y": 1, "v": 1}
    block(declarations, shapes, requests, spellings, lambda p: f(p["x"], *([p["y"]] if "y" in p else [])), points)


XS = [[800, -800, 3], [-800, 800, 799], [1e-300, 1e-8, -1e-300], [40, 0, 1], [1e-300, -40, -37.43], [0, -690, -700], [0.5, -0.25, 1.5], [1000, 1000, -1000],
      [-1000, -990, -1000], [17, 17, 5e-5]]
V = [0.7, -1.3, 0.4]


def vectors():
    plain = [{"x": x} for x in XS]
    along = [{"x": x, "v": V} for x in XS]
    spelled = ["logsumexp(x)", "log(sum(exp(x)))", "log(sum(exp(x-max(x))))+max(x)"]
    vector(spelled, lambda x: [lse(x)], plain, ["value", "gradient x", "hessian x"])
    vector(spelled[:2], lambda x: [lse(x)], along, ["hvp x v", "along x v order 3"])
    vector(["log(mean(exp(x)))", "log(sum(exp(x))/3)"], lambda x: [lse(x) - log(mpf(3))], [{"x": x} for x in XS if max(map(abs, x)) > 1], ["value", "gradient x"])
    vector(["softmax(x)", "exp(x)/sum(exp(x))", "exp(x-max(x))/sum(exp(x-max(x)))", "exp(logsoftmax(x))"], softmax, plain, ["value", "jacobian x"])
    vector(["logsoftmax(x)", "log(softmax(x))", "x-log(sum(exp(x)))", "log(exp(x)/sum(exp(x)))"], lambda x: [v - lse(x) for v in x], plain, ["value", "jacobian x"])
    hot = [{"x": x, "y": [float(k == i) for i in range(3)]} for x in XS[:7] for k in (0, 1)]
    entropy = lambda x, y: [sum(y) * lse(x) - sum(a * b for a, b in zip(x, y))]
    spelled = ["-sum(y.*log(softmax(x)))", "-y'*logsoftmax(x)", "-y'*log(exp(x)/sum(exp(x)))"]
    vector(spelled + ["logsumexp(x)-y'*x"], entropy, hot, ["value", "gradient x", "hessian x"], "x: vector(n); y: vector(n) onehot")
    vector(spelled, entropy, hot, ["value", "gradient x"], "x: vector(n); y: vector(n)")
    vector(spelled[:1], entropy, [dict(p, v=V) for p in hot], ["hvp x v"], "x: vector(n); y: vector(n) onehot")
    soft = [{"x": x, "y": [0.5, 0.25, 0.25]} for x in XS]
    vector(spelled[:2], entropy, soft, ["value", "gradient x", "hessian x"], "x: vector(n); y: vector(n) simplex")


# ---- norms ---------------------------------------------------------------------------------------------------------------
NORMS = [[3, 4, 12], [1e-300, -1e-300, 2e-300], [1e-300, 1, -1e-8], [800, -800, 1], [800, 1, -2], [1e3, 1e-3, 1e-300], [1e-160, 1e-170, 1e-155], [0.1, 0.2, -0.7]]


def norms():
    plain = [{"x": x} for x in NORMS]
    along = [{"x": x, "v": V} for x in NORMS]
    norm = lambda x: sqrt(sum(v * v for v in x))
    vector(["norm(x)", "sqrt(sum(x.^2))", "sqrt(x'*x)"], lambda x: [norm(x)], plain, ["value", "gradient x", "hessian x"])
    vector(["norm(x)"], lambda x: [norm(x)], along, ["hvp x v"])
    vector(["norm(x)^2"], lambda x: [norm(x) ** 2], plain + [{"x": [0, 0, 0]}], ["value", "gradient x", "hessian x"])
    vector(["norm(x)^3", "sqrt(x'*x)^3"], lambda x: [norm(x) ** 3], plain, ["value", "gradient x", "hessian x"])
    vector(["x/norm(x)"], lambda x: [v / norm(x) for v in x], plain, ["value", "jacobian x"])
    vector(["norm(x)-1"], lambda x: [norm(x) - 1], plain, ["value"])
    pairs = [{"x": x, "y": y} for x, y in (([3, 4, 12], [1, -2, 0.5]), ([1e-200, -3e-200, 2e-200], [2e-200, 1e-200, 1e-200]), ([1e-300, -1e-300, 2e-300], [3, 1, 2]),
                                           ([1e3, 3e2, -2e3], [1e-200, 1e-200, 5e-201]), ([800, -800, 1], [1e3, 1e-3, 1e-300]), ([1e150, 2e150, -4e150], [3e150, 1e150, 1e150]))]
    cosine = lambda x, y: [sum(a * b for a, b in zip(x, y)) / (norm(x) * norm(y))]
    vector(["x'*y/(norm(x)*norm(y))", "dot(x,y)/norm(x)/norm(y)", "(x/norm(x))'*(y/norm(y))"], cosine, pairs, ["value", "gradient x"], "x: vector(n); y: vector(n)")
    fro = [{"X": x + [0.25]} for x in NORMS]
    requests = ["value", "gradient X"]
    block("X: matrix(m,n)", {"X": (2, 2)}, requests, ["norm(X)", "norm(X,'fro')", "sqrt(tr(X'*X))"], lambda p: [norm(p["X"])], fro)


# ---- sums of powers -------------------------------------------------------------------------------------------------------
def roots():
    plain = [{"x": x} for x in ([3, 4, 12], [1e-300, -1e-300, 2e-300], [1e-200, 3e-200, -2e-201], [800, -800, 1], [1e-150, 1e-160, 1e-155], [0.1, 0.2, -0.7])]

    def of_power(p):
        return lambda x: [sum(abs(v) ** p for v in x) ** (1 / mpf(p))]

    def std(x):
        mean = sum(x) / len(x)
        return [sqrt(sum((v - mean) ** 2 for v in x) / (len(x) - 1))]

    vector(["norm(x,3)"], of_power(3), plain, ["value", "gradient x"])
    vector(["norm(x,4)", "sum(x.^4)^(1/4)"], of_power(4), plain, ["value", "gradient x"])
    vector(["norm(x,5/2)"], of_power(mpf(5) / 2), plain, ["value", "gradient x"])
    vector(["std(x)", "norm(x-mean(x))/sqrt(n-1)"], std, plain, ["value", "gradient x"])
    powers = [dict(q, p=[p]) for q, p in zip(plain, (3, 3.5, 4, 2.5, 3, 7))]
    block("x: vector(n); p: scalar", {"x": 1}, ["value", "gradient x"], ["norm(x,p)"], lambda q: of_power(q["p"][0])(q["x"]), powers)


# ---- data ----------------------------------------------------------------------------------------------------------------
def logistic():
    data = [([1, 2, -3, 1, 0.5, -0.25], [1, 0, 1], [10, -12]), ([40, 0, 0, -40, 37, 1], [1, 1, 0], [1, 1]), ([800, 1, -1, 800, 2, 2], [1, 0, 1], [1, -1]),
            ([20, 0, 0, 20, 20, 20], [1, 0, 0], [1, -2])]

    def loss(p):
        z = [p["X"][2 * i] * p["w"][0] + p["X"][2 * i + 1] * p["w"][1] for i in range(3)]
        return [sum(softplus(a) - b * a for a, b in zip(z, p["y"]))]

    points = [{"X": X, "y": y, "w": w} for X, y, w in data]
    shapes = {"X": (3, 2), "y": 1, "w": 1}
    declarations = "X: matrix(m,n); y: vector(m); w: vector(n)"
    block(declarations, shapes, ["value", "gradient w", "hessian w"], ["sum(log(1+exp(X*w)))-y'*X*w", "sum(softplus(X*w)-y.*(X*w))"], loss, points)


def matrices():
    data = [[4, 1, 0.5, 1, 3, -0.25, 0.5, -0.25, 2], [4e-300, 1e-300, 0, 1e-300, 3e-300, 1e-301, 0, 1e-301, 5e-300], [8e2, 1, 0, 1, 9e2, 3, 0, 3, 1e3]]
    rows = lambda a: matrix([a[:3], a[3:6], a[6:]])
    block("A: matrix(n,n) posdef", {"A": (3, 3)}, ["value"], ["logdet(A)", "log(det(A))"], lambda p: [log(det(rows(p["A"])))], [{"A": a} for a in data])
    spread = [[1000, 1000.5, 999.25, 1001], [800, 800.0000001, 799.9999999, 800], [1, -2, 3, 0.1]]

    def variance(x):
        m = sum(x) / len(x)
        return sum((v - m) ** 2 for v in x) / (len(x) - 1)

    vector(["var(x)"], lambda x: [variance(x)], [{"x": x} for x in spread], ["value", "gradient x"])
    vector(["std(x)"], lambda x: [sqrt(variance(x))], [{"x": x} for x in spread], ["value", "gradient x"])


# ---- the spellings of losses, and quotients of exponentials ----------------------------------------------------------------
def losses():
    """Where every prediction is right: the loss is the tail of a softplus. Labels, and data multiplied by weights, are exact."""
    data = [([40.3, 1.7, -1.1, -50.9, 37.7, -2.3], [1, 0, 1], [1.1, 0.7]), ([21.3, 1.7, -1.1, -30.9, 17.7, -2.3], [1, 0, 1], [1.3, 1.7]),
            ([800.7, 1, -1, -800.3, 2, 2], [1, 0, 1], [1, 1]), ([1, 2, -3, 1, 0.5, -0.25], [1, 0, 1], [10, -12])]
    spelled = ["sum(log(1+exp(X*w)))-y'*X*w", "sum(log(1+exp(X*w)))-y'*(X*w)", "sum(softplus(X*w)-y.*(X*w))", "sum(log(1+exp(X*w)))-(X*w)'*y",
               "-sum(y.*log(sigmoid(X*w))+(1-y).*log(1-sigmoid(X*w)))", "-y'*log(sigmoid(X*w))-(1-y)'*log(1-sigmoid(X*w))", "sum(log(1+exp(X*w)))-sum(y.*(X*w))"]

    def logistic_loss(p):
        z = [p["X"][2 * i] * p["w"][0] + p["X"][2 * i + 1] * p["w"][1] for i in range(3)]
        return [sum(softplus(a) - b * a for a, b in zip(z, p["y"]))]

    points = [{"X": X, "y": y, "w": w} for X, y, w in data]
    shapes = {"X": (3, 2), "y": 1, "w": 1, "z": 1, "Z": (2, 3), "Y": (2, 3)}
    block("X: matrix(m,n); y: vector(m); w: vector(n)", shapes, ["value", "gradient w"], spelled, logistic_loss, points, ("X", "y"))
    right = [{"z": z, "y": [float(a > 0) for a in z]} for z in ([40.1, -50.3, 60.7, -37.43], [800, -800, 900, -700], [100.3, -77.7, 0.3, -0.2], [33.3, 40.1, 38.7, 36.6])]
    means = ["mean(log(1+exp(z))-y.*z)", "(sum(log(1+exp(z)))-y'*z)/n", "mean(log(1+exp(z)))-y'*z/n", "-1/n*sum(y.*log(sigmoid(z))+(1-y).*log(1-sigmoid(z)))",
             "mean(max(z,0)-z.*y+log(1+exp(-abs(z))))"]
    mean = lambda p: [sum(softplus(a) - b * a for a, b in zip(p["z"], p["y"])) / len(p["z"])]
    block("z: vector(n); y: vector(n)", shapes, ["value", "gradient z"], means, mean, right, ("y",))
    tables = [([40, 1, -1, -50, -37, 20], [1, 0, 0, 0, 0, 1]), ([800, 1, -800, 1e-300, 0.5, 700], [1, 0, 0, 0, 0, 1]), ([17, 17, 5e-5, -1000, -990, -1000], [0, 1, 0, 0, 1, 0]),
              ([40, 1, -1, -50, -37, 20], [0, 1, 0, 0, 1, 0])]
    spelled = ["-sum(Y.*log(softmax(Z,2)))", "-sum(Y.*logsoftmax(Z,2))", "-tr(Y'*log(softmax(Z,2)))", "-sum(sum(Y.*(Z-log(sum(exp(Z),2))*ones(1,k))))"]
    rows = lambda p: [sum(sum(b) * lse(a) - sum(u * v for u, v in zip(a, b)) for a, b in ((p["Z"][:3], p["Y"][:3]), (p["Z"][3:], p["Y"][3:])))]
    points = [{"Z": Z, "Y": Y} for Z, Y in tables]
    block("Z: matrix(m,k); Y: matrix(m,k)", shapes, ["value", "gradient Z"], spelled, rows, points, ("Y",))
    plain = ["sum(log(sum(exp(Z),2)))-sum(Y.*Z)", "sum(logsumexp(Z,2))-tr(Y'*Z)", "sum(log(sum(exp(Z),2))-sum(Y.*Z,2))"]
    block("Z: matrix(m,k); Y: matrix(m,k)", shapes, ["value"], plain, rows, points, ("Y",))
    picked = ["logsumexp(z)-z[2]", "log(sum(exp(z)))-z[2]", "-log(softmax(z))[2]", "-log(softmax(z)[2])", "-log(exp(z[2])/sum(exp(z)))", "-logsoftmax(z)[2]"]
    block("z: vector(n)", shapes, ["value", "gradient z", "hessian z"], picked, lambda p: [lse(p["z"]) - p["z"][1]], [{"z": x} for x in XS[:8]])
    hot = [{"z": x, "y": [float(k == i) for i in range(3)]} for x in XS[:4] for k in (0, 1)]
    block("z: vector(n); y: vector(n) onehot", shapes, ["value", "gradient z"], ["-log(y'*softmax(z))", "logsumexp(z)-y'*z"],
          lambda p: [lse(p["z"]) - sum(a * b for a, b in zip(p["z"], p["y"]))], hot, ("y",))


def quotients():
    positive = [1e-300, 1e-8, 0.1, 1.3, 10, 20.7, 37.43, 345, 709.5, 800]
    scalar(["log(exp(x)-1)", "log(expm1(x))", "x+log(1-exp(-x))"], lambda x: log(mp.expm1(x)), positive, (1, 2))
    scalar(["log(1-exp(-x))", "log1p(-exp(-x))", "log(-expm1(-x))"], lambda x: log(-mp.expm1(-x)), positive, (0, 1, 2))
    scalar(["exp(x)/(exp(x)-1)", "1/(1-exp(-x))"], lambda x: -1 / mp.expm1(-x), both(positive[1:]), (0, 1, 2))
    exponentials = ["(exp(2*x)-1)/(exp(2*x)+1)", "(1-exp(-2*x))/(1+exp(-2*x))", "2*sigmoid(2*x)-1", "2/(1+exp(-2*x))-1", "1-2/(exp(2*x)+1)",
                    "(exp(x)-exp(-x))/(exp(x)+exp(-x))", "sinh(x)/cosh(x)"]
    scalar(exponentials, tanh, FEW, (0, 1, 2, 3, 4))
    scalar(["log((exp(x)+exp(-x))/2)", "log(exp(x)+exp(-x))-log(2)"], lambda x: log(cosh(x)), [x for x in FEW if abs(x) > 1], (0,))
    scalar(["log((exp(x)+exp(-x))/2)", "log(exp(x)+exp(-x))-log(2)"], lambda x: log(cosh(x)), FEW, (1, 2))
    scalar(["x/2*(1+erf(x/sqrt(2)))", "gelu(x)"], lambda x: x / 2 * mp.erfc(-x / sqrt(mpf(2))), both([1e-300, 0.1, 1, 3, 6, 9, 20, 37, 800]), (0, 1, 2))
    scalar(["log(x+sqrt(x^2+1))", "asinh(x)"], mp.asinh, FEW, (0, 1, 2))
    scalar(["log((1+x)/(1-x))/2", "atanh(x)"], mp.atanh, both([1e-300, 1e-8, 0.1, 0.5, 0.99]), (0, 1, 2))
    scalar(["log(gamma(x))", "lgamma(x)"], mp.loggamma, [1e-300, 0.1, 3.5, 50, 171, 172, 800], (0, 1))


# ---- removable singularities -----------------------------------------------------------------------------------------------
def singular():
    """Digits of terms that cancel near 0: at every order, and where a factor alone would underflow or overflow."""
    near = both([1e-300, 1e-170, 1e-10, 1e-4, 0.03, 0.3, 0.7])
    far, everywhere = [1.3, -2.2, 5, -30.5], (0, 1, 2, 3, 4)
    wide, inside = near + far + [300, -1000], [x for x in near if abs(x) < 0.5]
    sin, cos, expm1 = mp.sin, mp.cos, mp.expm1
    scalar(["(exp(x)-1)/x", "expm1(x)/x"], lambda x: expm1(x) / x, near + far, everywhere)
    scalar(["(exp(x)-1-x)/x^2"], lambda x: (expm1(x) - x) / x**2, near + far, everywhere)
    scalar(["x/(exp(x)-1)"], lambda x: x / expm1(x), wide, everywhere)
    scalar(["1/x-1/(exp(x)-1)"], lambda x: 1 / x - 1 / expm1(x), wide, everywhere)
    scalar(["sin(x)/x"], lambda x: sin(x) / x, wide, everywhere)
    scalar(["(1-cos(x))/x^2"], lambda x: (1 - cos(x)) / x**2, wide, everywhere)
    scalar(["sin(pi*x)/(pi*x)"], lambda x: sin(mp.pi * x) / (mp.pi * x), near, everywhere)
    scalar(["1/x^2-1/sin(x)^2"], lambda x: 1 / x**2 - 1 / sin(x) ** 2, near, (0, 1, 2))
    scalar(["(x-sin(x))/x^3"], lambda x: (x - sin(x)) / x**3, wide, (0, 1, 2))
    scalar(["tanh(x)/x"], lambda x: tanh(x) / x, wide, everywhere)
    scalar(["atan(x)/x"], lambda x: mp.atan(x) / x, wide, everywhere)
    scalar(["log(1+x)/x", "log1p(x)/x"], lambda x: log(1 + x) / x, near + [1.3, 5, 1000], everywhere)
    scalar(["erf(x)/x"], lambda x: mp.erf(x) / x, near + [1.3, -2.2], (0, 1, 2, 3))
    scalar(["(sqrt(1+x)-1)/x"], lambda x: (sqrt(1 + x) - 1) / x, inside, (0, 1, 2, 3))
    scalar(["cosh(x)/sinh(x)-1/x", "1/tanh(x)-1/x"], lambda x: mp.coth(x) - 1 / x, wide, (0, 1, 2, 3))
    scalar(["x/sinh(x)"], lambda x: x / mp.sinh(x), wide, (0, 1, 2, 3))
    scalar(["log(sinh(x)/x)"], lambda x: log(mp.sinh(x) / x), near + far, (0, 1, 2))
    scalar(["log(cosh(x))/x^2"], lambda x: log(cosh(x)) / x**2, near, (0, 1, 2))
    for text, f in (("x-log(1+x)", lambda x: x - log(1 + x)), ("sin(x)-x", lambda x: sin(x) - x), ("exp(x)-1-x", lambda x: expm1(x) - x), ("x*cos(x)-sin(x)", lambda x: x * cos(x) - sin(x)),
                    ("exp(sin(x))-1-x", lambda x: expm1(sin(x)) - x), ("sigmoid(x)-1/2-x/4", lambda x: sigmoid(x) - mpf(1) / 2 - x / 4)):
        scalar([text], f, near, (0, 1))


def constants():
    """What is log(2) at 0, or a power of e: the constants of several functions cancel."""
    near = both([1e-300, 1e-100, 1e-10, 1e-4, 0.1, 1, 5, 20, 37.43, 345, 800, 1000])
    scalar(["softplus(2*x)-x-log(2)", "log(1+exp(2*x))-x-log(2)", "x+softplus(-2*x)-log(2)", "abs(x)+log(1+exp(-2*abs(x)))-log(2)"], lambda x: log(cosh(x)), near, (0, 1, 2))
    scalar(["log((1+exp(x))/2)-x/2", "softplus(x)-x/2-log(2)"], lambda x: log(cosh(x / 2)), near, (0, 1))
    scalar(["softplus(x)-log(2)", "log((1+exp(x))/2)"], lambda x: log((1 + exp(x)) / 2), near, (0, 1))
    scalar(["-sigmoid(x)*log(sigmoid(x))-(1-sigmoid(x))*log(1-sigmoid(x))"], lambda x: sigmoid(x) * softplus(-x) + sigmoid(-x) * softplus(x), near, (0, 1, 2))
    scalar(["exp(-x-exp(-x))"], lambda x: exp(-x - exp(-x)), [v for v in near if v > -6], (0, 1, 2))
    scalar(["log(3/10+7/10*exp(x))"], lambda x: log((3 + 7 * exp(x)) / 10), near, (0, 1, 2))
    scalar(["log(2*exp(x)+3*exp(-x))"], lambda x: log(2 * exp(x) + 3 * exp(-x)), near, (0, 1, 2))
    scalar(["log(2+x)-log(2)"], lambda x: log(1 + x / 2), [v for v in near if v > -2], (0, 1))


def roots_of_squares():
    """What is near its square root: for large x, and where a quotient of squares underflows."""
    wide = both([1e-300, 1e-8, 0.1, 1.3, 20, 345, 800, 1000])
    for text, c in (("sqrt(x^2+1)-x", 1), ("sqrt(x^2+4)-x", 4)):
        scalar([text], lambda x: sqrt(x * x + c) - x, wide, (0, 1, 2))
    scalar(["(x+sqrt(x^2+4))/2"], lambda x: (x + sqrt(x * x + 4)) / 2, wide, (0, 1, 2))
    scalar(["x-sqrt(x^2-1)"], lambda x: x - sqrt(x * x - 1), [1.3, 20, 345, 800, 1000], (0, 1, 2))
    pair(["d^2*(sqrt(1+(x/d)^2)-1)"], lambda x, d: d * d * (sqrt(1 + (x / d) ** 2) - 1), "xd", [(1e-300, 1), (1e-160, 1e-5), (1e-5, 1), (0.1, 2), (800, 1), (1e-10, 1000)],
         ["value", "diff x order 1", "diff x order 2"])


def focal():
    wide = both([1e-300, 1e-8, 0.1, 1.3, 5, 20, 37.43, 345])
    scalar(["-(1-sigmoid(x))^2*log(sigmoid(x))", "(1-1/(1+exp(-x)))^2*log(1+exp(-x))"], lambda x: sigmoid(-x) ** 2 * softplus(-x), wide + [-800], (0, 1, 2))
    scalar(["-(1/4)*(1-sigmoid(x))^2*log(sigmoid(x))-(3/4)*sigmoid(x)^2*log(1-sigmoid(x))"], lambda x: sigmoid(-x) ** 2 * softplus(-x) / 4 + 3 * sigmoid(x) ** 2 * softplus(x) / 4, wide, (0, 1, 2))
    labels = [(z, y) for z in (0.3, 20, 37.43, 800, -0.3, -37.43, -800) for y in (0, 1)]
    pair(["-y*(1-sigmoid(z))^2*log(sigmoid(z))-(1-y)*sigmoid(z)^2*log(1-sigmoid(z))"], lambda z, y: y * sigmoid(-z) ** 2 * softplus(-z) + (1 - y) * sigmoid(z) ** 2 * softplus(z), "zy", labels,
         ["value", "diff z order 1", "diff z order 2"])


def singular_arrays():
    """Element by element, in sums, and of x'*a."""
    xs = [[1e-300, 1e-4, -0.03], [-1e-170, 1e-10, 0.7], [1.3, -0.3, 1e-200]]
    expm1, sin = mp.expm1, mp.sin
    vector(["sum((exp(x)-1)./x)"], lambda x: [sum(expm1(v) / v for v in x)], [{"x": x} for x in xs], ["value", "gradient x", "hessian x"])
    vector(["(exp(x)-1-x)./x.^2"], lambda x: [(expm1(v) - v) / v**2 for v in x], [{"x": x} for x in xs], ["value", "jacobian x"])
    of = [{"x": x, "a": [0.5, 0.25, 2]} for x in ([1e-300, 3e-300, -1e-301], [1e-10, 1e-10, 3e-10], [0.5, -0.25, 0.125], [2, 1, 0.5])]
    dot = lambda p: sum(a * b for a, b in zip(p["a"], p["x"]))
    block("a: vector(n); x: vector(n)", {"a": 1, "x": 1}, ["value", "gradient x", "hessian x"], ["(exp(a'*x)-1)/(a'*x)", "expm1(a'*x)/(a'*x)"], lambda p: [expm1(dot(p)) / dot(p)], of)
    data = [{"X": X, "w": [1, 0.5]} for X in ([1e-300, 3e-300, 1e-4, 3e-4, 1, -1], [0.25, 0.125, 1e-10, 1e-9, -3, 1])]
    rows = lambda p: [p["X"][2 * i] * p["w"][0] + p["X"][2 * i + 1] * p["w"][1] for i in range(3)]
    block("X: matrix(m,n); w: vector(n)", {"X": (3, 2), "w": 1}, ["value", "gradient w", "hessian w"], ["sum(sin(X*w)./(X*w))"], lambda p: [sum(sin(u) / u for u in rows(p))], data)


def singular_products():
    """Of norm(x), and of products of variables; what is outside may have axes."""
    norm = lambda x: sqrt(sum(v * v for v in x))
    xs = [[1e-300, -1e-300, 2e-300], [1e-170, 3e-170, 1e-171], [1e-10, 2e-10, 0], [1e-3, -2e-3, 0.5], [3, -1, 0.5]]
    requests = ["value", "gradient x", "hessian x"]
    vector(["sin(norm(x))/norm(x)"], lambda x: [mp.sin(norm(x)) / norm(x)], [{"x": x} for x in xs], requests)
    vector(["(1-cos(norm(x)))/norm(x)^2"], lambda x: [(1 - mp.cos(norm(x))) / norm(x) ** 2], [{"x": x} for x in xs], requests)
    of = [(0.5, 1e-300), (3, -1e-10), (1e-150, 1e-9), (-2, 0.01), (0.7, 2.5)]
    pair(["sin(a*x)/(a*x)"], lambda a, x: mp.sin(a * x) / (a * x), "ax", of, ["value", "diff x order 1"])
    pair(["(1-exp(-a*x))/(a*x)"], lambda a, x: -mp.expm1(-a * x) / (a * x), "ax", of, ["value", "diff x order 1"])


def maxima():
    """log(exp(a)+exp(b)) of what is large, split, or such a logarithm itself."""
    names = "abc"
    of = [(3, 1, 2), (-1e20, 2, 1), (2, -1e20, 1), (1, 2, -1e20), (1e20, 3, -1e20), (0.5, 0.5, 0.5), (-40, 3, 41)]
    lse = lambda *v: log(sum(exp(x) for x in v))
    pair(["logaddexp(b,logaddexp(c,a))", "log(exp(a)+exp(b)+exp(c))"], lse, names, of, ["value", "diff a order 1"])
    pair(["logaddexp(b,softplus(a))-b"], lambda a, b: lse(b, softplus(a)) - b, "ab", [(3, 1), (-40, 3), (40, 3), (0.5, -2)], ["value", "diff a order 1"])
    near = lambda x: lse(x, log(mp.erfc(-x / sqrt(2)) / 2))
    scalar(["logaddexp(x,lognormcdf(x))"], near, both([0.1, 1, 5, 30, 1e5]), (0, 1))
    scalar(["logaddexp(x,lognormcdf(x))"], near, both([0.1, 1, 5]) + [30], (2,))
    nested = [(-3, 30, 2, 1), (3, 1, 2, 0), (-40, 3, 41, 2), (0.5, 0.5, 0.5, 0.5), (-3, -4, 2, 30), (-3, 1, 30, 2)]
    pair(["logaddexp(b,logaddexp(c,logaddexp(d,a)))"], lse, "abcd", nested, ["value", "diff a order 1", "diff a order 2", "diff c order 1"])


if __name__ == "__main__":
    print("# Values and derivatives of what cancels, overflows or underflows when it is computed as it is written, with 25 digits.")
    print("# Made by tests/reference/make.py, which says how; not to be edited here.")
    for part in (scalars, probit, pairs, vectors, norms, roots, logistic, matrices, losses, quotients, singular, constants, roots_of_squares, focal, singular_arrays, singular_products, maxima):
        if not sys.argv[1:] or part.__name__ in sys.argv[1:]:
            part()
