import CNative
import DescentGraph

extension IndexGeometry {
  /// The geometry as the C floor knows it, for a packed tensor.
  func native(_ tensor: Shape, _ indices: TensorType) -> dn_index_geometry {
    let strides = tensor.strides
    var native = dn_index_geometry()
    native.index_type = indices.elementType.native
    native.numbers = Int32(axes.count)
    native.clamps = outside == .clamped
    native.batch = Int64(Shape(Array(tensor.sizes[..<batch])).count)
    native.places = Int64(Shape(Array(indices.shape.sizes[batch..<indices.rank - 1])).count)
    native.batch_elements = Int64(Shape(Array(tensor.sizes[batch...])).count)
    for (number, axis) in axes.enumerated() {
      let limit = tensor[axis] - sizes[number]
      store(limit, in: &native.limits, at: number)
      store(strides[axis], in: &native.strides, at: number)
      // Windows of several elements that can begin at several places.
      if sizes[number] > 1, limit > 0 { native.overlaps = true }
    }
    let window = zip(window(of: tensor), strides[batch...]).map { (size: $0, stride: $1) }
    native.before = Self.loop(window[..<position])
    native.after = Self.loop(window[position...])
    return native
  }

  /// Axes as a loop, those that follow each other without a gap as one.
  private static func loop(_ axes: ArraySlice<(size: Int, stride: Int)>) -> dn_index_loop {
    var merged: [(size: Int, stride: Int)] = []
    for axis in axes where axis.size != 1 {
      if let last = merged.last, last.stride == axis.size * axis.stride {
        merged[merged.count - 1] = (last.size * axis.size, axis.stride)
      } else {
        merged.append(axis)
      }
    }
    var loop = dn_index_loop()
    loop.rank = Int32(merged.count)
    for (number, axis) in merged.enumerated() {
      store(axis.size, in: &loop.sizes, at: number)
      store(axis.stride, in: &loop.strides, at: number)
    }
    return loop
  }
}

/// Writes an element of one of C's arrays, which Swift sees as tuples.
private func store<Tuple>(_ value: Int, in tuple: inout Tuple, at index: Int) {
  withUnsafeMutableBytes(of: &tuple) { $0.storeBytes(of: Int64(value), toByteOffset: index * 8, as: Int64.self) }
}
