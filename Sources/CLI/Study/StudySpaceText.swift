import Descent

/// The words of `--space`, such as `x=-5..10,rate=1e-5..0.1:log,layers=1..4:int,kind=relu|gelu,bias=toggle`.
enum StudySpaceText {
  static let help = """
    The parameters, as x=-5..10,y=0..15. A range may end in :log, :int and :step=0.5; \
    kind=relu|gelu|tanh is a choice, bias=toggle on or off.
    """

  /// - Throws: `ExplainError` where a part cannot be read; `SearchError` of a range that makes no sense.
  static func space(_ items: [String]) throws -> Space {
    var parameters: [Space.Parameter] = []
    for item in items.flatMap({ $0.split(separator: ",") }) {
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(NamedValues.trimmed)
      guard parts.count == 2, NamedValues.isName(parts[0]) else {
        throw ExplainError("--space \(item): say NAME=FROM..TO, NAME=ONE|OTHER or NAME=toggle, such as x=0..1")
      }
      parameters.append(.init(parts[0], try domain(parts[1], of: item)))
    }
    guard !parameters.isEmpty else { throw ExplainError("--space gives no parameter; say --space x=0..1") }
    let space = Space(parameters)
    try space.check()
    return space
  }

  private static func domain(_ text: String, of item: Substring) throws -> Domain {
    if text == "toggle" { return .toggle }
    guard text.contains("..") else {
      guard text.contains("|") else {
        throw ExplainError("--space \(item): '\(text)' is neither FROM..TO nor ONE|OTHER nor toggle")
      }
      return .choice(
        text.split(separator: "|", omittingEmptySubsequences: false).map(NamedValues.trimmed))
    }
    var words = text.split(separator: ":", omittingEmptySubsequences: false).map(NamedValues.trimmed)
    let ends = words.removeFirst().split(separator: "..", omittingEmptySubsequences: false).map(String.init)
    guard ends.count == 2 else { throw ExplainError("--space \(item): a range is FROM..TO, such as -5..10") }
    var (scale, isWhole, step): (Domain.Scale, Bool, String?) = (.linear, false, nil)
    for word in words {
      switch word {
      case "log": scale = .logarithmic
      case "int": isWhole = true
      case _ where word.hasPrefix("step="): step = String(word.dropFirst("step=".count))
      default: throw ExplainError("--space \(item): ':\(word)' is not known; there are :log, :int and :step=0.5")
      }
    }
    func number<Number: LosslessStringConvertible>(_ text: String, _ words: String) throws -> Number {
      let text = NamedValues.trimmed(Substring(text))
      guard let number = Number(text) else { throw ExplainError("--space \(item): '\(text)' is not \(words)") }
      return number
    }
    func range<Bound: Comparable & LosslessStringConvertible>(_ words: String) throws -> ClosedRange<Bound> {
      let (low, high): (Bound, Bound) = (try number(ends[0], words), try number(ends[1], words))
      guard low <= high else {
        throw ExplainError("--space \(item): \(ends[0]) lies above \(ends[1]), so that nothing lies between them")
      }
      return low...high
    }
    guard isWhole else {
      return .real(try range("a number"), scale: scale, step: try step.map { try number($0, "a number") })
    }
    return .integer(
      try range("a whole number"), scale: scale, step: try step.map { try number($0, "a whole number") } ?? 1)
  }
}
