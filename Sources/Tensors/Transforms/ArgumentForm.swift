import DescentBackends
import DescentGraph

/// What a compiled function is compiled for: the backend, how its arguments are built, the types of their tensors, and
/// what else is in them, since a function may well branch on it.
package struct ArgumentForm: Hashable, Sendable {
  private let backend = Backend.current
  private var text = ""
  private var types: [TensorType?] = []

  /// The form of arguments one after the other. - Complexity: O(values).
  package init(_ arguments: [ModelTree]) {
    for tree in arguments {
      Self.write(tree.root, into: &text)
      for leaf in tree.leaves {
        text += leaf.role.rawValue + (leaf.isFrozen && leaf.isStatistic ? "!" : "")
        text += leaf.isGradientOfConstant ? "0," : ","
        types.append(leaf.tensor?.type)
      }
    }
  }

  /// The form of the arguments of both, in order.
  package static func + (a: ArgumentForm, b: ArgumentForm) -> ArgumentForm {
    var sum = a
    sum.text += b.text
    sum.types += b.types
    return sum
  }

  fileprivate static func write(_ branch: ModelTree.Branch, into text: inout String) {
    switch branch {
    case .leaf: text += "#"
    case .value(let value):
      // The length in front keeps a text that looks like structure from being taken for some.
      let words = String(reflecting: value)
      text += "\(Swift.type(of: value)):\(words.utf8.count):\(words)"
    case .list(let elements):
      text += "["
      for element in elements {
        write(element, into: &text)
        text += ","
      }
      text += "]"
    case .keyed(let fields):
      text += "{"
      for (name, field) in fields.sorted(by: { $0.key < $1.key }) {
        text += "\(name.utf8.count):\(name)="
        write(field, into: &text)
        text += ","
      }
      text += "}"
    }
  }
}

extension ModelTree {
  /// How the value is built and what else is in it than tensors, as text; equal for values of one structure.
  package var structure: String {
    var text = ""
    ArgumentForm.write(root, into: &text)
    return text
  }
}
