import DescentGraph

/// What layers tell while a function is recorded or a pass runs: new values of running statistics, losses and metrics, and
/// which class numbers they take.
final class RunReports: Sendable {
  /// The new value of a running statistic.
  struct Statistic: Sendable {
    let identity: Parameter.Identity
    let path: String
    let value: Tensor
    /// The value before it was first reported; `nil` where there was none.
    let before: Tensor?
    /// Whether it was a pass for training that gave it.
    let isTraining: Bool
  }

  /// What a pass for training reported within a recorded function, and nobody takes.
  enum Missed: Sendable {
    case statistic(Parameter.Identity, path: String)
    case loss(String)
  }

  private struct State {
    /// In the order in which they were first reported.
    var statistics: [Statistic] = []
    var places: [Parameter.Identity: Int] = [:]
    var labels: [ExpectedLabels] = []
    /// In the order in which they were first reported.
    var numbers: [ReportedNumber] = []
    var missed: [Missed] = []
  }

  /// What was told before, by the pass around.
  private let outer: RunReports?
  /// The parameters whose new values somebody around takes.
  let received: Set<Parameter.Identity>
  /// Whether the function may never run, so that nothing can be asked of the class numbers that it takes.
  let isConditional: Bool
  /// Whether somebody around takes losses and metrics.
  let takesNumbers: Bool
  /// The running statistics that a loop carries, where it is its step that is recorded.
  private let carried: CarriedStatistics?
  private let state = Guarded(State())

  init(
    within outer: RunReports?, receiving: [Parameter.Identity] = [], isConditional: Bool = false,
    takingNumbers: Bool = false, carrying carried: CarriedStatistics? = nil
  ) {
    (self.outer, self.carried) = (outer, carried)
    takesNumbers = takingNumbers || outer?.takesNumbers == true
    received = (outer?.received ?? []).union(receiving)
    self.isConditional = isConditional || outer?.isConditional == true
  }

  /// The value that was reported last; where none was, what stands for it in the loop that is recorded, or the one given.
  ///
  /// - Parameters:
  ///   - tensor: The value before the pass.
  ///   - isStatistic: Whether the value may be another one in a loop's next step.
  func value(of identity: Parameter.Identity, otherwise tensor: Tensor?, isStatistic: Bool) -> Tensor? {
    if let own = state.withLock({ state in state.places[identity].map { state.statistics[$0].value } }) { return own }
    let before = outer?.value(of: identity, otherwise: tensor, isStatistic: isStatistic) ?? tensor
    guard isStatistic, let before else { return before }
    return standIn(for: identity, before: before) ?? before
  }

  /// What stands for a statistic in a loop that carries it.
  private func standIn(for identity: Parameter.Identity, before: Tensor) -> Tensor? {
    received.contains(identity) ? carried?.standIn(for: identity, before: before) : nil
  }

  func report(_ statistic: Statistic) {
    if let before = statistic.before { _ = standIn(for: statistic.identity, before: before) }
    state.withLock { state in
      guard let place = state.places[statistic.identity] else {
        state.places[statistic.identity] = state.statistics.count
        return state.statistics.append(statistic)
      }
      let first = state.statistics[place].before
      state.statistics[place] = Statistic(
        identity: statistic.identity, path: statistic.path, value: statistic.value, before: first,
        isTraining: statistic.isTraining)
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

  func report(_ missed: Missed) { state.withLock { $0.missed.append(missed) } }

  func report(_ labels: ExpectedLabels) { state.withLock { $0.labels.append(labels) } }

  /// The running statistics that were reported here, in the order of their first report.
  var statistics: [Statistic] { state.withLock { $0.statistics } }
  /// What was reported within and nobody takes.
  var missed: [Missed] { state.withLock { $0.missed } }
  /// The losses and metrics that were reported here, in the order of their first report.
  var numbers: [ReportedNumber] { state.withLock { $0.numbers } }
  /// The class numbers that are taken from arguments of functions being recorded.
  var labels: [ExpectedLabels] { state.withLock { $0.labels } }
}
