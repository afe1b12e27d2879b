import DescentGraph
import Synchronization

/// Where a recorded value comes from: its provenance, and what decides about that of values made of it.
///
/// An operation belongs to the layer that records it, where that layer says so; see `RecordingScope`. Others belong to
/// the layer whose parameter they read, so that a layer of the user's own need not say anything, or else to the layer at the
/// end of the longest way to them: an activation to the layer before it. What an optimizer computes of several layers
/// belongs to none.
struct Origin: Sendable {
  /// The provenance.
  let provenance: Provenance
  /// The number of operations on the longest way to the value.
  let depth: UInt32
  /// Whether the value is a parameter, or made of the parameters of one layer alone.
  let isOfParameters: Bool

  /// Of an argument or of a computed value.
  init() { (provenance, depth, isOfParameters) = (Provenance(), 0, false) }

  /// Of a parameter with a path.
  init(ofParameter path: String) {
    provenance = Provenance(scope: Provenance.Scope(holding: path))
    (depth, isOfParameters) = (0, provenance.scope != .unknown)
  }

  /// Of an operation that is recorded now.
  ///
  /// - Parameters:
  ///   - operands: What it is applied to.
  ///   - copied: Its provenance, where it is that of a node which is recorded again.
  init(of operands: [Expression], from copied: Provenance?) {
    var (depth, phase) = (UInt32(0), PlanPhase.forward)
    var inherited = Provenance.Scope.unknown
    var best = -1
    var own = Provenance.Scope.unknown
    var areParameters = true
    var isMixed = false
    for operand in operands {
      let origin = operand.origin
      let scope = origin.provenance.scope
      depth = max(depth, origin.depth)
      phase = max(phase, origin.provenance.phase)
      isMixed = isMixed || scope != .unknown && own != .unknown && own != scope
      isMixed = isMixed || scope != .unknown && inherited != .unknown && inherited != scope
      if origin.isOfParameters {
        areParameters = areParameters && (own == .unknown || own == scope)
        if own == .unknown { own = scope }
      } else {
        areParameters = areParameters && operand.isConstant
        if scope != .unknown, Int(origin.depth) > best { (inherited, best) = (scope, Int(origin.depth)) }
      }
    }
    self.depth = depth &+ 1
    isOfParameters = areParameters && own != .unknown
    if let copied {
      provenance = copied
      return
    }
    let here = RecordingScope.current
    phase = max(phase, here.phase)
    var scope = here.scope != .unknown ? here.scope : own != .unknown ? own : inherited
    // What an optimizer makes of several layers, such as the norm of all gradients, belongs to none of them.
    if phase == .update, isMixed, here.scope == .unknown { scope = .unknown }
    provenance = Provenance(scope: scope, call: CallTable.shared.here(), phase: phase)
  }
}

/// What is recorded within a layer, or for a phase, whatever its operands are.
package struct RecordingScope: Sendable {
  fileprivate var scope = Provenance.Scope.unknown
  fileprivate var phase = PlanPhase.forward

  @TaskLocal private static var inner = RecordingScope()
  /// How many calls of functions within a scope are under way, whoever makes them: mostly there are none, and nothing has
  /// to be looked up.
  private static let underWay = Atomic<Int>(0)

  /// What is in force here.
  fileprivate static var current: RecordingScope {
    underWay.load(ordering: .relaxed) == 0 ? RecordingScope() : inner
  }

  private func perform<Result>(_ body: () throws -> Result) rethrows -> Result {
    Self.underWay.wrappingAdd(1, ordering: .relaxed)
    defer { Self.underWay.wrappingSubtract(1, ordering: .relaxed) }
    return try Self.$inner.withValue(self, operation: body)
  }

  /// Calls a function whose operations belong to a layer.
  ///
  /// - Parameter path: The layer's path in its model.
  package static func layer<Result>(_ path: String, _ body: () throws -> Result) rethrows -> Result {
    var inside = current
    inside.scope = Provenance.Scope(path)
    return try inside.perform(body)
  }

  /// Calls a function whose operations belong to the update of parameters.
  ///
  /// - Parameter parameter: The path of the one parameter that they move, `nil` of several.
  package static func update<Result>(of parameter: String? = nil, _ body: () throws -> Result) rethrows -> Result {
    let inside = RecordingScope(
      scope: parameter.map { Provenance.Scope(holding: $0) } ?? .unknown, phase: .update)
    return try inside.perform(body)
  }
}
