import DescentGraph

/// What is known of a parameter without its values: where it stands, of what type it is, and what becomes of it during
/// training. Parameters are chosen by it, for freezing, for loading, or for an optimizer:
///
/// ```swift
/// model.freeze { $0.path.hasPrefix("encoder") }
/// let matrices = { (parameter: ParameterInfo) in parameter.rank >= 2 }
/// ```
public struct ParameterInfo: Sendable, Hashable {
  /// The parameter's place in its model, such as `encoder.conv1.weight`; empty where the model is itself a tensor.
  public let path: String
  /// The shape; `[]` of a parameter that has no values yet, see `isBound`.
  public let shape: Shape
  /// The type of the elements; float32 of a parameter that has no values yet.
  public let elementType: ElementType
  /// What becomes of the parameter during training.
  public let role: Parameter.Role
  /// Whether layers update it while they train, as they do a running statistic; a frozen statistic is still one.
  public let isStatistic: Bool
  /// Whether the parameter has values, so that shape and element type are known.
  public let isBound: Bool

  /// Describes a parameter that has values.
  ///
  /// - Parameter isStatistic: Whether it is a running statistic; where left out, the role says so.
  public init(
    path: String, shape: Shape, elementType: ElementType = .float32, role: Parameter.Role = .trained,
    isStatistic: Bool? = nil
  ) {
    (self.path, self.shape, self.elementType, self.role) = (path, shape, elementType, role)
    self.isStatistic = isStatistic ?? (role == .statistic)
    isBound = true
  }

  /// Describes a tensor of a model that was taken apart.
  package init(_ leaf: ModelTree.Leaf) {
    path = leaf.path
    shape = leaf.tensor?.shape ?? []
    elementType = leaf.tensor?.elementType ?? .float32
    role = leaf.role
    isStatistic = leaf.isStatistic
    isBound = leaf.tensor != nil
  }

  /// The number of axes.
  public var rank: Int { shape.rank }
  /// The number of elements; 0 of a parameter that has no values yet.
  public var count: Int { isBound ? shape.count : 0 }
  /// The last part of the path, which is the property's name: `weight`.
  public var name: String { path.split(separator: ".").last.map(String.init) ?? "" }
  /// Whether the parameter stands at a place, such as `encoder` or `encoder.conv1.weight`, or below it.
  public func isWithin(_ place: String) -> Bool { path.isPath(within: place) }
  /// The place of the layer that holds the parameter, which is the path without its last part: `encoder.conv1`.
  public var layer: String { path.split(separator: ".").dropLast().joined(separator: ".") }
}

extension String {
  /// Whether a path in a model is a place, or that of something within it.
  package func isPath(within place: String) -> Bool { self == place || hasPrefix("\(place).") }
}
