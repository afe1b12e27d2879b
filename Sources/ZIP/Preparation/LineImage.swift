/// A line of handwriting as the network sees it: ink on a strip of fixed size.
public struct LineImage: Equatable, Sendable {
  /// The height of every strip, in pixels.
  public static let height = 32
  /// The width of every strip, in pixels.
  public static let width = 160
  /// The number of pixels of a strip.
  public static let count = height * width

  /// The ink as `[32, 160]`: 0 paper … 1 full ink.
  public let ink: [Float]

  /// A strip of given ink; nil unless there are 32 × 160 numbers.
  public init?(ink: [Float]) {
    guard ink.count == Self.count else { return nil }
    self.ink = ink
  }

  init(checked ink: [Float]) {
    self.ink = ink
  }

  /// The ink in 255 levels.
  var levels: [UInt8] { ink.map { UInt8($0 * 255) } }

  /// The strip as a picture: black ink on white.
  ///
  /// - Complexity: O(pixels).
  public var image: GrayImage {
    GrayImage(
      width: Self.width, height: Self.height, checked: ink.map { UInt8(255 - min(max($0, 0), 1) * 255) })
  }
}
