#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The Python package against the library: structures against the C header, answers against plain Python and NumPy, errors, growth.

    python.py [CC]        PYTHONPATH has python/, SYMDIFF_LIBRARY names the library; CC (cc) tells the layout of structures
Runs with and without NumPy; what needs NumPy, SciPy or PyTorch is left out where they are not installed, and said so.
"""
import array
import ctypes as c
import doctest
import gc
import math
import os
import resource
import subprocess
import sys
import tempfile
import threading

import symdiff
from symdiff import _library

try:
    import numpy as np
except ImportError:
    np = None

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
X, T, Y = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [1.0, -1.0], [1.0, 1.0, 1.0]
TESTS = []


def test(f):
    TESTS.append(f)
    return f


def close(a, b, tolerance=1e-12):
    flat = lambda x: [z for y in x for z in flat(y)] if hasattr(x, "__len__") else [float(x)]
    a, b = flat(a), flat(b)
    assert len(a) == len(b) and all(abs(x - y) <= tolerance * (1 + abs(y)) for x, y in zip(a, b)), (a, b)


def refused(call, *words, kind=symdiff.Error):
    try:
        call()
    except kind as e:
        for w in words:
            assert w in str(e), (w, str(e))
        return e
    raise AssertionError("nothing was refused")


NAMES = {"ErrorRecord": "sd_error", "Options": "sd_options", "Request": "sd_request", "Array": "sd_array", "Argument": "sd_argument",
         "Variable": "sd_variable", "EmitOptions": "sd_emit_options", "Code": "sd_c_code", "Batch": "sd_batch", "Pattern": "sd_pattern", "Check": "sd_check_report",
         "Equality": "sd_equal_report", "Convexity": "sd_convexity", "Solution": "sd_solution", "Definite": "sd_definite", "StepsOptions": "sd_steps_options"}


@test
def structures_are_those_of_the_header():
    """A field that moves, or a structure that outgrows the room that Python leaves, fails here."""
    text = ["#include <stdio.h>", "#include <stddef.h>", '#include "include/symdiff.h"', "int main(void) {"]
    expected = []
    for python, name in sorted(NAMES.items()):
        kind = getattr(_library, python)
        for field, *_ in kind._fields_:
            if field != "room":
                text.append('printf("%%zu %%zu\\n", offsetof(%s, %s), sizeof(((%s *)0)->%s));' % (name, field, name, field))
                place = getattr(kind, field)
                expected.append(("%s.%s" % (python, field), place.offset, place.size))
        text.append('printf("%%zu\\n", sizeof(%s));' % name)
        expected.append((python, c.sizeof(kind)))
    text.append("return 0; }")
    with tempfile.TemporaryDirectory() as where:
        source, program = os.path.join(where, "layout.c"), os.path.join(where, "layout")
        with open(source, "w") as f:
            f.write("\n".join(text))
        subprocess.run([sys.argv[1] if len(sys.argv) > 1 else "cc", "-I", ROOT, "-o", program, source], check=True)
        lines = subprocess.run([program], check=True, capture_output=True, text=True).stdout.split("\n")
    for mine, line in zip(expected, lines):
        theirs = tuple(int(n) for n in line.split())
        assert theirs == mine[1:] if len(mine) == 3 else theirs[0] <= mine[1], (mine, theirs)
    for i, name in enumerate(["gradient", "jacobian", "hessian", "hvp", "jvp", "vjp", "value"]):
        assert getattr(_library, name.upper()) == i + 1


@test
def answers():
    f = symdiff.parse("norm(X*t-Y)^2/N", wrt="t")
    g = f.grad("t")
    assert str(g) == "2/N*X'*(X*t-Y)" and g._repr_latex_().startswith("$")
    data = dict(X=X, t=T, Y=Y, N=3)
    close(f(**data), 4)
    close(g(**data), [-12, -16])
    value, gradient = g.with_value(**data)
    close([value], [4]), close(gradient, [-12, -16])
    close(f.hessian("t")(X=X, N=3), [[70 / 3, 88 / 3], [88 / 3, 112 / 3]])
    close(f.hvp("t", "v")(X=X, N=3, v=[1, 0]), [70 / 3, 88 / 3])
    close(symdiff.parse("X*t", wrt="t").jacobian("t")(X=X), X)
    close(symdiff.parse("tanh(X*t)", wrt="t").jvp("t", "v")(X=X, t=T, v=[1, 1]), [(1 - math.tanh(-1) ** 2) * s for s in (3, 7, 11)])
    close(symdiff.parse("X*t", wrt="t").vjp("t", "u")(X=X, u=[1, 1, 1]), [9, 12])
    both = f.grad("t,N")(**data)
    assert sorted(both) == ["d/dN", "d/dt"]
    close(both["d/dN"], -4 / 3)
    close(symdiff.parse("x^5").derivative("x", order=3)(x=2), 240)
    close(symdiff.parse("lambda*x^2").grad("x")(x=3, lambda_=0.5), 3)
    close(symdiff.parse(r"\frac{1}{2} x^\top A x", wrt="x").grad("x")(A=[[2, 1], [1, 3]], x=[1, 2]), [4, 7])


@test
def untold_sizes_are_given():
    j = symdiff.parse("x", declare="x: vector(n)").jacobian("x")
    refused(lambda: j(), "n", "n=10")
    close(j(n=3), [[1, 0, 0], [0, 1, 0], [0, 0, 1]])


@test
def arguments_of_all_kinds():
    g = symdiff.parse("norm(X*t-Y)^2/N", wrt="t").grad("t")
    want = [-12, -16]
    close(g(X=[tuple(r) for r in X], t=tuple(T), Y=[1, 1, 1], N=3.0), want)
    close(g(X=X, t=array.array("d", T), Y=array.array("f", Y), N=3), want)
    if np is None:
        return
    A = np.array(X)
    close(g(X=A, t=np.array(T), Y=np.array(Y), N=np.float64(3)), want)
    close(g(X=np.asfortranarray(A), t=np.array([1, 9, -1, 9])[::2], Y=np.ones(3, np.float32), N=np.int64(3)), want)
    close(g(X=A.T.copy().T, t=np.array([[1], [-1]]), Y=Y, N=np.array(3)), want)
    frozen = np.array(T)
    frozen.setflags(write=False)
    close(g(X=A, t=frozen, Y=Y, N=3), want)
    refused(lambda: g(X=A + 0j, t=T, Y=Y, N=3), "complex", kind=TypeError)
    refused(lambda: g(X=[["a", 1]], t=T, Y=Y, N=3), kind=(TypeError, ValueError))
    before = A.copy()
    g(X=A, t=T, Y=Y, N=3)
    assert (A == before).all() and isinstance(g(X=A, t=T, Y=Y, N=3), np.ndarray)


@test
def errors():
    both, at = symdiff.parse("a*norm(A*x)^2"), dict(A=[[1, 2], [3, 4]], x=[1, 1], a=2)
    close(both.hessian("a,x").joined(**at), [[0, 48, 68], [48, 40, 56], [68, 56, 80]])
    refused(lambda: both.grad("a,x").joined(**at), "one matrix")
    refused(lambda: both.hessian("A,x").joined(**at), "one matrix")
    assert refused(lambda: symdiff.parse("norm(X*t-Y"), "^", "hint: a ')' is missing").code == 1
    refused(lambda: symdiff.parse("sinn(x)"), "sinn")
    refused(lambda: symdiff.parse("x", declare="x: vektor(n)"), "vector")
    refused(lambda: symdiff.parse("x", notation="troff"), "troff", kind=ValueError)
    refused(lambda: symdiff.parse("np.sum(x)", notation="plain"), "np.")
    f = symdiff.parse("norm(X*t-Y)^2/N", wrt="t")
    refused(lambda: f.grad("zz"), "zz")
    g = f.grad("t")
    assert str(g) == "2/N*X'*(X*t-Y)"  # nothing is lost
    refused(lambda: g(X=X, t=T, Y=Y), "no data for N")
    refused(lambda: g(X=X, t=[1, 2, 3], Y=Y, N=3), "t has the shape (3,)")
    refused(lambda: g(X=X, t=X, Y=Y, N=3), "(3, 2)")
    refused(lambda: g(X=[[1, 2], [3]], t=T, Y=Y, N=3), kind=(ValueError, symdiff.Error))
    refused(lambda: symdiff.parse("inv(A)")(A=[[1, 2], [2, 4]]), "singular")
    refused(lambda: g.format("fortran77"), "fortran77", kind=ValueError)
    refused(lambda: f.steps("t", mode="sideways"), "sideways", kind=ValueError)
    refused(lambda: symdiff.parse("x*y'").grad("x"))


@test
def judgements():
    f = symdiff.parse("norm(X*t-Y)^2/N", wrt="t")
    ok, error = f.check("t")
    assert ok and error < 1e-8
    assert f.convex("t")[0] == "convex" and symdiff.parse("sin(x)").convex("x")[0] == "neither"
    assert f.solve("t")[0] == "inv(X'*X)*X'*Y"
    g = symdiff.parse("norm(x)^2", declare="x: vector(n)")
    fit = symdiff.parse("norm(y-a*x-b)^2", declare="a: scalar; b: scalar; x: vector(n); y: vector(n)")
    assert [line.split(" = ")[0] for line in fit.solve("a,b")[0].splitlines()] == ["a", "b"]
    assert g.solve("x", subject_to="A*x == b")[0] == "A'*inv(A*A')*b"
    assert g.solve("x", subject_to=["A*x == b", "sum(x) == 1"])[0].startswith("[A; ones(n)']'*inv(")
    refused(lambda: g.solve("x", subject_to="A*x <= b"), "equation", kind=ValueError)
    gram = symdiff.parse("A'*A+s*eye(n)", declare="A: matrix(m,n); s: scalar positive")
    assert gram.convex(psd=True)[0] == "positive definite"
    refused(lambda: gram.convex("A", psd=True), "leave wrt out", kind=ValueError)
    assert symdiff.equal("norm(x)^2", "x'*x") is True and symdiff.equal("norm(x)", "x'*x") is False
    assert "Answer" in f.steps("t") and f.steps("t", format="latex").startswith("\\documentclass")
    v = f.variables
    assert v["X"].axes == ("m", "n") and v["N"].shape == "scalar" and not v["X"].declared
    assert symdiff.parse("trace(S)", declare="S: matrix(n,n) posdef").variables["S"] == ("matrix(n,n)", ("n", "n"), ("posdef",), True)


@test
def other_questions():
    f = symdiff.parse("norm(y-X*w)^2", wrt="w")
    assert str(f.expand()) == "y'*y-2*y'*X*w+w'*X'*X*w"
    assert str(symdiff.parse("x^2-2*x+1").factor()) == "(x-1)^2"
    turned = symdiff.parse("(a-2*b)^2").substitute(a="b", b="a")
    assert str(turned) == "(2*a-b)^2" and turned(a=1, b=5) == 9 and turned.grad("b")(a=1, b=5) == 6
    assert str(symdiff.parse("a*x^2+x^2+b*x").simplify(collect="x")).count("x^2") == 1
    assert f.graph("w").startswith("digraph")
    assert "<=" in symdiff.kkt("norm(x)^2", ["A*x <= b", "sum(x) == 1"], "x") or "≤" in symdiff.kkt("norm(x)^2", ["A*x <= b"], "x")
    assert "A^t" in symdiff.recursion("w", "A*w+b", declare="A: matrix(n,n); w: vector(n); b: vector(n)")
    refused(lambda: symdiff.kkt("norm(x)^2", ["A*x <= b"], "x", format="telex"), "telex", kind=ValueError)
    refused(lambda: symdiff.recursion("w", "A*w*w'"))
    code = symdiff.parse("norm(X*t-Y)^2/N", wrt="t").grad("t").code("numpy", name="g", value=True)
    if np is not None:
        scope = {}
        exec(code, scope)
        value, gradient = scope["g"](np.array(X), np.array(T), np.array(Y), 3.0)
        close(value, 4), close(gradient, [-12, -16])


@test
def emitted_c():
    source, header = symdiff.parse("x'*A*x", wrt="x").grad("x").c("quadratic", value=True, sizes="n=3")
    assert "quadratic" in source and "quadratic" in header
    refused(lambda: symdiff.parse("x").c("no name"), "no name")


@test
def nothing_grows():
    """100,000 calls and 300 expressions in less than 8 MB."""
    g = symdiff.parse("norm(X*t-Y)^2/N", wrt="t").grad("t")
    data = dict(X=X, t=T, Y=Y, N=3)
    for _ in range(2000):
        g(**data)
    make = lambda: symdiff.parse("sum(log(1+exp(-y.*(X*w))))", wrt="w").grad("w")(X=X, w=T, y=Y)
    for _ in range(20):
        make()
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(100000):
        g(**data)
    for _ in range(300):
        make()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 8192, "%d kB" % grown


@test
def threads_share_a_function():
    g = symdiff.parse("norm(X*t-Y)^2/N", wrt="t").grad("t")
    wrong = []

    def work(k):
        for i in range(2000):
            t = [1.0 + k, -1.0 - i % 7]
            r = [sum(a * b for a, b in zip(row, t)) - y for row, y in zip(X, Y)]
            want = [2 / 3 * sum(X[m][n] * r[m] for m in range(3)) for n in range(2)]
            have = g(X=X, t=t, Y=Y, N=3)
            if any(abs(a - b) > 1e-9 for a, b in zip(have, want)):
                wrong.append((t, have, want))
    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong, wrong[0]


@test
def progress():
    text, told = "exp(sin(x)*cos(x)*log(x)/x)*tanh(x*log(x))^3/sqrt(1+x^4)", []
    f = symdiff.parse(text, progress=lambda steps, size: told.append((steps, size)))
    assert str(f.derivative("x", 4)) and len(told) > 3 and all(steps > 0 and size > 0 for steps, size in told)
    try:
        str(symdiff.parse(text, progress=lambda *_: False).derivative("x", 5))
        assert False, "it went on"
    except symdiff.Error as e:
        assert "interrupted" in str(e)

    def stop(*_):
        raise KeyboardInterrupt
    f = symdiff.parse(text, progress=stop)
    try:
        str(f.derivative("x", 5))
        assert False, "it went on"
    except KeyboardInterrupt:
        pass
    assert str(symdiff.parse("x^2", progress=stop).derivative("x")) == "2*x"


@test
def documents():
    failed, tried = doctest.testfile(os.path.join(ROOT, "docs", "python.md"), module_relative=False)
    assert tried > 15 and not failed
    failed, tried = doctest.testmod(symdiff)
    assert tried >= 4 and not failed


@test
def examples():
    for name, needs in (("newton", "scipy"), ("torch_loss", "torch")):
        if subprocess.run([sys.executable, "-c", "import numpy, " + needs], capture_output=True).returncode:
            print("skipped: examples/python/%s.py, %s is not installed" % (name, needs))
            continue
        done = subprocess.run([sys.executable, os.path.join(ROOT, "examples", "python", name + ".py")], capture_output=True, text=True)
        assert done.returncode == 0 and "True" in done.stdout and "False" not in done.stdout, done.stdout + done.stderr


def main():
    failed = 0
    for t in TESTS:
        try:
            t()
        except Exception as e:
            import traceback
            traceback.print_exc()
            print("FAILED: %s: %s" % (t.__name__, e))
            failed += 1
    print("Python %s %s NumPy: %d passed, %d failed" % (sys.version.split()[0], "with" if np else "without", len(TESTS) - failed, failed))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
