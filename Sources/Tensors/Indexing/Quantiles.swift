import DescentGraph

/// What is taken where a part of the elements ends between two of them.
public enum QuantileInterpolation: String, Sendable, Hashable, CaseIterable {
  /// What lies between them on a straight line.
  case linear
  /// The lower one.
  case lower
  /// The higher one.
  case higher
  /// The nearer one; of two equally near ones that with the even index.
  case nearest
  /// The middle of both.
  case midpoint

  /// The index below and how far on the way to the next one, of a place between indices.
  func place(_ place: Double) -> (low: Int, part: Double) {
    let low = Int(place)
    let part = place - Double(low)
    switch self {
    case .linear: return (low, part)
    case .lower: return (low, 0)
    case .higher: return (part > 0 ? low + 1 : low, 0)
    case .nearest: return (Int(place.rounded(.toNearestOrEven)), 0)
    case .midpoint: return (low, part > 0 ? 0.5 : 0)
    }
  }

  /// The same of places that are known when a program runs.
  fileprivate func place(_ place: Tensor) -> (low: Tensor, part: Tensor) {
    let low = floor(place)
    let part = place - low
    switch self {
    case .linear: return (low, part)
    case .lower: return (low, part * 0)
    case .higher: return (ceil(place), part * 0)
    case .nearest: return (round(place), part * 0)
    case .midpoint: return (low, `where`(part .> 0, 0.5, part))
    }
  }
}

extension Tensor {
  /// The element below which a part `q`, from 0 to 1, of the elements along some axes lies, along all where none are
  /// given; between two elements by a straight line, or as is asked for. NaN where there is one among them.
  public func quantile(
    _ q: Double, axes: (any AxisList)? = nil, keepingAxes: Bool = false,
    interpolation: QuantileInterpolation = .linear
  ) -> Tensor {
    .accumulated("quantile", self) { x in
      x.sortedLines("quantile", q, axes, keepingAxes) { sorted, count in
        let last = sorted[.ellipsis, -1]
        let result = sorted.element(at: q * Double(count - 1), interpolation)
        return `where`(last .!= last, last, result)
      }
    }
  }

  /// The quantiles of several parts, one after the other along a first axis; see `quantile`. The elements are sorted once.
  public func quantiles(
    _ parts: [Double], axes: (any AxisList)? = nil, keepingAxes: Bool = false,
    interpolation: QuantileInterpolation = .linear
  ) -> Tensor {
    .calling { stacked(parts.map { quantile($0, axes: axes, keepingAxes: keepingAxes, interpolation: interpolation) }) }
  }

  /// The quantile of what is not NaN along some axes, along all where none are given; NaN of nothing. See `quantile`.
  public func nanQuantile(
    _ q: Double, axes: (any AxisList)? = nil, keepingAxes: Bool = false,
    interpolation: QuantileInterpolation = .linear
  ) -> Tensor {
    .accumulated("nanQuantile", self) { x in
      x.sortedLines("nanQuantile", q, axes, keepingAxes) { sorted, _ in
        // NaN is last in order.
        let known = (sorted .== sorted).converted(to: .float64).sum(axes: [-1], keepingAxes: true)
        let (low, part) = interpolation.place(maximum(known - 1.0, 0) * q)
        let high = minimum(low + 1.0, maximum(known - 1.0, 0))
        let below = sorted.takenAlong(low.converted(to: .int32))
        let above = sorted.takenAlong(high.converted(to: .int32))
        return below.interpolated(to: above, part.converted(to: sorted.elementType)).squeezed(axes: [-1])
      }
    }
  }

  /// The middle element along some axes, along all where none are given; the mean of the two middle ones of an even
  /// number. NaN where there is one among them.
  public func median(axes: (any AxisList)? = nil, keepingAxes: Bool = false) -> Tensor {
    .calling { quantile(0.5, axes: axes, keepingAxes: keepingAxes) }
  }

  /// The middle element of what is not NaN along some axes, along all where none are given; NaN of nothing.
  public func nanMedian(axes: (any AxisList)? = nil, keepingAxes: Bool = false) -> Tensor {
    .calling { nanQuantile(0.5, axes: axes, keepingAxes: keepingAxes) }
  }

  /// What a body makes of lines `[kept…, elements]` in order.
  private func sortedLines(
    _ name: String, _ q: Double, _ axes: (any AxisList)?, _ keepingAxes: Bool,
    _ body: (_ sorted: Tensor, _ count: Int) -> Tensor
  ) -> Tensor {
    resolved(axes, name) { axes in
      guard q >= 0, q <= 1 else { return .failure(name, "\(q) is not between 0 and 1") }
      let kept = shape.indices.filter { !axes.contains($0) }
      let line = transposed(kept + axes).reshaped(Shape(kept.map { shape[$0] } + [axes.reduce(1) { $0 * shape[$1] }]))
      guard line.error == nil else { return line }
      guard let count = line.shape.last, count > 0 else {
        return .failure(name, "\(shape) has no elements along axes \(axes)")
      }
      let result = body(line.sorted(), count)
      return keepingAxes ? result.reshaped(Shape(shape.indices.map { axes.contains($0) ? 1 : shape[$0] })) : result
    }
  }

  /// What lies at a place of sorted lines.
  private func element(at place: Double, _ interpolation: QuantileInterpolation) -> Tensor {
    let (low, part) = interpolation.place(place)
    let below = self[.ellipsis, low]
    return part > 0 ? below.interpolated(to: self[.ellipsis, low + 1], below.number(part)) : below
  }
}
