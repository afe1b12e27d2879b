import CNative
import DescentData
import DescentFiles
import Foundation
import Testing

@Suite(hasZlib) struct GzipTests {
  let directory: TemporaryDirectory
  let text = Array((0..<150).map { "\($0 * $0) " }.joined().utf8)

  init() throws { directory = try TemporaryDirectory() }

  func decompressed(_ file: [UInt8], limit: Int = 1 << 20) throws -> [UInt8] {
    try Gzip.decompressed(file, limit: limit, path: "memory")
  }

  @Test func theFirstBytesDecideNotTheName() throws {
    #expect(try FileContents.read(directory.file("plain.gz", text)) == text)
    #expect(try FileContents.read(directory.file("packed", gzipStored(text))) == text)
    let path = try directory.file("cut", compressed.dropLast(20))
    expectFault("compressed data: cut short", in: path) { try FileContents.read(path) }
    let whole = try directory.file("whole", compressed)
    expectFault("more than the 700 bytes allowed", in: whole) { try FileContents.read(whole, limit: 700) }
  }

  @Test func wholeStreams() throws {
    #expect(try decompressed(compressed) == text)
    #expect(try decompressed(fixedCodes) == Array("descent descent descent".utf8))
    #expect(try decompressed(gzipStored([])) == [])
    let long = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* $0) }
    #expect(try decompressed(gzipStored(long)) == long)
  }

  @Test func allOptionalFieldsAreSkipped() throws {
    let fields: [UInt8] = [3, 0, 1, 2, 3] + Array("name".utf8) + [0] + Array("comment".utf8) + [0]
    var file = gzipStored(text)
    file[3] = 0x1C
    file.insert(contentsOf: fields, at: 10)
    #expect(try decompressed(file) == text)
    for end in 10..<(10 + fields.count) {
      expectFault("cut short") { try decompressed(Array(file[..<end])) }
    }
    file[3] = 0x20
    expectFault("damaged") { try decompressed(file) }
  }

  @Test func membersFollowOneAnother() throws {
    #expect(try decompressed(gzipStored(text) + compressed) == text + text)
    #expect(try decompressed(compressed + [0, 0, 0]) == text)
    expectFault("something else follows its end") { try decompressed(compressed + [0, 1]) }
    expectFault("something else follows its end") { try decompressed(compressed + Array("more".utf8)) }
    expectFault("cut short") { try decompressed(compressed + compressed.prefix(12)) }
  }

  @Test func aMatchDoesNotReachIntoTheMemberBefore() throws {
    // What the second member would hold, were the four bytes before it its own.
    let copied = Array(text.suffix(4).prefix(3))
    let reaching = gzip(matchOfThreeAtDistanceFour, of: copied)
    let member = gzipStored(text)
    let error = expectFault("(invalid distance too far back)", in: "memory") { try decompressed(member + reaching) }
    let place = error?.fault.split(separator: " ").compactMap { Int($0) }.first ?? 0
    #expect((member.count + 10...member.count + reaching.count).contains(place))
    expectFault("invalid distance too far back") { try decompressed(reaching) }
    // The same match after four bytes of its own member is one that can be resolved.
    #expect(try decompressed(gzip(literalsThenMatch, of: Array("0000000".utf8))) == Array("0000000".utf8))
  }

  @Test func aFileCutAnywhere() {
    for end in 2..<compressed.count {
      expectFault("compressed data: cut short", in: "memory") { try decompressed(Array(compressed[..<end])) }
    }
  }

  @Test func whatTheFileEndsWithIsChecked() {
    for (offset, fault) in [(8, "data"), (5, "data"), (4, "length"), (1, "length")] {
      var file = compressed
      file[file.count - offset] ^= 0x10
      expectFault("incorrect \(fault) check") { try decompressed(file) }
    }
  }

  @Test func theLimitHoldsForWhatComesOut() throws {
    #expect(try decompressed(compressed, limit: text.count) == text)
    expectFault("holds more than the 753 bytes allowed") { try decompressed(compressed, limit: 753) }
    expectFault("more than the 0 bytes allowed") { try decompressed(compressed, limit: -1) }
  }

  @Test func damageNeverTraps() throws {
    for file in [compressed, gzipStored(text), fixedCodes] {
      try fuzz("gzip", file, share: 3) { file in
        let bytes = try decompressed(file)
        #expect(bytes.count <= 1 << 20)
      }
    }
  }

  /// The text as gzip packs it, with codes of its own.
  let compressed = Array(
    Data(
      base64Encoded: """
        H4sIAAAAAAACAyWSyQHEMAgDW6EELnP031gk8lmzMYhBWMUkZcVK/EmU5EqljImpijnOTNwiY5GCHH84ZyU8kY9q5GXinJTnK69L\
        CnmFs/G/8X1wv8jboi4KTaFgBimjpjnELdgl2e6xbxGgSNIgskkygNCVFEZi1xUPTfFUAxkqvBg1vw1vF3nBioA+oUEe0IuEcrBH\
        NLrFoG8sCFLBkqTKAF8mSLPAnM1pOcZTzPOMAwcnxo08zvya0eJbKW5RZXATFfVQWw2VGui1PpqDikZP6Ye+3SDoBcvQ+nHwTXIX\
        BeYZ0C/nQAYiUMJNTLmjtyuapX5xKg0uZMBmJJuxzsyDcdJHK1pqQ3f933TQc3+035ub8L2l3H4i3y2IW4vlAtPq3gZrQcl4hqtD\
        HX4DRth5Ym8Y132vYE5dftFK69PppGaffi97zfXF0hkfzyrZ9jj3HseSHzNjFlfO5dp8IPa/kOATMfrgLMZzoT8fMAU06fICAAA=
        """) ?? Data())

  /// "descent descent descent" in the codes that deflate fixes.
  let fixedCodes = Array(Data(base64Encoded: "H4sIAAAAAAACA0tJLU5OzStRSEGlAb6T53QXAAAA") ?? Data())
}

/// Without zlib a compressed file is refused, and everything that is not compressed is read.
@Suite(.enabled(if: !dn_library_available(DN_LIB_ZLIB), "needs a machine without zlib, or DESCENT_NATIVE=off"))
struct GzipWithoutZlibTests {
  @Test func theErrorSaysWhatToInstall() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("packed.gz", gzipStored(Array("text".utf8)))
    expectFault("compressed data needs zlib, which is not available: install zlib1g", in: path) {
      try FileContents.read(path)
    }
    #expect(try FileContents.read(directory.file("plain.gz", Array("text".utf8))) == Array("text".utf8))
  }

  @Test func theShippedDigitsAreRead() throws {
    #expect(try DigitImages.shipped().count == 1797)
  }
}

/// Deflate's fixed codes: three bytes from four bytes before, and the end.
private let matchOfThreeAtDistanceFour: [UInt8] = bits("1 10 0000001 00011 0000000")

/// Four times the byte 0x30, the same match, and the end.
private let literalsThenMatch: [UInt8] = bits("1 10 01100000 01100000 01100000 01100000 0000001 00011 0000000")

/// Bytes from bits, the first of which is the lowest of its byte.
private func bits(_ text: String) -> [UInt8] {
  var bytes: [UInt8] = []
  for (index, bit) in text.filter({ $0 != " " }).enumerated() {
    if index % 8 == 0 { bytes.append(0) }
    if bit == "1" { bytes[index / 8] |= 1 << (index % 8) }
  }
  return bytes
}

/// A gzip file that holds the bytes as they are.
func gzipStored(_ bytes: [UInt8]) -> [UInt8] {
  var blocks: [UInt8] = []
  var rest = bytes[...]
  repeat {
    let block = rest.prefix(0xFFFF)
    rest = rest.dropFirst(0xFFFF)
    let length = UInt32(block.count)
    blocks += [rest.isEmpty ? 1 : 0] + littleEndian(length, count: 2) + littleEndian(~length, count: 2) + block
  } while !rest.isEmpty
  return gzip(blocks, of: bytes)
}

/// A gzip file of deflate's blocks, which say that they hold the bytes.
private func gzip(_ blocks: [UInt8], of bytes: [UInt8]) -> [UInt8] {
  var checksum: UInt32 = 0xFFFF_FFFF
  for byte in bytes {
    checksum ^= UInt32(byte)
    for _ in 0..<8 { checksum = checksum >> 1 ^ (checksum & 1 == 1 ? 0xEDB8_8320 : 0) }
  }
  return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + blocks + littleEndian(~checksum, count: 4)
    + littleEndian(UInt32(bytes.count), count: 4)
}

private func littleEndian(_ value: UInt32, count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
}
