import DescentFiles
import Foundation

/// Files with a JSON text on each line, one for each example.
///
/// ```swift
/// struct Caption: Codable {
///   var index: Int
///   var caption: String
/// }
/// let captions = try JSONLines.read("captions.jsonl", as: Caption.self)
/// ```
///
/// Source: https://jsonlines.org.
public enum JSONLines {
  /// Reads a value from each line of a file, plain or gzip. Blank lines are passed over.
  ///
  /// - Parameters:
  ///   - path: The file, in UTF-8.
  ///   - type: What a line is read as.
  ///   - limit: The most bytes the file may hold once decompressed.
  /// - Throws: `FileError` where the file cannot be read, or a line is not JSON or not such a value; it names the line and,
  ///   within it, the place by its names.
  public static func read<Value: Decodable>(
    _ path: String, as type: Value.Type = Value.self, limit: Int = 1 << 30
  ) throws -> [Value] {
    try read(file: FileContents.read(path, limit: limit), as: type, path: path)
  }

  /// Reads a value from each line of the bytes of a file.
  ///
  /// - Parameters:
  ///   - file: The whole file.
  ///   - type: What a line is read as.
  ///   - path: The name that errors give it.
  /// - Throws: `FileError`.
  public static func read<Value: Decodable>(
    file: [UInt8], as type: Value.Type = Value.self, path: String
  ) throws -> [Value] {
    let decoder = JSONDecoder()
    var values: [Value] = []
    for line in ByteLines(file: file) where !line.isBlank {
      values.append(try value(of: line, as: type, path, decoder))
    }
    return values
  }

  /// The value on a line.
  static func value<Value: Decodable>(
    of line: ByteLines.Line, as type: Value.Type, _ path: String, _ decoder: JSONDecoder = JSONDecoder()
  ) throws -> Value {
    do { return try decoder.decode(type, from: Data(line.bytes)) } catch let error as DecodingError {
      throw FileError(path, "line \(line.number): \(fault(of: error))")
    }
  }

  /// Writes a line for each value, in one step. The names of an object are sorted, so that the same values give the same
  /// bytes.
  ///
  /// - Throws: `FileError` where a value cannot be written as JSON, such as a number that is not finite, or the file cannot
  ///   be written, an earlier one being left as it was.
  public static func write<Value: Encodable>(_ values: some Sequence<Value>, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var bytes: [UInt8] = []
    for (place, value) in values.enumerated() {
      do { bytes += try encoder.encode(value) } catch let error as EncodingError {
        throw FileError(path, "value \(place) cannot be written: \(Self.fault(of: error))")
      }
      bytes.append(0x0A)
    }
    try FileContents.write(bytes, to: path)
  }

  /// What is wrong, and where in the value.
  static func fault(of error: DecodingError) -> String {
    switch error {
    case .typeMismatch(let type, let context): fault(context.codingPath, "is no \(type)")
    case .valueNotFound(let type, let context): fault(context.codingPath, "is missing, where \(type) is needed")
    case .keyNotFound(let key, let context): fault(context.codingPath + [key], "is missing")
    case .dataCorrupted(let context): fault(context.codingPath, context.debugDescription)
    @unknown default: "\(error)"
    }
  }

  private static func fault(of error: EncodingError) -> String {
    guard case .invalidValue(_, let context) = error else { return "\(error)" }
    return fault(context.codingPath, context.debugDescription)
  }

  private static func fault(_ path: [any CodingKey], _ text: String) -> String {
    let place = path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    return place.isEmpty ? text : "\(place): \(text)"
  }
}

extension ByteLines.Line {
  /// Whether there is nothing but space on the line.
  var isBlank: Bool { bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } }
}
