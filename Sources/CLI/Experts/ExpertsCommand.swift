import ArgumentParser
import Descent

/// Plans, pages and compares models with mixtures of experts.
struct ExpertsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "experts", abstract: "Mixtures of experts: what they take, from a file, and in equal use or not.",
    subcommands: [ExpertsPlan.self, ExpertsDemo.self, ExpertsCompare.self, ExpertsSpeed.self])
}

/// A kind of model with mixtures of experts.
enum ExpertModelKind: String, ExpressibleByArgument, CaseIterable {
  case lstm = "moe-lstm"
  case transformer = "moe-transformer"
}

/// An optimizer by its name.
enum ExpertOptimizer: String, ExpressibleByArgument, CaseIterable {
  case adam, adafactor, momentum, sgd

  var made: any Optimizer {
    switch self {
    case .adam: Adam()
    case .adafactor: Adafactor()
    case .momentum: SGD(learningRate: 0.1, momentum: 0.9)
    case .sgd: SGD(learningRate: 0.1)
    }
  }
}

/// Numbers and sizes as the experts' commands print them.
enum ExpertText {
  /// Bytes in units of a thousand.
  static func bytes(_ count: Int) -> String {
    let units = ["B", "kB", "MB", "GB", "TB", "PB"]
    var (value, unit) = (Double(count), 0)
    while value >= 1_000, unit < units.count - 1 { (value, unit) = (value / 1_000, unit + 1) }
    return unit == 0 ? "\(count) B" : fixed(value, value < 10 ? 2 : value < 100 ? 1 : 0) + " " + units[unit]
  }

  static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return "\(value)" }
    var text = "\((value * pow10(digits)).rounded() / pow10(digits))"
    if digits == 0 { return String(text.prefix { $0 != "." }) }
    let places = text.split(separator: ".").last?.count ?? 0
    text += String(repeating: "0", count: max(0, digits - places))
    return text
  }

  private static func pow10(_ digits: Int) -> Double { (0..<digits).reduce(1) { value, _ in value * 10 } }

  /// Rows of cells under each other, the first column to the left and the others to the right.
  static func table(_ rows: [[String]]) -> String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }.joined(separator: "  ").trimmedAtEnd
    }.joined(separator: "\n")
  }

  /// Bytes from a text such as 80GB, 512MiB or 1e9.
  static func byteCount(_ text: String) -> Int? {
    let units: [(String, Double)] = [
      ("kib", 1_024), ("mib", 1_048_576), ("gib", 1_073_741_824), ("tib", 1_099_511_627_776), ("kb", 1e3), ("mb", 1e6),
      ("gb", 1e9),
      ("tb", 1e12), ("b", 1),
    ]
    let lower = text.lowercased()
    let unit = units.first { lower.hasSuffix($0.0) }
    let number = lower.dropLast(unit?.0.count ?? 0)
    guard let value = Double(number), value >= 1, value * (unit?.1 ?? 1) < 1e18 else { return nil }
    return Int(value * (unit?.1 ?? 1))
  }
}

extension String {
  /// The text without spaces at its end.
  fileprivate var trimmedAtEnd: String {
    var rest = self[...]
    while rest.last == " " { rest.removeLast() }
    return String(rest)
  }
}
