import Foundation
import TestSupport
import Testing

/// What processes do with the choices that an earlier one measured, and with threads that wait.
@Suite(.timeLimit(.minutes(5))) struct TuningCommandTests {
  private func run(_ name: String, _ arguments: [String], _ environment: [String: String]) throws -> Ending {
    try Run(program(name), arguments, environment: environment).ending()
  }

  private func tuned(_ folder: String, _ mode: String = "on") -> [String: String] {
    ["DESCENT_TUNING": mode, "DESCENT_TUNING_FILE": "\(folder)/cache/tuning.txt"]
  }

  /// Trains from the beginning to the end, and gives the bytes of the model.
  private func model(_ name: String, in folder: String, _ environment: [String: String]) throws -> Data {
    let ending = try run(
      "TrainingProgram", ["\(folder)/\(name)", "\(folder)/\(name).safetensors", "--batch", "30"], environment)
    #expect(ending.status == 0, "\(ending.errors)")
    return try bytes(of: "\(folder)/\(name).safetensors")
  }

  @Test func theSameSeedGivesTheSameBits() throws {
    try withTemporaryFolder { folder in
      let first = try model("first", in: folder, tuned(folder))
      #expect(try model("second", in: folder, tuned(folder)) == first)
      #expect(try model("pinned", in: folder, tuned(folder, "pinned")) == first)
    }
  }

  /// Killed while it measures as well: what was computed with a choice is computed with it again.
  @Test func killedAndResumedEndsWithTheSameBits() throws {
    try withTemporaryFolder { folder in
      let arguments = ["\(folder)/killed", "\(folder)/killed.safetensors", "--batch", "30"]
      for attempt in 0..<6 {
        let running = try Run(program("TrainingProgram"), arguments, environment: tuned(folder))
        if attempt % 2 == 0 { running.awaitLines(1) }
        usleep(UInt32(attempt) * 7_000)
        running.signal(SIGKILL)
        _ = try running.ending()
      }
      #expect(try run("TrainingProgram", arguments, tuned(folder)).status == 0)
      let whole = try model("whole", in: folder, tuned(folder))
      #expect(try bytes(of: "\(folder)/killed.safetensors") == whole)
    }
  }

  /// In containers and under other users there may be no home to write to.
  @Test func nowhereToRemember() throws {
    try withTemporaryFolder { folder in
      try Data().write(to: URL(fileURLWithPath: folder + "/file"))
      let nowhere = ["DESCENT_TUNING": "on", "DESCENT_TUNING_FILE": "\(folder)/file/tuning.txt"]
      let ending = try run(
        "TrainingProgram", ["\(folder)/a", "\(folder)/a.safetensors", "--batch", "30"], nowhere)
      #expect(ending.status == 0)
      let lines = ending.errors.split(separator: "\n").filter { $0.contains("cannot be remembered") }
      // Without native libraries there is nothing to choose between.
      #expect(lines.count == 1 || ProcessInfo.processInfo.environment["DESCENT_NATIVE"] != nil, "\(ending.errors)")
      #expect(lines.allSatisfy { $0.contains("\(folder)/file/tuning.txt: Not a directory") })
      let fixed = try model("off", in: folder, ["DESCENT_TUNING": "off"])
      #expect(try bytes(of: "\(folder)/a.safetensors") == fixed)
    }
  }

  @Test func doctorShowsTheTable() throws {
    try withTemporaryFolder { folder in
      func doctor(_ mode: String) throws -> String { try run("descent", ["doctor"], tuned(folder, mode)).output }
      let file = "\(folder)/cache/tuning.txt"
      #expect(try doctor("on").contains(": 0, on others: 0, in \(file)\n"))
      #expect(try names(in: folder) == [])
      _ = try model("model", in: folder, tuned(folder))
      let choices = try doctor("pinned").split(separator: "\n").filter { $0.hasPrefix("    product float32 [") }
      #expect(!choices.isEmpty || !FileManager.default.fileExists(atPath: file))
      #expect(choices.allSatisfy { $0.hasSuffix(")") })
      #expect(try doctor("off").contains("tuning: off, products and convolutions follow fixed rules\n"))
      #expect(try doctor("fast").contains("note: DESCENT_TUNING: 'fast' is none of on, pinned, off\n"))
    }
  }

  /// The spin count is ours only where the user asked for nothing.
  @Test func waitingThreadsSpinForAsLongAsTheUserSays() throws {
    func spins(_ settings: String...) throws -> String? {
      // What this process told its own threads is not to reach the program.
      let arguments = ["-u", "GOMP_SPINCOUNT", "-u", "OMP_WAIT_POLICY", "OMP_DISPLAY_ENV=verbose"] + settings
      let shown = try Run(
        URL(fileURLWithPath: "/usr/bin/env"), arguments + [program("descent").path, "doctor"]
      ).ending().errors
      return shown.split(separator: "\n").first { $0.contains("GOMP_SPINCOUNT = ") }.map { $0.filter(\.isNumber) }
    }
    guard let ours = try spins() else { return }
    #expect(ours == "1000")
    #expect(try spins("GOMP_SPINCOUNT=77") == "77")
    #expect(try spins("OMP_WAIT_POLICY=PASSIVE") == "0")
    let active = try #require(try spins("OMP_WAIT_POLICY=ACTIVE"))
    #expect(active.count > 6)
  }
}
