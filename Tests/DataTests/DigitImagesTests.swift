import DescentData
import Foundation
import Testing

@Suite struct DigitImagesTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// A pair of IDX files of `labels.count` pictures of 2×3 pixels.
  func pair(_ images: String, _ labels: String, of digits: [UInt8]) throws {
    let pixels = (0..<(digits.count * 6)).map { UInt8(truncatingIfNeeded: $0) }
    try IDX(pixels, shape: [digits.count, 2, 3]).write(to: directory.at(images))
    try IDX(digits, shape: [digits.count]).write(to: directory.at(labels))
  }

  func readPair() throws -> DigitImages {
    try DigitImages.idx(images: directory.at("images"), labels: directory.at("labels"))
  }

  @Test func anIDXPair() throws {
    try pair("images", "labels", of: [3, 1, 4])
    let digits = try readPair()
    #expect(digits.count == 3 && digits.height == 2 && digits.width == 3)
    #expect(digits.labels == [3, 1, 4])
    #expect(digits.pixels == Array(0..<18))
    #expect(try digits.selecting([2, 0, 2]).labels == [4, 3, 4])
    #expect(try digits.selecting([2]).pixels == Array(12..<18))
    expectMistake("no picture 3 among 3") { try digits.selecting([3]) }
    expectMistake("no picture -1 among 3") { try digits.selecting([-1]) }
    #expect(try digits.picture(at: 0).pixels == [255, 254, 253, 252, 251, 250])
  }

  @Test func pairsThatDoNotAgree() throws {
    try pair("images", "labels", of: [3, 1, 4])
    try IDX([3, 1] as [UInt8], shape: [2]).write(to: directory.at("labels"))
    expectFault("holds 3 pictures", in: directory.at("images")) { try readPair() }
    try IDX([3, 1, 10] as [UInt8], shape: [3]).write(to: directory.at("labels"))
    expectFault("label 2 is 10", in: directory.at("labels")) { try readPair() }
    try IDX([3, -1, 1] as [Int32], shape: [3]).write(to: directory.at("labels"))
    expectFault("label 1 is -1", in: directory.at("labels")) { try readPair() }
    try IDX([3, .nan, 1] as [Float], shape: [3]).write(to: directory.at("labels"))
    expectFault("float32, labels are integers") { try readPair() }
    try IDX([UInt8](repeating: 1, count: 27), shape: [3, 3, 3]).write(to: directory.at("labels"))
    expectFault("[3, 3, 3]") { try readPair() }
    try IDX([Int32](), shape: [3, 0]).write(to: directory.at("labels"))
    expectFault("[3, 0]") { try readPair() }

    try IDX([3, 1, 4] as [UInt8], shape: [3]).write(to: directory.at("labels"))
    try IDX([3, 1, 4] as [Float], shape: [3, 1, 1]).write(to: directory.at("images"))
    expectFault("not uint8 [count, height, width]", in: directory.at("images")) { try readPair() }
    try IDX([UInt8](), shape: [3, 0, 5]).write(to: directory.at("images"))
    expectFault("pictures of 0×5 pixels") { try readPair() }
  }

  @Test func labelsOfEightColumns() throws {
    try pair("images", "labels", of: [0, 0])
    try IDX([7, 4, 2086, 59, 2, 4, 9, 9] as [Int32], shape: [2, 4]).write(to: directory.at("labels"))
    #expect(try readPair().labels == [7, 2])
  }

  @Test func partsThatDoNotAgree() throws {
    expectFault("2 labels for 3 pixels") { try DigitImages(height: 1, width: 1, pixels: [1, 2, 3], labels: [1, 2]) }
    expectFault("label 1 is 10") { try DigitImages(height: 1, width: 1, pixels: [1, 2], labels: [1, 10]) }
    expectFault("pixels of") { try DigitImages(height: .max, width: .max, pixels: [], labels: [1]) }
    expectFault("-1×1") { try DigitImages(height: -1, width: 1, pixels: [], labels: []) }
  }

  @Test func theShippedDigits() throws {
    let digits = try DigitImages.shipped()
    #expect(digits.count == 1797 && digits.height == 8 && digits.width == 8)
    #expect(digits.labels.prefix(10) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    #expect(digits.pixels.prefix(8) == [0, 0, 80, 207, 143, 16, 0, 0])
    #expect(digits.pixels.max() == 255)
  }

  @Test func aDirectoryOfEachKind() throws {
    try pair("train-images-idx3-ubyte", "train-labels.idx1-ubyte", of: [1, 2, 3])
    expectFault("a part of MNIST, but no t10k-images-idx3-ubyte", in: directory.path) {
      try DigitImages.directory(directory.path)
    }
    try pair("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte", of: [4, 5])
    let mnist = try DigitImages.directory(directory.path)
    #expect(mnist.name == "MNIST" && mnist.training.count == 3 && mnist.test.labels == [4, 5])

    let quarter = try TemporaryDirectory()
    try quarter.file("zip.train", (uspsLine(label: 4) + "\n").utf8)
    try quarter.file("zip.test", uspsLine(label: 7).utf8)
    try quarter.file("train-images-idx3-ubyte", [1])
    let usps = try DigitImages.directory(quarter.path)
    #expect(usps.name == "USPS" && usps.training.labels == [4] && usps.test.labels == [7])
  }

  @Test func aDirectoryOfNone() throws {
    expectFault("holds no digits; looked", in: directory.path) { try DigitImages.directory(directory.path) }
    expectFault("no such directory") { try DigitImages.directory(directory.at("absent")) }
    expectFault("is a file, not a directory") { try DigitImages.directory(directory.file("file", [1])) }
  }

  @Test func trainingAndTestOfOneSize() throws {
    let small = try DigitImages(height: 1, width: 1, pixels: [0], labels: [1])
    let wide = try DigitImages(height: 1, width: 2, pixels: [0, 0], labels: [1])
    expectFault("1×1 for training and 1×2 for test") { try DigitSets(name: "mixed", training: small, test: wide) }
  }
}

/// A line of a USPS file.
func uspsLine(label: Int, pixel: String = "-1.0000") -> String {
  "\(label).0000 " + Array(repeating: pixel, count: 256).joined(separator: " ") + " "
}
