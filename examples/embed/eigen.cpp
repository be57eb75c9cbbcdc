// SPDX-License-Identifier: MIT
// Emitted C with Eigen: Newton's method with a sparse Hessian, whose entries are written where Eigen reads them.
// symdiff emit -F chain.sd cost --wrt x --outputs value,gradient,hessian --sparse --size n=1000 -o chain
#include <Eigen/SparseCholesky>
#include <cmath>
#include <cstdio>
#include <vector>

#include "chain.h"

int main()
{
    enum { n = chain_hess_x_rows };
    typedef Eigen::SparseMatrix<double, Eigen::RowMajor, int> Matrix;
    Eigen::VectorXd x = Eigen::VectorXd::Zero(n), y(n), gradient(n), entries(chain_hess_x_entries);
    for (int i = 0; i < n; i++) y[i] = std::sin(0.01 * i) + (i % 7 == 0);
    std::vector<double> work(chain_work);
    Eigen::SimplicialLDLT<Eigen::SparseMatrix<double>> solver;
    double cost = 0;
    for (int step = 0; step < 30; step++) {
        if (chain(x.data(), y.data(), &cost, gradient.data(), entries.data(), work.data())) return 1;
        if (gradient.norm() < 1e-9) break;
        Eigen::Map<const Matrix> hessian(n, n, entries.size(), chain_hess_x_start, chain_hess_x_index,
                                         entries.data());
        if (!step) solver.analyzePattern(hessian); // the pattern is the same in every step
        solver.factorize(hessian);
        x -= solver.solve(gradient);
    }
    std::printf("cost = %.10g, gradient %s\n", cost, gradient.norm() < 1e-9 ? "0" : "not 0");
    return 0;
}
