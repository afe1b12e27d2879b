import DescentGraph

extension Tensor {
  /// Index vectors from their numbers, a tensor for each, repeated to a common shape; negative numbers count from the end
  /// of an axis of the given size.
  static func vectors(_ numbers: [Tensor], sizes: [Int]) -> Tensor {
    if let failed = numbers.first(where: { $0.error != nil }) { return failed }
    var common = Shape([])
    for number in numbers {
      guard let next = commonShape(common, number.shape) else {
        return .failure("subscript", "index tensors of shapes \(numbers.map(\.shape)) do not fit together")
      }
      common = next
    }
    let isMixed = numbers.contains { $0.elementType != numbers[0].elementType }
    let isNarrow = zip(numbers, sizes).contains { $0.isTooNarrow(for: $1) }
    let columns = zip(numbers, sizes).map { number, size in
      let index = isMixed || isNarrow ? number.converted(to: .int64) : number
      return index.countedFromFront(size).broadcast(to: common).expanded(axis: -1)
    }
    return columns.count == 1 ? columns[0] : concatenated(columns, axis: -1)
  }

  /// Indices in which negative ones, which count from the end of an axis, are replaced.
  func countedFromFront(_ size: Int) -> Tensor {
    guard error == nil, elementType.isSigned else { return self }
    if isTooNarrow(for: size) { return converted(to: .int64).countedFromFront(size) }
    let length = Tensor(integers: [size], shape: [], elementType)
    return `where`(self .< 0, self + length, self)
  }

  /// Whether indices that count from the end of an axis have places there that their own type cannot name.
  private func isTooNarrow(for size: Int) -> Bool { elementType.isSigned && !elementType.holds(Double(size)) }

  /// What index vectors take, without the axes that they index.
  func gathering(_ vectors: Tensor, _ geometry: IndexGeometry) -> Tensor {
    let gathered = Tensor.record(Gather(geometry), [self, vectors])
    guard gathered.error == nil else { return gathered }
    return gathered.reshaped(gathered.shape.removing(axes: geometry.indexedAxes(vectors.rank)))
  }

  /// The tensor with a value, repeated to the shape of what index vectors take, combined into it there.
  func scattering(
    _ value: Tensor, _ vectors: Tensor, _ geometry: IndexGeometry, _ combination: ScatterCombination
  ) -> Tensor {
    if let failed = [self, value, vectors].first(where: { $0.error != nil }) { return failed }
    // No index exists along an axis without elements.
    if geometry.axes.contains(where: { shape[$0] == 0 }) { return self }
    do throws(OperationError) {
      let target = try Gather(geometry).resultTypes(of: [type, vectors.type])[0].shape
      let wanted = target.removing(axes: geometry.indexedAxes(vectors.rank))
      guard Tensor.commonShape(value.shape, wanted) == wanted else {
        return .failure("scattered", "updates of shape \(value.shape) cannot be repeated to \(wanted)")
      }
      return .record(Scatter(combination, geometry), [self, vectors, value.broadcast(to: wanted).reshaped(target)])
    } catch { return Tensor(error: TensorError(error)) }
  }
}

extension IndexGeometry {
  /// Where the indexed axes stand, with size 1, in what is gathered by vectors of the given rank.
  fileprivate func indexedAxes(_ rank: Int) -> [Int] {
    axes.map { $0 - batch < position ? $0 : $0 + rank - batch - 1 }
  }
}

// Reading where an index does not exist takes the nearest that does; writing there does nothing.

extension Tensor {
  /// The elements at some indices along an axis, whose place the indices' shape takes: rows of a table for `axis: 0`.
  ///
  /// Negative indices count from the end. Where an index does not exist, the nearest that does is taken.
  public func taken(_ indices: Tensor, axis: Int = 0) -> Tensor {
    indexed(indices, axis, "taken") { axis in
      gathering(
        indices.countedFromFront(shape[axis]).expanded(axis: -1), IndexGeometry(axes: [axis], position: axis))
    }
  }

  /// The elements at indices along an axis that differ from line to line: the indices have this tensor's shape but along
  /// that axis, or 1.
  ///
  /// Negative indices count from the end. Where an index does not exist, the nearest that does is taken.
  public func takenAlong(_ indices: Tensor, axis: Int = -1) -> Tensor {
    along(indices, axis, "takenAlong") { vectors, geometry in
      moved(axis, to: -1).gathering(vectors, geometry).moved(-1, to: axis)
    }
  }

  /// The parts at index vectors, the last axis of `vectors`, whose numbers index the axes after the batch axes:
  /// `[batch…, places…]` followed by the axes that are not indexed.
  ///
  /// Negative indices count from the end. Where an index does not exist, the nearest that does is taken.
  public func gathered(at vectors: Tensor, batchAxes: Int = 0) -> Tensor {
    addressed(vectors, batchAxes, .clamped, "gathered") { gathering($0, $1) }
  }

  /// This tensor with updates combined into it at some indices along an axis; `updates` have the shape of what `taken`
  /// would give, or are repeated to it.
  ///
  /// Updates that meet are combined in order, so that the last one set wins. Negative indices count from the end; an
  /// update at an index that does not exist does nothing.
  public func scattered(
    _ updates: Tensor, at indices: Tensor, axis: Int = 0, combining combination: ScatterCombination = .add
  ) -> Tensor {
    indexed(indices, axis, "scattered") { axis in
      let geometry = IndexGeometry(axes: [axis], position: axis, outside: .dropped)
      return scattering(updates, indices.countedFromFront(shape[axis]).expanded(axis: -1), geometry, combination)
    }
  }

  /// This tensor with updates combined into it at indices that differ from line to line, as `takenAlong` takes them.
  public func scatteredAlong(
    _ updates: Tensor, at indices: Tensor, axis: Int = -1, combining combination: ScatterCombination = .add
  ) -> Tensor {
    along(indices, axis, "scatteredAlong", .dropped) { vectors, geometry in
      let lines = updates.rank == 0 ? updates : updates.moved(axis, to: -1)
      return moved(axis, to: -1).scattering(lines, vectors, geometry, combination).moved(-1, to: axis)
    }
  }

  /// This tensor with updates combined into it at index vectors, as `gathered` takes them.
  public func scattered(
    _ updates: Tensor, atVectors vectors: Tensor, batchAxes: Int = 0,
    combining combination: ScatterCombination = .add
  ) -> Tensor {
    addressed(vectors, batchAxes, .dropped, "scattered") { scattering(updates, $0, $1, combination) }
  }

  /// This tensor with means of updates at some indices along an axis: of the updates that meet, and of what stands there.
  ///
  /// - Parameters:
  ///   - updates: In the shape of what `taken` would give, or repeated to it.
  ///   - indices: Where; negative ones count from the end, and an update at an index that does not exist does nothing.
  ///   - axis: The axis.
  ///   - countingOwn: Whether what stands there counts; where it does not and no update comes, it stays all the same.
  public func scatteredMean(
    _ updates: Tensor, at indices: Tensor, axis: Int = 0, countingOwn: Bool = true
  ) -> Tensor {
    mean(of: updates, "scatteredMean", countingOwn) { $0.scattered($1, at: indices, axis: axis) }
  }

  /// This tensor with means of updates at indices that differ from line to line, as `scatteredAlong` combines them.
  ///
  /// - Parameters:
  ///   - updates: The updates.
  ///   - indices: Where; negative ones count from the end, and an update at an index that does not exist does nothing.
  ///   - axis: The axis.
  ///   - countingOwn: Whether what stands there counts; where it does not and no update comes, it stays all the same.
  public func scatteredMeanAlong(
    _ updates: Tensor, at indices: Tensor, axis: Int = -1, countingOwn: Bool = true
  ) -> Tensor {
    mean(of: updates, "scatteredMeanAlong", countingOwn) { $0.scatteredAlong($1, at: indices, axis: axis) }
  }

  /// Sums over counts, both in a type fit for them.
  private func mean(
    of updates: Tensor, _ name: String, _ countingOwn: Bool, _ add: (_ base: Tensor, _ updates: Tensor) -> Tensor
  ) -> Tensor {
    .calling(name) {
      if let failed = [self, updates].first(where: { $0.error != nil }) { return failed }
      guard elementType.isFloatingPoint, updates.elementType == elementType else {
        return .failure(
          name, "takes floating-point numbers of one type, not \(type) and \(updates.type); convert with converted(to:)"
        )
      }
      let (wide, one) = (converted(to: elementType.accumulator), Tensor(1, elementType.accumulator))
      let counts = add(Tensor(zeros: shape, one.elementType), one)
      if counts.error != nil { return counts }
      let updates = updates.converted(to: one.elementType)
      if countingOwn { return (add(wide, updates) / (counts + one)).converted(to: elementType) }
      let base = `where`(counts .> 0, Tensor(zerosLike: wide), wide)
      return (add(base, updates) / maximum(counts, one)).converted(to: elementType)
    }
  }

  /// The part of the given sizes that begins at `starts`, one number for each of `axes`, which may be known only when the
  /// program runs; the part is moved to the nearest place at which it fits.
  public func sliced(from starts: Tensor, sizes: [Int], axes: [Int]? = nil) -> Tensor {
    if starts.error != nil { return starts }
    return resolved(axes, "sliced") { .record(DynamicSlice(axes: $0, sizes: sizes), [self, starts]) }
  }

  /// This tensor with the part that begins at `starts` replaced, as `sliced(from:sizes:axes:)` takes it.
  public func replacing(from starts: Tensor, with part: Tensor, axes: [Int]? = nil) -> Tensor {
    if let failed = [starts, part].first(where: { $0.error != nil }) { return failed }
    return resolved(axes, "replacing") { .record(DynamicUpdateSlice(axes: $0), [self, starts, part]) }
  }

  private func indexed(_ indices: Tensor, _ axis: Int, _ name: String, _ body: (Int) -> Tensor) -> Tensor {
    if indices.error != nil { return indices }
    return resolved([axis], name) { axes in
      guard indices.elementType.isInteger else {
        return .failure(name, "the indices are \(indices.elementType), not integers")
      }
      return body(axes[0])
    }
  }

  /// Index vectors and their geometry for lines along an axis, which is moved after the others.
  private func along(
    _ indices: Tensor, _ axis: Int, _ name: String, _ outside: IndexGeometry.Outside = .clamped,
    _ body: (Tensor, IndexGeometry) -> Tensor
  ) -> Tensor {
    indexed(indices, axis, name) { axis in
      var wanted = shape
      guard indices.rank == rank else {
        return .failure(name, "indices of shape \(indices.shape) do not have the \(rank) axes of \(shape)")
      }
      wanted[axis] = indices.shape[axis]
      guard Tensor.commonShape(indices.shape, wanted) == wanted else {
        return .failure(name, "indices of shape \(indices.shape) do not fit \(shape) except along axis \(axis)")
      }
      let lines = indices.countedFromFront(shape[axis]).broadcast(to: wanted).moved(axis, to: -1)
      return body(lines.expanded(axis: -1), IndexGeometry(batch: rank - 1, axes: [rank - 1], outside: outside))
    }
  }

  private func addressed(
    _ vectors: Tensor, _ batchAxes: Int, _ outside: IndexGeometry.Outside, _ name: String,
    _ body: (Tensor, IndexGeometry) -> Tensor
  ) -> Tensor {
    if let failed = [self, vectors].first(where: { $0.error != nil }) { return failed }
    guard let numbers = vectors.shape.last, vectors.elementType.isInteger, batchAxes >= 0, numbers >= 0,
      numbers <= rank - batchAxes
    else {
      return .failure(
        name, "\(vectors.type) does not hold integer vectors that index axes of \(shape) after \(batchAxes) batch axes")
    }
    let axes = Array(batchAxes..<batchAxes + numbers)
    var places = axes.contains { vectors.isTooNarrow(for: shape[$0]) } ? vectors.converted(to: .int64) : vectors
    if places.elementType.isSigned {
      let sizes = Tensor(integers: axes.map { shape[$0] }, shape: [numbers], places.elementType)
      places = `where`(places .< 0, places + sizes, places)
    }
    return .calling(name) { body(places, IndexGeometry(batch: batchAxes, axes: axes, outside: outside)) }
  }
}
