import DescentGraph

extension Tensor {
  /// A scalar, converted as by `converted(to:)`.
  public init(_ value: Double, _ elementType: ElementType = .float32) {
    self = Tensor.make { () throws(OperationError) in try HostLiteral(value, elementType) }
  }

  /// A boolean.
  public init(_ value: Bool) { self.init(value ? 1 : 0, .bool) }

  /// A tensor of booleans, of one axis.
  public init(_ values: some Collection<Bool>) { self.init(values.map { $0 ? 1 : 0 }, .bool) }

  /// A tensor of one axis.
  public init(_ values: [Double], _ elementType: ElementType = .float32) {
    self.init(values, shape: [values.count], elementType)
  }

  /// A tensor of two axes; all rows must have the same length.
  public init(_ rows: some Collection<[Double]>, _ elementType: ElementType = .float32) {
    // Any collection rather than an array, so that `Tensor([])` can only mean a tensor of one axis.
    let columns = rows.first?.count ?? 0
    guard let odd = rows.first(where: { $0.count != columns }) else {
      self.init(rows.flatMap { $0 }, shape: [rows.count, columns], elementType)
      return
    }
    self = .failure("Tensor", "rows differ in length: \(columns) and \(odd.count)")
  }

  /// A tensor of the given shape from its elements in row-major order, which are converted as by `converted(to:)`.
  public init(_ values: [Double], shape: Shape, _ elementType: ElementType = .float32) {
    self = Tensor.make(values.count, shape) { () throws(OperationError) in
      let type = TensorType(shape, elementType)
      return try
        (elementType.isFloatingPoint
        ? ReferenceArray(type, reals: values)
        : ReferenceArray(type, integers: values.map { ReferenceArray.integer($0, elementType) })).literal()
    }
  }

  /// A tensor of integers of the given shape from its elements in row-major order; one axis where no shape is given.
  public init(integers values: [Int], shape: Shape? = nil, _ elementType: ElementType = .int32) {
    let shape = shape ?? [values.count]
    self = Tensor.make(values.count, shape) { () throws(OperationError) in
      let type = TensorType(shape, elementType)
      return try
        (elementType.isFloatingPoint
        ? ReferenceArray(type, reals: values.map(Double.init))
        : ReferenceArray(type, integers: values.map(Int64.init))).literal()
    }
  }

  /// A Float32 tensor of the given shape, copied from memory.
  ///
  /// - Complexity: O(elements), one copy.
  public init(floats values: UnsafeBufferPointer<Float>, shape: Shape) {
    self = Tensor.copied(UnsafeRawBufferPointer(values), values.count, TensorType(shape, .float32))
  }

  /// A Float32 tensor of the given shape from its elements in row-major order.
  ///
  /// - Complexity: O(elements), one copy.
  public init(floats values: [Float], shape: Shape) {
    self = values.withUnsafeBufferPointer { Tensor(floats: $0, shape: shape) }
  }

  /// A tensor of unsigned bytes of the given shape, copied from memory.
  ///
  /// - Complexity: O(elements), one copy.
  public init(bytes values: [UInt8], shape: Shape) {
    self = values.withUnsafeBytes { Tensor.copied($0, values.count, TensorType(shape, .uint8)) }
  }

  /// A tensor of zeros.
  public init(zeros shape: Shape, _ elementType: ElementType = .float32) {
    self.init(repeating: 0, shape: shape, elementType)
  }

  /// A tensor of ones.
  public init(ones shape: Shape, _ elementType: ElementType = .float32) {
    self.init(repeating: 1, shape: shape, elementType)
  }

  /// A tensor of one number everywhere, which the element type has to hold.
  ///
  /// - Complexity: O(1) until it is read.
  public init(repeating value: Double, shape: Shape, _ elementType: ElementType = .float32) {
    self = .calling("Tensor") {
      let scalar = elementType.refusal(of: value, "Tensor") ?? .constant(value, elementType)
      return shape.rank == 0 ? scalar : .record(Broadcast(shape: shape, axes: []), [scalar])
    }
  }

  /// A number that belongs to the program rather than to its data.
  static func constant(_ value: Double, _ elementType: ElementType) -> Tensor {
    do throws(OperationError) {
      return Tensor.record(Constant(literal: try HostLiteral(value, elementType)), [])
    } catch { return Tensor(error: TensorError(error)) }
  }

  private static func make(_ body: () throws(OperationError) -> HostLiteral) -> Tensor {
    do throws(OperationError) { return Tensor(try body()) } catch { return Tensor(error: TensorError(error)) }
  }

  private static func make(_ count: Int, _ shape: Shape, _ body: () throws(OperationError) -> HostLiteral) -> Tensor {
    guard shape.checkedCount == count else {
      return .failure("Tensor", "\(count) values do not fill the shape \(shape)")
    }
    return make(body)
  }

  /// A tensor copied from memory that holds `count` elements.
  static func copied(_ bytes: UnsafeRawBufferPointer, _ count: Int, _ type: TensorType) -> Tensor {
    make(count, type.shape) { () throws(OperationError) in
      let literal = try HostLiteral(uninitialized: type)
      literal.fill { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.prefix(type.byteCount))) }
      return literal
    }
  }
}
