import Foundation

/// The ZIP codes that exist.
public struct ZIPCodeList: Sendable {
  /// The codes in ascending order, as numbers 0 … 99,999.
  public let codes: [Int]

  private let isValid: [Bool]

  /// A list of codes; numbers outside 0 … 99,999 are left out.
  ///
  /// - Complexity: O(*n* log *n*).
  public init(_ codes: some Sequence<Int>) {
    var isValid = [Bool](repeating: false, count: 100_000)
    for code in codes where code >= 0 && code < 100_000 { isValid[code] = true }
    self.isValid = isValid
    self.codes = isValid.indices.filter { isValid[$0] }
  }

  /// How many codes there are.
  public var count: Int { codes.count }

  /// Whether five digits are a code of the list.
  ///
  /// - Complexity: O(1).
  public func contains(_ digits: [UInt8]) -> Bool {
    digits.count == 5 && allows(prefix: digits)
  }

  /// Whether a code of the list begins with some digits.
  ///
  /// - Complexity: O(log *n*).
  func allows(prefix: [UInt8]) -> Bool {
    guard prefix.count <= 5, prefix.allSatisfy({ $0 <= 9 }) else { return false }
    let number = prefix.reduce(0) { $0 * 10 + Int($1) }
    if prefix.count == 5 { return isValid[number] }
    let unit = [100_000, 10_000, 1_000, 100, 10][prefix.count]
    let place = codes.partitioningPoint { $0 >= number * unit }
    return place < codes.count && codes[place] < (number + 1) * unit
  }

  func randomCode(_ random: inout RandomStream) -> [UInt8]? {
    guard !codes.isEmpty else { return nil }
    let code = codes[random.integer(below: codes.count)]
    return [10_000, 1_000, 100, 10, 1].map { UInt8(code / $0 % 10) }
  }
}

extension Array {
  /// The first index whose element satisfies a predicate that holds for all elements after it as well.
  fileprivate func partitioningPoint(_ predicate: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if predicate(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
