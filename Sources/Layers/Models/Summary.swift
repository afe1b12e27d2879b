import DescentFiles
import DescentGraph
import DescentTensors

extension Model {
  /// The model's parameters in a table: path, layer, shape, element type and number, with their total and its size in
  /// memory; running statistics and what is frozen are marked.
  public var summary: String { modelSummary(self) }
}

/// The table of a model's parameters.
package func modelSummary(_ model: some Encodable) -> String {
  guard let tree = try? ModelTree(model) else { return "a model that cannot be walked" }
  var rows = [["parameter", "layer", "shape", "type", "numbers"]]
  for leaf in tree.leaves {
    let parts = leaf.path.split(separator: ".").dropLast()
    let owner = tree.typeNames[parts.joined(separator: ".")] ?? ""
    let path = leaf.path.isEmpty ? "(the model)" : leaf.path
    let notes = [leaf.isStatistic ? "statistic" : nil, leaf.isFrozen ? "frozen" : nil].compactMap(\.self)
    let note = notes.isEmpty ? "" : " (\(notes.joined(separator: ", ")))"
    if let tensor = leaf.tensor {
      rows.append([path, owner, "\(tensor.shape)", "\(tensor.elementType)", tensor.count.grouped + note])
    } else {
      rows.append([path, owner, "not bound yet", "", "?" + note])
    }
  }
  return (table(rows) + totals(tree.leaves)).joined(separator: "\n")
}

private func totals(_ leaves: [ModelTree.Leaf]) -> [String] {
  func count(_ isCounted: (ModelTree.Leaf) -> Bool) -> Int {
    leaves.filter(isCounted).reduce(0) { $0 + ($1.tensor?.count ?? 0) }
  }
  let bytes = leaves.reduce(0) { $0 + ($1.tensor.map { $0.count * $0.elementType.byteCount } ?? 0) }
  var total = "\(count { !$0.isStatistic }.grouped) parameters"
  if leaves.contains(where: { $0.isFrozen && !$0.isStatistic }) {
    total += " (\(count { $0.isFrozen && !$0.isStatistic }.grouped) frozen)"
  }
  if leaves.contains(where: \.isStatistic) { total += ", \(count(\.isStatistic).grouped) statistics" }
  total += ", \(bytes.grouped) bytes"
  let open = leaves.filter { $0.tensor == nil }.count
  if open > 0 { total += "; \(open) of \(leaves.count) tensors not bound yet" }
  return [total]
}

/// Rows of cells as lines, each column as wide as its widest cell.
private func table(_ rows: [[String]]) -> [String] {
  let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  var lines = rows.map { row in
    var line = ""
    for (cell, width) in zip(row, widths) { line += cell + String(repeating: " ", count: width - cell.count + 2) }
    while line.last == " " { line.removeLast() }
    return line
  }
  let rule = String(repeating: "─", count: lines.map(\.count).max() ?? 0)
  lines.insert(rule, at: 1)
  return lines + [rule]
}
