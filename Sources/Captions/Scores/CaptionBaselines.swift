import Descent

/// What can be said of pictures without a network: what a net is to be better than.
public enum CaptionBaselines {
  /// What is said of the picture to learn from whose pixels are nearest, by the sum of squares.
  ///
  /// Source: Devlin et al., "Exploring nearest neighbor approaches for image captioning", 2015.
  ///
  /// - Parameters:
  ///   - pictures: The pictures to say something about.
  ///   - training: Those to learn from, of the same size.
  /// - Throws: `TensorError` where the sizes differ.
  /// - Complexity: O(pictures · training pictures · pixels).
  public static func nearest(of pictures: CaptionedPictures, in training: CaptionedPictures) throws -> [String] {
    func rows(_ pictures: CaptionedPictures, _ range: Range<Int>) -> Tensor {
      pictures.numbers(range).reshaped([range.count, -1])
    }
    let known = rows(training, 0..<training.count)
    // |a − b|² = |a|² − 2 a·b + |b|², where |a|² is the same for all b.
    let squares = (known * known).sum(axes: [1])
    var sentences: [String] = []
    for start in stride(from: 0, to: pictures.count, by: 256) {
      let asked = rows(pictures, start..<min(pictures.count, start + 256))
      let distances = squares - 2 * matmul(asked, known.transposed())
      sentences += try distances.argMin(axis: 1).integers().map { training.entries[$0].sentences[0] }
    }
    return sentences
  }

  /// The one sentence that who sees no picture had best say of each: of those that are said, the one that agrees best with all
  /// others, by BLEU of runs of up to two words.
  ///
  /// - Complexity: O(candidates · references), of at most 200 and 500, which are taken evenly.
  public static func blind(from training: CaptionedPictures) -> String {
    func sample(_ sentences: [String], _ most: Int) -> [String] {
      guard sentences.count > most else { return sentences }
      return (0..<most).map { sentences[$0 * sentences.count / most] }
    }
    let all = training.entries.flatMap(\.sentences)
    let references = sample(all, 500).map { CaptionVocabulary.split($0) }
    let candidates = sample(Set(all).sorted(), 200)
    let scores = candidates.map { candidate in
      let words = CaptionVocabulary.split(candidate)
      var bleu = BLEU(order: 2)
      for reference in references { bleu.add(words, references: [reference]) }
      return bleu.score(smoothing: 1)
    }
    let best = scores.indices.max { (scores[$0], candidates[$1]) < (scores[$1], candidates[$0]) }
    return best.map { candidates[$0] } ?? ""
  }
}
