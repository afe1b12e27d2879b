import Foundation
import Testing

@testable import DescentZIP

/// Which threshold is chosen of a curve that is known to the letter.
@Suite struct ThresholdChoiceTests {
  /// Letters of falling confidence, right or wrong, and the number of those that are rejected whatever the threshold.
  private func curve(_ letters: [(Double, Bool)], rejected: Int = 0) -> ErrorRejectCurve {
    ErrorRejectCurve(
      letters.map { JudgedReading(confidence: $0.0, isRight: $0.1) }
        + (0..<rejected).map { _ in JudgedReading(confidence: nil, isRight: false) })
  }

  private func logOdds(_ p: Double) -> Double { log(p) - log(1 - p) }

  /// Halfway, in log-odds, to the surest letter that is rejected.
  @Test func betweenTwoLetters() throws {
    let choice = ThresholdChoice(
      targetErrorRate: 0.1, calibration: curve([(0.9, true), (0.8, true), (0.6, false), (0.3, false)]))
    #expect(choice.basis == .observed && choice.point.accepted == 2 && choice.point.errors == 0)
    #expect(abs(logOdds(choice.threshold) - (logOdds(0.8) + logOdds(0.6)) / 2) < 1e-12)
    #expect(choice.target == 0.1)
    // Letters that are surer than any number can tell: what is accepted is accepted still.
    let extreme = ThresholdChoice(targetErrorRate: 0.1, calibration: curve([(1, true), (1 - 1e-16, false)]))
    #expect(extreme.threshold > 1 - 1e-16 && extreme.threshold <= 1 && extreme.point.accepted == 1)
    let low = ThresholdChoice(targetErrorRate: 0.1, calibration: curve([(0.5, true), (0, false)]))
    #expect(low.threshold > 0 && low.threshold < 0.5)
  }

  /// Where all letters are good enough, the least sure of them is the threshold.
  @Test func allLetters() {
    let choice = ThresholdChoice(targetErrorRate: 0, calibration: curve([(0.9, true), (0.4, true)]))
    #expect(choice.threshold == 0.4 && choice.point.accepted == 2 && choice.basis == .observed)
    let met = ThresholdChoice(targetErrorRate: 0.5, calibration: curve([(0.9, true), (0.4, false)]))
    #expect(met.threshold == 0.4, "a rate that is the target's is within it")
  }

  /// Three quarters may be rejected, and not one letter more.
  @Test func mostRejected() {
    let good = (0..<25).map { (0.9 + Double($0) * 1e-3, true) }
    let bad = (0..<75).map { (0.1 + Double($0) * 1e-3, false) }
    let just = ThresholdChoice(targetErrorRate: 0, calibration: curve(good + bad))
    #expect(just.basis == .observed && just.point.accepted == 25)
    let more = ThresholdChoice(targetErrorRate: 0, calibration: curve(good + bad, rejected: 1))
    #expect(more.basis == .unreachable)
    // The least error rate within reach, and of equal ones the one that accepts most.
    #expect(more.point.accepted == 26 && more.point.errors == 1)
  }

  /// A reader that is wrong as often as right is believed nowhere.
  @Test func believedNowhere() {
    let even = ThresholdChoice(targetErrorRate: 0.1, calibration: curve([(0.9, false), (0.8, true)]))
    #expect(even.basis == .unreachable && even.threshold == 2 && even.point.accepted == 0 && even.point.total == 2)
    let better = ThresholdChoice(targetErrorRate: 0.1, calibration: curve([(0.9, false), (0.8, true), (0.7, true)]))
    #expect(better.basis == .unreachable && better.point.accepted == 3 && better.threshold == 0.7)
    #expect(ThresholdChoice(targetErrorRate: 0.1, calibration: curve([])).threshold == 2)
  }

  /// The bound is held where few more letters have to be rejected for it.
  @Test func priceOfTheBound() {
    // 1,000 sure letters of which none is wrong are within 0.3 %; 30 less sure ones hold one error among them.
    let sure = (0..<1_000).map { (0.99 + Double($0) * 1e-6, true) }
    func unsure(_ count: Int) -> [(Double, Bool)] { (0..<count).map { (0.5 + Double($0) * 1e-4, $0 != count - 1) } }
    let cheap = ThresholdChoice(targetErrorRate: 0.003, calibration: curve(sure + unsure(30)))
    #expect(cheap.basis == .bound && cheap.point.errors == 0 && cheap.point.accepted == 1_000)
    #expect(cheap.point.upperBound <= 0.003)
    // For which 50 of 1,050 letters are too many.
    let dear = ThresholdChoice(targetErrorRate: 0.003, calibration: curve(sure + unsure(50)))
    #expect(dear.basis == .observed && dear.point.accepted == 1_050 && dear.point.errors == 1)
    // Where the bound is within the target already, nothing more is rejected.
    let free = ThresholdChoice(targetErrorRate: 0.01, calibration: curve(sure + unsure(30)))
    #expect(free.basis == .bound && free.point.accepted == 1_030)
  }
}

/// What is left of a test's letters at a threshold.
@Suite struct ErrorRejectCurveTests {
  private let curve = ErrorRejectCurve([
    JudgedReading(confidence: 0.9, isRight: true), JudgedReading(confidence: 0.7, isRight: false),
    JudgedReading(confidence: 0.7, isRight: true), JudgedReading(confidence: 0.2, isRight: true),
    JudgedReading(confidence: nil, isRight: true),
  ])

  @Test func points() {
    #expect(curve.points.map(\.threshold) == [0.2, 0.7, 0.9] && curve.points.map(\.accepted) == [4, 3, 1])
    #expect(curve.points.map(\.errors) == [1, 1, 0] && curve.points.allSatisfy { $0.total == 5 })
    #expect(curve.points.map(\.errorRate) == [0.25, 1.0 / 3, 0])
    #expect(abs(curve.points[0].rejectRate - 0.2) < 1e-15 && abs(curve.points[2].rejectRate - 0.8) < 1e-15)
    let nothing = ErrorRejectCurve.Point(threshold: 1, accepted: 0, errors: 0, total: 0)
    #expect(nothing.errorRate == 0 && nothing.rejectRate == 0 && nothing.interval == 0...1 && nothing.upperBound == 1)
  }

  @Test func thresholds() {
    #expect(curve.point(atThreshold: 0.7).accepted == 3, "a letter that is as sure as the threshold is accepted")
    #expect(curve.point(atThreshold: 0.700_1).accepted == 1)
    #expect(curve.point(atThreshold: 0.95) == .init(threshold: 0.95, accepted: 0, errors: 0, total: 5))
    #expect(curve.point(rejectingAtMost: 0.2)?.accepted == 4)
    #expect(curve.point(rejectingAtMost: 0.79)?.accepted == 3 && curve.point(rejectingAtMost: 0.8)?.accepted == 1)
    #expect(curve.point(rejectingAtMost: 0.19) == nil)
  }

  @Test func judgments() {
    let truth = Symbol.symbols(of: "12345")
    let right = JudgedReading(Reading(text: "12345", confidence: 0.5), truth: truth)
    #expect(right == JudgedReading(confidence: 0.5, isRight: true))
    #expect(JudgedReading(Reading(text: "12346", confidence: 0.5), truth: truth).isRight == false)
    let rejected = JudgedReading(Reading(text: "12345", confidence: 1, rejection: .digitCount(4)), truth: truth)
    #expect(rejected == JudgedReading(confidence: nil, isRight: false))
  }
}
