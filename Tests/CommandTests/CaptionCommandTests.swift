import Foundation
import TestSupport
import Testing

/// `descent caption` as one uses it: train, describe, judge, and what is said where something is missing.
@Suite(.timeLimit(.minutes(5))) struct CaptionCommandTests {
  private func caption(_ arguments: String...) throws -> Ending {
    try Run(program("descent"), ["caption"] + arguments).ending()
  }

  @Test(.enabled(if: canReadPNG)) func aFolderOfPicturesIsLearnedDescribedAndJudged() throws {
    try withTemporaryFolder { folder in
      let (scenes, run, sheet) = (folder + "/scenes", folder + "/run", folder + "/sheet")
      #expect(try caption("scenes", scenes, "--count", "20", "--side", "16").output == "20 scenes in \(scenes)\n")
      let options = ["--data", scenes, "--output", run, "--short", "--batch", "6", "--epochs", "1"]
      let trained = try Run(program("descent"), ["caption", "train"] + options).ending()
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(trained.output.hasSuffix("kept in \(run)\n"))
      let again = try Run(program("descent"), ["caption", "train"] + options).ending()
      #expect(again.status == 1)
      #expect(again.errors.contains("holds a run of CaptionNetwork already"), "\(again.errors)")
      let resumed = try Run(program("descent"), ["caption", "train", "--resume"] + options).ending()
      #expect(resumed.status == 0, "\(resumed.errors)")
      let none = folder + "/none.png"
      try Data("no picture".utf8).write(to: URL(fileURLWithPath: none))
      let described = try caption(
        "describe", run, scenes + "/1.png", none, scenes + "/2.png", "--json", "--beam", "2", "--attention",
        sheet + ".png")
      #expect(described.status == 1)
      #expect(described.output.split(separator: "\n").count == 2)
      #expect(
        described.errors == "Error: \(none): is not a PNG, JPEG, TIFF or PDF file: it begins with 6e 6f 20 70\n")
      #expect(FileManager.default.fileExists(atPath: sheet + ".png"))
      let judged = try caption("evaluate", run, "--sheet", sheet + ".html", "--show", "2")
      #expect(judged.status == 0, "\(judged.errors)")
      let lines = judged.output.split(separator: "\n").map(String.init)
      #expect(lines.count == 4)
      #expect(lines[0].hasPrefix("2 pictures"))
      #expect(
        zip(lines.dropFirst(), ["the network", "nearest pixels", "without a picture"]).allSatisfy { $0.hasPrefix($1) })
      #expect(FileManager.default.fileExists(atPath: sheet + ".html"))
    }
  }

  @Test func whatIsMissingIsSaidInOneLine() throws {
    try withTemporaryFolder { (folder: String) throws in
      func fault(_ arguments: String...) throws -> String {
        let ending = try Run(program("descent"), ["caption"] + arguments).ending()
        #expect(ending.status != 0)
        return ending.errors.split(separator: "\n").first.map(String.init)?
          .replacingOccurrences(of: folder, with: "folder") ?? ""
      }
      let none = folder + "/none"
      #expect(try fault("describe", none, "a.png") == "Error: folder/none: no such directory")
      #expect(try fault("evaluate", none) == "Error: folder/none: no such directory")
      #expect(try fault("train", "--data", none, "--output", folder + "/run") == "Error: folder/none: no such folder")
      #expect(
        try fault("train", "--data", folder, "--output", folder + "/run")
          == "Error: folder: holds no captions.jsonl, which has a line of JSON for each picture")
      #expect(
        try fault("train", "--test", "style=a") == "Error: --test chooses among the pictures of --data DIR")
      #expect(try fault("train", "--data", folder, "--test", "a") == "Error: --test takes FIELD=WORD, found a")
      #expect(
        try fault("train", "--width", "0") == "Error: cannot train with a width of 0, outside 1...4096")
      #expect(try fault("train", "--scenes", "3") == "Error: 3 scenes fill no step of 64")
      #expect(try fault("train", "--decoder", "rnn") == "Error: --decoder is lstm or transformer, found rnn")
      #expect(try fault("describe", none, "a.png", "--beam", "0") == "Error: --beam must lie between 1 and 256")
      #expect(
        try fault("describe", none, "a.png", "--attention", "map.gif")
          == "Error: map.gif: ends neither in .png nor in .html, which says in which form it is to be written")
      #expect(try fault("scenes", folder) == "Error: folder: is there already; give a new folder")
    }
  }
}
