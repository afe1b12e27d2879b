import DescentLayers
import DescentTensors
import Foundation
import Testing

/// Metrics against scikit-learn's, which scripts/metric-values.py stored: of all examples at once and in batches.
@Suite("metrics against scikit-learn")
struct MetricValueTests {
  struct Stored: CustomTestStringConvertible {
    let name: String
    let plain: [Double]
    let weighted: [Double]
    var testDescription: String { name }
  }

  static let stored = storedMetrics.split(separator: "\n").map { line in
    let parts = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    let numbers = parts[1...].map { $0.split(separator: " ").compactMap { Double($0) } }
    return Stored(name: parts[0], plain: numbers[0], weighted: numbers[1])
  }

  static let metrics: [String: Metric] = {
    let classes: [Metric] = [
      .accuracy, .topAccuracy(2), .balancedAccuracy, .confusionMatrix(), .logLoss(), .perplexity(), .bitsPerCharacter(),
      .brierScore, .calibrationError(), .areaUnderROCOfClasses,
    ]
    let averages = ClassAverage.allCases.flatMap { average -> [Metric] in
      [.precision(average), .recall(average), .f1(average), .intersectionOverUnion(average)]
    }
    let binary: [Metric] = [
      .binaryAccuracy, .binaryPrecision(), .binaryRecall(), .binaryF1(), .binaryIntersectionOverUnion(), .areaUnderROC,
      .averagePrecision, .binaryLogLoss, .binaryBrierScore, .binaryCalibrationError(bins: 10),
      .binaryF1(threshold: 0.7).named("binaryF1 at 0.7"),
    ]
    let errors: [Metric] = [
      .meanError, .meanAbsoluteError, .meanSquaredError, .rootMeanSquaredError, .meanAbsolutePercentageError,
      .meanSquaredLogarithmicError, .rSquared, .maximumError, .medianAbsoluteError,
    ]
    return Dictionary((classes + averages + binary + errors).map { ($0.name, $0) }) { first, _ in first }
  }()

  struct Examples {
    let predictions: Tensor
    let targets: Tensor
    let weights: Tensor
  }

  static let classes: Examples = {
    let names = Tensor(rangeTo: 5).expanded(axis: 0)
    let logits = `where`((names .== 3).broadcast(to: [24, 5]), -9, 3.0 * sample([24, 5]))
    let found = (try? logits.argMax().integers()) ?? []
    let labels = (0..<24).map { $0 % 3 == 0 ? found[$0] % 4 : $0 * 7 % 4 }
    return Examples(
      predictions: logits, targets: Tensor(integers: labels),
      weights: Tensor((0..<24).map { Double($0 % 4) / 2 + 0.25 }))
  }()

  static let binary: Examples = {
    let scores = round(4.0 * sample([30], seed: 5)) / 2
    return Examples(
      predictions: scores, targets: (sample([30], seed: 8) + scores) .> 0,
      weights: Tensor((0..<30).map { Double($0 % 3) + 0.5 }))
  }()

  static let errors: Examples = {
    let targets = 100.0 + sample([20, 2], seed: 4)
    return Examples(
      predictions: sample([20, 2], seed: 3) + targets, targets: targets,
      weights: Tensor((0..<20).map { Double($0 % 5) / 4 + 0.5 }))
  }()

  static func examples(_ metric: String) throws -> Examples {
    let name = metric.prefix { $0 != "(" && $0 != " " }
    let ofOne = ["areaUnderROC", "averagePrecision"].contains(name) || name.hasPrefix("binary")
    let ofErrors = name.hasPrefix("mean") || ["rootMeanSquaredError", "rSquared", "maximumError"].contains(name)
    return ofOne ? binary : ofErrors || name == "medianAbsoluteError" ? errors : classes
  }

  @Test func everyMetricIsStored() { #expect(Set(Self.metrics.keys) == Set(Self.stored.map(\.name))) }

  @Test(arguments: stored) func agrees(_ stored: Stored) throws {
    let metric = try #require(Self.metrics[stored.name])
    let data = try Self.examples(stored.name)
    var whole = MetricAccumulator(metric)
    try whole.add(data.predictions, data.targets)
    try expectClose(whole.values().scalars(), stored.plain, within: 1e-10)
    // Batches of different sizes, one of them in another process, give the same.
    let count = data.predictions.shape[0]
    var (front, back) = (MetricAccumulator(metric), MetricAccumulator(metric))
    let cuts = [0, 3, 4, 11, count]
    for (begin, end) in zip(cuts, cuts.dropFirst()) {
      let rows = begin..<end
      let (x, y, w) = (data.predictions.sliced(rows), data.targets.sliced(rows), data.weights.sliced(rows))
      if begin < 4 { try front.add(x, y, weights: w) } else { try back.add(x, y, weights: w) }
    }
    let written = try JSONEncoder().encode(back.totals)
    let read = try MetricAccumulator(metric, resuming: JSONDecoder().decode(MetricTotals.self, from: written))
    try front.merge(read)
    try expectClose(front.values().scalars(), stored.weighted, within: 1e-10)
  }

  /// What a compiled pass gives as further results is what a loop adds.
  @Test(arguments: ["f1(macro)", "areaUnderROC", "rSquared", "confusionMatrix", "perplexity"])
  func joinInACompiledPass(_ name: String) throws {
    let metric = try #require(Self.metrics[name])
    let data = try Self.examples(name)
    let pass = compiled { (x: Tensor, y: Tensor) in metric.contributions(of: x, y) }
    var totals = MetricTotals(metric.joinings)
    for rows in [0..<10, 10..<data.predictions.shape[0]] {
      try totals.add(pass(data.predictions.sliced(rows), data.targets.sliced(rows)))
    }
    let wanted = try #require(Self.stored.first { $0.name == name })
    try expectClose(metric.value(of: totals).scalars(), wanted.plain, within: 1e-10)
  }
}
