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
    let made = initial(key.split(path))
    return bound.withLock { bound in
      let value = bound[identity] ?? made
      bound[identity] = value
      return value
    }
  }

  /// The value that a parameter was given.
  package subscript(identity: Parameter.Identity) -> Tensor? { bound.withLock { $0[identity] } }
}
