import CFormats
import DescentFiles

extension DigitImages {
  /// Reads a USPS file as *The Elements of Statistical Learning* publishes it (`zip.train.gz`, `zip.test.gz`): a line
  /// for each picture with the digit and 16×16 values from −1 (paper) to 1 (ink), separated by spaces.
  ///
  /// - Parameters:
  ///   - path: The file, plain or gzip.
  ///   - limit: The most bytes it may hold once decompressed.
  /// - Throws: `FileError` where the file cannot be read or a line is not of this form; it names line and column.
  public static func usps(_ path: String, limit: Int = 1 << 30) throws -> DigitImages {
    let text = try FileContents.read(path, limit: limit)
    return try DigitImages(uspsText: text, path: path)
  }

  /// Reads a file of the UCI set *Optical Recognition of Handwritten Digits* (`optdigits.tra`, `optdigits.tes`): a
  /// line for each picture with 8×8 values from 0 (paper) to 16 (ink) and the digit, separated by commas.
  ///
  /// - Parameters:
  ///   - path: The file, plain or gzip.
  ///   - limit: The most bytes it may hold once decompressed.
  /// - Throws: `FileError` where the file cannot be read or a line is not of this form; it names line and column.
  public static func optdigits(_ path: String, limit: Int = 1 << 30) throws -> DigitImages {
    let text = try FileContents.read(path, limit: limit)
    return try DigitImages(optdigitsText: text, path: path)
  }

  /// The pictures of the (uncompressed) text of a USPS file.
  ///
  /// - Parameters:
  ///   - text: The whole file, see ``usps(_:limit:)``.
  ///   - path: The name that errors give it.
  /// - Throws: `FileError`.
  public init(uspsText text: [UInt8], path: String) throws {
    let layout = dn_digit_text_layout(separator: 32, pixel_count: 256, label_last: false, paper: -1, ink: 1)
    try self.init(text: text, layout: layout, height: 16, width: 16, path: path)
  }

  /// The pictures of the (uncompressed) text of a UCI file.
  ///
  /// - Parameters:
  ///   - text: The whole file, see ``optdigits(_:limit:)``.
  ///   - path: The name that errors give it.
  /// - Throws: `FileError`.
  public init(optdigitsText text: [UInt8], path: String) throws {
    let layout = dn_digit_text_layout(separator: 44, pixel_count: 64, label_last: true, paper: 0, ink: 16)
    try self.init(text: text, layout: layout, height: 8, width: 8, path: path)
  }

  private init(text: [UInt8], layout: dn_digit_text_layout, height: Int, width: Int, path: String) throws {
    // Room is made for as many pictures as lines long enough for one number a pixel: a file of line feeds must not
    // ask for 256 times its size.
    let room = min(dn_text_line_count(text, text.count), text.count / (layout.pixel_count * 2) + 1)
    var layout = layout
    var labels = [UInt8](repeating: 0, count: room)
    var result = dn_text_result()
    let pixels = [UInt8](unsafeUninitializedCapacity: room * layout.pixel_count) { buffer, initialized in
      result = dn_read_digit_text(text, text.count, &layout, buffer.baseAddress, &labels, room)
      initialized = result.row_count * layout.pixel_count
    }
    guard result.status == DN_TEXT_OK else {
      throw FileError(path, Self.fault(of: result, layout: layout))
    }
    guard result.row_count > 0 else { throw FileError(path, "holds no digits") }
    labels.removeLast(room - result.row_count)
    self.init(unchecked: height, width: width, pixels: pixels, labels: labels)
  }

  private static func fault(of result: dn_text_result, layout: dn_digit_text_layout) -> String {
    let place = "line \(result.line), column \(result.column)"
    switch result.status {
    case DN_TEXT_NOT_A_NUMBER: return "\(place): not a number"
    case DN_TEXT_NOT_FINITE: return "\(place): not a finite number (NaN or infinity)"
    case DN_TEXT_PIXEL_OUT_OF_RANGE:
      return "\(place): pixel \(result.value), outside \(layout.paper) ... \(layout.ink)"
    case DN_TEXT_LABEL_OUT_OF_RANGE: return "\(place): label \(result.value), not a digit 0 to 9"
    case DN_TEXT_TOO_FEW_NUMBERS:
      return "line \(result.line): ends after \(result.column - 1) of \(layout.pixel_count + 1) numbers"
    default: return "line \(result.line): goes on after the \(layout.pixel_count + 1) numbers of a digit"
    }
  }
}
