import DescentData
import DescentGraph
import DescentLayers
import DescentOptimizers
import DescentTensors
import TestSupport
import Testing

@testable import DescentTraining

/// What layers report reaches whoever runs the step, and the precision of a step reaches its layers.
@Suite struct ReportTests {
  private struct Gate: Layer {
    var weight = Dense(units: 2)
    func callAsFunction(_ x: Tensor) -> Tensor {
      let y = weight(x)
      Run.current.report(loss: 0.5 * square(y).mean(), named: "balance")
      Run.current.report(metric: y.max(), named: "largest")
      return y
    }
  }

  @Test func lossesCountAndMetricsAreShown() throws {
    let x = sample([4, 3], .float32)
    let start = try Gate().initialized(for: x)
    let step = try TrainingStep(start, optimizer: SGD(learningRate: 0.1)) { (model: Gate, x: Tensor) in
      square(model(x) - 1.0).mean()
    }
    let output = start(x)
    let result = try step.run(x)
    let balance = try (0.5 * square(output).mean()).item()
    #expect(abs(try #require(result["balance"]).item() - balance) < 1e-6)
    #expect(abs(try #require(result["largest"]).item() - output.max().item()) < 1e-6)
    #expect(result["other"] == nil && result.further.isEmpty && result.reports.count == 2)
    let own = try square(output - 1.0).mean().item()
    #expect(abs(try result.loss.item() - (own + balance)) < 1e-6)
    // The parameters follow both.
    let slope = try gradient(at: start) { model in
      let y = matmul(x, model.weight.weight.tensor ?? x) + (model.weight.bias?.tensor ?? x)
      return square(y - 1.0).mean() + 0.5 * square(y).mean()
    }
    let wanted = try #require(zip(start, slope) { $0 - 0.1 * $1 }.weight.weight.tensor).scalars()
    for (a, b) in zip(try #require(step.model.weight.weight.tensor).scalars(), wanted) { #expect(abs(a - b) < 1e-6) }
  }

  @Test func precisionBelongsToTheRun() throws {
    struct Network: Layer {
      var hidden = Dense(units: 16)
      var output = Dense(units: 1)
      func callAsFunction(_ x: Tensor) -> Tensor {
        let y = tanh(hidden(x))
        Run.current.report(metric: Tensor(y.elementType == .bfloat16 ? 1 : 0), named: "isNarrow")
        return output(y)
      }
    }
    let batch = Batch(input: sample([8, 3], .float32), target: sample([8, 1], .float32))
    let update = TrainingUpdate(precision: .bfloat16) { (model: Network, batch: Batch) in
      meanSquaredError(model(batch.input).converted(to: .float32), batch.target)
    }
    var state = try TrainingState(Network(), optimizer: Adam(learningRate: 0.01))
    let first = try update(&state, batch)
    #expect(try first["isNarrow"]?.item() == 1)
    #expect(first.loss.elementType == .float32)
    #expect(state.model.hidden.weight.tensor?.elementType == .float32)
    for _ in 0..<60 { try update(&state, batch) }
    #expect(try update(&state, batch).loss.item() < 0.5 * first.loss.item())
    // Around a step that says nothing, and in a plan of its own.
    let plain = TrainingUpdate { (model: Network, batch: Batch) in
      meanSquaredError(model(batch.input).converted(to: .float32), batch.target)
    }
    #expect(try withPrecision(.bfloat16) { try plain(&state, batch) }["isNarrow"]?.item() == 1)
    #expect(try plain(&state, batch)["isNarrow"]?.item() == 0)
    #expect(plain.compilationCount == 2)
    // The trainer's passes have it as well.
    let trainer = try Trainer(
      Network(), loss: meanSquaredError, optimizer: SGD(learningRate: 0.01),
      metrics: [Metric("isWide") { prediction, _ in Tensor(prediction.elementType == .float32 ? 1 : 0) }],
      precision: .bfloat16)
    let examples = try Examples(inputs: batch.input, targets: batch.target)
    let wide = try Trainer(Network(), loss: meanSquaredError, optimizer: SGD(learningRate: 0.01))
    _ = try wide.fit(examples.batched(4), epochs: 1)
    let report = try trainer.fit(examples.batched(4), validation: examples, epochs: 1)
    #expect(report.epochs[0].training["isWide"] == 1 && report.epochs[0].validation["isWide"] == 1)
    // The passes of one compute in 16 bits, those of the other do not.
    let losses = try (trainer.evaluate(examples)["loss"], wide.evaluate(examples)["loss"])
    #expect(losses.0 != losses.1)
  }
}
