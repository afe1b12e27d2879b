import DescentTensors
import Testing

@Suite struct RandomBatchTests {
  /// Under a key of its own each example draws what it would draw alone.
  @Test func examplesDrawWhatTheyWouldDrawAlone() throws {
    let keys = RandomKey(seed: 5).bits([3, 2])
    func drawn(_ words: Tensor) -> Tensor {
      let key = RandomKey(words: words)
      return key.split(7).uniform([2, 3], low: -1, high: 4).flattened(keeping: 0) + key.normal([6])
    }
    let all = vectorized(of: drawn)
    let together = try all(keys)
    for example in 0..<3 {
      #expect(try together[example].floats() == drawn(keys[example]).floats())
    }
    let nested = vectorized { (pair: Tensor) in try all(pair) }
    #expect(try nested(keys.expanded(axis: 0))[0].floats() == together.floats())
  }

  /// The graph does not grow with the number of examples.
  @Test func manyExamplesAreOneLoop() throws {
    let few = compiled { (keys: Tensor) in
      let all = vectorized { (words: Tensor) in RandomKey(words: words).uniform([4]) }
      return try all(keys)
    }
    let kernels = try [2, 50].map { try few.statistics(RandomKey(seed: 1).bits([$0, 2])).kernels }
    #expect(kernels[0] == kernels[1])
  }
}
