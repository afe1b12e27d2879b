/// The sizes of a tensor along its axes, outermost first. A scalar has the empty shape `[]`.
public struct Shape: Sendable, Hashable, Codable {
  /// The size along each axis.
  public var sizes: [Int]

  /// Creates a shape from sizes, outermost axis first.
  public init(_ sizes: [Int]) { self.sizes = sizes }

  /// The number of axes.
  public var rank: Int { sizes.count }

  /// The number of elements, or `nil` where a size is negative or there are more than memory could ever hold.
  ///
  /// Sizes next to a 0 count as well: what is computed from some of the axes (their product, a place in memory) is then
  /// never more than can be counted, whether the tensor has elements or not.
  public var checkedCount: Int? {
    guard sizes.allSatisfy({ $0 >= 0 }) else { return nil }
    var count = 1
    for size in sizes where size != 0 {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, product <= Self.mostElements else { return nil }
      count = product
    }
    return sizes.contains(0) ? 0 : count
  }

  /// Elements of eight bytes that fill the 48 bits of a processor's addresses: sums of some thousands of such tensors'
  /// sizes still fit into an integer.
  private static let mostElements = 1 << 45

  /// The number of elements of a shape that has passed the graph's checks; 0 for one that overflows.
  public var count: Int { checkedCount ?? 0 }

  /// The distance, in elements, between neighbors along each axis of a densely packed row-major tensor.
  public var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] &* Swift.max(1, sizes[axis + 1])
    }
    return strides
  }

  /// The shape without the given axes.
  public func removing(axes: [Int]) -> Shape {
    Shape(sizes.indices.filter { !axes.contains($0) }.map { sizes[$0] })
  }

  /// The shape with a new axis of the given size in front.
  public func prepending(_ size: Int) -> Shape { Shape([size] + sizes) }
}

/// The sizes in order. Not a collection: a collection's `count` would be the rank, and that name is the elements'.
extension Shape: Sequence {
  public func makeIterator() -> IndexingIterator<[Int]> { sizes.makeIterator() }

  /// The axes, from 0.
  public var indices: Range<Int> { sizes.indices }
  /// The size along the outermost axis; `nil` of a scalar.
  public var first: Int? { sizes.first }
  /// The size along the innermost axis; `nil` of a scalar.
  public var last: Int? { sizes.last }
  /// The first axis of the given size, if there is one.
  public func firstIndex(of size: Int) -> Int? { sizes.firstIndex(of: size) }

  /// The size along an axis, where a negative number counts from the end.
  ///
  /// An axis that does not exist has size 1, as where shapes are repeated to a common one, and setting its size does
  /// nothing: what computes with the sizes of a tensor that carries an error goes on, and the error is told by who reads
  /// the result.
  public subscript(axis: Int) -> Int {
    get {
      let front = axis < 0 ? axis + sizes.count : axis
      return sizes.indices.contains(front) ? sizes[front] : 1
    }
    set {
      let front = axis < 0 ? axis + sizes.count : axis
      if sizes.indices.contains(front) { sizes[front] = newValue }
    }
  }

  /// The sizes along some neighboring axes, of those that exist.
  public subscript(axes: some RangeExpression<Int>) -> ArraySlice<Int> {
    sizes[axes.relative(to: sizes).clamped(to: sizes.indices)]
  }
}

extension Shape: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: Int...) { self.init(elements) }
}

extension Shape: CustomStringConvertible {
  public var description: String { "[" + sizes.map(String.init).joined(separator: ", ") + "]" }
}
