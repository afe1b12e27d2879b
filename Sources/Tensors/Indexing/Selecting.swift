import DescentGraph

// Functions whose results would have as many elements as their operands' values say: a tensor's shape is known before it
// is computed, so that the caller gives the number of elements, and what is too much is left out.

extension Tensor {
  /// The positions of the first `count` true elements, in row-major order; the number of elements where there are
  /// fewer. The mask has one axis.
  private func positions(_ count: Int) -> Tensor {
    let length = Tensor(integers: [self.count], shape: [], .int32)
    let rank = Tensor.record(Cumulative(.sum, axis: 0), [converted(to: .int32)])
    // Each holder's place among the holders; the others lie outside.
    let place = `where`(self, rank - 1, Tensor(integers: [count], shape: [], .int32))
    let empty = Tensor.record(Broadcast(shape: [count], axes: []), [length])
    return empty.scattered(Tensor(rangeTo: self.count), at: place, combining: .set)
  }

  private func counted(_ count: Int, _ name: String, _ body: () -> Tensor) -> Tensor {
    if error != nil { return self }
    guard count >= 0 else { return .failure(name, "the count \(count) is negative") }
    guard count < Int(Int32.max) else { return .failure(name, "the count \(count) is too large for int32 positions") }
    guard self.count < Int(Int32.max) else {
      return .failure(name, "\(shape) has too many elements for int32 positions")
    }
    return .calling(name, body)
  }

  /// The first `count` parts for which a mask over the leading axes is true, in row-major order: `[count, rest…]`, filled
  /// up with a number where there are fewer.
  public func compressed(where mask: Tensor, count: Int, filling: Double = 0) -> Tensor {
    if mask.error != nil { return mask }
    return counted(count, "compressed") {
      guard mask.elementType == .bool, mask.rank <= rank, mask.shape.sizes == Array(shape.sizes.prefix(mask.rank))
      else {
        return .failure("compressed", "\(mask.type) is not a mask over the leading axes of \(shape)")
      }
      let rest = Array(shape.sizes[mask.rank...])
      let filler = Tensor(repeating: filling, shape: Shape([count] + rest), elementType)
      guard mask.count > 0 else { return filler }
      let positions = mask.reshaped([mask.count]).positions(count)
      let taken = reshaped(Shape([mask.count] + rest)).taken(positions)
      let isFound = positions .< Tensor(integers: [mask.count], shape: [], .int32)
      return `where`(isFound.reshaped(Shape([count] + rest.map { _ in 1 })), taken, filler)
    }
  }

  /// The index vectors of the first `count` elements other than 0, in row-major order: int32 `[count, axes]`. Where there
  /// are fewer, they are filled up with the axes' sizes, at which scattering does nothing.
  public func nonzero(count: Int) -> Tensor {
    counted(count, "nonzero") {
      let sizes = Tensor(integers: shape.sizes, shape: [1, rank], .int32)
      guard self.count > 0 else { return sizes.broadcast(to: [count, rank]) }
      let flat = reshaped([self.count])
      let mask = elementType == .bool ? flat : flat .!= Tensor(zeros: flat.shape, elementType)
      let positions = mask.positions(count).expanded(axis: -1)
      // Sizes and strides of axes without elements do not occur here, so that nothing is divided by 0.
      let strides = Tensor(integers: shape.strides, shape: [1, rank], .int32)
      let vectors = Tensor.elementwise(Remainder(), .elementwise(Divide(), positions, strides), sizes)
      return `where`(positions .< Tensor(integers: [self.count], shape: [], .int32), vectors, sizes)
    }
  }

  /// The first `count` different elements, in ascending order, filled up with a number where there are fewer; for each
  /// element of this tensor, as int32, which of them it is; and how often each occurs, as int32.
  public func unique(
    count: Int, filling: Double = 0
  ) -> (values: Tensor, inverse: Tensor, counts: Tensor) {
    let call = FunctionCall()
    let flat = counted(count, "unique") { reshaped([self.count]) }
    if flat.error != nil { return (flat, flat, flat) }
    let none = Tensor(zeros: [count], .int32)
    guard self.count > 0 else {
      return (Tensor(repeating: filling, shape: [count], elementType), Tensor(zeros: shape, .int32), none)
    }
    let ordered = Tensor.ordered([flat], 0, false, "unique")
    guard ordered.count >= 2 else { return (ordered[0], ordered[0], ordered[0]) }
    let (values, order) = (ordered[0], ordered[1])
    let isNew = values.sliced(1..<self.count) .!= values.sliced(0..<self.count - 1)
    let steps = concatenated([Tensor(zeros: [1], .int32), isNew.converted(to: .int32)])
    let rank = Tensor.record(Cumulative(.sum, axis: 0), [steps])
    return (
      call(Tensor(repeating: filling, shape: [count], elementType).scattered(values, at: rank, combining: .set)),
      call(Tensor(zeros: [self.count], .int32).scattered(rank, at: order, combining: .set).reshaped(shape)),
      call(none.scattered(Tensor(ones: [self.count], .int32), at: rank))
    )
  }

  /// How often each of the integers `0..<count` occurs, as int32, or the sum of the weights at its occurrences, in their
  /// type; other integers are passed over.
  public func binCount(_ count: Int, weights: Tensor? = nil) -> Tensor {
    if let weights, weights.error != nil { return weights }
    return counted(count, "binCount") {
      guard elementType.isInteger else { return .failure("binCount", "counts integers, not \(elementType)") }
      let weights = weights ?? Tensor(ones: shape, .int32)
      guard weights.shape == shape else {
        return .failure("binCount", "weights of shape \(weights.shape) do not fit \(shape)")
      }
      guard count > 0 else { return Tensor(zeros: [0], weights.elementType) }
      let geometry = IndexGeometry(axes: [0], outside: .dropped)
      return Tensor(zeros: [count], weights.elementType)
        .scattering(weights.reshaped([self.count]), reshaped([self.count, 1]), geometry, .add)
    }
  }

  /// How many elements lie in each of `bins` parts of equal width of a range, as int32 or as sums of weights, and the
  /// edges of the parts, `[bins + 1]`; elements outside are passed over, the upper end belongs to the last part.
  public func histogram(
    bins: Int, range: ClosedRange<Double>, weights: Tensor? = nil
  ) -> (counts: Tensor, edges: Tensor) {
    let call = FunctionCall()
    let (low, width) = (range.lowerBound, range.upperBound - range.lowerBound)
    let numbers = counted(bins, "histogram") {
      guard elementType.isFloatingPoint, bins > 0, width > 0, width.isFinite else {
        return .failure(
          "histogram", "takes floating-point numbers, bins and a range of some width, not \(type), \(bins), \(range)")
      }
      let place = floor((self - low) * (Double(bins) / width))
      let inside = (self .>= low) .& (self .<= range.upperBound)
      return `where`(inside, minimum(place, Double(bins - 1)), -1).converted(to: .int32)
    }
    if numbers.error != nil { return (numbers, numbers) }
    let edges = Tensor(rangeTo: bins + 1, elementType) * (width / Double(bins)) + low
    return (call(numbers.binCount(bins, weights: weights)), call(edges))
  }
}
