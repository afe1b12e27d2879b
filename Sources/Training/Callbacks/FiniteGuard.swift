extension Callback {
  /// Ends training in the first step whose loss or gradients are infinite or NaN, and says where such a number came up
  /// first: in the batch, in a parameter, or in which operation of which layer and line. Parameters, statistics and what the
  /// optimizer remembers are as before the step then.
  ///
  /// Where the optimizer scales the loss, see `scalingLoss`, only the loss is looked at: gradients may overflow there, which
  /// leaves the step out and makes the scale smaller.
  ///
  /// Looking at the gradients costs a pass over them in each step; finding the place, the step once more.
  public static let finiteGuard = Callback(FiniteGuard())
}

struct FiniteGuard: TrainingCallback {
  typealias State = StatelessCallback
  let name = "finite guard"
  func observation(ofStep number: Int) -> StepObservation { StepObservation(refusesNonFinite: true) }
}
