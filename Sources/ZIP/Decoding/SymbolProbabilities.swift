import Foundation

/// What the network says of a line: for each column of the strip, how likely each symbol and the blank are.
///
/// A string of symbols is read off such columns by connectionist temporal classification (Graves et al., 2006): every
/// way to lay the string along the columns, repeating symbols and putting blanks between them, is an alignment; the
/// string's probability is the sum over its alignments. The sums here are taken in Float64: over forty columns, what
/// rounds to 0 is less likely than 10⁻³⁰⁰.
///
/// A line may have been looked at several times, a little changed each time, and by several branches of a network. Then
/// each view has columns of its own, and a string's probability is the mean of those that the views give it.
public struct SymbolProbabilities: Sendable {
  /// The number of columns of a view.
  public let steps: Int

  /// The number of views.
  public let views: Int

  /// The probabilities as `[views, steps, 12]`: digits 0 … 9, the non-digit, the blank. Each row sums to 1.
  public let values: [Double]

  /// Probabilities from the network's outputs `[views, steps, 12]`, which may be logits or log-probabilities.
  ///
  /// - Returns: nil where the count is not a multiple of 12 · `views`, is 0, or a number is NaN or +∞.
  /// - Complexity: O(`views` × `steps`).
  public init?(logits: some Collection<Float>, views: Int = 1) {
    let classes = Symbol.classCount
    guard views > 0, !logits.isEmpty, logits.count % (views * classes) == 0 else { return nil }
    guard logits.allSatisfy({ !$0.isNaN && $0 != .infinity }) else { return nil }
    var values = logits.map(Double.init)
    steps = values.count / (views * classes)
    self.views = views
    for step in 0..<views * steps {
      let row = (step * classes)..<((step + 1) * classes)
      let largest = values[row].max() ?? 0
      guard largest.isFinite else { return nil }
      for index in row { values[index] = exp(values[index] - largest) }
      let sum = values[row].reduce(0, +)
      for index in row { values[index] /= sum }
    }
    self.values = values
  }

  /// The probability of a symbol at a column; the columns of all views are counted through.
  subscript(column: Int, symbolClass: Int) -> Double {
    values[column * Symbol.classCount + symbolClass]
  }

  /// The columns of a view.
  func columns(ofView view: Int) -> Range<Int> { view * steps..<(view + 1) * steps }

  /// The exact probability that the line says `symbols`: the sum over all alignments.
  ///
  /// - Complexity: O(`views` × `steps` × `symbols.count`).
  public func probability(of symbols: [Symbol]) -> Double {
    var prefix = PrefixState(empty: self)
    for symbol in symbols { prefix = prefix.extended(by: symbol.classIndex, in: self) }
    return prefix.probability
  }

  /// The exact probability that the line consists of each number of digits 0 … `limit` and nothing else.
  ///
  /// - Complexity: O(`views` × `steps` × `limit`).
  public func digitCountProbabilities(upTo limit: Int) -> [Double] {
    let limit = max(limit, 0)
    let ofViews = (0..<views).map { digitCountProbabilities(upTo: limit, columns: columns(ofView: $0)) }
    return (0...limit).map { count in ofViews.reduce(0) { $0 + $1[count] } / Double(views) }
  }

  private func digitCountProbabilities(upTo limit: Int, columns: Range<Int>) -> [Double] {
    // Ending in the blank, it does not matter which digit was last; ending in a digit, it does.
    var blank = [Double](repeating: 0, count: limit + 1)
    var digit = [[Double]](repeating: [Double](repeating: 0, count: 10), count: limit + 1)
    blank[0] = 1
    for step in columns {
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
  /// The probability that the line says the prefix and nothing more.
  let probability: Double
  /// After each column of a view: the prefix has been said, and the column was its last symbol.
  private let endingInSymbol: [Double]
  /// After each column of a view: the prefix has been said, and the column was a blank.
  private let endingInBlank: [Double]

  init(empty probabilities: SymbolProbabilities) {
    var blank: [Double] = []
    for view in 0..<probabilities.views {
      var product = 1.0
      for column in probabilities.columns(ofView: view) {
        product *= probabilities[column, Symbol.blankClass]
        blank.append(product)
      }
    }
    let symbol = [Double](repeating: 0, count: blank.count)
    self.init(classes: [], mass: 1, endingInSymbol: symbol, endingInBlank: blank, in: probabilities)
  }

  private init(
    classes: [UInt8], mass: Double, endingInSymbol: [Double], endingInBlank: [Double],
    in probabilities: SymbolProbabilities
  ) {
    self.classes = classes
    self.mass = mass
    self.endingInSymbol = endingInSymbol
    self.endingInBlank = endingInBlank
    var sum = 0.0
    for view in 0..<probabilities.views {
      let last = probabilities.columns(ofView: view).upperBound - 1
      sum += endingInSymbol[last] + endingInBlank[last]
    }
    probability = sum / Double(probabilities.views)
  }

  func extended(by symbolClass: Int, in probabilities: SymbolProbabilities) -> PrefixState {
    var symbol = [Double](repeating: 0, count: endingInSymbol.count)
    var blank = symbol
    var mass = 0.0
    // A symbol that repeats the last one needs a blank between the two.
    let repeats = classes.last.map { Int($0) == symbolClass } ?? false
    for view in 0..<probabilities.views {
      var before = classes.isEmpty ? 1.0 : 0
      var (previousSymbol, previousBlank) = (0.0, 0.0)
      for column in probabilities.columns(ofView: view) {
        let likelihood = probabilities[column, symbolClass]
        let started = likelihood * before
        mass += started
        previousBlank = probabilities[column, Symbol.blankClass] * (previousBlank + previousSymbol)
        previousSymbol = started + likelihood * previousSymbol
        symbol[column] = previousSymbol
        blank[column] = previousBlank
        before = endingInBlank[column] + (repeats ? 0 : endingInSymbol[column])
      }
    }
    return PrefixState(
      classes: classes + [UInt8(symbolClass)], mass: mass / Double(probabilities.views), endingInSymbol: symbol,
      endingInBlank: blank, in: probabilities)
  }
}
