import DescentGraph
import DescentOptimizers
import DescentTensors
import Foundation
import Testing

/// The first steps of each optimizer down Rosenbrock's function from (−1.2, 1) against those of PyTorch or optax.
@Suite struct TrajectoryTests {
  /// An optimizer by the name that `trajectories.txt` has for its steps.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let optimizer: any Optimizer
    /// Whether the parameter is a matrix of one row.
    var isMatrix = false
    /// Whether the points are those of the averages.
    var isAverage = false

    var testDescription: String { name }
  }

  private static let cases = [
    Case(name: "sgd", optimizer: SGD(learningRate: 1e-3)),
    Case(name: "momentum", optimizer: SGD(learningRate: 1e-3, momentum: 0.9)),
    Case(name: "nesterov", optimizer: SGD(learningRate: 1e-3, momentum: 0.9, nesterov: true)),
    Case(name: "l2", optimizer: SGD(learningRate: 1e-3, momentum: 0.9, weightDecay: 0.1)),
    Case(name: "l2", optimizer: SGD(learningRate: 1e-3, momentum: 0.9).regularizing(l2: 0.1)),
    Case(name: "adagrad", optimizer: Adagrad(learningRate: 0.1)),
    Case(name: "adagradFromSum", optimizer: Adagrad(learningRate: 0.1, initialSum: 0.5)),
    Case(name: "adadelta", optimizer: Adadelta()),
    Case(name: "rmsprop", optimizer: RMSprop()),
    Case(name: "rmspropCentered", optimizer: RMSprop(decay: 0.9, centered: true)),
    Case(name: "rmspropMomentum", optimizer: RMSprop(momentum: 0.9, centered: true)),
    Case(name: "rprop", optimizer: Rprop(initialLength: 0.1)),
    Case(name: "adam", optimizer: Adam(learningRate: 1e-2)),
    Case(name: "amsgrad", optimizer: Adam(learningRate: 0.3, beta2: 0.5, amsgrad: true)),
    Case(name: "adamw", optimizer: AdamW(learningRate: 1e-2, decaying: .all)),
    Case(name: "adamw", optimizer: Adam(learningRate: 1e-2).decaying(0.01)),
    Case(name: "adamax", optimizer: Adamax(learningRate: 1e-2)),
    Case(name: "nadam", optimizer: NAdam(learningRate: 1e-2)),
    Case(name: "radam", optimizer: RAdam()),
    Case(name: "radamNever", optimizer: RAdam(beta2: 0.5)),
    Case(name: "adafactor", optimizer: Adafactor(learningRate: 0.3)),
    Case(name: "adafactorMatrix", optimizer: Adafactor(learningRate: 0.3), isMatrix: true),
    Case(name: "adabelief", optimizer: AdaBelief(learningRate: 1e-2)),
    Case(name: "lamb", optimizer: LAMB(learningRate: 1e-2, weightDecay: 0.1, decaying: .all)),
    Case(name: "lars", optimizer: LARS(learningRate: 1, weightDecay: 0.1, trust: 0.01), isMatrix: true),
    Case(name: "larsNesterov", optimizer: LARS(learningRate: 1, nesterov: true, trust: 0.01, scaling: .all)),
    Case(name: "lion", optimizer: Lion(learningRate: 1e-3)),
    Case(name: "lionDecaying", optimizer: Lion(learningRate: 1e-3).decaying(1)),
    Case(name: "signSGD", optimizer: SignSGD(learningRate: 1e-2)),
    Case(name: "signum", optimizer: SignSGD(learningRate: 0.2, momentum: 0.5)),
    Case(name: "adopt", optimizer: ADOPT(learningRate: 1e-2)),
    Case(name: "prodigy", optimizer: Prodigy()),
    Case(
      name: "prodigyDecaying", optimizer: Prodigy(weightDecay: 0.1, decaying: .all, initialDistance: 1e-2)),
    Case(name: "scheduleFreeSGD", optimizer: SGD(learningRate: 1e-3).scheduleFree()),
    Case(name: "scheduleFreeSGDAverage", optimizer: SGD(learningRate: 1e-3).scheduleFree(), isAverage: true),
    Case(
      name: "scheduleFreeAdamW",
      optimizer: AdamW(learningRate: 1e-2, beta1: 0, weightDecay: 0.1, decaying: .all).scheduleFree()),
    Case(
      name: "scheduleFreeAdamWAverage",
      optimizer: AdamW(learningRate: 1e-2, beta1: 0, weightDecay: 0.1, decaying: .all).scheduleFree(),
      isAverage: true),
    Case(name: "adaptiveClipping", optimizer: SGD(learningRate: 0.5).clipping(unitRatio: 0.1)),
    Case(
      name: "blockClipping",
      optimizer: SGD(learningRate: 0.1).clipping(parameterNorm: 3 * 2.0.squareRoot())),
    Case(
      name: "plateau", optimizer: SGD(learningRate: 5e-3).reducingOnPlateau(by: 0.5, patience: 1, cooldown: 1)),
    Case(
      name: "plateauMeans", optimizer: SGD(learningRate: 5e-3).reducingOnPlateau(by: 0.5, patience: 1, over: 2)),
    Case(name: "lookAhead", optimizer: SGD(learningRate: 1e-3, momentum: 0.9).lookingAhead(every: 2)),
  ]

  private static let stored: [String: [Double]] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "trajectories.txt")
    var rows: [String: [Double]] = [:]
    for line in ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: "\n") {
      let words = line.split(separator: " ")
      rows[String(words[0])] = words.dropFirst().compactMap { Double($0) }
    }
    return rows
  }()

  static func loss(_ w: Tensor) -> Tensor {
    let whole = w.reshaped([2])
    let (x, y) = (whole[0], whole[1])
    return square(1.0 - x) + square(y - square(x)) * 100
  }

  private static func points(_ rule: some Optimizer, _ row: Case, steps: Int) throws -> [Double] {
    var value = Tensor([-1.2, 1], shape: row.isMatrix ? [1, 2] : [2], .float64)
    var state = try rule.initialState(for: [OptimizedParameter(path: "w", value: value)])
    var points: [Double] = []
    for number in 1...steps {
      let (loss, gradient) = try valueAndGradient(at: value) { Self.loss($0) }
      let parameter = OptimizedParameter(path: "w", value: value, gradient: gradient)
      let step = StepContext(number: Tensor(Double(number), .float64), loss: loss)
      value = parameter.moved(by: try rule.movements(of: [parameter], state: &state, at: step)[0])
      try evaluate([value] + ModelTree(state).leaves.compactMap(\.tensor))
      points += try (row.isAverage ? rule.averages(in: state)?["w"] ?? value : value).scalars()
    }
    return points
  }

  @Test(arguments: cases) func stepsAreThoseOfOthers(row: Case) throws {
    let wanted = try #require(Self.stored[row.name])
    try row.optimizer.validate()
    let found = try Self.points(row.optimizer, row, steps: wanted.count / 2)
    expectClose(found, wanted, within: 1e-6)
  }

  @Test func everyStoredTrajectoryIsLookedAt() {
    let names = Set(Self.stored.keys.filter { $0 != "#" })
    #expect(names.subtracting(Self.cases.map(\.name)).sorted() == [])
    #expect(names.count > 35)
  }
}
