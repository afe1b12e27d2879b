import DescentDifferentiation
import DescentGraph

/// Writes a function of Float64 vectors.
func function(of shapes: Shape..., body: ([Symbol]) -> Symbol) throws -> Graph {
  let builder = GraphBuilder()
  let inputs = shapes.map { builder.input(TensorType($0, .float64)) }
  return try builder.graph(outputs: [body(inputs)])
}

/// A Float64 vector, or a tensor of another shape.
func numbers(_ values: [Double], _ shape: Shape? = nil) -> ReferenceArray {
  ReferenceArray(TensorType(shape ?? [values.count], .float64), reals: values)
}

extension Symbol {
  /// The sum of all elements.
  var total: Symbol { sum(axes: Array(shape.indices)) }
}

extension Graph {
  /// The function with only some of its outputs.
  func keeping(_ outputs: some Sequence<Int>) -> Graph {
    Graph(nodes: nodes, inputs: inputs, outputs: outputs.map { self.outputs[$0] }).removingDeadNodes()
  }

  /// The function with its only output summed.
  func summed() throws -> Graph {
    let builder = GraphBuilder()
    let inputs = inputs.map { builder.input(type(of: $0)) }
    return try builder.graph(outputs: builder.inline(self, inputs).map(\.total))
  }

  /// The gradient of the summed output in one argument, itself a function of the same arguments.
  func slope(in parameter: Int = 0) throws -> Graph { try summed().gradient(parameters: [parameter]).keeping([1]) }
}

/// The derivative of an elementwise function of as many vectors, taken in each of the named arguments in turn.
func derivative(
  _ parameters: [Int], at points: [[Double]], of body: ([Symbol]) -> Symbol
) throws -> [Double] {
  let builder = GraphBuilder()
  let inputs = points.map { builder.input(TensorType([$0.count], .float64)) }
  var graph = try builder.graph(outputs: [body(inputs)])
  for parameter in parameters { graph = try graph.slope(in: parameter) }
  try graph.check()
  return try graph.evaluate(points.map { numbers($0) })[0].reals
}

/// The derivative of some order of an elementwise function of one vector.
func derivative(order: Int = 1, at points: [Double], of body: (Symbol) -> Symbol) throws -> [Double] {
  try derivative([Int](repeating: 0, count: order), at: [points]) { body($0[0]) }
}

/// Whether numbers agree to a part of themselves; NaN and infinities must be the same.
func agree(_ found: [Double], _ wanted: [Double], to tolerance: Double = 1e-13) -> Bool {
  found.count == wanted.count
    && zip(found, wanted).allSatisfy { found, wanted in
      found == wanted || found.isNaN && wanted.isNaN || (found - wanted).magnitude <= tolerance * wanted.magnitude
    }
}
