import DescentGraph
import DescentTensors

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
