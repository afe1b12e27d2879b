import ArgumentParser
import Descent
import DescentFiles
import Foundation

/// Shows forward values, local derivatives and back-propagated derivatives of an expression, or what the compiler makes
/// of a model's training step.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Shows back-propagation through an expression, or the compiler's passes over a model.",
    discussion: """
      descent explain "sigmoid(w2*sigmoid(w1*x))" --at x=0.5,w1=0.8,w2=-1.2
      descent explain "g(f(x*w1)*w2)" --define f=tanh --define g=sigmoid --at x=0.5,w1=0.8,w2=-1.2 --svg chain.svg
      descent explain "gelu(w*x)" --open gelu --at x=0.5,w=0.8
      descent explain "(x-1)^2 + 10*(y-x^2)^2" --at x=-1.2,y=1 --steps 50 --rate 0.01
      descent explain --at x=3 -- "-(x-1)^2"          an expression that begins with a sign follows --
      descent explain --model lenet --passes
      """)

  @Argument(
    help: "Numbers, names, pi, e, + - * / ^, brackets, and functions: \(ExplainCommand.functionNames).")
  var expression: String?

  @Option(help: "The values, as x=0.5,w1=0.8; a negative value follows = directly: w2=-1.2.")
  var at: [String] = []

  @Option(help: "A name of your own for a function: f=tanh. It shows in the formulas as f and f'.")
  var define: [String] = []

  @Option(help: "A function that is shown by what it is composed of, such as gelu; all of them: all.")
  var open: [String] = []

  @Option(help: "Draws the graph into this file (needs Graphviz).")
  var svg: String?

  @Flag(help: "Prints JSON.")
  var json = false

  @Option(help: "Follows the gradient for this many steps.")
  var steps: Int?

  @Option(help: "The learning rate: a step is this times the derivative.")
  var rate: Double?

  @Flag(help: "Ascends instead of descending.")
  var ascend = false

  @Option(help: "Values that stay where they are, as x,y; all others move.")
  var hold: String?

  @Option(help: "Shows a model's training step instead: \(BenchCommand.names).")
  var model: String?

  @Flag(help: "Shows what each of the compiler's passes did to the model's training step.")
  var passes = false

  private static var functionNames: String { ExpressionFunction.all.keys.sorted().joined(separator: ", ") }

  func validate() throws {
    guard (expression == nil) != (model == nil) else {
      throw ValidationError("give an expression, such as \"sigmoid(w*x)\" --at x=0.5,w=0.8, or --model lenet --passes")
    }
    if let model {
      guard BenchCommand.workloads.contains(where: { $0.name == model }) else {
        throw ValidationError("there is no model '\(model)'; there are \(BenchCommand.names)")
      }
      guard passes else { throw ValidationError("--model needs --passes") }
      guard steps == nil, rate == nil, at.isEmpty, define.isEmpty, open.isEmpty, hold == nil, !ascend else {
        throw ValidationError("--at, --define, --open, --steps, --rate, --ascend and --hold belong to an expression")
      }
    } else {
      if passes { throw ValidationError("--passes needs --model") }
      guard (steps == nil) == (rate == nil) else { throw ValidationError("--steps and --rate belong together") }
      if let steps, !(1...1_000_000).contains(steps) { throw ValidationError("--steps must lie in 1 … 1000000") }
      if let rate, !(rate > 0 && rate.isFinite) { throw ValidationError("--rate must be a positive number") }
      if steps == nil, ascend || hold != nil { throw ValidationError("--ascend and --hold need --steps and --rate") }
    }
  }

  func run() throws {
    if let svg { try FileContents.checkWritable(svg) }
    if let model { return try PassReport.run(model, svg: svg, json: json, color: Self.hasColor) }
    let problem = try ExpressionProblem(expression ?? "", at: at, define: define, open: open)
    let explanation = try problem.explanation()
    var path: DescentPath?
    if let steps, let rate {
      path = try DescentPath(problem, steps: steps, rate: ascend ? rate : -rate, hold: hold)
    }
    if let svg { try FileContents.write(Array(explanation.svg().utf8), to: svg) }
    if json {
      print(try path.map { try $0.json(explanation) } ?? explanation.json(), terminator: "")
    } else {
      print(explanation.text(color: Self.hasColor))
      if let path { print("\n" + path.text) }
    }
    if let fault = problem.fault(of: explanation) ?? path?.fault {
      FileHandle.standardError.write(Data("Error: \(fault)\n".utf8))
      throw ExitCode(1)
    }
  }

  /// Color on a terminal, unless NO_COLOR (no-color.org) asks for none.
  private static var hasColor: Bool {
    Terminal.showsColor(STDOUT_FILENO)
  }
}

/// A request that makes no sense, in one line.
struct ExplainError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
