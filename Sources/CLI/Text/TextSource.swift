import ArgumentParser
import Descent
import DescentFiles
import Foundation

/// The text that a command learns from or judges by.
struct TextOptions: ParsableArguments {
  @Option(help: "A text file in UTF-8, plain or gzip; else the package's own documentation and sources.")
  var text: String?

  @Option(help: "A text by its name: shakespeare (1.1 MB, downloaded once to data/shakespeare) or descent.")
  var data: String?

  func validate() throws {
    if text != nil, data != nil { throw ValidationError("give --text FILE or --data NAME, not both") }
    if let data, !["shakespeare", "descent"].contains(data) {
      throw ValidationError("--data knows shakespeare and descent, not '\(data)'")
    }
  }

  /// What the text is called.
  var name: String { text ?? data ?? "descent" }

  /// The text.
  func read() throws -> String {
    if let text { return try TextSource.file(text) }
    return data == "shakespeare" ? try TextSource.shakespeare() : try TextSource.package()
  }
}

/// Where texts come from.
enum TextSource {
  /// A file's text.
  static func file(_ path: String) throws -> String {
    let bytes = try FileContents.read(path)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let before = String(decoding: bytes, as: UTF8.self).unicodeScalars.prefix { $0 != "\u{FFFD}" }
      throw FileError(path, "is not a text in UTF-8, as line \(before.count { $0 == "\n" } + 1) shows")
    }
    return text
  }

  /// The plays that models of characters are usually compared on.
  static func shakespeare() throws -> String {
    let set = RemoteDataset.shakespeare
    let folder = "data/\(set.name)"
    let path = "\(folder)/\(set.files[0].name)"
    if FileSystem.kind(at: path) == nil {
      FileHandle.standardError.write(Data("downloading \(set.credit) to \(folder)\n".utf8))
    }
    try set.download(to: folder)
    return try file(path)
  }

  /// The documentation and the sources of the package that this command was built from.
  static func package() throws -> String {
    let places = [packageFolder, FileManager.default.currentDirectoryPath]
    guard let folder = places.first(where: { FileSystem.kind(at: "\($0)/Sources/Descent/Descent.docc") != nil }) else {
      throw FileError(
        packageFolder,
        "the package's documentation and sources, to learn from where no other text is given, are not there any more;"
          + " give --text FILE")
    }
    var texts: [String] = []
    for below in ["Documentation", "Sources"] {
      let names = FileManager.default.enumerator(atPath: "\(folder)/\(below)")?.compactMap { $0 as? String } ?? []
      for name in names.sorted() where name.hasSuffix(".md") || name.hasSuffix(".swift") {
        texts.append(try file("\(folder)/\(below)/\(name)"))
      }
    }
    return texts.joined(separator: "\n")
  }

  /// Where the package lay when this command was built.
  private static var packageFolder: String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
  }
}
