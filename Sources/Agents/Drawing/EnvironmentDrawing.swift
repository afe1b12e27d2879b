import DescentData
import DescentTensors
import Foundation

/// What an environment looks like: filled shapes on a background, from which pictures, vector graphics and text are made.
///
/// Coordinates begin at the top left; x goes to the right and y down.
public struct EnvironmentDrawing: Sendable, Hashable {
  /// A color.
  public struct Color: Sendable, Hashable {
    /// How red, green and blue it is, 0 to 255.
    public let red, green, blue: UInt8

    /// A color by its hexadecimal number, such as `0xff8000` for orange.
    public init(_ number: UInt32) {
      red = UInt8(truncatingIfNeeded: number >> 16)
      green = UInt8(truncatingIfNeeded: number >> 8)
      blue = UInt8(truncatingIfNeeded: number)
    }

    /// Nearly white.
    public static let paper = Color(0xfafaf7)
    /// Nearly black.
    public static let ink = Color(0x30343b)
    /// A light gray.
    public static let pale = Color(0xd8dbe0)
    /// A middle gray.
    public static let gray = Color(0x8a9099)
    /// A blue.
    public static let blue = Color(0x3b6ea5)
    /// A red.
    public static let red = Color(0xc8503f)
    /// A green.
    public static let green = Color(0x4f9a5b)
    /// A yellow.
    public static let yellow = Color(0xe0b040)

    var hexadecimal: String { String(format: "#%02x%02x%02x", red, green, blue) }
  }

  /// A place.
  public struct Point: Sendable, Hashable {
    /// To the right.
    public var x: Double
    /// Downward.
    public var y: Double

    /// Makes a place.
    public init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
  }

  /// A shape of one color.
  public enum Shape: Sendable, Hashable {
    /// The inside of a closed line.
    case polygon([Point], Color)
    /// The inside of a circle.
    case circle(Point, radius: Double, Color)
    /// A line with round ends.
    case line(Point, Point, width: Double, Color)
  }

  /// The width of what is seen.
  public let width: Double
  /// The height of what is seen.
  public let height: Double
  /// The color of the background.
  public let background: Color
  /// The shapes, from back to front.
  public var shapes: [Shape] = []

  /// An empty drawing.
  public init(width: Double, height: Double, background: Color = .paper) {
    (self.width, self.height, self.background) = (width, height, background)
  }

  /// Adds a rectangle.
  public mutating func addRectangle(x: Double, y: Double, width: Double, height: Double, _ color: Color) {
    shapes.append(
      .polygon([Point(x, y), Point(x + width, y), Point(x + width, y + height), Point(x, y + height)], color))
  }
}

extension EnvironmentDrawing {
  /// The drawing as an SVG document.
  public var svg: String { Self.svg([self], columns: 1) }

  /// Several drawings of one size in one SVG document, side by side and in rows.
  public static func svg(_ drawings: [EnvironmentDrawing], columns: Int) -> String {
    guard let first = drawings.first else {
      return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\"></svg>\n"
    }
    let columns = max(1, min(columns, drawings.count))
    let rows = (drawings.count - 1) / columns + 1
    let gap = drawings.count > 1 ? first.width / 40 : 0
    let (width, height) = (
      Double(columns) * (first.width + gap) - gap, Double(rows) * (first.height + gap) - gap
    )
    let scale = 400 / first.width
    var text =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(number(width)) \(number(height))\" width=\""
      + "\(number(width * scale))\" height=\"\(number(height * scale))\">\n"
    for (place, drawing) in drawings.enumerated() {
      let (x, y) = (Double(place % columns) * (first.width + gap), Double(place / columns) * (first.height + gap))
      text +=
        "<svg x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(first.width))\" height=\"\(number(first.height))\">\n"
      text += "<rect width=\"100%\" height=\"100%\" fill=\"\(drawing.background.hexadecimal)\"/>\n"
      text += drawing.shapes.map { element($0) + "\n" }.joined() + "</svg>\n"
    }
    return text + "</svg>\n"
  }

  private static func element(_ shape: Shape) -> String {
    switch shape {
    case .polygon(let points, let color):
      let list = points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
      return "<polygon points=\"\(list)\" fill=\"\(color.hexadecimal)\"/>"
    case .circle(let center, let radius, let color):
      return
        "<circle cx=\"\(number(center.x))\" cy=\"\(number(center.y))\" r=\"\(number(radius))\" fill=\"\(color.hexadecimal)\"/>"
    case .line(let a, let b, let width, let color):
      return "<line x1=\"\(number(a.x))\" y1=\"\(number(a.y))\" x2=\"\(number(b.x))\" y2=\"\(number(b.y))\" stroke=\""
        + "\(color.hexadecimal)\" stroke-width=\"\(number(width))\" stroke-linecap=\"round\"/>"
    }
  }

  private static func number(_ value: Double) -> String {
    let text = String(format: "%.4f", value.isFinite ? value : 0)
    guard text.contains(".") else { return text }
    let short = text.reversed().drop { $0 == "0" }.drop { $0 == "." }
    return short.isEmpty ? "0" : String(short.reversed())
  }

  /// The drawing as text for a terminal: two pixels to a character in color, shades otherwise.
  ///
  /// - Parameters:
  ///   - columns: The number of characters in a line.
  ///   - color: Whether the terminal shows colors.
  public func text(columns: Int = 60, color: Bool = false) throws -> String {
    let columns = min(max(columns, 4), 400)
    let picture = try picture(width: columns * (color ? 1 : 2))
    func pixel(_ x: Int, _ y: Int) -> (UInt8, UInt8, UInt8) {
      let place = (min(y, picture.height - 1) * picture.width + min(x, picture.width - 1)) * 3
      return (picture.pixels[place], picture.pixels[place + 1], picture.pixels[place + 2])
    }
    if color {
      return stride(from: 0, to: picture.height, by: 2).map { row in
        (0..<picture.width).map { column in
          let (upper, lower) = (pixel(column, row), pixel(column, row + 1))
          return "\u{1B}[38;2;\(upper.0);\(upper.1);\(upper.2);48;2;\(lower.0);\(lower.1);\(lower.2)m▀"
        }.joined() + "\u{1B}[0m\n"
      }.joined()
    }
    let shades = Array(" ░▒▓█")
    return stride(from: 0, to: picture.height, by: 4).map { row in
      String(
        (0..<columns).map { column -> Character in
          // A character is two pixels wide and four high; thin lines count by their darkest pixel.
          let dark = (0..<8).map { part -> Double in
            let (red, green, blue) = pixel(2 * column + part % 2, row + part / 2)
            return 1 - (0.299 * Double(red) + 0.587 * Double(green) + 0.114 * Double(blue)) / 255
          }
          let share = (dark.max() ?? 0) * 0.5 + dark.reduce(0, +) / 16
          return shades[min(4, Int(share * 5.5))]
        }) + "\n"
    }.joined()
  }
}
