import DescentFiles
import DescentGraph
import DescentTensors

/// How one vector becomes of the vectors of a sentence's tokens.
public enum SentencePooling: String, Sendable, Hashable, Codable, CaseIterable {
  /// The mean of all tokens' vectors.
  case mean = "mean"
  /// The vector of the first token, such as `[CLS]`.
  case first = "cls"
  /// The largest number of all tokens, feature by feature.
  case maximum = "max"
  /// The sum of all tokens' vectors, divided by the root of their number.
  case rootMean = "mean_sqrt_len_tokens"

  /// One vector for each sentence.
  ///
  /// - Parameters:
  ///   - hidden: The vectors of the tokens, `[batch, length, features]`.
  ///   - padding: `[batch, length]`, booleans that hold where there is a token.
  /// - Returns: `[batch, features]`, of 16 bits added up in Float32.
  func callAsFunction(_ hidden: Tensor, padding: Tensor) -> Tensor {
    if let failed = [hidden, padding].first(where: { $0.error != nil }) { return failed }
    let type = hidden.elementType.accumulator
    let wide = hidden.converted(to: type)
    let present = padding.expanded(axis: -1)
    switch self {
    case .first: return hidden[.all, 0]
    case .maximum:
      return `where`(present, wide, -.infinity).max(axes: [1]).converted(to: hidden.elementType)
    case .mean, .rootMean:
      let sum = `where`(present, wide, 0).sum(axes: [1])
      let count = present.converted(to: type).sum(axes: [1]).clamped(1, .infinity)
      return (sum / (self == .mean ? count : sqrt(count))).converted(to: hidden.elementType)
    }
  }
}

extension SentencePooling {
  /// What the configuration of sentence-transformers' pooling says, in its older form, a flag for each way, or its newer one.
  ///
  /// - Throws: `FileError` where it asks for a way that is not known here, or for none.
  static func reading(_ path: String) throws -> [SentencePooling] {
    let settings = try SettingsFile(path)
    let older = [
      "cls_token": "cls", "max_tokens": "max", "mean_tokens": "mean", "mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
      "weightedmean_tokens": "weightedmean", "lasttoken": "lasttoken",
    ]
    // In the order in which that library joins several.
    let order = ["cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"]
    let flags = try older.filter { try settings.flag("pooling_mode_\($0.key)", or: false) }.map(\.value)
    let named = try settings.list("pooling_mode")
    let names = named ?? order.filter(flags.contains)
    guard !names.isEmpty else { throw FileError(path, "does not say how a sentence's tokens become one vector") }
    return try names.map { name in
      guard let pooling = SentencePooling(rawValue: name) else {
        let known = allCases.map(\.rawValue).joined(separator: ", ")
        throw FileError(path, "asks for the pooling \(name), which is not known here; known are \(known)")
      }
      return pooling
    }
  }
}
