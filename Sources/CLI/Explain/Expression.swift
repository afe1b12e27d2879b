import Descent

/// An expression of named numbers, such as `sigmoid(w2*sigmoid(w1*x))`.
indirect enum Expression {
  case number(Double)
  case name(String, column: Int)
  case negative(Expression)
  case sum(Expression, Expression)
  case difference(Expression, Expression)
  case product(Expression, Expression)
  case quotient(Expression, Expression)
  case power(Expression, Expression)
  /// A function that is known, under the name by which the expression calls it.
  case call(ExpressionFunction, as: String, [Expression])

  /// The names of its values, in the order in which they first stand there.
  var names: [(name: String, column: Int)] {
    var found: [(name: String, column: Int)] = []
    visit { expression in
      if case .name(let name, let column) = expression, !found.contains(where: { $0.name == name }) {
        found.append((name, column))
      }
    }
    return found
  }

  private func visit(_ body: (Expression) -> Void) {
    body(self)
    switch self {
    case .number, .name: break
    case .negative(let inner): inner.visit(body)
    case .sum(let a, let b), .difference(let a, let b), .product(let a, let b), .quotient(let a, let b),
      .power(let a, let b):
      a.visit(body)
      b.visit(body)
    case .call(_, _, let arguments): for argument in arguments { argument.visit(body) }
    }
  }

  /// Computes with tensors.
  ///
  /// - Parameters:
  ///   - value: The tensor of a name.
  ///   - named: Told of each function's result that the user has given a name of its own.
  func tensor(_ value: (String) -> Tensor, _ named: (Tensor, String) -> Void = { _, _ in }) -> Tensor {
    func inner(_ expression: Expression) -> Tensor { expression.tensor(value, named) }
    switch self {
    case .number(let number): return Tensor(number, .float64)
    case .name(let name, _): return value(name)
    case .negative(.number(let number)): return Tensor(-number, .float64)
    case .negative(let a): return -inner(a)
    case .sum(let a, let b): return inner(a) + inner(b)
    case .difference(let a, let b): return inner(a) - inner(b)
    case .product(let a, let b): return inner(a) * inner(b)
    case .quotient(let a, let b): return inner(a) / inner(b)
    case .power(let a, let b): return pow(inner(a), inner(b))
    case .call(let function, let name, let arguments):
      let result = function.apply(arguments.map(inner))
      if name != function.name { named(result, name) }
      return result
    }
  }
}

/// A function that expressions can call.
struct ExpressionFunction {
  /// Its name.
  let name: String
  /// How many arguments it takes.
  let arity: Int
  let apply: ([Tensor]) -> Tensor

  private init(_ name: String, _ function: @escaping (Tensor) -> Tensor) {
    (self.name, arity, apply) = (name, 1, { function($0[0]) })
  }

  private init(_ name: String, _ function: @escaping (Tensor, Tensor) -> Tensor) {
    (self.name, arity, apply) = (name, 2, { function($0[0], $0[1]) })
  }

  /// All that there are, by name.
  static var all: [String: ExpressionFunction] {
    let functions: [ExpressionFunction] = [
      ExpressionFunction("sigmoid", sigmoid), ExpressionFunction("tanh", tanh), ExpressionFunction("relu", relu),
      ExpressionFunction("exp", exp), ExpressionFunction("expm1", expm1), ExpressionFunction("log", log),
      ExpressionFunction("log1p", log1p), ExpressionFunction("sqrt", sqrt), ExpressionFunction("rsqrt", rsqrt),
      ExpressionFunction("square", square), ExpressionFunction("sin", sin), ExpressionFunction("cos", cos),
      ExpressionFunction("erf", erf), ExpressionFunction("abs", abs), ExpressionFunction("sign", sign),
      ExpressionFunction("floor", floor), ExpressionFunction("ceil", ceil), ExpressionFunction("round", round),
      ExpressionFunction("softplus", softplus), ExpressionFunction("silu", silu), ExpressionFunction("gelu", gelu),
      ExpressionFunction("leakyRelu") { leakyRelu($0) },
      ExpressionFunction("pow") { pow($0, $1) }, ExpressionFunction("max") { maximum($0, $1) },
      ExpressionFunction("min") { minimum($0, $1) },
    ]
    return Dictionary(uniqueKeysWithValues: functions.map { ($0.name, $0) })
  }
}
