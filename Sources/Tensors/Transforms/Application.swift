import DescentGraph

extension Graph {
  /// Applies the function to tensors: records it where one of them is not known yet, else computes it now in one plan.
  package func apply(to arguments: [Tensor]) throws -> [Tensor] {
    for argument in arguments { if let error = argument.error { throw error } }
    if arguments.contains(where: { $0.expression.isSymbolic }) { return record(on: arguments) }
    return try Trace(graph: self, captured: arguments).run([]).map { Tensor($0) }
  }
}

extension Trace {
  init(graph: Graph, captured: [Tensor]) {
    self.graph = graph
    self.captured = captured
  }
}

/// The arguments of a function taken apart into tensors, and put together again with others in their place.
struct ArgumentList {
  private(set) var trees: [ModelTree] = []

  init(trees: [ModelTree] = []) { self.trees = trees }

  /// All tensors of all arguments, in order.
  var leaves: [ModelTree.Leaf] { trees.flatMap(\.leaves) }

  mutating func append<Argument: Codable>(_ argument: Argument) throws { trees.append(try ModelTree(argument)) }

  /// Both lists, one behind the other.
  static func + (a: ArgumentList, b: ArgumentList) -> ArgumentList { ArgumentList(trees: a.trees + b.trees) }

  /// Some of the arguments.
  subscript(range: Range<Int>) -> ArgumentList { ArgumentList(trees: Array(trees[range])) }

  /// Puts arguments together, one after the other.
  func cursor(_ tensors: [Tensor?]) -> Cursor { Cursor(trees: trees, tensors: tensors) }

  final class Cursor {
    private let trees: [ModelTree]
    private let tensors: [Tensor?]
    private var tree = 0
    private var tensor = 0

    init(trees: [ModelTree], tensors: [Tensor?]) {
      self.trees = trees
      self.tensors = tensors
    }

    /// The last of all tensors.
    var last: Tensor? { tensors.last ?? nil }

    func next<Argument: Codable>(_ type: Argument.Type) throws -> Argument {
      let count = trees[tree].leaves.count
      defer {
        tree += 1
        tensor += count
      }
      return try trees[tree].rebuilt(type, with: Array(tensors[tensor..<tensor + count]))
    }
  }
}
