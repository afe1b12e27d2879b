/// Reads JSON from bytes, with a bound on nesting so that no text can exhaust the stack.
struct JSONReader {
  let bytes: [UInt8]
  private var place = 0
  private static let depthLimit = 32

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func text() throws(JSONFault) -> JSONValue {
    let value = try value(depth: 0)
    skipSpace()
    if place < bytes.count { throw fault("something follows the last value") }
    return value
  }

  private func fault(_ text: String) -> JSONFault { JSONFault(text: text, place: place) }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { place += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONFault) -> JSONValue {
    guard depth < Self.depthLimit else { throw fault("it is nested deeper than \(Self.depthLimit) levels") }
    skipSpace()
    guard let byte = next else { throw fault("the text ends too early") }
    switch byte {
    case UInt8(ascii: "{"): return .object(try object(depth: depth))
    case UInt8(ascii: "["): return .list(try list(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: throw fault("a value is missing")
    }
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONFault) -> JSONValue {
    for byte in word.description.utf8 {
      guard next == byte else { throw fault("a value is missing") }
      place += 1
    }
    return value
  }

  private mutating func object(depth: Int) throws(JSONFault) -> [(name: String, value: JSONValue)] {
    place += 1
    var fields: [(name: String, value: JSONValue)] = []
    // By their bytes: strings count as equal where they only look alike, in composed and decomposed characters.
    var names: Set<[UInt8]> = []
    skipSpace()
    if take("}") { return fields }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw fault("a name in quotes is missing") }
      let name = try string()
      guard names.insert(Array(name.utf8)).inserted else { throw fault("the name \(name) appears twice") }
      skipSpace()
      guard take(":") else { throw fault("a colon is missing") }
      fields.append((name, try value(depth: depth + 1)))
      skipSpace()
      if take("}") { return fields }
      guard take(",") else { throw fault("a comma or a closing brace is missing") }
    }
  }

  private mutating func list(depth: Int) throws(JSONFault) -> [JSONValue] {
    place += 1
    var elements: [JSONValue] = []
    skipSpace()
    if take("]") { return elements }
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return elements }
      guard take(",") else { throw fault("a comma or a closing bracket is missing") }
    }
  }

  private mutating func digits() -> Int {
    let start = place
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { place += 1 }
    return place - start
  }

  private mutating func number() throws(JSONFault) -> JSONValue {
    let start = place
    _ = take("-")
    let startsWithZero = next == UInt8(ascii: "0")
    let wholeDigits = digits()
    guard wholeDigits > 0, !(startsWithZero && wholeDigits > 1) else { throw fault("a number is malformed") }
    let whole = bytes[start..<place]
    if take(".") {
      guard digits() > 0 else { throw fault("a number is malformed") }
    }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      guard digits() > 0 else { throw fault("a number is malformed") }
    }
    if whole.endIndex == place {
      let digits = String(decoding: whole, as: UTF8.self)
      return Int(digits).map(JSONValue.integer) ?? .large(digits)
    }
    guard let value = Double(String(decoding: bytes[start..<place], as: UTF8.self)) else {
      throw fault("a number is malformed")
    }
    return .real(value)
  }

  private mutating func string() throws(JSONFault) -> String {
    place += 1
    var text: [UInt8] = []
    while true {
      let start = place
      while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { place += 1 }
      text += bytes[start..<place]
      guard let byte = next else { throw fault("a string does not end") }
      guard byte >= 0x20 else { throw fault("a string holds a control character") }
      place += 1
      if byte == UInt8(ascii: "\"") { break }
      try escape(into: &text)
    }
    guard let string = String(validating: text, as: UTF8.self) else { throw fault("a string is not valid UTF-8") }
    return string
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONFault) {
    guard let byte = next else { throw fault("a string does not end") }
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0c)
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "r"): text.append(0x0d)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text += Array(String(Character(try escapedScalar())).utf8)
    default: throw fault("a string holds an unknown escape")
    }
  }

  /// The character of a `\u` escape; characters beyond the first 65,536 take two of them.
  private mutating func escapedScalar() throws(JSONFault) -> Unicode.Scalar {
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard (0xd800..<0xdc00).contains(first), take("\\"), take("u") else {
      throw fault("a surrogate pair is incomplete")
    }
    let second = try hexadecimal()
    guard (0xdc00..<0xe000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
    else { throw fault("a surrogate pair is incomplete") }
    return scalar
  }

  private mutating func hexadecimal() throws(JSONFault) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw fault("an escape lacks its four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      place += 1
    }
    return value
  }
}
