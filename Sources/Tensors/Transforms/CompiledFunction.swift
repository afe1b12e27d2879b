import DescentBackends
import DescentCompiler
import DescentGraph

/// A recorded function with a plan of its own, for what runs many times: a training step, an evaluation.
package final class CompiledFunction: Sendable {
  private let plan: any Executable
  /// The tensors from outside, computed once and brought to the backend.
  private let captured: [Buffer]
  /// What was compiled: the function's graph with small literals written into it.
  package let graph: Graph
  /// The arguments whose memory becomes that of an output.
  package let donations: [Donation]
  /// About what is kept for as long as the function is, in bytes: its plan, and what was computed for it alone.
  package let heldBytes: Int

  /// Compiles a recorded function for the current backend.
  ///
  /// - Parameters:
  ///   - trace: The function.
  ///   - donations: Arguments whose memory becomes that of an output.
  ///   - memoryLimit: The most bytes that a run may take, `nil` for no limit.
  /// - Throws: `TensorError` of the compiler, such as a memory limit that does not suffice.
  package init(_ trace: Trace, donations: [Donation] = [], memoryLimit: Int? = nil) throws {
    self.donations = donations
    let ownBytes = trace.ownCapturedBytes
    try evaluate(trace.captured)
    let literals = try trace.captured.map { try $0.literal() }
    do throws(OperationError) {
      let argumentCount = trace.graph.inputs.count - literals.count
      let (graph, kept) = try trace.graph.embedding(literals, after: argumentCount)
      let engine = Backend.current.engine
      self.graph = graph
      captured = try kept.map { literal throws(OperationError) in try engine.placing(literal.buffer) }
      plan = try engine.compile(graph, donations: donations, memoryLimit: memoryLimit)
      heldBytes = plan.statistics.heldBytes + ownBytes
    } catch { throw TensorError(error) }
  }

  /// What is known of the plan: memory, kernels, passes.
  package var statistics: PlanStatistics { plan.statistics }

  /// Runs the plan on the function's arguments.
  ///
  /// - Throws: `TensorError` where the system has no memory left.
  package func run(_ arguments: [Buffer]) throws -> [Literal] {
    do throws(OperationError) {
      let outputs = try plan.run(arguments + captured)
      return zip(plan.outputTypes, outputs).map { Literal(type: $0, buffer: $1) }
    } catch { throw TensorError(error) }
  }

  /// Runs the plan and measures its kernels.
  ///
  /// - Throws: `TensorError` where the system has no memory left.
  package func profile(_ arguments: [Buffer], runs: Int) throws -> [KernelProfile] {
    do throws(OperationError) {
      return try plan.profile(arguments + captured, runs: runs)
    } catch { throw TensorError(error) }
  }
}

extension Graph {
  /// The largest literal, in bytes, that is written into a plan as a number of the program: a scalar.
  private static var embeddedBytes: Int { 16 }

  /// The graph with small literals in place of the inputs that stand for them, and the literals that stay inputs.
  fileprivate func embedding(
    _ literals: [Literal], after argumentCount: Int
  ) throws(OperationError) -> (graph: Graph, kept: [Literal]) {
    let builder = GraphBuilder()
    var symbols: [Symbol] = []
    var kept: [Literal] = []
    for (index, input) in inputs.enumerated() {
      let literal = index < argumentCount ? nil : literals[index - argumentCount]
      if let literal, literal.type.byteCount <= Self.embeddedBytes {
        symbols.append(try builder.add(Constant(literal: literal.host()), [])[0])
      } else {
        symbols.append(builder.input(type(of: input), name: nodes[input.node].operation.name))
        if let literal { kept.append(literal) }
      }
    }
    return (try builder.graph(outputs: builder.inline(self, symbols)), kept)
  }
}
