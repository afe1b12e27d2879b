import DescentGraph
import DescentLayers
import DescentTensors
import TestSupport
import Testing

/// Losses and metrics of layers on their way to whoever runs the pass.
@Suite struct PassReportTests {
  /// Reports the size of its outputs as a loss and the share of positive ones as a metric.
  struct Quiet: Layer {
    var dense = Dense(units: 2)
    var name = "size"
    func callAsFunction(_ x: Tensor) -> Tensor {
      let y = dense(x)
      Run.current.report(loss: 0.1 * square(y).mean(), named: name)
      Run.current.report(metric: (y .> 0.0).converted(to: .float64).mean(), named: "positive")
      return y
    }
  }

  struct Network: Layer {
    var first = Quiet()
    var second = Quiet()
    func callAsFunction(_ x: Tensor) -> Tensor { second(first(x)) }
  }

  private let x = sample([4, 2])
  private func model() throws -> Network { try Network().initialized(for: x, seed: 3) }

  private func penalty(_ y: Tensor) -> Tensor { 0.1 * square(y).mean() }
  private func share(_ y: Tensor) -> Tensor { (y .> 0.0).converted(to: .float64).mean() }

  /// What two layers of the model report, worked out.
  private func expected(_ model: Network) throws -> (loss: Double, metric: Double) {
    let y = model.first.dense(x)
    let z = model.second.dense(y)
    return try ((penalty(y) + penalty(z)).item(), ((share(y) + share(z)) / 2.0).item())
  }

  private func expectReports(_ body: (Network) throws -> Void) throws {
    let model = try model()
    let wanted = try expected(model)
    let reports = try collectingReports { try body(model) }.reports
    #expect(reports.losses.map(\.name) == ["size"] && reports.metrics.map(\.name) == ["positive"])
    #expect(try abs(#require(reports["size"]).item() - wanted.loss) < 1e-12)
    #expect(try abs(#require(reports["positive"]).item() - wanted.metric) < 1e-12)
  }

  @Test func lossesAddUpAndMetricsAverage() throws {
    try expectReports { _ = $0(x) }
    let (model, wanted) = try (model(), expected(model()))
    let (y, reports) = collectingReports { model(x) }
    #expect(try abs(reports.total(with: y.sum()).item() - (y.sum().item() + wanted.loss)) < 1e-12)
    #expect(reports.total(with: Tensor(1)).elementType == .float32)
    var named = model
    named.second.name = "other"
    let two = collectingReports { named(x) }.reports
    #expect(two.losses.map(\.name) == ["size", "other"] && two["none"] == nil)
    // What is collected within is not reported further, and without reports there is nothing.
    let outer = collectingReports { collectingReports { model(x) } }
    #expect(outer.reports.losses.isEmpty && outer.result.reports.losses.count == 1)
    #expect(try collectingReports { x }.reports.total(with: Tensor(2.5)).item() == 2.5)
  }

  @Test func recordedFunctionsHandThemOn() throws {
    let x = x
    try expectReports { model in _ = x.checkpointed { model($0) } }
    try expectReports { model in _ = try gradient(at: x) { model($0).sum() } }
    try expectReports { model in _ = try gradient(at: model) { $0(x).sum() } }
    try expectReports { _ = try hessianBlocks(at: $0) { $0(x).sum() } }
    try expectReports { _ = try linearize(at: $0) { $0(x) } }
    try expectReports { model in
      _ = try customGradient(model) {
        ($0(x).sum(), $0)
      } backward: { model, _ in
        model
      }
    }
    let block = compiled { (model: Network, x: Tensor) in model(x) }
    for _ in 1...2 { try expectReports { _ = try block($0, x) } }
    #expect(block.compilationCount == 1)
    try expectReports { model in _ = try gradient(at: model) { try block($0, x).sum() } }
    // A plan that nobody collects from is another one, which gives nothing further.
    #expect(try block(model(), x).scalars() == model()(x).scalars())
    #expect(block.compilationCount == 2)
  }

  /// The gradient of a loss with what layers add to it is that of the sum written out.
  @Test func reportedLossesHaveGradients() throws {
    let model = try model()
    let found = try training(model, seed: 1) { model in
      try gradient(at: model) { model in
        let (y, reports) = collectingReports { x.checkpointed { model($0) } }
        return reports.total(with: y.sum())
      }
    }.result
    let wanted = try gradient(at: model) { model in
      let y = model.first.dense(x)
      let z = model.second.dense(y)
      return z.sum() + penalty(y) + penalty(z)
    }
    let (a, b) = try (namedTensors(of: found), namedTensors(of: wanted))
    for (name, tensor) in a { try expectClose(tensor.scalars(), #require(b[name]).scalars()) }
  }

  @Test func mistakesAreTold() throws {
    func told(_ body: () -> Void) throws -> String {
      let reports = collectingReports(body).reports
      return try fault(of: #require((reports.losses + reports.metrics).first).value)
    }
    #expect(
      try told { Run.current.report(loss: Tensor([1, 2]), named: "a") }
        .hasPrefix("report: the loss 'a' is float32[2], not one floating-point number; sum or average it"))
    #expect(try told { Run.current.report(loss: Tensor(integers: [1], shape: []), named: "a") }.hasPrefix("report: "))
    #expect(
      try told { Run.current.report(metric: Tensor([1, 2]), named: "b") }
        .hasPrefix("report: the metric 'b' is float32[2], not one number; sum or average it"))
    #expect(
      try told { Run.current.report(loss: matmul(Tensor([1, 2]), Tensor([1])), named: "a") }.hasPrefix("matmul: "))
    let count = collectingReports { Run.current.report(metric: Tensor(integers: [3], shape: []), named: "c") }
    #expect(try count.reports["c"]?.item() == 3)
    // A loss that whoever trains would miss.
    let lost = TestSupport.fault {
      _ = try training(model(), seed: 1) { model in try gradient(at: model) { $0(x).sum() } }
    }
    #expect(
      lost.hasPrefix(
        "gradient: the loss 'size' that a layer reports would get lost; collect it within the function by"
          + " collectingReports { … }, and add it by total(with:)"), "\(lost)")
    _ = try gradient(at: model()) { $0(x).sum() }
  }
}
