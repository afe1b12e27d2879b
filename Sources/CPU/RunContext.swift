import CNative
import DescentCompiler
import DescentGraph

/// What one run at a time needs in addition to an arena: the addresses of all kernels in it.
final class RunContext {
  /// For each kernel after the other, the addresses of its operands and results.
  let addresses: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  /// Room for a kernel's error line.
  let error: UnsafeMutablePointer<CChar>
  /// Where the arena lies that the addresses point into.
  private(set) var arena: UnsafeMutableRawPointer?
  /// An arena of its own, where it is so small that sharing it would cost more.
  private let own: HostMemory?

  /// The largest arena that is not shared, in bytes.
  static let ownBytes = 16 << 10

  /// Fills in all addresses that do not depend on a run's inputs and outputs nor on its arena.
  init(_ layout: AddressLayout, arenaBytes: Int) throws(OperationError) {
    own = arenaBytes <= Self.ownBytes ? try HostMemory(byteCount: arenaBytes) : nil
    addresses = .allocate(capacity: max(1, layout.count))
    addresses.initialize(repeating: nil, count: max(1, layout.count))
    error = .allocate(capacity: errorCapacity)
    error.initialize(repeating: 0, count: errorCapacity)
    for fixed in layout.constants { addresses[fixed.slot] = fixed.memory }
    if let own { move(to: own.pointer, layout) }
  }

  /// Fills in the addresses in an arena, unless they are there already.
  func move(to arena: UnsafeMutableRawPointer, _ layout: AddressLayout) {
    guard self.arena != arena else { return }
    self.arena = arena
    for place in layout.arena { addresses[place.slot] = arena + place.offset }
  }

  deinit {
    addresses.deallocate()
    error.deallocate()
  }
}

/// Where the addresses of all kernels come from.
struct AddressLayout: @unchecked Sendable {
  /// An address that lies within memory known only at a run.
  struct Place {
    let slot: Int
    let offset: Int
    /// Which input or output; 0 for the arena.
    let number: Int
  }

  /// The number of addresses of all kernels.
  let count: Int
  private(set) var constants: [(slot: Int, memory: UnsafeMutableRawPointer)] = []
  private(set) var arena: [Place] = []
  private(set) var inputs: [Place] = []
  private(set) var outputs: [Place] = []

  /// Sorts the addresses of kernels by where they come from.
  init(_ kernels: [any Kernel], _ plan: Plan) {
    var slot = 0
    for kernel in kernels {
      for address in kernel.addresses {
        switch address.region {
        case .arena(let offset): arena.append(Place(slot: slot, offset: offset + address.offset, number: 0))
        case .input(let number): inputs.append(Place(slot: slot, offset: address.offset, number: number))
        case .output(let number): outputs.append(Place(slot: slot, offset: address.offset, number: number))
        case .constant(let index):
          if let constant = plan.lowered.graph.nodes[index].operation as? Constant {
            constants.append((slot, constant.literal.memory.pointer + address.offset))
          }
        }
        slot += 1
      }
    }
    count = slot
  }
}
