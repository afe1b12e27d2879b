/// The one thing that is read of a photograph's EXIF data: which way up it is.
///
/// EXIF data is a TIFF structure, within a marker segment of a JPEG file or a chunk of a PNG file. Every place in it is a
/// number that the file gives, so that each is looked up through `Bytes`, which has nothing outside the file.
enum ExifOrientation {
  /// The orientation that a JPEG or a PNG file claims; upright where it claims none, or what it claims makes no sense.
  static func orientation(ofFile file: [UInt8]) -> Picture.Orientation {
    let bytes = Bytes(file)
    let exif = file.first == 0xFF ? exifSegment(ofJPEG: bytes) : exifChunk(ofPNG: bytes)
    return exif.flatMap(orientation(ofTIFF:)) ?? .upright
  }

  /// The TIFF structure in the application segment that begins with "Exif".
  private static func exifSegment(ofJPEG file: Bytes) -> Bytes? {
    var at = 2
    while let prefix = file[at], prefix == 0xFF, let marker = file[at + 1] {
      switch marker {
      // Bytes of filling may stand before a marker.
      case 0xFF: at += 1
      // Markers without a segment.
      case 0x01, 0xD0...0xD8: at += 2
      // The compressed data, or the end: EXIF data stands before it.
      case 0xDA, 0xD9: return nil
      default:
        guard let length = file.number(at: at + 2, bytes: 2, isLittleEndian: false), length >= 2 else { return nil }
        if marker == 0xE1, file.holds("Exif\0\0", at: at + 4) {
          return file.part(from: at + 10, count: length - 8)
        }
        at += 2 + length
      }
    }
    return nil
  }

  private static func exifChunk(ofPNG file: Bytes) -> Bytes? {
    var at = 8
    while let length = file.number(at: at, bytes: 4, isLittleEndian: false) {
      if file.holds("eXIf", at: at + 4) { return file.part(from: at + 8, count: length) }
      if file.holds("IDAT", at: at + 4) { return nil }
      at += length + 12
    }
    return nil
  }

  /// The value of the tag 0x0112 in a TIFF structure's first directory.
  private static func orientation(ofTIFF exif: Bytes) -> Picture.Orientation? {
    let isLittleEndian = exif.holds("II", at: 0)
    guard isLittleEndian || exif.holds("MM", at: 0) else { return nil }
    func number(_ at: Int, _ bytes: Int) -> Int? { exif.number(at: at, bytes: bytes, isLittleEndian: isLittleEndian) }
    guard number(2, 2) == 42, let directory = number(4, 4), let count = number(directory, 2) else { return nil }
    for entry in 0..<count {
      let at = directory + 2 + 12 * entry
      guard let tag = number(at, 2) else { return nil }
      // A 16-bit number, which stands in the first half of the place for a value.
      if tag == 0x0112, number(at + 2, 2) == 3 { return number(at + 8, 2).flatMap(Picture.Orientation.init(rawValue:)) }
    }
    return nil
  }

  /// A part of a file, of which every place can be asked for.
  private struct Bytes {
    private let bytes: ArraySlice<UInt8>

    init(_ file: [UInt8]) { bytes = file[...] }

    private init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    subscript(place: Int) -> UInt8? {
      place >= 0 && place < bytes.count ? bytes[bytes.startIndex + place] : nil
    }

    /// A whole number of up to four bytes; nil where they do not all lie within.
    func number(at place: Int, bytes count: Int, isLittleEndian: Bool) -> Int? {
      guard place >= 0, place <= bytes.count - count else { return nil }
      let digits = bytes[bytes.startIndex + place..<bytes.startIndex + place + count]
      return (isLittleEndian ? digits.reversed() : Array(digits)).reduce(0) { $0 << 8 | Int($1) }
    }

    func holds(_ text: String, at place: Int) -> Bool {
      text.utf8.enumerated().allSatisfy { self[place + $0.offset] == $0.element }
    }

    func part(from place: Int, count: Int) -> Bytes? {
      guard place >= 0, count >= 0, place <= bytes.count, count <= bytes.count - place else { return nil }
      return Bytes(bytes[bytes.startIndex + place..<bytes.startIndex + place + count])
    }
  }
}
