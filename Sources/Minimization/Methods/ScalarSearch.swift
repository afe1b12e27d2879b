import DescentTensors

/// The lowest place of a function of one number within a bracket.
enum ScalarSearch {
  struct Place: Sendable {
    let x: Double
    let value: Double
  }

  /// The golden section's smaller part.
  private static let part = 0.381966011250105

  /// Three places, the middle one the lowest, found by going downhill from a start in growing steps.
  ///
  /// - Returns: `nil` where the value falls without end.
  static func bracket(
    from start: Place, step: Double, _ value: (Double) throws -> Double
  ) throws -> (Place, Place, Place)? {
    func place(_ x: Double) throws -> Place {
      let value = try value(x)
      return Place(x: x, value: value.isNaN ? .infinity : value)
    }
    var (a, b) = (start, try place(start.x + step))
    if b.value > a.value { (a, b) = (b, a) }
    var c = try place(b.x + (b.x - a.x) / 0.618033988749895)
    for _ in 0..<200 where c.value < b.value {
      (a, b) = (b, c)
      c = try place(c.x + 2 * (b.x - a.x))
    }
    return c.value < b.value || !c.x.isFinite ? nil : a.x < c.x ? (a, b, c) : (c, b, a)
  }

  /// Brent's method ("Algorithms for Minimization without Derivatives", 1973): parabolas where they are trusted, the
  /// golden section otherwise.
  ///
  /// - Parameter tolerance: How exact the place is to be, relative to it.
  static func brent(
    _ bracket: (Place, Place, Place), tolerance: Double, limit: Int = 200, _ value: (Double) throws -> Double
  ) throws -> Place {
    var (low, high) = (bracket.0.x, bracket.2.x)
    var best = bracket.1
    var (second, third) = (best, best)
    var (step, before) = (0.0, 0.0)
    for _ in 0..<limit {
      let middle = (low + high) / 2
      let least = tolerance * abs(best.x) + 1e-300 + tolerance * 1e-3
      if abs(best.x - middle) <= 2 * least - (high - low) / 2 { break }
      var isParabola = false
      if abs(before) > least {
        let r = (best.x - second.x) * (best.value - third.value)
        var q = (best.x - third.x) * (best.value - second.value)
        var p = (best.x - third.x) * q - (best.x - second.x) * r
        q = 2 * (q - r)
        if q > 0 { p = -p } else { q = -q }
        if abs(p) < abs(0.5 * q * before), p > q * (low - best.x), p < q * (high - best.x) {
          (before, step) = (step, p / q)
          let x = best.x + step
          if x - low < 2 * least || high - x < 2 * least { step = best.x < middle ? least : -least }
          isParabola = step.isFinite
        }
      }
      if !isParabola {
        before = (best.x < middle ? high : low) - best.x
        step = part * before
      }
      let x = best.x + (abs(step) >= least ? step : step > 0 ? least : -least)
      let found = try value(x)
      let here = Place(x: x, value: found.isNaN ? .infinity : found)
      if here.value <= best.value {
        if here.x >= best.x { low = best.x } else { high = best.x }
        (third, second, best) = (second, best, here)
      } else {
        if here.x < best.x { low = here.x } else { high = here.x }
        if here.value <= second.value || second.x == best.x {
          (third, second) = (second, here)
        } else if here.value <= third.value || third.x == best.x || third.x == second.x {
          third = here
        }
      }
    }
    return best
  }

  /// The golden section: each evaluation shortens the interval by the same factor.
  static func goldenSection(
    _ bracket: (Place, Place, Place), tolerance: Double, limit: Int = 400, _ value: (Double) throws -> Double
  ) throws -> Place {
    func place(_ x: Double) throws -> Place {
      let value = try value(x)
      return Place(x: x, value: value.isNaN ? .infinity : value)
    }
    var (low, high) = (bracket.0.x, bracket.2.x)
    var left = try place(low + part * (high - low))
    var right = try place(high - part * (high - low))
    for _ in 0..<limit where high - low > tolerance * (abs(left.x) + abs(right.x)) + 1e-300 + tolerance * 1e-3 {
      if left.value <= right.value {
        (high, right) = (right.x, left)
        left = try place(low + part * (high - low))
      } else {
        (low, left) = (left.x, right)
        right = try place(high - part * (high - low))
      }
    }
    let inner = left.value <= right.value ? left : right
    return inner.value <= bracket.1.value ? inner : bracket.1
  }
}

/// Brent's method or the golden section for one number.
struct ScalarMethod: MethodState {
  static let needsGradient = false
  let isGolden: Bool

  init(count: Int, isGolden: Bool) throws {
    guard count == 1 else {
      throw TensorError(
        isGolden ? "goldenSection" : "brent", "\(count) parameters, where exactly 1 is moved; use .powell() for several"
      )
    }
    self.isGolden = isGolden
  }

  mutating func step(from current: Evaluation, _ function: PointFunction) throws -> MethodStep {
    func value(_ x: Double) throws -> Double { try function.value(at: function.region.project([x])) }
    let start = ScalarSearch.Place(x: current.point[0], value: current.value)
    guard let bracket = try ScalarSearch.bracket(from: start, step: 0.1 * max(abs(start.x), 1), value) else {
      return .finished(current, .unbounded)
    }
    // A minimum is no better known than to the square root of the value's precision.
    let tolerance = 0.5 * function.roundingUnit.squareRoot()
    let found =
      isGolden
      ? try ScalarSearch.goldenSection(bracket, tolerance: tolerance, value)
      : try ScalarSearch.brent(bracket, tolerance: tolerance, value)
    return .finished(Evaluation(point: function.region.project([found.x]), value: found.value), .pointChange)
  }
}
