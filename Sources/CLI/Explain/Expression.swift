import Descent

/// An expression of named numbers, such as `sigmoid(w2*sigmoid(w1*x))`.
indirect enum Expression: Sendable {
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
struct ExpressionFunction: Sendable {
  /// Its name.
  let name: String
  /// How many arguments it takes.
  let arity: Int
  let apply: @Sendable ([Tensor]) -> Tensor

  private init(_ name: String, _ function: @escaping @Sendable (Tensor) -> Tensor) {
    (self.name, arity, apply) = (name, 1, { function($0[0]) })
  }

  private init(_ name: String, _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor) {
    (self.name, arity, apply) = (name, 2, { function($0[0], $0[1]) })
  }

  /// All that there are, by name.
  static var all: [String: ExpressionFunction] {
    let functions = unary.map { ExpressionFunction($0, $1) } + binary.map { ExpressionFunction($0, $1) }
    return Dictionary(uniqueKeysWithValues: functions.map { ($0.name, $0) })
  }

  /// What is said of a name that no function has.
  ///
  /// - Parameter names: The names of all functions.
  static func unknown(_ name: String, among names: some Sequence<String> = all.keys) -> String {
    let hint =
      nearestName(to: name, among: names).map { "did you mean '\($0)'?" }
      ?? "there are \(names.sorted().joined(separator: ", "))"
    return "there is no function '\(name)'; \(hint)"
  }

  /// The functions of one number.
  private static var unary: [(String, @Sendable (Tensor) -> Tensor)] {
    [
      ("exp", exp), ("expm1", expm1), ("exp2", exp2),
      ("log", log), ("log1p", log1p), ("log2", log2), ("log10", log10), ("logit", logit),
      ("sqrt", sqrt), ("rsqrt", rsqrt), ("cbrt", cbrt), ("square", square), ("abs", abs), ("sign", sign),
      ("sin", sin), ("cos", cos), ("tan", tan), ("asin", asin), ("acos", acos), ("atan", atan), ("sinc", sinc),
      ("sinh", sinh), ("cosh", cosh), ("tanh", tanh), ("asinh", asinh), ("acosh", acosh), ("atanh", atanh),
      ("degrees", degrees), ("radians", radians),
      ("floor", floor), ("ceil", ceil), ("round", round), ("trunc", trunc), ("frac", frac),
      ("erf", erf), ("erfc", erfc), ("erfInverse", erfInverse), ("lgamma", lgamma), ("digamma", digamma),
      ("sigmoid", sigmoid), ("logSigmoid", logSigmoid), ("softplus", softplus), ("softsign", softsign),
      ("relu", relu), ("relu6", relu6), ("leakyRelu", { leakyRelu($0) }), ("elu", { elu($0) }), ("selu", selu),
      ("celu", { celu($0) }), ("silu", silu), ("mish", mish), ("gelu", { gelu($0) }),
      ("hardTanh", { hardTanh($0) }), ("hardSigmoid", hardSigmoid), ("hardSwish", hardSwish),
      ("tanhShrink", tanhShrink), ("softShrink", { softShrink($0) }), ("hardShrink", { hardShrink($0) }),
    ]
  }

  /// The functions of two numbers.
  private static var binary: [(String, @Sendable (Tensor, Tensor) -> Tensor)] {
    [
      ("pow", { pow($0, $1) }), ("max", { maximum($0, $1) }), ("min", { minimum($0, $1) }),
      ("atan2", atan2), ("hypot", hypot), ("logAddExp", logAddExp),
      ("floorDivide", floorDivide), ("remainder", remainder), ("fmod", fmod), ("copySign", copySign),
    ]
  }
}
