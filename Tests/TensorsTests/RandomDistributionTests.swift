import DescentGraph
import DescentTensors
import Foundation
import TestSupport
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

  @Test(.leftOutOnReference(.manyDraws)) func continuous() throws {
    let shape: Shape = [count]
    try expectDistribution(key.uniform(shape, low: -3, high: 5)) { ($0 + 3) / 8 }
    try expectDistribution(key.normal(shape, mean: 1, standardDeviation: 2)) { normal(($0 - 1) / 2) }
    let (low, high) = (normal(-1), normal(0.5))
    let truncated = key.truncatedNormal(shape, lower: -1, upper: 2, mean: 1, standardDeviation: 2)
    try expectDistribution(truncated) { (normal(($0 - 1) / 2) - low) / (high - low) }
    #expect(try truncated.scalars().allSatisfy { $0 >= -1 && $0 <= 2 })
    // Far out, where the distribution function is all but 1.
    func rest(_ x: Double) -> Double { Foundation.erfc(x / 2.0.squareRoot()) }
    try expectDistribution(key.truncatedNormal(shape, lower: 5, upper: 6)) {
      (rest(5) - rest($0)) / (rest(5) - rest(6))
    }
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

  @Test(.leftOutOnReference(.manyDraws)) func powersAndExponentials() throws {
    let shape: Shape = [count]
    try expectDistribution(key.logNormal(shape, mean: 1, standardDeviation: 0.5)) {
      normal((Foundation.log($0) - 1) / 0.5)
    }
    try expectDistribution(key.weibull(shape, concentration: 1.5, scale: 2)) {
      1 - Foundation.exp(-Foundation.pow($0 / 2, 1.5))
    }
    try expectDistribution(key.pareto(shape, exponent: 3, scale: 2)) { 1 - Foundation.pow(2 / $0, 3) }
    try expectDistribution(key.chiSquared(shape, degreesOfFreedom: 2)) { 1 - Foundation.exp(-$0 / 2) }
    try expectDistribution(key.studentT(shape, degreesOfFreedom: 1)) { 0.5 + Foundation.atan($0) / .pi }
    try expectDistribution(key.studentT(shape, degreesOfFreedom: 2)) {
      0.5 + $0 / (2 * (2 + $0 * $0).squareRoot())
    }
    try expectDistribution(key.studentT(shape, degreesOfFreedom: 1e6), normal)
  }

  @Test func multivariateNormal() throws {
    let covariance = Tensor([[4, -1.2], [-1.2, 1]])
    let x = key.multivariateNormal([count], mean: Tensor([1, -2]), covariance: covariance)
    try expectDistribution(x[.all, 0]) { normal(($0 - 1) / 2) }
    try expectDistribution(x[.all, 1]) { normal($0 + 2) }
    let found = try DescentTensors.covariance(x.transposed()).scalars()
    for (found, wanted) in zip(found, [4, -1.2, -1.2, 1]) { #expect(abs(found - wanted) < 0.15) }
    #expect(
      key.multivariateNormal(mean: Tensor([1, 2], .float64), covariance: covariance.converted(to: .float64)).shape == [
        2
      ])
  }

  /// Counts against their probabilities, by the χ² test with a fixed seed; what is rare is counted together.
  private func expectCounts(
    _ tensor: Tensor, from first: Int = 0, sourceLocation: SourceLocation = #_sourceLocation,
    _ logProbability: (Double) -> Double
  ) throws {
    let drawn = try tensor.integers()
    #expect(tensor.elementType == .int32 && drawn.count == count, sourceLocation: sourceLocation)
    let histogram = Dictionary(drawn.map { ($0, 1) }, uniquingKeysWith: +)
    var (statistic, groups, expected, found, total) = (0.0, 0, 0.0, 0.0, 0.0)
    for value in first...(drawn.max() ?? first) + 50 {
      expected += Double(count) * Foundation.exp(logProbability(Double(value)))
      found += Double(histogram[value] ?? 0)
      guard expected >= 20 else { continue }
      statistic += (found - expected) * (found - expected) / expected
      total += expected
      (expected, found, groups) = (0, 0, groups + 1)
    }
    // The rest belongs to a last group, which takes what is left to 1.
    let rest = Swift.max(Double(count) - total, expected)
    statistic += (found - rest) * (found - rest) / Swift.max(rest, 1)
    let freedom = Double(groups)
    #expect(
      statistic < freedom + 3.5 * (2 * freedom).squareRoot() + 6, "χ² \(statistic) of \(freedom)",
      sourceLocation: sourceLocation)
    #expect(drawn.allSatisfy { $0 >= first }, sourceLocation: sourceLocation)
  }

  private func logPoisson(_ rate: Double) -> (Double) -> Double {
    { $0 * Foundation.log(rate) - rate - Foundation.lgamma($0 + 1) }
  }

  private func logBinomial(_ n: Double, _ p: Double) -> (Double) -> Double {
    { k in
      guard k <= n else { return -.infinity }
      let ways = Foundation.lgamma(n + 1) - Foundation.lgamma(k + 1) - Foundation.lgamma(n - k + 1)
      return ways + k * Foundation.log(p) + (n - k) * Foundation.log1p(-p)
    }
  }

  @Test(.leftOutOnReference(.manyDraws), arguments: [0.3, 4, 9.99, 10, 37.5, 1200]) func poisson(rate: Double) throws {
    try expectCounts(key.poisson([count], rate: rate), logPoisson(rate))
  }

  @Test(
    .leftOutOnReference(.manyDraws),
    arguments: [(1, 0.3), (12, 0.5), (30, 0.9), (40, 0.5), (500, 0.02), (1000, 0.3), (2000, 0.99)])
  func binomial(trials: Int, probability: Double) throws {
    let drawn = key.binomial([count], count: trials, probability: probability)
    try expectCounts(drawn, logBinomial(Double(trials), probability))
    #expect(try drawn.max().item() <= Double(trials))
  }

  @Test(.leftOutOnReference(.manyDraws)) func otherCounts() throws {
    try expectCounts(key.geometric([count], probability: 0.2), from: 1) {
      ($0 - 1) * Foundation.log(0.8) + Foundation.log(0.2)
    }
    let successes = 3.5
    let none: Double = successes * Foundation.log(0.4) - Foundation.lgamma(successes)
    try expectCounts(key.negativeBinomial([count], successes: successes, probability: 0.4)) { (k: Double) -> Double in
      let ways: Double = Foundation.lgamma(k + successes) - Foundation.lgamma(k + 1)
      return ways + none + k * Foundation.log(0.6)
    }
    #expect(try key.geometric([5], probability: 1).integers() == [1, 1, 1, 1, 1])
    let shared = Tensor([0.2, 0.5, 0, 0.3]).broadcast(to: [count, 4])
    let parts = key.multinomial(60, probabilities: 5.0 * shared)
    #expect(parts.shape == [count, 4] && parts.elementType == .int32)
    #expect(try parts.sum(axes: [-1]).integers().allSatisfy { $0 == 60 })
    for (index, share) in [0.2, 0.5, 0.3].enumerated() {
      try expectCounts(parts[.all, index == 2 ? 3 : index], logBinomial(60, share))
    }
    #expect(try parts[.all, 2].max().item() == 0)
  }

  /// Counts of the ends of what is possible, and of what is not.
  @Test func countsAtTheEdge() throws {
    let rates = Tensor([0.0, -1, .nan, 1e-30, 1e9, .infinity], .float64)
    let counts = try key.poisson([6], rate: rates).integers()
    #expect(counts[0...3] == [0, -1, -1, 0])
    #expect(abs(Double(counts[4]) - 1e9) < 6 * 1e9.squareRoot() && counts[5] == Int(Int32.max))
    let (trials, chances) = (Tensor([5.0, 5, 5, 0, -1, 5, 1e9]), Tensor([0.0, 1, .nan, 0.5, 0.5, 1.5, 0.5]))
    let successes = try key.binomial([7], count: trials, probability: chances).integers()
    #expect(successes[..<6] == [0, 5, -1, 0, -1, -1] && abs(Double(successes[6]) - 5e8) < 6 * 2.5e8.squareRoot())
    // A rate for each row, under every transform.
    let rows = key.poisson([3, 1000], rate: Tensor([[1], [20], [400]])).converted(to: .float64).mean(axes: [1])
    for (mean, rate) in zip(try rows.scalars(), [1.0, 20, 400]) {
      #expect(abs(mean - rate) < 5 * (rate / 1000).squareRoot())
    }
    let each = vectorized(over: 0, nil) { (rate: Tensor, words: Tensor) in
      RandomKey(words: words).poisson([], rate: rate)
    }
    let drawn = try each(Tensor([0, 3, 50]), key.words).integers()
    #expect(drawn[0] == 0 && drawn.count == 3)
    let slope = try gradient(at: Tensor(3.0)) { rate in
      (rate * key.poisson([10], rate: rate).converted(to: .float32)).sum()
    }
    #expect(try slope.item() == key.poisson([10], rate: 3).sum().item())
    #expect(try key.poisson([0], rate: 3).scalars().isEmpty)
  }

  @Test func choices() throws {
    let weights = Tensor([1, 0, 3, 6]).broadcast(to: [count, 4])
    let one = key.choices(1, weights: weights)[.all, 0]
    try expectCounts(one) { Foundation.log([0.1, 0, 0.3, 0.6, 0][Swift.min(Int($0), 4)]) }
    let pairs = try key.choices(2, weights: weights).integers()
    #expect((0..<count).allSatisfy { pairs[2 * $0] != pairs[2 * $0 + 1] && pairs[2 * $0] != 1 })
    // Of the first two, an index is second with the probability of its share of what the first left.
    let second = Double((0..<count).count { pairs[2 * $0 + 1] == 3 }) / Double(count)
    #expect(abs(second - (0.1 * 6 / 9 + 0.3 * 6 / 7)) < 0.015)
    #expect(key.choices(7, weights: Tensor([1, 1]), replacing: true).shape == [7])
    #expect(try Set(key.choices(50, weights: Tensor([1, 1, 0]), replacing: true).integers()) == [0, 1])
  }

  @Test(.leftOutOnReference(.manyDraws)) func gammaAndItsKin() throws {
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
    told(key.weibull([2], concentration: 0), "weibull: the concentration 0.0 is not positive")
    told(key.pareto([2], exponent: -1), "pareto: the exponent -1.0 is not positive")
    told(key.studentT([2], degreesOfFreedom: 0), "studentT: the degrees of freedom 0.0 are not positive")
    told(key.chiSquared([2], degreesOfFreedom: .nan), "chiSquared: the degrees of freedom nan are not positive")
    told(
      key.geometric([2], probability: 0),
      "geometric: the probability 0.0 does not lie above 0 and at most at 1")
    told(
      key.negativeBinomial([2], successes: 0, probability: 0.5),
      "negativeBinomial: takes a positive number of successes and a probability above 0 and at most 1, not 0.0 and 0.5")
    told(key.poisson([2], rate: Tensor([1, 2, 3])), "poisson: parameters [3] cannot be repeated to [2]")
    told(
      key.multinomial(-1, probabilities: Tensor([1])),
      "multinomial: takes a count from 0 on and floating-point probabilities […, outcomes], not -1 and float32[1]")
    told(
      key.choices(3, weights: Tensor([1, 2])),
      "choices: takes a count from 0 on and floating-point weights […, n], not 3 and float32[2], and no more than there"
        + " are without replacement")
    told(
      key.multivariateNormal(mean: Tensor([1]), covariance: Tensor([1])),
      "multivariateNormal: takes a mean [n] and covariances [n, n], not [1] and [1]")
  }
}
