/// One character of a line, as the reader knows it: a digit, or something that is none.
public enum Symbol: Hashable, Sendable {
  /// A digit 0 … 9.
  case digit(UInt8)
  /// A letter, a scribble, a stain: ink that is not a digit.
  case nonDigit

  /// The number of columns of the network's output: ten digits, the non-digit and CTC's blank.
  public static let classCount = 12

  /// The column of CTC's blank ("nothing new here").
  public static let blankClass = 11

  /// The column of this symbol: a digit's value, or 10 for the non-digit.
  public var classIndex: Int {
    switch self {
    case .digit(let value): Int(value)
    case .nonDigit: 10
    }
  }

  /// The symbol of a column; nil for the blank and for numbers that are not a column.
  public init?(classIndex: Int) {
    switch classIndex {
    case 0...9: self = .digit(UInt8(classIndex))
    case 10: self = .nonDigit
    default: return nil
    }
  }

  /// The symbols of a text: digits as themselves, everything else as the non-digit.
  public static func symbols(of text: String) -> [Symbol] {
    text.utf8.map { $0 >= 48 && $0 <= 57 ? .digit($0 - 48) : .nonDigit }
  }
}

extension Sequence where Element == Symbol {
  /// The symbols as text, a non-digit as "✗".
  public var text: String {
    map { symbol in
      switch symbol {
      case .digit(let value): String(value)
      case .nonDigit: "✗"
      }
    }.joined()
  }
}
