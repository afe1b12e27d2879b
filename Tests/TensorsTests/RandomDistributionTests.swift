import DescentGraph
import DescentTensors
import Foundation
import Testing

/// Every distribution against its distribution function, by the test of Kolmogorov and Smirnov with a fixed seed.
@Suite("random distributions")
struct RandomDistributionTests {
  private let count = 20_000
  private let key = RandomKey(seed: 20)

  /// The largest distance from the distribution function is larger than this once in a thousand.
  private func expectDistribution(
    _ tensor: Tensor, sourceLocation: SourceLocation = #_sourceLocation, _ function: (Double) -> Double
  ) throws {
    let x = try tensor.scalars().sorted()
    #expect(
      tensor.elementType == .float32 && x.count == count && x.allSatisfy(\.isFinite), sourceLocation: sourceLocation)
    let distances = x.enumerated().map { index, value in
      max(Double(index + 1) / Double(count) - function(value), function(value) - Double(index) / Double(count))
    }
    let limit = 1.95 / Double(count).squareRoot()
    #expect((distances.max() ?? 1) < limit, "\(distances.max() ?? 1)", sourceLocation: sourceLocation)
  }

  private func normal(_ x: Double) -> Double { 0.5 * (1 + Foundation.erf(x / 2.0.squareRoot())) }

  @Test func continuous() throws {
    let shape: Shape = [count]
    try expectDistribution(key.uniform(shape, low: -3, high: 5)) { ($0 + 3) / 8 }
    try expectDistribution(key.normal(shape, mean: 1, standardDeviation: 2)) { normal(($0 - 1) / 2) }
    let (low, high) = (normal(-1), normal(0.5))
    let truncated = key.truncatedNormal(shape, lower: -1, upper: 2, mean: 1, standardDeviation: 2)
    try expectDistribution(truncated) { (normal(($0 - 1) / 2) - low) / (high - low) }
    #expect(try truncated.scalars().allSatisfy { $0 >= -1 && $0 <= 2 })
    try expectDistribution(key.exponential(shape, rate: 4)) { 1 - Foundation.exp(-4 * $0) }
    try expectDistribution(key.laplace(shape, mean: -2, scale: 3)) {
      let x = ($0 + 2) / 3
      return x < 0 ? 0.5 * Foundation.exp(x) : 1 - 0.5 * Foundation.exp(-x)
    }
    try expectDistribution(key.gumbel(shape, location: 1, scale: 0.5)) {
      Foundation.exp(-Foundation.exp(-($0 - 1) / 0.5))
    }
    try expectDistribution(key.cauchy(shape, location: 3, scale: 2)) { 0.5 + Foundation.atan(($0 - 3) / 2) / .pi }
    try expectDistribution(key.logistic(shape, mean: 1, scale: 2)) { 1 / (1 + Foundation.exp(-($0 - 1) / 2)) }
  }

  @Test func gammaAndItsKin() throws {
    let shape: Shape = [count]
    try expectDistribution(key.gamma(shape, concentration: 1, rate: 2)) { 1 - Foundation.exp(-2 * $0) }
    try expectDistribution(key.gamma(shape, concentration: 3)) { 1 - Foundation.exp(-$0) * (1 + $0 + $0 * $0 / 2) }
    try expectDistribution(key.gamma(shape, concentration: 0.5)) { Foundation.erf($0.squareRoot()) }
    try expectDistribution(key.beta(shape, 2, 2)) { $0 * $0 * (3 - 2 * $0) }
    try expectDistribution(key.beta(shape, 0.5, 0.5)) { 2 / .pi * Foundation.asin($0.squareRoot()) }
    try expectDistribution(key.beta(shape, 5, 1)) { Foundation.pow($0, 5) }
    let vectors = key.dirichlet(concentration: Tensor(ones: [count, 3]))
    try expectDistribution(vectors.sliced(1..<2, axis: 1).flattened(keeping: 0)) { 1 - (1 - $0) * (1 - $0) }
    #expect(try vectors.sum(axes: [1]).scalars().allSatisfy { abs($0 - 1) < 1e-5 })
    // The mean is the concentration, one of its own for each element.
    let large = key.gamma([4, count], concentration: Tensor([[0.1], [1.5], [20], [300]])).mean(axes: [1])
    for (mean, wanted) in zip(try large.scalars(), [0.1, 1.5, 20, 300]) {
      #expect(abs(mean - wanted) < 4 * (wanted / Double(count)).squareRoot())
    }
    // Too small for numbers, but not for what is made from their logarithms.
    let tiny = try key.dirichlet(concentration: Tensor(repeating: 1e-3, shape: [100, 4])).scalars()
    #expect(tiny.allSatisfy { $0 >= 0 && $0 <= 1 })
    #expect(try key.gamma([2], concentration: -1).scalars().allSatisfy { $0.isNaN })
  }

  @Test func boundsStayOutside() throws {
    // Rounding would reach these upper bounds: few numbers lie between the ends.
    for (low, high) in [(1.0, 1.0 + 0x1p-22), (16_777_214, 16_777_216), (0.1, 0.1 + 1e-7), (-1e30, -0.99e30)] {
      let x = try key.uniform([count], low: low, high: high).scalars()
      #expect(x.allSatisfy { $0 >= low && $0 < high }, "\(low)..<\(high)")
    }
  }

  @Test func wholeNumbers() throws {
    let dice = try key.integers([count], in: 1..<7).integers()
    let expected = Double(count) / 6
    let deviations = (1...6).map { face in Double(dice.count { $0 == face }) - expected }
    // Chi-squared of 5 degrees of freedom: above 20.5 once in a thousand.
    #expect(deviations.reduce(0) { $0 + $1 * $1 / expected } < 20.5)
    #expect(Set(dice) == Set(1...6))
    let wide = try key.integers([count], in: -2_147_483_648..<2_147_483_647).scalars()
    #expect(abs(wide.reduce(0, +) / Double(count)) < 4 * 0x1p32 / 12.0.squareRoot() / Double(count).squareRoot())
    #expect(key.integers([2], in: 3..<5, .uint8).elementType == .uint8)
    #expect(try key.integers([50], in: 7..<8).integers().allSatisfy { $0 == 7 })
  }

  @Test func categories() throws {
    let probabilities = [0.5, 0.2, 0.3, 0]
    let logits = Tensor(probabilities.map(Foundation.log)).broadcast(to: [count, 4])
    let drawn = try key.categorical(logits: logits).integers()
    for (index, wanted) in probabilities.enumerated() {
      let share = Double(drawn.count { $0 == index }) / Double(count)
      #expect(abs(share - wanted) <= 4 * (wanted * (1 - wanted) / Double(count)).squareRoot())
    }
    #expect(key.categorical(logits: Tensor(zeros: [3, 4]), axis: 0).shape == [4])
  }

  @Test func permutations() throws {
    for count in [0, 1, 2, 10, 3_000] {
      #expect(try key.permutation(count).integers().sorted() == Array(0..<count))
    }
    // Each order of three comes equally often.
    var counts: [[Int]: Int] = [:]
    for draw in 0..<600 { counts[try key.split(draw).permutation(3).integers(), default: 0] += 1 }
    #expect(counts.count == 6)
    #expect(counts.values.reduce(0.0) { $0 + Double(($1 - 100) * ($1 - 100)) / 100 } < 20.5)
    let x = Tensor((0..<12).map(Double.init), shape: [3, 4])
    let shuffled = try key.shuffled(x, axis: 1).transposed().scalars()
    let columns = (0..<4).map { Array(shuffled[$0 * 3..<$0 * 3 + 3]) }
    #expect(Set(columns) == Set((0..<4).map { c in (0..<3).map { Double($0 * 4 + c) } }))
  }

  @Test func mistakes() {
    func told(_ tensor: Tensor, _ message: String) {
      #expect(tensor.error.map { "\($0.operation): \($0.message)" } == message)
    }
    told(key.exponential([2], rate: 0), "exponential: the rate 0.0 is not positive")
    told(key.gumbel([2], scale: -1), "gumbel: the scale -1.0 is not positive")
    told(
      key.truncatedNormal([2], lower: 2, upper: 1),
      "truncatedNormal: takes bounds in order and a positive standard deviation, not 2.0, 1.0 and 1.0")
    told(key.integers([2], in: 3..<3), "integers: 3..<3 does not hold from 1 up to 4294967295 numbers")
    told(key.integers([2], in: 0..<300, .uint8), "integers: uint8 does not hold the numbers of 0..<300")
    told(key.integers([2], in: 0..<3, .float32), "integers: float32 does not hold the numbers of 0..<3")
    told(
      key.integers([2], in: Int.min..<Int.max),
      "integers: \(Int.min)..<\(Int.max) does not hold from 1 up to 4294967295 numbers")
    told(key.categorical(logits: Tensor(integers: [1])), "categorical: takes floating-point logits, not int32")
    told(key.permutation(-1), "permutation: the count -1 is negative")
    told(
      key.dirichlet(concentration: Tensor(1.0)),
      "dirichlet: takes vectors of concentrations along the last axis, not a single number")
    told(key.gamma([2], concentration: 1, rate: 0), "gamma: the rate 0.0 is not positive")
  }
}
