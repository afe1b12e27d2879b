import CNative
import DescentCompiler
import DescentGraph

extension Plan {
  /// The prepared calls of a plan, in order.
  ///
  /// - Throws: `OperationError` where the C floor refuses a kernel.
  func makeKernels() throws(OperationError) -> [any Kernel] {
    var kernels: [any Kernel] = []
    kernels.reserveCapacity(steps.count)
    for step in steps {
      switch step.work {
      case .fused(let work):
        // Nothing is visited, and what reductions over nothing give has been folded into constants.
        if work.extents.contains(0) { continue }
        kernels.append(try ProgramKernel(try programDescription(of: work)))
      case .node(let index): kernels.append(try kernel(of: index))
      }
    }
    for restoration in memory.restorations {
      let type = lowered.graph.type(of: restoration.value)
      let target = Address(region: .input(restoration.input))
      kernels.append(CopyKernel(from: try address(of: restoration.value).address, to: target, type))
    }
    return kernels
  }

  private func kernel(of index: Int) throws(OperationError) -> any Kernel {
    let node = lowered.graph.nodes[index]
    let types = node.operands.map { lowered.graph.type(of: $0) }
    var operands: [(address: Address, layout: Layout)] = []
    for operand in node.operands {
      let (base, layout) = lowered.place(of: operand)
      operands.append((try address(of: base).address, layout))
    }
    var results: [(address: Address, layout: Layout)] = []
    for result in node.types.indices { results.append(try address(of: Value(node: index, result: result))) }
    let addresses = operands.map(\.address) + results.map(\.address)
    if lowered.means[index] == .kernel {
      switch node.operation {
      case is Dot:
        if let product = lowered.products[index] {
          return try ProductKernel(
            product, node.types[0].elementType, left: addresses[0], right: addresses[1], result: addresses[2])
        }
      case let product as RaggedDot: return RaggedDotKernel(product, types, node.types[0], addresses)
      case let convolution as any ConvolutionKernelOperation:
        return try ConvolutionKernel(convolution, types, node.types[0], addresses)
      case let window as any WindowKernelOperation:
        if let kernel = WindowKernel(window, types, node.types[0], addresses) { return kernel }
      case let gather as any GatherKernelOperation: return GatherKernel(gather, types, node.types[0], addresses)
      case let scatter as any ScatterKernelOperation:
        return ScatterKernel(scatter, types, tensor: operands[0].layout, addresses)
      case let sort as Sort: return SortKernel(sort, types, addresses)
      case let top as TopK: return TopKernel(top, types[0], addresses)
      case let argReduce as ArgReduce: return ArgReduceKernel(argReduce, types[0], addresses)
      case let cumulative as Cumulative: return CumulativeKernel(cumulative, types[0], addresses)
      case let decomposition as any DecompositionOperation:
        return DecompositionKernel(decomposition, types[0], node.types, addresses)
      case let transform as FFT: return try FFTKernel(transform, types[0], addresses)
      case let system as Solve: return SolveKernel(system, types, addresses)
      case let system as TriangularSolve: return TriangularSolveKernel(system, types[0], types[1], addresses)
      case is any BodiesKernelOperation:
        if let prepared = bodies[index] as? PreparedKernel, let offset = memory.workingOffsets[index] {
          return BodiesKernel(node, prepared, addresses + [Address(region: .arena(offset))])
        }
      default: break
      }
    }
    return ReferenceKernel(
      node.operation,
      operands: zip(types, operands).map { ReferenceKernel.Operand(type: $0, layout: $1.layout) },
      results: zip(node.types, results).map { ReferenceKernel.Operand(type: $0, layout: $1.layout) }, addresses)
  }
}
