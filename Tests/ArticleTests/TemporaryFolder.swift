import Foundation

/// A folder for what a test writes.
struct TemporaryFolder {
  let path = NSTemporaryDirectory() + "descent-article-\(UUID().uuidString)"

  init() { try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  /// Removes it with what is in it. Called by name when a test ends: a value's end may come as soon as its path is read, and
  /// what is written afterward would make the folder again.
  func remove() { try? FileManager.default.removeItem(atPath: path) }
}
