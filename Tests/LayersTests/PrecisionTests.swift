import DescentGraph
import DescentLayers
import DescentTensors
import TestSupport
import Testing

@Suite struct PrecisionTests {
  private let images = sample([3, 5, 5, 2]).converted(to: .float32)

  @Test func computesInOneTypeOverParametersInAnother() throws {
    let model = try Everything().initialized(for: images, seed: 2)
    let wide = try model(images).scalars()
    let output = withPrecision(.bfloat16) { model(images) }
    #expect(output.elementType == .bfloat16)
    let narrow = try output.scalars()
    expectClose(narrow, wide, within: 0.05)
    #expect(narrow != wide)
    // Between layers, too, whatever the parameters' type.
    let hidden = withPrecision(.bfloat16) { model.conv(images) }
    #expect(hidden.elementType == .bfloat16)
    #expect(try withPrecision(.bfloat16) { try model.norms(hidden) } == [.bfloat16, .bfloat16])
    let predicted = withPrecision(.bfloat16) { model.predict(images, batchSize: 2) }
    #expect(predicted.elementType == .float32)
    try expectClose(predicted.scalars(), narrow, within: 0.02)
    #expect(try withPrecision(.float32) { try model(images).scalars() } == wide)
  }

  /// Gradients come back to the parameters in the type of the parameters.
  @Test func gradientsArriveInTheParametersType() throws {
    let model = try Everything().initialized(for: images, seed: 2)
    let labels = Tensor(integers: [0, 1, 0])
    func slope() throws -> [String: Tensor] {
      try namedTensors(of: gradient(at: model) { softmaxCrossEntropy($0(images), labels) })
    }
    let (narrow, wide) = try (withPrecision(.bfloat16) { try slope() }, slope())
    for (path, tensor) in narrow {
      #expect(tensor.elementType == .float32, "\(path)")
      try expectClose(tensor.scalars(), #require(wide[path]).scalars(), within: 0.05)
    }
    #expect(try narrow["hidden.weight"]?.scalars() != wide["hidden.weight"]?.scalars())
  }

  /// First values do not depend on what is computed in, and statistics keep their type.
  @Test func parametersHaveTheirOwnType() throws {
    let wide = try namedTensors(of: Everything().initialized(for: images, seed: 2))
    let model = try withPrecision(.bfloat16) { try Everything().initialized(for: images, seed: 2) }
    for (path, tensor) in try namedTensors(of: model) {
      #expect(tensor.elementType == .float32, "\(path)")
      #expect(try tensor.scalars() == wide[path]?.scalars(), "\(path)")
    }
    let double = Precision(parameters: .float64, computation: .float32)
    let other = try withPrecision(double) { try Everything().initialized(for: images, seed: 2) }
    #expect(other.batchNorm.mean.tensor?.elementType == .float64)
    let after = try withPrecision(double) { try training(other, seed: 1) { try $0(images).scalars() }.model }
    #expect(after.batchNorm.mean.tensor?.elementType == .float64)
    #expect(try after.batchNorm.mean.tensor?.scalars() != [0, 0, 0, 0])
  }

  @Test func plansAreKeptForEachPrecision() throws {
    let model = try Dense(units: 2).initialized(for: Tensor(zeros: [1, 3]))
    let pass = compiled { (model: Dense, x: Tensor) in model(x) }
    let x = Tensor(ones: [2, 3])
    #expect(try pass(model, x).elementType == .float32)
    for _ in 1...2 { #expect(try withPrecision(.bfloat16) { try pass(model, x) }.elementType == .bfloat16) }
    #expect(try pass(model, x).elementType == .float32)
    #expect(pass.compilationCount == 2)
  }

  /// A model that computes with its own input asks for it in the type of the pass; one of the user's layers binds so.
  @Test func layersOfOnesOwnFollow() throws {
    struct Scale: Layer {
      var factor = Parameter()
      func callAsFunction(_ x: Tensor) -> Tensor {
        Run.current.input(x) * factor.bound(to: [x.shape[1]], in: "Scale") { _, shape in Tensor(ones: shape) }
      }
    }
    struct Residual: Layer {
      var scale = Scale()
      var dense = Dense(units: 3)
      func callAsFunction(_ x: Tensor) -> Tensor {
        let x = Run.current.input(x)
        return x + dense(scale(x))
      }
    }
    struct Careless: Layer {
      var dense = Dense(units: 3)
      func callAsFunction(_ x: Tensor) -> Tensor { x + dense(x) }
    }
    let x = Tensor([[1, 2, 3]])
    let model = try withPrecision(.bfloat16) { try Residual().initialized(for: x) }
    #expect(model.scale.factor.tensor?.elementType == .float32)
    #expect(withPrecision(.bfloat16) { model(x) }.elementType == .bfloat16)
    #expect(model(x).elementType == .float32)
    let careless = try Careless().initialized(for: x)
    #expect(withPrecision(.bfloat16) { careless.predict(x) }.elementType == .float32)
    #expect(fault(of: withPrecision(.bfloat16) { careless(x) }).contains("bfloat16"))
  }

  @Test func aPrecisionIsAValue() throws {
    #expect(Precision.bfloat16.description == "bfloat16 over float32 parameters, float32 results")
    #expect(Precision(computation: .float32) == .float32)
    #expect(Run.current.precision == nil && withPrecision(.bfloat16) { Run.current.precision } == .bfloat16)
    let inner = withPrecision(.bfloat16) { training(seed: 1) { Run.current.precision } }
    #expect(inner == .bfloat16)
    let layer = try Dense(units: 1).initialized(for: Tensor(zeros: [1, 3]))
    let wrong = withPrecision(Precision(computation: .int32)) { layer(Tensor(ones: [1, 3])) }
    #expect(
      fault(of: wrong).hasPrefix(
        "withPrecision: the type of the computation is int32; it must be one of floating-point numbers"))
  }
}

extension Everything {
  /// The types of what normalizations give.
  fileprivate func norms(_ x: Tensor) throws -> [ElementType] {
    [batchNorm(x).elementType, training(seed: 1) { layerNorm(x) }.elementType]
  }
}
