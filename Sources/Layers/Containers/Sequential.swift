import DescentGraph
import DescentTensors

/// Layers of any types one after the other, each given what the one before it gave.
///
/// ```swift
/// let model = Sequential {
///   Conv2D(filters: 6, size: 5)
///   relu
///   Lambda("flattened") { $0.flattened() }
///   Dense(units: 10)
/// }
/// ```
///
/// A parameter stands at its layer's position, `3.weight`, or under its name where layers were given as a dictionary:
/// `["stem": Conv2D(filters: 6, size: 5), "head": …]` has `stem.weight`. Without layers, it gives its input.
public struct Sequential: Layer {
  private var list: LayerList

  /// Layers one after the other.
  public init(@LayerBuilder _ layers: () -> [any Layer<Tensor, Tensor>]) { list = LayerList(layers()) }

  /// Layers one after the other.
  public init(_ layers: [any Layer<Tensor, Tensor>]) { list = LayerList(layers) }

  /// The layers in their order. Names go with positions: a layer that is put in another one's place has its name.
  public var layers: [any Layer<Tensor, Tensor>] {
    get { list.layers }
    set { list.layers = newValue }
  }

  /// The layers' names, which are their positions where they were given none.
  public var names: [String] { list.names }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    if input.error != nil { return input }
    if let fault = list.fault { return LayerSite("Sequential").failure(fault) }
    return list.layers.reduce(Run.current.input(input)) { LayerList.output(of: $1, $0) }
  }
}

extension Sequential: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
  /// Layers one after the other.
  public init(arrayLiteral layers: any Layer<Tensor, Tensor>...) { list = LayerList(layers) }

  /// Layers under names of their own, in the order in which they are written.
  public init(dictionaryLiteral layers: (String, any Layer<Tensor, Tensor>)...) {
    list = LayerList(layers.map { (name: $0, layer: $1) })
  }
}

extension Sequential {
  /// Reads layers in a walk through the model.
  ///
  /// - Throws: `DecodingError` of an ordinary decoder: a file has no types of Swift code.
  public init(from decoder: any Decoder) throws { list = try LayerList(from: decoder) }

  /// Writes each layer under its name.
  public func encode(to encoder: any Encoder) throws { try list.encode(to: encoder, in: "Sequential") }
}
