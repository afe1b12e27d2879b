import DescentData
import Foundation
import Testing

/// The two ways to decompress, which must not differ: by zlib, and without any library.
enum Decoder: CaseIterable {
  case preferred, builtIn

  func decompressed(_ file: [UInt8], limit: Int = 1 << 20, path: String = "memory") throws -> [UInt8] {
    switch self {
    case .preferred: try Gzip.decompressed(file, limit: limit, path: path)
    case .builtIn: try Gzip.decompressedWithoutLibrary(file, limit: limit, path: path, request: "read")
    }
  }
}

@Suite struct GzipTests {
  let directory: TemporaryDirectory
  let text = Array((0..<150).map { "\($0 * $0) " }.joined().utf8)

  init() throws { directory = try TemporaryDirectory() }

  @Test func theFirstBytesDecideNotTheName() throws {
    #expect(try FileContents.read(directory.file("plain.gz", text)) == text)
    #expect(try FileContents.read(directory.file("packed", gzipStored(text))) == text)
    let path = try directory.file("cut", compressed.dropLast(20))
    expectFault("compressed data: cut short", in: path) { try FileContents.read(path) }
    let whole = try directory.file("whole", compressed)
    expectFault("more than the 700 bytes allowed", in: whole) { try FileContents.read(whole, limit: 700) }
  }

  @Test(arguments: Decoder.allCases) func wholeStreams(decoder: Decoder) throws {
    #expect(try decoder.decompressed(compressed) == text)
    #expect(try decoder.decompressed(fixedCodes) == Array("descent descent descent".utf8))
    #expect(try decoder.decompressed(gzipStored([])) == [])
    let long = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* $0) }
    #expect(try decoder.decompressed(gzipStored(long)) == long)
  }

  @Test(arguments: Decoder.allCases) func allOptionalFieldsAreSkipped(decoder: Decoder) throws {
    let fields: [UInt8] = [3, 0, 1, 2, 3] + Array("name".utf8) + [0] + Array("comment".utf8) + [0]
    var file = gzipStored(text)
    file[3] = 0x1C
    file.insert(contentsOf: fields, at: 10)
    #expect(try decoder.decompressed(file) == text)
    for end in 10..<(10 + fields.count) {
      expectFault("cut short") { try decoder.decompressed(Array(file[..<end])) }
    }
    file[3] = 0x20
    expectFault("damaged") { try decoder.decompressed(file) }
  }

  @Test(arguments: Decoder.allCases) func membersFollowOneAnother(decoder: Decoder) throws {
    #expect(try decoder.decompressed(gzipStored(text) + compressed) == text + text)
    #expect(try decoder.decompressed(compressed + [0, 0, 0]) == text)
    expectFault("something else follows its end") { try decoder.decompressed(compressed + [0, 1]) }
    expectFault("something else follows its end") { try decoder.decompressed(compressed + Array("more".utf8)) }
    expectFault("cut short") { try decoder.decompressed(compressed + compressed.prefix(12)) }
  }

  @Test(arguments: Decoder.allCases) func aFileCutAnywhere(decoder: Decoder) {
    for end in 2..<compressed.count {
      expectFault("compressed data: cut short", in: "memory") { try decoder.decompressed(Array(compressed[..<end])) }
    }
  }

  @Test(arguments: Decoder.allCases) func whatTheFileEndsWithIsChecked(decoder: Decoder) {
    for (offset, fault) in [(8, "data"), (5, "data"), (4, "length"), (1, "length")] {
      var file = compressed
      file[file.count - offset] ^= 0x10
      expectFault("incorrect \(fault) check") { try decoder.decompressed(file) }
    }
  }

  @Test(arguments: Decoder.allCases) func theLimitHoldsForWhatComesOut(decoder: Decoder) throws {
    #expect(try decoder.decompressed(compressed, limit: text.count) == text)
    expectFault("holds more than the 753 bytes allowed") { try decoder.decompressed(compressed, limit: 753) }
    expectFault("more than the 0 bytes allowed") { try decoder.decompressed(compressed, limit: -1) }
  }

  @Test(arguments: Decoder.allCases) func damageNeverTraps(decoder: Decoder) {
    var generator = SeededGenerator(state: 5)
    var refused = 0
    for file in [compressed, gzipStored(text), fixedCodes] {
      for _ in 0..<2000 {
        do {
          let bytes = try decoder.decompressed(mutated(file, using: &generator))
          #expect(bytes.count <= 1 << 20)
        } catch {
          #expect(error is DataError)
          refused += 1
        }
      }
    }
    #expect(refused > 4000)
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

/// A gzip file that holds the bytes as they are.
func gzipStored(_ bytes: [UInt8]) -> [UInt8] {
  func littleEndian(_ value: UInt32, count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
  }
  var file: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
  var rest = bytes[...]
  repeat {
    let block = rest.prefix(0xFFFF)
    rest = rest.dropFirst(0xFFFF)
    let length = UInt32(block.count)
    file += [rest.isEmpty ? 1 : 0] + littleEndian(length, count: 2) + littleEndian(~length, count: 2) + block
  } while !rest.isEmpty
  var checksum: UInt32 = 0xFFFF_FFFF
  for byte in bytes {
    checksum ^= UInt32(byte)
    for _ in 0..<8 { checksum = checksum >> 1 ^ (checksum & 1 == 1 ? 0xEDB8_8320 : 0) }
  }
  return file + littleEndian(~checksum, count: 4) + littleEndian(UInt32(bytes.count), count: 4)
}
