import DescentGraph
import DescentOptimizers
import DescentTensors
import Foundation
import Testing

@Suite struct MuonTests {
  private let plain = Muon(learningRate: 1, weightDecay: 0, leastSide: 1)

  /// What the first step turns a gradient into: the step without the rate and the scale.
  private func turned(_ gradient: [Double], _ shape: Shape, rows: Int, columns: Int) throws -> [Double] {
    let zero = Tensor(zeros: shape, .float64)
    let parameter = OptimizedParameter(
      path: "w", value: zero, gradient: Tensor(gradient, shape: shape, .float64))
    let scale = 0.2 * Double(max(rows, columns)).squareRoot()
    return try firstStep(plain, [parameter]).values[0].scalars().map { -$0 / scale }
  }

  /// A singular value after five rounds of the polynomial, where the matrix is diagonal.
  private func grown(_ value: Double) -> Double {
    (0..<5).reduce(value) { x, _ in 3.4445 * x - 4.7750 * x * x * x + 2.0315 * x * x * x * x * x }
  }

  @Test func singularValuesFollowThePolynomial() throws {
    let found = try turned([3, 0, 0, 0.5], [2, 2], rows: 2, columns: 2)
    let norm = (9 + 0.25).squareRoot()
    expectClose(found, [grown(3 / norm), 0, 0, grown(0.5 / norm)], within: 1e-9)
    #expect(found[0] > 0.6 && found[0] < 1.3)
    #expect(found[3] > 0.6 && found[3] < 1.3)
  }

  @Test(arguments: [(6, 3), (3, 6), (5, 5)]) func stepsAreNearlyOrthogonal(rows: Int, columns: Int) throws {
    var seed = 7.0
    func next() -> Double {
      seed = (seed * 16_807).truncatingRemainder(dividingBy: 2_147_483_647)
      return seed / 2_147_483_647 - 0.5
    }
    let gradient = (0..<rows * columns).map { _ in next() }
    let step = try turned(gradient, [rows, columns], rows: rows, columns: columns)
    // The step goes along the gradient, and turns a vector into one of about the same length where the matrix is not
    // flat.
    #expect(zip(step, gradient).reduce(0) { $0 + $1.0 * $1.1 } > 0)
    let squares = step.reduce(0) { $0 + $1 * $1 }
    let side = Double(min(rows, columns))
    #expect(squares > 0.4 * side && squares < 1.5 * side)
  }

  @Test func kernelsAreTakenAsMatrices() throws {
    let gradient = (0..<24).map { sin(Double($0 * $0)) }
    let kernel = try turned(gradient, [2, 3, 2, 2], rows: 12, columns: 2)
    let matrix = try turned(gradient, [12, 2], rows: 12, columns: 2)
    expectClose(kernel, matrix)
  }

  @Test func vectorsAndNarrowMatricesMoveByAdamW() throws {
    let start: [[Double]] = [[1, -2], [1, -2, 3, 4]]
    let slope: ([Double]) -> [Double] = { $0.map { 2 * $0 + 1 } }
    let muon = Muon(learningRate: 0.1, weightDecay: 0.5, leastSide: 3)
    let adam = AdamW(learningRate: 0.1, weightDecay: 0.5)
    let found = try descend(muon, from: start, shapes: [[2], [2, 2]], steps: 4, gradient: slope)
    let wanted = try descend(adam, from: start, shapes: [[2], [2, 2]], steps: 4, gradient: slope)
    expectClose(found[0], wanted[0])
    expectClose(found[1], wanted[1])
  }

  @Test func matricesShrinkByTheirDecay() throws {
    let muon = Muon(learningRate: 0.1, weightDecay: 0.5, leastSide: 1)
    let found = try descend(muon, from: [[1, 2, 3, 4]], shapes: [[2, 2]], steps: 3) { $0.map { _ in 0 } }
    expectClose(found[0], [1, 2, 3, 4].map { $0 * pow(0.95, 3) })
  }

  @Test func parametersOf16BitsRememberInFloat32() throws {
    let value = Tensor([1, 2, 3, 4], shape: [2, 2]).converted(to: .bfloat16)
    let parameter = OptimizedParameter(path: "w", value: value, gradient: value)
    let (values, state) = try firstStep(plain, [parameter])
    #expect(values[0].elementType == .bfloat16 && values[0].shape == [2, 2])
    let remembered = try #require(state["w"])
    #expect(remembered.momentum?.elementType == .float32 && remembered.moments == nil)
  }

  @Test func senselessSettingsAreNamed() {
    #expect(
      fault(of: Muon(momentum: 1)).contains("Muon: its momentum must be at least 0.0 and less than 1.0, found 1.0"))
    #expect(fault(of: Muon(weightDecay: -1)).contains("Muon: its weightDecay must be at least 0.0, found -1.0"))
  }
}
