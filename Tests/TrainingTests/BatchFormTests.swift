import DescentData
import DescentLayers
import DescentOptimizers
import DescentTensors
import TestSupport
import Testing

@testable import DescentTraining

/// Batches of any form: structures, dictionaries, arrays, and models that are no layers.
@Suite struct BatchFormTests {
  /// Batches that a closure makes.
  struct Made<Batch: Codable & Sendable>: BatchSource {
    let batchCount: Int
    let exampleCount: Int
    let make: @Sendable (Int) -> Batch

    init(_ batchCount: Int, examples: Int, _ make: @escaping @Sendable (Int) -> Batch) {
      (self.batchCount, exampleCount, self.make) = (batchCount, examples, make)
    }
    func batch(_ index: Int, epoch: Int) throws -> Batch { make(index) }
  }

  /// A model of two inputs by name that gives two outputs.
  struct Heads: Layer {
    struct Output: Codable, Sendable { var value, shade: Tensor }
    var left = Dense(units: 4)
    var right = Dense(units: 4)
    var value = Dense(units: 1)
    var shade = Dense(units: 2)

    func callAsFunction(_ inputs: [String: Tensor]) throws -> Output {
      guard let a = inputs["a"], let b = inputs["b"] else { throw TensorError("Heads", "takes a and b") }
      let hidden = tanh(left(a) + right(b))
      return Output(value: value(hidden), shade: shade(hidden))
    }
  }

  private func inputs(_ index: Int) -> [String: Tensor] {
    ["a": sample([6, 3], seed: index, .float32), "b": sample([6, 2], seed: index + 9, .float32)]
  }

  private func targets(_ index: Int) -> [Tensor] {
    [sample([6, 1], seed: index + 5, .float32), Tensor(integers: (0..<6).map { ($0 + index) % 2 })]
  }

  @Test func dictionariesInAndStructuresOut() throws {
    let source = Made(3, examples: 18) { PairedBatch(input: inputs($0), target: targets($0)) }
    func trainer() throws -> Trainer<Heads, PairedBatch<[String: Tensor], [Tensor]>> {
      try Trainer(
        Heads(),
        loss: { (found: Heads.Output, wanted: [Tensor]) in
          meanSquaredError(found.value, wanted[0]) + softmaxCrossEntropy(found.shade, wanted[1])
        },
        optimizer: Adam(learningRate: 0.03), seed: 2)
    }
    let trained = try trainer()
    let report = try trained.fit(source, validation: source, epochs: 8)
    #expect(report.epochs.allSatisfy { $0.examples == 18 })
    let (first, last) = (report.epochs[0].training["loss"] ?? .nan, report.epochs[7].training["loss"] ?? .nan)
    #expect(last < 0.8 * first)
    #expect(try trained.evaluate(source) == report.epochs[7].validation)

    // The same bits when the run is interrupted and gone on with.
    try withTemporaryFolder { folder in
      try trainer().fit(source, epochs: 3, callbacks: [.checkpoint(folder)])
      let resumed = try trainer()
      try resumed.fit(source, epochs: 8, callbacks: [.checkpoint(folder, resuming: true)])
      #expect(try values(resumed.model) == values(trained.model))
    }
  }

  @Test func structuresInTheComputationsType() throws {
    struct Types: Layer {
      var dense = Dense(units: 1)
      func callAsFunction(_ inputs: [Tensor]) throws -> [Tensor] {
        guard inputs[0].elementType == .bfloat16, inputs[1].elementType == .int32 else {
          throw TensorError("Types", "found \(inputs.map(\.elementType))")
        }
        return [dense(inputs[0])]
      }
    }
    let source = Made(1, examples: 2) { _ in
      PairedBatch(input: [sample([2, 3], .float32), Tensor(integers: [1, 2])], target: sample([2, 1], .float32))
    }
    let trainer = try Trainer(
      Types(),
      loss: { (found: [Tensor], wanted: Tensor) in
        found[0].elementType == .float32
          ? meanSquaredError(found[0], wanted) : Tensor(error: TensorError("loss", "\(found[0].elementType)"))
      }, optimizer: SGD(learningRate: 0.1), precision: .bfloat16)
    try trainer.fit(source, epochs: 1)
  }

  /// A batch of one's own and a model that is no layer.
  struct Questions: CountedBatch {
    /// Starts of the questions' words among `words`.
    var starts: [Int]
    var words: Tensor
    var answer: Tensor
    var exampleCount: Int { starts.count }
  }

  struct Scale: Codable, Sendable { var factor = Tensor([1], .float64) }

  @Test func modelsThatAreNoLayersAndBatchesThatCountThemselves() throws {
    // Two batches of the same form but for their number of examples, which weighs their losses of 1 and 4.
    let source = Made(2, examples: 4) { index in
      Questions(
        starts: index == 0 ? [0, 2, 5] : [0], words: Tensor(zeros: [7], .float64),
        answer: Tensor(Double(1 + index), .float64))
    }
    let trainer = try Trainer(Scale(), optimizer: SGD(learningRate: 0)) { (model: Scale, batch: Questions) in
      (model.factor * batch.answer * batch.answer + batch.words.sum()).sum()
    }
    let report = try trainer.fit(source, validation: source, epochs: 1)
    // (3 · 1 + 1 · 4) / 4
    #expect(report.epochs[0].training["loss"] == 1.75)
    #expect(report.epochs[0].validation["loss"] == 1.75)
    #expect(report.epochs[0].examples == 4)
    #expect(try trainer.model.factor.scalars() == [1])
  }

  /// Where nothing is said of them, examples are counted along the leading axis of the first tensor that has one, which is
  /// no tensor of a model that takes part.
  @Test func examplesAreCountedAlongTheFirstTensor() throws {
    struct Round: Codable, Sendable {
      var opponent: Dense
      var strength = Tensor(0.5)
      var noise: Tensor
    }
    let opponent = try Dense(units: 2).initialized(for: Tensor(zeros: [1, 3]), seed: 1)
    let source = Made(2, examples: 12) { Round(opponent: opponent, noise: sample([$0 == 0 ? 8 : 4, 3], .float32)) }
    let trainer = try Trainer(Dense(units: 1), optimizer: SGD(learningRate: 0)) { (model: Dense, round: Round) in
      square(model(round.opponent(round.noise)) * round.strength).mean()
    }
    #expect(try trainer.fit(source, epochs: 1).epochs[0].examples == 12)
  }

  /// Metrics of batches of one's own are those of all that their weights let count.
  @Test func metricsOfMaskedBatches() throws {
    struct Masked: Codable, Sendable { var inputs, labels, mask: Tensor }
    let source = Made(2, examples: 8) { index in
      let mask = (0..<4).map { $0 <= index ? 1.0 : 0 }
      return Masked(
        inputs: sample([4, 4], seed: index, .float32), labels: Tensor(integers: [0, 1, 2, 0]), mask: Tensor(mask))
    }
    let trainer = try Trainer(SmallNetwork(), optimizer: Adam(learningRate: 0.01), metrics: [.accuracy], seed: 1) {
      (model: SmallNetwork, batch: Masked) in
      let logits = model(batch.inputs)
      let loss = softmaxCrossEntropy(logits, batch.labels, weights: batch.mask)
      return MeasuredLoss(loss, predictions: logits, targets: batch.labels, weights: batch.mask)
    }
    try trainer.fit(source, epochs: 3)
    var accuracy = MetricAccumulator(.accuracy)
    for index in 0..<2 {
      let batch = source.make(index)
      try accuracy.add(trainer.model.predict(batch.inputs), batch.labels, weights: batch.mask)
    }
    // Of three examples that count.
    #expect(try trainer.evaluate(source)["accuracy"] == accuracy.value())
    let thirds = 3 * (try accuracy.value())
    #expect(abs(thirds - thirds.rounded()) < 1e-6)
  }

  /// The types of a closure follow from the batches' usual form.
  @Test func closuresOfModelAndBatchAreInferred() throws {
    let trainer = try Trainer(SmallNetwork(), optimizer: Adam(learningRate: 1e-2), seed: 1) { model, batch in
      softmaxCrossEntropy(model(batch.input), batch.target)
    }
    let other = try smallTrainer()
    try trainer.fit(points(16).batched(8), epochs: 2)
    try other.fit(points(16).batched(8), epochs: 2)
    #expect(try values(trainer.model) == values(other.model))
  }
}
