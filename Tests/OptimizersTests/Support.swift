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
  let names = start.indices.map { "p\($0)" }
  var values = zip(start, shapes).map { Tensor($0, shape: $1, .float64) }
  var state = try optimizer.initialState(for: zip(names, values).map { OptimizedParameter(path: $0, value: $1) })
  try optimizer.validate()
  for number in 1...steps {
    let parameters = try values.indices.map { index in
      OptimizedParameter(
        path: names[index], value: values[index],
        gradient: Tensor(gradient(try values[index].scalars()), shape: shapes[index], .float64))
    }
    let step = StepContext(number: Tensor(Double(number), .float64))
    let movements = try optimizer.movements(of: parameters, state: &state, at: step)
    values = zip(parameters, movements).map { $0.moved(by: $1) }
    let remembered = try ModelTree(state).leaves.compactMap(\.tensor)
    try evaluate(values + remembered)
  }
  for (value, shape) in zip(values, shapes) { #expect(value.shape == shape) }
  return try values.map { try $0.scalars() }
}

/// One step of a rule that begins, on parameters that are given.
func firstStep<Rule: Optimizer>(
  _ optimizer: Rule, _ parameters: [OptimizedParameter], at step: StepContext = StepContext(number: Tensor(1, .float64))
) throws -> (values: [Tensor], state: Rule.State) {
  var state = try optimizer.initialState(for: parameters)
  let movements = try optimizer.movements(of: parameters, state: &state, at: step)
  return (zip(parameters, movements).map { $0.moved(by: $1) }, state)
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
  do {
    try optimizer.validate()
    return "no error"
  } catch { return "\(error)" }
}
