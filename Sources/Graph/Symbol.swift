/// A value in a graph under construction, with the arithmetic that rules are written in.
package struct Symbol {
  /// The graph that the value is written into.
  package let builder: GraphBuilder
  /// Which value.
  package let value: Value

  /// Names a value of a builder.
  package init(builder: GraphBuilder, value: Value) {
    self.builder = builder
    self.value = value
  }

  /// The value's shape and element type.
  package var type: TensorType { builder.type(of: value) }
  /// The value's shape.
  package var shape: Shape { type.shape }

  /// Applies an operation of one result to this value and further ones.
  package func apply(_ operation: some Operation, _ others: Symbol...) -> Symbol {
    builder.emit(operation, [self] + others)[0]
  }

  /// A constant of this value's type, the same everywhere.
  package func constant(_ number: Double) -> Symbol {
    builder.constant(number, type)
  }

  /// Zero everywhere, of this value's type.
  package var zeros: Symbol { constant(0) }
}

extension GraphBuilder {
  /// A constant tensor, the same number everywhere.
  package func constant(_ number: Double, _ type: TensorType) -> Symbol {
    do throws(OperationError) {
      let scalar = emit(Constant(literal: try HostLiteral(number, type.elementType)), [])[0]
      return type.shape.rank == 0 ? scalar : scalar.apply(Broadcast(shape: type.shape, axes: []))
    } catch {
      fail(error)
      return emit(Invalid(type: type), [])[0]
    }
  }
}

extension Symbol {
  /// The elementwise sum.
  package static func + (a: Symbol, b: Symbol) -> Symbol { a.apply(Add(), b) }
  /// The elementwise difference.
  package static func - (a: Symbol, b: Symbol) -> Symbol { a.apply(Subtract(), b) }
  /// The elementwise product.
  package static func * (a: Symbol, b: Symbol) -> Symbol { a.apply(Multiply(), b) }
  /// The elementwise quotient.
  package static func / (a: Symbol, b: Symbol) -> Symbol { a.apply(Divide(), b) }
  /// The elementwise negative.
  package static prefix func - (a: Symbol) -> Symbol { a.apply(Negate()) }
  /// The product with a number.
  package static func * (a: Double, b: Symbol) -> Symbol { b.constant(a) * b }
  /// The sum with a number.
  package static func + (a: Symbol, b: Double) -> Symbol { a + a.constant(b) }
  /// The difference from a number.
  package static func - (a: Double, b: Symbol) -> Symbol { b.constant(a) - b }

  /// Whether elements are equal, as booleans.
  package func equals(_ other: Symbol) -> Symbol { apply(Compare(.equal), other) }

  /// This value where the condition holds, the other elsewhere.
  package func selected(where condition: Symbol, otherwise: Symbol) -> Symbol {
    condition.apply(Select(), self, otherwise)
  }

  /// The value in another element type.
  package func converted(to elementType: ElementType) -> Symbol {
    type.elementType == elementType ? self : apply(Convert(to: elementType))
  }

  /// The value with the same elements in another shape.
  package func reshaped(_ shape: Shape) -> Symbol {
    self.shape == shape ? self : apply(Reshape(shape: shape))
  }

  /// The value with its axes in another order: result axis `i` is this value's axis `permutation[i]`.
  package func transposed(_ permutation: [Int]) -> Symbol {
    permutation == Array(permutation.indices) ? self : apply(Transpose(permutation: permutation))
  }

  /// The value repeated along the axes of `shape` that are not named; axis `i` of this value becomes `axes[i]`.
  package func broadcast(_ shape: Shape, axes: [Int]) -> Symbol {
    self.shape == shape && axes == Array(axes.indices) ? self : apply(Broadcast(shape: shape, axes: axes))
  }

  /// The value repeated along a new axis in front.
  package func broadcast(leading size: Int) -> Symbol {
    broadcast(shape.prepending(size), axes: shape.indices.map { $0 + 1 })
  }

  /// The value of a reduction over `axes`, repeated along them again to `shape`.
  package func broadcastBack(_ shape: Shape, over axes: [Int]) -> Symbol {
    broadcast(shape, axes: shape.indices.filter { !axes.contains($0) })
  }

  /// The sum over the given axes, which disappear.
  package func sum(axes: [Int]) -> Symbol {
    axes.isEmpty ? self : apply(Reduce(.sum, axes: axes))
  }
}
