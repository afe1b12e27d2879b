import DescentGraph
import DescentTensors

/// A function of Float64 arrays of fixed shapes, recorded and compiled once and run many times.
final class ArrayPlan: Sendable {
  private let function: CompiledFunction

  /// Records and compiles a function.
  ///
  /// - Parameters:
  ///   - name: What errors call it.
  ///   - shapes: The shapes of its arguments.
  ///   - parameter: The argument by which the first result, one number, is differentiated; the gradient follows the value.
  ///   - body: Gives its results.
  init(
    _ name: String, _ shapes: [Shape], differentiatedBy parameter: Int? = nil, _ body: ([Tensor]) throws -> [Tensor]
  ) throws {
    let arguments = try ArgumentList(shapes.map { Tensor(zeros: $0, .float64) })
    let recorded = try RecordedFunction(arguments, differentiatedBy: name) { inside in
      try ArgumentList(try body(try inside.next([Tensor].self)))
    }
    var trace = recorded.trace
    if let parameter {
      do throws(OperationError) {
        trace = Trace(graph: try trace.graph.gradient(parameters: [parameter]), captured: trace.captured)
      } catch { throw TensorError(error) }
    }
    function = try CompiledFunction(trace)
  }

  /// The results for some arguments, each in row-major order.
  func run(_ arguments: [Buffer]) throws -> [[Double]] {
    try function.run(arguments).map { literal in
      try literal.withHostBytes { Array($0.bindMemory(to: Double.self)) }
    }
  }

  /// The results for some arguments, as memory that other plans take.
  func buffers(_ arguments: [Buffer]) throws -> [Buffer] { try function.run(arguments).map(\.buffer) }
}

extension Buffer {
  /// Memory that holds Float64 numbers, in row-major order.
  static func numbers(_ numbers: [Double], _ sizes: Int...) throws -> Buffer {
    do throws(OperationError) {
      let literal = try HostLiteral(uninitialized: TensorType(Shape(sizes), .float64))
      numbers.withUnsafeBytes { source in literal.fill { $0.copyMemory(from: source) } }
      return literal.buffer
    } catch { throw TensorError(error) }
  }
}
