import Foundation

/// Lines on standard error, for as long as somebody reads it.
enum Notices {
  static func warn(_ text: String) { say("warning: \(text)") }

  static func say(_ line: String) {
    try? FileHandle.standardError.write(contentsOf: Data("\(line)\n".utf8))
  }
}
