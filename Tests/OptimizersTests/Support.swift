import DescentGraph
import DescentOptimizers
import DescentTensors
import Testing

/// Runs an optimizer for some steps, each with the gradient that a function gives of the values.
func descend(
  _ optimizer: some Optimizer, from start: [[Double]], shapes: [Shape]? = nil, steps: Int,
  gradient: ([Double]) -> [Double]
) throws -> [[Double]] {
  let shapes = shapes ?? start.map { [$0.count] }
  var values = zip(start, shapes).map { Tensor($0, shape: $1, .float64) }
  var states = values.map { optimizer.initialState(for: $0) }
  for step in 1...steps {
    let parameters = try values.indices.map { index in
      OptimizedParameter(
        path: "p\(index)", value: values[index],
        gradient: Tensor(gradient(try values[index].scalars()), shape: shapes[index], .float64), state: states[index])
    }
    let updates = optimizer.update(parameters, step: Tensor(Double(step), .float64))
    values = updates.map(\.value)
    states = updates.map(\.state)
    try evaluate(values + states.flatMap(\.self))
  }
  return try values.map { try $0.scalars() }
}

func expectClose(
  _ found: [Double], _ wanted: [Double], within tolerance: Double = 1e-12, location: SourceLocation = #_sourceLocation
) {
  #expect(found.count == wanted.count, sourceLocation: location)
  for (a, b) in zip(found, wanted) {
    #expect(abs(a - b) <= tolerance * max(1, abs(b)), "\(found) is not \(wanted)", sourceLocation: location)
  }
}

/// What an optimizer with senseless settings says.
func fault(of optimizer: some Optimizer) -> String {
  let value = Tensor([1.0])
  let parameter = OptimizedParameter(
    path: "w", value: value, gradient: value, state: optimizer.initialState(for: value))
  return optimizer.update([parameter], step: Tensor(1, .float64))[0].value.error.map { "\($0)" } ?? "no error"
}
