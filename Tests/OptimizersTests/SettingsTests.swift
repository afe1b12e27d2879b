import DescentGraph
import DescentOptimizers
import DescentTensors
import Foundation
import Testing

/// Optimizers and learning rates are values that can be compared, printed and coded.
@Suite struct SettingsTests {
  private func restored<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: try JSONEncoder().encode(value))
  }

  private func expectRestored<Rule: Optimizer>(_ rule: Rule, _ text: String) throws {
    #expect("\(rule)" == text)
    let again = try restored(rule)
    #expect(again == rule)
    #expect("\(again)" == text)
    // A walk keeps everything too.
    let tree = try ModelTree(rule)
    #expect(
      "\(try tree.rebuilt(Rule.self, with: tree.leaves.map(\.tensor)).description.hasPrefix(text.prefix(3)))" == "true")
  }

  @Test func optimizersPrintAndCode() throws {
    try expectRestored(
      SGD(learningRate: 0.1, momentum: 0.9),
      "SGD(learningRate: 0.1, momentum: 0.9, nesterov: false, weightDecay: 0.0, decoupledWeightDecay: 0.0)")
    try expectRestored(
      Adam(learningRate: .cosine(initial: 0.1, total: 5)),
      "Adam(learningRate: cosine(floor: 0.0, initial: 0.1, total: 5.0), beta1: 0.9, beta2: 0.999, epsilon: 1e-08,"
        + " weightDecay: 0.0, amsgrad: false)")
    try expectRestored(
      AdamW(decaying: .names("weight")).clipping(globalNorm: 1, nonFinite: .skipped).accumulating(4)
        .averaging(decay: 0.999),
      "AdamW(learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-08, weightDecay: 0.01, decaying:"
        + " names(\"weight\")).clipping(globalNorm: 1.0, nonFinite: .skipped).accumulating(4).averaging(decay: 0.999)")
    try expectRestored(
      chain(SGD(learningRate: 1), NewtonCG(iterations: 3)).decaying(0.5, where: .matrices).masked(
        where: .paths("a", "b")),
      "chain(SGD(learningRate: 1.0, momentum: 0.0, nesterov: false, weightDecay: 0.0, decoupledWeightDecay: 0.0),"
        + " NewtonCG(damping: 0.0, tolerance: 0.01, iterations: 3, lineSearch: LineSearch(initial: 1.0, shrinking: 0.5,"
        + " sufficient: 0.0001, most: 20))).decaying(0.5, where: matrices).masked(where: paths(\"a\", \"b\"))")
    #expect(Adam() == Adam(beta1: 0.9) && Adam() != Adam(beta1: 0.8))
    #expect(Adam(learningRate: 1e-3) != Adam(learningRate: .exponential(initial: 1e-3, factor: 1)))
  }

  @Test(arguments: [
    LearningRate.constant(0.1), 0, .cosine(initial: 2, total: 5, floor: 1), .warmupCosine(peak: 1, warmup: 4, total: 8),
    .step(initial: 1, every: 3), .exponential(initial: 1, factor: 0.5), .oneCycle(peak: 1, total: 100),
    .exponential(initial: 1, factor: 0.5, every: 3, floor: 0.1), .linear(from: 1, to: 0, over: 9),
    .polynomial(initial: 1, total: 60, power: 2, floor: 0.1), .cosineRestarts(initial: 1, period: 3, growth: 2),
    .inverseTime(initial: 1, decay: 0.1), .inverseSquareRoot(peak: 1, warmup: 4), .cyclic(from: 0, to: 1, rising: 3),
    .linearOneCycle(peak: 1, total: 100), .multiStep(initial: 1, at: [3, 5]),
    .joined([.linear(from: 0, to: 1, over: 3), 1, .cosine(initial: 1, total: 9)], at: [3, 20]),
    LearningRate.cosine(initial: 1, total: 50).warmedUp(over: 5, from: 0.1).multiplied(by: 0.5),
  ]) func ratesAreCoded(rate: LearningRate) throws {
    let again = try restored(rate)
    #expect(again == rate && again.hashValue == rate.hashValue)
    for number in [1.0, 3, 7, 50, 200] {
      #expect(try again(Tensor(number, .float64)).item() == rate(Tensor(number, .float64)).item())
    }
    // Its numbers are leaves of a walk, apart from zeros.
    let tree = try ModelTree(rate)
    #expect(tree.leaves.allSatisfy { !$0.isTrained && $0.tensor?.elementType == .float64 })
    let walked = try tree.rebuilt(LearningRate.self, with: tree.leaves.map(\.tensor))
    #expect(try walked(Tensor(3, .float64)).item() == rate(Tensor(3, .float64)).item())
  }

  @Test func functionsOfOnesOwnAreKeptByWalksAndNamedInFiles() throws {
    let rate = LearningRate("halved") { 1.0 / $0 }
    #expect("\(Adam(learningRate: rate))".hasPrefix("Adam(learningRate: halved,"))
    #expect(rate == rate && rate != LearningRate("halved") { 1.0 / $0 })
    let tree = try ModelTree(Adam(learningRate: rate))
    let again = try tree.rebuilt(Adam.self, with: tree.leaves.map(\.tensor))
    #expect(again.learningRate == rate)
    let fault = #expect(throws: DecodingError.self) { try restored(rate) }
    #expect("\(try #require(fault))".contains("'halved' is a function in Swift, which cannot be read from a file"))
    let selection = ParameterSelection.where("wide") { $0.count > 10 }
    let masked = SGD(learningRate: 1).masked(where: selection)
    let walked = try ModelTree(masked)
    #expect(try walked.rebuilt(Masked<SGD, Standing>.self, with: walked.leaves.map(\.tensor)).selection == selection)
    #expect(throws: DecodingError.self) { try restored(selection) }
  }

  @Test func schedulesWithoutTheirNumbersAreRefused() {
    for text in [
      #"{"schedule": "exponential"}"#, #"{"schedule": "cosine", "initial": 1, "total": 2, "floor": 0, "x": 1}"#,
    ] {
      #expect(throws: DecodingError.self) { try JSONDecoder().decode(LearningRate.self, from: Data(text.utf8)) }
    }
    #expect(fault(of: SGD(learningRate: .exponential(initial: 1, factor: -1))).contains("has factor -1.0"))
  }

  @Test func selectionsChoose() throws {
    let weight = ParameterInfo(path: "encoder.conv1.weight", shape: [3, 4])
    let bias = ParameterInfo(path: "encoder2.bias", shape: [4])
    func chosen(_ selection: ParameterSelection) throws -> [Bool] {
      #expect(try restored(selection) == selection)
      return [weight, bias].map(selection.contains)
    }
    #expect(try chosen(.all) == [true, true])
    #expect(try chosen(.matrices) == [true, false])
    #expect(try chosen(.paths("encoder")) == [true, false])
    #expect(try chosen(.paths("encoder2.bias", "other")) == [false, true])
    #expect(try chosen(.names("bias", "scale")) == [false, true])
    #expect(try chosen(!ParameterSelection.matrices) == [false, true])
    #expect(try chosen(.matrices.and(.paths("encoder2"))) == [false, false])
    #expect(try chosen(.all.and(!ParameterSelection.names("weight"))) == [false, true])
  }

  @Test func hyperparametersAreNumbers() throws {
    let number: Hyperparameter = 0.25
    #expect(number.value == 0.25 && number == Hyperparameter(0.25) && number != 0.5)
    #expect(try number.complement(in: .float32).item() == 0.75)
    #expect(Hyperparameter(0).isZero && !number.isZero)
    let tensor = Hyperparameter(Tensor(0.1, .float32))
    #expect(try tensor.in(.float64).item() == Double(Float(0.1)))
    #expect(tensor == tensor && tensor != Hyperparameter(Tensor(0.1, .float32)))
    #expect(try restored(number) == number)
  }
}
