/// In which order the results of trials count for those that come after them.
public enum ResultOrder: String, Sendable, Hashable, Codable {
  /// By the trials' numbers: which results a trial's method sees depends on its number alone, so that the same seed gives
  /// the same trials with any number of workers. A worker waits where a result that is needed is not there yet.
  case byNumber
  /// As they come: nobody waits, and other numbers of workers give other trials.
  case asTheyCome
}
