import ArgumentParser
import Descent
import Foundation

/// Times training steps that other frameworks run as well.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Times a training step and compares its losses with the reference.")

  static let workloads: [any Workload.Type] = [
    ScalarWorkload.self, LogisticRegressionWorkload.self, MLPWorkload.self, LeNetWorkload.self, ResNetWorkload.self,
    LSTMWorkload.self, SmallGPTWorkload.self, MediumGPTWorkload.self, CaptionWorkload.self, MixtureWorkload.self,
    HessianWorkload.self, ReaderWorkload.self,
  ]

  @Option(help: "The step: \(BenchCommand.names); all if none is given.")
  var workload: String?

  @Option(help: "The maximum number of steps to time.")
  var steps = 300

  @Option(help: "The maximum time to spend on timing steps, in seconds.")
  var seconds = 6.0

  @Flag(help: "Prints one line of JSON, with the fields of the peers' harness.")
  var json = false

  @Flag(help: "Shows where a step's time goes, layer by layer and kernel by kernel.")
  var profile = false

  @Flag(help: "Measures recording, differentiating and compiling graphs of up to 20,000 operations.")
  var compile = false

  @Flag(help: "Measures a step of a loop against the same steps written one after the other.")
  var loops = false

  @Flag(help: "Measures reading CSV, augmenting pictures, and batches from memory.")
  var data = false

  @Option(help: "With --compile, the form of graph: \(BenchCommand.forms); all if none is given.")
  var form: String?

  @Option(help: "With --compile, how many operations to record instead; may be repeated.")
  var operations: [Int] = []

  @Flag(help: "With --compile, compile each graph once, for counting instructions.")
  var once = false

  static var names: String { workloads.map { $0.name }.joined(separator: ", ") }
  static var forms: String { CompileForm.all.map(\.name).joined(separator: ", ") }

  func validate() throws {
    if let workload, !Self.workloads.contains(where: { $0.name == workload }) {
      throw ValidationError("there is no workload '\(workload)'; there are \(Self.names)")
    }
    if let form, !CompileForm.all.contains(where: { $0.name == form }) {
      throw ValidationError("there is no form '\(form)'; there are \(Self.forms)")
    }
    guard operations.allSatisfy({ 100...1_000_000 ~= $0 }) else {
      throw ValidationError("between 100 and 1,000,000 operations can be recorded")
    }
    guard steps > 0, seconds > 0 else { throw ValidationError("steps and seconds must be positive") }
  }

  func run() throws {
    if compile {
      let forms = CompileForm.all.filter { form == nil || form == $0.name }
      let sizes = operations.isEmpty ? CompileBench.sizes : operations
      return try CompileBench.run(forms, sizes: sizes, most: once ? 1 : 5, json: json)
    }
    if data { return try DataBench.run(json: json) }
    if loops { return try LoopBench.run(json: json) }
    for type in Self.workloads where workload == nil || workload == type.name {
      profile ? try Self.profile(type) : try measure(type)
    }
  }

  private func measure<W: Workload>(_ type: W.Type) throws {
    let measurement = try Measurement(type, steps: steps, seconds: seconds)
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      print(String(decoding: try encoder.encode(measurement), as: UTF8.self))
      return
    }
    let rate = W.flops / measurement.ms_per_step / 1e6
    var line = String(
      format: "%@: %.3f ms a step (least %.3f), %.1f GFLOP/s, first step %.2f s, peak memory %.0f MB", W.name,
      measurement.ms_per_step, measurement.min_ms, rate, measurement.first_step_s, measurement.peak_rss_mb)
    if let reference = W.referenceLosses {
      let first = abs(measurement.loss_first / reference.first - 1)
      let twentieth = abs(measurement.loss_20 / reference.twentieth - 1)
      line += String(format: ", losses within %.0e and %.0e of the reference", first, twentieth)
    }
    print(line)
  }

  private static func profile<W: Workload>(_ type: W.Type) throws {
    let rows = try W.step(try W.setup()).profile(50)
    let total = rows.reduce(0) { $0 + $1.seconds }
    print("\(W.name): \(rows.count) kernels, \(String(format: "%.3f", total / 50 * 1e3)) ms a step")
    for layer in LayerProfile.grouping(rows).sorted(by: { $0.seconds > $1.seconds }) { print("  \(layer)") }
    for row in rows.sorted(by: { $0.seconds > $1.seconds }) {
      let each = row.seconds / Double(max(1, row.calls))
      let line = String(
        format: "%5.1f %%  %9.1f µs  %7.1f GFLOP/s  %7.1f GB/s  ", row.seconds / total * 100, each * 1e6,
        Double(row.flops) / each / 1e9, Double(row.bytes) / each / 1e9)
      let place = row.layer.isEmpty ? "" : "  \(row.layer) \(row.phase.rawValue)"
      print(line + row.name + "  " + row.shapes + place)
    }
  }
}
