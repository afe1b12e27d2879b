import DescentTensors

/// A text and where its words lie in it.
struct TextWords {
  var text: [UInt8]
  var words: [Range<Int>]
}

/// What divides a text into words, which tokens do not cross.
enum PreTokenizer: Sendable {
  /// What becomes of what a pattern finds.
  enum Behavior: String, Sendable {
    case removed = "Removed"
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    case contiguous = "Contiguous"
  }

  case split(TextPattern, Behavior, isInverted: Bool)
  /// A space in front of each word that does not begin with one.
  case spacePrefix
  /// Spaces become a character of their own, with which words begin.
  case markedSpaces(mark: String, prepends: Prepending, splits: Bool)

  /// Where a mark is put in front.
  enum Prepending: String, Sendable { case first, always, never }

  /// The steps of a tokenizer's file, in their order, and whether words become bytes at the end.
  static func all(_ value: JSONValue?) throws -> (steps: [PreTokenizer], areBytes: Bool) {
    var (steps, areBytes) = ([PreTokenizer](), false)
    func expression(_ source: String) throws -> TextPattern { .expression(try SplitPattern(source)) }
    for part in JSONValue.parts(value, in: "pretokenizers") {
      guard !areBytes else {
        throw TextError("SubwordTokenizer", "a pre-tokenizer '\(part.type)' after 'ByteLevel' is not supported")
      }
      switch part.type {
      case "ByteLevel":
        areBytes = true
        if part["add_prefix_space"]?.bool ?? true { steps.append(.spacePrefix) }
        if part["use_regex"]?.bool ?? true {
          steps.append(.split(try expression(Self.gpt2), .isolated, isInverted: false))
        }
      case "Split":
        let name = part["behavior"]?.string ?? ""
        guard let behavior = Behavior(rawValue: name) else { throw part.refusal("pre-tokenizer with behavior \(name)") }
        steps.append(.split(try TextPattern(part["pattern"]), behavior, isInverted: part["invert"]?.bool ?? false))
      case "Whitespace":
        steps.append(.split(try expression("\\w+|[^\\w\\s]+"), .removed, isInverted: true))
      case "WhitespaceSplit": steps.append(.split(try expression("\\s"), .removed, isInverted: false))
      case "BertPreTokenizer":
        steps.append(.split(try expression("\\s"), .removed, isInverted: false))
        steps.append(.split(try expression(Self.punctuation), .isolated, isInverted: false))
      case "Digits":
        steps.append(
          .split(
            try expression("\\p{N}"), part["individual_digits"]?.bool ?? false ? .isolated : .contiguous,
            isInverted: false))
      case "Punctuation":
        let behavior = Behavior(rawValue: part["behavior"]?.string ?? "Isolated") ?? .isolated
        steps.append(.split(try expression(Self.punctuation), behavior, isInverted: false))
      case "CharDelimiterSplit":
        steps.append(.split(try TextPattern(part["delimiter"]), .removed, isInverted: false))
      case "Metaspace":
        let old = part["add_prefix_space"]?.bool ?? true
        steps.append(
          .markedSpaces(
            mark: part["replacement"]?.string ?? "▁",
            prepends: Prepending(rawValue: part["prepend_scheme"]?.string ?? "") ?? (old ? .always : .never),
            splits: part["split"]?.bool ?? true))
      default: throw part.refusal("pre-tokenizer")
      }
    }
    return (steps, areBytes)
  }

  /// GPT-2's words: contractions, letters, numbers and others with the space before them, and what else is white.
  static let gpt2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"
  /// GPT-4's and Llama 3's: contractions in any case, numbers of at most three digits, line ends with what is before them.
  static let gpt4 =
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+"
    + "|\\s+(?!\\S)|\\s+"
  private static let punctuation = "[!-/:-@\\[-`{-~\\p{P}]"

  func callAsFunction(_ input: TextWords, isFirst: Bool) -> TextWords {
    switch self {
    case .split(let pattern, let behavior, let isInverted):
      var words: [Range<Int>] = []
      words.reserveCapacity(input.words.count + input.text.count / 5)
      input.text.withUnsafeBufferPointer { text in
        for word in input.words { Self.cut(text, word, pattern, behavior, isInverted, &words) }
      }
      return TextWords(text: input.text, words: words)
    case .spacePrefix:
      var result = TextWords(text: [], words: [])
      for word in input.words {
        let start = result.text.count
        if !word.isEmpty, input.text[word.lowerBound] != 0x20 { result.text.append(0x20) }
        result.text += input.text[word]
        result.words.append(start..<result.text.count)
      }
      return result
    case .markedSpaces(let mark, let prepends, let splits):
      var result = TextWords(text: [], words: [])
      let bytes = Array(mark.utf8)
      for (number, word) in input.words.enumerated() where !word.isEmpty {
        let start = result.text.count
        let isPrepended = prepends == .always || prepends == .first && isFirst && number == 0 && word.lowerBound == 0
        if isPrepended, input.text[word.lowerBound] != 0x20, !input.text[word].starts(with: bytes) {
          result.text += bytes
        }
        for byte in input.text[word] { if byte == 0x20 { result.text += bytes } else { result.text.append(byte) } }
        let whole = start..<result.text.count
        if splits {
          result.text.withUnsafeBufferPointer { text in
            Self.cut(text, whole, .text(bytes), .mergedWithNext, false, &result.words)
          }
        } else {
          result.words.append(whole)
        }
      }
      return result
    }
  }

  private static func cut(
    _ text: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ pattern: TextPattern, _ behavior: Behavior,
    _ isInverted: Bool, _ words: inout [Range<Int>]
  ) {
    // What is usual: everything belongs to a word, whether it is found or lies between what is found.
    if case .expression(let pattern) = pattern, behavior == .isolated {
      var place = word.lowerBound
      pattern.matches(in: text, word) { found in
        if found.lowerBound > place { words.append(place..<found.lowerBound) }
        words.append(found)
        place = found.upperBound
      }
      if place < word.upperBound { words.append(place..<word.upperBound) }
      return
    }
    var parts: [(range: Range<Int>, isFound: Bool)] = []
    var place = word.lowerBound
    for found in pattern.matches(in: text, word) {
      if found.lowerBound > place { parts.append((place..<found.lowerBound, isInverted)) }
      parts.append((found, !isInverted))
      place = found.upperBound
    }
    if place < word.upperBound { parts.append((place..<word.upperBound, isInverted)) }
    switch behavior {
    case .isolated: words += parts.map(\.range)
    case .removed: words += parts.filter { !$0.isFound }.map(\.range)
    case .contiguous, .mergedWithPrevious, .mergedWithNext:
      var last: (range: Range<Int>, isFound: Bool)?
      for part in parts {
        let joins: Bool
        switch behavior {
        case .contiguous: joins = last?.isFound == part.isFound
        case .mergedWithPrevious: joins = last?.isFound == false && part.isFound
        default: joins = last?.isFound == true && !part.isFound
        }
        if joins, let before = last {
          last = (before.range.lowerBound..<part.range.upperBound, part.isFound)
        } else {
          if let before = last { words.append(before.range) }
          last = part
        }
      }
      if let before = last { words.append(before.range) }
    }
  }
}
