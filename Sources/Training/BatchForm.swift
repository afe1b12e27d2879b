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

extension Tensor {
  /// The only element of a result.
  ///
  /// - Throws: `TensorError` where there is not exactly one.
  func number() throws -> Double {
    // Read where it lies: `item` converts by a plan, which takes longer than many a step.
    guard count == 1, elementType == .float32 else { return try item() }
    return Double(try literal().buffer.pointer.load(as: Float.self))
  }
}
