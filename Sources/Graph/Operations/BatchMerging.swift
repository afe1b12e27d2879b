// The moves by which windows and convolutions map over a further axis: fold it into the batch, or, where the weights
// have it too, into the channels, as groups of their own.

extension Shape {
  /// The shape of `size` such batches side by side in one.
  func mergingBatch(_ size: Int) -> Shape {
    var shape = self
    shape[0] *= size
    return shape
  }
}

extension ConvolutionGeometry {
  /// The same convolution for `size` examples side by side in the channels.
  func grouped(_ size: Int) -> ConvolutionGeometry { ConvolutionGeometry(windows: windows, groups: groups * size) }
}

extension Symbol {
  /// `[size, batch, …]` as `[size · batch, …]`.
  func mergingBatch() -> Symbol {
    reshaped(Shape([shape[0] * shape[1]] + shape.sizes[2...]))
  }

  /// `[size · batch, …]` as `[size, batch, …]`.
  func splittingBatch(_ size: Int) -> Symbol {
    reshaped(Shape([size, shape[0] / size] + shape.sizes[1...]))
  }

  /// `[size, batch, spatial…, channels]` as `[batch, spatial…, size · channels]`.
  func mergingIntoChannels() -> Symbol {
    let last = shape.rank - 1
    let moved = transposed(Array(1..<last) + [0, last])
    return moved.reshaped(Shape(shape.sizes[1..<last] + [shape[0] * shape[last]]))
  }

  /// `[batch, spatial…, size · channels]` as `[size, batch, spatial…, channels]`.
  func splittingFromChannels(_ size: Int) -> Symbol {
    let last = shape.rank - 1
    let split = reshaped(Shape(shape.sizes[..<last] + [size, shape[last] / size]))
    return split.transposed([last] + Array(0..<last) + [last + 1])
  }
}
