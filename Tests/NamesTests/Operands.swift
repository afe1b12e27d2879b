import Descent

// The operands of scripts/names-values.py, in Float64.

/// Whole numbers from −9 to 9 that repeat after 19.
func integers(_ sizes: Int..., seed: Int = 0) -> Tensor { integers(Shape(sizes), seed, .int64) }

/// Quarters from −2.25 to 2.25, some of them equal.
func numbers(_ sizes: Int..., seed: Int = 0) -> Tensor { numbers(Shape(sizes), seed) }

/// Quarters from −2.25 to 2.25, in a shape.
func numbers(_ shape: Shape, _ seed: Int = 0) -> Tensor { integers(shape, seed, .float64) / 4 }

/// Numbers between 0.25 and 2.5.
func positive(_ sizes: Int..., seed: Int = 0) -> Tensor { abs(numbers(Shape(sizes), seed)) + 0.25 }

/// Numbers between −0.9 and 0.9.
func unit(_ sizes: Int..., seed: Int = 0) -> Tensor { numbers(Shape(sizes), seed) / 2.5 }

/// A symmetric positive definite matrix.
func symmetric(_ count: Int) -> Tensor {
  let a = numbers(count, count)
  return matmul(a, a.transposed()) + Tensor(identity: count, .float64) * Double(count)
}

/// Numbers as a Float64 tensor.
func reals(_ values: [Double]) -> Tensor { Tensor(values, .float64) }

/// Numbers as an int64 tensor.
func indices(_ values: [Int], _ shape: Shape? = nil) -> Tensor { Tensor(integers: values, shape: shape, .int64) }

private func integers(_ shape: Shape, _ seed: Int, _ type: ElementType) -> Tensor {
  Tensor(integers: (0..<shape.count).map { ($0 + 5 * seed) * 7 % 19 - 9 }, shape: shape, type)
}
