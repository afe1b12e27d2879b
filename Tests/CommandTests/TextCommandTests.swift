import Descent
import Foundation
import TestSupport
import Testing

/// Training, writing and judging on the command line, and what it says of what cannot be.
@Suite(.timeLimit(.minutes(5))) struct TextCommandTests {
  private func text(_ arguments: String...) throws -> Ending {
    try Run(program("descent"), ["text"] + arguments).ending()
  }

  private func error(_ arguments: String..., isUsage: Bool = false) throws -> String {
    let ending = try Run(program("descent"), ["text"] + arguments).ending()
    #expect(ending.status == (isUsage ? 64 : 1), "\(ending.output)\(ending.errors)")
    return String(ending.errors.split(separator: "\n").first { $0.hasPrefix("Error: ") }?.dropFirst(7) ?? "")
  }

  private func write(_ text: String, _ path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  @Test func trainsWritesAndJudges() throws {
    try withTemporaryFolder { folder in
      let (file, run) = ("\(folder)/text.txt", "\(folder)/run")
      try write(String(repeating: "abcdefgh\n", count: 80), file)
      let train = [
        "--text", file, "--model", "gru", "--size", "tiny", "--context", "12", "--output", run, "--batch", "4",
        "--rate", "0.02",
      ]
      let first = try Run(program("descent"), ["text", "train"] + train + ["--steps", "40"]).ending()
      #expect(first.status == 0, "\(first.errors)")
      #expect(first.output.hasPrefix("\(file): 720 characters, 720 tokens of 9\n"), "\(first.output)")
      #expect(first.output.contains("trained 40 steps in ") && first.output.hasSuffix("; kept in \(run)\n"))
      for name in ["language.json", "tokenizer.json", "best.safetensors", "configuration.json", "log.jsonl"] {
        #expect(FileManager.default.fileExists(atPath: "\(run)/\(name)"))
      }
      let again = try Run(program("descent"), ["text", "train"] + train + ["--steps", "40"]).ending()
      #expect(again.status == 1 && again.errors.contains("\(run): holds a run; go on with it by --resume"))

      let options = ["--prompt", "ab", "--count", "30", "--seed", "7", "--temperature", "0.5", "--top-k", "3"]
      let whole = try Run(program("descent"), ["text", "generate", run] + options).ending()
      #expect(whole.status == 0 && whole.output.unicodeScalars.count == 33, "\(whole.output)\(whole.errors)")
      let streamed = try Run(program("descent"), ["text", "generate", run, "--stream"] + options).ending()
      #expect(streamed.output == whole.output)
      let several = try text(
        "generate", run, "--prompt", "ab", "--count", "5", "--samples", "3", "--top-p", "0.9", "--seed", "2")
      #expect(several.status == 0 && several.output.unicodeScalars.count { $0 == "a" } >= 3)
      #expect(try text("generate", run, "--prompt", "ab", "--count", "6", "--beam", "3").status == 0)

      let score = try text("evaluate", run, "--text", file, "--last", "0.5")
      #expect(
        score.status == 0 && score.output.hasPrefix("\(file): 359 tokens of 359 characters: loss "), "\(score.output)")
      #expect(score.output.hasSuffix(" bits per character\n"))

      #expect(
        try error("generate", run, "--prompt", "abX")
          == "CharacterTokenizer: the text has 'X' (U+0058) at character 3, line 1, which is not among the 9 characters that"
          + " it knows; leave it out, or train with bytes or byte pairs")
      #expect(try error("generate", run, "--prompt", "").hasPrefix("generate: takes a prompt of at least one token"))
      try FileManager.default.removeItem(atPath: "\(run)/tokenizer.json")
      #expect(
        try error("generate", run) == "\(run)/tokenizer.json: no such file; a language model needs its tokenizer")
    }
  }

  /// Byte pairs, a transformer, and a run that goes on: with fewer steps first, as one that was killed.
  @Test func aTransformerOfBytePairsGoesOn() throws {
    try withTemporaryFolder { folder in
      let (file, run) = ("\(folder)/text.txt", "\(folder)/run")
      try write((0..<300).map { "line \($0 * $0) of the text\n" }.joined(), file)
      let train = [
        "text", "train", "--text", file, "--short", "--tokens", "bpe:300", "--context", "16", "--output", run,
      ]
      let first = try Run(program("descent"), train).ending()
      #expect(first.status == 0, "\(first.errors)")
      let resumed = try Run(program("descent"), train + ["--resume"]).ending()
      #expect(resumed.status == 0 && resumed.output.contains("trained 60 steps"), "\(resumed.output)\(resumed.errors)")
      // Longer than the context: the model slides.
      let long = try text("generate", run, "--prompt", "line ", "--count", "60", "--temperature", "0")
      #expect(long.status == 0 && long.output.utf8.count > 60)
      let refused = try error("generate", run, "--prompt", "line ", "--count", "60", "--refuse-longer")
      #expect(refused.contains("do not fit into the model's context of 16"))
    }
  }

  @Test func mistakesAreTold() throws {
    try withTemporaryFolder { folder in
      let (empty, binary, short) = ("\(folder)/empty.txt", "\(folder)/binary", "\(folder)/short.txt")
      try write("", empty)
      try Data([0x61, 0x0A, 0xFF, 0xFE]).write(to: URL(fileURLWithPath: binary))
      try write("too short", short)
      let out = "\(folder)/run"
      #expect(try error("train", "--text", empty, "--output", out) == "\(empty): is empty")
      #expect(
        try error("train", "--text", binary, "--output", out) == "\(binary): is not a text in UTF-8, as line 2 shows")
      #expect(try error("train", "--text", "\(folder)/none", "--output", out).hasSuffix("no such file or directory"))
      #expect(
        try error("train", "--text", short, "--output", out)
          .hasPrefix("TextTraining: of 9 tokens 8 are to learn from and 1 to judge by"))
      #expect(!FileManager.default.fileExists(atPath: out))
      #expect(try error("generate", folder) == "\(folder): holds no language model: there is no language.json")
      #expect(try error("evaluate", "\(folder)/none", "--text", short) == "\(folder)/none: no such directory")
      #expect(
        try error("train", "--text", short, "--data", "descent", "--output", out, isUsage: true).hasPrefix(
          "give --text"))
      #expect(try error("train", "--data", "runes", "--output", out, isUsage: true).hasPrefix("--data knows"))
      #expect(try error("train", "--steps", "0", "--output", out, isUsage: true).hasPrefix("--steps must lie"))
      #expect(try error("train", "--tokens", "bpe:9", "--output", out, isUsage: true).hasPrefix("--tokens bpe:SIZE"))
      #expect(
        try error("train", "--tokens", "\(folder)/t.json", "--text", short, "--output", out).hasPrefix(
          "\(folder)/t.json"))
      #expect(try error("generate", out, "--temperature=-1", isUsage: true).hasPrefix("--temperature"))
      #expect(try error("generate", out, "--top-p", "2", isUsage: true).hasPrefix("--top-p"))
      #expect(try error("generate", out, "--stream", "--beam", "2", isUsage: true).hasPrefix("--stream"))
    }
  }
}
