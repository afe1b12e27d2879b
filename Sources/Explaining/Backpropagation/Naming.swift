import DescentGraph
import DescentTensors

/// What formulas call the nodes of a graph: arguments by their names, functions by a letter each, what they give `o1`,
/// `o2`, …, sums and products `z1`, `z2`, …, and the result `o`.
struct Naming {
  /// The values in the order of the table: arguments, then everything else after what it is computed from, left to right.
  private(set) var order: [Value] = []
  private(set) var names: [Value: String] = [:]
  private(set) var formulas: [Value: String] = [:]
  /// The operation of each node.
  private(set) var operations: [String]
  private(set) var functions: [Explanation.Function] = []
  /// How many of their operands the named functions among the nodes show, the others being numbers of their own.
  private var arities: [Int: Int] = [:]
  private let graph: Graph
  /// The letter of each value that is a function of one number.
  private var letters: [Value: String] = [:]
  private var used: Set<String>

  init(
    _ graph: Graph, argumentNames: [String], marked: [(Value, String)], functions: [(Value, FunctionNames.Named)],
    value: (Value) -> TensorSummary
  ) {
    self.graph = graph
    operations = graph.nodes.map { $0.operation.name }
    for (value, function) in functions where graph.nodes[value.node].operation is Call {
      operations[value.node] = function.name
      arities[value.node] = function.arity
    }
    used = Set(argumentNames)
    var marks: [Value: String] = [:]
    for (value, name) in marked { marks[value] = name }
    used.formUnion(marks.values)
    for (argument, input) in graph.inputs.enumerated() {
      let isArgument = argument < argumentNames.count
      if isArgument { names[input] = argumentNames[argument] }
      operations[input.node] = isArgument ? "argument" : "constant"
    }
    order = Array(graph.inputs.prefix(argumentNames.count))
    visit(from: graph.outputs[0])
    var (functionCount, otherCount, constantCount) = (0, 0, 0)
    for place in order where names[place] == nil {
      let node = graph.nodes[place.node]
      if node.operands.isEmpty {
        constantCount += 1
        names[place] = marks[place] ?? value(place).number.map(exact) ?? fresh("c\(constantCount)")
        operations[place.node] = "constant"
        continue
      }
      if shownOperands(place.node).count == 1 && Self.isFunction(node.operation) || marks[place] != nil {
        let letter = marks[place] ?? nextLetter()
        letters[place] = letter
        if !self.functions.contains(where: { $0.letter == letter }) {
          self.functions.append(.init(letter: letter, operation: operations[place.node]))
        }
      }
      let name: String
      if place == graph.outputs[0] {
        name = ["o", "out", "result"].first { !used.contains($0) } ?? fresh("o0")
      } else if letters[place] != nil {
        functionCount += 1
        name = fresh("o\(functionCount)")
      } else {
        otherCount += 1
        name = fresh("z\(otherCount)")
      }
      names[place] = name
      used.insert(name)
    }
    for place in order { formulas[place] = formula(place) }
  }

  /// Walks from the result to what it is computed from, left to right, without recursion.
  private mutating func visit(from root: Value) {
    var done = Set(order)
    var waiting = [(value: root, next: 0)]
    while let (value, next) = waiting.last {
      if done.contains(value) {
        waiting.removeLast()
      } else if next < graph.nodes[value.node].operands.count {
        waiting[waiting.count - 1].next += 1
        let operand = graph.nodes[value.node].operands[next]
        if !done.contains(operand) { waiting.append((operand, 0)) }
      } else {
        done.insert(value)
        order.append(value)
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

  /// What a node is computed from, without the numbers that belong to a named function.
  private func shownOperands(_ node: Int) -> ArraySlice<Value> {
    let operands = graph.nodes[node].operands
    return operands.prefix(arities[node] ?? operands.count)
  }

  /// Whether an operation gets a letter: a function of one number whose derivative has no shorter name.
  private static func isFunction(_ operation: any Operation) -> Bool {
    let isUnary = operation is any UnaryOperation || (operation as? Call)?.isElementwise == true
    return isUnary && !(operation is Negate) && !(operation is Square)
  }

  /// How a node is computed, in the names of what it is computed from.
  private func formula(_ place: Value) -> String {
    let node = graph.nodes[place.node]
    let operands = shownOperands(place.node).map { names[$0] ?? "" }
    guard !operands.isEmpty else { return "" }
    func nested(_ name: String) -> String { name.hasPrefix("-") ? "(\(name))" : name }
    if let letter = letters[place], operands.count == 1 { return "\(letter)(\(operands[0]))" }
    switch node.operation {
    case is Add: return "\(operands[0]) + \(nested(operands[1]))"
    case is Subtract: return "\(operands[0]) - \(nested(operands[1]))"
    case is Multiply: return "\(nested(operands[0]))·\(nested(operands[1]))"
    case is Divide: return "\(nested(operands[0])) / \(nested(operands[1]))"
    case is Power: return "\(nested(operands[0]))^\(nested(operands[1]))"
    case is Negate: return "-\(nested(operands[0]))"
    case is Square: return "\(nested(operands[0]))²"
    default:
      let call = "\(letters[place] ?? operations[place.node])(\(operands.joined(separator: ", ")))"
      return node.types.count > 1 ? "\(call).\(node.operation.resultName(place.result, of: node.types.count))" : call
    }
  }

  /// The derivative of a node in one operand, in symbols.
  func localSymbol(_ place: Value, _ operand: Int) -> String {
    let node = graph.nodes[place.node]
    let operands = node.operands.map { names[$0] ?? "" }
    let own = names[place] ?? ""
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
      guard let letter = letters[place], shownOperands(place.node).count == 1 || node.operation is Select else {
        return "∂\(own)/∂\(operands[operand])"
      }
      // A letter that stands for several nodes needs the place of each derivative.
      return letters.values.count { $0 == letter } == 1 ? "\(letter)'" : "\(letter)'(\(operands[operand]))"
    }
  }
}
