import DescentPlotting

extension Fit: CustomStringConvertible {
  /// The result as a table: each parameter with its standard error, then how good the fit is and how it was found.
  public var description: String { text() }

  /// The result as a table.
  ///
  /// - Parameter names: What the numbers are called; by default `names`. One for each, or they are left out.
  public func text(names given: [String]? = nil) -> String {
    let titles = given.flatMap { $0.count == numbers.count ? $0 : nil } ?? names
    let shown = numbers.prefix(Self.mostShown)
    let values = shown.map { NumberText.short($0, digits: 10) }
    let errors = shown.indices.map { index in
      let error = standardErrors[index]
      return error.isFinite ? "± " + NumberText.short(error, digits: 4) : ""
    }
    let shares = shown.indices.map { index -> String in
      let share = abs(standardErrors[index] / numbers[index])
      return share.isFinite ? NumberText.short(share * 100, digits: 3) + " %" : ""
    }
    func width(_ column: [String]) -> Int { column.map(\.count).max() ?? 0 }
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    let label = max(width(Array(titles.prefix(Self.mostShown))), Self.labels.map(\.count).max() ?? 0) + 2
    let (valueWidth, errorWidth) = (width(values) + 2, width(errors) + 2)
    var lines = shown.indices.map { index -> String in
      let cells =
        padded(titles[index], label) + padded(values[index], valueWidth) + padded(errors[index], errorWidth)
      return (cells + shares[index]).trimmedAtEnd
    }
    if numbers.count > shown.count { lines.append("… \(numbers.count) parameters") }
    func add(_ name: String, _ text: String) { lines.append(padded(name, label) + text) }
    add("squares", NumberText.short(residualSumOfSquares, digits: 10))
    if value != residualSumOfSquares { add("losses", NumberText.short(value, digits: 10)) }
    add("deviation", NumberText.short(residualDeviation, digits: 5) + ", \(degreesOfFreedom) degrees of freedom")
    if let explainedVariance { add("R²", NumberText.short(explainedVariance, digits: 6)) }
    add("iterations", "\(iterations)")
    add("evaluations", "\(evaluations.residuals) of the residuals, \(evaluations.jacobians) of their Jacobian")
    add("method", method)
    add("stopped", "\(reason)")
    for note in notes { add("note", note) }
    return (lines + correlations(titles, label)).joined(separator: "\n")
  }

  /// How far each parameter goes along with the ones before it, from −1 to 1: a table, where there are a few.
  private func correlations(_ titles: [String], _ label: Int) -> [String] {
    guard (2...8).contains(numbers.count), standardErrors.contains(where: \.isFinite),
      let covariances = try? covariance.scalars()
    else { return [] }
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(1, width - text.count))
    }
    let width = max(9, (titles.dropLast().map(\.count).max() ?? 0) + 2)
    let heading = padded("correlation", label) + titles.dropLast().map { padded($0, width) }.joined()
    let rows = (1..<numbers.count).map { row -> String in
      let cells = (0..<row).map { column -> String in
        let product = standardErrors[row] * standardErrors[column]
        let share = covariances[row * numbers.count + column] / product
        return padded(share.isFinite ? NumberText.fixed(share, decimals: 4) : "–", width)
      }
      return padded(titles[row], label) + cells.joined()
    }
    return ([heading] + rows).map(\.trimmedAtEnd)
  }

  private static var mostShown: Int { 40 }
  private static var labels: [String] { ["evaluations"] }
}

extension String {
  fileprivate var trimmedAtEnd: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
