import DescentData
import DescentFiles

extension ZIPCodeList {
  /// Reads a list from a text file: a code at the beginning of each line, whatever follows it after a comma.
  ///
  /// The first line may be a heading. Quotes and spaces around a code are passed over.
  ///
  /// - Throws: `FileError` where the file cannot be read, a line begins with no code, or there is none at all.
  /// - Complexity: O(*n* log *n*) in the lines.
  public init(contentsOfFile path: String) throws {
    let bytes = try FileContents.read(path, limit: 1 << 26)
    var codes: [Int] = []
    for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      let field = line.prefix { $0 != UInt8(ascii: ",") }.filter { !Self.isPadding($0) }
      if let code = Self.code(field) {
        codes.append(code)
      } else if index > 0, !field.isEmpty {
        let shown = String(decoding: field.prefix(20), as: UTF8.self)
        throw FileError(path, "line \(index + 1) begins with \"\(shown)\", not with five digits")
      }
    }
    guard !codes.isEmpty else { throw FileError(path, "holds no ZIP code") }
    self.init(codes)
  }

  /// Spaces, quotes, and what some editors put at the beginning and the end of lines.
  private static func isPadding(_ byte: UInt8) -> Bool {
    [0x20, 0x09, 0x0D, 0x22, 0xEF, 0xBB, 0xBF].contains(byte)
  }

  private static func code(_ field: [UInt8]) -> Int? {
    guard field.count == 5, field.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
    return field.reduce(0) { $0 * 10 + Int($1) - 48 }
  }
}
