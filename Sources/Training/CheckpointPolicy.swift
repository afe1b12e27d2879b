import DescentData
import DescentTensors
import Foundation

/// Where and how often training keeps checkpoints.
struct CheckpointPolicy: Sendable {
  let directory: String
  let seconds: Double
  let keeping: Int
  let resuming: Bool

  /// Writes a checkpoint and drops those that are too many.
  ///
  /// The file is complete under its name or not there at all, whenever the process may die; an older checkpoint is
  /// dropped only when the new one is safely on disk.
  ///
  /// - Throws: where the file cannot be written; earlier checkpoints are untouched.
  func write(_ checkpoint: Checkpoint) throws {
    do {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    } catch {
      throw DataError("write a checkpoint", path: directory, fault: "the directory cannot be made")
    }
    let number = String(format: "%09d", checkpoint.stepCount)
    try checkpoint.write(to: "\(directory)/checkpoint-\(number).safetensors")
    for old in try files().dropLast(keeping) { try? FileManager.default.removeItem(atPath: old) }
  }

  /// The latest checkpoint that can be read; what is wrong with later ones is told through `warn`.
  ///
  /// - Throws: where there are checkpoints and none can be read.
  func latest(warn: (String) -> Void) throws -> Checkpoint? {
    var fault: (any Error)?
    for path in try files().reversed() {
      do {
        return try Checkpoint(readingFrom: path)
      } catch {
        warn("\(error); going back to the checkpoint before it")
        fault = error
      }
    }
    if let fault { throw fault }
    return nil
  }

  /// The checkpoints in the directory, oldest first.
  private func files() throws -> [String] {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory) else { return [] }
    guard isDirectory.boolValue else {
      throw DataError("read checkpoints", path: directory, fault: "is a file, not a directory")
    }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
      throw DataError("read checkpoints", path: directory, fault: "the directory cannot be read")
    }
    return names.filter { $0.hasPrefix("checkpoint-") && $0.hasSuffix(".safetensors") }.sorted()
      .map { "\(directory)/\($0)" }
  }
}
