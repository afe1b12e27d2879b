import DescentData
import DescentFiles
import DescentTensors

/// A directory in which a run keeps its latest checkpoints, `checkpoint-000000042.safetensors` after step 42.
struct CheckpointFolder: Sendable {
  let path: String
  /// How many of the latest checkpoints are kept.
  let keeping: Int

  private static let prefix = "checkpoint-"
  private static let suffix = ".safetensors"

  /// Makes the directory, so that training does not begin where its checkpoints cannot be kept.
  ///
  /// - Throws: where it cannot be made or written to.
  func prepare() throws {
    try FileSystem.makeDirectory(path)
    try AtomicFile.checkWritable("\(path)/\(Self.prefix)")
  }

  /// Writes a checkpoint and drops those that are too many.
  ///
  /// The file is complete under its name or not there at all, whenever the process may die; an older checkpoint is
  /// dropped only when the new one is safely on disk.
  ///
  /// - Throws: where the file cannot be written; earlier checkpoints are untouched.
  func write(_ checkpoint: Checkpoint) throws {
    try FileSystem.makeDirectory(path)
    let step = checkpoint.position.stepCount
    try checkpoint.write(to: "\(path)/\(Self.name(step))")
    // Later ones are damaged: the run went on from one before them. What is damaged does not count as kept.
    for old in try steps().filter({ $0 <= step }).dropLast(keeping) { FileSystem.remove("\(path)/\(Self.name(old))") }
    removeUnfinished()
  }

  /// The latest checkpoint that can be read, and its file; what is wrong with later ones is told through `warn`.
  ///
  /// - Throws: where there are checkpoints and none can be read: what is wrong with the latest.
  func latest(warn: (String) -> Void) throws -> (checkpoint: Checkpoint, file: String)? {
    let files = try steps().reversed().map { "\(path)/\(Self.name($0))" }
    var faults: [any Error] = []
    for file in files {
      do {
        let checkpoint = try Checkpoint(readingFrom: file)
        for fault in faults { warn("\(fault); going back to an earlier checkpoint") }
        return (checkpoint, file)
      } catch { faults.append(error) }
    }
    if let fault = faults.first { throw fault }
    return nil
  }

  /// Moves the checkpoints of an earlier run into a directory within, so that they are neither lost nor mistaken for
  /// those of the run that begins.
  ///
  /// - Parameter isChosen: Whether the checkpoint after a step is one of them.
  /// - Returns: The directory that they are in now, `nil` where there were none.
  /// - Throws: where they cannot be moved.
  func setAside(where isChosen: (Int) -> Bool = { _ in true }) throws -> String? {
    guard FileSystem.kind(at: path) != nil else { return nil }
    let names = try steps().filter(isChosen).map(Self.name)
    guard !names.isEmpty else { return nil }
    let free = (1...).lazy.map { "\(path)/earlier-\($0)" }.first { FileSystem.kind(at: $0) == nil }
    guard let target = free else { return nil }
    do throws(FileError) {
      try FileSystem.makeDirectory(target)
      for name in names { try FileSystem.move("\(path)/\(name)", to: "\(target)/\(name)") }
    } catch {
      throw FileError(path, "the checkpoints of an earlier run cannot be moved: \(error)")
    }
    return target
  }

  private static func name(_ step: Int) -> String {
    let digits = String(step)
    return prefix + String(repeating: "0", count: max(0, 9 - digits.count)) + digits + suffix
  }

  /// The steps after which there are checkpoints, in order.
  private func steps() throws -> [Int] {
    try FileSystem.names(in: path).compactMap { name in
      let step = Int(name.dropFirst(Self.prefix.count).dropLast(Self.suffix.count))
      return step.flatMap { Self.name($0) == name ? $0 : nil }
    }.sorted()
  }

  /// Removes what a process that was killed left of a checkpoint.
  private func removeUnfinished() {
    let ending = Self.suffix + AtomicFile.unfinished
    for name in (try? FileSystem.names(in: path)) ?? [] where name.hasPrefix(Self.prefix) && name.hasSuffix(ending) {
      FileSystem.remove("\(path)/\(name)")
    }
  }
}
