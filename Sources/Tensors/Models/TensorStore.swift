import DescentGraph
import Foundation

/// Where tensors of a value go that is written by an ordinary encoder, so that the text holds their numbers and a file of
/// tensors themselves.
package final class TensorStore: Sendable {
  private static let key = CodingUserInfoKey(rawValue: "descent.tensors")
  private let kept: Guarded<[Tensor]>

  private init(_ tensors: [Tensor]) { kept = Guarded(tensors) }

  /// A value as JSON, in which tensors are numbered, and those tensors.
  ///
  /// - Throws: what the value's encoding throws.
  package static func write(_ value: some Encodable) throws -> (text: String, tensors: [Tensor]) {
    let (encoder, store) = (JSONEncoder(), TensorStore([]))
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    if let key { encoder.userInfo[key] = store }
    let text = String(decoding: try encoder.encode(value), as: UTF8.self)
    return (text, store.kept.withLock { $0 })
  }

  /// The value that was written as `text` and tensors.
  ///
  /// - Throws: what the value's decoding throws, `DecodingError` where there is no tensor of a number.
  package static func read<Value: Decodable>(_ type: Value.Type, _ text: String, _ tensors: [Tensor]) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    if let key { decoder.userInfo[key] = TensorStore(tensors) }
    return try decoder.decode(type, from: Data(text.utf8))
  }

  static func of(_ encoder: any Encoder) -> TensorStore? { key.flatMap { encoder.userInfo[$0] as? TensorStore } }
  static func of(_ decoder: any Decoder) -> TensorStore? { key.flatMap { decoder.userInfo[$0] as? TensorStore } }

  /// Keeps a tensor, and gives its number.
  func add(_ tensor: Tensor) -> Int {
    kept.withLock { kept in
      kept.append(tensor)
      return kept.count - 1
    }
  }

  subscript(number: Int) -> Tensor? { kept.withLock { $0.indices.contains(number) ? $0[number] : nil } }
}
