import Descent

/// How sentences agree with what others said of the same pictures.
public struct CaptionScores: Hashable, Sendable {
  /// BLEU of runs of up to 1, 2, 3 and 4 words, from 0 to 1.
  public var bleu: [Double]
  /// CIDEr-D, from 0 to 10.
  public var cider: Double
  /// The share of sentences that somebody said in the same words.
  public var exact: Double
  /// The number of sentences.
  public var count: Int

  /// The scores of sentences.
  ///
  /// - Parameters:
  ///   - sentences: A sentence for each picture.
  ///   - references: For each picture what was said of it, in one way or several.
  public init(_ sentences: [String], references: [[String]]) {
    let said = sentences.map { CaptionVocabulary.split($0) }
    let known = references.map { $0.map { CaptionVocabulary.split($0) } }
    var bleu = BLEU()
    var cider = CIDEr<String>()
    var exact = 0
    for (own, others) in zip(said, known) {
      bleu.add(own, references: others)
      cider.add(own, references: others)
      if others.contains(own) { exact += 1 }
    }
    self.bleu = (1...4).map { bleu.score(order: $0) }
    self.cider = cider.score()
    count = min(said.count, known.count)
    self.exact = count > 0 ? Double(exact) / Double(count) : 0
  }
}
