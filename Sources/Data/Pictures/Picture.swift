import DescentTensors

/// A picture of 8-bit samples.
public struct Picture: Sendable, Hashable {
  /// The width in pixels, at least 1.
  public let width: Int

  /// The height in pixels, at least 1.
  public let height: Int

  /// The samples of a pixel: 1 (gray), 3 (red, green, blue) or 4 (and opacity, not multiplied in).
  public let channels: Int

  /// The samples as `[height, width, channels]`, 0 for black ... 255 for white.
  public internal(set) var pixels: [UInt8]

  /// The most pixels that a picture may have without being told otherwise: 2²⁶, eight thousand squared.
  public static let defaultPixelLimit = 1 << 26

  /// A picture of the given samples.
  ///
  /// - Throws: `TensorError` where the width or the height is below 1, the channels are none of 1, 3 and 4, or the
  ///   samples are not width · height · channels many.
  public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) throws {
    let count = try Self.sampleCount(width: width, height: height, channels: channels)
    guard count == pixels.count else {
      throw TensorError(
        "Picture", "\(width)×\(height) pixels of \(channels) channels are \(count) samples, found \(pixels.count)")
    }
    self.init(unchecked: width, height: height, channels: channels, pixels: pixels)
  }

  /// A picture of one color.
  ///
  /// - Parameter color: A sample for each channel, so 1, 3 or 4 of them.
  /// - Throws: `TensorError` where the width or the height is below 1 or the color has another number of samples.
  public init(width: Int, height: Int, color: [UInt8] = [255]) throws {
    let count = try Self.sampleCount(width: width, height: height, channels: color.count)
    if color.allSatisfy({ $0 == color[0] }) {
      self.init(
        unchecked: width, height: height, channels: color.count, pixels: Array(repeating: color[0], count: count))
    } else {
      let row = Array(repeatElement(color, count: width).joined())
      var pixels: [UInt8] = []
      pixels.reserveCapacity(count)
      for _ in 0..<height { pixels.append(contentsOf: row) }
      self.init(unchecked: width, height: height, channels: color.count, pixels: pixels)
    }
  }

  /// Parts that are known to agree.
  init(unchecked width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  private static func sampleCount(width: Int, height: Int, channels: Int) throws -> Int {
    func fault(_ text: String) -> TensorError { TensorError("Picture", text) }
    guard width > 0, height > 0 else { throw fault("\(width)×\(height) pixels, at least 1×1 are needed") }
    guard [1, 3, 4].contains(channels) else { throw fault("\(channels) channels, where 1, 3 or 4 are possible") }
    let (area, areaOverflow) = width.multipliedReportingOverflow(by: height)
    let (count, overflow) = area.multipliedReportingOverflow(by: channels)
    guard !areaOverflow, !overflow, count <= 1 << 40 else { throw fault("\(width)×\(height) pixels are too many") }
    return count
  }
}
