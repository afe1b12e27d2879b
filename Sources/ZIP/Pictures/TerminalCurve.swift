extension ErrorRejectCurve {
  /// The curve as text for a terminal: error rate on a logarithmic scale over the share rejected, in braille dots.
  ///
  /// - Parameters:
  ///   - width: the columns that the picture may take, at least 30.
  ///   - height: the rows of the plot itself.
  ///   - target: an error rate to be drawn as a dotted level.
  ///   - operating: a point to be marked by an upright line.
  /// - Complexity: O(*n*).
  public func terminalPicture(
    width: Int = 80, height: Int = 14, operating: Point? = nil, target: Double? = nil
  ) -> String {
    guard !points.isEmpty else { return "no letter was read: there is no curve\n" }
    let axis = CurveAxis(self, target: target)
    let labels = axis.errorTicks.map { (rate: $0, text: percent($0)) }
    let labelWidth = labels.map(\.text.count).max() ?? 0
    var canvas = BrailleCanvas(columns: max(width, 30) - labelWidth - 3, rows: max(height, 4))
    func x(_ share: Double) -> Int { Int((axis.horizontal(share) * Double(canvas.width - 1)).rounded()) }
    func y(_ rate: Double) -> Int { Int(((1 - axis.vertical(rate)) * Double(canvas.height - 1)).rounded()) }

    if let target, target > 0 {
      for column in stride(from: 0, to: canvas.width, by: 4) { canvas.set(x: column, y: y(target)) }
    }
    if let operating, operating.accepted > 0, operating.rejectRate <= axis.rejectLimit {
      for row in stride(from: 0, to: canvas.height, by: 3) { canvas.set(x: x(operating.rejectRate), y: row) }
    }
    let shown = axis.visiblePoints(of: self, columns: canvas.width)
    for (point, next) in zip(shown, shown.dropFirst()) {
      let height = y(point.errorRate)
      canvas.setLine(fromX: x(point.rejectRate), y: height, toX: x(next.rejectRate), y: height)
      canvas.setLine(fromX: x(next.rejectRate), y: height, toX: x(next.rejectRate), y: y(next.errorRate))
    }
    if let last = shown.last { canvas.set(x: x(last.rejectRate), y: y(last.errorRate)) }

    var text = "wrong among the accepted\n"
    for (row, line) in canvas.lines.enumerated() {
      let label = labels.first { y($0.rate) / 4 == row }
      text += padded(label?.text ?? "", labelWidth) + (label == nil ? " │" : " ┤") + line + "\n"
    }
    text += horizontalAxis(axis, columns: canvas.columns, indent: labelWidth + 1)
    return text
  }

  private func horizontalAxis(_ axis: CurveAxis, columns: Int, indent: Int) -> String {
    var rule = [Character](repeating: "─", count: columns)
    var labels = [Character](repeating: " ", count: columns + 8)
    for tick in axis.rejectTicks {
      let place = Int((axis.horizontal(tick) * Double(columns - 1)).rounded())
      rule[place] = "┬"
      let text = Array(percent(tick))
      let start = min(max(place - text.count / 2, 0), columns - text.count)
      guard start >= 0, labels[max(start - 1, 0)] == " ", labels[start] == " " else { continue }
      labels.replaceSubrange(start..<(start + text.count), with: text)
    }
    let margin = String(repeating: " ", count: indent)
    let numbers = String(labels).replacingSuffixSpaces()
    let title = "letters rejected"
    let shift = String(repeating: " ", count: max((columns - title.count) / 2, 0) + 1)
    return margin + "└" + String(rule) + "\n" + margin + " " + numbers + "\n" + margin + shift + title + "\n"
  }
}

private func padded(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(width - text.count, 0)) + text
}

extension String {
  fileprivate func replacingSuffixSpaces() -> String {
    var result = self
    while result.hasSuffix(" ") { result.removeLast() }
    return result
  }
}
