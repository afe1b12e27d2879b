import Descent
import Foundation

/// What a fit has found, for programs that read it.
struct FitReport: Encodable {
  struct Parameter: Encodable {
    var value: Double
    /// `nil` where the data or the bounds leave none.
    var standardError: Double?

    enum CodingKeys: CodingKey { case value, standardError }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(value, forKey: .value)
      try container.encode(standardError, forKey: .standardError)
    }
  }

  var parameters: [String: Parameter]
  var residualSumOfSquares: Double
  var degreesOfFreedom: Int
  var explainedVariance: Double?
  var iterations: Int
  var evaluations: Int
  var method: String
  var isConverged: Bool
  var stopped: String
  var notes: [String]

  init(_ fit: Fit<Tensor>, _ problem: FitProblem) {
    let values = zip(problem.parameters, zip(fit.numbers, fit.standardErrors)).map { parameter, found in
      (parameter.name, Parameter(value: found.0, standardError: found.1.isFinite ? found.1 : nil))
    }
    parameters = Dictionary(uniqueKeysWithValues: values)
    residualSumOfSquares = fit.residualSumOfSquares
    degreesOfFreedom = fit.degreesOfFreedom
    explainedVariance = fit.explainedVariance.flatMap { $0.isFinite ? $0 : nil }
    iterations = fit.iterations
    evaluations = fit.evaluations.residuals
    method = fit.method
    isConverged = fit.isConverged
    stopped = fit.reason.description
    notes = fit.notes
  }

  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
  }
}

/// A fit as a picture: data with the curve, or what was observed against what the fit gives, above the residuals.
enum FitPicture {
  static func figure(_ fit: Fit<Tensor>, _ problem: FitProblem, _ text: String) throws -> Figure {
    let fitted = zip(problem.observed, fit.residuals).map { $0 - $1 }
    var charts: [Chart]
    let place: [Double]
    let axis: String
    if problem.predictors.count == 1, let predictor = problem.predictors.first,
      let low = predictor.values.min(), let high = predictor.values.max(), low < high
    {
      let grid = (0...400).map { low + (high - low) * Double($0) / 400 }
      let curve = try problem.predictions(Tensor(fit.numbers, .float64), at: [grid]).scalars()
      (place, axis) = (predictor.values, predictor.name)
      charts = [
        Chart(
          "\(problem.title) = \(text)", x: Chart.Axis(axis), y: Chart.Axis(problem.title),
          [.scatter(place, problem.observed, name: "data"), .line(grid, curve, name: "fit")])
      ]
    } else {
      let ends = [(fitted + problem.observed).min() ?? 0, (fitted + problem.observed).max() ?? 1]
      (place, axis) = (fitted, "fitted")
      charts = [
        Chart(
          "\(problem.title) = \(text)", x: "fitted", y: "observed",
          [.line(ends, ends, name: "equal").dashed().colored(-1), .scatter(fitted, problem.observed, name: "data")])
      ]
    }
    charts.append(
      Chart(
        "Residuals", x: Chart.Axis(axis), y: "observed − fitted", [.level(y: 0), .scatter(place, fit.residuals)]))
    for index in charts.indices { charts[index].height = 420 }
    return Figure("", charts, columns: 1)
  }
}
