import DescentTensors
import Foundation
import Testing

@Suite("random numbers")
struct RandomTests {
  private let count = 20_000

  @Test func sameKeySameBits() throws {
    let (a, b) = (RandomKey(seed: 42), RandomKey(seed: 42))
    #expect(try a.bits([3, 5]).integers() == b.bits([3, 5]).integers())
    #expect(try a.normal([7]).floats() == b.normal([7]).floats())
    #expect(try a.split(3).bits([4]).integers() == b.split(3).bits([4]).integers())
    #expect(try a.split("conv1.weight").bits([4]).integers() == b.split("conv1.weight").bits([4]).integers())
    // A number depends on its place alone: more of them begin with the same ones.
    let (few, many) = (try a.bits([2, 2]).integers(), try b.bits([100]).integers())
    #expect(few == Array(many[..<4]))
    // Known words: the generator, the key's layout and the splitting must never change.
    #expect(try RandomKey(seed: 0).words.integers() == [0, 0])
    #expect(try RandomKey(seed: 0x1319_8a2e_0370_7344).words.integers() == [0x1319_8a2e, 0x0370_7344])
  }

  @Test func differentKeysDifferentBits() throws {
    let key = RandomKey(seed: 1)
    let streams =
      try [
        RandomKey(seed: 2), RandomKey(seed: 1 << 32), key.split(0), key.split(1), key.split(-1), key.split(1 << 32),
        key.split("a"), key.split("b"), key.split(0).split(0), key,
      ].map { try $0.bits([4]).integers() }
    #expect(Set(streams).count == streams.count)
  }

  @Test func uniformNumbers() throws {
    let x = try RandomKey(seed: 7).uniform([count], low: -1, high: 3).scalars()
    #expect(x.allSatisfy { $0 >= -1 && $0 < 3 })
    #expect(abs(mean(x) - 1) < 0.04)
    #expect(abs(variance(x) - 16 / 12.0) < 0.04)
    var bins = [Int](repeating: 0, count: 16)
    for value in x { bins[min(15, Int((value + 1) * 4))] += 1 }
    // Chi-squared of 15 degrees of freedom: above 37.7 once in a thousand.
    let expected = Double(count) / 16
    #expect(bins.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected } < 37.7)
    #expect(try RandomKey(seed: 7).uniform([]).item() < 1)
    #expect(try RandomKey(seed: 7).uniform([0]).scalars().isEmpty)
  }

  @Test func normalNumbers() throws {
    let x = try RandomKey(seed: 9).normal([count], mean: 2, standardDeviation: 3).scalars().map { ($0 - 2) / 3 }
    #expect(x.allSatisfy { $0.isFinite })
    #expect(abs(mean(x)) < 0.025)
    #expect(abs(variance(x) - 1) < 0.04)
    #expect(abs(mean(x.map { $0 * $0 * $0 })) < 0.1)
    #expect(abs(mean(x.map { $0 * $0 * $0 * $0 }) - 3) < 0.2)
    #expect(abs(Double(x.count { $0.magnitude < 1 }) / Double(count) - 0.6827) < 0.015)
  }

  @Test func coins() throws {
    let heads = try RandomKey(seed: 3).bernoulli([count], probability: 0.3).scalars()
    #expect(abs(mean(heads) - 0.3) < 0.015)
    #expect(try RandomKey(seed: 3).bernoulli([100], probability: 0).any().item() == 0)
    #expect(try RandomKey(seed: 3).bernoulli([100], probability: 1).all().item() == 1)
  }

  /// Streams of split keys are uncorrelated with each other and with neighbors in their own.
  @Test func splitStreamsAreIndependent() throws {
    let key = RandomKey(seed: 5)
    let streams = try [key, key.split(0), key.split(1), key.split("a")].map { try $0.uniform([count]).scalars() }
    func correlation(_ a: some Collection<Double>, _ b: some Collection<Double>) -> Double {
      zip(a, b).reduce(0) { $0 + ($1.0 - 0.5) * ($1.1 - 0.5) } / Double(a.count) * 12
    }
    for (index, a) in streams.enumerated() {
      for b in streams[(index + 1)...] { #expect(abs(correlation(a, b)) < 0.03) }
      #expect(abs(correlation(a.dropLast(), a.dropFirst())) < 0.03)
    }
  }

  @Test func seedsOfTheRun() throws {
    func draw(_ seed: UInt64) throws -> [[Int]] {
      try training(seed: seed) {
        try (0..<3).map { _ in try #require(Run.current.nextKey()).bits([2]).integers() }
      }
    }
    #expect(try draw(1) == draw(1))
    #expect(try draw(1) != draw(2))
    #expect(try Set(draw(1)).count == 3)
    #expect(Run.current.nextKey() == nil)
    #expect(!Run.current.isTraining && training(seed: 1) { Run.current.isTraining })
  }

  private func mean(_ x: [Double]) -> Double { x.reduce(0, +) / Double(x.count) }
  private func variance(_ x: [Double]) -> Double {
    let center = mean(x)
    return mean(x.map { ($0 - center) * ($0 - center) })
  }
}
