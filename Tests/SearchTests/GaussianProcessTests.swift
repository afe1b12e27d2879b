import DescentTensors
import Foundation
import TestSupport
import Testing

@testable import DescentSearch

@Suite struct GaussianProcessTests {
  private static let points = [[0.0, 0], [0.2, 0.9], [0.5, 0.4], [0.9, 0.1], [1, 1]]
  private static let values = [1, 0.3, -0.5, 0.7, -1.2]
  private static let places = [[0.1, 0.3], [0.7, 0.6]]

  private func expectClose(_ found: Double, _ wanted: Double, _ tolerance: Double = 1e-10) {
    #expect(abs(found - wanted) <= tolerance * max(1, abs(wanted)), "\(found) is not \(wanted)")
  }

  /// Three values whose posterior has a closed form.
  @Test func threeValuesGiveTheKnownPosterior() throws {
    let process = try GaussianProcess(
      [1, 0, 0.5], at: [[0], [0.5], [1]], kernel: .rbf,
      parameters: .init(lengthScales: [0.3], signalVariance: 1, noiseVariance: 1e-6))
    let (means, variances) = try process.prediction(at: [[0.25], [0.75]])
    expectClose(means[0], 0.5058635254950808)
    expectClose(means[1], 0.17322222130213058)
    expectClose(variances[0], 0.1900714486439239)
    expectClose(variances[1], 0.1900714486439239)
    expectClose(process.logMarginalLikelihood, -3.392987248150)
  }

  /// What GaussianProcessRegressor of scikit-learn 1.9.1 gives with these kernels.
  @Test(arguments: [
    (
      GaussianProcess.Kernel.matern52, [0.6930323528176372, -0.6491367689912053],
      [0.2758354354693134, 0.3374890020942743], -6.991251073731898
    ),
    (
      .rbf, [0.7098731324201504, -0.8148013346238319], [0.11151431339358499, 0.13776686880662936], -7.27442846290444
    ),
  ])
  func posteriorIsScikitLearns(
    _ kernel: GaussianProcess.Kernel, _ means: [Double], _ variances: [Double], _ likelihood: Double
  ) throws {
    let process = try GaussianProcess(
      Self.values, at: Self.points, kernel: kernel,
      parameters: .init(lengthScales: [0.4, 0.7], signalVariance: 1.5, noiseVariance: 1e-3))
    let found = try process.prediction(at: Self.places)
    for place in 0..<2 {
      expectClose(found.means[place], means[place])
      expectClose(found.variances[place], variances[place])
    }
    expectClose(process.logMarginalLikelihood, likelihood)
  }

  /// The rows that fill up a plan do not count, however many there are.
  @Test func paddingChangesNothing() throws {
    let parameters = GaussianProcess.Parameters(lengthScales: [0.5, 0.5], noiseVariance: 1e-4)
    for count in [1, 15, 16, 17, 40] {
      let points = (0..<count).map { row -> [Double] in
        let rest = row * row % 17
        return [Double(row) / 40, Double(rest) / 17]
      }
      let values = points.map { point -> Double in sin(3 * point[0]) + point[1] }
      let process = try GaussianProcess(values, at: points, parameters: parameters)
      let found = try process.prediction(at: Self.places)
      for (place, point) in Self.places.enumerated() {
        let expected = Self.byHand(values, points, parameters, at: point)
        expectClose(found.means[place], expected.mean, 1e-8)
        expectClose(found.variances[place], expected.variance, 1e-8)
      }
    }
  }

  /// The posterior by Gaussian elimination on the covariances.
  private static func byHand(
    _ values: [Double], _ points: [[Double]], _ parameters: GaussianProcess.Parameters, at place: [Double]
  ) -> (mean: Double, variance: Double) {
    func kernel(_ a: [Double], _ b: [Double]) -> Double {
      var squared = 0.0
      for (index, scale) in parameters.lengthScales.enumerated() {
        squared += (a[index] - b[index]) * (a[index] - b[index]) / (scale * scale)
      }
      let r = (5 * squared).squareRoot()
      return parameters.signalVariance * (1 + r + 5 / 3 * squared) * exp(-r)
    }
    let cross = points.map { kernel($0, place) }
    var rows = points.indices.map { row in
      points.indices.map { kernel(points[row], points[$0]) + (row == $0 ? parameters.noiseVariance : 0) }
        + [values[row], cross[row]]
    }
    let count = points.count
    for pivot in 0..<count {
      for row in pivot + 1..<max(count, pivot + 1) {
        let factor = rows[row][pivot] / rows[pivot][pivot]
        for column in pivot..<count + 2 { rows[row][column] -= factor * rows[pivot][column] }
      }
    }
    var (alpha, beta) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
    for row in (0..<count).reversed() {
      var (first, second) = (rows[row][count], rows[row][count + 1])
      for column in row + 1..<max(count, row + 1) {
        first -= rows[row][column] * alpha[column]
        second -= rows[row][column] * beta[column]
      }
      alpha[row] = first / rows[row][row]
      beta[row] = second / rows[row][row]
    }
    let mean = zip(cross, alpha).reduce(0) { $0 + $1.0 * $1.1 }
    let taken = zip(cross, beta).reduce(0) { $0 + $1.0 * $1.1 }
    return (mean, parameters.signalVariance - taken)
  }

  @Test(arguments: [GaussianProcess.Kernel.matern52, .rbf])
  func slopesOfMomentsAreFiniteDifferences(_ kernel: GaussianProcess.Kernel) throws {
    let posterior = try Posterior(
      Posterior.Points(Self.points), targets: Self.values.map { [$0, 2 - $0 * $0] }, kernel,
      [log(0.4), log(0.7), log(1.5), log(1e-3)], shift: 0.25)
    let place = [0.35, 0.6]
    let slopes = try posterior.slopes(at: place)
    let there = try posterior.moments(at: place)
    for member in 0..<2 { expectClose(slopes.means[member], there.means[member]) }
    expectClose(slopes.variance, there.variances[0])
    let step = 1e-5
    for direction in 0..<2 {
      var (low, high) = (place, place)
      low[direction] -= step
      high[direction] += step
      let moments = try posterior.moments(at: low + high)
      for member in 0..<2 {
        let difference = (moments.means[2 + member] - moments.means[member]) / (2 * step)
        expectClose(slopes.meanSlopes[member * 2 + direction], difference, 1e-7)
      }
      expectClose(slopes.varianceSlope[direction], (moments.variances[1] - moments.variances[0]) / (2 * step), 1e-7)
    }
  }

  @Test(arguments: [GaussianProcess.Kernel.matern52, .rbf])
  func gradientOfTheLikelihoodIsFiniteDifferences(_ kernel: GaussianProcess.Kernel) throws {
    func likelihood(_ logarithms: [Double]) throws -> Double {
      try Posterior(Posterior.Points(Self.points), targets: Self.values.map { [$0] }, kernel, logarithms)
        .logLikelihoods[0]
    }
    let logarithms = [log(0.4), log(0.7), log(1.5), log(1e-2)]
    let plan = try GaussianPlans(.init(kernel: kernel, capacity: 16, width: 2, members: 1)).likelihood()
    let padded = Posterior.Points(Self.points).padded(to: 16)
    let found = try plan.run([
      .numbers(logarithms, 4), .numbers(padded, 16, 2), .numbers((0..<16).map { $0 < 5 ? 1 : 0 }, 16),
      .numbers(Self.values + [Double](repeating: 0, count: 11), 16),
    ])
    expectClose(-found[0][0] - 5 * Normal.logRootTwoPi, try likelihood(logarithms))
    for index in logarithms.indices {
      var (low, high) = (logarithms, logarithms)
      low[index] -= 1e-5
      high[index] += 1e-5
      expectClose(-found[1][index], (try likelihood(high) - likelihood(low)) / 2e-5, 1e-6)
    }
  }

  @Test func fittedScalesTellWhichDirectionMatters() throws {
    let points = (0..<30).map { row -> [Double] in
      let (first, second) = (row * 7 % 30, row * 11 % 30)
      return [Double(first) / 30, Double(second) / 3]
    }
    func value(_ x: Double) -> Double { 1_000 + 50 * sin(6 * x) }
    let process = try GaussianProcess(fitting: points.map { value($0[0]) }, at: points)
    #expect(process.parameters.lengthScales[1] / 10 > 3 * process.parameters.lengthScales[0])
    let (means, variances) = try process.prediction(at: [[0.505, 3], [0.21, 8]])
    #expect(abs(means[0] - value(0.505)) < 1)
    #expect(abs(means[1] - value(0.21)) < 1)
    #expect(variances.allSatisfy { $0 >= 0 && $0 < 25 })
  }

  /// Twenty values of a bowl tell what it is like everywhere, within a twentieth of their deviation.
  @Test func valuesOfASmoothFunctionReachFar() throws {
    let points = (0..<20).map { row -> [Double] in
      let rest = row * 7 % 20
      return [Double(rest) / 20, Double(row) / 20]
    }
    func bowl(_ point: [Double]) -> Double {
      let (x, y) = (point[0] - 0.3, point[1] - 0.3)
      return x * x + y * y
    }
    let values = points.map(bowl)
    let process = try GaussianProcess(fitting: values, at: points)
    var random = TrialRandom(seed: 1, trial: 0, purpose: "places")
    let places = (0..<200).map { _ in [random.unit(), random.unit()] }
    let means = try process.prediction(at: places).means
    let errors = zip(means, places).map { $0 - bowl($1) }
    let squares = errors.reduce(0) { $0 + $1 * $1 / 200 }
    #expect(squares.squareRoot() < Standardization(values).deviation / 20)
  }

  /// That a function is rough and that values are noisy explain them both; the likelier of the two is found.
  @Test(arguments: [0.05, 0.2, 0.5]) func noiseIsFound(_ deviation: Double) throws {
    var random = TrialRandom(seed: 7, trial: 0, purpose: "noise")
    let points = (0..<40).map { row -> [Double] in
      let rest = row * 11 % 40
      return [Double(row) / 40, Double(rest) / 40]
    }
    let values = points.map { point -> Double in sin(5 * point[0]) + point[1] + deviation * random.normal() }
    let process = try GaussianProcess(fitting: values, at: points, restarts: 0)
    let found = process.parameters.noiseVariance.squareRoot()
    #expect(found > 0.6 * deviation && found < 1.6 * deviation, "\(found) is not \(deviation)")
  }

  @Test func samplesHaveThePosteriorsMoments() throws {
    let process = try GaussianProcess(
      Self.values, at: Self.points, parameters: .init(lengthScales: [0.4, 0.7], noiseVariance: 1e-3, mean: 3))
    let draws = try process.samples(2_000, at: Self.places, seed: 3)
    let (means, variances) = try process.prediction(at: Self.places)
    for place in 0..<2 {
      let numbers = draws.map { $0[place] }
      let scaling = Standardization(numbers)
      #expect(abs(scaling.mean - means[place]) < 4 * (variances[place] / 2_000).squareRoot())
      #expect(abs(scaling.deviation * scaling.deviation / variances[place] - 1) < 0.15)
    }
    #expect(try draws == process.samples(2_000, at: Self.places, seed: 3))
  }

  @Test func wrongArgumentsAreTold() {
    let parameters = GaussianProcess.Parameters(lengthScales: [1])
    #expect(throws: SearchError.self) { try GaussianProcess([1, 2], at: [[0]], parameters: parameters) }
    #expect(throws: SearchError.self) { try GaussianProcess([], at: [], parameters: parameters) }
    #expect(throws: SearchError.self) { try GaussianProcess([1], at: [[0, 1]], parameters: parameters) }
    #expect(throws: SearchError.self) { try GaussianProcess([.nan], at: [[0]], parameters: parameters) }
    #expect(throws: SearchError.self) {
      try GaussianProcess([1], at: [[0]], parameters: .init(lengthScales: [0]))
    }
    #expect(throws: SearchError.self) {
      try GaussianProcess([1, 2], at: [[0], [0]], parameters: .init(lengthScales: [1], noiseVariance: 1e-300))
    }
    #expect(throws: SearchError.self) { try GaussianProcess(fitting: [1, 2], at: [[0], [0, 1]]) }
  }
}
