import Descent
import Testing

@Suite struct OwnLayer {
  /// Multiplies each feature by a number that is learned, and adds noise while training.
  struct Scaled: Layer {
    var scale = Parameter()
    let noise: Double

    func callAsFunction(_ input: Tensor) -> Tensor {
      guard let features = input.shape.last else {
        let name = scale.title(of: "Scaled")  // such as encoder.scaled (Scaled)
        return Tensor(error: TensorError(name, "takes […, features], found a scalar"))
      }
      let factors = scale.bound(to: [features], in: "Scaled") { key, shape in
        key.uniform(shape, low: 0.5, high: 1.5)
      }
      let scaled = input * factors
      guard Run.current.isTraining, let key = Run.current.nextKey() else { return scaled }
      return scaled + noise * key.normal(scaled.shape)
    }
  }

  @Test func parameters() throws {
    let x = RandomKey(seed: 1).normal([8, 3])
    let layer = try Scaled(noise: 0.1).initialized(for: x)

    #expect(layer.scale.tensor?.shape == [3])
    let quiet = try layer(x).floats()
    #expect(try layer(x).floats() == quiet)
    #expect(try training(seed: 1) { try layer(x).floats() } != quiet)
    let error = try #require(layer(Tensor(zeros: [8, 4])).error)
    #expect(error.message == "its scale has the shape [3], this input needs [4]")
  }

  /// Keeps the largest magnitude that was seen in training, and divides by it.
  struct Ranged: Layer {
    var largest = Parameter(role: .statistic)

    func callAsFunction(_ input: Tensor) -> Tensor {
      let bound = largest.bound(to: [], in: "Ranged") { _, shape in Tensor(ones: shape) }
      if Run.current.isTraining {
        largest.update(to: maximum(largest.latest ?? bound, abs(input).max()))
      }
      return input / bound
    }
  }

  @Test func statistics() throws {
    let x = Tensor([[1, -8], [2, 3]])
    let layer = try Ranged().initialized(for: x)
    let pass = try training(layer, seed: 1) { layer in layer(x) }
    #expect(try pass.model.largest.tensor?.item() == 8)
    #expect(try layer.largest.tensor?.item() == 1)
  }

  /// Reports that its outputs are to be small, in addition to whatever the loss is.
  struct Penalized: Layer {
    var dense = Dense(units: 4)

    func callAsFunction(_ input: Tensor) -> Tensor {
      let output = dense(input)
      Run.current.report(loss: 0.01 * square(output).mean(), named: "size")
      Run.current.report(metric: abs(output).max(), named: "largest output")
      return output
    }
  }

  @Test func reports() throws {
    let x = RandomKey(seed: 1).normal([8, 3])
    let layer = try Penalized().initialized(for: x)

    let step = try TrainingStep(layer, optimizer: Adam()) { layer, batch in
      meanSquaredError(layer(batch.input), batch.target)
    }
    let result = try step.run(Batch(input: x, target: Tensor(zeros: [8, 4])))
    print(try result["largest output"]?.item() ?? .nan)

    let (_, reports) = training(seed: 1) { collectingReports { layer(x) } }
    let largest = try #require(reports["largest output"])
    let ofStep = try #require(result["largest output"])
    #expect(try ofStep.item() == largest.item())
    #expect(try largest.item() > 0)
    #expect(reports.losses.map(\.name) == ["size"])
  }

  /// A recurrent layer: a loop over the time axis, in one plan.
  struct Recurrent: Layer {
    var input = Dense(units: 8)
    var hidden = Dense(units: 8, bias: false)

    func callAsFunction(_ sequences: Tensor) throws -> Tensor {
      let start = Tensor(zeros: [sequences.shape[0], 8])
      let steps = sequences.moved(1, to: 0)  // [time, batch, features]
      return try scan(over: steps, from: start) { state, x in
        let next = tanh(input(x) + hidden(state))
        return (next, next)
      }.outputs.moved(0, to: 1)
    }
  }

  @Test func loops() throws {
    let sequences = RandomKey(seed: 1).normal([4, 10, 3])
    let layer = try Recurrent().initialized(for: sequences)
    #expect(try layer(sequences).shape == [4, 10, 8])
    let slope = try gradient(at: layer) { layer in try layer(sequences).sum() }
    #expect(slope.hidden.weight.tensor?.shape == [8, 8])
  }
}
