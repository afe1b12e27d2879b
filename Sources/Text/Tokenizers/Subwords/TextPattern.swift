import DescentTensors

/// What is looked for in a text: a text, or a regular expression.
enum TextPattern: Sendable, Hashable {
  case text([UInt8])
  case expression(SplitPattern)

  init(_ value: JSONValue?) throws {
    if let text = value?["String"]?.string ?? value?.string {
      self = .text(Array(text.utf8))
    } else if let source = value?["Regex"]?.string {
      self = .expression(try SplitPattern(source))
    } else {
      throw TextError("SubwordTokenizer", "a pattern is neither a String nor a Regex")
    }
  }

  /// The places where it is found, one after the other.
  func matches(in text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> [Range<Int>] {
    var found: [Range<Int>] = []
    switch self {
    case .expression(let pattern): pattern.matches(in: text, range) { found.append($0) }
    case .text(let wanted):
      guard let first = wanted.first else { return [] }
      var place = range.lowerBound
      while place + wanted.count <= range.upperBound {
        if text[place] == first, wanted.indices.allSatisfy({ text[place + $0] == wanted[$0] }) {
          found.append(place..<place + wanted.count)
          place += wanted.count
        } else {
          place += 1
        }
      }
    }
    return found
  }

  /// A text in which something else stands wherever it is found.
  func replaced(in text: String, by content: String) -> String {
    if case .text(let wanted) = self, wanted.count == 1, !text.utf8.contains(wanted[0]) { return text }
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBufferPointer { buffer in
      let found = matches(in: buffer, 0..<bytes.count)
      if found.isEmpty { return text }
      var (all, place) = ([UInt8](), 0)
      for range in found {
        all += bytes[place..<range.lowerBound]
        all += content.utf8
        place = range.upperBound
      }
      all += bytes[place...]
      return String(decoding: all, as: UTF8.self)
    }
  }
}
