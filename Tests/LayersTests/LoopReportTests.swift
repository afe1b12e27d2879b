import DescentGraph
import DescentLayers
import DescentTensors
import TestSupport
import Testing

/// Running statistics, losses and metrics out of loops, branches and functions of one example.
@Suite struct LoopReportTests {
  typealias Model = BatchNormTests.Model

  /// Reports the mean of its input as a loss and its largest element as a metric, and normalizes it.
  struct Reporting: Layer {
    var norm = BatchNorm()
    func callAsFunction(_ x: Tensor) -> Tensor {
      Run.current.report(loss: x.mean(), named: "mean")
      Run.current.report(metric: x.max(), named: "largest")
      return norm(x)
    }
  }

  private let batches = sample([3, 4, 2])
  private func batch(_ step: Int) -> Tensor { batches[step] }
  private func model() throws -> Reporting { try Reporting().initialized(for: sample([4, 2])) }

  /// What passes through some batches leave, one after the other, without a loop.
  private func expected(_ steps: [Int]) throws -> (model: Reporting, loss: Double, metric: Double) {
    let (pass, reports) = try collectingReports {
      try training(model(), seed: 0) { model in for step in steps { _ = model(batch(step)) } }
    }
    return (pass.model, try #require(reports["mean"]).item(), try #require(reports["largest"]).item())
  }

  private func expectReports(_ steps: [Int], _ body: (Reporting) throws -> Void) throws {
    let wanted = try expected(steps)
    let (pass, reports) = try collectingReports { try training(model(), seed: 0, body) }
    let (found, values) = try (namedTensors(of: pass.model), namedTensors(of: wanted.model))
    for (path, tensor) in found { try expectClose(tensor.scalars(), #require(values[path]).scalars()) }
    #expect(try abs(#require(reports["mean"]).item() - wanted.loss) < 1e-12)
    #expect(try abs(#require(reports["largest"]).item() - wanted.metric) < 1e-12)
  }

  @Test func scansCarryWhatLayersReport() throws {
    let batches = batches
    try expectReports([0, 1, 2]) { model in
      _ = try scan(over: batches, from: Tensor(0.0)) { state, x in (state, model(x)) }
    }
    try expectReports([2, 1, 0]) { model in
      _ = try scan(over: batches, from: Tensor(0.0), reversed: true) { state, x in (state, model(x)) }
    }
    // Beside a pass outside, within a further function, and in a loop of loops.
    try expectReports([1, 0, 1, 2, 2]) { model in
      _ = model(batches[1])
      _ = try scan(over: batches, from: Tensor(0.0)) { state, x in (state, x.checkpointed { model($0) }) }
      _ = model(batches[2])
    }
    try expectReports([0, 1, 2, 0, 1, 2]) { model in
      _ = try scan(length: 2, from: Tensor(0.0)) { state, _ in
        (state, try scan(over: batches, from: state) { state, x in (state, model(x)) }.outputs)
      }
    }
    let pass = compiled { (model: Reporting, batches: Tensor) in
      try scan(over: batches, from: Tensor(0.0)) { state, x in (state, model(x)) }.outputs
    }
    for _ in 1...2 { try expectReports([0, 1, 2]) { _ = try pass($0, batches) } }
    #expect(pass.compilationCount == 1)
  }

  /// The outputs and the gradient of a loop are those of its steps, one by one.
  @Test func scansWithReportsAreDifferentiated() throws {
    let batches = batches
    let weight = sample([4, 2], seed: 5)
    func looped(_ model: Reporting) throws -> Tensor {
      let (outputs, reports) = try collectingReports {
        try scan(over: batches, from: Tensor(zeros: [4, 2], .float64)) { h, x in
          let next = tanh(model(x + h))
          return (next, next * weight)
        }.outputs
      }
      return reports.total(with: outputs.sum())
    }
    func unrolled(_ model: Reporting) throws -> Tensor {
      let (sum, reports) = collectingReports {
        var (h, sum) = (Tensor(zeros: [4, 2], .float64), Tensor(0, .float64))
        for step in 0..<3 {
          h = tanh(model(batch(step) + h))
          sum += (h * weight).sum()
        }
        return sum
      }
      return reports.total(with: sum)
    }
    let model = try model().map { $0 + 0.25 }
    let found = try training(model, seed: 0) { try valueAndGradient(at: $0, of: looped) }
    let wanted = try training(model, seed: 0) { try valueAndGradient(at: $0, of: unrolled) }
    try expectClose([found.result.value.item()], [wanted.result.value.item()])
    for (a, b) in [(found.model, wanted.model), (found.result.gradient, wanted.result.gradient)] {
      let (a, b) = try (namedTensors(of: a), namedTensors(of: b))
      for (path, tensor) in a { try expectClose(tensor.scalars(), #require(b[path]).scalars()) }
    }
  }

  /// A model in the state, or one for each step.
  @Test func modelsThatALoopCarriesOrWalksAlong() throws {
    let batches = batches
    try expectReports([0, 1, 2]) { model in
      _ = try scan(over: batches, from: model) { model, x in
        let y = model(x)
        return (model, y)
      }
    }
    let lost = fault {
      _ = try training(model(), seed: 0) { model in
        let still = try #require(model.norm.mean.tensor)
        return try scan(over: batches, from: model) { model, x in
          let y = model(x)
          var next = model
          next.norm.mean = Parameter(still, role: .statistic)
          return (next, y)
        }.outputs
      }
    }
    #expect(
      lost.hasPrefix(
        "scan: the new value of 'norm.mean', a running statistic of a model in the state, would get lost; give the model"
          + " back as part of the next state"), "\(lost)")

    struct Tower: Codable { var blocks: Model }
    let one = try Model().initialized(for: batch(0))
    let stack = zip(one, one) { a, b in stacked([a, b + 0.5, a - 0.25]) }
    let x = batch(0)
    let after = try training(Tower(blocks: stack), seed: 0) { tower in
      try scan(over: tower.blocks, from: x) { x, block in (block(x), x.sum()) }.state
    }
    var (wanted, h) = ([Double](), x)
    for shift in [0, 0.5, -0.25] {
      let block = one.map { $0 + shift }
      let pass = try training(block, seed: 0) { $0(h) }
      h = pass.result
      wanted += try #require(pass.model.norm.mean.tensor).scalars()
    }
    try expectClose(#require(after.model.blocks.norm.mean.tensor).scalars(), wanted)
    try expectClose(after.result.scalars(), h.scalars())
  }

  @Test func whileLoopsCarryWhatLayersReport() throws {
    let batches = batches
    try expectReports([0, 1, 2]) { model in
      _ = try whileLoop(from: Tensor(integers: [0], shape: [])) { step in
        step .< 3.0
      } do: { step in
        _ = model(batches.taken(step, axis: 0).reshaped([4, 2]))
        return step + 1.0
      }
    }
    // One that takes no step leaves everything as it was.
    let (pass, reports) = try collectingReports {
      try training(model(), seed: 0) { model in
        _ = try whileLoop(from: Tensor(integers: [9], shape: [])) { step in
          step .< 3.0
        } do: { step in
          _ = model(batches[0])
          return step + 1.0
        }
      }
    }
    #expect(try pass.model.norm.mean.tensor?.scalars() == [0, 0])
    #expect(try reports["mean"]?.item() == 0)
    #expect(try #require(reports["largest"]).item().isNaN)
  }

  @Test func theChosenFunctionReports() throws {
    let batches = batches
    func chosen(_ index: Int) throws {
      try expectReports([0] + [[1], [2, 2], []][index]) { model in
        _ = model(batches[0])
        _ = try branch(
          Tensor(integers: [index], shape: []),
          [
            { model(batches[1]) },
            { model(batches[2]) * 0.0 + model(batches[2]) },
            { batches[1] },
          ])
      }
    }
    for index in 0..<3 { try chosen(index) }
    // Of a model that nothing has updated before, and in a loop.
    try expectReports([1]) { model in
      _ = try cond(Tensor(true), then: { model(batches[1]) }, else: { batches[0] })
    }
    // Of one that updates twice, or not at all.
    for (isChosen, steps) in [(true, [0, 2, 1]), (false, [0])] {
      try expectReports(steps) { model in
        _ = model(batches[0])
        _ = try cond(
          Tensor(isChosen), then: { model(batches[2]) * 0.0 + model(batches[1]) }, else: { batches[0] })
      }
    }
    try expectReports([0, 2]) { model in
      _ = try scan(over: [Tensor([true, false, true]), batches], from: Tensor(0.0)) { state, slice in
        (state, try cond(slice[0], then: { model(slice[1]) }, else: { slice[1] }))
      }
    }
  }

  /// Members of an ensemble have statistics each; losses add up over them and metrics are averaged.
  @Test func functionsOfOneExampleReport() throws {
    let one = try model()
    let members = zip(one, one) { a, b in stacked([a, b + 1.0]) }
    let x = batch(0)
    let (pass, reports) = try collectingReports {
      try training(members, seed: 0) { members in
        let all = vectorized(over: 0, nil) { (model: Reporting, x: Tensor) in model(x) }
        return try all(members, x)
      }
    }
    let means = try [one, one.map { $0 + 1.0 }].flatMap { member in
      try #require(training(member, seed: 0) { $0(x) }.model.norm.mean.tensor).scalars()
    }
    try expectClose(#require(pass.model.norm.mean.tensor).scalars(), means)
    // Along another axis.
    let beside = zip(one, one) { a, b in stacked([a, b + 1.0], axis: 1) }
    let other = try training(beside, seed: 0) { members in
      let all = vectorized(over: 1, nil) { (model: Reporting, x: Tensor) in model(x) }
      return try collectingReports { try all(members, x) }.result
    }
    let columns = try #require(other.model.norm.mean.tensor).transposed().scalars()
    expectClose(columns, means)
    try expectClose([#require(reports["mean"]).item()], [2 * x.mean().item()])
    try expectClose([#require(reports["largest"]).item()], [x.max().item()])
  }

  /// What nobody would take is told to whoever differentiates, through loops and other functions.
  @Test func whatWouldGetLostIsTold() throws {
    let (model, batches) = (try model(), batches)
    func told(_ body: (Reporting) throws -> Tensor) -> String {
      fault { _ = try training(seed: 0) { try gradient(at: model) { try body($0) } } }
    }
    let plain = try BatchNormTests.Model().initialized(for: batch(0))
    let first = fault {
      _ = try training(seed: 0) {
        try gradient(at: plain) { model in
          try scan(over: batches, from: Tensor(0, .float64)) { s, x in (s + model(x).sum(), x) }.state
        }
      }
    }
    #expect(first.hasPrefix("gradient: the new value of 'norm.mean', a running statistic of the model"), "\(first)")
    let second = told { model in batches[0].checkpointed { model($0) }.sum() }
    #expect(second.hasPrefix("gradient: the "), "\(second)")
    let third = told { model in
      collectingReports { batches[0].checkpointed { model($0) }.sum() }.result
    }
    #expect(third.hasPrefix("gradient: the new value of 'norm.mean'"), "\(third)")
  }
}
