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
  /// - Complexity: O(pixels), beside one pass through the network for each picture.
  public func read(_ images: [GrayImage]) throws -> [Reading] {
    var readings: [Reading] = []
    readings.reserveCapacity(images.count)
    for start in stride(from: 0, to: images.count, by: Self.batchSize) {
      readings += try readBatch(images[start..<min(images.count, start + Self.batchSize)])
    }
    return readings
  }

  private static let batchSize = 250

  private func readBatch(_ images: ArraySlice<GrayImage>) throws -> [Reading] {
    var ink: [Float] = []
    var rejections: [Rejection?] = []
    for image in images {
      do throws(Rejection) {
        ink += try LinePreparation.prepare(image).ink
        rejections.append(nil)
      } catch { rejections.append(error) }
    }
    let count = ink.count / LineImage.count
    let lines = Tensor(floats: ink, shape: [count, LineImage.height, LineImage.width, 1])
    let logits = count > 0 ? try network.predict(lines).floats() : []
    let stride = count > 0 ? logits.count / count : 0
    var next = 0
    return rejections.map { rejection in
      if let rejection { return Reading(rejection: rejection) }
      defer { next += 1 }
      guard let probabilities = SymbolProbabilities(logits: logits[next * stride..<(next + 1) * stride]) else {
        return Reading(rejection: .digitCount(0))
      }
      return rule.read(probabilities)
    }
  }
}
