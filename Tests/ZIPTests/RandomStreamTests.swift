import Testing

@testable import DescentZIP

@Suite struct RandomStreamTests {
  @Test func equalSeedsAndIndicesGiveEqualNumbers() {
    var first = RandomStream(seed: 3, index: 9)
    var second = RandomStream(seed: 3, index: 9)
    #expect((0..<100).map { _ in first.next() } == (0..<100).map { _ in second.next() })
  }

  @Test func seedAndIndexAreNotInterchangeable() {
    var streams = Set<UInt64>()
    for seed in 0..<30 as Range<UInt64> {
      for index in 0..<30 as Range<UInt64> {
        var stream = RandomStream(seed: seed, index: index)
        streams.insert(stream.next())
      }
    }
    #expect(streams.count == 900)
  }

  @Test func uniformNumbersFillTheirRange() {
    var random = RandomStream(seed: 1)
    let numbers = (0..<20_000).map { _ in random.uniform() }
    #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(abs(numbers.reduce(0, +) / 20_000 - 0.5) < 0.01)
  }

  @Test func normalNumbersHaveMeanZeroAndDeviationOne() {
    var random = RandomStream(seed: 2)
    let numbers = (0..<50_000).map { _ in Double(random.normal()) }
    let mean = numbers.reduce(0, +) / 50_000
    let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 50_000
    #expect(abs(mean) < 0.02)
    #expect(abs(variance - 1) < 0.02)
  }

  @Test func integersStayBelowTheirBound() {
    var random = RandomStream(seed: 4)
    var seen = Set<Int>()
    for _ in 0..<1_000 { seen.insert(random.integer(in: 3...7)) }
    #expect(seen == [3, 4, 5, 6, 7])
    #expect(random.integer(below: 0) == 0)
  }

  @Test func weightsDecideHowOftenAnIndexIsDrawn() {
    var random = RandomStream(seed: 5)
    var counts = [0, 0, 0]
    for _ in 0..<9_000 { counts[random.index(weights: [1, 0, 2])] += 1 }
    #expect(counts[1] == 0)
    #expect(abs(counts[0] - 3_000) < 200)
  }

  @Test(arguments: [1, 2, 5, 100, 1_797]) func everyPassOfAPermutationMeetsEachNumberOnce(count: Int) {
    let order = RandomPermutation(count: count, seed: 11)
    var passes: [[Int]] = []
    for pass in 0..<3 {
      passes.append((0..<count).map { order[UInt64(pass * count + $0)] })
      #expect(passes[pass].sorted() == Array(0..<count))
    }
    if count >= 100 { #expect(passes[0] != passes[1]) }
  }
}
