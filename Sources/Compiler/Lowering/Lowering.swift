import DescentGraph

extension Graph {
  /// The graph with every operation in a form that the backend has a kernel for, and copies where one is needed.
  ///
  /// - Throws: `OperationError` where the graph breaks its promises.
  /// - Complexity: O(nodes).
  package func lowered(for support: some KernelSupport, donations: [Donation]) throws(OperationError) -> LoweredGraph {
    let lowering = Lowering(self, support)
    for node in nodes { lowering.write(node) }
    return try lowering.finish(donations)
  }
}

/// The state of one lowering.
private final class Lowering {
  let source: Graph
  let support: any KernelSupport
  let builder = GraphBuilder()
  var values: ResultList<Symbol>
  var views: [Int: (base: Value, layout: Layout)] = [:]
  var waits: [Int: [Int]] = [:]
  var products: [Int: MatrixProduct] = [:]
  var assemblies = 0

  init(_ source: Graph, _ support: any KernelSupport) {
    self.source = source
    self.support = support
    values = ResultList(capacity: source.nodes.count)
  }

  func write(_ node: Node) {
    if let input = node.input {
      values.append(builder.input(input.type, name: input.name))
      return
    }
    builder.provenance = node.provenance
    values.append(lower(node.operation, node.operands.map { values[$0] }))
  }

  private func lower(_ operation: any Operation, _ operands: [Symbol]) -> [Symbol] {
    if operation.isView, let operand = operands.first { return [view(operand, through: operation)] }
    if let wide = operands.first.flatMap({ support.computingType(operation, $0.type.elementType) }) {
      // A product of 16-bit numbers is computed in wider ones and rounded once; indices stay as they are.
      let narrow = operands[0].type.elementType
      let widened = operands.map { $0.type.elementType == narrow ? lower(Convert(to: wide), [$0])[0] : $0 }
      return lower(operation, widened).map { $0.type.elementType == wide ? lower(Convert(to: narrow), [$0])[0] : $0 }
    }
    switch type(of: operation).kind {
    case .constant: return builder.emit(operation, operands)
    case .concatenate: if let concatenate = operation as? Concatenate { return [assemble(concatenate, operands)] }
    case .pad: if let pad = operation as? Pad { return [assemble(pad, operands)] }
    case .barrier: return passed(operands)
    case .dot: if let dot = operation as? Dot { return [product(dot, operands)] }
    default: break
    }
    let types = operands.map(\.type)
    guard let results = try? operation.resultTypes(of: types), !fuses(operation, types, results),
      support.hasKernel(operation, types, results)
    else { return builder.emit(operation, operands) }
    let arguments = operands.enumerated().map { index, operand in
      let isRead = support.readsRepeated(operation, operand: index)
      return isRead && place(of: operand).layout.isRepeated(operand.shape) ? operand : packed(operand)
    }
    return builder.emit(operation, arguments)
  }

  private func fuses(_ operation: any Operation, _ operands: [TensorType], _ results: [TensorType]) -> Bool {
    guard let operation = operation as? any FusedOperation else { return false }
    return support.fuses(operation, operands, results)
  }

  /// What a value shows of which base.
  private func place(of symbol: Symbol) -> (base: Value, layout: Layout) {
    views[symbol.value.node] ?? (symbol.value, Layout(dense: symbol.shape))
  }

  private func view(_ operand: Symbol, through operation: any Operation) -> Symbol {
    let result = builder.emit(operation, [operand])[0]
    let (base, layout) = place(of: operand)
    if let seen = layout.viewed(through: operation, from: operand.shape, to: result.shape) {
      views[result.value.node] = (base, seen)
      waits[result.value.node] = waits[operand.value.node]
      return result
    }
    return view(operand.apply(Copy()), through: operation)
  }

  /// Values after a barrier, where they lie. No kernel computes past such a view.
  private func passed(_ operands: [Symbol]) -> [Symbol] {
    let sources = operands.flatMap { [place(of: $0).base.node] + (waits[$0.value.node] ?? []) }
    let computed = Set(sources).filter { !builder.nodes[$0].operands.isEmpty }.sorted()
    return operands.indices.map { index in
      let others = operands[..<index] + operands[(index + 1)...]
      let result = builder.emit(Passed(), [operands[index]] + others)[0]
      views[result.value.node] = place(of: operands[index])
      waits[result.value.node] = computed
      return result
    }
  }

  /// The value in packed memory, at the beginning of it.
  private func packed(_ operand: Symbol) -> Symbol {
    let (base, layout) = place(of: operand)
    let isWhole = layout.isPacked(operand.shape) && builder.type(of: base).count == operand.type.count
    return isWhole ? operand : operand.apply(Copy())
  }

  private func product(_ dot: Dot, _ operands: [Symbol]) -> Symbol {
    func view(_ operand: Symbol) -> OperandView {
      OperandView(shape: operand.shape, layout: place(of: operand).layout)
    }
    var unfit = (left: false, right: false)
    var (left, right, dot) = (operands[0], operands[1], dot)
    var matrices = MatrixProduct(dot, left: view(left), right: view(right), unfit: &unfit)
    if matrices == nil {
      if unfit.left {
        let free = dot.leftFree(left.shape.rank)
        left = copied(left, dot.leftBatch + free + dot.leftContracted)
        let first = dot.leftBatch.count + free.count
        dot = Dot(
          leftBatch: Array(dot.leftBatch.indices), rightBatch: dot.rightBatch,
          leftContracted: dot.leftContracted.indices.map { first + $0 }, rightContracted: dot.rightContracted)
      }
      if unfit.right {
        right = copied(right, dot.rightBatch + dot.rightContracted + dot.rightFree(right.shape.rank))
        dot = Dot(
          leftBatch: dot.leftBatch, rightBatch: Array(dot.rightBatch.indices), leftContracted: dot.leftContracted,
          rightContracted: dot.rightContracted.indices.map { dot.rightBatch.count + $0 })
      }
      matrices = MatrixProduct(dot, left: view(left), right: view(right), unfit: &unfit)
    }
    if matrices == nil {
      // The two sides disagree about the order of the summed axes: pack both in the same order.
      let (free, batch) = (dot.leftFree(left.shape.rank), Array(dot.leftBatch.indices))
      left = copied(left, dot.leftBatch + free + dot.leftContracted)
      right = copied(right, dot.rightBatch + dot.rightContracted + dot.rightFree(right.shape.rank))
      dot = Dot(
        leftBatch: batch, rightBatch: batch,
        leftContracted: dot.leftContracted.indices.map { batch.count + free.count + $0 },
        rightContracted: dot.rightContracted.indices.map { batch.count + $0 })
      matrices = MatrixProduct(dot, left: view(left), right: view(right), unfit: &unfit)
    }
    let result = left.apply(dot, right)
    if let matrices { products[result.value.node] = matrices }
    return result
  }

  /// A packed copy with the axes in another order.
  private func copied(_ operand: Symbol, _ permutation: [Int]) -> Symbol {
    view(operand, through: Transpose(permutation: permutation)).apply(Copy())
  }

  private func assemble(_ concatenate: Concatenate, _ operands: [Symbol]) -> Symbol {
    var type = operands[0].type
    type.shape[concatenate.axis] = operands.reduce(0) { $0 + $1.shape[concatenate.axis] }
    let strides = type.shape.strides
    assemblies += 1
    var offset = 0
    var (places, layouts): ([Symbol], [Layout]) = ([], [])
    for (part, operand) in operands.enumerated() {
      places.append(operand.apply(Place(assembly: assemblies, part: part)))
      layouts.append(Layout(offset: offset, strides: strides))
      offset += operand.shape[concatenate.axis] * strides[concatenate.axis]
    }
    return builder.emit(Assemble(type: type, layouts: layouts), places)[0]
  }

  private func assemble(_ pad: Pad, _ operands: [Symbol]) -> Symbol {
    guard let type = try? pad.resultTypes(of: operands.map(\.type))[0] else { return builder.emit(pad, operands)[0] }
    let (source, strides) = (operands[0].shape, type.shape.strides)
    // What of the operand lands inside: along each axis the indices from `first` up to `last`.
    let steps = pad.interior.map { $0 + 1 }
    let first = source.indices.map { max(0, (steps[$0] - 1 - pad.low[$0]) / steps[$0]) }
    let last = source.indices.map { axis in
      let room = type.shape[axis] - pad.low[axis]
      return min(source[axis], room <= 0 ? 0 : (room + steps[axis] - 1) / steps[axis])
    }
    assemblies += 1
    let whole = view(operands[1], through: Broadcast(shape: type.shape, axes: []))
      .apply(Place(assembly: assemblies, part: 0))
    guard zip(first, last).allSatisfy({ $0 < $1 }) else {
      return builder.emit(Assemble(type: type, layouts: [Layout(dense: type.shape)]), [whole])[0]
    }
    var inside = operands[0]
    if first.contains(where: { $0 > 0 }) || last != source.sizes {
      inside = view(inside, through: Slice(starts: first, limits: last))
    }
    let part = inside.apply(Place(assembly: assemblies, part: 1), whole)
    let starts = first.indices.map { pad.low[$0] + first[$0] * steps[$0] }
    let layout = Layout(
      offset: zip(starts, strides).reduce(0) { $0 + $1.0 * $1.1 }, strides: zip(strides, steps).map { $0 * $1 })
    return builder.emit(Assemble(type: type, layouts: [Layout(dense: type.shape), layout]), [whole, part])[0]
  }

  /// The lowered graph, each output at the beginning of memory of its own.
  func finish(_ donations: [Donation]) throws(OperationError) -> LoweredGraph {
    let donations = Set(donations)
    var taken: Set<Value> = []
    var outputs: [Symbol] = []
    for (index, output) in source.outputs.enumerated() {
      let symbol = values[output]
      let (base, layout) = place(of: symbol)
      let isWhole = layout.isPacked(symbol.shape) && builder.type(of: base).count == symbol.type.count
      var isOwn = isWhole && !taken.contains(base)
      if let input = builder.nodes[base.node].input {
        isOwn = isOwn && donations.contains(Donation(input: input.index, output: index))
      } else if builder.nodes[base.node].kind == .constant {
        isOwn = false
      }
      builder.provenance = builder.nodes[symbol.value.node].provenance
      let result = isOwn ? symbol : symbol.apply(Copy(output: index))
      taken.insert(place(of: result).base)
      outputs.append(result)
    }
    if let failure = builder.failure { throw failure }
    let graph = Graph(nodes: builder.nodes, inputs: builder.inputs, outputs: outputs.map(\.value))
    // Operands that were given up for copies stay in the list, so that nodes keep their numbers, but are not computed.
    let live = graph.liveNodes()
    let means = graph.nodes.indices.map { live[$0] ? self.means(of: $0) : .none }
    return LoweredGraph(
      graph: graph, views: graph.nodes.indices.map { views[$0] }, waits: waits, products: products, means: means)
  }

  private func means(of index: Int) -> KernelMeans {
    let node = builder.nodes[index]
    let types = node.operands.map(builder.type(of:))
    switch node.kind {
    case .input, .constant: return .given
    case .dot where products[index] == nil: return .reference
    default: if node.assembly != nil { return .none }
    }
    if views[index] != nil { return .none }
    if fuses(node.operation, types, node.types) { return .fused }
    return support.hasKernel(node.operation, types, node.types) ? .kernel : .reference
  }
}
