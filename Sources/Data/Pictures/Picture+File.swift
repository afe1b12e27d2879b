import CFormats
import DescentFiles

extension Picture {
  /// Reads a PNG, a JPEG, a TIFF or a PDF file of one page; its first bytes decide which it is, not its name.
  ///
  /// A photograph is turned upright where it says how it was taken. A page is drawn with 3,300 pixels along its longer
  /// side.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - pixelLimit: The most pixels the picture may have; a larger one is refused before it is decoded.
  /// - Returns: One channel for a gray picture, three for a colored one, four for one that is not opaque.
  /// - Throws: `FileError` where the file cannot be read, is none of these, is cut short or damaged, has too many pixels
  ///   or several pages, or where libpng, libjpeg-turbo, libtiff or the program pdftoppm is missing; it then names the
  ///   package to install.
  public static func read(_ path: String, pixelLimit: Int = defaultPixelLimit) throws -> Picture {
    try Picture(
      file: FileContents.readStored(path, limit: FileContents.defaultLimit), path: path,
      pixelLimit: pixelLimit)
  }

  /// Reads the bytes of a PNG, a JPEG, a TIFF or a PDF file of one page.
  ///
  /// - Parameters:
  ///   - file: The whole file.
  ///   - path: The name that errors give it.
  ///   - pixelLimit: The most pixels the picture may have.
  /// - Throws: `FileError`.
  public init(file: [UInt8], path: String, pixelLimit: Int = defaultPixelLimit) throws {
    if PDFPage.isPDF(file) {
      self = try PDFPage.picture(of: file, path: path, pixelLimit: pixelLimit)
      return
    }
    guard Self.signatures.contains(where: file.starts(with:)) else {
      let start = file.isEmpty ? "is empty" : "begins with \(file.prefix(4).map(\.hexadecimal).joined(separator: " "))"
      throw FileError(path, "is not a PNG, JPEG, TIFF or PDF file: it \(start)")
    }
    var image = dn_image()
    defer { dn_image_free(&image) }
    try callNative(path: path) { message, capacity in
      dn_image_decode(file, file.count, Int64(pixelLimit), &image, message, capacity)
    }
    let count = Int(image.width) * Int(image.height)
    // The decoder gives every colored PNG an opacity.
    let channels = image.channels == 4 && dn_pixels_opaque(image.pixels, count) ? 3 : image.channels
    let pixels = [UInt8](unsafeUninitializedCapacity: count * Int(channels)) { buffer, initialized in
      if let to = buffer.baseAddress { dn_convert_pixels(to, channels, image.pixels, image.channels, count) }
      initialized = count * Int(channels)
    }
    let stored = Picture(
      unchecked: Int(image.width), height: Int(image.height), channels: Int(channels), pixels: pixels)
    self = stored.shown(
      from: Orientation(rawValue: Int(image.orientation)) ?? ExifOrientation.orientation(ofFile: file))
  }

  /// How PNG, JPEG and TIFF files begin.
  private static let signatures: [[UInt8]] = [
    [0x89, 0x50, 0x4E, 0x47], [0xFF, 0xD8], [0x49, 0x49, 42, 0], [0x4D, 0x4D, 0, 42], [0x49, 0x49, 43, 0],
    [0x4D, 0x4D, 0, 43],
  ]

  /// The picture as a PNG file; opacity is composed over white.
  ///
  /// Needs no library; the file is smaller where zlib is available.
  ///
  /// - Throws: `FileError` where the picture is too large for the format's limits.
  public func encodedPNG() throws -> [UInt8] { try encodedPNG(path: "picture") }

  private func encodedPNG(path: String) throws -> [UInt8] {
    let picture = channels == 4 ? converted(toChannels: 3) : self
    return try nativeBytes(path: path) { output, count, message, capacity in
      dn_png_encode(
        picture.pixels, Int64(width), Int64(height), Int32(picture.channels), output, count, message, capacity)
    }
  }

  /// Writes the picture as a PNG file, in one step; opacity is composed over white.
  ///
  /// - Throws: `FileError` where the file cannot be written; what was there before is then untouched.
  public func write(png path: String) throws {
    try FileContents.write(encodedPNG(path: path), to: path)
  }
}
