import Descent
import DescentFiles

/// The words that captions are made of, each with a number.
///
/// Letters count as small ones; signs are words of their own. The first numbers are those of marks: for padding, the beginning
/// and the end of a sentence, and a word that is not known.
public struct CaptionVocabulary: Hashable, Sendable {
  /// The words by their numbers, marks first.
  public let words: [String]
  private let numbers: [String: Int]

  /// The numbers of the marks.
  static let padding = 0
  static let begin = 1
  static let end = 2
  static let unknown = 3
  static let marks = ["<padding>", "<begin>", "<end>", "<unknown>"]

  /// The number of words, marks included.
  public var count: Int { words.count }

  /// The words of sentences, the most frequent first.
  public init(sentences: some Sequence<String>) {
    var counts: [String: Int] = [:]
    for sentence in sentences {
      for word in Self.split(sentence) { counts[word, default: 0] += 1 }
    }
    let known = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    self.init(words: Self.marks + known)
  }

  private init(words: [String]) {
    self.words = words
    numbers = Dictionary(words.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The words of a sentence, in small letters; signs are words of their own.
  public static func split(_ sentence: String) -> [String] {
    var words: [String] = []
    var isWithin = false
    for character in sentence.lowercased() {
      let isLetter = character.isLetter || character.isNumber
      if isLetter && isWithin {
        words[words.count - 1].append(character)
      } else if !character.isWhitespace {
        words.append(String(character))
      }
      isWithin = isLetter
    }
    return words
  }

  /// The numbers of a sentence's words, without marks for its beginning and end.
  public func encode(_ sentence: String) -> [Int] { Self.split(sentence).map { numbers[$0] ?? Self.unknown } }

  /// The sentence of words by their numbers; marks and what has no word are left out.
  public func decode(_ numbers: [Int]) -> String {
    var text = ""
    var isGlued = true
    for number in numbers where number >= Self.marks.count && number < words.count {
      let word = words[number]
      let isSign = !(word.first?.isLetter ?? false) && !(word.first?.isNumber ?? false)
      text += (isGlued || isSign ? "" : " ") + word
      // What a hyphen or an apostrophe joins stays together.
      isGlued = isSign && word != "," && word != ":" && word != "."
    }
    return text
  }

  // MARK: Files

  /// Writes the words, one on each line.
  ///
  /// - Throws: `FileError`.
  func write(to path: String) throws {
    try FileContents.write(Array((words.joined(separator: "\n") + "\n").utf8), to: path)
  }

  /// Reads words that `write(to:)` wrote.
  ///
  /// - Throws: `FileError` where the file cannot be read or is not a vocabulary.
  init(contentsOfFile path: String) throws {
    let text = String(decoding: try FileContents.read(path), as: UTF8.self)
    let words = text.split(separator: "\n").map(String.init)
    guard words.starts(with: Self.marks), Set(words).count == words.count else {
      throw FileError(path, "is not a vocabulary that 'descent caption train' wrote")
    }
    self.init(words: words)
  }
}
