/// Bounds of numbers.
struct Box: Sendable {
  let lower: [Double]
  let upper: [Double]

  init(lower: [Double], upper: [Double]) { (self.lower, self.upper) = (lower, upper) }

  /// No bounds for so many numbers.
  init(unbounded count: Int) {
    self.init(
      lower: [Double](repeating: -.infinity, count: count), upper: [Double](repeating: .infinity, count: count))
  }

  func contains(_ value: Double, at index: Int) -> Bool { value >= lower[index] && value <= upper[index] }

  func clamped(_ value: Double, at index: Int) -> Double { min(max(value, lower[index]), upper[index]) }

  func clamped(_ point: [Double]) -> [Double] { point.indices.map { clamped(point[$0], at: $0) } }

  /// The numbers that can follow the negative gradient: those not at a bound that it leads out of.
  func free(_ point: [Double], _ gradient: [Double]) -> [Int] {
    point.indices.filter { index in
      !(point[index] <= lower[index] && gradient[index] > 0 || point[index] >= upper[index] && gradient[index] < 0)
        && lower[index] < upper[index]
    }
  }

  /// The share of a step that stays within the bounds.
  func share(of step: [Double], from point: [Double]) -> Double {
    step.indices.reduce(1) { share, index in
      let room = step[index] > 0 ? upper[index] - point[index] : lower[index] - point[index]
      return step[index] == 0 ? share : min(share, max(room / step[index], 0))
    }
  }
}
