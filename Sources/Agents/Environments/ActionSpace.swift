/// The actions that an environment takes.
public enum ActionSpace: Hashable, Sendable, Codable {
  /// One of a number of actions, counted from 0: a scalar of type int32.
  case discrete(Int)
  /// Several choices at once, with the number of actions of each: a vector of type int32.
  case multiDiscrete([Int])
  /// Numbers within bounds, one pair of bounds per component: a vector.
  case box(low: [Double], high: [Double])
}
