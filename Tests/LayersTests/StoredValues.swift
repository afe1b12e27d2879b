import DescentGraph
import DescentTensors
import Foundation
import Testing

/// What another library made of the inputs of the tests, as a script wrote it.
struct StoredValues {
  private let results: [String: Tensor]

  /// PyTorch 2.15, by scripts/layer-values.py.
  static let torch = try? StoredValues("torch-values.txt")
  /// Keras 3.15, by scripts/keras-values.py.
  static let keras = try? StoredValues("keras-values.txt")

  private init(_ name: String) throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(name)
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
  subscript(name: String) -> Tensor {
    get throws { try #require(results[name], "nothing is stored for \(name)") }
  }
}

/// Compares a tensor with one that PyTorch made.
func expectTorch(
  _ found: Tensor?, _ name: String, within tolerance: Double = 1e-9, location: SourceLocation = #_sourceLocation,
  _ arranged: (Tensor) -> Tensor = { $0 }
) throws {
  try expectStored(
    found, arranged(#require(StoredValues.torch)[name]), name, within: tolerance, location: location)
}

/// Compares a tensor with one that Keras made, which multiplies matrices in Float32 whatever its policy says.
func expectKeras(_ found: Tensor?, _ name: String, location: SourceLocation = #_sourceLocation) throws {
  try expectStored(found, #require(StoredValues.keras)[name], name, within: 1e-6, location: location)
}

private func expectStored(
  _ found: Tensor?, _ wanted: Tensor, _ name: String, within tolerance: Double, location: SourceLocation
) throws {
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
