import DescentData
import DescentTensors
import Foundation

/// Everything from which training goes on as if it had never stopped.
struct Checkpoint: Sendable {
  /// How far training was.
  struct Position: Codable, Sendable, Equatable {
    /// The epoch that was under way, counted from 0.
    var epoch: Int
    /// The batches of that epoch that were done.
    var batch: Int
    /// The batches in an epoch.
    var batchCount: Int
    /// The seed of the run.
    var seed: UInt64
    /// The sums over the epoch's batches so far.
    var averages: Averages
    /// The epochs before it.
    var epochs: [TrainingReport.Epoch]
  }

  /// Parameters, statistics and the optimizer's memory, by name.
  var tensors: [String: Tensor]
  /// How far training was.
  var position: Position
  /// The number of steps since the model was new.
  var stepCount: Int

  /// Writes the checkpoint as a safetensors file with a checksum, atomically.
  ///
  /// - Throws: where the file cannot be written.
  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    // A metric that is not a number must not stand in the way of saving.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let text = String(decoding: try encoder.encode(position), as: UTF8.self)
    let metadata = [
      "format": "descent-checkpoint-1", "position": text, "stepCount": String(stepCount),
      "sha256": try Self.digest(tensors, text),
    ]
    try Safetensors.write(tensors, metadata: metadata, to: path)
  }

  /// Reads a checkpoint.
  ///
  /// - Throws: one line that names the file and its fault.
  init(readingFrom path: String) throws {
    func fault(_ text: String) -> DataError { DataError("read a checkpoint", path: path, fault: text) }
    let (tensors, metadata) = try Safetensors.read(path)
    guard metadata["format"] == "descent-checkpoint-1" else {
      throw fault("is a safetensors file, but not a checkpoint of a training run")
    }
    guard let text = metadata["position"], let steps = metadata["stepCount"].flatMap({ Int($0) }) else {
      throw fault("does not say how far training was")
    }
    guard metadata["sha256"] == (try Self.digest(tensors, text)) else {
      throw fault("the contents do not match the checksum written with them; the file is damaged")
    }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let position = try? decoder.decode(Position.self, from: Data(text.utf8)) else {
      throw fault("what it says of how far training was cannot be read")
    }
    self.init(tensors: tensors, position: position, stepCount: steps)
  }

  init(tensors: [String: Tensor], position: Position, stepCount: Int) {
    self.tensors = tensors
    self.position = position
    self.stepCount = stepCount
  }

  /// A checksum over the tensors in the order of their names and the position.
  private static func digest(_ tensors: [String: Tensor], _ position: String) throws -> String {
    var digest = SHA256()
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      Array("\(name) \(tensor.elementType)\(tensor.shape)".utf8).withUnsafeBytes { digest.update($0) }
      digest.update(try tensor.literal().bytes)
    }
    Array(position.utf8).withUnsafeBytes { digest.update($0) }
    return digest.hexadecimalDigest()
  }
}
