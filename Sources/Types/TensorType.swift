/// What is known of a tensor before it is computed: its shape and its element type.
public struct TensorType: Sendable, Hashable, Codable {
  /// The sizes along the axes.
  public var shape: Shape
  /// The type of the elements.
  public var elementType: ElementType

  /// Creates a tensor type.
  public init(_ shape: Shape, _ elementType: ElementType) {
    self.shape = shape
    self.elementType = elementType
  }

  /// The number of axes.
  public var rank: Int { shape.rank }
  /// The number of elements.
  public var count: Int { shape.count }
  /// The size of a densely packed tensor of this type in bytes.
  public var byteCount: Int { shape.count &* elementType.byteCount }

  /// The same element type in another shape.
  public func with(shape: Shape) -> TensorType { TensorType(shape, elementType) }
  /// The same shape with another element type.
  public func with(elementType: ElementType) -> TensorType { TensorType(shape, elementType) }
}

extension TensorType: CustomStringConvertible {
  public var description: String { "\(elementType)\(shape)" }
}
