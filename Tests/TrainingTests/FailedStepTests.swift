import DescentBackends
import DescentData
import DescentLayers
import DescentOptimizers
import DescentTensors
import TestSupport
import Testing

@testable import DescentTraining

/// What a step leaves that fails while it writes over the parameters.
@Suite struct FailedStepTests {
  private typealias State = TrainingState<Line, Adam>
  private let batch = Batch(input: sample([4, 3]), target: sample([4, 1], seed: 9))
  private let update = TrainingUpdate { (model: Line, batch: Batch) in
    meanSquaredError(model(batch.input), batch.target)
  }

  /// Has a state take two steps, of which the second one fails, and gives it with the snapshot and model before that.
  private func failing(
    _ body: (_ state: inout State, _ before: [String: Tensor], _ model: Line, _ backend: FailingBackend) throws -> Void
  ) throws {
    let backend = FailingBackend()
    try withBackend(Backend(backend)) {
      var state = try State(Line(), optimizer: Adam(learningRate: 0.1))
      try update(&state, batch)
      let (before, model) = (try state.snapshot(), state.model)
      backend.isFailing.change { $0 = true }
      #expect(fault { try update(&state, batch) }.hasPrefix("dot: the kernel failed"))
      backend.isFailing.change { $0 = false }
      try body(&state, before, model, backend)
    }
  }

  private func isLost(_ state: State) -> Bool {
    fault { _ = try state.snapshot() }.contains("which are lost")
      && fault { _ = try state.model.weight.scalars() }.contains("which are lost")
      && fault { _ = try state.optimizerState() }.contains("which are lost")
  }

  private func twoSteps() throws -> [String: [Double]] {
    var state = try State(Line(), optimizer: Adam(learningRate: 0.1))
    for _ in 0..<2 { try update(&state, batch) }
    return try state.snapshot().mapValues { try $0.scalars() }
  }

  @Test func nothingGoesOnWithWhatIsLeft() throws {
    try failing { state, _, _, _ in
      #expect(isLost(state) && state.step == 1)
      #expect(
        fault { try update(&state, batch) }.contains(
          "a step failed while it changed the parameters, which are lost (dot: the kernel failed"))
    }
  }

  /// A snapshot holds everything, and mends it.
  @Test func snapshotsMendIt() throws {
    let wanted = try twoSteps()
    try failing { state, before, _, _ in
      let missing = try #require(before.keys.first { $0.hasPrefix("optimizer.") })
      var some = before
      some[missing] = nil
      #expect(fault { try state.restore(some) }.contains("there is no tensor \(missing)"))
      #expect(isLost(state))
      try state.restore(before)
      try update(&state, batch)
      #expect(try state.snapshot().mapValues { try $0.scalars() } == wanted)
    }
  }

  /// A model holds the parameters alone: what the optimizer remembers is gone, and begins anew, as do bias corrections.
  @Test func modelsMendItWithoutTheMemory() throws {
    try failing { state, _, model, _ in
      state.model = model
      #expect(try values(state.model) == values(model) && state.step == 1)
      for (name, tensor) in try state.snapshot() where name.hasPrefix("optimizer.") {
        #expect(try tensor.scalars().allSatisfy { $0 == 0 }, "\(name)")
      }
      var anew = try State(model, optimizer: Adam(learningRate: 0.1))
      try update(&state, batch)
      try update(&anew, batch)
      #expect(try values(state.model) == values(anew.model))
    }
  }
}
