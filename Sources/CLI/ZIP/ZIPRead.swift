import ArgumentParser
import Descent
import DescentZIP

/// Reads pictures.
struct ZIPRead: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read", abstract: "Reads the ZIP code in each picture, or says why not.")

  @Argument(help: "PNG or JPEG files, each with one line of handwriting.")
  var pictures: [String]

  @OptionGroup var trained: ReaderOptions

  func run() throws {
    let reader = try trained.load()
    for path in pictures {
      let reading = try reader.read(try Picture.read(path))
      print(pictures.count > 1 ? "\(path): \(reading)" : "\(reading)")
    }
  }
}
