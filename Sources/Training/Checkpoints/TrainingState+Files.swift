import DescentFiles
import DescentTensors

extension TrainingState {
  /// Writes the state into a directory as its latest checkpoint, `checkpoint-000000042.safetensors` after step 42.
  ///
  /// The file is complete under its name or not there at all, whenever the process may die; older ones are dropped only
  /// when the new one is safely on disk.
  ///
  /// Checkpoints of later steps, which the state went back from, are moved into a directory `earlier-1` within.
  ///
  /// - Parameters:
  ///   - directory: Where checkpoints are kept; it is made where it does not exist. It belongs to one run at a time.
  ///   - keeping: How many of the latest checkpoints are kept, at least 1.
  /// - Throws: `TensorError` before the first step; `TrainingError` where a parameter is NaN, since the file would displace
  ///   a good one; `FileError` where the file cannot be written, earlier ones being
  ///   untouched.
  public func save(in directory: String, keeping: Int = 2) throws {
    let folder = CheckpointFolder(path: directory, keeping: max(1, keeping))
    let checkpoint = Checkpoint(
      tensors: try snapshot(), position: .ofOwnLoop(step, seed), optimizer: "\(optimizer)")
    if let path = try checkpoint.poisonedTensor() {
      throw TrainingError(
        "the parameter \(path) is NaN after step \(step): take a smaller learning rate; no checkpoint was written")
    }
    // Those of a run that went further before this state went back would count as the latest.
    _ = try folder.setAside { $0 > step }
    try folder.write(checkpoint)
  }

  /// Goes on from the latest good checkpoint in a directory, where there is one: with the same bits as if the process had
  /// not ended, for the same batches.
  ///
  /// Hyper-parameters are those that this state has.
  ///
  /// - Returns: Whether there was one.
  /// - Throws: `FileError` where there are checkpoints and none can be read, or the latest is of another model, optimizer
  ///   or seed; nothing has changed then.
  @discardableResult
  public mutating func resume(in directory: String) throws -> Bool {
    let folder = CheckpointFolder(path: directory, keeping: 1)
    guard FileSystem.kind(at: directory) != nil, let (found, file) = try folder.latest(warn: Notices.warn)
    else { return false }
    guard found.position.seed == seed else {
      throw FileError(file, "is of a run with seed \(found.position.seed); this one has seed \(seed)")
    }
    do {
      try restore(found.tensors)
    } catch let error as TrainingError where error.subject == "restore" {
      throw FileError(file, "is a checkpoint of another model or optimizer: \(error.message)")
    }
    return true
  }
}

extension Checkpoint.Position {
  /// The position of a loop of the user's own, which counts steps alone.
  static func ofOwnLoop(_ step: Int, _ seed: UInt64) -> Self {
    Self(
      stepCount: step, epoch: 0, batch: 0, batchCount: 0, exampleCount: 0, seed: seed, names: [],
      totals: EpochTotals([]), epochSeconds: 0, epochs: [])
  }
}
