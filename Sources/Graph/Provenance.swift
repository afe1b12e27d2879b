import DescentTypes

/// Where a node comes from: the layer and the call that recorded it, and what it is computed for.
///
/// It is not part of what a node means: nodes that differ in it alone are equal, and the first one stays. Transformations
/// copy it to what they write in a node's place.
package struct Provenance: Sendable, Hashable {
  /// The layer.
  package var scope: Scope
  /// The call in the user's program that recorded it, by its number in the table of calls; 0 where it is not known.
  package var call: UInt32
  /// What it is computed for.
  package var phase: PlanPhase

  /// Of no known layer or call, for a function's value.
  package init(scope: Scope = .unknown, call: UInt32 = 0, phase: PlanPhase = .forward) {
    self.scope = scope
    self.call = call
    self.phase = phase
  }

  /// The same for a function that stands in a place: what is not known of the function is that of the place, and what is
  /// computed for derivatives there stays so.
  package func within(_ place: Provenance) -> Provenance {
    Provenance(
      scope: scope == .unknown ? place.scope : scope, call: call == 0 ? place.call : call,
      phase: max(phase, place.phase))
  }

  /// The same, computed for derivatives or what comes after them.
  package var ofDerivative: Provenance { Provenance(scope: scope, call: call, phase: max(phase, .backward)) }
}

extension Provenance {
  /// A layer by the number of its path, so that a node holds four bytes and no text.
  package struct Scope: Sendable, Hashable {
    private let number: UInt32

    private init(number: UInt32) { self.number = number }

    /// No layer that is known.
    package static let unknown = Scope(number: 0)

    /// The paths of all layers, that of no layer first.
    private static let known = Guarded<(paths: [String], numbers: [String: UInt32])>(([""], ["": 0]))

    /// The layer with a path, such as `encoder.conv1`.
    package init(_ path: String) {
      number = Self.known.withLock { known in
        if let number = known.numbers[path] { return number }
        guard known.paths.count < Self.mostPaths else { return 0 }
        let number = UInt32(known.paths.count)
        known.paths.append(path)
        known.numbers[path] = number
        return number
      }
    }

    /// The layer that holds a parameter, from the parameter's path.
    package init(holding parameter: String) {
      guard let end = parameter.lastIndex(of: ".") else {
        self = .unknown
        return
      }
      self.init(String(parameter[..<end]))
    }

    /// The path, empty where no layer is known.
    package var path: String { Self.known.withLock { $0.paths[Int(number)] } }

    /// So many paths are told apart, in a process that makes layers without end.
    private static let mostPaths = 1 << 20
  }
}
