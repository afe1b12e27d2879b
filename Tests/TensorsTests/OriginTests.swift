import DescentBackends
import DescentGraph
import Testing

@testable import DescentTensors

/// What is recorded belongs to layers, phases and lines of the program.
@Suite("where recorded values come from")
struct OriginTests {
  private func parameter(_ path: String, _ shape: Shape = [3]) -> Tensor {
    .placeholder(TensorType(shape, .float32), name: path, isParameter: true)
  }
  private let input = Tensor.placeholder(TensorType([3], .float32), name: "a.input")

  private func layer(_ tensor: Tensor) -> String { tensor.expression.origin.provenance.scope.path }
  private func phase(_ tensor: Tensor) -> PlanPhase { tensor.expression.origin.provenance.phase }

  @Test func layersOfParameters() {
    let (first, second) = (parameter("net.first.weight"), parameter("net.second.weight"))
    #expect(layer(input) == "" && layer(exp(input)) == "", "an argument that is no parameter is of no layer")
    let one = input * first
    #expect(layer(one) == "net.first")
    // A parameter says more than the value that it meets, wherever it stands.
    #expect(layer(one * second) == "net.second" && layer(second * one) == "net.second")
    #expect(layer(one * square(second)) == "net.second", "what is made of a layer's parameters alone is the layer's")
    #expect(layer(one * (second * 2 + 1)) == "net.second")
    #expect(layer(parameter("weight") * one) == "net.first", "a parameter outside of layers is of none")
  }

  /// Behind a layer, values belong to it; of two, to the one at the end of the longer way.
  @Test func layersBehind() {
    let stem = input * parameter("stem.weight")
    let block = exp(stem) * parameter("block.weight")
    #expect(layer(exp(block)) == "block")
    #expect(layer(stem + block) == "block" && layer(block + stem) == "block")
    #expect(layer(exp(stem) + 1) == "stem")
  }

  @Test func scopes() {
    let first = parameter("net.first.weight")
    let (inside, nested) = RecordingScope.layer("net.outer") {
      (input * first, RecordingScope.layer("net.inner") { input * first })
    }
    #expect(layer(inside) == "net.outer" && layer(nested) == "net.inner" && layer(input * first) == "net.first")
    #expect(layer(exp(inside)) == "net.outer")
  }

  @Test func phases() {
    let (first, second) = (input * parameter("first.weight"), input * parameter("second.weight"))
    #expect(phase(first) == .forward)
    let moved = RecordingScope.update(of: "first.weight") { input * 2 }
    #expect(phase(moved) == .update && layer(moved) == "first")
    #expect(phase(exp(moved)) == .update, "what is made of an update belongs to it")
    // What is made of several layers for all of them is of none, and their own values are theirs again.
    let norm = RecordingScope.update { (first + second).sum() }
    #expect(phase(norm) == .update && layer(norm) == "")
    #expect(layer(RecordingScope.update { second * norm }) == "second")
  }

  @Test func derivatives() throws {
    let holders = [input, parameter("first.weight"), parameter("second.weight")]
    let loss = (tanh(holders[0] * holders[1]) * holders[2]).sum()
    let graph = try Trace(arguments: holders, outputs: [loss]).gradient(parameters: [1, 2])
    #expect(Set(graph.nodes.filter { $0.kind == .tanh }.map(\.provenance.scope.path)) == ["first"])
    for gradients in [graph.applied(on: holders), graph.record(on: holders)] {
      #expect(gradients.map(phase) == [.forward, .backward, .backward])
      #expect(gradients.map(layer) == ["second", "first", "second"])
      // Written into another function, nodes know what they knew.
      let written = try Trace(arguments: holders, outputs: gradients).graph
      let found = written.nodes.filter { $0.kind == .multiply }.map {
        "\($0.provenance.scope.path) \($0.provenance.phase)"
      }
      #expect(Set(found) == ["first forward", "second forward", "first backward", "second backward"])
    }
  }

  /// A line is one call, however often it records; another line is another.
  @Test func calls() throws {
    func call(_ tensor: Tensor) -> UInt32 { tensor.expression.origin.provenance.call }
    var turns: Set<UInt32> = []
    for _ in 0..<3 { turns.insert(call(exp(input))) }
    #expect(turns.count == 1 && !turns.contains(0))
    let (one, line) = (exp(input), #line)
    let other = exp(input)
    #expect(call(one) != call(other))
    #expect(CallTable.shared.place(of: call(one))?.fileAndLine == "OriginTests.swift:\(line)")
    #expect(CallTable.shared.place(of: call(other))?.fileAndLine == "OriginTests.swift:\(line + 1)")
    #expect(CallTable.shared.place(of: 0) == nil && CallTable.shared.place(of: .max) == nil)
  }

  /// Of more calls than there is room for, the last ones are known.
  @Test func manyCalls() throws {
    let table = CallTable(mostCalls: 4)
    let calls = [
      table.here(), table.here(), table.here(), table.here(), table.here(), table.here(), table.here(),
    ]
    #expect(Set(calls).count == 7 && !calls.contains(0))
    #expect(calls.map { table.place(of: $0) != nil } == [false, false, false, false, true, true, true])
    var turns: [UInt32] = []
    for _ in 0..<3 { turns.append(table.here()) }
    #expect(Set(turns).count == 1 && turns[0] > calls[6])
  }

  /// An error from inside a plan names the layer, and the line that recorded what failed.
  @Test func errorsOfRuns() throws {
    let (value, line) = (RecordingScope.layer("net.first") { exp(input) }, #line)
    let provenance = value.expression.origin.provenance
    let error = TensorError(OperationError("exp", "no memory left", from: provenance))
    #expect(error.description == "exp: no memory left, in the layer net.first at OriginTests.swift:\(line)")
    let unknown = TensorError(OperationError("exp", "no memory left", from: Provenance()))
    #expect(unknown.operation == "exp" && unknown.location == "OriginTests.swift:\(#line - 1)")
  }

  /// So large a value is refused while the plan runs, after it was compiled.
  @Test func errorsOfTheReferenceBackend() throws {
    let wide = Tensor([1, 2]).broadcast(to: [1 << 20, 1 << 20, 2])
    let (sum, line) = (exp(wide).sum(), #line)
    let error = #expect(throws: TensorError.self) { try withBackend(.reference) { try sum.item() } }
    #expect(error?.location == "OriginTests.swift:\(line - 1)" && error?.operation == "allocate")
    #expect(error?.message.contains("bytes") == true, "\(error?.message ?? "")")
  }
}
