import DescentFiles
import DescentGraph
import DescentTensors

extension TextModel {
  /// The language model of a folder in Hugging Face's form, with its `tokenizer.json`; see `TransformerModel(pretrained:)`.
  ///
  /// - Parameters:
  ///   - folder: The folder.
  ///   - elementType: The type that the weights get, whatever they have in the file.
  /// - Throws: `FileError` where a file is missing or damaged, or the folder holds a model of another kind.
  /// - Complexity: O(bytes).
  public init(pretrained folder: String, elementType: ElementType = .float32) throws {
    // Weights take longest, so that what is missing is told first.
    let tokenizer = try SubwordTokenizer(pretrained: PretrainedFolder(folder).path)
    let network = try TransformerModel(pretrained: folder, elementType: elementType)
    do { try self.init(network, tokenizer) } catch let error as TextError { throw FileError(folder, error.message) }
  }
}

extension SubwordTokenizer {
  /// The tokenizer of a folder.
  ///
  /// - Throws: `FileError` that says how to make one where there is none.
  init(pretrained folder: String) throws {
    let path = folder + "/tokenizer.json"
    guard FileSystem.kind(at: path) != nil else {
      let others = ["vocab.txt", "vocab.json", "tokenizer.model"].filter {
        FileSystem.kind(at: "\(folder)/\($0)") != nil
      }
      let hint = others.first.map {
        "; AutoTokenizer.from_pretrained(folder).save_pretrained(folder) of transformers writes it from \($0)"
      }
      throw FileError(folder, "has no tokenizer.json, which divides texts into tokens\(hint ?? "")")
    }
    try self.init(readingFrom: path)
  }
}
