import DescentGraph
import DescentTensors

/// Shows what happens in a function of named numbers: the values on the way forward, the local derivatives that are
/// stored, and what comes back through them.
///
/// ```swift
/// let explained = try explain(["x": 0.5, "w1": 0.8, "w2": -1.2]) { k in
///   sigmoid(sigmoid(k["x"] * k["w1"]) * k["w2"])
/// }
/// print(explained)
/// try explained.write(to: "chain.svg")
/// ```
///
/// - Parameters:
///   - values: The arguments by name, computed with as Float64.
///   - opened: The functions that are shown by what they are composed of, such as `gelu`; all others are one node each.
///   - function: Gives one floating-point number from them.
/// - Throws: `TensorError` of a mistake within the function, where its result is not one floating-point number, or where
///   two arguments have one name.
/// - Complexity: the time and memory of a gradient that keeps all values on its way.
public func explain(
  _ values: KeyValuePairs<String, Double>, opening opened: Set<String> = [],
  of function: (NamedValues) throws -> Tensor
) throws -> Explanation {
  try explain(values.map { ($0.key, $0.value) }, opening: opened) { (try function($0), []) }
}

/// Shows what happens in a function of named numbers, some of whose values get names of their own.
package func explain(
  _ values: [(name: String, value: Double)], opening opened: Set<String>,
  of function: (NamedValues) throws -> (Tensor, [(Tensor, name: String)])
) throws -> Explanation {
  let names = values.map(\.name)
  if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
    throw TensorError("explain", "there are two values of the name '\(twice)'")
  }
  let holders = names.map { Tensor.placeholder(TensorType([], .float64), name: $0) }
  let functions = FunctionNames(opening: opened)
  let (result, marked) = try functions.collecting { try function(NamedValues(names: names, tensors: holders)) }
  return try Explanation(
    names: names, holders: holders, values: values.map { Tensor($0.value, .float64) }, result: result, marked: marked,
    functions: functions.all)
}

/// Shows what happens in a function of tensors or models; see `explain(_:of:)` of named numbers.
///
/// ```swift
/// print(try explain(model, images) { model, images in softmaxCrossEntropy(model(images), labels) })
/// ```
///
/// A tensor is shown by its shape, its norm, its range and, where it has two axes, by a small picture.
///
/// - Parameters:
///   - arguments: Tensors, models, or arrays, dictionaries and optionals of them. Tensors within models are called by
///     their paths, others `x`, or `x1`, `x2`, ….
///   - opened: The functions that are shown by what they are composed of, such as `gelu`; all others are one node each.
///   - function: Gives one floating-point number from them.
/// - Throws: `TensorError` of a mistake within the function, or where its result is not one floating-point number.
public func explain<each Argument: Codable>(
  _ arguments: repeat each Argument, opening opened: Set<String> = [],
  of function: (repeat each Argument) throws -> Tensor
) throws -> Explanation {
  let functions = FunctionNames(opening: opened)
  let recorded = try functions.collecting { try RecordedExample(repeat each arguments, of: function) }
  return try Explanation(
    names: recorded.names, holders: recorded.holders, values: recorded.values, result: recorded.result, marked: [],
    functions: functions.all)
}

/// Shows what the compiler's passes make of a function of tensors or models.
///
/// ```swift
/// print(try explainPasses(model, images) { model, images in
///   softmaxCrossEntropy(model(images), labels)
/// })
/// ```
///
/// - Throws: `TensorError` of a mistake within the function.
public func explainPasses<each Argument: Codable>(
  _ arguments: repeat each Argument, of function: (repeat each Argument) throws -> Tensor
) throws -> CompilationStory {
  let recorded = try RecordedExample(repeat each arguments, of: function)
  return try CompilationStory("function", Trace(arguments: recorded.holders, outputs: [recorded.result]).graph)
}

/// The arguments of a function that is being explained, by name.
public struct NamedValues {
  let names: [String]
  let tensors: [Tensor]

  /// The argument of a name; a tensor that carries an error where there is none.
  public subscript(name: String) -> Tensor {
    guard let index = names.firstIndex(of: name) else {
      let known = names.isEmpty ? "there are none" : "there are \(names.joined(separator: ", "))"
      return Tensor(error: TensorError("explain", "there is no value '\(name)'; \(known)"))
    }
    return tensors[index]
  }
}

/// A function recorded on stand-ins that keep their names.
struct RecordedExample {
  var names: [String] = []
  var holders: [Tensor] = []
  var values: [Tensor] = []
  let result: Tensor

  init<each Argument: Codable>(
    _ arguments: repeat each Argument, of function: (repeat each Argument) throws -> Tensor
  ) throws {
    var trees: [ModelTree] = []
    for argument in repeat each arguments { trees.append(try ModelTree(argument)) }
    let plain = trees.count { tree in tree.leaves.contains { $0.path.isEmpty } }
    let models = trees.count - plain
    var number = 0
    var inside: [[Tensor?]] = []
    for (position, tree) in trees.enumerated() {
      if tree.leaves.contains(where: { $0.path.isEmpty }) { number += 1 }
      inside.append([])
      for leaf in tree.leaves {
        guard let tensor = leaf.tensor else {
          inside[position].append(nil)
          continue
        }
        if let error = tensor.error { throw error }
        let prefix = models > 1 ? "\(position + 1)." : ""
        let name = leaf.path.isEmpty ? (plain > 1 ? "x\(number)" : "x") : prefix + leaf.path
        let holder = Tensor.placeholder(tensor.type, name: name)
        names.append(name)
        values.append(tensor)
        holders.append(holder)
        inside[position].append(holder)
      }
    }
    var next = 0
    func rebuilt<Value: Codable>(_ type: Value.Type) throws -> Value {
      defer { next += 1 }
      return try trees[next].rebuilt(type, with: inside[next])
    }
    result = try function(repeat try rebuilt((each Argument).self))
  }
}
