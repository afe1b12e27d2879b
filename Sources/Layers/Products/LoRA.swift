import DescentGraph
import DescentTensors

/// A low-rank adapter of a fully connected layer: what is added to its weights is the product of two thin matrices, which alone
/// are trained.
///
/// ```swift
/// let dense = trained.output.adapted(by: LoRA(rank: 8, alpha: 16))
/// let model = try trained.freezing().adapting(with: LoRA(rank: 8)) { $0.path.contains("attention") }
/// let plain = try model.merged()
/// ```
///
/// The layer computes x · (W + alpha / rank · down · up). `up` begins at 0, so that nothing changes at first. Parameters stand
/// beside the weights, at `adapter.down` and `adapter.up`. Source: Hu et al., "LoRA", 2021.
public struct LoRA: Model {
  /// From the input to the few features in between, `[features, rank]`.
  public var down = Parameter()
  /// From these to the outputs, `[rank, units]`, initially 0.
  public var up = Parameter()
  /// The number of features in between.
  public let rank: Int
  /// What the product is multiplied by, times the rank.
  public let alpha: Double
  /// The fraction of the adapter's input that is dropped while training.
  public let dropout: Double

  /// An adapter.
  ///
  /// - Parameters:
  ///   - rank: The number of features in between, at least 1.
  ///   - alpha: What the product is multiplied by, times the rank: the rank where none is given.
  ///   - dropout: The fraction of the adapter's input that is dropped while training.
  public init(rank: Int, alpha: Double? = nil, dropout: Double = 0) {
    (self.rank, self.alpha, self.dropout) = (rank, alpha ?? Double(rank), dropout)
  }

  private var factor: Double { alpha / Double(max(1, rank)) }

  /// What is added to a layer's output.
  func output(of input: Tensor, units: Int, in site: LayerSite) -> Tensor {
    guard rank >= 1, alpha.isFinite else {
      return site.failure("its adapter needs a rank of at least 1 and a finite alpha, found \(rank) and \(alpha)")
    }
    let features = input.shape[input.rank - 1]
    let down = site.values(of: down, [features, rank], input.elementType, .heUniform)
    let up = site.values(of: up, [rank, units], input.elementType, .zeros)
    let dropped = dropout == 0 ? input : Dropout(rate: dropout)(input)
    return matmul(matmul(dropped, down), up) * factor
  }

  /// What is added to the weights, `[features, units]`; `nil` where the adapter has no values yet.
  var change: Tensor? {
    guard let down = down.tensor, let up = up.tensor else { return nil }
    return matmul(down, up) * factor
  }
}

extension Dense {
  /// The layer with an adapter, and its own weights and bias frozen; an adapter that it has is merged before.
  public func adapted(by adapter: LoRA) -> Dense {
    var dense = plain
    (dense.weight, dense.bias) = (dense.weight.freezing, bias?.freezing)
    dense.adapter = adapter
    return dense
  }

  /// The layer with its adapter taken into its weights.
  fileprivate var plain: Dense {
    var dense = self
    dense.adapter = nil
    if let tensor = weight.tensor, let change = adapter?.change {
      dense.weight.tensor = tensor + change.converted(to: tensor.elementType)
    }
    return dense
  }
}

extension Parameter {
  /// The parameter, which stays as it is.
  fileprivate var freezing: Parameter {
    var parameter = self
    parameter.isFrozen = true
    return parameter
  }
}

extension Model {
  /// The model with low-rank adapters in fully connected layers that it holds, whose own weights and biases are frozen; the
  /// adapters are bound by the next example.
  ///
  /// Everything else stays as it is: `model.freezing().adapting(…)` trains the adapters alone.
  ///
  /// - Parameters:
  ///   - adapter: The adapter that each of them gets.
  ///   - isChosen: Chooses layers by what is known of their weights; all `Dense` where left out.
  /// - Throws: what walking the model throws.
  /// - Complexity: O(properties).
  public func adapting(
    with adapter: LoRA, where isChosen: @escaping @Sendable (ParameterInfo) -> Bool = { _ in true }
  ) throws -> Self {
    try revisingDense { dense, weight in isChosen(weight) ? dense.adapted(by: adapter) : dense }
  }

  /// The model with all low-rank adapters taken into the weights of their layers, which stay frozen until
  /// `unfreeze(where:)`.
  ///
  /// The result computes the same to rounding.
  ///
  /// - Throws: what walking the model throws.
  /// - Complexity: O(properties); the products are computed when they are needed.
  public func merged() throws -> Self { try revisingDense { dense, _ in dense.plain } }

  private func revisingDense(_ revise: @escaping @Sendable (Dense, ParameterInfo) -> Dense) throws -> Self {
    let tree = try ModelTree(self)
    let infos = Dictionary(tree.leaves.map { ($0.path, ParameterInfo($0)) }) { first, _ in first }
    let revision: @Sendable (Dense) -> Dense = { dense in
      guard let info = infos[dense.weight.path] else { return dense }
      return revise(dense, info)
    }
    return try Dense.$revision.withValue(revision) {
      try tree.rebuilt(Self.self, with: tree.leaves.map(\.tensor))
    }
  }
}
