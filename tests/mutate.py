#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Deliberate faults, one at a time: does a test notice each?

    make mutate                          all of them (half an hour); or: tests/mutate.py [--only WORD] [--from K] [--list]

Each fault is a file, a text in it and what stands in its place. The text must stand in the file exactly once: where it has moved
or changed, the run ends with an error, so that no fault is lost unnoticed. A file is looked for by its last name. A copy of the tree
is built with the fault, and the tests of `make check` are run until one fails; without a fault none may. First every fault meets the
blocks without emitted C, file by file; those that are left meet the test programs, then the random tests, then the emitted C. At least
all but one of the faults must be caught.
"""
import os
import re
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
    ("the last terms of dot", "kernels.def", "for (size_t i = whole; i < n; i++) s[0] += x[i] * y[i];",
     "for (size_t i = whole; i + 1 < n; i++) s[0] += x[i] * y[i];"),
    ("the half of a symmetric matrix", "root.c", '"for (size_t %s = 0; %s <= %s; %s++) {", name, name, row, name);', '"for (size_t %s = 0; %s < %s; %s++) {", name, name, row, name);'),
    ("zeros before sums that are added", "root.c", 'sdp_putf(e->out, "for (size_t %s = ", i), sdp_put_size(e, from, false);', 'sdp_putf(e->out, "for (size_t %s = 1 + ", i), sdp_put_size(e, from, false);'),
    # layouts
    ("strides of matrix products", "root.c", "put_stride(e, a, ix, side ? m->sum : m->row);", "put_stride(e, a, ix, side ? m->row : m->sum);"),
    ("denominator layout", "derive.c", "value == 1 && denominator) e->raw = sdp_transpose(g, e->raw), e->turned = true;", "value == 1 && denominator) e->turned = true;"),
    ("solving with the transpose", "contract.c", "bool transposed = shown >> ix[0] & 1;\n    sdp_ix q = ix[transposed ? 0 : 1], p", "bool transposed = shown >> ix[0] & 1;\n    sdp_ix q = ix[1], p"),
    # between the graph and the C text
    ("coefficients in a maximum", "maximum.c", "u->coef[k], n->coef[i])) == n->coef[j])", "u->coef[k], n->coef[i])) != SDP_NUM_ZERO)"),
    ("small parts in a maximum", "maximum.c", "t[j].small[k] = sdp_value_where(s, first, zero, t[j].small[k]);", "(void)zero;"),
    ("two norms of one factor", "norm.c", "turn == OWN_ARRAY && p->whole == s->of[d->x];", "turn == OWN_ARRAY && !p->large;"),
    ("the degree of a power of a sum", "power.c", "d.number = sdp_num_add(s->g, d.number, sdp_num_mul(s->g, p, q));", "d.number = sdp_num_mul(s->g, p, q);"),
]

# Files of blocks in the order in which they are asked, those that notice most first.
QUICK = "functions matrix once_wrong answers modes reductions structure stable where conditions textbook scale facts requests".split()


def squeezed(text):
    """The text without white space (and the ends of continued lines), and where each of its characters stands."""
    kept = [m.start() for m in re.finditer(r"(?!\\\n)\S", text)]
    return "".join(text[k] for k in kept), kept


def find(name, text):
    """The file in which the text stands, once, however it is broken into lines; and from where to where."""
    files = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.split()
    wanted, found = squeezed(text)[0], []
    for f in files:
        if os.path.basename(f) == name:
            have, kept = squeezed(open(f, encoding="utf-8").read())
            found += [(f, kept[m.start()], kept[m.end() - 1] + 1) for m in re.finditer(re.escape(wanted), have)]
    if len(found) != 1:
        sys.exit(f"mutate: {len(found)} times this text in files {name}: {text}")
    return found[0]


def stages(copy):
    """The tests of make check, quick ones first: goals to build, and commands."""
    tests = sorted(f for f in os.listdir(os.path.join(copy, "tests")) if f.endswith(".test"))
    tests.sort(key=lambda f: QUICK.index(f[:-5]) if f[:-5] in QUICK else len(QUICK))
    tests = ["tests/" + f for f in tests]
    programs = sorted("build/tests/" + f[:-2] for f in os.listdir(os.path.join(copy, "tests")) if re.fullmatch(r"test_.*\.c", f))
    run, draws = "build/tests/run", ["build/tests/random", "build/tests/rewrites", "build/tests/ways"]
    yield ["all", run], [[run, "--no-c", t] for t in tests]
    yield programs, [[p] for p in programs]
    yield draws, [
        ["build/tests/random", "--seed", "1", "--count", "100", "--no-c"],
        ["build/tests/rewrites", "--seed", "1", "--count", "2500"],
        ["build/tests/ways", "--seed", "1", "--count", "400", "--cc", "40"],
    ]
    yield [], [[run, *tests], ["build/tests/random", "--seed", "1", "--count", "400"]]


def notices(copy, stage, name, old, new):
    """What fails with the fault in this stage, or None."""
    place, start, end = find(name, old)
    path = os.path.join(copy, place)
    text = open(path, encoding="utf-8").read()
    try:
        open(path, "w", encoding="utf-8").write(text[:start] + new + text[end:])
        return failing(copy, stage, new)
    finally:
        open(path, "w", encoding="utf-8").write(text)


def failing(copy, stage, fault):
    """The first test of a stage that fails, or None."""
    goals, commands = stage
    if quiet(copy, "make", "-s", "-j2", *goals):
        sys.exit(f"mutate: this does not compile, so no test is asked: {fault}")
    for command in commands:
        if quiet(copy, *command):
            return " ".join(command) if len(command) < 8 else "tests/*.test as C"
    return None


def quiet(copy, *command):
    """The exit status of a command, 1 if it takes half an hour."""
    try:
        return subprocess.run(command, cwd=copy, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=1800).returncode
    except subprocess.TimeoutExpired:
        return 1


def main():
    args = sys.argv[1:]
    os.environ.update(JUDGE_COUNT="300", STEPS_COUNT="60")  # as under the sanitizers: what they draw is no more varied
    os.chdir(subprocess.run(["git", "rev-parse", "--show-toplevel"], capture_output=True, text=True, check=True).stdout.strip())
    faults = FAULTS
    if "--only" in args:
        faults = [f for f in faults if args[args.index("--only") + 1] in f[0]]
    if "--from" in args:
        faults = faults[int(args[args.index("--from") + 1]):]
    for fault in faults:
        place = find(fault[1], fault[2])
        if "--list" in args:
            print(f"{fault[0]}: {place[0]}")
    if "--list" in args:
        return
    copy = os.path.join("build", "mutate")
    shutil.rmtree(copy, ignore_errors=True)
    for f in subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.split():
        os.makedirs(os.path.dirname(os.path.join(copy, f)), exist_ok=True)
        shutil.copy2(f, os.path.join(copy, f))
    alive = faults
    for stage in stages(copy):
        by = failing(copy, stage, "the tree itself") if alive else None
        if by:
            sys.exit(f"mutate: fails without a fault: {by}")
        asked, alive = alive, []
        for what, *fault in asked:
            start = time.time()
            by = notices(copy, stage, *fault)
            print(f"{what}: {'caught by ' + by if by else 'not caught yet'} ({time.time() - start:.0f} s)", flush=True)
            if not by:
                alive.append([what, *fault])
    print(f"mutate: {len(faults) - len(alive)} of {len(faults)} faults caught" + "".join("; not: " + what for what, *_ in alive))
    sys.exit(len(alive) > 1)


if __name__ == "__main__":
    main()
