import DescentGraph

/// An array of numbers with any number of axes, or the promise of one.
///
/// A tensor is a value: copying it is free, and no operation changes it. Operations do not compute, they are recorded;
/// reading elements (`scalars()`, `item()`) computes what is needed in one compiled plan. A mistake makes a tensor that
/// carries the error, and reading it throws.
public struct Tensor: Sendable {
  let expression: Expression

  init(_ expression: Expression) { self.expression = expression }

  /// The sizes along the axes, outermost first. Empty for a tensor that carries an error.
  public var shape: Shape { expression.type.shape }
  /// The type of the elements.
  public var elementType: ElementType { expression.type.elementType }
  /// The number of axes.
  public var rank: Int { shape.rank }
  /// The number of elements.
  public var count: Int { shape.count }
  /// The error that this tensor carries, if a mistake was made on the way to it.
  public var error: TensorError? { expression.failure }

  package var type: TensorType { expression.type }
}

extension Tensor {
  /// A tensor that carries an error.
  public init(error: TensorError) {
    self.init(Expression(.failure(error), type: TensorType([], .float32)))
  }

  /// A tensor that carries a mistake made here.
  static func failure(_ operation: String, _ message: String) -> Tensor {
    Tensor(error: TensorError(operation, message))
  }

  /// A computed tensor.
  package init(_ literal: Literal) { self.init(Expression(.literal(literal), type: literal.type)) }

  /// A tensor that the host knows.
  package init(_ literal: HostLiteral) { self.init(Literal(literal)) }

  /// An argument of a function that is about to be recorded.
  ///
  /// - Parameter isParameter: Whether it is a parameter, whose name says which layer holds it.
  package static func placeholder(_ type: TensorType, name: String = "", isParameter: Bool = false) -> Tensor {
    Tensor(Expression(.placeholder(name: name), type: type, origin: isParameter ? Origin(ofParameter: name) : Origin()))
  }

  /// Records an operation of one result.
  static func record(_ operation: some Operation, _ operands: [Tensor]) -> Tensor {
    recordAll(operation, operands)[0]
  }

  /// Records an operation; where it cannot be, the results carry the error.
  ///
  /// - Parameter provenance: Where it comes from, where it is copied; otherwise from here.
  static func recordAll(
    _ operation: some Operation, _ operands: [Tensor], from provenance: Provenance? = nil
  ) -> [Tensor] {
    if let failed = operands.first(where: { $0.expression.hasFailed }) { return [failed] }
    do throws(OperationError) {
      let types = try operation.resultTypes(of: operands.map(\.type))
      let expressions = operands.map(\.expression)
      let origin = Origin(of: expressions, from: provenance)
      let family = types.count > 1 ? ResultFamily() : nil
      let results = types.indices.map {
        Expression(.operation(operation, expressions, result: $0), type: types[$0], family: family, origin: origin)
      }
      family?.hold(results)
      return results.map { Tensor($0) }
    } catch {
      return [Tensor(error: TensorError(error))]
    }
  }

  /// What a body gives as one call of a function, or this tensor or the given one, whichever carries an error.
  func unlessFailed(_ other: Tensor, of function: String = #function, _ body: () -> Tensor) -> Tensor {
    if error != nil { return self }
    return other.error != nil ? other : .calling(function, body)
  }
}
