import Descent
import DescentData
import DescentFiles

extension CaptionedPictures {
  /// Writes scenes into a new folder, as pictures and their captions in the form that `init(folder:side:)` reads.
  ///
  /// - Throws: `FileError` where the folder is there already or cannot be written.
  public static func write(_ examples: [(scene: Scene, sentence: String)], side: Int, to folder: String) throws {
    struct Line: Encodable { var file, caption: String }
    guard FileSystem.kind(at: folder) == nil else { throw FileError(folder, "is there already; give a new folder") }
    try FileSystem.makeDirectory(folder)
    var lines: [Line] = []
    for (number, example) in examples.enumerated() {
      let file = "\(number + 1).png"
      try Picture(rgb: Scene.pictures(of: [example.scene], side: side)[0]).write(png: "\(folder)/\(file)")
      lines.append(Line(file: file, caption: example.sentence))
    }
    try JSONLines.write(lines, to: "\(folder)/captions.jsonl")
  }
}
