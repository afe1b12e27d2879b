import DescentCompiler
import DescentGraph

extension HostCall: KernelOperation {
  func kernel(at site: KernelSite) throws(OperationError) -> any Kernel { HostCallKernel(self, at: site) }
}

/// A kernel that calls a function of the program's own.
final class HostCallKernel: Kernel, @unchecked Sendable {
  let addresses: [Address]
  let cost: KernelCost
  private let called: HostCall.Function
  private let operands: [TensorType]

  /// Prepares a call with packed operands.
  init(_ operation: HostCall, at site: KernelSite) {
    (called, operands, addresses) = (operation.function, site.operands, site.addresses)
    let bytes = (site.operands + site.results).reduce(0) { $0 + Double($1.byteCount) }
    cost = KernelCost(
      name: operation.name, shapes: operands.map { "\($0.shape)" }.joined(separator: ", "), bytes: bytes)
  }

  var parameters: UnsafeRawPointer { UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque()) }

  var function: KernelFunction {
    { parameters, addresses, error in
      let kernel = Unmanaged<HostCallKernel>.fromOpaque(parameters).takeUnretainedValue()
      do {
        try kernel.run(addresses)
        return 0
      } catch let failure {
        let line = (failure as? OperationError)?.message ?? "\(failure)"
        for (place, byte) in (Array(line.utf8.prefix(errorCapacity - 1)) + [0]).enumerated() {
          error[place] = CChar(bitPattern: byte)
        }
        return 1
      }
    }
  }

  private func run(_ addresses: UnsafePointer<UnsafeMutableRawPointer?>) throws {
    let values = try operands.enumerated().map { index, type in
      let literal = try HostLiteral(uninitialized: type)
      if let source = addresses[index] { literal.memory.pointer.copyMemory(from: source, byteCount: type.byteCount) }
      return literal
    }
    for (index, result) in try called(values).enumerated() {
      guard let target = addresses[operands.count + index] else { continue }
      result.withBytes { bytes in
        if let source = bytes.baseAddress { target.copyMemory(from: source, byteCount: bytes.count) }
      }
    }
  }
}
