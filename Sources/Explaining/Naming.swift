import DescentGraph

/// What formulas call the nodes of a graph: arguments by their names, functions by a letter each, what they give `o1`,
/// `o2`, …, sums and products `z1`, `z2`, …, and the result `o`.
struct Naming {
  /// The nodes in the order of the table: arguments, then everything else after what it is computed from, left to right.
  private(set) var order: [Int] = []
  private(set) var names: [String]
  private(set) var formulas: [String]
  private(set) var operations: [String]
  private(set) var functions: [Explanation.Function] = []
  private let graph: Graph
  /// The letter of each node that is a function of one number.
  private var letters: [Int: String] = [:]
  private var used: Set<String>

  init(
    _ graph: Graph, argumentNames: [String], marked: [(Value, String)], value: (Int) -> Numbers
  ) {
    self.graph = graph
    names = graph.nodes.map { _ in "" }
    formulas = names
    operations = graph.nodes.map { Self.title($0.operation) }
    used = Set(argumentNames)
    var marks: [Int: String] = [:]
    for (value, name) in marked { marks[value.node] = name }
    used.formUnion(marks.values)
    for (argument, input) in graph.inputs.enumerated() {
      let isArgument = argument < argumentNames.count
      names[input.node] = isArgument ? argumentNames[argument] : ""
      operations[input.node] = isArgument ? "argument" : "constant"
    }
    order = graph.inputs.prefix(argumentNames.count).map(\.node)
    visit(from: graph.outputs[0].node)
    var (functionCount, otherCount, constantCount) = (0, 0, 0)
    for index in order where names[index].isEmpty {
      let node = graph.nodes[index]
      if node.operands.isEmpty {
        constantCount += 1
        names[index] = value(index).number.map(exact) ?? fresh("c\(constantCount)")
        operations[index] = "constant"
        continue
      }
      if Self.isFunction(node.operation) || marks[index] != nil {
        letters[index] = marks[index] ?? nextLetter()
        if !functions.contains(where: { $0.letter == letters[index] }) {
          functions.append(.init(letter: letters[index] ?? "", operation: operations[index]))
        }
      }
      if index == graph.outputs[0].node {
        names[index] = ["o", "out", "result"].first { !used.contains($0) } ?? fresh("o0")
      } else if letters[index] != nil {
        functionCount += 1
        names[index] = fresh("o\(functionCount)")
      } else {
        otherCount += 1
        names[index] = fresh("z\(otherCount)")
      }
      used.insert(names[index])
    }
    for index in order { formulas[index] = formula(index) }
  }

  /// Walks from the result to what it is computed from, left to right, without recursion.
  private mutating func visit(from root: Int) {
    var done = Set(order)
    var waiting = [(node: root, next: 0)]
    while let (node, next) = waiting.last {
      if done.contains(node) {
        waiting.removeLast()
      } else if next < graph.nodes[node].operands.count {
        waiting[waiting.count - 1].next += 1
        let operand = graph.nodes[node].operands[next].node
        if !done.contains(operand) { waiting.append((operand, 0)) }
      } else {
        done.insert(node)
        order.append(node)
        waiting.removeLast()
      }
    }
  }

  /// A name that nothing has yet.
  private func fresh(_ name: String) -> String {
    var candidate = name
    while used.contains(candidate) { candidate += "_" }
    return candidate
  }

  private mutating func nextLetter() -> String {
    let letters = ["f", "g", "h", "p", "q", "r", "s", "u", "v"]
    let numbered = (2...).lazy.map { "f\($0)" }
    let letter = letters.first { !used.contains($0) } ?? numbered.first { [used] in !used.contains($0) } ?? "f"
    used.insert(letter)
    return letter
  }

  /// Whether an operation gets a letter: a function of one number whose derivative has no shorter name.
  private static func isFunction(_ operation: any Operation) -> Bool {
    operation is any UnaryOperation && !(operation is Negate) && !(operation is Square)
  }

  private static func title(_ operation: any Operation) -> String {
    operation is Logistic ? "sigmoid" : operation.name
  }

  /// How a node is computed, in the names of what it is computed from.
  private func formula(_ index: Int) -> String {
    let node = graph.nodes[index]
    let operands = node.operands.map { names[$0.node] }
    guard !operands.isEmpty else { return "" }
    func nested(_ name: String) -> String { name.hasPrefix("-") ? "(\(name))" : name }
    if let letter = letters[index], operands.count == 1 { return "\(letter)(\(operands[0]))" }
    switch node.operation {
    case is Add: return "\(operands[0]) + \(nested(operands[1]))"
    case is Subtract: return "\(operands[0]) - \(nested(operands[1]))"
    case is Multiply: return "\(nested(operands[0]))·\(nested(operands[1]))"
    case is Divide: return "\(nested(operands[0])) / \(nested(operands[1]))"
    case is Power: return "\(nested(operands[0]))^\(nested(operands[1]))"
    case is Negate: return "-\(nested(operands[0]))"
    case is Square: return "\(nested(operands[0]))²"
    default: return "\(letters[index] ?? operations[index])(\(operands.joined(separator: ", ")))"
    }
  }

  /// The derivative of a node in one operand, in symbols.
  func localSymbol(_ index: Int, _ operand: Int) -> String {
    let node = graph.nodes[index]
    let operands = node.operands.map { names[$0.node] }
    let own = names[index]
    switch node.operation {
    case is Add, is Convert: return "1"
    case is Subtract: return operand == 0 ? "1" : "-1"
    case is Negate: return "-1"
    case is Multiply: return operands[1 - operand]
    case is Square: return "2·\(operands[0])"
    case is Divide: return operand == 0 ? "1/\(operands[1])" : "-\(own)/\(operands[1])"
    case is Power:
      if operand == 1 { return "\(own)·ln \(operands[0])" }
      guard let exponent = Double(operands[1]) else { return "\(operands[1])·\(operands[0])^(\(operands[1])-1)" }
      if exponent == 2 { return "2·\(operands[0])" }
      return "\(operands[1])·\(operands[0])^\(exact(exponent - 1))"
    default:
      guard let letter = letters[index], operands.count == 1 || node.operation is Select else {
        return "∂\(own)/∂\(operands[operand])"
      }
      // A letter that stands for several nodes needs the place of each derivative.
      return letters.values.count { $0 == letter } == 1 ? "\(letter)'" : "\(letter)'(\(operands[operand]))"
    }
  }
}
