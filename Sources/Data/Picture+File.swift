import CNative

extension Picture {
  /// Reads a PNG or a JPEG file; its first bytes decide which it is, not its name.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - pixelLimit: The most pixels the picture may have; a larger one is refused before it is decoded.
  /// - Returns: One channel for a grey picture, three for a coloured one, four for one that is not opaque.
  /// - Throws: ``DataError`` where the file cannot be read, is neither PNG nor JPEG, is cut short or damaged, has too
  ///   many pixels, or where libpng or libjpeg-turbo is missing; it then names the package to install.
  public static func read(_ path: String, pixelLimit: Int = defaultPixelLimit) throws -> Picture {
    try Picture(
      file: FileContents.readStored(path, limit: FileContents.defaultLimit, request: "read picture"), path: path,
      pixelLimit: pixelLimit)
  }

  /// Reads the bytes of a PNG or a JPEG file.
  ///
  /// - Parameters:
  ///   - file: The whole file.
  ///   - path: The name that errors give it.
  ///   - pixelLimit: The most pixels the picture may have.
  /// - Throws: ``DataError``.
  public init(file: [UInt8], path: String, pixelLimit: Int = defaultPixelLimit) throws {
    let isPNG = file.starts(with: [0x89, 0x50, 0x4E, 0x47])
    guard isPNG || file.starts(with: [0xFF, 0xD8]) else {
      let start = file.isEmpty ? "is empty" : "begins with \(file.prefix(4).map(\.hexadecimal).joined(separator: " "))"
      throw DataError("read picture", path: path, fault: "is neither a PNG nor a JPEG file: \(start)")
    }
    var image = dn_image()
    defer { dn_image_free(&image) }
    try callNative(path: path, request: "read picture") { message, capacity in
      dn_image_decode(file, file.count, Int64(pixelLimit), &image, message, capacity)
    }
    let count = Int(image.width) * Int(image.height)
    // The decoder gives every coloured PNG an opacity.
    let channels = image.channels == 4 && dn_pixels_opaque(image.pixels, count) ? 3 : image.channels
    let pixels = [UInt8](unsafeUninitializedCapacity: count * Int(channels)) { buffer, initialized in
      if let to = buffer.baseAddress { dn_convert_pixels(to, channels, image.pixels, image.channels, count) }
      initialized = count * Int(channels)
    }
    self.init(
      unchecked: Int(image.width), height: Int(image.height), channels: Int(channels), pixels: pixels)
  }

  /// The picture as a PNG file; opacity is composed over white.
  ///
  /// Needs no library; the file is smaller where zlib is available.
  ///
  /// - Throws: ``DataError`` where the picture is too large for the format's limits.
  public func encodedPNG() throws -> [UInt8] { try encodedPNG(path: "picture") }

  private func encodedPNG(path: String) throws -> [UInt8] {
    let picture = channels == 4 ? converted(toChannels: 3) : self
    return try nativeBytes(path: path, request: "write picture") { output, count, message, capacity in
      dn_png_encode(
        picture.pixels, Int64(width), Int64(height), Int32(picture.channels), output, count, message, capacity)
    }
  }

  /// Writes the picture as a PNG file, in one step; opacity is composed over white.
  ///
  /// - Throws: ``DataError`` where the file cannot be written; what was there before is then untouched.
  public func write(png path: String) throws {
    try FileContents.write(encodedPNG(path: path), to: path, request: "write picture")
  }
}
