import Descent

/// A picture with the sentence that a captioner says about it, and where it looked for each word.
public struct SentenceView: Sendable {
  /// What the picture is called.
  public var name: String
  /// The picture as the captioner sees it, `[side, side, 3]`, from 0 for black to 1.
  public var picture: Tensor
  /// The sentence.
  public var sentence: String
  /// What is said of it by others; empty where nothing is known.
  public var references: [String]
  /// Its words.
  public var words: [String]
  /// For each word how much of the look goes to each place, row by row; the sum is 1.
  public var gazes: [[Float]]
  /// The natural logarithm of the sentence's probability.
  public var logProbability: Double

  /// The picture in the light of a gaze: what the captioner looks at is as it is, the rest fades into gray.
  ///
  /// - Throws: `TensorError` where the word does not exist or memory runs out.
  public func lit(word: Int) throws -> Tensor {
    guard gazes.indices.contains(word) else {
      throw TensorError("SentenceView", "has no word \(word) among \(gazes.count)")
    }
    let side = picture.shape[0]
    let gaze = gazes[word]
    let places = Int(Double(gaze.count).squareRoot().rounded())
    let most = max(gaze.max() ?? 0, .leastNormalMagnitude)
    let map = Tensor(floats: gaze.map { $0 / most }, shape: [1, places, places, 1])
    let light = map.resized([side, side], method: .linear)[0]
    // Gray, since dark shapes would not be told from darkness.
    return 0.45 + (0.15 + 0.85 * light) * (picture - 0.45)
  }
}
