import DescentGraph
import DescentLayers
import DescentTensors
import TestSupport
import Testing

/// Normalizing layers against PyTorch's, forward and gradient.
@Suite struct NormalizationTests {
  private let scale = Parameter(sample([4], seed: 1) * 0.5 + 0.75)
  private let shift = Parameter(sample([4], seed: 2) * 0.5 + 0.75)
  private let vectors = sample([3, 5, 4], seed: 20)
  private let images = sample([3, 2, 5, 4], seed: 20)

  /// Compares outputs and gradients, and the gradients with finite differences.
  private func expectTorchs<Network: Layer>(
    _ layer: Network, _ name: String, _ x: Tensor, scale: (Network) -> Parameter?, shift: (Network) -> Parameter?
  ) throws where Network.Input == Tensor, Network.Output == Tensor {
    try expectTorch(layer(x), "\(name).outputs")
    let (slope, atInput) = try gradient(at: layer, x) { try weighted([$0($1)]) }
    try expectTorch(atInput, "\(name).gradient.input")
    if let found = scale(slope) { try expectTorch(found.tensor, "\(name).gradient.weight") }
    if let found = shift(slope) { try expectTorch(found.tensor, "\(name).gradient.bias") }
    try expectGradient(of: layer) { try square($0(x)).sum() }
    #expect(try training(seed: 1) { try layer(x) }.scalars() == layer(x).scalars())
  }

  @Test func ofVectors() throws {
    var norm = LayerNorm()
    (norm.scale, norm.shift) = (scale, shift)
    try expectTorchs(norm, "LayerNorm", vectors, scale: \.scale, shift: \.shift)
    var root = RMSNorm()
    root.scale = scale
    try expectTorchs(root, "RMSNorm", vectors, scale: \.scale, shift: { _ in nil })
  }

  @Test func ofImages() throws {
    var group = GroupNorm(groups: 2)
    (group.scale, group.shift) = (scale, shift)
    try expectTorchs(group, "GroupNorm", images, scale: \.scale, shift: \.shift)
    var instance = InstanceNorm()
    (instance.scale, instance.shift) = (scale, shift)
    try expectTorchs(instance, "InstanceNorm", images, scale: \.scale, shift: \.shift)
    #expect(try InstanceNorm(isScaled: false)(images).scalars() == instanceNorm(images).scalars())
  }

  @Test func ofBatches() throws {
    struct Model: Layer {
      var norm = BatchNorm()
      func callAsFunction(_ x: Tensor) -> Tensor { norm(x) }
    }
    var model = try Model().initialized(for: images)
    (model.norm.scale, model.norm.shift) = (scale, shift)
    let pass = try training(model, seed: 1) { model in
      try gradient(at: model, images) { weighted([$0($1)]) }
    }
    try expectTorch(training(model, seed: 1) { $0(images) }.result, "BatchNorm.outputs")
    try expectTorch(pass.result.1, "BatchNorm.gradient.input")
    try expectTorch(pass.result.0.norm.scale.tensor, "BatchNorm.gradient.weight")
    try expectTorch(pass.result.0.norm.shift.tensor, "BatchNorm.gradient.bias")
    try expectTorch(pass.model.norm.mean.tensor, "BatchNorm.mean")
    try expectTorch(pass.model.norm.variance.tensor, "BatchNorm.variance")
    let others = sample([3, 2, 5, 4], seed: 21)
    try expectTorch(pass.model(others), "BatchNorm evaluated.outputs")
    let (slope, atInput) = try gradient(at: pass.model, others) { weighted([$0($1)]) }
    try expectTorch(atInput, "BatchNorm evaluated.gradient.input")
    try expectTorch(slope.norm.scale.tensor, "BatchNorm evaluated.gradient.weight")
    try expectTorch(slope.norm.shift.tensor, "BatchNorm evaluated.gradient.bias")
  }

  @Test func runningStatisticsOfImages() throws {
    struct Model: Layer {
      var norm = InstanceNorm(keepsStatistics: true, momentum: 0.7)
      func callAsFunction(_ x: Tensor) -> Tensor { norm(x) }
    }
    var model = try Model().initialized(for: images)
    (model.norm.scale, model.norm.shift) = (scale, shift)
    for seed in [20, 21] {
      let pass = try training(model, seed: 1) { $0(sample([3, 2, 5, 4], seed: seed)) }
      try expectTorch(pass.result, "InstanceNorm kept.outputs.\(seed)")
      model = pass.model
    }
    try expectTorch(model.norm.mean?.tensor, "InstanceNorm kept.mean")
    try expectTorch(model.norm.variance?.tensor, "InstanceNorm kept.variance")
    let others = sample([3, 2, 5, 4], seed: 22)
    try expectTorch(model(others), "InstanceNorm evaluated.outputs")
    let (slope, atInput) = try gradient(at: model, others) { weighted([$0($1)]) }
    try expectTorch(atInput, "InstanceNorm evaluated.gradient.input")
    try expectTorch(slope.norm.scale?.tensor, "InstanceNorm evaluated.gradient.weight")
    try expectTorch(slope.norm.shift?.tensor, "InstanceNorm evaluated.gradient.bias")
    // What stays as it is normalizes as it was trained to, and is not moved.
    model.freeze { $0.path == "norm.mean" }
    let still = try training(model, seed: 1) { $0(others) }
    #expect(try still.result.scalars() == model(others).scalars())
    #expect(try still.model.norm.variance?.tensor?.scalars() == model.norm.variance?.tensor?.scalars())
  }

  @Test func halvesAreNormalizedInFloat32() throws {
    let x = (images * 1000.0 + 3000.0).converted(to: .bfloat16)
    struct All: Layer {
      var layer = LayerNorm()
      var root = RMSNorm()
      var group = GroupNorm(groups: 4)
      var instance = InstanceNorm()
      func callAsFunction(_ x: Tensor) -> Tensor { stacked([layer(x), root(x), group(x), instance(x)]) }
    }
    let all = try All().initialized(for: x)
    #expect(try namedTensors(of: all).values.allSatisfy { $0.elementType == .float32 })
    #expect(all(x).elementType == .bfloat16)
    #expect(try all(x).scalars().allSatisfy { abs($0) < 10 })
  }

  @Test func namesTheFault() throws {
    let group = try GroupNorm(groups: 2).initialized(for: images)
    #expect(fault(of: group(sample([2, 6]))).hasPrefix("GroupNorm: was made for 4 features, found an input [2, 6]"))
    #expect(fault(of: GroupNorm(groups: 3)(images)).contains("GroupNorm: groupNorm: the last axis of [3, 2, 5, 4]"))
    #expect(fault(of: GroupNorm(groups: 0)(images)).contains("groups"))
    let kept = try InstanceNorm(isScaled: false, keepsStatistics: true).initialized(for: images)
    #expect(fault(of: kept(sample([2, 3, 6]))).hasPrefix("InstanceNorm: was made for 4 features"))
    #expect(fault(of: training(seed: 1) { kept(sample([2, 1, 1, 4])) }).contains("needs more than one place"))
    #expect(fault(of: InstanceNorm(momentum: 2)(images)).contains("momentum must lie in 0...1"))
    #expect(fault(of: InstanceNorm()(sample([3, 4]))).contains("takes an input [batch, spatial…, channels]"))
    #expect(fault(of: RMSNorm()(Tensor(1.0))).contains("takes an input […, features]"))
    #expect(fault(of: RMSNorm(epsilon: -1)(images)).contains("epsilon"))
    #expect(fault(of: LayerNorm()(Tensor(integers: [1, 2]))).contains("floating-point"))
  }
}
