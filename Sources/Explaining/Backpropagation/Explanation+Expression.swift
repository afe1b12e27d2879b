extension Explanation {
  /// The whole function in one line: `o = g(f(x·w1)·w2) = 0.3278`; only the result where the line would be very long.
  var heading: String {
    let end = nodes[result]
    guard !end.formula.isEmpty else { return "\(end.name) = \(end.value.line)" }
    let whole = expression
    return "\(end.name) = " + (whole.count <= Self.longestFormula && whole != end.name ? "\(whole) = " : "")
      + end.value.line
  }

  /// The most characters of a formula that is written out.
  private static var longestFormula: Int { 200 }

  /// The result in terms of the arguments, with brackets where they are needed.
  private var expression: String {
    var operands: [Int: [Edge]] = [:]
    for edge in edges { operands[edge.to, default: []].append(edge) }
    var texts: [String] = []
    for (index, node) in nodes.enumerated() {
      let strength = Strength(node)
      var text = node.formula.isEmpty ? node.name : ""
      var rest = Substring(node.formula)
      for edge in operands[index] ?? [] {
        // Operands stand in a formula in their order, under their names.
        guard let place = rest.place(of: nodes[edge.from].name) else { continue }
        let inner = Strength(nodes[edge.from])
        let isTight = inner > strength || inner == strength && edge.operand == 0 && strength != .power
        let isSigned = inner == .sign && edge.operand > 0 && !nodes[edge.from].formula.isEmpty
        let isLoose =
          strength == .call || isTight && !isSigned || inner == strength && !strength.isOneSided(node)
        text += rest[..<place.lowerBound] + (isLoose ? texts[edge.from] : "(\(texts[edge.from]))")
        rest = rest[place.upperBound...]
      }
      text += node.formula.isEmpty ? "" : rest
      texts.append(text.count > Self.longestFormula ? node.name : text)
    }
    return texts[result]
  }
}

/// How tightly the parts of a formula hold together.
private enum Strength: Int, Comparable {
  case sum, product, sign, power, call

  static func < (a: Strength, b: Strength) -> Bool { a.rawValue < b.rawValue }

  init(_ node: Explanation.Node) {
    self =
      switch node.formula.isEmpty ? "" : node.operation {
      case "add", "subtract": .sum
      case "multiply", "divide": .product
      case "negate": .sign
      case "pow", "square": .power
      default: .call
      }
    // A number with a sign is like a negative.
    if node.formula.isEmpty, node.name.hasPrefix("-") { self = .sign }
  }

  /// Whether a right operand of the same strength needs brackets.
  func isOneSided(_ node: Explanation.Node) -> Bool { node.operation != "add" && node.operation != "multiply" }
}

extension Substring {
  /// Where a name stands for itself, not as part of a longer one nor as a function.
  fileprivate func place(of name: String) -> Range<Index>? {
    func isPart(_ character: Character) -> Bool {
      character.isLetter || character.isASCII && character.isNumber || character == "_"
    }
    var start = startIndex
    while let range = self[start...].firstRange(of: name) {
      let before = range.lowerBound > startIndex ? self[index(before: range.lowerBound)] : " "
      let after = range.upperBound < endIndex ? self[range.upperBound] : " "
      if !isPart(before) && !isPart(after) && after != "(" { return range }
      start = index(after: range.lowerBound)
    }
    return nil
  }
}
