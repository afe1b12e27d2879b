import DescentCPU
import DescentCompiler
import DescentDifferentiation
import DescentGraph
import DescentTensors

/// A promise that a program shows to be broken.
struct Fault: Error {
  /// The promise.
  let promise: String
  /// What was found instead.
  let message: String
}

/// How many promises were held to, and of how many rounding alone decided.
struct Tally {
  var judged = 0
  var unjudged = 0
  /// Of the derivatives, those that were held against differences.
  var differences = 0

  mutating func count(_ isJudged: Bool) { if isJudged { judged += 1 } else { unjudged += 1 } }
}

/// Holds a program to everything that Descent promises of it.
struct Examination {
  /// What makes plans; a test of the tests puts a faulty one here.
  var compile: (Graph, [Donation]) throws -> any Executable = { graph, donations in
    try CPUBackend().compile(graph, donations: donations, memoryLimit: nil)
  }
  /// What was done so far.
  private(set) var tally = Tally()

  /// The first promise that is broken.
  mutating func fault(in program: Program) -> Fault? {
    do {
      try examine(program)
      return nil
    } catch let fault as Fault {
      return fault
    } catch {
      return Fault(promise: "programs have no mistakes", message: "\(error)")
    }
  }

  private mutating func examine(_ program: Program) throws {
    let trace = try ProgramRunner.record(program, .float64).trace
    let (graph, count) = (trace.graph, program.inputs.count)
    try graph.check()
    let arguments = try Self.arguments(of: trace, count)
    let value = try Reference(graph, arguments, .float64)
    try hold(graph, arguments, value, "a compiled plan gives what the reference gives")
    let donations = Self.donations(graph)
    if !donations.isEmpty { try hold(graph, arguments, value, "so does one with donated inputs", donations) }
    try examineDerivatives(program, graph, arguments, value)
    try examineBatching(graph, arguments, count)

    let narrowTrace = try ProgramRunner.record(program, .float32).trace
    let narrow = narrowTrace.graph
    let rounded = try Self.arguments(of: narrowTrace, count).map { try ReferenceArray($0.literal()) }
    try hold(
      narrow, rounded, try Reference(narrow, rounded, .float32),
      "a compiled plan in Float32 gives what the reference does")
  }

  private mutating func hold(
    _ graph: Graph, _ arguments: [ReferenceArray], _ wanted: Reference, _ promise: String, _ donations: [Donation] = []
  ) throws {
    let plan = try compile(graph, donations)
    let outputs = try plan.run(try arguments.map { try $0.literal().buffer })
    let found = try zip(plan.outputTypes, outputs).map { try ReferenceArray(Literal(type: $0, buffer: $1)) }
    tally.count(wanted.isJudged)
    if let fault = wanted.fault(in: found) { throw Fault(promise: promise, message: fault) }
  }

  private mutating func examineDerivatives(
    _ program: Program, _ graph: Graph, _ arguments: [ReferenceArray], _ value: Reference
  ) throws {
    // Behind the program's arguments stand the numbers that it takes from outside.
    let parameters = Array(program.inputs.indices)
    let weights = graph.outputTypes.enumerated().map { Self.numbers($1, salt: $0 + 100) }
    let directions = parameters.map { Self.numbers(arguments[$0].type, salt: $0 + 200) }
    let count = graph.outputs.count

    let back = try graph.vectorJacobianProduct(parameters: parameters)
    try back.check()
    let pulled = try Reference(back, arguments + weights, .float64)
    try hold(back, arguments + weights, pulled, "a compiled derivative gives what its reference gives")

    let ahead = try graph.jacobianVectorProduct(parameters: parameters)
    try ahead.check()
    let pushed = try Reference(ahead, arguments + directions, .float64)
    let forward = pushed.values[count...].inner(weights)
    let reverse = pulled.values[count...].inner(directions)
    let allowed = pushed.allowed[count...].inner(weights) + pulled.allowed[count...].inner(directions)
    tally.count(allowed.isFinite)
    guard (forward - reverse).magnitude <= allowed || !allowed.isFinite else {
      throw Fault(
        promise: "reverse mode agrees with forward mode",
        message: "⟨w, J·u⟩ = \(forward), ⟨Jᵀ·w, u⟩ = \(reverse), \(allowed) allowed")
    }

    guard program.isDifferentiated, allowed.isFinite else { return }
    let noise = value.allowed[...].inner(weights)
    let difference = try Difference { step in
      let moved = zip(arguments, directions).map { $0.moved(along: $1, by: step) }
      return try graph.evaluate(moved + arguments[parameters.count...])[...].inner(weights)
    }
    let tolerance = difference.allowed + noise / Difference.step + allowed
    guard tolerance <= 1e-5 * max(1, difference.value.magnitude) else { return }
    tally.differences += 1
    guard (difference.value - forward).magnitude <= tolerance else {
      throw Fault(
        promise: "the derivative is what differences say",
        message: "derivative \(forward), difference \(difference.value), \(tolerance) allowed")
    }
  }

  private mutating func examineBatching(_ graph: Graph, _ arguments: [ReferenceArray], _ count: Int) throws {
    let size = 2
    let isBatched = arguments.indices.map { $0 == 0 || $0 < count && graph.nodes.count >> $0 & 1 == 1 }
    let wide = try graph.batched(size: size, isBatched: isBatched)
    try wide.check()
    let examples = (0..<size).map { example in
      arguments.indices.map {
        isBatched[$0] ? Self.numbers(arguments[$0].type, salt: $0 + 10 * example) : arguments[$0]
      }
    }
    let together = arguments.indices.map { index in
      isBatched[index]
        ? ReferenceArray.stacked(examples.map { $0[index] }, as: arguments[index].type) : arguments[index]
    }
    let wanted = try Reference(wide, together, .float64)
    let each = try examples.map { try graph.evaluate($0) }
    let looped = graph.outputs.indices.map { output in
      ReferenceArray.stacked(each.map { $0[output] }, as: graph.outputTypes[output])
    }
    tally.count(wanted.isJudged)
    if let fault = wanted.fault(in: looped) {
      throw Fault(promise: "examples side by side give what each gives alone", message: fault)
    }
    try hold(wide, together, wanted, "a compiled batched function gives what its reference gives")
  }

  /// Numbers for a program's arguments, followed by those that it takes from outside.
  private static func arguments(of trace: Trace, _ count: Int) throws -> [ReferenceArray] {
    let own = trace.graph.inputTypes[..<count].enumerated().map { numbers($1, salt: $0) }
    return try own + trace.captured.map { try ReferenceArray($0.literal()) }
  }

  /// Numbers in no particular order between −1.2 and 1.2, the same for the same salt.
  private static func numbers(_ type: TensorType, salt: Int) -> ReferenceArray {
    var state = UInt64(salt &+ 1) &* 0x9E37_79B9_7F4A_7C15
    return ReferenceArray(
      type,
      reals: (0..<type.count).map { _ in
        state = state &* 0x5851_F42D_4C95_7F2D &+ 0x1405_7B7E_F767_814F
        return 1.2 * Double(Int64(bitPattern: state) >> 11) * 0x1p-52
      })
  }

  /// Each output takes an input of its type, whatever else reads that.
  private static func donations(_ graph: Graph) -> [Donation] {
    var donations: [Donation] = []
    for (output, type) in graph.outputTypes.enumerated() {
      let taken = donations.map(\.input)
      let input = graph.inputTypes.indices.first { graph.inputTypes[$0] == type && !taken.contains($0) }
      if let input { donations.append(Donation(input: input, output: output)) }
    }
    return donations
  }
}

/// A derivative by central differences, and how far it may be away.
struct Difference {
  let value: Double
  let allowed: Double

  /// Differentiates a function at 0.
  ///
  /// Differences over a step and over half of it, extrapolated, are as exact as they agree. Where the function has a
  /// bend between them, the second differences do not shrink as those of a smooth one do.
  init(_ function: (Double) throws -> Double) throws {
    let (step, half) = (Self.step, Self.step / 2)
    let middle = try function(0)
    let (ahead, behind) = (try function(step), try function(-step))
    let (halfAhead, halfBehind) = (try function(half), try function(-half))
    let (coarse, fine) = ((ahead - behind) / (2 * step), (halfAhead - halfBehind) / step)
    let bend = (ahead - middle) / step - (middle - behind) / step
    let halfBend = (halfAhead - middle) / half - (middle - halfBehind) / half
    value = fine + (fine - coarse) / 3
    allowed = 4 * (value - fine).magnitude + 2 * (2 * halfBend - bend).magnitude
  }

  static let step = 1e-4
}

extension ArraySlice<ReferenceArray> {
  /// The inner product with other arrays of the same shapes.
  fileprivate func inner(_ others: [ReferenceArray]) -> Double {
    zip(self, others).reduce(0) { sum, pair in zip(pair.0.reals, pair.1.reals).reduce(sum) { $0 + $1.0 * $1.1 } }
  }
}

extension ArraySlice<Double> {
  /// How far an inner product with other arrays may be away, where each number of the arrays may be as far as this says.
  fileprivate func inner(_ others: [ReferenceArray]) -> Double {
    zip(self, others).reduce(0) { sum, pair in
      sum + (pair.1.reals.isEmpty ? 0 : pair.0 * pair.1.reals.reduce(0) { $0 + $1.magnitude })
    }
  }
}

extension ReferenceArray {
  fileprivate func moved(along direction: ReferenceArray, by step: Double) -> ReferenceArray {
    ReferenceArray(type, reals: zip(reals, direction.reals).map { $0 + step * $1 })
  }

  fileprivate static func stacked(_ parts: [ReferenceArray], as type: TensorType) -> ReferenceArray {
    ReferenceArray(type.with(shape: type.shape.prepending(parts.count)), reals: parts.flatMap(\.reals))
  }
}
