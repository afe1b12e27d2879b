import DescentGraph

/// The tensors from outside that several recorded functions use, each once, as operands of the operation that holds the
/// functions.
struct CapturedUnion {
  /// The tensors, in the order in which they were met.
  let tensors: [Tensor]
  private let places: [ObjectIdentifier: Int]

  /// - Parameter further: Tensors that are needed in addition to those of the functions.
  init(_ functions: [RecordedFunction], and further: [Tensor] = []) {
    var tensors: [Tensor] = []
    var places: [ObjectIdentifier: Int] = [:]
    for tensor in functions.flatMap(\.trace.captured) + further where places[ObjectIdentifier(tensor.expression)] == nil
    {
      places[ObjectIdentifier(tensor.expression)] = tensors.count
      tensors.append(tensor)
    }
    self.tensors = tensors
    self.places = places
  }

  /// What a function captured, out of values for the union.
  func own<Element>(of function: RecordedFunction, among values: [Element]) -> [Element] {
    function.trace.captured.compactMap { places[ObjectIdentifier($0.expression)].map { values[$0] } }
  }

  /// A tensor, out of values for the union.
  func own<Element>(_ tensor: Tensor, among values: [Element]) -> Element? {
    places[ObjectIdentifier(tensor.expression)].map { values[$0] }
  }

  /// A function of its arguments followed by everything in the union.
  func body(of function: RecordedFunction) throws -> Body {
    let arguments = function.arguments.tensors.count
    let types = Array(function.trace.graph.inputTypes[..<arguments]) + tensors.map(\.type)
    return try derived { () throws(OperationError) in
      try Body.write(types) { builder, inputs throws(OperationError) in
        let captured = own(of: function, among: Array(inputs[arguments...]))
        return builder.inline(function.trace.graph, inputs[..<arguments] + captured)
      }
    }
  }
}

extension ArgumentList {
  /// Refuses a value that has not the form of this one: the same structure, with tensors of the same types.
  ///
  /// - Parameters:
  ///   - subject: What errors call the value, such as `the state`.
  ///   - verbs: What errors say of this value and of the other, such as `enters` and `leaves`.
  func checkSameForm(
    _ other: ArgumentList, _ subject: String, _ verbs: (own: String, other: String), in operation: String
  ) throws {
    if ArgumentForm(trees) == ArgumentForm(other.trees) { return }
    for (own, its) in zip(leaves, other.leaves) where own.path == its.path {
      guard let before = own.tensor?.type, let after = its.tensor?.type, before != after else { continue }
      let name = own.path.isEmpty ? subject : "\(subject)'s `\(own.path)`"
      throw TensorError(operation, "\(name) \(verbs.own) as \(before) and \(verbs.other) as \(after)")
    }
    throw TensorError(
      operation,
      "\(subject) \(verbs.own) with \(tensors.count) tensors and \(verbs.other) with \(other.tensors.count), or in"
        + " another form: only the values of tensors may change")
  }
}

extension Tensor {
  /// The results of an operation.
  ///
  /// - Throws: the error that they carry.
  static func recorded(_ operation: some Operation, _ operands: [Tensor]) throws -> [Tensor] {
    let results = recordAll(operation, operands)
    if let error = results.lazy.compactMap(\.error).first { throw error }
    return results
  }

  /// A tensor that carries whatever error a function throws.
  static func carryingErrors(of operation: String, _ body: () throws -> Tensor) -> Tensor {
    do { return try body() } catch { return failed(error, in: operation) }
  }

  /// A tensor that carries any error.
  static func failed(_ error: any Error, in operation: String) -> Tensor {
    Tensor(error: error as? TensorError ?? TensorError(operation, "\(error)"))
  }
}
