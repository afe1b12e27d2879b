import CFormats

extension GrayImage {
  /// How much a speck of one or two pixels differs at least from all around it, in levels.
  private static let speckContrast: Int32 = 32

  /// The picture without specks of one or two pixels: pepper, salt, dead sensor cells.
  ///
  /// A large picture is shrunk before its ink is found, and would be mottled by what is left of its specks.
  ///
  /// - Complexity: O(pixels).
  func withoutSpecks() -> GrayImage {
    let cleaned = [UInt8](unsafeUninitializedCapacity: pixels.count) { target, initialized in
      if let target = target.baseAddress {
        dn_despeckle(target, pixels, Int64(width), Int64(height), Self.speckContrast)
      }
      initialized = pixels.count
    }
    return GrayImage(width: width, height: height, checked: cleaned)
  }

  /// Whether more than a third of the pixels differ from the next one by more than the grain of any paper, 20 levels;
  /// of those that show writing, only the edges of its strokes do.
  ///
  /// - Complexity: O(1): a few thousand pixels tell it.
  var isNoise: Bool {
    guard width > 1 else { return false }
    let step = max(pixels.count / 5_000, 1)
    var (grainy, seen) = (0, 0)
    for index in stride(from: 0, to: pixels.count - 1, by: step) where index % width != width - 1 {
      seen += 1
      if abs(Int(pixels[index]) - Int(pixels[index + 1])) > 20 { grainy += 1 }
    }
    return 3 * grainy > seen
  }
}
