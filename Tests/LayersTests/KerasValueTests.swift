import DescentGraph
import DescentLayers
import DescentTensors
import TestSupport
import Testing

/// Layers with the weights of Keras', by the rules of Documentation/Layers.md, against what scripts/keras-values.py stored.
@Suite struct KerasValueTests {
  private let sequence = sample([3, 5, 4], seed: 20)
  private let images = sample([2, 6, 5, 4], seed: 20)

  /// The weights of a layer as Keras' `get_weights()` gives them.
  private func weights(_ shapes: Shape...) -> [Tensor] {
    shapes.enumerated().map { sample($1, seed: $0 + 1) * 0.5 }
  }

  @Test func products() throws {
    let given = weights([4, 3], [3])
    var dense = Dense(units: 3)
    (dense.weight, dense.bias) = (Parameter(given[0]), Parameter(given[1]))
    try expectKeras(tanh(dense(sequence)), "Dense.0")
    var embedding = Embedding(count: 7, size: 3)
    embedding.weight = Parameter(weights([7, 3])[0])
    try expectKeras(embedding(Tensor(integers: [0, 6, 2, 5, 5, 1], shape: [2, 3])), "Embedding.0")
  }

  @Test func convolutions() throws {
    func filled<Convolution: ConvolutionLayer>(_ layer: Convolution, _ kernel: Shape, _ count: Int) -> Convolution {
      var layer = layer
      let given = weights(kernel, [count])
      (layer.weight, layer.bias) = (Parameter(given[0]), Parameter(given[1]))
      return layer
    }
    let signals = filled(
      Conv1D(Filters(3, sizes: [2], padding: .sides(low: [2], high: [0]), dilation: [2])), [2, 4, 3], 3)
    try expectKeras(signals(sequence), "Conv1D.0")
    let strided = Filters(6, sizes: [3, 2], strides: [2], padding: .same, groups: 2)
    try expectKeras(filled(Conv2D(strided), [3, 2, 2, 6], 6)(images), "Conv2D.0")

    var transposed = TransposedConv2D(filters: 3, size: 3, strides: 2)
    var given = weights([3, 3, 3, 4], [3])
    (transposed.weight, transposed.bias) = (Parameter(given[0]), Parameter(given[1]))
    try expectKeras(transposed(images), "Conv2DTranspose.0")

    // The kernel [height, width, channels, multiplier] is [height, width, 1, channels · multiplier] here.
    var depthwise = DepthwiseConv2D(size: 3, multiplier: 2)
    given = weights([3, 3, 4, 2], [8])
    (depthwise.weight, depthwise.bias) = (Parameter(given[0].reshaped([3, 3, 1, 8])), Parameter(given[1]))
    try expectKeras(depthwise(images), "DepthwiseConv2D.0")

    var separable = SeparableConv2D(filters: 3, size: 3, multiplier: 2)
    given = weights([3, 3, 4, 2], [1, 1, 8, 3], [3])
    separable.depthwise.weight = Parameter(given[0].reshaped([3, 3, 1, 8]))
    (separable.pointwise.weight, separable.pointwise.bias) = (Parameter(given[1]), Parameter(given[2]))
    try expectKeras(separable(images), "SeparableConv2D.0")
  }

  @Test func normalizations() throws {
    let given = weights([4], [4], [4], [4])
    var batch = BatchNorm(epsilon: 1e-3)
    (batch.scale, batch.shift) = (Parameter(given[0]), Parameter(given[1]))
    batch.mean = Parameter(given[2], role: .statistic)
    batch.variance = Parameter(square(given[3]) + 0.5, role: .statistic)
    try expectKeras(batch(images), "BatchNormalization.0")
    var layer = LayerNorm(epsilon: 1e-3)
    (layer.scale, layer.shift) = (Parameter(given[0]), Parameter(given[1]))
    try expectKeras(layer(sequence), "LayerNormalization.0")
    var group = GroupNorm(groups: 2, epsilon: 1e-3)
    (group.scale, group.shift) = (Parameter(given[0]), Parameter(given[1]))
    try expectKeras(group(images), "GroupNormalization.0")
  }

  @Test func recurrentLayers() throws {
    let plain = try RNN(units: 3).loading(keras: weights([4, 3], [3, 3], [3]))
    try expectKeras(plain(sequence), "SimpleRNN.0")
    let memory = try LSTM(units: 3).loading(keras: weights([4, 12], [3, 12], [12]))
    let (outputs, last) = memory(Sequences(sequence))
    try expectKeras(outputs, "LSTM.0")
    try expectKeras(last[0].hidden, "LSTM.1")
    try expectKeras(last[0].cell, "LSTM.2")
    let after = try GRU(units: 3).loading(keras: weights([4, 9], [3, 9], [2, 9]))
    try expectKeras(after(sequence), "GRU after.0")
    let before = try GRU(units: 3, resetAfter: false).loading(keras: weights([4, 9], [3, 9], [9]))
    try expectKeras(before(sequence), "GRU before.0")
    let both = try GRU(units: 3, direction: .both).loading(
      keras: weights([4, 9], [3, 9], [2, 9], [4, 9], [3, 9], [2, 9]))
    try expectKeras(both(sequence), "Bidirectional.0")
  }

  /// Keras keeps heads and their width apart.
  private func attention(_ layer: MultiHeadAttention) -> MultiHeadAttention {
    let (heads, keyHeads) = (layer.heads, layer.keyHeads)
    let given = weights(
      [4, heads, 3], [heads, 3], [4, keyHeads, 3], [keyHeads, 3], [4, keyHeads, 3], [keyHeads, 3], [heads, 3, 4], [4])
    var layer = layer
    func fill(_ part: WritableKeyPath<MultiHeadAttention, Dense>, _ first: Int, _ shape: Shape) {
      layer[keyPath: part].weight = Parameter(given[first].reshaped(shape))
      layer[keyPath: part].bias = Parameter(given[first + 1].reshaped([shape[1]]))
    }
    fill(\.query, 0, [4, heads * 3])
    fill(\.key, 2, [4, keyHeads * 3])
    fill(\.value, 4, [4, keyHeads * 3])
    fill(\.output, 6, [heads * 3, 4])
    return layer
  }

  @Test func attentionOfSeveralHeads() throws {
    let causal = attention(MultiHeadAttention(heads: 2, headWidth: 3, isCausal: true))
    let (output, scores) = causal.outputAndWeights(sequence)
    try expectKeras(output, "MultiHeadAttention.0")
    try expectKeras(scores, "MultiHeadAttention.1")
    let grouped = attention(MultiHeadAttention(heads: 4, keyHeads: 2, headWidth: 3))
    try expectKeras(grouped(sequence, attendingTo: sample([3, 2, 4], seed: 21)), "GroupedQueryAttention.0")
  }
}
