import Foundation
import TestSupport
import Testing

/// What `descent agent` prints and writes, and what it says of requests that make no sense.
@Suite(.timeLimit(.minutes(5))) struct AgentCommandTests {
  private func agent(_ arguments: String...) throws -> Ending {
    try Run(program("descent"), ["agent"] + arguments).ending()
  }

  @Test func namesWhatThereIs() throws {
    let list = try agent("list")
    #expect(list.status == 0)
    for name in ["cartpole", "taxi", "identity-continuous", "ppo", "sac", "q-learning", "monte-carlo"] {
      #expect(list.output.split(separator: "\n").contains { $0.hasPrefix(name + " ") }, "\(name)")
    }
  }

  @Test func trainsWatchesJudgesAndFilms() throws {
    try withTemporaryFolder { folder in
      let trained = try agent("train", "cliffwalking", "--steps", "30000", "--output", folder + "/walker", "--quiet")
      #expect(trained.status == 0)
      #expect(trained.output.contains("100 episodes: mean -13.0 ± 0.0"))
      let judged = try agent("evaluate", folder + "/walker", "--episodes", "1")
      #expect(judged.output == "1 episode: mean -13.0 ± 0.0, from -13.0 to -13.0, 13.0 steps\n")
      let watched = try agent("watch", folder + "/walker", "--columns", "24")
      #expect(watched.output.hasSuffix("episode 1: -13.0\n"))
      #expect(try agent("record", folder + "/walker", folder + "/walk.gif", "--width", "60").status == 0)
      let film = try #require(FileManager.default.contents(atPath: folder + "/walk.gif"))
      #expect(film.starts(with: Data("GIF89a".utf8)))
      let again = try agent("train", "cliffwalking", "--output", folder + "/walker", "--resume")
      #expect(again.errors.contains("keeps nothing to resume"))
    }
  }

  @Test func mistakesAreTold() throws {
    #expect(
      try agent("train", "cartpol").errors.contains("there is no environment 'cartpol'; did you mean 'cartpole'?"))
    #expect(try agent("train", "cartpole", "--by", "pp").errors.contains("there is no way of learning 'pp'"))
    #expect(try agent("train", "cartpole", "--steps", "0").errors.contains("--steps must lie between 1"))
    #expect(try agent("train", "cartpole", "--hidden", "64,x").errors.contains("--hidden takes sizes"))
    try withTemporaryFolder { folder in
      #expect(try agent("evaluate", folder).errors.contains("there is no agent in"))
      #expect(
        try agent("record", folder, folder + "/film.mp4").errors.contains("the file ends with .gif, .svg or .png"))
      let odd = try agent("train", "pendulum", "--by", "dqn", "--steps", "10", "--output", folder + "/x", "--quiet")
      #expect(odd.status != 0 && odd.errors.contains("take PPO, SAC or TD3"))
    }
  }
}
