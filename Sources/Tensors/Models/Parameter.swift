import DescentGraph

/// A tensor that belongs to a model: learned, or kept as a running statistic.
///
/// A layer declares its parameters without sizes; the first example that passes through gives them shape and initial
/// values. Where a parameter stands in its model (`encoder.conv1.weight`) is its name, in errors and files alike.
public struct Parameter: Sendable {
  /// What becomes of a parameter during training.
  public enum Role: String, Sendable, Codable {
    /// It follows its gradient.
    case trained
    /// It is a statistic that layers update while they train, and it has no gradient.
    case statistic
  }

  /// What becomes of the parameter during training.
  public let role: Role
  /// The parameter's place in its model, empty before the model has been walked.
  public package(set) var path = ""
  /// The values, once an example or a file has given them.
  public package(set) var tensor: Tensor?

  /// A parameter without size, to be bound by the first example.
  public init(role: Role = .trained) { self.role = role }

  /// A parameter with values.
  public init(_ tensor: Tensor, role: Role = .trained) {
    self.role = role
    self.tensor = tensor
  }

  /// The name of the layer that holds the parameter: its path without the last part.
  public var layer: String { path.split(separator: ".").dropLast().joined(separator: ".") }

  /// How errors name the layer that holds the parameter, such as `encoder.hidden1 (Dense)`.
  public func title(of layerType: String) -> String { layer.isEmpty ? layerType : "\(layer) (\(layerType))" }

  /// The values in the shape that the layer needs; in a binding run, new ones where there are none.
  ///
  /// - Parameters:
  ///   - shape: The shape that the layer needs for its input.
  ///   - layerType: How errors name the layer, such as `Dense`.
  ///   - initial: Gives the initial values, from a key of the parameter's own.
  /// - Returns: The values, or a tensor that carries an error where they have another shape or none.
  public func bound(
    to shape: Shape, in layerType: String, initial: (RandomKey, Shape) -> Tensor
  ) -> Tensor {
    let title = title(of: layerType)
    if let tensor = tensor ?? Run.current.newlyBound(path) {
      guard tensor.error != nil || tensor.shape == shape else {
        return .failure(title, "its \(name) has the shape \(tensor.shape), this input needs \(shape)")
      }
      return tensor
    }
    guard let key = Run.current.bindingKey, !path.isEmpty else {
      return .failure(
        title, "has no parameters yet; give the model an example with initialized(for:seed:), train it, or load a file")
    }
    return Run.current.bind(path, to: initial(key.split(path), shape))
  }

  /// The value that this pass has given the running statistic so far, or the one from before the pass.
  ///
  /// A layer that is used twice in one pass updates twice, one after the other.
  public var latest: Tensor? { (path.isEmpty ? nil : Run.current.updates[path]) ?? tensor }

  /// Gives a running statistic its next value, which the training step keeps.
  public func update(to value: Tensor) { Run.current.update(path, to: value) }

  /// The last part of the path: the property's name.
  private var name: String { path.split(separator: ".").last.map(String.init) ?? "parameter" }
}

extension Parameter: Codable {
  private enum CodingKeys: String, CodingKey { case role, tensor }

  /// Reads a parameter that an ordinary encoder wrote; models are walked by an encoder of their own.
  public init(from decoder: any Decoder) throws {
    if let model = decoder as? ModelDecoder {
      self = try model.leaf(Parameter.self)
      return
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    role = try container.decode(Role.self, forKey: .role)
    tensor = try container.decodeIfPresent(Tensor.self, forKey: .tensor)
  }

  /// Writes role and values with an ordinary encoder.
  public func encode(to encoder: any Encoder) throws {
    if let model = encoder as? ModelEncoder { return try model.write(self) }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(role, forKey: .role)
    try container.encodeIfPresent(tensor, forKey: .tensor)
  }
}
