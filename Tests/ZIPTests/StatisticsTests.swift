import DescentData
import DescentFiles
import Foundation
import Testing

@testable import DescentZIP

@Suite struct StatisticsTests {
  @Test func noErrorsGiveTheClosedForm() {
    for trials in [1, 10, 2_000, 29_956, 1_000_000] {
      let expected = -expm1(log(0.05) / Double(trials))
      let bound = ClopperPearson.upperBound(errors: 0, of: trials)
      #expect(abs(bound - expected) < 1e-10 * max(expected, 1e-3))
    }
  }

  /// Values of R's `binom.test` and SciPy's `beta.ppf`.
  @Test(arguments: [
    (1, 10, 0.002_528_579, 0.445_016_1), (5, 10, 0.187_086_0, 0.812_914_0), (3, 200, 0.003_103_0, 0.043_219_0),
    (0, 20, 0, 0.168_433_5), (20, 20, 0.831_566_5, 1), (10, 1_000, 0.004_806_0, 0.018_313_0),
  ]) func intervalsEqualKnownOnes(known: (Int, Int, Double, Double)) {
    let interval = ClopperPearson.interval(errors: known.0, of: known.1)
    #expect(abs(interval.lowerBound - known.2) < 2e-5)
    #expect(abs(interval.upperBound - known.3) < 2e-5)
  }

  @Test func boundsInvertTheBinomialDistribution() {
    // At the bound, seeing so few errors has a probability of exactly 5 %.
    for (errors, trials) in [(0, 50), (2, 300), (7, 90)] {
      let rate = ClopperPearson.upperBound(errors: errors, of: trials)
      var probability = 0.0
      for count in 0...errors {
        let choices = lgamma(Double(trials + 1)) - lgamma(Double(count + 1)) - lgamma(Double(trials - count + 1))
        probability += exp(choices + Double(count) * log(rate) + Double(trials - count) * log1p(-rate))
      }
      #expect(abs(probability - 0.05) < 1e-9)
    }
  }

  @Test func edgesOfTheBounds() {
    #expect(ClopperPearson.upperBound(errors: 0, of: 0) == 1)
    #expect(ClopperPearson.upperBound(errors: 5, of: 5) == 1)
    #expect(ClopperPearson.interval(errors: 0, of: 0) == 0...1)
    #expect(ClopperPearson.trialsNeeded(forRate: 1e-4) == 29_956)
    #expect(ClopperPearson.trialsNeeded(forRate: 0) == nil)
    #expect(ClopperPearson.trialsNeeded(forRate: 1) == 1)
  }

  private let readings: [JudgedReading] = [
    JudgedReading(confidence: 0.99, isRight: true), JudgedReading(confidence: 0.9, isRight: true),
    JudgedReading(confidence: 0.9, isRight: false), JudgedReading(confidence: 0.5, isRight: false),
    JudgedReading(confidence: 0.95, isRight: true), JudgedReading(confidence: nil, isRight: false),
  ]

  @Test func curveCountsWhatIsLeft() {
    let curve = ErrorRejectCurve(readings)
    #expect(curve.total == 6)
    #expect(curve.points.map(\.threshold) == [0.5, 0.9, 0.95, 0.99])
    #expect(curve.points.map(\.accepted) == [5, 4, 2, 1])
    #expect(curve.points.map(\.errors) == [2, 1, 0, 0])
    #expect(curve.point(atThreshold: 0.91).accepted == 2)
    #expect(curve.point(atThreshold: 1).accepted == 0)
    #expect(curve.point(rejectingAtMost: 0.4)?.accepted == 4)
    #expect(curve.point(rejectingAtMost: 0.1) == nil)
    #expect(ErrorRejectCurve([]).points.isEmpty)
  }

  @Test func thresholdKeepsTheWantedRate() {
    let curve = ErrorRejectCurve(readings)
    let choice = ThresholdChoice(targetErrorRate: 0.01, calibration: curve)
    #expect(choice.basis == .observed)
    #expect(choice.point.accepted == 2)
    #expect(choice.threshold > 0.9 && choice.threshold <= 0.95)
    let loose = ThresholdChoice(targetErrorRate: 0.5, calibration: curve)
    #expect(loose.point.errors <= 2)
    let wrong = ErrorRejectCurve([JudgedReading(confidence: 0.999, isRight: false)])
    let none = ThresholdChoice(targetErrorRate: 0.1, calibration: wrong)
    #expect(none.basis == .unreachable)
    #expect(none.threshold > 1)
  }

  @Test func aTargetOutOfReachLeavesTheFewestErrors() {
    // The surest letters hold a wrong one, as where a digit carries the wrong label.
    let sure = (0..<200).map { JudgedReading(confidence: 0.999 + Double($0) * 1e-6, isRight: $0 % 40 != 39) }
    let unsure = (0..<50).map { JudgedReading(confidence: 0.5 + Double($0) * 1e-3, isRight: $0 % 2 == 0) }
    let choice = ThresholdChoice(targetErrorRate: 1e-3, calibration: ErrorRejectCurve(sure + unsure))
    #expect(choice.basis == .unreachable)
    #expect(choice.point.rejectRate <= 0.75)
    #expect(choice.point.errorRate <= 0.03)
    #expect(choice.threshold > 0.55 && choice.threshold <= 1)
  }

  @Test func manyLettersAllowTheBound() {
    let sure = (0..<5_000).map { JudgedReading(confidence: 0.999 + Double($0) * 1e-7, isRight: true) }
    let unsure = (0..<50).map { JudgedReading(confidence: 0.5 + Double($0) * 1e-3, isRight: $0 % 2 == 0) }
    let choice = ThresholdChoice(targetErrorRate: 1e-3, calibration: ErrorRejectCurve(sure + unsure))
    #expect(choice.basis == .bound)
    #expect(choice.point.accepted >= 5_000)
  }

  @Test func claimsAreMadeInWords() {
    let point = ErrorRejectCurve.Point(threshold: 0.9, accepted: 2_000, errors: 0, total: 2_200)
    #expect(
      point.claim(target: 1e-4) == """
        0 errors in 2,000 accepted letters support at most 0.15 % at 95 %; to claim 0.01 % you need at least 29,956 \
        accepted letters without an error
        """)
    #expect(point.claim(target: 0.01).hasSuffix("the wanted 1 % is shown"))
    let missed = ErrorRejectCurve.Point(threshold: 0.9, accepted: 100, errors: 1, total: 100)
    #expect(missed.claim(target: 1e-3).hasSuffix("the wanted 0.1 % is missed"))
    #expect(missed.claim(target: 1e-3).hasPrefix("1 error in 100"))
  }

  @Test func numbersAreShort() {
    #expect(percent(0.0015) == "0.15 %")
    #expect(percent(0.000_1) == "0.01 %")
    #expect(percent(0) == "0 %")
    #expect(percent(0.25) == "25 %")
    #expect(percent(1) == "100 %")
    #expect(29_956.grouped == "29,956")
    #expect((-1_234_567).grouped == "-1,234,567")
    #expect(shortDecimal(0.9998) == "0.9998")
    #expect(shortDecimal(2) == "2")
  }
}
