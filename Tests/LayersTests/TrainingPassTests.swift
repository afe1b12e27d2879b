import DescentGraph
import DescentLayers
import DescentTensors
import TestSupport
import TestModels
import Testing

/// Running statistics on their way from layers, through whatever a function is recorded for, to whoever trains the model.
@Suite struct TrainingPassTests {
  typealias Model = BatchNormTests.Model
  private let batch = Tensor([[1, 10], [2, 20], [3, 60]], .float64)
  /// A tenth of the batch's means, which is what one pass leaves.
  private let means = [0.2, 3]

  private func model() throws -> Model { try Model().initialized(for: batch) }

  /// What a pass leaves of the model's running means.
  private func meansAfter(_ pass: (Model) throws -> Void) throws -> [Double] {
    let after = try training(model(), seed: 0, pass).model
    return try #require(after.norm.mean.tensor).scalars()
  }

  private func loss(_ model: Model) -> Tensor { square(model(batch) - 1.0).sum() }

  @Test func derivativesHandStatisticsOn() throws {
    let (batch, ones) = (batch, Tensor(ones: [3, 2], .float64))
    try expectClose(meansAfter { _ = try gradient(at: $0) { loss($0) } }, means)
    try expectClose(meansAfter { model in _ = try gradient(at: batch) { model($0).sum() } }, means)
    try expectClose(
      meansAfter { model in
        _ = try valueAndGradientWithAuxiliary(at: model) { model in
          let output = model(batch)
          return (output.sum(), output)
        }
      }, means)
    try expectClose(meansAfter { _ = try jacobianVectorProduct(at: $0, along: $0) { loss($0) } }, means)
    try expectClose(meansAfter { _ = try vectorJacobianProduct(at: $0, cotangent: ones) { $0(batch) } }, means)
    try expectClose(meansAfter { _ = try linearize(at: $0) { loss($0) } }, means)
    try expectClose(meansAfter { _ = try pullback(at: $0) { loss($0) } }, means)
    try expectClose(meansAfter { _ = try jacobian(at: $0) { $0(batch) } }, means)
    try expectClose(meansAfter { model in _ = try hessian(at: batch) { model($0).sum() } }, means)
    try expectClose(meansAfter { _ = try hessianBlocks(at: $0) { loss($0) } }, means)
    try expectClose(meansAfter { _ = try hessianVectorProduct(at: $0, along: $0) { loss($0) } }, means)
  }

  @Test func otherFunctionsHandStatisticsOn() throws {
    let batch = batch
    try expectClose(meansAfter { _ = $0(batch) }, means)
    try expectClose(meansAfter { model in _ = batch.checkpointed { model($0) } }, means)
    let block = checkpointed { (model: Model, x: Tensor) in model(x) }
    try expectClose(meansAfter { _ = try block($0, batch) }, means)
    try expectClose(meansAfter { _ = try gradient(at: $0) { try block($0, batch).sum() } }, means)
    let compiledBlock = compiled { (model: Model, x: Tensor) in model(x) }
    for _ in 1...2 { try expectClose(meansAfter { _ = try compiledBlock($0, batch) }, means) }
    #expect(compiledBlock.compilationCount == 1)
    try expectClose(meansAfter { _ = try gradient(at: $0) { try compiledBlock($0, batch).sum() } }, means)
    try expectClose(
      meansAfter { model in
        _ = try customGradient(model) {
          ($0(batch).sum(), $0)
        } backward: { model, _ in
          model
        }
      }, means)
  }

  /// A gradient within a recorded function, whose own passes are within another one.
  @Test func statisticsComeThroughSeveralFunctions() throws {
    let slope = compiled { (model: Model, x: Tensor) in
      try gradient(at: model) { model in x.checkpointed { x in model(x) }.sum() }
    }
    try expectClose(meansAfter { _ = try slope($0, batch) }, means)
    // Of a part of the model that the function is given.
    struct Outer: Codable { var inner: Model }
    let after = try training(Outer(inner: model()), seed: 0) { outer in
      try gradient(at: outer.inner) { loss($0) }
    }.model
    try expectClose(#require(after.inner.norm.mean.tensor).scalars(), means)
  }

  /// One pass after the other moves on from where the last one left off, wherever each is recorded.
  @Test func passesFollowEachOther() throws {
    let batch = batch
    let twice = means.map { $0 * 1.9 }
    let block = compiled { (model: Model, x: Tensor) in model(x) }
    try expectClose(
      meansAfter { model in
        _ = model(batch)
        _ = try gradient(at: model) { loss($0) }
      }, twice)
    try expectClose(
      meansAfter { model in
        _ = try block(model, batch)
        _ = try block(model, batch)
      }, twice)
    try expectClose(meansAfter { _ = try gradient(at: $0) { loss($0) + loss($0) } }, twice)
  }

  /// An update of a model by its gradient, path by path, has the statistics that the pass has moved.
  @Test func anUpdateKeepsWhatThePassHasMoved() throws {
    let step = compiledUpdate { (model: inout Model, x: Tensor) in
      let (loss, slope) = try valueAndGradient(at: model) { model in square(model(x) - 1.0).sum() }
      model = zip(model, slope) { 0.5 * $0 - 0.01 * $1 }
      return loss
    }
    var model = try model()
    for _ in 1...2 { _ = try training(seed: 1) { try step(&model, batch) } }
    try expectClose(#require(model.norm.mean.tensor).scalars(), means.map { $0 * 1.9 })
    #expect(try #require(model.norm.scale.tensor).scalars().allSatisfy { $0 < 0.5 })
    #expect(step.compilationCount == 1)
  }

  @Test func statisticsThatWouldGetLostAreRefused() throws {
    let model = try model()
    let message =
      "'norm.mean', a running statistic of the model that is differentiated, would get lost; call this within"
    let first = TestSupport.fault { _ = try training(seed: 1) { try gradient(at: model) { loss($0) } } }
    #expect(first.hasPrefix("gradient: the new value of \(message) training(model, seed:)"), "\(first)")
    let second = TestSupport.fault { _ = try training(seed: 1) { try hessianBlocks(at: model) { loss($0) } } }
    #expect(second.contains(message), "\(second)")
    // With the pass inside.
    let inner = TestSupport.fault { _ = try gradient(at: model) { model in training(seed: 1) { loss(model) } } }
    #expect(inner.contains(message), "\(inner)")
    _ = try gradient(at: model) { model in try training(model, seed: 1) { loss($0) }.result }
    // Of a pass that has come to its end.
    let old = try training(model, seed: 0) { $0 }.result
    let third = TestSupport.fault { _ = try training(seed: 1) { try gradient(at: old) { loss($0) } } }
    #expect(third.contains(message), "\(third)")
    // Inference reports nothing, and a model that is not differentiated only takes part.
    _ = try gradient(at: model) { loss($0) }
    _ = try training(seed: 1) { try gradient(at: batch) { model($0).sum() } }
  }

  /// The program that ended at a training loss of 1.9e-11 and an inference loss of 4030.
  @Test func aLoopByHandTrainsForInference() throws {
    struct Network: Layer {
      var norm = BatchNorm()
      var output = Dense(units: 1)
      func callAsFunction(_ x: Tensor) -> Tensor { output(norm(x)) }
    }
    let x = sample([32, 2]) * 3.0 + 10.0
    let y = matmul(x, Tensor([[2], [-1]], .float64))
    var model = try Network().initialized(for: x)
    func error(_ model: Network) -> Tensor { square(model(x) - y).mean() }
    let first = try error(model).item()
    for step in 0..<200 {
      let pass = try training(model, seed: UInt64(step)) { try valueAndGradient(at: $0) { error($0) } }
      model = pass.model
      func moved(_ parameter: Parameter?, _ slope: Parameter?) throws -> Parameter {
        let next = try #require(parameter?.tensor) - 0.1 * #require(slope?.tensor)
        try evaluate(next)
        return Parameter(next)
      }
      let slope = pass.result.gradient
      model.output.weight = try moved(model.output.weight, slope.output.weight)
      model.output.bias = try moved(model.output.bias, slope.output.bias)
      model.norm.scale = try moved(model.norm.scale, slope.norm.scale)
      model.norm.shift = try moved(model.norm.shift, slope.norm.shift)
    }
    let (trained, judged) = try (training(seed: 0) { try error(model).item() }, error(model).item())
    #expect(trained < 0.5 * first && judged < 1.2 * trained + 0.01 * first, "\(judged), \(trained), \(first)")
    try expectClose(#require(model.norm.mean.tensor).scalars(), x.mean(axes: [0]).scalars(), within: 1e-6)
  }

  /// A teacher with the student's paths stays as it is, and so does what it is told from: the student's statistics.
  @Test func anotherModelDoesNotWriteIntoThisOne() throws {
    let teacher = try model()
    let after = try training(model(), seed: 0) { student in
      try gradient(at: student) { student in (student(batch) - stopGradient(teacher(batch - 5.0))).sum() }
    }.model
    try expectClose(#require(after.norm.mean.tensor).scalars(), means)
    #expect(try teacher.norm.mean.tensor?.scalars() == [0, 0])
  }

  @Test func bindingLooksAtTrainingAndInference() throws {
    let model = try Branching().initialized(for: sample([1, 5]))
    #expect(model.body.weight.tensor?.shape == [5, 2])
    #expect(model.auxiliary.weight.tensor?.shape == [2, 3])
    #expect(model.head.weight.tensor?.shape == [2, 4])
    // Batch normalization needs several examples to train on, but not to be bound.
    struct Behind: Layer {
      var norm = BatchNorm()
      var auxiliary = Dense(units: 3)
      func callAsFunction(_ x: Tensor) -> Tensor { Run.current.isTraining ? auxiliary(norm(x)) : norm(x) }
    }
    #expect(try Behind().initialized(for: sample([1, 5])).auxiliary.weight.tensor?.shape == [5, 3])
  }
}
