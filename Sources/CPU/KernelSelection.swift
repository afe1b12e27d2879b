import DescentCompiler
import DescentGraph

extension Plan {
  /// The prepared calls of a plan, in order, and where what each computes comes from: of a fused kernel, its last result.
  ///
  /// - Throws: `OperationError` where the C floor refuses a kernel.
  func makeKernels() throws(OperationError) -> (kernels: [any Kernel], provenances: [Provenance]) {
    var kernels: [any Kernel] = []
    var provenances: [Provenance] = []
    kernels.reserveCapacity(steps.count)
    provenances.reserveCapacity(steps.count)
    for step in steps {
      switch step.work {
      case .fused(let work):
        // Nothing is visited, and what reductions over nothing give has been folded into constants.
        if work.extents.contains(0) { continue }
        kernels.append(try ProgramKernel(try program(of: work)))
      case .node(let index): kernels.append(try kernel(of: index))
      }
      provenances.append(provenance(of: step))
    }
    for restoration in memory.restorations {
      let type = lowered.graph.type(of: restoration.value)
      let target = Address(region: .input(restoration.input))
      kernels.append(CopyKernel(from: try address(of: restoration.value).address, to: target, type))
      provenances.append(lowered.graph.nodes[restoration.value.node].provenance)
    }
    return (kernels, provenances)
  }

  private func kernel(of index: Int) throws(OperationError) -> any Kernel {
    let operation = lowered.graph.nodes[index].operation
    let site = try site(of: index)
    guard lowered.means[index] == .kernel, let operation = operation as? any KernelOperation else {
      return ReferenceKernel(operation, at: site)
    }
    return try operation.kernel(at: site)
  }

  /// Where a base value begins, and its layout from there.
  private func address(of base: Value) throws(OperationError) -> (address: Address, layout: Layout) {
    let (region, layout) = try place(of: base)
    return (Address(region: region), layout)
  }

  private func site(of index: Int) throws(OperationError) -> KernelSite {
    let node = lowered.graph.nodes[index]
    var places: [(address: Address, layout: Layout)] = []
    for operand in node.operands {
      let (base, layout) = lowered.place(of: operand)
      places.append((try address(of: base).address, layout))
    }
    for result in node.types.indices { places.append(try address(of: Value(node: index, result: result))) }
    return KernelSite(
      operands: node.operands.map { lowered.graph.type(of: $0) }, results: node.types,
      addresses: places.map(\.address), layouts: places.map(\.layout), product: lowered.products[index],
      bodies: bodies[index], workingMemory: memory.workingOffsets[index].map { Address(region: .arena($0)) })
  }
}
