import Synchronization

/// A function of the user's within a value that is compared, printed and coded: the same one only as itself.
package final class NamedFunction<Function: Sendable>: Sendable, Hashable, CustomStringConvertible {
  /// What it is called in descriptions and in files.
  package let name: String
  package let function: Function
  // Not the address, which another function may have later: what was compiled for one must not serve another.
  private let number: Int

  package init(_ name: String, _ function: Function) {
    (self.name, self.function) = (name, function)
    number = functionCount.wrappingAdd(1, ordering: .relaxed).newValue
  }

  package static func == (a: NamedFunction, b: NamedFunction) -> Bool { a === b }
  package func hash(into hasher: inout Hasher) { hasher.combine(number) }

  /// The name with a number that no other function has.
  package var description: String { "\(name) \(number)" }
}

/// How many functions were named.
private let functionCount = Atomic<Int>(0)
