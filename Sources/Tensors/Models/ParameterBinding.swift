import DescentGraph

/// Gives initial values to parameters that have none, each by the parameter it is: two models with the same paths are
/// bound each on its own.
package final class ParameterBinding: Sendable {
  /// Whether the pass is there for nothing but the initial values.
  let isPass: Bool
  private let key: RandomKey
  private let excluded: Set<Parameter.Identity>
  private let bound = Guarded<[Parameter.Identity: Tensor]>([:])

  /// Initial values for a pass that finds out which are needed.
  ///
  /// - Parameter key: What the keys of the parameters are split from, by their paths.
  package init(_ key: RandomKey) { (self.key, isPass, excluded) = (key, true, []) }

  /// Initial values for a pass through a model that has its own, for whatever else takes part in it.
  ///
  /// - Parameter own: The parameters of the model, which get none here.
  package init(_ key: RandomKey, besides own: [Parameter.Identity]) {
    (self.key, isPass, excluded) = (key, false, Set(own))
  }

  func binds(_ identity: Parameter.Identity) -> Bool { !excluded.contains(identity) }

  /// The value of a parameter, made where there is none yet.
  func value(of identity: Parameter.Identity, _ path: String, _ initial: (RandomKey) -> Tensor) -> Tensor {
    if let known = self[identity] { return known }
    // Made outside the lock: it is the layer's own code.
    return keep(initial(key.split(path)), for: identity)
  }

  fileprivate func keep(_ made: Tensor, for identity: Parameter.Identity) -> Tensor {
    bound.withLock { bound in
      let value = bound[identity] ?? made
      bound[identity] = value
      return value
    }
  }

  fileprivate func key(of path: String) -> RandomKey { key.split(path) }

  /// The value that a parameter was given.
  package subscript(identity: Parameter.Identity) -> Tensor? { bound.withLock { $0[identity] } }
}

extension ModelTree {
  /// The tensors of a model's parameters, those without any with initial values where the pass that is under way gives such.
  ///
  /// - Parameter initial: Gives values for all leaves, from a key; `nil` for one that stays without. It is called once at most.
  package func tensors(initially initial: (RandomKey) throws -> [Tensor?]) throws -> [Tensor?] {
    var made: [Tensor?]?
    return try leaves.indices.map { index in
      let leaf = leaves[index]
      if let tensor = leaf.tensor { return tensor }
      guard let identity = leaf.identity, let binding = Run.current.binding(of: identity) else { return nil }
      if let known = binding[identity] { return known }
      let values = try made ?? initial(binding.key(of: leaf.earlierPath))
      made = values
      return values[index].map { binding.keep(Run.current.parameter($0), for: identity) }
    }
  }
}
