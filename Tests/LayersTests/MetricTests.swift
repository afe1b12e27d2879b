import DescentLayers
import DescentTensors
import Foundation
import Testing

@Suite("metrics")
struct MetricTests {
  private func value(
    _ metric: Metric, _ predictions: Tensor, _ targets: Tensor, weights: Tensor? = nil
  ) throws -> [Double] {
    var accumulator = MetricAccumulator(metric)
    try accumulator.add(predictions, targets, weights: weights)
    return try accumulator.values().scalars()
  }

  @Test func ofOnesOwn() throws {
    let (x, y) = (sample([6, 2]), sample([6, 2], seed: 2))
    let rows = Metric("rows") { abs($0 - $1).sum(axes: 1) }
    let whole = Metric("whole") { abs($0 - $1).sum(axes: 1).mean() }
    let wanted = try abs(x - y).sum(axes: 1).scalars()
    for metric in [rows, whole] {
      var accumulator = MetricAccumulator(metric)
      try accumulator.add(x[..<2], y[..<2])
      try accumulator.add(x[2...], y[2...])
      try expectClose([accumulator.value()], [wanted.reduce(0, +) / 6])
    }
    try expectClose(value(rows, x, y, weights: Tensor([1, 0, 0, 0, 0, 2])), [(wanted[0] + 2 * wanted[5]) / 3])
    let range = Metric("range", joining: [.minimum, .maximum]) { predictions, _, _ in
      [predictions.min(), predictions.max()]
    } value: {
      Tensor($0[1].number - $0[0].number, .float64)
    }
    var accumulator = MetricAccumulator(range)
    for row in 0..<6 { try accumulator.add(x[row], y[row]) }
    try expectClose([accumulator.value()], [x.max().item() - x.min().item()])
    #expect("\(rows.named("other"))" == "other")
    let few = Metric("few", joining: [.sum, .sum]) { _, _, _ in
      [x]
    } value: {
      $0.isEmpty ? x : y
    }
    #expect(fault(of: few.contributions(of: x, y)[0]).contains("few: contributes 1 tensors, 2 are joined"))
  }

  @Test func mistakes() throws {
    var accumulator = MetricAccumulator(.accuracy)
    #expect(throws: TensorError.self) { try accumulator.value() }
    #expect(throws: TensorError.self) { try accumulator.add(sample([3, 2]), sample([5])) }
    #expect(accumulator.totals.isEmpty)
    #expect(throws: TensorError.self) { try accumulator.merge(MetricAccumulator(.areaUnderROC)) }
    #expect(throws: TensorError.self) { try MetricAccumulator(.f1(), resuming: accumulator.totals) }
    #expect(throws: TensorError.self) { try Metric.f1().value(of: accumulator.totals) }
    var matrix = MetricAccumulator(.confusionMatrix())
    try matrix.add(sample([3, 2]), Tensor(integers: [0, 1, 1]))
    #expect(throws: TensorError.self) { try matrix.add(sample([3, 4]), Tensor(integers: [0, 1, 1])) }
    try expectClose([matrix.values().sum().item()], [3])
    #expect(throws: TensorError.self) { try matrix.value() }
    #expect(throws: TensorError.self) { try value(.binaryF1(threshold: 1), sample([3]), sample([3])) }
    #expect(throws: TensorError.self) { try value(.calibrationError(bins: 0), sample([1, 2]), Tensor(integers: [0])) }
    #expect(throws: TensorError.self) { try value(.rSquared, Tensor(1.0), Tensor(1.0)) }
    let wrong = Tensor([1, 2]) + Tensor([1, 2, 3])
    #expect(Metric.accuracy.contributions(of: sample([3, 2]), wrong)[0].error?.operation == "+")
    #expect(Metric.accuracy.contributions(of: sample([2]), sample([5]))[0].error?.operation == "accuracy")
  }

  @Test func ignoredAndUnknownLabels() throws {
    let logits = Tensor([[2, 0, 1], [0, 3, 1], [0, 1, 5], [4, 1, 0]])
    let labels = Tensor(integers: [0, 1, -1, 2])
    try expectClose(value(.accuracy, logits, labels), [0.5])
    try expectClose(value(.accuracy(ignoring: -1), logits, labels), [2 / 3.0])
    try expectClose(value(.topAccuracy(2, ignoring: -1), logits, labels), [2 / 3.0])
    try expectClose(value(.topAccuracy(3), logits, labels), [0.75])
    try expectClose(value(.confusionMatrix(), logits, labels), [1, 0, 0, 0, 1, 0, 1, 0, 0])
    // What was predicted where there is no class is wrong.
    try expectClose(value(.precision(.none), logits, labels), [0.5, 1, 0])
    try expectClose(value(.precision(.none, ignoring: -1), logits, labels), [0.5, 1, 0])
    try expectClose(value(.precision(.micro), logits, labels), [0.5])
    try expectClose(value(.precision(.micro, ignoring: -1), logits, labels), [2 / 3.0])
    let known = logits.taken(Tensor(integers: [0, 1, 3]))
    let wanted = try softmaxCrossEntropy(known, Tensor(integers: [0, 1, 2])).item()
    try expectClose(value(.perplexity(ignoring: -1), logits, labels), [exp(wanted)], within: 1e-6)
    // Pixels of pictures have classes, too.
    let pictures = logits.reshaped([1, 2, 2, 3])
    try expectClose(value(.accuracy, pictures, Tensor(integers: [0, 1, 2, 0], shape: [1, 2, 2])), [1])
    try expectClose(
      value(.accuracy, pictures, Tensor(integers: [0, 1, 2, 0], shape: [1, 2, 2]), weights: Tensor([2.0])), [1])
    // Probabilities as labels: the largest counts.
    try expectClose(value(.accuracy, logits, softmax(logits)), [1])
  }

  @Test func extremes() throws {
    let same = Tensor([1.0, 1, 1])
    #expect(try value(.areaUnderROC, Tensor([0.3, 0.1, 0.2]), same)[0].isNaN)
    #expect(try value(.averagePrecision, Tensor([0.3, 0.1]), Tensor([0.0, 0])) == [0])
    #expect(try value(.areaUnderROC, Tensor([.nan, 0.1]), Tensor([0.0, 1]))[0].isNaN)
    #expect(try value(.areaUnderROC, Tensor([.infinity, -.infinity]), Tensor([1.0, 0])) == [1])
    #expect(try value(.binaryPrecision(), Tensor([-1.0]), Tensor([1.0])) == [0])
    #expect(try value(.f1(), Tensor(zeros: [0, 3]), Tensor(integers: [], shape: [0])) == [0])
    #expect(try value(.accuracy, Tensor([[1, 2]]), Tensor(integers: [1]), weights: Tensor([0.0]))[0].isNaN)
    // A large mean does not cancel, and batches that vary little are told apart from their mean.
    let targets = Tensor((0..<8).map { 1e8 + Double($0) }, .float64)
    var accumulator = MetricAccumulator(.rSquared)
    for row in 0..<8 { try accumulator.add(targets[row..<row + 1] + 0.5, targets[row..<row + 1]) }
    try expectClose([accumulator.value()], [1 - 8 * 0.25 / 42])
    #expect(try value(.rSquared, same, same) == [1])
    #expect(try value(.rSquared, same + 1, same) == [0])
    #expect(try value(.maximumError, Tensor([1, 9.0]), Tensor([0.0, 0]), weights: Tensor([0.5, 0])) == [1])
    #expect(
      try value(.medianAbsoluteError, Tensor([1, 9, 4.0]), Tensor(zeros: [3]), weights: Tensor([1.0, 0, 1])) == [2.5])
    // Equal logits: the lower class comes first.
    #expect(try value(.topAccuracy(1), Tensor([[1, 1, 1]]), Tensor(integers: [1])) == [0])
    #expect(try value(.topAccuracy(2), Tensor([[1, 1, 1]]), Tensor(integers: [1])) == [1])
    #expect(try value(.topAccuracy(2), Tensor([[.nan, 1, 1]]), Tensor(integers: [0])) == [0])
  }

  /// Rows that count nothing may hold anything; in those that count, NaN is told.
  @Test func rowsWithoutWeight() throws {
    let (x, y) = (sample([5]), sample([5], seed: 2))
    let spoiled = concatenated([x[..<4], Tensor([.nan], .float64)], axis: 0)
    let weights = Tensor([1.0, 2, 1, 1, 0])
    let labels = Tensor([1.0, 0, 1, 0, 1], .float64)
    try expectClose(value(.rSquared, spoiled, y, weights: weights), value(.rSquared, x, y, weights: weights))
    for metric: Metric in [.areaUnderROC, .averagePrecision, .binaryCalibrationError()] {
      try expectClose(value(metric, spoiled, labels, weights: weights), value(metric, x, labels, weights: weights))
    }
    let logits = sample([5, 3])
    let rows = concatenated([logits[..<4], Tensor(repeating: .nan, shape: [1, 3], .float64)], axis: 0)
    let classes = Tensor(integers: [0, 1, 2, 1, 0])
    for metric: Metric in [.areaUnderROCOfClasses, .calibrationError()] {
      try expectClose(value(metric, rows, classes, weights: weights), value(metric, logits, classes, weights: weights))
    }
    #expect(try value(.areaUnderROCOfClasses, rows, classes)[0].isNaN)
    #expect(try value(.brierScore, logits, Tensor(integers: [0, 1, 2, 1, 3]))[0].isNaN)
    #expect(try value(.brierScore, logits, Tensor(integers: [0, 1, 2, 1, 3]), weights: weights)[0].isFinite)
    #expect(try value(.topAccuracy(1 << 32), logits, classes) == [1])
    #expect(throws: TensorError.self) { try value(.topAccuracy(0), logits, classes) }
  }
}
