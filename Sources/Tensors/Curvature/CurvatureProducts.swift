import DescentGraph

/// The Gauss–Newton matrix of a loss of a model's outputs times a direction, without the matrix: `Jᵀ H J v` with the Jacobian J of the
/// outputs and the Hessian H of the loss with respect to them.
///
/// It is what is left of the Hessian where the model's own second derivatives are left out, and has no negative eigenvalues
/// where the loss is convex in the outputs. For losses that are the negative logarithm of a probability whose natural parameters the
/// outputs are, such as ``softmaxCrossEntropy(_:_:)`` and ``meanSquaredError(_:_:)``, it is the Fisher information as well. Source:
/// Schraudolph, "Fast curvature matrix-vector products for second-order gradient descent", 2002.
///
/// ```swift
/// let product = try gaussNewtonProduct(at: model, along: direction) { model in
///   model(x)
/// } loss: { outputs in
///   softmaxCrossEntropy(outputs, labels)
/// }
/// ```
///
/// - Parameters:
///   - arguments: Where the derivative is taken: tensors, models, or arrays, dictionaries and optionals of them.
///   - tangents: The direction, in the arguments' form.
///   - outputs: Gives the model's outputs: a tensor, or anything that holds tensors.
///   - loss: Gives one floating-point number of the outputs.
/// - Returns: The product, in the arguments' form.
/// - Throws: `TensorError` of a mistake within a function, where the loss is not one floating-point number, or where a tangent
///   does not have its argument's form.
/// - Complexity: about that of two gradients.
public func gaussNewtonProduct<each Argument: Codable, Output: Codable>(
  at arguments: repeat each Argument, along tangents: repeat each Argument,
  of outputs: (repeat each Argument) throws -> Output, loss: (Output) throws -> Tensor
) throws -> (repeat each Argument) {
  try told(by: "gaussNewtonProduct") {
    let (value, tangent) = try jacobianVectorProduct(
      at: repeat each arguments, along: repeat each tangents, of: outputs)
    let curved: Output = try hessianVectorProduct(at: value, along: tangent) { outputs in try loss(outputs) }
    return try vectorJacobianProduct(at: repeat each arguments, cotangent: curved, of: outputs).cotangents
  }
}

/// The Fisher information of examples times a direction, without the matrix: the mean of `g gᵀ v` over the gradients g of the losses of
/// examples.
///
/// With targets that are drawn from what the model predicts it is an unbiased estimate of the Fisher information; with those of the
/// data it is what is called the empirical one. Source: Kunstner, Balles and Hennig, "Limitations of the empirical Fisher
/// approximation for natural gradient descent", 2019.
///
/// - Parameters:
///   - arguments: Where the derivative is taken: tensors, models, or arrays, dictionaries and optionals of them.
///   - tangents: The direction, in the arguments' form.
///   - losses: Gives the losses of examples `[…]`, as `softmaxCrossEntropy(_:_:reduction: .none)` does.
/// - Returns: The product, in the arguments' form.
/// - Throws: `TensorError` of a mistake within the function, or where a tangent does not have its argument's form.
/// - Complexity: about that of two gradients of the losses' sum.
public func fisherProduct<each Argument: Codable>(
  at arguments: repeat each Argument, along tangents: repeat each Argument,
  of losses: (repeat each Argument) throws -> Tensor
) throws -> (repeat each Argument) {
  try told(by: "fisherProduct") {
    let slopes = try jacobianVectorProduct(at: repeat each arguments, along: repeat each tangents, of: losses).tangent
    let mean = slopes * (1 / Double(max(slopes.count, 1)))
    return try vectorJacobianProduct(at: repeat each arguments, cotangent: mean, of: losses).cotangents
  }
}

/// Does what other transforms are made of: their mistakes are told by the name of the function that was called.
private func told<Result>(by name: String, _ body: () throws -> Result) throws -> Result {
  do { return try body() } catch let error as TensorError {
    let parts = ["jacobianVectorProduct", "hessianVectorProduct", "vectorJacobianProduct"]
    throw parts.contains(error.operation) ? TensorError(error, of: name) : error
  }
}
