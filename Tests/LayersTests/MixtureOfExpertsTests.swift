import DescentGraph
import DescentLayers
import DescentTensors
import TestSupport
import Testing

@Suite struct MixtureOfExpertsTests {
  private let x = sample([2, 5, 6])

  /// A mixture whose gates are not zeros.
  private func made<Mixture: Layer<Tensor, Tensor>>(_ mixture: Mixture, seed: Int = 5) throws -> Mixture {
    try mixture.initialized(for: x).map { parameter, tensor in
      parameter.path.contains("ate.") ? sample(tensor.shape, seed: seed + parameter.path.count) : tensor
    }
  }

  /// What expert number `index` makes of all rows.
  private func expert(_ index: Int, of bank: ExpertBank, _ rows: Tensor) throws -> Tensor {
    func layer(_ x: Tensor, _ weight: Parameter, _ bias: Parameter?) throws -> Tensor {
      let product = matmul(x, try #require(weight.tensor)[index])
      guard let bias = bias?.tensor else { return product }
      return product + bias[index]
    }
    let hidden = try layer(rows, bank.hidden, bank.hiddenBias)
    guard let gate = bank.gate else { return try layer(bank.activation(hidden), bank.output, bank.outputBias) }
    return try layer(bank.activation(layer(rows, gate, bank.gateBias)) * hidden, bank.output, bank.outputBias)
  }

  /// The weights of all experts, by sorting: 0 for those that are not among the best.
  private func denseWeights(_ scores: Tensor, choices: Int) -> Tensor {
    let last = scores.sorted(descending: true)[.ellipsis, (choices - 1)..<choices]
    return softmax(`where`(scores .>= last, scores, Tensor(repeating: -.infinity, shape: [], scores.elementType)))
  }

  /// Every expert for every row, times weights that are mostly 0.
  private func dense(_ mixture: MixtureOfExperts, _ x: Tensor) throws -> Tensor {
    let rows = x.reshaped([-1, 6])
    let weights = denseWeights(matmul(rows, try #require(mixture.gate.weight.tensor)), choices: mixture.gate.choices)
    var sum = Tensor(zerosLike: rows)
    for index in 0..<mixture.gate.experts {
      sum = sum + weights[.all, index..<index + 1] * (try expert(index, of: mixture.experts, rows))
    }
    return sum.reshaped(x.shape)
  }

  @Test func sparseIsTheDenseSum() throws {
    for mixture in [
      MixtureOfExperts(experts: 4, units: 3), MixtureOfExperts(experts: 5, choices: 3, units: 3, isNoisy: false),
      MixtureOfExperts(experts: 3, choices: 3, units: 2, bias: false),
      MixtureOfExperts(experts: 7, choices: 1, units: 3, activation: .silu, isGated: true),
    ] {
      let model = try made(mixture)
      try expectClose(model(x).scalars(), dense(model, x).scalars())
      let (sparse, sum) = try (
        gradient(at: model, x) { square($0($1)).sum() }, gradient(at: model, x) { square(try dense($0, $1)).sum() }
      )
      try expectClose(sparse.1.scalars(), sum.1.scalars())
      let wanted = try namedTensors(of: sum.0)
      for (path, tensor) in try namedTensors(of: sparse.0) {
        try expectClose(tensor.scalars(), #require(wanted[path]).scalars())
      }
      try expectGradient(of: model) { square($0(x)).sum() }
    }
  }

  /// Losses with noise, whose derivatives go through the load's estimate, against finite differences.
  @Test func lossesHaveDerivatives() throws {
    func loss(_ model: some Layer<Tensor, Tensor>) throws -> Tensor {
      try training(seed: 4) {
        let (output, reports) = try collectingReports { try model(x) }
        return reports.total(with: square(output).sum())
      }
    }
    let balance = ExpertBalance(importance: 0.3, load: 0.7, routerZ: 0.1)
    let model = try made(MixtureOfExperts(experts: 4, units: 3, balance: balance))
    try expectGradient(of: model) { try loss($0) }
    let deep = try made(
      HierarchicalMixtureOfExperts(groups: 3, experts: 4, units: 3, balance: balance))
    try expectGradient(of: deep) { try loss($0) }
  }

  /// The estimate of the load, its losses, and what is reported of it, against their formulas.
  @Test func loadIsTheProbabilityToBeChosen() throws {
    let model = try made(
      MixtureOfExperts(experts: 4, units: 3, balance: ExpertBalance(importance: 1, load: 1, routerZ: 1)))
    let rows = x.reshaped([-1, 6])
    let key = RandomKey(seed: 9)
    let reports = training(key: key) { collectingReports { model(x) }.reports }
    #expect(reports.losses.map(\.name) == ["expert importance", "expert load", "router z"])
    let clean = matmul(rows, try #require(model.gate.weight.tensor))
    let size = softplus(matmul(rows, try #require(model.gate.noise?.tensor)))
    let noisy = clean + key.split(1).normal([10, 4]).converted(to: .float64) * size
    let (c, s, h) = try (clean.scalars(), size.scalars(), noisy.scalars())
    var load = [Double](repeating: 0, count: 4)
    for row in 0..<10 {
      for index in 0..<4 {
        // The second largest of the others.
        let others = (0..<4).filter { $0 != index }.map { h[row * 4 + $0] }.sorted(by: >)
        let z = (c[row * 4 + index] - others[1]) / s[row * 4 + index]
        load[index] += try 0.5 * erfc(Tensor([-z / 2.0.squareRoot()], .float64)).item()
      }
    }
    func variation(_ numbers: [Double]) -> Double {
      let mean = numbers.reduce(0, +) / Double(numbers.count)
      return numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count) / (mean * mean + 1e-10)
    }
    try expectClose([#require(reports["expert load"]).item()], [variation(load)])
    let importance = try denseWeights(noisy, choices: 2).sum(axes: 0).scalars()
    try expectClose([#require(reports["expert importance"]).item()], [variation(importance)])
    try expectClose([#require(reports["router z"]).item()], [square(logSumExp(clean, axis: -1)).mean().item()])
    let largest = load.max().map { $0 / (load.reduce(0, +) / 4 + 1e-10) } ?? 0
    try expectClose([#require(reports["largest expert load / mean"]).item()], [largest])
    // Inference has neither noise nor losses, and counts.
    let calm = collectingReports { model(x) }.reports
    #expect(calm.losses.isEmpty && calm.metrics.count == 1)
  }

  /// The mixture of mixtures against the sum over all experts.
  @Test func hierarchyIsTheDenseSum() throws {
    let model = try made(HierarchicalMixtureOfExperts(groups: 3, experts: 4, groupChoices: 2, choices: 2, units: 3))
    func dense(_ model: HierarchicalMixtureOfExperts, _ x: Tensor) throws -> Tensor {
      let rows = x.reshaped([-1, 6])
      let first = denseWeights(matmul(rows, try #require(model.gate.weight.tensor)), choices: 2)
      var sum = Tensor(zerosLike: rows)
      for group in 0..<3 {
        let second = denseWeights(matmul(rows, try #require(model.groupGate.weight.tensor)[group]), choices: 2)
        for index in 0..<4 {
          let weight = first[.all, group..<group + 1] * second[.all, index..<index + 1]
          sum = sum + weight * (try expert(group * 4 + index, of: model.experts, rows))
        }
      }
      return sum.reshaped(x.shape)
    }
    try expectClose(model(x).scalars(), dense(model, x).scalars())
    let (sparse, sum) = try (
      gradient(at: model) { square($0(x)).sum() }, gradient(at: model) { square(try dense($0, x)).sum() }
    )
    let wanted = try namedTensors(of: sum)
    for (path, tensor) in try namedTensors(of: sparse) {
      try expectClose(tensor.scalars(), #require(wanted[path]).scalars())
    }
  }

  /// The hierarchy's importance and load are products of those of its levels.
  @Test func hierarchyReportsAllExperts() throws {
    let balance = ExpertBalance(importance: 1, load: 1)
    let model = try made(HierarchicalMixtureOfExperts(groups: 2, experts: 3, choices: 1, units: 3, balance: balance))
    // Every row goes to both groups, so that a group's load is known, and the importance is the product of weights.
    let reports = training(seed: 3) { collectingReports { model(x) }.reports }
    #expect(reports.losses.map(\.name) == ["expert importance", "expert load"])
    for loss in reports.losses { #expect(try loss.value.item() > 0) }
  }

  /// With a fixed number of choices, the products with experts' matrices, forward and backward, are those of the rows; the gate's
  /// alone grow with the number of experts.
  @Test func workIsThatOfTheRows() throws {
    func terms(_ count: Int) throws -> (experts: Int, others: Double) {
      let model = try MixtureOfExperts(experts: count, units: 16, balance: .none).initialized(for: x)
      let holder = Tensor.placeholder(x.type)
      let slope = try training(seed: 1) { try gradient(at: model, holder) { square($0($1)).sum() } }
      let outputs = try namedTensors(of: slope.0).sorted { $0.key < $1.key }.map(\.value) + [slope.1]
      let graph = try Trace(arguments: [holder], outputs: outputs).graph
      var sent = 0
      var others = 0.0
      for node in graph.nodes {
        let operands = node.operands.map { graph.type(of: $0).shape }
        if node.operation is RaggedDot {
          let isOfMatrices = operands[1].rank == 3
          sent += isOfMatrices ? operands[0][0] * operands[1][1] * operands[1][2] : operands[0].count * operands[1][1]
        } else if node.operation is Dot {
          // Of matrices [m, k] · [k, n], the root of mk · kn · mn.
          let counts = (operands + [node.types[0].shape]).map { Double($0.count) }
          others += counts.reduce(1, *).squareRoot()
        }
      }
      return (sent, others)
    }
    let (few, many) = (try terms(4), try terms(64))
    // Two layers of 6 · 16, each multiplied thrice, for 10 rows and 2 choices.
    #expect(few.experts == 2 * 3 * 10 * 2 * 6 * 16 && many.experts == few.experts)
    #expect(few.others > 0 && many.others < 16.001 * few.others)
  }

  /// No row is dropped, however unequal the groups are.
  @Test func oneExpertMayTakeAll() throws {
    var model = try made(MixtureOfExperts(experts: 4, units: 3))
    model.gate.weight = Parameter(Tensor(zeros: [6, 4], .float64))
    // Equal scores go to the first experts, all rows to the same two.
    let both = try [0, 1].map { try expert($0, of: model.experts, x.reshaped([-1, 6])) }
    try expectClose(
      model(x).flattened(keeping: 0).scalars(), ((both[0] + both[1]) * 0.5).flattened(keeping: 0).scalars())
    #expect(try collectingReports { model(x) }.reports["largest expert load / mean"]?.item() ?? 0 > 1.9)
  }

  @Test func worksLikeOtherLayers() throws {
    let model = try made(MixtureOfExperts(experts: 4, units: 3))
    try expectClose(model.predict(x, batchSize: 1).scalars(), model(x).scalars())
    let function = compiled { (model: MixtureOfExperts, x: Tensor) in model(x) }
    try expectClose(function(model, x).scalars(), model(x).scalars())
    #expect(
      model(Tensor(zeros: [6], .float64)).shape == [6] && model(Tensor(zeros: [0, 6], .float64)).shape == [0, 6])
    let narrow = try MixtureOfExperts(experts: 4, units: 3).initialized(for: x.converted(to: .float32))
    #expect(withPrecision(.bfloat16) { narrow(x) }.elementType == .bfloat16)
    // The same experts from the same seed, each its own, of the variance of one layer.
    let bank = try MixtureOfExperts(experts: 16, units: 40, isNoisy: false).initialized(for: x).experts
    let weights = try #require(bank.hidden.tensor)
    #expect(try weights[0].scalars() != weights[1].scalars())
    let variance = try weights.variance().item()
    #expect(abs(variance * 46 / 2 - 1) < 0.1)
  }

  @Test func mistakesAreNamed() throws {
    func say(_ layer: some Layer<Tensor, Tensor>) -> String { fault { _ = try layer.initialized(for: x) } }
    #expect(say(MixtureOfExperts(experts: 2, choices: 3, units: 3)).contains("found 3 of 2"))
    #expect(say(MixtureOfExperts(experts: 0, units: 3)).hasPrefix("MixtureOfExperts: "))
    #expect(say(MixtureOfExperts(experts: 2, units: 0)).contains("hidden unit"))
    #expect(say(HierarchicalMixtureOfExperts(groups: .max, experts: .max, units: 3)).contains("groups of"))
    #expect(say(HierarchicalMixtureOfExperts(groups: 2, experts: 2, choices: 0, units: 3)).contains("found 0 of 2"))
    let model = try made(MixtureOfExperts(experts: 4, units: 3))
    #expect(fault(of: model(Tensor(1.0, .float64))).contains("takes an input"))
    #expect(fault(of: model(sample([2, 5]))).hasPrefix("MixtureOfExperts: "))
    #expect(fault(of: model(Tensor(zeros: [2, 6], .int32))).contains("floating-point"))
    #expect(fault(of: MixtureOfExperts(experts: 4, units: 3)(x)).contains("no parameters yet"))
  }
}
