/// A token for each byte of a text's UTF-8: 256 of them, and every text has tokens.
public struct ByteTokenizer: Tokenizer, Codable, Hashable {
  /// Makes a tokenizer; there is only one.
  public init() {}

  public var vocabularySize: Int { 256 }

  public func encode(_ text: String) -> [Int] { text.utf8.map { Int($0) } }

  public func bytes(of token: Int, isFirst: Bool) throws -> [UInt8] {
    try check(token)
    return [UInt8(token)]
  }
}

extension ByteTokenizer {
  private enum CodingKeys: String, CodingKey { case kind }
  static let kind = "bytes"

  public init(from decoder: any Decoder) throws {}

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.kind, forKey: .kind)
  }
}
