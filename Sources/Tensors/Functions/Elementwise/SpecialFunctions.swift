import DescentGraph

/// The error function of each element.
public func erf(_ x: Tensor) -> Tensor { .record(Erf(), [x]) }

/// 1 − erf(x) of each element, with all digits where it is small.
public func erfc(_ x: Tensor) -> Tensor { .record(Erfc(), [x]) }

/// The inverse of the error function of each element; ±∞ at ±1, NaN outside.
public func erfInverse(_ x: Tensor) -> Tensor { .record(ErfInverse(), [x]) }

/// log |Γ(x)| of each element.
public func lgamma(_ x: Tensor) -> Tensor { .record(LogGamma(), [x]) }

/// ψ(x) of each element, the derivative of log Γ(x).
public func digamma(_ x: Tensor) -> Tensor { .record(Digamma(), [x]) }

/// The derivative of an order of ψ(x) of each element, from 0 (ψ itself) to 170.
public func polygamma(_ order: Int, _ x: Tensor) -> Tensor {
  .calling { order == 0 ? digamma(x) : .record(Polygamma(order: order), [x]) }
}

/// The number of bits that are set in each integer.
public func popcount(_ x: Tensor) -> Tensor { .record(Popcount(), [x]) }

extension Tensor {
  /// The same bits read as another element type of the same size. No derivative passes through it.
  public func bitcast(to elementType: ElementType) -> Tensor { .record(Bitcast(to: elementType), [self]) }
}
