import DescentData
import DescentFiles
import DescentTensors

extension SubwordTokenizer {
  /// Reads a `tokenizer.json` of Hugging Face's library.
  ///
  /// - Throws: `FileError` where the file cannot be read, or it has parts that are not known here: models other than BPE and
  ///   WordPiece, such as Unigram, or rare normalizers; it names the part.
  public init(readingFrom path: String) throws {
    if FileSystem.kind(at: path) == nil { throw FileError(path, "no such file; a language model needs its tokenizer") }
    try self.init(file: FileContents.read(path), path: path)
  }

  init(file: [UInt8], path: String) throws {
    do { try self.init(JSONValue(parsing: file)) } catch let error as JSONFault {
      throw FileError(path, "is not JSON: \(error.text) at byte \(error.place)")
    } catch let error as TextError {
      throw FileError(path, error.message)
    }
  }

  /// Writes a `tokenizer.json` that Hugging Face's library reads as well.
  ///
  /// - Throws: `FileError` where the file cannot be written.
  public func save(to path: String) throws { try FileContents.write(Array(json.text.utf8), to: path) }

  init(_ file: JSONValue) throws {
    func refuse(_ message: String) -> TextError { TextError("SubwordTokenizer", message) }
    guard let model = file["model"] else { throw refuse("there is no model, as tokenizers of Hugging Face have one") }
    // Old files do not say which kind it is.
    let kind = model["type"]?.string ?? (model["merges"] != nil ? "BPE" : "WordPiece")
    guard ["BPE", "WordPiece"].contains(kind) else {
      throw refuse("the model is of the kind '\(kind)'; known are BPE and WordPiece")
    }
    guard let vocabulary = model["vocab"]?.fields, !vocabulary.isEmpty else { throw refuse("the vocabulary is empty") }
    let added = try (file["added_tokens"]?.list ?? []).map { try AddedToken($0) }
    let names = try Self.names(vocabulary, added)
    let (steps, areBytes) = try PreTokenizer.all(file["pre_tokenizer"])
    let words: WordModel =
      kind == "BPE"
      ? .pairs(try PairModel(model, names, areBytes: areBytes)) : .pieces(try PieceModel(model, vocabulary))
    let (before, after) = try Self.template(file["post_processor"])
    self.init(
      names: names, addedTokens: added, normalizers: try Normalizer.all(file["normalizer"]), preTokenizers: steps,
      areBytes: areBytes, model: words, joiners: try TokenJoiner.all(file["decoder"]), before: before, after: after,
      settings: [
        ("normalizer", file["normalizer"] ?? .null), ("pre_tokenizer", file["pre_tokenizer"] ?? .null),
        ("post_processor", file["post_processor"] ?? .null), ("decoder", file["decoder"] ?? .null),
        ("model", .object(model.fields.filter { $0.name != "vocab" && $0.name != "merges" })),
      ])
    // Tokens of a template must be among those of the vocabulary.
    for token in before + after { try check(token) }
  }

  private static func names(_ vocabulary: [(name: String, value: JSONValue)], _ added: [AddedToken]) throws -> [String]
  {
    var numbers = added.map { ($0.id, $0.content) }
    for (name, value) in vocabulary {
      guard let id = value.integer, id >= 0, id < 1 << 30 else {
        throw TextError("SubwordTokenizer", "the token '\(name)' has no number from 0 to 2³⁰")
      }
      numbers.append((id, name))
    }
    let largest = numbers.map(\.0).max() ?? 0
    guard largest < 4 * numbers.count + 1_000 else {
      throw TextError("SubwordTokenizer", "of \(numbers.count) tokens one has the number \(largest)")
    }
    var names = [String](repeating: "", count: largest + 1)
    for (id, name) in numbers.reversed() { names[id] = name }
    return names
  }

  /// What a text is put between.
  private static func template(_ value: JSONValue?) throws -> (before: [Int], after: [Int]) {
    var (before, after) = ([Int](), [Int]())
    for part in JSONValue.parts(value, in: "processors") {
      switch part.type {
      case "ByteLevel": continue
      case "BertProcessing", "RobertaProcessing":
        guard let end = part["sep"]?.list?.last?.integer, let begin = part["cls"]?.list?.last?.integer else {
          throw part.refusal("post-processor without its tokens")
        }
        (before, after) = ([begin] + before, after + [end])
      case "TemplateProcessing":
        var (left, right, isAfter) = ([Int](), [Int](), false)
        for piece in part["single"]?.list ?? [] {
          if let name = piece["SpecialToken"]?["id"]?.string {
            let ids = part["special_tokens"]?[name]?["ids"]?.list?.compactMap(\.integer) ?? []
            if isAfter { right += ids } else { left += ids }
          } else {
            isAfter = true
          }
        }
        (before, after) = (left + before, after + right)
      default: throw part.refusal("post-processor")
      }
    }
    return (before, after)
  }

  /// The file's contents.
  var json: JSONValue {
    var vocabulary: [(name: String, value: JSONValue)] = []
    let own = Set(addedTokens.map(\.id))
    var inVocabulary = Set<Int>()
    func text(_ merge: (left: Int32, right: Int32, merged: Int32)) -> JSONValue {
      .list([.string(names[Int(merge.left)]), .string(names[Int(merge.right)])])
    }
    var model = settings.first { $0.name == "model" }?.value.fields ?? []
    for (id, name) in names.enumerated() where !name.isEmpty {
      // What is only added does not stand in the model's vocabulary, unless it was there.
      if own.contains(id), !isInVocabulary(name, id) { continue }
      if inVocabulary.insert(id).inserted { vocabulary.append((name, .integer(id))) }
    }
    model.append(("vocab", .object(vocabulary)))
    if case .pairs(let pairs) = self.model { model.append(("merges", .list(pairs.merges.merges.map(text)))) }
    let others = settings.filter { $0.name != "model" }
    return .object(
      [
        ("version", .string("1.0")), ("truncation", .null), ("padding", .null),
        ("added_tokens", .list(addedTokens.map(\.json))),
      ] + others + [("model", .object(model))])
  }

  private func isInVocabulary(_ name: String, _ id: Int) -> Bool {
    switch model {
    case .pairs(let model):
      let key = model.areBytes ? ByteAlphabet.bytes(of: name) ?? Array(name.utf8) : Array(name.utf8)
      return model.vocabulary.value(key) == id
    case .pieces(let model): return model.vocabulary.value(Array(name.utf8)) == id
    }
  }
}

extension PairModel {
  /// The model of a tokenizer's file.
  fileprivate init(_ value: JSONValue, _ names: [String], areBytes: Bool) throws {
    func refuse(_ message: String) -> TextError { TextError("SubwordTokenizer", message) }
    let prefix = Array((value["continuing_subword_prefix"]?.string ?? "").utf8)
    let suffix = Array((value["end_of_word_suffix"]?.string ?? "").utf8)
    guard !areBytes || prefix.isEmpty && suffix.isEmpty else {
      throw refuse("bytes with a prefix or suffix of words are not supported")
    }
    // Of equal texts, as bytes, two tokens may exist, in the vocabulary and added; the vocabulary's counts.
    var (byText, table) = (BytesTable(), BytesTable())
    for (name, number) in value["vocab"]?.fields ?? [] {
      let id = number.integer ?? 0
      byText.insert(Array(name.utf8), id)
      table.insert(areBytes ? ByteAlphabet.bytes(of: name) ?? Array(name.utf8) : Array(name.utf8), id)
    }
    var merges: [(left: Int32, right: Int32, merged: Int32)] = []
    for (rank, merge) in (value["merges"]?.list ?? []).enumerated() {
      // By bytes: a space is one character with an accent that follows it.
      let parts = merge.string.map { $0.utf8.split(separator: UInt8(ascii: " ")).map { String(Substring($0)) } }
      let sides = merge.list?.compactMap(\.string) ?? parts ?? []
      guard sides.count == 2 else { throw refuse("merge \(rank + 1) does not have two sides") }
      let right = Array(sides[1].utf8)
      // The right side of words that go on has a prefix of its own, which goes when it is merged.
      let merged = Array(sides[0].utf8) + (right.starts(with: prefix) ? Array(right.dropFirst(prefix.count)) : right)
      let ids = [byText.value(Array(sides[0].utf8)), byText.value(right), byText.value(merged)]
      guard ids.allSatisfy({ $0 >= 0 }) else {
        throw refuse("merge \(rank + 1), '\(sides[0])' and '\(sides[1])', is of tokens that the vocabulary lacks")
      }
      merges.append((Int32(ids[0]), Int32(ids[1]), Int32(ids[2])))
    }
    let fallsBack = value["byte_fallback"]?.bool ?? false
    let byteTokens = (0..<256).map { byte -> Int32 in
      if areBytes { return Int32(table.value([UInt8(byte)])) }
      guard fallsBack else { return -1 }
      let digits = String(byte, radix: 16, uppercase: true)
      return Int32(byText.value(Array("<0x\(digits.count == 1 ? "0" : "")\(digits)>".utf8)))
    }
    if let rate = value["dropout"], rate.integer != 0, case .real(let number) = rate, number != 0 {
      throw refuse("leaves out merges at random, which is for training alone")
    }
    let unknown = value["unk_token"]?.string.map { byText.value(Array($0.utf8)) }
    self.init(
      vocabulary: table, merges: PairMerges(merges), areBytes: areBytes, byteTokens: byteTokens,
      unknown: unknown.flatMap { $0 >= 0 ? Int32($0) : nil }, joinsUnknown: value["fuse_unk"]?.bool ?? false,
      ignoresMerges: value["ignore_merges"]?.bool ?? false, prefix: prefix, suffix: suffix)
  }
}

extension PieceModel {
  /// The model of a tokenizer's file.
  fileprivate init(_ value: JSONValue, _ vocabulary: [(name: String, value: JSONValue)]) throws {
    var table = BytesTable()
    for (name, number) in vocabulary { table.insert(Array(name.utf8), number.integer ?? 0) }
    let name = value["unk_token"]?.string ?? "[UNK]"
    let unknown = table.value(Array(name.utf8))
    guard unknown >= 0 else {
      throw TextError("SubwordTokenizer", "the vocabulary lacks '\(name)', which stands for unknown words")
    }
    self.init(
      vocabulary: table, unknown: Int32(unknown),
      prefix: Array((value["continuing_subword_prefix"]?.string ?? "##").utf8),
      longest: max(1, value["max_input_chars_per_word"]?.integer ?? 100))
  }
}
