import Descent
import DescentBackends
import DescentCompiler
import DescentDifferentiation
import Foundation

/// What it costs to make a plan: to record a function, to differentiate it and to compile the result, for graphs of
/// several forms and sizes.
enum CompileBench {
  /// The numbers of recorded operations that are tried where none are asked for.
  static let sizes = [1_000, 5_000, 20_000]

  /// Prints a line for each form and size, with how the time grows against n log n.
  ///
  /// - Parameter most: How often to measure at most what takes little time: others use the machine, too.
  static func run(_ forms: [CompileForm], sizes: [Int], most: Int, json: Bool) throws {
    for form in forms {
      var last: CompileCost?
      for size in sizes {
        var cost = try CompileCost(form, operations: size)
        for _ in 1..<most where cost.total_s < 0.5 {
          let again = try CompileCost(form, operations: size)
          if again.total_s < cost.total_s { cost = again }
        }
        if json {
          let encoder = JSONEncoder()
          encoder.outputFormatting = [.sortedKeys]
          print(String(decoding: try encoder.encode(cost), as: UTF8.self))
        } else {
          print(cost.line(after: last))
        }
        last = cost
      }
    }
  }
}

/// The time that making one plan took.
struct CompileCost: Encodable {
  let form: String
  /// The nodes of the recorded function, and of the function with its gradient.
  let recorded_nodes: Int
  let gradient_nodes: Int
  let kernels: Int
  let arena_bytes: Int
  let record_s: Double
  let differentiate_s: Double
  let compile_s: Double
  var total_s: Double { record_s + differentiate_s + compile_s }

  /// Records, differentiates and compiles a function.
  init(_ form: CompileForm, operations: Int) throws {
    let clock = ContinuousClock()
    let (arguments, loss) = form.write(operations)
    let begin = clock.now
    let trace = try Trace(arguments: arguments, outputs: [loss(arguments)])
    let recorded = clock.now
    let graph = try trace.gradient(parameters: Array(arguments.indices))
    let differentiated = clock.now
    let plan = try Backend.current.engine.compile(graph)
    let end = clock.now
    self.form = form.name
    recorded_nodes = trace.graph.nodes.count
    gradient_nodes = graph.nodes.count
    kernels = plan.statistics.kernels
    arena_bytes = plan.statistics.arenaBytes
    record_s = begin.duration(to: recorded).seconds
    differentiate_s = recorded.duration(to: differentiated).seconds
    compile_s = differentiated.duration(to: end).seconds
  }

  /// The cost in words, with the power of n log n by which the time grew since a smaller graph.
  func line(after smaller: CompileCost?) -> String {
    var line = String(
      format: "%-9@ %6d nodes, %6d with their gradient, %5d kernels, %5.1f MB: recorded in %.3f s, differentiated in"
        + " %.3f s, compiled in %.3f s, %.3f s together, %.1f µs a node", form, recorded_nodes, gradient_nodes, kernels,
      Double(arena_bytes) / 1_048_576, record_s, differentiate_s, compile_s, total_s,
      total_s / Double(gradient_nodes) * 1e6)
    if let smaller {
      func size(_ nodes: Int) -> Double { Double(nodes) * log(Double(nodes)) }
      let power = log(total_s / smaller.total_s) / log(size(gradient_nodes) / size(smaller.gradient_nodes))
      line += String(format: ", growing like (n log n)^%.2f", power)
    }
    return line
  }
}
