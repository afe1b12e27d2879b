import Descent
import Foundation

/// Reads ZIP codes from pictures, and knows when not to answer.
public struct ZIPReader: Sendable {
  /// The network from pixels to symbols.
  public let network: ReaderNetwork
  /// What is read from the network's answer, and when it is believed.
  public var rule: ReadingRule
  /// What the reader was trained on, for whoever reads its files.
  public var origin: String

  /// A reader from its parts.
  public init(network: ReaderNetwork, rule: ReadingRule, origin: String) {
    self.network = network
    self.rule = rule
    self.origin = origin
  }

  /// Reads a picture of a line of handwriting.
  ///
  /// - Throws: `TensorError` where the system has no memory left.
  public func read(_ picture: Picture) throws -> Reading { try read([GrayImage(picture)])[0] }

  /// Reads pictures of lines, many at once.
  ///
  /// - Throws: `TensorError` where the system has no memory left.
  /// - Complexity: O(pixels) in addition to one pass through the network for each picture.
  public func read(_ images: [GrayImage]) throws -> [Reading] {
    try read(images.map(PreparedPicture.init))
  }

  /// Reads pictures that were prepared, many at once.
  ///
  /// - Throws: `TensorError` where the system has no memory left.
  public func read(_ pictures: [PreparedPicture]) throws -> [Reading] {
    var readings: [Reading] = []
    readings.reserveCapacity(pictures.count)
    for start in stride(from: 0, to: pictures.count, by: Self.batchSize) {
      readings += try readBatch(pictures[start..<min(pictures.count, start + Self.batchSize)])
    }
    return readings
  }

  private static let batchSize = 50

  /// How a line is looked at: as it is, and four times a little changed. Where the views do not agree, the reading is
  /// less sure.
  private static let views = [
    LineVariation(),
    LineVariation(shiftX: 1.5, shiftY: 0.6, slant: 0.06, stretch: 0.98, bend: 0.15),
    LineVariation(shiftX: -1.5, shiftY: -0.6, slant: -0.06, stretch: 1.02, bend: -0.15),
    LineVariation(shiftX: 0.8, shiftY: -0.5, turn: 0.01, stretch: 0.95, height: 0.95),
    LineVariation(shiftX: -0.8, shiftY: 0.5, turn: -0.01, stretch: 1.03, height: 0.97, bend: 0.1),
  ]

  private func readBatch(_ pictures: ArraySlice<PreparedPicture>) throws -> [Reading] {
    let lines = pictures.compactMap(\.levels)
    var readings = try looks(at: lines, as: Self.views).map { look in
      look.map(rule.read) ?? Reading(rejection: .digitCount(0))
    }
    if readings.contains(where: { $0.rejection == nil }) {
      // A line that is rejected anyway is left blank, so that the network sees as many lines in every batch.
      let turned = zip(lines, readings).map { line, reading in
        reading.rejection == nil ? line.reversed() : [UInt8](repeating: 0, count: LineImage.count)
      }
      readings = zip(readings, try looks(at: turned, as: [LineVariation()])).map { reading, look in
        look.map { rule.checked(reading, turned: $0) } ?? reading
      }
    }
    var next = 0
    return pictures.map { picture in
      if let rejection = picture.rejection { return Reading(rejection: rejection) }
      defer { next += 1 }
      return readings[next]
    }
  }

  /// What the network says of lines, each looked at in several ways; nil where its numbers are none.
  private func looks(at lines: [[UInt8]], as views: [LineVariation]) throws -> [SymbolProbabilities?] {
    guard !lines.isEmpty else { return [] }
    let ink = lines.flatMap { line in views.flatMap { $0.drawn(line) } }
    let shape: Shape = [lines.count * views.count, LineImage.height, LineImage.width, 1]
    let logits = try network.predict(Tensor(floats: ink, shape: shape)).floats()
    let stride = logits.count / lines.count
    return lines.indices.map { index in
      SymbolProbabilities(
        logits: logits[index * stride..<(index + 1) * stride], views: views.count * network.branches.count)
    }
  }
}
