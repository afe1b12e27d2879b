import DescentGraph
import Synchronization

/// A tensor that belongs to a model: learned, or kept as a running statistic.
///
/// A layer declares its parameters without sizes; the first example that passes through gives them shape and initial
/// values. Where a parameter stands in its model (`encoder.conv1.weight`) is its name, in errors and files alike.
public struct Parameter: Sendable {
  /// What becomes of a parameter during training.
  public enum Role: String, Sendable, Codable {
    /// It follows its gradient.
    case trained
    /// It stays as it is: it has no gradient, optimizers neither move it nor let it decay, and layers do not update it.
    case frozen
    /// It is a statistic that layers update while they train, and it has no gradient.
    case statistic
  }

  /// Whether the parameter stays as it is, whatever it was before; see `Role.frozen`.
  public package(set) var isFrozen: Bool
  /// Whether layers update it while they train, unless it is frozen.
  public let isStatistic: Bool
  /// The parameter's place in its model, empty before the model has been walked.
  public package(set) var path = ""
  /// The values, once an example or a file has given them.
  public package(set) var tensor: Tensor?
  /// Which parameter this is, `nil` before the model has been walked.
  package internal(set) var identity: Identity?
  /// Whether this stands in a gradient for a parameter that has none.
  var isGradientOfConstant = false

  /// A parameter without size, to be bound by the first example.
  public init(role: Role = .trained) { (isFrozen, isStatistic) = (role == .frozen, role == .statistic) }

  /// A parameter with values.
  public init(_ tensor: Tensor, role: Role = .trained) {
    self.init(role: role)
    self.tensor = tensor
  }

  /// What becomes of the parameter during training.
  public var role: Role { isFrozen ? .frozen : isStatistic ? .statistic : .trained }

  /// The name of the layer that holds the parameter: its path without the last part.
  public var layer: String { path.split(separator: ".").dropLast().joined(separator: ".") }

  /// How errors name the layer that holds the parameter, such as `encoder.hidden1 (Dense)`.
  public func title(of layerType: String) -> String { layer.isEmpty ? layerType : "\(layer) (\(layerType))" }

  /// The values in the shape that the layer needs; in a binding run, new ones where there are none.
  ///
  /// - Parameters:
  ///   - shape: The shape that the layer needs for its input.
  ///   - layerType: How errors name the layer, such as `Dense`.
  ///   - elementType: The type that the layer computes in where the pass has a precision, if not that of the pass.
  ///   - initial: Gives the initial values, from a key of the parameter's own.
  /// - Returns: The values, or a tensor that carries an error where they have another shape or none. Where the pass has a
  ///   precision, in the type of its computation; otherwise in their own.
  public func bound(
    to shape: Shape, in layerType: String, as elementType: ElementType? = nil, initial: (RandomKey, Shape) -> Tensor
  ) -> Tensor {
    let values = values(shape, title(of: layerType), initial)
    guard let elementType, Run.current.precision != nil, values.error == nil else { return Run.current.input(values) }
    return values.converted(to: elementType)
  }

  /// The values, or those that a pass which gives initial values has just given.
  package var known: Tensor? { tensor ?? identity.flatMap { Run.current.binding(of: $0)?[$0] } }

  private func values(_ shape: Shape, _ title: String, _ initial: (RandomKey, Shape) -> Tensor) -> Tensor {
    let binding = identity.flatMap { Run.current.binding(of: $0) }
    if let identity, tensor == nil, let binding {
      return checked(binding.value(of: identity, path) { Run.current.parameter(initial($0, shape)) }, shape, title)
    }
    guard let tensor else { return .failure(title, missing) }
    return checked(tensor, shape, title)
  }

  private func checked(_ tensor: Tensor, _ shape: Shape, _ title: String) -> Tensor {
    guard tensor.error != nil || tensor.shape == shape else {
      return .failure(title, "its \(name) has the shape \(tensor.shape), this input needs \(shape)")
    }
    return tensor
  }

  /// What errors say where there are no values.
  private var missing: String {
    let run = Run.current
    if run.receives(identity) {
      return "has no parameters, since the pass that bound the model did not lead through it; let the first batch lead"
        + " through all layers, or give the model an example with initialized(for:seed:)"
    }
    if run.isTraining {
      return "has no parameters yet and is not part of the model that is trained here; give it an example with"
        + " initialized(for:seed:), or load a file"
    }
    return "has no parameters yet; give the model an example with initialized(for:seed:), train it, or load a file"
  }

  /// The value that this pass has given the running statistic so far, or the one from before the pass.
  ///
  /// A layer that is used twice in one pass updates twice, one after the other.
  public var latest: Tensor? {
    guard let identity else { return tensor }
    return Run.current.latest(of: identity, otherwise: tensor, isStatistic: isStatistic && !isFrozen)
  }

  /// Gives a running statistic its next value, which whoever trains the model keeps: a training step, or
  /// `training(_:seed:_:)`. Of a model that is not trained but only takes part, such as a teacher, nobody keeps it, and a
  /// frozen statistic stays as it is.
  public func update(to value: Tensor) {
    guard let identity, !isFrozen else { return }
    let run = Run.current
    run.report(
      RunReports.Statistic(
        identity: identity, path: path, value: value, before: latest, isTraining: run.isTraining))
  }

  /// The last part of the path: the property's name.
  private var name: String { path.split(separator: ".").last.map(String.init) ?? "parameter" }
}

extension Parameter {
  /// Tells a parameter from all others, those with the same path in another model or in a copy of this one included.
  ///
  /// A walk that begins something gives new ones: a training step, a binding pass, a recorded function.
  package struct Identity: Hashable, Sendable {
    private let number: Int
    private static let count = Atomic<Int>(0)

    /// New identities.
    package static func fresh(_ count: Int) -> [Identity] {
      let first = Self.count.wrappingAdd(count, ordering: .relaxed).oldValue
      return (first..<first + count).map(Identity.init)
    }
  }
}

extension Parameter: Codable {
  private enum CodingKeys: String, CodingKey { case role, tensor, isFrozen }

  /// Reads a parameter that an ordinary encoder wrote; models are walked by an encoder of their own.
  public init(from decoder: any Decoder) throws {
    if let model = decoder as? ModelDecoder {
      self = try model.leaf(Parameter.self)
      return
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(role: try container.decode(Role.self, forKey: .role))
    if try container.decodeIfPresent(Bool.self, forKey: .isFrozen) == true { isFrozen = true }
    tensor = try container.decodeIfPresent(Tensor.self, forKey: .tensor)
  }

  /// Writes role and values with an ordinary encoder; what a frozen parameter was before is written, too.
  public func encode(to encoder: any Encoder) throws {
    if let model = encoder as? ModelEncoder { return try model.write(self) }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(isStatistic ? Role.statistic : .trained, forKey: .role)
    if isFrozen { try container.encode(true, forKey: .isFrozen) }
    try container.encodeIfPresent(tensor, forKey: .tensor)
  }
}
