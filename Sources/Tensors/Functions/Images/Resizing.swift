import DescentGraph

/// How a picture is interpolated when it is resized.
public enum ResizeMethod: String, Sendable, Hashable, Codable {
  /// The nearest element below: `i · size / new size`, as in PyTorch's `nearest`.
  case nearest
  /// The element whose area holds the new one's center, as in PyTorch's `nearest-exact`.
  case nearestExact
  /// Linear interpolation between the two nearest along each axis.
  case linear
  /// Cubic interpolation between the four nearest along each axis, by Keys' kernel with −¾, as in PyTorch's `bicubic`. Source:
  /// Keys, "Cubic convolution interpolation for digital image processing", 1981.
  case cubic
}

extension Tensor {
  /// A picture, `[batch, spatial…, channels]`, with other sizes along its spatial axes.
  ///
  /// An element stands for an area of which it is the center, as in PyTorch's `interpolate` with `align_corners=False`;
  /// beyond the outermost centers the outermost elements are repeated. Making smaller averages where `antialiasing` says so.
  ///
  /// - Parameters:
  ///   - sizes: The new sizes of the spatial axes.
  ///   - method: How what lies between elements is found.
  ///   - aligningCorners: Whether elements are points, the outermost of which stay at the edges, as with
  ///     `align_corners=True`; only where elements are interpolated.
  ///   - antialiasing: Whether what is made smaller is averaged over as many elements as become one, as with `antialias=True`;
  ///     only where elements are interpolated and corners are not aligned.
  public func resized(
    _ sizes: [Int], method: ResizeMethod = .linear, aligningCorners: Bool = false, antialiasing: Bool = false
  ) -> Tensor {
    .calling {
      if error != nil { return self }
      guard rank == sizes.count + 2, sizes.allSatisfy({ $0 > 0 }), !shape[1...sizes.count].contains(0) else {
        return .failure(
          "resized", "takes [batch, \(sizes.count) spatial axes, channels] and sizes above 0, not \(shape)")
      }
      let isChoice = method == .nearest || method == .nearestExact
      guard isChoice || elementType.isFloatingPoint else {
        return .failure("resized", "takes floating-point numbers, not \(elementType); convert with converted(to:)")
      }
      guard !isChoice || !aligningCorners else {
        return .failure("resized", "corners are aligned where elements are interpolated, by .linear or .cubic")
      }
      guard !antialiasing || !isChoice && !aligningCorners else {
        return .failure(
          "resized", "averages where elements are interpolated, by .linear or .cubic, and corners are not aligned")
      }
      var result = self
      for (spatial, size) in sizes.enumerated() where size != shape[spatial + 1] {
        result =
          antialiasing
          ? result.averaged(size, method, axis: spatial + 1)
          : result.resized(size, method, aligningCorners, axis: spatial + 1)
      }
      return result
    }
  }

  private func resized(_ size: Int, _ method: ResizeMethod, _ aligningCorners: Bool, axis: Int) -> Tensor {
    let (last, scale) = (shape[axis] - 1, Double(shape[axis]) / Double(size))
    let places = Tensor(rangeTo: size, .float64)
    func taken(_ places: Tensor) -> Tensor {
      self.taken(places.clamped(0, Double(last)).converted(to: .int32), axis: axis)
    }
    if method == .nearest { return taken(floor(places * scale)) }
    if method == .nearestExact { return taken(floor((places + 0.5) * scale)) }
    let type = elementType.accumulator
    let step = Double(last) / Double(Swift.max(1, size - 1))
    let centers = aligningCorners ? places * step : (places + 0.5) * scale - 0.5
    let inside = method == .cubic ? centers : centers.clamped(0, Double(last))
    let low = floor(inside)
    let parts = (inside - low).converted(to: type)
      .reshaped(Shape([size] + [Int](repeating: 1, count: rank - axis - 1)))
    if method == .cubic {
      let weights = Self.cubicWeights(parts)
      let products = (0..<4).map { taken(low + Double($0 - 1)).converted(to: type) * weights[$0] }
      return (products[0] + products[1] + products[2] + products[3]).converted(to: elementType)
    }
    let (before, after) = (taken(low).converted(to: type), taken(low + 1).converted(to: type))
    return before.interpolated(to: after, parts).converted(to: elementType)
  }

  /// An axis resized by means with the weights of the method's kernel, which is as many times as wide as the axis becomes shorter.
  private func averaged(_ size: Int, _ method: ResizeMethod, axis: Int) -> Tensor {
    let length = shape[axis]
    // Rows of weights take as much memory as a matrix between both sizes.
    let (count, overflow) = length.multipliedReportingOverflow(by: size)
    guard !overflow, count <= 1 << 28 else {
      return .failure("resized", "averages axes of up to 2²⁸ pairs of elements, not \(length) to \(size)")
    }
    let scale = Double(length) / Double(size)
    let stretch = Swift.max(1, scale)
    let reach = (method == .cubic ? 2 : 1) * stretch
    var weights: [Double] = []
    for place in 0..<size {
      let center = (Double(place) + 0.5) * scale
      let first = Swift.max(0, Int(center - reach + 0.5))
      let end = Swift.min(length, Int(center + reach + 0.5))
      let row = (0..<length).map { element -> Double in
        guard (first..<end).contains(element) else { return 0 }
        return method.weight(at: (Double(element) - center + 0.5) / stretch)
      }
      let sum = row.reduce(0, +)
      weights += row.map { $0 / sum }
    }
    let type = elementType.accumulator
    let matrix = Tensor(weights, shape: [size, length], type)
    return matmul(moved(axis, to: -1).converted(to: type), matrix.transposed()).moved(-1, to: axis)
      .converted(to: elementType)
  }

  /// The weights of the four elements around a place, from its distance to the second.
  private static func cubicWeights(_ part: Tensor) -> [Tensor] {
    let steepness = -0.75
    func near(_ x: Tensor) -> Tensor {
      let slope = x * (steepness + 2) - (steepness + 3)
      return slope * x * x + 1.0
    }
    func far(_ x: Tensor) -> Tensor {
      let inner = x * steepness - 5 * steepness
      let middle = inner * x + 8 * steepness
      return middle * x - 4 * steepness
    }
    return [far(part + 1.0), near(part), near(1.0 - part), far(2.0 - part)]
  }
}

extension ResizeMethod {
  /// The weight of an element at a distance in the mean of what is made smaller: a triangle, or Keys' kernel with −½.
  fileprivate func weight(at distance: Double) -> Double {
    let x = abs(distance)
    guard self == .cubic else { return Swift.max(0, 1 - x) }
    let steepness = -0.5
    if x < 1 { return ((steepness + 2) * x - (steepness + 3)) * x * x + 1 }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * steepness : 0
  }
}
