import Foundation

/// How numbers are distributed: counts in bins that grow with the distance from zero, as TensorBoard's do.
///
/// Each bin is a tenth wider than the one before, from 10⁻¹² to 10²⁰ on either side of zero, so that small gradients and
/// large ones are seen alike.
public struct Histogram: Sendable, Hashable {
  /// A bin with what is in it.
  public struct Bin: Sendable, Hashable {
    /// The largest number that falls into it; the smallest is above the bin before.
    public let upperBound: Double
    /// How many numbers there are.
    public let count: Int
  }

  /// The bins that hold something, and the empty ones between them, from below.
  public let bins: [Bin]
  /// The least finite number; NaN where there is none.
  public let minimum: Double
  /// The largest finite number; NaN where there is none.
  public let maximum: Double
  /// How many finite numbers there are.
  public let count: Int
  /// The sum of the finite numbers.
  public let sum: Double
  /// The sum of their squares.
  public let sumOfSquares: Double
  /// How many numbers are infinite or NaN; they stand in no bin.
  public let nonFiniteCount: Int

  /// The bounds of the bins above zero.
  private static let positiveBounds: [Double] = {
    var (bounds, bound) = ([Double](), 1e-12)
    while bound < 1e20 {
      bounds.append(bound)
      bound *= 1.1
    }
    return bounds
  }()

  /// All bounds, from below; what is above the last falls into one more.
  private static let bounds = positiveBounds.reversed().map { -$0 } + [0] + positiveBounds + [.greatestFiniteMagnitude]

  /// Counts numbers.
  ///
  /// - Complexity: O(numbers · log of the number of bins).
  public init(_ numbers: [Double]) {
    var counts = [Int](repeating: 0, count: Self.bounds.count)
    var (minimum, maximum, sum, squares, nonFinite) = (Double.infinity, -Double.infinity, 0.0, 0.0, 0)
    for number in numbers {
      guard number.isFinite else {
        nonFinite += 1
        continue
      }
      (minimum, maximum) = (min(minimum, number), max(maximum, number))
      sum += number
      squares += number * number
      counts[Self.bin(of: number)] += 1
    }
    let first = counts.firstIndex { $0 > 0 } ?? 0
    let last = counts.lastIndex { $0 > 0 } ?? -1
    // The empty bin below the first tells where that one begins.
    let range = last < 0 ? 0..<0 : max(0, first - 1)..<last + 1
    bins = range.map { Bin(upperBound: Self.bounds[$0], count: counts[$0]) }
    count = numbers.count - nonFinite
    (self.minimum, self.maximum) = count > 0 ? (minimum, maximum) : (.nan, .nan)
    (self.sum, sumOfSquares, nonFiniteCount) = (sum, squares, nonFinite)
  }

  /// The first bin whose bound is not below a number.
  private static func bin(of number: Double) -> Int {
    var (low, high) = (0, bounds.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if bounds[middle] < number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
