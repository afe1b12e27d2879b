import CNative
import DescentCompiler
import DescentGraph

/// What the CPU has kernels for.
struct CPUSupport: KernelSupport {
  /// Every instruction, along as many axes as the interpreter has.
  func fuses(_ operation: any FusedOperation, _ operands: [TensorType], _ results: [TensorType]) -> Bool {
    (operands + results).allSatisfy { $0.rank <= Int(DN_MAXIMUM_RANK) }
  }

  func hasKernel(_ operation: any Operation, _ operands: [TensorType], _ results: [TensorType]) -> Bool {
    (operation as? any KernelOperation)?.hasKernel(for: operands) ?? false
  }

  func computingType(_ operation: any Operation, _ elementType: ElementType) -> ElementType? {
    guard elementType.isHalf, let operation = operation as? any KernelOperation else { return nil }
    return operation.isWidened ? .float32 : nil
  }

  func readsRepeated(_ operation: any Operation, operand: Int) -> Bool {
    (operation as? any KernelOperation)?.readsRepeated(operand) ?? false
  }

  func overwrittenOperand(_ operation: any Operation) -> Int? {
    (operation as? any KernelOperation)?.overwrittenOperand
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
