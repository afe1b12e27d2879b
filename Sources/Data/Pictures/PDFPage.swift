import DescentFiles
import Foundation

/// The page of a PDF file, as a picture, by the program `pdftoppm` of Poppler.
///
/// A PDF file is a program for a page, fonts and all, that a stranger wrote. A process of its own, with limits on its time
/// and memory, keeps what goes wrong in it away from this one.
package enum PDFPage {

  /// The longer side of the page, in pixels: letter paper at 300 dots an inch.
  private static let longerSide = 3_300

  /// How long the program may compute, in seconds, and how much memory it may have, in KiB.
  private static let limits = (seconds: 60, memory: 2 << 20)

  /// What to do where the program is missing.
  package static let advice = "needs the program pdftoppm, which is not found in PATH: install poppler-utils"

  /// The version of the program that is found, nil where there is none.
  package static var version: String? {
    guard let (_, _, complaint) = try? output(of: ["pdftoppm", "-v"], path: "", limit: 1 << 16) else { return nil }
    return complaint.split(whereSeparator: \.isWhitespace).first { $0.first?.isNumber == true }.map(String.init)
      ?? "of unknown version"
  }

  /// Whether a file begins as PDF files do; the header may stand after a few other bytes.
  static func isPDF(_ file: [UInt8]) -> Bool {
    let start = file.prefix(1_024)
    return start.indices.contains { start[$0...].starts(with: Array("%PDF-".utf8)) }
  }

  /// Draws the page of a file of one page.
  ///
  /// - Throws: `FileError` where the file is damaged, locked or holds several pages, where drawing it takes too long or
  ///   too much memory, and where the program is missing.
  static func picture(of file: [UInt8], path: String, pixelLimit: Int) throws -> Picture {
    let copy: TemporaryFile
    do throws(FileError) { copy = try TemporaryFile(file, suffix: ".pdf") } catch {
      throw fault("PDF: cannot be passed to pdftoppm: \(error)", path)
    }
    defer { withExtendedLifetime(copy) {} }
    let side = min(longerSide, Int(Double(pixelLimit).squareRoot()))
    guard side > 0 else { throw fault("PDF: no pixels are allowed", path) }
    // Where there is a second page, it comes too, and tells so.
    let arguments = ["pdftoppm", "-f", "1", "-l", "2", "-scale-to", String(side), copy.path]
    let (bytes, status, complaint) = try output(of: arguments, path: path, limit: 2 * (3 * side * side + 64))
    let reason = complaint.split(whereSeparator: \.isNewline).first.map(String.init)
    guard let page = PortablePixmap(bytes) else {
      throw fault("PDF: \(reason ?? "cannot be drawn (pdftoppm ended with status \(status))")", path)
    }
    guard page.end == bytes.count else { throw fault("PDF: holds several pages: a file for each is needed", path) }
    guard status == 0 else { throw fault("PDF: \(reason ?? "pdftoppm ended with status \(status)")", path) }
    let pixels = Array(bytes[page.start..<page.end])
    return try Picture(width: page.width, height: page.height, channels: 3, pixels: pixels)
  }

  private static func fault(_ text: String, _ path: String) -> FileError {
    FileError(path, text)
  }

  /// Runs the program within the limits.
  private static func output(
    of arguments: [String], path: String, limit: Int
  ) throws -> (output: [UInt8], status: CInt, complaint: String) {
    let limited = "ulimit -t \(limits.seconds); ulimit -v \(limits.memory); exec \"$@\""
    let (started, errorNumber) = ChildProcess.start(["/bin/sh", "-c", limited, "sh"] + arguments)
    guard let child = started else {
      throw fault("PDF: /bin/sh cannot be started: \(String(cString: strerror(errorNumber)))", path)
    }
    var output: [UInt8] = []
    var isOpen = true
    let begin = ContinuousClock.now
    try withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
      while isOpen {
        switch child.next(into: buffer, milliseconds: 1_000) {
        case .output(let count):
          output.append(contentsOf: buffer[..<count])
          guard output.count <= limit else { throw fault("PDF: makes a larger picture than was asked for", path) }
        case .silence:
          // A program that waits uses no time of its own.
          guard begin.duration(to: .now) < .seconds(2 * limits.seconds) else {
            throw fault("PDF: drawing it took longer than \(2 * limits.seconds) seconds", path)
          }
        case .end: isOpen = false
        }
      }
    }
    let (status, complaint) = child.finish()
    // What a shell says of a program that it does not find.
    if status == 127 { throw fault("PDF: \(advice)", path) }
    if status < 0 { throw fault("PDF: drawing it takes more time or memory than a page may", path) }
    return (output, status, complaint)
  }
}

/// The header of a picture in the form that `pdftoppm` writes: "P6", width, height, 255, and the pixels.
private struct PortablePixmap {
  let width: Int
  let height: Int
  /// Where the pixels begin and end.
  let start: Int
  let end: Int

  init?(_ bytes: [UInt8]) {
    var numbers: [Int] = []
    guard bytes.starts(with: Array("P6".utf8)) else { return nil }
    var at = 2
    while numbers.count < 3 {
      while at < bytes.count, bytes[at] == 10 || bytes[at] == 32 { at += 1 }
      var number = 0
      let first = at
      while at < bytes.count, (48...57).contains(bytes[at]), at < first + 6 {
        number = number * 10 + Int(bytes[at] - 48)
        at += 1
      }
      guard at > first else { return nil }
      numbers.append(number)
    }
    (width, height) = (numbers[0], numbers[1])
    start = at + 1
    end = start + 3 * width * height
    guard width > 0, height > 0, numbers[2] == 255, end <= bytes.count else { return nil }
  }
}
