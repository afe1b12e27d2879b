import Descent
import DescentFiles
import Foundation

/// The directory of a captioner: that of its training, with what it is built like, its vocabulary and its weights.
public struct CaptionRun: Hashable, Sendable {
  /// What a captioner is made of, as its directory keeps it.
  struct Description: Codable, Hashable {
    var format = CaptionRun.format
    var subject: CaptionSubject
    var recipe: CaptionRecipe
    var settings: CaptionSettings
  }

  /// The directory.
  public let path: String
  static let format = "descent-captioner-1"

  /// A directory, whether it is there or not.
  public init(_ path: String) { self.path = path }

  private var descriptionFile: String { path + "/captioner.json" }
  private var vocabularyFile: String { path + "/vocabulary.txt" }
  private var weightFile: String { path + "/captioner.safetensors" }

  // MARK: Reading

  /// What the captioner was trained on, and how.
  ///
  /// - Throws: `FileError` where the directory holds no captioner.
  public func recipe() throws -> (subject: CaptionSubject, recipe: CaptionRecipe) {
    let description = try description()
    return (description.subject, description.recipe)
  }

  /// The captioner.
  ///
  /// - Throws: `FileError` where the directory holds none, a part of it is missing or damaged, or they do not fit together.
  public func captioner() throws -> Captioner {
    let description = try description()
    let vocabulary = try vocabulary()
    guard vocabulary.count == description.settings.words else {
      throw FileError(
        vocabularyFile,
        "has \(vocabulary.count) words, where the captioner beside it was made for \(description.settings.words)")
    }
    guard FileSystem.kind(at: weightFile) != nil else {
      throw FileError(path, "has no weights yet: no epoch of its training has ended")
    }
    let network = try CaptionNetwork(description.settings).loading(weightFile)
    for (name, tensor) in try Safetensors.read(weightFile).tensors.sorted(by: { $0.key < $1.key }) {
      guard try !tensor.elementType.isFloatingPoint || isFinite(tensor).all().item(as: Bool.self) else {
        throw FileError(weightFile, "the tensor \(name) holds NaN or infinity")
      }
    }
    // The network is only recorded here, which tells whether its tensors fit together.
    do { _ = try network.initialized(for: CaptionQuestion.example(description.settings)) } catch {
      throw FileError(weightFile, "its tensors do not fit together: \(error)")
    }
    return try Captioner(network: network, vocabulary: vocabulary)
  }

  func description() throws -> Description {
    guard let kind = FileSystem.kind(at: path) else { throw FileError(path, "no such directory") }
    guard kind == .directory else {
      throw FileError(path, "is a file; give the directory that 'descent caption train' wrote")
    }
    guard FileSystem.kind(at: descriptionFile) != nil else {
      let run = RunDirectory(path)
      let found = run.isRun ? "a run of \(try run.configuration().training.modelType)" : "no run"
      throw FileError(path, "holds \(found), not a captioner that 'descent caption train' wrote")
    }
    let bytes = try FileContents.read(descriptionFile)
    guard let description = try? JSONDecoder().decode(Description.self, from: Data(bytes)),
      description.format == Self.format
    else { throw FileError(descriptionFile, "is not what 'descent caption train' writes there") }
    if let fault = description.settings.fault { throw FileError(descriptionFile, "asks for \(fault)") }
    return description
  }

  private func vocabulary() throws -> CaptionVocabulary {
    guard FileSystem.kind(at: vocabularyFile) != nil else {
      throw FileError(vocabularyFile, "is missing; without its vocabulary a captioner has no words")
    }
    return try CaptionVocabulary(contentsOfFile: vocabularyFile)
  }

  // MARK: Writing

  func write(_ description: Description, _ vocabulary: CaptionVocabulary) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try FileContents.write([UInt8](try encoder.encode(description)) + Array("\n".utf8), to: descriptionFile)
    try vocabulary.write(to: vocabularyFile)
  }

  func write(_ network: CaptionNetwork) throws { try network.save(to: weightFile) }
}

extension CaptionQuestion {
  /// A question of the form that a network takes.
  static func example(_ settings: CaptionSettings) -> CaptionQuestion {
    CaptionQuestion(
      pictures: Tensor(zeros: [1, settings.side, settings.side, 3]),
      words: Tensor(zeros: [1, settings.length], .int32))
  }
}

/// Keeps the captioner in the directory of its training: what it is built like and its words from the beginning on, its weights
/// after each epoch.
struct CaptionKeeper: TrainingCallback {
  typealias State = StatelessCallback
  let run: CaptionRun
  let description: CaptionRun.Description
  let vocabulary: CaptionVocabulary
  let name = "captioner"

  func prepare(_ training: TrainingDescription) throws {
    guard let there = try? run.description(), there != description else { return }
    let pairs: [(String, String, String)] = [
      ("subject", "\(there.subject)", "\(description.subject)"),
      ("network", "\(there.settings)", "\(description.settings)"),
      ("recipe", "\(there.recipe)", "\(description.recipe)"),
    ]
    let differing = pairs.filter { $0.1 != $0.2 }.map(\.0).joined(separator: ", ")
    throw FileError(run.path, "holds another captioner: it differs in \(differing); go on with the same options")
  }

  func begin(_ training: TrainingContext, state: inout State) throws { try run.write(description, vocabulary) }

  func epoch(_ epoch: TrainingReport.Epoch, _ training: TrainingContext, state: inout State) throws {
    try run.write(try training.model(as: CaptionNetwork.self))
  }
}
