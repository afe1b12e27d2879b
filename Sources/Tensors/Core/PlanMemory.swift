import DescentBackends

/// The memory that is kept for what may come again: compiled plans, and working memory for their runs.
///
/// A function that is computed again with tensors of the same shapes finds its plan; one with other shapes needs another.
/// Plans of all kinds (of tensors that are read, of `compiled` functions, of training steps and validation) share one
/// limit, and no function has more than 512. Those that were not used for longest are dropped and compiled anew where they
/// are needed again. Intermediate
/// values lie in working memory that plans share which do not run at once. It grows to what the largest plan asks for,
/// once for each thread that runs one, and is given back when it was not needed for ten seconds.
///
/// ```swift
/// PlanMemory.planLimit = 512 << 20
/// print(PlanMemory.usage)
/// ```
public enum PlanMemory {
  /// What is kept at a moment.
  public struct Usage: Sendable, Hashable {
    /// The number of compiled plans.
    public var planCount = 0
    /// About what they hold, in bytes.
    public var planBytes = 0
    /// The number of pieces of working memory, those of runs under way included.
    public var arenaCount = 0
    /// Their sizes together, in bytes.
    public var arenaBytes = 0
  }

  /// What is kept now.
  public static var usage: Usage {
    let (plans, arenas) = (PlanBudget.shared.usage, Backend.kept.map(\.usage))
    return Usage(
      planCount: plans.count, planBytes: plans.bytes, arenaCount: arenas.reduce(0) { $0 + $1.count },
      arenaBytes: arenas.reduce(0) { $0 + $1.bytes })
  }

  /// The most bytes that compiled plans hold together, 128 MiB unless `DESCENT_PLAN_LIMIT` says otherwise.
  ///
  /// The plan that was used last is kept in any case. Where the plans that take turns in a program do not fit, it spends
  /// its time compiling: raise the limit.
  public static var planLimit: Int {
    get { PlanBudget.shared.limit }
    set { PlanBudget.shared.limit = newValue }
  }

  /// The most bytes of working memory that wait for their next run, half of the machine's memory unless
  /// `DESCENT_ARENA_LIMIT` says otherwise.
  ///
  /// What a run needs it has in any case; with a limit below that, each run asks the system for its memory anew. Each
  /// backend that keeps working memory has a limit of its own, of which this is the largest; it sets all of them.
  public static var arenaLimit: Int {
    get { Backend.kept.map(\.limit).max() ?? 0 }
    set { for memory in Backend.kept { memory.limit = newValue } }
  }

  /// Drops everything that is kept and not in use. What is needed again is compiled and allocated anew.
  public static func release() {
    PlanBudget.shared.clear()
    for memory in Backend.kept { memory.release() }
  }
}
