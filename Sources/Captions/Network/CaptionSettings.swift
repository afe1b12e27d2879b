import Descent

/// How a captioning network is built.
public struct CaptionSettings: Codable, Hashable, Sendable {
  /// What says the words.
  public enum Decoder: String, CaseIterable, Codable, Hashable, Sendable {
    /// Long short-term memory.
    case lstm
    /// Blocks of attention.
    case transformer
  }

  /// What says the words.
  public var decoder = Decoder.lstm
  /// The height and width of the pictures in pixels.
  public var side = 36
  /// The filters of the convolutions' stages; each but the first halves height and width.
  public var filters = [16, 32, 64]
  /// The size of the vectors of words and places, and of the decoder's state.
  public var width = 128
  /// The number of the decoder's layers.
  public var layers = 1
  /// The number of heads of a transformer's attention.
  public var heads = 4
  /// The number of words of the vocabulary, marks included.
  public var words: Int
  /// The most words of a sentence, that of the end included.
  public var length: Int
  /// The fraction that is dropped while training of what words are told from, and within a transformer.
  public var dropout = 0.1

  /// The settings for a vocabulary and the length of its sentences.
  public init(words: Int, length: Int) { (self.words, self.length) = (words, length) }

  /// What makes no sense, in one line; `nil` for nothing.
  var fault: String? {
    let (sizes, most) = (1...1 << 16, 1 << 12)
    if !(8...1024).contains(side) { return "a side of \(side) pixels, outside 8...1024" }
    if filters.isEmpty || filters.count > 8 || !filters.allSatisfy((1...most).contains) {
      return "the filters \(filters); there are 1 to 8 stages of 1 to \(most)"
    }
    if side >> (filters.count - 1) < 2 { return "\(filters.count) stages, which leave nothing of \(side) pixels" }
    if !(1...most).contains(width) { return "a width of \(width), outside 1...\(most)" }
    if !(1...64).contains(layers) { return "\(layers) layers, outside 1...64" }
    if decoder == .transformer && !(1...width).contains(heads) || width % max(1, heads) != 0 {
      return "\(heads) heads, which do not divide a width of \(width)"
    }
    if !sizes.contains(words) || !sizes.contains(length) { return "\(words) words and a length of \(length)" }
    if !(0..<1).contains(dropout) { return "a dropout of \(dropout), outside 0..<1" }
    return nil
  }
}
