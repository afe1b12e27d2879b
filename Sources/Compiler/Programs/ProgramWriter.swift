import CNative
import DescentCompiler
import DescentGraph

extension Plan {
  /// Writes a cluster as a program of the C floor.
  func programDescription(of work: FusedWork) throws(OperationError) -> ProgramDescription {
    var lowering = FusedLowering(plan: self, work: work)
    for member in work.members { try lowering.lower(member) }
    return lowering.finish()
  }

  /// Where a base value begins, and its layout from there.
  func address(of base: Value) throws(OperationError) -> (address: Address, layout: Layout) {
    guard let place = memory.place(of: base, lowered.graph.type(of: base)) else {
      throw OperationError("compile", "%\(base.node) has no place in memory")
    }
    return (Address(region: place.region), place.layout)
  }
}

/// The state of writing one program.
private struct FusedLowering {
  let plan: Plan
  let work: FusedWork
  var program: ProgramDescription
  var registers: [Int: ProgramDescription.Register] = [:]
  let outputs: Set<Int>

  init(plan: Plan, work: FusedWork) {
    self.plan = plan
    self.work = work
    program = ProgramDescription(extents: work.extents, reducedAxes: work.reducedAxes)
    outputs = Set(work.outputs)
  }

  private var graph: Graph { plan.lowered.graph }

  mutating func lower(_ member: FusedWork.Member) throws(OperationError) {
    let node = graph.nodes[member.node]
    let type = node.types[0].elementType
    if node.kind == .reduce, let reduce = node.operation as? Reduce {
      let source = try operand(node.operands[0], of: member)
      let (address, layout) = try plan.address(of: Value(node: member.node))
      program.write(
        source, to: address, type, spread(layout, over: reduce, member), reducer: reduce.reducerCode)
      return
    }
    let result: ProgramDescription.Register
    switch node.operation {
    case let fused as any FusedOperation:
      var operands: [ProgramDescription.Register] = []
      for operand in node.operands { operands.append(try self.operand(operand, of: member)) }
      let source = graph.type(of: node.operands[node.kind == .select ? 1 : 0]).elementType
      result = program.emit(fused.opcode, type, from: source, operands, immediate: fused.immediate)
    case let iota as Iota: result = index(along: iota.axis, of: member, as: type)
    case is RandomBits: result = try randomBits(node)
    default: result = try operand(node.operands[0], of: member)
    }
    registers[member.node] = result
    guard outputs.contains(member.node) else { return }
    let (address, layout) = try plan.address(of: Value(node: member.node))
    program.write(result, to: address, type, work.walk(layout, of: member.node))
  }

  private mutating func operand(
    _ value: Value, of member: FusedWork.Member
  ) throws(OperationError) -> ProgramDescription.Register {
    switch work.source(of: value, for: member, in: plan.lowered) {
    case .member(let node):
      guard let register = registers[node] else {
        throw OperationError("compile", "%\(member.node) is computed before its operand %\(node)")
      }
      return register
    case .memory(let base, let layout):
      let type = graph.type(of: base)
      if let constant = graph.nodes[base.node].operation as? Constant, type.count == 1 {
        return program.emit(DN_CONSTANT, type.elementType, immediate: constant.literal.bits)
      }
      return program.read(try plan.address(of: base).address, type.elementType, layout)
    }
  }

  /// The strides of a reduction's result over the iteration axes, none along those that are reduced.
  private func spread(_ layout: Layout, over reduce: Reduce, _ member: FusedWork.Member) -> Layout {
    let rank = graph.type(of: graph.nodes[member.node].operands[0]).rank
    var strides = [Int](repeating: 0, count: rank)
    for (axis, stride) in zip((0..<rank).filter { !reduce.axes.contains($0) }, layout.strides) {
      strides[axis] = stride
    }
    return work.walk(Layout(offset: layout.offset, strides: strides), of: member.node)
  }

  private mutating func index(
    along axis: Int, of member: FusedWork.Member, as type: ElementType
  ) -> ProgramDescription.Register {
    let coordinate = work.coordinate(axis, of: member)
    let moving = coordinate.strides.indices.filter { coordinate.strides[$0] != 0 }
    if moving.count == 1, coordinate.offset == 0, coordinate.strides[moving[0]] == 1 {
      return program.emit(DN_IOTA, type, immediate: Int64(moving[0]))
    }
    var sum = program.emit(DN_CONSTANT, .int64, immediate: Int64(coordinate.offset))
    for axis in moving {
      let stride = program.emit(DN_CONSTANT, .int64, immediate: Int64(coordinate.strides[axis]))
      let index = program.emit(DN_IOTA, .int64, immediate: Int64(axis))
      sum = program.emit(DN_ADD, .int64, [sum, program.emit(DN_MUL, .int64, [index, stride])])
    }
    return type == .int64 ? sum : program.emit(DN_CONVERT, type, from: .int64, [sum])
  }

  private mutating func randomBits(_ node: Node) throws(OperationError) -> ProgramDescription.Register {
    let (base, layout) = plan.lowered.place(of: node.operands[0])
    let address = try plan.address(of: base).address
    let still = work.extents.map { _ in 0 }
    let first = program.read(address, .uint32, Layout(offset: layout.offset, strides: still))
    let second = program.read(address, .uint32, Layout(offset: layout.offset + layout.strides[0], strides: still))
    return program.emit(DN_RANDOM_BITS, .uint32, [first, second])
  }

  /// The program with its cost.
  func finish() -> ProgramDescription {
    var program = program
    func bytes(_ type: ElementType, _ layout: Layout) -> Double {
      let visited = layout.strides.indices.filter { layout.strides[$0] != 0 }.reduce(1) { $0 * work.extents[$1] }
      return Double(visited * type.byteCount)
    }
    let names = work.members.map { graph.nodes[$0.node].operation.name }
    let name =
      names.count <= 6 ? names.joined(separator: "+") : names.prefix(5).joined(separator: "+") + "+…\(names.count)"
    program.cost = KernelCost(
      name: name, shapes: "\(Shape(work.extents))",
      bytes: program.inputs.reduce(0) { $0 + bytes($1.type, $1.layout) }
        + program.outputs.reduce(0) { $0 + bytes($1.type, $1.layout) },
      flops: Double(program.instructionCount) * Double(Shape(work.extents).count))
    return program
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
