import CNative
import DescentGraph

/// The calls in the user's program that recorded operations, each by a number.
///
/// A place is sought once for each way through the program, when it is gone for the first time: an operation that is
/// recorded again costs a walk of a few instructions and a look into the table.
final class CallTable: Sendable {
  /// The calls of this process.
  static let shared = CallTable()

  private struct Contents {
    var numbers: [UInt64: UInt32] = [:]
    var places: [Place] = []
  }

  private let contents = Guarded(Contents())

  /// The number of the call that is under way; 0 where it is not known.
  func here() -> UInt32 {
    let path = dn_call_path()
    guard path != 0 else { return 0 }
    let known = contents.withLock { contents in
      contents.numbers[path] ?? (contents.places.count < Self.mostCalls ? nil : 0)
    }
    if let known { return known }
    // Outside the lock: the search for a place takes its time.
    let place = Place(depth: Self.depth)
    return contents.withLock { contents in
      if let number = contents.numbers[path] { return number }
      contents.places.append(place)
      let number = UInt32(contents.places.count)
      contents.numbers[path] = number
      return number
    }
  }

  /// The place of a call, `nil` of the number 0.
  func place(of call: UInt32) -> Place? {
    contents.withLock { contents in
      let index = Int(call) - 1
      return contents.places.indices.contains(index) ? contents.places[index] : nil
    }
  }

  /// So many calls are told apart.
  private static let mostCalls = 1 << 12
  /// So deep in the library lies the user's line at most: a loss within a layer within a transform.
  private static let depth = 40
}
