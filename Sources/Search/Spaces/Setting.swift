/// The value of one parameter of a search.
public enum Setting: Hashable, Sendable {
  /// A real number.
  case real(Double)
  /// A whole number.
  case integer(Int)
  /// One of several options, by its position among them.
  case choice(Int)
  /// On or off.
  case toggle(Bool)
  /// Some of several options, by their positions, in ascending order.
  case subset([Int])
  /// An order of several options: their positions, each once.
  case permutation([Int])
}

/// The values of the parameters of one trial, by name.
public typealias Settings = [String: Setting]
