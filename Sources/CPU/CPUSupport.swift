import CNative
import DescentCompiler
import DescentGraph

/// What the CPU has kernels for.
struct CPUSupport: KernelSupport {
  func fuses(_ operation: any Operation, _ operands: [TensorType], _ results: [TensorType]) -> Bool {
    guard (operands + results).allSatisfy({ $0.rank <= Int(DN_MAXIMUM_RANK) }) else { return false }
    switch type(of: operation).kind {
    // `StopGradient` stands for every operation that hands its operand on unchanged.
    case .reduce, .iota, .randomBits, .stopGradient: return true
    default: return operation is any FusedOperation
    }
  }

  func hasKernel(_ operation: any Operation, _ operands: [TensorType], _ results: [TensorType]) -> Bool {
    switch operation {
    case is Dot, is RaggedDot: return computingType(operation, operands[0].elementType) == nil
    case is ArgReduce, is Sort, is TopK, is any BodiesKernelOperation: return true
    case is any GatherKernelOperation, is any ScatterKernelOperation:
      return operands[0].rank <= Int(DN_INDEX_RANK) && computingType(operation, operands[0].elementType) == nil
    case is Cumulative: return computingType(operation, operands[0].elementType) == nil
    case is any ConvolutionKernelOperation:
      return operands[0].rank - 2 <= 3 && [.float32, .float64].contains(operands[0].elementType)
    case let window as any WindowKernelOperation:
      return window.nativeOperation != nil && operands[0].rank - 2 <= 3
        && [.float32, .float64].contains(operands[0].elementType)
    case let decomposition as any DecompositionOperation:
      return decomposition.hasKernel(operands[0])
    case let system as Solve: return system.hasKernel(operands)
    case is FFT: return [.float32, .float64].contains(operands[0].elementType)
    case is TriangularSolve:
      return [.float32, .float64].contains(operands[0].elementType) && dn_triangular_solve_available()
    default: return false
    }
  }

  func computingType(_ operation: any Operation, _ elementType: ElementType) -> ElementType? {
    guard elementType.isFloatingPoint, elementType.byteCount == 2 else { return nil }
    let isWidened =
      operation is Dot || operation is RaggedDot || operation is Cumulative
      || operation is any ConvolutionKernelOperation
      || operation is any WindowKernelOperation || operation is any DecompositionOperation
      || operation is TriangularSolve || operation is Solve || operation is FFT
      || (operation as? Scatter).map { $0.combination != .set } == true
    return isWidened ? .float32 : nil
  }

  func readsRepeated(_ operation: any Operation, operand: Int) -> Bool {
    operation is any ScatterKernelOperation && operand == 0
  }

  func overwrittenOperand(_ operation: any Operation) -> Int? {
    operation is any ScatterKernelOperation ? 0 : nil
  }

  func prepare(
    _ operation: any GraphOperation, _ bodies: [Plan]
  ) throws(OperationError) -> (any PreparedBodies)? {
    guard let operation = operation as? any BodiesKernelOperation else { return nil }
    var prepared: [CPUBody] = []
    for body in bodies { prepared.append(try CPUBody(body)) }
    return operation.prepared(prepared)
  }
}
