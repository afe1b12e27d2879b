import DescentGraph

/// The trace of a function's Hessian, estimated from products with random signs, without the matrix.
///
/// With `v` of random signs the mean of `vᵀ H v` is the trace. Source: Hutchinson, "A stochastic estimator of the trace of the
/// influence matrix for Laplacian smoothing splines", 1989.
///
/// - Parameters:
///   - arguments: Where the derivative is taken: tensors, models, or arrays, dictionaries and optionals of them.
///   - samples: The number of products.
///   - seed: The seed of the signs.
///   - function: Gives one floating-point number.
/// - Returns: The estimate and its standard error, Float64 scalars. The error of one sample is not known, and NaN.
/// - Throws: `TensorError` of a mistake within the function, where its result is not one floating-point number, or of fewer than
///   one sample.
/// - Complexity: that of `samples` products, each about two gradients.
public func hessianTrace<each Argument: Codable>(
  at arguments: repeat each Argument, samples: Int = 32, seed: UInt64 = 0,
  of function: (repeat each Argument) throws -> Tensor
) throws -> (trace: Tensor, standardError: Tensor) {
  let map = try HessianMap("hessianTrace", ArgumentList(repeat each arguments)) { inside in
    try ArgumentList(try function(repeat try inside.next((each Argument).self)))
  }
  guard samples >= 1 else { throw TensorError("hessianTrace", "takes at least 1 sample, found \(samples)") }
  let keys = RandomKey(seed: seed).split("hessianTrace").series(samples)
  let (_, values) = try scan(over: keys, from: Tensor(0)) { (state: Tensor, words: Tensor) -> (Tensor, Tensor) in
    let signs = map.vector.signs(RandomKey(words: words))
    return (state, (signs * (try map(signs))).converted(to: .float64).sum())
  }
  let mean = values.mean()
  let spread = square(values - mean).sum() / Double(samples - 1)
  return (mean, sqrt(spread / Double(samples)))
}

/// The diagonal of a function's Hessian, estimated from products with random signs, without the matrix.
///
/// With `v` of random signs the mean of `v ⊙ H v` is the diagonal. What an element is off by has the standard deviation
/// `√(Σ Hᵢⱼ² / samples)` over the row's other elements. Source: Bekas, Kokiopoulou and Saad, "An estimator for the diagonal of a
/// matrix", 2007.
///
/// - Parameters:
///   - arguments: Where the derivative is taken: tensors, models, or arrays, dictionaries and optionals of them.
///   - samples: The number of products.
///   - seed: The seed of the signs.
///   - function: Gives one floating-point number.
/// - Returns: The estimate, in the arguments' form; zeros in place of what cannot move.
/// - Throws: `TensorError` of a mistake within the function, where its result is not one floating-point number, or of fewer than
///   one sample.
/// - Complexity: that of `samples` products, each about two gradients.
public func hessianDiagonal<each Argument: Codable>(
  at arguments: repeat each Argument, samples: Int = 32, seed: UInt64 = 0,
  of function: (repeat each Argument) throws -> Tensor
) throws -> (repeat each Argument) {
  let map = try HessianMap("hessianDiagonal", ArgumentList(repeat each arguments)) { inside in
    try ArgumentList(try function(repeat try inside.next((each Argument).self)))
  }
  guard samples >= 1 else { throw TensorError("hessianDiagonal", "takes at least 1 sample, found \(samples)") }
  let vector = map.vector
  let keys = RandomKey(seed: seed).split("hessianDiagonal").series(samples)
  let start = Tensor(zeros: [vector.count], vector.elementType)
  let (sum, _) = try scan(over: keys, from: start) { (sum: Tensor, words: Tensor) -> (Tensor, Tensor) in
    let signs = vector.signs(RandomKey(words: words))
    return (sum + signs * (try map(signs)), Tensor(0))
  }
  let outside = map.inside(vector.parts(of: sum * (1 / Double(samples))))
  return (repeat try outside.next((each Argument).self))
}
