import Foundation

/// The tables of Documentation/Names.md, as far as they stand beside PyTorch.
enum NamesPage {
  /// One line of a table.
  struct Row: CustomStringConvertible, Sendable {
    /// The line in the page, counted from 1.
    let line: Int
    /// PyTorch's names, without backticks; those such as `2d` written out as `F.conv2d`.
    let names: [String]
    /// What Descent calls it.
    let descent: String

    var description: String { "Names.md:\(line) \(names.joined(separator: ", "))" }
  }

  /// The repository, found from this file.
  static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The rows of all tables that have a column for PyTorch, and a name there.
  static func rows() throws -> [Row] {
    let page = repository.appendingPathComponent("Documentation/Names.md")
    let lines = try String(contentsOf: page, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
    var column: Int?
    var rows: [Row] = []
    for (index, line) in lines.enumerated() {
      let cells = cells(of: line)
      if let place = cells.firstIndex(of: "PyTorch") {
        column = place
      } else if cells.isEmpty {
        column = nil
      } else if let column, cells.count > column {
        let names = names(in: cells[column])
        if !names.isEmpty { rows.append(Row(line: index + 1, names: names, descent: cells.last ?? "")) }
      }
    }
    return rows
  }

  /// The cells of a table's line, none of any other line.
  private static func cells(of line: Substring) -> [String] {
    guard line.hasPrefix("|") else { return [] }
    // A bar within a cell is written `\|`.
    return line.replacingOccurrences(of: "\\|", with: "\u{1}").split(separator: "|").map {
      $0.trimmingCharacters(in: .whitespaces).replacingOccurrences(of: "\u{1}", with: "|")
    }
  }

  /// What stands between backticks.
  private static func names(in cell: String) -> [String] {
    let parts = cell.split(separator: "`", omittingEmptySubsequences: false)
    var names: [String] = []
    for name in parts.enumerated().filter({ $0.offset % 2 == 1 }).map({ String($0.element) }) {
      let isEnding = name == "2d" || name == "3d"
      names.append(isEnding ? (names.last.map { $0.dropLast(2) } ?? "") + name : name)
    }
    return names
  }
}
