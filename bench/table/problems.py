# SPDX-License-Identifier: MIT
"""The problem set: expressions, what is asked of them, their sizes, and the functions of limits.h that they are held against.

A row: the name; what (a name of symdiff._library, GRADIENT ...); by which variables; the declarations; the expression; the function of
limits.h with its sizes and inputs, in its order; the sizes, tiny first; what else is to know, as keywords.
"""
import numpy as np

LINEAR = "X: matrix(m,n); w: vector(n); y: vector(m)"
LOGREG = "sum(log(1+exp(-y.*(X*w))))"
NET = "v: vector(h); W1: matrix(h,n); W2: matrix(h,h); x: vector(n)"
MLP = ("X: matrix(d,m); Y: matrix(o,m); W1: matrix(h,d); b1: vector(h); W2: matrix(h,h); b2: vector(h); W3: matrix(o,h); b3: vector(o)",
       "H1=tanh(W1*X+b1*ones(m)'); H2=tanh(W2*H1+b2*ones(m)')+H1; 0.5*sum(sum((W3*H2+b3*ones(m)'-Y).^2))")
GMM = ("al: vector(K); q: matrix(d,K); mu: matrix(d,K); P: matrix(d*d,K); x: matrix(d,n); ga: scalar; wm: scalar",
       "F = sum_i(log(sum_k(exp(al[k]+sum_a(q[a,k])-0.5*sum_a((exp(q[a,k])*(x[a,i]-mu[a,k])"
       "+sum_b(sum_r(P[r,k]*delta(r,a+d*b-d))*tril(ones(d,d),-1)[a,b]*(x[b,i]-mu[b,k])))^2)))))-n*log(sum_k(exp(al[k])))"
       "+0.5*ga^2*(sum_a,k(exp(2*q[a,k]))+sum_r,k(P[r,k]^2))-wm*sum_a,k(q[a,k])")
ROTATION = "th=norm(r); %s=[0,-r[3],r[2];r[3],0,-r[1];-r[2],r[1],0]; y=cos(th)*%s+sin(th)/th*(%s*%s)+(1-cos(th))/th^2*r*(r'*%s)"
CAMERA = ("r: vector(3); C: vector(3); f: scalar; x0: vector(2); k: vector(2); X: vector(3); w: scalar; ft: vector(2)",
          "v=X-C; " + ROTATION % ("R", "v", "R", "v", "v") + "; p=[y[1]/y[3];y[2]/y[3]]; q=p'*p; w*(f*p*(1+k[1]*q+k[2]*q^2)+x0-ft)")
POSE = ("r: vector(3); p: vector(3); t: vector(3); z: vector(3); S: matrix(3,3) symmetric",
        ROTATION % ("K", "p", "K", "p", "p") + "+t-z; J=[jacobian(y,r),jacobian(y,t)]; [J'*S*J, J'*S*y]")
ROSEN = "sum(100*(x[2:n]-x[1:n-1].^2).^2+(1-x[1:n-1]).^2)"
SOFTMAX = "sum(log(sum(exp(X*W),2)))-sum(sum(Y.*(X*W)))"


def signs(data, rng):
    data["y"][:] = np.where(data["y"] > 0, 1.0, -1.0)
    data["w"] *= 0.2


def dominant(data, rng):
    data["A"] += len(data["A"]) * np.eye(len(data["A"]))


def definite(data, rng):
    data["A"][:] = (data["A"] + data["A"].T) / 2 + len(data["A"]) * np.eye(len(data["A"]))


def distances(data, rng):
    p = rng.uniform(0, 10, len(data["y"]))
    data["D"][:] = (p[:, None] - p) ** 2
    for name, value in (("l", 0.7), ("sf", 1.3), ("sn", 0.5)):
        data[name][...] = value


def small_weights(data, rng):
    for name in data:
        if name[0] in "Wb":
            data[name] *= 0.3


def mixture(data, rng):
    data["q"] *= 0.5
    data["P"] *= 0.5
    data["ga"][...], data["wm"][...] = 1.2, 0.3


def in_front(data, rng):
    data["X"][2] += 6
    data["f"] += 2


def symmetric(data, rng):
    for name in "SM":
        if name in data:
            data[name][:] = (data[name] + data[name].T) / 2


PROBLEMS = [
    ("quad gradient", "GRADIENT", "x", "A: matrix(n,n); x: vector(n)", "x'*A*x", "quad_grad", "n", "A,x", [(5,), (100,), (1000,)], {}),
    ("quad Hessian", "HESSIAN", "x", "A: matrix(n,n); x: vector(n)", "x'*A*x", "quad_hess", "n", "A", [(5,), (100,), (1000,)], {}),
    ("ols gradient", "GRADIENT", "w", LINEAR, "norm(X*w-y)^2", "ols_grad", "m,n", "X,w,y", [(20, 5), (1000, 100), (10000, 200)], {}),
    ("ridge gradient", "GRADIENT", "w", LINEAR + "; l: scalar", "norm(X*w-y)^2+l*w'*w", "ridge_grad", "m,n", "X,w,y,l",
     [(20, 5), (1000, 100), (10000, 200)], {}),
    ("ols Hessian", "HESSIAN", "w", LINEAR, "norm(X*w-y)^2", "ols_hess", "m,n", "X", [(20, 5), (1000, 100), (10000, 200)], {}),
    ("logreg gradient", "GRADIENT", "w", LINEAR, LOGREG, "logreg_grad", "m,n", "X,w,y", [(20, 5), (1000, 100), (10000, 200)], {"data": signs}),
    ("logreg Hessian", "HESSIAN", "w", LINEAR, LOGREG, "logreg_hess", "m,n", "X,w,y", [(20, 5), (200, 100), (2000, 1000)], {"data": signs}),
    ("mf gradient", "GRADIENT", "U", "T: matrix(m,n); U: matrix(m,k); V: matrix(n,k)", "sum(sum((T-U*V').^2))", "mf_grad", "m,n,k", "T,U,V",
     [(10, 8, 3), (200, 200, 5), (1000, 1000, 10)], {}),
    ("mf Hessian, core", "HESSIAN", "U", "T: matrix(m,n); U: matrix(m,k); V: matrix(n,k)", "sum(sum((T-U*V').^2))", "mf_hess", "m,n,k", "T,U,V",
     [(10, 8, 3), (100, 100, 5)], {"peers": False}),
    ("softmax gradient", "GRADIENT", "W", "X: matrix(m,n); W: matrix(n,k); Y: matrix(m,k)", SOFTMAX, "softmax_grad", "m,n,k", "X,W,Y",
     [(20, 5, 3), (1000, 100, 10), (10000, 200, 20)], {}),
    ("lse Hessian", "HESSIAN", "x", "A: matrix(m,n); x: vector(n)", "log(sum(exp(A*x)))", "lse_hess", "m,n", "A,x",
     [(10, 5), (200, 100), (2000, 500)], {}),
    ("logdet gradient", "GRADIENT", "A", "A: matrix(n,n)", "log(det(A))", "logdet_grad", "n", "A", [(3,), (100,), (500,)], {"data": dominant}),
    ("logdet gradient, definite", "GRADIENT", "A", "A: matrix(n,n) symmetric posdef", "log(det(A))", "logdet_spd_grad", "n", "A",
     [None, (100,), (500,)], {"data": definite}),
    ("gp value, gradient", "GRADIENT", "l,sf,sn", "l: scalar; sf: scalar; sn: scalar; D: matrix(n,n) symmetric; y: vector(n)",
     "K=sf^2*exp(-D/(2*l^2))+sn^2*eye(n); 0.5*y'*inv(K)*y+0.5*log(det(K))", "gp_grad", "n", "l,sf,sn,D,y", [(5,), (100,), (500,)],
     {"data": distances, "value": True, "plain": True}),
    ("mlp gradient", "GRADIENT", "W1,b1,W2,b2,W3,b3", *MLP, "mlp_grad", "d,h,o,m", "X,Y,W1,b1,W2,b2,W3,b3",
     [(3, 4, 2, 1), (20, 32, 5, 64), (100, 128, 10, 256)], {"data": small_weights}),
    ("nn Hessian", "HESSIAN", "x", NET, "v'*tanh(W2*tanh(W1*x))", "nn_hess", "n,h", "v,W1,W2,x", [(5, 5), (50, 64), (200, 256)],
     {"data": small_weights}),
    ("gmm value, gradient", "GRADIENT", "al,q,mu,P", *GMM, "gmm_grad", "d,K,n", "al,q,mu,P,x,ga,wm", [None, (2, 5, 1000), (10, 25, 1000)],
     {"data": mixture, "value": True}),
    ("camera value, Jacobian", "JACOBIAN", "r,C,f,x0,k,X,w", *CAMERA, "ba_jac", "", "r,C,f,x0,k,X,w,ft", [()],
     {"data": in_front, "value": True, "plain": True}),
    ("rosen gradient", "GRADIENT", "x", "x: vector(n)", ROSEN, "rosen_grad", "n", "x", [(10,), (1000,), (100000,)], {}),
    ("rosen Hessian*v", "HVP", "x", "x: vector(n); v: vector(n)", ROSEN, "rosen_hvp", "n", "x,v", [(10,), (1000,), (100000,)], {"direction": "v"}),
    ("Gauss-Newton step", "VALUE", "", *POSE, "gn6", "", "r,p,t,z,S", [()], {"data": symmetric, "plain": True}),
    ("X'*M*X, 6x6", "VALUE", "", "X: matrix(6,6); M: matrix(6,6)", "X'*M*X", "cong6", "", "X,M", [()], {"plain": True}),
]
