import DescentGraph

extension Graph {
  /// Applies the function to tensors: records it where one of them is not known yet, else computes it now in one plan.
  package func apply(to arguments: [Tensor]) throws -> [Tensor] {
    for argument in arguments { if let error = argument.error { throw error } }
    if arguments.contains(where: { $0.expression.isSymbolic }) { return record(on: arguments) }
    return try Trace(graph: self, captured: arguments).run([]).map { Tensor($0) }
  }
}

/// The arguments of a function taken apart into tensors, and put together again with others in their place.
package struct ArgumentList {
  package private(set) var trees: [ModelTree] = []

  init(trees: [ModelTree] = []) { self.trees = trees }

  /// All tensors of all arguments, in order.
  package var leaves: [ModelTree.Leaf] { trees.flatMap(\.leaves) }

  mutating func append<Argument: Codable>(_ argument: Argument) throws { trees.append(try ModelTree(argument)) }

  /// The arguments' structure without what the tensors hold, so that nothing of it stays in memory.
  var withoutTensors: ArgumentList { ArgumentList(trees: trees.map(\.withStandIns)) }

  /// Both lists, one after the other.
  static func + (a: ArgumentList, b: ArgumentList) -> ArgumentList { ArgumentList(trees: a.trees + b.trees) }

  /// Some of the arguments.
  subscript(range: Range<Int>) -> ArgumentList { ArgumentList(trees: Array(trees[range])) }

  /// Puts arguments together, one after the other.
  ///
  /// - Parameter identities: Which parameters they are; those that they were where none are given.
  package func cursor(_ tensors: [Tensor?], identities: [Parameter.Identity?]? = nil) -> Cursor {
    Cursor(trees: trees, tensors: tensors, identities: identities ?? leaves.map(\.identity))
  }

  /// The arguments that are put together, one after the other.
  package final class Cursor {
    private let trees: [ModelTree]
    private let tensors: [Tensor?]
    private let identities: [Parameter.Identity?]
    private var tree = 0
    private var tensor = 0

    init(trees: [ModelTree], tensors: [Tensor?], identities: [Parameter.Identity?]) {
      self.trees = trees
      self.tensors = tensors
      self.identities = identities
    }

    /// The last of all tensors.
    var last: Tensor? { tensors.last ?? nil }

    /// The next argument.
    package func next<Argument: Codable>(_ type: Argument.Type) throws -> Argument {
      let count = trees[tree].leaves.count
      defer {
        tree += 1
        tensor += count
      }
      let range = tensor..<tensor + count
      return try trees[tree].rebuilt(type, with: Array(tensors[range]), identities: Array(identities[range]))
    }
  }
}
