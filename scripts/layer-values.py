#!/usr/bin/env python3
"""Writes what PyTorch's layers make of the inputs of the tests, and their gradients, for Tests/LayersTests.

    scripts/layer-values.py > Tests/LayersTests/torch-values.txt

Needs PyTorch 2.9 or newer. Each line is a name, the shape of one result and its numbers. Names are those of a case and what
it is, such as `LSTM ragged.gradient.weight_ih_l0`; inputs and parameters follow a formula that the tests repeat, and the
gradient is that of the sum of all results times such numbers.
"""

import math
import warnings

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

warnings.filterwarnings("ignore")
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def sample(*sizes, seed=1):
    """Numbers that look random, between -1 and 1."""
    numbers = [math.sin((i * 7 + seed * 13) * 1.7 + 0.3) for i in range(math.prod(sizes))]
    return torch.tensor(numbers).reshape(sizes)


def row(name, tensor):
    tensor = tensor.detach()
    numbers = " ".join(f"{x:.12g}" for x in tensor.reshape(-1).tolist())
    print(name, ",".join(map(str, tensor.shape)), numbers, sep="\t")


def filled(module, scale=0.5, shift=0.0):
    """A module whose parameters follow the formula, with seeds from 1 on in the order of its state."""
    for seed, parameter in enumerate(module.parameters(), 1):
        parameter.data = sample(*parameter.shape, seed=seed) * scale + shift
    return module


def case(name, module, inputs, results):
    """Stores results, and the gradient of their weighted sum at inputs and parameters."""
    total = sum((r * sample(*r.shape, seed=50 + i)).sum() for i, r in enumerate(results.values()))
    total.backward()
    for key, result in results.items():
        row(f"{name}.{key}", result)
    for key, tensor in inputs.items():
        row(f"{name}.gradient.{key}", tensor.grad)
    for key, parameter in module.named_parameters():
        row(f"{name}.gradient.{key}", parameter.grad)


def recurrent(name, make, layers, directions, lengths):
    module = filled(make())
    x = sample(3, 5, 4, seed=20).requires_grad_()
    h = (sample(layers * directions, 3, 3, seed=21)).requires_grad_()
    c = (sample(layers * directions, 3, 3, seed=22)).requires_grad_()
    is_lstm = isinstance(module, nn.LSTM)
    state = (h, c) if is_lstm else h
    walked = x
    if lengths:
        walked = pack_padded_sequence(x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
    outputs, last = module(walked, state)
    if lengths:
        outputs = pad_packed_sequence(outputs, batch_first=True, total_length=5)[0]
    results = {"outputs": outputs}
    results |= {"hidden": last[0], "cell": last[1]} if is_lstm else {"hidden": last}
    inputs = {"input": x, "initial hidden": h}
    if is_lstm:
        inputs["initial cell"] = c
    case(name, module, inputs, results)


# Recurrent layers
for kind in [nn.RNN, nn.LSTM, nn.GRU]:
    title = kind.__name__
    recurrent(f"{title} plain", lambda: kind(4, 3, batch_first=True), 1, 1, None)
    recurrent(f"{title} without bias", lambda: kind(4, 3, bias=False, batch_first=True), 1, 1, None)
    deep = lambda: kind(4, 3, num_layers=2, bidirectional=True, batch_first=True)
    recurrent(f"{title} deep", deep, 2, 2, None)
    recurrent(f"{title} ragged", deep, 2, 2, [3, 5, 1])
recurrent("RNN relu", lambda: nn.RNN(4, 3, nonlinearity="relu", batch_first=True), 1, 1, None)

# Normalizations, channels last
NORMS = {
    "BatchNorm": (lambda: nn.BatchNorm2d(4), (3, 2, 5, 4)),
    "LayerNorm": (lambda: nn.LayerNorm(4), (3, 5, 4)),
    "RMSNorm": (lambda: nn.RMSNorm(4, eps=1e-5), (3, 5, 4)),
    "GroupNorm": (lambda: nn.GroupNorm(2, 4), (3, 2, 5, 4)),
    "InstanceNorm": (lambda: nn.InstanceNorm2d(4, affine=True), (3, 2, 5, 4)),
}


def normalized(module, x):
    if isinstance(module, (nn.LayerNorm, nn.RMSNorm)):
        return module(x)
    return module(x.movedim(-1, 1)).movedim(1, -1)


for title, (make, sizes) in NORMS.items():
    module = filled(make(), 0.5, 0.75)
    x = sample(*sizes, seed=20).requires_grad_()
    case(title, module, {"input": x}, {"outputs": normalized(module, x)})
    if title == "BatchNorm":
        row("BatchNorm.mean", module.running_mean)
        row("BatchNorm.variance", module.running_var)
        module.zero_grad()
        x = sample(*sizes, seed=21).requires_grad_()
        case("BatchNorm evaluated", module.eval(), {"input": x}, {"outputs": normalized(module, x)})

module = filled(nn.InstanceNorm2d(4, affine=True, track_running_stats=True, momentum=0.3), 0.5, 0.75)
for seed in [20, 21]:
    x = sample(3, 2, 5, 4, seed=seed)
    row(f"InstanceNorm kept.outputs.{seed}", normalized(module, x))
row("InstanceNorm kept.mean", module.running_mean)
row("InstanceNorm kept.variance", module.running_var)
x = sample(3, 2, 5, 4, seed=22).requires_grad_()
case("InstanceNorm evaluated", module.eval(), {"input": x}, {"outputs": normalized(module, x)})

# Normalized weights
P = nn.utils.parametrizations
dense = filled(nn.Linear(4, 3))
module = P.weight_norm(dense)
module.parametrizations.weight.original0.data = sample(3, 1, seed=9) + 1.5
x = sample(5, 4, seed=20).requires_grad_()
case("WeightNorm", module, {"input": x}, {"outputs": module(x)})
conv = filled(nn.ConvTranspose2d(2, 4, (2, 3)))
module = P.weight_norm(conv, dim=1)
x = sample(2, 3, 4, 2, seed=20).requires_grad_()
case("WeightNorm transposed", module, {"input": x}, {"outputs": module(x.movedim(-1, 1)).movedim(1, -1)})

# The vectors of a spectral norm begin with the formula's
for title, dense in [("SpectralNorm", nn.Linear(4, 3)), ("SpectralNorm convolution", nn.Conv2d(4, 3, (2, 3)))]:
    dense = filled(dense)
    is_dense = isinstance(dense, nn.Linear)
    module = P.spectral_norm(dense, n_power_iterations=2)
    spectral = module.parametrizations.weight[0]
    unit = lambda x: x / x.norm()
    width = dense.weight.numel() // 3
    u = unit(sample(3, seed=30))
    v = unit(sample(4, 2, 3, seed=31) if not is_dense else sample(4, seed=31)).reshape(-1)
    spectral._u, spectral._v = u, v
    x = (sample(5, 4, seed=20) if is_dense else sample(2, 4, 5, 4, seed=20)).requires_grad_()
    apply = lambda: module(x) if is_dense else module(x.movedim(-1, 1)).movedim(1, -1)
    case(title, module, {"input": x}, {"outputs": apply()})
    row(f"{title}.left", spectral._u)
    if is_dense:
        row(f"{title}.right", spectral._v)
    module.eval()
    row(f"{title}.evaluated", apply())
