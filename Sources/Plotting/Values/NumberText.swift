import Foundation

/// Numbers as charts write them.
package enum NumberText {
  /// A number with a fixed count of decimals, thousands apart and a true minus sign: −12,500.25.
  package static func fixed(_ value: Double, decimals: Int, groupsFourDigits: Bool = false) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "−∞" : "∞" }
    let digits = String(format: "%.\(min(max(decimals, 0), 17))f", abs(value))
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    var whole = Array(parts[0])
    // Four digits are read without help where they stand alone.
    if whole.count > (groupsFourDigits ? 3 : 4) {
      for place in stride(from: whole.count - 3, to: 0, by: -3) { whole.insert(",", at: place) }
    }
    let isZero = !digits.contains { $0 != "0" && $0 != "." }
    return (value < 0 && !isZero ? "−" : "") + String(whole) + (parts.count > 1 ? "." + parts[1] : "")
  }

  /// A number with so many significant digits and no superfluous zeros: 0.153, 1,250, 3.2·10⁻⁷.
  package static func short(_ value: Double, digits: Int = 4) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : fixed(value, decimals: 0) }
    let exponent = Int(log10(abs(value)).rounded(.down))
    guard (-4...6).contains(exponent) else {
      let mantissa = value / pow(10, Double(exponent))
      // Tiny numbers have no power of ten to be divided by.
      guard mantissa.isFinite else { return String(format: "%.\(digits - 1)e", value) }
      let text = trimmed(fixed(mantissa, decimals: digits - 1))
      return text + "·" + power(exponent)
    }
    return trimmed(fixed(value, decimals: max(digits - 1 - exponent, 0)))
  }

  /// A power of ten: 10⁻³.
  package static func power(_ exponent: Int) -> String {
    let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    return "10" + (exponent < 0 ? "⁻" : "")
      + String(String(exponent.magnitude).compactMap { $0.wholeNumberValue }.map { digits[$0] })
  }

  /// Without the zeros at the end of decimals.
  static func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var text = text
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
}
