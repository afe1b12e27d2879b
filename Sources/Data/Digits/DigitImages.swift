import CFormats
import DescentFiles
import DescentTensors

/// Gray pictures of handwritten digits, all of one size, each with the digit it shows.
public struct DigitImages: Sendable, Hashable {
  /// The number of pictures.
  public let count: Int

  /// The height of each picture in pixels.
  public let height: Int

  /// The width of each picture in pixels.
  public let width: Int

  /// The pictures as `[count, height, width]`, 0 where the paper is bare, 255 where it is fully inked.
  public let pixels: [UInt8]

  /// The digit each picture shows, 0…9.
  public let labels: [UInt8]

  /// Pictures that belong to labels.
  ///
  /// - Parameters:
  ///   - height: The height of each picture, at least 1.
  ///   - width: The width of each picture, at least 1.
  ///   - pixels: `[labels.count, height, width]`, 0 for paper ... 255 for ink.
  ///   - labels: A digit for each picture.
  ///   - path: Where the pictures come from; errors name it.
  /// - Throws: `FileError` where the sizes do not agree or a label is not a digit; it names the first such index.
  public init(height: Int, width: Int, pixels: [UInt8], labels: [UInt8], path: String = "digit images") throws {
    func fault(_ text: String) -> FileError { FileError(path, text) }
    guard height > 0, width > 0 else { throw fault("holds pictures of \(height)×\(width) pixels") }
    let (pictureCount, overflow) = height.multipliedReportingOverflow(by: width)
    let (expected, tooMany) = pictureCount.multipliedReportingOverflow(by: labels.count)
    guard !overflow, !tooMany, expected == pixels.count else {
      throw fault("\(labels.count.grouped) labels for \(pixels.count.grouped) pixels of \(height)×\(width) pictures")
    }
    let wrong = dn_first_byte_above(labels, labels.count, 9)
    guard wrong == labels.count else { throw fault("label \(wrong) is \(labels[wrong]), not a digit 0 to 9") }
    self.count = labels.count
    self.height = height
    self.width = width
    self.pixels = pixels
    self.labels = labels
  }

  /// Parts that are known to agree.
  init(unchecked height: Int, width: Int, pixels: [UInt8], labels: [UInt8]) {
    self.count = labels.count
    self.height = height
    self.width = width
    self.pixels = pixels
    self.labels = labels
  }

  /// The pictures at `indices`, in that order; an index may come more than once.
  ///
  /// - Throws: `TensorError` where an index is none of `0..<count`.
  /// - Complexity: O(*n* · height · width) in the number of indices.
  public func selecting(_ indices: [Int]) throws -> DigitImages {
    if let wrong = indices.first(where: { !(0..<count).contains($0) }) {
      throw TensorError("selecting", "there is no picture \(wrong) among \(count)")
    }
    let size = height * width
    let chosen = [UInt8](unsafeUninitializedCapacity: indices.count * size) { buffer, initialized in
      pixels.withUnsafeBytes { source in
        let target = UnsafeMutableRawBufferPointer(buffer)
        for (position, index) in indices.enumerated() {
          UnsafeMutableRawBufferPointer(rebasing: target[(position * size)..<((position + 1) * size)])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[(index * size)..<((index + 1) * size)]))
        }
      }
      initialized = indices.count * size
    }
    return DigitImages(unchecked: height, width: width, pixels: chosen, labels: indices.map { labels[$0] })
  }

  /// The picture at `index`, dark ink on white paper as a person expects it.
  ///
  /// - Throws: `FileError` where the index is none of `0..<count`.
  public func picture(at index: Int) throws -> Picture {
    let ink = try selecting([index]).pixels
    return Picture(unchecked: width, height: height, channels: 1, pixels: ink.map { 255 - $0 })
  }
}
