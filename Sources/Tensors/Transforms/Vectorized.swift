import DescentDifferentiation
import DescentGraph

/// A function of one example as a function of many, side by side along an axis, computed all at once.
///
/// ```swift
/// let distances = vectorized(over: 0, nil) { (x: Tensor, center: Tensor) in square(x - center).sum() }
/// try distances(points, center)          // points [n, 3], center [3]: [n]
/// ```
///
/// The function is given a name before it is called, as here: in the expression that makes it, Swift cannot call a
/// function of any number of arguments.
///
/// Arguments are tensors, models, or arrays, dictionaries and optionals of them; an axis counts for every tensor of its
/// argument. Vectorised functions nest, and are differentiated and compiled like any other. All examples share what the
/// function takes from outside, random keys too: hand over a key for each example where they must differ. Running statistics
/// of a model that has examples itself, as an ensemble's members have, are updated for each; those of a model that all
/// examples share would have one value for each, and cannot be. Losses that layers report add up over the examples, and
/// metrics are averaged.
///
/// - Parameters:
///   - axes: For each argument the axis of its examples, from the end where negative, or `nil` where all examples share
///     the argument; one axis counts for all arguments, the first one where none is given.
///   - resultAxis: Where the examples' axis stands in each tensor of the result, from the end where negative.
///   - function: Gives a tensor, or anything that holds tensors, for one example.
/// - Returns: A function that throws `TensorError` where the axes do not fit its arguments.
public func vectorized<each Argument: Codable, Result: Codable>(
  over axes: Int?..., resultAxis: Int = 0, of function: @escaping (repeat each Argument) throws -> Result
) -> (repeat each Argument) throws -> Result {
  { (arguments: repeat each Argument) in
    let list = try ArgumentList(repeat each arguments)
    return try list.mapped(over: axes, resultAxis) { inside in
      try ArgumentList(try function(repeat try inside.next((each Argument).self)))
    }.next(Result.self)
  }
}

/// A function of one example that gives a tuple as a function of many; see `vectorized(over:resultAxis:of:)` of one
/// result.
public func vectorized<each Argument: Codable, First: Codable, Second: Codable, each Rest: Codable>(
  over axes: Int?..., resultAxis: Int = 0,
  of function: @escaping (repeat each Argument) throws -> (First, Second, repeat each Rest)
) -> (repeat each Argument) throws -> (First, Second, repeat each Rest) {
  vectorizedTuple(axes, resultAxis, function)
}

private func vectorizedTuple<each Argument: Codable, each Result: Codable>(
  _ axes: [Int?], _ resultAxis: Int, _ function: @escaping (repeat each Argument) throws -> (repeat each Result)
) -> (repeat each Argument) throws -> (repeat each Result) {
  { (arguments: repeat each Argument) in
    let list = try ArgumentList(repeat each arguments)
    let mapped = try list.mapped(over: axes, resultAxis) { inside in
      let results = try function(repeat try inside.next((each Argument).self))
      return try ArgumentList(repeat each results)
    }
    return (repeat try mapped.next((each Result).self))
  }
}

extension ArgumentList {
  /// The results of a function of one example for each of many.
  fileprivate func mapped(
    over axes: [Int?], _ resultAxis: Int, _ function: (Cursor) throws -> ArgumentList
  ) throws -> Cursor {
    try checkErrors()
    let examples = try ExampleAxes(axes, of: self)
    let recorded = try RecordedFunction(
      self, type: examples.typeOfOne, reporting: .handedOn, body: function)
    let reported = try recorded.reported.entries.map { ($0, try examples.axis(of: $0, in: self)) }
    let whole = try recorded.withReports()
    let isBatched = examples.places.map { $0 != nil } + recorded.trace.captured.map { _ in false }
    let graph = try derived { () throws(OperationError) in
      try whole.batched(size: examples.count, isBatched: isBatched)
    }
    let inputs = zip(tensors, examples.places).map { tensor, place in
      place.map { tensor.movingAxis($0, to: 0) } ?? tensor
    }
    let all = graph.record(on: inputs + recorded.trace.captured)
    let outputs = try all.prefix(recorded.results.tensors.count).map { output in
      guard let place = output.resolved(resultAxis) else {
        throw TensorError("vectorized", "the result has the shape \(output.shape) and no axis \(resultAxis)")
      }
      return output.movingAxis(0, to: place)
    }
    var further = all.dropFirst(outputs.count)
    for (entry, axis) in reported {
      let values = further.prefix(entry.valueCount)
      further = further.dropFirst(entry.valueCount)
      if let axis {
        entry.report(values.map { $0.movingAxis(0, to: axis) }, of: leaves)
      } else {
        entry.times(examples.count).report(values.map { $0.sum(axes: [0]) }, of: leaves)
      }
    }
    return recorded.results.cursor(replacing: outputs)
  }
}

/// Along which axis of each tensor the examples lie.
private struct ExampleAxes {
  /// The number of examples.
  let count: Int
  /// For each tensor that there is, the axis counted from the front.
  let places: [Int?]

  init(_ given: [Int?], of list: ArgumentList) throws {
    let name = "vectorized"
    let axes = given.isEmpty ? [0] : given
    guard axes.count == 1 || axes.count == list.trees.count else {
      throw TensorError(name, "\(axes.count) axes are given for \(list.trees.count) arguments")
    }
    let each = list.trees.enumerated().flatMap { number, tree in
      tree.leaves.filter { $0.tensor != nil }.map { _ in axes[axes.count == 1 ? 0 : number] }
    }
    var found: (title: String, size: Int)?
    var places: [Int?] = []
    for ((tensor, axis), title) in zip(zip(list.tensors, each), list.titles("argument")) {
      guard let axis else {
        places.append(nil)
        continue
      }
      guard let place = tensor.resolved(axis) else {
        throw TensorError(name, "\(title) has the shape \(tensor.shape) and no axis \(axis)")
      }
      let size = tensor.shape[place]
      if let found, found.size != size {
        throw TensorError(name, "\(found.title) holds \(found.size) examples, \(title) holds \(size)")
      }
      found = found ?? (title, size)
      places.append(place)
    }
    guard let found else { throw TensorError(name, "no argument has an axis to map over") }
    (count, self.places) = (found.size, places)
  }

  /// Along which axis the new values of a running statistic lie; `nil` of a number.
  func axis(of entry: ReportedValues.Entry, in list: ArgumentList) throws -> Int? {
    guard case .statistic(let statistic) = entry.kind else { return nil }
    guard let leaf = statistic.leaf, let position = list.present.firstIndex(of: leaf), let axis = places[position]
    else {
      throw TensorError(
        "vectorized",
        "'\(entry.name)' is a running statistic that is updated inside, and all examples share it: it would have a value"
          + " for each; use the layer outside, or for inference")
    }
    return axis
  }

  /// The type of one example.
  func typeOfOne(_ position: Int, _ type: TensorType) -> TensorType {
    places[position].map { type.with(shape: type.shape.removing(axes: [$0])) } ?? type
  }
}

extension Tensor {
  /// The tensor with one axis at another place.
  fileprivate func movingAxis(_ axis: Int, to place: Int) -> Tensor {
    guard axis != place, error == nil else { return self }
    var order = Array(shape.indices)
    order.insert(order.remove(at: axis), at: place)
    return transposed(order)
  }
}
