import DescentGraph

/// What layers tell while a function is recorded or a pass runs: new values of running statistics, losses and metrics, and
/// which class numbers they take.
final class RunReports: Sendable {
  /// The new value of a running statistic.
  struct Statistic: Sendable {
    let identity: Parameter.Identity
    let path: String
    let value: Tensor
    /// Whether it was a pass for training that gave it.
    let isTraining: Bool
  }

  private struct State {
    /// In the order in which they were first reported.
    var statistics: [Statistic] = []
    var places: [Parameter.Identity: Int] = [:]
    var labels: [ExpectedLabels] = []
    /// In the order in which they were first reported.
    var numbers: [ReportedNumber] = []
  }

  /// What was told before, by the pass around.
  private let outer: RunReports?
  /// The parameters whose new values somebody around takes.
  let received: Set<Parameter.Identity>
  /// Whether the function may never run, so that nothing can be asked of the class numbers that it takes.
  let isConditional: Bool
  /// Whether somebody around takes losses and metrics.
  let takesNumbers: Bool
  private let state = Guarded(State())

  init(
    within outer: RunReports?, receiving: [Parameter.Identity] = [], isConditional: Bool = false,
    takingNumbers: Bool = false
  ) {
    self.outer = outer
    takesNumbers = takingNumbers || outer?.takesNumbers == true
    received = (outer?.received ?? []).union(receiving)
    self.isConditional = isConditional || outer?.isConditional == true
  }

  /// The value that was reported last.
  func value(of identity: Parameter.Identity) -> Tensor? {
    let own = state.withLock { state in state.places[identity].map { state.statistics[$0].value } }
    return own ?? outer?.value(of: identity)
  }

  func report(_ statistic: Statistic) {
    state.withLock { state in
      if let place = state.places[statistic.identity] {
        state.statistics[place] = statistic
      } else {
        state.places[statistic.identity] = state.statistics.count
        state.statistics.append(statistic)
      }
    }
  }

  func report(_ number: ReportedNumber) {
    state.withLock { state in
      if let place = state.numbers.firstIndex(where: { $0.kind == number.kind && $0.name == number.name }) {
        state.numbers[place].add(number)
      } else {
        state.numbers.append(number)
      }
    }
  }

  func report(_ labels: ExpectedLabels) { state.withLock { $0.labels.append(labels) } }

  /// The running statistics that were reported here, in the order of their first report.
  var statistics: [Statistic] { state.withLock { $0.statistics } }
  /// The losses and metrics that were reported here, in the order of their first report.
  var numbers: [ReportedNumber] { state.withLock { $0.numbers } }
  /// The class numbers that are taken from arguments of functions being recorded.
  var labels: [ExpectedLabels] { state.withLock { $0.labels } }
}
