import Descent
import Testing

@Suite struct OwnOperation {
  /// Rounds to whole numbers; the gradient passes as if it had not.
  func roundedStraightThrough(_ x: Tensor) -> Tensor {
    x + stopGradient(round(x) - x)
  }

  /// The logarithm of the sum of two exponentials, with a derivative of its own.
  func softMaximum(_ x: Tensor, _ y: Tensor) throws -> Tensor {
    try customGradient(x, y) { x, y in
      let value = maximum(x, y) + log1p(exp(-abs(x - y)))
      return (value, sigmoid(x - y))
    } backward: { share, cotangent in
      (cotangent * share, cotangent * (1.0 - share))
    }
  }

  /// The square root, whose derivative is 0 rather than ∞ at 0.
  func safeRoot(_ x: Tensor) throws -> Tensor {
    try customGradient(
      x, value: { x in sqrt(x) },
      tangent: { x, tangent in
        `where`(x .> 0, 0.5 * tangent * rsqrt(maximum(x, 1e-30)), 0.0)
      })
  }

  @Test func composed() throws {
    let x = Tensor([0.4, 1.6])
    #expect(try roundedStraightThrough(x).scalars() == [0, 2])
    #expect(try gradient(at: x) { square(roundedStraightThrough($0)).sum() }.scalars() == [0, 4])
  }

  @Test func ruleForReverseMode() throws {
    let (a, b) = try gradient(at: Tensor(1), Tensor(1)) { x, y in try softMaximum(x, y) }
    #expect(try a.item() == 0.5 && b.item() == 0.5)
  }

  @Test func ruleForTangents() throws {
    let x = Tensor([0, 4])
    #expect(try gradient(at: x) { x in try safeRoot(x).sum() }.scalars() == [0, 0.25])
    let (_, tangent) = try jacobianVectorProduct(at: x, along: Tensor([1, 1])) { x in try safeRoot(x) }
    #expect(try tangent.scalars() == [0, 0.25])
  }
}
