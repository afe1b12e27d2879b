import Foundation
import TestSupport
import Testing

/// What the command `descent` says of wrong requests and damaged files: one clear line, and an exit status.
@Suite(.timeLimit(.minutes(5))) struct CommandTests {
  private func expectOneLine(
    _ ending: Ending, _ line: String, location: SourceLocation = #_sourceLocation
  ) {
    #expect(ending.status == 1, sourceLocation: location)
    // Where native libraries are missing, log lines stand before it.
    #expect(ending.errors.hasSuffix("Error: \(line)\n"), "\(ending.errors)", sourceLocation: location)
    #expect(ending.output == "", sourceLocation: location)
  }

  @Test func readersThatAreNone() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/reader"
      func ending() throws -> Ending { try run("descent", "zip", "read", "--reader", path, "letter.png") }
      try expectOneLine(ending(), "\(path): no such file or directory")
      try Data().write(to: URL(fileURLWithPath: path))
      try expectOneLine(ending(), "\(path): is empty")
      try Data("no reader at all".utf8).write(to: URL(fileURLWithPath: path))
      // The text's first eight bytes, as the length of a header.
      try expectOneLine(
        ending(), "\(path): says that its header has 7306071583836106606 bytes, the limit is 100000000")
      try expectOneLine(run("descent", "zip", "read", "--reader", folder, "x"), "\(folder): is a directory, not a file")
    }
  }

  @Test func requestsThatMakeNoSense() throws {
    for arguments in [
      ["--resume"], ["--epochs", "0"], ["--epochs", "99999999999999"], ["--letters", "63"], ["--seed", "no"],
      ["--every", "nan"], ["--every=-1"], ["--calibration", "0"], ["--rounds", "0"], ["--rounds", "17"],
      ["--letters", "64", "--epochs", "1"],
    ] {
      let ending = try Run(program("descent"), ["zip", "train"] + arguments).ending()
      #expect(ending.status == 64, "\(arguments)")
      #expect(ending.errors.hasPrefix("Error: "), "\(arguments): \(ending.errors)")
    }
    let twice = try run("descent", "zip", "test", "--svg", "curve", "--sheet", "./curve")
    #expect(twice.status == 64)
    #expect(twice.errors.hasPrefix("Error: --svg and --sheet both name curve"), "\(twice.errors)")
  }

  /// Over a sample, no Float32 function is further off than it may be, whichever kernels compute it.
  @Test(arguments: ["baseline", "avx2", "avx512"]) func accuracyOfFunctions(_ instructionSet: String) throws {
    let descent = try program("descent").path
    let ending = try Run(
      URL(fileURLWithPath: "/usr/bin/env"),
      ["DESCENT_INSTRUCTION_SET=\(instructionSet)", descent, "accuracy", "--step", "262139"]
    ).ending()
    #expect(ending.status == 0, "\(ending.errors)")
    #expect(ending.output.contains("\n| exp | 0."))
    #expect(ending.output.split(separator: "\n").count > 40)
  }

  @Test func accuracyOfNothing() throws {
    let unknown = try run("descent", "accuracy", "--function", "expo")
    #expect(unknown.status == 64)
    #expect(unknown.errors.hasPrefix("Error: there is no function 'expo'; there are exp, expm1, "))
    #expect(try run("descent", "accuracy", "--step", "0").status == 64)
  }

  /// Found before the training, not after it.
  @Test func placesThatCannotBeWritten() throws {
    try withTemporaryFolder { folder in
      try expectOneLine(run("descent", "zip", "train", "--out", folder), "\(folder): is a directory, not a file")
      let nowhere = folder + "/none/reader"
      try expectOneLine(run("descent", "zip", "train", "--out", nowhere), "\(nowhere): no such file or directory")
      let file = folder + "/file"
      try Data().write(to: URL(fileURLWithPath: file))
      try expectOneLine(run("descent", "zip", "demo", "--out", file), "\(file): is a file, not a directory")
    }
  }

  /// What is printed and does not arrive is a failure, and never lands in another file.
  @Test(arguments: ["> /dev/full", ">&-"]) func standardOutputThatTakesNothing(_ redirection: String) throws {
    let command = "exec \"$0\" explain 'x*y' --at x=1,y=2 \(redirection)"
    let ending = try Run(URL(fileURLWithPath: "/bin/bash"), ["-c", command, program("descent").path]).ending()
    #expect(ending.status == 1)
    #expect(ending.errors.contains("Error: standard output cannot be written: "), "\(ending.errors)")
  }

  @Test func checkpointsInAFile() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/file"
      try Data().write(to: URL(fileURLWithPath: path))
      let ending = try run("descent", "zip", "train", "--checkpoints", path, "--resume", "--out", folder + "/out")
      #expect(ending.status == 1)
      #expect(ending.errors.hasSuffix("Error: \(path): is a file, not a directory\n"))
      #expect(try names(in: folder) == ["file"])
    }
  }
}
