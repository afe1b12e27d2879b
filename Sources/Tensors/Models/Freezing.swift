extension Model {
  /// Lets parameters stay as they are while the rest of the model is trained: they have no gradient, no optimizer moves
  /// them, lets them decay or remembers anything of them, and running statistics among them are not updated.
  ///
  /// ```swift
  /// model.freeze { $0.path.hasPrefix("encoder") }
  /// ```
  ///
  /// Batch normalization whose running statistics are frozen normalizes by them, as in inference. A layer without
  /// parameters, such as dropout, is not concerned. Files hold values alone: a model that is loaded keeps what is frozen in
  /// it, and what was frozen in the one that was saved is not known. Training that has begun has a model of its own, which
  /// this does not change.
  ///
  /// A tensor that the model holds as it is, and not in a `Parameter`, cannot be frozen; one that is chosen carries an error
  /// that says so.
  ///
  /// - Parameter isChosen: Chooses the parameters by what is known of them; all where left out.
  /// - Returns: What was chosen, as it is afterwards; empty where nothing was, as where a path is misspelt.
  /// - Complexity: O(properties).
  @discardableResult
  public mutating func freeze(where isChosen: (ParameterInfo) -> Bool = { _ in true }) -> [ParameterInfo] {
    setFrozen(true, where: isChosen)
  }

  /// Lets frozen parameters be again what they were before: trained, or running statistics.
  ///
  /// - Parameter isChosen: Chooses the parameters by what is known of them; all where left out.
  /// - Returns: What was chosen, as it is afterwards.
  /// - Complexity: O(properties).
  @discardableResult
  public mutating func unfreeze(where isChosen: (ParameterInfo) -> Bool = { _ in true }) -> [ParameterInfo] {
    setFrozen(false, where: isChosen)
  }

  /// The model with parameters that stay as they are; see `freeze(where:)`.
  public func freezing(where isChosen: (ParameterInfo) -> Bool = { _ in true }) -> Self {
    var model = self
    model.freeze(where: isChosen)
    return model
  }

  /// The model with frozen parameters being again what they were before; see `unfreeze(where:)`.
  public func unfreezing(where isChosen: (ParameterInfo) -> Bool = { _ in true }) -> Self {
    var model = self
    model.unfreeze(where: isChosen)
    return model
  }

  private mutating func setFrozen(
    _ isFrozen: Bool, where isChosen: (ParameterInfo) -> Bool
  ) -> [ParameterInfo] {
    guard var tree = try? ModelTree(self) else { return [] }
    var tensors = tree.leaves.map(\.tensor)
    var chosen: [ParameterInfo] = []
    for (index, leaf) in tree.leaves.enumerated() where isChosen(ParameterInfo(leaf)) {
      if leaf.isParameter {
        tree.setFrozen(isFrozen, at: index)
      } else if isFrozen, leaf.isTrained {
        tensors[index] = .failure(
          leaf.path.isEmpty ? "freeze" : leaf.path,
          "is a tensor that the model holds as it is, and those are trained; only a Parameter can be frozen")
      }
      chosen.append(ParameterInfo(tree.leaves[index]))
    }
    self = tree.rebuiltCarryingErrors(self, with: tensors)
    return chosen
  }
}
