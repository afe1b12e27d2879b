import Descent

/// Says what is to be seen in pictures.
///
/// ```swift
/// let captioner = try CaptionRun("runs/scenes").captioner()
/// let sentences = try captioner.describe(pictures, beam: 4)
/// ```
public struct Captioner: Sendable {
  /// The network from pixels to words.
  public let network: CaptionNetwork
  /// The words.
  public let vocabulary: CaptionVocabulary
  private let speaker: TokenGenerator<CaptionSpeaker>
  private let look: Compiled<CaptionSpeaker.State, Tensor>
  private let review: Compiled<CaptionReview, CaptionQuestion>

  /// A captioner from its parts.
  ///
  /// - Throws: `TensorError` where parameters of the network have no values yet.
  public init(network: CaptionNetwork, vocabulary: CaptionVocabulary) throws {
    (self.network, self.vocabulary) = (network, vocabulary)
    let speaker = CaptionSpeaker(network: network)
    self.speaker = try TokenGenerator(speaker)
    look = compiled { (pictures: Tensor) in Run.current.inference().perform { speaker.beginning(pictures) } }
    review = compiled { (question: CaptionQuestion) in Run.current.inference().perform { network.review(question) } }
  }

  /// Sentences about pictures.
  ///
  /// - Parameters:
  ///   - pictures: `[count, height, width, 3]` of the network's size, from 0 for black to 1.
  ///   - beam: How many beginnings of a sentence are followed at a time; with 1 each word is the likeliest.
  /// - Returns: A sentence for each picture.
  /// - Throws: `TensorError` of pictures of another form, `TextError` where the network's numbers are damaged.
  /// - Complexity: O(pictures · beam · words).
  public func describe(_ pictures: Tensor, beam: Int = 1) throws -> [String] {
    try sentences(pictures, beam: beam).map(vocabulary.decode)
  }

  /// Sentences as numbers of words, without that of the end.
  private func sentences(_ pictures: Tensor, beam: Int) throws -> [[Int]] {
    let side = network.settings.side
    if let error = pictures.error { throw error }
    guard pictures.rank == 4, pictures.shape[1] == side, pictures.shape[2] == side, pictures.shape[3] == 3 else {
      throw TensorError("describe", "takes pictures [count, \(side), \(side), 3], found \(pictures.shape)")
    }
    let (length, ends) = (network.settings.length, Set([CaptionVocabulary.end]))
    let count = pictures.shape[0]
    var sentences: [[Int]] = []
    let size = beam == 1 ? Self.batchSize : 1
    for start in stride(from: 0, to: count, by: size) {
      let part = try look(pictures[start..<min(count, start + size)])
      if beam == 1 {
        let prompts = [[Int]](repeating: [CaptionVocabulary.begin], count: min(size, count - start))
        sentences += try speaker.generate(
          from: prompts, count: length, sampling: .greedy, endingAt: ends, from: part)
      } else {
        let found = try speaker.beamSearch(
          from: [CaptionVocabulary.begin], beams: beam, count: length, endingAt: ends, from: part)
        sentences.append(found.first?.tokens ?? [])
      }
    }
    return sentences.map { $0.filter { $0 != CaptionVocabulary.end } }
  }

  private static let batchSize = 128

  /// Pictures with the sentences about them, and where the network looked for each word.
  ///
  /// - Parameters:
  ///   - pictures: `[count, height, width, 3]`.
  ///   - names: What they are called; those that have none are numbered.
  ///   - references: What others say of each.
  ///   - beam: See `describe(_:beam:)`.
  /// - Throws: like `describe(_:beam:)`.
  public func views(
    _ pictures: Tensor, names: [String] = [], references: [[String]] = [], beam: Int = 1
  ) throws -> [SentenceView] {
    let all = try sentences(pictures, beam: beam)
    let length = network.settings.length
    return try all.enumerated().map { number, words in
      let picture = pictures[number..<number + 1]
      let given = Array(([CaptionVocabulary.begin] + words).prefix(length))
      let padded = given + [Int](repeating: CaptionVocabulary.padding, count: length - given.count)
      let found = try review(
        CaptionQuestion(pictures: picture, words: Tensor(integers: padded, shape: [1, length])))
      let weights = try found.weights.floats()
      let logarithms = try found.logarithms.floats()
      let (places, vocabularySize) = (weights.count / length, logarithms.count / length)
      let said = Array((words + [CaptionVocabulary.end]).prefix(length))
      let probability = said.enumerated().reduce(0.0) {
        $0 + Double(logarithms[$1.offset * vocabularySize + $1.element])
      }
      return SentenceView(
        name: number < names.count ? names[number] : "\(number + 1)", picture: picture[0],
        sentence: vocabulary.decode(words), references: number < references.count ? references[number] : [],
        words: words.prefix(length).map { vocabulary.words[$0] },
        gazes: words.indices.prefix(length).map { Array(weights[$0 * places..<($0 + 1) * places]) },
        logProbability: probability)
    }
  }
}

extension CaptionNetwork {
  /// The probabilities of given sentences' words, and where the network looks for them.
  fileprivate func review(_ question: CaptionQuestion) -> CaptionReview {
    let view = eye(question.pictures)
    let (logits, weights) = said(decoder(words(question.words), seeing: view), seeing: view)
    return CaptionReview(logarithms: logSoftmax(logits), weights: weights)
  }
}

/// What a network says of given sentences.
private struct CaptionReview: Codable, Sendable {
  /// The natural logarithms of the next words' probabilities, `[batch, length, words]`.
  var logarithms: Tensor
  /// Where the network looks for them, `[batch, length, places]`.
  var weights: Tensor
}

extension Captioner {
  /// How much of what is said of generated scenes is right.
  ///
  /// - Parameters:
  ///   - generator: Makes the scenes.
  ///   - scenes: Which of them.
  ///   - beam: See `describe(_:beam:)`.
  /// - Throws: like `describe(_:beam:)`.
  public func slotAccuracy(
    on generator: SceneGenerator, scenes: Range<Int>, beam: Int = 1
  ) throws -> SlotAccuracy {
    var accuracy = SlotAccuracy()
    for start in stride(from: scenes.lowerBound, to: scenes.upperBound, by: Self.batchSize) {
      let scenes = (start..<min(scenes.upperBound, start + Self.batchSize)).map { generator.scene($0) }
      let pictures = try Scene.pictures(of: scenes, side: network.settings.side)
      for (sentence, scene) in zip(try describe(pictures, beam: beam), scenes) { accuracy.add(sentence, of: scene) }
    }
    return accuracy
  }
}

extension Captioner {
  /// What is to be seen in a picture of any size and form, which is brought to the network's.
  ///
  /// - Parameters:
  ///   - picture: The picture; what it lacks to a square is filled with white.
  ///   - name: What it is called.
  ///   - beam: See `describe(_:beam:)`.
  /// - Throws: like `describe(_:beam:)`.
  public func view(of picture: Picture, named name: String, beam: Int = 1) throws -> SentenceView {
    let side = network.settings.side
    let pixels = try picture.fitted(side: side).tensor.converted(to: .float32) / 255
    return try views(pixels.reshaped([1, side, side, 3]), names: [name], beam: beam)[0]
  }
}
