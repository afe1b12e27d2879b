import DescentData
import DescentFiles
import DescentTensors
import DescentTypes

/// A film as a GIF file: pictures of at most 256 colors in all, of which each stores what has changed.
///
/// Source: CompuServe, "Graphics Interchange Format, version 89a", 1990.
public struct GIF: Sendable {
  /// The width of the pictures.
  public let width: Int
  /// The height of the pictures.
  public let height: Int
  private var frames: [(picture: Picture, hundredths: Int)] = []

  /// A film of pictures of a size.
  ///
  /// - Throws: `TensorError` where a side is not from 1 to 65,535.
  public init(width: Int, height: Int) throws {
    guard (1...65_535).contains(width), (1...65_535).contains(height) else {
      throw TensorError("GIF", "pictures of \(width)×\(height) pixels, where 1 to 65,535 are possible")
    }
    (self.width, self.height) = (width, height)
  }

  /// Adds a picture.
  ///
  /// - Parameters:
  ///   - picture: The picture, of the film's size.
  ///   - seconds: How long it is shown, in hundredths.
  /// - Throws: `TensorError` where the picture has another size, or is shown for no time or more than ten minutes.
  public mutating func add(_ picture: Picture, seconds: Double = 0.04) throws {
    guard picture.width == width, picture.height == height else {
      throw TensorError(
        "GIF", "a picture of \(picture.width)×\(picture.height) pixels in a film of \(width)×\(height)")
    }
    guard seconds > 0, seconds <= 600 else { throw TensorError("GIF", "a picture shown for \(seconds) seconds") }
    frames.append((picture, max(1, Int((seconds * 100).rounded()))))
  }

  /// Writes the film, which begins anew when it has ended.
  ///
  /// - Throws: `TensorError` where there are no pictures; `FileError` where the file cannot be written.
  public func write(to path: String) throws {
    let bytes = try encoded()
    try bytes.withUnsafeBytes { try AtomicFile.write([$0], to: path) }
  }

  /// The file's bytes.
  ///
  /// - Throws: `TensorError` where there are no pictures.
  /// - Complexity: O(pixels).
  public func encoded() throws -> [UInt8] {
    guard !frames.isEmpty else { throw TensorError("GIF", "a film without pictures") }
    let palette = Palette(frames.map(\.picture))
    var file = Array("GIF89a".utf8) + word(width) + word(height)
    // A table of 2^(n + 1) colors for all pictures.
    file += [0x80 | 0x70 | UInt8(palette.bits - 1), 0, 0] + palette.table
    file += [0x21, 0xff, 11] + Array("NETSCAPE2.0".utf8) + [3, 1, 0, 0, 0]
    var last: [UInt8]?
    for (picture, hundredths) in frames {
      let indices = palette.indices(picture)
      let area = Area(of: indices, unlike: last, width: width, height: height)
      file += [0x21, 0xf9, 4, 0x04] + word(hundredths) + [0, 0]
      file += [0x2c] + word(area.x) + word(area.y) + word(area.width) + word(area.height) + [0]
      let size = max(2, palette.bits)
      file.append(UInt8(size))
      for block in LZW.packed(area.cut(indices, width), bits: size).chunks(of: 255) {
        file.append(UInt8(block.count))
        file += block
      }
      file.append(0)
      last = indices
    }
    return file + [0x3b]
  }

  private func word(_ number: Int) -> [UInt8] { [UInt8(number & 255), UInt8(number >> 8 & 255)] }

  /// The part of a picture that differs from the one before.
  private struct Area {
    var (x, y, width, height) = (0, 0, 1, 1)

    init(of picture: [UInt8], unlike last: [UInt8]?, width: Int, height: Int) {
      guard let last else {
        (self.width, self.height) = (width, height)
        return
      }
      var (left, right, top, bottom) = (width, -1, height, -1)
      for row in 0..<height {
        let begin = row * width
        if picture[begin..<begin + width] == last[begin..<begin + width] { continue }
        (top, bottom) = (min(top, row), row)
        for column in 0..<width where picture[begin + column] != last[begin + column] {
          (left, right) = (min(left, column), max(right, column))
        }
      }
      guard right >= 0 else { return }
      (x, y, self.width, self.height) = (left, top, right - left + 1, bottom - top + 1)
    }

    func cut(_ picture: [UInt8], _ stride: Int) -> [UInt8] {
      (y..<y + height).flatMap { picture[$0 * stride + x..<$0 * stride + x + width] }
    }
  }
}

/// The colors of some pictures, at most 256.
private struct Palette {
  /// How many bits of each channel tell colors apart.
  private let depth: Int
  private var numbers: [UInt32: UInt8] = [:]
  private var colors: [UInt32] = []

  init(_ pictures: [Picture]) {
    var found: Set<UInt32> = []
    for picture in pictures { Self.eachPixel(of: picture) { found.insert($0) } }
    var depth = 8
    while Set(found.map { Self.shortened($0, depth) }).count > 256, depth > 2 { depth -= 1 }
    self.depth = depth
    // In order, so that the same pictures give the same file.
    for color in found.sorted() where numbers[Self.shortened(color, depth)] == nil {
      numbers[Self.shortened(color, depth)] = UInt8(truncatingIfNeeded: colors.count)
      colors.append(color)
    }
  }

  /// log₂ of the size of the table.
  var bits: Int {
    var bits = 1
    while 1 << bits < colors.count { bits += 1 }
    return bits
  }

  /// Red, green and blue of each color, filled up to a power of two.
  var table: [UInt8] {
    let all = colors + [UInt32](repeating: 0, count: (1 << bits) - colors.count)
    return all.flatMap { [UInt8($0 >> 16 & 255), UInt8($0 >> 8 & 255), UInt8($0 & 255)] }
  }

  func indices(_ picture: Picture) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(picture.width * picture.height)
    var last: (color: UInt32, number: UInt8)?
    Self.eachPixel(of: picture) { color in
      if let last, last.color == color { return result.append(last.number) }
      let number = numbers[Self.shortened(color, depth)] ?? 0
      last = (color, number)
      result.append(number)
    }
    return result
  }

  private static func shortened(_ color: UInt32, _ depth: Int) -> UInt32 {
    let mask = UInt32(255 << (8 - depth) & 255)
    return color & (mask << 16 | mask << 8 | mask)
  }

  private static func eachPixel(of picture: Picture, _ body: (UInt32) -> Void) {
    let (channels, pixels) = (picture.channels, picture.pixels)
    for place in stride(from: 0, to: pixels.count, by: channels) {
      if channels == 1 {
        body(UInt32(pixels[place]) * 0x010101)
      } else {
        body(UInt32(pixels[place]) << 16 | UInt32(pixels[place + 1]) << 8 | UInt32(pixels[place + 2]))
      }
    }
  }
}

/// The compression of GIF: numbers of growing width for strings that were met before (Welch, 1984).
enum LZW {
  /// Packs numbers of so many bits.
  static func packed(_ values: [UInt8], bits: Int) -> [UInt8] {
    let clear = 1 << bits
    var (width, next) = (bits + 1, (1 << bits) + 2)
    var table: [Int: Int] = [:]
    var (bytes, buffer, held) = ([UInt8](), 0, 0)
    func number(_ code: Int) {
      buffer |= code << held
      held += width
      while held >= 8 {
        bytes.append(UInt8(buffer & 255))
        buffer >>= 8
        held -= 8
      }
    }
    number(clear)
    var current: Int?
    for value in values {
      guard let prefix = current else {
        current = Int(value)
        continue
      }
      let key = prefix << 8 | Int(value)
      if let known = table[key] {
        current = known
        continue
      }
      number(prefix)
      if next < 4096 {
        table[key] = next
        // The reader learns each string one number later.
        if next == 1 << width, width < 12 { width += 1 }
        next += 1
      } else {
        number(clear)
        table.removeAll(keepingCapacity: true)
        (width, next) = (bits + 1, (1 << bits) + 2)
      }
      current = Int(value)
    }
    if let current { number(current) }
    number((1 << bits) + 1)
    if held > 0 { bytes.append(UInt8(buffer & 255)) }
    return bytes
  }
}
