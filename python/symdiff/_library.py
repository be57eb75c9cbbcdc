# SPDX-License-Identifier: MIT
"""The C interface of include/symdiff.h as ctypes: structures in the order of the header, functions with their types.

The library is looked for, in this order: SYMDIFF_LIBRARY, the build tree that this file stands in, lib/ beside an installed package, and
where the system looks for libraries. Structures that the caller fills have room behind them, so that a library with more fields reads zeros.
"""
import ctypes as c
import ctypes.util
import os
import threading

ORDER = 12  # SD_MAX_ORDER
ROOM = c.c_ubyte * 512


class ErrorRecord(c.Structure):
    _fields_ = [("code", c.c_int), ("begin", c.c_uint32), ("end", c.c_uint32), ("other_begin", c.c_uint32),
                ("other_end", c.c_uint32), ("source_name", c.c_char_p), ("source", c.c_char_p),
                ("message", c.c_char * 512), ("hint", c.c_char * 256)]


class Options(c.Structure):
    _fields_ = [("allocator", c.c_void_p), ("limits", c.c_void_p), ("scalar", c.c_int), ("wrt", c.c_char_p),
                ("from", c.c_int), ("debug", c.c_int), ("compiler", c.c_char_p), ("cache", c.c_char_p), ("room", ROOM)]


class Request(c.Structure):
    _fields_ = [("what", c.c_int), ("wrt", c.c_char_p), ("direction", c.c_char_p), ("order", c.c_int),
                ("layout", c.c_int), ("around", c.c_char_p), ("symmetric", c.c_int), ("room", ROOM)]


class Array(c.Structure):
    _fields_ = [("order", c.c_int), ("dim", c.c_size_t * ORDER), ("data", c.POINTER(c.c_double))]


class Argument(c.Structure):
    _fields_ = [("name", c.c_char_p), ("order", c.c_int), ("axis", c.c_char_p * ORDER), ("room", c.c_uint64 * 8)]


class Variable(c.Structure):
    _fields_ = [("name", c.c_char_p), ("order", c.c_int), ("axis", c.c_char_p * 2), ("shape", c.c_char_p),
                ("properties", c.c_char_p), ("is_function", c.c_int), ("certainty", c.c_int),
                ("room", c.c_uint64 * 8)]  # the library makes arrays of these


class EmitOptions(c.Structure):
    _fields_ = [("name", c.c_char_p), ("value", c.c_int), ("primal", c.c_uint32), ("sizes", c.c_char_p),
                ("header", c.c_char_p), ("dense", c.c_int), ("arguments", c.c_char_p), ("file", c.c_char_p),
                ("real", c.c_char_p), ("include", c.c_char_p), ("joined", c.c_int), ("columns", c.c_int), ("header_only", c.c_int),
                ("leading", c.c_int), ("target", c.c_char_p), ("sparse", c.c_int), ("trial", c.c_int), ("shard", c.c_char_p),
                ("room", ROOM)]


class Pattern(c.Structure):
    _fields_ = [("rows", c.c_size_t), ("columns", c.c_size_t), ("entries", c.c_size_t),
                ("start", c.POINTER(c.c_int)), ("index", c.POINTER(c.c_int)), ("room", ROOM)]


class Batch(c.Structure):
    _fields_ = [("count", c.c_size_t), ("step", c.POINTER(c.c_size_t)), ("threads", c.c_uint), ("status", c.POINTER(c.c_int)),
                ("binding", c.c_void_p), ("room", ROOM)]


class Code(c.Structure):
    _fields_ = [("source", c.c_void_p), ("header", c.c_void_p)]


class Check(c.Structure):
    _fields_ = [("worst", c.c_double), ("exact", c.c_double), ("tolerance", c.c_double), ("ok", c.c_int),
                ("points", c.c_int), ("detail", c.c_char * 256), ("not_differentiable", c.c_int),
                ("has_partials", c.c_int), ("note", c.c_char * 1024), ("room", ROOM)]


class Equality(c.Structure):
    _fields_ = [("equal", c.c_int), ("undecided", c.c_int), ("evidence", c.c_int), ("points", c.c_int),
                ("one_sided", c.c_int), ("detail", c.c_char * 256), ("witness", c.c_void_p),
                ("value", c.c_void_p * 2), ("relation", c.c_char * 256), ("room", ROOM)]


class Convexity(c.Structure):
    _fields_ = [("verdict", c.c_int), ("reasons", c.c_void_p), ("strong", c.c_void_p), ("points", c.c_void_p), ("room", ROOM)]


class Definite(c.Structure):
    _fields_ = [("verdict", c.c_int), ("reasons", c.c_void_p), ("room", ROOM)]


class Solution(c.Structure):
    _fields_ = [("found", c.c_int), ("solution", c.c_uint32), ("answer", c.c_void_p), ("reasons", c.c_void_p),
                ("further", c.c_uint32 * 7), ("room", ROOM)]


class StepsOptions(c.Structure):
    _fields_ = [("mode", c.c_int), ("detail", c.c_int), ("format", c.c_int), ("seed", c.c_uint),
                ("data", c.c_void_p), ("room", ROOM)]


# sd_what, sd_format and sd_curvature, in the order of the header
DERIVATIVE, GRADIENT, JACOBIAN, HESSIAN, HVP, JVP, VJP, VALUE, ALONG, DIFFERENTIAL, TAYLOR = range(11)
WITH_VALUE = 4  # of sd_print_function
CURVATURES = ["unknown", "convex", "concave", "affine", "neither"]
DEFINITENESS = ["unknown", "positive definite", "positive semidefinite", "negative definite", "negative semidefinite", "indefinite"]

_tell = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_size_t, c.c_size_t)
_ctx, _expr, _res, _fun, _data = c.c_void_p, c.c_uint32, c.c_void_p, c.c_void_p, c.c_void_p
_PROTOTYPES = {
    "sd_context_new": (_ctx, [c.POINTER(Options)]),
    "sd_context_free": (None, [_ctx]),
    "sd_last_error": (c.POINTER(ErrorRecord), [_ctx]),
    "sd_error_text": (c.c_void_p, [_ctx, c.POINTER(ErrorRecord)]),
    "sd_progress": (None, [_ctx, _tell, c.c_void_p]),
    "sd_free": (None, [_ctx, c.c_void_p]),
    "sd_version": (c.c_char_p, []),
    "sd_notation_find": (c.c_int, [c.c_char_p]),
    "sd_declare": (c.c_int, [_ctx, c.c_char_p, c.c_char_p]),
    "sd_parse": (_expr, [_ctx, c.c_char_p, c.c_char_p]),
    "sd_save": (c.c_void_p, [_ctx, _expr]),
    "sd_load": (_expr, [_ctx, c.c_char_p]),
    "sd_dump": (c.c_void_p, [_ctx, _res, c.c_char_p]),
    "sd_sparsity": (c.c_int, [_ctx, _res, c.c_size_t, c.POINTER(EmitOptions), c.POINTER(Pattern)]),
    "sd_parse_pair": (c.c_int, [_ctx, c.c_char_p, c.c_char_p, c.POINTER(_expr)]),
    "sd_legend": (c.c_void_p, [_ctx, _expr]),
    "sd_derive": (_res, [_ctx, _expr, c.POINTER(Request)]),
    "sd_result_count": (c.c_size_t, [_res]),
    "sd_result_label": (c.c_char_p, [_res, c.c_size_t]),
    "sd_result_row": (c.c_char_p, [_res, c.c_size_t]),
    "sd_result_column": (c.c_char_p, [_res, c.c_size_t]),
    "sd_result_expr": (_expr, [_res, c.c_size_t]),
    "sd_print": (c.c_void_p, [_ctx, _res, c.c_int, c.c_uint]),
    "sd_format_find": (c.c_int, [c.c_char_p]),
    "sd_emit": (c.c_int, [_ctx, _res, c.POINTER(EmitOptions), c.POINTER(Code)]),
    "sd_data_new": (_data, [_ctx]),
    "sd_data_free": (None, [_data]),
    "sd_data_set": (c.c_int, [_data, c.c_char_p, c.POINTER(Array)]),
    "sd_evaluate": (c.c_int, [_ctx, _res, _data, c.POINTER(Array)]),
    "sd_compile": (_fun, [_ctx, _res, c.POINTER(EmitOptions)]),
    "sd_function_free": (None, [_fun]),
    "sd_function_inputs": (c.c_size_t, [_fun]),
    "sd_function_input": (c.c_char_p, [_fun, c.c_size_t]),
    "sd_function_dims": (c.c_size_t, [_fun]),
    "sd_function_dim": (c.c_char_p, [_fun, c.c_size_t]),
    "sd_function_outputs": (c.c_size_t, [_fun]),
    "sd_variables": (c.POINTER(Variable), [_ctx, _expr, c.POINTER(c.c_size_t)]),
    "sd_function_input_at": (c.c_int, [_fun, c.c_size_t, c.POINTER(Argument)]),
    "sd_function_output_at": (c.c_int, [_fun, c.c_size_t, c.POINTER(Argument)]),
    "sd_function_sizes": (c.c_int, [_fun, c.POINTER(Array), c.POINTER(c.c_size_t), c.POINTER(c.c_size_t)]),
    "sd_function_output_shape": (c.c_int, [_fun, c.c_size_t, c.POINTER(c.c_size_t), c.POINTER(Array)]),
    "sd_function_failure": (c.c_char_p, [c.c_int]),
    "sd_function_workspace": (c.c_size_t, [_fun, c.POINTER(c.c_size_t)]),
    "sd_function_call_batch": (c.c_int, [_fun, c.c_void_p, c.c_void_p, c.c_void_p, c.c_void_p]),
    "sd_function_call": (c.c_int, [_fun, c.c_void_p, c.c_void_p, c.c_void_p, c.c_void_p]),
    "sd_notes": (c.c_void_p, [_ctx]),
    "sd_steps": (c.c_void_p, [_ctx, _expr, c.POINTER(Request), c.POINTER(StepsOptions)]),
    "sd_check": (c.c_int, [_ctx, _expr, c.POINTER(Request), _data, c.c_char_p, c.c_uint, c.POINTER(Check)]),
    "sd_equal": (c.c_int, [_ctx, _expr, _expr, c.c_uint, c.POINTER(Equality)]),
    "sd_definiteness": (c.c_int, [_ctx, _expr, c.c_uint, c.POINTER(Definite)]),
    "sd_convexity_of": (c.c_int, [_ctx, _expr, c.c_char_p, c.c_uint, c.POINTER(Convexity)]),
    "sd_expand": (_res, [_ctx, _expr]),
    "sd_substitute": (_expr, [_ctx, _expr, c.c_size_t, c.POINTER(c.c_char_p), c.POINTER(_expr)]),
    "sd_factor": (_res, [_ctx, _expr]),
    "sd_simplify": (_res, [_ctx, _expr, c.c_char_p]),
    "sd_print_function": (c.c_void_p, [_ctx, _res, c.c_int, c.c_char_p, c.c_uint]),
    "sd_graph": (c.c_void_p, [_ctx, _expr, c.c_char_p, c.POINTER(StepsOptions)]),
    "sd_kkt": (c.c_void_p, [_ctx, c.c_char_p, c.c_size_t, c.POINTER(c.c_char_p), c.c_char_p, c.POINTER(StepsOptions), c.POINTER(_expr)]),
    "sd_recursion": (c.c_void_p, [_ctx, _expr, _expr, c.POINTER(StepsOptions)]),
    "sd_solve": (c.c_int, [_ctx, _expr, _expr, c.c_char_p, c.POINTER(Solution)]),
}


class Error(Exception):
    """What the library refuses: the message, the source line, carets, the hint. `code` is its sd_status."""

    def __init__(self, text, code=0):
        super().__init__(text)
        self.code = code


def _candidates():
    here = os.path.dirname(os.path.abspath(__file__))
    if os.environ.get("SYMDIFF_LIBRARY"):
        yield os.environ["SYMDIFF_LIBRARY"]
        return
    yield os.path.join(here, "..", "..", "build", "libsymdiff.so")
    for up in ("../..", "../../..", "../../../.."):  # lib/, lib/python3/dist-packages/
        yield os.path.join(here, up, "libsymdiff.so")
        yield os.path.join(here, up, "lib", "libsymdiff.so")
    found = ctypes.util.find_library("symdiff")
    if found:
        yield found
    yield "libsymdiff.so.0"


_loaded = None


def library():
    """libsymdiff, loaded when it is first needed."""
    global _loaded
    if _loaded is None:
        tried = []
        for name in _candidates():
            try:
                _loaded = c.CDLL(name)
                break
            except OSError as e:
                tried.append(str(e))
        else:
            raise Error("libsymdiff is not found; set SYMDIFF_LIBRARY to libsymdiff.so\n" + "\n".join(tried))
        for name, (result, arguments) in _PROTOTYPES.items():
            f = getattr(_loaded, name)
            f.restype, f.argtypes = result, arguments
    return _loaded


def _relay(progress, raised):
    """progress(steps, bytes) for C: no exception may pass through, it is raised where the call ends."""
    def tell(_, steps, size):
        try:
            return 1 if progress(steps, size) is False else 0
        except BaseException as e:
            raised[:] = [e]
            return 1
    return _tell(tell)


class Context:
    """A library context, freed with the last object that needs it."""

    def __init__(self, wrt=None, notation="auto", compiler=None, cache=None, progress=None):
        self.lib = library()
        self.compiling = threading.Lock()  # a derivative that several threads call is compiled by the first of them
        options = Options(wrt=wrt.encode() if wrt else None, compiler=compiler.encode() if compiler else None,
                          cache=cache.encode() if cache else None)
        setattr(options, "from", self.lib.sd_notation_find(notation.encode()))
        if getattr(options, "from") < 0:
            raise ValueError("%r: no notation; auto, plain, latex or numpy" % notation)
        self.handle = self.lib.sd_context_new(c.byref(options))
        if not self.handle:
            raise MemoryError("symdiff: no context")
        self.raised, self.told = [], None
        if progress:
            self.told = _relay(progress, self.raised)  # lives as long as the context
            self.lib.sd_progress(self.handle, self.told, None)

    def __del__(self):
        if getattr(self, "handle", None):
            self.lib.sd_context_free(self.handle)
            self.handle = None

    def text(self, pointer):
        """A string that the library returned, which is then freed."""
        if not pointer:
            return None
        s = c.string_at(pointer).decode()
        self.lib.sd_free(self.handle, pointer)
        return s

    def fail(self):
        if self.raised:
            raise self.raised.pop()
        record = self.lib.sd_last_error(self.handle)
        raise Error(self.text(self.lib.sd_error_text(self.handle, record)).rstrip("\n"), record.contents.code)

    def need(self, value):
        if not value:
            self.fail()
        return value

    def done(self, status):
        if status:
            self.fail()
