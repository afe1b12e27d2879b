import DescentSearch
import Foundation

/// Problems of several objectives whose fronts are known.
enum FrontProblem: String, CaseIterable {
  /// Zitzler, Deb, Thiele, *Comparison of multiobjective evolutionary algorithms*, 2000; 30 numbers.
  case zdt1, zdt2, zdt3
  /// Branin's and Currin's functions, 2 numbers.
  case braninCurrin

  var dimension: Int { self == .braninCurrin ? 2 : 30 }

  var space: Space { Space((0..<dimension).map { .init("x\($0)", .real(0...1)) }) }

  /// The reference point and the hypervolume of the whole front, as BoTorch has them.
  var reference: [Double] { self == .braninCurrin ? [18, 6] : [11, 11] }

  var mostVolume: Double {
    switch self {
    case .zdt1: 120 + 2.0 / 3
    case .zdt2: 120 + 1.0 / 3
    case .zdt3: 128.7781161306907
    case .braninCurrin: 59.36011874867746
    }
  }

  func callAsFunction(_ settings: Settings) -> [Double] {
    let x = (0..<dimension).map { place -> Double in
      guard case .real(let value)? = settings["x\(place)"] else { return .nan }
      return value
    }
    guard self == .braninCurrin else {
      let g = 1 + 9 * x.dropFirst().reduce(0, +) / Double(dimension - 1)
      switch self {
      case .zdt2: return [x[0], g * (1 - (x[0] / g) * (x[0] / g))]
      case .zdt3: return [x[0], g * (1 - (x[0] / g).squareRoot() - x[0] / g * sin(10 * Double.pi * x[0]))]
      default: return [x[0], g * (1 - (x[0] / g).squareRoot())]
      }
    }
    let (u, v) = (15 * x[0] - 5, 15 * x[1])
    let b = v - 5.1 / (4 * Double.pi * Double.pi) * u * u + 5 / Double.pi * u - 6
    let branin = b * b + 10 * (1 - 1 / (8 * Double.pi)) * cos(u) + 10
    let factor = x[1] == 0 ? 1 : 1 - exp(-1 / (2 * x[1]))
    let numerator = ((2_300 * x[0] + 1_900) * x[0] + 2_092) * x[0] + 60
    let denominator = ((100 * x[0] + 500) * x[0] + 4) * x[0] + 20
    return [branin, factor * numerator / denominator]
  }
}
