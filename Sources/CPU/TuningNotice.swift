import CNative
import DescentGraph
import Logging

/// Tells once, in one line of the log, that choices of implementations cannot be remembered.
enum TuningNotice {
  private static let isMentioned = Guarded(false)

  /// Says it where it is so and was not said yet.
  static func mention() {
    guard let table = dn_tuning_shared(), dn_tuning_mode_of(table) == DN_TUNING_ON else { return }
    var problem = [CChar](repeating: 0, count: errorCapacity)
    dn_tuning_problem(table, &problem, problem.count)
    guard problem[0] != 0 else { return }
    let isFirst = isMentioned.withLock { isMentioned in
      defer { isMentioned = true }
      return !isMentioned
    }
    guard isFirst else { return }
    Logger(label: "descent").notice(
      """
      what is the fastest on this machine cannot be remembered, so that fixed rules choose instead: \(message(problem)); \
      DESCENT_TUNING_FILE names another place, DESCENT_TUNING=off does without
      """)
  }
}
