/// Nelder and Mead's simplex with the factors of Gao and Han, "Implementing the Nelder-Mead simplex algorithm with adaptive
/// parameters", 2012, which suit many dimensions.
struct NelderMead: MethodState {
  static let needsGradient = false
  let size: Double
  /// From the lowest to the highest.
  private var corners: [Evaluation] = []

  init(size: Double) { self.size = size }

  mutating func step(from current: Evaluation, _ function: PointFunction) throws -> MethodStep {
    let count = function.count
    if corners.isEmpty { try begin(at: current, function) }
    let dimension = Double(max(count, 2))
    let (expansion, contraction, shrinking) = (1 + 2 / dimension, 0.75 - 1 / (2 * dimension), 1 - 1 / dimension)
    let worst = corners[count]
    var center = [Double](repeating: 0, count: count)
    for corner in corners.dropLast() { add(1 / Double(count), corner.point, to: &center) }
    let away = difference(center, worst.point)
    func at(_ factor: Double) throws -> Evaluation {
      let point = function.region.project(sum(center, factor, away))
      return Evaluation(point: point, value: Self.height(try function.value(at: point)))
    }

    let reflected = try at(1)
    if reflected.value < corners[0].value {
      let expanded = try at(expansion)
      replaceWorst(expanded.value < reflected.value ? expanded : reflected)
    } else if reflected.value < corners[max(count - 1, 0)].value {
      replaceWorst(reflected)
    } else {
      let isOutside = reflected.value < worst.value
      let contracted = try at(isOutside ? contraction : -contraction)
      if contracted.value < min(reflected.value, worst.value) || isOutside && contracted.value == reflected.value {
        replaceWorst(contracted)
      } else {
        for index in 1...count {
          let point = sum(corners[0].point, shrinking, difference(corners[index].point, corners[0].point))
          corners[index] = Evaluation(point: point, value: Self.height(try function.value(at: point)))
        }
        corners.sort { $0.value < $1.value }
      }
    }
    let best = corners[0]
    let spread = corners[count].value - best.value
    let extent = corners.dropFirst().map { largestMagnitude(difference($0.point, best.point)) }.max() ?? 0
    let isFlat = spread <= 4 * function.roundingUnit * max(abs(best.value), .leastNormalMagnitude)
    if extent <= 1e-10 * max(largestMagnitude(best.point), 1), isFlat || spread <= 1e-14 {
      return .finished(best, .pointChange)
    }
    if extent <= 4 * 0x1p-52 * max(largestMagnitude(best.point), 1e-300) { return .finished(best, .pointChange) }
    return .moved(best)
  }

  /// What is not a number is a wall.
  private static func height(_ value: Double) -> Double { value.isNaN ? .infinity : value }

  private mutating func begin(at start: Evaluation, _ function: PointFunction) throws {
    corners = [start]
    for index in 0..<function.count {
      var point = start.point
      let length = size * max(abs(point[index]), 1)
      point[index] += length
      let inside = function.region.project(point)
      // At a bound the simplex lies on its other side.
      if inside[index] == start.point[index] { point[index] -= 2 * length }
      point = function.region.project(point)
      corners.append(Evaluation(point: point, value: Self.height(try function.value(at: point))))
    }
    corners.sort { $0.value < $1.value }
  }

  private mutating func replaceWorst(_ corner: Evaluation) {
    corners.removeLast()
    let place = corners.firstIndex { corner.value < $0.value } ?? corners.count
    corners.insert(corner, at: place)
  }
}
