/// What may stand between the brackets of a tensor's subscript: whole numbers, ranges of them, `.all`, `.ellipsis`,
/// `.new`, `.strided(…)`, and tensors of integers or booleans.
///
/// Negative numbers count from the end. A range of Swift's ends the program where its first number is the larger one, so
/// that all but the ends is `.strided(from: 1, to: -1)` rather than `1..<(-1)`.
public protocol TensorIndex: Sendable {}

extension Int: TensorIndex {}
extension Range<Int>: TensorIndex {}
extension ClosedRange<Int>: TensorIndex {}
extension PartialRangeFrom<Int>: TensorIndex {}
extension PartialRangeUpTo<Int>: TensorIndex {}
extension PartialRangeThrough<Int>: TensorIndex {}
extension Tensor: TensorIndex {}

/// What a `TensorIndex` asks for, as a protocol of its own so that standard types get no further public members.
protocol IndexEntry {
  /// What is asked for.
  var part: IndexPart { get }
}

/// One entry of a tensor's subscript.
public struct IndexPart: TensorIndex, IndexEntry {
  enum Content: Sendable {
    case index(Int)
    case range(from: Int?, to: Int?, by: Int)
    case new
    case ellipsis
    case tensor(Tensor)
  }

  let content: Content
  /// How the user wrote it.
  let text: String

  var part: IndexPart { self }

  /// A range whose last index is inside.
  static func through(_ first: Int?, _ last: Int, _ text: String) -> IndexPart {
    // What follows the last index has no negative number.
    let (next, overflow) = last.addingReportingOverflow(1)
    return IndexPart(content: .range(from: first, to: next == 0 || overflow ? nil : next, by: 1), text: text)
  }
}

extension TensorIndex where Self == IndexPart {
  /// The whole axis.
  public static var all: IndexPart { IndexPart(content: .range(from: nil, to: nil, by: 1), text: ".all") }

  /// As many whole axes as are left.
  public static var ellipsis: IndexPart { IndexPart(content: .ellipsis, text: ".ellipsis") }

  /// A new axis of size 1.
  public static var new: IndexPart { IndexPart(content: .new, text: ".new") }

  /// Every `by`-th index from `from` up to but not including `to`, to the end where none is given; a negative step goes
  /// backwards.
  public static func strided(from: Int? = nil, to: Int? = nil, by: Int = 1) -> IndexPart {
    let text = ".strided(from: \(from.map(String.init) ?? "nil"), to: \(to.map(String.init) ?? "nil"), by: \(by))"
    return IndexPart(content: .range(from: from, to: to, by: by), text: text)
  }
}

extension Int: IndexEntry {
  var part: IndexPart { IndexPart(content: .index(self), text: "\(self)") }
}

extension Range<Int>: IndexEntry {
  var part: IndexPart {
    IndexPart(content: .range(from: lowerBound, to: upperBound, by: 1), text: "\(lowerBound)..<\(upperBound)")
  }
}

extension ClosedRange<Int>: IndexEntry {
  var part: IndexPart { .through(lowerBound, upperBound, "\(lowerBound)...\(upperBound)") }
}

extension PartialRangeFrom<Int>: IndexEntry {
  var part: IndexPart { IndexPart(content: .range(from: lowerBound, to: nil, by: 1), text: "\(lowerBound)...") }
}

/// The range from an index counted from the end: `-3...` is read as the opposite of `3...`, and means `(-3)...`.
public prefix func - (range: PartialRangeFrom<Int>) -> PartialRangeFrom<Int> { (0 &- range.lowerBound)... }

extension PartialRangeUpTo<Int>: IndexEntry {
  var part: IndexPart { IndexPart(content: .range(from: nil, to: upperBound, by: 1), text: "..<\(upperBound)") }
}

extension PartialRangeThrough<Int>: IndexEntry {
  var part: IndexPart { .through(nil, upperBound, "...\(upperBound)") }
}

extension Tensor: IndexEntry {
  var part: IndexPart { IndexPart(content: .tensor(self), text: "\(elementType)\(shape)") }
}
