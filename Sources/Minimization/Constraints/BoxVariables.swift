import Foundation

/// A function on a box in variables of which the box is an image, for methods that know no bounds: a number between two
/// bounds is a sine, one above or below a bound a hyperbola.
///
/// Source: James and Winkler, "MINUIT User's Guide", 2004, section 1.2.
final class BoxVariables: Objective {
  private let inner: any Objective
  private let box: Box
  /// Where the gradient was asked for last.
  private var recent: [(z: [Double], gradient: [Double])] = []
  /// As many as one line search may try.
  private static let mostRecent = 64

  init(_ inner: any Objective, in box: Box) { (self.inner, self.box) = (inner, box) }

  var count: Int { inner.count }
  var roundingUnit: Double { inner.roundingUnit }
  var isCanceled: Bool { inner.isCanceled }

  /// The point of variables, with its first and second derivatives.
  private func image(_ z: Double, _ index: Int) -> (x: Double, slope: Double, bend: Double) {
    let (low, high) = (box.lower[index], box.upper[index])
    switch (low > -.infinity, high < .infinity) {
    case (false, false): return (z, 1, 0)
    case (true, true):
      if low == high { return (low, 0, 0) }
      let half = (high - low) / 2
      return (min(max(low + half * (sin(z) + 1), low), high), half * cos(z), -half * sin(z))
    case (true, false):
      let root = (z * z + 1).squareRoot()
      // z² / (√(z² + 1) + 1) is √(z² + 1) − 1 without cancellation.
      return (low + z * z / (root + 1), z / root, 1 / (root * root * root))
    case (false, true):
      let root = (z * z + 1).squareRoot()
      return (high - z * z / (root + 1), -z / root, -1 / (root * root * root))
    }
  }

  /// The variables of a point; one at a bound is moved a little inside, since its variable would not move there.
  ///
  /// - Parameter insets: How far inside, as a share of the box's width, or of the bound's size where one side is open.
  func variables(of x: [Double], insets: [Double]) -> [Double] {
    x.indices.map { index in
      let inset = insets[index]
      let (low, high) = (box.lower[index], box.upper[index])
      switch (low > -.infinity, high < .infinity) {
      case (false, false): return x[index]
      case (true, true):
        if low == high { return 0 }
        let share = min(max((x[index] - low) / (high - low), inset), 1 - inset)
        return asin(2 * share - 1)
      case (true, false):
        let height = max(x[index] - low, inset * max(abs(low), 1))
        return (height * (height + 2)).squareRoot()
      case (false, true):
        let depth = max(high - x[index], inset * max(abs(high), 1))
        return (depth * (depth + 2)).squareRoot()
      }
    }
  }

  private func images(_ z: [Double]) -> [(x: Double, slope: Double, bend: Double)] {
    z.indices.map { image(z[$0], $0) }
  }

  func value(at z: [Double]) throws -> Double { try inner.value(at: images(z).map(\.x)) }

  func evaluate(at z: [Double]) throws -> Evaluation {
    let images = images(z)
    let there = try inner.evaluate(at: images.map(\.x))
    if recent.count == Self.mostRecent { recent.removeFirst() }
    recent.append((z, there.gradient))
    return Evaluation(
      point: z, value: there.value, gradient: zip(there.gradient, images).map { $0 * $1.slope },
      outside: Evaluation.Outside(point: there.point, gradient: there.gradient))
  }

  func hessianProduct(at z: [Double], _ vector: [Double]) throws -> [Double] {
    let images = images(z)
    let x = images.map(\.x)
    let gradient = try slopes(at: z, x)
    let product = try inner.hessianProduct(at: x, zip(vector, images).map { $0 * $1.slope })
    return z.indices.map { product[$0] * images[$0].slope + gradient[$0] * images[$0].bend * vector[$0] }
  }

  func hessian(at z: [Double]) throws -> [Double] {
    let images = images(z)
    let x = images.map(\.x)
    let gradient = try slopes(at: z, x)
    var matrix = try inner.hessian(at: x)
    for row in 0..<count {
      for column in 0..<count { matrix[row * count + column] *= images[row].slope * images[column].slope }
      matrix[row * count + row] += gradient[row] * images[row].bend
    }
    return matrix
  }

  /// The gradient in the point's own numbers. A method asks for second derivatives where it has been before.
  private func slopes(at z: [Double], _ x: [Double]) throws -> [Double] {
    if let known = recent.last(where: { $0.z == z }) { return known.gradient }
    return try inner.evaluate(at: x).gradient
  }
}
