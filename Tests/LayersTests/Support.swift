import DescentGraph
import DescentLayers
import DescentTensors
import Foundation
import Testing

/// A Float64 tensor of numbers that look random and are the same every time, between −1 and 1.
func sample(_ shape: Shape, seed: Int = 1) -> Tensor {
  Tensor((0..<shape.count).map { sin(Double($0 * 7 + seed * 13) * 1.7 + 0.3) }, shape: shape, .float64)
}

func expectClose(
  _ found: [Double], _ wanted: [Double], within tolerance: Double = 1e-9, location: SourceLocation = #_sourceLocation
) {
  #expect(found.count == wanted.count, sourceLocation: location)
  for (a, b) in zip(found, wanted) {
    #expect(abs(a - b) <= tolerance * max(1, abs(b)), "\(found) is not \(wanted)", sourceLocation: location)
  }
}

/// What reading a tensor throws, as text.
func fault(of tensor: Tensor) -> String {
  do {
    _ = try tensor.scalars()
    return "no error"
  } catch { return "\(error)" }
}

/// Compares the gradient of a function of a Float64 model with central differences along random directions.
func expectGradient<Model: Codable>(
  of model: Model, location: SourceLocation = #_sourceLocation, _ function: (Model) throws -> Tensor
) throws {
  let slope = try namedTensors(of: gradient(at: model) { try function($0) })
  let step = 1e-5
  for direction in 1...3 {
    var expected = 0.0
    var (ahead, behind): ([String: Tensor], [String: Tensor]) = ([:], [:])
    for (index, (name, tensor)) in try namedTensors(of: model).sorted(by: { $0.key < $1.key }).enumerated() {
      let way = sample(tensor.shape, seed: direction * 31 + index)
      ahead[name] = tensor + way * step
      behind[name] = tensor - way * step
      // Running statistics have no gradient: their part of the way must not matter.
      expected += try (slope[name, default: tensor] * way).sum().item()
    }
    let high = try function(replacingTensors(of: model, with: ahead, from: "")).item()
    let low = try function(replacingTensors(of: model, with: behind, from: "")).item()
    let found = (high - low) / (2 * step)
    #expect(abs(found - expected) < 1e-6 * max(1, abs(found)), "\(expected) is not \(found)", sourceLocation: location)
  }
}
