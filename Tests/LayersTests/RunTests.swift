import DescentGraph
import DescentLayers
import DescentTensors
import TestSupport
import Testing

/// What layers ask of a run and report to it, from within functions that are recorded on their own.
@Suite struct RunTests {
  private let batch = Tensor([[1, 10], [2, 20], [3, 60]], .float64)

  /// From a condition, and from a function of one example in a model that all examples share, no new value can come out.
  @Test func someFunctionsRefuseToUpdateStatistics() throws {
    let model = try BatchNormTests.Model().initialized(for: batch)
    let state = Tensor(zeros: [3, 2], .float64)
    let condition = fault {
      _ = try training(model, seed: 0) { model in
        try whileLoop(from: state) { state in
          (model(batch).sum() .< state.sum())
        } do: {
          $0
        }
      }
    }
    #expect(
      condition.hasPrefix(
        "whileLoop: 'norm.mean' is a running statistic that is updated inside, where no new value can come out; use the"
          + " layer outside, or for inference"), "\(condition)")
    let shared = fault {
      _ = try training(model, seed: 0) { model in
        let many = vectorized { (x: Tensor) in model(x) }
        return try many(batch.reshaped([1, 3, 2]))
      }
    }
    #expect(
      shared.hasPrefix(
        "vectorized: 'norm.mean' is a running statistic that is updated inside, and all examples share it: it would have a"
          + " value for each; use the layer outside, or for inference"), "\(shared)")
  }

  @Test func functionsThatThrowReportNothing() throws {
    struct Stop: Error {}
    let model = try BatchNormTests.Model().initialized(for: batch)
    // What the step reported stands for no value outside of it.
    let after = try training(model, seed: 0) { model in
      _ = try? scan(over: batch.reshaped([1, 3, 2]), from: Tensor(0.0)) {
        (state: Tensor, x: Tensor) -> (Tensor, Tensor) in
        _ = model(x)
        throw Stop()
      }
    }.model
    #expect(try after.norm.mean.tensor?.scalars() == [0, 0])
  }

  @Test func eachStepDropsOthers() throws {
    let layer = Dropout(rate: 0.5)
    let ones = Tensor(ones: [6, 64])
    func dropped() throws -> [[Double]] {
      let outputs: [Double] = try training(seed: 3) {
        try scan(over: ones, from: Tensor(0.0)) { state, x in (state, layer(x)) }.outputs
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
