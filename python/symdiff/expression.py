# SPDX-License-Identifier: MIT
"""Expressions, their derivatives, and what is compiled from them."""
import ctypes as c
import json
import keyword
import sys
from typing import NamedTuple

from . import _array
from ._library import (CURVATURES, DEFINITENESS, DERIVATIVE, GRADIENT, HESSIAN, HVP, JACOBIAN, JVP, ORDER, VALUE, VJP, WITH_VALUE, Argument, Array, Batch,
                       Check, Code, Context, Convexity, Definite, EmitOptions, Equality, Error, Pattern, Request, Solution,
                       StepsOptions, library)

JOIN = 3  # Jacobians and Hessians by several variables as one matrix
MODES = ["reverse", "forward", "differential"]
DOCUMENTS = ["text", "unicode", "markdown", "latex", "html"]


def _index(names, name):
    if name not in names:
        raise ValueError("%r: one of %s" % (name, ", ".join(names)))
    return names.index(name)


def version():
    """The version of the library, "0.1.0"."""
    return library().sd_version().decode()


def parse(text, declare=None, wrt=None, notation="auto", compiler=None, cache=None, progress=None):
    """The expression of a text. notation: plain, latex, numpy, or auto, which decides by what stands in the text.

    declare: declarations, "X: matrix(m,n); N: scalar positive"; what they leave open is inferred. wrt: the variables by which derivatives
    will be asked for, which helps to read words such as Ax. Raises Error with the place in the text.

    compiler: "cc", or another C compiler of the system, which then makes all functions, with -O3, in a tenth of a second and more; cache: a
    folder where they are kept.

    progress: called with (steps, bytes) while a long call works, of this expression and all that is made from it; where it returns False the
    call raises Error, and what it raises ends the call, too. With `progress=lambda *_: None` Ctrl-C ends a long derivation.
    """
    context = Context(wrt, notation, compiler, cache, progress)
    if declare:
        context.done(context.lib.sd_declare(context.handle, declare.encode(), None))
    handle = context.need(context.lib.sd_parse(context.handle, text.encode(), None))
    return Expression(context, handle)


def load(text):
    """The expression that Expression.save of the same version gave as text."""
    context = Context()
    return Expression(context, context.need(context.lib.sd_load(context.handle, text.encode())))


def equal(a, b, declare=None):
    """Are two texts the same function? True, False, or None if that is not decided."""
    context = Context()
    if declare:
        context.done(context.lib.sd_declare(context.handle, declare.encode(), None))
    pair, report = (c.c_uint32 * 2)(), Equality()
    context.done(context.lib.sd_parse_pair(context.handle, a.encode(), b.encode(), pair))
    context.done(context.lib.sd_equal(context.handle, pair[0], pair[1], 1, c.byref(report)))
    for p in (report.witness, report.value[0], report.value[1]):
        context.text(p)
    return None if report.undecided else bool(report.equal)


def kkt(objective, constraints, wrt, declare=None, format="text"):
    """The conditions for a minimum of the objective by wrt, line by line; constraints: texts such as "A*x <= b", "sum(x) == 1"."""
    context = Context(wrt)
    if declare:
        context.done(context.lib.sd_declare(context.handle, declare.encode(), None))
    texts = [constraints] if isinstance(constraints, str) else list(constraints)
    array = (c.c_char_p * max(1, len(texts)))(*[t.encode() for t in texts])
    options = StepsOptions(detail=1, format=_index(DOCUMENTS, format), seed=1)
    return context.text(context.need(context.lib.sd_kkt(context.handle, objective.encode(), len(texts), array, wrt.encode(),
                                                        c.byref(options), None)))


def recursion(unknown, map, declare=None, format="text"):
    """The affine recursion unknown <- map in closed form, its fixed point, and when it converges: recursion("w", "A*w+b")."""
    context = Context()
    if declare:
        context.done(context.lib.sd_declare(context.handle, declare.encode(), None))
    pair = (c.c_uint32 * 2)()
    context.done(context.lib.sd_parse_pair(context.handle, unknown.encode(), map.encode(), pair))
    options = StepsOptions(detail=1, format=_index(DOCUMENTS, format))
    return context.text(context.need(context.lib.sd_recursion(context.handle, pair[0], pair[1], c.byref(options))))


class _Shown:
    """What can be printed: an expression or the result of a derivation."""

    def _print(self, form, whole=False):
        ctx = self._context
        number = ctx.lib.sd_format_find(form.encode())
        if number < 0:
            raise ValueError("no format %r" % form)
        return ctx.text(ctx.need(ctx.lib.sd_print(ctx.handle, self._result(), number, 1 if whole else 0))).rstrip("\n")

    def __str__(self):
        return self._print("text")

    def __repr__(self):
        return "<symdiff %s>" % self._print("text", whole=True)

    def latex(self):
        return self._print("latex")

    def unicode(self):
        return self._print("unicode")

    def numpy(self):
        """NumPy code, as text."""
        return self._print("numpy")

    def format(self, name):
        """Any of the formats of `symdiff -f`: torch, jax, julia, matlab, eigen, einsum, dot, json, ..."""
        return self._print(name)

    def code(self, language, name=None, value=False):
        """A whole function of that language, to be pasted: numpy, torch, jax, julia, matlab, r, eigen."""
        ctx = self._context
        number = ctx.lib.sd_format_find(language.encode())
        if number < 0:
            raise ValueError("no language %r" % language)
        return ctx.text(ctx.need(ctx.lib.sd_print_function(ctx.handle, self._result(), number, name.encode() if name else None,
                                                           WITH_VALUE if value else 0)))

    def tree(self):
        """The formula as calls, names and numbers: {"call": "*", "args": [{"name": "A"}, {"name": "x"}]}; a dictionary by label for several."""
        ctx = self._context
        entries = json.loads(ctx.text(ctx.need(ctx.lib.sd_dump(ctx.handle, self._result(), b"tree"))))
        return entries[0]["tree"] if len(entries) == 1 else {e["label"]: e["tree"] for e in entries}

    def _repr_latex_(self):
        return "$\\displaystyle %s$" % self.latex()

    def c(self, name="symdiff_f", value=False, sizes=None):
        """(source, header) of self-contained C99. value: the value of the expression is computed as well; sizes: "m=10,n=3"."""
        ctx, code = self._context, Code()
        options = EmitOptions(name=name.encode(), value=value, primal=self._primal(), sizes=sizes.encode() if sizes else None)
        ctx.done(ctx.lib.sd_emit(ctx.handle, self._result(), c.byref(options), c.byref(code)))
        return ctx.text(code.source), ctx.text(code.header)

    def __call__(self, **data):
        return self._function(False)(data)

    def batch(self, threads=1, **data):
        """The numbers at many parameter sets: an argument with one axis more than the formula has differs from set to set, along its first
        axis, the others are shared. So is the first axis of the answer. A set without a value is NaN."""
        return self._function(False).batch(data, threads)


class Variable(NamedTuple):
    shape: str          # as it is declared: "matrix(m,n)"
    axes: tuple         # the size of each axis, ("m", "n")
    properties: tuple   # ("symmetric", "positive")
    declared: bool      # else inferred from how it is used


class Expression(_Shown):
    """A parsed formula. Call it with data by name for its value."""

    def __init__(self, context, handle):
        self._context, self._handle, self._value, self._compiled = context, handle, None, {}
        self._notes = (context.text(context.lib.sd_notes(context.handle)) or "").splitlines()

    def _derive(self, **fields):
        ctx = self._context
        request = Request(**{k: v.encode() if isinstance(v, str) else v for k, v in fields.items() if v is not None})
        return ctx.need(ctx.lib.sd_derive(ctx.handle, self._handle, c.byref(request)))

    def _result(self):
        if self._value is None:
            self._value = self._derive(what=VALUE)
        return self._value

    def _primal(self):
        return self._handle

    @property
    def variables(self):
        """What is known of each variable, by name: {"X": Variable(shape="matrix(m,n)", axes=("m", "n"), properties=(), ...)}."""
        ctx, n = self._context, c.c_size_t()
        block = ctx.lib.sd_variables(ctx.handle, self._handle, c.byref(n))
        if not block:
            ctx.fail()
        found = {}
        for v in block[:n.value]:
            axes = tuple(v.axis[k].decode() for k in range(v.order))
            found[v.name.decode()] = Variable(v.shape.decode(), axes, tuple(v.properties.decode().split()), v.certainty == 0)
        ctx.lib.sd_free(ctx.handle, c.cast(block, c.c_void_p))
        return found

    @property
    def notes(self):
        """What was read by habit although a person could mean it otherwise."""
        return list(self._notes)

    def _function(self, value):
        with self._context.compiling:
            if None not in self._compiled:
                self._compiled[None] = Function(self, self._result(), False)
        return self._compiled[None]

    # ---- derivatives ----
    def grad(self, wrt):
        """The gradient of a scalar, in the shape of the variable; of several, "x1,x2", one entry for each."""
        return Result(self, self._derive(what=GRADIENT, wrt=wrt))

    def jacobian(self, wrt):
        return Result(self, self._derive(what=JACOBIAN, wrt=wrt))

    def hessian(self, wrt):
        return Result(self, self._derive(what=HESSIAN, wrt=wrt))

    def derivative(self, wrt, order=1):
        """The gradient of a scalar, the Jacobian of a vector, a tensor otherwise; of any order."""
        return Result(self, self._derive(what=DERIVATIVE, wrt=wrt, order=order))

    def hvp(self, wrt, direction):
        """The Hessian times a direction; the Hessian is never formed. A new name becomes a variable: f.hvp("x", "v")."""
        return Result(self, self._derive(what=HVP, wrt=wrt, direction=direction))

    def jvp(self, wrt, direction):
        return Result(self, self._derive(what=JVP, wrt=wrt, direction=direction))

    def vjp(self, wrt, cotangent):
        return Result(self, self._derive(what=VJP, wrt=wrt, direction=cotangent))

    # ---- other forms of the same ----
    def expand(self):
        """Everything multiplied out; print() shows it."""
        return Result(self, self._context.need(self._context.lib.sd_expand(self._context.handle, self._handle)))

    def factor(self):
        return Result(self, self._context.need(self._context.lib.sd_factor(self._context.handle, self._handle)))

    def simplify(self, collect=None):
        """The shortest form; collect: by the powers of that variable."""
        word = collect.encode() if collect else None
        return Result(self, self._context.need(self._context.lib.sd_simplify(self._context.handle, self._handle, word)))

    def save(self):
        """Declarations and formula as text, for symdiff.load of the same version."""
        ctx = self._context
        return ctx.text(ctx.need(ctx.lib.sd_save(ctx.handle, self._handle)))

    def substitute(self, **places):
        """f.substitute(x="A*y", S="B+B'"): the formula with these in the places of its variables, all at once."""
        ctx, n = self._context, len(places)
        parsed = [ctx.need(ctx.lib.sd_parse(ctx.handle, str(t).encode(), None)) for t in places.values()]
        names = (c.c_char_p * n)(*[name.encode() for name in places])
        with_ = (c.c_uint32 * n)(*parsed)
        return Expression(ctx, ctx.need(ctx.lib.sd_substitute(ctx.handle, self._handle, n, names, with_)))

    def graph(self, wrt=None):
        """The computation graph in the language of Graphviz, by the variables of wrt or by all."""
        ctx = self._context
        return ctx.text(ctx.need(ctx.lib.sd_graph(ctx.handle, self._handle, wrt.encode() if wrt else None, None)))

    # ---- judgements ----
    def check(self, wrt, order=1, seed=1):
        """Does the derivative agree with central differences at random points? (bool, largest relative error)"""
        ctx, report = self._context, Check()
        request = Request(what=DERIVATIVE, wrt=wrt.encode(), order=order)
        ctx.done(ctx.lib.sd_check(ctx.handle, self._handle, c.byref(request), None, None, seed, c.byref(report)))
        return bool(report.ok and report.points), report.worst

    def convex(self, wrt=None, seed=1, psd=False):
        """("convex" | "concave" | "affine" | "neither" | "unknown", reasons), jointly in the variables of wrt, or in all. psd: of a symmetric
        matrix, ("positive definite" | "positive semidefinite" | ... | "indefinite" | "unknown", reasons)."""
        ctx, report = self._context, Definite() if psd else Convexity()
        if psd:
            if wrt is not None:
                raise ValueError("a matrix is judged for all of its variables: leave wrt out")
            ctx.done(ctx.lib.sd_definiteness(ctx.handle, self._handle, seed, c.byref(report)))
        else:
            ctx.done(ctx.lib.sd_convexity_of(ctx.handle, self._handle, wrt.encode() if wrt else None, seed, c.byref(report)))
            ctx.text(report.strong), ctx.text(report.points)  # the reasons say it, too
        return (DEFINITENESS if psd else CURVATURES)[report.verdict], (ctx.text(report.reasons) or "").splitlines()

    def solve(self, wrt, subject_to=None):
        """(answer or None, reasons): the stationary point by wrt in closed form, as text; of several unknowns, "w,b", a line "w = ..." each.
        subject_to: an equation such as "A*x == b", or several."""
        ctx, report = self._context, Solution()
        texts = [subject_to] if isinstance(subject_to, str) else list(subject_to or [])
        sides = [text.split("==") for text in texts]
        if any(len(pair) != 2 for pair in sides):
            raise ValueError("subject_to: an equation such as 'A*x == b'")
        zeros = ["(%s)-(%s)" % tuple(pair) for pair in sides]
        joined = zeros[0] if len(zeros) == 1 else "[%s]" % "; ".join(zeros)
        constraint = ctx.need(ctx.lib.sd_parse(ctx.handle, joined.encode(), None)) if zeros else 0
        ctx.done(ctx.lib.sd_solve(ctx.handle, self._handle, constraint, wrt.encode(), c.byref(report)))
        return ctx.text(report.answer), (ctx.text(report.reasons) or "").splitlines()

    def steps(self, wrt, mode="reverse", detail=1, format="text", hessian=False):
        """The derivation line by line, each of which has been checked. mode: reverse, forward, differential; format: text, unicode,
        markdown, latex, html."""
        ctx = self._context
        options = StepsOptions(mode=_index(MODES, mode), detail=detail, format=_index(DOCUMENTS, format), seed=1)
        request = Request(what=HESSIAN if hessian else DERIVATIVE, wrt=wrt.encode())
        return ctx.text(ctx.need(ctx.lib.sd_steps(ctx.handle, self._handle, c.byref(request), c.byref(options))))


class Result(_Shown):
    """A derivative: one entry, or a labelled one for each variable."""

    def __init__(self, expression, handle):
        self._expression, self._context, self._handle, self._compiled = expression, expression._context, handle, {}

    def _result(self):
        return self._handle

    def _primal(self):
        return self._expression._handle

    def _function(self, value):
        with self._context.compiling:
            if value not in self._compiled:
                self._compiled[value] = Function(self, self._handle, value)
        return self._compiled[value]

    def with_value(self, **data):
        """(value of the expression, derivative) from one compiled function that shares what both need."""
        return self._function(True)(data)

    def batch_with_value(self, threads=1, **data):
        """(values, derivatives) at many parameter sets, as batch."""
        return self._function(True).batch(data, threads)

    def joined(self, **data):
        """A Hessian or Jacobian by several scalars and vectors as one matrix, its blocks in the order of the variables."""
        function = self._function("joined")
        if self._context.lib.sd_function_outputs(function.handle) > 1:
            raise Error("only the blocks of a Hessian or Jacobian by scalars and vectors make one matrix")
        return function(data)

    def sparse(self, **sizes):
        """A Jacobian or Hessian at these sizes (n=1000) as the entries that may be other than 0; by several variables it is one matrix."""
        return Sparse(self, sizes)

    def labels(self):
        lib = self._context.lib
        return [lib.sd_result_label(self._handle, i).decode() for i in range(lib.sd_result_count(self._handle))]


class Function:
    """A compiled function that takes its sizes from the shapes of its arguments. The sizes, the workspace and the shapes of the answers are
    found once for every set of shapes; a call is then one call of C.
    """

    def __init__(self, owner, result, value, **more):
        ctx, lib = owner._context, owner._context.lib
        if value == "joined":
            value, more = False, {"joined": JOIN}
        options = EmitOptions(value=value, primal=owner._primal(), dense=1, **more)
        self.owner, self.lib, self.value, self.call = owner, lib, value, lib.sd_function_call
        self.handle = ctx.need(lib.sd_compile(ctx.handle, result, c.byref(options)))
        self.names, self.types = [], []
        told = Argument()
        while lib.sd_function_input_at(self.handle, len(self.names), c.byref(told)):
            self.names.append(told.name.decode())
            self.types.append([told.axis[k].decode() for k in range(told.order)])
        self.dims = [lib.sd_function_dim(self.handle, i).decode() for i in range(lib.sd_function_dims(self.handle))]
        self.labels = ["value"] * bool(value) + (owner.labels() if isinstance(owner, Result) else [""])
        self.known = {}  # by the shapes of the inputs

    def __del__(self):
        if getattr(self, "handle", None):
            self.lib.sd_function_free(self.handle)
            self.handle = None

    def _describe(self, i):
        return "(%s)" % ", ".join(self.types[i]) if self.types[i] else "a number"

    def _plan(self, shapes, given):
        """The sizes, the workspace and the shapes of the outputs for inputs of these shapes."""
        lib, n = self.lib, len(self.names)
        arrays = (Array * max(1, n))(*[Array(order=len(s), dim=(c.c_size_t * ORDER)(*s)) for s in shapes])
        dims = (c.c_size_t * max(1, len(self.dims)))(*[int(given.get(d, 0)) for d in self.dims])
        culprit = c.c_size_t(0)
        status = lib.sd_function_sizes(self.handle, arrays, dims, c.byref(culprit))
        at = culprit.value
        if status and at < n:
            have = ", ".join("%s %s" % (x, tuple(s)) for x, s in zip(self.names, shapes))
            raise Error("%s has the shape %s where %s is expected; given are %s" %
                        (self.names[at], tuple(shapes[at]), self._describe(at), have), status)
        if status:
            size = self.dims[at - n]
            raise Error("no argument tells the size %s; give it as %s=10" % (size, size), status)
        outputs, shape = [], Array()
        for i in range(lib.sd_function_outputs(self.handle)):
            if lib.sd_function_output_shape(self.handle, i, dims, c.byref(shape)):
                raise Error("an answer would have a negative size")
            outputs.append(tuple(shape.dim[k] for k in range(shape.order)))
        doubles = lib.sd_function_workspace(self.handle, dims)
        if doubles > sys.maxsize // 8:
            raise MemoryError("symdiff: a workspace of %d numbers" % doubles)
        return dims, doubles, outputs, [], c.c_void_p * max(1, n), c.c_void_p * max(1, len(outputs))

    def _inputs(self, data):
        for x in self.names:
            if x not in data:
                if x + "_" in data and keyword.iskeyword(x):  # lambda_=0.1
                    data[x] = data.pop(x + "_")
                    continue
                raise Error("no data for " + ", ".join(x for x in self.names if x not in data))
        return [_array.take(data[x]) for x in self.names]

    def batch(self, data, threads):
        inputs = self._inputs(data)
        shapes, steps, count = [], [], None
        for i, (shape, _, _) in enumerate(inputs):
            varies = len(shape) == len(self.types[i]) + 1
            if varies and count not in (None, shape[0]):
                raise Error("%s has %d sets, the arguments before it %d" % (self.names[i], shape[0], count))
            count = shape[0] if varies else count
            shapes.append(shape[1:] if varies else shape)
            steps.append(varies)
            for n in shape[1:] if varies else ():
                steps[i] *= n
        count = 1 if count is None else count
        given = {d: data[d] for d in self.dims if d in data and d not in self.names}
        dims, _, outputs, _, In, Out = self._plan(shapes, given)
        results = [_array.room((count,) + s) for s in outputs]
        sets = Batch(count=count, step=(c.c_size_t * max(1, len(steps)))(*steps), threads=threads)
        status = self.lib.sd_function_call_batch(self.handle, dims, In(*[x[1] for x in inputs]), Out(*[r[0] for r in results]), c.byref(sets))
        if status == -2:
            raise MemoryError("symdiff: workspaces of a batch")
        if status < 0:
            raise Error("the batch cannot be computed: " + self.lib.sd_function_failure(status).decode(), status)
        return self._pack([r[1]() for r in results])

    def __call__(self, data):
        inputs = self._inputs(data)
        key = tuple([x[0] for x in inputs])
        if self.dims:
            key += tuple([data.get(d) for d in self.dims])  # a size that no input tells may be given
        plan = self.known.get(key)
        if plan is None:
            given = {d: data[d] for d in self.dims if d in data and d not in self.names}
            plan = self.known[key] = self._plan([x[0] for x in inputs], given)
        dims, doubles, outputs, spare, In, Out = plan
        try:  # a workspace for each call that runs at the same time
            work = spare.pop()
        except IndexError:
            work = (c.c_double * max(1, doubles))()
        results = [_array.room(s) for s in outputs]
        status = self.call(self.handle, dims, In(*[x[1] for x in inputs]), Out(*[r[0] for r in results]), work)
        spare.append(work)
        if status:
            raise Error("there is no value: " + self.lib.sd_function_failure(status).decode(), status)
        return self._pack([r[1]() for r in results])

    def _pack(self, values):
        front, rest = (values[:1], values[1:]) if self.value else ([], values)
        answer = rest[0] if len(rest) == 1 else dict(zip(self.labels[len(front):], rest))
        return (front[0], answer) if front else answer


class Sparse:
    """The entries of a matrix that may be other than 0, row by row (CSR): those of row k are start[k] to start[k+1]-1, entry j stands in column
    index[j]. Called with data it gives them: scipy.sparse.csr_matrix((s(**data), s.index, s.start), s.shape).
    """

    def __init__(self, result, sizes):
        ctx, pattern = result._context, Pattern()
        text = ",".join("%s=%d" % x for x in sizes.items()).encode()
        options = EmitOptions(sizes=text, sparse=1)
        ctx.done(ctx.lib.sd_sparsity(ctx.handle, result._handle, 0, c.byref(options), c.byref(pattern)))
        self.shape = (pattern.rows, pattern.columns)
        self.start, self.index = pattern.start[:pattern.rows + 1], pattern.index[:pattern.entries]
        ctx.lib.sd_free(ctx.handle, pattern.start)
        with ctx.compiling:
            self._function = Function(result, result._handle, False, sizes=text, sparse=1)

    def __call__(self, **data):
        return self._function(data)


class Loss:
    """A scalar function of one variable for optimisers: call it with the variable and get (value, gradient).

        f = symdiff.loss("norm(X*t-Y)^2/N", x="t", X=X, Y=Y, N=len(Y))
        scipy.optimize.minimize(f, t0, jac=True, hessp=f.hessp, method="Newton-CG")
    """

    def __init__(self, text, x, declare=None, **data):
        self.expression, self.x, self.data = parse(text, declare, wrt=x), x, data
        self.gradient = self.expression.grad(x)
        self._product = None

    def __call__(self, x):
        return self.gradient.with_value(**{self.x: x}, **self.data)

    def hessp(self, x, p):
        """The Hessian at x times p, without the Hessian."""
        if self._product is None:
            self._product = self.expression.hvp(self.x, "direction_p")
        return self._product(**{self.x: x, "direction_p": p}, **self.data)


def loss(text, x, declare=None, **data):
    return Loss(text, x, declare, **data)
