# SPDX-License-Identifier: MIT
"""A loss of symdiff in a PyTorch graph: value and gradient come from one compiled function, and backward() hands the gradient on.

    python3 torch_loss.py
"""
import symdiff
import torch

# The logistic loss and its gradient by the weights, derived and compiled once.
LOSS = symdiff.parse("sum(log(1+exp(-y.*(X*w))))+lambda/2*norm(w)^2", wrt="w").grad("w")


class Logistic(torch.autograd.Function):
    @staticmethod
    def forward(ctx, w, X, y, penalty):
        value, gradient = LOSS.with_value(X=X.numpy(), y=y.numpy(), w=w.detach().numpy(), lambda_=penalty)
        ctx.save_for_backward(torch.from_numpy(gradient))
        return w.new_tensor(value)

    @staticmethod
    def backward(ctx, upstream):
        (gradient,) = ctx.saved_tensors
        return upstream * gradient, None, None, None


def main():
    torch.manual_seed(1)
    X = torch.randn(40, 5, dtype=torch.float64)
    y = torch.sign(X @ torch.arange(1.0, 6.0, dtype=torch.float64) + 0.1 * torch.randn(40, dtype=torch.float64))
    w = torch.zeros(5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda v: Logistic.apply(v, X, y, 0.5), (w + 0.1).detach().requires_grad_())
    optimizer = torch.optim.LBFGS([w], max_iter=100, tolerance_grad=1e-10, tolerance_change=1e-16, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = Logistic.apply(w, X, y, 0.5)
        loss.backward()
        return loss

    optimizer.step(closure)
    loss = closure()
    print("loss %.6f, norm of its gradient below 1e-6: %s" % (loss.item(), bool(w.grad.norm() < 1e-6)))


if __name__ == "__main__":
    main()
