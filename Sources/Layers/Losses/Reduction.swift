/// What becomes of the losses of elements or rows.
///
/// All losses take the same two last arguments. `weights` say what each loss counts: numbers, or booleans as a mask, in the
/// shape of the losses or of its leading axes (`[batch]` for losses `[batch, time]`); what counts nothing has no derivative
/// either, even where it is not a number. `reduction` says what is made of the weighted losses.
public enum Reduction: String, Codable, Hashable, Sendable, CaseIterable {
  /// Their sum, divided by that of the weights, or by their number where there are none. Where nothing counts, it is 0.
  case mean
  /// Their sum.
  case sum
  /// Nothing: the weighted losses themselves.
  case none
}
