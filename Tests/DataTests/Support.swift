import CNative
import DescentData
import DescentFiles
import DescentTensors
import Foundation
import Testing

/// A directory that is gone when the test is over.
final class TemporaryDirectory {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("descent-data-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and returns its path.
  @discardableResult
  func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    let path = "\(self.path)/\(name)"
    // Not Data.write(to:), which waits for the disk.
    guard let file = fopen(path, "wb") else { throw CocoaError(.fileWriteUnknown) }
    let bytes = Array(bytes)
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw CocoaError(.fileWriteUnknown) }
    return path
  }

  /// The path of a file that need not exist.
  func at(_ name: String) -> String { "\(path)/\(name)" }

  /// The names in the directory, sorted.
  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}

/// Where zlib is missing, compressed files are refused.
let hasZlib: ConditionTrait = .enabled(
  if: dn_library_available(DN_LIB_ZLIB), "needs the library zlib: apt-get install zlib1g")

/// Expects a `FileError` that names the file, is one line, and contains the text; returns it.
@discardableResult
func expectFault<Value>(
  _ text: String, in path: String? = nil, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Value
) -> FileError? {
  let error = #expect(throws: FileError.self, sourceLocation: sourceLocation) { _ = try body() }
  guard let error else { return nil }
  let line = error.description
  #expect(line.contains(text), sourceLocation: sourceLocation)
  #expect(!line.contains("\n"), sourceLocation: sourceLocation)
  if let path { #expect(line.hasPrefix(path + ": "), sourceLocation: sourceLocation) }
  return error
}

/// Expects a mistake in the program, told in one line that contains a text.
func expectMistake<Value>(
  _ text: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Value
) {
  let error = #expect(throws: TensorError.self, sourceLocation: sourceLocation) { _ = try body() }
  guard let line = error?.description else { return }
  #expect(line.contains(text) && !line.contains("\n"), "\(line)", sourceLocation: sourceLocation)
}

/// The real data next to the checkout, where a machine has it: `../shared/data` from the package's root.
enum SharedData {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared/data").path

  static func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(root)/\(name)") }

  static func path(_ name: String) -> String { "\(root)/\(name)" }

  static let hint: Comment = "needs the real data in ../shared/data beside the package"
}

/// Random numbers that are the same at every run.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    let mixed = (state ^ (state >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    return mixed ^ (mixed >> 33)
  }
}

/// Damages bytes in one of the ways files get damaged: flipped, overwritten, cut, doubled, lengthened.
func mutated(_ bytes: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
  var bytes = bytes
  for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
    // Headers are short and hold what can lie, so they get half of the damage.
    let reach = Bool.random(using: &generator) ? min(bytes.count, 24) : bytes.count
    let index = Int.random(in: 0..<reach, using: &generator)
    switch Int.random(in: 0..<8, using: &generator) {
    case 0...2: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 3: bytes[index] = UInt8.random(in: 0...255, using: &generator)
    case 4: bytes[index] = [0x00, 0xFF, 0x7F, 0x80, 0x0A, 0x2C].randomElement(using: &generator) ?? 0
    case 5: bytes.removeLast(bytes.count - index)
    case 6: bytes.insert(contentsOf: bytes[index..<min(index + 7, bytes.count)], at: index)
    default: bytes.append(UInt8.random(in: 0...255, using: &generator))
    }
  }
  return bytes
}
