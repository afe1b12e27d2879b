import DescentFiles

extension DigitImages {
  /// Reads pictures and labels from a pair of IDX files as MNIST and QMNIST come in.
  ///
  /// - Parameters:
  ///   - images: Unsigned bytes `[count, height, width]`, 0 for paper ... 255 for ink; plain or gzip.
  ///   - labels: Integers `[count]`, or as in QMNIST `[count, columns]` with the digit in the first column.
  ///   - limit: The most bytes either file may hold once decompressed.
  /// - Throws: `FileError` where a file cannot be read, is not of this form, or they do not agree.
  public static func idx(
    images: String, labels: String, limit: Int = 1 << 30
  ) throws -> DigitImages {
    let digits = try digitLabels(IDX.read(labels, limit: limit), path: labels)
    let pictures = try IDX.read(images, limit: limit)
    func fault(_ text: String) -> FileError { FileError(images, text) }
    guard pictures.elementType == .uint8, pictures.shape.count == 3 else {
      throw fault("holds \(pictures.elementType) of shape \(pictures.shape), not uint8 [count, height, width]")
    }
    guard pictures.shape[0] == digits.count else {
      throw fault("holds \(pictures.shape[0].grouped) pictures, \(labels) holds \(digits.count.grouped) labels")
    }
    return try DigitImages(
      height: pictures.shape[1], width: pictures.shape[2], pixels: pictures.bytes, labels: digits, path: images)
  }

  private static func digitLabels(_ idx: IDX, path: String) throws -> [UInt8] {
    func fault(_ text: String) -> FileError { FileError(path, text) }
    guard (1...2).contains(idx.shape.count), idx.shape.count == 1 || idx.shape[1] > 0 else {
      throw fault("has the shape \(idx.shape), not [count] or [count, columns]")
    }
    let columns = idx.shape.count == 2 ? idx.shape[1] : 1

    func firstColumn<Element: IDXElement & BinaryInteger>(_ type: Element.Type) throws -> [UInt8] {
      guard let elements = idx.elements(as: type) else { return [] }
      return try (0..<idx.shape[0]).map { row in
        let label = elements[row * columns]
        guard let digit = UInt8(exactly: label), digit <= 9 else {
          throw fault("label \(row) is \(label), not a digit 0 to 9")
        }
        return digit
      }
    }
    switch idx.elementType {
    case .uint8: return try firstColumn(UInt8.self)
    case .int8: return try firstColumn(Int8.self)
    case .int16: return try firstColumn(Int16.self)
    case .int32: return try firstColumn(Int32.self)
    case .float32, .float64: throw fault("holds \(idx.elementType), labels are integers")
    }
  }
}
