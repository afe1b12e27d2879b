/// Letters prepared for the network, with what they say.
public struct LetterBatch: Sendable {
  /// The number of letters.
  public let count: Int
  /// The strips as `[count, 32, 160, 1]`: 0 paper … 1 ink.
  public let ink: [Float]
  /// What each letter says.
  public let truths: [[Symbol]]
}

extension LetterGenerator {
  /// Makes and prepares the letters of some indices, for learning.
  ///
  /// A letter that preparation rejects (blank paper, most photographs) teaches the network nothing that it will meet,
  /// and another is made in its place. Equal indices give equal batches on any thread.
  ///
  /// - Complexity: O(pixels), about half a millisecond a letter in a release build.
  public func batch(_ indices: Range<Int>) -> LetterBatch {
    var ink: [Float] = []
    ink.reserveCapacity(indices.count * LineImage.count)
    var truths: [[Symbol]] = []
    for index in indices {
      let prepared = preparedLetter(index)
      ink += prepared.strip.ink
      truths.append(prepared.truth)
    }
    return LetterBatch(count: indices.count, ink: ink, truths: truths)
  }

  private func preparedLetter(_ index: Int) -> (strip: LineImage, truth: [Symbol]) {
    for attempt in 0..<8 {
      // Far beyond the indices in use, so that no letter is made twice.
      let letter = letter(index &+ attempt << 40)
      if let strip = try? LinePreparation.prepare(letter.image) { return (strip, letter.truth) }
    }
    return (LineImage(checked: [Float](repeating: 0, count: LineImage.count)), [])
  }
}
