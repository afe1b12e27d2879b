import DescentTensors

/// What is left as it is when a model takes the tensors of a file; see `Model.loading(_:leaving:reporting:)`.
public struct LeftTensors: Sendable {
  enum Kind: Sendable {
    case places([String])
    case predicate(@Sendable (ParameterInfo) -> Bool)
    case missing
    case extra
  }

  let kind: Kind

  /// The parameters at some places, such as `head` or `encoder.conv1.weight`, and everything within them, of the model and
  /// of the file. A place at which neither has anything is an error.
  public static func paths(_ places: String...) -> Self { Self(kind: .places(places)) }

  /// The parameters of the model of which a predicate holds, and those of the file at their paths.
  public static func parameters(where isChosen: @escaping @Sendable (ParameterInfo) -> Bool) -> Self {
    Self(kind: .predicate(isChosen))
  }

  /// The parameters of the model that the file lacks.
  public static var missing: Self { Self(kind: .missing) }

  /// The tensors of the file that the model lacks.
  public static var extra: Self { Self(kind: .extra) }
}

extension [LeftTensors] {
  /// Whether a selection of a kind without values is among these.
  func contains(_ other: LeftTensors.Kind) -> Bool {
    contains { selection in
      switch (selection.kind, other) {
      case (.missing, .missing), (.extra, .extra): true
      default: false
      }
    }
  }

  /// The predicates among these.
  private var predicates: [@Sendable (ParameterInfo) -> Bool] {
    compactMap { if case .predicate(let predicate) = $0.kind { predicate } else { nil } }
  }

  /// The places among these.
  private var places: [String] { flatMap { if case .places(let places) = $0.kind { places } else { [String]() } } }

  /// The paths that are left, among those of a model and of a file.
  ///
  /// - Throws: `TensorError` of a place at which there is nothing.
  func chosen(among leaves: [ModelTree.Leaf], and names: some Collection<String>) throws -> Set<String> {
    let predicates = predicates
    var chosen = Set(
      leaves.filter { leaf in predicates.contains { $0(ParameterInfo(leaf)) } }.map(\.path))
    let paths = leaves.map(\.path) + names
    for place in places {
      let found = paths.filter { $0.isPath(within: place) }
      guard !found.isEmpty else {
        throw TensorError("loading", "neither the model nor the file has anything at '\(place)', which is to be left")
      }
      chosen.formUnion(found)
    }
    return chosen
  }
}
