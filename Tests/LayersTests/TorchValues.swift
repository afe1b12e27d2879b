import DescentGraph
import DescentTensors
import Foundation
import Testing

/// What PyTorch 2.15 made of the inputs of the tests, as scripts/layer-values.py wrote it.
struct TorchValues {
  private let results: [String: Tensor]

  static let shared = try? TorchValues()

  private init() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("torch-values.txt")
    var results: [String: Tensor] = [:]
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let sizes = parts[1].split(separator: ",").compactMap { Int($0) }
      let numbers = parts[2].split(separator: " ").compactMap { Double($0) }
      results[String(parts[0])] = Tensor(numbers, shape: Shape(sizes), .float64)
    }
    self.results = results
  }

  /// A stored result.
  static func result(_ name: String) throws -> Tensor {
    try #require(shared?.results[name], "scripts/layer-values.py has nothing for \(name)")
  }
}

/// Compares a tensor with a stored one.
func expectTorch(
  _ found: Tensor?, _ name: String, within tolerance: Double = 1e-9, location: SourceLocation = #_sourceLocation,
  _ arranged: (Tensor) -> Tensor = { $0 }
) throws {
  let wanted = arranged(try TorchValues.result(name))
  let found = try #require(found, "\(name)", sourceLocation: location)
  #expect(found.shape == wanted.shape, "\(name)", sourceLocation: location)
  for (a, b) in try zip(found.scalars(), wanted.scalars()) where !(abs(a - b) <= tolerance * max(1, abs(b))) {
    Issue.record("\(name): \(a) is not \(b)", sourceLocation: location)
    return
  }
}

/// A weighted sum of results, whose gradient scripts/layer-values.py stores.
func weighted(_ results: [Tensor]) -> Tensor {
  var total = Tensor(0, .float64)
  for (index, result) in results.enumerated() { total += (result * sample(result.shape, seed: 50 + index)).sum() }
  return total
}
