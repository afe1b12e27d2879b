/// The sizes of a tensor along its axes, outermost first. A scalar has the empty shape `[]`.
public struct Shape: Sendable, Hashable, Codable {
  /// The size along each axis.
  public var sizes: [Int]

  /// Creates a shape from sizes, outermost axis first.
  public init(_ sizes: [Int]) { self.sizes = sizes }

  /// The number of axes.
  public var rank: Int { sizes.count }

  /// The number of elements, or `nil` where a size is negative or the product overflows.
  public var checkedCount: Int? {
    var count = 1
    var overflows = false
    for size in sizes {
      guard size >= 0 else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      overflows = overflows || overflow
      count = size == 0 ? 0 : product
      if size == 0 { overflows = false }
    }
    return count == 0 ? 0 : (overflows ? nil : count)
  }

  /// The number of elements of a shape that has passed the graph's checks; 0 for one that overflows.
  public var count: Int { checkedCount ?? 0 }

  /// The distance, in elements, between neighbours along each axis of a densely packed row-major tensor.
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

extension Shape: RandomAccessCollection, MutableCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { sizes.count }
  public subscript(axis: Int) -> Int {
    get { sizes[axis] }
    set { sizes[axis] = newValue }
  }
}

extension Shape: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: Int...) { self.init(elements) }
}

extension Shape: CustomStringConvertible {
  public var description: String { "[" + sizes.map(String.init).joined(separator: ", ") + "]" }
}
