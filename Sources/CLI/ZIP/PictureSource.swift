import Descent
import DescentFiles
import Foundation

/// A picture that a command is to read: a file, or standard input.
struct PictureSource: Sendable {
  /// What the user calls it: a path, or "-" for standard input.
  let name: String

  /// How the names of files end that are taken for pictures in a folder.
  private static let extensions: Set<String> = ["png", "jpg", "jpeg", "tif", "tiff", "pdf"]

  /// The pictures that a word on the command line names: itself, or those in the folder of that name, in order.
  ///
  /// - Throws: `FileError` where a folder cannot be read or holds no picture.
  static func sources(named word: String) throws -> [PictureSource] {
    guard word != "-", FileSystem.kind(at: word) == .directory else { return [PictureSource(name: word)] }
    let pictures = try FileSystem.names(in: word).filter { name in
      !name.hasPrefix(".") && extensions.contains((name as NSString).pathExtension.lowercased())
    }
    guard !pictures.isEmpty else { throw FileError(word, "the folder holds no PNG, JPEG, TIFF or PDF file") }
    return pictures.sorted().map { PictureSource(name: (word as NSString).appendingPathComponent($0)) }
  }

  /// The picture.
  ///
  /// - Throws: `FileError`.
  func picture() throws -> Picture {
    guard name == "-" else { return try Picture.read(name) }
    return try Picture(file: FileContents.standardInput(), path: "standard input")
  }
}
