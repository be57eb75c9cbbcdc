// SPDX-License-Identifier: MIT
//
// symdiff for C++17: one header over include/symdiff.h, with owners, exceptions, and arrays by name.
//
//     symdiff::context c("t");
//     auto f = c.parse("norm(X*t-Y)^2/N");
//     auto g = f.gradient("t");
//     std::cout << g << "\n";                                    // 2/N*X'*(X*t-Y)
//     symdiff::function h = g.compile();
//     std::vector<double> X{1, 2, 3, 4, 5, 6}, t{1, -1}, Y{1, 1, 1};
//     auto out = h({{"X", {X, 3, 2}}, {"t", t}, {"Y", Y}, {"N", 3.0}});
//     out[0].data                                                // -12, -16
//
// Arrays are row-major. Arguments are read in place and must live as long as the call. What the library refuses is thrown as
// symdiff::error, whose text has the line and the carets. Expressions and derivatives keep their context alive; a context is for one
// thread at a time, a function may be called from several.
#ifndef SYMDIFF_HPP
#define SYMDIFF_HPP

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <limits>
#include <memory>
#include <new>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "symdiff.h"

namespace symdiff {

class error : public std::runtime_error {
public:
    error(sd_status status, const std::string &text, std::size_t from = 0, std::size_t to = 0) : std::runtime_error(text), code(status), begin(from), end(to) {}
    sd_status code;
    std::size_t begin, end; // the bytes of the text that are meant; equal: no place
};

// Numbers of the caller, not copied: a number, a vector, a matrix of rows and columns.
class view {
public:
    view(double number) : number_(number) {}
    view(const std::vector<double> &v) : data_(v.data()), shape_{v.size()} {}
    view(const std::vector<double> &m, std::size_t rows, std::size_t cols) : data_(m.data()), shape_{rows, cols}
    {
        if (m.size() != rows * cols) throw error(SD_ERR_DATA, "a matrix has not as many numbers as its rows and columns say");
    }
    view(const double *data, std::initializer_list<std::size_t> shape) : data_(data), shape_(shape) {}
    const double *data() const { return data_ ? data_ : &number_; }
    const std::vector<std::size_t> &shape() const { return shape_; }

private:
    const double *data_ = nullptr;
    double number_ = 0;
    std::vector<std::size_t> shape_;
};

struct array {
    std::string name;               // "grad_t"
    std::vector<std::size_t> shape; // empty: a number
    std::vector<double> data;       // row-major
};

struct argument {
    std::string name;
    std::vector<std::string> axes; // "m", "2*n"; none: a number
};

// A compiled function. It does not need its context.
class function {
public:
    using values = std::vector<std::pair<std::string, view>>;

    explicit function(sd_function *f) : f_(f, sd_function_free) {}
    std::vector<argument> inputs() const { return told(sd_function_input_at); }
    std::vector<argument> outputs() const { return told(sd_function_output_at); }
    const sd_function *get() const { return f_.get(); } // for calls without any overhead: sd_function_call

    // Values by name; a size that no input tells may stand there as a number. Every output, in order.
    std::vector<array> operator()(const values &given) const
    {
        std::vector<std::size_t> dims(sd_function_dims(f_.get()) + 1, 0);
        std::vector<const double *> in = bind(given, dims, nullptr);
        std::vector<array> out = room(dims, nullptr);
        std::vector<double *> to;
        for (array &o : out) to.push_back(o.data.data());
        std::size_t doubles = sd_function_workspace(f_.get(), dims.data());
        if (doubles > std::numeric_limits<std::size_t>::max() / sizeof(double) - 1) throw std::bad_alloc();
        std::vector<double> work(doubles + 1);
        int status = sd_function_call(f_.get(), dims.data(), in.data(), to.data(), work.data());
        if (status) throw error(SD_ERR_DATA, sd_function_failure(status));
        return out;
    }
    // At many parameter sets: an input with one axis more than the formula has differs from set to set, along its first axis; the others are
    // shared. So is the first axis of every output. Sets without a value are NaN.
    std::vector<array> batch(const values &given, unsigned threads = 1) const
    {
        std::vector<std::size_t> dims(sd_function_dims(f_.get()) + 1, 0);
        sets all;
        std::vector<const double *> in = bind(given, dims, &all);
        std::vector<array> out = room(dims, &all);
        std::vector<double *> to;
        for (array &o : out) to.push_back(o.data.data());
        sd_batch b{};
        b.count = all.count;
        b.step = all.step.data();
        b.threads = threads;
        const int status = sd_function_call_batch(f_.get(), dims.data(), in.data(), to.data(), &b);
        if (status == -2) throw std::bad_alloc();
        if (status < 0) throw error(SD_ERR_DATA, sd_function_failure(status));
        return out;
    }

private:
    struct sets {
        bool any = false;
        std::size_t count = 1;
        std::vector<std::size_t> step;
    };

    std::vector<array> room(const std::vector<std::size_t> &dims, const sets *all) const
    {
        std::vector<array> out;
        sd_argument a;
        for (std::size_t i = 0; sd_function_output_at(f_.get(), i, &a); i++) {
            sd_array shape{};
            if (sd_function_output_shape(f_.get(), i, dims.data(), &shape) != SD_OK) throw error(SD_ERR_DATA, "an answer would have a negative size");
            std::vector<std::size_t> axes(shape.dim, shape.dim + shape.order);
            if (all) axes.insert(axes.begin(), all->count);
            std::size_t n = 1;
            for (std::size_t d : axes) n *= d;
            out.push_back({a.name, axes, std::vector<double>(n)});
        }
        return out;
    }
    std::vector<argument> told(int (*ask)(const sd_function *, std::size_t, sd_argument *)) const
    {
        std::vector<argument> all;
        sd_argument a;
        while (ask(f_.get(), all.size(), &a)) all.push_back({a.name, {a.axis, a.axis + a.order}});
        return all;
    }

    static const view *find(const values &given, const std::string &name)
    {
        for (const auto &v : given)
            if (v.first == name) return &v.second;
        return nullptr;
    }

    // The shape of an input in one set
    static std::vector<std::size_t> in_set(const view &v, const argument &a, sets *all)
    {
        std::vector<std::size_t> shape = v.shape();
        std::size_t step = 0;
        if (all && shape.size() == a.axes.size() + 1) {
            if (all->any && all->count != shape[0]) throw error(SD_ERR_DATA, a.name + " has another number of sets than the other arguments");
            all->any = true;
            all->count = shape[0];
            shape.erase(shape.begin());
            step = 1;
            for (std::size_t d : shape) step *= d;
        }
        if (all) all->step.push_back(step);
        return shape;
    }

    std::vector<const double *> bind(const values &given, std::vector<std::size_t> &dims, sets *all) const
    {
        std::vector<const double *> in;
        std::vector<sd_array> shapes;
        const std::vector<argument> needed = inputs();
        for (const argument &a : needed) {
            const view *v = find(given, a.name);
            if (!v) throw error(SD_ERR_DATA, "there is no data for " + a.name);
            const std::vector<std::size_t> shape = in_set(*v, a, all);
            if (shape.size() > SD_MAX_ORDER) throw error(SD_ERR_DATA, a.name + " has too many axes");
            sd_array s{};
            s.order = static_cast<int>(shape.size());
            for (std::size_t k = 0; k < shape.size(); k++) s.dim[k] = shape[k];
            shapes.push_back(s);
            in.push_back(v->data());
        }
        for (std::size_t i = 0; i + 1 < dims.size(); i++)
            if (const view *v = find(given, sd_function_dim(f_.get(), i))) dims[i] = static_cast<std::size_t>(*v->data());
        std::size_t culprit = 0;
        sd_status s = sd_function_sizes(f_.get(), shapes.data(), dims.data(), &culprit);
        if (s == SD_ERR_MEMORY) throw std::bad_alloc();
        if (s != SD_OK && culprit < needed.size()) throw error(s, "the shape of " + needed[culprit].name + " does not fit the formula or the other arguments");
        if (s != SD_OK) throw error(s, std::string("no argument tells the size ") + sd_function_dim(f_.get(), culprit - needed.size()));
        return in;
    }

    std::shared_ptr<sd_function> f_;
};

namespace detail {
using owner = std::shared_ptr<sd_context>;

[[noreturn]] inline void fail(sd_context *c)
{
    const sd_error e = *sd_last_error(c);
    if (e.code == SD_ERR_MEMORY) throw std::bad_alloc();
    char *text = sd_error_text(c, &e);
    const std::string copy = text ? text : e.message;
    sd_free(c, text);
    throw error(e.code, copy, e.begin, e.end);
}

inline std::string take(sd_context *c, char *text)
{
    if (!text) fail(c);
    std::string copy = text;
    sd_free(c, text);
    return copy;
}
} // namespace detail

// The entries of a Jacobian or Hessian that may be other than 0: those of row k are start[k] to start[k+1]-1, in the columns index[..];
// compile_sparse() writes their values in this order.
struct pattern {
    std::size_t rows, columns;
    std::vector<std::size_t> start, index;
};

class expression;

// A derivative, or the value of an expression: one entry, or one for each variable.
class result {
public:
    result(detail::owner c, sd_result *r) : c_(std::move(c)), r_(r) {}
    std::string text(sd_format format = SD_TEXT, unsigned flags = 0) const
    {
        std::string s = detail::take(c_.get(), sd_print(c_.get(), r_, format, flags));
        while (!s.empty() && s.back() == '\n') s.pop_back();
        return s;
    }
    // Self-contained C99: the source and its header.
    std::pair<std::string, std::string> c(const std::string &name) const
    {
        sd_emit_options o{};
        sd_c_code code{};
        o.name = name.c_str();
        if (sd_emit(c_.get(), r_, &o, &code) != SD_OK) detail::fail(c_.get());
        std::string source = detail::take(c_.get(), code.source), header = detail::take(c_.get(), code.header);
        return {std::move(source), std::move(header)};
    }
    function compile() const
    {
        sd_emit_options o{};
        o.dense = 1;
        return compiled(o);
    }
    // The value of the expression as first output, beside the derivative.
    function compile_with_value() const
    {
        sd_emit_options o{};
        o.dense = o.value = 1;
        return compiled(o);
    }
    // sizes: "n=1000,m=20"
    pattern sparsity(const std::string &sizes, std::size_t i = 0) const
    {
        const sd_emit_options o = sparse(sizes);
        sd_pattern p{};
        if (sd_sparsity(c_.get(), r_, i, &o, &p) != SD_OK) detail::fail(c_.get());
        pattern out{p.rows, p.columns, {p.start, p.start + p.rows + 1}, {p.index, p.index + p.entries}};
        sd_free(c_.get(), p.start);
        return out;
    }
    function compile_sparse(const std::string &sizes) const { return compiled(sparse(sizes)); }
    // The i-th entry as an expression, to go on with
    expression at(std::size_t i = 0) const;
    sd_result *get() const { return r_; }

private:
    static sd_emit_options sparse(const std::string &sizes)
    {
        sd_emit_options o{};
        o.sparse = 1;
        o.sizes = sizes.empty() ? nullptr : sizes.c_str();
        return o;
    }
    function compiled(const sd_emit_options &o) const
    {
        sd_function *f = sd_compile(c_.get(), r_, &o);
        if (!f) detail::fail(c_.get());
        return function(f);
    }
    detail::owner c_;
    sd_result *r_;
};

inline std::ostream &operator<<(std::ostream &s, const result &r) { return s << r.text(); }

class expression {
public:
    expression(detail::owner c, sd_expr e) : c_(std::move(c)), e_(e) {}
    result derive(const sd_request &r) const
    {
        return told(sd_derive(c_.get(), e_, &r));
    }
    result value() const { return by(SD_VALUE, nullptr); }
    result gradient(const std::string &wrt) const { return by(SD_GRADIENT, wrt.c_str()); }
    result jacobian(const std::string &wrt) const { return by(SD_JACOBIAN, wrt.c_str()); }
    result hessian(const std::string &wrt) const { return by(SD_HESSIAN, wrt.c_str()); }
    result derivative(const std::string &wrt, int order = 1) const { return by(SD_DERIVATIVE, wrt.c_str(), nullptr, order); }
    // The Hessian times a direction, "v"; a new name becomes an argument.
    result hvp(const std::string &wrt, const std::string &direction) const { return by(SD_HVP, wrt.c_str(), direction.c_str()); }
    result jvp(const std::string &wrt, const std::string &direction) const { return by(SD_JVP, wrt.c_str(), direction.c_str()); }
    // The shortest form, or by the powers of a variable; sums of products; products
    result simplify(const std::string &collect = "") const { return told(sd_simplify(c_.get(), e_, collect.empty() ? nullptr : collect.c_str())); }
    result expand() const { return told(sd_expand(c_.get(), e_)); }
    result factor() const { return told(sd_factor(c_.get(), e_)); }
    expression substitute(const std::vector<std::pair<std::string, expression>> &places) const
    {
        std::vector<const char *> names;
        std::vector<sd_expr> with;
        for (const auto &p : places) {
            names.push_back(p.first.c_str());
            with.push_back(p.second.e_);
        }
        return made(sd_substitute(c_.get(), e_, names.size(), names.data(), with.data()));
    }
    // A text that context::load of the same version reads in any context
    std::string save() const { return detail::take(c_.get(), sd_save(c_.get(), e_)); }
    result vjp(const std::string &wrt, const std::string &cotangent) const { return by(SD_VJP, wrt.c_str(), cotangent.c_str()); }
    sd_expr get() const { return e_; }

private:
    result by(sd_what what, const char *wrt, const char *direction = nullptr, int order = 0) const
    {
        sd_request r{};
        r.what = what;
        r.wrt = wrt;
        r.direction = direction;
        r.order = order;
        return derive(r);
    }
    result told(sd_result *r) const
    {
        if (!r) detail::fail(c_.get());
        return {c_, r};
    }
    expression made(sd_expr e) const
    {
        if (!e) detail::fail(c_.get());
        return {c_, e};
    }
    detail::owner c_;
    sd_expr e_;
};

inline expression result::at(std::size_t i) const
{
    const sd_expr e = sd_result_expr(r_, i);
    if (!e) throw error(SD_ERR_USAGE, "there is no such entry");
    return {c_, e};
}

class context {
public:
    // wrt: the variables by which derivatives will be asked for, "w,b"; it helps to read words such as Ax. compiler: "cc" or another C compiler
    // of the system, which then makes all functions; cache: a folder where they are kept.
    explicit context(const std::string &wrt = "", const std::string &compiler = "", const std::string &cache = "")
    {
        sd_options o{};
        o.wrt = wrt.empty() ? nullptr : wrt.c_str();
        o.compiler = compiler.empty() ? nullptr : compiler.c_str();
        o.cache = cache.empty() ? nullptr : cache.c_str();
        c_ = detail::owner(sd_context_new(&o), [told = told_](sd_context *c) { sd_context_free(c); });
        if (!c_) throw std::bad_alloc();
    }
    context &declare(const std::string &text)
    {
        if (sd_declare(c_.get(), text.c_str(), nullptr) != SD_OK) detail::fail(c_.get());
        return *this;
    }
    expression parse(const std::string &text) const { return made(sd_parse(c_.get(), text.c_str(), nullptr)); }
    expression load(const std::string &text) const { return made(sd_load(c_.get(), text.c_str())); }
    // Formulas by calls: a variable by its declaration, "X: matrix(m,n)", or by the name of one that is declared; a number; a function or
    // operator of the language, "exp", "+", ".*"
    expression symbol(const std::string &declaration) const { return made(sd_symbol(c_.get(), declaration.c_str())); }
    expression number(double value) const { return made(sd_number(c_.get(), value)); }
    expression call(const std::string &name, const std::vector<expression> &arguments) const
    {
        std::vector<sd_expr> arg;
        for (const expression &a : arguments) arg.push_back(a.get());
        return made(sd_call(c_.get(), name.c_str(), arg.size(), arg.data()));
    }
    // tell(steps, bytes) is called while a long call works; where it returns false, or throws, the call ends with SD_ERR_INTERRUPTED.
    void progress(std::function<bool(std::size_t steps, std::size_t bytes)> tell)
    {
        *told_ = std::move(tell);
        sd_progress(c_.get(), *told_ ? relay : nullptr, told_.get());
    }
    // From another thread or a signal handler: ends the call that runs, or the next one
    void interrupt() const { sd_interrupt(c_.get()); }
    sd_context *get() const { return c_.get(); }

private:
    using teller = std::function<bool(std::size_t, std::size_t)>;
    static int relay(void *state, std::size_t steps, std::size_t bytes)
    {
        try {
            return !(*static_cast<teller *>(state))(steps, bytes);
        } catch (...) {
            return 1; // no exception may pass through C
        }
    }
    expression made(sd_expr e) const
    {
        if (!e) detail::fail(c_.get());
        return {c_, e};
    }
    std::shared_ptr<teller> told_ = std::make_shared<teller>(); // lives as long as the context
    detail::owner c_;
};

} // namespace symdiff

#endif
