import DescentGraph
import DescentOptimizers
import DescentTensors
import Foundation
import Testing

/// What the first steps down Rosenbrock's function do not show of the rules, and of what is put around gradients.
@Suite struct RulesTests {
  @Test func factorsOfAMatrixAreItsMeans() throws {
    let gradient = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3], .float64)
    let value = Tensor([3, 0, 0, 0, 4, 0], shape: [2, 3], .float64)
    let rule = Adafactor(learningRate: 0.1, threshold: 100)
    let (values, state) = try firstStep(rule, [OptimizedParameter(path: "w", value: value, gradient: gradient)])
    let memory = try #require(state["w"])
    expectClose(try #require(memory.rows).scalars(), [14.0 / 3, 77.0 / 3])
    expectClose(try #require(memory.columns).scalars(), [17.0 / 2, 29.0 / 2, 45.0 / 2])
    #expect(memory.squares == nil && memory.rows?.shape == [2, 1] && memory.columns?.shape == [1, 3])
    let length = 0.1 * (25.0 / 6).squareRoot()
    let (rows, columns, mean) = ([14.0 / 3, 77.0 / 3], [17.0 / 2, 29.0 / 2, 45.0 / 2], 91.0 / 6)
    var wanted = try value.scalars()
    for (index, slope) in try gradient.scalars().enumerated() {
      wanted[index] -= length * slope / (rows[index / 3] * columns[index % 3] / mean).squareRoot()
    }
    expectClose(try values[0].scalars(), wanted)
    // Of a kernel, the last two axes are the matrix.
    let kernel = try rule.initialState(for: [OptimizedParameter(path: "w", value: Tensor(zeros: [5, 2, 3]))])
    #expect(kernel["w"]?.rows?.shape == [5, 2, 1] && kernel["w"]?.columns?.shape == [5, 1, 3])
  }

  /// A layer of zeros, or without a gradient, has no ratio.
  @Test func trustNeedsTwoNorms() throws {
    let zeros = try descend(LAMB(learningRate: 0.5, weightDecay: 0), from: [[0, 0], [3, 4]], steps: 1) { _ in [1, 1] }
    expectClose(zeros[0], [-0.5, -0.5], within: 1e-5)
    expectClose(zeros[1].map { $0 }, [3, 4].map { $0 - 0.5 * 5 / 2.0.squareRoot() }, within: 1e-5)
    let still = try descend(LARS(learningRate: 0.5, scaling: .all), from: [[3, 4]], steps: 2) { _ in [0, 0] }
    #expect(still == [[3, 4]])
    // Biases move by plain momentum.
    let bias = try descend(LARS(learningRate: 0.1, weightDecay: 0.5), from: [[3, 4]], steps: 3) { $0 }
    expectClose(bias[0], try descend(SGD(learningRate: 0.1, momentum: 0.9), from: [[3, 4]], steps: 3) { $0 }[0])
  }

  /// A rule that divides by the gradient's size gives finite steps where there is none.
  @Test func zeroGradientsMoveNothing() throws {
    for rule in [
      Adagrad() as any Optimizer, Adadelta(), RMSprop(), RMSprop(centered: true), Rprop(), Adam(amsgrad: true),
      Adamax(),
      NAdam(), RAdam(), AdaBelief(), Adafactor(), LAMB(weightDecay: 0), ADOPT(), Prodigy(), Lion(), SignSGD(),
    ] {
      #expect(try descend(rule, from: [[1, 2]], steps: 8) { _ in [0, 0] } == [[1, 2]], "\(rule)")
    }
  }

  /// Prodigy's estimate grows to about the distance of the minimum, from far below it.
  @Test func distancesAreEstimated() throws {
    let rule = Prodigy()
    var value = Tensor([10, -10], .float64)
    var state = try rule.initialState(for: [OptimizedParameter(path: "w", value: value)])
    for number in 1...150 {
      let parameter = OptimizedParameter(path: "w", value: value, gradient: value)
      let step = StepContext(number: Tensor(Double(number), .float64))
      value = parameter.moved(by: try rule.movements(of: [parameter], state: &state, at: step)[0])
      try evaluate([value] + ModelTree(state).leaves.compactMap(\.tensor))
    }
    let distance = try state.distance.item()
    #expect(distance > 1 && distance < 20, "\(distance)")
  }

  @Test func unitsAreWhatFeedsAnOutput() throws {
    // Columns with norms 5 and 0, gradients with norms 50 and 5.
    let found = try descend(
      SGD(learningRate: 1).clipping(unitRatio: 0.1, least: 1), from: [[3, 0, 4, 0]], shapes: [[2, 2]], steps: 1
    ) { _ in [30, 3, 40, 4] }
    expectClose(found[0], [3 - 0.3, -0.06, 4 - 0.4, -0.08])
    let spared = try descend(
      SGD(learningRate: 1).clipping(unitRatio: 0.1, where: .paths("other")), from: [[3]], steps: 1
    ) { _ in [30] }
    expectClose(spared[0], [-27])
    #expect(fault(of: SGD(learningRate: 1).clipping(unitRatio: -1)).contains("clipping: its ratio"))
  }

  @Test func parametersAreClippedByThemselves() throws {
    let found = try descend(
      SGD(learningRate: 1).clipping(parameterNorm: 1), from: [[0, 0], [0]], steps: 1
    ) { $0.count == 2 ? [30, 40] : [0.5] }
    expectClose(found.flatMap(\.self), [-0.6, -0.8, -0.5], within: 1e-6)
  }

  @Test func noiseHasItsVariance() throws {
    func moved(_ number: Double, seed: Int) throws -> [Double] {
      let rule = SGD(learningRate: 1).addingNoise(variance: 4, decay: 1)
      let parameters = ["a", "b"].map { OptimizedParameter(path: $0, value: Tensor(zeros: [2_000], .float64)) }
      let step = StepContext(number: Tensor(number, .float64), key: RandomKey(seed: UInt64(seed)))
      return try firstStep(rule, parameters, at: step).values.flatMap { try $0.scalars() }
    }
    for (number, variance) in [(1.0, 4.0), (16, 0.25)] {
      let noise = try moved(number, seed: 1)
      let found = noise.reduce(0) { $0 + $1 * $1 } / Double(noise.count)
      #expect(abs(found / variance - 1) < 0.1, "\(found)")
      #expect(abs(noise.reduce(0, +) / Double(noise.count)) < 0.1)
    }
    let noise = try moved(1, seed: 1)
    #expect(try moved(1, seed: 1) == noise)
    #expect(try moved(1, seed: 2) != noise)
    #expect(Array(noise[..<2_000]) != Array(noise[2_000...]))
  }

  @Test(arguments: [Double.nan, .infinity]) func guardedRulesSkip(number: Double) throws {
    let rule = Adam(learningRate: 1).guarding()
    #expect(try descend(rule, from: [[1], [2]], steps: 2) { $0 == [1] ? [number] : [1] } == [[1], [2]])
    let parameter = OptimizedParameter(path: "w", value: Tensor(3), gradient: Tensor(number))
    let step = StepContext(number: Tensor(1, .float64))
    #expect(try firstStep(Adam().guarding(nonFinite: .refused), [parameter], at: step).values[0].item() == 3)
    #expect(try step.conditions.refused.map { try $0.condition.item() } == [1])
  }

  @Test func plateausNeedSensibleNumbers() {
    let rule = SGD(learningRate: 1)
    #expect(fault(of: rule.reducingOnPlateau(patience: 0)).contains("its patience must be at least 1, found 0"))
    #expect(fault(of: rule.reducingOnPlateau(over: 0)).contains("its count must be at least 1, found 0"))
    #expect(fault(of: rule.reducingOnPlateau(cooldown: -1)).contains("its cooldown must be at least 0, found -1"))
    #expect(fault(of: rule.reducingOnPlateau(by: 1)).contains("reducingOnPlateau: its factor"))
  }

  @Test(arguments: [
    (Adagrad(epsilon: -1) as any Optimizer, "Adagrad: its epsilon"), (Adadelta(decay: 1), "Adadelta: its decay"),
    (RMSprop(momentum: 1), "RMSprop: its momentum"), (Rprop(growing: 0.5), "Rprop: its growing"),
    (Adamax(beta1: 1), "Adamax: its beta1"), (NAdam(momentumDecay: -1), "NAdam: its momentumDecay"),
    (RAdam(beta2: 1), "RAdam: its beta2"), (AdaBelief(beta1: -1), "AdaBelief: its beta1"),
    (ADOPT(epsilon: .nan), "ADOPT: its epsilon"), (LAMB(weightDecay: -1), "LAMB: its weightDecay"),
    (LARS(learningRate: 1, trust: -1), "LARS: its trust"), (Lion(beta2: 1), "Lion: its beta2"),
    (SignSGD(momentum: 1), "SignSGD: its momentum"), (Adafactor(threshold: -1), "Adafactor: its threshold"),
    (Prodigy(initialDistance: 0), "Prodigy: its initialDistance"), (Lion(learningRate: -1), "learning rate: is -1.0"),
  ]) func senselessSettingsAreNamed(optimizer: any Optimizer, text: String) {
    #expect(fault(of: optimizer).contains(text), "\(fault(of: optimizer))")
  }

  @Test func plateausOfNegativeLosses() throws {
    let rule = SGD(learningRate: 1).reducingOnPlateau(by: 0.5, patience: 2, tolerance: 0.1)
    let parameter = OptimizedParameter(path: "w", value: Tensor([0], .float64), gradient: Tensor([1], .float64))
    func scales(_ losses: [Double]) throws -> [Double] {
      var state = try rule.initialState(for: [parameter])
      return try losses.enumerated().map { index, loss in
        let step = StepContext(number: Tensor(Double(index + 1), .float64), loss: Tensor(loss, .float64))
        _ = try rule.movements(of: [parameter], state: &state, at: step)
        return try state.scale.item()
      }
    }
    #expect(try scales([-1, -1, -1.05]) == [1, 1, 0.5])
    #expect(try scales([-1, -1, -1.2, -1.25]) == [1, 1, 1, 1])
    #expect(try scales([1, 1, 0.95]) == [1, 1, 0.5])
    #expect(fault(of: SGD(learningRate: 1).reducingOnPlateau(least: 1.5)).contains("its least"))
    #expect(fault(of: SGD(learningRate: 1).reducingOnPlateau(least: 1)) == "no error")
    // Without a loss there is nothing to go by.
    #expect(throws: TensorError.self) { try firstStep(rule, [parameter]) }
  }

  /// A step that is left out has moved nothing: its loss says nothing of the rate.
  @Test func plateausCountStepsThatAreTaken() throws {
    let rule = SGD(learningRate: 1).guarding().reducingOnPlateau(by: 0.5, patience: 2, over: 2)
    func scales(_ steps: [(loss: Double, gradient: Double)]) throws -> [Double] {
      let parameter = OptimizedParameter(path: "w", value: Tensor([0], .float64))
      var state = try rule.initialState(for: [parameter])
      return try steps.enumerated().map { index, next in
        let step = StepContext(number: Tensor(Double(index + 1), .float64), loss: Tensor(next.loss, .float64))
        var moved = parameter
        moved.gradient = Tensor([next.gradient], .float64)
        _ = try rule.movements(of: [moved], state: &state, at: step)
        #expect(try step.conditions.leftOut.map { try $0.booleans() } == [[!next.gradient.isFinite]])
        return try state.scale.item()
      }
    }
    // Means of two: 1, 2 and 2, whatever the losses are of the steps between them.
    let found = try scales([
      (1, 1), (.infinity, .nan), (1, 1), (2, 1), (0, .infinity), (.nan, .nan), (2, 1), (2, 1), (-9, .nan), (2, 1),
    ])
    #expect(found == [1, 1, 1, 1, 1, 1, 1, 1, 1, 0.5])
  }

  /// In Float32, squares whose products leave the range on either side.
  @Test(arguments: [1e-12, 1e10]) func factorsStayInRange(size: Double) throws {
    let rule = Adafactor(learningRate: 1, epsilon: 1e-36, threshold: 100)
    let gradient = Tensor([1, 2, 3, 6], shape: [2, 2], .float32) * size
    let (values, _) = try firstStep(
      rule, [OptimizedParameter(path: "w", value: Tensor(ones: [2, 2]), gradient: gradient)])
    // A gradient of rank 1 is divided by itself.
    try expectClose(values[0].scalars(), [0, 0, 0, 0], within: 1e-5)
    #expect(fault(of: Adafactor(threshold: 0)).contains("Adafactor: its threshold"))
  }
}
