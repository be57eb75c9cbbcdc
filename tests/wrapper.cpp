// SPDX-License-Identifier: MIT
// The C++ wrapper: the example of its head, errors, lifetimes. Prints nothing but what is wrong; scripts/check.sh runs it.
#include <cmath>
#include <iostream>
#include <sstream>

#include "include/symdiff.hpp"

static int wrong;

static void expect(bool holds, const char *what)
{
    if (!holds) std::cout << "wrapper.cpp: " << what << "\n", wrong++;
}

template <class F> static std::string refusal(F call, sd_status code)
{
    try {
        call();
    } catch (const symdiff::error &e) {
        expect(e.code == code, e.what());
        return e.what();
    }
    expect(false, "nothing was thrown");
    return "";
}

static bool is(const std::vector<double> &have, std::initializer_list<double> want)
{
    std::size_t i = 0;
    for (double w : want)
        if (i >= have.size() || std::fabs(have[i++] - w) > 1e-12) return false;
    return i == have.size();
}

int main()
{
    const std::vector<double> X{1, 2, 3, 4, 5, 6}, t{1, -1}, Y{1, 1, 1}, longer{1, 2, 3};
    symdiff::function h = [] { // outlives its context
        symdiff::context c("t");
        auto g = c.parse("norm(X*t-Y)^2/N").gradient("t");
        std::ostringstream text;
        text << g;
        expect(text.str() == "2/N*X'*(X*t-Y)", "the gradient is printed");
        expect(g.text(SD_LATEX).find("\\frac") != std::string::npos, "as LaTeX");
        expect(g.c("grad").second.find("grad") != std::string::npos, "as C");
        return g.compile_with_value();
    }();
    const symdiff::function::values data{{"X", {X, 3, 2}}, {"t", t}, {"Y", Y}, {"N", 3.0}};
    auto out = h(data);
    expect(out.size() == 2 && out[0].shape.empty() && is(out[0].data, {4}), "the value");
    expect(out[1].shape == std::vector<std::size_t>{2} && is(out[1].data, {-12, -16}), "the gradient");
    expect(h.inputs().size() == 4 && h.outputs().size() == 2, "what it takes and gives");
    for (const auto &a : h.inputs()) expect(a.axes.size() == (a.name == "X" ? 2u : a.name == "N" ? 0u : 1u), "axes");

    const std::vector<double> many{1, -1, 0, 0, 2, 1}, counts{3, 3, 6}, two{1, 2};
    auto all = h.batch({{"X", {X, 3, 2}}, {"t", {many, 3, 2}}, {"Y", Y}, {"N", counts}}, 2);
    expect(all[0].shape == std::vector<std::size_t>{3} && all[1].shape == std::vector<std::size_t>{3, 2}, "shapes of a batch");
    for (std::size_t k = 0; k < 3; k++) {
        auto one = h({{"X", {X, 3, 2}}, {"t", {&many[2 * k], {2}}}, {"Y", Y}, {"N", counts[k]}});
        expect(one[0].data[0] == all[0].data[k] && one[1].data[0] == all[1].data[2 * k] && one[1].data[1] == all[1].data[2 * k + 1], "a batch");
    }
    refusal([&] { h.batch({{"X", {X, 3, 2}}, {"t", {many, 3, 2}}, {"Y", Y}, {"N", two}}); }, SD_ERR_DATA);
    refusal([&] { h({{"X", {X, 3, 2}}, {"t", t}, {"Y", Y}}); }, SD_ERR_DATA);
    expect(refusal([&] { h({{"X", {X, 3, 2}}, {"t", longer}, {"Y", Y}, {"N", 3.0}}); }, SD_ERR_DATA).find("shape of ") != std::string::npos, "which input");
    refusal([&] { symdiff::view(X, 2, 2); }, SD_ERR_DATA);
    refusal([&] { symdiff::context("t", "no-such-compiler").parse("t'*t").gradient("t").compile(); }, SD_ERR_UNSUPPORTED);
    symdiff::context c;
    expect(refusal([&] { c.parse("norm(X*t-Y"); }, SD_ERR_SYNTAX).find('^') != std::string::npos, "a caret");
    refusal([&] { c.declare("x: vektor(n)"); }, SD_ERR_NAME);
    refusal([&] { c.parse("x'*x").gradient("zz"); }, SD_ERR_NAME);
    symdiff::function inverse = c.parse("inv(A)").value().compile();
    const std::vector<double> S{1, 2, 2, 4};
    expect(refusal([&] { inverse({{"A", {S, 2, 2}}}); }, SD_ERR_DATA).find("singular") != std::string::npos, "why there is no value");
    symdiff::context d;
    symdiff::function eye = d.declare("x: vector(n)").parse("x").jacobian("x").compile();
    expect(refusal([&] { eye({}); }, SD_ERR_DATA).find("size n") != std::string::npos, "which size");
    expect(is(eye({{"n", 2.0}})[0].data, {1, 0, 0, 1}), "a size by name");
    symdiff::context q("x");
    auto f = q.declare("A: matrix(n,n) symmetric").parse("x'*A*x/2");
    expect(f.hessian("x").text() == "A" && f.hvp("x", "v").text() == "A*v" && f.value().text() == "x'*A*x/2", "other derivatives");

    symdiff::context b; // formulas by calls
    auto x = b.symbol("x: vector(n)"), doubled = b.number(2);
    auto sum = b.call("sum", {b.call(".^", {x, doubled})});
    expect(sum.gradient("x").text() == "2*x", "formulas by calls");
    expect(sum.gradient("x").at().jacobian("x").text() == "2*eye(n)", "a derivative of a derivative");
    refusal([&] { b.call("nonsense", {x}); }, SD_ERR_NAME);
    refusal([&] { sum.gradient("x").at(7); }, SD_ERR_USAGE);
    auto placed = sum.substitute({{"x", b.call("*", {doubled, x})}});
    expect(placed.gradient("x").text() == "8*x", "substituted");
    expect(symdiff::context().load(placed.save()).gradient("x").text() == "8*x", "saved and loaded");
    expect(b.parse("(a+b)^2").expand().text() == "a^2+2*a*b+b^2" && b.parse("a^2+2*a*b+b^2").factor().text() == "(a+b)^2", "expanded, factored");
    expect(b.parse("a*c+b*c+a").simplify("c").text() == "c*(a+b)+a", "collected");

    symdiff::context s("x");
    auto chain = s.declare("x: vector(n)").parse("sum((x[2:n]-x[1:n-1]).^4)").hessian("x");
    const symdiff::pattern p = chain.sparsity("n=4");
    expect(p.rows == 4 && p.columns == 4 && p.start == std::vector<std::size_t>{0, 2, 5, 8, 10} && p.index.size() == 10, "a pattern");
    const std::vector<double> at{0, 1, 3, 6};
    const auto full = chain.compile()({{"x", at}})[0].data, some = chain.compile_sparse("n=4")({{"x", at}})[0].data;
    for (std::size_t row = 0; row < 4; row++)
        for (std::size_t k = p.start[row]; k < p.start[row + 1]; k++) expect(std::fabs(full[4 * row + p.index[k]] - some[k]) < 1e-12, "sparse values");

    std::size_t times = 0;
    symdiff::context slow;
    slow.progress([&](std::size_t, std::size_t) { return ++times < 3; });
    auto g = slow.parse("exp(sin(x)*cos(x)*log(x)/x)*tanh(x*log(x))^3/sqrt(1+x^4)");
    refusal([&] { g.derivative("x", 5).text(); }, SD_ERR_INTERRUPTED);
    expect(times == 3, "progress is told");
    slow.progress([](std::size_t, std::size_t) -> bool { throw 1; });
    refusal([&] { g.derivative("x", 5).text(); }, SD_ERR_INTERRUPTED);
    slow.progress(nullptr);
    slow.interrupt();
    refusal([&] { slow.parse("x^2"); }, SD_ERR_INTERRUPTED);
    expect(slow.parse("x^2").gradient("x").text() == "2*x", "the context works as before");
    return wrong != 0;
}
