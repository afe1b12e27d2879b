import DescentGraph
import DescentLayers
import DescentTensors
import Testing

/// What layers ask of a run and report to it, from within functions that are recorded on their own.
@Suite struct RunTests {
  private let batch = Tensor([[1, 10], [2, 20], [3, 60]], .float64)

  @Test func checkpointedLayersReportTheirStatistics() throws {
    let model = try BatchNormTests.Model().initialized(for: batch)
    let run = Run(.training, key: RandomKey(seed: 0))
    let output = try run.perform { try batch.checkpointed { model($0) }.scalars() }
    let plain = Run(.training, key: RandomKey(seed: 0))
    expectClose(output, try plain.perform { try model(batch).scalars() })
    #expect(Set(run.updates.keys) == ["norm.mean", "norm.variance"])
    for (path, wanted) in plain.updates {
      try expectClose(#require(run.updates[path]).scalars(), try wanted.scalars())
    }
  }

  @Test func looksAtAFunctionReportNothing() throws {
    let model = try BatchNormTests.Model().initialized(for: batch)
    let run = Run(.training, key: RandomKey(seed: 0))
    _ = try run.perform { try gradient(at: batch) { model($0).sum() }.scalars() }
    #expect(run.updates.isEmpty)
  }

  @Test func loopsRefuseToUpdateStatistics() throws {
    let model = try BatchNormTests.Model().initialized(for: batch)
    let state = Tensor(zeros: [3, 2], .float64)
    let message = fault(
      of: Run(.training, key: RandomKey(seed: 0)).perform {
        scan(over: batch.reshaped([1, 3, 2]), from: state) { state, x in (state + model(x), x) }.state
      })
    #expect(
      message.hasPrefix(
        "scan: 'norm.mean' is a running statistic that is updated inside, where no new value can come out; use the layer"
          + " outside, or for inference"), "\(message)")
  }

  @Test func functionsThatThrowReportNothing() throws {
    struct Stop: Error {}
    let model = try BatchNormTests.Model().initialized(for: batch)
    let run = Run(.training, key: RandomKey(seed: 0))
    _ = try? run.perform {
      try scan(over: batch.reshaped([1, 3, 2]), from: Tensor(0.0)) { (state: Tensor, x: Tensor) -> (Tensor, Tensor) in
        _ = model(x)
        throw Stop()
      }
    }
    // What the step reported stands for no value outside of it.
    #expect(run.updates.isEmpty)
  }

  @Test func eachStepDropsOthers() throws {
    let layer = Dropout(rate: 0.5)
    let ones = Tensor(ones: [6, 64])
    func dropped() throws -> [[Double]] {
      let outputs: [Double] = try training(seed: 3) {
        scan(over: ones, from: Tensor(0.0)) { state, x in (state, layer(x)) }.outputs
      }.scalars()
      return (0..<6).map { (step: Int) -> [Double] in Array(outputs[(step * 64)..<(step * 64 + 64)]) }
    }
    let steps = try dropped()
    for (index, step) in steps.enumerated() {
      let zeros: Int = step.filter { $0 == 0 }.count
      #expect(zeros >= 10 && zeros <= 54)
      #expect(!steps[..<index].contains(step))
    }
    #expect(try dropped() == steps)
  }
}
