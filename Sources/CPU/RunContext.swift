import CNative
import DescentCompiler
import DescentGraph

/// What one run at a time needs: an arena, and the addresses of all kernels in it.
final class RunContext {
  /// For each kernel after the other, the addresses of its operands and results.
  let addresses: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  /// Room for a kernel's error line.
  let error: UnsafeMutablePointer<CChar>
  private let arena: Buffer

  /// Allocates an arena and fills in all addresses that do not depend on a run's inputs and outputs.
  init(_ layout: AddressLayout, arenaBytes: Int) throws(OperationError) {
    arena = try Buffer(byteCount: arenaBytes)
    addresses = .allocate(capacity: max(1, layout.count))
    addresses.initialize(repeating: nil, count: max(1, layout.count))
    error = .allocate(capacity: errorCapacity)
    error.initialize(repeating: 0, count: errorCapacity)
    for fixed in layout.constants { addresses[fixed.slot] = fixed.memory }
    for place in layout.arena { addresses[place.slot] = arena.pointer + place.offset }
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
            constants.append((slot, constant.literal.buffer.pointer + address.offset))
          }
        }
        slot += 1
      }
    }
    count = slot
  }
}
