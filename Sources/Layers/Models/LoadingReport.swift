import DescentFiles
import DescentTensors
import Foundation

/// What a model took from a file, and what was left; see `Model.loading(_:leaving:reporting:)`.
public struct LoadingReport: Sendable, Hashable, CustomStringConvertible {
  /// The file.
  public let file: String
  /// The paths of the parameters that have the file's values now, in the order of the model.
  public let loaded: [String]
  /// The paths of the model's parameters that were left as asked, in the order of the model.
  public let left: [String]
  /// The paths of the model's parameters that the file lacks, in the order of the model.
  public let missing: [String]
  /// The names of the file's tensors that the model lacks, sorted.
  public let extra: [String]

  /// The report in one line: `base.safetensors: 12 tensors loaded; left as asked: head.weight, head.bias`.
  public var description: String {
    func part(_ title: String, _ names: [String]) -> String {
      if names.isEmpty { return "" }
      let more = names.count > 4 ? " and \((names.count - 4).grouped) more" : ""
      return "; \(title): \(names.prefix(4).joined(separator: ", "))\(more)"
    }
    return "\(file): \(loaded.count.grouped) \(loaded.count == 1 ? "tensor" : "tensors") loaded"
      + part("left as asked", left) + part("not in the file", missing) + part("in the file alone", extra)
  }

  /// Writes the report as a note to standard error.
  public static func note(_ report: LoadingReport) {
    // As long as somebody reads it.
    try? FileHandle.standardError.write(contentsOf: Data("note: \(report)\n".utf8))
  }
}
