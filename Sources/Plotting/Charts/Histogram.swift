import DescentTensors
import Foundation

/// Numbers counted in intervals of equal width.
struct Histogram: Sendable {
  /// The ends of the intervals, one more than there are counts.
  let edges: [Double]
  let counts: [Int]

  /// The narrowest range whose intervals have a width above zero.
  private static let least = 1e-300

  init(_ values: [Double], bins: Int?, range: ClosedRange<Double>?) throws {
    let finite = values.filter(\.isDrawable).sorted()
    if let bins, !(1...10_000).contains(bins) {
      throw TensorError("histogram", "\(bins) intervals, where 1 to 10000 are possible")
    }
    if let range,
      !range.lowerBound.isDrawable || !range.upperBound.isDrawable || range.upperBound - range.lowerBound < Self.least
    {
      throw TensorError("histogram", "the range \(range) is empty or not finite")
    }
    var low = range?.lowerBound ?? finite.first ?? 0
    var high = range?.upperBound ?? finite.last ?? 1
    if high - low < Self.least {
      let room = max(abs(low) * 1e-3, 0.5)
      (low, high) = (low - room, high + room)
    }
    let count = bins ?? Self.freedmanDiaconis(finite, span: high - low)
    let width = (high - low) / Double(count)
    edges = (0...count).map { $0 == count ? high : low + Double($0) * width }
    var counts = [Int](repeating: 0, count: count)
    for value in finite where value >= low && value <= high {
      // The last interval has its upper end.
      counts[min(Int((value - low) / width), count - 1)] += 1
    }
    self.counts = counts
  }

  /// Intervals as wide as twice the distance between the quartiles over the cube root of the count.
  private static func freedmanDiaconis(_ sorted: [Double], span: Double) -> Int {
    guard sorted.count > 1 else { return 5 }
    let middle = sorted[sorted.count * 3 / 4] - sorted[sorted.count / 4]
    let count = span / (2 * middle / cbrt(Double(sorted.count)))
    return count.isFinite ? Int(min(max(count.rounded(.up), 5), 80)) : 80
  }
}

extension Double {
  /// Whether a chart shows the number: those beyond are so large that differences between them are not finite.
  var isDrawable: Bool { abs(self) <= 1e300 }

  /// The same on an axis, which may be logarithmic: numbers nearer to zero have no logarithm that is exact.
  func isDrawable(logarithmically: Bool) -> Bool { isDrawable && (!logarithmically || self >= 1e-300) }
}
