import ArgumentParser
import Descent
import DescentFiles
import Foundation

/// Learns by doing.
struct AgentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agent", abstract: "Agents that learn from reward: lists, trains, watches, judges and films them.",
    discussion: """
      descent agent list
      descent agent train cartpole --by ppo --steps 100000 --seed 1 --output runs/cartpole
      descent agent evaluate runs/cartpole --episodes 100
      descent agent watch runs/cartpole
      descent agent record runs/cartpole cartpole.gif
      descent agent bench cartpole
      """,
    subcommands: [
      AgentList.self, AgentTrain.self, AgentEvaluate.self, AgentWatch.self, AgentRecord.self, AgentBench.self,
    ])

  static let episodeCounts = 1...100_000
  static let stepCounts = 1...1_000_000_000
}

/// Names what there is.
struct AgentList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists environments and ways of learning.")

  func run() throws {
    var rows = [["environment", "observations", "actions", "steps at most", "what it is"]]
    for world in AgentWorld.all {
      let environment = try world.make()
      rows.append([
        world.name, Self.text(environment.observationSpace), Self.text(environment.actionSpace),
        environment.stepLimit.map(String.init) ?? "–", world.summary,
      ])
    }
    print(RunTexts.table(rows))
    print("")
    print(
      RunTexts.table(
        [["--by", "for actions", "what it is"]] + AgentMethod.all.map { [$0.name, $0.actions, $0.summary] }))
  }

  private static func text(_ space: ObservationSpace) -> String {
    space.stateCount.map { "\($0) states" } ?? "\(space.shape)"
  }

  private static func text(_ space: ActionSpace) -> String {
    switch space {
    case .discrete(let count): "\(count) choices"
    case .multiDiscrete(let counts): "\(counts) choices"
    case .box(let low, let high):
      zip(low, high).map { "\($0.formatted()) … \($1.formatted())" }.joined(separator: ", ")
    }
  }
}
