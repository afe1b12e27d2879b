import DescentTensors

/// What becomes of a word: merged pairs, or pieces of a list of words.
enum WordModel: Sendable {
  case pairs(PairModel)
  case pieces(PieceModel)

  /// Appends the tokens of a word.
  func append(_ word: UnsafeBufferPointer<UInt8>, to tokens: inout [Int32]) {
    switch self {
    case .pairs(let model): model.append(word, to: &tokens)
    case .pieces(let model): model.append(word, to: &tokens)
    }
  }
}

/// Byte-pair encoding of words, with what a vocabulary says besides.
struct PairModel: Sendable {
  let vocabulary: BytesTable
  let merges: PairMerges
  /// Whether words are bytes, of which the vocabulary has all; otherwise they are characters.
  let areBytes: Bool
  /// The tokens of single bytes, −1 where there is none: of words that are bytes, or in place of unknown characters.
  let byteTokens: [Int32]
  let unknown: Int32?
  let joinsUnknown: Bool
  /// Whether a word that is a token is that token, whatever the merges say.
  let ignoresMerges: Bool
  /// What stands before each character of a word but the first, and after the last one.
  let prefix: [UInt8]
  let suffix: [UInt8]

  func append(_ word: UnsafeBufferPointer<UInt8>, to tokens: inout [Int32]) {
    if ignoresMerges {
      let whole = vocabulary.value(word)
      if whole >= 0 { return tokens.append(Int32(whole)) }
    }
    var symbols: [Int32] = []
    symbols.reserveCapacity(word.count)
    if areBytes {
      for byte in word {
        let token = byteTokens[Int(byte)]
        if token >= 0 { symbols.append(token) } else if let unknown { symbols.append(unknown) }
      }
    } else {
      appendCharacters(word, &symbols)
    }
    merges.merge(&symbols)
    tokens += symbols
  }

  private func appendCharacters(_ word: UnsafeBufferPointer<UInt8>, _ symbols: inout [Int32]) {
    var (place, wasUnknown) = (0, false)
    while place < word.count {
      let end = min(word.count, place + PatternMatcher.length(word[place]))
      let bytes = UnsafeBufferPointer(rebasing: word[place..<end])
      var token: Int
      if prefix.isEmpty && suffix.isEmpty {
        token = vocabulary.value(bytes)
      } else {
        token = vocabulary.value((place > 0 ? prefix : []) + bytes + (end == word.count ? suffix : []))
      }
      place = end
      if token < 0, bytes.allSatisfy({ byteTokens[Int($0)] >= 0 }) {
        for byte in bytes { symbols.append(byteTokens[Int(byte)]) }
        wasUnknown = false
        continue
      }
      guard token < 0 else {
        symbols.append(Int32(token))
        wasUnknown = false
        continue
      }
      token = Int(unknown ?? -1)
      if token >= 0, !(wasUnknown && joinsUnknown) { symbols.append(Int32(token)) }
      wasUnknown = true
    }
  }
}

/// WordPiece: the longest token that a word begins with, then the longest of what is left.
///
/// Source: Wu et al., "Google's neural machine translation system", 2016; Devlin et al., 2018.
struct PieceModel: Sendable {
  let vocabulary: BytesTable
  let unknown: Int32
  /// What stands before pieces that do not begin a word.
  let prefix: [UInt8]
  /// How many characters a word may have.
  let longest: Int

  func append(_ word: UnsafeBufferPointer<UInt8>, to tokens: inout [Int32]) {
    guard word.count(where: { $0 & 0xC0 != 0x80 }) <= longest else { return tokens.append(unknown) }
    let begin = tokens.count
    var start = 0
    while start < word.count {
      var (end, token) = (word.count, -1)
      while end > start {
        let piece = word[start..<end]
        token =
          start == 0 ? vocabulary.value(UnsafeBufferPointer(rebasing: piece)) : vocabulary.value(prefix + piece)
        if token >= 0 { break }
        end -= 1
        while end > start, word[end] & 0xC0 == 0x80 { end -= 1 }
      }
      guard token >= 0 else {
        tokens.removeLast(tokens.count - begin)
        return tokens.append(unknown)
      }
      tokens.append(Int32(token))
      start = end
    }
  }
}
