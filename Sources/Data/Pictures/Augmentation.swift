import CFormats
import DescentTensors

/// Random changes of pictures that leave what they show the same, for a model to learn from: cropping, turning, color, noise.
///
/// ```swift
/// let augmentation = Augmentation(
///   height: 28, width: 28, .rotated(within: -10...10), .cropped(padding: 2), .brightness(0.8...1.2), .cutout(size: 6))
/// let batches = try digits.training.augmented(by: augmentation, seed: 1).shuffled(seed: 2).batched(128)
/// ```
///
/// The numbers that are drawn depend on the seed, the pass and the picture alone. All changes of place are one, so that pixels
/// are interpolated once; where the result is coarser than the picture, pixels are averaged. Then follow, in this order,
/// contrast, color, noise, cut-outs and the normalization of channels, whatever order they are given in.
public struct Augmentation: Sendable, Hashable, Codable {
  /// The height of the results in pixels; `nil` for that of the pictures.
  public var height: Int?
  /// The width of the results in pixels; `nil` for that of the pictures.
  public var width: Int?
  /// The changes.
  public var changes: [Change]
  /// What lies beyond the edges of a picture, and in cut-outs: a number from 0 (black) to 1 (white); `nil` repeats the edges,
  /// and cuts out in black.
  public var fill: Double?

  /// Changes of pictures.
  ///
  /// - Parameters:
  ///   - height: The height of the results in pixels; `nil` for that of the pictures.
  ///   - width: The width of the results in pixels; `nil` for that of the pictures.
  ///   - fill: What lies beyond the edges, from 0 to 1; `nil` repeats them.
  ///   - changes: The changes.
  public init(height: Int? = nil, width: Int? = nil, fill: Double? = 0, _ changes: Change...) {
    self.height = height
    self.width = width
    self.fill = fill
    self.changes = changes
  }

  /// A change of a picture, drawn anew for each.
  public enum Change: Sendable, Hashable, Codable {
    /// Left and right exchanged, with a probability.
    case flipped(probability: Double = 0.5)
    /// Top and bottom exchanged, with a probability.
    case flippedVertically(probability: Double = 0.5)
    /// Turned about the middle, by degrees to the right.
    case rotated(within: ClosedRange<Double>)
    /// Moved, by up to a part of the height and the width to either side.
    case moved(by: Double)
    /// Made larger by a factor.
    case scaled(within: ClosedRange<Double>)
    /// Slanted along the rows, by degrees.
    case sheared(within: ClosedRange<Double>)
    /// A piece of the result's size at a random place, of the picture with so many pixels more on each side.
    case cropped(padding: Int = 0)
    /// The piece of the result's size in the middle.
    case croppedToMiddle
    /// A piece at a random place, of a random part of the picture's area and of a random ratio of width to height, brought to
    /// the result's size (Szegedy et al., *Going deeper with convolutions*, 2015).
    case resizedPiece(area: ClosedRange<Double> = 0.08...1, ratio: ClosedRange<Double> = 0.75...1.3333333333333333)
    /// Lighter or darker by a factor.
    case brightness(ClosedRange<Double>)
    /// Colors moved away from the picture's mean gray by a factor.
    case contrast(ClosedRange<Double>)
    /// Colors moved away from the gray of their pixel by a factor; 0 leaves gray.
    case saturation(ClosedRange<Double>)
    /// Hues turned, by parts of the whole circle.
    case hue(ClosedRange<Double>)
    /// Gray, with a probability.
    case gray(probability: Double = 0.1)
    /// Normally distributed noise, of a standard deviation that is drawn.
    case noise(ClosedRange<Double>)
    /// A square of pixels at a random place filled (DeVries and Taylor, 2017); it may reach beyond the edge.
    case cutout(size: Int)
    /// A channel's mean subtracted, and the rest divided by its standard deviation, where white is 1; nothing is random.
    case normalized(mean: [Double], deviation: [Double])
  }

  /// Makes sure that all numbers can be used.
  ///
  /// - Throws: `TensorError` where a size is not positive, a range is not finite, or a number makes no sense; it names the
  ///   change.
  func check(channels: Int) throws {
    func fault(_ text: String) -> TensorError { TensorError("Augmentation", text) }
    for size in [height, width].compactMap({ $0 }) where !(1...1 << 20).contains(size) {
      throw fault("a result of \(size) pixels, outside 1...1,048,576")
    }
    for change in changes {
      let isUsable =
        switch change {
        case .flipped(let probability), .flippedVertically(let probability), .gray(let probability):
          (0...1).contains(probability)
        case .rotated(let range), .hue(let range): range.isFinite
        case .sheared(let range): range.lowerBound > -89 && range.upperBound < 89
        case .moved(let part): (0...10).contains(part)
        case .scaled(let range): range.lowerBound > 1e-3 && range.upperBound < 1e3
        case .cropped(let padding): (0...1 << 20).contains(padding)
        case .resizedPiece(let area, let ratio):
          area.lowerBound > 0 && area.upperBound <= 1 && ratio.lowerBound > 1e-3 && ratio.upperBound < 1e3
        case .brightness(let range), .contrast(let range), .saturation(let range), .noise(let range):
          range.lowerBound >= 0 && range.isFinite
        case .cutout(let size): (0...1 << 20).contains(size)
        case .normalized(let mean, let deviation):
          [1, channels].contains(mean.count) && mean.count == deviation.count && mean.allSatisfy(\.isFinite)
            && deviation.allSatisfy { $0 > 0 && $0.isFinite }
        case .croppedToMiddle: true
        }
      guard isUsable else { throw fault("\(change) cannot be applied to pictures of \(channels) channels") }
    }
    guard fill.map({ (0...1).contains($0) }) ?? true else { throw fault("the fill \(fill ?? 0) is outside 0...1") }
  }
}

extension ClosedRange<Double> {
  fileprivate var isFinite: Bool { lowerBound.isFinite && upperBound.isFinite }
}
