import DescentGraph
import DescentTensors

/// How a point that a user gives, a tensor or any model, is one vector of numbers.
struct PointForm<Point: Codable> {
  private let tree: ModelTree
  /// The leaves that move, with their places in the vector.
  private let moving: [(leaf: Int, type: TensorType, range: Range<Int>)]
  /// How many numbers move.
  let count: Int

  /// Takes a point apart.
  ///
  /// - Throws: `TensorError` where nothing in it can move, or a tensor carries an error or is not bound yet.
  init(_ point: Point, of function: String) throws {
    tree = try ModelTree(point)
    var moving: [(leaf: Int, type: TensorType, range: Range<Int>)] = []
    var count = 0
    for (index, leaf) in tree.leaves.enumerated() {
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
      let types = tree.leaves.prefix(3).compactMap { $0.tensor?.type.description }.joined(separator: ", ")
      throw TensorError(
        function,
        "the start has no floating-point numbers that can move" + (types.isEmpty ? "" : ": it holds \(types)"))
    }
  }

  /// The rounding unit of the coarsest of the tensors.
  var roundingUnit: Double { moving.map { $0.type.elementType.roundingUnit }.max() ?? 0x1p-52 }

  /// The numbers of the point.
  func numbers() throws -> [Double] {
    try moving.flatMap { leaf, _, _ in try tree.leaves[leaf].tensor?.scalars() ?? [] }
  }

  /// The point whose numbers are those of a Float64 vector.
  func point(_ vector: Tensor) throws -> Point {
    var tensors = tree.leaves.map(\.tensor)
    for (leaf, type, range) in moving {
      let part = moving.count == 1 ? vector : vector[range]
      tensors[leaf] = part.reshaped(type.shape).converted(to: type.elementType)
    }
    return try tree.rebuilt(Point.self, with: tensors, identities: tree.leaves.map(\.identity))
  }

  /// The point of numbers.
  func point(_ numbers: [Double]) throws -> Point { try point(Tensor(numbers, shape: [numbers.count], .float64)) }
}
