extension Picture {
  /// How a camera or scanner was held: which way the stored rows and columns lie in the picture that they show.
  ///
  /// The numbers are those of TIFF 6.0 and EXIF 2.3.
  enum Orientation: Int {
    case upright = 1
    case mirrored, upsideDown, flipped, transposed, turnedLeft, transversed, turnedRight

    /// Whether rows and columns change places.
    var isTransposing: Bool { rawValue >= 5 }
    /// Whether what is shown counts a stored row from its last column.
    fileprivate var reversesColumns: Bool { [2, 3, 7, 8].contains(rawValue) }
    /// Whether what is shown counts from the last stored row.
    fileprivate var reversesRows: Bool { [3, 4, 6, 7].contains(rawValue) }
  }

  /// The picture as it is to be seen, of pixels stored in an orientation.
  ///
  /// - Complexity: O(width · height).
  func shown(from orientation: Orientation) -> Picture {
    guard orientation != .upright else { return self }
    let (newWidth, newHeight) = orientation.isTransposing ? (height, width) : (width, height)
    let channels = channels
    let shown = [UInt8](unsafeUninitializedCapacity: pixels.count) { target, initialized in
      pixels.withUnsafeBufferPointer { source in
        var to = 0
        for y in 0..<newHeight {
          for x in 0..<newWidth {
            var (row, column) = orientation.isTransposing ? (x, y) : (y, x)
            if orientation.reversesRows { row = height - 1 - row }
            if orientation.reversesColumns { column = width - 1 - column }
            let from = (row * width + column) * channels
            for channel in 0..<channels { target[to + channel] = source[from + channel] }
            to += channels
          }
        }
      }
      initialized = pixels.count
    }
    return Picture(unchecked: newWidth, height: newHeight, channels: channels, pixels: shown)
  }
}
