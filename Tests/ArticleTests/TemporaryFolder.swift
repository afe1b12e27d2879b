import Foundation

/// A folder that is there for as long as the value is.
final class TemporaryFolder {
  let path = NSTemporaryDirectory() + "descent-article-\(UUID().uuidString)"

  init() { try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(atPath: path) }
}
