import Descent

/// Pictures with a sentence each, as a network learns from them: at each place it is given the word before and is to say the
/// next.
public struct CaptionBatch: Codable, Sendable {
  /// The pictures `[batch, height, width, 3]`, from 0 for black to 1.
  public var pictures: Tensor
  /// The words that are given, `[batch, length]`, that of the beginning first.
  public var words: Tensor
  /// The words that are to be said, `[batch, length]`, that of the end last.
  public var next: Tensor
  /// 1 where there is something to be said, 0 for padding, `[batch, length]`.
  public var mask: Tensor

  /// Pictures with their sentences.
  ///
  /// - Parameters:
  ///   - pictures: `[batch, height, width, 3]`.
  ///   - sentences: A sentence for each.
  ///   - encoder: Turns sentences into numbers.
  ///   - firstExample: The number of the first example, which random choices depend on.
  public init(pictures: Tensor, sentences: [String], _ encoder: CaptionEncoder, firstExample: Int = 0) {
    self.pictures = pictures
    let length = encoder.length
    var words: [Int] = []
    var next: [Int] = []
    var mask: [Float] = []
    for (number, sentence) in sentences.enumerated() {
      let said = encoder.encoded(sentence)
      var given = [CaptionVocabulary.begin] + said.dropLast()
      if encoder.wordDropout > 0 {
        var random = ElementRandom(seed: encoder.seed, epoch: 1, index: firstExample &+ number)
        for place in given.indices.dropFirst() where random.unit() < encoder.wordDropout {
          given[place] = CaptionVocabulary.unknown
        }
      }
      let missing = length - said.count
      words += given + [Int](repeating: CaptionVocabulary.padding, count: missing)
      next += said + [Int](repeating: CaptionVocabulary.padding, count: missing)
      mask += [Float](repeating: 1, count: said.count) + [Float](repeating: 0, count: missing)
    }
    let shape: Shape = [sentences.count, length]
    self.words = Tensor(integers: words, shape: shape)
    self.next = Tensor(integers: next, shape: shape)
    self.mask = Tensor(floats: mask, shape: shape)
  }
}

/// Turns sentences into numbers of words.
public struct CaptionEncoder: Sendable {
  /// The words.
  public var vocabulary: CaptionVocabulary
  /// The number of words, that of the end included, that all sentences are filled up to; longer ones are cut.
  public var length: Int
  /// The share of the given words that are hidden, so that a network looks at the picture rather than relies on which words
  /// it has seen together. Source: Bowman et al., "Generating sentences from a continuous space", 2016.
  public var wordDropout = 0.0
  /// The seed of what is hidden.
  public var seed: UInt64 = 0

  /// An encoder that hides nothing.
  public init(_ vocabulary: CaptionVocabulary, length: Int) {
    (self.vocabulary, self.length) = (vocabulary, max(1, length))
  }

  /// The numbers of a sentence's words, and that of the end, at most `length`.
  func encoded(_ sentence: String) -> [Int] {
    Array(vocabulary.encode(sentence).prefix(length - 1)) + [CaptionVocabulary.end]
  }
}
