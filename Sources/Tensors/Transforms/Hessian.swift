import DescentDifferentiation
import DescentGraph

/// The matrix of a function's second derivatives, forward over reverse, in one batched pass.
///
/// - Parameters:
///   - x: Where the derivative is taken, of shape `[…]`.
///   - function: Gives one floating-point number.
/// - Returns: A tensor `[x's shape…, x's shape…]`.
/// - Throws: `TensorError` of a mistake within the function, or where its result is not one floating-point number.
/// - Complexity: the time and memory of as many gradients as `x` has numbers.
public func hessian(at x: Tensor, of function: (Tensor) throws -> Tensor) throws -> Tensor {
  try HessianBlocks(ArgumentList(x)) { inside in try ArgumentList(try function(try inside.next(Tensor.self))) }.blocks[
    0]
}

/// The matrix of a function's second derivatives in several arguments or a model, block by block; see `hessian(at:of:)`.
///
/// ```swift
/// let second = try hessianBlocks(at: model) { model in … }
/// let block = second["hidden.weight", "hidden.bias"]     // [weight's shape…, bias's shape…]
/// ```
///
/// - Throws: `TensorError` of a mistake within the function, or where its result is not one floating-point number.
public func hessianBlocks<each Argument: Codable>(
  at arguments: repeat each Argument, of function: (repeat each Argument) throws -> Tensor
) throws -> HessianBlocks {
  try HessianBlocks(ArgumentList(repeat each arguments)) { inside in
    try ArgumentList(try function(repeat try inside.next((each Argument).self)))
  }
}

/// Second derivatives with respect to each pair of a function's tensors.
public struct HessianBlocks: Sendable {
  /// The names of the tensors: their paths in the model; of several arguments, the argument's number, from 1, in front:
  /// `2.hidden.weight`.
  public let paths: [String]
  /// Row by row, for each two tensors `[row's shape…, column's shape…]`.
  let blocks: [Tensor]

  init(_ arguments: ArgumentList, body: (ArgumentList.Cursor) throws -> ArgumentList) throws {
    let recorded = try RecordedFunction(arguments, reporting: .handedOnToTrainer(in: "hessian"), body: body)
    try recorded.checkMoving("hessian")
    let graph = try derived { () throws(OperationError) in
      try recorded.trace.graph.hessian(parameters: recorded.moving)
    }
    blocks = try recorded.apply(graph)
    let several = arguments.trees.count > 1
    let names = arguments.trees.enumerated().flatMap { number, tree in
      tree.leaves.filter { $0.tensor != nil }.map { leaf in
        several ? "\(number + 1)" + (leaf.path.isEmpty ? "" : ".\(leaf.path)") : leaf.path
      }
    }
    paths = recorded.moving.map { names[$0] }
  }

  /// The block of two tensors, `[row's shape…, column's shape…]`; a tensor that carries an error where there is none.
  public subscript(row: String, column: String) -> Tensor {
    guard let i = paths.firstIndex(of: row), let j = paths.firstIndex(of: column) else {
      let missing = paths.contains(row) ? column : row
      return .failure("hessian", "there is no '\(missing)'; there are \(paths.joined(separator: ", "))")
    }
    return blocks[i * paths.count + j]
  }
}

/// The matrix of a function's second derivatives times a direction, without the matrix: forward over reverse.
///
/// - Parameters:
///   - arguments: Where the derivative is taken: tensors, models, or arrays, dictionaries and optionals of them.
///   - tangents: The direction, in the arguments' form.
///   - function: Gives one floating-point number.
/// - Returns: How fast the gradient changes along the direction, in the arguments' form.
/// - Throws: `TensorError` of a mistake within the function, where its result is not one floating-point number, or where
///   a tangent does not have its argument's form.
/// - Complexity: a small multiple of a gradient's.
public func hessianVectorProduct<each Argument: Codable>(
  at arguments: repeat each Argument, along tangents: repeat each Argument,
  of function: (repeat each Argument) throws -> Tensor
) throws -> (repeat each Argument) {
  let name = "hessianVectorProduct"
  let recorded = try RecordedFunction(ArgumentList(repeat each arguments), reporting: .handedOnToTrainer(in: name)) {
    inside in
    try ArgumentList(try function(repeat try inside.next((each Argument).self)))
  }
  try recorded.checkMoving(name)
  let directions = try recorded.arguments.matched(by: ArgumentList(repeat each tangents), as: "tangent", in: name)
  let graph = try derived { () throws(OperationError) in
    try recorded.trace.graph.hessianVectorProduct(parameters: recorded.moving)
  }
  let outside = recorded.filled(try recorded.apply(graph, and: recorded.moving.map { directions[$0] }))
  return (repeat try outside.next((each Argument).self))
}
