import ArgumentParser
import Descent
import DescentFiles
import Foundation

/// Shows an agent in the terminal.
struct AgentWatch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Shows an agent in the terminal, episode after episode.")

  @OptionGroup var acting: AgentOptions

  @Option(help: "The number of episodes.")
  var episodes = 1

  @Option(help: "Pictures a second; where output is no terminal, all at once.")
  var rate = 25.0

  @Option(help: "The number of characters in a line.")
  var columns = 60

  @Option(help: "The most steps of an episode.")
  var steps = 1000

  func validate() throws {
    guard AgentCommand.episodeCounts.contains(episodes) else {
      throw ValidationError("--episodes must lie between 1 and 100,000, found \(episodes)")
    }
    guard (0.1...1000).contains(rate) else { throw ValidationError("--rate must lie between 0.1 and 1000") }
    guard (4...400).contains(columns) else { throw ValidationError("--columns must lie between 4 and 400") }
    guard AgentCommand.stepCounts.contains(steps) else { throw ValidationError("--steps must be at least 1") }
  }

  func run() throws {
    let run = try acting.agent()
    let isTerminal = Terminal.columns(of: STDOUT_FILENO) != nil
    let color = Terminal.showsColor(STDOUT_FILENO)
    func watch(_ policy: some Policy, _ environment: some DrawnEnvironment) throws {
      for episode in 0..<episodes {
        var lines = 0
        let total = try policy.watched(in: environment, seed: acting.seed &+ UInt64(episode), stepLimit: steps) {
          drawing, reward in
          let text = try drawing.text(columns: columns, color: color)
          // Over the picture before.
          let back = isTerminal && lines > 0 ? "\u{1B}[\(lines)A" : ""
          let title = "\(environment.name), episode \(episode + 1), reward \(String(format: "%.1f", reward))"
          print("\(back)\(title)\(isTerminal ? "\u{1B}[K" : "")\n\(text)", terminator: "")
          fflush(nil)
          lines = text.split(separator: "\n").count + 1
          if isTerminal { Thread.sleep(forTimeInterval: 1 / rate) }
        }
        print(String(format: "episode %d: %.1f", episode + 1, total))
      }
    }
    try watch(run.policy, try run.world.make())
  }
}

/// Films an agent.
struct AgentRecord: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record", abstract: "Films an agent into a file, .gif, .svg or .png (one for each step).")

  @OptionGroup var acting: AgentOptions

  @Argument(help: "The file.")
  var file: String

  @Option(help: "The number of episodes.")
  var episodes = 1

  @Option(help: "The width in pixels.")
  var width = 300

  @Option(help: "The most steps of an episode.")
  var steps = 500

  func validate() throws {
    guard (1...1000).contains(episodes) else { throw ValidationError("--episodes must lie between 1 and 1,000") }
    guard (16...4096).contains(width) else { throw ValidationError("--width must lie between 16 and 4096") }
    guard (1...100_000).contains(steps) else { throw ValidationError("--steps must lie between 1 and 100,000") }
    guard ["gif", "svg", "png"].contains(file.split(separator: ".").last.map { $0.lowercased() } ?? "") else {
      throw ValidationError("the file ends with .gif, .svg or .png, found \(file)")
    }
  }

  func run() throws {
    let run = try acting.agent()
    if !file.lowercased().hasSuffix(".png") { try AtomicFile.checkWritable(file) }
    func film(_ policy: some Policy, _ environment: some DrawnEnvironment) throws -> EpisodeFilm {
      try EpisodeFilm(of: policy, in: environment, episodes: episodes, seed: acting.seed, stepLimit: steps)
    }
    let film = try film(run.policy, try run.world.make())
    try film.write(to: file, width: width)
    print(
      "\(film.drawings.count) pictures, returns \(film.returns.map { String(format: "%.1f", $0) }.joined(separator: ", "))"
    )
  }
}
