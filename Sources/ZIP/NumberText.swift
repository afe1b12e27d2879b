import Foundation

/// A number with at most `places` decimals and none that are superfluous: 0.15, 2, 0.0004.
func shortDecimal(_ value: Double, places: Int = 4) -> String {
  var text = String(format: "%.\(places)f", value)
  guard text.contains(".") else { return text }
  while text.hasSuffix("0") { text.removeLast() }
  if text.hasSuffix(".") { text.removeLast() }
  return text
}

/// A share in per cent with two significant digits: 0.15 %, 12 %, 0.000031 %.
func percent(_ share: Double) -> String {
  let value = share * 100
  guard value > 0, value.isFinite else { return value == 0 ? "0 %" : "\(value) %" }
  let places = min(max(1 - Int(log10(value).rounded(.down)), 0), 12)
  return shortDecimal(value, places: places) + " %"
}
