import Descent
import Testing

@Suite struct Reproducibility {
  @Test func keys() throws {
    let key = RandomKey(seed: 7)

    let weights = key.split("weights").normal([3, 4])
    let noise = (0..<5).map { step in key.split("noise").split(step).uniform([4]) }
    let again = RandomKey(seed: 7).split("weights").normal([3, 4])

    #expect(try weights.floats() == again.floats())
    #expect(try noise[0].floats() != noise[1].floats())
  }

  @Test func sameSeedSameBits() throws {
    func weights(seed: UInt64) throws -> [Float]? {
      let digits = try Digits.shipped(seed: 3)
      let trainer = try Trainer(
        GettingStarted.Classifier(), loss: softmaxCrossEntropy, optimizer: Adam(), seed: seed)
      try trainer.fit(digits.training.batched(256, seed: seed), epochs: 1)
      return try trainer.model.output.weight.tensor?.floats()
    }
    #expect(try weights(seed: 1) == weights(seed: 1))
    #expect(try weights(seed: 1) != weights(seed: 2))
  }
}
