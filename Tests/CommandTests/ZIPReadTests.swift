import Descent
import DescentZIP
import Foundation
import TestSupport
import Testing

/// What `descent zip read` does with many pictures, some of them damaged, and in which ways they can come.
@Suite(.timeLimit(.minutes(5))) struct ZIPReadTests {
  /// A folder with a reader that has learned nothing, two pictures, and a file that is none.
  private func withPictures(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let example = Tensor(zeros: [1, LineImage.height, LineImage.width, 1])
      let network = try ReaderNetwork(branches: 1, filters: 2).initialized(for: example)
      try ZIPReader(network: network, rule: ReadingRule(threshold: 0.5), origin: "none").save(to: folder + "/reader")
      try FileManager.default.createDirectory(atPath: folder + "/mail", withIntermediateDirectories: false)
      let digits = try DigitImages.shipped()
      let generator = LetterGenerator(bank: DigitBank(digits), style: .clean, seed: 1)
      try generator.letter(0).image.picture().write(png: folder + "/mail/a.png")
      try generator.letter(1).image.picture().write(png: folder + "/mail/c.PNG")
      try Data("BM no picture".utf8).write(to: URL(fileURLWithPath: folder + "/mail/broken.bmp"))
      try body(folder)
    }
  }

  private func read(_ folder: String, _ arguments: [String], input: String? = nil) throws -> Ending {
    let command = ["zip", "read", "--reader", folder + "/reader"] + arguments
    guard let input else { return try Run(program("descent"), command).ending() }
    return try Run(
      URL(fileURLWithPath: "/bin/sh"), ["-c", "exec \"$@\" < \"$0\"", input, program("descent").path] + command
    ).ending()
  }

  private func objects(_ output: String) throws -> [[String: Any]] {
    try output.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  @Test(.enabled(if: canReadPNG)) func aBrokenFileStopsNoOther() throws {
    try withPictures { folder in
      let (a, broken, c) = (folder + "/mail/a.png", folder + "/mail/broken.bmp", folder + "/mail/c.PNG")
      let ending = try read(folder, [a, broken, c])
      #expect(ending.status == 1)
      let lines = ending.output.split(separator: "\n")
      #expect(lines.count == 2)
      #expect(lines.first?.hasPrefix("\(a): ") == true)
      #expect(lines.last?.hasPrefix("\(c): ") == true)
      let fault = "Error: \(broken): is not a PNG, JPEG, TIFF or PDF file: it begins with 42 4d 20 6e"
      #expect(ending.errors.contains(fault + "\n"), "\(ending.errors)")
      #expect(ending.errors.hasSuffix(" letters a second\n"))
      #expect(try read(folder, [a, c]).status == 0)
    }
  }

  @Test(.enabled(if: canReadPNG)) func machinesGetAnObjectForEachPicture() throws {
    try withPictures { folder in
      let names = ["/mail/a.png", "/mail/broken.bmp", "/none.png"].map { folder + $0 }
      let ending = try read(folder, ["--json"] + names)
      #expect(ending.status == 1)
      let found = try objects(ending.output)
      #expect(found.map { $0["picture"] as? String } == names)
      #expect(found[0]["fault"] == nil)
      #expect(found[0]["confidence"] is Double)
      #expect(found[0]["reading"] is String)
      #expect(found[0].keys.contains("code"))
      #expect((found[1]["fault"] as? String)?.hasSuffix("begins with 42 4d 20 6e") == true)
      #expect(found[2]["fault"] as? String == "\(names[2]): no such file or directory")
      let blank = folder + "/blank.png"
      try Picture(width: 60, height: 40).write(png: blank)
      let rejection = try objects(read(folder, ["--json", blank]).output)[0]["rejection"] as? [String: String]
      #expect(rejection == ["reason": "blank", "message": "blank paper"])
    }
  }

  @Test(.enabled(if: canReadPNG)) func aFolderGivesItsPicturesInOrder() throws {
    try withPictures { folder in
      let ending = try read(folder, ["--json", folder + "/mail"])
      #expect(ending.status == 0)
      let names = try objects(ending.output).map { $0["picture"] as? String }
      #expect(names == [folder + "/mail/a.png", folder + "/mail/c.PNG"])
      try FileManager.default.createDirectory(atPath: folder + "/empty", withIntermediateDirectories: false)
      let empty = try read(folder, [folder + "/empty"])
      #expect(empty.status == 1)
      #expect(empty.errors.hasSuffix("Error: \(folder)/empty: the folder holds no PNG, JPEG, TIFF or PDF file\n"))
    }
  }

  @Test(.enabled(if: canReadPNG)) func standardInputIsAPictureToo() throws {
    try withPictures { folder in
      let path = folder + "/mail/a.png"
      let named = try read(folder, ["--json", path])
      let piped = try read(folder, ["--json", "-"], input: path)
      #expect(piped.status == 0, "\(piped.errors)")
      #expect(piped.output == named.output.replacingOccurrences(of: path, with: "-"))
      let nothing = try read(folder, ["-"], input: "/dev/null")
      #expect(nothing.status == 1)
      #expect(nothing.errors.hasSuffix("Error: standard input: is empty\n"))
      #expect(try read(folder, ["-", "-"]).status == 64)
    }
  }

  @Test func theVersionIsThatOfTheChangelog() throws {
    let ending = try run("descent", "--version")
    #expect(ending.status == 0)
    let version = ending.output.trimmingCharacters(in: .newlines)
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let log = try String(contentsOf: root.appendingPathComponent("CHANGELOG.md"), encoding: .utf8)
    let newest = log.split(separator: "\n").first { $0.hasPrefix("## [") && !$0.hasPrefix("## [Unreleased]") }
    if version.hasSuffix("-dev") {
      #expect(log.contains("## [Unreleased]"))
    } else {
      #expect(newest?.hasPrefix("## [\(version)]") == true)
    }
    #expect(version.split(separator: "-")[0].split(separator: ".").compactMap { Int($0) }.count == 3)
  }
}
