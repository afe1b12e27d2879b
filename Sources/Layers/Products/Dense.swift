import DescentGraph
import DescentTensors

/// A fully connected layer: the input times a matrix, plus a vector.
///
/// `[…, features]` becomes `[…, units]`; the number of features is bound by the first example. The weights
/// `[features, units]` are initialized by Glorot and Bengio's rule, which keeps the size of both signals and derivatives for the
/// widest range of activations; before many ReLU without normalization, `.heNormal` is the better choice.
public struct Dense: Layer {
  /// The weights `[features, units]`.
  public var weight = Parameter()
  /// The bias `[units]`, or `nil` for none.
  public var bias: Parameter?
  /// The number of outputs; 0 in a part of a larger layer that tells it by its own input, as attention does.
  public let units: Int
  /// How the weights are initialized; the bias starts at 0.
  public let initializer: Initializer
  /// What is added to the weights and trained in their place, or `nil` for nothing; see `LoRA`.
  public var adapter: LoRA?

  private enum CodingKeys: String, CodingKey { case weight, bias, units, initializer, adapter }

  /// A layer of the given number of units.
  public init(units: Int, bias: Bool = true, initializer: Initializer = .glorotUniform) {
    self.units = units
    self.bias = bias ? Parameter() : nil
    self.initializer = initializer
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    self(input, units: units > 0 ? units : weight.tensor?.shape.last ?? units)
  }

  /// The output for an input, of as many units as the layer around this one asks for.
  func callAsFunction(_ input: Tensor, units: Int) -> Tensor {
    if input.error != nil { return input }
    let site = LayerSite("Dense", holding: weight)
    guard units >= 1 else { return site.failure("has \(units) units; it needs at least 1") }
    guard let features = input.shape.last else { return site.failure("takes an input […, features], found a scalar") }
    if let refusal = site.refusal(of: input) { return refusal }
    if let made = weight.tensor, made.rank == 2, made.shape[1] == units, made.shape[0] != features {
      return site.failure("was made for \(made.shape[0]) features, found an input \(input.shape)")
    }
    return site.computing {
      let input = Run.current.input(input)
      let matrix = site.values(of: weight, [features, units], input.elementType, initializer)
      var product = matmul(input, matrix)
      if let adapter { product = product + adapter.output(of: input, units: units, in: site) }
      let output = bias.map { product + site.values(of: $0, [units], input.elementType, .zeros) } ?? product
      return site.probed(.product, weight, bias, input, output)
    }
  }
}

extension Dense {
  /// What becomes of layers that a walk puts together, where it is there to change them.
  @TaskLocal static var revision: (@Sendable (Dense) -> Dense)?

  /// Reads a layer.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    var dense = Dense(
      units: try container.decode(Int.self, forKey: .units),
      initializer: try container.decode(Initializer.self, forKey: .initializer))
    dense.weight = try container.decode(Parameter.self, forKey: .weight)
    dense.bias = try container.decodeIfPresent(Parameter.self, forKey: .bias)
    dense.adapter = try container.decodeIfPresent(LoRA.self, forKey: .adapter)
    self = Self.revision?(dense) ?? dense
  }
}
