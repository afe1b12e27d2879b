import DescentGraph
import DescentTensors

/// Learning by a table of the values of actions, with actions that are the best known ones but for a share that is tried out.
///
/// ```swift
/// let trained = try TabularLearning(.qLearning, stepSize: 0.5).train(on: CliffWalking(), steps: 50_000)
/// print(try trained[0].evaluate(episodes: 1))        // mean -13.0 ± 0.0
/// ```
///
/// Several independent runs learn side by side, and acting and learning over thousands of steps are one plan.
public struct TabularLearning: Sendable {
  /// How the table is bettered.
  public var method: TabularMethod
  /// How far a value moves toward what it is held against; divided among the tiles where there are several.
  public var stepSize: Double
  /// What a reward is worth one step later, from 0 to 1.
  public var discount: Double
  /// The chance of an action drawn evenly, at the beginning.
  public var exploration: Double
  /// The same at the end; it falls linearly over the first half of the steps.
  public var finalExploration: Double
  /// The values to begin with; high ones make everything worth a try.
  public var initialValue: Double
  /// How numbers become cells of the table; `nil` where states are counted.
  public var coding: TileCoding?
  /// The seed of everything random.
  public var seed: UInt64

  /// Makes a way of learning.
  ///
  /// - Parameters:
  ///   - method: How the table is bettered.
  ///   - stepSize: How far a value moves toward what it is held against.
  ///   - discount: What a reward is worth one step later.
  ///   - exploration: The chance of an action drawn evenly, at the beginning.
  ///   - finalExploration: The same at the end; as at the beginning where it is `nil`.
  ///   - initialValue: The values to begin with.
  ///   - coding: How numbers become cells of the table.
  ///   - seed: The seed of everything random.
  public init(
    _ method: TabularMethod = .qLearning, stepSize: Double = 0.5, discount: Double = 1, exploration: Double = 0.1,
    finalExploration: Double? = nil, initialValue: Double = 0, coding: TileCoding? = nil, seed: UInt64 = 0
  ) {
    (self.method, self.stepSize, self.discount, self.exploration) = (method, stepSize, discount, exploration)
    self.finalExploration = finalExploration ?? exploration
    (self.initialValue, self.coding, self.seed) = (initialValue, coding, seed)
  }

  /// What has learned, one for each run, and the episodes on the way.
  public struct Result<Source: EnvironmentSource>: Sendable {
    /// The runs.
    public let agents: [TrainedAgent<TabularPolicy, Source>]
    /// The episodes that ended, run by run, in order.
    public let episodes: [EpisodeMonitor]

    /// The agent of a run.
    public subscript(run: Int) -> TrainedAgent<TabularPolicy, Source> { agents[run] }
  }

  /// Learns in an environment.
  ///
  /// - Parameters:
  ///   - environment: The environment, whose states are counted unless there is a coding.
  ///   - steps: The number of steps of each run; rounded up to whole episodes of the step limit for Monte Carlo.
  ///   - runs: The number of independent runs side by side.
  /// - Throws: `TensorError` where a setting makes no sense, the environment's states cannot be counted or its actions are not one choice
  ///   among several, or of a mistake in the environment.
  /// - Complexity: O(steps · runs); with traces O(steps · runs · cells).
  public func train<Source: EnvironmentSource>(
    on environment: Source, steps: Int, runs: Int = 1
  ) throws -> Result<Source> {
    let spaces = PolicySpaces(environment)
    guard case .discrete(let actions) = spaces.actions else {
      throw TensorError(method.name, "learns values of one choice among several, the actions are \(spaces.actions)")
    }
    try check(environment, steps, runs)
    let cells = try TabularPolicy.cellCount(spaces.observations, coding, method.name)
    guard let size = Shape([runs, cells, actions]).checkedCount, size < 1 << 30 else {
      throw TensorError(
        method.name, "\(runs) tables of \(cells) rows and \(actions) actions, which is more than can be counted")
    }
    let table = ValueTable(runs: runs, cells: cells, actions: actions, rows: coding?.tilings ?? 1)
    let (weights, episodes) =
      method == .monteCarlo
      ? try MonteCarloRun(self, try environment.batch(runs), table).learned(steps)
      : try TemporalDifferenceRun(self, try environment.batch(runs), table).learned(steps)
    let tables = weights.reshaped([runs, cells, actions])
    let agents = try (0..<runs).map { run in
      let own = Tensor(try tables[run].scalars(), shape: [cells, actions])
      return TrainedAgent(policy: TabularPolicy(own, coding: coding, spaces: spaces), environment: environment)
    }
    return Result(agents: agents, episodes: episodes)
  }

  private func check(_ environment: some EnvironmentSource, _ steps: Int, _ runs: Int) throws {
    func refuse(_ what: String) -> TensorError { TensorError(method.name, what) }
    guard steps >= 1, runs >= 1 else { throw refuse("\(steps) steps in \(runs) runs, where at least 1 is needed") }
    guard stepSize > 0, stepSize.isFinite, (0...1).contains(discount), initialValue.isFinite else {
      throw refuse(
        "a step size of \(stepSize), a discount of \(discount) and values of \(initialValue) to begin with, where a positive number, one"
          + " from 0 to 1 and a finite one are needed")
    }
    guard (0...1).contains(exploration), (0...1).contains(finalExploration) else {
      throw refuse("an exploration from \(exploration) to \(finalExploration), which are not from 0 to 1")
    }
    switch method {
    case .sarsaLambda(let lambda) where !(0...1).contains(lambda):
      throw refuse("traces that last by \(lambda), which is not from 0 to 1")
    case .dynaQ(let planning):
      guard (0...10_000).contains(planning) else {
        throw refuse("\(planning) steps of planning, where 0 to 10,000 are possible")
      }
      if coding != nil { throw refuse("remembers states that are counted, and takes no coding") }
    case .monteCarlo where environment.stepLimit == nil:
      throw refuse(
        "learns from whole episodes, and \(environment.name) has no limit of steps; give it one by limited(to:)")
    default: break
    }
  }

  /// The chance of an action drawn evenly after a share of all steps.
  func exploration(after share: Tensor) -> Tensor {
    let slope = 2 * (finalExploration - exploration)
    return (share * slope + exploration).clamped(min(exploration, finalExploration), max(exploration, finalExploration))
  }
}

/// The tables of several runs as one tensor, `[runs · cells · actions]`.
struct ValueTable: Sendable {
  let runs: Int
  let cells: Int
  let actions: Int
  /// The number of rows that an observation meets.
  let rows: Int

  /// The tables to begin with.
  func filled(with value: Double) -> Tensor {
    Tensor(repeating: value / Double(rows), shape: [runs * cells * actions])
  }

  /// Where the rows of cells `[…, runs, rows]` begin, in each run's own table.
  func places(_ cells: Tensor) -> Tensor {
    let first = (Tensor(rangeTo: runs) * Double(self.cells)).expanded(axis: 1)
    return (cells + first) * Double(actions)
  }

  /// The values of all actions at places `[runs, rows]`: `[runs, actions]`.
  func values(_ weights: Tensor, _ places: Tensor) -> Tensor {
    weights.taken(places.expanded(axis: -1) + Tensor(rangeTo: actions)).sum(axes: [1])
  }

  /// The places of one action, `[runs, rows]`.
  func places(_ places: Tensor, of action: Tensor) -> Tensor { places + action.expanded(axis: 1) }

  /// The best actions, but for a chance of any.
  func chosen(_ values: Tensor, _ exploration: Tensor, _ key: RandomKey) -> Tensor {
    let any = ActionSpace.discrete(actions).sample(key.split(0), batch: [runs])
    return `where`(key.split(1).uniform([runs]) .< exploration, any, values.argMax(axis: 1))
  }
}
