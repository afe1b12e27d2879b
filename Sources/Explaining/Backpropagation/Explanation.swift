/// What happened in a function: every node's value, the local derivative stored on every edge, and what came back.
///
/// Pure data, made by `explain`. Its description is a table; `write(to:)` draws it, and it is `Codable` as JSON.
public struct Explanation: Sendable, Codable {
  /// A value on the way from the arguments to the result.
  public struct Node: Sendable, Codable {
    /// What a node is in the function.
    public enum Role: String, Sendable, Codable {
      /// An argument, with respect to which the derivative is taken.
      case argument
      /// A number or tensor from outside.
      case constant
      /// Something computed on the way.
      case inner
      /// The result, where a 1 enters.
      case result
    }

    /// What formulas call it: `x`, `z1`, `o`.
    public var name: String
    /// How it is computed from other nodes: `f(z1)`; empty for arguments and constants.
    public var formula: String
    /// The operation, or `argument` or `constant`.
    public var operation: String
    /// What the node is in the function.
    public var role: Role
    /// The forward value.
    public var value: TensorSummary
    /// The back-propagated derivative of the result with respect to this node: the sum of its edges' contributions. `nil` where none
    /// comes back.
    public var derivative: TensorSummary?
  }

  /// One use of a value.
  public struct Edge: Sendable, Codable {
    /// The position of the node that is used.
    public var from: Int
    /// The position of the node that uses it.
    public var to: Int
    /// Which operand of the user it is, from 0.
    public var operand: Int
    /// The local derivative in symbols, such as `f'` or `w2`; empty where nothing comes back.
    public var symbol: String
    /// The local derivative of the user with respect to this operand, element by element; `nil` where the operation does not work
    /// element by element.
    public var local: TensorSummary?
    /// What comes back along this edge: the local derivative times the user's derivative. `nil` where nothing does.
    public var contribution: TensorSummary?
  }

  /// The derivative with respect to one argument, and how it is made.
  public struct Derivative: Sendable, Codable {
    /// The argument.
    public var name: String
    /// Along each path from the result to the argument, the local derivatives; empty where not every one is a number, or
    /// where there are too many paths.
    public var paths: [Path]
    /// How many paths there are.
    public var pathCount: Double
    /// The derivative.
    public var value: TensorSummary
  }

  /// The local derivatives along one path, from the result to the argument.
  public struct Path: Sendable, Codable {
    /// The factors in symbols: `g'`, `w2`, `f'`, `x`.
    public var symbols: [String]
    /// The factors in numbers.
    public var factors: [Double]
  }

  /// The nodes, operands before users, arguments first.
  public var nodes: [Node]
  /// The edges, by user and operand.
  public var edges: [Edge]
  /// The derivatives with respect to the arguments, in their order.
  public var derivatives: [Derivative]
  /// The position of the result among the nodes.
  public var result: Int
  /// What the one-letter functions of the formulas are: `f` is `sigmoid`.
  public var functions: [Function]

  /// A letter that formulas use.
  public struct Function: Sendable, Codable {
    /// The letter.
    public var letter: String
    /// The operation that it stands for.
    public var operation: String
  }

  /// The result's name, `o`.
  public var resultName: String { nodes[result].name }

  /// What a node is computed from, in order.
  package func operands(of node: Node) -> [Node] {
    guard let index = nodes.firstIndex(where: { $0.name == node.name && $0.formula == node.formula }) else { return [] }
    return edges.filter { $0.to == index }.map { nodes[$0.from] }
  }

  /// Where the result stops being finite: the first node whose value is not, though all that it is computed from are, and
  /// from which such values lead to the result. Constants count as finite. `nil` where the result is finite.
  ///
  /// - Complexity: O(nodes + edges).
  public var firstBreak: Node? {
    func isBroken(_ index: Int) -> Bool { nodes[index].role != .constant && !nodes[index].value.isFinite }
    // Edges stand in the order of their users, and users after what they use.
    var reaches = nodes.map { _ in false }
    var isFirst = nodes.indices.map(isBroken)
    reaches[result] = isBroken(result)
    for edge in edges.reversed() where reaches[edge.to] && isBroken(edge.from) {
      reaches[edge.from] = true
      isFirst[edge.to] = false
    }
    return nodes.indices.first { reaches[$0] && isFirst[$0] }.map { nodes[$0] }
  }
}
