import DescentGraph
import DescentLayers
import DescentTensors
import TestSupport
import Testing

/// What each kind of dropout drops, and that nothing is dropped in inference.
@Suite struct DropoutTests {
  private let ones = Tensor(ones: [40, 3, 5, 50])

  private func dropped<Network: Layer>(_ layer: Network, seed: UInt64 = 3, _ x: Tensor) throws -> Tensor
  where Network.Input == Tensor, Network.Output == Tensor {
    #expect(try layer(x).scalars() == x.scalars())
    let result = try training(seed: seed) { try layer(x) }
    #expect(try training(seed: seed) { try layer(x) }.scalars() == result.scalars())
    #expect(try training(seed: seed + 1) { try layer(x) }.scalars() != result.scalars())
    return result
  }

  @Test func channelsAsAWhole() throws {
    let found = try dropped(ChannelDropout(rate: 0.2), ones)
    // Every place of a channel has what the first one has.
    let first = found.sliced(0..<1, axis: 1).sliced(0..<1, axis: 2)
    #expect(try (found - first).scalars().allSatisfy { $0 == 0 })
    #expect(Set(try first.scalars()) == [0, 1.25])
    #expect(abs(try first.mean().item() - 1) < 0.05)
    // Of sequences, too: the steps share what is dropped.
    let steps = try dropped(ChannelDropout(rate: 0.5), Tensor(ones: [4, 6, 30]))
    #expect(try (steps - steps.sliced(0..<1, axis: 1)).scalars().allSatisfy { $0 == 0 })
  }

  @Test func examplesAsAWhole() throws {
    let x = Tensor(ones: [2000, 2, 3])
    let found = try dropped(StochasticDepth(rate: 0.25), x)
    let rows = found.reshaped([2000, 6])
    #expect(try (rows - rows.sliced(0..<1, axis: 1)).scalars().allSatisfy { $0 == 0 })
    #expect(abs(try rows.mean().item() - 1) < 0.05)
    let kept = try #require(rows.sliced(0..<1, axis: 1).scalars().max())
    #expect(abs(kept - 4.0 / 3) < 1e-6)
  }

  /// Mean and variance of what is normally distributed stay.
  @Test func alphaKeepsMeanAndVariance() throws {
    let x = RandomKey(seed: 1).normal([40_000])
    for rate in [0.1, 0.4] {
      let found = try dropped(AlphaDropout(rate: rate), x)
      #expect(abs(try found.mean().item()) < 0.02)
      #expect(abs(try found.variance().item() - 1) < 0.03)
      // The limit of selu, scaled and moved alike.
      let (factor, value) = (
        1 / ((1 - rate) * (1 + rate * 1.7580993408473766 * 1.7580993408473766)).squareRoot(), -1.7580993408473766
      )
      let dropped = Float(factor * (value - rate * value))
      let count = try found.floats().filter { abs($0 - dropped) < 1e-5 }.count
      #expect(abs(Double(count) / 40_000 - rate) < 0.02)
    }
  }

  @Test func gradientsGoThroughWhatIsKept() throws {
    let x = sample([6, 2, 2, 5])
    func check<Network: Layer>(_ layer: Network) throws where Network.Input == Tensor, Network.Output == Tensor {
      try expectGradient(of: [x]) { x in try training(seed: 2) { try square(layer(x[0])).sum() } }
    }
    try check(Dropout(rate: 0.3))
    try check(ChannelDropout(rate: 0.3))
    try check(StochasticDepth(rate: 0.3))
    try check(AlphaDropout(rate: 0.3))
  }

  @Test func namesTheFault() {
    for rate in [-0.1, 1, .nan] {
      #expect(fault(of: ChannelDropout(rate: rate)(ones)).hasPrefix("ChannelDropout: its rate"))
      #expect(fault(of: StochasticDepth(rate: rate)(ones)).hasPrefix("StochasticDepth: its rate"))
      #expect(fault(of: AlphaDropout(rate: rate)(ones)).hasPrefix("AlphaDropout: its rate"))
    }
    #expect(fault(of: ChannelDropout(rate: 0.1)(Tensor([1, 2]))).contains("takes an input [batch, …, channels]"))
    #expect(fault(of: StochasticDepth(rate: 0.1)(Tensor(1.0))).contains("takes an input [batch, …]"))
    #expect(fault(of: AlphaDropout(rate: 0.1)(Tensor(integers: [1]))).contains("floating-point"))
  }
}
