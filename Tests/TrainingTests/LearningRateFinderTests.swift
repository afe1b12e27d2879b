import DescentOptimizers
import DescentTensors
import Foundation
import Testing

@testable import DescentTraining

@Suite struct LearningRateFinderTests {
  /// Where the largest curvature is 8, gradient descent grows beyond a rate of 2 / 8.
  @Test func descentIsTriedUntilItDiverges() throws {
    let curvatures = Tensor([8, 1], .float64)
    let start = Tensor([1, 10], .float64)
    let curve = try findLearningRate(
      start, over: [Tensor(1, .float64), Tensor(1, .float64)], from: 1e-4, to: 100, steps: 120,
      optimizer: { SGD(learningRate: $0) }
    ) { (w: Tensor, x: Tensor) in (curvatures * square(w)).sum() * x / 2 }
    let minimum = try #require(curve.minimum)
    let suggestion = try #require(curve.suggestion)
    #expect(suggestion < minimum.rate && suggestion > 1e-3 && suggestion < 0.5, "\(curve)")
    #expect(curve.points.count < 120 && curve.points.count > 60, "\(curve)")
    #expect(curve.points[0].loss == 54 && curve.points[0].rate == 1e-4)
    let ratio = curve.points[1].rate / curve.points[0].rate
    for (a, b) in zip(curve.points, curve.points.dropFirst()) { #expect(abs(b.rate / a.rate / ratio - 1) < 1e-12) }
    #expect(try start.scalars() == [1, 10])
    #expect("\(curve)".hasPrefix("take 0.") && "\(curve)".contains("tried 0.0001 to"))
    let again = try JSONDecoder().decode(LearningRateCurve.self, from: try JSONEncoder().encode(curve))
    #expect(again == curve)
  }

  @Test func stepsAreThoseOfAGrowingRate() throws {
    let curve = try findLearningRate(
      Tensor(0, .float64), over: [Tensor(1, .float64)], from: 1, to: 8, steps: 4, optimizer: { SGD(learningRate: $0) }
    ) { (w: Tensor, x: Tensor) in w * x }
    #expect(curve.points.map(\.loss) == [0, -1, -3, -7])
    for (found, wanted) in zip(curve.points.map(\.rate), [1.0, 2, 4, 8]) { #expect(abs(found - wanted) < 1e-12) }
  }

  @Test func losseslessCurvesSuggestNothing() throws {
    #expect(LearningRateCurve(rates: [], losses: []).suggestion == nil)
    #expect("\(LearningRateCurve(rates: [], losses: []))" == "no learning rate was tried")
    let rising = LearningRateCurve(rates: [1, 2, 3, 4], losses: [1, 2, 3, 4])
    #expect(rising.suggestion == nil && "\(rising)".hasPrefix("no rate to take"))
    let broken = LearningRateCurve(rates: [1, 2, 3, 4], losses: [4, 3, .nan, 1])
    #expect(broken.points.count == 2)
    let plain = LearningRateCurve(rates: [1, 2, 4, 8, 16], losses: [5, 4.9, 3, 2.8, 9], smoothing: 0)
    #expect(plain.points.map(\.smoothed) == [5, 4.9, 3, 2.8, 9])
    #expect(plain.suggestion == 4)
    // Weights of the neighbors fall to both sides.
    let smooth = LearningRateCurve(rates: [1, 2, 4], losses: [1, 0, 0], smoothing: 0.5)
    let wanted: [Double] = [1 / 1.75, 0.25, 0.25 / 1.75]
    #expect(smooth.points.map(\.smoothed) == wanted)
  }

  @Test func senselessSweepsAreTold() throws {
    func message(_ lowest: Double, _ highest: Double, _ steps: Int, _ batches: [Tensor]) -> String {
      do {
        _ = try findLearningRate(
          Tensor(0), over: batches, from: lowest, to: highest, steps: steps, optimizer: { SGD(learningRate: $0) }
        ) { (w: Tensor, x: Tensor) in w * x }
        return "no error"
      } catch { return "\(error)" }
    }
    #expect(message(1, 0.5, 10, [Tensor(1)]).contains("cannot try 10 rates from 1.0 to 0.5"))
    #expect(message(0, 1, 10, [Tensor(1)]).contains("from 0.0 to 1.0"))
    #expect(message(1, 2, 1, [Tensor(1)]).contains("cannot try 1 rates"))
    #expect(message(1, 2, 3, []).contains("there are no batches"))
  }
}
