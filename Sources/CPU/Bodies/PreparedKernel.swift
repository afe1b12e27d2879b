import CNative
import DescentCompiler
import DescentGraph

/// An operation that holds functions and has a kernel that runs them.
protocol BodiesKernelOperation: GraphOperation, KernelOperation {
  /// The kernel, before it knows where its operands lie.
  func prepared(_ bodies: [CPUBody]) -> PreparedKernel
}

extension BodiesKernelOperation {
  func kernel(at site: KernelSite) throws(OperationError) -> any Kernel {
    guard let prepared = site.bodies as? PreparedKernel, let memory = site.workingMemory else {
      throw OperationError(name, "holds functions that were not prepared")
    }
    return BodiesKernel(name, prepared, site.addresses + [memory])
  }
}

/// A kernel that runs functions, before it knows where its operands lie.
final class PreparedKernel: PreparedBodies, @unchecked Sendable {
  let workingBytes: Int
  let overwrittenOperands: [Int: Int]
  let function: KernelFunction
  /// What the function is given first.
  let parameters: UnsafeRawPointer
  /// What a run of the kernel costs, apart from its name.
  let cost: KernelCost
  private let owner: [AnyObject]

  /// Keeps the parameters, and what they point to.
  init<Content>(
    _ function: @escaping KernelFunction, _ parameters: Content, _ memory: WorkingMemory, cost: KernelCost,
    overwriting overwrittenOperands: [Int: Int] = [:], keeping owner: [AnyObject]
  ) {
    self.overwrittenOperands = overwrittenOperands
    self.function = function
    let content = Parameters(parameters)
    self.parameters = UnsafeRawPointer(content.pointer)
    self.owner = owner + [content]
    self.cost = cost
    workingBytes = memory.byteCount
  }
}

/// The layout of a kernel's working memory.
struct WorkingMemory {
  private(set) var byteCount = 0

  /// Sets memory aside, and says where it begins.
  mutating func reserve(_ bytes: Int) -> Int {
    defer { byteCount += (max(1, bytes) + 63) / 64 * 64 }
    return byteCount
  }

  /// Sets room for so many addresses aside.
  mutating func reserve(addresses count: Int) -> Int { reserve(count * MemoryLayout<UnsafeRawPointer>.stride) }
}

/// A kernel that runs the functions that its operation holds.
final class BodiesKernel: Kernel, @unchecked Sendable {
  let addresses: [Address]
  let cost: KernelCost
  private let prepared: PreparedKernel

  /// Places a kernel; the addresses are those of the operands, of the results, and of the working memory.
  init(_ name: String, _ prepared: PreparedKernel, _ addresses: [Address]) {
    self.prepared = prepared
    self.addresses = addresses
    var cost = prepared.cost
    cost.name = name
    self.cost = cost
  }

  var function: KernelFunction { prepared.function }
  var parameters: UnsafeRawPointer { prepared.parameters }
}
