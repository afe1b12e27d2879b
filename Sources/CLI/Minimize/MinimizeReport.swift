import Descent
import Foundation

/// What searches have found, as JSON, as a table and as a picture.
struct MinimizeReport: Encodable {
  /// What one of them has found.
  struct Entry: Encodable {
    var by: String
    var method: String?
    var at: [String: Double]?
    var value: Double?
    var gradientNorm: Double?
    var iterations: Int?
    var evaluations: Evaluations?
    var isConverged: Bool
    var stopped: String
  }

  struct Evaluations: Encodable {
    var values: Int
    var gradients: Int
    var hessianProducts: Int
  }

  var searches: [Entry]

  init(_ searches: [MinimizeProblem.Search], _ problem: MinimizeProblem) {
    self.searches = searches.map { search in
      switch search.result {
      case .failure(let error): return Entry(by: search.name, isConverged: false, stopped: "\(error)")
      case .success(let found):
        let counts = found.evaluations
        return Entry(
          by: search.name, method: found.method,
          at: Dictionary(uniqueKeysWithValues: zip(problem.names, found.numbers)), value: found.value,
          gradientNorm: found.gradientNorm.isFinite ? found.gradientNorm : nil, iterations: found.iterations,
          evaluations: Evaluations(
            values: counts.values, gradients: counts.gradients, hessianProducts: counts.hessianProducts),
          isConverged: found.isConverged, stopped: found.reason.description)
      }
    }
  }

  /// One search alone is an object, several are a list.
  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      let data = searches.count == 1 ? try encoder.encode(searches[0]) : try encoder.encode(searches)
      return String(decoding: data, as: UTF8.self) + "\n"
    }
  }

  /// A row for each search.
  static func table(_ searches: [MinimizeProblem.Search], _ problem: MinimizeProblem) -> String {
    let titles = ["method", "value", "iterations", "values", "gradients", "Hessian products", "stopped"]
    let rows = searches.map { search -> [String] in
      switch search.result {
      case .failure(let error): return [search.name, "", "", "", "", "", "\(error)"]
      case .success(let found):
        let counts = found.evaluations
        return [
          search.name, short(found.value), "\(found.iterations)", "\(counts.values)", "\(counts.gradients)",
          "\(counts.hessianProducts)", found.reason.description,
        ]
      }
    }
    let widths = titles.indices.map { column in ([titles] + rows).map { $0[column].count }.max() ?? 0 }
    let lines = ([titles] + rows).map { row in
      row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        // Words to the left, numbers to the right.
        return column == titles.count - 1 ? cell : column == 0 ? cell + space : space + cell
      }.joined(separator: "  ")
    }
    return lines.joined(separator: "\n")
  }

  /// One search, its numbers under their names.
  static func text(_ found: Minimum<Tensor>, _ names: [String]) -> String {
    let lines = found.description.split(separator: "\n", omittingEmptySubsequences: false)
    let width = max(11, names.map(\.count).max() ?? 0) + 2
    let numbers = zip(names, found.numbers).map { name, number in
      name + String(repeating: " ", count: width - name.count) + "\(number)"
    }
    return (numbers + lines.dropFirst().map(String.init)).joined(separator: "\n")
  }
}

/// Searches as a picture: contours or a curve with their ways, and their values for more numbers than two.
enum MinimizePicture {
  static func chart(_ searches: [MinimizeProblem.Search], _ problem: MinimizeProblem) throws -> Chart {
    let found = searches.compactMap { search in search.minimum.map { (search.name, $0) } }
    func range(_ index: Int) -> ClosedRange<Double> {
      let all = (found.flatMap { $0.1.path.map { $0.point[index] } } + [problem.start[index]]).filter(\.isFinite)
      let (low, high) = (all.min() ?? 0, all.max() ?? 0)
      // Some room on both sides.
      let margin = high > low ? 0.25 * (high - low) : max(abs(low), 1)
      return (low - margin)...(high + margin)
    }
    switch problem.names.count {
    case 1:
      let ways = range(0)
      let grid = (0...400).map { ways.lowerBound + (ways.upperBound - ways.lowerBound) * Double($0) / 400 }
      let curve = vectorized(over: 0) { (x: Tensor) in problem.value(x.reshaped([1])).reshaped([]) }
      let values = try curve(Tensor(grid, .float64)).scalars()
      let paths = found.map { name, minimum in
        Chart.Mark.path(minimum.path.map { $0.point[0] }, minimum.path.map(\.value), name: name)
      }
      return Chart(
        problem.text, x: Chart.Axis(problem.names[0]), [.line(grid, values).colored(-1)] + paths)
    case 2:
      var landscape = try Landscape(x: range(0), y: range(1), of: problem.value)
      (landscape.xTitle, landscape.yTitle) = (problem.names[0], problem.names[1])
      return try landscape.chart(problem.text, paths: found.map { Landscape.Path($0.0, $0.1.path) })
    default:
      let all = found.flatMap { $0.1.path.map(\.value) }
      let isPositive = all.allSatisfy { $0 >= 0 }
      return Chart(
        problem.text, x: "iteration", y: Chart.Axis("value", isPositive ? .logarithmic : .linear),
        found.map { .line($0.1.path.map(\.value), name: $0.0) })
    }
  }
}
