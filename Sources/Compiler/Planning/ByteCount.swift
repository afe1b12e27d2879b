import Foundation
import Logging

/// Numbers of bytes that a user sets.
package enum ByteCount {
  /// The bytes that an environment variable names, such as `1500000`, `256K`, `64M` or `2G`; `nil` where it is not set, and
  /// where it is not a number of bytes, which is logged.
  package static func set(by variable: String) -> Int? {
    guard let text = ProcessInfo.processInfo.environment[variable], !text.isEmpty else { return nil }
    if let bytes = parsed(text) { return bytes }
    Logger(label: "descent").warning(
      "\(variable)=\(text) is not a number of bytes and is ignored; write 1500000, 256K, 64M or 2G")
    return nil
  }

  /// The bytes that a text names, `nil` where it names none or more than can be counted.
  static func parsed(_ text: String) -> Int? {
    let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
    let unit = text.uppercased().last.flatMap { units[$0] }
    guard let number = Int(unit == nil ? text : String(text.dropLast())), number >= 0 else { return nil }
    let (bytes, isTooLarge) = number.multipliedReportingOverflow(by: unit ?? 1)
    return isTooLarge ? nil : bytes
  }
}
