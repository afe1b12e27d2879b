/// A set of characters: by their general categories, white space, and ranges.
struct ScalarClass: Sendable, Hashable {
  /// A bit for each general category, in the order of `bit(_:)`.
  var categories: UInt32 = 0
  /// The same for categories whose characters all others are, such as those of `\S` within brackets.
  var isSpace = false
  var isNotSpace = false
  /// Further sets that belong to it, such as `\P{L}` within brackets.
  var ranges: [ClosedRange<UInt32>] = []
  /// A bit for each category of which what lies outside belongs to it.
  var otherCategories: [UInt32] = []
  var isNegated = false

  /// Which ASCII characters belong to it.
  var ascii: ASCIISet {
    var set = ASCIISet()
    for value in UInt32(0)..<128 where contains(value) { set.insert(value) }
    return set
  }

  /// Whether it has a character.
  func contains(_ value: UInt32) -> Bool {
    guard let scalar = Unicode.Scalar(value) else { return false }
    var isInside = false
    if isSpace || isNotSpace {
      let space = scalar.properties.isWhitespace
      isInside = isSpace && space || isNotSpace && !space
    }
    if !isInside, categories != 0 || !otherCategories.isEmpty {
      let bit = Self.bit(scalar.properties.generalCategory)
      isInside = categories & bit != 0 || otherCategories.contains { $0 & bit == 0 }
    }
    if !isInside { isInside = ranges.contains { $0.contains(value) } }
    return isInside != isNegated
  }

  static func bit(_ category: Unicode.GeneralCategory) -> UInt32 {
    switch category {
    case .uppercaseLetter: 1
    case .lowercaseLetter: 1 << 1
    case .titlecaseLetter: 1 << 2
    case .modifierLetter: 1 << 3
    case .otherLetter: 1 << 4
    case .nonspacingMark: 1 << 5
    case .spacingMark: 1 << 6
    case .enclosingMark: 1 << 7
    case .decimalNumber: 1 << 8
    case .letterNumber: 1 << 9
    case .otherNumber: 1 << 10
    case .connectorPunctuation: 1 << 11
    case .dashPunctuation: 1 << 12
    case .openPunctuation: 1 << 13
    case .closePunctuation: 1 << 14
    case .initialPunctuation: 1 << 15
    case .finalPunctuation: 1 << 16
    case .otherPunctuation: 1 << 17
    case .mathSymbol: 1 << 18
    case .currencySymbol: 1 << 19
    case .modifierSymbol: 1 << 20
    case .otherSymbol: 1 << 21
    case .spaceSeparator: 1 << 22
    case .lineSeparator: 1 << 23
    case .paragraphSeparator: 1 << 24
    case .control: 1 << 25
    case .format: 1 << 26
    case .surrogate: 1 << 27
    case .privateUse: 1 << 28
    case .unassigned: 1 << 29
    @unknown default: 1 << 29
    }
  }

  /// The categories that a name such as `L` or `Lu` stands for.
  static let named: [String: UInt32] = [
    "L": 0x1F, "Letter": 0x1F, "Lu": 1, "Ll": 1 << 1, "Lt": 1 << 2, "Lm": 1 << 3, "Lo": 1 << 4,
    "M": 0xE0, "Mn": 1 << 5, "Mc": 1 << 6, "Me": 1 << 7,
    "N": 0x700, "Nd": 1 << 8, "Nl": 1 << 9, "No": 1 << 10,
    "P": 0x3F800, "Pc": 1 << 11, "Pd": 1 << 12, "Ps": 1 << 13, "Pe": 1 << 14, "Pi": 1 << 15, "Pf": 1 << 16,
    "Po": 1 << 17,
    "S": 0x3C0000, "Sm": 1 << 18, "Sc": 1 << 19, "Sk": 1 << 20, "So": 1 << 21,
    "Z": 0x1C0_0000, "Zs": 1 << 22, "Zl": 1 << 23, "Zp": 1 << 24,
    "C": 0x3E00_0000, "Cc": 1 << 25, "Cf": 1 << 26, "Cs": 1 << 27, "Co": 1 << 28, "Cn": 1 << 29,
  ]

  /// What `\w` stands for: letters, marks, numbers and connectors.
  static let word: UInt32 = 0x1F | 0xE0 | 0x700 | 1 << 11
}

/// A set of ASCII characters as bits: most of a text needs nothing else.
struct ASCIISet: Sendable, Hashable {
  private var low: UInt64 = 0
  private var high: UInt64 = 0

  mutating func insert(_ value: UInt32) {
    if value < 64 { low |= 1 << UInt64(value) } else { high |= 1 << UInt64(value & 63) }
  }

  /// Whether it has one of the characters below 128.
  @inline(__always) func contains(_ value: UInt8) -> Bool {
    (value < 64 ? low : high) >> UInt64(value & 63) & 1 == 1
  }
}
