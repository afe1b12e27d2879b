import Foundation

/// What happens to a letter between the pen and the reader, one thing at a time, for tests by kind of picture.
public enum Disturbance: Hashable, Sendable {
  /// Nothing.
  case none
  /// The sheet lies askew on white, by an angle in degrees; every second one the other way.
  case skew(Double)
  /// A share of the pixels is black.
  case pepper(Double)
  /// A share of the pixels is black or white.
  case saltAndPepper(Double)
  /// Noise of a standard deviation in levels.
  case grain(Double)
  /// The picture is scanned with so many dots an inch, where the letters are as if with 150.
  case resolution(Int)
  /// A blur of a radius in pixels.
  case blur(Int)
  /// Light ink on dark paper.
  case inverted
  /// The light falls off to the right, to less than half.
  case shadow
  /// The ink is hardly darker than the paper.
  case faint
  /// The letter is a small part of a white sheet.
  case sheet
  /// The sheet lies upside down.
  case upsideDown
  /// The sheet lies on its side.
  case onItsSide
  /// Another letter stands below.
  case twoLetters
  /// Nothing is left but noise.
  case noise

  /// Whether a code can still be read.
  public var isReadable: Bool {
    switch self {
    case .upsideDown, .onItsSide, .twoLetters, .noise: false
    default: true
    }
  }

  /// A letter's picture, disturbed.
  ///
  /// - Parameters:
  ///   - index: The letter's number, which decides what is random; letters of other numbers are disturbed otherwise.
  ///   - other: Another letter, where there are to be two.
  /// - Complexity: O(pixels).
  public func applied(to image: GrayImage, index: Int, other: GrayImage) -> GrayImage {
    var random = RandomStream(seed: 0xD157, index: UInt64(bitPattern: Int64(index)))
    switch self {
    case .none: return image
    case .skew(let degrees): return image.askew(by: Float(index % 2 == 0 ? degrees : -degrees) * .pi / 180)
    case .pepper(let share): return image.mapped { random.chance(Float(share)) ? 0 : $0 }
    case .saltAndPepper(let share):
      return image.mapped { random.chance(Float(share)) ? (random.chance(0.5) ? 0 : 255) : $0 }
    case .grain(let deviation): return image.mapped { $0 + Float(deviation) * random.normal() }
    case .resolution(let dots): return image.scaled(by: Float(dots) / 150)
    case .blur(let radius):
      var plane = image.plane
      for _ in 0..<(radius * radius) { plane = plane.blurred(strength: 0.5) }
      return GrayImage(plane)
    case .inverted: return image.inverted()
    case .shadow:
      return image.mapped { value, x in value * (1 - 0.6 * Float(x) / Float(max(image.width, 1))) }
    case .faint: return image.mapped { 200 + ($0 - 255) * 0.2 }
    case .sheet:
      var sheet = Plane(width: 1_240, height: 877, filledWith: 255)
      sheet.paste(image.plane, x: 560 + index % 7 * 20, y: 420 + index % 5 * 20)
      return GrayImage(sheet)
    case .upsideDown: return GrayImage(width: image.width, height: image.height, checked: image.pixels.reversed())
    case .onItsSide:
      let turned = (0..<image.width).flatMap { x in
        (0..<image.height).map { y in image.pixels[(image.height - 1 - y) * image.width + x] }
      }
      return GrayImage(width: image.height, height: image.width, checked: turned)
    case .twoLetters:
      var sheet = Plane(
        width: max(image.width, other.width), height: image.height + other.height, filledWith: 255)
      sheet.paste(image.plane, x: 0, y: 0)
      sheet.paste(other.plane, x: 0, y: image.height)
      return GrayImage(sheet)
    case .noise: return image.mapped { _ in random.uniform(in: 0...255) }
    }
  }
}

extension Disturbance: CustomStringConvertible {
  public var description: String {
    switch self {
    case .none: "as written"
    case .skew(let degrees): "skew \(shortDecimal(degrees))°"
    case .pepper(let share): "pepper \(percent(share))"
    case .saltAndPepper(let share): "salt and pepper \(percent(share))"
    case .grain(let deviation): "grain ±\(shortDecimal(deviation))"
    case .resolution(let dots): "\(dots) dpi"
    case .blur(let radius): "blur \(radius) px"
    case .inverted: "light on dark"
    case .shadow: "in a shadow"
    case .faint: "faint ink"
    case .sheet: "on a large sheet"
    case .upsideDown: "upside down"
    case .onItsSide: "on its side"
    case .twoLetters: "two letters"
    case .noise: "noise"
    }
  }
}

extension GrayImage {
  /// The picture's levels as numbers: 0 black … 255 white.
  fileprivate var plane: Plane { Plane(width: width, height: height, values: pixels.map(Float.init)) }

  fileprivate init(_ plane: Plane) {
    self.init(
      width: plane.width, height: plane.height,
      checked: plane.values.map { UInt8(min(max($0.rounded(), 0), 255)) })
  }

  fileprivate func mapped(_ change: (Float) -> Float) -> GrayImage { mapped { value, _ in change(value) } }

  /// Every level changed, given its column.
  fileprivate func mapped(_ change: (Float, Int) -> Float) -> GrayImage {
    var plane = plane
    for index in plane.values.indices { plane.values[index] = change(plane.values[index], index % width) }
    return GrayImage(plane)
  }

  /// The picture turned on white; all of it is kept.
  fileprivate func askew(by angle: Float) -> GrayImage {
    // What lies outside reads as 0.
    var darkness = plane
    for index in darkness.values.indices { darkness.values[index] = 255 - darkness.values[index] }
    return GrayImage(darkness.turnedLevel(from: -angle)).inverted()
  }

  fileprivate func scaled(by factor: Float) -> GrayImage {
    GrayImage(
      plane.resampled(
        x: 0, y: 0, width: Float(width), height: Float(height), to: max(Int(Float(width) * factor), 1),
        by: max(Int(Float(height) * factor), 1)))
  }
}

extension Plane {
  /// Copies another plane into this one; what falls outside is left off.
  fileprivate mutating func paste(_ other: Plane, x: Int, y: Int) {
    for row in 0..<other.height where row + y >= 0 && row + y < height {
      for column in 0..<other.width where column + x >= 0 && column + x < width {
        self[column + x, row + y] = other[column, row]
      }
    }
  }
}
