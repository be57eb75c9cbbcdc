#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Expressions of NumPy, evaluated by NumPy and by symdiff: do both mean the same?

usage: numpy_readings.py SYMDIFF
Every line of TEXTS is read with --from numpy and evaluated on arrays whose sizes all differ. Axes of length 1 do not count:
symdiff has vectors and matrices alone. Exit status 1 if a value differs or a text is refused.
"""
import json, re, subprocess, sys, tempfile

import numpy as np

TEXTS = """
np.sum((X@w-y)**2)
(X@w-y).T@(X@w-y)
np.mean((X@w-y)**2)
np.sum((X@W-Y)**2)
np.sum((X@W+b-Y)**2)
X-X.mean(axis=0)
X-X.mean(axis=1,keepdims=True)
X-np.mean(X,axis=1)[:,None]
X*w
X/X.sum(axis=1,keepdims=True)
P/P.sum(axis=0)
np.exp(X)/np.exp(X).sum(axis=1,keepdims=True)
X.T@y
y@X
y@X@w
w@A@w
w.T@A@w
np.dot(w,A)
np.dot(w,v)
np.outer(y,w)
np.outer(w,w)-A
y[:,None]*X
X*y[:,None]
y[1:]-y[:-1]
X[:,1]
X[0,1]
X[:,0:2]
X[1:3,:]
w[0]
w[-1]
np.linalg.norm(w)
np.linalg.norm(X)
np.linalg.norm(X,axis=1)
np.linalg.norm(X,axis=0)
np.linalg.norm(w,1)
np.linalg.inv(A)@w
np.linalg.solve(A,w)
np.linalg.det(A)
np.trace(A)
np.einsum('ij,j->i',A,w)
np.einsum('i,ij,j',w,A,w)
np.einsum('ij,kj->ik',X*w,X)
np.einsum('ji,j',X,y)
np.einsum('ii',A)
np.einsum('ii->i',A)
np.einsum('i,j->ij',y,w)
np.einsum('ij->ji',X)
np.einsum('ji',X)
np.einsum('bi,ij,bj->b',X,A,X)
np.sum((np.einsum('ij,j->i',X,w)-y)**2)
np.diag(A)
np.diag(w)
np.diag(w)@A
np.max(w)
X.max(axis=0)
X.max(axis=1)
np.maximum(w,0)
np.maximum(w,v)
np.where(w>0,w,0.1*w)
np.where(X>0,X,0)
np.log(1+np.exp(-y*(X@w)))
np.mean(np.log(1+np.exp(-y*(X@w))))
np.tanh(X@W+b)
np.sum(np.tanh(X@W+b),axis=1)
1/(1+np.exp(-X@w))
X.sum()
X.sum(axis=0)
X.sum(1)
X.mean()
np.cumsum(w)
np.prod(w)
w**2
w**2@v
-w**2
2**-w
s*w+lam
X**2@w
np.abs(w)
w*v@v
X.T@X+lam*np.eye(3)
np.var(w)
np.std(w)
X.var(axis=0)
np.kron(w,v)
np.kron(A,A)
A*w+w
A+w[:,None]
A@A*A
A*A@A
w@w
u@u*X
X.T*y
(X*y[:,None]).sum(axis=0)
np.square(w).sum()
np.sqrt(P).sum()
np.power(P,2)
np.linalg.norm(X@w-y)**2/2 + lam*np.linalg.norm(w)**2
np.clip(w,0,1)
np.sign(w)
np.minimum(w,v)
np.log(P).mean(axis=1)
X.flatten()
A.T.T@w
w.max()
np.sum(X,axis=1)@y
np.sum(w*v)
np.sum(X*w,axis=1)-X@w
np.ones(3)@w
np.zeros(3)+w
np.eye(3)@w
A[:,0]@w
X[:,-1]
np.linalg.slogdet(A@A.T+np.eye(3))[1]
np.logaddexp(w,v)
np.sum(np.abs(w))+s
lam*w.T@w
(w>0)*w
X@w>0
w%2
A@w[:,None]
A@w[:,None]-w
w[:,None]@w[None,:]
w[None,:]@A
w[None,:]*X
X.mean(0)[None,:]-X
np.transpose(X)@y
np.vdot(w,v)
np.matmul(X,W)
w@v*w
w*w@w
-w@v
2*w@v**2
lam/s*w
lam/(s*w)
s/2*w@w
np.mean(w)**2
X.T.dot(y)
X.dot(w).dot(y)
np.log(np.sum(np.exp(w)))
w.sum()**2
np.e**s
np.exp(-np.pi*s)
"""


def arrays():
    rng = np.random.default_rng(3)
    n, d, k = 4, 3, 2
    shapes = {"X": (n, d), "w": d, "y": n, "W": (d, k), "b": k, "Y": (n, k), "A": (d, d), "v": d, "u": n}
    found = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    return {**found, "P": np.abs(rng.normal(size=(n, d))) + 0.1, "s": 1.7, "lam": 0.3}


def evaluated(program, text, values):
    used = {name: np.asarray(v).tolist() for name, v in values.items() if re.search(r"(?<![\w.])%s(?![\w(])" % name, text)}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as data:
        json.dump(used, data)
        data.flush()
        command = [program, "eval", text, "--from", "numpy", "-f", "json", "-q", "--data", data.name]
        run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        raise ValueError(run.stderr.split("\n")[0])
    return np.asarray(json.loads(run.stdout)["value"], float)


def main():
    values, wrong, texts = arrays(), 0, TEXTS.split("\n")[1:-1]
    for text in texts:
        try:
            got, want = np.squeeze(evaluated(sys.argv[1], text, values)), np.squeeze(np.asarray(eval(text, {"np": np, **values}), float))
            if got.shape == want.shape and np.allclose(got, want, rtol=1e-9, atol=1e-12):
                continue
            print(f"{text}: {got.tolist()}, of NumPy {want.tolist()}")
        except ValueError as error:
            print(f"{text}: {error}")
        wrong += 1
    print(f"{len(texts)} expressions of NumPy evaluated by both, {wrong} wrong")
    sys.exit(wrong > 0)


main()
