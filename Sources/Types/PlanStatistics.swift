/// The figures of a plan that are known before it runs.
public struct PlanStatistics: Sendable, Hashable {
  /// The nodes of the graph that was compiled.
  public var nodesBefore = 0
  /// The nodes left after simplification.
  public var nodesAfter = 0
  /// What each pass did, in order.
  public var passes: [PassRecord] = []
  /// The number of kernels that a run calls.
  public var kernels = 0
  /// The names of operations that run their reference evaluation, because the backend has no kernel for them; normally empty.
  public var referenceOperations: [String] = []
  /// The memory of intermediate values, in bytes, one arena for all of them.
  public var arenaBytes = 0
  /// The memory of outputs that do not take a donated input's place, in bytes.
  public var outputBytes = 0
  /// The memory of constants, in bytes, shared by all runs.
  public var constantBytes = 0
  /// What one run occupies in addition to its inputs and the constants, in bytes: arena and outputs.
  public var peakBytes: Int { arenaBytes + outputBytes }
  /// About what the plan itself takes for as long as it is kept, in bytes: its graph, its kernels, its constants.
  public var heldBytes = 0
  /// How long compilation took, in seconds.
  public var compileSeconds = 0.0

  /// Statistics that are all 0.
  public init() {}
}

/// What one pass of the compiler did.
public struct PassRecord: Sendable, Hashable {
  /// The pass.
  public var name: String
  /// The number of nodes it was given.
  public var nodesBefore: Int
  /// The number of nodes it left.
  public var nodesAfter: Int

  /// Records a pass.
  public init(_ name: String, nodesBefore: Int, nodesAfter: Int) {
    self.name = name
    self.nodesBefore = nodesBefore
    self.nodesAfter = nodesAfter
  }
}
