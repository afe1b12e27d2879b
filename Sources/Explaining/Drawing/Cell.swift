import DescentPlotting

/// A cell of the table.
struct Cell {
  enum Kind { case plain, value, local, back }
  let text: String
  let kind: Kind

  init(_ text: String, _ kind: Kind) {
    self.text = text
    self.kind = kind
  }
}

extension Paint {
  /// A local derivative.
  func local(_ text: String) -> String { painted(text, "34") }
  /// What comes back.
  func back(_ text: String) -> String { painted(text, "31") }

  /// A cell at the width of its column; color takes none.
  func cell(_ cell: Cell, width: Int) -> String {
    let filler = String(repeating: " ", count: max(0, width - cell.text.count))
    return switch cell.kind {
    case .plain: cell.text + filler
    case .value: bold(cell.text) + filler
    case .local: local(cell.text) + filler
    case .back: back(cell.text) + filler
    }
  }
}
