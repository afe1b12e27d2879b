import DescentTensors

/// A token that is found in text as it is, before anything else is done with the text.
struct AddedToken: Sendable {
  var id: Int
  var content: String
  var isSpecial: Bool
  /// Whether it is found only where no word goes on.
  var isSingleWord = false
  /// Whether white space on its sides belongs to it.
  var stripsLeft = false
  var stripsRight = false
  /// Whether it is looked for after the text was normalized.
  var isNormalized = false

  init(id: Int, content: String, isSpecial: Bool) {
    (self.id, self.content, self.isSpecial) = (id, content, isSpecial)
  }

  init(_ value: JSONValue) throws {
    guard let id = value["id"]?.integer, let content = value["content"]?.string, id >= 0, id < 1 << 30 else {
      throw TextError("SubwordTokenizer", "an added token has no content or no id from 0 to 2³⁰")
    }
    self.init(id: id, content: content, isSpecial: value["special"]?.bool ?? false)
    isSingleWord = value["single_word"]?.bool ?? false
    stripsLeft = value["lstrip"]?.bool ?? false
    stripsRight = value["rstrip"]?.bool ?? false
    isNormalized = value["normalized"]?.bool ?? !isSpecial
  }

  var json: JSONValue {
    .object([
      ("id", .integer(id)), ("content", .string(content)), ("single_word", .boolean(isSingleWord)),
      ("lstrip", .boolean(stripsLeft)), ("rstrip", .boolean(stripsRight)), ("normalized", .boolean(isNormalized)),
      ("special", .boolean(isSpecial)),
    ])
  }
}

/// Finds added tokens in a text: of several at one place the longest.
struct AddedTokenSearch: Sendable {
  private let tokens: [(token: AddedToken, bytes: [UInt8])]
  /// The tokens by their first byte, the longest first.
  private let byFirst: [[Int]]

  init(_ tokens: [AddedToken], _ content: (AddedToken) -> String) {
    self.tokens = tokens.map { ($0, Array(content($0).utf8)) }.filter { !$0.1.isEmpty }
    var byFirst = [[Int]](repeating: [], count: 256)
    for (index, token) in self.tokens.enumerated() { byFirst[Int(token.bytes[0])].append(index) }
    let all = self.tokens
    self.byFirst = byFirst.map { $0.sorted { all[$0].bytes.count > all[$1].bytes.count } }
  }

  /// A text in parts: tokens, and what lies between them.
  func parts(of text: UnsafeBufferPointer<UInt8>) -> [(range: Range<Int>, token: Int?)] {
    var parts: [(range: Range<Int>, token: Int?)] = []
    var (begin, place) = (0, 0)
    if tokens.isEmpty { return text.isEmpty ? [] : [(0..<text.count, nil)] }
    while place < text.count {
      guard let found = match(text, place) else {
        place += 1
        continue
      }
      var (start, end) = (place, place + tokens[found].bytes.count)
      if tokens[found].token.stripsLeft { start = Self.spaceBefore(text, start, from: begin) }
      if tokens[found].token.stripsRight { end = Self.spaceAfter(text, end) }
      if start > begin { parts.append((begin..<start, nil)) }
      parts.append((start..<end, tokens[found].token.id))
      (begin, place) = (end, end)
    }
    if begin < text.count { parts.append((begin..<text.count, nil)) }
    return parts
  }

  private func match(_ text: UnsafeBufferPointer<UInt8>, _ place: Int) -> Int? {
    for index in byFirst[Int(text[place])] {
      let bytes = tokens[index].bytes
      guard place + bytes.count <= text.count else { continue }
      var isThere = true
      for offset in bytes.indices where text[place + offset] != bytes[offset] {
        isThere = false
        break
      }
      guard isThere else { continue }
      if tokens[index].token.isSingleWord {
        let before = Self.scalars(text, place - 4, place).last
        let after = Self.scalars(text, place + bytes.count, place + bytes.count + 4).first
        if [before, after].contains(where: { $0.map(Self.isWord) ?? false }) { continue }
      }
      return index
    }
    return nil
  }

  private static func scalars(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> String.UnicodeScalarView
  {
    String(decoding: text[max(0, start)..<min(text.count, max(0, end))], as: UTF8.self).unicodeScalars
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    ScalarClass.bit(scalar.properties.generalCategory) & ScalarClass.word != 0
  }

  private static func spaceBefore(_ text: UnsafeBufferPointer<UInt8>, _ place: Int, from lowest: Int) -> Int {
    var place = place
    while place > lowest {
      var start = place - 1
      while start > lowest, text[start] & 0xC0 == 0x80 { start -= 1 }
      guard let scalar = scalars(text, start, place).first, scalar.properties.isWhitespace else { break }
      place = start
    }
    return place
  }

  private static func spaceAfter(_ text: UnsafeBufferPointer<UInt8>, _ place: Int) -> Int {
    var place = place
    while place < text.count {
      let end = min(text.count, place + PatternMatcher.length(text[place]))
      guard let scalar = scalars(text, place, end).first, scalar.properties.isWhitespace else { break }
      place = end
    }
    return place
  }
}
