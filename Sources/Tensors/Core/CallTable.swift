import CNative
import DescentGraph

/// The calls in the user's program that recorded operations, each by a number.
///
/// A call is told by where the calls under way go on, which takes a few instructions each to read. Its line is looked up when
/// somebody asks for it.
final class CallTable: Sendable {
  /// The calls of this process.
  static let shared = CallTable()

  /// The calls under way, from the innermost on.
  private struct Path: Hashable {
    let addresses: [UInt]
    private let digest: UInt

    init() {
      addresses = Array(unsafeUninitializedCapacity: Int(DN_MOST_CALLS)) { buffer, count in
        count = buffer.baseAddress.map { Int(dn_calls($0)) } ?? 0
      }
      digest = addresses.reduce(0) { ($0 ^ $1) &* 0x9e37_79b9_7f4a_7c15 }
    }

    func hash(into hasher: inout Hasher) { hasher.combine(digest) }
  }

  private struct Contents {
    var numbers: [Path: UInt32] = [:]
    var paths: [Path] = []
    /// How many calls were forgotten.
    var forgotten: UInt32 = 0
  }

  private let contents = Guarded(Contents())
  private let mostCalls: Int

  /// - Parameter mostCalls: So many calls are told apart; of more, the ones that came first are forgotten.
  init(mostCalls: Int = 1 << 14) { self.mostCalls = mostCalls }

  /// The number of the call that is under way, never 0.
  func here() -> UInt32 {
    let path = Path()
    return contents.withLock { contents in
      if let number = contents.numbers[path] { return number }
      if contents.paths.count >= mostCalls {
        let count = mostCalls / 2
        for path in contents.paths.prefix(count) { contents.numbers[path] = nil }
        contents.paths.removeFirst(count)
        contents.forgotten += UInt32(count)
      }
      contents.paths.append(path)
      let number = contents.forgotten + UInt32(contents.paths.count)
      contents.numbers[path] = number
      return number
    }
  }

  /// The place of a call; `nil` of the number 0, and of one so long ago that it was forgotten.
  func place(of call: UInt32) -> Place? {
    let path = contents.withLock { contents in
      let index = Int(call) - Int(contents.forgotten) - 1
      return contents.paths.indices.contains(index) ? contents.paths[index] : nil
    }
    return path.map { Place(addresses: $0.addresses) }
  }
}
