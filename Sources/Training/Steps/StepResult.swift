import DescentGraph
import DescentTensors

/// What a training step gives: the loss before the update, and whatever else the step computes.
public struct StepResult: Sendable {
  /// The loss, a scalar, with the losses that layers reported.
  public let loss: Tensor
  /// The further results, in the order in which the step's function gives them.
  public let further: [Tensor]
  /// What layers, and the step's function itself, reported as losses and metrics, by their names.
  public let reports: [String: Tensor]

  /// The norms of the gradients by the parameters' paths, where they are observed.
  let gradientNorms: Tensor?
  /// The gradients by the parameters' paths, where they are observed.
  let gradients: [String: Tensor]
  /// The paths of the parameters, in the order of the norms.
  let trainedPaths: [String]
  /// The names of the reports, in their order.
  let reportNames: [String]

  /// What a step of another kind gives: its loss, and what it reports by name, in order.
  package init(loss: Tensor, reports named: [(String, Tensor)]) {
    self.loss = loss
    reports = Dictionary(named) { first, _ in first }
    (reportNames, further, gradientNorms, gradients, trainedPaths) = (named.map(\.0), [], nil, [:], [])
  }

  init(_ results: some Sequence<Literal>, _ plan: StepPlan) throws {
    var all = results.map { Tensor($0) }
    guard let loss = all.first else { throw TensorError("training", "the step gives no loss") }
    let paths = plan.trainedPaths
    if plan.observation.gradients {
      gradients = Dictionary(zip(paths, all.suffix(paths.count))) { first, _ in first }
      all.removeLast(paths.count)
    } else {
      gradients = [:]
    }
    gradientNorms = plan.observation.gradientNorms && !paths.isEmpty ? all.removeLast() : nil
    trainedPaths = paths
    let count = all.count - plan.reports.count
    self.loss = loss
    further = Array(all[1..<count])
    reportNames = plan.reports
    reports = Dictionary(zip(plan.reports, all[count...])) { first, _ in first }
  }

  /// What was reported under a name; `nil` where nothing was.
  public subscript(name: String) -> Tensor? { reports[name] }

  /// The norms of the gradients by the parameters' paths, where they are observed.
  func normsByPath() throws -> [String: Double] {
    guard let gradientNorms else { return [:] }
    return Dictionary(zip(trainedPaths, try gradientNorms.scalars())) { first, _ in first }
  }
}
