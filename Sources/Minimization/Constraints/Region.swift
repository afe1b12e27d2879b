import DescentPlotting
import DescentTensors

/// A set for a point of so many numbers, with its nearest points.
enum Region: Sendable {
  case everywhere
  case box(Box)
  case simplex(total: Double)
  case ball(radius: Double, center: [Double])
  case halfSpace(normal: [Double], offset: Double)

  /// Fits a set to a point.
  ///
  /// - Parameters:
  ///   - places: The path of each parameter and where its numbers stand.
  ///   - names: What each number is called, where numbers have names.
  /// - Throws: `TensorError` where the set is empty, or made for another number of numbers.
  init(
    _ set: FeasibleSet, count: Int, places: [(path: String, range: Range<Int>)],
    names: @autoclosure () -> [String] = [], of name: String
  ) throws {
    func checked(_ numbers: [Double], _ what: String) throws -> [Double] {
      guard numbers.count == count || numbers.count == 1 else {
        throw TensorError(name, "\(what) has \(numbers.count) numbers, the point \(count)")
      }
      if let place = numbers.firstIndex(where: \.isNaN) { throw TensorError(name, "\(what) holds NaN at \(place)") }
      return numbers.count == count ? numbers : [Double](repeating: numbers[0], count: count)
    }
    switch set.kind {
    case .everywhere: self = .everywhere
    case .failed(let error): throw error
    case .box(let lower, let upper):
      self = try Self.box(
        try checked(lower, "the lower bound"), try checked(upper, "the upper bound"), names, of: name)
    case .boxes(let ranges):
      var lower = [Double](repeating: -.infinity, count: count)
      var upper = [Double](repeating: .infinity, count: count)
      for (path, range) in ranges.sorted(by: { $0.key < $1.key }) {
        let within = places.filter { $0.path.isPath(within: path) }
        guard !within.isEmpty else {
          let known = places.prefix(4).map(\.path).joined(separator: ", ")
          throw TensorError(name, "there are bounds for '\(path)', and no such parameter; there are \(known)")
        }
        for place in within.map(\.range).joined() {
          lower[place] = max(lower[place], range.lowerBound)
          upper[place] = min(upper[place], range.upperBound)
        }
      }
      self = try Self.box(lower, upper, names, of: name)
    case .simplex(let total):
      guard total > 0, total.isFinite else {
        throw TensorError(name, "a simplex of the total \(total), where more than 0 is needed")
      }
      self = .simplex(total: total)
    case .ball(let radius, let center):
      guard radius > 0 else { throw TensorError(name, "a ball of the radius \(radius), where more than 0 is needed") }
      self = .ball(radius: radius, center: try checked(center.isEmpty ? [0] : center, "the center"))
    case .halfSpace(let normal, let offset):
      guard normal.count == count, isFinite(normal), norm(normal) > 0, offset.isFinite else {
        throw TensorError(
          name,
          "a half-space with the normal \(NumberText.point(normal)), where \(count) numbers, not all 0, are needed")
      }
      self = .halfSpace(normal: normal, offset: offset)
    }
  }

  private static func box(
    _ lower: [Double], _ upper: [Double], _ names: () -> [String], of name: String
  ) throws -> Region {
    for index in lower.indices
    where !(lower[index] <= upper[index]) || lower[index] == .infinity
      || upper[index] == -.infinity
    {
      let known = names()
      throw TensorError(
        name,
        "contradictory bounds: \(index < known.count ? known[index] : "number \(index)") is to lie between \(lower[index]) and \(upper[index])"
      )
    }
    let isOpen = lower.allSatisfy { $0 == -.infinity } && upper.allSatisfy { $0 == .infinity }
    return isOpen ? .everywhere : .box(Box(lower: lower, upper: upper))
  }

  var isEverywhere: Bool { if case .everywhere = self { true } else { false } }

  /// The bounds, where the set is a box.
  var box: Box? { if case .box(let box) = self { box } else { nil } }

  /// The nearest point within.
  func project(_ x: [Double]) -> [Double] {
    switch self {
    case .everywhere: return x
    case .box(let box): return box.clamped(x)
    case .simplex(let total): return Self.onSimplex(x, total)
    case .ball(let radius, let center):
      let from = difference(x, center)
      let distance = norm(from)
      return distance <= radius ? x : sum(center, radius / distance, from)
    case .halfSpace(let normal, let offset):
      let excess = dot(normal, x) - offset
      return excess <= 0 ? x : sum(x, -excess / dot(normal, normal), normal)
    }
  }

  /// Duchi, Shalev-Shwartz, Singer and Chandra, "Efficient projections onto the ℓ1-ball for learning in high dimensions",
  /// 2008: all numbers fall by the same amount, and none below zero.
  private static func onSimplex(_ x: [Double], _ total: Double) -> [Double] {
    var (sum, shift) = (0.0, 0.0)
    for (index, value) in x.sorted(by: >).enumerated() {
      sum += value
      let candidate = (sum - total) / Double(index + 1)
      if value > candidate { shift = candidate }
    }
    return x.map { max($0 - shift, 0) }
  }

  /// The largest magnitude in what a step along the negative gradient changes within the set: 0 at a minimum.
  func stationarity(at x: [Double], _ gradient: [Double]) -> Double {
    if isEverywhere { return largestMagnitude(gradient) }
    if gradient.contains(where: \.isNaN) { return .nan }
    return largestMagnitude(difference(project(difference(x, gradient)), x))
  }
}
