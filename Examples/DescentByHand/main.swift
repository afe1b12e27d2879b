// Going down a valley by hand: Rosenbrock's function, whose minimum lies at (1, 1).

import Descent

func rosenbrock(_ w: Tensor) -> Tensor {
  let x = w.sliced(0..<1)
  let y = w.sliced(1..<2)
  return (square(1.0 - x) + 100.0 * square(y - square(x))).sum()
}

var w = Tensor([-1.2, 1.0])
for _ in 0..<5_000 {
  w -= 0.001 * (try gradient(at: w, of: rosenbrock))  // += climbs instead
}
print("minimum near", try w.scalars(), "with value", try rosenbrock(w).item())
