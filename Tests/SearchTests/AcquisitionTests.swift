import Foundation
import Testing

@testable import DescentSearch

@Suite struct AcquisitionTests {
  private func expectClose(_ found: Double, _ wanted: Double, _ tolerance: Double = 1e-10) {
    #expect(abs(found - wanted) <= tolerance * max(1, abs(wanted)), "\(found) is not \(wanted)")
  }

  @Test(arguments: [
    (0.0, 1.0, 0.0, 0.398942280401), (0.5, 0.2, 0.3, 0.016663094118), (-1, 0.5, 0, 1.004245351308),
  ])
  func expectedImprovementHasItsClosedForm(_ mean: Double, _ deviation: Double, _ best: Double, _ wanted: Double) {
    let found = Acquisition.expectedImprovement.value(mean: mean, deviation: deviation, best: best)
    #expect(abs(found - wanted) < 1e-12)
    let logarithm = Acquisition.logExpectedImprovement.value(mean: mean, deviation: deviation, best: best)
    expectClose(logarithm, log(found), 1e-12)
  }

  /// log(φ(z) + z·Φ(z)) and log Φ(z) by mpmath 1.3 with 60 digits.
  @Test(arguments: [
    (3.0, 1.09873966532770777, -0.0013508099647481938), (0, -0.918938533204672742, -0.693147180559945309),
    (-0.5, -1.62051626438731992, -1.17591176159361861), (-2, -4.76878352391711416, -3.78318433368203195),
    (-4, -11.8490615775506631, -10.3601014865272908), (-10, -55.5531220361223559, -53.2312851505124706),
    (-50, -1258.74418286846085, -1254.8313611394199), (-1_000, -500014.734452091158, -500007.826694812184),
  ])
  func logarithmsKeepTheirDigitsFarOut(_ z: Double, _ shortfall: Double, _ distribution: Double) {
    expectClose(Normal.logMeanShortfall(z).value, shortfall, 1e-13)
    expectClose(Normal.logDistribution(z), distribution, 1e-13)
    #expect(Normal.logMeanShortfall(z).derivative > 0)
  }

  @Test func quantilesInvertTheDistribution() {
    for p in [1e-300, 1e-20, 1e-5, 0.02, 0.3, 0.5, 0.77, 0.999, 1 - 1e-12] {
      let z = Normal.quantile(p)
      expectClose(Normal.logDistribution(z), log(p), 1e-10)
    }
    #expect(Normal.quantile(0) == -.infinity)
    #expect(Normal.quantile(1) == .infinity)
  }

  @Test(arguments: [
    Acquisition.expectedImprovement, .logExpectedImprovement, .probabilityOfImprovement, .confidenceBound(1.5),
    .noisyExpectedImprovement(), .thompsonSampling,
  ])
  func slopesAreFiniteDifferences(_ acquisition: Acquisition) {
    for (mean, deviation, best) in [(0.3, 0.5, 0.1), (-1, 0.2, 0), (4, 0.3, 0), (2, 1.5, 2.1)] {
      let score = acquisition.score(mean: mean, deviation: deviation, best: best)
      let step = 1e-5
      func value(_ mean: Double, _ deviation: Double) -> Double {
        acquisition.value(mean: mean, deviation: deviation, best: best)
      }
      let byMean = (value(mean + step, deviation) - value(mean - step, deviation)) / (2 * step)
      let byDeviation = (value(mean, deviation + step) - value(mean, deviation - step)) / (2 * step)
      expectClose(score.meanSlope, byMean, 1e-6)
      expectClose(score.deviationSlope, byDeviation, 1e-6)
    }
  }

  private static let outlook = Outlook(means: [[0.3, -0.1], [0.2], [-0.4]], deviations: [0.4, 0.3, 0.6])

  private func expectSlopes(_ score: some PointScore, at outlook: Outlook) {
    let found = score.score(outlook)
    let step = 1e-5
    for place in outlook.means.indices {
      for member in outlook.means[place].indices {
        var (low, high) = (outlook, outlook)
        low.means[place][member] -= step
        high.means[place][member] += step
        let difference = (score.score(high).value - score.score(low).value) / (2 * step)
        expectClose(found.meanSlopes[place][member], difference, 1e-7)
      }
      var (low, high) = (outlook, outlook)
      low.deviations[place] -= step
      high.deviations[place] += step
      let difference = (score.score(high).value - score.score(low).value) / (2 * step)
      expectClose(found.deviationSlopes[place], difference, 1e-7)
    }
  }

  @Test func scoresOfSeveralPastsUnderConstraintsHaveTheirSlopes() {
    for acquisition in [Acquisition.logExpectedImprovement, .expectedImprovement, .confidenceBound(2)] {
      let improvement = ImprovementScore(acquisition: acquisition, best: [0.1, 0.2])
      expectSlopes(improvement, at: Self.outlook)
      expectSlopes(FeasibilityScore(objective: improvement, first: 1), at: Self.outlook)
    }
    expectSlopes(FeasibilityScore(objective: nil, first: 1), at: Self.outlook)
  }

  @Test(arguments: [2, 3])
  func hypervolumeImprovementIsTheMeanOfGrownFronts(_ objectives: Int) throws {
    let front = [[0.1, 0.9, 0.5], [0.4, 0.5, 0.2], [0.8, 0.1, 0.7], [0.3, 0.6, 0.9]].map {
      Array($0.prefix(objectives))
    }
    let kept = (nonDominatedFronts(of: front).first ?? []).map { front[$0] }
    let reference = [Double](repeating: 1, count: objectives)
    let score = HypervolumeScore(front: kept, reference: reference)
    let outlook = Outlook(
      means: [[0.35], [0.45], [0.4]].prefix(objectives) + [], deviations: [0.2, 0.15, 0.3].prefix(objectives) + [])
    expectSlopes(score, at: outlook)
    let before = try hypervolume(of: kept, reference: reference)
    var random = TrialRandom(seed: 1, trial: 0, purpose: "growth")
    var (total, squares) = (0.0, 0.0)
    let draws = 4_000
    for _ in 0..<draws {
      let point = (0..<objectives).map { outlook.means[$0][0] + outlook.deviations[$0] * random.normal() }
      let growth = try hypervolume(of: kept + [point], reference: reference) - before
      total += growth
      squares += growth * growth
    }
    let mean = total / Double(draws)
    let error = ((squares / Double(draws) - mean * mean) / Double(draws)).squareRoot()
    #expect(abs(exp(score.score(outlook).value) - mean) < 4 * error)
    // Where nothing is likely to be gained, the value still has a slope.
    let far = Outlook(means: outlook.means.map { [$0[0] + 8] }, deviations: outlook.deviations)
    #expect(score.score(far).value.isFinite)
    #expect(score.score(far).meanSlopes.allSatisfy { $0[0] < 0 })
  }

  @Test func boxesFillWhatIsNotDominated() throws {
    let front = [[0.1, 0.9, 0.5], [0.4, 0.5, 0.2], [0.8, 0.1, 0.7], [0.3, 0.6, 0.9]]
    let score = HypervolumeScore(front: front, reference: [1, 1, 1])
    let volume = score.boxes.reduce(0.0) { total, box in
      total + zip(box.lower, box.upper).reduce(1.0) { $0 * ($1.1 - max($1.0, 0)) }
    }
    #expect(abs(volume - (1 - (try hypervolume(of: front, reference: [1, 1, 1])))) < 1e-12)
  }
}
