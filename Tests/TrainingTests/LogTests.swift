import DescentData
import DescentOptimizers
import Foundation
import TestSupport
import Testing

@testable import DescentTraining

@Suite struct LogTests {
  private func dying(after count: Int) -> Callback {
    .each { event in
      if case .step(let progress) = event, progress.stepCount == count { throw TrainingError("the end") }
      return true
    }
  }

  private func text(_ path: String) throws -> String { String(decoding: try bytes(of: path), as: UTF8.self) }

  @Test func epochsAsATable() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/logs/log.csv"
      let report = try smallTrainer(Adam(learningRate: 0.01)).fit(
        points(8).batched(4), validation: points(4), epochs: 2, callbacks: [.csv(path), .learningRate()])
      let lines = try text(path).split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
      #expect(
        lines[0] == [
          "step", "epoch", "seconds", "loss", "accuracy", "validation loss", "validation accuracy", "learning rate",
        ])
      #expect(lines.count == 3)
      for (line, epoch) in zip(lines.dropFirst(), report.epochs) {
        let numbers = line.compactMap(Double.init)
        #expect(numbers[0] == Double(2 * epoch.number) && numbers[1] == Double(epoch.number))
        #expect(numbers[3] == epoch.training["loss"] && numbers[6] == epoch.validation["accuracy"])
        #expect(numbers[7] == 0.01)
      }
    }
  }

  /// A run that was ended and goes on leaves the log of one that was not; a new run leaves the old one's beside its own.
  @Test func logsGoOn() throws {
    try withTemporaryFolder { folder in
      func fit(_ name: String, _ callbacks: [Callback] = []) throws {
        let data = try points(24).batched(8)
        try smallTrainer().fit(
          data, epochs: 3,
          callbacks: [
            .csv("\(folder)/\(name).csv", every: .steps(1)), .jsonLines("\(folder)/\(name).jsonl", everySteps: 2),
            .gradientNorms(everySteps: 2), .checkpoint("\(folder)/\(name)", every: 1e9, resuming: true),
          ] + callbacks)
      }
      try fit("whole")
      // Checkpoints are those of epochs: steps that are taken again are written once.
      for steps in [2, 5, 8] { _ = fault { try fit("parts", [dying(after: steps)]) } }
      let torn = try FileHandle(forWritingTo: URL(fileURLWithPath: folder + "/parts.csv"))
      _ = try torn.seekToEnd()
      try torn.write(contentsOf: Data("9,3,0.4".utf8))
      try torn.close()
      try fit("parts")
      #expect(try text(folder + "/parts.csv") == text(folder + "/whole.csv"))
      #expect(try text(folder + "/whole.csv").split(separator: "\n").count == 10)
      func untimed(_ name: String) throws -> String {
        try text("\(folder)/\(name).jsonl").replacing(#/"seconds": [^,]*,/#, with: "")
      }
      #expect(try untimed("parts") == untimed("whole"))

      try FileManager.default.removeItem(atPath: folder + "/parts")
      try fit("parts")
      #expect(try text(folder + "/parts.csv.earlier-2") == text(folder + "/parts.csv"))
    }
  }

  /// A checkpoint of the last step of an epoch takes back the line of that epoch, which comes again.
  @Test func linesOfEpochsThatHaveNotEndedGo() throws {
    try withTemporaryFolder { folder in
      let (lines, table) = (folder + "/a.jsonl", folder + "/a.csv")
      let kept = "{\"step\": 3, \"epoch\": 1, \"examples\": 8}\n{\"step\": 6, \"numbers\": {}}\n"
      try Data((kept + "{\"step\": 6, \"epoch\": 2, \"examples\": 8}\n").utf8)
        .write(to: URL(fileURLWithPath: lines))
      try Data("step,epoch,loss\n3,1,0.5\n6,2,0.25\n".utf8).write(to: URL(fileURLWithPath: table))
      let log = LogFile(lines, mark: "{\"step\": ", epochMark: ", \"epoch\": ")
      _ = try log.begin(after: 6, epochs: 1, hasHeader: false)
      #expect(try String(decoding: bytes(of: lines), as: UTF8.self) == kept)
      _ = try LogFile(table, mark: "", epochMark: ",").begin(after: 6, epochs: 1, hasHeader: true)
      #expect(try String(decoding: bytes(of: table), as: UTF8.self) == "step,epoch,loss\n3,1,0.5\n")
    }
  }

  @Test func linesAreJSON() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/log.jsonl"
      let report = try smallTrainer().fit(
        points(8).batched(4), validation: points(4), epochs: 2,
        callbacks: [.jsonLines(path, everySteps: 1), .learningRate()])
      struct Line: Decodable {
        var step: Int
        var epoch: Int?
        var numbers, training, validation, recorded: [String: Double]?
      }
      let lines = try text(path).split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
      #expect(lines.map(\.step) == [1, 2, 2, 3, 4, 4])
      #expect(lines.map(\.epoch) == [nil, nil, 1, nil, nil, 2])
      #expect(lines[5].training?["loss"] == report.epochs[1].training["loss"])
      #expect(lines[5].validation?["accuracy"] == report.epochs[1].validation["accuracy"])
      #expect(lines[0].numbers?.keys.sorted() == ["accuracy", "loss"] && lines[0].recorded?["learning rate"] == 0.01)
    }
  }

  @Test func textsAndNumbersOfJSON() {
    #expect(JSONText.string("a \"b\" \\ \n\u{1} é") == #""a \"b\" \\ \n\u0001 é""#)
    #expect([1.5, .nan, .infinity, -.infinity].map(JSONText.number) == ["1.5", "\"nan\"", "\"inf\"", "\"-inf\""])
  }

  @Test func aLogThatCannotBeWrittenIsTold() throws {
    try withTemporaryFolder { folder in
      try Data("x".utf8).write(to: URL(fileURLWithPath: folder + "/file"))
      let text = fault {
        try smallTrainer().fit(points(8).batched(4), epochs: 1, callbacks: [.csv(folder + "/file/log.csv")])
      }
      #expect(text == "\(folder)/file: is a file, not a directory", "\(text)")
    }
  }
}
