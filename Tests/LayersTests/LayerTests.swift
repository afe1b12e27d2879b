import DescentGraph
import DescentLayers
import DescentTensors
import TestSupport
import Testing

/// A model of every kind of layer.
struct Everything: Layer {
  var conv = Conv2D(filters: 4, size: 3, strides: 2, padding: .same, groups: 2)
  var batchNorm = BatchNorm()
  var layerNorm = LayerNorm()
  var hidden = Dense(units: 3)
  var blocks = [Dense(units: 3), Dense(units: 2, bias: false)]

  func callAsFunction(_ images: Tensor) -> Tensor {
    var x = layerNorm(batchNorm(conv(images)))
    x = tanh(hidden(globalAveragePool(x)))
    for block in blocks { x = block(x) }
    return x
  }
}

@Suite struct LayerTests {
  @Test func denseMultipliesAndAdds() throws {
    var layer = try Dense(units: 2).initialized(for: sample([1, 3]))
    layer.weight = Parameter(Tensor([[1, 2], [3, 4], [5, 6]], .float64))
    layer.bias = Parameter(Tensor([10, 20], .float64))
    try expectClose(layer(Tensor([[1, 0, 2]], .float64)).scalars(), [21, 34])
    try expectClose(layer(Tensor([1, 0, 2], .float64)).scalars(), [21, 34])
  }

  @Test func denseNamesTheFaultAndItsPlace() throws {
    struct Model: Layer {
      var hidden1 = Dense(units: 4)
      func callAsFunction(_ x: Tensor) -> Tensor { hidden1(x) }
    }
    let model = try Model().initialized(for: Tensor(zeros: [1, 784]))
    #expect(
      fault(of: model(Tensor(zeros: [32, 700]))).hasPrefix(
        "hidden1 (Dense): was made for 784 features, found an input [32, 700]"))
    #expect(fault(of: model(Tensor(zeros: [2, 784], .uint8))).contains("floating-point"))
    #expect(fault(of: model(Tensor(zeros: [2, 784], .float64))).contains("float32"))
    #expect(fault(of: model(Tensor(1.0))).contains("found a scalar"))
    #expect(fault(of: Model()(Tensor(zeros: [1, 4]))).contains("no parameters yet"))
    #expect(fault(of: Dense(units: 0)(Tensor(zeros: [1, 4]))).contains("at least 1"))
    #expect(fault { _ = try Dense(units: .max).initialized(for: Tensor(zeros: [1, 4])) }.contains("Dense"))
  }

  /// A layer may throw; it is initialized, predicts and carries its error as any other.
  @Test func layersMayThrow() throws {
    struct Recurrent: Layer {
      var input = Dense(units: 3)
      var state = Dense(units: 3)
      func callAsFunction(_ x: Tensor) throws -> Tensor {
        try scan(over: x, from: Tensor(zeros: [3])) { h, x in
          let next = tanh(input(x) + state(h))
          return (next, next)
        }.outputs
      }
    }
    let model = try Recurrent().initialized(for: Tensor(zeros: [5, 2]))
    let x = sample([5, 2]).converted(to: .float32)
    let outputs = try model(x)
    #expect(outputs.shape == [5, 3])
    #expect(try model.predict(x).scalars() == outputs.scalars())
    #expect(fault { _ = try model(Tensor(1.0)) }.hasPrefix("scan: the sequence is float32[] and has no axis"))
    #expect(fault(of: model.predict(Tensor(zeros: [5, 4]))).contains("was made for 2 features"))
  }

  @Test func layersHaveRightDerivatives() throws {
    let images = sample([3, 5, 5, 2])
    let model = try Everything().initialized(for: images)
    let wide = try namedTensors(of: model)
    #expect(wide.values.allSatisfy { $0.elementType == .float64 })
    try expectGradient(of: model) { model in try training(model, seed: 1) { square($0(images)).sum() }.result }
    let input = [images]
    try expectGradient(of: input) { images in training(seed: 1) { square(model(images[0])).sum() } }
    try expectGradient(of: input) { images in square(model(images[0])).sum() }
  }

  @Test func convolutionChecksItsInput() throws {
    let layer = try Conv2D(filters: 2, size: 5).initialized(for: Tensor(zeros: [1, 8, 8, 3]))
    #expect(layer.weight.tensor?.shape == [5, 5, 3, 2])
    #expect(layer(Tensor(zeros: [4, 9, 7, 3])).shape == [4, 5, 3, 2])
    #expect(
      fault(of: layer(Tensor(zeros: [1, 8, 8, 4]))).contains("was made for 3 channels, found an input [1, 8, 8, 4]"))
    #expect(fault(of: layer(Tensor(zeros: [1, 4, 4, 3]))).contains("Conv2D: convolution: a window of 5 does not fit"))
    #expect(fault(of: layer(Tensor(zeros: [8, 8, 3]))).contains("takes images"))
    for wrong in [
      Conv2D(filters: 0, size: 1), Conv2D(filters: 1, size: .max, padding: .same),
      Conv2D(filters: 1, size: 1, strides: 0),
      Conv2D(filters: 1, size: 1, dilation: -1), Conv2D(filters: 3, size: 1, groups: 2),
      Conv2D(filters: 1 << 30, size: 1 << 30),
      Conv2D(filters: 1, size: 1, padding: .each(-1)), Conv2D(filters: 1, size: 1, padding: .each(.max)),
    ] {
      #expect(fault { _ = try wrong.initialized(for: Tensor(zeros: [1, 8, 8, 4])) }.hasPrefix("Conv2D: "))
    }
  }

  /// Down and up again over one, two and three axes.
  struct Hourglass: Layer {
    var narrow1 = Conv1D(filters: 4, size: 3, strides: 2, padding: .same, groups: 2)
    var wide1 = TransposedConv1D(filters: 6, size: 3, strides: 2, padding: .same, groups: 2)
    var narrow2 = Conv2D(Filters(3, sizes: [1, 2], strides: [1, 2]), bias: false)
    var wide2 = TransposedConv2D(Filters(2, sizes: [1, 2], strides: [1, 2]), outputPadding: [0, 1])
    var narrow3 = Conv3D(filters: 2, size: 2)
    var wide3 = TransposedConv3D(filters: 1, size: 2)

    func callAsFunction(_ signals: Tensor) -> Tensor {
      let x = wide1(narrow1(signals))
      let y = wide2(tanh(narrow2(x.reshaped([x.shape[0], 2, 3, 6]))))
      return wide3(tanh(narrow3(y.reshaped([x.shape[0], 2, 3, 2, 1]))))
    }
  }

  @Test func convolutionsOverOneToThreeAxes() throws {
    let signals = sample([2, 6, 2])
    let model = try Hourglass().initialized(for: signals)
    #expect(model.wide1.weight.tensor?.shape == [3, 3, 4])
    #expect(model.wide1(model.narrow1(signals)).shape == [2, 6, 6])
    #expect(model.wide2.weight.tensor?.shape == [1, 2, 2, 3])
    #expect(model(signals).shape == [2, 2, 3, 2, 1])
    try expectGradient(of: model) { square($0(signals)).sum() }
    #expect(model.summary.contains("wide1.weight    TransposedConv1D"))
    #expect(
      fault(of: model.wide1(sample([1, 3, 8]))).hasPrefix(
        "wide1 (TransposedConv1D): was made for 4 channels, found an input [1, 3, 8]"))
    #expect(
      fault(of: model.narrow1(sample([1, 3, 4]))).hasPrefix(
        "narrow1 (Conv1D): was made for 2 channels, found an input [1, 3, 4]"))
    #expect(
      fault(of: model.narrow3(sample([1, 3, 4]))).contains("takes volumes [batch, depth, height, width, channels]"))
    #expect(fault(of: Conv2D(Filters(1, sizes: [1, 2, 3]))(sample([1, 4, 4, 1]))).contains("one number or 2"))
    #expect(
      fault { _ = try TransposedConv1D(filters: 1, size: 3, outputPadding: 1).initialized(for: signals) }
        .contains("TransposedConv1D: transposedConvolution: the output padding [1] adds further windows"))
  }

  /// Weights of a transposed convolution vary as if its outputs summed over the input's channels.
  @Test func transposedWeightsBeginLikeOthers() throws {
    let layer = TransposedConv2D(filters: 90, size: 3, initializer: .heNormal)
    let made = try layer.initialized(for: Tensor(zeros: [1, 4, 4, 10]))
    let variance = try #require(made.weight.tensor).variance().item()
    #expect(abs(variance * 90 / 2 - 1) < 0.05)
  }

  @Test func dropoutDropsWhileTrainingOnly() throws {
    let layer = Dropout(rate: 0.25)
    let ones = Tensor(ones: [10_000])
    #expect(try layer(ones).floats() == ones.floats())
    let dropped = try training(seed: 3) { try layer(ones).scalars() }
    #expect(Set(dropped).count == 2)
    #expect(dropped.allSatisfy { $0 == 0 || abs($0 - 4.0 / 3) < 1e-6 })
    #expect(abs(dropped.reduce(0, +) / 10_000 - 1) < 0.03)
    #expect(try training(seed: 3) { try layer(ones).scalars() } == dropped)
    #expect(try training(seed: 4) { try layer(ones).scalars() } != dropped)
    for rate in [-0.1, 1, 2, .nan] { #expect(fault(of: Dropout(rate: rate)(ones)).contains("rate")) }
  }

  @Test func initialValuesDependOnSeedAndPathAlone() throws {
    let example = Tensor(zeros: [2, 6, 6, 2])
    let first = try namedTensors(of: Everything().initialized(for: example, seed: 5))
    let second = try namedTensors(of: Everything().initialized(for: Tensor(ones: [9, 6, 6, 2]), seed: 5))
    let other = try namedTensors(of: Everything().initialized(for: example, seed: 6))
    for name in first.keys { #expect(try first[name]?.floats() == second[name]?.floats(), "\(name)") }
    #expect(try first["hidden.weight"]?.floats() != other["hidden.weight"]?.floats())
    #expect(try first["blocks.0.weight"]?.floats() != first["hidden.weight"]?.floats())
  }

  @Test func initializersHaveTheirVariance() throws {
    let shape: Shape = [3, 3, 20, 40]
    let wanted: [(Initializer, Double)] = [
      (.glorotUniform, 2.0 / 540), (.glorotNormal, 2.0 / 540), (.heUniform, 2.0 / 180), (.heNormal, 2.0 / 180),
      (.lecunUniform, 1.0 / 180), (.lecunNormal, 1.0 / 180), (.normal(standardDeviation: 3), 9),
      (.uniform(low: -2, high: 4), 3), (.zeros, 0), (.ones, 0), (.constant(2), 0),
    ]
    for (initializer, variance) in wanted {
      let values = initializer.values(shape, key: RandomKey(seed: 2), .float64)
      #expect(values.elementType == .float64)
      let found = try values.variance().item()
      #expect(abs(found - variance) <= 0.05 * variance, "\(initializer): \(found), not \(variance)")
    }
  }
}
