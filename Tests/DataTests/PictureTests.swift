import DescentData
import Testing

@Suite struct PictureTests {
  @Test func partsThatDoNotAgree() {
    expectMistake("0×1 pixels") { try Picture(width: 0, height: 1, channels: 1, pixels: []) }
    expectMistake("2 channels") { try Picture(width: 1, height: 1, channels: 2, pixels: [0, 0]) }
    expectMistake("0 channels") { try Picture(width: 1, height: 1, color: []) }
    expectMistake("are 6 samples, found 5") { try Picture(width: 2, height: 1, channels: 3, pixels: [1, 2, 3, 4, 5]) }
    expectMistake("too many") { try Picture(width: .max, height: .max, channels: 4, pixels: []) }
    expectMistake("too many") { try Picture(width: .max / 2, height: 1) }
  }

  @Test func grayIsLumaOverWhitePaper() throws {
    let colors: [UInt8] = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0]
    #expect(try Picture(width: 5, height: 1, channels: 3, pixels: colors).gray().pixels == [76, 150, 29, 255, 0])
    let glass: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 128]
    #expect(try Picture(width: 3, height: 1, channels: 4, pixels: glass).gray().pixels == [255, 0, 127])
    let gray = try Picture(width: 2, height: 1, channels: 1, pixels: [3, 4])
    #expect(gray.gray() == gray)
  }

  @Test func blittingLeavesOffWhatFallsOutside() throws {
    let stamp = try Picture(width: 2, height: 2, channels: 1, pixels: [1, 2, 3, 4])
    func blitted(_ x: Int, _ y: Int) throws -> [UInt8] {
      var paper = try Picture(width: 3, height: 2, color: [9])
      paper.blit(stamp, x: x, y: y)
      return paper.pixels
    }
    #expect(try blitted(1, 0) == [9, 1, 2, 9, 3, 4])
    #expect(try blitted(-1, -1) == [4, 9, 9, 9, 9, 9])
    #expect(try blitted(2, 1) == [9, 9, 9, 9, 9, 1])
    for outside in [3, -2, .min, .max] {
      #expect(try blitted(outside, 0) == [UInt8](repeating: 9, count: 6))
      #expect(try blitted(0, outside) == [UInt8](repeating: 9, count: 6))
    }
  }

  @Test func blittingConvertsChannels() throws {
    var color = try Picture(width: 1, height: 1, color: [1, 2, 3])
    color.blit(try Picture(width: 1, height: 1, color: [7]), x: 0, y: 0)
    #expect(color.pixels == [7, 7, 7])
    color.blit(try Picture(width: 1, height: 1, color: [0, 0, 255, 0]), x: 0, y: 0)
    #expect(color.pixels == [255, 255, 255])
    var glass = try Picture(width: 1, height: 1, color: [0, 0, 0, 0])
    glass.blit(try Picture(width: 1, height: 1, color: [1, 2, 3]), x: 0, y: 0)
    #expect(glass.pixels == [1, 2, 3, 255])
  }

  @Test func filling() throws {
    var picture = try Picture(width: 3, height: 2, color: [0])
    picture.fill(x: 1, y: -5, width: 9, height: 6, color: [8])
    #expect(picture.pixels == [0, 8, 8, 0, 0, 0])
    picture.fill(x: .min, y: .min, width: .max, height: .max, color: [9])
    picture.fill(x: 0, y: 0, width: -1, height: 2, color: [9])
    picture.fill(x: 0, y: 0, width: 3, height: 2, color: [9, 9, 9])
    #expect(picture.pixels == [0, 8, 8, 0, 0, 0])
  }

  @Test func writing() throws {
    var picture = try Picture(width: 5, height: 7)
    picture.write("t", x: 0, y: 0)
    let rows = (0..<7).map { row in picture.pixels[(row * 5)..<(row * 5 + 5)].map { $0 == 0 ? "#" : "." }.joined() }
    #expect(rows == ["#####", "..#..", "..#..", "..#..", "..#..", "..#..", "..#.."])

    let blank = try Picture(width: 5, height: 7)
    for (x, y, scale) in [(5, 0, 1), (-5, 0, 1), (0, 7, 1), (.max, .max, .max), (.min, .min, .max), (0, -7, -3)] {
      var picture = blank
      picture.write("T", x: x, y: y, scale: scale)
      #expect(picture == blank)
    }
    var unknown = blank
    unknown.write("ß🙂", x: 0, y: 0)
    #expect(unknown != blank)
  }

  @Test func aContactSheet() throws {
    let cells = (0..<5).map { index in
      (picture: Picture.square(8, gray: UInt8(index * 10)), caption: index == 0 ? "READ 90210" : "NO \(index)")
    }
    let sheet = try Picture.contactSheet(cells, columns: 2)
    #expect(sheet.channels == 1 && sheet.width == 2 * 64 + 4 && sheet.height == 3 * 23 + 4)
    #expect(sheet.pixels[4 * sheet.width + 68] == 10)
    let colored = try Picture(width: 1, height: 1, color: [1, 2, 3])
    #expect(try Picture.contactSheet([(colored, "")], columns: 9).channels == 3)
    expectMistake("0 pictures in 3 columns") { try Picture.contactSheet([], columns: 3) }
    expectMistake("5 pictures in 0 columns") { try Picture.contactSheet(cells, columns: 0) }
  }
}

extension Picture {
  /// A gray square.
  static func square(_ side: Int, gray: UInt8) -> Picture {
    (try? Picture(width: side, height: side, color: [gray])) ?? .square(1, gray: gray)
  }
}
