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
    /// Whether the tensor stays as it is during training.
    package var isFrozen: Bool
    /// Whether it is a running statistic, frozen or not.
    package let isStatistic: Bool
    /// Which parameter it is, where an earlier walk has told.
    package let identity: Parameter.Identity?
    /// Whether it is a parameter, rather than a tensor that the model holds as it is.
    let isParameter: Bool

    /// What becomes of the tensor during training.
    package var role: Parameter.Role { isFrozen ? .frozen : isStatistic ? .statistic : .trained }
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
  /// - Parameter includingZeros: Whether hyper-parameters that are 0, which stand for what is left out, count as tensors.
  /// - Throws: what the model's `encode(to:)` throws.
  /// - Complexity: O(properties).
  package init<Model: Encodable>(_ model: Model, includingZeros: Bool = false) throws {
    let walk = ModelWalk()
    walk.includesZeros = includingZeros
    let slot = ModelSlot()
    try ModelEncoder(walk: walk, slot: slot, codingPath: []).write(model)
    root = slot.branch
    leaves = walk.leaves
    typeNames = walk.typeNames
  }

  /// Puts the model together again with other tensors.
  ///
  /// - Parameters:
  ///   - tensors: A tensor, or `nil` for an unbound parameter, for each leaf.
  ///   - identities: Which parameters they are, for each leaf; new ones where none are given.
  /// - Throws: what the model's `init(from:)` throws; `TensorError` where it leaves a tensor out that the model wrote.
  package func rebuilt<Model: Decodable>(
    _ model: Model.Type, with tensors: [Tensor?], identities: [Parameter.Identity?]? = nil
  ) throws -> Model {
    let identities = identities ?? Parameter.Identity.fresh(leaves.count)
    let values = zip(leaves, zip(tensors, identities)).map { leaf, new -> Any in
      guard leaf.isParameter else { return new.0 ?? Tensor.failure(leaf.path, "the tensor has no value") }
      var parameter = Parameter(isStatistic: leaf.isStatistic, isFrozen: leaf.isFrozen)
      parameter.path = leaf.path
      parameter.tensor = new.0
      parameter.identity = new.1
      return parameter
    }
    let source = ModelDecoder.Source(values)
    let rebuilt = try ModelDecoder(branch: root, source: source, codingPath: []).read(model)
    if let left = source.firstUnread { throw leftOut(leaves[left], source, model) }
    return rebuilt
  }

  /// The error of a tensor that the model wrote and does not read: it could be neither bound, trained nor loaded.
  private func leftOut<Model: Decodable>(_ leaf: Leaf, _ source: ModelDecoder.Source, _ model: Model.Type)
    -> TensorError
  {
    source.visited = []
    _ = try? ModelDecoder(branch: root, source: source, codingPath: []).read(model)
    let parts = leaf.path.split(separator: ".")
    let prefixes = parts.indices.map { parts[...$0].joined(separator: ".") }
    let place = prefixes.first { source.visited?.contains($0) == false } ?? leaf.path
    let title = typeNames[place].map { "\(place) (\($0))" } ?? place
    let name = place.split(separator: ".").last.map(String.init) ?? place
    return TensorError(
      title,
      "is written when the model is walked, but not read back, as happens to `let \(name) = …`: Swift's Codable never"
        + " decodes a `let` that has a value already; declare it with `var`, or give the `let` its value in `init`")
  }

  /// The same structure with stand-ins, so that it keeps nothing of how the tensors came about.
  package var withStandIns: ModelTree {
    var tree = self
    for index in leaves.indices { tree.leaves[index].tensor = leaves[index].tensor.map { Tensor.placeholder($0.type) } }
    return tree
  }

  /// Collects the tensors of one walk.
  final class ModelWalk {
    var leaves: [Leaf] = []
    var typeNames: [String: String] = [:]
    /// Whether hyper-parameters that are 0 are tensors too.
    var includesZeros = false

    /// Remembers what stands at a place that is taken apart further.
    func note(_ type: Any.Type, _ path: [any CodingKey]) { typeNames[Self.name(path)] = "\(type)" }

    func append(_ tensor: Tensor, _ path: [any CodingKey]) -> Branch {
      append(
        Leaf(
          path: Self.name(path), tensor: tensor, isFrozen: false, isStatistic: false, identity: nil, isParameter: false)
      )
    }

    /// Appends a number that a method is set by, which nobody trains.
    func append(_ number: Hyperparameter, _ path: [any CodingKey]) -> Branch {
      append(
        Leaf(
          path: Self.name(path), tensor: number.tensor, isFrozen: true, isStatistic: false, identity: nil,
          isParameter: false))
    }

    func append(_ parameter: Parameter, _ path: [any CodingKey]) -> Branch {
      append(
        Leaf(
          path: Self.name(path), tensor: parameter.latest, isFrozen: parameter.isFrozen,
          isStatistic: parameter.isStatistic, identity: parameter.identity, isParameter: true))
    }

    private func append(_ leaf: Leaf) -> Branch {
      leaves.append(leaf)
      return .leaf(leaves.count - 1)
    }

    static func name(_ path: [any CodingKey]) -> String {
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
