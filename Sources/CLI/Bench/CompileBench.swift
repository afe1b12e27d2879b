import Descent
import DescentCPU
import DescentCompiler
import DescentDifferentiation
import Foundation

/// What it costs to make a plan: to record a function, to differentiate it and to compile the result, for graphs of
/// several forms and sizes.
enum CompileBench {
  /// The numbers of recorded operations that are tried.
  static let sizes = [1_000, 5_000, 20_000]

  /// The forms of graphs that are tried.
  static let forms: [CompileForm] = [.chain, .layers, .branches, .shared, .slices]

  /// Prints a line for each form and size, with how much faster than the graph the time grows.
  static func run(json: Bool) throws {
    for form in forms {
      var last: CompileCost?
      for size in sizes {
        let cost = try CompileCost(form, operations: size)
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

/// A graph of a given form whose size can be chosen.
struct CompileForm: Sendable {
  /// What the form is called.
  let name: String
  /// The function's arguments, and its loss, of about so many operations.
  let write: @Sendable (_ operations: Int) -> (arguments: [Tensor], loss: @Sendable ([Tensor]) -> Tensor)

  /// One elementwise operation after the other.
  static let chain = CompileForm(name: "chain") { operations in
    ([vector], { x in (0..<operations / 2).reduce(x[0]) { y, _ in tanh(y * 0.9) }.sum() })
  }

  /// Layers one above the other, each with parameters of its own.
  static let layers = CompileForm(name: "layers") { operations in
    let depth = operations / 3
    return (
      [matrix] + (0..<depth).flatMap { _ in [matrix, vector] },
      { x in
        (0..<depth).reduce(x[0]) { y, layer in tanh(matmul(y, x[1 + 2 * layer]) + x[2 + 2 * layer]) }.sum()
      }
    )
  }

  /// Many functions of one value, and their sum.
  static let branches = CompileForm(name: "branches") { operations in
    (
      [vector],
      { x in
        (0..<operations / 3).reduce(x[0]) { sum, branch in sum + sin(x[0] * (1 + 1e-4 * Double(branch))) }.sum()
      }
    )
  }

  /// One layer over and over, as an unrolled recurrent network has it: the gradient of its weights is a long sum.
  static let shared = CompileForm(name: "shared") { operations in
    (
      [matrix, matrix, vector],
      { x in
        (0..<operations / 3).reduce(x[0]) { y, _ in tanh(matmul(y, x[1]) + x[2]) }.sum()
      }
    )
  }

  /// A sequence taken apart, each part through a function, and put together again.
  static let slices = CompileForm(name: "slices") { operations in
    let count = operations / 2
    return (
      [Tensor.placeholder(TensorType([count, 8], .float32))],
      { x in
        concatenated((0..<count).map { sin(x[0].sliced($0..<$0 + 1)) }).sum()
      }
    )
  }

  private static let vector = Tensor.placeholder(TensorType([16], .float32))
  private static let matrix = Tensor.placeholder(TensorType([16, 16], .float32))
}

/// The time that making one plan took.
struct CompileCost: Encodable {
  let form: String
  /// The nodes of the recorded function, and of the function with its gradient.
  let recorded_nodes: Int
  let gradient_nodes: Int
  let kernels: Int
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
    let plan = try CPUBackend().compile(graph)
    let end = clock.now
    self.form = form.name
    recorded_nodes = trace.graph.nodes.count
    gradient_nodes = graph.nodes.count
    kernels = plan.statistics.kernels
    record_s = begin.duration(to: recorded).seconds
    differentiate_s = recorded.duration(to: differentiated).seconds
    compile_s = differentiated.duration(to: end).seconds
  }

  /// The cost in words, with the power of the graph's size by which the time grew since a smaller one.
  func line(after smaller: CompileCost?) -> String {
    var line = String(
      format: "%-9@ %6d nodes, %6d with their gradient, %5d kernels: recorded in %.3f s, differentiated in %.3f s,"
        + " compiled in %.3f s, %.3f s together", form, recorded_nodes, gradient_nodes, kernels, record_s,
      differentiate_s, compile_s, total_s)
    if let smaller {
      let power = log(total_s / smaller.total_s) / log(Double(gradient_nodes) / Double(smaller.gradient_nodes))
      line += String(format: ", growing like n^%.2f", power)
    }
    return line
  }
}
