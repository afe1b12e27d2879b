import DescentData
import DescentFiles
import DescentLayers
import DescentTensors
import Foundation

/// Everything from which training goes on as if it had never stopped.
struct Checkpoint: Sendable {
  /// How far training was.
  struct Position: Codable, Sendable, Equatable {
    /// The number of steps since the model was new.
    var stepCount: Int
    /// The epoch that was under way, counted from 0.
    var epoch: Int
    /// The batches of that epoch that were done.
    var batch: Int
    /// The batches in an epoch.
    var batchCount: Int
    /// The examples in an epoch.
    var exampleCount: Int
    /// The seed of the run.
    var seed: UInt64
    /// The names of what is reported: `loss` and the metrics.
    var names: [String]
    /// What is known of the epoch's batches so far.
    var totals: EpochTotals
    /// The time that the epoch has taken so far, in seconds.
    var epochSeconds: Double
    /// The epochs before it.
    var epochs: [TrainingReport.Epoch]
    /// The numbers that callbacks recorded last.
    var recorded = Means.empty
    /// The optimizer's hyper-parameters that callbacks have set; older checkpoints have none.
    var hyperparameters: [String: Double]?
    /// What callbacks remember, as text with the numbers of tensors in it, by their names.
    var callbacks: [String: String] = [:]

    /// Whether the numbers fit together.
    fileprivate var isSound: Bool {
      stepCount >= 0 && epoch >= 0 && (0...max(0, batchCount)).contains(batch) && totals.averages.isSound
    }
  }

  /// Parameters, statistics and the optimizer's memory, by name.
  var tensors: [String: Tensor]
  /// How far training was.
  var position: Position
  /// The optimizer and its settings, for whoever looks into the file.
  var optimizer: String
  /// What callbacks remember, by their names.
  var callbacks: [String: SavedCallback]

  init(
    tensors: [String: Tensor], position: Position, optimizer: String, callbacks: [String: SavedCallback] = [:]
  ) {
    self.tensors = tensors
    self.position = position
    self.optimizer = optimizer
    self.callbacks = callbacks
  }

  /// What the tensors of callbacks are called.
  private static let callbackPrefix = "callback."

  /// What a callback's tensors are called: its own name, and their numbers.
  private static func tensorName(_ callback: String, _ number: Int) -> String {
    "\(callbackPrefix)\(callback).\(number)"
  }

  /// Writes the checkpoint as a safetensors file with a checksum, atomically.
  ///
  /// - Throws: where the file cannot be written.
  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    // A metric that is not a number must not stand in the way of saving.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    var (position, tensors) = (position, tensors)
    for (name, saved) in callbacks {
      position.callbacks[name] = saved.text
      for (number, tensor) in saved.tensors.enumerated() { tensors[Self.tensorName(name, number)] = tensor }
    }
    let text = String(decoding: try encoder.encode(position), as: UTF8.self)
    let metadata = [
      "format": CheckpointNames.format, "position": text, "sha256": try Self.digest(tensors, text),
      "optimizer": optimizer,
    ]
    try Safetensors.write(tensors, metadata: metadata, to: path)
  }

  /// Reads a checkpoint.
  ///
  /// - Throws: one line that names the file and its fault.
  init(readingFrom path: String) throws {
    func fault(_ text: String) -> FileError { FileError(path, text) }
    let (tensors, metadata) = try Safetensors.read(path)
    guard metadata["format"] == CheckpointNames.format else {
      throw fault("is a safetensors file, but not a checkpoint of a training run")
    }
    guard let text = metadata["position"] else { throw fault("does not say how far training was") }
    guard metadata["sha256"] == (try Self.digest(tensors, text)) else {
      throw fault("the contents do not match the checksum written with them; the file is damaged")
    }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let position = try? decoder.decode(Position.self, from: Data(text.utf8)), position.isSound else {
      throw fault("what it says of how far training was cannot be read")
    }
    let callbacks = Dictionary(
      uniqueKeysWithValues: position.callbacks.map { name, text in
        let own = (0...).lazy.map { tensors[Self.tensorName(name, $0)] }.prefix { $0 != nil }
        return (name, SavedCallback(text: text, tensors: own.compactMap { $0 }))
      })
    self.init(
      tensors: tensors.filter { !$0.key.hasPrefix(Self.callbackPrefix) }, position: position,
      optimizer: metadata["optimizer"] ?? "", callbacks: callbacks)
  }

  /// The first tensor of the model that holds NaN, by its path.
  ///
  /// - Throws: where the system has no memory left.
  func poisonedTensor() throws -> String? {
    let model = CheckpointNames.model(in: tensors).filter { $0.value.elementType.isFloatingPoint }
    let named = model.sorted { $0.key < $1.key }
    let counts = named.map { ($0.value .!= $0.value).converted(to: .float32).sum() }
    try evaluate(counts)
    for (entry, count) in zip(named, counts) where try count.item() > 0 {
      return entry.key
    }
    return nil
  }

  /// A checksum over the tensors in the order of their names and the position.
  private static func digest(_ tensors: [String: Tensor], _ position: String) throws -> String {
    var digest = SHA256()
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      Array("\(name) \(tensor.elementType)\(tensor.shape)".utf8).withUnsafeBytes { digest.update($0) }
      try tensor.literal().withHostBytes { digest.update($0) }
    }
    Array(position.utf8).withUnsafeBytes { digest.update($0) }
    return digest.hexadecimalDigest()
  }
}
