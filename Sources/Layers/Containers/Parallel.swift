import DescentGraph
import DescentTensors

/// Layers that are all given the same input, and what they make of it taken together.
///
/// ```swift
/// Parallel(.concatenated()) {
///   Conv2D(filters: 16, size: 1)
///   Conv2D(filters: 16, size: 3, padding: .same)
/// }
/// ```
///
/// Parameters stand at their layer's position, `0.weight`, or under its name where layers were given with names.
public struct Parallel: Layer {
  /// How the layers' outputs become one.
  public enum Combination: Sendable, Hashable, Codable {
    /// Added up; all of one shape.
    case sum
    /// Averaged; all of one shape.
    case mean
    /// Multiplied; all of one shape.
    case product
    /// One after the other along an axis, the last one unless told otherwise.
    case concatenated(axis: Int = -1)
  }

  private var list: LayerList
  /// How the layers' outputs become one.
  public let combination: Combination

  /// Layers that are given the same input.
  public init(
    _ combination: Combination = .concatenated(), @LayerBuilder _ layers: () -> [any Layer<Tensor, Tensor>]
  ) {
    self.combination = combination
    list = LayerList(layers())
  }

  /// Layers that are given the same input, under names of their own.
  public init(
    _ combination: Combination = .concatenated(), named layers: KeyValuePairs<String, any Layer<Tensor, Tensor>>
  ) {
    self.combination = combination
    list = LayerList(layers.map { (name: $0.key, layer: $0.value) })
  }

  /// The layers in their order. Names go with positions: a layer that is put in another one's place has its name.
  public var layers: [any Layer<Tensor, Tensor>] {
    get { list.layers }
    set { list.layers = newValue }
  }

  /// The layers' names, which are their positions where they were given none.
  public var names: [String] { list.names }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    if input.error != nil { return input }
    let site = LayerSite("Parallel")
    if let fault = list.fault { return site.failure(fault) }
    let outputs = list.layers.map { LayerList.output(of: $0, input) }
    if let failed = outputs.first(where: { $0.error != nil }) { return failed }
    guard let first = outputs.first else { return site.failure("has no layers; it needs at least one") }
    if case .concatenated(let axis) = combination { return site.titled(concatenated(outputs, axis: axis)) }
    if let odd = outputs.firstIndex(where: { $0.shape != first.shape }) {
      return site.failure(
        "its layers must give one shape where \(combination) is taken, found \(first.shape) of layer"
          + " '\(list.names[0])' and \(outputs[odd].shape) of layer '\(list.names[odd])'")
    }
    switch combination {
    case .product: return outputs.dropFirst().reduce(first) { $0 * $1 }
    case .mean: return outputs.dropFirst().reduce(first) { $0 + $1 } * (1 / Double(outputs.count))
    default: return outputs.dropFirst().reduce(first) { $0 + $1 }
    }
  }
}

extension Parallel {
  private enum CodingKeys: String, CodingKey { case combination = ".combination" }

  /// Reads layers in a walk through the model.
  ///
  /// - Throws: `DecodingError` of an ordinary decoder: a file has no types of Swift code.
  public init(from decoder: any Decoder) throws {
    list = try LayerList(from: decoder)
    combination = try decoder.container(keyedBy: CodingKeys.self).decode(Combination.self, forKey: .combination)
  }

  /// Writes each layer under its name.
  public func encode(to encoder: any Encoder) throws {
    try list.encode(to: encoder, in: "Parallel")
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(combination, forKey: .combination)
  }
}
