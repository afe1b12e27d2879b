import DescentGraph
import DescentTensors

/// Tells how good predictions are, exactly over any number of batches.
///
/// A metric says what a batch contributes, how contributions are joined, and what is made of them in the end, so that the
/// result is that of all examples at once and no mean of means. In a trainer, what a batch contributes is computed in the
/// step's own plan. Alone, a metric is a `MetricAccumulator`:
///
/// ```swift
/// var accuracy = MetricAccumulator(.accuracy)
/// for batch in batches { try accuracy.add(model.predict(batch.input), batch.target) }
/// print(try accuracy.value())
/// ```
///
/// A loop of one's own that records passes returns `contributions(of:_:weights:)` as further results of the recorded
/// function, hands their values to `MetricTotals.add(_:)` after each batch, and asks for `value(of:)` at the end:
///
/// ```swift
/// var totals = MetricTotals(metric.joinings)
/// for batch in batches { try totals.add(pass(model, batch)) }  // a compiled function that gives the contributions
/// let value = try metric.value(of: totals)
/// ```
///
/// Weights say what each row counts, or are a mask, as those of losses do; see `Reduction`.
public struct Metric: Sendable {
  /// What the metric is called in reports.
  public private(set) var name: String
  /// How contributions are joined: one for each tensor that a batch contributes.
  public let joinings: [MetricTotals.Joining]
  private let contribute: @Sendable (_ predictions: Tensor, _ targets: Tensor, _ weights: Tensor?) throws -> [Tensor]
  private let conclude: @Sendable (_ parts: [MetricTotals.Part]) throws -> Tensor

  /// A metric from what batches contribute.
  ///
  /// - Parameters:
  ///   - name: What it is called in reports.
  ///   - joinings: How contributions are joined, one for each tensor.
  ///   - contributions: What a batch contributes: as many tensors, recorded like any function. Sums are taken in Float64
  ///     over batches; within one, they are the function's own.
  ///   - value: The metric's value, one number or more, from the parts in the order of `joinings`.
  public init(
    _ name: String, joining joinings: [MetricTotals.Joining],
    contributions:
      @escaping @Sendable (_ predictions: Tensor, _ targets: Tensor, _ weights: Tensor?) throws -> [Tensor],
    value: @escaping @Sendable (_ parts: [MetricTotals.Part]) throws -> Tensor
  ) {
    self.name = name
    self.joinings = joinings
    (contribute, conclude) = (contributions, value)
  }

  /// The mean of a function over examples.
  ///
  /// - Parameters:
  ///   - name: What it is called in reports.
  ///   - function: Numbers of elements or rows, whose mean over all batches is exact; or a scalar, the mean over its batch,
  ///     which counts as many times as the batch has rows and takes no weights.
  public init(
    _ name: String, _ function: @escaping @Sendable (_ predictions: Tensor, _ targets: Tensor) throws -> Tensor
  ) {
    self.init(meanOf: Loss(name, function))
  }

  /// The mean of a loss over examples, under the loss's name.
  public init(meanOf loss: Loss) {
    self.init(loss.name, meanOf: loss) { $0 }
  }

  /// A number made of the mean of a loss.
  init(_ name: String, meanOf loss: Loss, _ value: @escaping @Sendable (_ mean: Double) -> Double) {
    self.init(
      name, joining: [.sum, .sum],
      contributions: { predictions, targets, weights in
        let totals = loss.totals(predictions, targets, weights: weights)
        return [totals.losses, totals.weights]
      }, value: { Tensor(value($0[0].number / $0[1].number), .float64) })
  }

  /// The same metric under another name, such as where a report has two of one kind.
  public func named(_ name: String) -> Metric {
    var metric = self
    metric.name = name
    return metric
  }

  /// What a batch contributes: as many tensors as there are `joinings`, whose values are added to the totals.
  ///
  /// Only recorded, never read here: a step that is being recorded may take part. Mistakes travel in the tensors.
  ///
  /// - Parameters:
  ///   - predictions: What a model gives.
  ///   - targets: What is right.
  ///   - weights: What each row counts, or a mask.
  public func contributions(of predictions: Tensor, _ targets: Tensor, weights: Tensor? = nil) -> [Tensor] {
    let call = FunctionCall(name)
    do {
      if let error = predictions.error ?? targets.error ?? weights?.error { throw error }
      let found = try contribute(predictions, targets, weights)
      guard found.count == joinings.count else {
        throw TensorError(name, "contributes \(found.count) tensors, \(joinings.count) are joined")
      }
      return call(found)
    } catch {
      return [Tensor](repeating: call(Tensor(catching: { throw error })), count: joinings.count)
    }
  }

  /// The value that totals amount to: one number, or several where it is a matrix or a number for each class.
  ///
  /// - Throws: `TensorError` where nothing was added, or the totals are another metric's.
  public func value(of totals: MetricTotals) throws -> Tensor {
    guard totals.parts.map(\.joining) == joinings else {
      throw TensorError(name, "these totals are those of another metric")
    }
    guard !totals.isEmpty else { throw TensorError(name, "has seen no examples") }
    let value = try conclude(totals.parts)
    if let error = value.error { throw error }
    return value
  }
}

extension Metric: CustomStringConvertible {
  /// The name.
  public var description: String { name }
}

/// A metric with what it has seen so far.
public struct MetricAccumulator: Sendable {
  /// The metric.
  public let metric: Metric
  /// What it has seen; `Codable`, so that counting can go on elsewhere.
  public private(set) var totals: MetricTotals

  /// A metric that has seen nothing yet, or what some totals hold.
  ///
  /// - Throws: `TensorError` where the totals are another metric's.
  public init(_ metric: Metric, resuming totals: MetricTotals) throws {
    guard totals.parts.map(\.joining) == metric.joinings else {
      throw TensorError(metric.name, "these totals are those of another metric")
    }
    (self.metric, self.totals) = (metric, totals)
  }

  /// A metric that has seen nothing yet.
  public init(_ metric: Metric) { (self.metric, totals) = (metric, MetricTotals(metric.joinings)) }

  /// Adds a batch.
  ///
  /// - Parameters:
  ///   - predictions: What a model gave.
  ///   - targets: What is right.
  ///   - weights: What each row counts, or a mask.
  /// - Throws: `TensorError` where they do not fit each other or the batches before; nothing has changed then.
  public mutating func add(_ predictions: Tensor, _ targets: Tensor, weights: Tensor? = nil) throws {
    try totals.add(metric.contributions(of: predictions, targets, weights: weights))
  }

  /// Adds what another accumulator of the same metric has seen.
  ///
  /// - Throws: `TensorError` where it is of another metric.
  public mutating func merge(_ other: MetricAccumulator) throws { try totals.merge(other.totals) }

  /// The metric's number so far.
  ///
  /// - Throws: `TensorError` where nothing was added, or the metric gives several numbers.
  public func value() throws -> Double { try values().item() }

  /// The metric's numbers so far, as Float64.
  ///
  /// - Throws: `TensorError` where nothing was added.
  public func values() throws -> Tensor { try metric.value(of: totals) }
}
