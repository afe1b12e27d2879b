import DescentGraph

extension Plan {
  /// Writes what a fused kernel computes as a program.
  ///
  /// - Throws: `OperationError` where a member is written before its operands, or has no place in memory.
  package func program(of work: FusedWork) throws(OperationError) -> FusedProgram {
    var writer = ProgramWriter(plan: self, work: work)
    for member in work.members { try writer.write(member) }
    return writer.finish()
  }

  /// Where a base value begins, and its layout from there.
  ///
  /// - Throws: `OperationError` where it has no place in memory.
  package func place(of base: Value) throws(OperationError) -> (region: MemoryPlan.Region, layout: Layout) {
    guard let place = memory.place(of: base, lowered.graph.type(of: base)) else {
      throw OperationError("compile", "%\(base.node) has no place in memory")
    }
    return place
  }
}

/// The state of writing one program: the member whose turn it is, and the registers of those before it.
package struct ProgramWriter {
  private let plan: Plan
  private let work: FusedWork
  private var program: FusedProgram
  private var registers: [Int: FusedProgram.Register] = [:]
  private let outputs: Set<Int>
  private var member: FusedWork.Member

  fileprivate init(plan: Plan, work: FusedWork) {
    (self.plan, self.work) = (plan, work)
    program = FusedProgram(extents: work.extents, reducedAxes: work.reducedAxes)
    outputs = Set(work.outputs)
    member = work.members[0]
  }

  private var graph: Graph { plan.lowered.graph }
  private var node: Node { graph.nodes[member.node] }

  fileprivate mutating func write(_ member: FusedWork.Member) throws(OperationError) {
    self.member = member
    let operation = node.operation
    guard let operation = operation as? any FusedOperation else {
      throw OperationError("compile", "\(operation.name) cannot be part of a fused kernel")
    }
    // What a reduction gives is known after all points, and written where it belongs.
    guard let result = try operation.write(&self) else { return }
    registers[member.node] = result
    guard outputs.contains(member.node) else { return }
    let (region, layout) = try plan.place(of: Value(node: member.node))
    program.write(
      FusedProgram.Output(
        region: region, type: type, layout: work.walk(layout, of: member.node), source: result))
  }

  fileprivate func finish() -> FusedProgram {
    var program = program
    program.names = work.members.map { graph.nodes[$0.node].operation.name }
    return program
  }
}

// What operations write their instructions with.
extension ProgramWriter {
  /// The element type of the result.
  package var type: ElementType { node.types[0].elementType }

  /// The element type of an operand.
  package func type(ofOperand position: Int) -> ElementType { graph.type(of: node.operands[position]).elementType }

  /// Where an operand's value is, read from memory where no member computes it.
  package mutating func operand(_ position: Int) throws(OperationError) -> FusedProgram.Register {
    switch work.source(of: node.operands[position], for: member, in: plan.lowered) {
    case .member(let source):
      guard let register = registers[source] else {
        throw OperationError("compile", "%\(member.node) is computed before its operand %\(source)")
      }
      return register
    case .memory(let base, let layout):
      let type = graph.type(of: base)
      if let constant = graph.nodes[base.node].operation as? Constant, type.count == 1 {
        return emit(.constant, type.elementType, immediate: constant.literal.bits)
      }
      return program.read(
        FusedProgram.Input(region: try plan.place(of: base).region, type: type.elementType, layout: layout))
    }
  }

  /// All operands in order.
  package mutating func operands() throws(OperationError) -> [FusedProgram.Register] {
    var operands: [FusedProgram.Register] = []
    for position in node.operands.indices { operands.append(try operand(position)) }
    return operands
  }

  /// One element of an operand of one axis, the same at every point.
  mutating func element(_ index: Int, ofOperand position: Int) throws(OperationError) -> FusedProgram.Register {
    let (base, layout) = plan.lowered.place(of: node.operands[position])
    let still = Layout(offset: layout.offset + index * layout.strides[0], strides: work.extents.map { _ in 0 })
    return program.read(
      FusedProgram.Input(region: try plan.place(of: base).region, type: type(ofOperand: position), layout: still))
  }

  /// Computes a value.
  package mutating func emit(
    _ opcode: Opcode, _ type: ElementType, from sourceType: ElementType? = nil,
    _ operands: [FusedProgram.Register] = [],
    immediate: Int64 = 0
  ) -> FusedProgram.Register {
    program.emit(FusedProgram.Instruction(opcode, type, from: sourceType, operands, immediate: immediate))
  }

  /// The result's coordinate along one of its axes.
  mutating func coordinate(along axis: Int) -> FusedProgram.Register {
    let coordinate = work.coordinate(axis, of: member)
    let moving = coordinate.strides.indices.filter { coordinate.strides[$0] != 0 }
    if moving.count == 1, coordinate.offset == 0, coordinate.strides[moving[0]] == 1 {
      return emit(.iota, type, immediate: Int64(moving[0]))
    }
    var sum = emit(.constant, .int64, immediate: Int64(coordinate.offset))
    for axis in moving {
      let stride = emit(.constant, .int64, immediate: Int64(coordinate.strides[axis]))
      let index = emit(.iota, .int64, immediate: Int64(axis))
      sum = emit(.add, .int64, [sum, emit(.multiply, .int64, [index, stride])])
    }
    return type == .int64 ? sum : emit(.convert, type, from: .int64, [sum])
  }

  /// Writes the combination of a value along axes of the operand to where the result belongs.
  mutating func reduce(_ value: FusedProgram.Register, _ reduce: Reduce) throws(OperationError) {
    let (region, layout) = try plan.place(of: Value(node: member.node))
    // No strides along the axes that are reduced.
    let rank = graph.type(of: node.operands[0]).rank
    var strides = [Int](repeating: 0, count: rank)
    for (axis, stride) in zip((0..<rank).filter { !reduce.axes.contains($0) }, layout.strides) {
      strides[axis] = stride
    }
    program.write(
      FusedProgram.Output(
        region: region, type: type,
        layout: work.walk(Layout(offset: layout.offset, strides: strides), of: member.node), source: value,
        reducer: reduce.reducer))
  }
}

extension HostLiteral {
  /// The bits of the first element, the low ones of a 64-bit word.
  fileprivate var bits: Int64 {
    var word: UInt64 = 0
    withUnsafeMutableBytes(of: &word) { target in
      withBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0.prefix(type.elementType.byteCount))) }
    }
    return Int64(bitPattern: word)
  }
}
