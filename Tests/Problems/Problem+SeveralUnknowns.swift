import DescentTensors

extension Problem {
  /// Problems 17 to 20, of five to twelve unknowns.
  static let ofSeveralUnknowns: [Problem] = [
    Problem(number: 17, name: "Osborne 1", start: [0.5, 1.5, -1, 0.01, 0.02], minima: [5.4648946975e-5]) { x in
      let y = constants([
        0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658, 0.628, 0.603,
        0.580, 0.558, 0.538, 0.522, 0.506, 0.490, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.420, 0.414, 0.411,
        0.406,
      ])
      let t = constants((0..<33).map { 10 * Double($0) })
      return y - (x[0] + x[1] * exp(-t * x[3]) + x[2] * exp(-t * x[4]))
    },
    Problem(number: 18, name: "Biggs EXP6", start: [1, 2, 1, 1, 1, 1], minima: [0, 5.6556499255e-3]) { x in
      let t = constants((1...13).map { 0.1 * Double($0) })
      let y: Tensor = exp(-t) - 5.0 * exp(-10.0 * t) + 3.0 * exp(-4.0 * t)
      return x[2] * exp(-t * x[0]) - x[3] * exp(-t * x[1]) + x[5] * exp(-t * x[4]) - y
    },
    Problem(
      number: 19, name: "Osborne 2", start: [1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5],
      minima: [4.0137736294e-2]
    ) { x in
      let y = constants([
        1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608, 0.655, 0.616, 0.606,
        0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661, 0.612, 0.558, 0.533, 0.495, 0.500, 0.423,
        0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428, 0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668,
        0.645, 0.632, 0.591, 0.559, 0.597, 0.625, 0.739, 0.710, 0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098,
        0.054,
      ])
      let t = constants((0..<65).map { Double($0) / 10 })
      func peak(_ place: Int, _ height: Int, _ width: Int) -> Tensor {
        x[height] * exp(-square(t - x[place]) * x[width])
      }
      return y - (x[0] * exp(-t * x[4]) + peak(8, 1, 5) + peak(9, 2, 6) + peak(10, 3, 7))
    },
    watson(6, 2.287670053552e-3), watson(9, 1.399760138093e-6), watson(12, 4.7223811028e-10),
  ]

  private static func watson(_ count: Int, _ minimum: Double) -> Problem {
    Problem(
      number: 20, name: "Watson, n = \(count)", start: [Double](repeating: 0, count: count), minima: [minimum]
    ) { x in
      let times = (1...29).map { Double($0) / 29 }
      let powers = constants(times.map { t in (0..<count).map { power(t, $0) } })
      let slopes = constants(times.map { t in (0..<count).map { $0 == 0 ? 0 : Double($0) * power(t, $0 - 1) } })
      let curve = matmul(slopes, x) - square(matmul(powers, x)) - 1.0
      return concatenated([curve, rows([x[0], x[1] - x[0] * x[0] - 1.0])])
    }
  }

  private static func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}
