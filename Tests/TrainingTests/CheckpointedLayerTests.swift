import DescentData
import DescentLayers
import DescentOptimizers
import DescentTensors
import TestSupport
import Testing

@testable import DescentTraining

@Suite struct CheckpointedLayerTests {
  struct Block: Layer {
    var first = Dense(units: 64)
    var normalization = BatchNorm()
    var dropout = Dropout(rate: 0.25)
    var second = Dense(units: 16)
    func callAsFunction(_ x: Tensor) -> Tensor { x + second(dropout(tanh(normalization(first(tanh(x)))))) }
  }

  struct Plain: Layer {
    var blocks = [Block(), Block(), Block(), Block()]
    var output = Dense(units: 3)
    func callAsFunction(_ x: Tensor) -> Tensor { output(blocks.reduce(x) { $1($0) }) }
  }

  struct Frugal: Layer {
    var blocks = Plain().blocks.map { Checkpointed($0) }
    var output = Dense(units: 3)
    func callAsFunction(_ x: Tensor) throws -> Tensor { output(try blocks.reduce(x) { try $1($0) }) }
  }

  private func data() throws -> Examples {
    try Examples(
      inputs: sample([96, 16], .float32), targets: Tensor(integers: (0..<96).map { $0 * 5 % 3 }))
  }

  @Test(.leftOutOnReference(.bodies)) func theSameTrainingWithLessMemory() throws {
    let plain = try Trainer(Plain(), loss: softmaxCrossEntropy, optimizer: Adam(learningRate: 0.01), seed: 2)
    let frugal = try Trainer(Frugal(), loss: softmaxCrossEntropy, optimizer: Adam(learningRate: 0.01), seed: 2)
    let a = try plain.fit(data().batched(48, seed: 1), epochs: 3)
    let b = try frugal.fit(data().batched(48, seed: 1), epochs: 3)
    let (wanted, found) = (try values(plain.model), try values(frugal.model))
    #expect(found.keys.contains("blocks.3.normalization.mean"))
    expectClose(found, wanted, within: 1e-4)
    #expect(b.planBytes < a.planBytes, "\(b.planBytes) \(a.planBytes)")
    #expect(try frugal.evaluate(data())["loss"] != frugal.fit(data().batched(48, seed: 1), epochs: 1).loss)
  }

  @Test func filesAreThoseOfTheLayer() throws {
    try withTemporaryFolder { folder in
      let plain = try Plain().initialized(for: sample([4, 16], .float32), seed: 1)
      try plain.save(to: folder + "/plain.safetensors")
      let frugal = try Frugal().loading(folder + "/plain.safetensors")
      let x = sample([5, 16], seed: 3, .float32)
      #expect(try frugal.predict(x).scalars() == plain.predict(x).scalars())
      #expect(try values(frugal) == values(plain))
    }
  }
}
