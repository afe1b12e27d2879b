import DescentGraph
import DescentOptimizers
import DescentTensors
import Foundation
import Testing

@testable import DescentTraining

/// What every optimizer and every wrapper keeps: types, bits after a resume, settings in files, one plan for all settings,
/// frozen parameters.
@Suite struct EveryOptimizerTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let optimizer: any Optimizer
    init(_ optimizer: any Optimizer) { self.optimizer = optimizer }
    var testDescription: String { "\(optimizer)" }
  }

  private static let rules: [any Optimizer] = [
    SGD(learningRate: 0.05), SGD(learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.1),
    SignSGD(learningRate: 0.05), SignSGD(learningRate: 0.05, momentum: 0.9), Lion(learningRate: 0.05),
    Muon(leastSide: 2), Muon(leastSide: 2, others: AdamW(learningRate: 0.1)),
    LARS(learningRate: 1, weightDecay: 0.1), Rprop(), Adagrad(initialSum: 0.1), Adadelta(), RMSprop(),
    RMSprop(momentum: 0.9, centered: true), Adam(), Adam(weightDecay: 0.1, amsgrad: true), AdamW(), Adamax(), NAdam(),
    RAdam(), AdaBelief(), ADOPT(learningRate: 0.05), LAMB(), Adafactor(),
    Prodigy(weightDecay: 0.1, initialDistance: 0.1),
    Shampoo(blockSize: 2, interval: 2), Shampoo(grafting: .sgd), SOAP(learningRate: 0.05, blockSize: 2, interval: 2),
    Sophia(learningRate: 0.05, interval: 2), Sophia(learningRate: 0.05, interval: 2, estimate: .gaussNewtonBartlett),
    KFAC(), KFAC(learningRate: 0.1, momentum: 0.5, dampingInterval: 0, targets: .exact, largestFactor: 2),
    HessianFree(iterations: 3, lineSearch: LineSearch(most: 3)), LBFGS(memory: 3, lineSearch: LineSearch(most: 3)),
    GradientDescent(lineSearch: LineSearch(most: 3)),
    NewtonCG(iterations: 2, lineSearch: LineSearch(most: 3)),
  ]

  private static let wrapped: [any Optimizer] = {
    let adam = Adam(learningRate: 0.1)
    return [
      adam.decaying(0.1, where: .matrices), adam.regularizing(l2: 0.1, l1: 0.2), adam.clipping(globalNorm: 0.5),
      adam.clipping(parameterNorm: 0.5), adam.clipping(value: 0.1), adam.clipping(unitRatio: 0.1),
      adam.guarding(), adam.guarding(nonFinite: .refused), adam.accumulating(2), adam.averaging(decay: 0.9),
      adam.averaging(from: 2, every: 2), adam.lookingAhead(every: 2), adam.addingNoise(),
      adam.scaling(by: 0.1, where: .names("half")), adam.masked(where: .names("half")),
      adam.masked(where: .matrices, others: Lion(learningRate: 0.05)), adam.freezing(.names("half"), until: 4),
      adam.reducingOnPlateau(by: 0.5, patience: 1), adam.sharpnessAware(), SGD(learningRate: 0.1).scheduleFree(),
      AdamW(learningRate: 0.1, beta1: 0).scheduleFree().clipping(globalNorm: 1).accumulating(2),
      chain(SGD(learningRate: 1, momentum: 0.5), SignSGD(learningRate: 0.05)),
      SGD(learningRate: .cosine(initial: 0.1, total: 9)).lookingAhead(every: 3).averaging(from: 2).guarding(),
    ]
  }()

  /// Parameters of all the types that there are.
  struct Mixed: Codable, Sendable {
    var matrix = Parameter(sample([4, 3], seed: 1, .float32))
    var half = Parameter(sample([3], seed: 2, .bfloat16))
    var wide = Parameter(sample([2, 2, 2], seed: 3, .float64))
    var scalar = Parameter(Tensor(0.5))
    var frozen = Parameter(sample([3], seed: 4, .float32), role: .frozen)

    func loss(_ x: Tensor) -> Tensor {
      func wide(_ parameter: Parameter) -> Tensor { (parameter.tensor ?? Tensor(0)).converted(to: .float64) }
      let sums: [Tensor] = [matrix, half, self.wide, scalar, frozen].map { square(wide($0) - x.mean()).sum() }
      return sums.dropFirst().reduce(sums[0], +) + (matmul(x, wide(matrix)) * wide(half)).sum() * wide(scalar)
    }
  }

  private let update = TrainingUpdate { (model: Mixed, x: Tensor) in model.loss(x) }

  private func steps<Rule: Optimizer>(_ numbers: ClosedRange<Int>, _ state: inout TrainingState<Mixed, Rule>) throws {
    for number in numbers { try update(&state, sample([2, 4], seed: 10 + number)) }
  }

  private func numbers(_ state: TrainingState<Mixed, some Optimizer>) throws -> [String: [Double]] {
    try state.snapshot().mapValues { try $0.scalars() }
  }

  @Test(arguments: (rules + wrapped).map(Case.init)) func keepsItsPromises(row: Case) throws {
    func check<Rule: Optimizer>(_ rule: Rule) throws {
      var state = try TrainingState(Mixed(), optimizer: rule, seed: 3)
      let start = try ModelTree(state.model).leaves.compactMap(\.tensor)
      try steps(1...4, &state)
      let types = try state.snapshot().mapValues(\.type)

      // The same bits by files of both kinds.
      var read = try JSONDecoder().decode(TrainingState<Mixed, Rule>.self, from: try JSONEncoder().encode(state))
      var fresh = try TrainingState(Mixed(), optimizer: rule, seed: 3)
      try fresh.restore(state.snapshot())
      for number in [5...7] {
        try steps(number, &state)
        try steps(number, &read)
        try steps(number, &fresh)
      }
      let wanted = try numbers(state)
      #expect(try numbers(read) == wanted)
      #expect(try numbers(fresh) == wanted)
      #expect(update.compilationCount == 1)
      #expect(try state.snapshot().mapValues(\.type) == types)
      #expect(wanted.allSatisfy { $0.key.hasSuffix(".best") || $0.value.allSatisfy(\.isFinite) })

      // All but what is frozen has moved, and of that nothing is remembered.
      let end = try ModelTree(state.model).leaves
      for (leaf, before) in zip(end, start) {
        let (old, new) = try (before.scalars(), leaf.tensor?.scalars())
        let rests =
          leaf.path == "frozen" || "\(rule)".hasSuffix("masked(where: names(\"half\"))") && leaf.path != "half"
        #expect((old == new) == rests, "\(leaf.path)")
      }
      #expect(!wanted.keys.contains { $0.hasPrefix("optimizer.") && $0.contains("frozen") })

      // Other numbers run by the same plan.
      for (path, value) in try state.hyperparameters() where value != 0 && value.isFinite {
        try state.setHyperparameter(path, to: value * 0.97)
      }
      try steps(8...8, &state)
      #expect(update.compilationCount == 1)

      let again = try JSONDecoder().decode(Rule.self, from: try JSONEncoder().encode(rule))
      #expect(again == rule && "\(again)" == "\(rule)")
      let name = "\(Rule.self)".prefix { $0 != "<" }
      #expect(Self.rules.contains { "\($0)" == "\(rule)" } == "\(rule)".hasPrefix("\(name)("))
    }
    try check(row.optimizer)
  }
}
