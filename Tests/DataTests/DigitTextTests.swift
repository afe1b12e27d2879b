import DescentData
import DescentFiles
import Testing

@Suite struct DigitTextTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  func usps(_ text: String) throws -> DigitImages { try .usps(directory.file("zip.test", text.utf8)) }

  func optdigits(_ text: String) throws -> DigitImages { try .optdigits(directory.file("digits.csv", text.utf8)) }

  /// A line of the UCI file with one of its 65 numbers replaced.
  func line(_ number: String = "0", at column: Int = 1) -> String {
    var numbers = Array(repeating: "8", count: 64) + ["5"]
    numbers[column - 1] = number
    return numbers.joined(separator: ",")
  }

  @Test func uspsValuesBecomeInk() throws {
    let digits = try usps("3 " + Array(repeating: "-1 -0.5 0 1", count: 64).joined(separator: " ") + "\r\n\n")
    #expect(digits.count == 1 && digits.height == 16 && digits.width == 16 && digits.labels == [3])
    #expect(digits.pixels.prefix(4) == [0, 64, 128, 255])
    #expect(try usps(uspsLine(label: 9, pixel: "+1.00e0") + "\n" + uspsLine(label: 0, pixel: "-10E-1")).count == 2)
  }

  @Test func uciValuesBecomeInk() throws {
    let digits = try optdigits(line("16") + "\n" + line("1", at: 64))
    #expect(digits.count == 2 && digits.labels == [5, 5])
    #expect(digits.pixels[0] == 255 && digits.pixels[1] == 128 && digits.pixels[127] == 16)
  }

  @Test func faultsNameLineAndColumn() throws {
    let path = directory.at("digits.csv")
    func fault(_ text: String, _ file: String) { expectFault(text, in: path) { try optdigits(file) } }
    fault("line 2, column 7: not a finite number (NaN", line() + "\n" + line("nan", at: 7))
    fault("line 1, column 64: not a finite number", line("-Infinity", at: 64).replacing("inity", with: ""))
    fault("line 1, column 2: not a finite number", line("1e999", at: 2))
    fault("line 1, column 2: not a number", line("", at: 2))
    fault("line 1, column 2: not a number", line("1;", at: 2))
    fault("line 1, column 2: not a number", line("0x1", at: 2))
    fault("line 1, column 2: not a number", line("1e", at: 2))
    fault("line 1, column 2: not a number", line("-", at: 2))
    fault("line 1, column 1: not a number", "pixels,label\n")
    fault("line 3, column 3: pixel 17.0, outside 0.0 ... 16.0", "\n" + line() + "\n" + line("17", at: 3))
    fault("line 1, column 3: pixel -1.0", line("-1", at: 3))
    fault("line 1, column 65: label 10.0, not a digit", line("10", at: 65))
    fault("line 1, column 65: label 1.5, not a digit", line("1.5", at: 65))
    fault("line 1, column 65: label -1.0, not a digit", line("-1", at: 65))
    fault("line 1: ends after 64 of 65 numbers", line().replacing(",5", with: ""))
    fault("line 2: ends after 1 of 65 numbers", line() + "\n8")
    fault("line 1: goes on after the 65 numbers", line() + ",1")
    fault("holds no digits", "\n \n\r\n")
    fault("is empty", "")
    fault("line 1, column 1: not a number", "\u{0}\u{FF}")
  }

  @Test func aSpaceIsNoComma() {
    expectFault("line 1, column 1: not a number") { try usps(line()) }
    expectFault("line 1, column 2: not a number") { try optdigits(line().replacing(",", with: " ")) }
  }

  @Test func manyLineFeedsAskForLittle() throws {
    let digits = try usps(String(repeating: "\n", count: 3_000_000) + uspsLine(label: 1))
    #expect(digits.count == 1)
  }

  @Test func aFileCutInsideALine() {
    let whole = uspsLine(label: 2) + "\n"
    expectFault("line 2: ends after 8 of 257") { try usps(whole + whole.prefix(63)) }
  }

  @Test func damageNeverTraps() throws {
    let file = Array((line() + "\n" + line("3.25e-1", at: 9) + "\n" + line("16", at: 64)).utf8)
    try fuzz("optdigits", file, memoryFactor: 8) { _ = try DigitImages(optdigitsText: $0, path: "memory") }
    let usps = Array((uspsLine(label: 1) + "\n" + uspsLine(label: 2)).utf8)
    try fuzz("USPS", usps, memoryFactor: 8) { _ = try DigitImages(uspsText: $0, path: "memory") }
  }
}
