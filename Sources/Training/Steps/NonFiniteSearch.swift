import DescentGraph
import DescentLayers
import DescentTensors

/// Looks where numbers that are not finite come up first in a step: in the batch, in a parameter, or in an operation.
struct NonFiniteSearch {
  let values: StepValues
  let batch: PreparedArguments
  /// The key of the step's random numbers.
  let words: Literal
  let binding: RandomKey
  let precision: Precision?

  /// Where they come up, as the end of a sentence; `nil` where all numbers are finite.
  ///
  /// - Throws: `TensorError` where memory does not suffice for all values of the step at once.
  func source(_ pass: @escaping StepPlan.Pass) throws -> String? {
    for (leaf, literal) in zip(batch.tree.leaves.filter { $0.tensor != nil }, batch.literals) {
      guard let count = try Self.nonFiniteCount(literal) else { continue }
      let name = leaf.path.isEmpty ? "the batch" : "the batch's '\(leaf.path)'"
      return "\(name), \(literal.type), holds \(Self.numbers(count)) not finite"
    }
    for (slot, literal) in zip(values.slots, values.values) {
      guard let count = try Self.nonFiniteCount(literal) else { continue }
      return
        "\(layer(Provenance.Scope(holding: slot.path).path)) has \(slot.path), \(literal.type), with \(Self.numbers(count)) not finite"
    }
    return try sourceInGraph(pass)
  }

  private static func numbers(_ count: Int) -> String { count == 1 ? "1 number that is" : "\(count) numbers that are" }

  private static func nonFiniteCount(_ literal: Literal) throws -> Int? {
    guard literal.type.elementType.isFloatingPoint else { return nil }
    let count = Int(try (.!isFinite(Tensor(literal))).converted(to: .float64).sum().item())
    return count > 0 ? count : nil
  }

  /// What the layer with a path is called, such as `the layer hidden (Dense)`.
  private func layer(_ path: String) -> String {
    guard !path.isEmpty else { return "the model" }
    return "the layer \(path)" + (values.model.tree.typeNames[path].map { " (\($0))" } ?? "")
  }

  private func sourceInGraph(_ pass: @escaping StepPlan.Pass) throws -> String? {
    let trace = try recorded(pass)
    let graph = trace.graph
    // What no argument leads to is a number of the program, such as the −∞ of a mask.
    var moves: [Bool] = []
    for node in graph.nodes { moves.append(node.operation is Input || node.operands.contains { moves[$0.node] }) }
    let candidates = graph.nodes.indices.flatMap { index in
      graph.nodes[index].types.indices.map { Value(node: index, result: $0) }
    }.filter { value in
      let node = graph.nodes[value.node]
      return moves[value.node] && !(node.operation is Input) && graph.type(of: value).elementType.isFloatingPoint
    }
    let (isFinite, isNumber) = try examined(trace, candidates)
    // NaN comes from somewhere; infinities may be meant, and count only where the loss or a gradient is infinite itself.
    let outputs = Set(graph.outputs)
    let isBad = zip(candidates, isFinite).contains { outputs.contains($0) && !$1 }
    guard isBad else { return nil }
    guard let first = isNumber.firstIndex(of: false) ?? isFinite.firstIndex(of: false) else { return nil }
    let value = candidates[first]
    let node = graph.nodes[value.node]
    let kind = isNumber[first] ? "infinite numbers" : "NaN"
    let phase = node.provenance.phase == .forward ? "" : " in the backward pass"
    let line = Place.recording(node.provenance)?.fileAndLine.map { " at \($0)" } ?? ""
    return "the first \(kind) come\(isNumber[first] ? "" : "s") from \(node.operation.name), \(graph.type(of: value)),"
      + " in \(layer(node.provenance.scope.path))\(phase)\(line)"
  }

  /// The step's loss and gradients from parameters, batch and key.
  private func recorded(_ pass: @escaping StepPlan.Pass) throws -> Trace {
    let epoch = Trace.beginRecording()
    let parameters = zip(values.slots, values.values).map {
      Tensor.placeholder($1.type, name: $0.path, isParameter: true)
    }
    let inputs = batch.tree.placeholders
    let key = Tensor.placeholder(words.type, name: "key")
    let identities = Parameter.Identity.fresh(values.model.tree.leaves.count)
    var model = [Tensor?](repeating: nil, count: values.model.tree.leaves.count)
    for (slot, tensor) in zip(values.slots, parameters) { model[slot.leaf] = tensor }
    let run = Run(
      .training, key: RandomKey(words: key), binding: ParameterBinding(binding, besides: identities),
      precision: precision)
    let (results, _, _, reports) = try run.receivingAll(identities) {
      try pass(model, identities, StepPlan.BatchTensors(tree: batch.tree, tensors: inputs))
    }
    guard let loss = results.first else { throw TensorError("training", "the step's function gives no loss") }
    let arguments = parameters + inputs.compactMap { $0 } + [key]
    let forward = try Trace(arguments: arguments, outputs: [run.result(reports.total(with: loss))])
    let backward = try forward.gradient(parameters: Array(0..<values.trainedCount))
    return try Trace(arguments: arguments, outputs: backward.applied(on: arguments + forward.captured), since: epoch)
  }

  /// Whether values are all finite, and whether none of them is NaN.
  private func examined(_ trace: Trace, _ candidates: [Value]) throws -> (finite: [Bool], numbers: [Bool]) {
    var trace = trace
    var graph = trace.graph
    func add(_ operation: some Operation, _ operand: [Value]) throws(OperationError) -> Value {
      let types = try operation.checkedResultTypes(of: operand.map(graph.type(of:)))
      graph.nodes.append(Node(operation: operation, operands: operand, types: types))
      return Value(node: graph.nodes.count - 1)
    }
    do throws(OperationError) {
      var outputs: [Value] = []
      for value in candidates {
        let all = Reduce(.and, axes: Array(0..<graph.type(of: value).shape.rank))
        outputs.append(try add(all, [try add(IsFinite(), [value])]))
        outputs.append(try add(all, [try add(Compare(.equal), [value, value])]))
      }
      graph.outputs = outputs
    } catch { throw TensorError(error) }
    trace.graph = graph
    let function = try CompiledFunction(trace)
    let arguments = values.values.prefix(values.slots.count) + batch.literals + [words]
    let found = try function.run(arguments.map(\.buffer)).map { try $0.firstElement(as: UInt8.self) != 0 }
    return (
      stride(from: 0, to: found.count, by: 2).map { found[$0] },
      stride(from: 1, to: found.count, by: 2).map { found[$0] }
    )
  }
}
