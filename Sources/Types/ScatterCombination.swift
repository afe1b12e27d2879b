/// What an update does to the element that it meets.
public enum ScatterCombination: String, Sendable, Hashable, CaseIterable {
  /// It is added. Linear in the tensor and in the updates.
  case add
  /// It takes the element's place; the last of several wins. Linear in the tensor and in the updates, of which only
  /// the winners receive a cotangent.
  case set
  /// The larger stays. Those that are equal to the result share the derivative evenly.
  case maximum
  /// The smaller stays. Those that are equal to the result share the derivative evenly.
  case minimum
  /// They are multiplied. Each factor's derivative is the product of the others, also where factors are 0; second
  /// derivatives too, third ones are those of factors other than 0.
  case multiply
}
