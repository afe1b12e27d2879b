import DescentTensors
import Foundation
import TestProblems
import Testing

@testable import DescentMinimization

@Suite struct LeastSquaresTests {
  private let x = Tensor([0.0, 1, 2, 3, 4, 5, 6, 7], .float64)
  private let y = Tensor([1.1, 2.9, 5.2, 6.8, 9.1, 10.9, 13.2, 14.8], .float64)

  private func line(_ b: Tensor) -> Tensor { y - (b[0] + b[1] * x) }

  /// Against the formulas of the straight line, in one step from anywhere.
  @Test(arguments: [LeastSquaresMethod.levenbergMarquardt(), .dogleg(), .gaussNewton])
  func aStraightLine(method: LeastSquaresMethod) throws {
    let fit = try leastSquares(
      from: Tensor([1.0, 1], .float64), by: method, observed: y, recordsPath: true, residuals: line)
    // scipy 1.17.1, linregress.
    #expect(abs(fit.numbers[1] - 1.9857142857142858) < 1e-13)
    #expect(abs(fit.numbers[0] - 1.05) < 1e-12)
    #expect(abs(fit.standardErrors[1] - 0.027561516435213727) < 1e-13, "\(fit.standardErrors)")
    #expect(abs(fit.standardErrors[0] - 0.11529809536002639) < 1e-13)
    #expect(abs((fit.explainedVariance ?? 0) - 0.9988454247802862) < 1e-13)
    #expect(fit.degreesOfFreedom == 6 && fit.isConverged)
    #expect(fit.path.count == fit.iterations + 1 && fit.path.first?.point == [1, 1])
    #expect(fit.path.last?.value == fit.value && fit.value == fit.residualSumOfSquares)
    let covariance = try fit.covariance.scalars()
    #expect(covariance[1] == covariance[2] && covariance[1] < 0)
    #expect(abs(covariance[0].squareRoot() - fit.standardErrors[0]) < 1e-15)
    #expect(fit.residuals.count == 8 && abs(fit.residuals.reduce(0, +)) < 1e-12)
  }

  @Test func theResultInWords() throws {
    let fit = try leastSquares(from: Tensor([0.0, 0], .float64), observed: y, residuals: line)
    let text = fit.text(names: ["offset", "slope"])
    for line in [
      "offset       1.05         ± 0.1153", "slope        1.985714286  ± 0.02756", "squares      0.1914285714",
      "6 degrees of freedom", "R²           0.9988", "method       Levenberg and Marquardt",
      "correlation  offset\nslope        −0.8367",
    ] {
      #expect(text.contains(line), "\(line)\n\(text)")
    }
    #expect(fit.description.hasPrefix("[0]"), "\(fit)")
  }

  /// Parameters in a model, of several tensors and element types.
  @Test func aModelAsParameters() throws {
    struct Line: Codable, Sendable {
      var slope: Tensor
      var offsets: Tensor
      var steps: Tensor
    }
    let start = Line(slope: Tensor(1), offsets: Tensor([0.5, 0.5], .float64), steps: Tensor(integers: [3], .int32))
    let fit = try leastSquares(from: start) { model in
      y - (model.slope.converted(to: .float64) * x + model.offsets.sum() - model.offsets[1])
    }
    #expect(fit.names == ["slope", "offsets[0]", "offsets[1]"])
    #expect(fit.point.slope.elementType == .float32 && fit.point.offsets.elementType == .float64)
    #expect(abs(try fit.point.slope.item() - 1.98571) < 1e-4)
    #expect(try fit.point.steps.integers() == [3])
    // The second offset takes itself away.
    #expect(fit.notes == ["not determined by the data: offsets[1]"], "\(fit)")
    #expect(fit.standardErrors[2].isNaN && fit.standardErrors[1].isFinite)
  }

  @Test func severalPoints() throws {
    let fit = try leastSquares(from: Tensor(1.0, .float64), Tensor(0.0, .float64)) { slope, offset in
      y - (slope * x + offset)
    }
    #expect(abs(try fit.point.0.item() - 1.9857142857142858) < 1e-12)
  }

  /// The user's own Jacobian is the one that is used.
  @Test func aJacobianOfTheUsers() throws {
    let own = try leastSquares(
      from: Tensor([0.0, 0], .float64),
      jacobian: { (b: Tensor) in stacked([Tensor(onesLike: x) * -1 + 0 * b[0], -x], axis: 1) }, residuals: line)
    let derived = try leastSquares(from: Tensor([0.0, 0], .float64), residuals: line)
    #expect(zip(own.numbers, derived.numbers).allSatisfy { abs($0 - $1) < 1e-13 })
    #expect(throws: TensorError.self) {
      try leastSquares(
        from: Tensor([0.0, 0], .float64), jacobian: { (b: Tensor) in b }, residuals: line)
    }
  }

  /// A weight counts as so many observations.
  @Test func weights() throws {
    let weights = Tensor([1.0, 2, 1, 1, 3, 1, 1, 0], .float64)
    let weighted = try leastSquares(
      from: Tensor([0.0, 0], .float64), weights: weights, observed: y, residuals: line)
    let places = [0, 1, 1, 2, 3, 4, 4, 4, 5, 6]
    let (xs, ys) = (try x.scalars(), try y.scalars())
    let (many, values) = (
      Tensor(places.map { xs[$0] }, .float64), Tensor(places.map { ys[$0] }, .float64)
    )
    let repeated = try leastSquares(from: Tensor([0.0, 0], .float64), observed: values) { (b: Tensor) in
      values - (b[0] + b[1] * many)
    }
    #expect(zip(weighted.numbers, repeated.numbers).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(abs(weighted.residualSumOfSquares - repeated.residualSumOfSquares) < 1e-12)
    #expect(weighted.degreesOfFreedom == 5 && repeated.degreesOfFreedom == 8)
    #expect(abs((weighted.explainedVariance ?? 0) - (repeated.explainedVariance ?? 1)) < 1e-12)
  }

  /// An outlier, with each loss; against numpy's 20,000 iterations of weighted squares, with which scipy 1.17.1,
  /// `least_squares(…, loss=…, f_scale=0.5)`, agrees to the seven digits that it finds.
  @Test(arguments: [
    (ResidualLoss.squares, [5.216666666666669, 1.152380952380952]),
    (.huber(0.5), [1.3714285714285739, 1.921428571428571]), (.softL1(0.5), [1.4756842928277019, 1.9010921838789034]),
    (.cauchy(0.5), [1.035674862260394, 1.9874259287973706]),
  ]) func losses(loss: ResidualLoss, wanted: [Double]) throws {
    let odd = y + Tensor([10.0, 0, 0, 0, 0, 0, 0, 0], .float64)
    let fit = try leastSquares(from: Tensor([1.0, 1], .float64), loss: loss) { (b: Tensor) in odd - (b[0] + b[1] * x) }
    #expect(zip(fit.numbers, wanted).allSatisfy { abs($0 - $1) < 1e-9 * max(1, abs($1)) }, "\(fit.numbers)")
    #expect(fit.isConverged)
  }

  /// The sums of losses have the slopes that the factors give, in every regime.
  @Test(arguments: [ResidualLoss.squares, .huber(0.7), .softL1(0.7), .cauchy(0.7)])
  func theFactorsOfLosses(loss: ResidualLoss) throws {
    let residuals = Tensor([-3.0, -0.6, 0, 1e-9, 0.69, 0.71, 4], .float64)
    let slope = try gradient(at: residuals) { loss.total($0) }.scalars()
    let factors = try (loss.factors(residuals) ?? Tensor(onesLike: residuals)).scalars()
    for (index, residual) in try residuals.scalars().enumerated() {
      #expect(abs(slope[index] - 2 * factors[index] * factors[index] * residual) < 1e-14, "\(index)")
    }
  }

  private func box(_ lower: [Double], _ upper: [Double]) -> FeasibleSet {
    .box(lower: Tensor(lower, .float64), upper: Tensor(upper, .float64))
  }

  @Test func boundsAreThoseOfAMinimum() throws {
    struct Line: Codable, Sendable {
      var offset = Tensor(0.0, .float64)
      var slope = Tensor(0.0, .float64)
    }
    let byName = try leastSquares(from: Line(), within: .box(["slope": 0...1.5])) { (model: Line) -> Tensor in
      y - (model.offset + model.slope * x)
    }
    #expect(
      byName.numbers[1] == 1.5 && byName.notes == ["at a bound, without a standard error: slope"], "\(byName)")
    let error = #expect(throws: TensorError.self) {
      try leastSquares(from: Tensor([0.5, 0.5], .float64), within: .simplex(), residuals: line)
    }
    #expect(error?.message.contains("stay within boxes") == true, "\(String(describing: error))")
  }

  @Test func bounds() throws {
    let held = try leastSquares(
      from: Tensor([0.0, 0], .float64), within: box([-.infinity, 0], [.infinity, 1.5]),
      residuals: line)
    // With a slope of 1.5 the offset is the mean of what is left.
    #expect(held.numbers[1] == 1.5 && abs(held.numbers[0] - (8.0 - 1.5 * 3.5)) < 1e-12)
    #expect(held.isConverged && held.standardErrors[1].isNaN && held.standardErrors[0].isFinite)
    #expect(held.notes == ["at a bound, without a standard error: [1]"])
    let moved = try leastSquares(
      from: Tensor([0.0, 9], .float64), within: box([-.infinity, 0], [.infinity, 3]), residuals: line)
    #expect(moved.notes == ["the start lay outside of its bounds and was moved to them"])
    #expect(abs(moved.numbers[1] - 1.9857142857142858) < 1e-12)
    let all = try leastSquares(from: Tensor([0.5, 0.5], .float64), within: .box(lower: 0, upper: 1), residuals: line)
    #expect(all.numbers == [1, 1] || all.numbers[1] == 1, "\(all)")
    for (lower, upper, words) in [
      ([2.0, 0], [1.0, 1], "contradict"), ([0.0, 0, 0], [1.0], "the lower bound has 3 numbers, the point 2"),
      ([.nan], [1.0], "the lower bound holds NaN at 0"),
    ] {
      let error = #expect(throws: TensorError.self) {
        try leastSquares(
          from: Tensor([0.0, 0], .float64), within: box(lower, upper), residuals: line)
      }
      #expect(error?.message.contains(words) == true, "\(String(describing: error))")
    }
  }

  /// The problems of Moré, Garbow and Hillstrom that are published with bounds (Gay 1984); minima from Ceres'
  /// more_garbow_hillstrom.cc.
  @Test(arguments: [
    (4, [0.0, 3e-5], [1e6, 100.0], 784.0), (7, [-100.0, -1, -1], [0.8, 1, 1], 0.99042212),
    (14, [-100.0, -100, -100, -100], [0.0, 10, 100, 100], 1.5567008),
  ]) func boundedProblems(number: Int, lower: [Double], upper: [Double], minimum: Double) throws {
    let problem = try #require(Problem.all.first { $0.number == number })
    let fit = try leastSquares(
      from: Tensor(problem.start, .float64), within: box(lower, upper), residuals: problem.residuals)
    #expect(abs(fit.value - minimum) < 1e-6 * minimum, "\(problem.name)\n\(fit)")
  }

  /// The problems of Moré, Garbow and Hillstrom.
  @Test(arguments: Problem.all) func sumsOfSquares(problem: Problem) throws {
    let fit = try leastSquares(from: Tensor(problem.start, .float64), residuals: problem.residuals)
    let isSolved = problem.minima.contains { minimum in
      minimum == 0 ? fit.value < 1e-16 : abs(fit.value - minimum) < 1e-8 * minimum
    }
    #expect(isSolved, "\(problem.name)\n\(fit)")
  }

  @Test func whatIsRefused() throws {
    func told(_ words: String, _ body: () throws -> Void, location: SourceLocation = #_sourceLocation) {
      do {
        try body()
        Issue.record("nothing was refused", sourceLocation: location)
      } catch { #expect("\(error)".contains(words), "\(error)", sourceLocation: location) }
    }
    let start = Tensor([0.0, 0], .float64)
    told("1 residuals, where 2 parameters need at least as many") {
      _ = try leastSquares(from: start) { (b: Tensor) in b.sum() }
    }
    told("no floating-point numbers that can move") {
      _ = try leastSquares(from: Tensor(integers: [1, 2], .int32)) { (b: Tensor) in b }
    }
    told("do not depend on the parameters at the start") {
      _ = try leastSquares(from: start) { (b: Tensor) in y + 0 * b.sum() }
    }
    told("is nan at the start") {
      _ = try leastSquares(from: start) { (b: Tensor) in y * log(b[0] - 1) + b[1] }
    }
    told("the Jacobian holds a number that is not finite") {
      _ = try leastSquares(from: start) { (b: Tensor) in y - sqrt(b[0]) * x - b[1] }
    }
    told("7 weights of 8 residuals") {
      _ = try leastSquares(from: start, weights: Tensor(ones: [7], .float64), residuals: line)
    }
    told("the weight -1.0 of residual 1") {
      _ = try leastSquares(from: start, weights: Tensor([1.0, -1, 1, 1, 1, 1, 1, 1], .float64), residuals: line)
    }
    told("a loss of the scale 0.0") { _ = try leastSquares(from: start, loss: .huber(0), residuals: line) }
    told("a first step of -1.0") {
      _ = try leastSquares(from: start, by: .levenbergMarquardt(firstStep: -1), residuals: line)
    }
    told("2 observed numbers and 8 residuals") { _ = try leastSquares(from: start, observed: start, residuals: line) }
    told("where one tensor of floating-point residuals is needed") {
      _ = try leastSquares(from: start) { (b: Tensor) in (b + x[0..<2]).converted(to: .int32) }
    }
  }

  @Test func theEndsOfSearches() throws {
    func problem(_ stopping: Stopping) throws -> Fit<Tensor> {
      try leastSquares(from: Tensor([-1.2, 1], .float64), stopping: stopping) { (x: Tensor) in
        stacked([10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]])
      }
    }
    #expect(try problem(Stopping(iterations: 2)).reason == .iterations)
    #expect(try problem(Stopping(evaluations: 3)).reason == .evaluations)
    #expect(try problem(Stopping(target: 1)).reason == .target)
    #expect(try problem(Stopping(gradient: 0, condition: { $0.iteration == 3 })).iterations == 3)
    #expect(try problem(Stopping(gradient: 0, seconds: 0)).reason == .time)
    let whole = try problem(Stopping(gradient: 0))
    #expect(whole.isConverged && whole.value < 1e-28, "\(whole)")
    // MINPACK needs 21 evaluations.
    #expect(whole.evaluations.residuals <= 31)
  }

  /// An infinite or undefined value on the way shortens the step.
  @Test func undefinedOnTheWay() throws {
    let fit = try leastSquares(from: Tensor([0.01], .float64)) { (b: Tensor) in log(b[0]) * x - 2.0 * x }
    #expect(abs(fit.numbers[0] - exp(2.0)) < 1e-9, "\(fit)")
  }

  /// As many residuals as parameters leave no standard errors.
  @Test func anExactFit() throws {
    let fit = try leastSquares(from: Tensor([0.0, 0], .float64)) { (b: Tensor) in
      stacked([b[0] - 1, b[1] * b[1] - 4]) + 0 * b[0]
    }
    #expect(fit.degreesOfFreedom == 0 && fit.standardErrors.allSatisfy(\.isNaN))
    #expect(fit.description.contains("0 degrees of freedom"))
  }

  /// More parameters than a few go through the same steps.
  @Test func manyParameters() throws {
    let matrix = RandomKey(seed: 3).normal([120, 60]).converted(to: .float64)
    let wanted = RandomKey(seed: 4).normal([60]).converted(to: .float64)
    let right = matmul(matrix, wanted.expanded(axis: 1)).reshaped([120])
    let fit = try leastSquares(from: Tensor(zeros: [60], .float64)) { (b: Tensor) in
      matmul(matrix, sinh(b).expanded(axis: 1)).reshaped([120]) - right
    }
    let found = try sinh(fit.point).scalars()
    #expect(zip(found, try wanted.scalars()).allSatisfy { abs($0 - $1) < 1e-10 }, "\(fit)")
  }
}
