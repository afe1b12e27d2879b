import Foundation
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(5))) struct ExpertsCommandTests {
  /// The largest model of the paper, as it is asked for there.
  @Test func planOfTheLargest() throws {
    let ending = try run(
      "descent", "experts", "plan", "--experts", "131072", "--hidden", "1024", "--width", "512", "--hierarchical",
      "--machines",
      "64", "--memory", "80GB", "--tokens", "200", "--json")
    #expect(ending.status == 0, "\(ending.errors)")
    let report = try #require(
      JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [String: Any])
    #expect(report["parametersWithoutVocabulary"] as? Int == 137_577_631_744)
    #expect(report["parameters"] as? Int == 137_577_631_744 + 2 * 512 * 100_000)
    #expect(report["groups"] as? Int == 256 && report["fits"] as? Bool == true)
    let machine = try #require(report["perMachine"] as? [String: Any])
    let experts = 131_072 / 64 * 2 * 512 * 1_024 * 4
    let parameters = try #require(machine["parameterBytes"] as? Int)
    #expect(parameters > experts && parameters < experts + 600_000_000)
    #expect(machine["optimizerBytes"] as? Int == 2 * parameters)
  }

  @Test func planSaysWhatWouldFit() throws {
    let ending = try run(
      "descent", "experts", "plan", "--experts", "64", "--hidden", "64", "--width", "32", "--vocabulary", "50",
      "--memory", "4MB",
      "--tokens", "40")
    #expect(ending.status == 0, "\(ending.errors)")
    #expect(ending.output.contains("does not fit into 4MB a machine"))
    #expect(ending.output.contains("would fit: 2 machines") || ending.output.contains("would fit: 4 machines"))
    #expect(ending.output.contains("would fit: --optimizer sgd"))
  }

  @Test func mistakesAreNamed() throws {
    func expect(_ words: String, _ arguments: String...) throws {
      let ending = try Run(program("descent"), ["experts"] + arguments).ending()
      #expect(ending.status != 0 && ending.errors.contains(words), "\(ending.errors)")
    }
    try expect("not 'lots'", "plan", "--memory", "lots")
    try expect("--experts must be in", "plan", "--experts", "0")
    try expect("cannot share 10 experts out over 3", "plan", "--experts", "10", "--machines", "3", "--tokens", "20")
    try expect("asks for --hierarchical", "plan", "--groups", "4")
    try expect("no such file", "demo", "--short", "--text", "/nowhere/text")
    try expect("--parameters must be", "demo", "--parameters", "0")
    try expect("takes pairs", "compare", "--weights", "1")
    try withTemporaryFolder { folder in
      try "short".write(toFile: "\(folder)/text", atomically: true, encoding: .utf8)
      try expect("fewer than a piece", "demo", "--short", "--text", "\(folder)/text", "--file", "\(folder)/x")
      try expect("is not a file of experts", "demo", "--short", "--file", "\(folder)/text")
      try expect("is a directory", "demo", "--short", "--file", folder)
    }
  }

  /// Killed at any moment and gone on with, the demonstration ends with the losses of one that was left alone.
  @Test func killedAndGoneOnWith() throws {
    try withTemporaryFolder { folder in
      func losses(_ output: String) -> [String] {
        output.split(separator: "\n").filter { $0.hasPrefix("step ") }.map { line in
          line.components(separatedBy: "  ").prefix(3).joined(separator: " ")
        }
      }
      let steps = 12
      let arguments = ["experts", "demo", "--short", "--unsynchronized", "--batch", "2", "--length", "8"]
      let whole = try Run(program("descent"), arguments + ["--file", "\(folder)/whole", "--steps", "\(steps)"]).ending()
      #expect(whole.status == 0, "\(whole.errors)")
      let wanted = losses(whole.output)
      #expect(wanted.count == steps)
      let size = try FileManager.default.attributesOfItem(atPath: "\(folder)/whole")[.size] as? Int ?? 0
      #expect(size > 2 * 3 * 4 * 2_000_000)
      for attempt in 0..<4 {
        let running = try Run(program("descent"), arguments + ["--file", "\(folder)/killed", "--steps", "\(steps)"])
        if attempt < 3 {
          running.awaitLines(3 + attempt)
          usleep(UInt32(attempt * 2_500))
          running.signal(SIGKILL)
        }
        let ending = try running.ending()
        #expect(ending.status == (attempt < 3 ? -9 : 0), "\(ending.errors)")
        for line in losses(ending.output) { #expect(wanted.contains(line), "\(line)") }
        if attempt == 3 { #expect(ending.output.contains("step \(steps)  ")) }
      }
      #expect(try bytes(of: "\(folder)/whole") == bytes(of: "\(folder)/killed"))
    }
  }

  /// Models with experts train, are read again and write like other language models.
  @Test func trainsAndGenerates() throws {
    try withTemporaryFolder { folder in
      let text = "\(folder)/text"
      try String(repeating: "the cat sat on the mat; the dog sat on the log. ", count: 40).write(
        toFile: text, atomically: true, encoding: .utf8)
      for model in ["moe-lstm", "moe-transformer"] {
        let run = "\(folder)/\(model)"
        let ending = try Run(
          program("descent"),
          [
            "text", "train", "--text", text, "--model", model, "--experts", "4", "--size", "tiny", "--context", "12",
            "--steps", "2",
            "--batch", "2", "--output", run,
          ]
        ).ending()
        #expect(ending.status == 0, "\(ending.errors)")
        let written = try Run(
          program("descent"), ["text", "generate", run, "--prompt", "the", "--count", "5", "--seed", "1"]
        ).ending()
        #expect(written.status == 0 && written.output.hasPrefix("the"), "\(written.errors)")
      }
    }
  }

  @Test func comparesWeights() throws {
    try withTemporaryFolder { folder in
      let picture = "\(folder)/load.svg"
      let ending = try run(
        "descent", "experts", "compare", "--short", "--steps", "3", "--weights", "0,0", "0.1,0.1", "--drawing", picture)
      #expect(ending.status == 0, "\(ending.errors)")
      let lines = ending.output.split(separator: "\n")
      #expect(lines.count == 3 && lines[0].hasPrefix("weights") && lines[2].hasPrefix("0.1,0.1"), "\(ending.output)")
      #expect(try String(contentsOfFile: picture, encoding: .utf8).contains("Rows that go to each expert"))
    }
  }
}
