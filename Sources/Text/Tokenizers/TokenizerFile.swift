import DescentData
import DescentFiles
import DescentTensors
import Foundation

/// Tokenizers as files: those of this library, and `tokenizer.json` of Hugging Face's.
public enum TokenizerFile {
  /// Reads a tokenizer.
  ///
  /// - Throws: `FileError` where there is no file, or it holds no tokenizer of a kind that is known.
  public static func read(_ path: String) throws -> any Tokenizer {
    if FileSystem.kind(at: path) == nil { throw FileError(path, "no such file; a language model needs its tokenizer") }
    let bytes = try FileContents.read(path)
    struct Kind: Decodable { var kind: String? }
    // The vocabulary of subwords is read by a reader that knows texts apart that look alike.
    guard let kind = try? JSONDecoder().decode(Kind.self, from: Data(bytes)).kind else {
      return try SubwordTokenizer(file: bytes, path: path)
    }
    do {
      switch kind {
      case CharacterTokenizer.kind: return try JSONDecoder().decode(CharacterTokenizer.self, from: Data(bytes))
      case ByteTokenizer.kind: return ByteTokenizer()
      default: throw FileError(path, "holds a tokenizer of the kind '\(kind)', which is not known")
      }
    } catch let error as DecodingError {
      throw FileError(path, "holds no tokenizer: \(error.reason)")
    }
  }

  /// Writes a tokenizer.
  ///
  /// - Throws: `FileError` where the file cannot be written; `TextError` where the tokenizer is not `Encodable`.
  public static func write(_ tokenizer: any Tokenizer, to path: String) throws {
    if let tokenizer = tokenizer as? SubwordTokenizer { return try tokenizer.save(to: path) }
    guard let coded = tokenizer as? any Encodable else {
      throw TextError("\(type(of: tokenizer))", "is not Encodable, so that it cannot be written")
    }
    try FileContents.write([UInt8](encoder.encode(coded)), to: path)
  }

  static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return encoder
  }
}
