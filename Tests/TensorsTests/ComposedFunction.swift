import DescentTensors
import Testing

/// A function composed of operations, beside what it should be and where that is tried.
struct ComposedFunction: Sendable, CustomTestStringConvertible {
  let name: String
  let function: @Sendable (Tensor) -> Tensor
  let reference: @Sendable (Double) -> Double
  let points: [Double]
  /// Where the value alone is tried, because differences say little of the derivative.
  var steepPoints: [Double] = []
  /// How many roundings of its type the result may be away, for each of the two types.
  var roundings = 8.0

  var testDescription: String { name }

  /// Values in both types agree with the reference; first derivatives with differences of the reference, and second
  /// ones with differences of the first.
  func check() throws {
    try checkValues()
    let (slopes, curvatures) = (try derivative(points), try secondDerivative(points))
    for (index, x) in points.enumerated() {
      let step = 1e-5 * max(x.magnitude, 1e-3)
      let slope = (reference(x + step) - reference(x - step)) / (2 * step)
      #expect(agrees(slopes[index], slope, 1e-6), "\(name)'(\(x)) = \(slopes[index]), differences say \(slope)")
      let ends = try derivative([x - step, x + step])
      let curvature = (ends[1] - ends[0]) / (2 * step)
      #expect(
        agrees(curvatures[index], curvature, 1e-5 + 1e-10 / step),
        "\(name)''(\(x)) = \(curvatures[index]), differences say \(curvature)")
    }
  }

  private func checkValues() throws {
    let points = points + steepPoints
    let wide = try function(Tensor(points, .float64)).scalars()
    for (x, found) in zip(points, wide) { check(x, found, reference(x), 0x1p-53, .leastNormalMagnitude) }
    let narrow = points.map { Double(Float($0)) }
    for (x, found) in zip(narrow, try function(Tensor(narrow, .float32)).scalars()) {
      check(x, found, Double(Float(reference(x))), 0x1p-24, 0x1p-126)
    }
  }

  private func check(_ x: Double, _ found: Double, _ wanted: Double, _ rounding: Double, _ least: Double) {
    let isSame = found == wanted || (found.isNaN && wanted.isNaN)
    let allowed = roundings * rounding * wanted.magnitude + least
    #expect(isSame || (found - wanted).magnitude <= allowed, "\(name)(\(x)) = \(found) instead of \(wanted)")
  }

  private func derivative(_ points: [Double]) throws -> [Double] {
    try gradient(at: Tensor(points, .float64)) { function($0).sum() }.scalars()
  }

  private func secondDerivative(_ points: [Double]) throws -> [Double] {
    try gradient(at: Tensor(points, .float64)) { x in try gradient(at: x) { function($0).sum() }.sum() }.scalars()
  }

  private func agrees(_ found: Double, _ wanted: Double, _ tolerance: Double) -> Bool {
    (found - wanted).magnitude <= tolerance * max(1, wanted.magnitude)
  }
}
