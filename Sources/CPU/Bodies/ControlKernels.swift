import CNative
import DescentCompiler
import DescentGraph

extension Scan: BodiesKernelOperation {
  func prepared(_ bodies: [CPUBody]) -> PreparedKernel {
    let slices = body.inputTypes[sequences].map(\.byteCount)
    return PreparedKernel(loop: bodies[0], of: self.body, length: length, isReversed: isReversed, carryCount, slices)
  }
}

/// A call that stays a plan of its own is a loop of one step that carries nothing.
extension Call: BodiesKernelOperation {
  func prepared(_ bodies: [CPUBody]) -> PreparedKernel {
    PreparedKernel(loop: bodies[0], of: body, length: 1, isReversed: false, 0, [])
  }
}

extension PreparedKernel {
  /// A loop of a known number of steps.
  convenience init(
    loop step: CPUBody, of body: Body, length: Int, isReversed: Bool, _ carryCount: Int, _ sequenceBytes: [Int]
  ) {
    let carryBytes = body.inputTypes[..<carryCount].map(\.byteCount)
    let outputBytes = body.outputTypes[carryCount...].map(\.byteCount)
    var memory = WorkingMemory()
    _ = memory.reserve(step.arenaBytes)
    // What is not written in place takes turns between two places. One step writes its carried values where the results
    // belong.
    let isInPlace = step.isWrittenInPlace(carryCount)
    let offsets = zip(carryBytes, isInPlace).map { $1 ? -1 : length > 1 ? memory.reserve($0) : 0 }
    let table = memory.reserve(step.tableBytes)
    let pointers = memory.reserve(addresses: body.inputTypes.count + body.outputTypes.count)
    let arrays = [carryBytes, sequenceBytes, outputBytes, offsets].map { NativeArray($0.map(Int64.init)) }
    let moving = step.places { $0 < carryCount ? !isInPlace[$0] : $0 < carryCount + sequenceBytes.count }
    let parameters = dn_scan(
      body: step.native(tableOffset: table), moving: moving.pointer, moving_count: moving.count,
      length: Int64(length), reversed: isReversed,
      carry_count: Int64(carryCount), sequence_count: Int64(sequenceBytes.count),
      constant_count: Int64(body.inputTypes.count - carryCount - sequenceBytes.count),
      output_count: Int64(outputBytes.count), carry_bytes: arrays[0].pointer, sequence_bytes: arrays[1].pointer,
      output_bytes: arrays[2].pointer, carry_offsets: arrays[3].pointer, pointer_offset: Int64(pointers))
    let cost = KernelCost(
      name: "", shapes: "\(length) × \(step.cost.shapes)", bytes: Double(length) * step.cost.bytes,
      flops: Double(length) * step.cost.flops, scratchBytes: step.cost.scratchBytes)
    self.init(
      { dn_scan_run($0, $1, $2) }, parameters, memory, cost: cost, overwriting: .same(isInPlace),
      keeping: [step, moving] + arrays)
  }
}

extension WhileLoop: BodiesKernelOperation {
  func prepared(_ bodies: [CPUBody]) -> PreparedKernel {
    let (test, step) = (bodies[0], bodies[1])
    let carryBytes = body.inputTypes[..<carryCount].map(\.byteCount)
    var memory = WorkingMemory()
    _ = memory.reserve(max(test.arenaBytes, step.arenaBytes))
    let isInPlace = step.isWrittenInPlace(carryCount)
    let offsets = zip(carryBytes, isInPlace).map { $1 ? -1 : memory.reserve($0) }
    let (testTable, stepTable) = (memory.reserve(test.tableBytes), memory.reserve(step.tableBytes))
    let pointers = memory.reserve(addresses: body.inputTypes.count + carryCount)
    let answer = memory.reserve(1)
    let arrays = [carryBytes, offsets].map { NativeArray($0.map(Int64.init)) }
    let parameters = dn_while(
      condition: test.native(tableOffset: testTable), body: step.native(tableOffset: stepTable),
      carry_count: Int64(carryCount), constant_count: Int64(body.inputTypes.count - carryCount),
      carry_bytes: arrays[0].pointer, carry_offsets: arrays[1].pointer, pointer_offset: Int64(pointers),
      answer_offset: Int64(answer))
    // The number of steps is not known: the cost is that of one.
    let cost = KernelCost(
      name: "", shapes: "steps of \(step.cost.shapes)", bytes: test.cost.bytes + step.cost.bytes,
      flops: test.cost.flops + step.cost.flops, scratchBytes: max(test.cost.scratchBytes, step.cost.scratchBytes))
    return PreparedKernel(
      { dn_while_run($0, $1, $2) }, parameters, memory, cost: cost, overwriting: .same(isInPlace),
      keeping: [test, step] + arrays)
  }
}

extension [Int: Int] {
  /// The numbers that are marked, each with itself.
  fileprivate static func same(_ isMarked: [Bool]) -> [Int: Int] {
    Dictionary(uniqueKeysWithValues: isMarked.indices.filter { isMarked[$0] }.map { ($0, $0) })
  }
}

extension Cond: BodiesKernelOperation {
  func prepared(_ bodies: [CPUBody]) -> PreparedKernel {
    var memory = WorkingMemory()
    _ = memory.reserve(bodies.reduce(0) { max($0, $1.arenaBytes) })
    let table = memory.reserve(bodies.reduce(0) { max($0, $1.tableBytes) })
    let native = NativeArray(bodies.map { $0.native(tableOffset: table) })
    let parameters = dn_cond(
      branches: native.pointer, branch_count: native.count, argument_count: Int64(branches[0].inputTypes.count),
      result_count: Int64(resultCount))
    let largest = bodies.max { ($0.cost.flops, $0.cost.bytes) < ($1.cost.flops, $1.cost.bytes) }
    var cost = largest?.cost ?? KernelCost(name: "", shapes: "")
    cost.shapes = "one of \(bodies.count) branches"
    cost.scratchBytes = bodies.reduce(0) { max($0, $1.cost.scratchBytes) }
    return PreparedKernel({ dn_cond_run($0, $1, $2) }, parameters, memory, cost: cost, keeping: bodies + [native])
  }
}
