import DescentData
import Foundation
import Testing

@Suite struct GzipTests {
  let directory: TemporaryDirectory
  let text = Array((0..<150).map { "\($0 * $0) " }.joined().utf8)

  init() throws { directory = try TemporaryDirectory() }

  func read(_ bytes: [UInt8], limit: Int = FileContents.defaultLimit) throws -> [UInt8] {
    try FileContents.read(directory.file("file", bytes), limit: limit)
  }

  @Test func theFirstBytesDecideNotTheName() throws {
    #expect(try FileContents.read(directory.file("plain.gz", text)) == text)
    #expect(try FileContents.read(directory.file("packed", gzipStored(text))) == text)
    #expect(try read(compressed) == text)
  }

  @Test func allOptionalFieldsAreSkipped() throws {
    let fields: [UInt8] = [3, 0, 1, 2, 3] + Array("name".utf8) + [0] + Array("comment".utf8) + [0, 9, 9]
    var file = gzipStored(text)
    file[3] = 0x1F
    file.insert(contentsOf: fields, at: 10)
    #expect(try read(file) == text)
    for end in 10..<(10 + fields.count) {
      expectFault("cut short") { try read(Array(file[..<end])) }
    }
    file[3] = 0x20
    expectFault("corrupt") { try read(file) }
  }

  @Test func membersFollowOneAnother() throws {
    #expect(try read(gzipStored(text) + compressed) == text + text)
    expectFault("followed by other bytes") { try read(compressed + [0]) }
    expectFault("followed by other bytes") { try read(compressed + Array("more".utf8)) }
    expectFault("cut short") { try read(compressed + compressed.prefix(12)) }
  }

  @Test func aFileCutAnywhere() throws {
    for end in 2..<compressed.count {
      let path = try directory.file("file", compressed[..<end])
      expectFault("the gzip stream is cut short", in: path) { try FileContents.read(path) }
    }
  }

  @Test func whatTheFileEndsWithIsChecked() throws {
    for (offset, fault) in [(8, "checksum"), (5, "checksum"), (4, "length"), (1, "length")] {
      var file = compressed
      file[file.count - offset] ^= 0x10
      expectFault("does not have the \(fault) it ends with") { try read(file) }
    }
  }

  @Test func theLimitHoldsForWhatComesOut() throws {
    #expect(try read(compressed, limit: text.count) == text)
    expectFault("more than the limit of 753 bytes") { try read(compressed, limit: text.count - 1) }
    expectFault("limit of 0 bytes") { try Gzip.decompressed(compressed, limit: -1, path: "memory") }
  }

  @Test func anEmptyStream() throws {
    #expect(try read(gzipStored([])) == [])
  }

  @Test func damageNeverTraps() {
    var generator = SeededGenerator(state: 5)
    var refused = 0
    for file in [compressed, gzipStored(text), fixedCodes] {
      for _ in 0..<3000 {
        do {
          let bytes = try Gzip.decompressed(mutated(file, using: &generator), limit: 1 << 20, path: "memory")
          #expect(bytes.count <= 1 << 20)
        } catch {
          #expect(error is DataError)
          refused += 1
        }
      }
    }
    #expect(refused > 6000)
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
