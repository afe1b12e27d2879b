import DescentGraph
import DescentTensors

/// A function of a point, recorded once as a graph of one Float64 vector.
struct FlatFunction {
  let form: PointForm
  /// From the vector, followed by the captured tensors, to the results' tensors.
  let trace: Trace
  /// How the results are put together.
  let results: ArgumentList

  /// Records a function.
  ///
  /// - Parameters:
  ///   - name: The function that was asked, as errors name it.
  ///   - form: The form of its point.
  ///   - body: Calls the function.
  init(_ name: String, of form: PointForm, _ body: (ArgumentList.Cursor) throws -> ArgumentList) throws {
    self.form = form
    let vector = try ArgumentList(Tensor(zeros: [form.count], .float64))
    let recorded = try RecordedFunction(vector, differentiatedBy: name) { inside in
      try body(form.cursor(try inside.next(Tensor.self)))
    }
    trace = recorded.trace
    results = recorded.results
  }

  /// The results at a point, ready to be put together.
  func results(at point: [Double]) throws -> ArgumentList.Cursor {
    let plans = VectorPlans<Bool>(trace) { _, graph throws(OperationError) in graph }
    return results.cursor(replacing: try plans.run(true, [.vector(point)]).map { Tensor($0) })
  }

  /// Whether it uses a tensor from outside whose value is not known, since it is an argument of a function being recorded.
  var isWithinRecording: Bool { trace.captured.contains(where: \.isSymbolic) }

  /// Whether the first result depends on the vector.
  var dependsOnPoint: Bool {
    let graph = trace.graph
    var reached: Set<Int> = []
    var waiting = graph.outputs.prefix(1).map(\.node)
    while let node = waiting.popLast() {
      if reached.insert(node).inserted { waiting += graph.nodes[node].operands.map(\.node) }
    }
    return graph.inputs.first.map { reached.contains($0.node) } ?? false
  }
}

/// Plans of a recorded function of a vector, and of what follows from it, each made when it is first needed.
final class VectorPlans<Kind: Hashable> {
  private let trace: Trace
  private let write: (Kind, Graph) throws(OperationError) -> Graph
  private var plans: [Kind: CompiledFunction] = [:]

  /// - Parameter write: The graph of a kind of plan, from that of the function; its own arguments come first, the captured
  ///   tensors' inputs last.
  init(_ trace: Trace, _ write: @escaping (Kind, Graph) throws(OperationError) -> Graph) {
    self.trace = trace
    self.write = write
  }

  /// What a plan is given.
  enum Argument {
    case vector([Double])
    case number(Double)

    fileprivate func buffer() throws -> Buffer {
      switch self {
      case .vector(let numbers): try Buffer.doubles(numbers, [numbers.count])
      case .number(let number): try Buffer.doubles([number], [])
      }
    }
  }

  /// Runs a plan, which is made where there is none yet.
  func run(_ kind: Kind, _ arguments: [Argument]) throws -> [Literal] {
    let plan: CompiledFunction
    if let known = plans[kind] {
      plan = known
    } else {
      let graph: Graph
      do throws(OperationError) { graph = try write(kind, trace.graph) } catch { throw TensorError(error) }
      plan = try CompiledFunction(Trace(graph: graph, captured: trace.captured))
      plans[kind] = plan
    }
    return try plan.run(try arguments.map { try $0.buffer() })
  }
}

extension Literal {
  /// The elements of a Float64 literal.
  func doubles() throws -> [Double] { try withHostBytes { Array($0.bindMemory(to: Double.self)) } }
}

extension Buffer {
  /// Memory that holds Float64 numbers.
  static func doubles(_ numbers: [Double], _ shape: Shape) throws -> Buffer {
    do throws(OperationError) {
      let literal = try HostLiteral(uninitialized: TensorType(shape, .float64))
      numbers.withUnsafeBytes { source in literal.fill { $0.copyMemory(from: source) } }
      return literal.buffer
    } catch { throw TensorError(error) }
  }
}
