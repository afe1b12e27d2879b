import ArgumentParser
import Descent
import DescentGraph
import DescentZIP
import Dispatch
import Foundation

/// Reads pictures.
struct ZIPRead: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read", abstract: "Reads the ZIP code in each picture, or says why not.",
    discussion: """
      A picture whose file cannot be read is named on standard error, the others are read all the same, and the command \
      fails. A letter that is rejected is not a failure.
      """)

  @Argument(
    help: """
      PNG, JPEG, TIFF or PDF files, each with one line of handwriting; folders of such files; or - for a file on \
      standard input.
      """)
  var pictures: [String]

  @Flag(help: "Prints a JSON object for each picture, one per line, errors included.")
  var json = false

  @OptionGroup var trained: ReaderOptions

  /// How many pictures are in work at once.
  private static let batchSize = 64

  func validate() throws {
    guard pictures.count(where: { $0 == "-" }) <= 1 else {
      throw ValidationError("- is given more than once: standard input holds one picture")
    }
  }

  func run() throws {
    let reader = try trained.load()
    var sources: [Result<PictureSource, NamedFault>] = []
    for word in pictures {
      do { sources += try PictureSource.sources(named: word).map { .success($0) } } catch {
        sources.append(.failure(NamedFault(name: word, error: error)))
      }
    }
    let begin = ContinuousClock.now
    var (accepted, rejected, faults) = (0, 0, 0)
    for start in stride(from: 0, to: sources.count, by: Self.batchSize) {
      let batch = Array(sources[start..<min(start + Self.batchSize, sources.count)])
      for report in try Self.reports(on: batch, by: reader) {
        if report.fault != nil { faults += 1 } else if report.isAccepted { accepted += 1 } else { rejected += 1 }
        try show(report, of: sources.count)
      }
    }
    if sources.count > 1 {
      let rate = Double(accepted + rejected) / begin.duration(to: .now).seconds
      Self.complain(
        "\(accepted) read, \(rejected) rejected, \(faults) faulty: \(String(format: "%.0f", rate)) letters a second")
    }
    if faults > 0 { throw ExitCode.failure }
  }

  private func show(_ report: PictureReport, of count: Int) throws {
    if let fault = report.fault { Self.complain("Error: \(fault)") }
    if json { print(try report.json()) } else if report.fault == nil { print(report.line(naming: count > 1)) }
  }

  private static func complain(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }

  /// A fault that was found before the file was opened.
  private struct NamedFault: Error {
    let name: String
    let error: any Error
  }

  /// Prepares pictures on all cores, and reads them together.
  private static func reports(
    on sources: [Result<PictureSource, NamedFault>], by reader: ZIPReader
  ) throws -> [PictureReport] {
    let prepared = Guarded<[Int: Result<PreparedPicture, any Error>]>([:])
    DispatchQueue.concurrentPerform(iterations: sources.count) { index in
      let result = Result { PreparedPicture(try sources[index].get().picture()) }
      prepared.withLock { $0[index] = result }
    }
    let results = prepared.withLock { $0 }
    var readings = try reader.read(sources.indices.compactMap { try? results[$0]?.get() }).makeIterator()
    return sources.enumerated().compactMap { index, source in
      switch (source, results[index]) {
      case (.failure(let fault), _): PictureReport(fault.name, fault: fault.error)
      case (.success(let source), .failure(let error)): PictureReport(source.name, fault: error)
      case (.success(let source), _): readings.next().map { PictureReport(source.name, $0) }
      }
    }
  }
}
