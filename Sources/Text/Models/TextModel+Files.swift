import DescentData
import DescentFiles
import DescentLayers
import DescentTensors
import Foundation

/// What `language.json` holds.
private struct LanguageFile<Configuration: Codable>: Codable {
  var format = TextModel.format
  var kind: String
  var configuration: Configuration
}

/// What says which kind of model a file is of.
private struct LanguageKind: Decodable {
  var format: String
  var kind: String
}

extension TextModel {
  static let format = "descent-language-1"
  private static let languageFile = "language.json"
  private static let tokenizerFile = "tokenizer.json"
  private static let valuesFile = "model.safetensors"

  /// The kinds of models that are known without being named.
  public static var kinds: [any ConfiguredLanguageModel.Type] {
    [
      TransformerModel.self, RecurrentModel<LSTMCell>.self, RecurrentModel<GRUCell>.self, ExpertTransformerModel.self,
      ExpertRecurrentModel.self,
    ]
  }

  /// Reads a model from a directory that `save(to:)` wrote, or that a training keeps its run in, or a pretrained one; see
  /// `init(pretrained:elementType:)`.
  ///
  /// - Parameters:
  ///   - directory: The directory.
  ///   - kinds: The kinds of models that may be in there, those of one's own included.
  /// - Throws: `FileError` where a file is missing or damaged, or of another kind of model.
  public init(readingFrom directory: String, kinds: [any ConfiguredLanguageModel.Type] = TextModel.kinds) throws {
    guard FileSystem.kind(at: directory) == .directory else {
      throw FileError(directory, FileSystem.kind(at: directory) == nil ? "no such directory" : "is not a directory")
    }
    let path = "\(directory)/\(Self.languageFile)"
    guard FileSystem.kind(at: path) != nil else {
      if FileSystem.kind(at: "\(directory)/config.json") != nil {
        self = try TextModel(pretrained: directory)
        return
      }
      throw FileError(directory, "holds no language model: there is no \(Self.languageFile)")
    }
    let data = Data(try FileContents.read(path))
    let found = try Self.decoded(LanguageKind.self, data, path)
    guard found.format == Self.format else {
      throw FileError(path, "is of the format '\(found.format)', not \(Self.format)")
    }
    guard let kind = kinds.first(where: { $0.kind == found.kind }) else {
      let known = kinds.map { $0.kind }.joined(separator: ", ")
      throw FileError(path, "names a model of the kind '\(found.kind)'; known are \(known)")
    }
    func read<Network: ConfiguredLanguageModel>(_ kind: Network.Type) throws -> any LanguageModel {
      let file = try Self.decoded(LanguageFile<Network.Configuration>.self, data, path)
      return try Network(file.configuration).loading(Self.values(in: directory))
    }
    try self.init(read(kind), TokenizerFile.read("\(directory)/\(Self.tokenizerFile)"))
  }

  /// Writes model, configuration and tokenizer into a directory, which is made where there is none.
  ///
  /// - Throws: `FileError` where a file cannot be written; `TextError` where the model is of a kind that is not made from a
  ///   configuration; `TensorError` where it has no values yet.
  public func save(to directory: String) throws {
    try writeDescription(to: directory)
    try network.save(to: "\(directory)/\(Self.valuesFile)")
  }

  /// Writes configuration and tokenizer into a directory, and leaves the values to a training that keeps its run there.
  public func writeDescription(to directory: String) throws {
    guard let configured = network as? any ConfiguredLanguageModel else {
      throw TextError(
        "\(type(of: network))", "is not made from a configuration, so that no file can say how it is made")
    }
    func written(_ network: some ConfiguredLanguageModel) throws -> Data {
      try TokenizerFile.encoder.encode(
        LanguageFile(kind: type(of: network).kind, configuration: network.configuration))
    }
    try FileSystem.makeDirectory(directory)
    try FileContents.write([UInt8](written(configured)), to: "\(directory)/\(Self.languageFile)")
    try TokenizerFile.write(tokenizer, to: "\(directory)/\(Self.tokenizerFile)")
  }

  /// The file with a model's values: its own, the best of a training, or the latest checkpoint.
  private static func values(in directory: String) throws -> String {
    for name in [valuesFile, "best.safetensors"] where FileSystem.kind(at: "\(directory)/\(name)") != nil {
      return "\(directory)/\(name)"
    }
    let folder = "\(directory)/checkpoints"
    let names = FileSystem.kind(at: folder) == .directory ? try FileSystem.names(in: folder) : []
    guard let latest = names.filter({ $0.hasPrefix("checkpoint-") && $0.hasSuffix(".safetensors") }).max() else {
      throw FileError(directory, "holds no values of a model: no \(valuesFile), best.safetensors or checkpoint")
    }
    return "\(folder)/\(latest)"
  }

  private static func decoded<Value: Decodable>(_ type: Value.Type, _ data: Data, _ path: String) throws -> Value {
    do { return try JSONDecoder().decode(type, from: data) } catch let error as DecodingError {
      throw FileError(path, "is not what a language model writes there: \(error.reason)")
    }
  }
}

extension DecodingError {
  /// What is wrong, in a line.
  var reason: String {
    switch self {
    case .keyNotFound(let key, _): return "'\(key.stringValue)' is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      return path.isEmpty ? context.debugDescription : "'\(path)': \(context.debugDescription)"
    @unknown default: return "\(self)"
    }
  }
}
