import Foundation

/// Functions of the benchmark BBOB 2009 (Hansen, Finck, Ros, Auger, *Real-parameter black-box optimization benchmarking
/// 2009: noiseless functions definitions*), with the instances of its own random numbers, as pycma's `bbobbenchmarks` has
/// them.
struct BBOB: Sendable {
  enum Kind: Int, CaseIterable, Sendable {
    case sphere = 1
    case ellipsoid = 2
    case rosenbrock = 8
    case rotatedEllipsoid = 10
  }

  let kind: Kind
  let dimension: Int
  /// The least value.
  let minimum: Double
  /// Where it lies; of Rosenbrock's function, before it is scaled.
  let place: [Double]
  private let rotation: [[Double]]

  init(_ kind: Kind, instance: Int, dimension: Int) {
    let seed = Double(kind.rawValue) + 1e4 * Double(instance)
    let ratio = Self.normals(1, seed)[0] / Self.normals(1, seed + 1)[0]
    minimum = min(1000, max(-1000, (100 * 100 * ratio).rounded(.toNearestOrEven) / 100))
    let place = Self.uniforms(dimension, seed).map { uniform in
      let place = 8 * (1e4 * uniform).rounded(.down) / 1e4 - 4
      return place == 0 ? -1e-5 : place
    }
    self.place = kind == .rosenbrock ? place.map { 0.75 * $0 } : place
    rotation = kind == .rotatedEllipsoid ? Self.rotation(seed + 1e6, dimension) : []
    (self.kind, self.dimension) = (kind, dimension)
  }

  func callAsFunction(_ x: [Double]) -> Double {
    let z = zip(x, place).map { $0 - $1 }
    switch kind {
    case .sphere: return z.reduce(0) { $0 + $1 * $1 } + minimum
    case .ellipsoid: return elliptic(z.map(Self.irregular)) + minimum
    case .rotatedEllipsoid:
      let turned = (0..<dimension).map { column in
        (0..<dimension).reduce(0) { $0 + z[$1] * rotation[$1][column] }
      }
      return elliptic(turned.map(Self.irregular)) + minimum
    case .rosenbrock:
      let scale = max(1, Double(dimension).squareRoot() / 8)
      let y = z.map { scale * $0 + 1 }
      var sum = 0.0
      for (this, next) in zip(y, y.dropFirst()) {
        sum += 100 * (this * this - next) * (this * this - next) + (this - 1) * (this - 1)
      }
      return sum + minimum
    }
  }

  private func elliptic(_ z: [Double]) -> Double {
    z.enumerated().reduce(0) { sum, element in
      sum + pow(1e6, Double(element.offset) / Double(dimension - 1)) * element.element * element.element
    }
  }

  private static func irregular(_ x: Double) -> Double {
    guard x != 0 else { return 0 }
    let y = log(abs(x)) / 0.1
    let bumps = x > 0 ? sin(y) + sin(0.79 * y) : sin(0.55 * y) + sin(0.31 * y)
    return (x > 0 ? 1 : -1) * pow(exp(y + 0.49 * bumps), 0.1)
  }

  private static func rotation(_ seed: Double, _ dimension: Int) -> [[Double]] {
    let numbers = normals(dimension * dimension, seed)
    var rows = (0..<dimension).map { Array(numbers[$0 * dimension..<($0 + 1) * dimension]) }
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    for row in rows.indices {
      for before in 0..<row {
        let along = dot(rows[row], rows[before])
        for column in 0..<dimension { rows[row][column] -= along * rows[before][column] }
      }
      let length = dot(rows[row], rows[row]).squareRoot()
      for column in 0..<dimension { rows[row][column] /= length }
    }
    return rows
  }

  private static func normals(_ count: Int, _ seed: Double) -> [Double] {
    let numbers = uniforms(2 * count, seed)
    return (0..<count).map { place in
      let value = (-2 * log(numbers[place])).squareRoot() * cos(2 * Double.pi * numbers[count + place])
      return value == 0 ? 1e-99 : value
    }
  }

  private static func uniforms(_ count: Int, _ seed: Double) -> [Double] {
    var state = max(1, abs(seed))
    func advance() {
      let whole = (state / 127_773).rounded(.down)
      state = 16_807 * (state - whole * 127_773) - 2_836 * whole
      if state < 0 { state += 2_147_483_647 }
    }
    var table = [Double](repeating: 0, count: 32)
    for place in (0..<40).reversed() {
      advance()
      if place < 32 { table[place] = state }
    }
    var drawn = table[0]
    return (0..<count).map { _ in
      advance()
      let place = Int((drawn / 67_108_865).rounded(.down))
      drawn = table[place]
      table[place] = state
      let value = drawn / 2.147483647e9
      return value == 0 ? 1e-99 : value
    }
  }
}
