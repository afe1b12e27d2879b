import DescentGraph

extension Rule {
  /// Views that show everything in place, and views of views.
  static let views: [Rule] = [
    Rule(Transpose.self) { transpose, x, r in
      let permutation = transpose.permutation
      if permutation == Array(permutation.indices) { return x[0] }
      let moved = permutation.filter { x[0].shape[$0] != 1 }
      if moved == moved.sorted() { return r.reshaped(x[0], Shape(permutation.map { x[0].shape[$0] })) }
      if let inner = r.definition(x[0], as: Transpose.self) {
        return r.one(Transpose(permutation: permutation.map { inner.operation.permutation[$0] }), inner.operands[0])
      }
      guard let inner = r.definition(x[0], as: Broadcast.self) else { return nil }
      // The operand's axes in the order in which the result shows them, then repeated.
      let places = inner.operation.axes.map { axis in permutation.firstIndex(of: axis) ?? axis }
      let order = places.indices.sorted { places[$0] < places[$1] }
      let source = r.one(Transpose(permutation: order), inner.operands[0])
      return r.one(Broadcast(shape: Shape(permutation.map { x[0].shape[$0] }), axes: places.sorted()), source)
    },
    Rule(Reshape.self) { reshape, x, r in
      if x[0].shape == reshape.shape { return x[0] }
      if let inner = r.definition(x[0], as: Reshape.self) { return r.one(reshape, inner.operands[0]) }
      guard let inner = r.definition(x[0], as: Broadcast.self) else { return nil }
      if inner.operands[0].type.count == 1 {
        return r.one(Broadcast(shape: reshape.shape, axes: []), r.reshaped(inner.operands[0], []))
      }
      return nil
    },
    Rule(Broadcast.self) { broadcast, x, r in
      if broadcast.shape == x[0].shape { return x[0] }
      if let inner = r.definition(x[0], as: Broadcast.self) {
        let axes = inner.operation.axes.map { broadcast.axes[$0] }
        return r.one(Broadcast(shape: broadcast.shape, axes: axes), inner.operands[0])
      }
      if broadcast.shape.count == x[0].type.count { return r.reshaped(x[0], broadcast.shape) }
      guard x[0].type.count == 1, x[0].shape.rank > 0 else { return nil }
      return r.one(Broadcast(shape: broadcast.shape, axes: []), r.reshaped(x[0], []))
    },
    Rule(Reverse.self) { reverse, x, r in
      let axes = reverse.axes.filter { x[0].shape[$0] != 1 }.sorted()
      if axes.isEmpty { return x[0] }
      if let inner = r.definition(x[0], as: Reverse.self) {
        return r.one(Reverse(axes: Set(axes).symmetricDifference(inner.operation.axes).sorted()), inner.operands[0])
      }
      return axes == reverse.axes ? nil : r.one(Reverse(axes: axes), x[0])
    },
    Rule(Slice.self) { slice, x, r in
      let shape = x[0].shape
      if let type = try? slice.resultTypes(of: [x[0].type])[0], type.shape == shape { return x[0] }
      if let inner = r.definition(x[0], as: Slice.self) {
        return r.one(slice.following(inner.operation), inner.operands[0])
      }
      if let (slice, operand) = r.part(slice, of: x[0]) { return r.one(slice, operand) }
      if r.definition(x[0], as: Concatenate.self) != nil { return nil }
      guard let inner = r.definition(x[0], as: Broadcast.self) else { return nil }
      let axes = inner.operation.axes
      let part = Slice(
        starts: axes.map { slice.starts[$0] }, limits: axes.map { slice.limits[$0] },
        steps: axes.map { slice.steps[$0] })
      let sizes = shape.indices.map { (slice.limits[$0] - slice.starts[$0] + slice.steps[$0] - 1) / slice.steps[$0] }
      return r.one(Broadcast(shape: Shape(sizes), axes: axes), r.one(part, inner.operands[0]))
    },
    Rule(Concatenate.self) { concatenate, x, r in
      if x.count == 1 { return x[0] }
      let parts = x.filter { $0.shape[concatenate.axis] > 0 }
      if parts.count < x.count, let first = x.first { return parts.isEmpty ? first : r.write(concatenate, parts)[0] }
      return wholeOfSlices(x, axis: concatenate.axis, r)
    },
    Rule(Pad.self) { pad, x, r in
      let amounts = pad.low + pad.high + pad.interior
      if amounts.allSatisfy({ $0 == 0 }) { return x[0] }
      guard pad.interior.allSatisfy({ $0 == 0 }), (pad.low + pad.high).contains(where: { $0 < 0 }) else { return nil }
      // Take away first, then add. An axis of which nothing is left keeps its amounts.
      let shape = x[0].shape
      let starts = pad.low.map { max(0, -$0) }
      let limits = shape.indices.map { shape[$0] - max(0, -pad.high[$0]) }
      guard zip(starts, limits).allSatisfy({ $0 <= $1 }), starts.allSatisfy({ $0 >= 0 }) else { return nil }
      let rest = Pad(low: pad.low.map { max(0, $0) }, high: pad.high.map { max(0, $0) })
      return r.one(rest, r.one(Slice(starts: starts, limits: limits), x[0]), x[1])
    },
  ]

  /// A tensor that was sliced along an axis and is put together again in order.
  private static func wholeOfSlices(_ parts: [Symbol], axis: Int, _ rewriter: Rewriter) -> Symbol? {
    guard let first = rewriter.definition(parts[0], as: Slice.self) else { return nil }
    var limits = first.operation.limits
    guard first.operation.steps.allSatisfy({ $0 == 1 }) else { return nil }
    for part in parts.dropFirst() {
      guard let next = rewriter.definition(part, as: Slice.self), next.operands[0].value == first.operands[0].value,
        next.operation.steps.allSatisfy({ $0 == 1 }), next.operation.starts[axis] == limits[axis],
        next.operation.starts.indices.allSatisfy({
          $0 == axis
            || (next.operation.starts[$0] == first.operation.starts[$0] && next.operation.limits[$0] == limits[$0])
        })
      else { return nil }
      limits[axis] = next.operation.limits[axis]
    }
    return rewriter.one(Slice(starts: first.operation.starts, limits: limits), first.operands[0])
  }
}

extension Slice {
  /// The one slice that shows what this slice of an inner one shows.
  fileprivate func following(_ inner: Slice) -> Slice {
    let starts = zip(inner.starts, zip(starts, inner.steps)).map { $0 + $1.0 * $1.1 }
    let ends = self.starts.indices.map { axis in
      limits[axis] == self.starts[axis]
        ? starts[axis] : inner.starts[axis] + (limits[axis] - 1) * inner.steps[axis] + 1
    }
    return Slice(starts: starts, limits: ends, steps: zip(steps, inner.steps).map { $0 * $1 })
  }
}

extension Rewriter {
  /// The operand of a concatenation, and the slice of it, that shows all that a slice shows of the whole.
  ///
  /// - Complexity: O(log operands) but for the first slice of a concatenation.
  fileprivate func part(_ slice: Slice, of whole: Symbol) -> (slice: Slice, operand: Symbol)? {
    let node = builder.nodes[whole.value.node]
    guard let axis = (node.operation as? Concatenate)?.axis else { return nil }
    let begins = operandStarts(ofConcatenation: whole.value.node, axis)
    let place = begins.partition(before: slice.starts[axis]) - 1
    guard node.operands.indices.contains(place), place + 1 == begins.count || slice.limits[axis] <= begins[place + 1]
    else { return nil }
    var (from, to) = (slice.starts, slice.limits)
    from[axis] -= begins[place]
    to[axis] -= begins[place]
    return (
      Slice(starts: from, limits: to, steps: slice.steps), Symbol(builder: builder, value: node.operands[place])
    )
  }
}
