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

  init(_ results: some Sequence<Literal>, _ plan: StepPlan) throws {
    let all = results.map { Tensor($0) }
    guard let loss = all.first else { throw TensorError("training", "the step gives no loss") }
    let count = all.count - plan.reports.count
    self.loss = loss
    further = Array(all[1..<count])
    reports = Dictionary(zip(plan.reports, all[count...])) { first, _ in first }
  }

  /// What was reported under a name; `nil` where nothing was.
  public subscript(name: String) -> Tensor? { reports[name] }

  /// The loss, followed by the further results.
  package var all: [Tensor] { [loss] + further }
}
