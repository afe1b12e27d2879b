import DescentLayers
import DescentOptimizers
import DescentTensors
import Foundation
import TestSupport
import Testing

@testable import DescentTraining

/// Experts in a file, against the same model in memory.
@Suite struct PagedTrainingTests {
  private struct Flat: Layer {
    var first = Dense(units: 6)
    var mixture: MixtureOfExperts
    var last = Dense(units: 2)

    init(_ experts: Int, isGated: Bool = false) {
      mixture = MixtureOfExperts(experts: experts, units: 5, isGated: isGated)
    }

    func callAsFunction(_ x: Tensor) -> Tensor { last(mixture(tanh(first(x)))) }
  }

  private struct Deep: Layer {
    var first = Dense(units: 6)
    var mixture = HierarchicalMixtureOfExperts(groups: 4, experts: 3, choices: 1, units: 5)
    var last = Dense(units: 2)

    func callAsFunction(_ x: Tensor) -> Tensor { last(mixture(tanh(first(x)))) }
  }

  private static func batch(_ number: Int, rows: Int = 3) -> Tensor { sample([rows, 4], seed: number + 1, .float32) }

  @Sendable private static func loss(_ model: some Layer<Tensor, Tensor>, _ x: Tensor) throws -> Tensor {
    square(try model(x) - x[.all, 0..<2]).mean()
  }

  /// Trains in memory and from a file; what comes out is the same.
  private func expectSame<Model: Layer<Tensor, Tensor>, Rule: Optimizer>(
    _ model: Model, _ optimizer: Rule, rows: Int = 3, steps: Int = 6, location: SourceLocation = #_sourceLocation
  ) throws {
    try withTemporaryFolder { folder in
      let step = try TrainingStep(model, optimizer: optimizer, seed: 7) { try Self.loss($0, $1) }
      let training = try PagedTraining(
        model, optimizer: optimizer, file: "\(folder)/experts", seed: 7, synchronizes: false
      ) { try Self.loss($0, $1) }
      for number in 0..<steps {
        let batch = Self.batch(number, rows: rows)
        let (whole, paged) = (try step.run(batch), try training.step(batch))
        let (a, b) = (try whole.loss.item(), try paged.loss.item())
        #expect(abs(a - b) <= 1e-6 * max(1, abs(a)), "step \(number): \(a), \(b)", sourceLocation: location)
        #expect(whole.reports.keys.sorted() == paged.reports.keys.sorted(), sourceLocation: location)
      }
      let values = try step.snapshot()
      let shared = try training.shared()
      let experts = try (0..<(values.first { $0.key.hasSuffix("experts.hidden") }?.value.shape[0] ?? 0)).map {
        try training.expert($0)
      }
      #expect(!experts.isEmpty && training.stepCount == steps, sourceLocation: location)
      for (name, tensor) in values where name != "step" {
        let found = try shared[name] ?? stacked(experts.map { try #require($0[name]) })
        for (a, b) in zip(try tensor.scalars(), try found.scalars()) {
          #expect(abs(a - b) <= 1e-6 * max(1, abs(a)), "\(name): \(a), \(b)", sourceLocation: location)
        }
      }
    }
  }

  /// Experts that no row goes to stay as they are, in memory and in the file.
  @Test func sameAsInMemory() throws {
    try expectSame(Flat(9), SGD(learningRate: 0.3))
    try expectSame(Flat(9, isGated: true), SGD(learningRate: 0.3).clipping(globalNorm: 0.1))
    try expectSame(Deep(), SGD(learningRate: 0.3))
  }

  /// Where all experts are used, what the optimizer remembers is the same as well.
  @Test func sameMemoryWhereAllAreUsed() throws {
    try expectSame(Flat(3), Adam(learningRate: 1e-2), rows: 24)
    try expectSame(Flat(3), SGD(learningRate: 0.1, momentum: 0.9, nesterov: true), rows: 24)
    try expectSame(Deep(), AdamW(learningRate: 1e-2, weightDecay: 0.1).averaging(decay: 0.9), rows: 96)
  }

  /// The bytes that are read and written are those of the experts used, and nothing is in the file of those that were not.
  @Test func trafficIsThatOfTheExpertsUsed() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/experts"
      let training = try PagedTraining(Flat(400), optimizer: Adam(), file: path, seed: 1) { try Self.loss($0, $1) }
      var known: Set<Int> = []
      for number in 0..<4 {
        try training.step(Self.batch(number))
        let (used, traffic) = (training.lastExperts, training.lastTraffic)
        #expect((2...6).contains(used.count) && used == used.sorted())
        let size = training.expertBytes
        #expect(size == 3 * 4 * (6 * 5 + 5 + 5 * 6 + 6))
        #expect(traffic.expertBytesRead == used.count { known.contains($0) } * size)
        #expect(traffic.expertBytesWritten == used.count * size)
        #expect(traffic.sharedBytesWritten == training.sharedBytes)
        #expect(traffic.tableBytesWritten < 4_096)
        known.formUnion(used)
        #expect(training.heldExperts == known.count)
      }
      #expect(training.capacity <= 16 && training.parameterCount > 400 * 71)
      var status = stat()
      #expect(stat(path, &status) == 0 && status.st_size > 400 * 2 * 4_096)
      #expect(status.st_blocks * 512 < 100 * 4_096)
    }
  }

  /// Ended and gone on with, training gives the same bits as without a break.
  @Test func goesOnWithTheSameBits() throws {
    try withTemporaryFolder { folder in
      func begin(_ name: String) throws -> PagedTraining<Flat, Tensor, Adam> {
        try PagedTraining(Flat(20), optimizer: Adam(learningRate: 1e-2), file: "\(folder)/\(name)", seed: 3) {
          try Self.loss($0, $1)
        }
      }
      let whole = try begin("whole")
      let losses = try (0..<6).map { try whole.step(Self.batch($0)).loss.item() }
      var broken: [Double] = []
      for part in [0..<2, 2..<3, 3..<6] {
        let training = try begin("broken")
        #expect(training.stepCount == part.lowerBound)
        broken += try part.map { try training.step(Self.batch($0)).loss.item() }
      }
      #expect(losses == broken)
      for expert in 0..<20 {
        let training = try begin("broken")
        if expert == 0 { #expect(fault { _ = try training.expert(0) }.contains("no step has been taken")) }
      }
      #expect(try bytes("\(folder)/whole") == bytes("\(folder)/broken"))
    }
  }

  private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

  /// What a step that did not come to an end left behind counts for nothing, whatever it had written by then.
  @Test func anUnfinishedStepLeavesNothing() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/experts"
      func begin() throws -> PagedTraining<Flat, Tensor, Adam> {
        try PagedTraining(Flat(6), optimizer: Adam(learningRate: 1e-2), file: path, seed: 3) { try Self.loss($0, $1) }
      }
      for number in 0..<3 { try begin().step(Self.batch(number)) }
      let before = try bytes(path)
      let loss = try begin().step(Self.batch(3)).loss.item()
      let after = try bytes(path)
      // The pages that the step changed, written up to each of them; the commit page of step 4 comes last.
      let pages = stride(from: 0, to: before.count, by: 4_096).filter {
        before[$0..<min($0 + 4_096, before.count)] != after[$0..<min($0 + 4_096, before.count)]
      }
      #expect(pages.count >= 4)
      let commit = try #require(pages.first)
      for count in 0..<pages.count {
        var torn = before
        for page in pages.reversed().prefix(count) where page != commit {
          let end = min(page + 4_096, before.count)
          torn.replaceSubrange(page..<end, with: after[page..<end])
        }
        try torn.write(to: URL(fileURLWithPath: path))
        let training = try begin()
        #expect(training.stepCount == 3)
        // Another batch first, whose experts are others, and then the file is as good as ever.
        try training.step(Self.batch(count + 10))
        try torn.write(to: URL(fileURLWithPath: path))
      }
      let training = try begin()
      #expect(try training.step(Self.batch(3)).loss.item() == loss)
    }
  }

  /// A file that is damaged, of another model, or in use is refused.
  @Test func filesThatDoNotFit() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/experts"
      func begin(_ model: Flat = Flat(6), seed: UInt64 = 3) throws -> PagedTraining<Flat, Tensor, Adam> {
        try PagedTraining(model, optimizer: Adam(), file: path, seed: seed) { try Self.loss($0, $1) }
      }
      func say(_ model: Flat = Flat(6), seed: UInt64 = 3) -> String {
        fault { try begin(model, seed: seed).step(Self.batch(0)) }
      }
      do {
        let training = try begin()
        try training.step(Self.batch(0))
        #expect(say().contains("in use"))
      }
      #expect(say(Flat(7)).contains("holds 6 experts, the model has 7"))
      #expect(say(Flat(6, isGated: true)).contains("no model.mixture.experts.gate"))
      #expect(say(seed: 4).contains("seed 3"))
      let other = fault {
        let training = try PagedTraining(Flat(6), optimizer: SGD(learningRate: 1), file: path, seed: 3) {
          try Self.loss($0, $1)
        }
        try training.step(Self.batch(0))
      }
      #expect(other.contains("was written with Adam, asked for is SGD"))
      let good = try bytes(path)
      func damaged(_ change: (inout Data) -> Void) throws -> String {
        var data = good
        change(&data)
        try data.write(to: URL(fileURLWithPath: path))
        return say()
      }
      #expect(try damaged { $0.removeLast(5_000) }.contains("bytes long"))
      #expect(try damaged { $0[0] ^= 1 }.contains("is not a file of experts"))
      #expect(try damaged { $0[40] ^= 1 }.contains("its header is not what was written"))
      #expect(try damaged { $0.removeLast($0.count - 5) }.contains("is not a file of experts"))
      // Experts that the step reads, and their table.
      #expect(
        try damaged { data in for place in (data.count - 12 * 4_096)..<data.count { data[place] ^= 1 } }.contains(
          "is damaged: expert"))
      let zeros = try damaged { data in
        let table = 4_096 + 2 * 4_096
        for place in table..<table + 6 * 32 { data[place] = 0 }
      }
      #expect(zeros.contains("its table of experts is not what was written"))
    }
  }

  /// On a full disk the step is not taken, and the one before is still there.
  @Test func fullDisk() throws {
    guard let disk = SmallDisk(kilobytes: 600) else { return }
    let path = "\(disk.path)/experts"
    func begin() throws -> PagedTraining<Flat, Tensor, Adam> {
      try PagedTraining(Flat(300), optimizer: Adam(), file: path, seed: 3) { try Self.loss($0, $1) }
    }
    let training = try begin()
    var (done, words) = (0, "no error")
    while done < 200 {
      words = fault { try training.step(Self.batch(done)) }
      if words != "no error" { break }
      done += 1
    }
    #expect(words.contains("no space left on the disk") && done > 2, "\(done): \(words)")
    // Again, since the next call opens the file anew; and from another process.
    #expect(fault { try training.step(Self.batch(done)) }.contains("no space left on the disk"))
    #expect(training.stepCount == 0)
    #expect(try begin().stepCount == done)
  }

  @Test func mistakesAreNamed() throws {
    struct None: Layer {
      var dense = Dense(units: 2)
      func callAsFunction(_ x: Tensor) -> Tensor { dense(x) }
    }
    struct Two: Layer {
      var one = MixtureOfExperts(experts: 3, units: 2)
      var other = MixtureOfExperts(experts: 3, units: 2)
      func callAsFunction(_ x: Tensor) -> Tensor { other(one(x)) }
    }
    struct Unused: Layer {
      var dense = Dense(units: 2)
      var mixture = MixtureOfExperts(experts: 3, units: 2)
      func callAsFunction(_ x: Tensor) -> Tensor { dense(x) }
    }
    try withTemporaryFolder { folder in
      func say<Model: Layer<Tensor, Tensor>>(_ model: Model, _ optimizer: some Optimizer = SGD(learningRate: 1))
        -> String
      {
        fault {
          let training = try PagedTraining(model, optimizer: optimizer, file: "\(folder)/x") { try Self.loss($0, $1) }
          try training.step(Self.batch(0))
        }
      }
      #expect(say(None()).contains("one bank of experts, found none"))
      #expect(say(Two()).contains("found one.experts, other.experts"))
      #expect(say(Unused()).contains("does not lead through"))
      let bound = try Flat(4).initialized(for: Self.batch(0))
      #expect(say(bound).contains("has values already"))
      #expect(say(Flat(4), Adam(beta1: 3)).contains("beta1"))
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/x"))
      #expect(say(Flat(1 << 60)).contains("more elements than can be addressed"))
    }
  }
}
