import Foundation

/// A number that an axis marks.
struct Tick: Sendable {
  let value: Double
  /// What is written; nothing for a mark between those that are labelled.
  let label: String
}

extension Scale {
  /// Round numbers between the ends.
  ///
  /// - Parameters:
  ///   - most: How many labels there may be.
  ///   - fits: Whether the labels, each with its share of the length, find room beside each other.
  func ticks(most: Int, format: Chart.Axis.Format, fits: ([Tick]) -> Bool) -> [Tick] {
    var count = max(most, 2)
    while true {
      let ticks = isLogarithmic ? logarithmicTicks(count, format) : linearTicks(count, format)
      if count <= 1 || fits(ticks.filter { !$0.label.isEmpty }) { return ticks }
      count -= 1
    }
  }

  /// Multiples of 1, 2 or 5 times a power of ten.
  private func linearTicks(_ most: Int, _ format: Chart.Axis.Format) -> [Tick] {
    let step = Self.roundStep(atLeast: (high - low) / Double(most))
    guard step > 0, step.isFinite else { return [] }
    let first = (low / step - 1e-9).rounded(.up)
    let last = (high / step + 1e-9).rounded(.down)
    guard first.isFinite, last.isFinite, last - first < 1000 else { return [] }
    let values = stride(from: first, through: last, by: 1).map { $0 * step }
    let labels = TickText(values, step: step, format: format)
    return values.map { Tick(value: $0, label: labels.text($0)) }
  }

  static func roundStep(atLeast rough: Double) -> Double {
    guard rough > 0, rough.isFinite else { return 0 }
    let power = pow(10, log10(rough).rounded(.down))
    let share = rough / power
    // A step that fits but for rounding is taken.
    let factors: [Double] = [1, 2, 5, 10]
    return (factors.first { share <= $0 * (1 + 1e-9) } ?? 10) * power
  }

  /// Powers of ten; where there are few, with multiples between them; where there is none, as on a linear axis.
  private func logarithmicTicks(_ most: Int, _ format: Chart.Axis.Format) -> [Tick] {
    let (first, last) = (Int((log10(low) - 1e-9).rounded(.up)), Int((log10(high) + 1e-9).rounded(.down)))
    let decades = max(last - first + 1, 0)
    guard decades >= 1, log10(high) - log10(low) >= 1 else {
      return linearTicks(most, format).filter { $0.value > 0 }
    }
    let step = max((decades + most - 1) / most, 1)
    let isPlain = first >= -4 && last <= 5
    let labelledMultiples: [Int] = decades * 3 <= most ? [1, 2, 5] : [1]
    var ticks: [Tick] = []
    for exponent in (first - 1)...(last + 1) {
      let power = pow(10, Double(exponent))
      if exponent.quotientAndRemainder(dividingBy: step).remainder == 0 || step == 1 {
        for multiple in step == 1 ? 1...9 : 1...1 {
          let value = Double(multiple) * power
          guard value >= low * (1 - 1e-9), value <= high * (1 + 1e-9) else { continue }
          let isLabelled = labelledMultiples.contains(multiple)
          ticks.append(Tick(value: value, label: isLabelled ? Self.label(multiple, exponent, isPlain, format) : ""))
        }
      }
    }
    return ticks
  }

  private static func label(_ multiple: Int, _ exponent: Int, _ isPlain: Bool, _ format: Chart.Axis.Format) -> String {
    let value = Double(multiple) * pow(10, Double(exponent))
    switch format {
    case .percent: return NumberText.fixed(value * 100, decimals: max(-exponent - 2, 0)) + " %"
    case .number where isPlain: return NumberText.fixed(value, decimals: max(-exponent, 0), groupsFourDigits: true)
    case .number: return (multiple == 1 ? "" : "\(multiple)·") + NumberText.power(exponent)
    }
  }
}

/// How the labels of an axis are written, all in one form.
private struct TickText {
  private let decimals: Int
  private let exponent: Int?
  private let groupsFourDigits: Bool
  private let format: Chart.Axis.Format

  init(_ values: [Double], step: Double, format: Chart.Axis.Format) {
    self.format = format
    let largest = values.map(abs).max() ?? 0
    let shown = format == .percent ? step * 100 : step
    let places = -Int((log10(shown) + 1e-9).rounded(.down))
    let size = largest > 0 ? Int((log10(largest) + 1e-9).rounded(.down)) : 0
    groupsFourDigits = size >= 4
    if format == .number, size >= 7 || size <= -5 {
      exponent = size
      decimals = max(places + size, 0)
    } else {
      exponent = nil
      decimals = max(places, 0)
    }
  }

  func text(_ value: Double) -> String {
    if format == .percent { return NumberText.fixed(value * 100, decimals: decimals) + " %" }
    guard let exponent else { return NumberText.fixed(value, decimals: decimals, groupsFourDigits: groupsFourDigits) }
    guard value != 0 else { return "0" }
    return NumberText.fixed(value / pow(10, Double(exponent)), decimals: decimals) + "·" + NumberText.power(exponent)
  }
}
