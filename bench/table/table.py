#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""table.py BUILD FOLDER [-o docs/benchmarks.md] [WORD...]: derivatives by every way there is, against the best C there is.

FOLDER has limits.so (limits.c, models.c, timing.c). All ways of a row run in turns in one process; a number is the fastest run divided by
the best: that of the function written by hand, or of emitted C where the compiler beats it. Results are compared with those of the
hand-written function before anything is timed: a way that differs has no number. Columns of what is not installed stay empty. WORDs choose
rows by name.
"""
import ctypes as c
import datetime
import inspect
import os
import platform
import re
import subprocess
import sys
import time

for threads in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "..", "python"), HERE]
import problems
from symdiff import _library as sd

try:
    import torch
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
except ImportError:
    torch = None

CC = os.environ.get("CC", "gcc")
FLAGS = ["-O3", "-march=native", "-std=c99", "-w", "-fPIC"]
WAYS = ["by hand", "C", "C, sizes", "cblas", "openmp", "JIT", "JIT, sizes", "--jit cc", "NumPy", "PyTorch"]
BEST = ["by hand", "C", "C, sizes", "cblas"]
TOLERANCE, SECONDS, SLOW, ROUNDS = 1e-9, 1.0, 0.2, 60
POINTERS = c.c_void_p * 16


class Row:
    def __init__(self, problem, sizes, tiny):
        name, what, self.wrt, self.declare, self.text, self.limit, names, inputs, _, self.more = problem
        self.what = getattr(sd, what)
        self.sizes = dict(zip(names.split(","), sizes)) if sizes else {}
        self.tiny, self.value, self.inputs = tiny, self.more.get("value", False), inputs.split(",")
        self.name = name + (" " + "x".join(map(str, sizes)) if sizes else "")
        rng = np.random.default_rng(1)
        self.data = {n: rng.uniform(-1, 1, shape) for n, shape in self.shapes()}
        self.more.get("data", lambda data, rng: None)(self.data, rng)
        self.size = (c.c_size_t * 8)(*self.sizes.values())

    def shapes(self):
        for name, kind, axes in re.findall(r"(\w+): (scalar|vector|matrix)(?:\(([^)]*)\))?", self.declare):
            yield name, tuple(eval(a, dict(self.sizes)) for a in axes.split(",")) if axes else (1,)

    def pointers(self, names):
        return POINTERS(*[self.data[n].ctypes.data for n in names])


class Question:
    """An expression and what is asked, in a context of its own."""

    def __init__(self, row, compiler=None):
        self.ctx, self.row = sd.Context(compiler=compiler), row
        lib, h = self.ctx.lib, self.ctx.handle
        self.ctx.done(lib.sd_declare(h, row.declare.encode(), None))
        self.expr = self.ctx.need(lib.sd_parse(h, row.text.encode(), None))
        request = sd.Request(what=row.what, wrt=row.wrt.encode(), direction=row.more.get("direction", "").encode() or None)
        self.result = self.ctx.need(lib.sd_derive(h, self.expr, c.byref(request)))

    def options(self, constant, target=None):
        sizes = ",".join("%s=%d" % s for s in self.row.sizes.items()) if constant and self.row.sizes else None
        return sd.EmitOptions(name=b"fun", value=self.row.value, primal=self.expr, sizes=sizes.encode() if sizes else None,
                              target=target.encode() if target else None)

    def printed(self, language, what, value):
        """A whole function of Python."""
        text = self.ctx.lib.sd_print_function(self.ctx.handle, what, self.ctx.lib.sd_format_find(language.encode()), b"fun", value)
        env = {}
        exec(compile(self.ctx.text(self.ctx.need(text)), language, "exec"), env)
        return env["fun"]


# ---- ways: each has run(), which leaves its outputs, outputs(), and seconds(repeat) ----------------------------------------------------
class Native:
    def __init__(self, row, outputs, work):
        self.out = [np.full(n, np.nan) for n in outputs]
        self.pointers, self.work = POINTERS(*[o.ctypes.data for o in self.out]), np.zeros(work + 8)

    def outputs(self):
        return self.out


class Limit(Native):
    def __init__(self, row, outputs, lib):
        name = row.limit + "_tiny"
        super().__init__(row, outputs, 1 << 22 if not row.tiny else 1 << 12)
        self.row, self.timed = row, lib.of_limit
        self.f = getattr(lib, name if row.tiny and hasattr(lib, name) else row.limit)
        self.input = row.pointers(row.inputs)

    def seconds(self, repeat):
        return self.timed(self.f, self.row.size, self.input, self.pointers, c.c_void_p(self.work.ctypes.data), repeat)


class Function(Native):
    def __init__(self, row, outputs, lib, constant, compiler=None):
        q = Question(row, compiler)
        ctx, self.timed = q.ctx, lib.of_function
        start = time.perf_counter()
        self.f = c.c_void_p(ctx.need(ctx.lib.sd_compile(ctx.handle, q.result, c.byref(q.options(constant)))))
        self.compiled = time.perf_counter() - start
        self.lib, n = ctx.lib, ctx.lib.sd_function_dims(self.f)
        self.size = (c.c_size_t * 8)(*[row.sizes[self.lib.sd_function_dim(self.f, i).decode()] for i in range(n)])
        self.input = row.pointers([self.lib.sd_function_input(self.f, i).decode() for i in range(self.lib.sd_function_inputs(self.f))])
        super().__init__(row, outputs or self.lengths(), self.lib.sd_function_workspace(self.f, self.size))
        self.call = c.cast(self.lib.sd_function_call, c.c_void_p)

    def lengths(self):
        array, all = sd.Array(), []
        for i in range(self.lib.sd_function_outputs(self.f)):
            self.lib.sd_function_output_shape(self.f, i, self.size, c.byref(array))
            all.append(int(np.prod(array.dim[:array.order])))
        return all

    def seconds(self, repeat):
        return self.timed(self.call, self.f, self.size, self.input, self.pointers, c.c_void_p(self.work.ctypes.data), repeat)


WRAPPER = """
int fun_entry(const size_t *size, const double *const *in, double *const *out, double *work) { (void)size; (void)in; return fun(%s); }
size_t fun_room(const size_t *size) { (void)size; return fun_workspace(%s); }
"""


class Emitted(Native):
    def __init__(self, row, outputs, lib, folder, target, constant, libraries=(), flags=()):
        q, code = Question(row), sd.Code()
        q.ctx.done(q.ctx.lib.sd_emit(q.ctx.handle, q.result, c.byref(q.options(constant, target)), c.byref(code)))
        source, header = q.ctx.text(code.source), q.ctx.text(code.header)
        parameters = re.search(r"int fun\(([^;]*)\);", header).group(1).split(",")
        args, sizes, names, outs = [], [], [], 0
        for p in parameters:
            name = re.search(r"(\w+)(\[.*\])?$", p.strip().replace("[fun_sd_array(", "[").replace(")]", "]")).group(1)
            array = "*" in p or "[" in p
            if "size_t" in p:
                args.append("size[%d]" % len(sizes))
                sizes.append(name)
            elif name == "work":
                args.append("work")
            elif "const" in p or not array:
                args.append("in[%d]" % len(names) + ("" if array else "[0]"))
                names.append(name)
            else:
                args.append("out[%d]" % outs)
                outs += 1
        room = ",".join("size[%d]" % i for i in range(len(sizes))) if re.search(r"fun_workspace\(size_t", header) else ""
        path = os.path.join(folder, "%s%d" % (target, constant))
        open(os.path.join(folder, "fun.h"), "w").write(header)
        open(path + ".c", "w").write(source + WRAPPER % (", ".join(args), room))
        self.path = path + "-" + re.sub(r"\W+", "_", row.name) + ".so"
        subprocess.run([CC, *FLAGS, *flags, "-shared", "-I", folder, path + ".c", "-o", self.path, *libraries, "-lm"], check=True)
        so = c.CDLL(self.path)
        so.fun_room.restype = c.c_size_t
        self.f, self.timed, self.wall = so.fun_entry, lib.of_emitted, target == "openmp"
        self.size = (c.c_size_t * 8)(*[row.sizes[s] for s in sizes])
        self.input = row.pointers(names)
        super().__init__(row, outputs, so.fun_room(self.size))

    def seconds(self, repeat):
        return self.timed(self.f, self.size, self.input, self.pointers, c.c_void_p(self.work.ctypes.data), repeat, self.wall)


class Python:
    """A call of a function of Python; its outputs are kept."""

    def seconds(self, repeat):
        start = time.process_time()
        for _ in range(repeat):
            self.kept = self.call()
        return (time.process_time() - start) / repeat

    def outputs(self):
        kept = self.kept if isinstance(self.kept, (tuple, list)) else [self.kept]
        return [np.asarray(k, dtype=float).ravel() for k in kept]


def arguments(f, row, convert):
    """What the function asks for: arrays, numbers for scalars, sizes."""
    for name in inspect.signature(f).parameters:
        if name in row.sizes:
            yield row.sizes[name]
        else:
            yield convert(row.data[name] if "%s: scalar" % name not in row.declare else row.data[name][0])


class NumPy(Python):
    def __init__(self, row):
        q = Question(row)
        f = q.printed("numpy", q.result, sd.WITH_VALUE if row.value else 0)
        given = list(arguments(f, row, lambda x: x))
        self.call = lambda: f(*given)


class Torch(Python):
    """The expression as PyTorch's own operations, the derivative by its automatic differentiation."""

    def __init__(self, row):
        q = Question(row)
        lib, ctx = q.ctx.lib, q.ctx
        lib.sd_value.restype, lib.sd_value.argtypes = c.c_void_p, [c.c_void_p, c.c_uint32]
        f = q.printed("torch", ctx.need(lib.sd_value(ctx.handle, q.expr)), 0)
        given = dict(zip(inspect.signature(f).parameters, arguments(f, row, lambda x: torch.tensor(x))))
        by = row.wrt.split(",") if row.wrt else []

        def of(*x):
            return f(**{**given, **dict(zip(by, x))})
        x = tuple(given[b] for b in by)
        if row.what == sd.GRADIENT:
            for t in x:
                t.requires_grad_()

            def gradient():
                value = of(*x)
                return ([value.detach()] if row.value else []) + list(torch.autograd.grad(value, x))
            self.call = gradient
        elif row.what == sd.HESSIAN:
            self.call = lambda: torch.autograd.functional.hessian(of, x[0])
        elif row.what == sd.HVP:
            v = torch.tensor(row.data[row.more["direction"]])
            self.call = lambda: torch.autograd.functional.vhp(of, x[0], v)[1]
        elif row.what == sd.JACOBIAN:
            self.call = lambda: [of(*x)] + list(torch.autograd.functional.jacobian(of, x))
        else:
            self.call = lambda: of()


# ---- a row -----------------------------------------------------------------------------------------------------------------------------
def difference(way, limit):
    worst = 0.0
    if len(way.outputs()) != len(limit.outputs()):
        return float("inf")
    for a, b in zip(way.outputs(), limit.outputs()):
        if a.size != b.size:
            return float("inf")
        worst = max(worst, float(np.max(np.abs(a - b)) / max(np.max(np.abs(b)), 1e-300)))
    return worst if worst == worst else float("inf")


def ways_of(row, outputs, lib, folder):
    fixed, peers = bool(row.sizes), row.more.get("peers", True)
    yield "C", lambda: Emitted(row, outputs, lib, folder, "c", False)
    if fixed:
        yield "C, sizes", lambda: Emitted(row, outputs, lib, folder, "c", True)
    yield "cblas", lambda: Emitted(row, outputs, lib, folder, "cblas", row.tiny, ["-llapacke", "-lopenblas"])
    yield "openmp", lambda: Emitted(row, outputs, lib, folder, "openmp", row.tiny, ["-fopenmp"], ["-fopenmp"])
    yield "JIT", lambda: Function(row, outputs, lib, False)
    if fixed:
        yield "JIT, sizes", lambda: Function(row, outputs, lib, True)
    yield "--jit cc", lambda: Function(row, outputs, lib, row.tiny, CC)
    if peers:
        yield "NumPy", lambda: NumPy(row)
    if peers and torch:
        yield "PyTorch", lambda: Torch(row)


def measure(row, lib, folder):
    first = Function(row, None, lib, False)
    outputs = [len(o) for o in first.out]
    limit = Limit(row, outputs, lib)
    limit.seconds(1)
    made, worst = {"by hand": limit}, 0.0
    for name, make in ways_of(row, outputs, lib, folder):
        try:
            way = make()
            way.seconds(1)
        except Exception as e:
            print("%s, %s: %s" % (row.name, name, str(e).split("\n")[0]), file=sys.stderr)
            continue
        d = difference(way, limit)
        if d > TOLERANCE:
            print("%s, %s: differs by %.1e" % (row.name, name, d), file=sys.stderr)
        else:
            worst, made[name] = max(worst, d), way
    took, repeat = {n: [] for n in made}, {}
    for name, way in made.items():
        once, n = way.seconds(1), 1
        while once * n < 2e-4 and n < 1 << 24:
            n *= 2
            once = way.seconds(n)
        repeat[name] = n
        took[name].append(once)
    turns = [n for n in made if took[n][0] < SLOW]  # what is far behind runs once
    rounds = max(3, min(ROUNDS, int(SECONDS / sum(took[n][0] * repeat[n] for n in turns))))
    for _ in range(rounds):
        for name in turns:
            took[name].append(made[name].seconds(repeat[name]))
    best = {n: min(t) for n, t in took.items()}
    least = min((n for n in BEST if n in best), key=best.get)
    return best, best[least], np.median(took[least]) / best[least], worst, first.compiled


def geometric(numbers):
    return float(np.exp(np.mean(np.log(numbers)))) if numbers else float("nan")


def shown(x):
    return "-" if x is None or x != x else "%.3g" % x if x < 100 else "%.0f" % x


def machine():
    cpu = next((x.split(":")[1].strip() for x in open("/proc/cpuinfo") if x.startswith("model name")), platform.machine())
    cc = subprocess.run([CC, "--version"], capture_output=True, text=True).stdout.split("\n")[0]
    commit = subprocess.run(["git", "-C", HERE, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    return ("%s, %d processors; %s; %s -O3 -march=native; NumPy %s; PyTorch %s; OpenBLAS on one thread; state %s; %s; load %.1f at the start."
            % (cpu, os.cpu_count(), platform.platform(), cc, np.__version__, torch.__version__ if torch else "not installed", commit,
               datetime.date.today().isoformat(), os.getloadavg()[0]))


def rows(words):
    for problem in problems.PROBLEMS:
        for i, sizes in enumerate(problem[8]):
            if sizes is not None:
                row = Row(problem, sizes, i == 0)
                if not words or any(w in row.name for w in words):
                    yield ("tiny", "medium", "large")[i], row


def table(lib, folder, words):
    lines = [machine(), "", "| function | best, us | spread | " + " | ".join(WAYS) + " | difference |", "| --- |" + " --- |" * (len(WAYS) + 3)]
    print("\n".join(lines), flush=True)
    ratios, done = {}, []
    for kind, row in rows(words):
        best, least, spread, worst, _ = measure(row, lib, folder)
        ratio = {n: best[n] / least for n in WAYS if n in best}
        line = "| %s | %.3g | %.2f | %s | %.0e |" % (row.name, least * 1e6, spread, " | ".join(shown(ratio.get(w)) for w in WAYS), worst)
        print(line, flush=True)
        jit = min(ratio.get("JIT", 1e9), ratio.get("JIT, sizes", 1e9))
        done.append((jit, line))
        for w in ratio:
            ratios.setdefault((kind, w), []).append(ratio[w])
        ratios.setdefault((kind, "the better of JIT"), []).append(jit)
        ratios.setdefault((kind, "the better of C, cblas"), []).append(min(ratio.get(w, 1e9) for w in ("C", "C, sizes", "cblas")))
    means = ["", "| geometric means | tiny | medium | large |", "| --- | --- | --- | --- |"]
    for w in WAYS + ["the better of JIT", "the better of C, cblas"]:
        means.append("| %s | %s |" % (w, " | ".join(shown(geometric(ratios.get((k, w), []))) for k in ("tiny", "medium", "large"))))
    print("\n".join(means))
    return "\n".join(lines + [line for _, line in sorted(done, key=lambda x: -x[0])] + means) + "\n"


def main():
    given, out = sys.argv[1:], None
    if "-o" in given:
        at = given.index("-o")
        out = given[at + 1]
        del given[at:at + 2]
    os.environ.setdefault("SYMDIFF_LIBRARY", os.path.join(given[0], "libsymdiff.so"))
    lib = c.CDLL(os.path.join(given[1], "limits.so"))
    for f in (lib.of_limit, lib.of_emitted, lib.of_function):
        f.restype = c.c_double
    lib.of_limit.argtypes = [c.c_void_p] * 5 + [c.c_long]
    lib.of_emitted.argtypes = [c.c_void_p] * 5 + [c.c_long, c.c_int]
    lib.of_function.argtypes = [c.c_void_p] * 6 + [c.c_long]
    text = table(lib, given[1], given[2:])
    if out:  # what stands between this heading and the next
        old = open(out).read()
        begin = old.index("## The table\n") + len("## The table\n")
        end = old.find("\n## ", begin)
        open(out, "w").write(old[:begin] + "\n" + text + (old[end:] if end >= 0 else ""))


main()
