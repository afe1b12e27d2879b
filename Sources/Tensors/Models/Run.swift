import DescentGraph

/// What a pass through a model is for: training or inference, with its random numbers and what layers report.
///
/// The run is a property of the pass, not of the model: a layer asks `Run.current`. Outside any run, passes are
/// inference.
public final class Run: Sendable {
  /// What the pass is for.
  public enum Purpose: String, Sendable {
    /// Training: dropout drops, and batch normalization uses the batch's statistics.
    case training
    /// The model is used as it is.
    case inference
  }

  /// What the pass is for.
  public let purpose: Purpose
  private let keys: RandomKeys?
  private let binding: ParameterBinding?
  private let reports: RunReports?
  /// What looks at the uses of parameters and at losses in the pass, where something does.
  package let probe: PassProbe?
  /// The element types of the pass; `nil` where layers compute in those of their inputs.
  public let precision: Precision?

  @TaskLocal private static var active = Run(.inference)

  /// The run that is in progress here.
  public static var current: Run { active }

  private init(
    _ purpose: Purpose, _ keys: RandomKeys? = nil, _ binding: ParameterBinding? = nil, _ reports: RunReports? = nil,
    _ precision: Precision? = nil, _ probe: PassProbe? = nil
  ) {
    (self.purpose, self.keys, self.binding, self.reports) = (purpose, keys, binding, reports)
    (self.precision, self.probe) = (precision, probe)
  }

  /// A run of its own, which knows nothing of the one around it.
  ///
  /// - Parameters:
  ///   - key: The key of the pass's random numbers; a training run always has one.
  ///   - binding: Gives initial values to parameters without any.
  ///   - precision: The element types of the pass; `nil` where layers compute in those of their inputs.
  ///   - probe: What looks at the pass.
  package convenience init(
    _ purpose: Purpose, key: RandomKey? = nil, binding: ParameterBinding? = nil, precision: Precision? = nil,
    probe: PassProbe? = nil
  ) {
    let key = key ?? (purpose == .training ? RandomKey(seed: 0) : nil)
    self.init(purpose, key.map { RandomKeys($0) }, binding, nil, precision, probe)
  }

  /// This run with another key: one step of a loop, or passes that count as training.
  func with(_ purpose: Purpose, key: RandomKey) -> Run {
    Run(purpose, RandomKeys(key), binding, reports, precision, probe)
  }

  /// This run with other element types.
  package func with(_ precision: Precision?) -> Run { Run(purpose, keys, binding, reports, precision, probe) }

  /// This run with other places for what layers report.
  private func with(_ reports: RunReports) -> Run { Run(purpose, keys, binding, reports, precision, probe) }

  /// A run for a function that is being recorded, out of which nothing comes that a probe would take.
  private func recording(_ reports: RunReports) -> Run { Run(purpose, keys, binding, reports, precision) }

  /// A pass of inference within this run.
  package func inference() -> Run { Run(.inference, nil, binding, nil, precision) }

  /// Calls a function within this run.
  package func perform<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Run.$active.withValue(self, operation: body)
  }

  /// Whether the pass is for training.
  public var isTraining: Bool { purpose == .training }

  /// A fresh key for random numbers of this pass, or `nil` in a run without randomness; never `nil` while training.
  public func nextKey() -> RandomKey? { keys?.next() }
}

// Random keys of functions that are recorded to run many times.
extension Run {
  /// Whether the pass has random numbers.
  var hasKeys: Bool { keys != nil }

  /// This run with stand-ins in place of its keys, for a function that is recorded to run many times; `nil` stand-ins
  /// where the pass has no random numbers.
  func drawingStandIns() -> (run: Run, standIns: RandomKeys?) {
    guard keys != nil else { return (self, nil) }
    let standIns = RandomKeys.standIns()
    return (Run(purpose, standIns, binding, reports, precision), standIns)
  }

  /// The next keys, `nil` where there are to be some and they are arguments of a function being recorded.
  func knownKeys(_ count: Int) -> [Tensor]? {
    if count == 0 { return [] }
    guard let keys, keys.areKnown else { return nil }
    return (0..<count).map { _ in keys.next().words }
  }
}

// Initial values.
extension Run {
  /// Whether the pass is there to find out what initial values a model needs, and its numbers do not matter.
  public var isBinding: Bool { binding?.isPass == true }

  /// What gives an initial value to a parameter without one; `nil` where nothing does.
  func binding(of identity: Parameter.Identity) -> ParameterBinding? {
    binding.flatMap { $0.binds(identity) ? $0 : nil }
  }
}

// What layers report.
extension Run {
  /// Whether somebody takes the new values of a parameter.
  func receives(_ identity: Parameter.Identity?) -> Bool {
    identity.map { reports?.received.contains($0) == true } ?? false
  }

  /// The value of a parameter that this pass reported last, or the one from before the pass.
  func latest(of identity: Parameter.Identity, otherwise tensor: Tensor?, isStatistic: Bool) -> Tensor? {
    reports.map { $0.value(of: identity, otherwise: tensor, isStatistic: isStatistic) } ?? tensor
  }

  /// Whether somebody takes losses and metrics.
  var takesNumbers: Bool { reports?.takesNumbers == true }

  func report(_ statistic: RunReports.Statistic) { reports?.report(statistic) }

  func report(_ number: ReportedNumber) { reports?.report(number) }

  func report(_ missed: RunReports.Missed) { reports?.report(missed) }

  func report(_ labels: ExpectedLabels) { reports?.report(labels) }

  /// Whether what is asked of class numbers now is asked for certain.
  var isCertain: Bool { reports?.isConditional != true }

  /// Calls a function that is being recorded, and gives back what layers report in it, which stands for no value outside.
  ///
  /// - Parameters:
  ///   - identities: The parameters whose new values are taken.
  ///   - isConditional: Whether the function may never run.
  ///   - carried: The running statistics that are carried, where the function is the step of a loop.
  ///   - body: The function.
  func recording<Result>(
    receiving identities: [Parameter.Identity] = [], isConditional: Bool = false,
    carrying carried: CarriedStatistics? = nil, _ body: () throws -> Result
  ) rethrows -> (result: Result, reports: RunReports) {
    let inside = RunReports(
      within: reports, receiving: identities, isConditional: isConditional, carrying: carried)
    return (try recording(inside).perform(body), inside)
  }

  /// Calls a function, and takes the new values of some parameters that layers report in it.
  ///
  /// - Returns: What the function gives, and the new values of those parameters that have some; what else is reported goes
  ///   on to the pass around.
  package func receiving<Result>(
    _ identities: [Parameter.Identity], _ body: () throws -> Result
  ) rethrows -> (result: Result, values: [Parameter.Identity: Tensor]) {
    let inside = RunReports(within: reports, receiving: identities)
    let result = try with(inside).perform(body)
    for number in inside.numbers { report(number) }
    return (result, handOn(inside, besides: identities))
  }

  /// Calls a function that is being recorded, and takes the new values of some parameters, and all losses, metrics and class
  /// numbers that layers report in it.
  package func receivingAll<Result>(
    _ identities: [Parameter.Identity], _ body: () throws -> Result
  ) rethrows -> (
    result: Result, values: [Parameter.Identity: Tensor], labels: [ExpectedLabels], reports: PassReports
  ) {
    let inside = RunReports(within: reports, receiving: identities, takingNumbers: true)
    let result = try with(inside).perform(body)
    return (result, handOn(inside, besides: identities), inside.labels, PassReports(inside.numbers))
  }

  /// Reports statistics and class numbers that were reported within to the pass around.
  ///
  /// - Returns: The new values of some parameters, which are taken and not reported further.
  private func handOn(_ inside: RunReports, besides taken: [Parameter.Identity]) -> [Parameter.Identity: Tensor] {
    let own = Set(taken)
    var values: [Parameter.Identity: Tensor] = [:]
    for statistic in inside.statistics {
      if own.contains(statistic.identity) {
        values[statistic.identity] = statistic.value
      } else {
        report(statistic)
      }
    }
    for expected in inside.labels { report(expected) }
    for missed in inside.missed { report(missed) }
    return values
  }
}
