import Descent
import DescentFiles
import Foundation

extension ZIPReader {
  private static let format = "descent-zip-reader-3"

  /// Writes network, threshold and origin into one safetensors file, atomically.
  ///
  /// - Throws: where the file cannot be written; an earlier one is untouched then.
  public func save(to path: String) throws {
    let metadata = [
      "format": Self.format, "threshold": String(rule.threshold), "branches": String(network.branches.count),
      "filters": String(filters), "origin": origin,
    ]
    try Safetensors.write(try namedTensors(of: network), metadata: metadata, to: path)
  }

  /// Reads a reader that `save(to:)` wrote.
  ///
  /// - Throws: one line that names the file and its fault.
  public init(readingFrom path: String) throws {
    func fault(_ text: String) -> FileError { FileError(path, text) }
    let (tensors, metadata) = try Safetensors.read(path)
    guard metadata["format"] == Self.format else {
      throw fault("is a safetensors file, but not a reader that 'descent zip train' wrote")
    }
    guard let branches = metadata["branches"].flatMap({ Int($0) }), ReaderRecipe.possibleRounds.contains(branches),
      let filters = metadata["filters"].flatMap({ Int($0) }), (1...1024).contains(filters),
      let threshold = metadata["threshold"].flatMap({ Double($0) }), (0...2).contains(threshold)
    else { throw fault("its settings cannot be read") }
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) where tensor.elementType == .float32 {
      guard try tensor.floats().allSatisfy(\.isFinite) else { throw fault("the tensor \(name) holds NaN or infinity") }
    }
    let network = try replacingTensors(
      of: ReaderNetwork(branches: branches, filters: filters), with: tensors, from: path)
    // The network is only recorded here, which tells whether its tensors fit together.
    do { _ = try network.initialized(for: Tensor(zeros: [1, LineImage.height, LineImage.width, 1])) } catch {
      throw fault("its tensors do not fit together: \(error)")
    }
    self.init(network: network, rule: ReadingRule(threshold: threshold), origin: metadata["origin"] ?? "")
  }

  private var filters: Int { network.branches.first?.edges.convolution.filters.count ?? 0 }
}
