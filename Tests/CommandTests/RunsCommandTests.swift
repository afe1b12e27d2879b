import Descent
import Foundation
import TestSupport
import Testing

/// What `descent runs` prints of directories that trainings have written, and what it says of others.
@Suite(.timeLimit(.minutes(5))) struct RunsCommandTests {
  private struct Line: Layer {
    var output = Dense(units: 1)
    func callAsFunction(_ x: Tensor) -> Tensor { output(x) }
  }

  private func train(_ path: String, rate: Double, epochs: Int, notes: [String: String] = [:]) throws {
    let x = RandomKey(seed: 3).normal([32, 2])
    let examples = try Examples(inputs: x, targets: x.sum(axes: 1, keepingAxes: true))
    let trainer = try Trainer(
      Line(), loss: .meanSquaredError(), optimizer: SGD(learningRate: LearningRate.constant(rate)), seed: 1)
    try trainer.fit(
      examples.batched(16), validation: examples, epochs: epochs, callbacks: [.run(path, notes: notes)])
  }

  private func runs(_ arguments: String...) throws -> Ending {
    try Run(program("descent"), ["runs"] + arguments).ending()
  }

  @Test func listsShowsComparesAndDeletes() throws {
    try withTemporaryFolder { folder in
      let (slow, fast) = (folder + "/deep/slow", folder + "/fast")
      try train(slow, rate: 0.01, epochs: 2, notes: ["aim": "patience"])
      try train(fast, rate: 0.1, epochs: 3)

      let list = try runs("list", folder)
      let lines = list.output.split(separator: "\n").map(String.init)
      #expect(list.status == 0 && lines.count == 4, "\(list.output)\(list.errors)")
      #expect(lines[0].hasPrefix("run ") && lines[1].allSatisfy { $0 == "─" })
      #expect(lines[2].hasPrefix("\(slow)  finished  Line   SGD(learningRate: 0.01, "), "\(lines[2])")
      #expect(lines[3].hasPrefix("\(fast) ") && lines[3].contains(" 3/3 "), "\(lines[3])")

      let show = try runs("show", slow, "--model")
      #expect(show.status == 0 && show.output.contains("\nloss       meanSquaredError\n"), "\(show.output)")
      #expect(show.output.contains("aim patience") && show.output.contains("output.weight  Dense"))
      #expect(show.output.contains("epoch  loss    validation loss  time"))

      let compare = try runs("compare", slow, fast)
      #expect(compare.status == 0, "\(compare.errors)")
      #expect(compare.output.contains("\noptimizer") && compare.output.contains("SGD(learningRate: 0.1, "))
      let chart = folder + "/chart.svg"
      #expect(try runs("compare", slow, fast, "--curves", chart).status == 0)
      let drawing = String(decoding: try bytes(of: chart), as: UTF8.self)
      #expect(drawing.hasPrefix("<svg") && drawing.contains(">deep/slow, training<"), "\(drawing)")
      #expect(drawing.contains(">fast, validation<") && !drawing.contains(folder), "\(drawing)")
      #expect(!compare.output.contains("\nseed") && compare.output.contains("smallest validation loss"))
      let unknown = try runs("compare", slow, fast, "--by", "recall")
      #expect(unknown.status == 1 && unknown.errors.contains("compare: no run reports recall; there are loss"))

      let kept = try runs("delete", fast)
      #expect(kept.status == 0 && kept.output.hasSuffix("nothing was deleted\n") && RunDirectory(fast).isRun)
      let deleted = try runs("delete", fast, slow, "--yes")
      #expect(deleted.status == 0 && deleted.output == "deleted \(fast)\ndeleted \(slow)\n", "\(deleted.errors)")
      #expect(!FileManager.default.fileExists(atPath: fast))
    }
  }

  @Test func whatIsNoRunIsTold() throws {
    try withTemporaryFolder { folder in
      for arguments in [["show", folder], ["delete", folder, "--yes"], ["compare", folder, folder]] {
        let ending = try Run(program("descent"), ["runs"] + arguments).ending()
        #expect(ending.status == 1 && ending.errors.hasSuffix("Error: \(folder): holds no run of a training\n"))
      }
      #expect(FileManager.default.fileExists(atPath: folder))
      #expect(try runs("list", folder).errors.hasSuffix("Error: \(folder): holds no run\n"))
      #expect(try runs("list", folder + "/none").errors.hasSuffix("Error: \(folder)/none: no such directory\n"))
      #expect(try runs("compare", folder).status == 64)
      #expect(try runs("delete").status == 64)
    }
  }
}
