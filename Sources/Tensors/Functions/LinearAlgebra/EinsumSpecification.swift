/// What the text of an `einsum` says: for each operand and for the result, which index each axis has.
struct EinsumSpecification {
  /// The indices of one tensor's axes in order; `ellipsis` is the position among them where the further axes stand.
  struct Term: Equatable {
    var indices: [Character] = []
    /// The column of each index in the text, from 1.
    var columns: [Int] = []
    var ellipsis: Int?
    /// Where the term begins in the text, from 1.
    var column: Int
  }

  /// What is wrong with the text, and in which column.
  struct Mistake: Error {
    var column: Int
    var message: String
  }

  /// The operands' terms.
  private(set) var operands: [Term] = []
  /// The result's term; where the text has none, its indices are those that stand once, in alphabetical order.
  private(set) var result: Term

  /// Reads a text such as `"bij,bjk->bik"`, `"...ij->...ji"` or `"ii"`. Spaces count for nothing.
  ///
  /// - Throws: `Mistake` with the first column at fault.
  init(_ text: String) throws(Mistake) {
    var reader = Reader(Array(text))
    operands = [try reader.term()]
    while reader.accept(",") { operands.append(try reader.term()) }
    result = Term(column: reader.column)
    if reader.accept("-") {
      guard reader.accept(">") else { throw Mistake(column: reader.column, message: "expected \"->\"") }
      result = try reader.term()
      try checkResult()
    } else {
      let counts = Dictionary(grouping: operands.flatMap(\.indices)) { $0 }.mapValues(\.count)
      result.indices = counts.filter { $0.value == 1 }.keys.sorted()
      if operands.contains(where: { $0.ellipsis != nil }) { result.ellipsis = 0 }
    }
    if let rest = reader.rest {
      throw Mistake(column: reader.column, message: "\"\(rest)\" is neither an index, a comma nor \"->\"")
    }
  }

  private func checkResult() throws(Mistake) {
    for (position, index) in result.indices.enumerated() {
      let column = result.columns[position]
      guard !result.indices[..<position].contains(index) else {
        throw Mistake(column: column, message: "the result names \(index) twice")
      }
      guard operands.contains(where: { $0.indices.contains(index) }) else {
        throw Mistake(column: column, message: "the result's index \(index) is in no operand")
      }
    }
    guard result.ellipsis == nil || operands.contains(where: { $0.ellipsis != nil }) else {
      throw Mistake(column: result.column, message: "the result has an ellipsis, but no operand has")
    }
  }
}

/// Reads the text character by character.
private struct Reader {
  let characters: [Character]
  private var position = 0

  init(_ characters: [Character]) {
    self.characters = characters
    skipSpaces()
  }

  /// The column of the next character, from 1.
  var column: Int { position + 1 }

  /// The next character, if there is one.
  var rest: Character? { position < characters.count ? characters[position] : nil }

  private mutating func skipSpaces() {
    while position < characters.count, characters[position].isWhitespace { position += 1 }
  }

  mutating func accept(_ character: Character) -> Bool {
    guard rest == character else { return false }
    position += 1
    skipSpaces()
    return true
  }

  mutating func term() throws(EinsumSpecification.Mistake) -> EinsumSpecification.Term {
    var term = EinsumSpecification.Term(column: column)
    while let next = rest {
      if next == "." {
        let start = column
        guard accept("."), accept("."), accept(".") else {
          throw EinsumSpecification.Mistake(column: start, message: "an ellipsis has three dots")
        }
        guard term.ellipsis == nil else {
          throw EinsumSpecification.Mistake(column: start, message: "a second ellipsis in one operand")
        }
        term.ellipsis = term.indices.count
      } else if next.isASCII, next.isLetter {
        term.indices.append(next)
        term.columns.append(column)
        _ = accept(next)
      } else {
        break
      }
    }
    return term
  }
}
