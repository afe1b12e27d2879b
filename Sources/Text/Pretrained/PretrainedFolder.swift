import DescentFiles
import DescentGraph
import DescentTensors

/// A folder that holds a pretrained model as Hugging Face lays it out: `config.json`, the weights as `model.safetensors` or in
/// several files with an index, and the files of the tokenizer.
struct PretrainedFolder {
  let path: String
  /// What `config.json` says.
  let settings: SettingsFile
  /// The kind of model, such as `gpt2`.
  let modelType: String

  /// Looks into a folder.
  ///
  /// - Throws: `FileError` where it is not a folder of a pretrained model, or `config.json` is damaged.
  init(_ path: String) throws {
    switch FileSystem.kind(at: path) {
    case .directory: break
    case nil: throw FileError(path, "does not exist; a pretrained model is a folder with config.json and its weights")
    default: throw FileError(path, "is a file; a pretrained model is a folder with config.json and its weights")
    }
    self.path = path
    guard FileSystem.kind(at: path + "/config.json") != nil else {
      let names = try FileSystem.names(in: path).sorted()
      let found = names.isEmpty ? "nothing" : names.prefix(4).joined(separator: ", ")
      throw FileError(
        path,
        "has no config.json, by which a pretrained model says what it is; found \(found)\(names.count > 4 ? ", …" : "")"
      )
    }
    settings = try SettingsFile(path + "/config.json")
    modelType = try settings.text("model_type")
  }

  /// Refuses a model of a kind other than those that are asked for.
  ///
  /// - Parameters:
  ///   - types: The kinds that are asked for.
  ///   - title: How errors name what asks.
  func check(isOneOf types: [String], for title: String) throws {
    if types.contains(modelType) { return }
    let readers = PretrainedKind.allCases.filter { $0.modelTypes.contains(modelType) }
    let hint = readers.first.map { "; \($0.reader)(pretrained:) reads it" } ?? "; \(PretrainedKind.supported)"
    throw FileError(
      settings.path,
      "has the model_type \(modelType), \(title) reads \(types.sorted().joined(separator: ", "))\(hint)")
  }

  /// The kind of model.
  ///
  /// - Throws: `FileError` that says which kinds can be read.
  func kind() throws -> PretrainedKind {
    if let kind = PretrainedKind.allCases.first(where: { $0.modelTypes.contains(modelType) }) { return kind }
    throw FileError(
      settings.path, "has the model_type \(modelType), which cannot be read; \(PretrainedKind.supported)")
  }

  /// The path of a file in the folder, `nil` where there is none.
  func file(_ name: String) -> String? {
    FileSystem.kind(at: "\(path)/\(name)") == nil ? nil : "\(path)/\(name)"
  }

  /// The tensors in the folder.
  func weights() throws -> PretrainedWeights {
    if let index = file("model.safetensors.index.json") {
      return PretrainedWeights(try Safetensors.open(index: index).files, path: index)
    }
    if let file = file("model.safetensors") { return PretrainedWeights([try TensorFile(file)], path: file) }
    let pickled = try FileSystem.names(in: path).filter { $0.hasSuffix(".bin") || $0.hasSuffix(".pt") }.sorted()
    let found =
      pickled.first.map { "; \($0) is a pickled file, which is not read: save the model with safe_serialization=True" }
      ?? ""
    throw FileError(path, "has no weights: neither model.safetensors nor model.safetensors.index.json\(found)")
  }
}

/// The kinds of pretrained models that can be read.
enum PretrainedKind: CaseIterable {
  case languageModel
  case encoder

  /// What `config.json` calls them.
  var modelTypes: [String] {
    switch self {
    case .languageModel: TransformerModel.modelTypes
    case .encoder: BERT.modelTypes
    }
  }

  /// The type that reads them.
  var reader: String {
    switch self {
    case .languageModel: "TransformerModel"
    case .encoder: "BERT"
    }
  }

  /// All of them, as errors list them.
  static var supported: String {
    "those that can be read are \(allCases.flatMap(\.modelTypes).sorted().joined(separator: ", "))"
  }
}
