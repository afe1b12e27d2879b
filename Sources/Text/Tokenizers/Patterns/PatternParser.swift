/// Reads the source of a `SplitPattern`.
struct PatternParser {
  private(set) var program: [SplitPattern.Instruction] = []
  private(set) var classes: [ScalarClass] = []
  private let source: [Unicode.Scalar]
  private var place = 0
  private var ignoresCase = false
  /// How many groups are open: no text of a file may exhaust the stack.
  private var depth = 0

  /// A part of the expression, before it becomes instructions.
  fileprivate indirect enum Node {
    case one(ScalarClass)
    case sequence([Node])
    case alternatives([Node])
    case repeated(Node, least: Int, most: Int, mode: Mode)
    case look(Node, isNegative: Bool)
    case atomic(Node)
    case start
    case end
  }

  fileprivate enum Mode { case greedy, reluctant, possessive }

  init(_ source: String) { self.source = Array(source.unicodeScalars) }

  mutating func parse() throws {
    let node = try alternatives()
    guard place == source.count else { throw refusal("an unexpected ')'") }
    try emit(node)
    program.append(.match)
  }

  private func refusal(_ what: String) -> TextError {
    var text = ""
    text.unicodeScalars.append(contentsOf: source)
    return TextError(
      "SplitPattern", "the pattern '\(text)' has \(what) at character \(place + 1), which is not supported")
  }

  private var next: Unicode.Scalar? { place < source.count ? source[place] : nil }

  private mutating func takes(_ text: String) -> Bool {
    let wanted = Array(text.unicodeScalars)
    guard source[place...].starts(with: wanted) else { return false }
    place += wanted.count
    return true
  }

  // MARK: Reading

  private mutating func alternatives() throws -> Node {
    var all = [try sequence()]
    while takes("|") { all.append(try sequence()) }
    return all.count == 1 ? all[0] : .alternatives(all)
  }

  private mutating func sequence() throws -> Node {
    var parts: [Node] = []
    while let next, next != "|", next != ")" { parts.append(try repeated()) }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  private mutating func repeated() throws -> Node {
    var node = try atom()
    while let (least, most) = try count() {
      let mode: Mode = takes("?") ? .reluctant : takes("+") ? .possessive : .greedy
      node = .repeated(node, least: least, most: most, mode: mode)
    }
    return node
  }

  private mutating func count() throws -> (Int, Int)? {
    if takes("*") { return (0, .max) }
    if takes("+") { return (1, .max) }
    if takes("?") { return (0, 1) }
    guard next == "{" else { return nil }
    place += 1
    let least = number()
    if takes("}"), let least { return (least, least) }
    guard takes(",") else { throw refusal("a '{' that begins no count") }
    let most = number()
    guard takes("}") else { throw refusal("a count without an end") }
    return (least ?? 0, most ?? .max)
  }

  private mutating func number() -> Int? {
    var digits = ""
    while let next, ("0"..."9").contains(next) {
      digits.unicodeScalars.append(next)
      place += 1
    }
    return Int(digits)
  }

  private mutating func atom() throws -> Node {
    guard let scalar = next else { throw refusal("an end where something is to follow") }
    switch scalar {
    case "(": return try group()
    case "[":
      place += 1
      return .one(try set())
    case ".":
      place += 1
      return .one(ScalarClass(ranges: [10...10], isNegated: true))
    case "^":
      place += 1
      return .start
    case "$":
      place += 1
      return .end
    case "*", "+", "?": throw refusal("a repetition of nothing")
    case "\\":
      place += 1
      return .one(try escape())
    default:
      place += 1
      return .one(literal(scalar.value))
    }
  }

  private mutating func group() throws -> Node {
    place += 1
    depth += 1
    guard depth <= 100 else { throw refusal("groups nested deeper than 100 levels") }
    let outer = ignoresCase
    defer {
      ignoresCase = outer
      depth -= 1
    }
    var wrap: (Node) -> Node = { $0 }
    if takes("?") {
      if takes("i:") {
        ignoresCase = true
      } else if takes("=") {
        wrap = { .look($0, isNegative: false) }
      } else if takes("!") {
        wrap = { .look($0, isNegative: true) }
      } else if takes(">") {
        wrap = { .atomic($0) }
      } else if !takes(":") {
        throw refusal("a group of a kind")
      }
    }
    let node = try alternatives()
    guard takes(")") else { throw refusal("a '(' without its ')'") }
    return wrap(node)
  }

  /// What stands between brackets.
  private mutating func set() throws -> ScalarClass {
    var all = ScalarClass()
    all.isNegated = takes("^")
    var isFirst = true
    while isFirst || next != "]" {
      guard let scalar = next else { throw refusal("a '[' without its ']'") }
      isFirst = false
      if scalar == "[" || source[place...].starts(with: ["&", "&"]) { throw refusal("a set within a set") }
      place += 1
      var low = scalar.value
      if scalar == "\\" {
        let part = try escape()
        guard part.isSingle else {
          try all.add(part) { refusal("a negated set within a set") }
          continue
        }
        low = part.ranges[0].lowerBound
      }
      var high = low
      if next == "-", place + 1 < source.count, source[place + 1] != "]" {
        place += 1
        guard let end = next else { throw refusal("a range without an end") }
        place += 1
        high = end.value
        if end == "\\" {
          let part = try escape()
          guard part.isSingle else { throw refusal("a range that ends with a set") }
          high = part.ranges[0].lowerBound
        }
      }
      guard low <= high else { throw refusal("a range that runs backward") }
      all.ranges.append(low...high)
      if ignoresCase { for value in low...min(high, low + 0x7F) { all.ranges += literal(value).ranges } }
    }
    place += 1
    return all
  }

  /// What follows a backslash.
  private mutating func escape() throws -> ScalarClass {
    guard let scalar = next else { throw refusal("a '\\' at the end") }
    place += 1
    func single(_ value: UInt32) -> ScalarClass { ScalarClass(ranges: [value...value]) }
    switch scalar {
    case "s": return ScalarClass(isSpace: true)
    case "S": return ScalarClass(isNotSpace: true)
    case "d": return ScalarClass(categories: 1 << 8)
    case "D": return ScalarClass(otherCategories: [1 << 8])
    case "w": return ScalarClass(categories: ScalarClass.word)
    case "W": return ScalarClass(otherCategories: [ScalarClass.word])
    case "n": return single(10)
    case "r": return single(13)
    case "t": return single(9)
    case "f": return single(12)
    case "v": return single(11)
    case "0": return single(0)
    case "p", "P":
      guard takes("{") else { throw refusal("a '\\p' without a category") }
      let isNegated = takes("^")
      let name = try braced()
      guard let categories = ScalarClass.named[name] else { throw refusal("the category '\(name)'") }
      return isNegated != (scalar == "P")
        ? ScalarClass(otherCategories: [categories]) : ScalarClass(categories: categories)
    case "x", "u":
      var digits = ""
      if takes("{") {
        digits = try braced()
      } else {
        for _ in 0..<(scalar == "x" ? 2 : 4) {
          guard let next else { break }
          digits.unicodeScalars.append(next)
          place += 1
        }
      }
      guard let value = UInt32(digits, radix: 16), Unicode.Scalar(value) != nil else {
        throw refusal("the number '\(digits)'")
      }
      return single(value)
    case _ where scalar.isASCII && scalar.properties.isAlphabetic: throw refusal("'\\\(scalar)'")
    default: return single(scalar.value)
    }
  }

  /// What stands up to the brace that closes.
  private mutating func braced() throws -> String {
    var text = ""
    while let next, next != "}" {
      text.unicodeScalars.append(next)
      place += 1
    }
    guard takes("}") else { throw refusal("a '{' without its '}'") }
    return text
  }

  /// A character, with the others that are the same where case does not count.
  private func literal(_ value: UInt32) -> ScalarClass {
    guard ignoresCase, let scalar = Unicode.Scalar(value) else { return ScalarClass(ranges: [value...value]) }
    var values: Set<UInt32> = [value]
    for text in [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping]
    where text.unicodeScalars.count == 1 {
      values.formUnion(text.unicodeScalars.map(\.value))
    }
    // Letters elsewhere that become these when their case is folded: the long s and the sign of kelvin.
    if values.contains(0x73) { values.insert(0x17F) }
    if values.contains(0x6B) { values.insert(0x212A) }
    return ScalarClass(ranges: values.sorted().map { $0...$0 })
  }

  // MARK: Writing instructions

  private mutating func number(of set: ScalarClass) -> Int {
    if let known = classes.firstIndex(of: set) { return known }
    classes.append(set)
    return classes.count - 1
  }

  private mutating func emit(_ node: Node) throws {
    // A program of a reasonable expression has some hundred instructions.
    guard program.count < 1 << 16 else { throw refusal("too many repetitions") }
    switch node {
    case .one(let set): program.append(.one(number(of: set)))
    case .start: program.append(.start)
    case .end: program.append(.end)
    case .sequence(let parts): for part in parts { try emit(part) }
    case .alternatives(let all):
      var jumps: [Int] = []
      for (index, one) in all.enumerated() {
        let fork = program.count
        if index < all.count - 1 { program.append(.either(fork + 1, 0)) }
        try emit(one)
        if index < all.count - 1 {
          jumps.append(program.count)
          program.append(.jump(0))
          program[fork] = .either(fork + 1, program.count)
        }
      }
      for jump in jumps { program[jump] = .jump(program.count) }
    case .look(let inner, let isNegative):
      let place = program.count
      program.append(.match)
      try emit(inner)
      program.append(.match)
      program[place] = .look(end: program.count, isNegative: isNegative)
    case .atomic(let inner):
      let place = program.count
      program.append(.match)
      try emit(inner)
      program.append(.match)
      program[place] = .atomic(end: program.count)
    case .repeated(let inner, let least, let most, let mode):
      if case .one(let set) = inner, mode != .reluctant {
        program.append(
          .many(number(of: set), least: least, most: most, isPossessive: mode == .possessive))
      } else if mode == .possessive {
        try emit(.atomic(.repeated(inner, least: least, most: most, mode: .greedy)))
      } else {
        try emitRepetition(inner, least, most, isGreedy: mode == .greedy)
      }
    }
  }

  private mutating func emitRepetition(_ inner: Node, _ least: Int, _ most: Int, isGreedy: Bool) throws {
    guard least <= 1_000, most == .max || most <= 1_000 else { throw refusal("more than 1000 repetitions") }
    for _ in 0..<least { try emit(inner) }
    func fork(_ inside: Int, _ outside: Int) -> SplitPattern.Instruction {
      isGreedy ? .either(inside, outside) : .either(outside, inside)
    }
    if most == .max {
      if inner.mayBeEmpty { throw refusal("a repetition of what may be nothing") }
      let place = program.count
      program.append(.match)
      try emit(inner)
      program.append(.jump(place))
      program[place] = fork(place + 1, program.count)
    } else {
      var forks: [Int] = []
      for _ in least..<max(least, most) {
        forks.append(program.count)
        program.append(.match)
        try emit(inner)
      }
      for place in forks { program[place] = fork(place + 1, program.count) }
    }
  }
}

extension PatternParser.Node {
  /// Whether it may match nothing, so that repeating it would never end.
  fileprivate var mayBeEmpty: Bool {
    switch self {
    case .one: false
    case .start, .end, .look: true
    case .sequence(let parts): parts.allSatisfy(\.mayBeEmpty)
    case .alternatives(let all): all.contains(where: \.mayBeEmpty)
    case .atomic(let inner): inner.mayBeEmpty
    case .repeated(let inner, let least, _, _): least == 0 || inner.mayBeEmpty
    }
  }
}

extension ScalarClass {
  /// Whether it is one character.
  fileprivate var isSingle: Bool {
    categories == 0 && otherCategories.isEmpty && !isSpace && !isNotSpace && !isNegated && ranges.count == 1
      && ranges[0].count == 1
  }

  /// Takes in what another one has.
  fileprivate mutating func add(_ other: ScalarClass, _ refusal: () -> TextError) throws {
    if other.isNegated { throw refusal() }
    categories |= other.categories
    otherCategories += other.otherCategories
    isSpace = isSpace || other.isSpace
    isNotSpace = isNotSpace || other.isNotSpace
    ranges += other.ranges
  }
}
