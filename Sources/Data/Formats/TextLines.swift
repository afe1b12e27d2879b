import CFormats
import DescentFiles

/// Text files of a line for each example.
public enum TextLines {
  /// Reads the lines of a file, plain or gzip, without their ends.
  ///
  /// A line ends with a line feed, before which a carriage return counts as part of the end; the last one may lack it.
  ///
  /// - Parameters:
  ///   - path: The file, in UTF-8.
  ///   - limit: The most bytes it may hold once decompressed.
  /// - Throws: `FileError` where the file cannot be read, or a line is not valid UTF-8; it names the line.
  /// - Complexity: O(bytes).
  public static func read(_ path: String, limit: Int = 1 << 30) throws -> [String] {
    try read(file: FileContents.read(path, limit: limit), path: path)
  }

  /// Reads the lines of the bytes of a file.
  ///
  /// - Parameters:
  ///   - file: The whole file.
  ///   - path: The name that errors give it.
  /// - Throws: `FileError`.
  public static func read(file: [UInt8], path: String) throws -> [String] {
    var texts: [String] = []
    texts.reserveCapacity(dn_text_line_count(file, file.count))
    for line in ByteLines(file: file) { texts.append(try line.text(path)) }
    return texts
  }

  /// Writes lines, in one step.
  ///
  /// - Throws: `FileError` where a line holds a line feed or ends with a carriage return, so that it would be read as
  ///   another, or the file cannot be written, an earlier one being left as it was.
  public static func write(_ lines: some Sequence<String>, to path: String) throws {
    var bytes: [UInt8] = []
    for (place, line) in lines.enumerated() {
      guard !line.utf8.contains(0x0A), line.utf8.last != 0x0D else {
        throw FileError(path, "line \(place + 1) to be written holds a line end itself")
      }
      bytes += line.utf8
      bytes.append(0x0A)
    }
    try FileContents.write(bytes, to: path)
  }
}

/// The lines of a text, as bytes without their ends.
struct ByteLines: Sequence, IteratorProtocol {
  /// A line, and which it is, counted from 1.
  struct Line {
    let number: Int
    let bytes: ArraySlice<UInt8>

    /// The line as text.
    func text(_ path: String) throws(FileError) -> String {
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw FileError(
          path, "line \(number) is not valid UTF-8\(ByteLines.isWide(bytes) ? "; it looks like UTF-16" : "")")
      }
      return text
    }
  }

  private let file: [UInt8]
  private var place: Int
  private var number = 0

  init(file: [UInt8]) {
    self.file = file
    // Some programs begin UTF-8 with a mark.
    place = file.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  mutating func next() -> Line? {
    guard place < file.count else { return nil }
    let feed = dn_text_line_end(file, file.count, place)
    let end = feed > place && file[feed - 1] == 0x0D ? feed - 1 : feed
    number += 1
    defer { place = feed + 1 }
    return Line(number: number, bytes: file[place..<end])
  }

  private static func isWide(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
  }
}
