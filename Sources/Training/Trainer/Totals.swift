import DescentLayers
import DescentTensors

/// Sums of named numbers over batches, weighted by their sizes.
///
/// A number that not every batch has, such as one that a layer reports now and then, is averaged over those that have it.
struct Averages: Sendable, Hashable, Codable {
  private(set) var names: [String] = []
  private var sums: [Double] = []
  private var weights: [Double] = []
  /// The examples seen.
  private(set) var weight = 0.0

  mutating func add(_ numbers: Means, weight: Int) {
    // The mean of nothing is not a number, and must not spoil the others.
    guard weight > 0 else { return }
    self.weight += Double(weight)
    for (index, number) in numbers.enumerated() {
      // Mostly the numbers come in the same order.
      let known = index < names.count && names[index] == number.name ? index : names.firstIndex(of: number.name)
      if let known {
        sums[known] += number.value * Double(weight)
        weights[known] += Double(weight)
      } else {
        names.append(number.name)
        sums.append(number.value * Double(weight))
        weights.append(Double(weight))
      }
    }
  }

  var means: Means { Means(names, zip(sums, weights).map { $0 / $1 }) }

  /// Whether the parts fit together.
  var isSound: Bool { sums.count == names.count && weights.count == names.count }
}

/// What is known of the batches of an epoch so far: means of loss and reported numbers, totals of metrics.
struct EpochTotals: Sendable, Hashable, Codable {
  private(set) var averages = Averages()
  private(set) var metrics: [MetricTotals]

  init(_ metrics: [Metric]) { self.metrics = metrics.map { MetricTotals($0.joinings) } }

  /// The examples seen.
  var weight: Double { averages.weight }

  /// Adds a batch.
  mutating func add(_ numbers: BatchNumbers, weight: Int) throws {
    guard weight > 0 else { return }
    averages.add(numbers.averaged, weight: weight)
    for index in metrics.indices { try metrics[index].add(numbers.contributions[index]) }
  }

  /// The loss, the metrics in their order, and what was reported.
  ///
  /// - Parameter all: Whether metrics that need all examples at once are among them.
  func means(_ described: [Metric], all: Bool = true) throws -> Means {
    let averaged = averages.means
    guard !averaged.isEmpty else { return .empty }
    let values = try zip(described, metrics).filter { all || $0.0.isCheap }.map { metric, totals in
      (metric.name, totals.isEmpty ? .nan : try metric.number(of: totals))
    }
    return Means(
      [averaged.names[0]] + values.map(\.0) + averaged.names.dropFirst(),
      [averaged.values[0]] + values.map(\.1) + averaged.values.dropFirst())
  }

  /// Whether the parts fit together, and the metrics.
  func isSound(for described: [Metric]) -> Bool {
    averages.isSound && metrics.map { $0.parts.map(\.joining) } == described.map(\.joinings)
  }
}

/// What a pass over a batch gave.
struct BatchNumbers {
  /// The loss, and what was reported.
  let averaged: Means
  /// What the batch contributes to each metric.
  let contributions: [[Tensor]]

  /// - Parameters:
  ///   - loss: The loss.
  ///   - contributions: What the batch contributes to all metrics, one after the other.
  ///   - reports: What was reported.
  ///   - metrics: The metrics.
  init(loss: Tensor, _ contributions: [Tensor], _ reports: [(String, Tensor)], _ metrics: [Metric]) throws {
    let taken = Set(["loss"] + metrics.map(\.name))
    // What a layer calls as a metric is called must not be taken for it.
    let names = reports.map { taken.contains($0.0) ? "\($0.0) (reported)" : $0.0 }
    averaged = Means(["loss"] + names, [try loss.item()] + (try reports.map { try $0.1.item() }))
    var rest = contributions[...]
    self.contributions = metrics.map { metric in
      let own = Array(rest.prefix(metric.joinings.count))
      rest = rest.dropFirst(own.count)
      return own
    }
  }

  /// The numbers of this batch alone.
  func means(_ metrics: [Metric]) throws -> Means {
    var totals = EpochTotals(metrics)
    try totals.add(self, weight: 1)
    return try totals.means(metrics, all: false)
  }
}

extension Metric {
  /// Whether the value so far costs little, and is asked for after each step.
  fileprivate var isCheap: Bool { !joinings.contains(.concatenation) }

  /// The one number that totals amount to.
  fileprivate func number(of totals: MetricTotals) throws -> Double {
    let value = try value(of: totals)
    guard value.count == 1 else {
      throw TensorError(
        name, "gives \(value.type), not one number; ask a MetricAccumulator for it, or take a metric that averages")
    }
    return try value.item()
  }
}
