import DescentFiles
import DescentTensors
import Foundation

extension Explanation {
  /// The explanation as JSON; infinities and NaN are the texts `inf`, `-inf` and `nan`.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }

  /// Writes the explanation to a file, in the form that its name ends with: `.svg`, `.json`, or `.txt` for the table.
  ///
  /// - Throws: `FileError` where the file cannot be written or its name ends otherwise; for `.svg`, `DrawingError` where
  ///   Graphviz `dot` is missing.
  public func write(to path: String) throws {
    try ExplanationFile.write(path, svg: svg, json: json, text: { description })
  }
}

/// Files in the form that their names end with.
enum ExplanationFile {
  static func write(
    _ path: String, svg: () throws -> String, json: () throws -> String, text: () -> String
  ) throws {
    let ending = path.split(separator: "/").last?.split(separator: ".").dropFirst().last?.lowercased()
    let contents =
      switch ending {
      case "svg": try svg()
      case "json": try json()
      case "txt": text() + "\n"
      default: throw FileError(path, "the name of an explanation ends with .svg, .json or .txt")
      }
    try Array(contents.utf8).withUnsafeBytes { try AtomicFile.write([$0], to: path) }
  }
}
