import ArgumentParser
import Descent
import DescentFiles
import Foundation

/// Fits an expression to the columns of a file by least squares.
struct FitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit", abstract: "Fits an expression to data by least squares.",
    discussion: """
      descent fit "b1*(1-exp(-b2*x))" --data file.csv --x x --y y --at b1=500,b2=1e-4
      descent fit "b1 - b2*t*exp(-b3*v)" --data file.txt --x t=2,v=3 --y "log(y)" --at b1=2,b2=1e-4,b3=-0.01
      descent fit "a*x+b" --data file.csv --x x --y y --at a=1,b=0 --loss huber --scale 0.5 --svg fit.svg

      The file is CSV, or words with spaces between them; lines that begin with # or % are comments. Columns are asked for
      by their names in the first row, or in the comment above it, or by their places from 1.
      """)

  @Argument(help: "What is fitted to y: an expression of columns and parameters, as in descent explain.")
  var expression: String

  @Option(help: "The file; - is the standard input.")
  var data: String

  @Option(help: "The columns in the expression, as x or x1,x2; x=COLUMN where a column has another name.")
  var x: [String] = []

  @Option(help: "The column that is fitted, or an expression of columns such as log(y).")
  var y: String

  @Option(help: "Where the parameters start, as b1=500,b2=1e-4; a negative value follows = directly.")
  var at: [String] = []

  @Option(help: "The method: \(FitCommand.methodNames).")
  var by = "levenberg-marquardt"

  @Option(help: "Between which numbers parameters stay, as b1=0..1,b2=0..")
  var within: [String] = []

  @Option(help: "What residuals count: \(FitCommand.lossNames).")
  var loss = "squares"

  @Option(help: "The residual from which on the loss counts less than the square.")
  var scale: Double?

  @Option(help: "The column of what the square of each residual is multiplied by, such as 1/σ².")
  var weights: String?

  @Option(help: "The most iterations.")
  var iterations = 10_000

  @Flag(help: "Prints JSON.")
  var json = false

  @Option(help: "Draws data, curve and residuals into this file.")
  var svg: String?

  static let methods: [(name: String, method: LeastSquaresMethod)] = [
    ("levenberg-marquardt", .levenbergMarquardt()), ("dogleg", .dogleg()), ("gauss-newton", .gaussNewton),
  ]
  private static var methodNames: String { methods.map(\.name).joined(separator: ", ") }
  private static let losses: [(name: String, make: @Sendable (Double) -> ResidualLoss)] = [
    ("squares", { _ in .squares }), ("huber", { .huber($0) }), ("soft-l1", { .softL1($0) }),
    ("cauchy", { .cauchy($0) }),
  ]
  private static var lossNames: String { losses.map(\.name).joined(separator: ", ") }

  func validate() throws {
    guard Self.methods.contains(where: { $0.name == by }) else {
      throw ValidationError("there is no method '\(by)'; there are \(Self.methodNames)")
    }
    guard Self.losses.contains(where: { $0.name == loss }) else {
      throw ValidationError("there is no loss '\(loss)'; there are \(Self.lossNames)")
    }
    if let scale {
      guard loss != "squares" else { throw ValidationError("--scale needs a --loss other than squares") }
      guard scale > 0, scale.isFinite else { throw ValidationError("--scale must be a positive number") }
    }
    guard (0...10_000_000).contains(iterations) else {
      throw ValidationError("--iterations must lie in 0 … 10000000")
    }
  }

  func run() throws {
    if let svg { try FileContents.checkWritable(svg) }
    let problem = try FitProblem(expression, DataFile(data), x: x, y: y, at: at, weights: weights)
    guard let method = Self.methods.first(where: { $0.name == by })?.method,
      let made = Self.losses.first(where: { $0.name == loss })?.make
    else { return }
    let fit = try problem.fit(
      by: method, loss: made(scale ?? 1), within: problem.box(within),
      stopping: Stopping(gradient: 1e-11, iterations: iterations))
    if let svg {
      let figure = try FitPicture.figure(fit, problem, expression)
      try FileContents.write(Array(figure.svg().utf8), to: svg)
    }
    if json {
      print(try FitReport(fit, problem).json, terminator: "")
    } else {
      print(fit.text(names: problem.parameters.map(\.name)))
    }
    guard fit.isConverged else {
      FileHandle.standardError.write(Data("Error: the fit has not converged: \(fit.reason)\n".utf8))
      throw ExitCode(1)
    }
  }
}
