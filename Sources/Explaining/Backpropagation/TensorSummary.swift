import DescentGraph
import Foundation

/// A summary of a tensor: its number, or the norm and range of many.
public struct TensorSummary: Sendable, Codable {
  /// The element type's name, such as `float64`.
  public var elementType: String
  /// The sizes along the axes.
  public var shape: [Int]
  /// The elements in row-major order, where there are no more than 16.
  public var elements: [Double]?
  /// The Euclidean norm.
  public var norm: Double
  /// The smallest element; `nil` of nothing.
  public var minimum: Double?
  /// The largest element; `nil` of nothing.
  public var maximum: Double?
  /// Of a tensor of two axes, the elements themselves or the means of neighbors, row by row.
  public var picture: [[Double]]?

  /// The number, where it is a single one without axes.
  public var number: Double? { shape.isEmpty ? elements?.first : nil }

  /// Whether every element is neither infinite nor NaN.
  public var isFinite: Bool { norm.isFinite || (minimum ?? 0).isFinite && (maximum ?? 0).isFinite && !norm.isNaN }

  init(_ array: ReferenceArray) {
    let values = (0..<array.type.count).map(array.real)
    elementType = array.type.elementType.description
    shape = array.type.shape.sizes
    elements = values.count <= 16 ? values : nil
    norm = Self.norm(values)
    minimum = values.contains { $0.isNaN } ? .nan : values.min()
    maximum = values.contains { $0.isNaN } ? .nan : values.max()
    picture = Self.picture(values, shape)
  }

  /// Scaled by the largest element, so that squares neither overflow nor vanish.
  private static func norm(_ values: [Double]) -> Double {
    let largest = values.reduce(0) { $1.isNaN ? .nan : max($0, abs($1)) }
    guard largest > 0, largest.isFinite else { return values.contains { $0.isNaN } ? .nan : largest }
    return largest * values.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
  }

  /// The most rows and columns of a picture.
  private static let pictureSide = 28

  private static func picture(_ values: [Double], _ shape: [Int]) -> [[Double]]? {
    // A picture among one batch and one channel is a picture.
    let sizes = shape.filter { $0 != 1 }
    guard shape.count >= 2, sizes.count == 2 || sizes.count == 1 && shape.count == 2, !values.isEmpty else {
      return nil
    }
    let (rows, columns) = sizes.count == 2 ? (sizes[0], sizes[1]) : (shape[0], shape[1])
    let (height, width) = (min(rows, pictureSide), min(columns, pictureSide))
    return (0..<height).map { i in
      (0..<width).map { j in
        var (sum, count) = (0.0, 0.0)
        for row in i * rows / height..<max((i + 1) * rows / height, i * rows / height + 1) {
          for column in j * columns / width..<max((j + 1) * columns / width, j * columns / width + 1) {
            sum += values[row * columns + column]
            count += 1
          }
        }
        return sum / count
      }
    }
  }

  /// One line: the number, or shape, norm and range.
  var line: String {
    if let number { return shortened(number) }
    let size = "[" + shape.map(String.init).joined(separator: ", ") + "]"
    return minimum == nil ? "\(size) empty" : "\(size) \(short)"
  }

  /// The line without the shape.
  var short: String {
    if let number { return shortened(number) }
    guard let minimum, let maximum else { return "empty" }
    if minimum == maximum { return shape.reduce(1, *) == 1 ? shortened(minimum) : "\(shortened(minimum)) everywhere" }
    return "norm \(shortened(norm)), \(shortened(minimum)) … \(shortened(maximum))"
  }
}

/// A number with six digits.
func shortened(_ number: Double) -> String {
  if number.isNaN { return "NaN" }
  if number.isInfinite { return number < 0 ? "-∞" : "∞" }
  if number == 0 { return "0" }
  return String(format: "%.6g", number)
}

/// A number with all its digits.
func exact(_ number: Double) -> String {
  guard number.isFinite else { return shortened(number) }
  return number == number.rounded() && abs(number) < 1e15 ? String(format: "%.0f", number) : "\(number)"
}
