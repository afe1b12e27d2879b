import DescentGraph
import DescentTensors

/// What a plan is compiled for: where tensors stand in a batch, and of what type they are.
struct BatchForm: Hashable, Sendable {
  private var paths: [String] = []
  private var types: [TensorType] = []

  init(_ tree: ModelTree) {
    for leaf in tree.leaves {
      guard let tensor = leaf.tensor else { continue }
      paths.append(leaf.path)
      types.append(tensor.type)
    }
  }

  static func + (a: BatchForm, b: BatchForm) -> BatchForm {
    var sum = a
    sum.paths += b.paths
    sum.types += b.types
    return sum
  }
}

extension ModelTree {
  /// The tensors' values, computed together.
  ///
  /// - Throws: `TensorError` that a tensor carries.
  func computed() throws -> [Literal] {
    let tensors = leaves.compactMap(\.tensor)
    try evaluate(tensors)
    return try tensors.map { try $0.literal() }
  }
}
