import Descent
import Foundation

/// Steps along an expression's derivatives.
struct DescentPath {
  /// Where a step has led.
  struct Point: Codable {
    var step: Int
    var value: Double
    var at: [String: Double]
  }

  private let names: [String]
  private(set) var points: [Point] = []
  /// Why the path ended early.
  private(set) var fault: String?

  /// Follows the derivatives.
  ///
  /// - Parameters:
  ///   - rate: What derivatives are multiplied by and added, below zero to go down.
  ///   - hold: The names of values that stay.
  /// - Throws: `ExplainError` where a held name does not exist.
  init(_ problem: ExpressionProblem, steps: Int, rate: Double, hold: String?) throws {
    let known = problem.values.map(\.name)
    let held = (hold ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    if let odd = held.first(where: { !known.contains($0) }) {
      throw ExplainError("--hold \(odd): there is no such value; there are \(known.joined(separator: ", "))")
    }
    guard held.count < known.count else {
      throw ExplainError("--hold keeps every value where it is, so that nothing moves")
    }
    names = known
    var at = Dictionary(uniqueKeysWithValues: problem.values.map { ($0.name, Tensor($0.value, .float64)) })
    for step in 0...steps {
      let (value, slope) = try valueAndGradient(at: at) { at in
        problem.tensor { at[$0] ?? Tensor(.nan, .float64) }
      }
      let point = Point(step: step, value: try value.item(), at: try at.mapValues { try $0.item() })
      guard point.value.isFinite, point.at.values.allSatisfy(\.isFinite) else {
        fault = "step \(step) leads where the result is not finite any more; a smaller --rate may help"
        return
      }
      points.append(point)
      for name in known where !held.contains(name) {
        guard let old = at[name], let derivative = slope[name] else { continue }
        at[name] = Tensor(try old.item() + rate * derivative.item(), .float64)
      }
    }
  }

  /// A table of about twenty steps and a plot of all.
  var text: String {
    let titles = ["step", "o"] + names
    let every = max(1, points.count / 20)
    let shown = points.filter { $0.step % every == 0 || $0.step == points.count - 1 }
    let rows = shown.map { point in
      [String(point.step), short(point.value)] + names.map { short(point.at[$0] ?? .nan) }
    }
    let widths = titles.indices.map { column in max(titles[column].count, rows.map { $0[column].count }.max() ?? 0) }
    func line(_ cells: [String]) -> String {
      zip(cells, widths).map { String(repeating: " ", count: $1 - $0.count) + $0 }.joined(separator: "  ")
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    return ([line(titles), rule] + rows.map(line) + [""] + plot).joined(separator: "\n")
  }

  /// The result over the steps, in dots.
  private var plot: [String] {
    let values = points.map(\.value)
    guard values.count > 1, let low = values.min(), let high = values.max() else { return [] }
    let (width, height) = (min(60, values.count), 10)
    let labels = [short(high), short(low)]
    let margin = labels.map(\.count).max() ?? 0
    var grid = [[Character]](repeating: [Character](repeating: " ", count: width), count: height)
    for column in 0..<width {
      let index = width == 1 ? 0 : column * (values.count - 1) / (width - 1)
      let share = high > low ? (values[index] - low) / (high - low) : 0.5
      grid[height - 1 - Int((share * Double(height - 1)).rounded())][column] = "•"
    }
    func padded(_ text: String) -> String { String(repeating: " ", count: margin - text.count) + text }
    var lines = grid.enumerated().map { row, cells in
      padded(row == 0 ? labels[0] : row == height - 1 ? labels[1] : "") + " ┤" + String(cells)
    }
    let end = String(values.count - 1)
    lines.append(padded("") + " └" + String(repeating: "─", count: width))
    lines.append(padded("") + "  0" + String(repeating: " ", count: max(1, width - 1 - end.count)) + end + "  step")
    return lines
  }

  /// The explanation and the path as one JSON object.
  func json(_ explanation: Explanation) throws -> String {
    struct Both: Encodable {
      var explanation: Explanation
      var path: [Point]
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(Both(explanation: explanation, path: points)), as: UTF8.self) + "\n"
  }
}
