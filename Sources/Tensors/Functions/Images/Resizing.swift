import DescentGraph

/// How a picture is interpolated when it is resized.
public enum ResizeMethod: String, Sendable, Hashable, Codable {
  /// The nearest element below: `i · size / new size`, as in PyTorch's `nearest`.
  case nearest
  /// Linear interpolation between the two nearest along each axis.
  case linear
}

extension Tensor {
  /// A picture, `[batch, spatial…, channels]`, with other sizes along its spatial axes.
  ///
  /// By `.linear`, an element stands for an area of which it is the center, as in PyTorch's `interpolate` with
  /// `align_corners=False`; beyond the outermost centers the outermost elements are repeated. Making smaller does not average.
  public func resized(_ sizes: [Int], method: ResizeMethod = .linear) -> Tensor {
    .calling {
      if error != nil { return self }
      guard rank == sizes.count + 2, sizes.allSatisfy({ $0 > 0 }), !shape[1...sizes.count].contains(0) else {
        return .failure(
          "resized", "takes [batch, \(sizes.count) spatial axes, channels] and sizes above 0, not \(shape)")
      }
      guard method == .nearest || elementType.isFloatingPoint else {
        return .failure("resized", "takes floating-point numbers, not \(elementType); convert with converted(to:)")
      }
      var result = self
      for (spatial, size) in sizes.enumerated() where size != shape[spatial + 1] {
        result = result.resized(size, method, axis: spatial + 1)
      }
      return result
    }
  }

  private func resized(_ size: Int, _ method: ResizeMethod, axis: Int) -> Tensor {
    let (last, scale) = (shape[axis] - 1, Double(shape[axis]) / Double(size))
    let places = Tensor(rangeTo: size, .float64)
    func taken(_ places: Tensor) -> Tensor {
      self.taken(places.clamped(0, Double(last)).converted(to: .int32), axis: axis)
    }
    if method == .nearest { return taken(floor(places * scale)) }
    let type = elementType.accumulator
    let centers = ((places + 0.5) * scale - 0.5).clamped(0, Double(last))
    let low = floor(centers)
    let parts = (centers - low).converted(to: type)
      .reshaped(Shape([size] + [Int](repeating: 1, count: rank - axis - 1)))
    let (before, after) = (taken(low).converted(to: type), taken(low + 1).converted(to: type))
    return before.interpolated(to: after, parts).converted(to: elementType)
  }
}
