/// A regular expression as tokenizers use them to cut text into words: alternatives, groups, classes by Unicode category,
/// repetitions, greedy, reluctant or possessive, and looking ahead.
///
/// It is compiled to instructions for a matcher that goes back where it went wrong, and works on UTF-8. What the expressions of
/// tokenizers do not use, such as back references, is refused.
struct SplitPattern: Sendable, Hashable {
  /// What the matcher does next.
  enum Instruction: Sendable, Hashable {
    /// A character of a class.
    case one(Int)
    /// As many characters of a class as there are, between two numbers; fewer where what follows fails, unless that is
    /// forbidden.
    case many(Int, least: Int, most: Int, isPossessive: Bool)
    /// One way, and another where that fails.
    case either(Int, Int)
    case jump(Int)
    /// Whether what stands until an instruction matches here, without going on.
    case look(end: Int, isNegative: Bool)
    /// What stands until an instruction, once it has matched, is not gone back into.
    case atomic(end: Int)
    case start
    case end
    case match
  }

  let source: String
  let program: [Instruction]
  let classes: [ScalarClass]
  /// The ASCII characters of each class.
  let ascii: [ASCIISet]

  /// Compiles an expression.
  ///
  /// - Throws: `TextError` where it has what is not known here.
  init(_ source: String) throws {
    var parser = PatternParser(source)
    try parser.parse()
    self.source = source
    program = parser.program
    classes = parser.classes
    ascii = parser.classes.map(\.ascii)
  }

  /// The ranges of a text that match, one after the other; empty ones are left out.
  func matches(in text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ found: (Range<Int>) -> Void) {
    program.withUnsafeBufferPointer { program in
      ascii.withUnsafeBufferPointer { ascii in
        var matcher = PatternMatcher(
          program: program, ascii: ascii, classes: classes, text: text, limit: range.upperBound)
        var place = range.lowerBound
        while place < range.upperBound {
          let end = matcher.match(from: place, at: 0)
          if end > place {
            found(place..<end)
            place = end
          } else {
            place += PatternMatcher.length(text[place])
          }
        }
      }
    }
  }
}

/// Goes along a text by a pattern's instructions.
struct PatternMatcher {
  let program: UnsafeBufferPointer<SplitPattern.Instruction>
  let ascii: UnsafeBufferPointer<ASCIISet>
  let classes: [ScalarClass]
  let text: UnsafeBufferPointer<UInt8>
  let limit: Int
  /// Where to go on when a way fails: an instruction, a place, and the first place down to which it may go back.
  private var ways: [(instruction: Int, place: Int, lowest: Int)] = []

  init(
    program: UnsafeBufferPointer<SplitPattern.Instruction>, ascii: UnsafeBufferPointer<ASCIISet>,
    classes: [ScalarClass], text: UnsafeBufferPointer<UInt8>, limit: Int
  ) {
    (self.program, self.ascii, self.classes, self.text, self.limit) = (program, ascii, classes, text, limit)
  }

  /// Where a match from a place ends, −1 where there is none.
  mutating func match(from start: Int, at first: Int) -> Int {
    let floor = ways.count
    var (instruction, place) = (first, start)
    while true {
      var failed = false
      switch program[instruction] {
      case .one(let number):
        if place < limit {
          let length = matched(number, place)
          if length > 0 { place += length } else { failed = true }
        } else {
          failed = true
        }
        instruction += 1
      case .many(let number, let least, let most, let isPossessive):
        var (count, lowest) = (0, place)
        while place < limit, count < most {
          let length = matched(number, place)
          if length == 0 { break }
          place += length
          count += 1
          if count == least { lowest = place }
        }
        instruction += 1
        if count < least {
          failed = true
        } else if !isPossessive, place > lowest {
          ways.append((instruction, place, lowest))
        }
      case .either(let one, let other):
        ways.append((other, place, place))
        instruction = one
      case .jump(let next): instruction = next
      case .look(let end, let isNegative):
        let matches = match(from: place, at: instruction + 1) >= 0
        if matches == isNegative { failed = true }
        instruction = end
      case .atomic(let end):
        let reached = match(from: place, at: instruction + 1)
        if reached >= 0 { place = reached } else { failed = true }
        instruction = end
      case .start:
        if place != 0 { failed = true }
        instruction += 1
      case .end:
        if place != limit { failed = true }
        instruction += 1
      case .match:
        ways.removeSubrange(floor...)
        return place
      }
      if failed {
        guard ways.count > floor, let last = ways.popLast() else { return -1 }
        (instruction, place) = (last.instruction, last.place)
        if place > last.lowest {
          // A run of characters gives one back.
          place -= 1
          while text[place] & 0xC0 == 0x80 { place -= 1 }
          if place > last.lowest { ways.append((instruction, place, last.lowest)) }
        }
      }
    }
  }

  /// The number of bytes of a character that begins with a byte.
  @inline(__always) static func length(_ byte: UInt8) -> Int {
    byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
  }

  /// The number of bytes of the character at a place where it is of a class, 0 where it is not.
  @inline(__always) private func matched(_ number: Int, _ place: Int) -> Int {
    let first = text[place]
    if first < 0x80 { return ascii[number].contains(first) ? 1 : 0 }
    return classes[number].contains(scalar(place)) ? Self.length(first) : 0
  }

  private func scalar(_ place: Int) -> UInt32 {
    let first = UInt32(text[place])
    func next(_ offset: Int) -> UInt32 { UInt32(text[place + offset] & 0x3F) }
    if first < 0xE0 { return (first & 0x1F) << 6 | next(1) }
    if first < 0xF0 { return (first & 0x0F) << 12 | next(1) << 6 | next(2) }
    return (first & 0x07) << 18 | next(1) << 12 | next(2) << 6 | next(3)
  }
}
