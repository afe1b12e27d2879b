import DescentPlotting
import DescentTensors
import Foundation

extension CompilationStory: CustomStringConvertible {
  /// The story as tables, without color.
  public var description: String { text(color: false) }

  /// The story as tables.
  public func text(color: Bool) -> String {
    let paint = Paint(isOn: color)
    var lines = [paint.bold("\(title): \(summary)"), ""]
    lines += table(
      ["pass", "nodes", "", "fewer", "more"],
      passes.map { pass in
        let change = pass.nodesAfter - pass.nodesBefore
        return [
          Cell(pass.name, .plain), Cell("\(pass.nodesBefore) → \(pass.nodesAfter)", .plain),
          Cell(change == 0 ? "" : change > 0 ? "+\(change)" : "\(change)", change < 0 ? .value : .plain),
          Cell(pass.name == "fusion" ? fusion : Self.list(pass.removed), .local), Cell(Self.list(pass.added), .back),
        ]
      }, paint)
    if !listings.isEmpty {
      return (lines + ["", "recorded:", listings[0], "", "simplified:", listings[1]]).joined(separator: "\n")
    }
    lines.append("")
    lines += table(
      ["layer", "recorded", "simplified", "kernels", "operations after simplification"],
      layers.map { layer in
        [
          Cell(layer.name, .plain), Cell("\(layer.nodesBefore)", .plain), Cell("\(layer.nodesAfter)", .value),
          Cell(layer.kernels == 0 ? "" : "\(layer.kernels)", .plain), Cell(Self.list(layer.after, most: 8), .local),
        ]
      }, paint)
    return lines.joined(separator: "\n")
  }

  var summary: String {
    let before = passes.first?.nodesBefore ?? 0
    let after = passes.last { !["lowering", "fusion"].contains($0.name) }?.nodesAfter ?? before
    return "\(before) nodes recorded, \(after) after simplification, \(kernels) \(kernels == 1 ? "kernel" : "kernels"),"
      + (peakBytes < 100_000 ? " \(peakBytes) bytes" : String(format: " %.1f MB", Double(peakBytes) / 1e6))
      + " at the peak"
  }

  /// What fusion joined.
  private var fusion: String {
    guard let largest = fused.first, let least = fused.last else { return "" }
    let joined = fused.reduce(0, +)
    return "\(joined) operations in \(fused.count) fused \(fused.count == 1 ? "kernel" : "kernels")"
      + (largest > least ? " of \(least) to \(largest)" : "")
  }

  private func table(_ titles: [String], _ rows: [[Cell]], _ paint: Paint) -> [String] {
    let widths = titles.indices.map { column in
      max(titles[column].count, rows.map { $0[column].text.count }.max() ?? 0)
    }
    let head = zip(titles, widths).map { $0.padded(to: $1) }.joined(separator: "  ").trimmingEnd()
    let rule =
      widths.dropLast().map { String(repeating: "─", count: $0) } + [
        String(repeating: "─", count: min(40, widths.last ?? 0))
      ]
    return [paint.faint(head), paint.faint(rule.joined(separator: "  "))]
      + rows.map { row in zip(row, widths).map { paint.cell($0, width: $1) }.joined(separator: "  ").trimmingEnd() }
  }

  /// Operations with their numbers, the most frequent first: `12 multiply, 3 add`.
  static func list(_ counts: [String: Int], most: Int = 6) -> String {
    let sorted = counts.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
    let shown = sorted.prefix(most).map { $0.value == 1 ? $0.key : "\($0.value) \($0.key)" }
    let rest = sorted.dropFirst(most).reduce(0) { $0 + $1.value }
    return (shown + (rest > 0 ? ["\(rest) more"] : [])).joined(separator: ", ")
  }

  /// The story as JSON.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }

  /// Writes the story to a file, in the form that its name ends with: `.svg`, `.json`, or `.txt` for the tables.
  ///
  /// - Throws: `FileError` where the file cannot be written or its name ends otherwise; for `.svg`, `DrawingError` where
  ///   Graphviz `dot` is missing.
  public func write(to path: String) throws {
    try ExplanationFile.write(path, svg: svg, json: json, text: { description })
  }
}

extension CompilationStory.Layer {
  /// How many nodes were recorded.
  public var nodesBefore: Int { before.values.reduce(0, +) }
  /// How many nodes simplification left.
  public var nodesAfter: Int { after.values.reduce(0, +) }
}
