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
    package fileprivate(set) var isFrozen = false
    /// Whether it is a running statistic, frozen or not.
    package private(set) var isStatistic = false
    /// Whether it stands in a gradient for a parameter that has none, a running statistic or a frozen one.
    fileprivate(set) var isGradientOfConstant = false
    /// Which parameter it is, where an earlier walk has told.
    package private(set) var identity: Parameter.Identity?
    /// Whether it is a parameter, rather than a tensor that the model holds as it is.
    package let isParameter: Bool
    /// Where an earlier walk, through a whole that this is a part of, has found the parameter; empty where there was none.
    private(set) var earlierPath = ""

    /// A tensor that the model holds as it is.
    fileprivate init(_ tensor: Tensor, path: String) { (self.path, self.tensor, isParameter) = (path, tensor, false) }

    fileprivate init(_ parameter: Parameter, path: String) {
      (self.path, tensor, isParameter) = (path, parameter.latest, true)
      (isFrozen, isStatistic) = (parameter.isFrozen, parameter.isStatistic)
      (isGradientOfConstant, identity) = (parameter.isGradientOfConstant, parameter.identity)
      earlierPath = parameter.path
    }

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
  package var leaves: [Leaf] = []
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
    let source = ModelDecoder.Source(values(tensors, identities ?? Parameter.Identity.fresh(leaves.count)))
    let rebuilt = try ModelDecoder(branch: root, source: source, codingPath: []).read(model)
    if let left = source.firstUnread { throw leftOut(leaves[left], source, model) }
    return rebuilt
  }

  /// What stands in the leaves' places, with other tensors.
  private func values(_ tensors: [Tensor?], _ identities: [Parameter.Identity?]) -> [Any] {
    Swift.zip(leaves, Swift.zip(tensors, identities)).map { leaf, new -> Any in
      guard leaf.isParameter else { return new.0 ?? Tensor.failure(leaf.path, "the tensor has no value") }
      var parameter = Parameter(role: leaf.isStatistic ? .statistic : .trained)
      (parameter.isFrozen, parameter.isGradientOfConstant) = (leaf.isFrozen, leaf.isGradientOfConstant)
      parameter.path = leaf.path
      parameter.tensor = new.0
      parameter.identity = new.1
      return parameter
    }
  }

  /// The same model with other tensors, by whom errors are told later: where it cannot be put together, its tensors carry
  /// the reason, as far as it takes any. Its parameters stay those that they are.
  func rebuiltCarryingErrors<Value: Decodable>(_ model: Value, with tensors: [Tensor?]) -> Value {
    let identities = leaves.map(\.identity)
    do { return try rebuilt(Value.self, with: tensors, identities: identities) } catch {
      let carrier = Tensor.failed(error, in: "\(Value.self)")
      let source = ModelDecoder.Source(values(leaves.map { _ in carrier }, identities))
      return (try? ModelDecoder(branch: root, source: source, codingPath: []).read(Value.self)) ?? model
    }
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

  /// The structure of this value's gradient: parameters that do not move have none.
  var ofGradient: ModelTree {
    var tree = self
    for index in leaves.indices where !leaves[index].isTrained { tree.leaves[index].isGradientOfConstant = true }
    return tree
  }

  /// Lets a parameter stay as it is, or be again what it was.
  mutating func setFrozen(_ isFrozen: Bool, at index: Int) { leaves[index].isFrozen = isFrozen }

  /// Collects the tensors of one walk.
  final class ModelWalk {
    var leaves: [Leaf] = []
    var typeNames: [String: String] = [:]
    /// Whether hyper-parameters that are 0 are tensors too.
    var includesZeros = false

    /// Remembers what stands at a place that is taken apart further.
    func note(_ type: Any.Type, _ path: [any CodingKey]) { typeNames[Self.name(path)] = "\(type)" }

    func append(_ tensor: Tensor, _ path: [any CodingKey]) -> Branch { append(Leaf(tensor, path: Self.name(path))) }

    /// Appends a number that a method is set by, which nobody trains.
    func append(_ number: Hyperparameter, _ path: [any CodingKey]) -> Branch {
      var leaf = Leaf(number.tensor, path: Self.name(path))
      leaf.isFrozen = true
      return append(leaf)
    }

    func append(_ parameter: Parameter, _ path: [any CodingKey]) -> Branch {
      append(Leaf(parameter, path: Self.name(path)))
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
