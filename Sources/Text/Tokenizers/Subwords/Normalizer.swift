import DescentTensors
import Foundation

/// What changes a text before it is divided.
enum Normalizer: Sendable {
  case canonicallyComposed, canonicallyDecomposed, composed, decomposed
  case lowercased, accentsStripped
  case stripped(left: Bool, right: Bool)
  case replaced(TextPattern, String)
  case prepended(String)
  case bert(cleans: Bool, spacesChinese: Bool, stripsAccents: Bool, lowercases: Bool)

  /// The normalizers of a tokenizer's file, in their order.
  static func all(_ value: JSONValue?) throws -> [Normalizer] {
    try JSONValue.parts(value, in: "normalizers").map { part in
      switch part.type {
      case "NFC": return .canonicallyComposed
      case "NFD": return .canonicallyDecomposed
      case "NFKC": return .composed
      case "NFKD": return .decomposed
      case "Lowercase": return .lowercased
      case "StripAccents": return .accentsStripped
      case "Strip": return .stripped(left: part["strip_left"]?.bool ?? true, right: part["strip_right"]?.bool ?? true)
      case "Replace": return .replaced(try TextPattern(part["pattern"]), part["content"]?.string ?? "")
      case "Prepend": return .prepended(part["prepend"]?.string ?? "")
      case "BertNormalizer":
        let lowercases = part["lowercase"]?.bool ?? true
        return .bert(
          cleans: part["clean_text"]?.bool ?? true, spacesChinese: part["handle_chinese_chars"]?.bool ?? true,
          stripsAccents: part["strip_accents"]?.bool ?? lowercases, lowercases: lowercases)
      default: throw part.refusal("normalizer")
      }
    }
  }

  func callAsFunction(_ text: String) -> String {
    switch self {
    case .canonicallyComposed: return text.precomposedStringWithCanonicalMapping
    case .canonicallyDecomposed: return text.decomposedStringWithCanonicalMapping
    case .composed: return text.precomposedStringWithCompatibilityMapping
    case .decomposed: return text.decomposedStringWithCompatibilityMapping
    case .lowercased: return Self.lowercased(text)
    case .accentsStripped: return Self.filtered(text) { !Self.isMark($0) }
    case .stripped(let left, let right):
      var scalars = Substring(text).unicodeScalars
      if left { scalars = scalars.drop { $0.properties.isWhitespace } }
      if right { while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() } }
      return String(scalars)
    case .replaced(let pattern, let content): return pattern.replaced(in: text, by: content)
    case .prepended(let content): return text.isEmpty ? text : content + text
    case .bert(let cleans, let spacesChinese, let stripsAccents, let lowercases):
      if let plain = Self.plain(text, cleans: cleans, lowercases: lowercases) { return plain }
      var text = text
      if cleans { text = Self.cleaned(text) }
      if spacesChinese { text = Self.spaced(text) }
      // In this order: what lowercasing decomposes is stripped no more.
      if stripsAccents {
        text = Self.filtered(text.decomposedStringWithCanonicalMapping) {
          $0.properties.generalCategory != .nonspacingMark
        }
      }
      return lowercases ? Self.lowercased(text) : text
    }
  }

  /// What BERT's normalizer makes of ASCII text, which is most of what there is; `nil` for other text.
  private static func plain(_ text: String, cleans: Bool, lowercases: Bool) -> String? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      switch byte {
      case 0x80...: return nil
      case 0x09, 0x0A, 0x0D: bytes.append(cleans ? 0x20 : byte)
      case 0x00..<0x20, 0x7F: if !cleans { bytes.append(byte) }
      case 0x41...0x5A: bytes.append(lowercases ? byte + 0x20 : byte)
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func filtered(_ text: String, _ isKept: (Unicode.Scalar) -> Bool) -> String {
    var result = ""
    result.unicodeScalars.append(contentsOf: text.unicodeScalars.lazy.filter(isKept))
    return result
  }

  /// Each character by itself: a sigma at the end of a word is lowercased like others.
  private static func lowercased(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars { result += scalar.properties.lowercaseMapping }
    return result
  }

  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: true
    default: false
    }
  }

  /// Without control characters, and with plain spaces.
  private static func cleaned(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\t", "\n", "\r": result.unicodeScalars.append(" ")
      case "\0", "\u{FFFD}": continue
      default:
        switch scalar.properties.generalCategory {
        case .control, .format, .privateUse, .unassigned, .surrogate: continue
        default: result.unicodeScalars.append(scalar.properties.isWhitespace ? " " : scalar)
        }
      }
    }
    return result
  }

  /// With a space on both sides of each Chinese character.
  private static func spaced(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F, 0x2B920...0x2CEAF,
        0xF900...0xFAFF, 0x2F800...0x2FA1F:
        result += " \(scalar) "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
