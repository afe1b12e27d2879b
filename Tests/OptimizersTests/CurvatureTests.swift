import DescentGraph
import DescentOptimizers
import DescentTensors
import Foundation
import Testing

/// Rules that look at how gradients are correlated, or at the Hessian.
@Suite struct CurvatureTests {
  /// Matrices whose numbers look random.
  private func matrix(_ rows: Int, _ columns: Int, seed: Int) -> Tensor {
    let numbers = (0..<rows * columns).map { sin(Double($0 * 7 + seed * 13) * 1.7 + 0.3) }
    return Tensor(numbers, shape: [rows, columns], .float64)
  }

  /// The movements of parameters along some gradients of each.
  private func movements(_ rule: some Optimizer, _ gradients: [[Tensor]]) throws -> [[[Double]]] {
    let names = gradients[0].indices.map { "p\($0)" }
    var state = try rule.initialState(
      for: zip(names, gradients[0]).map { OptimizedParameter(path: $0, value: Tensor(zerosLike: $1)) })
    return try gradients.enumerated().map { index, gradients in
      let parameters = zip(names, gradients).map {
        OptimizedParameter(path: $0, value: Tensor(zerosLike: $1), gradient: $1)
      }
      let step = StepContext(number: Tensor(Double(index + 1), .float64))
      let found = try rule.movements(of: parameters, state: &state, at: step)
      try evaluate(found + ModelTree(state).leaves.compactMap(\.tensor))
      return try found.map { try $0.scalars() }
    }
  }

  /// The first step is the nearest matrix whose singular values are all 1: U Vᵀ.
  @Test func shampoosFirstStepIsThePolarFactor() throws {
    let rule = Shampoo(learningRate: 1, beta1: 0, epsilon: 1e-14, weightDecay: 0, grafting: .none)
    let found = try movements(rule, [[Tensor([[1, 2], [3, 4]], .float64)]])[0][0]
    expectClose(found, [0.5144957554, -0.8574929257, -0.8574929257, -0.5144957554], within: 1e-6)
  }

  @Test func graftedStepsHaveAnotherRulesLength() throws {
    let gradients = (1...5).map { [matrix(3, 4, seed: $0)] }
    func lengths(_ rule: some Optimizer) throws -> [Double] {
      try movements(rule, gradients).map { $0[0].reduce(0) { $0 + $1 * $1 }.squareRoot() }
    }
    let adam = Adam(learningRate: 0.1, beta2: 0.99)
    expectClose(try lengths(Shampoo(learningRate: 0.1, weightDecay: 0)), try lengths(adam), within: 1e-9)
    let sgd = Shampoo(learningRate: 0.1, beta1: 0, weightDecay: 0, grafting: .sgd)
    expectClose(try lengths(sgd), try lengths(SGD(learningRate: 0.1)), within: 1e-9)
    #expect(try movements(sgd, gradients)[4][0] != movements(SGD(learningRate: 0.1), gradients)[4][0])
  }

  /// Blocks, the last of them smaller, move as parameters of their own; a kernel is a matrix.
  @Test(arguments: [
    Shampoo(learningRate: 0.1, weightDecay: 0, grafting: .none, blockSize: 3, interval: 2) as any Optimizer,
    SOAP(learningRate: 0.1, weightDecay: 0, blockSize: 3, interval: 2),
  ]) func blocksAreApart(rule: any Optimizer) throws {
    let whole = (1...5).map { matrix(5, 4, seed: $0) }
    let parts = whole.map { x in
      [(0..<3, 0..<2), (0..<3, 2..<4), (3..<5, 0..<2), (3..<5, 2..<4)].map {
        x.sliced($0.0, axis: 0).sliced($0.1, axis: 1)
      }
    }
    func check(_ rule: some Optimizer) throws {
      let found = try movements(rule, whole.map { [$0] })
      let apart = try movements(rule, parts)
      for (one, four) in zip(found, apart) {
        func joined(_ left: [Double], _ right: [Double]) -> [Double] {
          stride(from: 0, to: left.count, by: 2).flatMap { place -> [Double] in
            [left[place], left[place + 1], right[place], right[place + 1]]
          }
        }
        expectClose(one[0], joined(four[0], four[1]) + joined(four[2], four[3]), within: 1e-7)
      }
      let kernel = try movements(rule, whole.map { [$0.reshaped([5, 1, 4])] })
      for (one, other) in zip(found, kernel) { expectClose(one[0], other[0]) }
    }
    try check(rule)
  }

  /// Turned gradients give turned movements: neither rule knows the axes it is given.
  @Test(arguments: [
    Shampoo(learningRate: 0.1, weightDecay: 0, grafting: .sgd, interval: 2) as any Optimizer,
    SOAP(learningRate: 0.1, weightDecay: 0, interval: 2),
  ]) func axesDoNotMatter(rule: any Optimizer) throws {
    let (u, v) = (qr(matrix(3, 3, seed: 50)).q, qr(matrix(4, 4, seed: 60)).q)
    // Enough gradients of full rank that the directions are well determined.
    let gradients = (1...6).map { matrix(3, 4, seed: $0 * 3) + matrix(3, 4, seed: 1) * 2 }
    func check(_ rule: some Optimizer) throws {
      let plain = try movements(rule, gradients.map { [$0] })
      let turned = try movements(rule, gradients.map { [matmul(matmul(u, $0), v)] })
      for (a, b) in zip(plain, turned).dropFirst() {
        let wanted = matmul(matmul(u, Tensor(a[0], shape: [3, 4], .float64)), v)
        expectClose(b[0], try wanted.scalars(), within: 1e-5)
      }
    }
    try check(rule)
  }

  /// Where rows and columns are uncorrelated, the directions are the axes, and SOAP is Adam from the second step on.
  @Test func soapIsAdamInItsDirections() throws {
    let gradients = [[3.0, 1, 2], [1, -2, 4], [0.5, 2, 1], [2, 2, -3], [1, 3, 2], [-1, 4, 1]].map { diagonal in
      Tensor([diagonal[0], 0, 0, 0, diagonal[1], 0, 0, 0, diagonal[2]], shape: [3, 3], .float64)
    }
    let rule = SOAP(learningRate: 0.1, beta1: 0.9, beta2: 0.99, weightDecay: 0, interval: 2)
    let found = try movements(rule, gradients.map { [$0] })
    let adam = try movements(Adam(learningRate: 0.1, beta2: 0.99), gradients.dropFirst().map { [$0] })
    #expect(found[0][0].allSatisfy { $0 == 0 })
    for (a, b) in zip(found.dropFirst(), adam) { expectClose(a[0], b[0], within: 1e-6) }
  }

  /// A rule by the name that `curvature-values.txt` has for its steps.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let optimizer: any Optimizer
    /// The factors of the numbers' fourth powers, where the objective is their sum.
    var fourthPowers: [Double]?

    var testDescription: String { name }
  }

  private static let cases = [
    Case(
      name: "shampoo",
      optimizer: Shampoo(
        learningRate: 0.1, beta1: 0, beta2: 0.9, epsilon: 1e-9, weightDecay: 0, grafting: .none, interval: 1)),
    Case(
      name: "shampooMomentum",
      optimizer: Shampoo(
        learningRate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-6, weightDecay: 0, grafting: .sgd, interval: 2)),
    Case(
      name: "shampooAdam",
      optimizer: Shampoo(learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-6, weightDecay: 0, interval: 3)),
    Case(name: "soap", optimizer: SOAP(learningRate: 0.1, weightDecay: 0, interval: 1)),
    Case(
      name: "soapInterval",
      optimizer: SOAP(learningRate: 0.05, beta1: 0.9, beta2: 0.99, beta3: 0.9, weightDecay: 0, interval: 3)),
    Case(
      name: "sophia", optimizer: Sophia(learningRate: 0.05, beta1: 0.5, beta2: 0.75, scale: 2, interval: 2),
      fourthPowers: [1, 40, -2, 0.5, 3, 0.1, 8, 1, 20, 2, -0.3, 5]),
  ]

  private static let stored: [String: [Double]] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "curvature-values.txt")
    var rows: [String: [Double]] = [:]
    for line in ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: "\n") {
      let words = line.split(separator: " ")
      if words[0] != "#" { rows[String(words[0])] = words.dropFirst().compactMap { Double($0) } }
    }
    return rows
  }()

  /// Half the trace of Wᵀ A W B and a quarter of the sum of fourth powers, or fourth powers with factors.
  private static func objective(_ row: Case) -> Objective {
    let left = Tensor([[3, 1, 0.5], [1, 2, 0.25], [0.5, 0.25, 1]], .float64)
    let right = Tensor([[1, 0.5, 0, 0], [0.5, 2, 0.25, 0], [0, 0.25, 1.5, 0.5], [0, 0, 0.5, 4]], .float64)
    return Objective { point in
      let w = point[0]
      let fourth = square(square(w))
      if let factors = row.fourthPowers { return (fourth * Tensor(factors, shape: [3, 4], .float64)).sum() }
      let turned = matmul(matmul(left, w), right)
      return (w * turned).sum() * 0.5 + fourth.sum() * 0.25
    }
  }

  @Test(arguments: cases) func stepsAreThoseOfOthers(row: Case) throws {
    let wanted = try #require(Self.stored[row.name])
    func points(_ rule: some Optimizer) throws -> [Double] {
      try rule.validate()
      let objective = Self.objective(row)
      var value = Tensor(
        [[0.5, -1, 2, 0.25], [1.5, 0.5, -0.75, 1], [-0.25, 1.25, 0.5, -2]], .float64)
      var state = try rule.initialState(for: [OptimizedParameter(path: "w", value: value)])
      var points: [Double] = []
      for number in 1...wanted.count / 12 {
        let gradient = try objective.gradient(at: [value])[0]
        let parameter = OptimizedParameter(path: "w", value: value, gradient: gradient)
        let step = StepContext(number: Tensor(Double(number), .float64), objective: objective)
        value = parameter.moved(by: try rule.movements(of: [parameter], state: &state, at: step)[0])
        try evaluate([value] + ModelTree(state).leaves.compactMap(\.tensor))
        points += try value.scalars()
      }
      return points
    }
    expectClose(try points(row.optimizer), wanted, within: 1e-6)
  }

  @Test func everyStoredRowIsLookedAt() {
    #expect(Self.stored.keys.sorted() == Self.cases.map(\.name).sorted())
  }

  /// Muon without momentum follows the same matrix as Shampoo's first step, but for what its five rounds leave undone.
  @Test func muonsStepIsShampoosFirst() throws {
    let gradient = [[RandomKey(seed: 3).normal([3, 5]).converted(to: .float64)]]
    let shampoo = Shampoo(learningRate: 1, beta1: 0, epsilon: 1e-14, weightDecay: 0, grafting: .none)
    let wanted = try movements(shampoo, gradient)[0][0]
    let (u, _, vt) = svd(gradient[0][0])
    expectClose(wanted, try (-matmul(u, vt)).scalars(), within: 1e-6)
    let found = try movements(Muon(learningRate: 1, momentum: 0, weightDecay: 0, leastSide: 1), gradient)[0][0]
    let alignment = zip(found, wanted).reduce(0) { $0 + $1.0 * $1.1 }
    let lengths = [found, wanted].map { x in x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    #expect(alignment / (lengths[0] * lengths[1]) > 0.98)
  }

  /// The order of a layer's units has no meaning, so that it must not change how they move.
  @Test(arguments: [
    Shampoo(learningRate: 0.1, weightDecay: 0, interval: 2) as any Optimizer,
    SOAP(learningRate: 0.1, weightDecay: 0, interval: 2), Muon(learningRate: 0.1, weightDecay: 0, leastSide: 1),
  ]) func theOrderOfUnitsChangesNothing(rule: any Optimizer) throws {
    let rows = Tensor([3, 0, 4, 1, 2], .int32)
    let columns = Tensor([2, 0, 3, 1], .int32)
    func permuted(_ x: Tensor) -> Tensor { x.taken(rows, axis: 0).taken(columns, axis: 1) }
    let gradients = (1...4).map { [matrix(5, 4, seed: $0)] }
    let plain = try movements(rule, gradients)
    let moved = try movements(rule, gradients.map { $0.map(permuted) })
    for (plain, moved) in zip(plain, moved) {
      let wanted = try permuted(Tensor(plain[0], shape: [5, 4], .float64)).scalars()
      expectClose(moved[0], wanted, within: 1e-7)
    }
  }

  @Test func otherParametersMoveByAdam() throws {
    let start: [[Double]] = [[1, -2]]
    func slope(_ w: [Double]) -> [Double] { w.map { 2 * $0 + 1 } }
    let adam = try descend(Adam(learningRate: 0.1, beta2: 0.99), from: start, steps: 4, gradient: slope)
    expectClose(try descend(Shampoo(learningRate: 0.1), from: start, steps: 4, gradient: slope)[0], adam[0])
    let soap = SOAP(learningRate: 0.1, beta1: 0.9, beta2: 0.99)
    expectClose(try descend(soap, from: start, steps: 4, gradient: slope)[0], adam[0])
  }

  /// Of a sum of functions of one number each, the Hessian's diagonal is known whatever the signs are.
  @Test func sophiaFollowsTheCurvature() throws {
    let rule = Sophia(learningRate: 0.5, beta1: 0.5, beta2: 0.75, scale: 0.1, interval: 2)
    let weights = [1.0, 40, -2]
    let objective = Objective { point in
      let fourth = square(square(point[0]))
      return (fourth * Tensor(weights, .float64)).sum()
    }
    var value = Tensor([1, 0.5, 2], .float64)
    var state = try rule.initialState(for: [OptimizedParameter(path: "w", value: value)])
    var (w, m, h) = ([1.0, 0.5, 2], [0.0, 0, 0], [0.0, 0, 0])
    for number in 1...5 {
      let gradient = try objective.gradient(at: [value])[0]
      let parameter = OptimizedParameter(path: "w", value: value, gradient: gradient)
      let step = StepContext(number: Tensor(Double(number), .float64), objective: objective)
      value = parameter.moved(by: try rule.movements(of: [parameter], state: &state, at: step)[0])
      try evaluate([value] + ModelTree(state).leaves.compactMap(\.tensor))
      for index in w.indices {
        m[index] = 0.5 * m[index] + 0.5 * 4 * weights[index] * w[index] * w[index] * w[index]
        if number % 2 == 1 { h[index] = 0.75 * h[index] + 0.25 * 12 * weights[index] * w[index] * w[index] }
        let quotient = m[index] / max(0.1 * h[index], 1e-12)
        w[index] -= 0.5 * min(max(quotient, -1), 1)
      }
      expectClose(try value.scalars(), w, within: 1e-10)
    }
  }

  /// Down Rosenbrock's valley, and a quadratic in about as many steps as it has numbers.
  @Test func quasiNewtonStepsFindMinima() throws {
    func least(_ rule: some Optimizer, from start: Tensor, steps: Int, _ objective: Objective) throws -> Double {
      var value = start
      var state = try rule.initialState(for: [OptimizedParameter(path: "w", value: value)])
      for number in 1...steps {
        let (loss, gradient) = try objective.valueAndGradient(at: [value])
        let parameter = OptimizedParameter(path: "w", value: value, gradient: gradient[0])
        let step = StepContext(number: Tensor(Double(number), .float64), loss: loss, objective: objective)
        value = parameter.moved(by: try rule.movements(of: [parameter], state: &state, at: step)[0])
        try evaluate([value] + ModelTree(state).leaves.compactMap(\.tensor))
      }
      return try objective.value(at: [value]).item()
    }
    let valley = Objective { point in
      let (x, y) = (point[0][0], point[0][1])
      return square(1.0 - x) + square(y - square(x)) * 100
    }
    let start = Tensor([-1.2, 1], .float64)
    #expect(try least(LBFGS(), from: start, steps: 45, valley) < 1e-12)
    #expect(try least(LBFGS(memory: 3), from: start, steps: 60, valley) < 1e-12)
    let steepness = Tensor([1, 10, 100, 1000], .float64)
    let bowl = Objective { point in (steepness * square(point[0] - 1.0)).sum() }
    #expect(try least(LBFGS(), from: Tensor(zeros: [4], .float64), steps: 25, bowl) < 1e-12)
    // Of an objective of one's own the Hessian is asked for.
    #expect(
      try least(HessianFree(damping: 1e-10, progress: 0), from: Tensor(zeros: [4], .float64), steps: 1, bowl) < 1e-12)
  }

  /// On a quadratic that is steep along one diagonal and flat along the other, correlations help where Adam sees none.
  @Test func correlationsSaveSteps() throws {
    let steep = Tensor([[10, 9.9], [9.9, 10]], .float64)
    let goal = matrix(2, 3, seed: 4)
    func distance(_ rule: some Optimizer) throws -> Double {
      var value = Tensor(zeros: [2, 3], .float64)
      var state = try rule.initialState(for: [OptimizedParameter(path: "w", value: value)])
      for number in 1...120 {
        let parameter = OptimizedParameter(path: "w", value: value, gradient: matmul(steep, value - goal))
        let step = StepContext(number: Tensor(Double(number), .float64))
        value = parameter.moved(by: try rule.movements(of: [parameter], state: &state, at: step)[0])
        try evaluate([value] + ModelTree(state).leaves.compactMap(\.tensor))
      }
      return try (value - goal).norm().item()
    }
    let rate = LearningRate.cosine(initial: 0.1, total: 120)
    let adam = try distance(Adam(learningRate: rate))
    #expect(try distance(Shampoo(learningRate: rate, weightDecay: 0, interval: 1)) < adam / 2)
    #expect(try distance(SOAP(learningRate: rate, weightDecay: 0, interval: 2)) < adam / 2)
  }

  @Test func senselessSettingsAreNamed() {
    #expect(fault(of: Shampoo(blockSize: 0)).contains("Shampoo: its blockSize must be at least 1, found 0"))
    #expect(fault(of: Shampoo(beta2: 1)).contains("Shampoo: its beta2"))
    #expect(fault(of: SOAP(interval: 0)).contains("SOAP: its interval must be at least 1, found 0"))
    #expect(fault(of: SOAP(beta3: 1)).contains("SOAP: its beta3"))
    #expect(fault(of: Sophia(interval: 0)).contains("Sophia: its interval must be at least 1, found 0"))
    #expect(fault(of: Sophia(scale: -1)).contains("Sophia: its scale"))
  }
}
