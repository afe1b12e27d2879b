extension Int {
  /// The number with its thousands apart, as messages print sizes: 9,912,422.
  package var grouped: String {
    var digits = String(magnitude)
    var at = digits.count - 3
    while at > 0 {
      digits.insert(",", at: digits.index(digits.startIndex, offsetBy: at))
      at -= 3
    }
    return self < 0 ? "-" + digits : digits
  }
}
