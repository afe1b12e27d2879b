import ArgumentParser

/// Which agent acts, and in which episodes.
struct AgentOptions: ParsableArguments {
  @Argument(help: "The directory of the agent.")
  var directory: String

  @Option(help: "The seed of the environments.")
  var seed: UInt64 = 0

  func agent() throws -> AgentRun { try AgentRun(directory) }
}
