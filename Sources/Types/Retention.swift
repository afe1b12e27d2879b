/// What a function may keep from its forward pass for its derivative; the rest is computed again.
///
/// No policy keeps more than keeping everything does: one that would gives way to that, which computes nothing again.
public enum Retention: Sendable, Hashable {
  /// Whatever the derivative reads, unless it follows cheaply from what is kept anyway.
  case everything
  /// Only the function's arguments.
  case nothing
  /// The function's arguments and the results of matrix products and convolutions.
  case products
  /// The function's arguments and what is named so.
  case named(Set<String>)

  /// The policy as printed.
  package var words: String {
    switch self {
    case .everything: "everything"
    case .nothing: "nothing"
    case .products: "products"
    case .named(let names): "named " + names.sorted().joined(separator: ", ")
    }
  }
}
