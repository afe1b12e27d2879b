import DescentGraph

// Tensors whose elements follow from their places.

extension Tensor {
  /// The whole numbers from 0 up to but not including `count`.
  public init(rangeTo count: Int, _ elementType: ElementType = .int32) {
    self = .calling("Tensor") { .record(Iota(type: TensorType([count], elementType), axis: 0), []) }
  }

  /// Numbers at equal distances from one number up to, or down to, but not including another.
  ///
  /// Each is `start + index · step`, computed in float64, so that errors do not add up. How many there are follows from
  /// the quotient of length and step, which may round: where the number matters, give it by
  /// `init(rangeFrom:through:count:_:)`.
  public init(rangeFrom start: Double, to end: Double, by step: Double, _ elementType: ElementType = .float32) {
    let count = ((end - start) / step).rounded(.up)
    guard !(count.isFinite && step.isFinite && count >= 0x1p53) else {
      self = .failure("Tensor", "from \(start) to \(end) by steps of \(step) are more numbers than can be addressed")
      return
    }
    guard step != 0, count.isFinite, start.isFinite, step.isFinite else {
      self = .failure("Tensor", "no numbers lead from \(start) to \(end) by steps of \(step)")
      return
    }
    self = Tensor.places(Int(Swift.max(0, count))) { $0 * step + start }.converted(to: elementType)
  }

  /// So many numbers at equal distances from one number to another, both of them included; of one alone the first.
  public init(rangeFrom start: Double, through end: Double, count: Int, _ elementType: ElementType = .float32) {
    self = Tensor.places(count) { place in
      let (step, last) = ((end - start) / Double(Swift.max(1, count - 1)), Double(count - 1))
      // From both ends, so that both are met exactly.
      return `where`(place .< Double(count) / 2, place * step + start, end - (last - place) * step)
    }.converted(to: elementType)
  }

  /// A matrix of ones on a diagonal and zeros elsewhere.
  ///
  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - columns: The number of columns, that of rows where none is given.
  ///   - offset: Which diagonal: above the main one where positive, below it where negative.
  ///   - elementType: The element type.
  public init(identity rows: Int, columns: Int? = nil, offset: Int = 0, _ elementType: ElementType = .float32) {
    let (height, width) = (Swift.max(0, rows), Swift.max(0, columns ?? rows))
    let type = TensorType([rows, columns ?? rows], .int64)
    // A diagonal beyond the corners is the same as one at the corner.
    let near = Tensor(integers: [Swift.max(-height, Swift.min(offset, width))], shape: [], .int64)
    self = .calling("Tensor") {
      let (row, column) = (Tensor.record(Iota(type: type, axis: 0), []), Tensor.record(Iota(type: type, axis: 1), []))
      return (row + near .== column).converted(to: elementType)
    }
  }

  /// Zeros in another tensor's shape and element type; where that one carries an error, so does this.
  public init(zerosLike other: Tensor) { self.init(repeating: 0, like: other) }

  /// Ones in another tensor's shape and element type; where that one carries an error, so does this.
  public init(onesLike other: Tensor) { self.init(repeating: 1, like: other) }

  /// One number everywhere, in another tensor's shape and element type; where that one carries an error, so does this.
  public init(repeating value: Double, like other: Tensor) {
    self = other.error == nil ? Tensor(repeating: value, shape: other.shape, other.elementType) : other
  }

  /// A function of the whole numbers from 0 on, in float64.
  private static func places(_ count: Int, _ function: (Tensor) -> Tensor) -> Tensor {
    let places = Tensor(rangeTo: count, .float64)
    return places.error == nil ? function(places) : places
  }
}
