import Descent

extension Picture {
  /// The picture of a tensor of bytes, or of numbers from 0 to 1, `[height, width, 3]`.
  ///
  /// - Throws: `TensorError` where it has another form.
  init(rgb tensor: Tensor) throws {
    let bytes = tensor.elementType == .uint8 ? tensor : (tensor.clamped(0, 1) * 255 + 0.5).converted(to: .uint8)
    let shape = tensor.shape
    guard shape.rank == 3 else {
      throw tensor.error ?? TensorError("Picture", "takes a tensor [height, width, 3], found \(shape)")
    }
    let pixels = try bytes.literal().withHostBytes { [UInt8]($0) }
    try self.init(width: shape[1], height: shape[0], channels: shape[2], pixels: pixels)
  }

  /// The picture in red, green and blue, as large as it fits into a square, the rest of which is filled with white.
  ///
  /// - Throws: `TensorError` where the side is not positive.
  func fitted(side: Int) throws -> Picture {
    let longest = max(width, height)
    func length(_ own: Int) -> Int { max(1, (own * side + longest / 2) / longest) }
    let resized =
      width == height && width == side ? self : try resized(height: length(height), width: length(width))
    var square = try Picture(width: side, height: side, color: [255, 255, 255])
    square.blit(resized, x: (side - resized.width) / 2, y: (side - resized.height) / 2)
    return square
  }
}
