import DescentGraph
import DescentTensors

/// How a point that a user gives, tensors or models, is one vector of numbers.
package struct PointForm {
  private let list: ArgumentList
  private let leaves: [ModelTree.Leaf]
  /// The leaves that move, with their places in the vector.
  private let moving: [(leaf: Int, type: TensorType, range: Range<Int>)]
  /// How many numbers move.
  package let count: Int

  /// Takes a point apart.
  ///
  /// - Throws: `TensorError` where nothing in it can move, or a tensor carries an error or is not bound yet.
  package init(_ list: ArgumentList, of function: String) throws {
    self.list = list
    leaves = list.leaves
    var moving: [(leaf: Int, type: TensorType, range: Range<Int>)] = []
    var count = 0
    for (index, leaf) in leaves.enumerated() {
      if let error = leaf.tensor?.error { throw error }
      guard leaf.isTrained else { continue }
      guard let tensor = leaf.tensor else {
        throw TensorError(function, "the parameter \(leaf.path) has no value yet; bind the model to an example first")
      }
      moving.append((index, tensor.type, count..<count + tensor.count))
      count += tensor.count
    }
    self.moving = moving
    self.count = count
    guard count > 0 else {
      let types = leaves.prefix(3).compactMap { $0.tensor?.type.description }.joined(separator: ", ")
      throw TensorError(
        function,
        "the start has no floating-point numbers that can move" + (types.isEmpty ? "" : ": it holds \(types)"))
    }
  }

  /// The path of each parameter that moves, and where its numbers stand.
  var places: [(path: String, range: Range<Int>)] { moving.map { (leaves[$0.leaf].path, $0.range) } }

  /// The rounding unit of the coarsest of the tensors.
  var roundingUnit: Double { moving.map { $0.type.elementType.roundingUnit }.max() ?? 0x1p-52 }

  /// The tensors that move, end to end, as one vector.
  func vector() -> Tensor {
    let parts = moving.compactMap { leaf, _, range in
      leaves[leaf].tensor?.reshaped([range.count]).converted(to: .float64)
    }
    return parts.count == 1 ? parts[0] : concatenated(parts, axis: 0)
  }

  /// What each number is called: its tensor's path and its place there, such as `dense.weight[0, 3]`.
  var names: [String] {
    moving.flatMap { leaf, type, range -> [String] in
      let path = leaves[leaf].path
      let sizes = type.shape.sizes
      guard !sizes.isEmpty else { return [path.isEmpty ? "[\(range.lowerBound)]" : path] }
      return (0..<range.count).map { index in
        var (rest, place) = (index, [Int]())
        for size in sizes.reversed() {
          place.insert(rest % size, at: 0)
          rest /= size
        }
        return path + "[" + place.map(String.init).joined(separator: ", ") + "]"
      }
    }
  }

  /// Whether a tensor that moves is an argument of a function being recorded.
  var isSymbolic: Bool { moving.contains { leaves[$0.leaf].tensor?.isSymbolic == true } }

  /// Whether another point has parameters of the same types at the same places.
  func isLike(_ other: PointForm) -> Bool {
    moving.map(\.type) == other.moving.map(\.type) && places.map(\.path) == other.places.map(\.path)
  }

  /// The numbers of the point.
  package func numbers() throws -> [Double] {
    try moving.flatMap { leaf, _, _ in try leaves[leaf].tensor?.scalars() ?? [] }
  }

  /// The point whose numbers are those of a Float64 vector, ready to be put together.
  package func cursor(_ vector: Tensor) -> ArgumentList.Cursor {
    var tensors = leaves.map(\.tensor)
    for (leaf, type, range) in moving {
      let part = moving.count == 1 ? vector : vector[range]
      tensors[leaf] = part.reshaped(type.shape).converted(to: type.elementType)
    }
    return list.cursor(tensors, identities: leaves.map(\.identity))
  }

  /// The point of numbers, ready to be put together.
  package func cursor(_ numbers: [Double]) -> ArgumentList.Cursor {
    cursor(Tensor(numbers, shape: [numbers.count], .float64))
  }
}

extension ElementType {
  /// The distance from 1 to the next number.
  var roundingUnit: Double {
    switch self {
    case .float32: 0x1p-23
    case .float16: 0x1p-10
    case .bfloat16: 0x1p-7
    default: 0x1p-52
    }
  }
}
