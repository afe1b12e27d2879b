import DescentPlotting

extension Explanation: CustomStringConvertible {
  /// The table, without color.
  public var description: String { text(color: false) }

  /// The table: each node's forward value, the local derivatives that are stored, what comes back, and for each argument
  /// the product that makes its derivative.
  ///
  /// - Parameter color: Whether to mark values, local and back-propagated derivatives with a terminal's colors.
  public func text(color: Bool) -> String {
    let paint = Paint(isOn: color)
    var lines = [paint.bold(heading)]
    if !functions.isEmpty {
      lines.append(paint.faint("with " + functions.map { "\($0.letter) = \($0.operation)" }.joined(separator: ", ")))
    }
    lines.append("")
    lines += table(paint)
    lines.append("")
    lines += derivatives.flatMap { derivativeLines($0, paint) }
    let pictures = self.pictures
    if !pictures.isEmpty { lines += [""] + pictures }
    return lines.joined(separator: "\n")
  }

  private func table(_ paint: Paint) -> [String] {
    var rows: [[Cell]] = []
    let back = edges.filter { $0.contribution != nil }
    let (entering, leaving) = (Dictionary(grouping: back, by: \.to), Dictionary(grouping: back, by: \.from))
    for (index, node) in nodes.enumerated() where node.role != .constant || node.value.number == nil {
      let name = node.formula.isEmpty ? node.name : "\(node.name) = \(node.formula)"
      let locals = (entering[index] ?? []).map { edge in
        let left = "d\(node.name)/d\(nodes[edge.from].name)"
        guard let local = edge.local else { return "\(left): \(node.operation)" }
        let value = local.short
        if ["1", "-1"].contains(edge.symbol) { return "\(left) = \(edge.symbol)" }
        return edge.symbol == value || edge.symbol.isEmpty
          ? "\(left) = \(value)" : "\(left) = \(edge.symbol) = \(value)"
      }
      let back = backward(index, leaving[index] ?? [])
      for line in 0..<max(1, locals.count, back.count) {
        rows.append([
          Cell(line == 0 ? name : "", .plain), Cell(line == 0 ? node.value.line : "", .value),
          Cell(line < locals.count ? locals[line] : "", .local), Cell(line < back.count ? back[line] : "", .back),
        ])
      }
    }
    let titles = ["node", "forward", "stored local derivatives", "back-propagated"]
    let widths = titles.indices.map { column in
      max(titles[column].count, rows.map { $0[column].text.count }.max() ?? 0)
    }
    func joined(_ cells: [String]) -> String {
      zip(cells, widths).map { $0.padded(to: $1) }.joined(separator: "  ").trimmingEnd()
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    let body = rows.map { row in
      zip(row, widths).map { paint.cell($0, width: $1) }.joined(separator: "  ").trimmingEnd()
    }
    return [paint.faint(joined(titles)), paint.faint(rule)] + body
  }

  /// What comes back to a node: of several ways out each contribution, and their sum.
  private func backward(_ index: Int, _ ways: [Edge]) -> [String] {
    guard let derivative = nodes[index].derivative else { return [] }
    guard ways.count > 1 else { return [index == result ? "\(derivative.short)  ◀ enters here" : derivative.short] }
    let lines = ways.map { $0.contribution?.short ?? "" }
    let width = lines.map(\.count).max() ?? 0
    let parts = ways.indices.map { place in
      "\(place == 0 ? " " : "+") \(lines[place].padded(to: width))  from \(nodes[ways[place].to].name)"
    }
    return parts + ["= \(derivative.short)"]
  }

  private func derivativeLines(_ derivative: Derivative, _ paint: Paint) -> [String] {
    let left = "d\(resultName)/d\(derivative.name)"
    let value = derivative.value.number.map(exact) ?? derivative.value.line
    guard !derivative.paths.isEmpty else {
      let ways = derivative.pathCount > 1 ? "  (the sum over \(exact(derivative.pathCount)) paths)" : ""
      return ["\(left) = \(paint.back(value))\(ways)"]
    }
    let symbols = derivative.symbolText
    let numbers = derivative.paths.map(\.numberText).joined(separator: " + ")
    let isSingle = derivative.paths.count == 1 && derivative.paths[0].factors.count <= 1
    var steps = symbols == value ? [] : [paint.local(symbols)]
    if !isSingle { steps.append(numbers) }
    let length = left.count + symbols.count + numbers.count + value.count
    steps.append(paint.back(value))
    let separator = length > 90 ? "\n" + String(repeating: " ", count: left.count) + " = " : " = "
    return ["\(left) = " + steps.joined(separator: separator)]
  }

  /// Values and derivatives of two axes, side by side, of the first few nodes that have them.
  private var pictures: [String] {
    let shown = nodes.filter { node in
      node.value.picture != nil && (node.value.minimum != node.value.maximum || node.derivative != nil)
        && node.value.elementType.contains("float")
    }
    var lines: [String] = []
    for node in shown.prefix(Self.mostPictures) {
      let value = node.value.picture?.blocks ?? []
      let back = node.derivative?.picture?.blocks ?? []
      let width = value.map(\.count).max() ?? 0
      let title = "\(node.name), \(node.value.line)"
      let gap = max(0, width - title.count)
      lines.append(
        back.isEmpty ? title : title + String(repeating: " ", count: gap) + "   back: \(node.derivative?.short ?? "")")
      for row in value.indices {
        let right =
          row < back.count ? String(repeating: " ", count: max(0, title.count - width)) + "   " + back[row] : ""
        lines.append((value[row] + right).trimmingEnd())
      }
      lines.append("")
    }
    if shown.count > Self.mostPictures { lines.append("… and \(shown.count - Self.mostPictures) more pictures") }
    return lines
  }

  private static var mostPictures: Int { 8 }
}

extension Explanation.Path {
  /// The factors in symbols without ones: `g'·w2·f'·x`.
  var symbolText: String {
    let isNegative = symbols.count { $0 == "-1" } % 2 == 1
    let factors = symbols.filter { $0 != "1" && $0 != "-1" }.map { symbol in
      symbol.hasPrefix("-") || symbol.contains("/") || symbol.contains(" ") ? "(\(symbol))" : symbol
    }
    return (isNegative ? "-" : "") + (factors.isEmpty ? "1" : factors.joined(separator: "·"))
  }

  /// The factors in numbers: `0.22·(-1.2)·0.24·0.5`.
  var numberText: String {
    let shown = zip(symbols, factors).filter { $0.0 != "1" }.map { shortened($0.1) }
    if shown.isEmpty { return "1" }
    return shown.enumerated().map { $1.hasPrefix("-") && ($0 > 0 || shown.count > 1) ? "(\($1))" : $1 }
      .joined(separator: "·")
  }
}

extension Explanation.Derivative {
  /// The paths' products in symbols and their sum: `g'·w2·f'·x + w3·f'·x`.
  var symbolText: String {
    paths.map(\.symbolText).enumerated().reduce("") { text, term in
      if term.offset == 0 { return term.element }
      return term.element.hasPrefix("-") ? "\(text) - \(term.element.dropFirst())" : "\(text) + \(term.element)"
    }
  }
}

extension [[Double]] {
  /// A picture in blocks of five shades, two characters for each element, from the smallest to the largest.
  var blocks: [String] {
    let all = joined().filter(\.isFinite)
    guard let low = all.min(), let high = all.max() else { return map { $0.map { _ in "??" }.joined() } }
    let shades = ["  ", "░░", "▒▒", "▓▓", "██"]
    return map { row in
      row.map { value in
        guard value.isFinite else { return "??" }
        let share = high > low ? (value / 2 - low / 2) / (high / 2 - low / 2) : 0.5
        return shades[Swift.min(4, Int(share * 5))]
      }.joined()
    }
  }
}
