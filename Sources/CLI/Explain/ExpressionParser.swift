/// A mistake in an expression, shown below it with a caret.
struct ExpressionError: Error, CustomStringConvertible {
  let text: String
  /// The place, counted in characters from 0.
  let column: Int
  let message: String

  var description: String {
    "\(message)\(message.hasSuffix("?") ? "" : ",") at column \(column + 1)\n  \(excerpt.text)\n  "
      + String(repeating: " ", count: excerpt.place) + "^"
  }

  /// The part of the text that a line of a terminal holds, and where the mistake stands in it.
  private var excerpt: (text: String, place: Int) {
    let characters = Array(text)
    guard characters.count > Self.longest else { return (text, column) }
    let start = max(0, min(column - Self.longest / 2, characters.count - Self.longest))
    let end = start + Self.longest
    let (front, back) = (start > 0 ? "…" : "", end < characters.count ? "…" : "")
    return (front + String(characters[start..<end]) + back, column - start + front.count)
  }

  private static let longest = 76
}

/// Reads an expression: numbers, names, `+ - * / ^`, brackets and calls of functions, with the usual precedence: `^` binds
/// tighter than a sign in front and to the right, so that `-x^2^3` is `-(x^(2^3))`.
struct ExpressionParser {
  private let text: String
  private let characters: [Character]
  private let functions: [String: ExpressionFunction]
  private var place = 0
  private var depth = 0
  private var operations = 0
  private static let deepest = 400
  private static let mostOperations = 4_000

  /// Prepares to read.
  ///
  /// - Parameter functions: The functions by the names that the expression may call them by.
  init(_ text: String, functions: [String: ExpressionFunction]) {
    self.text = text
    characters = Array(text)
    self.functions = functions
  }

  /// Reads the whole text.
  ///
  /// - Throws: `ExpressionError`.
  static func parse(_ text: String, functions: [String: ExpressionFunction]) throws -> Expression {
    var parser = ExpressionParser(text, functions: functions)
    let expression = try parser.sum()
    guard let rest = parser.next else { return expression }
    throw parser.unexpected(rest)
  }

  /// How two expressions are compared.
  enum Sign: String, CaseIterable {
    case atMost = "<="
    case atLeast = ">="
    case equal = "=="
    case below = "<"
    case above = ">"
  }

  /// Reads two expressions with `<=`, `>=`, `<`, `>` or `==` between them.
  ///
  /// - Throws: `ExpressionError`.
  static func comparison(
    _ text: String, functions: [String: ExpressionFunction]
  ) throws -> (left: Expression, sign: Sign, right: Expression) {
    var parser = ExpressionParser(text, functions: functions)
    let left = try parser.sum()
    guard let sign = parser.sign() else {
      if parser.next == "=" { throw parser.error("'=' is neither <= nor >= nor ==") }
      if let rest = parser.next { throw parser.unexpected(rest) }
      throw parser.error("a comparison is missing, such as <= 1024")
    }
    let right = try parser.sum()
    guard let rest = parser.next else { return (left, sign, right) }
    if "<>=≤≥&|".contains(rest) { throw parser.error("one comparison only; say the option again for another") }
    throw parser.unexpected(rest)
  }

  private mutating func sign() -> Sign? {
    if take("≤") { return .atMost }
    if take("≥") { return .atLeast }
    guard next != nil else { return nil }
    let found = Sign.allCases.first { characters[place...].starts(with: $0.rawValue) }
    place += found?.rawValue.count ?? 0
    return found
  }

  private func unexpected(_ rest: Character) -> ExpressionError {
    error(rest == ")" ? "there is a ')' without its '('" : "an operator is missing before '\(rest)'")
  }

  private func error(_ message: String, at column: Int? = nil) -> ExpressionError {
    ExpressionError(text: text, column: column ?? place, message: message)
  }

  /// The next character that is not a space.
  private var next: Character? {
    mutating get {
      while place < characters.count, characters[place].isWhitespace { place += 1 }
      return place < characters.count ? characters[place] : nil
    }
  }

  private mutating func take(_ wanted: Character) -> Bool {
    guard next == wanted else { return false }
    place += 1
    return true
  }

  /// A chain of operations is as deep as it is long, for all that walks the expression afterward.
  private mutating func countOperation() throws {
    operations += 1
    guard operations <= Self.mostOperations else {
      throw error("the expression has more than \(Self.mostOperations) operations")
    }
  }

  private mutating func sum() throws -> Expression {
    // Each pair of brackets is a call of this function, and the stack is not without end.
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw error("the expression is nested too deeply") }
    var left = try product()
    while true {
      if take("+") {
        left = .sum(left, try product())
        try countOperation()
      } else if take("-") || take("−") {
        left = .difference(left, try product())
        try countOperation()
      } else {
        return left
      }
    }
  }

  private mutating func product() throws -> Expression {
    var left = try signed()
    while true {
      if take("*") || take("·") {
        if next == "*" { throw error("a power is written ^, not **") }
        left = .product(left, try signed())
        try countOperation()
      } else if take("/") {
        left = .quotient(left, try signed())
        try countOperation()
      } else {
        return left
      }
    }
  }

  private mutating func signed() throws -> Expression {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw error("the expression is nested too deeply") }
    if take("-") || take("−") { return .negative(try signed()) }
    if take("+") { return try signed() }
    let base = try primary()
    return take("^") ? .power(base, try signed()) : base
  }

  private mutating func primary() throws -> Expression {
    guard let first = next else {
      throw error(characters.isEmpty ? "the expression is empty" : "the expression ends where a value is missing")
    }
    if first == "(" {
      let start = place
      place += 1
      let inner = try sum()
      guard take(")") else { throw error("this '(' has no ')'", at: start) }
      return inner
    }
    if first.isASCII && (first.isNumber || first == ".") { return try number() }
    if first.isLetter || first == "_" { return try named() }
    throw error("a value is missing before '\(first)'")
  }

  private mutating func number() throws -> Expression {
    let start = place
    func isDigit(_ index: Int) -> Bool {
      index < characters.count && characters[index].isASCII && characters[index].isNumber
    }
    while isDigit(place) || place < characters.count && characters[place] == "." { place += 1 }
    if place < characters.count, "eE".contains(characters[place]) {
      let sign = place + 1 < characters.count && "+-".contains(characters[place + 1]) ? 1 : 0
      if isDigit(place + 1 + sign) {
        place += 1 + sign
        while isDigit(place) { place += 1 }
      }
    }
    let word = String(characters[start..<place])
    guard word.contains(where: \.isNumber), let value = Double(word.hasPrefix(".") ? "0" + word : word) else {
      throw error("'\(word)' is not a number", at: start)
    }
    guard value.isFinite else { throw error("'\(word)' is larger than any Float64", at: start) }
    return .number(value)
  }

  /// Whether a character may stand in a name after the first: a letter, a digit on the line or below it, `_`.
  static func continuesName(_ character: Character) -> Bool {
    character.isLetter || character == "_" || character.isNumber && !"²³⁴⁵⁶⁷⁸⁹¹⁰".contains(character)
  }

  private mutating func named() throws -> Expression {
    let start = place
    while place < characters.count, Self.continuesName(characters[place]) { place += 1 }
    let name = String(characters[start..<place])
    if let next, "²³⁴⁵⁶⁷⁸⁹¹⁰⁻".contains(next) { throw error("a power is written ^, not \(next)") }
    guard next == "(" else {
      if functions[name] != nil { throw error("the function '\(name)' needs its arguments in brackets", at: start) }
      return .name(name, column: start)
    }
    let bracket = place
    place += 1
    var arguments: [Expression] = []
    if next != ")" {
      repeat { arguments.append(try sum()) } while take(",")
    }
    guard take(")") else {
      if let odd = next { throw error("an operator is missing before '\(odd)'") }
      throw error("this '(' has no ')'", at: bracket)
    }
    guard let function = functions[name] else {
      throw error(ExpressionFunction.unknown(name, among: functions.keys), at: start)
    }
    guard arguments.count == function.arity else {
      throw error(
        "'\(name)' takes \(function.arity) argument\(function.arity == 1 ? "" : "s"), not \(arguments.count)", at: start
      )
    }
    return .call(function, as: name, arguments)
  }
}
