import DescentTensors

extension SubwordTokenizer {
  /// Learns byte pairs from a text: words are their bytes at first, and the pair of neighbors that is most frequent is merged,
  /// again and again.
  ///
  /// It is the same that Hugging Face's `BpeTrainer` makes of the text, equal counts included: the pair with the smaller numbers
  /// comes first. All texts can be encoded, since every byte is a token.
  ///
  /// - Parameters:
  ///   - text: The text to learn from.
  ///   - vocabularySize: The number of tokens, special ones and the 256 bytes included; fewer where the text has no more pairs.
  ///   - specialTokens: The names of tokens with a meaning of their own, which have the first numbers.
  ///   - pattern: A regular expression of words, which tokens do not cross: GPT-4's where none is given.
  ///   - leastCount: How often a pair must be found to be merged.
  /// - Throws: `TextError` of a size that is too small, or a pattern that is not known.
  /// - Complexity: O(length of the text) to count words, then about O(length of the different words · log(merges)).
  public init(
    learnedFrom text: String, vocabularySize: Int, specialTokens: [String] = [], pattern: String? = nil,
    leastCount: Int = 2
  ) throws {
    let least = 256 + specialTokens.count
    guard vocabularySize >= least, vocabularySize < 1 << 30 else {
      throw TextError(
        "SubwordTokenizer", "needs at least \(least) tokens, for the bytes and special ones, found \(vocabularySize)")
    }
    guard Set(specialTokens.map { Array($0.utf8) }).count == specialTokens.count, !specialTokens.contains("") else {
      throw TextError("SubwordTokenizer", "special tokens need names of their own, found \(specialTokens)")
    }
    let source = pattern ?? PreTokenizer.gpt4
    let words = PreTokenizer.split(.expression(try SplitPattern(source)), .isolated, isInverted: false)
    // Bytes in the order of the characters that vocabularies write for them.
    let order = (0..<256).sorted { ByteAlphabet.characters[$0].value < ByteAlphabet.characters[$1].value }
    var numbers = [Int32](repeating: 0, count: 256)
    for (place, byte) in order.enumerated() { numbers[byte] = Int32(specialTokens.count + place) }
    let special = specialTokens.enumerated().map { AddedToken(id: $0, content: $1, isSpecial: true) }
    var learning = PairLearning(numbers)
    var text = text
    text.withUTF8 { bytes in
      for part in AddedTokenSearch(special, { $0.content }).parts(of: bytes) where part.token == nil {
        let whole = Array(bytes[part.range])
        let divided = words(TextWords(text: whole, words: [0..<whole.count]), isFirst: false)
        whole.withUnsafeBufferPointer { text in
          for range in divided.words { learning.add(UnsafeBufferPointer(rebasing: text[range])) }
        }
      }
    }
    let merges = learning.merges(count: vocabularySize - least, first: Int32(least), leastCount: max(1, leastCount))
    var names = specialTokens + order.map { ByteAlphabet.text(of: [UInt8($0)]) }
    for merge in merges { names.append(names[Int(merge.left)] + names[Int(merge.right)]) }
    let vocabulary = names.enumerated().map { (name: $1, value: JSONValue.integer($0)) }
    let pairs = merges.map { JSONValue.list([.string(names[Int($0.left)]), .string(names[Int($0.right)])]) }
    let bytes: [(name: String, value: JSONValue)] = [
      ("type", .string("ByteLevel")), ("add_prefix_space", .boolean(false)), ("trim_offsets", .boolean(false)),
      ("use_regex", .boolean(false)),
    ]
    let split: [(name: String, value: JSONValue)] = [
      ("type", .string("Split")), ("pattern", .object([("Regex", .string(source))])),
      ("behavior", .string("Isolated")), ("invert", .boolean(false)),
    ]
    try self.init(
      .object([
        ("added_tokens", .list(special.map(\.json))),
        (
          "pre_tokenizer",
          .object([("type", .string("Sequence")), ("pretokenizers", .list([.object(split), .object(bytes)]))])
        ),
        ("decoder", .object(bytes)),
        (
          "model",
          .object([
            ("type", .string("BPE")), ("dropout", .null), ("unk_token", .null), ("continuing_subword_prefix", .null),
            ("end_of_word_suffix", .null), ("fuse_unk", .boolean(false)), ("byte_fallback", .boolean(false)),
            ("ignore_merges", .boolean(false)), ("vocab", .object(vocabulary)), ("merges", .list(pairs)),
          ])
        ),
      ]))
  }
}

/// Counts words, then merges their most frequent pairs.
struct PairLearning {
  private let numbers: [Int32]
  private var table = BytesTable()
  /// The different words as their symbols, and how often each was found.
  private var words: [[Int32]] = []
  private var counts: [Int] = []

  private struct Pair: Hashable {
    var left: Int32
    var right: Int32
  }

  init(_ numbers: [Int32]) { self.numbers = numbers }

  mutating func add(_ word: UnsafeBufferPointer<UInt8>) {
    if word.isEmpty { return }
    let known = table.value(word)
    if known >= 0 {
      counts[known] += 1
    } else {
      table.insert(word, words.count)
      words.append(word.map { numbers[Int($0)] })
      counts.append(1)
    }
  }

  /// The merges, the first first; the words are used up.
  mutating func merges(
    count: Int, first: Int32, leastCount: Int
  ) -> [(left: Int32, right: Int32, merged: Int32)] {
    var (pairCounts, places) = ([Pair: Int](), [Pair: Set<Int32>]())
    for (index, word) in words.enumerated() where word.count > 1 {
      for place in 0..<word.count - 1 {
        let pair = Pair(left: word[place], right: word[place + 1])
        pairCounts[pair, default: 0] += counts[index]
        places[pair, default: []].insert(Int32(index))
      }
    }
    var queue = PairQueue()
    for (pair, count) in pairCounts { queue.push(count, pair.left, pair.right) }
    var merges: [(left: Int32, right: Int32, merged: Int32)] = []
    while merges.count < count, let top = queue.pop() {
      let pair = Pair(left: top.left, right: top.right)
      let now = pairCounts[pair] ?? 0
      if now != top.count {
        if now > 0 { queue.push(now, pair.left, pair.right) }
        continue
      }
      if top.count < leastCount { break }
      let merged = first + Int32(merges.count)
      merges.append((pair.left, pair.right, merged))
      var changed: Set<Pair> = []
      for index in places.removeValue(forKey: pair) ?? [] {
        merge(Int(index), pair, merged) { neighbor, change in
          pairCounts[neighbor, default: 0] += change
          if change > 0 {
            places[neighbor, default: []].insert(index)
            changed.insert(neighbor)
          }
        }
      }
      pairCounts[pair] = nil
      for pair in changed { if let count = pairCounts[pair], count > 0 { queue.push(count, pair.left, pair.right) } }
    }
    return merges
  }

  /// Merges a pair wherever a word has it, and says how the counts of other pairs change.
  private mutating func merge(_ index: Int, _ pair: Pair, _ merged: Int32, _ change: (Pair, Int) -> Void) {
    let (old, count) = (words[index], counts[index])
    var word: [Int32] = []
    word.reserveCapacity(old.count)
    var place = 0
    while place < old.count {
      guard place + 1 < old.count, old[place] == pair.left, old[place + 1] == pair.right else {
        word.append(old[place])
        place += 1
        continue
      }
      if let last = word.last {
        change(Pair(left: last, right: pair.left), -count)
        change(Pair(left: last, right: merged), count)
      }
      if place + 2 < old.count {
        change(Pair(left: pair.right, right: old[place + 2]), -count)
        change(Pair(left: merged, right: old[place + 2]), count)
      }
      word.append(merged)
      place += 2
    }
    words[index] = word
  }
}

/// A heap of pairs: the most frequent first, of equal ones that with the smaller numbers.
private struct PairQueue {
  struct Entry {
    var count: Int
    var left: Int32
    var right: Int32
  }

  private var entries: [Entry] = []

  private static func precedes(_ a: Entry, _ b: Entry) -> Bool {
    if a.count != b.count { return a.count > b.count }
    return a.left != b.left ? a.left < b.left : a.right < b.right
  }

  mutating func push(_ count: Int, _ left: Int32, _ right: Int32) {
    entries.append(Entry(count: count, left: left, right: right))
    var place = entries.count - 1
    while place > 0, Self.precedes(entries[place], entries[(place - 1) / 2]) {
      entries.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func pop() -> Entry? {
    guard let first = entries.first, let last = entries.popLast() else { return nil }
    guard !entries.isEmpty else { return first }
    entries[0] = last
    var place = 0
    while true {
      var best = place
      for child in [2 * place + 1, 2 * place + 2]
      where child < entries.count && Self.precedes(entries[child], entries[best]) {
        best = child
      }
      if best == place { return first }
      entries.swapAt(place, best)
      place = best
    }
  }
}
