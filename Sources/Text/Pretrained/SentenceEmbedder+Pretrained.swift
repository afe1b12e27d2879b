import DescentFiles
import DescentGraph
import DescentLayers
import DescentTensors

extension SentenceEmbedder {
  /// The model of a folder in the form of sentence-transformers: an encoder of BERT's kind with its `tokenizer.json`, and what
  /// `modules.json`, `1_Pooling/config.json` and `sentence_bert_config.json` say of pooling, normalization and length. A
  /// folder of an encoder alone gives means that are not normalized, as it does there.
  ///
  /// - Parameters:
  ///   - folder: The folder.
  ///   - elementType: The type that the weights get, whatever they have in the file.
  /// - Throws: `FileError` where a file is missing or damaged, or asks for what is not known here; see `BERT(pretrained:)`.
  public convenience init(pretrained folder: String, elementType: ElementType = .float32) throws {
    let modules = try SentenceModules(folder)
    let tokenizer = try SubwordTokenizer(pretrained: modules.encoder)
    let encoder = SentenceEncoder(
      try BERT(pretrained: modules.encoder, elementType: elementType), pooling: modules.pooling,
      isNormalized: modules.isNormalized)
    do {
      try self.init(
        encoder, tokenizer, (tokenizer.before, tokenizer.after), modules.limit, isLowercased: modules.isLowercased)
    } catch let error as TextError { throw FileError(modules.encoder, error.message) }
  }
}

/// What a folder of sentence-transformers says of the steps from a sentence to its vector.
private struct SentenceModules {
  /// The folder of the encoder.
  let encoder: String
  var pooling: [SentencePooling] = [.mean]
  var isNormalized = false
  /// How many tokens of a sentence count, where it is said.
  private(set) var limit: Int?
  private(set) var isLowercased = false

  init(_ folder: String) throws {
    let path = folder + "/modules.json"
    var encoder = folder
    if FileSystem.kind(at: path) != nil {
      for (place, module) in try SettingsFile.list(path).enumerated() {
        let type = try module.text("type")
        let part = try module.text("path", or: "")
        // A name that leads elsewhere would read what nobody meant to give.
        guard !part.split(separator: "/").contains(".."), !part.hasPrefix("/") else {
          throw FileError(path, "its module \(place) lies at \(part), which is not in the folder")
        }
        let place = part.isEmpty ? folder : "\(folder)/\(part)"
        switch type.split(separator: ".").last ?? "" {
        case "Transformer": encoder = place
        case "Pooling": pooling = try SentencePooling.reading(place + "/config.json")
        case "Normalize": isNormalized = true
        default:
          throw FileError(
            path, "has a step of the type \(type); those that are known are Transformer, Pooling and Normalize")
        }
      }
    }
    self.encoder = encoder
    for name in ["tokenizer_config.json", "sentence_bert_config.json"] {
      let path = encoder + "/" + name
      guard FileSystem.kind(at: path) != nil else { continue }
      let settings = try SettingsFile(path)
      // A tokenizer without a limit has a number with thirty digits there.
      for key in ["model_max_length", "max_seq_length"] where settings.has(key) {
        let number = try settings.number(key)
        limit = number >= 1 && number < 1e9 ? Int(number) : limit
      }
      isLowercased = try name == "sentence_bert_config.json" && settings.flag("do_lower_case", or: false)
    }
  }
}
