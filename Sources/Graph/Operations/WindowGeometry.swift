/// How windows lie over the spatial axes of a tensor `[batch, spatial…, channels]`: one entry for each spatial axis.
package struct WindowGeometry: Sendable, Hashable {
  /// The number of elements in a window along each axis.
  package var size: [Int]
  /// The distance between neighboring windows.
  package var strides: [Int]
  /// How many elements of padding come before the first one.
  package var low: [Int]
  /// How many elements of padding come after the last one.
  package var high: [Int]
  /// The distance between neighboring elements of a window.
  package var dilation: [Int]

  /// Describes windows; strides and dilation default to 1, padding to 0.
  package init(
    size: [Int], strides: [Int]? = nil, low: [Int]? = nil, high: [Int]? = nil, dilation: [Int]? = nil
  ) {
    self.size = size
    self.strides = strides ?? size.map { _ in 1 }
    self.low = low ?? size.map { _ in 0 }
    self.high = high ?? size.map { _ in 0 }
    self.dilation = dilation ?? size.map { _ in 1 }
  }

  /// The number of spatial axes.
  package var rank: Int { size.count }

  var attributes: String {
    var parts = ["window: \(size)"]
    if strides.contains(where: { $0 != 1 }) { parts.append("strides: \(strides)") }
    if low.contains(where: { $0 != 0 }) || high.contains(where: { $0 != 0 }) { parts.append("padding: \(low)…\(high)") }
    if dilation.contains(where: { $0 != 1 }) { parts.append("dilation: \(dilation)") }
    return parts.joined(separator: ", ")
  }

  /// The number of windows along each axis of the given sizes.
  ///
  /// - Throws: `OperationError` of the named operation where the windows do not fit.
  package func outputSizes(_ input: [Int], for name: String) throws(OperationError) -> [Int] {
    guard input.count == rank else {
      throw OperationError(name, "a window of \(rank) axes over \(input.count) spatial axes")
    }
    guard [strides, low, high, dilation].allSatisfy({ $0.count == rank }) else {
      throw OperationError(name, "takes a number for each of \(rank) spatial axes, not \(attributes)")
    }
    var sizes: [Int] = []
    for axis in size.indices {
      guard size[axis] >= 1, strides[axis] >= 1, dilation[axis] >= 1, low[axis] >= 0, high[axis] >= 0 else {
        throw OperationError(
          name, "window, stride and dilation must be positive and padding not negative: \(attributes)")
      }
      let (reach, overflow) = (size[axis] - 1).multipliedReportingOverflow(by: dilation[axis])
      let (padded, overflow2) = input[axis].addingReportingOverflow(low[axis])
      let (whole, overflow3) = padded.addingReportingOverflow(high[axis])
      guard !overflow, !overflow2, !overflow3, reach < Int.max else {
        throw OperationError(name, "the window or its padding is too large: \(attributes)")
      }
      guard reach + 1 <= whole else {
        throw OperationError(
          name,
          "a window of \(reach + 1) does not fit into \(whole) elements, padding included, of spatial axis \(axis)")
      }
      sizes.append((whole - reach - 1) / strides[axis] + 1)
    }
    return sizes
  }

  /// The sizes over which the given numbers of windows lie.
  ///
  /// - Parameters:
  ///   - output: The number of windows along each axis.
  ///   - rest: By how many elements the sizes are larger than what the windows reach.
  ///   - isWhole: Whether windows reach over all of their last stride, however small they are.
  ///   - name: The operation that asks.
  /// - Throws: `OperationError` of the named operation where over no such sizes lie so many windows.
  package func inputSizes(
    giving output: [Int], rest: [Int], isWhole: Bool, for name: String
  ) throws(OperationError) -> [Int] {
    guard ([output, rest] + [strides, low, high, dilation]).allSatisfy({ $0.count == rank }) else {
      throw OperationError(
        name, "takes a number for each of \(rank) spatial axes, not \(attributes), output padding: \(rest)")
    }
    let sizes = size.indices.map { axis in
      let reach = (size[axis] &- 1) &* dilation[axis] &+ 1 &- low[axis] &- high[axis]
      return (output[axis] &- 1) &* strides[axis] &+ (isWhole ? strides[axis] : reach) &+ rest[axis]
    }
    guard rest.allSatisfy({ $0 >= 0 }), sizes.allSatisfy({ $0 >= 0 }) else {
      throw OperationError(name, "\(attributes), output padding: \(rest) leave nothing of \(output) elements")
    }
    // What wrapped around on the way is refused here, as are windows of no size.
    guard try outputSizes(sizes, for: name) == output else {
      throw OperationError(
        name, "the output padding \(rest) adds further windows: \(attributes); it must be smaller than the strides")
    }
    return sizes
  }

  /// For each window of an input of the given spatial shape, in row-major order, the places it covers: the position
  /// within the window and the element's row-major place among the spatial ones. Padding is left out.
  func coverage(_ input: [Int], _ output: [Int]) -> [[(offset: Int, place: Int)]] {
    let strides = Shape(input).strides
    let windowShape = Shape(size)
    return (0..<Shape(output).count).map { window in
      (0..<windowShape.count).compactMap { offset in
        var (restOfWindow, restOfOffset, place) = (window, offset, 0)
        for axis in input.indices.reversed() {
          let at =
            restOfWindow % output[axis] * self.strides[axis] + restOfOffset % size[axis] * dilation[axis] - low[axis]
          guard at >= 0, at < input[axis] else { return nil }
          restOfWindow /= output[axis]
          restOfOffset /= size[axis]
          place += at * strides[axis]
        }
        return (offset, place)
      }
    }
  }
}
