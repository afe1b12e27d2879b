import ArgumentParser
import Descent
import DescentFiles
import Foundation

/// Says what a model takes on a number of machines, and whether it fits.
struct ExpertsPlan: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "What a model with experts takes on each machine, from the plan that would run.")

  @Option(help: "The number of experts.")
  var experts = 131_072

  @Option(help: "The number of hidden units of an expert.")
  var hidden = 1_024

  @Option(help: "The width of the model.")
  var width = 512

  @Flag(help: "Puts experts into groups, whose gates are asked first.")
  var hierarchical = false

  @Option(help: "The number of groups; else the largest divisor of the experts up to their root.")
  var groups: Int?

  @Option(help: "The number of experts that a token goes to.")
  var choices = 4

  @Option(help: "The number of tokens that the model knows.")
  var vocabulary = 100_000

  @Option(help: "moe-lstm or moe-transformer.")
  var model = ExpertModelKind.lstm

  @Option(help: "The number of machines, which have an equal part of the experts each.")
  var machines = 1

  @Option(help: "The memory of a machine, such as 80GB.")
  var memory = "80GB"

  @Option(help: "The number of tokens of a machine's batch.")
  var tokens = 2_000

  @Option(help: "The number of tokens of a piece of text.")
  var length = 20

  @Option(help: "adam, adafactor, momentum or sgd.")
  var optimizer = ExpertOptimizer.adam

  @Flag(help: "Prints the plan as JSON.")
  var json = false

  func validate() throws {
    guard ExpertText.byteCount(memory) != nil else {
      throw ValidationError("--memory takes a size such as 80GB or 512MiB, not '\(memory)'")
    }
    for (name, value) in [
      ("experts", experts), ("hidden", hidden), ("width", width), ("vocabulary", vocabulary), ("machines", machines),
      ("tokens", tokens), ("length", length), ("choices", choices),
    ] where value < 1 || value > 1 << 30 {
      throw ValidationError("--\(name) must be in 1...1073741824, found \(value)")
    }
    if let groups, !hierarchical { throw ValidationError("--groups \(groups) asks for --hierarchical") }
    guard tokens.isMultiple(of: length) else {
      throw ValidationError("\(tokens) tokens are not whole pieces of \(length); change --tokens or --length")
    }
  }

  /// The plan as JSON.
  private struct Report: Encodable {
    let experts: Int
    let groups: Int
    let machines: Int
    let optimizer: String
    let parameters: Int
    let parametersWithoutVocabulary: Int
    let expertParameters: Int
    let perMachine: Machine
    let memoryBytes: Int
    let fits: Bool
    let wouldFit: [String]

    struct Machine: Encodable {
      let parameterBytes: Int
      let optimizerBytes: Int
      let batchBytes: Int
      let workingBytes: Int
      let peakBytes: Int
      let exchangedBytes: Int
      let reducedBytes: Int
      let tokens: Int
    }
  }

  func run() throws {
    let plan = try plan(on: machines, optimizer)
    let limit = ExpertText.byteCount(memory) ?? 0
    let fits = plan.peakBytes <= limit
    let ways = fits ? [] : try waysToFit(limit)
    if json {
      let report = Report(
        experts: experts, groups: groupCount, machines: machines, optimizer: optimizer.rawValue,
        parameters: plan.parameterCount, parametersWithoutVocabulary: plan.parameterCount - plan.vocabularyCount,
        expertParameters: plan.expertCount,
        perMachine: .init(
          parameterBytes: plan.parameterBytes, optimizerBytes: plan.optimizerBytes, batchBytes: plan.batchBytes,
          workingBytes: plan.workingBytes, peakBytes: plan.peakBytes, exchangedBytes: plan.exchangedBytes,
          reducedBytes: plan.reducedBytes, tokens: plan.tokens),
        memoryBytes: limit, fits: fits, wouldFit: ways)
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      print(String(decoding: try encoder.encode(report), as: UTF8.self))
      return
    }
    print(text(plan, limit))
    if fits {
      print("fits into \(memory) a machine, of which \(ExpertText.bytes(limit - plan.peakBytes)) are left")
    } else {
      print("does not fit into \(memory) a machine: \(ExpertText.bytes(plan.peakBytes - limit)) too much")
      for way in ways { print("  would fit: \(way)") }
      if ways.isEmpty {
        print("  nothing tried would fit; take fewer experts, or keep them in a file: descent experts demo")
      }
    }
  }

  private var groupCount: Int {
    guard hierarchical else { return 1 }
    if let groups { return groups }
    let root = Int(Double(experts).squareRoot())
    return (1...max(1, root)).reversed().first { experts.isMultiple(of: $0) } ?? 1
  }

  private func plan(on machines: Int, _ optimizer: ExpertOptimizer, tokens: Int? = nil) throws -> ExpertPlan {
    let settings = ExpertConfiguration(
      vocabularySize: vocabulary, width: width, experts: experts, groups: groupCount, choices: choices, units: hidden,
      context: length)
    let batch: Shape = [(tokens ?? self.tokens) / length, length]
    switch model {
    case .lstm:
      return try ExpertPlan(ExpertRecurrentModel(settings), on: machines, batch: batch, optimizer: optimizer.made)
    case .transformer:
      return try ExpertPlan(ExpertTransformerModel(settings), on: machines, batch: batch, optimizer: optimizer.made)
    }
  }

  /// The nearest settings that fit, each changed in one thing.
  private func waysToFit(_ limit: Int) throws -> [String] {
    var ways: [String] = []
    let units = hierarchical ? groupCount : experts
    var count = machines * 2
    while count <= units {
      defer { count *= 2 }
      guard units.isMultiple(of: count) else { continue }
      let plan = try plan(on: count, optimizer)
      guard plan.peakBytes <= limit else { continue }
      ways.append("\(count) machines (\(ExpertText.bytes(plan.peakBytes)) each)")
      break
    }
    for other in [ExpertOptimizer.adafactor, .sgd] where other != optimizer {
      let plan = try plan(on: machines, other)
      guard plan.peakBytes <= limit else { continue }
      ways.append("--optimizer \(other.rawValue) (\(ExpertText.bytes(plan.peakBytes)) a machine)")
    }
    var fewer = tokens / length / 4 * length
    while fewer >= length {
      defer { fewer = fewer / length / 4 * length }
      let plan = try plan(on: machines, optimizer, tokens: fewer)
      guard plan.peakBytes <= limit else { continue }
      ways.append("--tokens \(fewer) (\(ExpertText.bytes(plan.peakBytes)) a machine)")
      break
    }
    return ways
  }

  private func text(_ plan: ExpertPlan, _ limit: Int) -> String {
    let bytes = ExpertText.bytes
    let billions = ExpertText.fixed(Double(plan.parameterCount) / 1e9, 1)
    let kind = hierarchical ? "\(experts.grouped) experts in \(groupCount) groups" : "\(experts.grouped) experts"
    let title = "\(model.rawValue), \(kind), \(machines) machine\(machines == 1 ? "" : "s"), \(optimizer.rawValue)\n"
    return title
      + ExpertText.table([
        ["parameters", plan.parameterCount.grouped, "\(billions) billion"],
        ["  of experts", plan.expertCount.grouped],
        ["  without embedding and softmax", (plan.parameterCount - plan.vocabularyCount).grouped],
        ["each machine"],
        ["  parameters", bytes(plan.parameterBytes)],
        ["  optimizer's memory", bytes(plan.optimizerBytes)],
        ["  activations and gradients", bytes(plan.workingBytes)],
        ["  batch, \(plan.tokens.grouped) tokens", bytes(plan.batchBytes)],
        ["  together", bytes(plan.peakBytes)],
        ["each machine sends in a step"],
        ["  rows and their gradients", bytes(plan.exchangedBytes)],
        ["  gradients of what all have", bytes(plan.reducedBytes)],
      ])
  }
}
