import DescentGraph
import DescentTensors
import Dispatch
import Foundation

/// Many searches of one function, side by side: each runs on a thread of its own and asks for one evaluation after the
/// other, and whatever all of them wait for at a time is one run of a vectorized plan.
///
/// The plans run on the thread that asked for the searches, so that the others do arithmetic alone.
final class SideBySide: Sendable {
  /// What a search may ask for.
  fileprivate enum Question: Hashable, Sendable { case value, gradient, hessianProduct, hessian }

  private struct State {
    var questions: [Int: (kind: Question, vectors: [[Double]])] = [:]
    var answers: [Int: Result<[[Double]], any Error>] = [:]
    /// How many searches have not come to an end.
    var running: Int
    var isCanceled = false
  }

  private let state: Guarded<State>
  /// Signaled where every search that runs waits for an answer, or the last one has come to an end.
  private let isReady = DispatchSemaphore(value: 0)
  private let isAnswered: [DispatchSemaphore]

  private init(count: Int) {
    state = Guarded(State(running: count))
    isAnswered = (0..<count).map { _ in DispatchSemaphore(value: 0) }
  }

  /// Searches from each of some starts.
  ///
  /// - Parameters:
  ///   - function: The function that is minimized.
  ///   - body: The search from one start, of an objective that asks here.
  /// - Returns: What became of each search.
  static func run<Found: Sendable>(
    _ starts: [[Double]], of function: Trace, isMaximized: Bool, roundingUnit: Double,
    _ body: @escaping @Sendable (any Objective, [Double]) throws -> Found
  ) throws -> [Result<Found, any Error>] {
    let desk = SideBySide(count: starts.count)
    let found = Results<Found>()
    for (index, start) in starts.enumerated() {
      let thread = Thread {
        let caller = Caller(desk: desk, index: index, count: start.count, roundingUnit: roundingUnit)
        let result = Result { try body(caller, start) }
        found.all.withLock { $0[index] = result }
        desk.leave()
      }
      thread.stackSize = 1 << 21
      thread.start()
    }
    try desk.answerAll(VectorizedPlans(function, isMaximized: isMaximized))
    let all = found.all.withLock { $0 }
    return try starts.indices.map { index in
      guard let result = all[index] else { throw TensorError("minimize", "a search got lost") }
      return result
    }
  }

  /// Answers until no search runs any more.
  private func answerAll(_ plans: VectorizedPlans) throws {
    while true {
      isReady.wait()
      let isCanceled = Task.isCancelled
      let asked = state.withLock { state in
        if isCanceled { state.isCanceled = true }
        defer { state.questions = [:] }
        return state.questions
      }
      if asked.isEmpty { return }
      for (kind, questions) in Dictionary(grouping: asked, by: \.value.kind) {
        let order = questions.sorted { $0.key < $1.key }
        let answers = Result { try plans.run(kind, order.map(\.value.vectors)) }
        state.withLock { state in
          for (place, question) in order.enumerated() {
            state.answers[question.key] = answers.map { $0[place] }
          }
        }
      }
      for index in asked.keys { isAnswered[index].signal() }
    }
  }

  fileprivate func ask(_ index: Int, _ kind: Question, _ vectors: [[Double]]) throws -> [[Double]] {
    let isLast = state.withLock { state in
      state.questions[index] = (kind, vectors)
      return state.questions.count == state.running
    }
    if isLast { isReady.signal() }
    isAnswered[index].wait()
    let answer = state.withLock { $0.answers.removeValue(forKey: index) }
    guard let answer else { throw TensorError("minimize", "an answer got lost") }
    return try answer.get()
  }

  private func leave() {
    let isLast = state.withLock { state in
      state.running -= 1
      return state.questions.count == state.running
    }
    if isLast { isReady.signal() }
  }

  /// Whether the task that asked for the searches was canceled.
  fileprivate var isCanceled: Bool { state.withLock(\.isCanceled) }
}

/// What became of the searches, by their starts.
private final class Results<Found: Sendable>: Sendable {
  let all = Guarded([Int: Result<Found, any Error>]())
}

/// One of the searches' objective.
private final class Caller: Objective {
  let count: Int
  let roundingUnit: Double
  private let desk: SideBySide
  private let index: Int

  init(desk: SideBySide, index: Int, count: Int, roundingUnit: Double) {
    (self.desk, self.index, self.count, self.roundingUnit) = (desk, index, count, roundingUnit)
  }

  var isCanceled: Bool { desk.isCanceled }

  func value(at point: [Double]) throws -> Double { try desk.ask(index, .value, [point])[0][0] }

  func evaluate(at point: [Double]) throws -> Evaluation {
    let answer = try desk.ask(index, .gradient, [point])
    return Evaluation(point: point, value: answer[0][0], gradient: answer[1])
  }

  func hessianProduct(at point: [Double], _ vector: [Double]) throws -> [Double] {
    try desk.ask(index, .hessianProduct, [point, vector])[0]
  }

  func hessian(at point: [Double]) throws -> [Double] { try desk.ask(index, .hessian, [point])[0] }
}

/// Plans of a function for many points at once, for as many as a power of two each.
private final class VectorizedPlans {
  private let trace: Trace
  private let isMaximized: Bool
  private var plans: [Kind: CompiledFunction] = [:]

  private struct Kind: Hashable {
    let question: SideBySide.Question
    let size: Int
  }

  init(_ trace: Trace, isMaximized: Bool) { (self.trace, self.isMaximized) = (trace, isMaximized) }

  /// - Parameter questions: For each point the vectors that it comes with.
  /// - Returns: For each point the results.
  func run(_ question: SideBySide.Question, _ questions: [[[Double]]]) throws -> [[[Double]]] {
    var size = 1
    while size < questions.count { size *= 2 }
    // Places that nobody asks for are filled with the last question.
    let last = questions[questions.count - 1]
    let rows = questions + [[[Double]]](repeating: last, count: size - questions.count)
    let arguments = try last.indices.map { argument in
      let flat = rows.flatMap { $0[argument] }
      return try Buffer.doubles(flat, [size, last[argument].count])
    }
    let results = try plan(Kind(question: question, size: size)).run(arguments).map { try $0.doubles() }
    return questions.indices.map { row in
      results.map { numbers in
        let width = numbers.count / size
        return Array(numbers[row * width..<(row + 1) * width])
      }
    }
  }

  private func plan(_ kind: Kind) throws -> CompiledFunction {
    if let known = plans[kind] { return known }
    let graph: Graph
    do throws(OperationError) {
      let scalar = try trace.graph.scalar(negated: isMaximized)
      let single =
        switch kind.question {
        case .value: scalar
        case .gradient: try scalar.gradient(parameters: [0])
        case .hessianProduct: try scalar.hessianVectorProduct(parameters: [0]).withDirectionSecond()
        case .hessian: try scalar.hessian(parameters: [0])
        }
      let own = kind.question == .hessianProduct ? 2 : 1
      graph = try single.batched(size: kind.size, isBatched: single.inputs.indices.map { $0 < own })
    } catch { throw TensorError(error) }
    let plan = try CompiledFunction(Trace(graph: graph, captured: trace.captured))
    plans[kind] = plan
    return plan
  }
}
