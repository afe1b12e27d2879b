import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors
import Foundation
import Synchronization
import Testing

@testable import DescentData
@testable import DescentTraining

/// A straight line in Float64, as plain tensors.
struct Line: Codable, Sendable {
  var weight = Tensor([[0.5], [-0.3], [0.1]], .float64)
  var bias = Tensor([0.2], .float64)

  func callAsFunction(_ x: Tensor) -> Tensor { matmul(x, weight) + bias }
}

/// Everything that training has to keep: parameters, running statistics, random numbers.
struct SmallNetwork: Layer {
  var hidden = Dense(units: 8)
  var normalization = BatchNorm()
  var dropout = Dropout(rate: 0.25)
  var output = Dense(units: 3)

  func callAsFunction(_ x: Tensor) -> Tensor { output(dropout(tanh(normalization(hidden(x))))) }
}

/// Numbers that look random and are the same every time, between −1 and 1.
func sample(_ shape: Shape, seed: Int = 1, _ elementType: ElementType = .float64) -> Tensor {
  Tensor((0..<shape.count).map { sin(Double($0 * 7 + seed * 13) * 1.7 + 0.3) }, shape: shape, elementType)
}

/// Points of four coordinates in three classes.
func points(_ count: Int, seed: Int = 1) throws -> Examples {
  try Examples(
    inputs: sample([count, 4], seed: seed, .float32),
    targets: Tensor(integers: (0..<count).map { ($0 * 5 + seed) % 3 }))
}

func smallTrainer(
  seed: UInt64 = 1, _ optimizer: some Optimizer = Adam(learningRate: 1e-2), metrics: [Metric] = [.accuracy]
) throws -> Trainer<SmallNetwork, Batch> {
  try Trainer(SmallNetwork(), loss: softmaxCrossEntropy, optimizer: optimizer, metrics: metrics, seed: seed)
}

/// The elements of all tensors of a model, by path.
func values(_ model: some Encodable) throws -> [String: [Double]] {
  try namedTensors(of: model).mapValues { try $0.scalars() }
}

func expectClose(
  _ found: [String: [Double]], _ wanted: [String: [Double]], within tolerance: Double = 1e-12,
  location: SourceLocation = #_sourceLocation
) {
  #expect(found.keys.sorted() == wanted.keys.sorted(), sourceLocation: location)
  for (name, numbers) in found {
    for (a, b) in zip(numbers, wanted[name] ?? []) {
      #expect(abs(a - b) <= tolerance * max(1, abs(b)), "\(name): \(a) is not \(b)", sourceLocation: location)
    }
  }
}

/// Something that several threads may write.
final class Shared<Value: Sendable>: Sendable {
  private let storage: Mutex<Value>
  init(_ value: Value) { storage = Mutex(value) }
  var value: Value { storage.withLock { $0 } }
  func change(_ body: @Sendable (inout Value) -> Void) { storage.withLock { body(&$0) } }
}
