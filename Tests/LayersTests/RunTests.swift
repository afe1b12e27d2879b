import DescentGraph
import DescentLayers
import DescentTensors
import TestSupport
import Testing

/// What layers ask of a run and report to it, from within functions that are recorded on their own.
@Suite struct RunTests {
  private let batch = Tensor([[1, 10], [2, 20], [3, 60]], .float64)

  @Test func loopsRefuseToUpdateStatistics() throws {
    let model = try BatchNormTests.Model().initialized(for: batch)
    let state = Tensor(zeros: [3, 2], .float64)
    let message = fault {
      _ = try training(seed: 0) {
        try scan(over: batch.reshaped([1, 3, 2]), from: state) { state, x in (state + model(x), x) }.state
      }
    }
    #expect(
      message.hasPrefix(
        "scan: 'norm.mean' is a running statistic that is updated inside, where no new value can come out; use the layer"
          + " outside, or for inference"), "\(message)")
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
