import CFormats
import DescentTensors

extension Picture {
  /// The picture in another size; where that is smaller, pixels are averaged, elsewhere interpolated linearly.
  ///
  /// - Throws: `TensorError` where a size is not positive.
  public func resized(height: Int, width: Int) throws -> Picture {
    var random = ElementRandom(seed: 0, epoch: 0, index: 0)
    return try changed(Augmentation(height: height, width: width, fill: nil), "resized", using: &random)
  }

  /// A piece of the picture.
  ///
  /// - Parameters:
  ///   - rows: Its rows.
  ///   - columns: Its columns.
  /// - Throws: `TensorError` where it is empty, or reaches beyond the edge.
  public func cropped(rows: Range<Int>, columns: Range<Int>) throws -> Picture {
    guard !rows.isEmpty, !columns.isEmpty, rows.lowerBound >= 0, rows.upperBound <= height, columns.lowerBound >= 0,
      columns.upperBound <= width
    else {
      throw TensorError("cropped", "rows \(rows) and columns \(columns) of a picture of \(width)×\(height) pixels")
    }
    var piece: [UInt8] = []
    piece.reserveCapacity(rows.count * columns.count * channels)
    for row in rows {
      let start = (row * width + columns.lowerBound) * channels
      piece += pixels[start..<start + columns.count * channels]
    }
    return Picture(unchecked: columns.count, height: rows.count, channels: channels, pixels: piece)
  }

  /// The picture with left and right exchanged.
  public func flipped() -> Picture { (try? turned(.flipped(probability: 1))) ?? self }

  /// The picture with top and bottom exchanged.
  public func flippedVertically() -> Picture { (try? turned(.flippedVertically(probability: 1))) ?? self }

  /// The picture turned about its middle, in its own size.
  ///
  /// - Parameters:
  ///   - degrees: By how much, to the right.
  ///   - fill: What lies beyond the edges, from 0 (black) to 1 (white); `nil` repeats them.
  /// - Throws: `TensorError` where the angle is not finite, or the fill outside 0...1.
  public func rotated(degrees: Double, fill: Double? = 0) throws -> Picture {
    guard degrees.isFinite else { throw TensorError("rotated", "by \(degrees) degrees") }
    return try turned(.rotated(within: degrees...degrees), fill: fill)
  }

  private func turned(_ change: Augmentation.Change, fill: Double? = nil) throws -> Picture {
    var random = ElementRandom(seed: 0, epoch: 0, index: 0)
    return try changed(Augmentation(fill: fill, change), "rotated", using: &random)
  }

  private func changed(
    _ augmentation: Augmentation, _ function: String, using random: inout ElementRandom
  ) throws -> Picture {
    do {
      let values = try augmentation(self, using: &random)
      let bytes = try (values * 255 + 0.5).converted(to: .uint8).literal().withHostBytes { [UInt8]($0) }
      return Picture(unchecked: values.shape[1], height: values.shape[0], channels: channels, pixels: bytes)
    } catch let error as TensorError { throw TensorError(function, error.message) }
  }

  /// The picture as a tensor of bytes, `[height, width, channels]`.
  public var tensor: Tensor { Tensor(bytes: pixels, shape: [height, width, channels]) }
}
