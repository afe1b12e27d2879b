import DescentLayers
import DescentTensors
import Testing

@Suite struct BatchNormTests {
  /// A model in which the layer has a path, so that its statistics can be told apart.
  struct Model: Layer {
    var norm = BatchNorm()
    var isTwice = false
    func callAsFunction(_ x: Tensor) -> Tensor { isTwice ? norm(norm(x) * 3.0) : norm(x) }
  }

  @Test func trainsOnTheBatchAndKeepsStatistics() throws {
    let batch = Tensor([[1, 10], [2, 20], [3, 60]], .float64)
    let model = try Model().initialized(for: batch)
    let (after, output) = try training(model, seed: 0) { model in try model(batch).scalars() }
    // Means 2 and 30, variances 2/3 and 1400/3.
    let (a, b) = (1 / (2.0 / 3 + 1e-5).squareRoot(), 1 / (1400.0 / 3 + 1e-5).squareRoot())
    expectClose(output, [-a, -20 * b, 0, -10 * b, a, 30 * b])
    try expectClose(#require(after.norm.mean.tensor).scalars(), [0.2, 3])
    try expectClose(#require(after.norm.variance.tensor).scalars(), [0.9 + 0.1, 0.9 + 70])
    #expect(try after.norm.scale.tensor?.scalars() == [1, 1])
  }

  @Test func inferenceUsesTheStatistics() throws {
    var model = try Model().initialized(for: sample([2, 2]))
    model.norm.mean = Parameter(Tensor([1, 2], .float64), role: .statistic)
    model.norm.variance = Parameter(Tensor([4, 9], .float64), role: .statistic)
    model.norm.scale = Parameter(Tensor([1, 3], .float64))
    model.norm.shift = Parameter(Tensor([0, 5], .float64))
    try expectClose(model(Tensor([[3, 5]], .float64)).scalars(), [1, 8], within: 1e-5)
  }

  @Test func aLayerUsedTwiceUpdatesTwice() throws {
    var model = try Model().initialized(for: sample([4, 1]))
    model.isTwice = true
    let after = try training(model, seed: 0) { model in model(Tensor([[1], [2], [3], [6]], .float64)) }.model
    // The second pass sees a batch of mean 0.
    try expectClose(#require(after.norm.mean.tensor).scalars(), [0.9 * 0.3])
  }

  @Test func halvesAreNormalizedInFloat32() throws {
    let batch = Tensor([[1000], [1001], [1002], [1005]], .float32).converted(to: .bfloat16)
    let model = try Model().initialized(for: batch)
    #expect(model.norm.mean.tensor?.elementType == .float32)
    let output = training(seed: 1) { model(batch) }
    #expect(output.elementType == .bfloat16)
    #expect(try output.scalars().allSatisfy(\.isFinite))
  }

  @Test func refusesWhatHasNoVariance() throws {
    let model = try Model().initialized(for: sample([4, 3]))
    #expect(fault(of: training(seed: 1) { model(sample([1, 3])) }).contains("norm (BatchNorm): needs more than one"))
    #expect(fault(of: model(sample([2, 4]))).contains("was made for 3 channels, found an input [2, 4]"))
    #expect(fault(of: model(sample([4]))).contains("takes an input"))
    #expect(fault(of: BatchNorm(momentum: 2)(sample([2, 2]))).contains("momentum"))
  }
}
