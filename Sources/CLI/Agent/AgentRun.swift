import ArgumentParser
import Descent
import DescentFiles
import Foundation

/// An agent in a directory: its policy, and what it takes to act again.
struct AgentRun {
  /// What `agent.json` holds.
  struct Description: Codable {
    var environment: String
    var method: String
    var hidden: [Int]
    var coding: TileCoding?
    var seed: UInt64
    var steps: Int
  }

  let directory: String
  let description: Description
  let world: AgentWorld
  let policy: any Policy

  private static func policyPath(_ directory: String) -> String { directory + "/policy.safetensors" }
  private static func descriptionPath(_ directory: String) -> String { directory + "/agent.json" }

  /// Makes sure that an agent can be written, before it learns.
  static func prepare(_ directory: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    } catch { throw FileError(directory, "the directory cannot be made: \(error.localizedDescription)") }
    try AtomicFile.checkWritable(policyPath(directory))
  }

  static func write(_ policy: any Policy, _ description: Description, to directory: String) throws {
    try policy.save(to: policyPath(directory))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    let bytes = Array(try encoder.encode(description)) + Array("\n".utf8)
    try bytes.withUnsafeBytes { try AtomicFile.write([$0], to: descriptionPath(directory)) }
  }

  /// Reads an agent.
  ///
  /// - Throws: `FileError` where there is none, or its files do not go together.
  init(_ directory: String) throws {
    let path = Self.descriptionPath(directory)
    guard let data = FileManager.default.contents(atPath: path) else {
      throw FileError(path, "there is no agent in \(directory); 'descent agent train' makes one")
    }
    do { description = try JSONDecoder().decode(Description.self, from: data) } catch {
      throw FileError(path, "is not the description of an agent")
    }
    self.directory = directory
    world = try AgentWorld.named(description.environment)
    let method = try AgentMethod.named(description.method)
    let policyPath = Self.policyPath(directory)
    policy =
      method.isTabular
      ? try TabularPolicy(coding: description.coding).loading(policyPath)
      : try MLPPolicy(hidden: description.hidden).loading(policyPath)
  }
}

/// Trains an agent.
struct AgentTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Trains an agent in an environment, and keeps it in a directory.",
    discussion: "'descent agent list' names the environments and the ways of learning.")

  @Argument(help: "The environment.")
  var environment: String

  @Option(
    help:
      "The way of learning; ppo for choices, sac for numbers, a table where states are counted or tiled unless told otherwise."
  )
  var by: String?

  @Option(help: "The number of steps in all environments together, instead of the environment's own.")
  var steps: Int?

  @Option(help: "The seed: the same seed gives the same agent.")
  var seed: UInt64 = 1

  @Option(help: "The sizes of hidden layers, as 64,64.")
  var hidden = "64,64"

  @Option(help: "The directory of the agent; runs/ and the environment's name unless told otherwise.")
  var output: String?

  @Flag(help: "Goes on with the training in that directory that was ended or killed, to the same bits.")
  var resume = false

  @Flag(help: "Shows no progress.")
  var quiet = false

  @Option(help: "The number of episodes that the agent is judged by in the end.")
  var episodes = 100

  private var sizes: [Int]? {
    let parts = hidden.split(separator: ",", omittingEmptySubsequences: false).map {
      Int($0.trimmingCharacters(in: .whitespaces))
    }
    let sizes = parts.compactMap { $0 }
    return sizes.count == parts.count && sizes.allSatisfy((1...8192).contains) ? sizes : nil
  }

  func validate() throws {
    _ = try AgentWorld.named(environment)
    if let by { _ = try AgentMethod.named(by) }
    if let steps, !AgentCommand.stepCounts.contains(steps) {
      throw ValidationError("--steps must lie between 1 and 1,000,000,000, found \(steps)")
    }
    guard AgentCommand.episodeCounts.contains(episodes) else {
      throw ValidationError("--episodes must lie between 1 and 100,000, found \(episodes)")
    }
    guard sizes != nil else { throw ValidationError("--hidden takes sizes from 1 to 8192 as 64,64, found \(hidden)") }
  }

  func run() throws {
    let world = try AgentWorld.named(environment)
    let source = try world.make()
    let method = try AgentMethod.named(by ?? Self.usual(source, world))
    let directory = output ?? "runs/\(environment)"
    try AgentRun.prepare(directory)
    let description = AgentRun.Description(
      environment: environment, method: method.name, hidden: sizes ?? [], coding: method.isTabular ? world.coding : nil,
      seed: seed, steps: steps ?? world.steps)
    if resume, method.isTabular {
      throw ValidationError("\(method.name) learns a table in one go, and keeps nothing to resume")
    }
    let settings = AgentSettings(
      steps: description.steps, seed: seed, hidden: description.hidden, coding: description.coding,
      callbacks: [.checkpoint(directory + "/checkpoints", resuming: resume)] + (quiet ? [] : [.progress]))
    let clock = ContinuousClock()
    let start = clock.now
    let policy: any Policy
    do { policy = try method.train(source, settings) } catch let failure as LearningFailure {
      // What was learned so far is kept.
      try AgentRun.write(failure.policy, description, to: directory)
      throw failure
    }
    let seconds = (clock.now - start) / .seconds(1)
    try AgentRun.write(policy, description, to: directory)
    print(String(format: "learned in %.1f s, in %@", seconds, directory))
    print(try AgentEvaluate.text(policy, source, episodes: episodes, seed: 0))
  }

  /// The way of learning for an environment unless told otherwise.
  private static func usual(_ source: any EnvironmentSource, _ world: AgentWorld) -> String {
    if world.coding != nil { return "sarsa-lambda" }
    if case .box = source.actionSpace { return "sac" }
    return source.observationSpace.stateCount == nil ? "ppo" : "q-learning"
  }
}

/// Judges an agent.
struct AgentEvaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Acts over whole episodes and tells their returns.")

  @OptionGroup var acting: AgentOptions

  @Option(help: "The number of episodes.")
  var episodes = 100

  @Flag(help: "Draws actions from the policy's distribution, rather than taking the best known.")
  var drawn = false

  func validate() throws {
    guard AgentCommand.episodeCounts.contains(episodes) else {
      throw ValidationError("--episodes must lie between 1 and 100,000, found \(episodes)")
    }
  }

  func run() throws {
    let run = try acting.agent()
    print(try Self.text(run.policy, try run.world.make(), episodes: episodes, seed: acting.seed, isGreedy: !drawn))
  }

  static func text(
    _ policy: any Policy, _ source: any EnvironmentSource, episodes: Int, seed: UInt64, isGreedy: Bool = true
  ) throws -> String {
    func evaluation(_ policy: some Policy, _ source: some EnvironmentSource) throws -> Evaluation {
      try policy.evaluated(on: source, episodes: episodes, seed: seed, isGreedy: isGreedy, stepLimit: 10_000)
    }
    let found = try evaluation(policy, source)
    let (least, most) = (found.returns.min() ?? 0, found.returns.max() ?? 0)
    return String(
      format: "%d episode%@: %@, from %.1f to %.1f, %.1f steps", episodes, episodes == 1 ? "" : "s", "\(found)", least,
      most,
      found.meanLength)
  }
}
