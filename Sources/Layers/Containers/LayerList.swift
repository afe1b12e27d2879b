import DescentGraph
import DescentTensors

/// Layers of whatever types under names of their own, coded so that `name.weight` is where a parameter of one stands.
///
/// A walk through a model cannot know which types to put together again, so that the list writes them down beside the
/// layers, as values that walks keep as they are.
struct LayerList: Sendable {
  /// The layers in their order.
  var layers: [any Layer<Tensor, Tensor>] {
    didSet { names = (0..<layers.count).map { $0 < names.count ? names[$0] : "\($0)" } }
  }
  /// Their names, which are their positions where they were given none.
  private(set) var names: [String]

  init(_ layers: [any Layer<Tensor, Tensor>]) {
    self.layers = layers
    names = layers.indices.map { "\($0)" }
  }

  init(_ layers: [(name: String, layer: any Layer<Tensor, Tensor>)]) {
    self.layers = layers.map(\.layer)
    names = layers.map(\.name)
  }

  /// What is wrong with the names, `nil` for nothing: a name is a part of its parameters' paths.
  var fault: String? {
    var known: Set<String> = []
    for name in names {
      if name.isEmpty || name.contains(".") { return "the name \"\(name)\" of a layer is empty or has a dot in it" }
      if !known.insert(name).inserted { return "two layers have the name \"\(name)\"" }
    }
    return nil
  }

  /// What a layer makes of an input, a tensor that carries the error where it throws one.
  static func output(of layer: any Layer<Tensor, Tensor>, _ input: Tensor) -> Tensor {
    input.error == nil ? Tensor(catching: { try layer(input) }) : input
  }
}

// Walking.
extension LayerList {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    /// No name has a dot.
    static let types = Key(".types")

    init(_ name: String) { stringValue = name }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// The type of a layer under its name.
  private struct NamedType: Sendable, CustomStringConvertible {
    let name: String
    /// Reads a layer of the type.
    let read: @Sendable (KeyedDecodingContainer<Key>) throws -> any Layer<Tensor, Tensor>
    /// What no other type has, unlike its name: types within two functions may have one name.
    private let type: ObjectIdentifier
    let typeName: String

    init<Element: Layer<Tensor, Tensor>>(_ name: String, of layer: Element) {
      self.name = name
      read = { try $0.decode(Element.self, forKey: Key(name)) }
      (type, typeName) = (ObjectIdentifier(Element.self), "\(Element.self)")
    }

    var description: String { "\(name): \(typeName) \(type.hashValue)" }
  }

  /// Puts layers together again.
  ///
  /// - Throws: `DecodingError` where it is not a walk through a model that asks: a file has no types of Swift code.
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let types = try container.decode(OpaqueBox<[NamedType]>.self, forKey: .types).value
    self.init(try types.map { (name: $0.name, layer: try $0.read(container)) })
  }

  /// Writes the layers and their types.
  ///
  /// - Parameter layerType: How errors name the layer that the list belongs to.
  /// - Throws: `TensorError` where two layers would stand at one place.
  func encode(to encoder: any Encoder, in layerType: String) throws {
    if let fault { throw TensorError(layerType, fault) }
    var container = encoder.container(keyedBy: Key.self)
    var types: [NamedType] = []
    for (name, layer) in zip(names, layers) {
      types.append(Self.type(name, of: layer))
      try container.encode(layer, forKey: Key(name))
    }
    let words = types.map { $0.typeName }.joined(separator: ", ")
    try container.encode(OpaqueBox(value: types, name: words), forKey: .types)
  }

  private static func type<Element: Layer<Tensor, Tensor>>(_ name: String, of layer: Element) -> NamedType {
    NamedType(name, of: layer)
  }
}
