import DescentGraph
import DescentLayers
import DescentTensors
import Foundation
import TestSupport
import Testing

/// Attention and transformer blocks with weights of PyTorch's layers, taken over by the rule in Documentation/Layers.md, against
/// what these give, in Float64: outputs, gradients with respect to inputs, and the inner product of the gradient with respect to each
/// of PyTorch's parameters with a fixed tensor. attention-values.txt is what scripts/attention-values.py writes.
@Suite struct AttentionValueTests {
  /// PyTorch's parameters in their order, by name and shape.
  private typealias Shapes = [(name: String, shape: Shape)]

  private static func attention(_ prefix: String = "") -> Shapes {
    [
      ("\(prefix)in_proj_weight", [24, 8]), ("\(prefix)in_proj_bias", [24]), ("\(prefix)out_proj.weight", [8, 8]),
      ("\(prefix)out_proj.bias", [8]),
    ]
  }

  private static func rest(_ norms: Int) -> Shapes {
    let linear: Shapes = [
      ("linear1.weight", [6, 8]), ("linear1.bias", [6]), ("linear2.weight", [8, 6]), ("linear2.bias", [8]),
    ]
    return linear + (1...norms).flatMap { [("norm\($0).weight", [8]), ("norm\($0).bias", [8])] as Shapes }
  }

  /// Where a parameter of PyTorch's stands here, in parts: `in_proj` holds queries, keys and values, and matrices are
  /// transposed.
  private static func parts(_ name: String, _ tensor: Tensor, isDecoder: Bool) -> [(path: String, tensor: Tensor)] {
    var name = name
    for (theirs, ours) in [("self_attn.", "attention."), ("multihead_attn.", "crossAttention.")] {
      name = name.replacingOccurrences(of: theirs, with: ours)
    }
    let prefix = name.contains("ttention.") ? "\(name.split(separator: ".")[0])." : ""
    let matrix = tensor.rank == 2 ? tensor.transposed() : tensor
    let last = name.hasSuffix("weight") ? "weight" : "bias"
    if name.contains("in_proj") {
      return zip(["query", "key", "value"], matrix.chunked(3, axis: -1)).map { ("\(prefix)\($0).\(last)", $1) }
    }
    for (theirs, ours) in [("q_proj_weight", "query"), ("k_proj_weight", "key"), ("v_proj_weight", "value")]
    where name == theirs { return [("\(ours).weight", matrix)] }
    let norms =
      isDecoder ? ["attentionNorm", "crossAttentionNorm", "feedForwardNorm"] : ["attentionNorm", "feedForwardNorm"]
    if name.hasPrefix("norm"), let digit = name.dropFirst(4).first?.wholeNumberValue {
      return [("\(norms[digit - 1]).\(last == "weight" ? "scale" : "shift")", matrix)]
    }
    for (theirs, ours) in [
      ("out_proj", "\(prefix)output"), ("linear1", "feedForward.hidden"), ("linear2", "feedForward.output"),
    ]
    where name.contains(theirs) { return [("\(ours).\(last)", matrix)] }
    return []
  }

  private static func stored() throws -> [String: [Double]] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "attention-values.txt")
    var values: [String: [Double]] = [:]
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") where !line.hasPrefix("#") {
      let parts = line.split(separator: ":")
      values[String(parts[0])] = parts[1].split(separator: " ").compactMap { Double($0) }
    }
    return values
  }

  /// Compares a model of PyTorch's parameters.
  private func compare<Part: Model>(
    _ name: String, _ model: Part, _ shapes: Shapes, _ inputs: [Tensor], isDecoder: Bool = false,
    location: SourceLocation = #_sourceLocation, _ output: (Part, [Tensor]) -> Tensor
  ) throws {
    let stored = try Self.stored()
    func wanted(_ key: String) throws -> [Double] { try #require(stored["\(name).\(key)"], sourceLocation: location) }
    var tensors: [String: Tensor] = [:]
    for (index, parameter) in shapes.enumerated() {
      var values = sample(parameter.shape, seed: 20 + index) * 0.5
      if parameter.name.contains("norm"), parameter.name.hasSuffix("weight") { values = 1 + values * 0.2 }
      for part in Self.parts(parameter.name, values, isDecoder: isDecoder) { tensors[part.path] = part.tensor }
    }
    let filled = try replacingTensors(
      of: try model.initialized { output($0, inputs) }, with: tensors, from: "PyTorch's layer")
    try expectClose(output(filled, inputs).scalars(), wanted("output"), within: 1e-9, location: location)
    let slope = try gradient(at: filled, inputs) { model, inputs in
      let result = output(model, inputs)
      return (result * sample(result.shape, seed: 99)).sum()
    }
    for (index, gradient) in slope.1.enumerated() {
      try expectClose(gradient.scalars(), wanted("input\(index)"), within: 1e-9, location: location)
    }
    let gradients = try namedTensors(of: slope.0)
    let products = try shapes.enumerated().map { index, parameter in
      let way = Self.parts(parameter.name, sample(parameter.shape, seed: 50 + index), isDecoder: isDecoder)
      var sum = 0.0
      for part in way {
        let gradient = try #require(gradients[part.path])
        sum += try (gradient * part.tensor).sum().item()
      }
      return sum
    }
    try expectClose(products, wanted("parameters"), within: 1e-8, location: location)
  }

  private let x = sample([2, 3, 8])
  private let past = Tensor(ones: [3, 3]).lowerTriangle() .> 0
  private let isWord = (Tensor([[1, 1, 1], [1, 1, 0]]) .> 0)

  @Test func attentionIsPyTorchs() throws {
    try compare("attention", MultiHeadAttention(heads: 2), Self.attention(), [x]) { $0($1[0]) }
    try compare("masked", MultiHeadAttention(heads: 2), Self.attention(), [x]) { model, x in
      model(x[0], mask: past, padding: isWord)
    }
    try compare("masked", MultiHeadAttention(heads: 2, isCausal: true), Self.attention(), [x]) { model, x in
      model(x[0], padding: isWord)
    }
    let weights = Self.attention().filter { $0.name.hasSuffix("weight") }
    try compare("additive", MultiHeadAttention(heads: 2, bias: false), weights, [x]) { model, x in
      model(x[0], mask: sample([3, 3], seed: 7))
    }
  }

  @Test func attentionToOthersIsPyTorchs() throws {
    let shapes: Shapes = [
      ("q_proj_weight", [8, 8]), ("k_proj_weight", [8, 5]), ("v_proj_weight", [8, 6]), ("in_proj_bias", [24]),
      ("out_proj.weight", [8, 8]), ("out_proj.bias", [8]),
    ]
    let inputs = [x, sample([2, 4, 5], seed: 2), sample([2, 4, 6], seed: 3)]
    try compare("cross", MultiHeadAttention(heads: 2), shapes, inputs) { model, x in
      model(x[0], attendingTo: x[1], values: x[2])
    }
  }

  @Test func encoderBlocksArePyTorchs() throws {
    for (order, name) in [(NormOrder.post, "post"), (.pre, "pre")] {
      for (activation, word) in [(Activation.relu, "relu"), (.gelu, "gelu")] {
        let block = TransformerEncoderBlock(heads: 2, units: 6, activation: activation, order: order)
        try compare("encoder.\(name).\(word)", block, Self.attention("self_attn.") + Self.rest(2), [x]) { model, x in
          model(x[0], mask: past)
        }
      }
    }
  }

  @Test func decoderBlocksArePyTorchs() throws {
    let isPresent = (Tensor([[1, 1, 1, 1], [1, 1, 1, 0]]) .> 0)
    let shapes = Self.attention("self_attn.") + Self.attention("multihead_attn.") + Self.rest(3)
    for (order, name) in [(NormOrder.post, "post"), (.pre, "pre")] {
      let block = TransformerDecoderBlock(heads: 2, units: 6, order: order)
      try compare("decoder.\(name)", block, shapes, [x, sample([2, 4, 8], seed: 2)], isDecoder: true) { model, x in
        model(x[0], attendingTo: x[1], memoryPadding: isPresent)
      }
    }
  }

  @Test func weightsArePyTorchs() throws {
    var tensors: [String: Tensor] = [:]
    for (index, parameter) in Self.attention().enumerated() {
      for part in Self.parts(parameter.name, sample(parameter.shape, seed: 20 + index) * 0.5, isDecoder: false) {
        tensors[part.path] = part.tensor
      }
    }
    let model = try replacingTensors(
      of: MultiHeadAttention(heads: 2, isCausal: true).initialized(for: x), with: tensors, from: "")
    let (output, weights) = model.outputAndWeights(x)
    #expect(weights.shape == [2, 2, 3, 3])
    try expectClose(weights.scalars(), #require(Self.stored()["weights"]), within: 1e-9)
    try expectClose(output.scalars(), model(x).scalars(), within: 0)
  }
}
