import DescentGraph

/// Eigenvalues at one end of a function's Hessian, with their vectors.
public struct HessianEigenpairs<Argument: Codable> {
  /// The eigenvalues `[count]`, Float64, the outermost first.
  public let values: Tensor
  /// The eigenvectors in the argument's form, of length 1 over all numbers together.
  public let vectors: [Argument]
  /// The lengths of `H v − λ v`, `[count]`, Float64, as the method knows them: no eigenvalue is farther off than that.
  public let residuals: Tensor
}

/// An end of a symmetric matrix' eigenvalues.
public enum SpectrumEnd: String, Codable, Sendable, CaseIterable {
  /// The largest eigenvalues.
  case largest
  /// The smallest eigenvalues: the most negative ones where there are such.
  case smallest
}

/// The largest or smallest eigenvalues of a function's Hessian and their vectors, from products with directions, without the
/// matrix: by Lanczos' method, every direction made orthogonal to all before it.
///
/// ```swift
/// let top = try hessianEigenpairs(at: model, count: 3) { model in softmaxCrossEntropy(model(x), labels) }
/// print(try top.values.scalars())
/// ```
///
/// - Parameters:
///   - argument: Where the derivative is taken: a tensor, a model, or an array, dictionary or optional of them.
///   - count: How many are wanted.
///   - end: Which of them.
///   - steps: The number of products; where there are as many as the argument has numbers, all eigenvalues are found.
///   - seed: The seed of the first direction.
///   - function: Gives one floating-point number.
/// - Throws: `TensorError` of a mistake within the function, where its result is not one floating-point number, or where more are
///   wanted than there are numbers or steps.
/// - Complexity: that of `steps` products, each about two gradients, and O(numbers · steps) memory.
public func hessianEigenpairs<Argument: Codable>(
  at argument: Argument, count: Int = 1, _ end: SpectrumEnd = .largest, steps: Int = 64, seed: UInt64 = 0,
  of function: (Argument) throws -> Tensor
) throws -> HessianEigenpairs<Argument> {
  let name = "hessianEigenpairs"
  let map = try HessianMap(name, ArgumentList(argument)) { inside in
    try ArgumentList(try function(try inside.next(Argument.self)))
  }
  let steps = min(steps, map.vector.count)
  guard (1...max(steps, 1)).contains(count), steps >= 1 else {
    throw TensorError(
      name, "finds 1 to \(max(steps, 0)) eigenvalues in \(steps) steps for \(map.vector.count) numbers, not \(count)")
  }
  let key = RandomKey(seed: seed).split(name)
  let start = key.split("start").normal([map.vector.count]).converted(to: map.vector.elementType)
  let found = try Lanczos(map, from: start, steps: steps, key.split("further"))
  let places = (0..<count).map { end == .largest ? steps - 1 - $0 : $0 }
  let vectors = try places.map { place in
    let weights = found.vectors.sliced(place..<place + 1, axis: 1).reshaped([steps])
    let vector = matmul(weights.converted(to: map.vector.elementType), found.basis)
    return try map.inside(map.vector.parts(of: vector)).next(Argument.self)
  }
  let lasts = places.map { abs(found.vectors[steps - 1, $0]) * found.remainder }
  return HessianEigenpairs(
    values: stacked(places.map { found.values[$0] }), vectors: vectors, residuals: stacked(lasts))
}
