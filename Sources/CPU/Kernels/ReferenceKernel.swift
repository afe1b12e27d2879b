import DescentCompiler
import DescentGraph

/// A kernel that runs an operation's reference evaluation: right, and slow.
final class ReferenceKernel: Kernel, @unchecked Sendable {
  /// A tensor in memory.
  struct Operand {
    let type: TensorType
    let layout: Layout
  }

  let addresses: [Address]
  let cost: KernelCost
  private let operation: any Operation
  private let operands: [Operand]
  private let results: [Operand]

  /// Prepares an evaluation.
  init(_ operation: any Operation, at site: KernelSite) {
    self.operation = operation
    operands = zip(site.operands, site.layouts).map { Operand(type: $0, layout: $1) }
    results = zip(site.results, site.layouts.dropFirst(operands.count)).map { Operand(type: $0, layout: $1) }
    addresses = site.addresses
    cost = KernelCost(
      name: operation.name, shapes: operands.map { "\($0.type.shape)" }.joined(separator: ", "),
      bytes: (operands + results).reduce(0) { $0 + Double($1.type.byteCount) })
  }

  var parameters: UnsafeRawPointer { UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque()) }

  var function: KernelFunction {
    { parameters, addresses, error in
      let kernel = Unmanaged<ReferenceKernel>.fromOpaque(parameters).takeUnretainedValue()
      do throws(OperationError) {
        try kernel.run(addresses)
        return 0
      } catch {
        return 1
      }
    }
  }

  private func run(_ addresses: UnsafePointer<UnsafeMutableRawPointer?>) throws(OperationError) {
    var values: [ReferenceArray] = []
    for (index, operand) in operands.enumerated() {
      guard let source = addresses[index] else { continue }
      let size = operand.type.elementType.byteCount
      let packed = try HostLiteral(uninitialized: operand.type)
      for (position, place) in operand.layout.places(operand.type.shape).enumerated() {
        (packed.memory.pointer + position * size).copyMemory(from: source + place * size, byteCount: size)
      }
      values.append(ReferenceArray(packed))
    }
    let computed = operation.evaluate(values, results.map(\.type))
    for (index, result) in results.enumerated() {
      guard let target = addresses[operands.count + index] else { continue }
      let literal = try computed[index].literal()
      let size = result.type.elementType.byteCount
      for (position, place) in result.layout.places(result.type.shape).enumerated() {
        (target + place * size).copyMemory(from: literal.memory.pointer + position * size, byteCount: size)
      }
    }
  }
}
