import DescentTensors

/// The fields of a grid that is drawn as text.
struct GridMap: Sendable {
  /// Up, right, down and left, as steps of row and column.
  static let compass = [(-1, 0), (0, 1), (1, 0), (0, -1)]

  let rows: Int
  let columns: Int
  private let signs: [Character]

  /// The number of fields.
  var count: Int { signs.count }

  /// Reads a map.
  ///
  /// - Throws: `TensorError` where the lines differ in length, hold another sign, or have nowhere to begin.
  init(_ lines: [String], of environment: String, signs allowed: String) throws {
    let width = lines.first?.count ?? 0
    guard width > 0, lines.allSatisfy({ $0.count == width }) else {
      throw TensorError(environment, "the lines of the map have the lengths \(lines.map(\.count)); all need the same")
    }
    for (row, line) in lines.enumerated() {
      if let column = line.firstIndex(where: { !allowed.contains($0) }) {
        throw TensorError(
          environment,
          "the map has '\(line[column])' in line \(row + 1), column \(line.distance(from: line.startIndex, to: column) + 1); its signs"
            + " are \(allowed.map { "'\($0)'" }.joined(separator: " "))")
      }
    }
    guard lines.contains(where: { $0.contains("S") }) else {
      throw TensorError(environment, "the map has no 'S' to begin at")
    }
    self.init(checked: lines)
  }

  /// Takes a map that is known to be right.
  init(checked lines: [String]) {
    rows = lines.count
    columns = lines.first?.count ?? 0
    signs = lines.flatMap { Array($0) }
  }

  /// What stands on a field.
  subscript(place: Int) -> Character { signs[place] }

  /// Where a step leads to; walls and the border let nobody through.
  func moved(from place: Int, _ step: (Int, Int), walls: String) -> Int {
    let (row, column) = (place / columns + step.0, place % columns + step.1)
    guard (0..<rows).contains(row), (0..<columns).contains(column) else { return place }
    let next = row * columns + column
    return walls.contains(signs[next]) ? place : next
  }

  /// A process of four actions over the fields, which begins at any `S`; ends stay where they are and give nothing.
  func process(
    ends: String, _ outcomes: (_ place: Int, _ action: Int) -> [FiniteProcess.Outcome]
  ) -> FiniteProcess {
    let starts = signs.count { $0 == "S" }
    return FiniteProcess(
      states: count, actions: 4, starts: signs.map { $0 == "S" ? 1 / Double(starts) : 0 }
    ) { place, action in
      if ends.contains(signs[place]) { return [.init(state: place, reward: 0, terminated: true)] }
      return outcomes(place, action)
    }
  }
}
