import DescentData

/// A letter with what was read in it and what it says.
public struct ReadLetter: Sendable {
  /// The letter as it came.
  public let image: GrayImage
  /// What is written.
  public let truth: [Symbol]
  /// What was read.
  public let reading: Reading

  /// A letter with its reading.
  public init(image: GrayImage, truth: [Symbol], reading: Reading) {
    self.image = image
    self.truth = truth
    self.reading = reading
  }

  /// Whether the letter was accepted and its reading is wrong.
  public var isAcceptedError: Bool { reading.code.map { $0 != truth.text } ?? false }
}

extension GrayImage {
  /// The picture in one channel.
  ///
  /// - Throws: `FileError` where it has no pixels.
  public func picture() throws -> Picture {
    try Picture(width: width, height: height, channels: 1, pixels: pixels)
  }
}

extension Picture {
  /// Letters side by side, each over what it says, what was read, and how sure the reading was.
  ///
  /// - Throws: `FileError` where there is no letter or they are too many for a picture.
  /// - Complexity: O(pixels).
  public static func contactSheet(of letters: [ReadLetter], columns: Int = 4) throws -> Picture {
    let cells = try letters.map { letter in
      let confidence = shortDecimal(letter.reading.confidence, places: 5)
      let caption = "IS \(letter.truth.caption) READ \(letter.reading.text) \(confidence)"
      return (picture: try letter.image.picture(), caption: caption)
    }
    return try contactSheet(cells, columns: columns)
  }
}

extension [Symbol] {
  fileprivate var caption: String { isEmpty ? "NOTHING" : text }
}
