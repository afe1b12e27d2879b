import DescentData
import DescentLayers
import DescentOptimizers
import DescentTensors
import TestSupport
import Testing

@testable import DescentTraining

/// Steps that are not finite end training, and the place where that began is found.
@Suite struct FiniteGuardTests {
  /// Logarithms of what a layer gives, which end at negative numbers.
  private struct Logarithmic: Layer {
    var hidden = Dense(units: 4)
    var output = Dense(units: 3)
    static let line = #line + 1
    func callAsFunction(_ x: Tensor) -> Tensor { output(log(hidden(x))) }
  }

  private func examples(spoiling place: Int? = nil) throws -> Examples {
    var inputs = try points(16).inputs.scalars()
    if let place { inputs[place] = .nan }
    return try Examples(inputs: Tensor(inputs, shape: [16, 4], .float32), targets: points(16).targets)
  }

  @Test func theBatch() throws {
    let trainer = try smallTrainer()
    let text = fault {
      try trainer.fit(
        examples(spoiling: 14 * 4).batched(4, shuffled: false), epochs: 2, callbacks: [.finiteGuard])
    }
    #expect(
      text
        == "step 4 (epoch 1, batch 4): the loss is not finite, and such steps are refused; parameters and what it"
        + " remembers are as before. The batch's 'input', float32[4, 4], holds 1 number that is not finite", "\(text)")
    #expect(try values(trainer.model).values.joined().allSatisfy(\.isFinite))
  }

  @Test func anOperationAfterALayer() throws {
    let trainer = try Trainer(Logarithmic(), loss: softmaxCrossEntropy, optimizer: SGD(learningRate: 0.1), seed: 1)
    let text = fault { try trainer.fit(examples().batched(16), epochs: 1, callbacks: [.finiteGuard]) }
    #expect(text.hasPrefix("step 1 (epoch 1, batch 1): the loss is not finite"), "\(text)")
    #expect(
      text.hasSuffix(
        "The first NaN comes from log, float32[16, 4], in the layer hidden (Dense) at FiniteGuardTests.swift:"
          + "\(Logarithmic.line)"), "\(text)")
  }

  /// The derivative of √x at 0 is infinite, and times 0 NaN: the loss is finite.
  @Test func theBackwardPass() throws {
    struct Root: Layer {
      var weight = Tensor([1], .float64)
      func callAsFunction(_ x: Tensor) -> Tensor { x * weight }
    }
    let line = #line + 2
    let trainer = try Trainer(
      Root(), loss: { prediction, target in sqrt(square(prediction - target)).sum() },
      optimizer: SGD(learningRate: 0.1))
    let data = try Examples(
      inputs: Tensor([[1], [0]], .float64), targets: Tensor([[0.5], [0]], .float64))
    let text = fault {
      try trainer.fit(data.batched(1, shuffled: false), epochs: 1, callbacks: [.finiteGuard])
    }
    #expect(text.hasPrefix("step 2 (epoch 1, batch 2): the gradient of the loss with respect to weight"), "\(text)")
    #expect(
      text.contains("The first NaN comes from")
        && text.hasSuffix("in the model in the backward pass at FiniteGuardTests.swift:\(line)"), "\(text)")
    #expect(try values(trainer.model)["weight"] == [0.9])
  }

  @Test func aParameter() throws {
    let trainer = try smallTrainer()
    try trainer.fit(examples().batched(8), epochs: 1)
    var model = trainer.model
    model.hidden.bias?.tensor = Tensor(repeating: .infinity, shape: [8])
    try trainer.replaceModel(model)
    let text = fault { try trainer.fit(examples().batched(8), epochs: 1, callbacks: [.finiteGuard]) }
    #expect(
      text.hasSuffix("The layer hidden (Dense) has hidden.bias, float32[8], with 8 numbers that are not finite"),
      "\(text)")
  }

  /// Infinite numbers of the program, such as those of a mask, are no fault.
  @Test func masksAreNoFault() throws {
    struct Masked: Layer {
      var output = Dense(units: 3)
      func callAsFunction(_ x: Tensor) -> Tensor {
        let scores = output(x)
        let mask = Tensor([true, false, true])
        return softmax(`where`(mask, scores, Tensor(-.infinity, .float32)))
      }
    }
    let trainer = try Trainer(Masked(), loss: { p, _ in square(p).sum() }, optimizer: SGD(learningRate: 0.1))
    try trainer.fit(examples().batched(8), epochs: 2, callbacks: [.finiteGuard])
    #expect(try values(trainer.model).values.joined().allSatisfy(\.isFinite))
  }
}
