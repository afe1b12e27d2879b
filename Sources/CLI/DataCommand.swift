import ArgumentParser
import Descent
import DescentFiles
import Foundation

/// Downloads data sets.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Downloads data sets, with checksum, resume and a progress bar.",
    subcommands: [MNIST.self])

  /// Downloads the four IDX files of MNIST.
  struct MNIST: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "mnist", abstract: "Downloads the MNIST digits: 60,000 for training, 10,000 for test.")

    @Option(help: "The directory to download to.")
    var to = "data/mnist"

    @Option(help: "The address of a directory to download from, instead of the known mirrors.")
    var from: String?

    func run() throws {
      let set = RemoteDataset.mnist
      print("\(set.credit), \(set.byteCount / 1_000_000) MB")
      let bar = TransferBar()
      defer { bar.finish() }
      try set.download(to: to, from: from) { bar.show($0) }
      bar.finish()
      let digits = try DigitImages.directory(to)
      print("\(to): \(digits.training.count) digits for training, \(digits.test.count) for test")
    }
  }
}

/// Shows how far a download is: in place on a terminal, one line a file elsewhere.
private final class TransferBar {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var file = ""
  private var isOpen = false

  func show(_ progress: DownloadProgress) {
    let total = progress.total.map { " of \(Self.size($0))" } ?? ""
    var line = "\(progress.file): \(Self.size(progress.received))\(total)"
    if isTerminal {
      if let columns = Terminal.columns(of: STDERR_FILENO) { line = String(line.prefix(columns - 1)) }
      write((progress.file != file && isOpen ? "\n" : "\r") + line + "\u{1B}[K")
      isOpen = true
    } else if progress.received == progress.total {
      write(line + "\n")
    }
    file = progress.file
  }

  func finish() {
    if isOpen { write("\n") }
    isOpen = false
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

  private static func size(_ bytes: Int) -> String { String(format: "%.1f MB", Double(bytes) / 1e6) }
}
