import DescentGraph
import DescentLayers
import DescentTensors
import Testing

/// Compiled functions in passes of different purposes, with different random numbers.
@Suite struct CompiledPassTests {
  private let ones = Tensor(ones: [64])

  @Test func compiledDropoutFollowsTheRun() throws {
    let function = compiled { (x: Tensor) in Dropout(rate: 0.5)(x) }
    func dropped(_ seed: UInt64) throws -> [Double] { try training(seed: seed) { try function(ones).scalars() } }
    let first = try dropped(1)
    #expect(Set(first) == [0, 2])
    #expect(try dropped(2) != first)
    #expect(try dropped(1) == first)
    #expect(try function(ones).scalars() == ones.scalars())
    #expect(function.compilationCount == 2)
    // The same as without a plan, and other numbers at each use.
    #expect(try training(seed: 1) { try Dropout(rate: 0.5)(ones).scalars() } == first)
    let twice = try training(seed: 1) { (try function(ones).scalars(), try function(ones).scalars()) }
    #expect(twice.0 == first && twice.1 != first)
  }

  @Test func compiledFirstForInferenceTrainsAsWell() throws {
    let function = compiled { (x: Tensor) in Dropout(rate: 0.5)(x) }
    #expect(try function(ones).scalars() == ones.scalars())
    #expect(try training(seed: 1) { try Set(function(ones).scalars()) } == [0, 2])
  }

  @Test func compiledNormalizationFollowsTheRun() throws {
    let batch = sample([8, 3]) * 2.0 + 5.0
    let model = try BatchNormTests.Model().initialized(for: batch)
    let function = compiled { (model: BatchNormTests.Model, x: Tensor) in model(x) }
    try expectClose(
      training(seed: 1) { try function(model, batch).scalars() }, training(seed: 1) { try model(batch).scalars() })
    try expectClose(function(model, batch).scalars(), model(batch).scalars())
    try expectClose(
      training(seed: 2) { try function(model, batch).scalars() }, training(seed: 1) { try model(batch).scalars() })
    #expect(function.compilationCount == 2)
  }

  @Test func updatesDropOthersInEachStep() throws {
    let step = compiledUpdate { (state: inout Tensor, x: Tensor) in
      let y = Dropout(rate: 0.5)(x)
      state = state + y
      return y
    }
    var state = Tensor(zeros: [64])
    let masks = try (0..<3).map { seed in try training(seed: UInt64(seed)) { try step(&state, ones).scalars() } }
    #expect(Set(masks).count == 3)
    #expect(try step(&state, ones).scalars() == ones.scalars())
    let sums = (0..<64).map { place in masks.reduce(1) { $0 + $1[place] } }
    #expect(try state.scalars() == sums)
    #expect(step.compilationCount == 2)
  }

  /// A training loop as one compiled update: weights, running statistics and random numbers.
  @Test func aCompiledUpdateTrainsTheModelInItsState() throws {
    struct State: Codable, Sendable { var model: BatchNormTests.Model }
    let batch = sample([8, 3]) * 2.0 + 5.0
    let step = compiledUpdate { (state: inout State, x: Tensor) in
      let (loss, slope) = try valueAndGradient(at: state.model) { square($0(x) - 1.0).mean() }
      guard let scale = state.model.norm.scale.tensor, let by = slope.norm.scale.tensor else { return loss }
      state.model.norm.scale = Parameter(scale - 0.1 * by)
      return loss
    }
    var state = try State(model: BatchNormTests.Model().initialized(for: batch))
    var losses: [Double] = []
    for seed in 0..<60 { losses.append(try training(seed: UInt64(seed)) { try step(&state, batch).item() }) }
    #expect(losses[59] < losses[0])
    try expectClose(
      #require(state.model.norm.mean.tensor).scalars(), batch.mean(axes: [0]).scalars(), within: 0.01)
    #expect(step.compilationCount == 1)
    // The same as part of another recorded function.
    let outer = compiled { (state: State, x: Tensor) in
      var next = state
      _ = try step(&next, x)
      return next
    }
    let nested = try training(seed: 1) { try outer(state, batch) }
    _ = try training(seed: 1) { try step(&state, batch) }
    for (a, b) in [
      (nested.model.norm.mean, state.model.norm.mean), (nested.model.norm.variance, state.model.norm.variance),
      (nested.model.norm.scale, state.model.norm.scale),
    ] {
      try expectClose(#require(a.tensor).scalars(), #require(b.tensor).scalars())
    }
  }

  /// A key may be an argument, and the pass for training within the function.
  @Test func aKeyMayBeAnArgument() throws {
    let function = compiled { (x: Tensor, words: Tensor) in
      training(key: RandomKey(words: words)) { Dropout(rate: 0.5)(x) }
    }
    let masks = try (0..<3).map { try function(ones, RandomKey(seed: $0).words).scalars() }
    #expect(Set(masks).count == 3)
    #expect(try masks[1] == training(seed: 1) { try Dropout(rate: 0.5)(ones).scalars() })
    #expect(function.compilationCount == 1)
  }

  /// Within a recorded function whose key is an argument, a compiled function is part of it.
  @Test func compiledWithinATrainingPassOfUnknownKey() throws {
    let constant = ones
    let inner = compiled { (x: Tensor) in Dropout(rate: 0.5)(x) }
    let outer = compiled { (words: Tensor) in
      try training(key: RandomKey(words: words)) { try inner(constant) }
    }
    let masks = try (0..<3).map { try outer(RandomKey(seed: $0).words).scalars() }
    #expect(Set(masks).count == 3)
  }
}
