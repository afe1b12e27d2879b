import DescentGraph

/// The losses and metrics that layers reported during a pass.
///
/// A mixture of experts reports a loss for the balance of its experts, a quantizer how much of its code book is in use.
/// Whoever runs the pass adds the losses to its own and shows the metrics: a training step does, and a loop of one's own
/// asks for them with `collectingReports(_:)`.
public struct PassReports: Sendable {
  /// A number that was reported under a name.
  public struct Entry: Sendable {
    /// What the layer calls it.
    public let name: String
    /// The number, a scalar.
    public let value: Tensor
  }

  /// The losses, in the order in which they were first reported. What was reported several times under one name, as by
  /// layers of one kind or by the steps of a loop, is added up.
  public let losses: [Entry]
  /// The metrics, in the order in which they were first reported. What was reported several times under one name is
  /// averaged, each report counting once; one that a `cond` did not come to has no value and is NaN.
  public let metrics: [Entry]

  init(_ numbers: [ReportedNumber]) {
    losses = numbers.filter { $0.kind == .loss }.map { Entry(name: $0.name, value: $0.value) }
    metrics = numbers.filter { $0.kind == .metric }.map { Entry(name: $0.name, value: $0.value) }
  }

  /// The number that was reported under a name, a loss or else a metric.
  public subscript(name: String) -> Tensor? { (losses + metrics).first { $0.name == name }?.value }

  /// A loss with all reported ones, in its element type.
  public func total(with loss: Tensor) -> Tensor {
    losses.reduce(loss) { $0 + $1.value.converted(to: loss.elementType) }
  }
}

/// Calls a function, and gives back what layers report in it in addition to its result.
///
/// ```swift
/// let slope = try gradient(at: model) { model in
///   let (logits, reports) = try collectingReports { model(batch.input) }
///   return reports.total(with: softmaxCrossEntropy(logits, batch.target))
/// }
/// ```
///
/// What is collected here is not reported to the pass around.
public func collectingReports<Result>(
  _ body: () throws -> Result
) rethrows -> (result: Result, reports: PassReports) {
  let (result, _, _, numbers) = try Run.current.receivingAll([], body)
  return (result, numbers)
}

extension Run {
  /// Adds a number to the loss of the pass, as a layer does that has a wish of its own: reports under one name add up.
  ///
  /// It counts where somebody collects it, such as a training step; in a pass that nobody does, such as one for inference,
  /// it is left out.
  ///
  /// - Parameters:
  ///   - loss: One floating-point number, such as `0.01 * balance`.
  ///   - name: What it is called, by which reports of several layers are taken together.
  public func report(loss: Tensor, named name: String) { report(ReportedNumber(.loss, name, loss, isTraining)) }

  /// Reports a number that somebody may want to see: reports under one name are averaged.
  ///
  /// - Parameters:
  ///   - metric: One number.
  ///   - name: What it is called, by which reports of several layers are taken together.
  public func report(metric: Tensor, named name: String) { report(ReportedNumber(.metric, name, metric, isTraining)) }
}

/// A loss or a metric that was reported once or several times.
struct ReportedNumber: Sendable {
  enum Kind: String, Sendable { case loss, metric }

  /// How many reports a metric is of.
  enum Weight: Sendable {
    case known(Double)
    /// Known when the pass has run, since it does not come to all reports: a scalar of the metric's type.
    case computed(Tensor)
  }

  let kind: Kind
  let name: String
  /// The sum of what was reported.
  private(set) var sum: Tensor
  /// How many reports it is the sum of; nothing depends on it for a loss.
  private(set) var weight: Weight
  /// Whether it was a pass for training that gave it.
  let isTraining: Bool

  /// One report.
  init(_ kind: Kind, _ name: String, _ tensor: Tensor, _ isTraining: Bool) {
    (self.kind, self.name, self.isTraining, weight) = (kind, name, isTraining, .known(1))
    let (title, isNumber) = ("the \(kind.rawValue) '\(name)'", tensor.rank == 0)
    if tensor.error != nil {
      sum = tensor
    } else if !isNumber || (kind == .loss && !tensor.elementType.isFloatingPoint) {
      sum = .failure(
        "report",
        "\(title) is \(tensor.type), not one \(kind == .loss ? "floating-point " : "")number; sum or average it")
    } else {
      sum = tensor.elementType.isFloatingPoint ? tensor : tensor.converted(to: .float32)
    }
  }

  /// Several reports that were added up before.
  init(_ kind: Kind, _ name: String, sum: Tensor, weight: Weight, isTraining: Bool) {
    (self.kind, self.name, self.sum, self.weight, self.isTraining) = (kind, name, sum, weight, isTraining)
  }

  /// What the reports come to.
  var value: Tensor {
    if kind == .loss { return sum }
    switch weight {
    case .known(let count): return count == 1 ? sum : sum / count
    case .computed(let count): return sum / count
    }
  }

  /// The number of reports as a scalar of the metric's type.
  var weightTensor: Tensor {
    switch weight {
    case .known(let count): Tensor(repeating: count, shape: [], sum.elementType)
    case .computed(let count): count
    }
  }

  mutating func add(_ other: ReportedNumber) {
    if sum.error != nil { return }
    let type = sum.elementType
    sum = sum + other.sum.converted(to: type)
    if case .known(let a) = weight, case .known(let b) = other.weight {
      weight = .known(a + b)
    } else {
      weight = .computed(weightTensor + other.weightTensor.converted(to: type))
    }
  }
}
