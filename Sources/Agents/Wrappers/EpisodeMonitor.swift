import DescentGraph
import DescentTensors

/// Which episodes ended in a rollout, with what returns: sums that a plan can give instead of the whole trajectory.
public struct EpisodeSummary: Codable, Sendable {
  /// The number of episodes that ended.
  public var count: Tensor
  /// The sum of their returns.
  public var returns: Tensor
  /// The sum of their lengths.
  public var lengths: Tensor
  /// The smallest return; infinite where no episode ended.
  public var least: Tensor
  /// The largest return; minus infinite where no episode ended.
  public var most: Tensor

  /// Sums up the episodes that ended in a trajectory.
  public init<Notes>(_ trajectory: Trajectory<Notes>) {
    let ended = trajectory.ended
    let values = trajectory.returns
    count = ended.converted(to: .float32).sum()
    returns = `where`(ended, values, 0).sum()
    lengths = `where`(ended, trajectory.lengths.converted(to: .float32), 0).sum()
    least = `where`(ended, values, Double.infinity).min()
    most = `where`(ended, values, -Double.infinity).max()
  }
}

/// The episodes that ended so far, in order: their returns and lengths.
public struct EpisodeMonitor: Sendable, Codable, Hashable {
  /// One episode.
  public struct Episode: Sendable, Codable, Hashable {
    /// The sum of its rewards.
    public var reward: Double
    /// The number of its steps.
    public var length: Int
    /// The number of steps taken in all environments when it ended.
    public var step: Int
  }

  /// The episodes.
  public private(set) var episodes: [Episode] = []
  /// The number of steps taken in all environments.
  public private(set) var steps = 0

  /// A monitor that has seen nothing.
  public init() {}

  /// Adds the episodes that ended in a trajectory.
  ///
  /// - Throws: `TensorError` that the trajectory carries.
  /// - Complexity: O(steps · environments).
  public mutating func add<Notes>(_ trajectory: Trajectory<Notes>) throws {
    try add(ended: trajectory.ended, returns: trajectory.returns, lengths: trajectory.lengths)
  }

  /// Adds the episodes that ended in steps `[steps, count]`.
  mutating func add(ended: Tensor, returns: Tensor, lengths: Tensor) throws {
    let (ended, returns) = (try ended.booleans(), try returns.scalars())
    let lengths = try lengths.integers()
    for place in ended.indices where ended[place] {
      episodes.append(Episode(reward: returns[place], length: lengths[place], step: steps + place + 1))
    }
    steps += ended.count
  }

  /// The mean return of the last episodes, at most so many; `nil` where none has ended.
  public func meanReturn(last count: Int = 100) -> Double? {
    let recent = episodes.suffix(max(count, 0))
    return recent.isEmpty ? nil : recent.reduce(0) { $0 + $1.reward } / Double(recent.count)
  }

  /// The mean length of the last episodes, at most so many; `nil` where none has ended.
  public func meanLength(last count: Int = 100) -> Double? {
    let recent = episodes.suffix(max(count, 0))
    return recent.isEmpty ? nil : recent.reduce(0) { $0 + Double($1.length) } / Double(recent.count)
  }

  /// The episodes as CSV, with a line of names: `step,return,length`.
  public var csv: String {
    "step,return,length\n" + episodes.map { "\($0.step),\($0.reward),\($0.length)\n" }.joined()
  }
}
