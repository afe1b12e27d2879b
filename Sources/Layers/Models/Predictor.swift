import DescentTensors

/// A model that answers many times: walked once, and compiled once for each form of input.
///
/// ```swift
/// let predictor = try model.predictor()
/// for image in camera { show(try predictor(image)) }
/// ```
///
/// `predict` serves examples in large numbers, in slices; a predictor serves few at a time, where walking the model and
/// recording its function would take longer than its answer. It holds the model as it was when it was made.
///
/// May be called from several threads at once.
public final class Predictor<Network: Layer>: Sendable {
  private let function: Compiled<Network.Output, Network.Input>
  /// The model.
  public let model: Network

  /// Prepares a model; its parameters have values.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - precision: The element types that it computes in, those of its input where none are given.
  /// - Throws: what walking the model throws.
  public init(_ model: Network, precision: Precision? = nil) throws {
    self.model = model
    let tree = try ModelTree(model)
    // Rebuilt, so that parameters know their paths and errors can name them.
    let named = try tree.rebuilt(Network.self, with: tree.leaves.map(\.tensor))
    function = compiled { (input: Network.Input) in
      let run = Run.current.inference()
      return try run.with(precision ?? run.precision).perform { try Run.current.result(try named(input)) }
    }
  }

  /// The model's output, compiled for the first input of each form.
  ///
  /// - Throws: `TensorError` of a mistake in the model, or where the system has no memory left.
  public func callAsFunction(_ input: Network.Input) throws -> Network.Output { try function(input) }

  /// How often the model was compiled: once for each form of input, and again where a plan had to make room for others.
  public var compilationCount: Int { function.compilationCount }
}

extension Layer {
  /// The layer prepared for answering many times; see `Predictor`.
  ///
  /// - Parameter precision: The element types that it computes in, those of its input where none are given.
  /// - Throws: what walking the layer throws.
  public func predictor(precision: Precision? = nil) throws -> Predictor<Self> {
    try Predictor(self, precision: precision)
  }
}
