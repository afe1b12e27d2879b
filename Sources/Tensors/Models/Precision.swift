import DescentGraph

/// The element types of a pass: of the parameters, of what layers compute, and of what comes out.
///
/// ```swift
/// let logits = try withPrecision(.bfloat16) { model.predict(images) }
/// ```
///
/// Layers convert their inputs and parameters to the type of the computation; parameters stay in theirs, so that gradients
/// arrive in it and small steps are not lost. What is sensitive to rounding keeps to a wider type by itself: the
/// normalization of layers, sums within products, losses. Source: Micikevicius et al., "Mixed Precision Training", 2018.
///
/// A model that computes with its input itself, as in `x + layer(x)`, needs both in one type:
/// `Run.current.input(x)` is the input in the type of the computation. `predict` gives a model its input so already.
public struct Precision: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The type in which parameters get their first values.
  public var parameters: ElementType
  /// The type in which layers compute.
  public var computation: ElementType
  /// The type of what `predict` gives.
  public var results: ElementType

  /// A precision of its own.
  ///
  /// With 16 bits that have few for the exponent, float16, small gradients vanish unless the loss is scaled up; bfloat16
  /// has the exponents of float32.
  public init(parameters: ElementType = .float32, computation: ElementType, results: ElementType = .float32) {
    self.parameters = parameters
    self.computation = computation
    self.results = results
  }

  /// Float32 throughout.
  public static let float32 = Precision(computation: .float32)
  /// Computation in bfloat16 over parameters in float32, with results in float32.
  public static let bfloat16 = Precision(computation: .bfloat16)

  /// Computation in float16 over parameters in float32, with results in float32; see `scalingLoss` of optimizers, without
  /// which small gradients vanish.
  public static let float16 = Precision(computation: .float16)

  /// The three types: `bfloat16 over float32 parameters, float32 results`.
  public var description: String { "\(computation) over \(parameters) parameters, \(results) results" }

  /// The first of the types that is none of floating-point numbers, as an error.
  var refusal: TensorError? {
    for (word, type) in [("parameters", parameters), ("computation", computation), ("results", results)]
    where !type.isFloatingPoint {
      return TensorError(
        "withPrecision", "the type of the \(word) is \(type); it must be one of floating-point numbers")
    }
    return nil
  }
}

/// Calls a function with every pass through a model having the given element types.
///
/// - Parameters:
///   - precision: The element types.
///   - body: The function.
public func withPrecision<Result>(_ precision: Precision, _ body: () throws -> Result) rethrows -> Result {
  try Run.current.with(precision).perform(body)
}

extension Run {
  /// A layer's input in the type that the pass computes in; integers and booleans, and any tensor where no precision is
  /// set, as they are.
  ///
  /// Layers of the library ask for it themselves. One of your own does where it computes with its input itself,
  /// or begins a state: `Run.current.input(Tensor(zeros: [batch, units]))`.
  public func input(_ tensor: Tensor) -> Tensor { converted(tensor, to: precision?.computation) }

  /// What a model gives, in the type of the pass's results; integers and booleans, and any tensor where no precision is set,
  /// as they are.
  public func result(_ tensor: Tensor) -> Tensor { converted(tensor, to: precision?.results) }

  /// A parameter's first values, in the type that parameters have in this pass.
  func parameter(_ tensor: Tensor) -> Tensor { converted(tensor, to: precision?.parameters) }

  private func converted(_ tensor: Tensor, to type: ElementType?) -> Tensor {
    guard let type, tensor.error == nil, tensor.elementType.isFloatingPoint, tensor.elementType != type else {
      return tensor
    }
    if let refusal = precision?.refusal { return Tensor(error: refusal) }
    return tensor.converted(to: type)
  }
}
