import CNative
import DescentData
import DescentFiles
import Testing

/// Files that say which way up they are, and scans as TIFF and PDF.
@Suite struct PhotographTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func picture(_ file: [UInt8]) throws -> Picture { try Picture(file: file, path: "memory") }

  /// What is seen of a 3×2 picture of the levels 0, 40, 80 over 120, 160, 200 that is stored in an orientation.
  private static let shown: [(width: Int, pixels: [UInt8])] = [
    (3, [0, 40, 80, 120, 160, 200]), (3, [80, 40, 0, 200, 160, 120]), (3, [200, 160, 120, 80, 40, 0]),
    (3, [120, 160, 200, 0, 40, 80]), (2, [0, 120, 40, 160, 80, 200]), (2, [120, 0, 160, 40, 200, 80]),
    (2, [200, 80, 160, 40, 120, 0]), (2, [80, 200, 40, 160, 0, 120]),
  ]

  // MARK: EXIF

  /// EXIF data with another tag before the orientation.
  private func exif(_ orientation: Int, isLittleEndian: Bool) -> [UInt8] {
    func number(_ value: Int, _ count: Int) -> [UInt8] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      return isLittleEndian ? bytes : bytes.reversed()
    }
    let make = number(0x0110, 2) + number(2, 2) + number(2, 4) + [0x41, 0, 0, 0]
    let entry = number(0x0112, 2) + number(3, 2) + number(1, 4) + number(orientation, 2) + [0, 0]
    return Array((isLittleEndian ? "II" : "MM").utf8) + number(42, 2) + number(8, 4) + number(2, 2) + make + entry
      + number(0, 4)
  }

  /// A JPEG file with EXIF data after its first segment.
  private func photograph(_ exif: [UInt8]) -> [UInt8] {
    let segment = Array("Exif\0\0".utf8) + exif
    let length = segment.count + 2
    let start = PictureFiles.grayJPEG.prefix(20)
    return start + [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)] + segment + PictureFiles.grayJPEG.dropFirst(20)
  }

  @Test(.enabled(if: dn_library_available(DN_LIB_TURBOJPEG)), arguments: 1...8, [true, false])
  func aPhotographIsTurnedUpright(orientation: Int, isLittleEndian: Bool) throws {
    let stored = try picture(PictureFiles.grayJPEG)
    let upright = try picture(photograph(exif(orientation, isLittleEndian: isLittleEndian)))
    #expect(upright.width == (orientation >= 5 ? 8 : 12))
    #expect(upright.height == (orientation >= 5 ? 12 : 8))
    // Where the upper left corner of what is stored is to be seen.
    let (isRight, isLow) = ([2, 3, 6, 7].contains(orientation), [3, 4, 7, 8].contains(orientation))
    let corner = (isLow ? upright.height - 1 : 0) * upright.width + (isRight ? upright.width - 1 : 0)
    #expect(upright.pixels[corner] == stored.pixels[0])
    #expect(upright.pixels.sorted() == stored.pixels.sorted())
  }

  @Test(.enabled(if: dn_library_available(DN_LIB_TURBOJPEG))) func orientationsThatMakeNoSenseAreUpright() throws {
    let stored = try picture(PictureFiles.grayJPEG)
    for orientation in [0, 9, 65_535] {
      #expect(try picture(photograph(exif(orientation, isLittleEndian: true))) == stored)
    }
    let whole = exif(6, isLittleEndian: true)
    for end in 0..<whole.count - 6 { #expect(try picture(photograph(Array(whole[..<end]))) == stored) }
    // A directory, or a count of entries, beyond the data.
    for (place, value) in [(4, UInt8(255)), (7, 255), (8, 255), (9, 255)] {
      var damaged = whole
      damaged[place] = value
      _ = try picture(photograph(damaged))
    }
  }

  @Test(.enabled(if: dn_library_available(DN_LIB_PNG))) func aPNGIsTurnedUprightToo() throws {
    let file = try Picture(width: 3, height: 2, channels: 1, pixels: Self.shown[0].pixels).encodedPNG()
    let data = exif(6, isLittleEndian: false)
    // The checksum of a chunk that is not needed is not looked at.
    let chunk = [0, 0, 0, UInt8(data.count)] + Array("eXIf".utf8) + data + [0, 0, 0, 0]
    let upright = try picture(Array(file.prefix(33)) + chunk + file.dropFirst(33))
    #expect(upright == (try Picture(width: 2, height: 3, channels: 1, pixels: Self.shown[5].pixels)))
  }

  // MARK: TIFF

  /// A page of a TIFF file: 3×2, gray, not compressed.
  private struct Page {
    var orientation = 1
    var width = 3
    var subfile = 0
    var bits = 8
    var photometric = 1
  }

  private func tiff(_ pages: [Page], isLittleEndian: Bool = true) -> [UInt8] {
    func number(_ value: Int, _ count: Int) -> [UInt8] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      return isLittleEndian ? bytes : bytes.reversed()
    }
    let pixels = Self.shown[0].pixels
    var file = Array((isLittleEndian ? "II" : "MM").utf8) + number(42, 2) + number(16, 4) + pixels + [0, 0]
    for (index, page) in pages.enumerated() {
      let entries: [(tag: Int, type: Int, value: Int)] = [
        (254, 4, page.subfile), (256, 4, page.width), (257, 4, 2), (258, 3, page.bits), (259, 3, 1),
        (262, 3, page.photometric), (273, 4, 8), (274, 3, page.orientation), (277, 3, 1), (278, 4, 2), (279, 4, 6),
      ]
      file += number(entries.count, 2)
      for entry in entries {
        let size = entry.type == 3 ? 2 : 4
        file += number(entry.tag, 2) + number(entry.type, 2) + number(1, 4) + number(entry.value, size)
        file += [UInt8](repeating: 0, count: 4 - size)
      }
      file += number(index + 1 < pages.count ? file.count + 4 : 0, 4)
    }
    return file
  }

  private static let hasTIFF: ConditionTrait = .enabled(
    if: dn_library_available(DN_LIB_TIFF), "needs the library libtiff: apt-get install libtiff6")

  @Test(hasTIFF, arguments: 1...8, [true, false]) func aTIFFIsTurnedUpright(
    orientation: Int, isLittleEndian: Bool
  ) throws {
    let shown = Self.shown[orientation - 1]
    let upright = try picture(tiff([Page(orientation: orientation)], isLittleEndian: isLittleEndian))
    #expect(upright == (try Picture(width: shown.width, height: 6 / shown.width, channels: 1, pixels: shown.pixels)))
  }

  @Test(hasTIFF) func aTIFFOfInkOnWhite() throws {
    let inverted = Self.shown[0].pixels.map { 255 - $0 }
    #expect(try picture(tiff([Page(photometric: 0)])).pixels == inverted)
  }

  @Test(hasTIFF) func aTIFFOfSeveralPagesIsRefused() throws {
    expectFault("holds several pages", in: "memory") { try picture(tiff([Page(), Page(subfile: 2)])) }
    #expect(try picture(tiff([Page(), Page(subfile: 1)])).pixels == Self.shown[0].pixels)
  }

  @Test(hasTIFF) func damagedTIFFs() throws {
    let whole = tiff([Page()])
    for end in [4, 8, 12, 20, whole.count / 2] {
      let path = try directory.file("cut.tif", whole[..<end])
      expectFault("TIFF", in: path) { try Picture.read(path) }
    }
    expectFault("allowed", in: "memory") { try picture(tiff([Page(width: 1 << 30)])) }
    expectFault("TIFF", in: "memory") { try picture(tiff([Page(bits: 7)])) }
    expectFault("allowed", in: "memory") { try Picture(file: whole, path: "memory", pixelLimit: 5) }
  }

  @Test(.enabled(if: !dn_library_available(DN_LIB_TIFF), "needs a machine without libtiff, or DESCENT_NATIVE=off"))
  func aMissingLibraryNamesItsPackage() {
    expectFault("install libtiff6", in: "memory") { try picture(tiff([Page()])) }
  }

  @Test(hasTIFF) func damagedTIFFsNeverTrap() throws {
    for file in [tiff([Page()]), tiff([Page(), Page(subfile: 1)], isLittleEndian: false)] {
      try fuzz("TIFF", file, share: 2) { _ = try Picture(file: $0, path: "memory", pixelLimit: 1 << 20) }
    }
  }

  @Test(hasJPEG) func damagedPhotographsNeverTrap() throws {
    let file = photograph(exif(6, isLittleEndian: true))
    try fuzz("EXIF", file) { _ = try Picture(file: $0, path: "memory", pixelLimit: 1 << 20) }
  }

  // MARK: PDF

  /// A PDF file whose pages of 300×100 points are blank but for a black square in the upper left corner.
  private func pdf(pages: Int = 1, width: Int = 300) -> [UInt8] {
    let drawing = "0 60 40 40 re f"
    var objects = ["<</Type/Catalog/Pages 2 0 R>>"]
    let kids = (0..<pages).map { "\(3 + 2 * $0) 0 R" }.joined(separator: " ")
    objects.append("<</Type/Pages/Count \(pages)/Kids[\(kids)]>>")
    for page in 0..<pages {
      objects.append("<</Type/Page/Parent 2 0 R/MediaBox[0 0 \(width) 100]/Contents \(4 + 2 * page) 0 R>>")
      objects.append("<</Length \(drawing.count)>>stream\n\(drawing)\nendstream")
    }
    var file = "%PDF-1.4\n"
    var places: [Int] = []
    for (index, object) in objects.enumerated() {
      places.append(file.utf8.count)
      file += "\(index + 1) 0 obj\(object)endobj\n"
    }
    let start = file.utf8.count
    file += "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n"
    for place in places {
      let digits = String(place)
      file += String(repeating: "0", count: 10 - digits.count) + digits + " 00000 n \n"
    }
    file += "trailer<</Size \(objects.count + 1)/Root 1 0 R>>\nstartxref\n\(start)\n%%EOF\n"
    return Array(file.utf8)
  }

  private static let hasPDF: ConditionTrait = .enabled(
    if: PDFPage.version != nil, "needs the program pdftoppm: apt-get install poppler-utils")

  @Test(hasPDF) func aPageOfAPDFIsAPicture() throws {
    let page = try picture(pdf())
    #expect(page.width == 3_300 && page.height == 1_100 && page.channels == 3)
    #expect(page.pixels[0..<3] == [0, 0, 0])
    #expect(page.pixels[3 * (500 * 3_300 + 100)] == 255)
    #expect(page.pixels[3 * (100 * 3_300 + 500)] == 255)
  }

  @Test(hasPDF) func aPageIsNeverLargerThanAsked() throws {
    let small = try Picture(file: pdf(), path: "memory", pixelLimit: 10_000)
    #expect(small.width == 100 && small.height <= 34)
    let long = try picture(pdf(width: 2_000_000))
    #expect(long.width <= 3_300)
  }

  @Test(hasPDF) func aPDFOfSeveralPagesIsRefused() {
    expectFault("holds several pages", in: "memory") { try picture(pdf(pages: 2)) }
  }

  @Test(hasPDF) func damagedPDFs() throws {
    let whole = pdf()
    for end in [5, 60, 120] {
      let path = try directory.file("cut.pdf", whole[..<end])
      expectFault("PDF", in: path) { try Picture.read(path) }
    }
    var generator = SeededGenerator(state: 3)
    for _ in 0..<12 {
      do { _ = try Picture(file: mutated(whole, using: &generator), path: "memory", pixelLimit: 1 << 12) } catch {
        #expect(error is FileError)
      }
    }
    #expect(directory.names == ["cut.pdf"])
  }
}
