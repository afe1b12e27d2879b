/// A line of handwriting with what it says.
public struct GeneratedLetter: Sendable {
  /// The line as a scanner sees it.
  public let image: GrayImage
  /// What is written; empty for blank paper, one non-digit for a scribble or a photograph.
  public let truth: [Symbol]
  /// What kind of line it is.
  public let kind: LetterKind
}

/// Makes line images out of single handwritten digits.
///
/// Letter *i* is a pure function of the seed and *i*: it can be made on any thread, in any order, again and again. The
/// digits are walked through in shuffled order, so that each is used once before any is used twice: the first
/// `bank.count / 5` ZIP codes share no digit and are independent samples. A generator is given the digits of one split,
/// and so cannot mix them with another's.
public struct LetterGenerator: Sendable {
  /// The digits that lines are made of.
  public let bank: DigitBank
  /// The variety of the handwriting and the paper.
  public let style: LetterStyle
  /// How often each kind of line is made.
  public let mix: LetterMix
  /// The number that, with a letter's index, decides everything about it.
  public let seed: UInt64
  /// ZIP codes to write; nil for random digits.
  public let codes: ZIPCodeList?

  private let order: RandomPermutation
  private let kinds: [LetterKind]
  private let kindWeights: [Float]

  /// A generator of lines.
  ///
  /// - Parameters:
  ///   - bank: the digits of one split.
  ///   - codes: where given, every ZIP code written is one of these; otherwise any five digits are.
  public init(
    bank: DigitBank, style: LetterStyle = .mail, mix: LetterMix = .codes, seed: UInt64, codes: ZIPCodeList? = nil
  ) {
    self.bank = bank
    self.style = style
    self.mix = mix
    self.seed = seed
    self.codes = codes
    order = RandomPermutation(count: bank.count, seed: seed &+ 0x5EED)
    kinds = LetterKind.allCases
    kindWeights = LetterKind.allCases.map { max(mix.weights[$0] ?? 0, 0) }
  }

  /// The letter of an index.
  ///
  /// - Complexity: O(pixels), about a fifth of a millisecond in a release build.
  public func letter(_ index: Int) -> GeneratedLetter {
    var random = RandomStream(seed: seed, index: UInt64(bitPattern: Int64(index)))
    var kind = kinds[random.index(weights: kindWeights)]
    if bank.count == 0, kind.needsDigits { kind = .blank }
    let hand = Hand(style: style, random: &random)
    var composer = LineComposer(hand: hand, style: style)
    var truth: [Symbol] = []
    switch kind {
    case .code, .fourDigits, .sixDigits, .otherLength:
      truth = writeDigits(count: kind.digitCount(&random), at: index, on: &composer, random: &random)
    case .mixed, .word:
      truth = writeLetters(mixed: kind == .mixed, at: index, on: &composer, random: &random)
    case .blank:
      break
    case .scribble:
      truth = [.nonDigit]
      let scribble = StrokeFont.scribble(random: &random)
      let height = hand.height * random.uniform(in: 0.8...1.6)
      composer.add(scribble, deformation: hand.deformation(&random, height: height), random: &random)
    case .texture:
      return GeneratedLetter(image: Texture.image(random: &random), truth: [.nonDigit], kind: kind)
    }
    var ink = composer.composed(random: &random)
    if style.skewedShare > 0, random.chance(style.skewedShare) {
      ink = ink.turnedLevel(from: -random.uniform(in: style.skew))
    }
    return GeneratedLetter(image: Paper.printed(ink, style: style, random: &random), truth: truth, kind: kind)
  }

  private func writeDigits(
    count: Int, at index: Int, on composer: inout LineComposer, random: inout RandomStream
  ) -> [Symbol] {
    let code = count == 5 ? codes?.randomCode(&random) : nil
    return (0..<count).map { position in
      let glyph: DigitBank.Glyph
      if let code, let member = randomMember(of: code[position], &random) {
        glyph = bank.glyphs[member]
      } else {
        glyph = bank.glyphs[order[place(position, of: index)]]
      }
      composer.add(glyph.plane, deformation: composer.hand.deformation(&random), random: &random)
      return .digit(glyph.label)
    }
  }

  private func writeLetters(
    mixed: Bool, at index: Int, on composer: inout LineComposer, random: inout RandomStream
  ) -> [Symbol] {
    let count = mixed ? 5 : random.integer(in: 3...6)
    var isLetter = [Bool](repeating: !mixed, count: count)
    if mixed {
      for _ in 0..<random.integer(in: 1...2) { isLetter[random.integer(below: count)] = true }
    }
    return (0..<count).map { position in
      if isLetter[position] {
        let letter = StrokeFont.unmistakable[random.integer(below: StrokeFont.unmistakable.count)]
        let drawing = StrokeFont.written(letter, random: &random)
        composer.add(drawing, deformation: composer.hand.deformation(&random), random: &random)
        return .nonDigit
      }
      let glyph = bank.glyphs[order[place(position, of: index)]]
      composer.add(glyph.plane, deformation: composer.hand.deformation(&random), random: &random)
      return .digit(glyph.label)
    }
  }

  /// Where in the endless shuffled walk through the digits a letter finds its own.
  private func place(_ position: Int, of index: Int) -> UInt64 {
    UInt64(bitPattern: Int64(index)) &* 5 &+ UInt64(position)
  }

  private func randomMember(of digit: UInt8, _ random: inout RandomStream) -> Int? {
    let members = bank.members[Int(digit)]
    return members.isEmpty ? nil : members[random.integer(below: members.count)]
  }
}

extension LetterKind {
  var needsDigits: Bool {
    switch self {
    case .code, .fourDigits, .sixDigits, .otherLength, .mixed: true
    case .word, .blank, .scribble, .texture: false
    }
  }

  func digitCount(_ random: inout RandomStream) -> Int {
    switch self {
    case .fourDigits: 4
    case .sixDigits: 6
    case .otherLength: [1, 2, 3, 7][random.integer(below: 4)]
    default: 5
    }
  }
}
