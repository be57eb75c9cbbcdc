# SPDX-License-Identifier: MIT
"""symdiff: textbook derivatives of matrix expressions, and the same compiled in memory.

    >>> import symdiff
    >>> f = symdiff.parse("norm(X*t-Y)^2/N")
    >>> g = f.grad("t")
    >>> print(g)
    2/N*X'*(X*t-Y)
    >>> [round(x) for x in g(X=[[1, 2], [3, 4], [5, 6]], t=[1, -1], Y=[1, 1, 1], N=3)]
    [-12, -16]

Pure Python over libsymdiff (ctypes): no compiler, no NumPy needed. Where NumPy is there, arrays come back as NumPy arrays, and contiguous
float64 arrays are read without a copy; everything else is copied once. An error is a symdiff.Error with the caret under the place.
An expression owns its library context, so that nothing is shared between expressions; one expression is for one thread at a time;
what several threads may do with one is call it, or a derivative of it.
"""
from ._library import Error
from .expression import Expression, Loss, Result, Variable, equal, kkt, load, loss, parse, recursion, version

Error.__module__ = "symdiff"

__all__ = ["Error", "Expression", "Loss", "Result", "Variable", "equal", "kkt", "load", "loss", "parse", "recursion", "version"]
