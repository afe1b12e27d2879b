import DescentTensors

extension Problem {
  /// Problems 1 to 16, of two to four unknowns.
  static let ofFewUnknowns: [Problem] = [
    Problem(number: 1, name: "Rosenbrock", start: [-1.2, 1], minima: [0]) { x in
      rows([10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]])
    },
    Problem(number: 2, name: "Freudenstein and Roth", start: [0.5, -2], minima: [0, 48.98425367924]) { x in
      let first: Tensor = -13.0 + x[0] + ((5.0 - x[1]) * x[1] - 2.0) * x[1]
      let second: Tensor = -29.0 + x[0] + ((x[1] + 1.0) * x[1] - 14.0) * x[1]
      return rows([first, second])
    },
    Problem(number: 3, name: "Powell badly scaled", start: [0, 1], minima: [0]) { x in
      rows([1e4 * x[0] * x[1] - 1.0, exp(-x[0]) + exp(-x[1]) - 1.0001])
    },
    Problem(number: 4, name: "Brown badly scaled", start: [1, 1], minima: [0]) { x in
      rows([x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2.0])
    },
    Problem(number: 5, name: "Beale", start: [1, 1], minima: [0]) { x in
      rows([1.5, 2.25, 2.625].enumerated().map { index, y in y - x[0] * (1.0 - pow(x[1], Double(index + 1))) })
    },
    Problem(number: 6, name: "Jennrich and Sampson", start: [0.3, 0.4], minima: [124.3621823556]) { x in
      let i = constants((1...10).map(Double.init))
      return 2.0 + 2.0 * i - (exp(i * x[0]) + exp(i * x[1]))
    },
    Problem(number: 7, name: "Helical valley", start: [-1, 0, 0], minima: [0]) { x in
      let half = `where`(x[0] .> 0, Tensor(0, .float64), Tensor(0.5, .float64))
      let turn: Tensor = atan(x[1] / x[0]) / (2 * Double.pi) + half
      return rows([10.0 * (x[2] - 10.0 * turn), 10.0 * (sqrt(x[0] * x[0] + x[1] * x[1]) - 1.0), x[2]])
    },
    Problem(number: 8, name: "Bard", start: [1, 1, 1], minima: [8.214877306579e-3, 17.42869333]) { x in
      let y = constants([
        0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39,
      ])
      let u = (1...15).map(Double.init)
      let (a, v, w) = (
        constants(u), Problem.constants(u.map { 16 - $0 }), Problem.constants(u.map { min($0, 16 - $0) })
      )
      return y - (x[0] + a / (v * x[1] + w * x[2]))
    },
    Problem(number: 9, name: "Gaussian", start: [0.4, 1, 0], minima: [1.127932769619e-8]) { x in
      let y = constants([
        0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989, 0.3521, 0.2420, 0.1295, 0.0540, 0.0175, 0.0044,
        0.0009,
      ])
      let t = constants((1...15).map { (8 - Double($0)) / 2 })
      return x[0] * exp(-0.5 * x[1] * square(t - x[2])) - y
    },
    Problem(number: 10, name: "Meyer", start: [0.02, 4000, 250], minima: [87.945855171]) { x in
      let y = constants([
        34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872,
      ])
      let t = constants((1...16).map { 45 + 5 * Double($0) })
      return x[0] * exp(x[1] / (t + x[2])) - y
    },
    Problem(number: 11, name: "Gulf", start: [5, 2.5, 0.15], minima: [0, 0.038]) { x in
      let t = constants((1...99).map { Double($0) / 100 })
      let y = 25.0 + pow(-50.0 * log(t), 2.0 / 3)
      return exp(-pow(abs(y - x[1]), x[2]) / x[0]) - t
    },
    Problem(number: 12, name: "Box three-dimensional", start: [0, 10, 20], minima: [0]) { x in
      let t = constants((1...10).map { 0.1 * Double($0) })
      return exp(-t * x[0]) - exp(-t * x[1]) - x[2] * (exp(-t) - exp(-10.0 * t))
    },
    Problem(number: 13, name: "Powell singular", start: [3, -1, 0, 1], minima: [0]) { x in
      let middle = x[1] - 2.0 * x[2]
      let ends = x[0] - x[3]
      return rows([
        x[0] + 10.0 * x[1], 5.0.squareRoot() * (x[2] - x[3]), middle * middle, 10.0.squareRoot() * ends * ends,
      ])
    },
    Problem(number: 14, name: "Wood", start: [-3, -1, -3, -1], minima: [0]) { x in
      rows([
        10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0], 90.0.squareRoot() * (x[3] - x[2] * x[2]), 1.0 - x[2],
        10.0.squareRoot() * (x[1] + x[3] - 2.0), (x[1] - x[3]) / 10.0.squareRoot(),
      ])
    },
    Problem(
      number: 15, name: "Kowalik and Osborne", start: [0.25, 0.39, 0.415, 0.39], minima: [3.0750560385e-4, 1.02734e-3]
    ) { x in
      let y = constants([
        0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246,
      ])
      let u = constants([4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625])
      return y - x[0] * (u * u + u * x[1]) / (u * u + u * x[2] + x[3])
    },
    Problem(number: 16, name: "Brown and Dennis", start: [25, 5, -5, 1], minima: [85822.20162636]) { x in
      let t = constants((1...20).map { Double($0) / 5 })
      return square(x[0] + t * x[1] - exp(t)) + square(x[2] + sin(t) * x[3] - cos(t))
    },
  ]
}
