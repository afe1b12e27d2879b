import DescentFiles
import DescentTensors
import Foundation
import Testing

/// Damaged and hostile files: each gives one line that names the file and the fault.
@Suite struct SafetensorsFaultTests {
  private static func file(_ header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
    withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) { Array($0) } + Array(header.utf8)
      + [UInt8](repeating: 0, count: data)
  }

  private static func fault(of bytes: [UInt8]) throws -> String {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("descent-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    do {
      _ = try Safetensors.read(path)
      return "no error"
    } catch {
      let text = "\(error)"
      #expect(error is FileError && text.hasPrefix(path + ": ") && !text.contains("\n"))
      return String(text.dropFirst(path.count + 2))
    }
  }

  private static let good = #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#

  static let cases: [(bytes: [UInt8], fault: String)] = [
    ([], "is empty"),
    ([1, 2, 3], "is cut short: 3 bytes"),
    (file(good, data: 8, length: 1 << 62), "the limit is 100000000"),
    (file(good, data: 8, length: .max), "the limit is 100000000"),
    (file(good, data: 8, length: 1000), "says that its header has 1000 bytes, but only"),
    (file(good, data: 7), "is cut short: the tensor a ends at byte 8 of the data, of which there are 7"),
    (file(good, data: 9), "1 bytes follow the last tensor"),
    (file("", data: 8), "the header is not a JSON object"),
    (file("[]"), "the header is not a JSON object"),
    (file(#"{"a":1"#), "the header is not valid JSON: a comma or a closing brace is missing at byte 6"),
    (file("{} x"), "something follows the last value"),
    (file(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{}}"#, data: 8), "the name a appears twice"),
    (file(#"{"a":{"dtype":"F32","dtype":"F64"}}"#), "the name dtype appears twice"),
    (file(#"{"a":7}"#), "the tensor a is not described by an object"),
    (file(#"{"a":{"shape":[2],"data_offsets":[0,8]}}"#, data: 8), "the tensor a has no dtype"),
    (file(#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, data: 8), "has no shape of non-negative"),
    (file(#"{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}"#, data: 8), "has no shape of non-negative"),
    (file(#"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}"#, data: 8), "has no shape"),
    (file(#"{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}"#, data: 8), "has no shape"),
    (
      file(#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#, data: 8),
      "larger than any memory"
    ),
    (
      file(#"{"a":{"dtype":"F64","shape":[4611686018427387904],"data_offsets":[0,8]}}"#, data: 8),
      "larger than any memory"
    ),
    (file(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, data: 8), "no data_offsets of two increasing"),
    (file(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#, data: 8), "no data_offsets of two increasing"),
    (
      file(#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, data: 8),
      "takes 12 bytes, but its data_offsets 0..<8"
    ),
    (
      file(#"{"a":{"dtype":"I8","shape":[0],"data_offsets":[9223372036854775807,9223372036854775807]}}"#),
      "is cut short"
    ),
    (
      file(
        #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}"#,
        data: 6), "the tensors a and b overlap"
    ),
    (
      file(
        #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[6,10]}}"#,
        data: 10), "bytes 4..<6 of the data belong to no tensor"
    ),
    (file(#"{"__metadata__":{"a":1}}"#), "__metadata__: a is not a text"),
    (file(#"{"__metadata__":[]}"#), "__metadata__ is not an object of texts"),
    (file(#"{"a\ud800":{}}"#), "a surrogate pair is incomplete"),
    (file(#"{"a\u12g4":{}}"#), "lacks its four hexadecimal digits"),
    (file(#"{"\x":{}}"#), "unknown escape"),
    (file("{\"a\u{1}\":{}}"), "control character"),
    (file(#"{"a":01}"#), "a number is malformed"),
    (file(#"{"a":tru}"#), "a value is missing"),
    (file(#"{"a"#), "a string does not end"),
    (file("{\"a\":" + String(repeating: "[", count: 100_000)), "nested deeper"),
    (file("{\"a\":" + String(repeating: "{\"a\":", count: 100_000)), "nested deeper"),
    (Array(file("{\"#\":{}}").map { $0 == UInt8(ascii: "#") ? 0xff : $0 }), "not valid UTF-8"),
    (file(#"{"a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}"#) + [1, 2], "bytes other than 0 and 1"),
    (file("{\"line\\nbreak\":7}"), "the tensor line\\nbreak is not"),
  ]

  @Test(arguments: cases.indices) func damagedFilesAreNamed(index: Int) throws {
    let (bytes, wanted) = Self.cases[index]
    let found = try Self.fault(of: bytes)
    #expect(found.contains(wanted), "\(found)")
  }

  @Test(arguments: ["F8_E4M3", "F8_E5M2", "C64"]) func aTensorOfUnknownTypeLeavesTheOthersReadable(dtype: String) throws
  {
    let header =
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
      + #""b":{"dtype":"\#(dtype)","shape":[3],"data_offsets":[8,11]},"#
      + #""c":{"dtype":"U8","shape":[2],"data_offsets":[11,13]}}"#
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("descent-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(Self.file(header, data: 11) + [4, 5]).write(to: URL(fileURLWithPath: path))
    let tensors = try Safetensors.read(path).tensors
    #expect(try tensors["a"]?.scalars() == [0, 0])
    #expect(try tensors["c"]?.scalars() == [4, 5])
    let error = try #require(tensors["b"]?.error)
    #expect("\(error)".hasPrefix("\(path): the tensor b has the dtype \(dtype), which is not known here"))
    #expect(throws: TensorError.self) { try (#require(tensors["b"]) + 1).scalars() }
  }

  @Test func everyPlaceToCutAFileIsNoticed() throws {
    let whole = Self.file(Self.good, data: 8)
    #expect(try Self.fault(of: whole) == "no error")
    for length in whole.indices { #expect(try Self.fault(of: Array(whole[..<length])) != "no error") }
  }

  @Test func flippedBitsNeverTrap() throws {
    let header =
      #"{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
      + #""b":{"dtype":"BOOL","shape":[1,2],"data_offsets":[8,10]}}"#
    let whole = Self.file(header, data: 10)
    for place in whole.indices {
      for bit in 0..<8 {
        var bytes = whole
        bytes[place] ^= 1 << bit
        // Some flips make another valid file; what counts is that each is an answer or an error of one line.
        _ = try Self.fault(of: bytes)
      }
    }
  }

  @Test func whatIsNoFileIsNamed() throws {
    let folder = FileManager.default.temporaryDirectory.path
    func fault(_ path: String) -> String {
      do {
        _ = try Safetensors.read(path)
        return "no error"
      } catch { return "\(error)" }
    }
    #expect(fault(folder) == "\(folder): is a directory, not a file")
    #expect(fault("/dev/zero") == "/dev/zero: is not a regular file")
    #expect(fault(folder + "/none/at/all") == "\(folder)/none/at/all: no such file or directory")
    #expect(fault("") == "(empty path): no such file or directory")
    #expect(fault("a\0b") == "a\\u{0000}b: the name holds a zero byte" || fault("a\0b").hasSuffix("zero byte"))
  }
}
