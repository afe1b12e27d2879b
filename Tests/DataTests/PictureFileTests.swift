import CNative
import DescentData
import DescentFiles
import Testing

let hasPNG: ConditionTrait = .enabled(
  if: dn_library_available(DN_LIB_PNG), "needs the library libpng: apt-get install libpng16-16")
let hasJPEG: ConditionTrait = .enabled(
  if: dn_library_available(DN_LIB_TURBOJPEG), "needs the library libjpeg-turbo: apt-get install libturbojpeg0")

@Suite struct PictureFileTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  func picture(_ file: [UInt8]) throws -> Picture { try Picture(file: file, path: "memory") }

  /// Expects the samples to be near those of the function of x, y and channel.
  func expect(
    _ picture: Picture, within tolerance: Int, sourceLocation: SourceLocation = #_sourceLocation,
    of expected: (Int, Int) -> [Int]
  ) {
    for y in 0..<picture.height {
      for x in 0..<picture.width {
        let start = (y * picture.width + x) * picture.channels
        let found = picture.pixels[start..<(start + picture.channels)].map(Int.init)
        let near = zip(found, expected(x, y)).allSatisfy { abs($0 - $1) <= tolerance }
        #expect(near, "\(found) at (\(x), \(y))", sourceLocation: sourceLocation)
      }
    }
  }

  @Test(hasPNG, arguments: [1, 3]) func aPNGRoundTrip(channels: Int) throws {
    for (width, height) in [(1, 1), (7, 5), (300, 2), (2, 300)] {
      let pixels = (0..<(width * height * channels)).map { UInt8(truncatingIfNeeded: $0 &* $0 &+ 3 &* $0) }
      let picture = try Picture(width: width, height: height, channels: channels, pixels: pixels)
      let path = directory.at("picture.png")
      try picture.write(png: path)
      #expect(try Picture.read(path) == picture)
    }
    #expect(directory.names == ["picture.png"])
  }

  @Test(hasPNG) func opacityIsWrittenOverWhite() throws {
    let glass = try Picture(width: 2, height: 1, channels: 4, pixels: [0, 0, 255, 0, 10, 20, 30, 255])
    #expect(try picture(glass.encodedPNG()).pixels == [255, 255, 255, 10, 20, 30])
  }

  @Test(hasPNG) func PNGsOfOtherPrograms() throws {
    #expect(
      try picture(PictureFiles.bitPNG)
        == Picture(
          width: 3, height: 2, channels: 1, pixels: [255, 0, 255, 0, 255, 0]))
    #expect(
      try picture(PictureFiles.palettePNG)
        == Picture(
          width: 3, height: 1, channels: 3, pixels: [255, 0, 0, 0, 255, 0, 0, 0, 255]))
    #expect(
      try picture(PictureFiles.clearPNG)
        == Picture(
          width: 2, height: 1, channels: 4, pixels: [255, 0, 0, 128, 0, 255, 0, 255]))
    #expect(
      try picture(PictureFiles.grayAlphaPNG)
        == Picture(
          width: 2, height: 1, channels: 4, pixels: [10, 10, 10, 255, 20, 20, 20, 128]))
    let interlaced = try picture(PictureFiles.interlacedPNG)
    #expect(interlaced.width == 5 && interlaced.height == 3 && interlaced.channels == 3)
    expect(interlaced, within: 0) { x, y in [x * 50, y * 100, 7] }
    expect(try picture(PictureFiles.deepPNG), within: 1) { x, _ in [x == 0 ? 0x12 : 255] }
  }

  @Test(hasJPEG) func JPEGsOfOtherPrograms() throws {
    let gray = try picture(PictureFiles.grayJPEG)
    #expect(gray.width == 12 && gray.height == 8 && gray.channels == 1)
    expect(gray, within: 8) { x, y in [x * 20 + y * 4] }
    let color = try picture(PictureFiles.colorJPEG)
    #expect(color.width == 12 && color.height == 8 && color.channels == 3)
    expect(color, within: 10) { x, y in [x * 20, 128, y * 30] }
    expect(try picture(PictureFiles.progressiveJPEG), within: 40) { x, y in [x * 20, 128, y * 30] }
  }

  @Test(hasPNG) func damagedPNGs() throws {
    let whole = try Picture(width: 20, height: 20, color: [1, 2, 3]).encodedPNG()
    for end in [9, 20, 33, whole.count / 2, whole.count - 13] {
      let path = try directory.file("cut.png", whole[..<end])
      expectFault("PNG", in: path) { try Picture.read(path) }
    }
    for index in [10, 18, 30, whole.count / 2, whole.count - 14] {
      var damaged = whole
      damaged[index] ^= 0x40
      expectFault("PNG", in: "memory") { try picture(damaged) }
    }
  }

  @Test(hasJPEG) func damagedJPEGs() throws {
    for end in [4, 20, 100, PictureFiles.grayJPEG.count - 8] {
      let path = try directory.file("cut.jpg", PictureFiles.grayJPEG[..<end])
      expectFault("JPEG", in: path) { try Picture.read(path) }
    }
  }

  @Test(hasPNG, hasJPEG) func picturesThatAreTooLarge() throws {
    expectFault("pixels", in: "memory") { try picture(PictureFiles.hugePNG) }
    expectFault("95", in: "memory") { try Picture(file: PictureFiles.grayJPEG, path: "memory", pixelLimit: 95) }
    expectFault("14", in: "memory") { try Picture(file: PictureFiles.interlacedPNG, path: "memory", pixelLimit: 14) }
    #expect(try Picture(file: PictureFiles.interlacedPNG, path: "memory", pixelLimit: 15).width == 5)
  }

  @Test(.enabled(if: !dn_library_available(DN_LIB_PNG), "needs a machine without libpng, or DESCENT_NATIVE=off"))
  func aMissingLibraryNamesItsPackage() {
    expectFault("install libpng16-16", in: "memory") { try picture(PictureFiles.bitPNG) }
  }

  @Test func filesThatAreNone() throws {
    func fault(_ text: String, _ bytes: [UInt8]) throws {
      let path = try directory.file("picture.png", bytes)
      expectFault(text, in: path) { try Picture.read(path) }
    }
    try fault("is empty", [])
    try fault("is not a PNG, JPEG, TIFF or PDF file: it begins with 47 49 46 38", Array("GIF89a".utf8))
    try fault("is not a PNG, JPEG, TIFF or PDF file: it begins with 50", [0x50])
    expectFault("is a directory", in: directory.path) { try Picture.read(directory.path) }
    expectFault("no such file") { try Picture.read(directory.at("absent")) }
    let dot = try Picture(width: 1, height: 1)
    expectFault("is a directory") { try dot.write(png: directory.path) }
    expectFault("no such file") { try dot.write(png: directory.at("absent/dot.png")) }
  }

  @Test(hasPNG) func damagedPNGsNeverTrap() throws {
    for file in [PictureFiles.bitPNG, PictureFiles.clearPNG, PictureFiles.interlacedPNG] {
      try fuzz("PNG", file, share: 3) { _ = try Picture(file: $0, path: "memory", pixelLimit: 1 << 20) }
    }
  }

  @Test(hasJPEG) func damagedJPEGsNeverTrap() throws {
    let files = [PictureFiles.grayJPEG, PictureFiles.colorJPEG, PictureFiles.progressiveJPEG]
    for file in files {
      try fuzz("JPEG", file, share: 3) { _ = try Picture(file: $0, path: "memory", pixelLimit: 1 << 20) }
    }
  }
}
