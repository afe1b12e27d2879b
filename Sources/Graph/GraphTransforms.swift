/// What the rules of operations that hold functions need done to those functions.
///
/// The floor that differentiates and batches graphs provides it; rules meet it in their contexts, so that this floor
/// knows what is asked for and not how it is done.
package protocol GraphTransforms: Sendable {
  /// The function with its derivative along a direction.
  ///
  /// - Parameter moving: Which inputs have tangents.
  /// - Returns: A function of the inputs followed by the tangents of the moving ones, which gives the outputs and,
  ///   after them, the tangents of the outputs marked in `moving`; the others' are zero.
  func forward(
    _ body: Body, moving: [Bool]
  ) throws(OperationError) -> (body: Body, moving: [Bool])

  /// The function taken apart into what it computes and the linear map between tangents.
  ///
  /// - Parameters:
  ///   - moving: Which inputs have tangents.
  ///   - isFree: Which inputs are at hand for the linear map without being kept.
  ///   - retention: What may be kept between the two.
  func linearized(
    _ body: Body, moving: [Bool], isFree: [Bool], retention: Retention
  ) throws(OperationError) -> Linearization

  /// The transpose of a function that is linear in some inputs.
  ///
  /// - Parameters:
  ///   - linear: Those inputs.
  ///   - cotangents: Which outputs have cotangents; the others' are zero.
  /// - Returns: A function of the other inputs followed by the cotangents, which gives the cotangents of those
  ///   linear inputs, in order, that are marked in `moving`; the others' are zero.
  func transposed(
    _ body: Body, linear: [Bool], cotangents: [Bool]
  ) throws(OperationError) -> (body: Body, moving: [Bool])

  /// The function with a new axis in front of some inputs.
  ///
  /// - Parameters:
  ///   - size: The size of the axis.
  ///   - isBatched: The inputs that have it.
  ///   - forced: The outputs that must have it.
  /// - Returns: The function, and which of its outputs have the axis.
  func batched(
    _ body: Body, size: Int, isBatched: [Bool], forced: [Bool]
  ) throws(OperationError) -> (body: Body, isBatched: [Bool])
}

/// A function taken apart into what it computes and the linear map from its inputs' tangents to its outputs'.
package struct Linearization: Sendable {
  /// Where a value that the linear map reads comes from.
  package enum Residual: Sendable, Hashable {
    /// An input of the function.
    case input(Int)
    /// An output of `primal`, by its number.
    case kept(Int)
  }

  /// The function, with what it keeps for the linear map after its outputs.
  package let primal: Body
  /// Takes the residuals followed by the tangents of the moving inputs; gives the tangents of those outputs that
  /// are marked in `moving`.
  package let linear: Body
  /// What the linear map reads.
  package let residuals: [Residual]
  /// Which outputs have a tangent that is not zero.
  package let moving: [Bool]
  /// The policy by which the residuals were chosen: the one asked for, or to keep everything where that takes no more.
  package let retention: Retention

  /// Describes a linearization.
  package init(primal: Body, linear: Body, residuals: [Residual], moving: [Bool], retention: Retention) {
    self.primal = primal
    self.linear = linear
    self.residuals = residuals
    self.moving = moving
    self.retention = retention
  }
}
