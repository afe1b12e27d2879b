import Foundation
import TestSupport
import Testing

/// Training in a process of its own, which ends in ways that it does not choose.
@Suite(.serialized, .timeLimit(.minutes(5))) struct KillTests {
  /// A sequence of numbers that look random and are the same every time.
  private struct Numbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 29
    }
  }

  /// What the program leaves where nobody disturbs it: its last line, and the model.
  private func undisturbed(_ folder: String) throws -> (line: String, model: Data) {
    let ending = try run("TrainingProgram", folder + "/whole", folder + "/whole.safetensors")
    #expect(ending.status == 0, "\(ending.errors)")
    let line = try #require(ending.output.split(separator: "\n").last.map(String.init))
    return (line, try bytes(of: folder + "/whole.safetensors"))
  }

  /// Damages the latest checkpoint, where another one is left.
  private func damage(_ folder: String, _ random: inout Numbers) throws {
    let checkpoints = try names(in: folder).filter { $0.hasSuffix(".safetensors") }
    guard checkpoints.count >= 2, let last = checkpoints.last else { return }
    var data = try bytes(of: "\(folder)/\(last)")
    guard !data.isEmpty else { return }
    if Bool.random(using: &random) {
      data.removeLast(Int.random(in: 1...data.count, using: &random))
    } else {
      data[Int.random(in: data.count / 2..<data.count, using: &random)] ^= 0x10
    }
    try data.write(to: URL(fileURLWithPath: "\(folder)/\(last)"))
  }

  /// How often a training is killed: `DESCENT_KILLS`, or as often as every test run can wait for.
  private static func kills(_ usual: Int) -> Int {
    ProcessInfo.processInfo.environment["DESCENT_KILLS"].flatMap { Int($0) } ?? usual
  }

  /// Kills a training at random moments, in the middle of writing checkpoints too, with files damaged in between, and lets
  /// it end then.
  private func killed(
    _ count: Int, _ checkpoints: String, _ model: String, _ options: [String], seed: UInt64
  ) throws -> Ending {
    let training = try program("TrainingProgram")
    var random = Numbers(state: seed)
    var kills = 0
    for attempt in 0..<4 * count {
      // Two steps at a time, so that some are left however many kills there are.
      let running = try Run(training, [checkpoints, model] + options + (attempt < count ? ["--halt", "2"] : []))
      if attempt < count {
        running.awaitLines(Int.random(in: 0...2, using: &random))
        usleep(UInt32.random(in: 0...12_000, using: &random))
        running.signal(SIGKILL)
      }
      let ending = try running.ending()
      if ending.status == 0 {
        #expect(kills == count)
        return ending
      }
      #expect(ending.status == -9, "\(ending.errors)")
      kills += 1
      if attempt % 3 == 2 { try damage(checkpoints, &random) }
    }
    throw ProgramError("the training did not come to an end")
  }

  /// Killed again and again, a training ends with the bits of one that was left alone.
  @Test func killedAndResumedEndsWithTheSameBits() throws {
    try withTemporaryFolder { folder in
      let count = Self.kills(10)
      // Eight steps an epoch, of which a kill may cost two.
      let epochs = ["--epochs", "\(count / 4 + 1)"]
      let whole = try Run(
        program("TrainingProgram"), [folder + "/whole", folder + "/whole.safetensors"] + epochs
      ).ending()
      #expect(whole.status == 0, "\(whole.errors)")
      let line = try #require(whole.output.split(separator: "\n").last)
      let ending = try killed(count, folder + "/killed", folder + "/killed.safetensors", epochs, seed: 20)
      #expect(ending.output.hasSuffix(line + "\n"))
      #expect(try bytes(of: folder + "/killed.safetensors") == bytes(of: folder + "/whole.safetensors"))
      #expect(try names(in: folder + "/killed") == names(in: folder + "/whole"))
    }
  }

  /// The same where training stops early, which callbacks remember, and for the log that it keeps.
  @Test func killedStopping() throws {
    try withTemporaryFolder { folder in
      let count = Self.kills(6)
      let options = ["--stopping", "--epochs", "\(count / 4 + 4)"]
      let whole = try Run(
        program("TrainingProgram"), [folder + "/whole", folder + "/whole.safetensors"] + options
      ).ending()
      #expect(whole.status == 0, "\(whole.errors)")
      _ = try killed(count, folder + "/killed", folder + "/killed.safetensors", options, seed: 5)
      #expect(try bytes(of: folder + "/killed.safetensors") == bytes(of: folder + "/whole.safetensors"))
      #expect(try bytes(of: folder + "/killed.csv") == bytes(of: folder + "/whole.csv"))
    }
  }

  /// The same for a loop of one's own, which saves its state after each step.
  @Test func killedOwnLoop() throws {
    try withTemporaryFolder { folder in
      let count = Self.kills(8)
      let options = ["--own-loop", "--epochs", "\(count / 4 + 1)"]
      let whole = try Run(
        program("TrainingProgram"), [folder + "/whole", folder + "/whole.safetensors"] + options
      ).ending()
      #expect(whole.status == 0 && whole.output.hasSuffix("done: \(8 * (count / 4 + 1)) steps\n"), "\(whole.errors)")
      _ = try killed(count, folder + "/killed", folder + "/killed.safetensors", options, seed: 7)
      #expect(try bytes(of: folder + "/killed.safetensors") == bytes(of: folder + "/whole.safetensors"))
    }
  }

  /// The same for the training of the ZIP-code reader, killed before its first checkpoint too, and in its second round.
  @Test func killedReader() throws {
    try withTemporaryFolder { folder in
      let descent = try program("descent")
      let recipe = [
        "--short", "--letters", "64", "--epochs", "6", "--rounds", "2", "--calibration", "4", "--seed", "3",
      ]
      func training(_ name: String, _ options: [String] = ["--resume"]) throws -> Run {
        let files = ["--checkpoints", "\(folder)/\(name)", "--every", "0", "--out", "\(folder)/\(name).safetensors"]
        return try Run(descent, ["zip", "train"] + options + recipe + files)
      }
      let whole = try training("whole").ending()
      #expect(whole.status == 0, "\(whole.errors)")
      var random = Numbers(state: 7)
      var last = ""
      for attempt in 0..<3 {
        let running = try training("killed")
        awaitCheckpoint(attempt + Int.random(in: 0...1, using: &random), in: folder + "/killed", of: running)
        usleep(UInt32.random(in: 0...30_000, using: &random))
        running.signal(SIGKILL)
        #expect(try running.ending().status == -9)
        let left = (try? names(in: folder + "/killed").last { $0.hasSuffix(".safetensors") }) ?? ""
        #expect(left >= last, "an earlier checkpoint is gone")
        last = left
      }
      #expect(!last.isEmpty)
      let second = try training("killed")
      awaitCheckpoint(2, in: folder + "/killed/2", of: second)
      second.signal(SIGKILL)
      #expect(try second.ending().status == -9)
      let rest = try training("killed").ending()
      #expect(rest.status == 0, "\(rest.errors)")
      #expect(try bytes(of: folder + "/killed.safetensors") == bytes(of: folder + "/whole.safetensors"))
      // A new run leaves nothing where a resumed one would look for its second round, before it learns anything.
      let new = try training("killed", [])
      while new.process.isRunning, try names(in: folder + "/killed").contains("2") { usleep(2_000) }
      new.signal(SIGKILL)
      #expect(try new.ending().status == -9)
      let left = try names(in: folder + "/killed")
      #expect(left.contains("2-earlier-1") && !left.contains("2"), "\(left)")
    }
  }

  /// Waits until a checkpoint after a number of steps is there, or the program has ended.
  private func awaitCheckpoint(_ steps: Int, in folder: String, of running: Run) {
    let ending = ".safetensors"
    while steps > 0, running.process.isRunning {
      let found = ((try? names(in: folder)) ?? []).filter { $0.hasSuffix(ending) }
      if let last = found.last, Int(last.dropFirst("checkpoint-".count).dropLast(ending.count)) ?? 0 >= steps { return }
      usleep(2_000)
    }
  }

  /// Asked to end, a training that listens saves what it has and says so.
  @Test(arguments: [SIGTERM, SIGINT]) func askedToEnd(_ signal: Int32) throws {
    try withTemporaryFolder { folder in
      let whole = try undisturbed(folder)
      let (checkpoints, model) = (folder + "/asked", folder + "/asked.safetensors")
      let running = try Run(program("TrainingProgram"), [checkpoints, model, "--interruptible"])
      running.awaitLines(4)
      running.signal(signal)
      let ending = try running.ending()
      #expect(ending.status == 1)
      let name = signal == SIGINT ? "SIGINT" : "SIGTERM"
      #expect(ending.errors.contains("Error: training: ended by \(name) in epoch"), "\(ending.errors)")
      #expect(ending.errors.hasSuffix("the checkpoint in \(checkpoints) lets it go on\n"))
      #expect(!FileManager.default.fileExists(atPath: model))
      let rest = try run("TrainingProgram", checkpoints, model)
      #expect(rest.output.hasSuffix(whole.line + "\n"))
      #expect(try bytes(of: model) == whole.model)
    }
  }

  /// A file that may not grow stands for a disk that fills: the writing fails in the middle.
  @Test func diskThatFills() throws {
    try withTemporaryFolder { folder in
      let (checkpoints, model) = (folder + "/runs", folder + "/model.safetensors")
      #expect(try run("TrainingProgram", checkpoints, model, "--steps", "3").status == 0)
      let before = try names(in: checkpoints)
      #expect(before.count == 2)
      let contents = try before.map { try bytes(of: "\(checkpoints)/\($0)") }
      // The shell's limit counts kilobytes; a checkpoint has about sixty.
      let limited = try Run(
        URL(fileURLWithPath: "/bin/bash"),
        [
          "-c", "trap '' XFSZ; ulimit -f 20; exec \"$@\"", "bash", program("TrainingProgram").path, checkpoints, model,
        ]
      ).ending()
      #expect(limited.status == 1)
      #expect(
        limited.errors.hasSuffix(
          "Error: \(checkpoints)/checkpoint-000000004.safetensors: the file would grow past what the system allows\n"),
        "\(limited.errors)")
      #expect(try names(in: checkpoints) == before)
      #expect(try before.map { try bytes(of: "\(checkpoints)/\($0)") } == contents)
    }
  }
}
