import DescentGraph

extension Tensor {
  /// What lies under each window of `[batch, spatial…, channels]`, as `[batch, windows…, patch]`.
  ///
  /// A patch holds the elements of its window in row-major order, the channels of each together: a product with a
  /// convolution's weights, reshaped to `[patch, filters]`, is that convolution.
  ///
  /// - Parameters:
  ///   - sizes: The windows' size along each spatial axis; one size serves all axes.
  ///   - strides: The distance between neighboring windows; 1 where none are given.
  ///   - padding: What lies beyond the edges: zeros.
  ///   - dilation: The distance between neighboring elements of a window; 1 where none are given.
  public func unfolded(
    sizes: [Int], strides: [Int]? = nil, padding: Padding = .valid, dilation: [Int]? = nil
  ) -> Tensor {
    if error != nil { return self }
    guard rank >= 3 else { return .failure("unfolded", "takes [batch, spatial…, channels], not \(shape)") }
    let spatial = Array(shape[1..<rank - 1])
    return patches("unfolded", over: spatial, sizes, strides, padding, dilation) { windows, counts in
      let whole = padded(low: [0] + windows.low + [0], high: [0] + windows.high + [0])
      let parts = windows.offsets.map { offset in
        let limits = counts.indices.map { offset[$0] + (counts[$0] - 1) * windows.strides[$0] + 1 }
        let slice = Slice(
          starts: [0] + offset + [0], limits: [shape[0]] + limits + [shape[rank - 1]],
          steps: [1] + windows.strides + [1])
        return Tensor.record(slice, [whole])
      }
      return concatenated(parts, axis: -1)
    }
  }

  /// Patches `[batch, windows…, patch]` added where their windows lie: `[batch, spatial…, channels]`, the transpose of
  /// `unfolded`.
  ///
  /// - Parameters:
  ///   - spatial: The sizes along the spatial axes of the result.
  ///   - sizes: The windows' size along each spatial axis; one size serves all axes.
  ///   - strides: The distance between neighboring windows; 1 where none are given.
  ///   - padding: What `unfolded` put beyond the edges, which is left out.
  ///   - dilation: The distance between neighboring elements of a window; 1 where none are given.
  public func folded(
    to spatial: [Int], sizes: [Int], strides: [Int]? = nil, padding: Padding = .valid, dilation: [Int]? = nil
  ) -> Tensor {
    if error != nil { return self }
    return patches("folded", over: spatial, sizes, strides, padding, dilation) { windows, counts in
      let offsets = windows.offsets
      guard rank == counts.count + 2, Array(shape[1..<rank - 1]) == counts, shape[rank - 1] % offsets.count == 0 else {
        return .failure(
          "folded",
          "\(shape) are not patches of \(offsets.count) elements each under windows \(counts) over \(spatial)")
      }
      let channels = shape[rank - 1] / offsets.count
      var sum = Tensor(zeros: Shape([shape[0]] + spatial + [channels]), elementType)
      for (number, offset) in offsets.enumerated() {
        let low = offset.indices.map { offset[$0] - windows.low[$0] }
        let high = offset.indices.map { axis in
          spatial[axis] - low[axis] - (counts[axis] - 1) * windows.strides[axis] - 1
        }
        let pad = Pad(
          low: [0] + low + [0], high: [0] + high + [0], interior: [0] + windows.strides.map { $0 - 1 } + [0])
        let part = sliced(number * channels..<(number + 1) * channels, axis: -1)
        sum = sum + Tensor.record(pad, [part, part.number(0)])
      }
      return sum
    }
  }

  /// Windows over spatial sizes and their numbers, checked.
  private func patches(
    _ name: String, over spatial: [Int], _ sizes: [Int], _ strides: [Int]?, _ padding: Padding, _ dilation: [Int]?,
    _ body: (_ windows: WindowGeometry, _ counts: [Int]) -> Tensor
  ) -> Tensor {
    let windows = windowGeometry(
      over: spatial, size: perAxis(sizes, spatial.count), strides: strides, padding: padding, dilation: dilation)
    do throws(OperationError) {
      let counts = try windows.outputSizes(spatial, for: name)
      // Each element of a window is an operation of its own.
      guard let elements = Shape(windows.size).checkedCount, elements <= 1 << 16 else {
        return .failure(name, "a window of \(windows.size) elements is too large to be laid out")
      }
      return .calling(name) { body(windows, counts) }
    } catch {
      return Tensor(error: TensorError(error))
    }
  }
}

extension WindowGeometry {
  /// Where each element of a window lies from its first one, in row-major order.
  fileprivate var offsets: [[Int]] {
    let places = Shape(size)
    return (0..<places.count).map { place in
      zip(zip(places.strides, size), dilation).map { place / $0.0 % $0.1 * $1 }
    }
  }
}
