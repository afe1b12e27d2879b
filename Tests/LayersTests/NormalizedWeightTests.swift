import DescentGraph
import DescentLayers
import DescentTensors
import TestSupport
import Testing

/// Weights with learned lengths, or divided by their largest singular value, against PyTorch's.
@Suite struct NormalizedWeightTests {
  private let x = sample([5, 4], seed: 20)

  private func dense() -> Dense {
    var dense = Dense(units: 3)
    dense.weight = Parameter(sample([3, 4], seed: 1).transposed() * 0.5)
    dense.bias = Parameter(sample([3], seed: 2) * 0.5)
    return dense
  }

  @Test func lengthsOfDense() throws {
    var layer = WeightNorm(dense())
    layer.length = Parameter(sample([3], seed: 9) + 1.5)
    try expectTorch(layer(x), "WeightNorm.outputs")
    let (slope, atInput) = try gradient(at: layer, x) { weighted([$0($1)]) }
    let name = "WeightNorm.gradient."
    try expectTorch(atInput, name + "input")
    try expectTorch(slope.layer.bias?.tensor, name + "bias")
    try expectTorch(slope.length.tensor, name + "parametrizations.weight.original0") { $0.reshaped([3]) }
    try expectTorch(slope.layer.weight.tensor, name + "parametrizations.weight.original1") { $0.transposed() }
    try expectGradient(of: layer) { square($0(x)).sum() }
  }

  @Test func lengthsOfConvolutions() throws {
    let images = sample([2, 3, 4, 2], seed: 20)
    var conv = TransposedConv2D(Filters(4, sizes: [2, 3]))
    // PyTorch's weights are [inputs, outputs, height, width].
    conv.weight = Parameter(sample([2, 4, 2, 3], seed: 1).transposed([2, 3, 1, 0]) * 0.5)
    conv.bias = Parameter(sample([4], seed: 2) * 0.5)
    var layer = WeightNorm(conv)
    layer.length = Parameter(sqrt(square(sample([2, 4, 2, 3], seed: 1) * 0.5).sum(axes: [0, 2, 3])))
    let name = "WeightNorm transposed."
    try expectTorch(layer(images), name + "outputs")
    let (slope, atInput) = try gradient(at: layer, images) { weighted([$0($1)]) }
    try expectTorch(atInput, name + "gradient.input")
    try expectTorch(slope.length.tensor, name + "gradient.parametrizations.weight.original0") { $0.reshaped([4]) }
    try expectTorch(slope.layer.weight.tensor, name + "gradient.parametrizations.weight.original1") {
      $0.transposed([2, 3, 1, 0])
    }
  }

  /// A new layer is what it would be alone, in training and where it stands in a model.
  @Test func beginsAsTheLayerAlone() throws {
    struct Model: Layer {
      var hidden = WeightNorm(Conv2D(filters: 3, size: 2))
      func callAsFunction(_ x: Tensor) -> Tensor { hidden(x) }
    }
    let images = sample([2, 4, 4, 2])
    let model = try Model().initialized(for: images, seed: 3)
    #expect(model.parameters.map(\.path) == ["hidden.layer.weight", "hidden.layer.bias", "hidden.length"])
    #expect(model.hidden.length.tensor?.shape == [3])
    try expectClose(model(images).scalars(), model.hidden.layer(images).scalars(), within: 1e-12)
    try expectGradient(of: model) { square($0(images)).sum() }
    try withTemporaryFolder { folder in
      try model.save(to: folder + "/m.safetensors")
      #expect(try Model().loading(folder + "/m.safetensors")(images).scalars() == model(images).scalars())
    }
    #expect(fault(of: model(sample([2, 4, 4, 3]))).hasPrefix("hidden.layer (Conv2D): was made for 2 channels"))
    #expect(fault(of: Model()(images)).contains("has no parameters yet"))
    let narrow = try withPrecision(.bfloat16) { try Model().initialized(for: images) }
    #expect(narrow.hidden.length.tensor?.elementType == .float32)
    #expect(withPrecision(.bfloat16) { narrow(images) }.elementType == .bfloat16)
  }

  private func unit(_ x: Tensor) -> Tensor { x / sqrt(square(x).sum()) }

  @Test func spectralNorm() throws {
    var layer = SpectralNorm(dense(), iterations: 2)
    layer.left = Parameter(unit(sample([3], seed: 30)), role: .statistic)
    layer.right = Parameter(unit(sample([4], seed: 31)), role: .statistic)
    let pass = try training(layer, seed: 1) { layer in
      try gradient(at: layer, x) { weighted([$0($1)]) }
    }
    let name = "SpectralNorm."
    try expectTorch(try training(layer, seed: 1) { $0(x) }.result, name + "outputs")
    try expectTorch(pass.result.1, name + "gradient.input")
    try expectTorch(pass.result.0.layer.bias?.tensor, name + "gradient.bias")
    try expectTorch(pass.result.0.layer.weight.tensor, name + "gradient.parametrizations.weight.original") {
      $0.transposed()
    }
    try expectTorch(pass.model.left.tensor, name + "left")
    try expectTorch(pass.model.right.tensor, name + "right")
    try expectTorch(pass.model(x), name + "evaluated")
  }

  @Test func spectralNormOfConvolutions() throws {
    let images = sample([2, 4, 5, 4], seed: 20)
    var conv = Conv2D(Filters(3, sizes: [2, 3]))
    conv.weight = Parameter(sample([3, 4, 2, 3], seed: 1).transposed([2, 3, 1, 0]) * 0.5)
    conv.bias = Parameter(sample([3], seed: 2) * 0.5)
    var layer = SpectralNorm(conv, iterations: 2)
    layer.left = Parameter(unit(sample([3], seed: 30)), role: .statistic)
    // The inputs come last here, first in PyTorch.
    let right = unit(sample([4, 2, 3], seed: 31)).transposed([1, 2, 0]).reshaped([24])
    layer.right = Parameter(right, role: .statistic)
    let pass = try training(layer, seed: 1) { layer in
      try gradient(at: layer, images) { weighted([$0($1)]) }
    }
    let name = "SpectralNorm convolution."
    try expectTorch(try training(layer, seed: 1) { $0(images) }.result, name + "outputs")
    try expectTorch(pass.result.1, name + "gradient.input")
    try expectTorch(pass.result.0.layer.weight.tensor, name + "gradient.parametrizations.weight.original") {
      $0.transposed([2, 3, 1, 0])
    }
    try expectTorch(pass.model.left.tensor, name + "left")
    try expectTorch(pass.model(images), name + "evaluated")
  }

  /// New vectors begin near the first singular ones, and a frozen layer keeps them.
  @Test func beginsNearTheSingularVectors() throws {
    let layer = try SpectralNorm(Dense(units: 6), iterations: 1).initialized(for: sample([2, 9]), seed: 5)
    var far = layer
    for step in 0..<60 { far = try training(far, seed: UInt64(step)) { $0(sample([2, 9])) }.model }
    let weight = try #require(far.layer.weight.tensor)
    let identity = far(Tensor(identity: 9, .float64)) - far(Tensor(zeros: [1, 9], .float64))
    try expectClose([svdValues(identity).max().item()], [1], within: 1e-6)
    try expectClose(
      (identity * svdValues(weight).max()).scalars(), weight.scalars(), within: 1e-6)
    var frozen = layer
    frozen.freeze()
    #expect(
      try training(frozen, seed: 1) { $0(sample([2, 9])) }.model.left.tensor?.scalars() == layer.left.tensor?.scalars())
    #expect(fault(of: SpectralNorm(Dense(units: 2), iterations: 0)(x)).contains("iterations"))
  }

  @Test func weightsOfZeroStayFinite() throws {
    var zeros = dense()
    zeros.weight = Parameter(Tensor(zeros: [4, 3], .float64))
    func isFinite<Tested: Layer<Tensor, Tensor>>(_ layer: Tested) throws -> Bool {
      let slope = try gradient(at: layer) { (layer: Tested) in square(try layer(x) - 1.0).sum() }
      let tensors = try [try layer(x)] + Array(namedTensors(of: slope).values)
      return try tensors.allSatisfy { tensor in try tensor.scalars().allSatisfy { $0.isFinite } }
    }
    let lengths = try WeightNorm(zeros).initialized(for: x)
    #expect(try isFinite(lengths))
    #expect(try lengths.length.tensor?.scalars() == [0, 0, 0])
    var divided = try SpectralNorm(zeros).initialized(for: x)
    #expect(try isFinite(divided))
    divided = try training(divided, seed: 1) { $0(x) }.model
    // Once there are weights, they are divided.
    divided.layer.weight = Parameter(sample([4, 3]) * 10)
    for _ in 0..<30 { divided = try training(divided, seed: 1) { $0(x) }.model }
    let bare = try (divided(Tensor(identity: 4, .float64)) - #require(divided.layer.bias?.tensor))
    try expectClose([svdValues(bare).max().item()], [1], within: 1e-6)
  }
}
