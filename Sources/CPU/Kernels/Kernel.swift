import DescentCompiler
import DescentGraph

/// What a kernel is called through: its parameters, and the addresses of its operands and results.
///
/// Returns nonzero, with a line in the error buffer, where the kernel failed.
typealias KernelFunction =
  @convention(c) (
    _ parameters: UnsafeRawPointer, _ addresses: UnsafePointer<UnsafeMutableRawPointer?>,
    _ error: UnsafeMutablePointer<CChar>
  ) -> Int32

/// The room for a kernel's error line, in bytes.
let errorCapacity = 512

/// Where an operand or result of a kernel begins.
struct Address: Hashable {
  var region: MemoryPlan.Region
  /// The distance from the region's beginning, in bytes.
  var offset = 0
}

/// One prepared call. It owns the memory that `parameters` points to.
protocol Kernel: AnyObject, Sendable {
  /// What is called.
  var function: KernelFunction { get }
  /// What the function is given first.
  var parameters: UnsafeRawPointer { get }
  /// The operands' and results' addresses.
  var addresses: [Address] { get }
  /// What it costs, for profiles.
  var cost: KernelCost { get }
}

/// What a kernel does, for profiles.
///
/// Products of sizes are real numbers here, since there may be more of them than an integer counts: a plan is refused
/// for its memory, not for what it would cost.
struct KernelCost: Sendable {
  var name: String
  var shapes: String
  var bytes = 0.0
  var flops = 0.0
  /// Working memory in addition to operands and results, in bytes.
  var scratchBytes = 0
}

/// Parameters of a kernel in memory of their own.
final class Parameters<Content>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Content>

  init(_ content: Content) {
    pointer = .allocate(capacity: 1)
    pointer.initialize(to: content)
  }

  deinit {
    pointer.deinitialize(count: 1)
    pointer.deallocate()
  }
}
