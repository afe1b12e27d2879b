#!/usr/bin/env python3
"""Writes what Keras' layers make of the inputs of the tests, for Tests/LayersTests.

    scripts/keras-values.py > Tests/LayersTests/keras-values.txt

Needs Keras 3 and PyTorch, which computes. Each line is a name, the shape of one result and its numbers. Inputs and weights
follow a formula that the tests repeat: seeds count from 1 on in the order of `get_weights()`.
"""

import math
import os

os.environ["KERAS_BACKEND"] = "torch"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np
from keras import layers

keras.config.set_floatx("float64")
keras.config.set_dtype_policy("float64")


def sample(*sizes, seed=1):
    """Numbers that look random, between -1 and 1."""
    numbers = [math.sin((i * 7 + seed * 13) * 1.7 + 0.3) for i in range(math.prod(sizes))]
    return np.array(numbers).reshape(sizes)


def row(name, tensor):
    tensor = keras.ops.convert_to_numpy(tensor)
    print(name, ",".join(map(str, tensor.shape)), " ".join(f"{x:.12g}" for x in tensor.reshape(-1)), sep="\t")


def case(name, layer, *inputs, **settings):
    """Stores what a layer gives whose weights follow the formula; squares of them where they have to be positive."""
    layer(*inputs, **settings)
    weights = []
    for seed, variable in enumerate(layer.weights, 1):
        values = sample(*variable.shape, seed=seed) * 0.5
        weights.append(values * values + 0.5 if "variance" in variable.path else values)
    layer.set_weights(weights)
    results = layer(*inputs, **settings)
    for number, result in enumerate(results if isinstance(results, (list, tuple)) else [results]):
        row(f"{name}.{number}", result)


sequence = sample(3, 5, 4, seed=20)
images = sample(2, 6, 5, 4, seed=20)

case("Dense", layers.Dense(3, activation="tanh"), sequence)
case("Conv1D", layers.Conv1D(3, 2, padding="causal", dilation_rate=2), sequence)
case("Conv2D", layers.Conv2D(6, (3, 2), strides=2, padding="same", groups=2), images)
case("Conv2DTranspose", layers.Conv2DTranspose(3, 3, strides=2, padding="valid"), images)
case("DepthwiseConv2D", layers.DepthwiseConv2D(3, depth_multiplier=2), images)
case("SeparableConv2D", layers.SeparableConv2D(3, 3, depth_multiplier=2), images)
case("Embedding", layers.Embedding(7, 3), np.array([[0, 6, 2], [5, 5, 1]]))
case("BatchNormalization", layers.BatchNormalization(epsilon=1e-3), images)
case("LayerNormalization", layers.LayerNormalization(epsilon=1e-3), sequence)
case("GroupNormalization", layers.GroupNormalization(groups=2, epsilon=1e-3), images)
case("SimpleRNN", layers.SimpleRNN(3, return_sequences=True), sequence)
case("LSTM", layers.LSTM(3, return_sequences=True, return_state=True), sequence)
for after in [True, False]:
    case(f"GRU {'after' if after else 'before'}", layers.GRU(3, return_sequences=True, reset_after=after), sequence)
case(
    "Bidirectional", layers.Bidirectional(layers.GRU(3, return_sequences=True)), sequence)
case(
    "MultiHeadAttention", layers.MultiHeadAttention(num_heads=2, key_dim=3), sequence, sequence,
    use_causal_mask=True, return_attention_scores=True)
case(
    "GroupedQueryAttention", layers.GroupQueryAttention(head_dim=3, num_query_heads=4, num_key_value_heads=2), sequence,
    sample(3, 2, 4, seed=21))
