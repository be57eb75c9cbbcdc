#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Deliberate faults, one at a time: does a test notice each?

    make mutate                          all of them (an hour); or: tests/mutate.py [--only WORD] [--from K] [--list]

Each fault is a file, a text in it and what stands in its place. The text must stand in the file exactly once: where it has moved
or changed, the run ends with an error, so that no fault is lost unnoticed. A file is looked for by its last name. A copy of the tree
is built with the fault, and the blocks, test programs and random tests of `make check` are run, the quick ones first, until one fails;
without a fault none may. At least all but one
of the faults must be caught.
"""
import os
import shutil
import subprocess
import sys
import time

FAULTS = [
    # signs and arguments in derivative columns
    ("sinh", "ops.def", '.d = {"cosh(x)"}', '.d = {"-cosh(x)"}'),
    ("cos", "ops.def", '.d = {"-sin(x)"}', '.d = {"sin(x)"}'),
    ("atan2 by y", "ops.def", '"y./(x.^2+y.^2)", "-x./(x.^2+y.^2)"', '"y./(x.^2+y.^2)", "x./(x.^2+y.^2)"'),
    ("cbrt", "ops.def", '"1./(3*cbrt(x).^2)"', '"1./(3*cbrt(x))"'),
    ("gelu", "ops.def", '"erfc(-x/sqrt(2))/2+x', '"erfc(x/sqrt(2))/2+x'),
    ("silu", "ops.def", '"sigmoid(x)+x.*sigmoid(x).*sigmoid(-x)"', '"sigmoid(x)+x.*sigmoid(x)"'),
    ("mod by y", "ops.def", '"-floor(x./y)"', '"-ceil(x./y)"'),
    ("side of the kink of leaky_relu", "ops.def", '"where(x>0,1,1/100)"', '"where(x>=0,1,1/100)"'),
    ("side of the kink of max", "ops.def", '"where(x>=y,1,0)", "where(x>=y,0,1)"', '"where(x>y,1,0)", "where(x>y,0,1)"'),
    # pullbacks
    ("transpose in that of inv", "pullback.c", 'arg[0] = sdp_es(g, SDP_NUM_MINUS_ONE, "@ij,ia,bj->@ab", adj, y, y);',
     'arg[0] = sdp_es(g, SDP_NUM_MINUS_ONE, "@ij,ia,bj->@ba", adj, y, y);'),
    ("transpose in that of logdet", "pullback.c", '"@,ba->@ab", adj, sdp_prim(g, SDP_OP_inv', '"@,ab->@ab", adj, sdp_prim(g, SDP_OP_inv'),
    ("transpose in that of det", "pullback.c", '"@,ba->@ab", adj, sdp_prim(g, SDP_OP_adj', '"@,ab->@ab", adj, sdp_prim(g, SDP_OP_adj'),
    ("transpose in that of chol", "pullback_matrix.c", '"aj,@ab,bi->@ij", m, p, m)', '"aj,@ab,bi->@ji", m, p, m)'),
    ("the mean in that of softmax", "pullback.c", "arg[0] = sdp_sub(g, sdp_seeded_times(g, adj, s), mean);", "arg[0] = sdp_sub(g, mean, sdp_seeded_times(g, adj, s));"),
    ("sums in that of powers", "reverse.c", "? 0 : ((1u << n->order) - 1) << s->seeds;", "? 0 : ((1u << n->order) - 1) << (s->seeds + 1);"),
    # rules of functions and of powers
    ("log((1+x)./(1-x))", "rules.def", '"2*atanh(x)"', '"atanh(x)"'),
    ("log1p(-erfc(x)/2)", "rules.def", '"log1p(-erfc(x)/2)",    "logerfc(-x)-log(2)"', '"log1p(-erfc(x)/2)",    "logerfc(x)-log(2)"'),
    ("exp(-softplus(x))", "rules.def", '"exp(-softplus(x))",    "sigmoid(-x)"', '"exp(-softplus(x))",    "sigmoid(x)"'),
    ("sqrt(x^2) without its guard", "power.c", "if (integer || !even || sdp_known_nonneg(g, b->arg[0])) return", "if (true) return"),
    ("orthogonal factors without their guard", "mul_structure.c", "!(s->yes[i] & SDP_ORTHOGONAL) || !plain(s, i)", "!plain(s, i)"),
    # loops and kernels
    ("the last terms of dot", "kernels.def", "for (; i < n; i++) s[0] += x[i] * y[i];", "for (; i + 1 < n; i++) s[0] += x[i] * y[i];"),
    ("the half of a symmetric matrix", "root.c", '"for (size_t %s = 0; %s <= %s; %s++) {", name, name, row, name);', '"for (size_t %s = 0; %s < %s; %s++) {", name, name, row, name);'),
    ("zeros before sums that are added", "root.c", '"for (size_t %s = 0; %s < ", e->index[0], e->index[0]);', '"for (size_t %s = 1; %s < ", e->index[0], e->index[0]);'),
    # layouts
    ("strides of matrix products", "root.c", "put_stride(e, a, 1 - row);", "put_stride(e, a, row);"),
    ("denominator layout", "derive.c", "value == 1 && denominator) e->raw = sdp_transpose(g, e->raw), e->turned = true;", "value == 1 && denominator) e->turned = true;"),
    ("solving with the transpose", "contract.c", "bool transposed = shown >> ix[0] & 1;\n    sdp_ix q = ix[transposed ? 0 : 1], p", "bool transposed = shown >> ix[0] & 1;\n    sdp_ix q = ix[1], p"),
    # between the graph and the C text
    ("coefficients in a maximum", "maximum.c", "u->coef[k], n->coef[i])) == n->coef[j])", "u->coef[k], n->coef[i])) != SDP_NUM_ZERO)"),
    ("small parts in a maximum", "maximum.c", "t[j].small[k] = sdp_value_where(s, first, zero, t[j].small[k]);", "(void)zero;"),
    ("two norms of one factor", "norm.c", "turn == OWN_ARRAY && p[i].whole == s->of[unit];", "turn == OWN_ARRAY && !p[i].large;"),
    ("the degree of a power of a sum", "power.c", "d.number = sdp_num_add(s->g, d.number, sdp_num_mul(s->g, p, q));", "d.number = sdp_num_mul(s->g, p, q);"),
]

QUICK = ["once_wrong", "answers", "functions", "matrix", "modes", "requests", "reductions", "facts", "structure", "where", "conditions", "textbook", "stable", "scale"]


def find(name, text):
    """The file in which the text stands, once."""
    files = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.split()
    found = [f for f in files if os.path.basename(f) == name and open(f, encoding="utf-8").read().count(text) == 1]
    if len(found) != 1:
        sys.exit(f"mutate: {len(found)} files {name} have this text once: {text}")
    return found[0]


def commands(copy):
    """The tests of make check, quick ones first."""
    tests = sorted(f for f in os.listdir(os.path.join(copy, "tests")) if f.endswith(".test"))
    tests.sort(key=lambda f: QUICK.index(f[:-5]) if f[:-5] in QUICK else len(QUICK))
    run = "build/tests/run"
    yield from ([run, "--no-c", "tests/" + f] for f in tests)
    programs = sorted(f[:-2] for f in os.listdir(os.path.join(copy, "tests")) if f.startswith("test_") and f.endswith(".c"))
    yield from (["build/tests/" + p] for p in programs)
    yield ["build/tests/random", "--seed", "1", "--count", "100", "--no-c"]
    yield ["build/tests/rewrites", "--seed", "1", "--count", "2500"]
    yield [run, *("tests/" + f for f in tests)]
    yield ["build/tests/random", "--seed", "1", "--count", "400"]


def notices(copy, name, old, new):
    """What fails with the fault, or None."""
    path = os.path.join(copy, find(name, old))
    text = open(path, encoding="utf-8").read()
    try:
        open(path, "w", encoding="utf-8").write(text.replace(old, new))
        if build(copy):
            sys.exit(f"mutate: this fault does not compile, so no test is asked: {new}")
        return failing(copy)
    finally:
        open(path, "w", encoding="utf-8").write(text)


def failing(copy):
    """The first test that fails, or None."""
    for command in commands(copy):
        try:
            status = subprocess.run(command, cwd=copy, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=1800).returncode
        except subprocess.TimeoutExpired:
            status = 1
        if status:
            return " ".join(command) if len(command) < 8 else "tests/*.test as C"
    return None


def build(copy):
    goals = subprocess.run("ls tests/test_*.c tests/run.c tests/random.c tests/rewrites.c", shell=True, cwd=copy, capture_output=True, text=True).stdout.split()
    return subprocess.run(["make", "-s", "-j2", "all", *("build/" + g[:-2] for g in goals)], cwd=copy, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode


def main():
    args = sys.argv[1:]
    os.chdir(subprocess.run(["git", "rev-parse", "--show-toplevel"], capture_output=True, text=True, check=True).stdout.strip())
    faults = FAULTS
    if "--only" in args:
        faults = [f for f in faults if args[args.index("--only") + 1] in f[0]]
    if "--from" in args:
        faults = faults[int(args[args.index("--from") + 1]):]
    for fault in faults:
        place = find(fault[1], fault[2])
        if "--list" in args:
            print(f"{fault[0]}: {place}")
    if "--list" in args:
        return
    copy = os.path.join("build", "mutate")
    shutil.rmtree(copy, ignore_errors=True)
    for f in subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.split():
        os.makedirs(os.path.dirname(os.path.join(copy, f)), exist_ok=True)
        shutil.copy2(f, os.path.join(copy, f))
    if build(copy):
        sys.exit("mutate: the tree itself does not build")
    by = failing(copy)
    if by:
        sys.exit(f"mutate: fails without a fault: {by}")
    survived = []
    for k, (what, *fault) in enumerate(faults):
        start = time.time()
        by = notices(copy, *fault)
        print(f"{k + 1:2} {what}: {'caught by ' + by if by else 'SURVIVED'} ({time.time() - start:.0f} s)", flush=True)
        if not by:
            survived.append(what)
    print(f"mutate: {len(faults) - len(survived)} of {len(faults)} faults caught" + "".join("; not: " + s for s in survived))
    sys.exit(len(survived) > 1)


if __name__ == "__main__":
    main()
