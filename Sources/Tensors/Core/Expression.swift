import DescentGraph
import Synchronization

/// What a tensor stands for: a computed literal, an argument of a function being recorded, or an operation on further
/// expressions.
///
/// Expressions are shared by handles and never change what they stand for; when one has been computed, it keeps the
/// result and lets go of its operands, so that a loop that reads its tensors does not grow a history.
final class Expression: Sendable {
  enum Content: Sendable {
    case literal(Literal)
    case placeholder(name: String)
    case operation(any Operation, [Expression], result: Int)
    /// A result of a function that is there as a graph, which is written down as a whole.
    case application(Application, [Expression], result: Int)
    case failure(TensorError)

    /// What the value is computed from.
    var operands: [Expression]? {
      switch self {
      case .operation(_, let operands, _), .application(_, let operands, _): operands
      case .literal, .placeholder, .failure: nil
      }
    }
  }

  /// A function applied to some operands, the same one for all its results.
  final class Application: Sendable {
    let graph: Graph
    init(_ graph: Graph) { self.graph = graph }
  }

  /// The shape and the element type; of a failure, those of an empty guess.
  let type: TensorType
  /// Whether the value depends on an argument, so that it cannot be computed yet.
  let isSymbolic: Bool
  /// Whether the value depends on nothing at all, so that it is best written into graphs as it stands.
  let isConstant: Bool
  /// Whether the expression carries an error, which every operation asks of its operands.
  let hasFailed: Bool
  /// Where the value comes from.
  let origin: Origin
  /// Which recording was the last to begin when the expression was made.
  let epoch: Int
  /// The results of the operation that this is one result of, where it has several.
  let family: ResultFamily?
  private let storage: Guarded<Content>

  /// Counts recordings, so that a recording tells what was made before it from what it makes itself.
  private static let clock = Atomic<Int>(0)

  /// Begins a recording: expressions with a smaller epoch than the one returned were made before.
  static func beginRecording() -> Int { clock.wrappingAdd(1, ordering: .relaxed).newValue }

  init(_ content: Content, type: TensorType, family: ResultFamily? = nil, origin: Origin = Origin()) {
    self.type = type
    self.origin = origin
    self.family = family
    if case .failure = content { hasFailed = true } else { hasFailed = false }
    switch content {
    case .literal, .failure: (isSymbolic, isConstant) = (false, false)
    case .placeholder: (isSymbolic, isConstant) = (true, false)
    case .operation(_, let operands, _), .application(_, let operands, _):
      isSymbolic = operands.contains { $0.isSymbolic }
      isConstant = operands.allSatisfy { $0.isConstant }
    }
    storage = Guarded(content)
    epoch = Self.clock.load(ordering: .relaxed)
  }

  /// What the expression stands for now.
  var content: Content { storage.withLock { $0 } }

  /// The error that this expression carries.
  var failure: TensorError? {
    guard hasFailed else { return nil }
    if case .failure(let error) = content { return error }
    return nil
  }

  /// The computed value, if there is one.
  var literal: Literal? {
    if case .literal(let literal) = content { return literal }
    return nil
  }

  /// Keeps the computed value and lets go of the operands.
  func settle(_ literal: Literal) {
    Self.release(replaceContent(.literal(literal)))
  }

  /// Gives the computed elements away; only for an expression that nothing else holds.
  func surrender() -> Buffer? {
    storage.withLock { content in
      guard case .literal(let literal) = content else { return nil }
      content = .placeholder(name: "")
      return literal.buffer
    }
  }

  deinit { Self.release(replaceContent(.placeholder(name: ""))) }

  /// Lets go of a history without recursion, whose depth a long loop would make larger than the stack.
  ///
  /// Nothing but the list may hold the expressions by then, or none would be found unique.
  private static func release(_ operands: consuming [Expression]) {
    var waiting = operands
    while var expression = waiting.popLast() {
      if isKnownUniquelyReferenced(&expression) { waiting += expression.replaceContent(.placeholder(name: "")) }
    }
  }

  /// Makes an operation stand for something else, and gives back the operands that it no longer keeps.
  private func replaceContent(_ new: Content) -> [Expression] {
    storage.withLock { content in
      guard let operands = content.operands else { return [] }
      content = new
      return operands
    }
  }
}

/// The results of one operation, as far as somebody still holds them: computing one computes all.
final class ResultFamily: Sendable {
  private struct Member { weak var expression: Expression? }
  private let members = Guarded<[Member]>([])

  /// Names the results.
  func hold(_ expressions: [Expression]) {
    members.withLock { $0 = expressions.map { Member(expression: $0) } }
  }

  /// The results that somebody holds.
  var expressions: [Expression] { members.withLock { $0.compactMap(\.expression) } }
}
