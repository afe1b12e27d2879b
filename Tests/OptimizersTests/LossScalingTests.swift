import DescentTensors
import Testing

@testable import DescentOptimizers

@Suite struct LossScalingTests {
  private let optimizer = SGD(learningRate: 1).scalingLoss(initial: 8, growthAfter: 2)

  /// Steps with gradients of the loss times the scale; where a number is infinite, it stays so.
  private func run(_ slopes: [Double]) throws -> (values: [Double], scales: [Double], skipped: Double) {
    var parameter = OptimizedParameter(path: "w", value: Tensor([0], .float64))
    var state = try optimizer.initialState(for: [parameter])
    var (values, scales) = ([Double](), [Double]())
    for (index, slope) in slopes.enumerated() {
      let scale = try #require(optimizer.lossScale(in: state)).scale
      parameter.gradient = Tensor([slope], .float64) * scale
      var step = StepContext(number: Tensor(Double(index + 1), .float64))
      step.lossScale = scale
      let movements = try optimizer.movements(of: [parameter], state: &state, at: step)
      parameter.value = parameter.moved(by: movements[0])
      values.append(try parameter.value.item())
      scales.append(try state.loss.scale.item())
    }
    return (values, scales, try state.loss.skippedSteps.item())
  }

  @Test func scalesGrowAndShrink() throws {
    let found = try run([1, 1, 1, .infinity, 1, .nan, .nan, 1, 1])
    // Gradients count unscaled; those that overflow are left out.
    #expect(found.values == [-1, -2, -3, -3, -4, -4, -4, -5, -6])
    #expect(found.scales == [8, 16, 16, 8, 8, 4, 2, 2, 4])
    #expect(found.skipped == 3)
  }

  @Test func theScaleHasALargestValue() throws {
    let found = try run([Double](repeating: 0, count: 60))
    #expect(found.scales.last == 16_777_216)
  }

  @Test func itStandsOutermost() throws {
    let wrong = optimizer.clipping(globalNorm: 1)
    #expect(throws: TensorError.self) {
      try firstStep(wrong, [OptimizedParameter(path: "w", value: Tensor([1]))])
    }
    let plain = SGD(learningRate: 1)
    #expect("\(plain.scalingLoss())" == "\(plain).scalingLoss()")
    #expect("\(optimizer)" == "\(plain).scalingLoss(initial: 8.0, growthAfter: 2.0)")
    #expect(optimizer.rate == 1)
  }

  @Test func settingsThatMakeNoSenseAreTold() {
    let rule = SGD(learningRate: 1)
    #expect(fault(of: rule.scalingLoss(initial: 0)).contains("initial"))
    #expect(fault(of: rule.scalingLoss(growth: 0.5)).contains("growth"))
    #expect(fault(of: rule.scalingLoss(backoff: 1)).contains("backoff"))
    #expect(fault(of: rule.scalingLoss(growthAfter: 0)).contains("growthAfter"))
    #expect(fault(of: rule.scalingLoss()) == "no error")
  }

  /// An overflow that lowers the scale is nothing to refuse; what overflows without a scale is.
  @Test func overflowsOfTheScaleAreNotRefused() throws {
    let rule = SGD(learningRate: 1).guarding(nonFinite: .refused).scalingLoss(initial: 0.5)
    func refused(_ gradient: Double) throws -> [Bool] {
      let parameter = OptimizedParameter(
        path: "w", value: Tensor([0], .float64), gradient: Tensor([gradient], .float64))
      var state = try rule.initialState(for: [parameter])
      var step = StepContext(number: Tensor(1, .float64))
      step.lossScale = state.loss.scale
      _ = try rule.movements(of: [parameter], state: &state, at: step)
      return try step.conditions.refused.map { try $0.condition.item(as: Bool.self) }
    }
    #expect(try refused(.infinity) == [false])
    #expect(try refused(1) == [false])
    #expect(try refused(.greatestFiniteMagnitude) == [true])
  }
}
