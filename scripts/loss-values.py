#!/usr/bin/env python3
"""Writes what PyTorch makes of losses, with gradients, for Tests/LayersTests/LossValueTests.swift to hold Descent against.

    scripts/loss-values.py > Tests/LayersTests/LossValues.swift

Needs PyTorch. Each line is a case, a reduction, the loss, and its gradient with respect to the first operand; that of
losses that are not reduced is of their sum times 1, 2, 3, … Operands follow formulas that the tests repeat.
"""

import math

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def sample(*sizes, seed=1):
    count = math.prod(sizes)
    return torch.tensor([math.sin((i * 7 + seed * 13) * 1.7 + 0.3) for i in range(count)]).reshape(sizes)


def rows(*numbers):
    return torch.tensor(numbers)


x, y, z = sample(4, 5), sample(4, 5, seed=2), sample(4, 5, seed=3)
labels, ignoring = rows(1, 4, 0, 2), rows(1, -100, 0, 2)
shares, chances = torch.softmax(y, -1), torch.sigmoid(x)
hard, signs = (y > 0).double(), torch.where(y > 0, 1.0, -1.0)
class_weights = rows(1.0, 0.5, 2.0, 0.25, 3.0)
near = rows(1.0, -1.0, 1.0, -1.0)
counts = torch.floor(4 * y.abs())


def focal(logits, targets, gamma, alpha):
    """torchvision.ops.sigmoid_focal_loss, as its source has it."""
    p = torch.sigmoid(logits)
    losses = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    p_t = p * targets + (1 - p) * (1 - targets)
    losses = losses * (1 - p_t) ** gamma
    return losses if alpha is None else losses * (alpha * targets + (1 - alpha) * (1 - targets))


def class_focal(logits, targets, gamma):
    p = torch.log_softmax(logits, -1)[torch.arange(len(targets)), targets]
    return -((1 - p.exp()) ** gamma) * p


def info(queries, keys, temperature, symmetric=False):
    logits = F.normalize(queries, dim=-1) @ F.normalize(keys, dim=-1).T / temperature
    own = torch.arange(len(queries))
    forth = F.cross_entropy(logits, own, reduction="none")
    return (forth + F.cross_entropy(logits.T, own, reduction="none")) / 2 if symmetric else forth


def dice(p, t, s):
    common, sizes = (p * t).sum((1, 2)), p.sum((1, 2)) + t.sum((1, 2))
    return 1 - (2 * common + s) / (sizes + s)


def reducing(function):
    """All reductions of a function that gives the losses of elements or rows."""
    return lambda v, r: {"none": lambda l: l, "mean": torch.mean, "sum": torch.sum}[r](function(v))


cases = {
    "softmaxCrossEntropy numbers": (x, lambda v, r: F.cross_entropy(v, labels, reduction=r)),
    "softmaxCrossEntropy shares": (x, lambda v, r: F.cross_entropy(v, shares, reduction=r)),
    "softmaxCrossEntropy weights": (x, lambda v, r: F.cross_entropy(v, labels, class_weights, reduction=r)),
    "softmaxCrossEntropy smoothing": (x, lambda v, r: F.cross_entropy(v, labels, label_smoothing=0.1, reduction=r)),
    "softmaxCrossEntropy smoothing shares": (x, lambda v, r: F.cross_entropy(v, shares, label_smoothing=0.1, reduction=r)),
    "softmaxCrossEntropy ignoring": (x, lambda v, r: F.cross_entropy(v, ignoring, reduction=r)),
    "softmaxCrossEntropy all": (
        x, lambda v, r: F.cross_entropy(v, ignoring, class_weights, label_smoothing=0.2, reduction=r)),
    "negativeLogLikelihood weights": (
        x, lambda v, r: F.nll_loss(torch.log_softmax(v, -1), ignoring, class_weights, reduction=r)),
    "sigmoidCrossEntropy": (x, lambda v, r: F.binary_cross_entropy_with_logits(v, shares, reduction=r)),
    "sigmoidCrossEntropy positive": (
        x, lambda v, r: F.binary_cross_entropy_with_logits(v, hard, pos_weight=class_weights, reduction=r)),
    "binaryCrossEntropy": (chances, lambda v, r: F.binary_cross_entropy(v, hard, reduction=r)),
    "sigmoidFocalLoss": (x, reducing(lambda v: focal(v, hard, 2, None))),
    "sigmoidFocalLoss alpha": (x, reducing(lambda v: focal(v, hard, 1.5, 0.25))),
    "softmaxFocalLoss": (x, reducing(lambda v: class_focal(v, labels, 2))),
    "meanSquaredError": (x, lambda v, r: F.mse_loss(v, y, reduction=r)),
    "meanAbsoluteError": (x, lambda v, r: F.l1_loss(v, y, reduction=r)),
    "huberLoss": (x, lambda v, r: F.huber_loss(v, y, reduction=r, delta=0.5)),
    "logCoshLoss": (x, reducing(lambda v: torch.log(torch.cosh(v - y)))),
    "hingeLoss": (x, reducing(lambda v: torch.clamp(1 - signs * v, min=0))),
    "hingeLoss ranking": (x, lambda v, r: F.margin_ranking_loss(v, z, signs, margin=0.3, reduction=r)),
    "softMarginLoss": (x, lambda v, r: F.soft_margin_loss(v, signs, reduction=r)),
    "hingeEmbeddingLoss": (x.abs(), lambda v, r: F.hinge_embedding_loss(v, signs, margin=0.7, reduction=r)),
    "multiMarginLoss": (x, lambda v, r: F.multi_margin_loss(v, labels, reduction=r)),
    "multiMarginLoss squared": (x, lambda v, r: F.multi_margin_loss(v, labels, p=2, margin=0.5, reduction=r)),
    "kullbackLeiblerDivergence": (
        x, reducing(lambda v: F.kl_div(torch.log_softmax(v, -1), shares, reduction="none").sum(-1))),
    "kullbackLeiblerDivergence logarithms": (
        x, reducing(
            lambda v: F.kl_div(torch.log_softmax(v, -1), shares.log(), reduction="none", log_target=True).sum(-1))),
    "poissonLoss": (x, lambda v, r: F.poisson_nll_loss(v, counts, reduction=r)),
    "poissonLoss rates": (x.exp(), lambda v, r: F.poisson_nll_loss(v, counts, log_input=False, eps=0, reduction=r)),
    "poissonLoss constant": (
        x, reducing(lambda v: -torch.distributions.Poisson(v.exp()).log_prob(counts))),
    "gaussianLoss": (x, lambda v, r: F.gaussian_nll_loss(v, y, z.abs() + 0.1, full=True, reduction=r)),
    "cosineLoss": (x, reducing(lambda v: 1 - F.cosine_similarity(v, y, eps=0))),
    "cosineEmbeddingLoss": (
        x, lambda v, r: F.cosine_embedding_loss(v, y, near, margin=0.1, reduction=r)),
    "tripletMarginLoss": (x, lambda v, r: F.triplet_margin_loss(v, y, z, margin=2, eps=0, reduction=r)),
    "tripletMarginLoss swapping": (
        x, lambda v, r: F.triplet_margin_loss(v, y, z, margin=2, swap=True, eps=0, reduction=r)),
    "infoNCELoss": (x, reducing(lambda v: info(v, y, 0.1))),
    "infoNCELoss symmetric": (x, reducing(lambda v: info(v, y, 0.5, True))),
    "diceLoss": (
        torch.sigmoid(sample(2, 3, 2, 2)),
        reducing(lambda v: dice(v, (sample(2, 3, 2, 2, seed=2) > 0).double(), 1.0))),
    "ctcLoss": (
        sample(3, 6, 4),
        lambda v, r: (lambda losses: {"none": losses, "sum": losses.sum(), "mean": losses.mean()}[r])(
            F.ctc_loss(
                torch.log_softmax(v, -1).transpose(0, 1), rows([1, 2, 2], [3, 1, 0], [2, 0, 0]), rows(6, 5, 3),
                rows(3, 2, 1), reduction="none"))),
}


def text(tensor):
    return " ".join(repr(n) for n in tensor.detach().reshape(-1).tolist())


print(f"""/// What PyTorch {torch.__version__.split('+')[0]} makes of losses: `scripts/loss-values.py` writes this file.
let storedLosses = \"\"\"""")
for name, (operand, loss) in cases.items():
    for reduction in ["mean", "sum", "none"]:
        v = operand.clone().requires_grad_()
        value = loss(v, reduction)
        (value.reshape(-1) * torch.arange(1.0, value.numel() + 1)).sum().backward()
        print(f"  {name} | {reduction} | {text(value)} | {text(v.grad)}")
print('  """')
