#!/usr/bin/env python3
"""Writes what PyTorch's attention and transformer layers give, for Tests/LayersTests/AttentionValueTests.swift.

    scripts/attention-values.py > Tests/LayersTests/attention-values.txt

A row is a name and numbers: outputs, gradients with respect to inputs, and for each parameter in PyTorch's order the inner
product of its gradient with a fixed tensor. Operands are those of `sample` in the tests, everything is in Float64.
"""
import math

import torch
import torch.nn as nn

torch.set_default_dtype(torch.float64)
FEATURES, HEADS, BATCH, LENGTH, MEMORY = 8, 2, 2, 3, 4
PAST = torch.triu(torch.full((LENGTH, LENGTH), True), 1)
PADDING = torch.tensor([[False, False, False], [False, False, True]])
MEMORY_PADDING = torch.tensor([[False] * 4, [False, False, False, True]])


def sample(shape, seed=1):
    count = math.prod(shape)
    return torch.tensor([math.sin((i * 7 + seed * 13) * 1.7 + 0.3) for i in range(count)]).reshape(shape)


def filled(layer):
    for index, (name, parameter) in enumerate(layer.named_parameters()):
        values = sample(parameter.shape, 20 + index) * 0.5
        parameter.data = 1 + values * 0.2 if "norm" in name and name.endswith("weight") else values
    return layer


def row(name, tensor):
    print(f"{name}: " + " ".join("%.12g" % x for x in tensor.detach().flatten().tolist()))


def case(name, layer, function, inputs):
    filled(layer)
    for x in inputs:
        x.requires_grad_(True)
    output = function(layer, *inputs)
    (output * sample(output.shape, 99)).sum().backward()
    row(f"{name}.output", output)
    for index, x in enumerate(inputs):
        row(f"{name}.input{index}", x.grad)
    products = [(p.grad * sample(p.shape, 50 + index)).sum() for index, p in enumerate(layer.parameters())]
    row(f"{name}.parameters", torch.stack(products))


def attention(**settings):
    return nn.MultiheadAttention(FEATURES, HEADS, batch_first=True, **settings)


def x(seed=1, length=LENGTH, features=FEATURES):
    return sample((BATCH, length, features), seed)


print(f"# What PyTorch {torch.__version__} gives; scripts/attention-values.py wrote it.")
case("attention", attention(), lambda m, a: m(a, a, a, need_weights=False)[0], [x()])
case("masked", attention(),
     lambda m, a: m(a, a, a, attn_mask=PAST, key_padding_mask=PADDING, need_weights=False)[0], [x()])
case("additive", attention(bias=False),
     lambda m, a: m(a, a, a, attn_mask=sample((LENGTH, LENGTH), 7), need_weights=False)[0], [x()])
case("cross", attention(kdim=5, vdim=6), lambda m, a, b, c: m(a, b, c, need_weights=False)[0],
     [x(), x(2, MEMORY, 5), x(3, MEMORY, 6)])
row("weights", filled(attention())(x(), x(), x(), attn_mask=PAST, average_attn_weights=False)[1])
for is_first in (False, True):
    order = "pre" if is_first else "post"
    for activation in ("relu", "gelu"):
        case(f"encoder.{order}.{activation}",
             nn.TransformerEncoderLayer(FEATURES, HEADS, 6, 0.0, activation, batch_first=True, norm_first=is_first),
             lambda m, a: m(a, src_mask=PAST), [x()])
    case(f"decoder.{order}",
         nn.TransformerDecoderLayer(FEATURES, HEADS, 6, 0.0, batch_first=True, norm_first=is_first),
         lambda m, a, b: m(a, b, tgt_mask=PAST, memory_key_padding_mask=MEMORY_PADDING), [x(), x(2, MEMORY)])
