# SPDX-License-Identifier: MIT
"""Logistic regression by SciPy's Newton-CG: value, gradient and Hessian-vector products are compiled from one formula.

    python3 newton.py
"""
import numpy as np
import symdiff
from scipy.optimize import minimize


def main():
    rng = np.random.default_rng(1)
    X = rng.standard_normal((200, 4))
    y = np.sign(X @ [1.0, -2.0, 0.5, 0.0] + 0.5 * rng.standard_normal(200))
    f = symdiff.loss("sum(log(1+exp(-y.*(X*w))))+norm(w)^2/2", x="w", X=X, y=y)
    print("gradient", f.gradient)
    found = minimize(f, np.zeros(4), jac=True, hessp=f.hessp, method="Newton-CG", options={"xtol": 1e-10})
    print("converged", found.success, "norm of the gradient below 1e-6:", bool(np.linalg.norm(f(found.x)[1]) < 1e-6))


if __name__ == "__main__":
    main()
