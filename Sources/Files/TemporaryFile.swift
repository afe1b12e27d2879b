import Foundation

/// A file for another program, which nobody else can read and which is gone with the value that names it.
package final class TemporaryFile {
  /// Where it lies: among the system's temporary files, under a name that is nobody else's.
  package let path: String

  /// Makes a file with some contents, whose name ends in a suffix such as `.dot`.
  ///
  /// - Throws: `FileError`.
  package init(_ contents: some Sequence<UInt8>, suffix: String) throws(FileError) {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("descent-\(UUID().uuidString)\(suffix)").path
    let file = try OpenFile.makingPrivate(path)
    let written = Array(contents).withUnsafeBytes { memory in
      Result { () throws(FileError) in try file.append(memory) }
    }
    if case .failure(let error) = written {
      FileSystem.remove(path)
      throw error
    }
  }

  deinit { FileSystem.remove(path) }
}
