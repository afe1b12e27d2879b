import DescentTensors
import Testing
import Foundation

/// A nonlinear regression problem of NIST's Statistical Reference Datasets, with certified values.
struct NISTProblem: Sendable, CustomTestStringConvertible {
  let name: String
  var starts: [[Double]] = [[], []]
  var parameters: [Double] = []
  var standardErrors: [Double] = []
  var squares = 0.0
  var degreesOfFreedom = 0
  var observed: [Double] = []
  var predictors: [[Double]]

  var testDescription: String { name }

  /// All 27, from the file beside this one.
  static let all: [NISTProblem] = {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("nist.txt")
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
    var problems: [NISTProblem] = []
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ")
      if words[0] == "problem" {
        problems.append(
          NISTProblem(name: String(words[1]), predictors: Array(repeating: [], count: Int(words[2]) ?? 0)))
      } else {
        problems[problems.count - 1].read(words)
      }
    }
    return problems
  }()

  private mutating func read(_ words: [Substring]) {
    let numbers = words.dropFirst().map { Double($0) ?? .nan }
    switch words[0] {
    case "parameter":
      for index in 0..<2 { starts[index].append(numbers[1 + index]) }
      parameters.append(numbers[3])
      standardErrors.append(numbers[4])
    case "squares": (squares, degreesOfFreedom) = (numbers[0], Int(numbers[1]))
    default:
      for row in stride(from: 0, to: numbers.count, by: predictors.count + 1) {
        // Nelson's problem is one of the logarithm.
        observed.append(name == "Nelson" ? log(numbers[row]) : numbers[row])
        for index in predictors.indices { predictors[index].append(numbers[row + 1 + index]) }
      }
    }
  }

  /// What is left of the data for parameters.
  func residuals(_ b: Tensor) -> Tensor {
    Tensor(observed, .float64) - model(predictors.map { Tensor($0, .float64) }, b)
  }

  private func model(_ columns: [Tensor], _ b: Tensor) -> Tensor {
    let x = columns[0]
    switch name {
    case "Misra1a", "BoxBOD": return b[0] * (1 - exp(-b[1] * x))
    case "Misra1b": return b[0] * (1 - pow(1 + b[1] * x / 2, -2))
    case "Misra1c": return b[0] * (1 - pow(1 + 2 * b[1] * x, -0.5))
    case "Misra1d": return b[0] * b[1] * x / (1 + b[1] * x)
    case "Chwirut1", "Chwirut2": return exp(-b[0] * x) / (b[1] + b[2] * x)
    case "Lanczos1", "Lanczos2", "Lanczos3": return decays(x, b)
    case "Gauss1", "Gauss2", "Gauss3":
      let peaks: Tensor = b[2] * exp(-square((x - b[3]) / b[4])) + b[5] * exp(-square((x - b[6]) / b[7]))
      return b[0] * exp(-b[1] * x) + peaks
    case "DanWood": return b[0] * pow(x, b[1])
    case "Kirby2":
      let above: Tensor = b[0] + b[1] * x + b[2] * square(x)
      return above / (1 + b[3] * x + b[4] * square(x))
    case "Hahn1", "Thurber":
      let cube: Tensor = x * x * x
      let above: Tensor = b[0] + b[1] * x + b[2] * square(x) + b[3] * cube
      let below: Tensor = 1 + b[4] * x + b[5] * square(x) + b[6] * cube
      return above / below
    case "Nelson": return b[0] - b[1] * x * exp(-b[2] * columns[1])
    case "MGH17": return b[0] + b[1] * exp(-x * b[3]) + b[2] * exp(-x * b[4])
    case "Roszman1": return b[0] - b[1] * x - atan(b[2] / (x - b[3])) / Double.pi
    case "ENSO": return seasons(x, b)
    case "MGH09": return b[0] * (square(x) + x * b[1]) / (square(x) + x * b[2] + b[3])
    case "Rat42": return b[0] / (1 + exp(b[1] - b[2] * x))
    case "Rat43": return b[0] / pow(1 + exp(b[1] - b[2] * x), 1 / b[3])
    case "MGH10": return b[0] * exp(b[1] / (x + b[2]))
    case "Eckerle4": return b[0] / b[1] * exp(-0.5 * square((x - b[2]) / b[1]))
    case "Bennett5": return b[0] * pow(b[1] + x, -1 / b[2])
    default: return Tensor(.nan, .float64)
    }
  }

  private func decays(_ x: Tensor, _ b: Tensor) -> Tensor {
    let first: Tensor = b[0] * exp(-b[1] * x)
    let second: Tensor = b[2] * exp(-b[3] * x)
    return first + second + b[4] * exp(-b[5] * x)
  }

  private func seasons(_ x: Tensor, _ b: Tensor) -> Tensor {
    let turn: Tensor = x * (2 * Double.pi)
    let year: Tensor = b[0] + b[1] * cos(turn / 12) + b[2] * sin(turn / 12)
    let slow: Tensor = b[4] * cos(turn / b[3]) + b[5] * sin(turn / b[3])
    return year + slow + b[7] * cos(turn / b[6]) + b[8] * sin(turn / b[6])
  }
}
