import DescentDifferentiation
import DescentGraph

/// The matrix of a function's second derivatives as a linear map of directions. What does not depend on the direction is computed
/// once.
struct HessianMap {
  private let recorded: RecordedFunction
  private let known: [Tensor]
  private let rest: Graph
  /// What moves, all its numbers in one vector.
  let vector: FlatVector

  /// - Parameters:
  ///   - name: The function that asks for it.
  ///   - arguments: Where the derivative is taken.
  ///   - body: Gives one floating-point number.
  init(_ name: String, _ arguments: ArgumentList, body: (ArgumentList.Cursor) throws -> ArgumentList) throws {
    let recorded = try RecordedFunction(arguments, reporting: .handedOnToTrainer(in: name), body: body)
    try recorded.checkMoving(name)
    let (first, rest) = try derived { () throws(OperationError) in
      let graph = try recorded.trace.graph.hessianVectorProduct(parameters: recorded.moving)
      let (first, rest) = try graph.split(later: Array(recorded.inputs.count..<graph.inputs.count))
      return (first, rest.removingDeadNodes())
    }
    known = try recorded.apply(first)
    (self.recorded, self.rest) = (recorded, rest)
    let tensors = recorded.arguments.tensors
    vector = FlatVector(recorded.moving.map { tensors[$0].type })
    guard vector.count > 0 else { throw TensorError(name, "the arguments have no numbers") }
  }

  /// The product with a direction: a tensor for each that moves.
  func callAsFunction(_ direction: [Tensor]) throws -> [Tensor] { try rest.apply(to: known + direction) }

  /// The product with a direction that is one vector, in the vector's type.
  func callAsFunction(_ direction: Tensor) throws -> Tensor { vector.joined(try self(vector.parts(of: direction))) }

  /// The arguments' form with other tensors in place of those that move, and zeros in place of the others.
  func inside(_ tensors: [Tensor]) -> ArgumentList.Cursor { recorded.filled(tensors) }
}

/// Tensors as one vector of all their numbers.
struct FlatVector {
  private let types: [TensorType]
  /// The number of elements.
  let count: Int
  /// Float64 where one of the tensors is, else Float32.
  let elementType: ElementType

  init(_ types: [TensorType]) {
    self.types = types
    count = types.reduce(0) { $0 + $1.shape.count }
    elementType = types.contains { $0.elementType == .float64 } ? .float64 : .float32
  }

  /// The vector of all tensors' numbers.
  func joined(_ tensors: [Tensor]) -> Tensor {
    concatenated(tensors.map { $0.reshaped([$0.count]).converted(to: elementType) })
  }

  /// The tensors that a vector is made of, in their own types.
  func parts(of vector: Tensor) -> [Tensor] {
    var first = 0
    return types.map { type in
      defer { first += type.shape.count }
      return vector.sliced(first..<first + type.shape.count).reshaped(type.shape).converted(to: type.elementType)
    }
  }

  /// Random signs, 1 or −1.
  func signs(_ key: RandomKey) -> Tensor {
    let isPositive = key.bernoulli([count], probability: 0.5)
    return `where`(isPositive, Tensor(1, elementType), Tensor(-1, elementType))
  }
}

extension RandomKey {
  /// The words of so many keys, `[count, 2]`, for loops that walk along them.
  func series(_ count: Int) -> Tensor { stacked((0..<count).map { split($0).words }) }
}
