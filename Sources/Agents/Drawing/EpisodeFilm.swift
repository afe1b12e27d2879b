import DescentData
import DescentFiles
import DescentGraph
import DescentTensors
import Foundation

extension Policy {
  /// Acts over one episode and hands on what each state looks like, as it comes.
  ///
  /// - Parameters:
  ///   - environment: The environment.
  ///   - seed: The seed of the environment, and of drawn actions.
  ///   - isGreedy: Whether the best known action is taken, rather than one drawn from the policy's distribution.
  ///   - stepLimit: The number of steps after which an episode that has no end is broken off.
  ///   - show: Is given each drawing; the rewards so far are added up.
  /// - Returns: The return of the episode.
  /// - Throws: `TensorError` where the policy was made for other spaces, or of a mistake in the environment; what `show` throws.
  @discardableResult
  public func watched<World: DrawnEnvironment>(
    in environment: World, seed: UInt64 = 0, isGreedy: Bool = true, stepLimit: Int = 1_000,
    show: (_ drawing: EnvironmentDrawing, _ reward: Double) throws -> Void
  ) throws -> Double {
    guard stepLimit >= 1 else { throw TensorError("watch", "\(stepLimit) steps, where at least 1 is needed") }
    let spaces = try madeSpaces()
    if let difference = spaces.difference(from: PolicySpaces(environment)) {
      throw TensorError("watch", "the policy was made for \(difference), which \(environment.name) has")
    }
    let head = head
    let act = compiled { (policy: Self, state: World.State, memory: Memory, key: RandomKey) in
      let output = try policy(try environment.observation(of: state).expanded(axis: 0), memory)
      let actions =
        isGreedy
        ? head.greedyActions(output.outputs, spaces.actions)
        : head.sampledActions(output.outputs, spaces.actions, key.split(0))
      let next = try environment.step(state, actions[0], key: key.split(1))
      return (next.state, output.memory, next.reward, next.terminated .| next.truncated)
    }
    let key = RandomKey(seed: seed)
    var (state, memory) = (try environment.reset(key: key.split(0)), initialMemory(batch: 1))
    var total = 0.0
    try show(try environment.drawing(of: state), total)
    for step in 0..<min(stepLimit, environment.stepLimit ?? stepLimit) {
      let (next, remembered, reward, ended) = try act(self, state, memory, key.split(1).split(step))
      (state, memory) = (next, remembered)
      total += try reward.item()
      try show(try environment.drawing(of: state), total)
      if try ended.item(as: Bool.self) { break }
    }
    return total
  }
}

/// Episodes as pictures.
public struct EpisodeFilm: Sendable {
  /// What the states looked like, in order.
  public private(set) var drawings: [EnvironmentDrawing] = []
  /// The returns of the episodes.
  public private(set) var returns: [Double] = []

  /// Films a policy.
  ///
  /// - Parameters:
  ///   - policy: What acts.
  ///   - environment: The environment.
  ///   - episodes: The number of episodes, one after the other.
  ///   - seed: The seed of everything random.
  ///   - stepLimit: The number of steps after which an episode is broken off.
  /// - Throws: `TensorError` where the number is not positive, the policy was made for other spaces, or of a mistake in the environment.
  public init(
    of policy: some Policy, in environment: some DrawnEnvironment, episodes: Int = 1, seed: UInt64 = 0,
    stepLimit: Int = 1_000
  ) throws {
    guard episodes >= 1 else { throw TensorError("record", "\(episodes) episodes, where at least 1 is needed") }
    for episode in 0..<episodes {
      let total = try policy.watched(in: environment, seed: seed &+ UInt64(episode), stepLimit: stepLimit) {
        drawing, _ in
        drawings.append(drawing)
      }
      returns.append(total)
    }
  }

  /// Writes the film: as a GIF, or by the ending of the name as SVG with at most 24 states spread over it, or as PNG pictures
  /// `name-0001.png` and so on.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - width: The width in pixels.
  ///   - seconds: How long each state is shown.
  /// - Throws: `FileError` where the name ends otherwise or a file cannot be written; `TensorError` of an impossible size.
  public func write(to path: String, width: Int = 300, seconds: Double = 0.04) throws {
    switch path.split(separator: ".").last.map({ $0.lowercased() }) {
    case "gif":
      let pictures = try drawings.map { try $0.picture(width: width) }
      var gif = try GIF(width: width, height: pictures.first?.height ?? 1)
      for picture in pictures { try gif.add(picture, seconds: seconds) }
      try gif.write(to: path)
    case "svg":
      let count = min(drawings.count, 24)
      let chosen = (0..<count).map { drawings[$0 * (drawings.count - 1) / max(count - 1, 1)] }
      let text = EnvironmentDrawing.svg(chosen, columns: count > 6 ? 6 : count)
      try Array(text.utf8).withUnsafeBytes { try AtomicFile.write([$0], to: path) }
    case "png":
      for (number, drawing) in drawings.enumerated() {
        try drawing.picture(width: width).write(png: path.dropLast(4) + String(format: "-%04d.png", number + 1))
      }
    default: throw FileError(path, "a film is written as .gif, .svg or .png, by the ending of its name")
    }
  }
}

extension TrainedAgent where Source: DrawnEnvironment {
  /// Films episodes into a file, `.gif`, `.svg` or `.png`; see `EpisodeFilm.write(to:width:seconds:)`.
  ///
  /// - Parameters:
  ///   - episodes: The number of episodes, one after the other.
  ///   - path: The file.
  ///   - seed: The seed of the environment.
  ///   - stepLimit: The number of steps after which an episode is broken off.
  /// - Throws: `TensorError` where the number is not positive; `FileError` where the file cannot be written.
  public func record(episodes: Int = 1, to path: String, seed: UInt64 = 0, stepLimit: Int = 1_000) throws {
    try EpisodeFilm(of: policy, in: environment, episodes: episodes, seed: seed, stepLimit: stepLimit).write(to: path)
  }
}
