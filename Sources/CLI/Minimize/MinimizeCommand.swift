import ArgumentParser
import Descent
import DescentFiles
import Foundation

/// Looks for the lowest point of an expression.
struct MinimizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "minimize", abstract: "Looks for the lowest point of an expression.",
    discussion: """
      descent minimize "(1-x)^2 + 100*(y-x^2)^2" --at x=-1.2,y=1 --by lbfgs
      descent minimize "(1-x)^2 + 100*(y-x^2)^2" --at x=-1.2,y=1 --by all --svg valley.svg
      descent minimize "(x-2)^2" --at x=0 --by newton --json
      """)

  @Argument(help: "The expression, as in descent explain.")
  var expression: String

  @Option(help: "Where the search begins, as x=-1.2,y=1; a negative value follows = directly.")
  var at: [String] = []

  @Option(
    help: "Between which numbers values stay, as x=0..1,y=0..; a start outside is moved to the nearest point within.")
  var within: [String] = []

  @Option(help: "The method, or all for a table of all: \(MinimizeMethods.names).")
  var by = "lbfgs"

  @Option(help: "A name of your own for a function: f=tanh.")
  var define: [String] = []

  @Flag(help: "Looks for the highest point.")
  var maximize = false

  @Option(help: "The largest magnitude in the gradient that counts as none.")
  var gradient = 1e-8

  @Option(help: "The most iterations.")
  var iterations = 10_000

  @Flag(help: "Prints JSON.")
  var json = false

  @Option(help: "Draws the way of each method into this file.")
  var svg: String?

  func validate() throws {
    guard by == "all" || MinimizeMethods.all.contains(where: { $0.name == by }) else {
      let hint = nearestName(to: by, among: MinimizeMethods.all.map(\.name)).map { "did you mean '\($0)'?" }
      throw ValidationError("there is no method '\(by)'; \(hint ?? "there are \(MinimizeMethods.names) and all")")
    }
    guard gradient >= 0 else { throw ValidationError("--gradient must be 0 or more") }
    guard (0...10_000_000).contains(iterations) else {
      throw ValidationError("--iterations must lie in 0 … 10000000")
    }
  }

  func run() throws {
    if let svg { try FileContents.checkWritable(svg) }
    let problem = try MinimizeProblem(expression, at: at, define: define)
    let settings = MinimizeSettings(
      isMaximized: maximize, set: try NamedBounds.box(within, of: problem.names),
      stopping: Stopping(gradient: gradient, iterations: iterations))
    let chosen =
      by == "all"
      ? MinimizeMethods.fitting(problem.names.count) : MinimizeMethods.all.filter { $0.name == by }
    let searches = chosen.map { problem.search(settings, by: $0) }
    // What no method can do is a mistake of the request.
    if searches.allSatisfy({ $0.minimum == nil }), case .failure(let error)? = searches.first?.result { throw error }
    if let svg {
      try FileContents.write(Array(MinimizePicture.chart(searches, problem).svg().utf8), to: svg)
    }
    if json {
      print(try MinimizeReport(searches, problem).json, terminator: "")
    } else if by == "all" {
      print(MinimizeReport.table(searches, problem))
    } else if let found = searches.first?.minimum {
      print(MinimizeReport.text(found, problem.names))
    }
    if by != "all", let found = searches.first?.minimum, !found.isConverged {
      FileHandle.standardError.write(Data("Error: the search has not converged: \(found.reason)\n".utf8))
      throw ExitCode(1)
    }
  }
}
