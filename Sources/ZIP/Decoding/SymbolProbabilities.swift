import Foundation

/// What the network says of a line: for each column of the strip, how likely each symbol and the blank are.
///
/// A string of symbols is read off such columns by connectionist temporal classification (Graves et al., 2006): every
/// way to lay the string along the columns, repeating symbols and putting blanks between them, is an alignment; the
/// string's probability is the sum over its alignments. The sums here are taken in Float64: over forty columns, what
/// rounds to 0 is less likely than 10⁻³⁰⁰.
public struct SymbolProbabilities: Sendable {
  /// The number of columns.
  public let steps: Int

  /// The probabilities as `[steps, 12]`: digits 0 … 9, the non-digit, the blank. Each row sums to 1.
  public let values: [Double]

  /// Probabilities from the network's outputs `[steps, 12]`, which may be logits or log-probabilities.
  ///
  /// - Returns: nil where the count is no multiple of 12, is 0, or a number is NaN or +∞.
  /// - Complexity: O(`steps`).
  public init?(logits: some Collection<Float>) {
    let classes = Symbol.classCount
    guard !logits.isEmpty, logits.count % classes == 0 else { return nil }
    guard logits.allSatisfy({ !$0.isNaN && $0 != .infinity }) else { return nil }
    var values = logits.map(Double.init)
    steps = values.count / classes
    for step in 0..<steps {
      let row = (step * classes)..<((step + 1) * classes)
      let largest = values[row].max() ?? 0
      guard largest.isFinite else { return nil }
      for index in row { values[index] = exp(values[index] - largest) }
      let sum = values[row].reduce(0, +)
      for index in row { values[index] /= sum }
    }
    self.values = values
  }

  /// The probability of a symbol at a column.
  subscript(step: Int, symbolClass: Int) -> Double {
    values[step * Symbol.classCount + symbolClass]
  }

  /// The exact probability that the line says `symbols`: the sum over all alignments.
  ///
  /// - Complexity: O(`steps` × `symbols.count`).
  public func probability(of symbols: [Symbol]) -> Double {
    var prefix = PrefixState(empty: self)
    for symbol in symbols { prefix = prefix.extended(by: symbol.classIndex, in: self) }
    return prefix.probability
  }

  /// The exact probability that the line consists of each number of digits 0 … `limit` and nothing else.
  ///
  /// - Complexity: O(`steps` × `limit`).
  public func digitCountProbabilities(upTo limit: Int) -> [Double] {
    let limit = max(limit, 0)
    // Ending in the blank, it does not matter which digit was last; ending in a digit, it does.
    var blank = [Double](repeating: 0, count: limit + 1)
    var digit = [[Double]](repeating: [Double](repeating: 0, count: 10), count: limit + 1)
    blank[0] = 1
    for step in 0..<steps {
      let sums = digit.map { $0.reduce(0, +) }
      var nextBlank = blank
      var nextDigit = digit
      for count in 0...limit {
        nextBlank[count] = self[step, Symbol.blankClass] * (blank[count] + sums[count])
        guard count > 0 else { continue }
        for value in 0..<10 {
          let started = blank[count - 1] + sums[count - 1] - digit[count - 1][value]
          nextDigit[count][value] = self[step, value] * (digit[count][value] + max(started, 0))
        }
      }
      blank = nextBlank
      digit = nextDigit
    }
    return (0...limit).map { blank[$0] + digit[$0].reduce(0, +) }
  }
}

/// How likely the columns so far say exactly a prefix, for every number of columns.
struct PrefixState: Sendable {
  /// The classes of the prefix's symbols.
  let classes: [UInt8]
  /// The probability that the line begins with the prefix, whatever follows.
  let mass: Double
  /// After each column: the prefix has been said, and the column was its last symbol.
  private let endingInSymbol: [Double]
  /// After each column: the prefix has been said, and the column was a blank.
  private let endingInBlank: [Double]

  init(empty probabilities: SymbolProbabilities) {
    classes = []
    mass = 1
    endingInSymbol = [Double](repeating: 0, count: probabilities.steps)
    var product = 1.0
    endingInBlank = (0..<probabilities.steps).map { step in
      product *= probabilities[step, Symbol.blankClass]
      return product
    }
  }

  private init(classes: [UInt8], mass: Double, endingInSymbol: [Double], endingInBlank: [Double]) {
    self.classes = classes
    self.mass = mass
    self.endingInSymbol = endingInSymbol
    self.endingInBlank = endingInBlank
  }

  /// The probability that the line says the prefix and nothing more.
  var probability: Double { (endingInSymbol.last ?? 0) + (endingInBlank.last ?? 1) }

  func extended(by symbolClass: Int, in probabilities: SymbolProbabilities) -> PrefixState {
    let steps = probabilities.steps
    var symbol = [Double](repeating: 0, count: steps)
    var blank = symbol
    var mass = 0.0
    // A symbol that repeats the last one needs a blank between the two.
    let repeats = classes.last.map { Int($0) == symbolClass } ?? false
    for step in 0..<steps {
      let before: Double
      if step == 0 {
        before = classes.isEmpty ? 1 : 0
      } else {
        before = endingInBlank[step - 1] + (repeats ? 0 : endingInSymbol[step - 1])
      }
      let started = probabilities[step, symbolClass] * before
      mass += started
      let previousSymbol = step > 0 ? symbol[step - 1] : 0
      let previousBlank = step > 0 ? blank[step - 1] : 0
      symbol[step] = started + probabilities[step, symbolClass] * previousSymbol
      blank[step] = probabilities[step, Symbol.blankClass] * (previousBlank + previousSymbol)
    }
    return PrefixState(
      classes: classes + [UInt8(symbolClass)], mass: mass, endingInSymbol: symbol, endingInBlank: blank)
  }
}
