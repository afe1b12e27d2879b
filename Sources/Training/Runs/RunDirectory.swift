import DescentData
import DescentFiles
import Foundation

/// A directory that keeps all of a training: configuration, log, curves, summary, checkpoints, the best model, pictures.
///
/// ```swift
/// try trainer.fit(
///   digits.training.batched(128), validation: digits.test, epochs: 20,
///   callbacks: [.progress, .run("runs/lenet", resuming: true)])
/// ```
///
/// | file | what is in it |
/// | --- | --- |
/// | `configuration.json` | model, optimizer, loss, metrics, seed, command line, versions |
/// | `log.jsonl` | a line for each epoch and for some of the steps |
/// | `summary.json` | how the run stands, and its epochs |
/// | `curves/` | a drawing of the loss and of each metric over the epochs |
/// | `checkpoints/` | from which it goes on when it was killed |
/// | `best.safetensors` | the model of the best epoch, where a number to judge by is given |
/// | `pictures/` | what callbacks recorded as pictures, by step |
///
/// `descent runs list`, `show`, `compare` and `delete` work on such directories.
public struct RunDirectory: Sendable, Hashable {
  /// The directory.
  public let path: String

  /// A directory, whether it is there or not.
  public init(_ path: String) { self.path = path }

  var curveFolder: String { path + "/curves" }
  var logFile: String { path + "/log.jsonl" }
  var checkpointFolder: String { path + "/checkpoints" }
  var bestFile: String { path + "/best.safetensors" }
  private var configurationFile: String { path + "/configuration.json" }
  private var summaryFile: String { path + "/summary.json" }

  /// Whether there is a run in the directory.
  public var isRun: Bool { if case .regular = FileSystem.kind(at: configurationFile) { true } else { false } }

  /// What the run is made of.
  ///
  /// - Throws: `FileError` where the directory holds no run, or the file cannot be read.
  public func configuration() throws -> RunConfiguration { try read(configurationFile) }

  /// How the run stands, and its epochs.
  ///
  /// - Throws: `FileError` where the directory holds no run, or the file cannot be read.
  public func summary() throws -> RunSummary {
    if FileSystem.kind(at: summaryFile) == nil, isRun { return RunSummary() }
    return try read(summaryFile)
  }

  /// Whether a process is training in the directory now.
  public var isInUse: Bool {
    guard FileSystem.kind(at: path + "/lock") != nil, let file = try? OpenFile.appending(path + "/lock") else {
      return false
    }
    return !file.lock()
  }

  /// The runs in a directory and the directories in it, by their paths in order.
  ///
  /// Directories below that cannot be read, and symbolic links to some, are passed over.
  ///
  /// - Throws: `FileError` where it cannot be read.
  public static func all(in directory: String) throws -> [RunDirectory] {
    if RunDirectory(directory).isRun { return [RunDirectory(directory)] }
    var (found, waiting) = ([RunDirectory](), try directories(in: directory))
    while let next = waiting.popLast() {
      if RunDirectory(next).isRun {
        found.append(RunDirectory(next))
      } else {
        waiting += (try? directories(in: next)) ?? []
      }
    }
    return found.sorted { $0.path < $1.path }
  }

  /// The directories in a directory, without symbolic links, which may lead around in circles.
  private static func directories(in directory: String) throws -> [String] {
    try FileSystem.names(in: directory).map { "\(directory)/\($0)" }
      .filter { FileSystem.kind(at: $0) == .directory && !FileSystem.isLink($0) }
  }

  // MARK: Deleting

  /// Refuses to delete what is not a run, holds other runs, is a link, or in use.
  ///
  /// - Throws: `FileError`.
  package func checkDeletable() throws {
    guard !FileSystem.isLink(path) else {
      throw FileError(path, "is a symbolic link; give the directory that it leads to")
    }
    _ = try configuration()
    for below in try Self.directories(in: path) {
      if let other = try Self.all(in: below).first {
        throw FileError(path, "holds another run, \(other.path); delete or move that one first")
      }
    }
    if isInUse { throw FileError(path, "a process is training in it") }
  }

  /// Deletes the run with all that is in its directory, which no process can begin to train in meanwhile.
  ///
  /// - Throws: `FileError`; see `checkDeletable`.
  package func delete() throws {
    try checkDeletable()
    let file = try OpenFile.appending(path + "/lock")
    guard file.lock() else { throw FileError(path, "a process is training in it") }
    try withExtendedLifetime(file) {
      do { try FileManager.default.removeItem(atPath: path) } catch {
        throw FileError(path, "cannot be deleted: \(error.localizedDescription)")
      }
    }
  }

  private func read<Value: Decodable>(_ file: String) throws -> Value {
    guard isRun else {
      throw FileError(path, FileSystem.kind(at: path) == nil ? "no such directory" : "holds no run of a training")
    }
    let bytes = try FileContents.read(file)
    do { return try Self.decoder.decode(Value.self, from: Data(bytes)) } catch {
      throw FileError(file, "cannot be read as what a run writes there: \(Self.reason(error))")
    }
  }

  private static func reason(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    switch error {
    case .keyNotFound(let key, _): return "'\(key.stringValue)' is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      return path.isEmpty ? context.debugDescription : "'\(path)': \(context.debugDescription)"
    @unknown default: return "\(error)"
    }
  }

  // MARK: Writing

  func write(_ configuration: RunConfiguration) throws { try write(configuration, to: configurationFile) }
  func write(_ summary: RunSummary) throws { try write(summary, to: summaryFile) }

  private func write(_ value: some Encodable, to file: String) throws {
    let bytes = [UInt8](try Self.encoder.encode(value)) + Array("\n".utf8)
    try AtomicFile.write(to: file) { file in try bytes.withUnsafeBytes { try file.append($0) } }
  }

  private static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return encoder
  }

  private static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return decoder
  }
}
