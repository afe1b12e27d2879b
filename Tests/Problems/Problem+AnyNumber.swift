import DescentTensors

extension Problem {
  /// Problems 21 to 35, of any number of unknowns.
  static let ofAnyNumber: [Problem] = [
    Problem(number: 21, name: "Extended Rosenbrock, n = 10", start: pattern([-1.2, 1], 10), minima: [0]) { x in
      let (odd, even) = (strided(x, from: 0, by: 2), strided(x, from: 1, by: 2))
      return concatenated([10.0 * (even - odd * odd), 1.0 - odd])
    },
    Problem(number: 22, name: "Extended Powell, n = 12", start: pattern([3, -1, 0, 1], 12), minima: [0]) { x in
      let parts = (0..<4).map { strided(x, from: $0, by: 4) }
      let sum: Tensor = parts[0] + 10.0 * parts[1]
      let difference: Tensor = 5.0.squareRoot() * (parts[2] - parts[3])
      let middle: Tensor = square(parts[1] - 2.0 * parts[2])
      let ends: Tensor = 10.0.squareRoot() * square(parts[0] - parts[3])
      return concatenated([sum, difference, middle, ends])
    },
    penaltyI(4, 2.2499775009e-5), penaltyI(10, 7.0876514671e-5),
    penaltyII(4, 9.3762930074e-6), penaltyII(10, 2.9366053746e-4),
    Problem(
      number: 25, name: "Variably dimensioned, n = 10", start: (1...10).map { 1 - Double($0) / 10 }, minima: [0]
    ) { x in
      let weighted = (counting(10) * (x - 1.0)).sum()
      return concatenated([x - 1.0, rows([weighted, square(weighted)])])
    },
    Problem(
      number: 26, name: "Trigonometric, n = 10", start: pattern([0.1], 10), minima: [0, 2.7950561219e-5]
    ) { x in
      let sum: Tensor = 10.0 - cos(x).sum()
      return sum + counting(10) * (1.0 - cos(x)) - sin(x)
    },
    Problem(number: 27, name: "Brown almost linear, n = 10", start: pattern([0.5], 10), minima: [0, 1]) { x in
      concatenated([x[0..<9] + x.sum() - 11.0, rows([x.product() - 1.0])])
    },
    Problem(
      number: 28, name: "Discrete boundary value, n = 10", start: grid(10).map { $0 * ($0 - 1) }, minima: [0]
    ) { x in
      let cube = pow(x + constants(grid(10)) + 1.0, 3.0)
      let zero = Tensor(zeros: [1], .float64)
      let (before, after) = (concatenated([zero, x[0..<9]]), concatenated([x[1..<10], zero]))
      return 2.0 * x - before - after + cube / (2.0 * 121.0)
    },
    Problem(
      number: 29, name: "Discrete integral equation, n = 10", start: grid(10).map { $0 * ($0 - 1) }, minima: [0]
    ) { x in
      let t = grid(10)
      let cube = pow(x + constants(t) + 1.0, 3.0)
      let kernel = t.indices.map { i in
        t.indices.map { j in j <= i ? (1 - t[i]) * t[j] : t[i] * (1 - t[j]) }
      }
      return x + matmul(constants(kernel), cube) / 22.0
    },
    Problem(number: 30, name: "Broyden tridiagonal, n = 10", start: pattern([-1], 10), minima: [0]) { x in
      let zero = Tensor(zeros: [1], .float64)
      let (before, after) = (concatenated([zero, x[0..<9]]), concatenated([x[1..<10], zero]))
      return (3.0 - 2.0 * x) * x - before - 2.0 * after + 1.0
    },
    Problem(number: 31, name: "Broyden banded, n = 10", start: pattern([-1], 10), minima: [0]) { x in
      let band = (0..<10).map { i in
        (0..<10).map { j in j != i && j >= i - 5 && j <= i + 1 ? 1.0 : 0.0 }
      }
      let own: Tensor = x * (2.0 + 5.0 * x * x) + 1.0
      return own - matmul(constants(band), x * (1.0 + x))
    },
    Problem(number: 32, name: "Linear, full rank, n = 5, m = 10", start: pattern([1], 5), minima: [5]) { x in
      let share: Tensor = 0.2 * x.sum() + 1.0
      return concatenated([x - share, Tensor(zeros: [5], .float64) - share])
    },
    Problem(number: 33, name: "Linear, rank 1, n = 5, m = 10", start: pattern([1], 5), minima: [90.0 / 42]) { x in
      counting(10) * (counting(5) * x).sum() - 1.0
    },
    Problem(
      number: 34, name: "Linear, rank 1, zero columns and rows, n = 5, m = 10", start: pattern([1], 5),
      minima: [124.0 / 34]
    ) { x in
      let factors = constants((0..<10).map { $0 == 9 ? 0 : Double($0) })
      return factors * (constants([0, 2, 3, 4, 0]) * x).sum() - 1.0
    },
    chebyquad(7, 0), chebyquad(8, 3.516873725678e-3), chebyquad(9, 0), chebyquad(10, 6.503954800882e-3),
  ]

  private static func pattern(_ values: [Double], _ count: Int) -> [Double] {
    (0..<count).map { values[$0 % values.count] }
  }

  private static func counting(_ count: Int) -> Tensor { constants((1...count).map(Double.init)) }

  /// The inner points of a grid on 0…1.
  private static func grid(_ count: Int) -> [Double] { (1...count).map { Double($0) / Double(count + 1) } }

  private static func strided(_ x: Tensor, from first: Int, by step: Int) -> Tensor {
    x.reshaped([x.count / step, step])[0..., first]
  }

  private static func penaltyI(_ count: Int, _ minimum: Double) -> Problem {
    Problem(
      number: 23, name: "Penalty I, n = \(count)", start: (1...count).map(Double.init), minima: [minimum]
    ) { x in concatenated([1e-5.squareRoot() * (x - 1.0), rows([square(x).sum() - 0.25])]) }
  }

  private static func penaltyII(_ count: Int, _ minimum: Double) -> Problem {
    Problem(number: 24, name: "Penalty II, n = \(count)", start: pattern([0.5], count), minima: [minimum]) { x in
      let small = 1e-5.squareRoot()
      let growth = exp(x / 10.0)
      let steps = constants((1...count).map { Double($0) / 10 })
      let target: Tensor = exp(steps[1..<count]) + exp(steps[0..<count - 1])
      let first: Tensor = small * (growth[1..<count] + growth[0..<count - 1] - target)
      let second: Tensor = small * (growth[1..<count] - exp(Tensor(-0.1, .float64)))
      let weights = constants((0..<count).map { Double(count - $0) })
      return concatenated([rows([x[0] - 0.2]), first, second, rows([(weights * x * x).sum() - 1.0])])
    }
  }

  private static func chebyquad(_ count: Int, _ minimum: Double) -> Problem {
    Problem(
      number: 35, name: "Chebyquad, n = \(count)", start: grid(count), minima: [minimum]
    ) { x in
      let shifted: Tensor = 2.0 * x - 1.0
      var (before, polynomial) = (Tensor(ones: [count], .float64), shifted)
      var results: [Tensor] = []
      for degree in 1...count {
        let integral = degree.isMultiple(of: 2) ? -1 / Double(degree * degree - 1) : 0
        results.append(polynomial.mean() - integral)
        (before, polynomial) = (polynomial, 2.0 * shifted * polynomial - before)
      }
      return rows(results)
    }
  }
}
