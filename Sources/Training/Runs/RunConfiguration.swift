import DescentFiles
import DescentGraph
import Foundation

/// What a run is made of, as its directory keeps it.
public struct RunConfiguration: Sendable, Hashable, Codable {
  /// Model, loss, optimizer, metrics, seed, epochs and batches.
  public var training: TrainingDescription
  /// The table of the model's parameters; empty where sizes are not known yet.
  public var modelSummary: String
  /// The command line.
  public var command: [String]
  /// The directory in which it was given.
  public var workingDirectory: String
  /// The commit of the repository that this is in, where it is in one.
  public var commit: String?
  /// The versions of Descent, Swift's compiler and the system.
  public var versions: [String: String]
  /// The number of threads, the name of the machine and what else was given of it.
  public var machine: [String: String]
  /// When the run began.
  public var began: Date
  /// What the run's program wants to be noted.
  public var notes: [String: String]

  /// That of a training that begins now.
  init(_ training: TrainingDescription, modelSummary: String, notes: [String: String]) {
    (self.training, self.modelSummary, self.notes) = (training, modelSummary, notes)
    let process = ProcessInfo.processInfo
    command = CommandLine.arguments
    workingDirectory = FileManager.default.currentDirectoryPath
    commit = Repository.commit(around: workingDirectory)
    versions = ["Descent": descentVersion, "system": process.operatingSystemVersionString]
    #if swift(>=6.3)
      versions["Swift"] = "6.3 or newer"
    #elseif swift(>=6.2)
      versions["Swift"] = "6.2"
    #elseif swift(>=6.1)
      versions["Swift"] = "6.1"
    #else
      versions["Swift"] = "6.0"
    #endif
    machine = ["host": process.hostName, "processors": "\(process.activeProcessorCount)"]
    let environment = process.environment.filter { $0.key.hasPrefix("DESCENT_") }
    machine.merge(environment) { first, _ in first }
    began = Date()
  }

  /// In what another training differs so that it cannot be this run gone on with: a line for each.
  func differences(from other: TrainingDescription) -> [String] {
    let pairs: [(String, String, String)] = [
      ("model", training.modelType, other.modelType), ("loss", training.loss, other.loss),
      ("metrics", "\(training.metrics)", "\(other.metrics)"), ("seed", "\(training.seed)", "\(other.seed)"),
      ("precision", training.precision ?? "none", other.precision ?? "none"),
      ("batches in an epoch", "\(training.batches)", "\(other.batches)"),
      ("examples in an epoch", "\(training.examples)", "\(other.examples)"),
    ]
    return pairs.filter { $0.1 != $0.2 }.map { "\($0.0) \($0.1), now \($0.2)" }
  }
}

/// The repository that a directory is in.
enum Repository {
  /// The commit that is checked out in the Git repository around a directory; `nil` where there is none.
  static func commit(around directory: String) -> String? {
    var folder = URL(fileURLWithPath: directory)
    for _ in 0..<64 {
      let git = folder.appendingPathComponent(".git")
      if let commit = commit(in: git.path) { return commit }
      let above = folder.deletingLastPathComponent()
      if above.path == folder.path { return nil }
      folder = above
    }
    return nil
  }

  private static func commit(in git: String) -> String? {
    func text(_ path: String) -> String? {
      (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    func resolved(_ path: some StringProtocol, in directory: String) -> String {
      path.hasPrefix("/") ? String(path) : "\(directory)/\(path)"
    }
    // The working tree of another one's repository says where that is.
    if let link = text(git), link.hasPrefix("gitdir: ") {
      // A directory follows, so that no file leads on to others without end.
      let place = resolved(link.dropFirst(8), in: FileSystem.parent(of: git))
      return FileSystem.kind(at: place) == .directory ? commit(in: place) : nil
    }
    guard let head = text(git + "/HEAD") else { return nil }
    guard head.hasPrefix("ref: ") else { return head }
    let reference = String(head.dropFirst(5))
    let common = text(git + "/commondir").map { resolved($0, in: git) } ?? git
    if let commit = text("\(common)/\(reference)") { return commit }
    let packed = text(common + "/packed-refs")?.split(separator: "\n") ?? []
    return packed.first { $0.hasSuffix(" \(reference)") }.map { String($0.prefix { $0 != " " }) }
  }
}
