extension Chart {
  /// How numbers become colors.
  public enum Colors: Sendable, Hashable {
    /// Diverging where there are numbers on both sides of zero, and sequential otherwise.
    case automatic
    /// From dark violet over green to yellow: viridis (Smith and van der Walt 2015), even in lightness and safe for color
    /// blindness.
    case sequential
    /// Blue below zero, red above, white at zero.
    case diverging
    /// From black to white.
    case gray
  }
}

/// A color by its parts, from 0 to 255.
struct RGB: Sendable, Hashable {
  var red: UInt8
  var green: UInt8
  var blue: UInt8

  init(_ number: UInt32) {
    red = UInt8(truncatingIfNeeded: number >> 16)
    green = UInt8(truncatingIfNeeded: number >> 8)
    blue = UInt8(truncatingIfNeeded: number)
  }

  /// A color between two others.
  init(_ first: RGB, _ second: RGB, share: Double) {
    self.init(0)
    func mixed(_ a: UInt8, _ b: UInt8) -> UInt8 {
      UInt8(min(max((Double(a) + (Double(b) - Double(a)) * share).rounded(), 0), 255))
    }
    (red, green, blue) = (
      mixed(first.red, second.red), mixed(first.green, second.green), mixed(first.blue, second.blue)
    )
  }

  /// The color in CSS.
  var css: String {
    let digits = Array("0123456789abcdef")
    return "#" + String([red, green, blue].flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  /// Whether dark letters are read on it better than light ones.
  var isLight: Bool { 0.299 * Double(red) + 0.587 * Double(green) + 0.114 * Double(blue) > 140 }
  /// The ink that is read on the color.
  var readableInk: Ink { isLight ? "#14171c" : "#ffffff" }
}

/// The colors of the numbers of one field.
struct ColorMap: Sendable {
  let scale: Scale
  private let stops: [RGB]
  /// What stands for a number that cannot be drawn: none of the map's colors.
  static let missing = RGB(0x8b8b8b)

  private static let viridis: [RGB] = [
    0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c, 0x28ae80, 0x5ec962, 0xaddc30, 0xfde725,
  ].map(RGB.init)
  private static let blueToRed: [RGB] = [
    0x2166ac, 0x4393c3, 0x92c5de, 0xd1e5f0, 0xf7f7f7, 0xfddbc7, 0xf4a582, 0xd6604d, 0xb2182b,
  ].map(RGB.init)
  private static let blackToWhite: [RGB] = [0x000000, 0xffffff].map(RGB.init)

  /// Fits the colors to numbers.
  ///
  /// - Throws: `TensorError` where the range is empty or not finite, or does not suit a logarithm.
  init(
    _ values: [Double], _ colors: Chart.Colors, scale kind: Chart.Axis.Scale, range: ClosedRange<Double>?
  ) throws {
    let isLogarithmic = kind == .logarithmic
    let drawn = values.lazy.filter { $0.isDrawable && (!isLogarithmic || $0 > 0) }
    var extent: ClosedRange<Double>?
    if let low = drawn.min(), let high = drawn.max() { extent = low...high }
    let hasBothSigns =
      range.map { $0.lowerBound < 0 && $0.upperBound > 0 } ?? extent.map { $0.lowerBound < 0 && $0.upperBound > 0 }
    let isDiverging = colors == .diverging || colors == .automatic && hasBothSigns == true
    if isDiverging, range == nil, let known = extent {
      // White is zero only where both sides are of one length.
      let largest = max(abs(known.lowerBound), abs(known.upperBound))
      extent = -largest...largest
    }
    scale = try Scale(Chart.Axis("", kind, range: range), name: "color", extent: extent, padding: 0...0)
    stops =
      switch colors {
      case .gray: Self.blackToWhite
      case .automatic, .sequential, .diverging: isDiverging ? Self.blueToRed : Self.viridis
      }
  }

  /// The color of a number; those off the scale have the color of its end.
  func color(of value: Double) -> RGB {
    guard let position = scale.position(of: value) else { return Self.missing }
    return color(at: position)
  }

  /// The color of a share of the scale's length.
  func color(at share: Double) -> RGB {
    let place = min(max(share, 0), 1) * Double(stops.count - 1)
    let index = min(Int(place), stops.count - 2)
    return RGB(stops[index], stops[index + 1], share: place - Double(index))
  }
}
