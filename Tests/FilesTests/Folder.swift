import Foundation

/// A directory that is gone when the test is over.
final class Folder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("descent-files-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file that need not exist.
  func at(_ name: String) -> String { "\(path)/\(name)" }

  /// The names in the directory, sorted.
  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

  /// What a file holds.
  func contents(_ name: String) -> [UInt8] { FileManager.default.contents(atPath: at(name)).map(Array.init) ?? [] }
}
