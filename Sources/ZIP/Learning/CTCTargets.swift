/// What the letters of a batch say, laid out so that the CTC loss is products and sums of dense tensors.
///
/// A string of *n* symbols has 2*n* + 1 states: its symbols with a blank before, between and after. With *p*
/// `[batch, steps, 12]` the network's probabilities and *e* = *p* · `labels` `[batch, steps, states]` those of the
/// states, the forward variables of Graves et al. (2006) are
///
///     α₁ = e₁ · start,  αₜ = (αₜ₋₁ + shift₁ αₜ₋₁ + skips · shift₂ αₜ₋₁) · eₜ
///
/// where shiftₖ moves along the states by *k* and fills with zeros; each αₜ is divided by its sum *c*ₜ, and the loss is
/// −Σ log *c*ₜ − log Σ (α · `ends`). Nothing is gathered, scattered or infinite; states beyond a string's own have no
/// label and so no probability.
public struct CTCTargets: Sendable {
  /// The number of letters.
  public let count: Int
  /// The number of states: 2 · the longest string allowed + 1.
  public let states: Int
  /// `[count, 12, states]`: 1 where the state is that class.
  public let labels: [Float]
  /// `[count, states]`: 1 where a state may be entered from two before: not from blank to blank, nor to an equal symbol.
  public let skips: [Float]
  /// `[count, states]`: 1 for the states in which a string may end: its last symbol and the blank after it.
  public let ends: [Float]

  /// The layout of some strings; symbols beyond `longest` are left out.
  ///
  /// - Complexity: O(`count` × `longest`).
  public init(_ strings: [[Symbol]], longest: Int = 7) {
    let longest = max(longest, 1)
    count = strings.count
    states = 2 * longest + 1
    let classes = Symbol.classCount
    var labels = [Float](repeating: 0, count: count * classes * states)
    var skips = [Float](repeating: 0, count: count * states)
    var ends = skips
    for (index, string) in strings.enumerated() {
      let symbols = string.prefix(longest).map(\.classIndex)
      for state in 0...(2 * symbols.count) {
        let isBlank = state % 2 == 0
        let symbolClass = isBlank ? Symbol.blankClass : symbols[state / 2]
        labels[(index * classes + symbolClass) * states + state] = 1
        if !isBlank, state >= 3, symbols[state / 2 - 1] != symbolClass { skips[index * states + state] = 1 }
      }
      ends[index * states + 2 * symbols.count] = 1
      if !symbols.isEmpty { ends[index * states + 2 * symbols.count - 1] = 1 }
    }
    self.labels = labels
    self.skips = skips
    self.ends = ends
  }
}
