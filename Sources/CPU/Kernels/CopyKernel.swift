import DescentCompiler
import DescentGraph

/// A kernel that copies packed memory.
final class CopyKernel: Kernel, @unchecked Sendable {
  let addresses: [Address]
  let cost: KernelCost
  private let byteCount: Parameters<Int>

  /// Prepares a copy.
  init(from source: Address, to target: Address, _ type: TensorType) {
    addresses = [source, target]
    byteCount = Parameters(type.byteCount)
    cost = KernelCost(name: "copy", shapes: "\(type.shape)", bytes: 2 * Double(type.byteCount))
  }

  var parameters: UnsafeRawPointer { UnsafeRawPointer(byteCount.pointer) }

  var function: KernelFunction {
    { parameters, addresses, _ in
      guard let source = addresses[0], let target = addresses[1] else { return 1 }
      target.copyMemory(from: source, byteCount: parameters.load(as: Int.self))
      return 0
    }
  }
}
