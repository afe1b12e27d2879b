import Descent
import DescentData
import DescentFiles

/// What a captioner learns from.
public enum CaptionSubject: Codable, Hashable, Sendable {
  /// Generated scenes.
  case scenes
  /// A folder of pictures, of which some are left for a test: those with a word in a field, such as the style `emojione`, or
  /// else a tenth.
  case pictures(folder: String, field: String?, word: String?)

  /// What it is called.
  var title: String {
    switch self {
    case .scenes: "generated scenes"
    case .pictures(let folder, _, _): folder
    }
  }

  /// The pictures to learn from and those for a test.
  ///
  /// - Throws: `FileError` of the folder, or where nothing is left to learn from or to test by.
  public static func split(
    folder: String, field: String?, word: String?, side: Int?
  ) throws -> (training: CaptionedPictures, test: CaptionedPictures) {
    let all = try CaptionedPictures(folder: folder, side: side)
    guard let field, let word else {
      let places = shuffledIndices(count: all.count, seed: 1)
      let count = max(1, all.count / 10)
      guard all.count > 1 else {
        throw FileError(folder, "holds one picture; give one to learn from and one to test by")
      }
      return (try all.selecting(places.dropFirst(count).sorted()), try all.selecting(places.prefix(count).sorted()))
    }
    let (test, training) = try all.split { $0.fields[field] == word }
    guard test.count > 0, training.count > 0 else {
      let known = Set(all.entries.compactMap { $0.fields[field] }).sorted().prefix(8).joined(separator: ", ")
      let found = known.isEmpty ? "no caption has that field" : "there are \(known)"
      throw FileError(
        folder,
        training.count == 0 && test.count > 0
          ? "nothing is left to learn from where all pictures have \(field)=\(word)"
          : "has no pictures with \(field)=\(word) for a test; \(found)")
    }
    return (training, test)
  }
}
