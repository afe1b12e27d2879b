import DescentGraph

extension Tensor {
  /// The elements at some indices along each axis: `x[0]`, `x[0, 1..<3]`, `x[.ellipsis, -1]`, `x[.all, .new, 2...]`.
  ///
  /// A number takes its axis away; a range keeps it. Negative numbers count from the end. Axes that are not mentioned are
  /// whole. Tensors of integers take elements: several of them are repeated to a common shape, which stands where they
  /// stand, or in front where they do not stand side by side. Where a tensor holds an index that does not exist, reading
  /// takes the nearest that does, and assigning does nothing.
  ///
  /// Assigning replaces what reading would give; the new value is repeated to that shape. A tensor of booleans as the
  /// only index can be assigned to: `x[mask] = value` replaces elements where the mask holds, and the value is repeated
  /// to the shape of the whole.
  public subscript(indices: any TensorIndex...) -> Tensor {
    get { reading(indices) }
    set { self = replacing(indices, by: newValue) }
  }

  private func reading(_ indices: [any TensorIndex]) -> Tensor {
    planned(indices) { plan in
      let part = cut(plan).reshaped(plan.shape)
      return plan.tensors.isEmpty ? part : part.taking(plan)
    }
  }

  private func replacing(_ indices: [any TensorIndex], by value: Tensor) -> Tensor {
    if indices.count == 1, let mask = indices[0] as? Tensor, mask.error == nil, mask.elementType == .bool {
      return masking(mask, value)
    }
    return planned(indices) { plan in
      if value.error != nil { return value }
      guard value.elementType == elementType else {
        return .failure("subscript", "cannot assign \(value.elementType) to elements of \(elementType)")
      }
      guard plan.tensors.isEmpty else {
        let part = cut(plan).reshaped(plan.shape)
        return pasting(part.putting(value, plan), plan)
      }
      return pasting(value.assigned(to: plan.shape), plan)
    }
  }

  private func planned(_ indices: [any TensorIndex], _ body: (IndexPlan) -> Tensor) -> Tensor {
    if error != nil { return self }
    if let failed = indices.lazy.compactMap({ $0 as? Tensor }).first(where: { $0.error != nil }) { return failed }
    do throws(OperationError) {
      let plan = try IndexPlan(indices, of: shape)
      return .calling("subscript") { body(plan) }
    } catch { return Tensor(error: TensorError(error)) }
  }

  // MARK: Slices

  /// The slice of a plan, axes as they are in the tensor.
  private func cut(_ plan: IndexPlan) -> Tensor {
    let part = plan.isWhole(shape) ? self : Tensor.record(plan.slice, [self])
    return plan.reversed.isEmpty ? part : part.reversed(axes: plan.reversed)
  }

  /// The tensor with the slice of a plan replaced.
  private func pasting(_ value: Tensor, _ plan: IndexPlan) -> Tensor {
    if value.error != nil { return value }
    let part = plan.sliceShape(shape)
    var piece = value.reshaped(part)
    if !plan.reversed.isEmpty { piece = piece.reversed(axes: plan.reversed) }
    if part == shape { return piece }
    guard plan.slice.steps.allSatisfy({ $0 == 1 }) else { return spread(piece, part, plan.slice) }
    let axes = shape.indices.filter { part[$0] != shape[$0] }
    let starts = Tensor(integers: axes.map { plan.slice.starts[$0] }, .int64)
    return .record(DynamicUpdateSlice(axes: axes), [self, starts, piece])
  }

  /// The tensor with the elements of a strided slice replaced.
  private func spread(_ piece: Tensor, _ part: Shape, _ slice: Slice) -> Tensor {
    let high = shape.indices.map { axis in
      shape[axis] - slice.starts[axis] - (part[axis] == 0 ? 0 : (part[axis] - 1) * slice.steps[axis] + 1)
    }
    let pad = Pad(low: slice.starts, high: high, interior: slice.steps.map { $0 - 1 })
    let mask = Tensor.record(pad, [Tensor(repeating: 1, shape: part, .bool), .constant(0, .bool)])
    return .record(Select(), [mask, .record(pad, [piece, .constant(0, elementType)]), self])
  }

  private func assigned(to target: Shape) -> Tensor {
    guard Tensor.commonShape(shape, target) == target else {
      return .failure("subscript", "\(shape) cannot be assigned to \(target)")
    }
    return broadcast(to: target)
  }

  private func masking(_ mask: Tensor, _ value: Tensor) -> Tensor {
    if error != nil { return self }
    guard mask.rank <= rank, mask.shape.sizes == Array(shape.sizes.prefix(mask.rank)) else {
      return .failure("subscript", "a mask of shape \(mask.shape) does not fit the leading axes of \(shape)")
    }
    let target = shape
    let whole = mask.reshaped(Shape(mask.shape.sizes + [Int](repeating: 1, count: rank - mask.rank)))
    return value.error != nil ? value : .calling("subscript") { `where`(whole, value.assigned(to: target), self) }
  }

  // MARK: Index tensors

  /// What the index tensors of a plan take.
  private func taking(_ plan: IndexPlan) -> Tensor {
    let vectors = Tensor.vectors(plan.tensors.map(\.indices), sizes: plan.tensors.map { shape[$0.axis] })
    return gathering(vectors, plan.geometry(.clamped))
  }

  /// The tensor with a value put where the index tensors of a plan take.
  private func putting(_ value: Tensor, _ plan: IndexPlan) -> Tensor {
    let vectors = Tensor.vectors(plan.tensors.map(\.indices), sizes: plan.tensors.map { shape[$0.axis] })
    return scattering(value, vectors, plan.geometry(.dropped), .set)
  }
}

extension IndexPlan {
  /// The index tensors' geometry: what they take stands where they stand, or in front.
  func geometry(_ outside: IndexGeometry.Outside) -> IndexGeometry {
    let axes = tensors.map(\.axis)
    let isSideBySide = zip(axes, axes.dropFirst()).allSatisfy { $0 + 1 == $1 }
    return IndexGeometry(axes: axes, position: isSideBySide ? axes[0] : 0, outside: outside)
  }
}
