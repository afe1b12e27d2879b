/// A gray picture: one byte a pixel, row after row, 0 black … 255 white.
public struct GrayImage: Equatable, Sendable {
  /// The width in pixels.
  public let width: Int
  /// The height in pixels.
  public let height: Int
  /// The pixels, row after row from the top left; `width × height` of them.
  public let pixels: [UInt8]

  /// A picture of given pixels; nil unless there are `width × height` of them.
  public init?(width: Int, height: Int, pixels: [UInt8]) {
    let (area, overflow) = width.multipliedReportingOverflow(by: height)
    guard width >= 0, height >= 0, !overflow, pixels.count == area else { return nil }
    self.init(width: width, height: height, checked: pixels)
  }

  init(width: Int, height: Int, checked pixels: [UInt8]) {
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// The same picture with black and white exchanged.
  ///
  /// - Complexity: O(`width × height`).
  public func inverted() -> GrayImage {
    GrayImage(width: width, height: height, checked: pixels.map { 255 - $0 })
  }
}
