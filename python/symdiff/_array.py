# SPDX-License-Identifier: MIT
"""Numbers in and out. What has a buffer of contiguous doubles is read in place; lists and everything else are copied into one."""
import ctypes as c

try:
    import numpy
except ImportError:  # lists come back then
    numpy = None


def _shape_of(x):
    shape = []
    while isinstance(x, (list, tuple)):
        shape.append(len(x))
        x = x[0] if x else 0.0
    return shape


def _flatten(x, shape, out):
    if not shape:
        out.append(float(x))
        return
    if not isinstance(x, (list, tuple)) or len(x) != shape[0]:
        raise ValueError("rows of different lengths")
    for y in x:
        _flatten(y, shape[1:], out)


def _copied(x):
    """A list, a number, or a buffer of something else than doubles."""
    shape, values = _shape_of(x), []
    _flatten(x, shape, values)
    block = (c.c_double * max(1, len(values)))(*values)
    return tuple(shape), c.addressof(block), block


def _viewed(x):
    """What has a buffer, as array.array has, without NumPy."""
    view = memoryview(x)
    if view.format == "d" and view.c_contiguous and not view.readonly:
        block = (c.c_double * (view.nbytes // 8)).from_buffer(x)
        return tuple(view.shape), c.addressof(block), block
    return _copied(view.tolist())


def take(x):
    """(shape, address of the doubles, what keeps them alive): an argument, in place if it is contiguous doubles, else copied."""
    if type(x) is float or type(x) is int:
        block = c.c_double(x)
        return (), c.addressof(block), block
    if numpy is not None:
        if type(x) is not numpy.ndarray or x.dtype != numpy.float64 or not x.flags.c_contiguous:
            x = numpy.asarray(x)
            if x.dtype.kind not in "fiub":
                raise TypeError("not numbers: %r" % x.dtype)
            x = numpy.asarray(x, dtype=numpy.float64, order="C")
        return x.shape, x.__array_interface__["data"][0], x
    try:
        return _viewed(x)
    except TypeError:
        return _copied(x)


def room(shape):
    """An output of this shape: its address, and a function that gives it to the caller."""
    if numpy is not None:
        a = numpy.empty(shape)
        return a.__array_interface__["data"][0], (lambda: float(a)) if not shape else (lambda: a)
    n = 1
    for d in shape:
        n *= d
    buffer = (c.c_double * max(1, n))()

    def build(at, dims):
        if not dims:
            return buffer[at], at + 1
        row = []
        for _ in range(dims[0]):
            x, at = build(at, dims[1:])
            row.append(x)
        return row, at
    return c.addressof(buffer), lambda: build(0, list(shape))[0]
