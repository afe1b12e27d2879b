import Descent
import Foundation

/// A picture that a command is to read: a file, or standard input.
struct PictureSource: Sendable {
  /// What the user calls it: a path, or "-" for standard input.
  let name: String

  /// How the names of files end that are taken for pictures in a folder.
  private static let extensions: Set<String> = ["png", "jpg", "jpeg", "tif", "tiff", "pdf"]

  /// The pictures that a word on the command line names: itself, or those in the folder of that name, in order.
  ///
  /// - Throws: `DataError` where a folder cannot be read or holds no picture.
  static func sources(named word: String) throws -> [PictureSource] {
    var isFolder: ObjCBool = false
    guard word != "-", FileManager.default.fileExists(atPath: word, isDirectory: &isFolder), isFolder.boolValue else {
      return [PictureSource(name: word)]
    }
    func fault(_ text: String) -> DataError { DataError("read pictures", path: word, fault: text) }
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: word) } catch {
      throw fault("the folder cannot be read: \(error.localizedDescription)")
    }
    let pictures = names.filter { name in
      !name.hasPrefix(".") && extensions.contains((name as NSString).pathExtension.lowercased())
    }
    guard !pictures.isEmpty else { throw fault("the folder holds no PNG, JPEG, TIFF or PDF file") }
    return pictures.sorted().map { PictureSource(name: (word as NSString).appendingPathComponent($0)) }
  }

  /// The picture.
  ///
  /// - Throws: `DataError`.
  func picture() throws -> Picture {
    guard name == "-" else { return try Picture.read(name) }
    return try Picture(file: FileContents.standardInput(request: "read picture"), path: "standard input")
  }
}
