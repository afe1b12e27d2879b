import DescentGraph

/// The operations that lead to tensors which are read, in parts that are computed one after the other.
///
/// A loop in the user's program may record any number of operations before it reads a tensor. One plan for all of them
/// would take long to make; parts of a bounded size that repeat share theirs, as the turns of such a loop do.
struct History {
  /// The most operations that are computed in one plan.
  static let partSize = 2_048

  /// The parts that are left, the next one last.
  private var parts: [[Expression]] = []
  /// The last part that reads an operation.
  private var lastReader: [ObjectIdentifier: Int] = [:]
  /// Which part comes next.
  private var number = 0

  /// Sorts what leads to expressions into parts. - Complexity: O(expressions).
  init(of roots: [Expression]) {
    var order = Self.operations(below: roots)
    while !order.isEmpty {
      let part = Array(order.prefix(Self.partSize))
      order.removeFirst(part.count)
      parts.append(part)
    }
    for (number, part) in parts.enumerated() {
      for expression in part {
        guard let operands = expression.content.operands else { continue }
        for operand in operands { lastReader[ObjectIdentifier(operand)] = number }
      }
    }
    for root in roots { lastReader[ObjectIdentifier(root)] = .max }
    parts.reverse()
  }

  /// What later parts, or the user, read of the next part; it has to be computed before more is asked for.
  mutating func next() -> [Expression]? {
    while let part = parts.popLast() {
      let read = part.filter { expression in
        guard let last = lastReader[ObjectIdentifier(expression)], last > number else { return false }
        // What is the same number everywhere is written into each plan that reads it.
        return last == .max || !expression.isFilling
      }
      number += 1
      if !read.isEmpty { return read }
    }
    return nil
  }

  /// The operations that expressions depend on and that are not computed yet, operands first, in the order in which
  /// they were recorded where that is one.
  private static func operations(below roots: [Expression]) -> ArraySlice<Expression> {
    var order: [Expression] = []
    var known: Set<ObjectIdentifier> = []
    var waiting = Array(roots.reversed())
    while let expression = waiting.last {
      let key = ObjectIdentifier(expression)
      guard !known.contains(key), let operands = expression.content.operands else {
        waiting.removeLast()
        continue
      }
      let missing = operands.filter { operand in
        guard operand.content.operands != nil else { return false }
        return !known.contains(ObjectIdentifier(operand))
      }
      if missing.isEmpty {
        known.insert(key)
        order.append(expression)
        waiting.removeLast()
      } else {
        waiting += missing.reversed()
      }
    }
    return order[...]
  }
}

extension Expression {
  /// Whether the value is a number, or one repeated.
  fileprivate var isFilling: Bool {
    guard isConstant, case .operation(_, let operands, _) = content else { return false }
    return operands.allSatisfy { operand in
      guard case .operation(_, let sources, _) = operand.content else { return false }
      return sources.isEmpty
    }
  }
}
