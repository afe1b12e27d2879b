import DescentGraph

/// A model taken apart: its tensors with their paths, and everything else as it was.
///
/// Walking goes through the model's own `Codable` conformance, so that the coding paths are the parameters' names.
package struct ModelTree {
  /// A tensor of a model.
  package struct Leaf {
    /// The place in the model, such as `encoder.conv1.weight`; empty where the model is itself a tensor.
    package let path: String
    /// The values, `nil` where no example has bound the parameter yet.
    package var tensor: Tensor?
    /// What becomes of the tensor during training.
    package let role: Parameter.Role
    fileprivate let isParameter: Bool

    /// Whether the tensor has a gradient.
    package var isTrained: Bool { role == .trained && (tensor.map { $0.elementType.isFloatingPoint } ?? true) }
  }

  indirect enum Branch {
    case leaf(Int)
    case value(Any)
    case keyed([String: Branch])
    case list([Branch])
  }

  let root: Branch
  /// The tensors in the order of the walk.
  package private(set) var leaves: [Leaf] = []
  /// The types of what holds tensors, by path, such as `encoder.conv1`: `Conv2D`.
  package private(set) var typeNames: [String: String] = [:]

  /// Takes a model apart.
  ///
  /// - Throws: what the model's `encode(to:)` throws.
  /// - Complexity: O(properties).
  package init<Model: Encodable>(_ model: Model) throws {
    let walk = ModelWalk()
    let slot = ModelSlot()
    try ModelEncoder(walk: walk, slot: slot, codingPath: []).write(model)
    root = slot.branch
    leaves = walk.leaves
    typeNames = walk.typeNames
  }

  /// Puts the model together again with other tensors.
  ///
  /// - Parameter tensors: A tensor, or `nil` for an unbound parameter, for each leaf.
  /// - Throws: what the model's `init(from:)` throws.
  package func rebuilt<Model: Decodable>(_ model: Model.Type, with tensors: [Tensor?]) throws -> Model {
    let values = zip(leaves, tensors).map { leaf, tensor -> Any in
      guard leaf.isParameter else { return tensor ?? Tensor.failure(leaf.path, "the tensor has no value") }
      var parameter = Parameter(role: leaf.role)
      parameter.path = leaf.path
      parameter.tensor = tensor
      return parameter
    }
    return try ModelDecoder(branch: root, leaves: values, codingPath: []).read(model)
  }

  /// Collects the tensors of one walk.
  final class ModelWalk {
    var leaves: [Leaf] = []
    var typeNames: [String: String] = [:]

    /// Remembers what stands at a place that is taken apart further.
    func note(_ type: Any.Type, _ path: [any CodingKey]) { typeNames[Self.name(path)] = "\(type)" }

    func append(_ tensor: Tensor, _ path: [any CodingKey]) -> Branch {
      append(Leaf(path: Self.name(path), tensor: tensor, role: .trained, isParameter: false))
    }

    func append(_ parameter: Parameter, _ path: [any CodingKey]) -> Branch {
      append(Leaf(path: Self.name(path), tensor: parameter.tensor, role: parameter.role, isParameter: true))
    }

    private func append(_ leaf: Leaf) -> Branch {
      leaves.append(leaf)
      return .leaf(leaves.count - 1)
    }

    private static func name(_ path: [any CodingKey]) -> String {
      path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
  }
}

/// A place that an encoder fills.
final class ModelSlot {
  private var own: ModelTree.Branch?
  private var fields: [String: ModelSlot] = [:]
  private var elements: [ModelSlot] = []
  private var isList = false

  func set(_ branch: ModelTree.Branch) { own = branch }

  func field(_ name: String) -> ModelSlot {
    let slot = ModelSlot()
    fields[name] = slot
    return slot
  }

  func beginList() { isList = true }

  var elementCount: Int { elements.count }

  func element() -> ModelSlot {
    let slot = ModelSlot()
    elements.append(slot)
    return slot
  }

  var branch: ModelTree.Branch {
    own ?? (isList ? .list(elements.map(\.branch)) : .keyed(fields.mapValues(\.branch)))
  }
}

/// A position in a list, as a coding key.
struct PositionKey: CodingKey {
  let position: Int
  var stringValue: String { String(position) }
  var intValue: Int? { position }
  init(_ position: Int) { self.position = position }
  init?(stringValue: String) { nil }
  init?(intValue: Int) { position = intValue }
}
