import DescentGraph
import DescentLayers
import DescentTensors
import TestSupport
import Testing

@Suite struct PartialLoadingTests {
  private struct Base: Layer {
    var body = Dense(units: 3)
    var norm = BatchNorm()
    var head = Dense(units: 2)
    func callAsFunction(_ x: Tensor) -> Tensor { head(norm(body(x))) }
  }

  private struct Classifier: Layer {
    var body = Dense(units: 3)
    var norm = BatchNorm()
    var header = Dense(units: 3)
    var head = Dense(units: 5)
    func callAsFunction(_ x: Tensor) -> Tensor { head(header(norm(body(x)))) }
  }

  private let example = sample([2, 4])

  private func saved(_ body: (String, Base) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let base = try Base().initialized(for: example, seed: 7)
      let path = folder + "/base.safetensors"
      try base.save(to: path)
      try body(path, base)
    }
  }

  @Test func aModelMayLieInSeveralFiles() throws {
    try withTemporaryFolder { folder in
      let base = try Base().initialized(for: example, seed: 7)
      let path = folder + "/base.safetensors.index.json"
      try Safetensors.write(namedTensors(of: base), index: path, limit: 40)
      let model = try Base().loading(path)
      #expect(try model.body.weight.tensor?.scalars() == base.body.weight.tensor?.scalars())
      #expect(try model.head.bias?.tensor?.scalars() == base.head.bias?.tensor?.scalars())
    }
  }

  @Test func leavesAPartAndSaysSo() throws {
    try saved { path, base in
      var report: LoadingReport?
      let own = try Classifier().initialized(for: example, seed: 1)
      let model = try own.loading(path, leaving: .paths("head", "header")) { report = $0 }
      #expect(try model.body.weight.tensor?.scalars() == base.body.weight.tensor?.scalars())
      #expect(try model.norm.mean.tensor?.scalars() == base.norm.mean.tensor?.scalars())
      #expect(try model.head.weight.tensor?.scalars() == own.head.weight.tensor?.scalars())
      #expect(report?.file == path)
      #expect(report?.left == ["header.weight", "header.bias", "head.weight", "head.bias"])
      #expect(report?.missing == [] && report?.extra == [])
      #expect(
        report?.loaded == ["body.weight", "body.bias", "norm.scale", "norm.shift", "norm.mean", "norm.variance"])
      #expect(
        report?.description
          == "\(path): 6 tensors loaded; left as asked: header.weight, header.bias, head.weight, head.bias")
      // What was left without values gets them from the first example.
      let open = try Classifier().loading(path, leaving: .paths("head"), .paths("header")) { _ in }
      #expect(open.head.weight.tensor == nil)
      #expect(try open.initialized(for: example).head.weight.tensor?.shape == [3, 5])
    }
  }

  @Test func whatOneOfBothLacksIsLeftOnlyWhereAsked() throws {
    try saved { path, _ in
      let open = Classifier()
      #expect(
        fault { _ = try open.loading(path, leaving: .paths("head")) { _ in } }
          == "\(path): lacks the tensors header.weight, header.bias, which the model has")
      var reports: [LoadingReport] = []
      _ = try open.loading(path, leaving: .missing, .paths("head")) { reports.append($0) }
      #expect(reports[0].missing == ["header.weight", "header.bias"])
      struct Small: Layer {
        var body = Dense(units: 3)
        func callAsFunction(_ x: Tensor) -> Tensor { body(x) }
      }
      #expect(fault { _ = try Small().loading(path, leaving: .missing) { _ in } }.contains("which the model lacks"))
      _ = try Small().loading(path, leaving: .extra) { reports.append($0) }
      #expect(reports[1].extra.count == 6 && reports[1].loaded == ["body.weight", "body.bias"])
      #expect(
        reports[1].description.hasSuffix("in the file alone: head.bias, head.weight, norm.mean, norm.scale and 2 more"))
      _ = try Small().loading(path, leaving: .extra, .parameters { $0.name == "bias" }) { reports.append($0) }
      #expect(reports[2].left == ["body.bias"] && reports[2].extra.count == 6)
    }
  }

  @Test func mistakesNamePathsAndShapes() throws {
    try saved { path, _ in
      let bound = try Classifier().initialized(for: example)
      #expect(
        fault { _ = try bound.loading(path, leaving: .missing) { _ in } }
          == "\(path): the tensor head.weight has the shape [3, 2], the model's has [3, 5]")
      #expect(
        fault { _ = try bound.loading(path, leaving: .paths("haed"), .missing) { _ in } }
          .hasPrefix("loading: neither the model nor the file has anything at 'haed', which is to be left"))
      // A place is not the beginning of a name.
      #expect(fault { _ = try bound.loading(path, leaving: .paths("hea"), .missing) { _ in } }.hasPrefix("loading: "))
    }
  }

  /// Files hold values; what is frozen stays what it is in the model that takes them.
  @Test func whatIsFrozenStaysSo() throws {
    try saved { path, base in
      let model = try Base().freezing { $0.layer == "body" }.loading(path)
      #expect(model.body.weight.role == .frozen && model.norm.mean.role == .statistic)
      try base.freezing().save(to: path)
      #expect(try Base().loading(path).body.weight.role == .trained)
      #expect(base.freezing().summary.contains("norm.mean      BatchNorm  [3]     float64  3 (statistic, frozen)"))
      let summary = base.freezing { $0.layer == "body" }.summary
      #expect(summary.contains("29 parameters (15 frozen), 6 statistics"))
    }
  }
}
