import CNative
import Descent
import DescentFiles
import Foundation
import TestSupport
import Testing

@testable import DescentCaptions

/// Folders of pictures with captions, and what can be wrong with them.
@Suite struct CaptionedPicturesTests {
  private func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  /// A folder of three raw pictures of 2×2 pixels.
  private func withRawPictures(_ captions: String, _ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try Data((0..<36).map { UInt8($0) }).write(to: URL(fileURLWithPath: folder + "/dots_2x2_rgb_u8.bin"))
      try write(captions, to: folder + "/captions.jsonl")
      try body(folder)
    }
  }

  @Test func rawPicturesAreReadByTheirNumbers() throws {
    let captions = """
      {"i": 2, "caption": "last", "style": "b"}
      {"i": 0, "captions": ["first", "the first"], "style": "a"}
      {"i": 1, "caption": "middle", "style": "b", "count": 4}
      """
    try withRawPictures(captions) { folder in
      let pictures = try CaptionedPictures(folder: folder)
      #expect(pictures.entries.map(\.sentences) == [["last"], ["first", "the first"], ["middle"]])
      #expect(pictures.entries.map { $0.fields["style"] } == ["b", "a", "b"])
      #expect(pictures.pixels.shape == [3, 2, 2, 3])
      #expect(try pictures.pixels[0].integers() == Array(24..<36))
      let (training, test) = try CaptionSubject.split(folder: folder, field: "style", word: "a", side: nil)
      #expect(test.entries.map(\.sentences) == [["first", "the first"]])
      #expect(training.count == 2)
      let larger = try CaptionedPictures(folder: folder, side: 4)
      #expect(larger.pixels.shape == [3, 4, 4, 3])
    }
  }

  @Test(.enabled(if: canReadPNG)) func writtenScenesAreReadAgain() throws {
    try withTemporaryFolder { folder in
      let examples = (0..<4).map { SceneGenerator(.seen, seed: 1).example($0) }
      try CaptionedPictures.write(examples, side: 20, to: folder + "/scenes")
      let pictures = try CaptionedPictures(folder: folder + "/scenes", side: 20)
      #expect(pictures.entries.map(\.sentences) == examples.map { [$0.sentence] })
      let wanted = try Scene.pictures(of: examples.map(\.scene), side: 20).floats()
      for (a, b) in zip(try pictures.numbers(0..<4).floats(), wanted) { #expect(abs(a - b) <= 0.5 / 255 + 1e-6) }
      #expect(
        fault { try CaptionedPictures.write(examples, side: 20, to: folder) }
          == "\(folder): is there already; give a new folder")
    }
  }

  @Test func faultsOfFoldersAreNamed() throws {
    func found(_ captions: String, _ change: (String) throws -> Void = { _ in }) throws -> String {
      var text = ""
      try withRawPictures(captions) { folder in
        try change(folder)
        text = fault { _ = try CaptionedPictures(folder: folder) }.replacingOccurrences(of: folder, with: "data")
      }
      return text
    }
    let all = (0..<3).map { #"{"i": \#($0), "caption": "a dot"}"# }
    let joined = all.joined(separator: "\n")
    #expect(try found(joined) == "no error")
    #expect(try found("") == "data/captions.jsonl: is empty")
    #expect(try found("\n \n") == "data/captions.jsonl: holds no captions: it has no line of JSON")
    #expect(
      try found(joined) { unlink($0 + "/captions.jsonl") }
        == "data: holds no captions.jsonl, which has a line of JSON for each picture")
    #expect(
      try found(joined + "\n" + #"{"i": 3, "caption": "no dot"}"#)
        == "data/captions.jsonl: caption 4 is of the picture 3, where dots_2x2_rgb_u8.bin holds 3")
    #expect(
      try found(all[0])
        == "data/captions.jsonl: has no caption for 2 of the 3 pictures in dots_2x2_rgb_u8.bin, the first of which is 1"
    )
    #expect(
      try found(#"{"caption": "a dot"}"#)
        == "data/captions.jsonl: caption 1 names no picture: 'i', its number in dots_2x2_rgb_u8.bin, is missing")
    #expect(try found(#"{"i": 0}"#) == "data/captions.jsonl: line 1: caption: is missing")
    #expect(try found(#"{"i": 0, "caption": " "}"#) == "data/captions.jsonl: caption 1 has no words")
    #expect(try found("nonsense").hasPrefix("data/captions.jsonl: line 1: "))
    let cut = try found(joined) { folder in
      try Data([1, 2, 3]).write(to: URL(fileURLWithPath: folder + "/dots_2x2_rgb_u8.bin"))
    }
    #expect(
      cut == "data/dots_2x2_rgb_u8.bin: holds 3 bytes, which are no whole number of pictures of 2×2·3 bytes")
    #expect(fault { _ = try CaptionedPictures(folder: "/nowhere/at/all") } == "/nowhere/at/all: no such folder")
  }

  @Test(.enabled(if: canReadPNG)) func picturesAndCaptionsBelongTogether() throws {
    try withTemporaryFolder { folder in
      func found() -> String {
        fault { _ = try CaptionedPictures(folder: folder) }.replacingOccurrences(of: folder, with: "data")
      }
      try Picture(width: 3, height: 3).write(png: folder + "/a.png")
      try Picture(width: 3, height: 5).write(png: folder + "/b.png")
      try write(#"{"file": "a.png", "caption": "white"}"#, to: folder + "/captions.jsonl")
      #expect(found() == "data/captions.jsonl: has no caption for one picture of the folder, such as b.png")
      try write(
        #"{"file": "a.png", "caption": "white"}"# + "\n" + #"{"file": "c.png", "caption": "gone"}"#,
        to: folder + "/captions.jsonl")
      #expect(found() == "data/captions.jsonl: caption 2 is of the picture c.png, which is not there")
      try write(#"{"i": 0, "caption": "white"}"#, to: folder + "/captions.jsonl")
      #expect(
        found()
          == "data/captions.jsonl: caption 1 names no picture: 'file' is missing, and the folder has no raw pictures")
      try write("no picture", to: folder + "/b.png")
      try write(#"{"file": "b.png", "caption": "white"}"#, to: folder + "/captions.jsonl")
      #expect(found() == "data/b.png: is not a PNG, JPEG, TIFF or PDF file: it begins with 6e 6f 20 70")
    }
  }

  @Test func whatIsLeftForATestHasToBeThere() throws {
    let captions = (0..<3).map { #"{"i": \#($0), "caption": "a dot", "style": "a"}"# }.joined(separator: "\n")
    try withRawPictures(captions) { folder in
      func found(_ field: String, _ word: String) -> String {
        fault { _ = try CaptionSubject.split(folder: folder, field: field, word: word, side: nil) }
          .replacingOccurrences(of: folder, with: "data")
      }
      #expect(found("style", "b") == "data: has no pictures with style=b for a test; there are a")
      #expect(found("artist", "b") == "data: has no pictures with artist=b for a test; no caption has that field")
      #expect(found("style", "a") == "data: nothing is left to learn from where all pictures have style=a")
      let (training, test) = try CaptionSubject.split(folder: folder, field: nil, word: nil, side: nil)
      #expect(training.count == 2 && test.count == 1)
    }
  }

  @Test func batchesAreShuffledAndChangedAnewInEachEpoch() throws {
    let entries = (0..<6).map { CaptionedPictures.Entry(name: "\($0)", sentences: [["red", "green"][$0 % 2]]) }
    let pixels = (samplePictures(6) * 255).converted(to: .uint8)
    let pictures = try CaptionedPictures(entries: entries, pixels: pixels)
    let encoder = CaptionEncoder(smallVocabulary, length: 3)
    let plain = PictureBatches(pictures, encoder: encoder, size: 4)
    #expect(plain.batchCount == 1 && plain.exampleCount == 4)
    let first = try plain.batch(0, epoch: 0)
    #expect(try first.next.integers() == [4, 2, 0, 5, 2, 0, 4, 2, 0, 5, 2, 0])
    #expect(try first.words.integers() == [1, 4, 0, 1, 5, 0, 1, 4, 0, 1, 5, 0])
    #expect(try first.mask.floats() == [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0])
    #expect(try first.pictures.floats() == pictures.numbers(0..<4).floats())
    let changed = PictureBatches(
      pictures, encoder: encoder, augmentation: PictureBatches.usualChanges, size: 3, seed: 5)
    let same = try changed.batch(1, epoch: 2)
    #expect(try same.pictures.floats() == changed.batch(1, epoch: 2).pictures.floats())
    #expect(try same.pictures.floats() != changed.batch(1, epoch: 3).pictures.floats())
    #expect(throws: TensorError.self) { try changed.batch(2, epoch: 0) }
    #expect(PictureBatches(pictures, encoder: encoder, size: 100).batchCount == 1)
  }

  private static let emoji: String = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return root.deletingLastPathComponent().appendingPathComponent("shared/data/emoji_captions").path
  }()

  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: emoji), "needs ../shared/data beside the package"),
    .enabled(if: dn_library_available(DN_LIB_ZLIB), "needs the library zlib: apt-get install zlib1g"))
  func realPicturesOfSeveralArtists() throws {
    let (training, test) = try CaptionSubject.split(
      folder: Self.emoji, field: "style", word: "emojione", side: nil)
    #expect(training.count == 2_882)
    #expect(test.count == 1_614)
    #expect(training.pixels.shape == [2_882, 32, 32, 3])
    #expect(test.entries[0].sentences == ["copyright sign"])
    #expect(Set(training.entries.compactMap { $0.fields["style"] }) == ["twitter", "google"])
  }
}
